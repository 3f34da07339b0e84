"""The settings as they stand in the file, as pydantic models: names, types, bounds, defaults.

What a single setting may be is said here; what several of them together may be, in `checks`.
The settings of a source are `Common` and its plugin's Config, in one namespace.
"""

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    SecretStr,
    WithJsonSchema,
)

from reconciled.config.addresses import Address, parse_address, parse_host, wrong_with_url
from reconciled.config.mode import Mode
from reconciled.config.schedule import Schedule, ScheduleText
from reconciled.config.schema import (
    DAILY,
    DAY,
    HOST,
    NIGHTLY,
    PORT,
    DaemonSettings,
    KeepSettings,
    PassSettings,
    PluginSettings,
)
from reconciled.units import Duration, Share, say_duration

SHORTEST_SCAN = 60.0
"""The shortest time between two scans, in seconds; a cron line is never below it."""


def _own_url(value: str) -> str:
    wrong = wrong_with_url(value)
    if wrong is None and urlsplit(value).scheme not in ("http", "https"):
        wrong = "begins with http:// or https://"
    if wrong is not None:
        raise ValueError(wrong)
    return value.rstrip("/")


def between(low: float, high: float) -> AfterValidator:
    """The bounds of a duration, in seconds."""

    def check(seconds: float) -> float:
        if not low <= seconds <= high:
            raise ValueError(f"is out of bounds; it is between {say_duration(low)} and {say_duration(high)}")
        return seconds

    return AfterValidator(check)


def within(low: int, high: int) -> AfterValidator:
    """The bounds of a number, both allowed."""

    def check(number: int) -> int:
        if not low <= number <= high:
            raise ValueError(f"is out of bounds; it is between {low} and {high}")
        return number

    return AfterValidator(check)


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    return text


def listed(value: Any) -> Any:
    """What may be one or a list, as a list."""
    if isinstance(value, dict):
        raise ValueError("text or a list of texts belongs here")  # noqa: TRY004  # pydantic's own way
    return value if isinstance(value, list | tuple) else [value]


def some(value: tuple[str, ...]) -> tuple[str, ...]:
    """A list of none would be mistaken for one of all."""
    if not value:
        raise ValueError("at least one belongs here")
    return value


def _from_home(path: Path) -> Path:
    """`~` is the home of the user that runs the daemon, wherever the config lies."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError(
            "begins with the home of a user who is not known here; write the whole path"
        ) from None


def _at_least(characters: int) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < characters:
            raise ValueError(f"is too short to be safe; it has at least {characters} characters")
        return secret

    return AfterValidator(check)


def _slow_enough(schedule: Schedule) -> Schedule:
    if schedule.every is not None and schedule.every < SHORTEST_SCAN:
        raise ValueError(f"scans are at least {say_duration(SHORTEST_SCAN)} apart")
    return schedule


Text = Annotated[str, AfterValidator(_said)]
"""Any text but an empty one."""
_MANY = {"type": "array", "items": {"type": "string"}}
AnyTexts = Annotated[
    tuple[Text, ...],
    BeforeValidator(listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, _MANY]}),
]
"""One text, a list of them, or an empty list."""
Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(listed),
    AfterValidator(some),
    WithJsonSchema({"anyOf": [{"type": "string"}, {**_MANY, "minItems": 1}]}),
]
"""One text or a list of them."""
_Token = Annotated[SecretStr, _at_least(16)]
_Webhook = Annotated[SecretStr, _at_least(8)]
_Scan = Annotated[ScheduleText, AfterValidator(_slow_enough)]
_Kept = Annotated[Duration, between(3600, 36500 * DAY)]
_Settle = Annotated[Duration, between(0, DAY)]


class Written(BaseModel):
    """The base of all that is written: unknown settings are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Top(Written):
    """What stands at the top, apart from the sections."""

    mode: Mode = Mode.DRY_RUN


class Daemon(Written):
    """`daemon:`"""

    listen: Annotated[
        Address,
        PlainValidator(parse_address),
        WithJsonSchema({"type": "string", "examples": ["127.0.0.1:8787"]}),
    ] = Address(HOST, PORT)
    url: Annotated[str, AfterValidator(_own_url)] | None = None
    token: _Token | None = None
    state: Annotated[Path, AfterValidator(_from_home)] | None = None
    hosts: tuple[Annotated[str, AfterValidator(parse_host)], ...] = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def settings(self, folder: Path) -> DaemonSettings:
        """As the rest uses it; a relative state folder lies beside the config, in `folder`."""
        return DaemonSettings(
            host=self.listen.host,
            port=self.listen.port,
            url=self.url,
            token=self.token,
            state=None if self.state is None else folder / self.state,
            hosts=self.hosts,
            log_level=self.log_level,
        )


class Plugins(Written):
    """`plugins:`"""

    block: tuple[str, ...] = ()

    def settings(self) -> PluginSettings:
        """As the rest uses it."""
        return PluginSettings(self.block)


class Keep(Written):
    """`keep:`"""

    events: _Kept = 30 * DAY
    runs: _Kept = 90 * DAY
    actions: _Kept = 365 * DAY

    def settings(self) -> KeepSettings:
        """As the rest uses it."""
        return KeepSettings(events=self.events, runs=self.runs, actions=self.actions)


class Passes(Written):
    """`passes:`"""

    blob_gc: _Scan = DAILY
    duplicates: _Scan = NIGHTLY

    def settings(self) -> PassSettings:
        """As the rest uses it."""
        return PassSettings(blob_gc=self.blob_gc, duplicates=self.duplicates)


class Defaults(Written):
    """`defaults:`, for sources that do not say it themselves."""

    scan: _Scan | None = None
    settle: _Settle | None = None
    max_gone: Share | None = None


class Common(Defaults):
    """What every source can say, whatever its app."""

    app: str | None = None
    webhook: _Webhook | None = None
    kinds: tuple[str, ...] | None = None
