"""A collection as the program that fills it sees it: over HTTP, whichever Chroma answers there."""

from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

_DATABASE = "/api/v2/tenants/default_tenant/databases/default_database"


class Filler:
    """Puts entries into collections and takes them out; knows nothing of us."""

    def __init__(self, url: str, name: str, *, token: str | None = None) -> None:
        self.url = url
        self.name = name
        self.id = ""
        headers = {} if token is None else {"X-Chroma-Token": token}
        self._session = aiohttp.ClientSession(headers=headers)

    async def close(self) -> None:
        await self._session.close()

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and JSON, below the database."""
        url = f"{self.url}{_DATABASE}{path}"
        async with self._session.request(method, url, json=body) as answer:
            return answer.status, await answer.json() if await answer.read() else None

    async def make(self) -> str:
        """The collection, made new."""
        status, made = await self.ask("POST", "/collections", {"name": self.name})
        assert status == 200, made
        self.id = made["id"]
        return self.id

    async def drop(self) -> None:
        status, said = await self.ask("DELETE", f"/collections/{self.name}")
        assert status == 200, said

    async def rename(self, name: str) -> None:
        status, said = await self.ask("PUT", f"/collections/{self.id}", {"new_name": name})
        assert status == 200, said

    async def put(self, entries: Mapping[str, Mapping[str, object] | None], *, how: str = "add") -> None:
        """Entries by id, with their metadata; the embeddings are given."""
        body = {
            "ids": [*entries],
            "metadatas": [*entries.values()],
            "embeddings": [[0.25, 1.0]] * len(entries),
        }
        status, said = await self.ask("POST", f"/collections/{self.id}/{how}", body)
        assert status in (200, 201), said

    async def chunks(self, document: object, count: int = 3, *, title: str | None = None) -> None:
        """A document, cut into pieces."""
        more = {} if title is None else {"title": title}
        await self.put(
            {f"{document}-{n}": {"document_id": document, "page": n, **more} for n in range(count)}
        )

    async def take_out(self, **meant: object) -> int:
        status, said = await self.ask("POST", f"/collections/{self.id}/delete", meant)
        assert status == 200, said
        return int(said["deleted"])

    async def get(self, **asked: object) -> tuple[int, Any]:
        return await self.ask("POST", f"/collections/{self.id}/get", {"include": ["metadatas"], **asked})

    async def ids(self, **asked: object) -> Sequence[str]:
        status, said = await self.get(**asked)
        assert status == 200, said
        found: list[str] = said["ids"]
        return found
