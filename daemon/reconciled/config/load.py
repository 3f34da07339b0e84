"""Makes `Settings` of a config file, or says everything that is wrong with it.

`load` never raises and never stops at the first mistake: each section and each source is judged
by itself, then what they mean together. It opens files and nothing else; the same files and the
same environment give the same answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel

from reconciled.config.channel_section import build_alerts, build_channels, channel_names
from reconciled.config.checks import check_daemon, check_share, check_source, check_sources
from reconciled.config.complaints import Complaints
from reconciled.config.document import Document, Value
from reconciled.config.duplicate_section import build_duplicates
from reconciled.config.known import Known
from reconciled.config.mirror_section import build_mirrors
from reconciled.config.policy_section import build_policies
from reconciled.config.problems import Problem, did_you_mean
from reconciled.config.reader import read
from reconciled.config.schema import Settings, SourceSettings
from reconciled.config.sources import Apps, build_source, named_sources
from reconciled.config.validate import validate
from reconciled.config.written import Daemon, Defaults, Keep, Passes, Plugins, Top
from reconciled.source import Source

KNOWN = (
    "mode", "daemon", "sources", "defaults", "policies", "notify", "alerts", "plugins", "keep", "passes",
    "duplicates",
)  # fmt: skip
"""The settings at the top."""

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a file: settings only when there is no problem; `files` are all that were looked at."""

    settings: Settings | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    files: frozenset[Path] = field(default_factory=frozenset)


def load(
    path: Path,
    types: Mapping[str, type[Source[Any]]],
    *,
    environ: Mapping[str, str],
    broken: Mapping[str, str] | None = None,
) -> Loaded:
    """Read, validate and check a config; never raises.

    `types` are the classes by app, `broken` what is wrong with plugins by name (`Registry.types`, `.errors`).
    """
    document = read(path, environ=environ)
    complaints = Complaints(document)
    settings = _settings(document, Apps(types, broken or {}), complaints=complaints)
    problems, warnings = complaints.told()
    return Loaded(None if problems else settings, problems, warnings, frozenset(document.files))


def blocked_plugins(path: Path, *, environ: Mapping[str, str]) -> tuple[str, ...]:
    """What `plugins.block` says, needed before any plugin is imported; nothing when it cannot be told."""
    document = read(path, environ=environ)
    complaints = Complaints(document)
    top = document.value if isinstance(document.value, dict) else {}
    plugins = _section(Plugins, "plugins", top, complaints=complaints)
    return plugins.block if plugins is not None else ()


def _settings(document: Document, apps: Apps, *, complaints: Complaints) -> Settings | None:
    top = document.value
    if not isinstance(top, dict):
        return None
    _check_names(top, complaints)
    mode = validate(Top, {"mode": top["mode"]} if "mode" in top else {}, (), complaints=complaints)
    daemon = _section(Daemon, "daemon", top, complaints=complaints)
    plugins = _section(Plugins, "plugins", top, complaints=complaints)
    keep = _section(Keep, "keep", top, complaints=complaints)
    passes = _section(Passes, "passes", top, complaints=complaints)
    defaults = _section(Defaults, "defaults", top, complaints=complaints)
    if defaults is not None:
        check_share(defaults, ("defaults",), complaints=complaints)
    if daemon is not None:
        check_daemon(daemon.settings(document.path.parent), complaints=complaints)
    sources = _sources(top, apps, defaults=defaults or Defaults(), complaints=complaints)
    channels = build_channels(top.get("notify"), complaints=complaints)
    known = Known(
        sources=named_sources(top.get("sources"), sources, apps=apps, complaints=complaints),
        channels=channel_names(top.get("notify"), complaints=complaints),
    )
    alerts = build_alerts(top.get("alerts"), known, complaints=complaints)
    daemons = None if mode is None else mode.mode
    duplicates = build_duplicates(top.get("duplicates"), known, complaints=complaints)
    policies = build_policies(top.get("policies"), known, mode=daemons, complaints=complaints)
    mirrors = build_mirrors(top.get("policies"), known, mode=daemons, complaints=complaints)
    if mode is None or daemon is None or plugins is None or keep is None or passes is None:
        return None
    return Settings(
        mode=mode.mode,
        daemon=daemon.settings(document.path.parent),
        sources=MappingProxyType(sources),
        plugins=plugins.settings(),
        keep=keep.settings(),
        passes=passes.settings(),
        policies=MappingProxyType(policies),
        mirrors=MappingProxyType(mirrors),
        channels=MappingProxyType(channels),
        alerts=alerts,
        duplicates=duplicates,
    )


def _check_names(top: Mapping[str, Value], complaints: Complaints) -> None:
    for name in top:
        if name not in KNOWN:
            complaints.problem((name,), f"unknown setting{did_you_mean(name, KNOWN)}", on_name=True)


def _section(
    model: type[ModelT], name: str, top: Mapping[str, Value], *, complaints: Complaints
) -> ModelT | None:
    value = top.get(name)
    if value is None and (name,) not in complaints.document.broken:
        value = {}
    if not isinstance(value, dict):
        complaints.problem((name,), "a mapping of settings belongs here")
        return None
    return validate(model, value, (name,), complaints=complaints)


def _sources(
    top: Mapping[str, Value], apps: Apps, *, defaults: Defaults, complaints: Complaints
) -> dict[str, SourceSettings]:
    value = top.get("sources")
    if value is None:
        value = {}
    if not isinstance(value, dict):
        complaints.problem(("sources",), "a mapping of sources by name belongs here: {radarr: {url: …}}")
        return {}
    if not value and not complaints.broken(("sources",)):
        on_name = ("sources",) in complaints.document.places
        complaints.warning(("sources",), "there is no source yet, so nothing is watched", on_name=on_name)
    built: dict[str, SourceSettings] = {}
    for name, one in value.items():
        common, source = build_source(name, one, apps=apps, defaults=defaults, complaints=complaints)
        if common is not None:
            check_share(common, ("sources", name), complaints=complaints)
        if source is not None:
            check_source(source, complaints=complaints)
            built[name] = source
    check_sources(built.values(), complaints=complaints)
    return built
