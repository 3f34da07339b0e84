"""Asks the daemon over HTTP; what goes wrong becomes a sentence with the remedy.

Answers are JSON objects. Redirects are not followed and proxies of the environment not used: the
token goes to the address that was found and nowhere else.
"""

import asyncio
import io
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
from yarl import URL

from reconciled.cli.place import Address
from reconciled.cli.trouble import Failed, NoDaemon, Refused

T = TypeVar("T")
PAGE = 1000
_PAGES: Mapping[tuple[object, ...], int] = {("duplicates",): 500}
"""What the API gives at a time, of most lists and of some."""
CONNECT, TIMEOUT, OF_AN_APP = 10.0, 120.0, 420.0
"""Seconds until a connection, until an answer, and until one that waits for an app: it may take its time."""
_START = "start it with `reconciled run` or `systemctl start reconciled`, or say where it is with --url"


class Client:
    """An open line to the daemon."""

    def __init__(self, session: aiohttp.ClientSession, address: Address) -> None:
        self._session = session
        self._address = address

    async def get(self, *path: object, **params: object) -> dict[str, Any]:
        """GET /api/v1/…; each part of the path is quoted, parameters that are None are left out."""
        return await self._ask("GET", path, params=params, body=None)

    async def post(
        self, *path: object, body: Mapping[str, object] | None = None, of_an_app: bool = False
    ) -> dict[str, Any]:
        """POST /api/v1/… with a JSON body; `of_an_app`: the daemon itself waits for an app's answer."""
        return await self._ask("POST", path, params={}, body=body or {}, of_an_app=of_an_app)

    async def post_bytes(self, *path: object, body: bytes) -> dict[str, Any]:
        """POST /api/v1/… with a body as it is, whatever it holds."""
        return await self._ask("POST", path, params={}, body=None, lines=body, media="application/json")

    async def delete(self, *path: object, body: Mapping[str, object]) -> dict[str, Any]:
        """DELETE /api/v1/… with a JSON body."""
        return await self._ask("DELETE", path, params={}, body=body)

    async def put_lines(self, *path: object, lines: bytes, **params: object) -> dict[str, Any]:
        """PUT /api/v1/… with lines of JSON; the answer comes when all of them are written."""
        return await self._ask("PUT", path, params=params, body=None, lines=lines, of_an_app=True)

    async def listing(self, *path: object, limit: int | None, **params: object) -> dict[str, Any]:
        """A list of at most `limit` items, however many pages that takes: `{"items", "next"}`.

        None is for lists that are short and not paged.
        """
        most = _PAGES.get(path, PAGE)
        items: list[Any] = []
        cursor: object = None
        while True:
            size = None if limit is None else min(most, limit - len(items))
            page = await self.get(*path, limit=size, cursor=cursor, **params)
            found = page.get("items")
            if not isinstance(found, list):
                raise Failed(f"{self._address.url} answered without a list; is its version another one?")
            items += found
            cursor = page.get("next")
            if cursor is None or not found or (limit is not None and len(items) >= limit):
                return {"items": items, "next": cursor}

    async def _ask(
        self,
        method: str,
        path: tuple[object, ...],
        *,
        params: Mapping[str, object],
        body: Mapping[str, object] | None,
        lines: bytes | None = None,
        media: str = "application/x-ndjson",
        of_an_app: bool = False,
    ) -> dict[str, Any]:
        address = self._address
        patience = OF_AN_APP if of_an_app else TIMEOUT
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT, sock_read=patience)
        content: dict[str, Any] = {"json": body}
        if lines is not None:
            content = {"data": io.BytesIO(lines), "headers": {"Content-Type": media}}
        parts = "/".join(quote(str(part), safe="") for part in path)
        try:
            url = URL(f"{address.url}/api/v1/{parts}", encoded=True)
            url = url.with_query({name: str(value) for name, value in params.items() if value is not None})
            async with self._session.request(
                method, url, allow_redirects=False, timeout=timeout, **content
            ) as response:
                text = await response.text(errors="replace")
                return self._read(response.status, text)
        except (aiohttp.InvalidURL, ValueError) as error:
            raise Failed(f"{address.url} is no address of a daemon: {error}") from None
        except aiohttp.SocketTimeoutError:
            slow = (
                "the app is slow to answer; the daemon goes on"
                if of_an_app
                else "the daemon is slow to answer"
            )
            raise Failed(f"{slow} (waited {patience:.0f} s)") from None
        except (aiohttp.ClientConnectionError, TimeoutError) as error:
            raise NoDaemon(
                f"the daemon could not be reached at {address.url}: {_why(error)}; {_START}"
            ) from None
        except aiohttp.ClientError as error:
            raise Failed(f"{address.url} does not talk like a daemon: {error}") from None

    def _read(self, status: int, text: str) -> dict[str, Any]:
        address = self._address
        try:
            body = json.loads(text) if text else {}
        except ValueError:
            body = None
        if not isinstance(body, dict) or 300 <= status < 400:
            raise self._stranger(status)
        if status < 400:
            return body
        said = str(body.get("detail") or body.get("title") or "")
        if not said:  # JSON, such as the 401 of Readarr, which has the same port
            raise self._stranger(status)
        if status == 401 and address.token is None and address.why_no_token:
            said += f"; {address.why_no_token}"
        raise Refused(said, status=status, body=body)

    def _stranger(self, status: int) -> Failed:
        return Failed(f"what answers at {self._address.url} ({status}) is not reconciled")


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    number = error.os_error.errno if isinstance(error, aiohttp.ClientConnectorError) else None
    return os.strerror(number).lower() if number is not None and number > 0 else str(error)


def ask(address: Address, work: Callable[[Client], Awaitable[T]]) -> T:
    """Run `work` with a line to the daemon."""

    async def with_line() -> T:
        headers = {"Accept": "application/json"}
        if address.token is not None:
            headers["Authorization"] = f"Bearer {address.token}"
        async with aiohttp.ClientSession(headers=headers) as session:
            return await work(Client(session, address))

    return asyncio.run(with_line())
