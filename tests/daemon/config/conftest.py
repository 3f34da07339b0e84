"""Stand-in apps and a folder to write configs into."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from reconciled.config import Loaded, load
from reconciled.model import About, Answer, Event, Item, Json, Key, Page
from reconciled.source import Deletion, Kept, Outcome, Pending, Receipt, Source, SourceConfig, Upload
from reconciled.units import Duration


class StandInConfig(SourceConfig):
    url: str
    api_key: SecretStr
    timeout: Duration = 30.0
    user: str | None = None


class Acting:
    """Can do all that a policy can ask for."""

    options: ClassVar[frozenset[Deletion]] = frozenset(
        Deletion(files=files, exclude=exclude) for files in (False, True) for exclude in (False, True)
    )

    async def delete(self, key: Key, how: Deletion) -> None:
        raise NotImplementedError

    async def tag(self, key: Key, label: str) -> None:
        raise NotImplementedError

    async def untag(self, key: Key, label: str) -> None:
        raise NotImplementedError

    async def monitor(self, key: Key, wanted: bool) -> None:
        raise NotImplementedError

    async def restore(self, key: Key, image: Json) -> Key:
        raise NotImplementedError


class StandIn(Acting, Source[StandInConfig]):
    app = "radarr"
    kinds: ClassVar[tuple[str, ...]] = ("movie",)
    Config = StandInConfig

    async def probe(self) -> About:
        raise NotImplementedError

    def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        raise NotImplementedError

    async def lookup(self, key: Key) -> Answer:
        raise NotImplementedError

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        raise NotImplementedError


class SonarrStandIn(StandIn):
    app = "sonarr"
    kinds = ("series",)


class ShowsStandIn(StandIn):
    """Of its seasons it only shows that they are there."""

    app = "shows"
    kinds = ("series", "season")
    inert = frozenset({"season"})


class JellyfinConfig(StandInConfig):
    scope: ClassVar[tuple[str, ...]] = ("libraries", "api_key")
    libraries: tuple[str, ...] | None = None


class JellyfinStandIn(Source[StandInConfig]):
    """Its delete always takes the files; it monitors nothing."""

    app = "jellyfin"
    kinds = ("movie", "series")
    Config = JellyfinConfig
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True)})
    probe = StandIn.probe
    snapshot = StandIn.snapshot
    lookup = StandIn.lookup
    parse_webhook = StandIn.parse_webhook
    delete = Acting.delete
    tag = Acting.tag
    untag = Acting.untag


class OmbiStandIn(Source[StandInConfig]):
    """Has requests, which have no files."""

    app = "ombi"
    kinds = ("request",)
    Config = StandInConfig
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion()})
    probe = StandIn.probe
    snapshot = StandIn.snapshot
    lookup = StandIn.lookup
    delete = Acting.delete


class OddStandIn(OmbiStandIn):
    """Its delete always takes the files and keeps the thing from being added again."""

    app = "odd"
    kinds = ("movie",)
    options = frozenset({Deletion(files=True, exclude=True)})


class EitherStandIn(OmbiStandIn):
    """Takes the files, or keeps it from being added again: not both."""

    app = "either"
    options = frozenset({Deletion(files=True), Deletion(exclude=True)})


class DeafStandIn(Source[StandInConfig]):
    """Takes no webhooks and does nothing that a policy could ask for."""

    app = "deaf"
    kinds: ClassVar[tuple[str, ...]] = ("movie",)
    Config = StandInConfig
    probe = StandIn.probe
    snapshot = StandIn.snapshot
    lookup = StandIn.lookup


class Giving:
    """Hands files out."""

    fileset: ClassVar[str | None] = None

    def fetch(self, key: Key, *, start: int = 0, etag: str | None = None) -> Any:
        raise NotImplementedError

    def origin(self, item: Item) -> Mapping[str, str]:
        raise NotImplementedError


class Taking:
    """Takes files in."""

    async def had(self, upload: Upload, *, since: datetime | None = None) -> Kept | Pending | None:
        raise NotImplementedError

    async def upload(self, upload: Upload) -> Receipt | Kept:
        raise NotImplementedError

    async def outcome(self, receipt: Receipt) -> Outcome:
        raise NotImplementedError


class VsrxStandIn(Giving, DeafStandIn):
    app = "vsrx"
    kinds = ("patient", "fileset", "file")


class PaperlessStandIn(Giving, Taking, OmbiStandIn):
    """Takes newer bytes of a document, too."""

    app = "paperless"
    kinds = ("document",)
    tagged = True
    options = frozenset({Deletion(files=True)})

    async def revise(self, key: Key, upload: Upload) -> Receipt | Kept:
        raise NotImplementedError


class FolderConfig(StandInConfig):
    receive: str | None = None

    def takes_no_files(self) -> str | None:
        if self.receive == "crash":
            raise RuntimeError("a plugin's own mistake")
        return None if self.receive else "has no folder for copies; name one with `receive:`"


class FolderStandIn(Giving, Taking, OmbiStandIn):
    """Takes files in only where it is told where to."""

    app = "folder"
    kinds = ("file",)
    Config = FolderConfig


class ArchiveStandIn(Giving, Taking, OmbiStandIn):
    app = "archive"
    kinds = ("blob",)
    options = frozenset({Deletion(files=True)})


@pytest.fixture
def types() -> dict[str, type[Source[Any]]]:
    kinds: list[type[Source[Any]]] = [StandIn, SonarrStandIn, JellyfinStandIn, OmbiStandIn]
    kinds += [OddStandIn, EitherStandIn, DeafStandIn, ShowsStandIn]
    kinds += [VsrxStandIn, PaperlessStandIn, ArchiveStandIn, FolderStandIn]
    return {kind.app: kind for kind in kinds}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, so that paths in messages are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def secrets(folder: Path) -> Path:
    path = folder / "secrets.yaml"
    names = ("key", "hook", "token")
    text = "".join(f"{name}: 0123456789abcdef-{name}\n" for name in names)
    path.write_text(f"{text}phone: json://phone.lan/0123456789abcdef\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def load_text(folder: Path, types: Mapping[str, type[Source[Any]]]) -> Callable[..., Loaded]:
    """Writes a config.yaml and loads it."""

    def load_it(
        text: str, *, environ: Mapping[str, str] | None = None, broken: Mapping[str, str] | None = None
    ) -> Loaded:
        (folder / "config.yaml").write_text(text)
        return load(Path("config.yaml"), types, environ=environ or {}, broken=broken)

    return load_it
