"""Asking a site's bridge, and what makes an answer its own.

Every answer of it carries the header `X-VSRX-Version`; what lacks it comes from a proxy or another
program and is trouble, whatever its status. "No such item" is more: a 404 that also names, in its
body, the id that was asked about. A bridge that merely has no such address cannot say that.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec

from reconciled.errors import BadResponse, Unsupported
from reconciled.http import Client, Download, Http, Params, Response
from reconciled_vsrx.config import VsrxConfig
from reconciled_vsrx.items import is_id
from reconciled_vsrx.mapping import renamed
from reconciled_vsrx.payloads import Lack

INSTANCE = "x-vsrx-instance"
T = TypeVar("T")
_PLACE = re.compile(r"\{(?:patientId|id)\}")


def instance_of(answer: Response | Download) -> str | None:
    """Which installation an answer comes from, where it says so."""
    return answer.headers.get(INSTANCE, "").strip() or None


class Connection:
    """One bridge. `version` and `instance` are those of its last answer; an instance is optional there."""

    def __init__(self, config: VsrxConfig, http: Http) -> None:
        self.config = config
        self.version = ""
        self.instance: str | None = None
        self._http = http
        self._mark = config.map.mark.lower()
        self._ours = config.map.fields.ours
        self._client = self._client_with({})

    async def ask(
        self, path: str, *, about: str | None = None, etag: str | None = None, params: Params | None = None
    ) -> Response:
        """A GET of a path of the contract. With `about`, the id that stands in it, a 404 may come back.

        With `etag` a 304 may. BadResponse for whatever the bridge itself does not say.
        """
        client = self._client if etag is None else self._client_with({"If-None-Match": etag})
        allow = {status for status, wanted in ((404, about), (304, etag)) if wanted is not None}
        answer = await client.request("GET", self._filled(path, about), params=params, allow=allow)
        version = self._version_in(answer)
        if answer.status == 404:
            await self._check_lack(answer, about)
        self.version, self.instance = version, instance_of(answer)
        return answer

    @asynccontextmanager
    async def download(
        self, file: str, headers: Mapping[str, str], *, allow: Collection[int] = ()
    ) -> AsyncIterator[Download]:
        """A GET of a file's bytes. 304 may come back to an `If-None-Match`, and 404 as in `ask`.

        BadResponse for whatever the bridge itself does not say. A page for a browser is a file like any
        other if it carries the mark.
        """
        path = self._filled(self.config.map.paths.content, file)
        known = {404, *allow} | ({304} if "If-None-Match" in headers else set())
        opening = self._client.download(path, headers=headers, allow=known, html_allowed=True)
        async with opening as answer:
            version = self._version_in(answer)
            if answer.status == 404:
                body = await answer.body()
                lack = Response(answer.status, answer.headers, body, answer.where)
                await self._check_lack(lack, file)
            self.version, self.instance = version, instance_of(answer)
            yield answer

    def _version_in(self, answer: Response | Download) -> str:
        """The mark of the bridge's own answer. BadResponse without it."""
        version = answer.headers.get(self._mark, "").strip()
        if not version:
            raise BadResponse(
                f"{answer.where}: {answer.status} without the header {self.config.map.mark}, so it is not "
                "the bridge that answers; a proxy, another app, or map.mark?"
            )
        return version

    async def decode(self, kind: type[T], answer: Response) -> T:
        """The body as a `kind`, by our names."""
        if not self._ours:
            return await self._client.decode(kind, answer)
        found = await self._client.decode(dict[str, Any], answer)
        try:
            return await asyncio.to_thread(self._converted, kind, found)
        except msgspec.ValidationError as error:
            said = f"{answer.where}: not what the contract says (by our names, after map.fields): {error}"
        raise BadResponse(self._client.redact(said))

    def _converted(self, kind: type[T], found: dict[str, Any]) -> T:
        return msgspec.convert(renamed(found, self._ours), kind)

    async def _check_lack(self, answer: Response, about: str | None) -> None:
        try:
            named = (await self.decode(Lack, answer)).id
        except BadResponse:
            named = None
        if named != about:
            raise BadResponse(
                f"{answer.where}: a 404 that does not name the id in its body says nothing of it; the bridge "
                'has to answer {"id": …} as application/problem+json'
            )

    def _filled(self, path: str, about: str | None) -> str:
        """The path with the id in it. Unsupported for what is none, as it would ask for something else."""
        if about is None:
            return path
        if not is_id(about):
            raise Unsupported(f"{about[:100]!r} is no id of VSRX")
        return _PLACE.sub(lambda _: about, path)

    def _client_with(self, more: dict[str, str]) -> Client:
        """A client whose requests carry these headers too. It holds no connection, so it costs nothing."""
        config, key = self.config, self.config.token.get_secret_value()
        shown = f"{config.map.scheme} {key}".strip()
        headers = {config.map.header: shown, **more}
        return self._http.at(config.url, headers=headers, secrets=(key,), timeout=config.timeout)
