"""`FakeChroma`: a vector store as `chroma run` serves one, without searching for anything.

Version 2 of the API as the server of `chromadb` 1.5 answers it; the tests play the same to both. It has no
authentication of its own; `token` plays one in front of it (the header `X-Chroma-Token`).
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from aiohttp import web

from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.chroma_model import (
    BadFilter,
    Entry,
    FakeCollection,
    Metadata,
    changed,
    check_metadata,
)

VERSION = "1.0.0"
TENANT, DATABASE = "default_tenant", "default_database"
_DATABASE = "/api/v2/tenants/{tenant}/databases/{database}"
_ONE = f"{_DATABASE}/collections/{{collection}}"
_TRACE = {"chroma-trace-id": "0" * 32}
_BEAT = 1_700_000_000_000_000_000


class FakeChroma(Fake):
    """One server, with the tenant and the database that it makes by itself."""

    def __init__(self, *, token: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.token = token
        self.collections: dict[str, FakeCollection] = {}

    def make(self, name: str) -> FakeCollection:
        """A new collection under the name, which takes the place of another."""
        self.collections[name] = FakeCollection(name)
        return self.collections[name]

    # as a fake

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """What is played of it."""
        yield web.get("/api/v2/heartbeat", self._heartbeat)
        yield web.get("/api/v2/version", self._version)
        yield web.get("/api/v2/auth/identity", self._identity)
        yield web.get(f"{_DATABASE}/collections", self._list)
        yield web.post(f"{_DATABASE}/collections", self._create)
        yield web.get(_ONE, self._by_name)
        yield web.delete(_ONE, self._drop)
        yield web.get(f"{_ONE}/count", self._count)
        yield web.post(f"{_ONE}/get", self._get)
        yield web.post(f"{_ONE}/add", self._add)
        yield web.post(f"{_ONE}/upsert", self._upsert)
        yield web.post(f"{_ONE}/update", self._update)
        yield web.post(f"{_ONE}/delete", self._delete)

    def admit(self, request: web.Request) -> web.Response | None:
        """401 without the token, if one is wanted; else what stands in the way of a tenant or database."""
        if self.token is not None and request.headers.get("X-Chroma-Token") != self.token:
            return _error(401, "AuthError", "Unauthorized")
        database = request.match_info.get("database", DATABASE)
        if request.match_info.get("tenant", TENANT) != TENANT or database != DATABASE:
            return _error(404, "NotFoundError", f"Database [{database}] not found. Are you sure it exists?")
        return None

    def unmatched(self, request: web.Request) -> web.Response:  # noqa: ARG002
        """An empty 404."""
        return web.Response(status=404, headers=_TRACE)

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:  # noqa: ARG002
        """It marks nothing but its errors."""
        return {}

    def starting(self) -> web.Response:
        """Nobody would listen yet; a proxy before it says so."""
        return web.Response(status=503, text="Service Unavailable")

    @property
    def user_agent(self) -> str:
        """It sends nothing."""
        return "chroma"

    # what it answers

    async def _heartbeat(self, _request: web.Request) -> web.Response:
        return web.json_response({"nanosecond heartbeat": _BEAT})

    async def _version(self, _request: web.Request) -> web.Response:
        return web.json_response(VERSION)

    async def _identity(self, _request: web.Request) -> web.Response:
        return web.json_response({"user_id": "", "tenant": TENANT, "databases": [DATABASE]})

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response([_shown(one) for one in self.collections.values()])

    async def _create(self, request: web.Request) -> web.Response:
        asked = await request.json()
        name = asked["name"]
        if name in self.collections and not asked.get("get_or_create"):
            return _error(409, "ChromaError", f"Collection [{name}] already exists")
        return web.json_response(_shown(self.collections.get(name) or self.make(name)))

    async def _by_name(self, request: web.Request) -> web.Response:
        name = request.match_info["collection"]
        found = self.collections.get(name)
        return _unknown(name) if found is None else web.json_response(_shown(found))

    async def _drop(self, request: web.Request) -> web.Response:
        name = request.match_info["collection"]
        return _unknown(name) if self.collections.pop(name, None) is None else web.json_response({})

    async def _count(self, request: web.Request) -> web.Response:
        found = self._meant(request)
        return found if isinstance(found, web.Response) else web.json_response(len(found.entries))

    async def _get(self, request: web.Request) -> web.Response:
        found = self._meant(request)
        if isinstance(found, web.Response):
            return found
        asked = await request.json()
        try:
            chosen = found.chosen(asked.get("ids"), asked.get("where"))
        except BadFilter:
            return _error(400, "InvalidArgumentError", "Invalid where clause")
        offset, limit = asked.get("offset") or 0, asked.get("limit")
        ids = chosen[offset:] if limit is None else chosen[offset : offset + limit]
        include = asked.get("include", ["documents", "metadatas"])
        entries = [found.entries[one] for one in ids]
        shown: dict[str, Any] = {"ids": ids, "embeddings": None, "documents": None, "uris": None}
        shown["metadatas"] = [entry.metadata for entry in entries] if "metadatas" in include else None
        if "documents" in include:
            shown["documents"] = [entry.document for entry in entries]
        if "embeddings" in include:
            shown["embeddings"] = [entry.embedding for entry in entries]
        return web.json_response({**shown, "include": include})

    async def _add(self, request: web.Request) -> web.Response:
        """What is there already stays as it is."""
        return await self._put(request, new=True, known=False, status=201)

    async def _upsert(self, request: web.Request) -> web.Response:
        return await self._put(request, new=True, known=True, status=200)

    async def _update(self, request: web.Request) -> web.Response:
        """What is not there is passed over."""
        return await self._put(request, new=False, known=True, status=200)

    async def _put(self, request: web.Request, *, new: bool, known: bool, status: int) -> web.Response:
        """Take entries in: those that are `new`, and changes of those that are `known`."""
        found = self._meant(request)
        if isinstance(found, web.Response):
            return found
        asked = await request.json()
        ids: list[str] = asked["ids"]
        metadatas: list[Metadata] = asked.get("metadatas") or [None] * len(ids)
        if not check_metadata(metadatas, void=not new):
            return _error(422, "ChromaError", "Failed to deserialize the JSON body into the target type")
        embeddings = asked.get("embeddings") or [[]] * len(ids)
        for one, metadata, embedding in zip(ids, metadatas, embeddings, strict=True):
            entry = found.entries.get(one)
            if entry is None and new:
                found.entries[one] = Entry(changed(None, metadata), embedding)
            elif entry is not None and known:
                entry.metadata = changed(entry.metadata, metadata)
        return web.json_response({}, status=status)

    async def _delete(self, request: web.Request) -> web.Response:
        found = self._meant(request)
        if isinstance(found, web.Response):
            return found
        asked = await request.json()
        ids, where = asked.get("ids"), asked.get("where")
        if ids is None and where is None:
            return web.json_response({"deleted": 0})
        if not ids and where is None:
            return _error(
                400,
                "InvalidArgumentError",
                "Validation error: ids, where: Either ids or where must be specified",
            )
        try:
            chosen = found.chosen(ids, where)
        except BadFilter:
            return _error(400, "InvalidArgumentError", "Invalid where clause")
        for one in chosen:
            del found.entries[one]
        return web.json_response({"deleted": len(chosen)})

    def _meant(self, request: web.Request) -> FakeCollection | web.Response:
        """The collection of that id; its name is none."""
        text = request.match_info["collection"]
        try:
            wanted = str(UUID(text))
        except ValueError:
            return _error(400, "InvalidArgumentError", "Collection ID is not a valid UUIDv4")
        found = next((one for one in self.collections.values() if one.id == wanted), None)
        return found or _error(404, "NotFoundError", f"Collection [{wanted}] does not exist.")


def _unknown(name: str) -> web.Response:
    return _error(404, "NotFoundError", f"Collection [{name}] does not exist")


def _error(status: int, kind: str, message: str) -> web.Response:
    return web.json_response({"error": kind, "message": message}, status=status, headers=_TRACE)


def _shown(one: FakeCollection) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "configuration_json": {"hnsw": {"space": "l2"}, "spann": None, "embedding_function": None},
        "metadata": None,
        "dimension": None,
        "tenant": TENANT,
        "database": DATABASE,
        "log_position": 0,
        "version": 0,
    }
