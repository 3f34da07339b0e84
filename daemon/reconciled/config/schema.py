"""The settings as the rest of the house uses them: frozen, checked, complete with defaults.

`load` makes them; nobody else reads the file. Secrets are `SecretStr`, which no repr, str or
error shows. Two settings are equal when they mean the same, wherever they stand in the file;
that is what a reload goes by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, SecretStr

from reconciled.config.channels import AlertSettings, ChannelSettings
from reconciled.config.duplicates import DuplicateSettings
from reconciled.config.fields import is_secret
from reconciled.config.mirrors import Mirror
from reconciled.config.mode import Mode
from reconciled.config.policies import Policy
from reconciled.config.problems import Mark
from reconciled.config.schedule import Schedule
from reconciled.model import Json
from reconciled.source import Source

HOST, PORT = "127.0.0.1", 8787
SCAN, SETTLE, MAX_GONE = Schedule("6h", every=21600.0), 20.0, 0.10
DAY = 86400.0
DAILY = Schedule("24h", every=DAY)
NIGHTLY = Schedule("0 3 * * *", cron="0 3 * * *")

_ACCOUNT = ("account", "user", "username", "user_id")


@dataclass(frozen=True, slots=True)
class DaemonSettings:
    """How the daemon itself runs. `url` is how others reach it, `hosts` are more names that it answers to."""

    host: str = HOST
    port: int = PORT
    url: str | None = None
    token: SecretStr | None = None
    state: Path | None = None
    hosts: tuple[str, ...] = ()
    log_level: str = "info"


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """Plugins that are not imported, by name."""

    block: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepSettings:
    """How long history is kept, in seconds."""

    events: float = 30 * DAY
    runs: float = 90 * DAY
    actions: float = 365 * DAY


@dataclass(frozen=True, slots=True)
class PassSettings:
    """When passes run that nothing else sets going."""

    blob_gc: Schedule = DAILY
    duplicates: Schedule = NIGHTLY


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One source. `options` is the plugin's own Config; `settle` is in seconds, `max_gone` a fraction of one.

    No `kinds` means all that the class has. `mark` is where its name stands, and takes no part in equality.
    """

    name: str
    app: str
    type: type[Source[Any]]
    options: BaseModel
    scan: Schedule = SCAN
    settle: float = SETTLE
    max_gone: float = MAX_GONE
    webhook: SecretStr | None = None
    kinds: frozenset[str] = frozenset()
    mark: Mark = field(default=Mark(Path("config.yaml"), 1, 1), compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.kinds:
            object.__setattr__(self, "kinds", frozenset(self.type.kinds))

    @property
    def url(self) -> str | None:
        """Where the app is, without a slash at the end; None when its plugin has no such setting."""
        url = getattr(self.options, "url", None)
        return None if url is None else str(url).rstrip("/")

    def scope(self) -> dict[str, Json]:
        """What decides which items the source can show: a change of it makes the next scan a baseline.

        The url, the kinds, whom we are there, and what the Config class names in `scope`; never a secret.
        """
        named = getattr(type(self.options), "scope", ())
        names = [
            name
            for name in (*_ACCOUNT, *(named if isinstance(named, tuple) else ()))
            if name in type(self.options).model_fields and not is_secret(type(self.options), (name,))
        ]
        said = self.options.model_dump(mode="json", include=set(names))
        kinds: list[Json] = [*sorted(self.kinds)]
        return {"url": self.url, "kinds": kinds, **{name: _sorted(value) for name, value in said.items()}}


def _sorted(value: Json) -> Json:
    """The order of a list of names means nothing here."""
    return sorted(value, key=str) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole config that is good."""

    mode: Mode = Mode.DRY_RUN
    daemon: DaemonSettings = field(default_factory=DaemonSettings)
    sources: Mapping[str, SourceSettings] = field(default_factory=lambda: MappingProxyType({}))
    plugins: PluginSettings = field(default_factory=PluginSettings)
    keep: KeepSettings = field(default_factory=KeepSettings)
    passes: PassSettings = field(default_factory=PassSettings)
    policies: Mapping[str, Policy] = field(default_factory=lambda: MappingProxyType({}))
    mirrors: Mapping[str, Mirror] = field(default_factory=lambda: MappingProxyType({}))
    channels: Mapping[str, ChannelSettings] = field(default_factory=lambda: MappingProxyType({}))
    alerts: AlertSettings = field(default_factory=AlertSettings)
    duplicates: DuplicateSettings = field(default_factory=DuplicateSettings)
