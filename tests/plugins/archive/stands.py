"""Archives to play on: a folder, and object stores behind a relay that can break whatever they answer."""

import asyncio
import hashlib
import shutil
import tempfile
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import ClassVar, TypeAlias
from uuid import uuid4

from aiohttp import web
from tests.servers import AZURE_ACCOUNT, AZURE_KEY, S3_KEYS, Server
from yarl import URL

from reconciled.model import Json, Key
from reconciled.source import Upload
from reconciled.testing.contract import Stand
from reconciled.testing.fakes.base import Fake
from reconciled_archive import Archive
from reconciled_archive.connecting import asking
from reconciled_archive.items import MARKER, name_of

_OF_THE_WAY = {"connection", "keep-alive", "transfer-encoding"}


Open: TypeAlias = Callable[..., Archive]
File: TypeAlias = Callable[..., Upload]


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Relay(Fake):
    """Stands before a real server and hands on what is asked and answered, unless a fault strikes."""

    def __init__(self, behind: Server) -> None:
        super().__init__()
        self._behind = behind.url

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        yield web.route("*", "/{tail:.*}", self._hand_on)

    async def _hand_on(self, request: web.Request) -> web.Response:
        assert self._session is not None
        body = await request.content.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_THE_WAY}
        url = URL(self._behind + request.raw_path, encoded=True)
        async with self._session.request(
            request.method, url, headers=headers, data=BytesIO(body) if body else None, allow_redirects=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
        ) as answer:  # fmt: skip
            said = await answer.read()
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_THE_WAY}
            if request.method != "HEAD":
                kept.pop("Content-Length", None)
            return web.Response(status=answer.status, headers=kept, body=said)

    def admit(self, request: web.Request) -> web.Response | None:
        return None

    def unmatched(self, request: web.Request) -> web.Response:
        return web.Response(status=404)

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        return {}

    def starting(self) -> web.Response:
        return web.Response(status=503)

    @property
    def user_agent(self) -> str:
        return "none"


class ArchiveStand(Stand):
    """What all archives have in common: eight blobs, whatever they are kept in."""

    source_type = Archive

    @abstractmethod
    async def put(self, name: str, content: bytes) -> None:
        """Somebody stores an object."""

    @abstractmethod
    async def drop(self, name: str) -> None:
        """Somebody removes one."""

    @abstractmethod
    async def has(self, name: str) -> bool:
        """Whether an object is there."""

    async def store(self, content: bytes) -> Key:
        sha256 = sha256_of(content)
        await self.put(name_of(sha256), content)
        return Key("blob", sha256)

    async def fill(self) -> None:
        for number in range(8):
            await self.store(f"content {number}".encode())

    async def crowd(self) -> None:
        for some in range(0, 1100, 50):
            await asyncio.gather(*(self.store(f"{number}".encode()) for number in range(some, some + 50)))

    async def remove(self, key: Key) -> None:
        await self.drop(name_of(key.id))

    async def add(self) -> Key:
        return await self.store(uuid4().bytes)


class FolderStand(ArchiveStand):
    """A folder. There is no app, so what can break is the folder."""

    async def start(self) -> None:
        self.top = Path(tempfile.mkdtemp())
        self.folder = self.top / "archive"

    async def stop(self) -> None:
        shutil.rmtree(self.top)

    def options(self) -> Mapping[str, Json]:
        return {"url": f"file://{self.folder}"}

    async def put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    async def drop(self, name: str) -> None:
        (self.folder / name).unlink()

    async def has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def troubles(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        async def moved_away() -> None:
            self.folder.rename(self.top / "elsewhere")

        async def an_empty_mount_point() -> None:
            self.folder.rename(self.top / "elsewhere")
            self.folder.mkdir()

        async def another_archive() -> None:
            marker = (self.folder / MARKER).read_text()
            self.folder.rename(self.top / "elsewhere")
            self.folder.mkdir()
            (self.folder / MARKER).write_text(marker.replace('"instance":"', '"instance":"f00'))

        async def a_marker_that_is_none() -> None:
            (self.folder / MARKER).write_bytes(b"")
            shutil.rmtree(self.folder / "blobs")

        return {
            "the folder is gone": moved_away,
            "the folder is empty": an_empty_mount_point,
            "another archive lies there": another_archive,
            "the marker is spoilt": a_marker_that_is_none,
        }


class StoreStand(ArchiveStand):
    """An object store that really runs; every stand has a prefix of its own in its bucket."""

    server: ClassVar[Server]
    fake: Relay
    hasty: ClassVar[Mapping[str, Json]] = {"timeout": "300ms"}

    async def start(self) -> None:
        self.fake = Relay(self.server)
        self.prefix = f"{uuid4().hex}/of/archives"
        await super().start()
        self._direct = asking(Archive.Config.model_validate(self.at(self.server.url)))

    @abstractmethod
    def at(self, endpoint: str) -> dict[str, Json]:
        """The settings of a source that asks there."""

    def options(self) -> Mapping[str, Json]:
        return self.at(self.fake.url)

    async def put(self, name: str, content: bytes) -> None:
        await self._direct.put_async(name, content)

    async def drop(self, name: str) -> None:
        await self._direct.delete_async(name)

    async def has(self, name: str) -> bool:
        try:
            await self._direct.head_async(name)
        except FileNotFoundError:
            return False
        return True

    def troubles(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        async def the_marker_is_gone() -> None:
            await self.drop(MARKER)
            await self._drop_all()

        return {"all objects were removed": the_marker_is_gone}

    async def _drop_all(self) -> None:
        found: Sequence[Mapping[str, object]] = await self._direct.list("blobs").collect_async()
        for one in found:
            await self.drop(str(one["path"]))


class S3Stand(StoreStand):
    secrets = (S3_KEYS[1],)

    def at(self, endpoint: str) -> dict[str, Json]:
        access, secret = S3_KEYS
        place: dict[str, Json] = {"url": f"s3://archives/{self.prefix}", "endpoint": endpoint}
        return {**place, "allow_http": True, "access_key": access, "secret_key": secret}


class SeaweedStand(S3Stand):
    """The same, of a store that really looks at signatures."""


class AzureStand(StoreStand):
    secrets = (AZURE_KEY,)

    def at(self, endpoint: str) -> dict[str, Json]:
        place: dict[str, Json] = {"url": f"az://archives/{self.prefix}", "allow_http": True}
        address = f"{endpoint}/{AZURE_ACCOUNT}"
        return {**place, "endpoint": address, "account": AZURE_ACCOUNT, "account_key": AZURE_KEY}
