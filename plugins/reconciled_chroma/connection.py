"""A collection of a Chroma at the other end of a client.

It puts no mark on its answers. What it is the heartbeat says; everything about entries is asked at the
address of the collection's own id, which exists nowhere else, and has to have the shape that only an
answer to this very question has.
"""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from reconciled.errors import BadResponse
from reconciled.http import Client, Http, Response
from reconciled.model import Json
from reconciled_chroma.config import ChromaConfig
from reconciled_chroma.payloads import Collection, Entries, Heartbeat, Identity, Said

API = "/api/v2"
PAGE = 300
"""The most entries asked for at once, and deleted; Chroma's own cloud gives no more."""
T = TypeVar("T")


class Connection:
    """Asks one collection and changes it."""

    def __init__(self, config: ChromaConfig, http: Http) -> None:
        self.config = config
        self._client = _client(config, http)
        self._database = f"{API}/tenants/{config.tenant}/databases/{config.database}"

    async def prove(self) -> str:
        """The version of whoever answers. BadResponse when it is no Chroma."""
        await self._read(Heartbeat, f"{API}/heartbeat")
        return await self._read(str, f"{API}/version")

    async def identity(self) -> Identity:
        """Who we are there."""
        return await self._read(Identity, f"{API}/auth/identity")

    async def collection(self) -> str:
        """The id of the collection that has the name now. BadResponse when there is none, in words."""
        config = self.config
        path = f"{self._database}/collections/{config.collection}"
        answer = await self._client.request("GET", path, allow=(404,))
        if answer.status == 404:
            raise BadResponse(await self._missing(answer))
        found = await self._client.decode(Collection, answer)
        wanted = (config.collection, config.tenant, config.database)
        if (found.name, found.tenant, found.database) != wanted:
            raise BadResponse(f"{answer.where}: the answer is about {found.name} in {found.database}")
        try:
            return str(UUID(found.id))
        except ValueError:
            raise BadResponse(f"{answer.where}: a collection without an id; is it Chroma?") from None

    async def count(self, collection: str) -> int:
        """How many entries the collection has."""
        return await self._read(int, f"{self._database}/collections/{collection}/count")

    async def entries(
        self, collection: str, *, offset: int = 0, where: Json = None, limit: int = PAGE
    ) -> Entries:
        """The entries from there on, oldest first, with their metadata."""
        body: dict[str, Json] = {"include": ["metadatas"], "limit": limit, "offset": offset}
        if where is not None:
            body["where"] = where
        path = f"{self._database}/collections/{collection}/get"
        answer = await self._client.request("POST", path, json=body)
        found = await self._client.decode(Entries, answer)
        sound = found.include == ["metadatas"] and len(found.ids) == len(found.metadatas) <= limit
        if not sound or len({*found.ids}) != len(found.ids):
            raise BadResponse(
                f"{answer.where}: not the metadata of at most {limit} entries, as was asked for"
            )
        return found

    async def remove(self, collection: str, *, ids: Sequence[str], where: Json) -> None:
        """Take out those of these entries to which the filter applies as well, at most a page of them."""
        path = f"{self._database}/collections/{collection}/delete"
        body: dict[str, Json] = {"ids": [*ids], "where": where}
        await self._client.request("POST", path, json=body, timeout=self.config.act_timeout)

    async def _read(self, kind: type[T], path: str) -> T:
        return await self._client.decode(kind, await self._client.request("GET", path))

    async def _missing(self, answer: Response) -> str:
        """What a 404 to the collection's name means."""
        config = self.config
        try:
            said = await self._client.decode(Said, answer)
        except BadResponse:
            return (
                f"{answer.where}: 404, but not as Chroma says that there is no such collection; a proxy, a "
                "wrong base path in the url, or a Chroma before 0.6, which has no version 2 of its API?"
            )
        return (
            f"{answer.where}: {said.message[:200]!r}; is the collection in the tenant {config.tenant}, in "
            f"the database {config.database}, and was it not deleted or renamed?"
        )


def _client(config: ChromaConfig, http: Http) -> Client:
    if config.token is None:
        return http.at(config.url, timeout=config.timeout)
    token = config.token.get_secret_value()
    shown = token if config.token_header == "X-Chroma-Token" else f"Bearer {token}"  # noqa: S105  # a name
    return http.at(config.url, headers={config.token_header: shown}, secrets=(token,), timeout=config.timeout)
