"""The `sources:` of a config: each is what all sources can say plus its plugin's own settings.

Every source is judged by itself, so that one mistake hides no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, SecretStr

from reconciled.config.checks import check_url
from reconciled.config.complaints import Complaints
from reconciled.config.document import Value
from reconciled.config.fields import names_of
from reconciled.config.known import NamedSource
from reconciled.config.names import check_name
from reconciled.config.problems import Where, did_you_mean
from reconciled.config.schema import MAX_GONE, SCAN, SETTLE, SourceSettings
from reconciled.config.validate import validate
from reconciled.config.written import Common, Defaults
from reconciled.source import Source

_COMMON = names_of(Common)


@dataclass(frozen=True, slots=True)
class Apps:
    """The classes by app, and what is wrong with the plugins (or apps) that are not there."""

    types: Mapping[str, type[Source[Any]]]
    broken: Mapping[str, str]


def build_source(
    name: str, value: Value, *, apps: Apps, defaults: Defaults, complaints: Complaints
) -> tuple[Common | None, SourceSettings | None]:
    """What the source says in common, and its settings if all of them are good."""
    where: Where = ("sources", name)
    check_name(name, where, "source", complaints=complaints)
    if where in complaints.document.broken and not value:
        return None, None
    if value is None:
        value = {}
    if not isinstance(value, dict):
        complaints.problem(where, "a mapping of settings belongs here, such as {url: …, api_key: …}")
        return None, None
    common = validate(
        Common, {key: inner for key, inner in value.items() if key in _COMMON}, where, complaints=complaints
    )
    kind = _type_of(name, value, apps=apps, complaints=complaints)
    if kind is None:
        return common, None
    options = _options(kind, value, where, complaints=complaints)
    kinds = _kinds(kind, common, where, complaints=complaints)
    if common is None or options is None or kinds is None:
        return common, None
    return common, SourceSettings(
        name=name,
        app=kind.app,
        type=kind,
        options=options,
        scan=common.scan or defaults.scan or SCAN,
        settle=_first(common.settle, defaults.settle, SETTLE),
        max_gone=_first(common.max_gone, defaults.max_gone, MAX_GONE),
        webhook=common.webhook,
        kinds=kinds,
        mark=complaints.document.place(where).key,
    )


def named_sources(
    value: Value, built: Mapping[str, SourceSettings], *, apps: Apps, complaints: Complaints
) -> dict[str, NamedSource] | None:
    """All sources that are named, good or not, for those who point at them; None when that cannot be told."""
    if value is None and ("sources",) not in complaints.document.broken:
        return {}
    if not isinstance(value, dict):
        return None
    return {name: _named(name, one, built.get(name), apps) for name, one in value.items()}


def _named(name: str, value: Value, built: SourceSettings | None, apps: Apps) -> NamedSource:
    if built is not None:
        return NamedSource(built.type, built.kinds, built.options)
    app = value.get("app", name) if isinstance(value, dict) else name
    kind = apps.types.get(app) if isinstance(app, str) else None
    return NamedSource(kind, None if kind is None else frozenset(kind.kinds))


def _first(said: float | None, default: float | None, otherwise: float) -> float:
    if said is not None:
        return said
    return default if default is not None else otherwise


def _type_of(
    name: str, value: Mapping[str, Value], *, apps: Apps, complaints: Complaints
) -> type[Source[Any]] | None:
    """The class of the source's app, which is its name unless it says otherwise."""
    app = value.get("app", name)
    where: Where = ("sources", name, "app") if "app" in value else ("sources", name)
    if not isinstance(app, str):
        return None  # told by validate, or by the reader
    if app in apps.types:
        return apps.types[app]
    if app in apps.broken:
        said = f"its plugin {apps.broken[app]}"
    else:
        said = f"no plugin brings an app {app!r}{did_you_mean(app, apps.types)}"
        if "app" not in value and not said.endswith("?"):
            said += "; say which app it is with `app:`"
    complaints.problem(where, said, on_name="app" not in value)
    return None


def _options(
    kind: type[Source[Any]], value: Mapping[str, Value], where: Where, *, complaints: Complaints
) -> BaseModel | None:
    """The plugin's own settings. A name that nobody knows is a problem even if its model would not mind."""
    own = names_of(kind.Config)
    free = kind.Config.model_config.get("extra") == "allow"
    strange = [key for key in value if key not in own and key not in _COMMON and not free]
    for key in strange:
        near = did_you_mean(key, (*own, *_COMMON))
        complaints.problem((*where, key), f"unknown setting{near}", on_name=True)
    given = {key: inner for key, inner in value.items() if key in own or (free and key not in _COMMON)}
    url = value.get("url")
    options = validate(kind.Config, given, where, complaints=complaints)
    if "url" in own and isinstance(url, str | SecretStr):
        text = url.get_secret_value() if isinstance(url, SecretStr) else url
        check_url(text, (*where, "url"), complaints=complaints)
    return None if strange or complaints.has((*where, "url")) else options


def _kinds(
    kind: type[Source[Any]], common: Common | None, where: Where, *, complaints: Complaints
) -> frozenset[str] | None:
    """The kinds to look at, all of the class's when it says none; None when there was a problem."""
    if common is None or common.kinds is None:
        return frozenset(kind.kinds)
    if not common.kinds:
        complaints.problem((*where, "kinds"), f"at least one of {', '.join(kind.kinds)} belongs here")
        return None
    good = True
    for number, one in enumerate(common.kinds):
        if one not in kind.kinds:
            near = did_you_mean(one, kind.kinds) or f"; there are {', '.join(kind.kinds)}"
            complaints.problem((*where, "kinds", number), f"{kind.app} has no kind {one!r}{near}")
            good = False
    return frozenset(common.kinds) if good else None
