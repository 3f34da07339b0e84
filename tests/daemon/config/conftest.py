"""Stand-in apps and a folder to write configs into."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from reconciled.config import Loaded, load
from reconciled.model import About, Answer, Event, Key, Page
from reconciled.source import Source, SourceConfig
from reconciled.units import Duration


class StandInConfig(SourceConfig):
    url: str
    api_key: SecretStr
    timeout: Duration = 30.0
    user: str | None = None


class StandIn(Source[StandInConfig]):
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


class JellyfinConfig(StandInConfig):
    scope: ClassVar[tuple[str, ...]] = ("libraries", "api_key")
    libraries: tuple[str, ...] | None = None


class JellyfinStandIn(StandIn):
    app = "jellyfin"
    kinds = ("movie", "series")
    Config = JellyfinConfig


class DeafStandIn(Source[StandInConfig]):
    """Takes no webhooks."""

    app = "deaf"
    kinds = ("movie",)
    Config = StandInConfig
    probe = StandIn.probe
    snapshot = StandIn.snapshot
    lookup = StandIn.lookup


@pytest.fixture
def types() -> dict[str, type[Source[Any]]]:
    return {kind.app: kind for kind in (StandIn, SonarrStandIn, JellyfinStandIn, DeafStandIn)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, so that paths in messages are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def secrets(folder: Path) -> Path:
    path = folder / "secrets.yaml"
    path.write_text("key: 0123456789abcdef-key\nhook: 0123456789abcdef-hook\ntoken: 0123456789abcdef-token\n")
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
