"""A Seerr at the other end of a client.

It puts no mark of its own on its answers. What it is, `/status` says, by fields that other programs
with a version lack; and each answer that counts has to have this API's shape. So no 404 is absence
here, however it is worded: `listing` proves that.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

from reconciled.errors import BadResponse
from reconciled.http import Client, Http, Params, Response
from reconciled_seerr.config import SeerrConfig
from reconciled_seerr.payloads import Said, Status

API = "/api/v1"
T = TypeVar("T")


class Connection:
    """Asks one Seerr and changes it. `told_at` is when it answered last, by its own clock."""

    def __init__(self, config: SeerrConfig, http: Http) -> None:
        self.config = config
        self.told_at: datetime | None = None
        self._http = http
        self._client = self._hiding()

    def hide(self, secret: str | None) -> None:
        """From now on this stands in no message either."""
        if secret:
            self._client = self._hiding(secret)

    async def prove(self) -> Status:
        """Who answers. BadResponse when it is another program."""
        return await self.read(Status, "/status")

    async def read(self, kind: type[T], path: str, *, params: Params | None = None) -> T:
        """An answer as a `kind`."""
        answer = await self._client.request("GET", f"{API}{path}", params=params)
        self._read_clock(answer)
        return await self._client.decode(kind, answer)

    async def read_if_there(self, kind: type[T], path: str) -> T | None:
        """The same; None for a 404 in words of this API, which alone proves nothing."""
        answer = await self._client.request("GET", f"{API}{path}", allow=(404,))
        if answer.status == 404:
            await self._check_words(answer)
            return None
        return await self._client.decode(kind, answer)

    async def remove(self, path: str) -> bool:
        """DELETE; False when Seerr answers 404, which it does for a failure of its database too."""
        answer = await self._client.request(
            "DELETE", f"{API}{path}", allow=(404,), timeout=self.config.act_timeout, expect="any"
        )
        if answer.status == 404:
            await self._check_words(answer)
            return False
        if answer.status != 204:
            raise BadResponse(f"{answer.where}: {answer.status}, where Seerr says 204; is it Seerr?")
        return True

    async def write(self, path: str, body: dict[str, Any]) -> None:
        """POST settings."""
        await self._client.request("POST", f"{API}{path}", json=body, timeout=self.config.act_timeout)

    async def _check_words(self, answer: Response) -> None:
        """BadResponse when a 404 is a proxy's, or says that there is no such address."""
        try:
            said = (await self._client.decode(Said, answer)).message
        except BadResponse:
            said = ""
        if not said.lower().rstrip(".").endswith(" not found"):
            raise BadResponse(
                f"{answer.where}: 404, but not as Seerr says that there is no such item; a proxy, another "
                "app, or a wrong base path in the url?"
            )

    def _hiding(self, *secrets: str) -> Client:
        key = self.config.api_key.get_secret_value()
        return self._http.at(
            self.config.url,
            headers={"X-Api-Key": key},
            secrets=(key, *secrets),
            timeout=self.config.timeout,
        )

    def _read_clock(self, answer: Response) -> None:
        try:
            told = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            return
        self.told_at = told if told.tzinfo is not None else told.replace(tzinfo=UTC)


def plain(value: object) -> object:
    """JSON in a text as what it says; other values, and texts that are none, as they are."""
    if not isinstance(value, str):
        return value
    try:
        found: object = msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value
    return found
