"""Finds the plugins and keeps what they bring: `discover` gives a `Registry`.

A plugin is named by an entry point in the group `reconciled.plugins`. Each is imported and
registered on its own and its hooks are called one implementation at a time, all of it guarded:
plain pluggy lets one failing import or one raising hook stop all the others. A plugin that fails
is kept with its error, as a sentence without a subject ("failed to import: …"), so that pages and
the config's messages can say why its app is unknown. It brings either all of its apps or none; that
its commands cannot be used takes no app away.
"""

import importlib.metadata
import inspect
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self, TypeAlias

import click
import pluggy
from pydantic import BaseModel

from reconciled.hookspecs import PROJECT, Hookspecs
from reconciled.source import Source

GROUP = "reconciled.plugins"
SourceType: TypeAlias = type[Source[Any]]

_LOG = logging.getLogger(__name__)


class _NonsenseError(Exception):
    """What a plugin brings cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin that was found: the apps it brings, and what is wrong with it (without apps: all of it)."""

    name: str
    version: str | None = None
    apps: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """What is known of plugins and apps. Never changes; plugin code is never reloaded."""

    plugins: tuple[Plugin, ...] = ()
    types: Mapping[str, SourceType] = field(default_factory=dict)
    commands: Mapping[str, click.Command] = field(default_factory=dict)

    @classmethod
    def with_types(cls, *types: SourceType) -> Self:
        """A registry of these classes, without any entry point (for tests)."""
        plugins = tuple(Plugin(kind.app, apps=(kind.app,)) for kind in types)
        return cls(plugins, MappingProxyType({kind.app: kind for kind in types}))

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong, by the name of the plugin; the config says it where that app is used."""
        return {plugin.name: plugin.error for plugin in self.plugins if plugin.error is not None}


@dataclass(frozen=True, slots=True)
class _Found:
    plugin: Plugin
    types: tuple[SourceType, ...] = ()
    commands: tuple[click.Command, ...] = ()


def discover(
    *,
    blocked: Collection[str] = (),
    entry_points: Iterable[importlib.metadata.EntryPoint] | None = None,
) -> Registry:
    """Import and register every plugin that is installed and not blocked; never raises for one of them.

    When two bring the same app, the one that is named like the app has it, else the first by name.
    """
    points = importlib.metadata.entry_points(group=GROUP) if entry_points is None else entry_points
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    found = [_find(manager, point, blocked) for point in sorted(points, key=lambda point: point.name)]
    return _settle(found)


def _find(
    manager: pluggy.PluginManager, point: importlib.metadata.EntryPoint, blocked: Collection[str]
) -> _Found:
    name, version = point.name, point.dist.version if point.dist is not None else None
    plugin = Plugin(name, version)
    if name in blocked:
        return _Found(replace(plugin, error="is blocked by plugins.block"))
    step = "failed to import"
    try:
        module = point.load()
        step = "failed to register"
        manager.register(module, name=name)
        step = "source_types() failed"
        types = _types(manager, name)
    except _NonsenseError as error:
        return _Found(replace(plugin, error=str(error)))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it does (exit, too) is its own fault alone
        return _failed(plugin, step, error)
    plugin = replace(plugin, apps=tuple(kind.app for kind in types))
    try:
        return _Found(plugin, types, _commands(manager, name))
    except _NonsenseError as error:
        return _Found(replace(plugin, error=str(error)), types)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # as above
        return _Found(_failed(plugin, "commands() failed", error).plugin, types)


def _failed(plugin: Plugin, what: str, error: BaseException) -> _Found:
    _LOG.debug("plugin %s %s", plugin.name, what, exc_info=error)
    said = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
    return _Found(replace(plugin, error=f"{what}: {said}"))


def _types(manager: pluggy.PluginManager, name: str) -> tuple[SourceType, ...]:
    """What this one plugin's `source_types` brings, looked through."""
    brought: list[SourceType] = []
    for one in _brought(manager, name, "source_types", "Source classes"):
        brought.append(_checked(one, brought))
    return tuple(brought)


def _commands(manager: pluggy.PluginManager, name: str) -> tuple[click.Command, ...]:
    """What this one plugin's `commands` brings, looked through."""
    brought: dict[str, click.Command] = {}
    for one in _brought(manager, name, "commands", "click commands"):
        if not isinstance(one, click.Command) or not one.name:
            raise _NonsenseError(f"brings {_named(one)} as a command, which is no click command with a name")
        if one.name in brought:
            raise _NonsenseError(f"brings the command {one.name!r} twice")
        brought[one.name] = one
    return tuple(brought.values())


def _brought(manager: pluggy.PluginManager, name: str, hook: str, what: str) -> Iterable[object]:
    """All that this one plugin's implementations of a hook give; no other plugin is called."""
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        if implementation.plugin_name != name:
            continue
        if implementation.wrapper or implementation.hookwrapper:
            raise _NonsenseError(f"wraps {hook}(); only plain implementations are called")
        answer = implementation.function()
        if isinstance(answer, str | bytes) or not isinstance(answer, Iterable):
            raise _NonsenseError(f"{hook}() gave {type(answer).__name__}, not a list of {what}")
        yield from answer


def _checked(one: object, before: Sequence[SourceType]) -> SourceType:
    """The class, if the daemon can work with it."""
    if not (isinstance(one, type) and issubclass(one, Source)):
        raise _NonsenseError(f"brings {_named(one)}, which is no Source class")
    wrong = _wrong_with(one)
    if wrong is None and any(kind.app == one.app for kind in before):
        wrong = f"brings the app {one.app!r} twice"
    if wrong is not None:
        raise _NonsenseError(wrong)
    return one


def _wrong_with(one: SourceType) -> str | None:
    app, kinds, config = (getattr(one, name, None) for name in ("app", "kinds", "Config"))
    if not isinstance(app, str) or not app:
        return f"brings {_named(one)}, which names no app"
    if not isinstance(kinds, tuple) or not kinds or not all(isinstance(kind, str) and kind for kind in kinds):
        return f"brings {_named(one)}, whose kinds are no tuple of names"
    if not (isinstance(config, type) and issubclass(config, BaseModel)):
        return f"brings {_named(one)}, whose Config is no pydantic BaseModel"
    if inspect.isabstract(one):
        return f"brings {_named(one)}, which lacks {', '.join(sorted(one.__abstractmethods__))}"
    return None


def _named(one: object) -> str:
    return one.__qualname__ if isinstance(one, type) else type(one).__name__


def _settle(found: Sequence[_Found]) -> Registry:
    """Give each app and each command to one plugin; who comes too late for one of its apps brings nothing."""
    owners: dict[str, str] = {}
    types: dict[str, SourceType] = {}
    commands: dict[str, tuple[str, click.Command]] = {}
    settled: list[Plugin] = []
    for one in sorted(found, key=lambda one: one.plugin.name not in one.plugin.apps):
        plugin = one.plugin
        taken = next((app for app in plugin.apps if app in owners), None)
        if taken is not None:
            error = f"brings the app {taken!r}, which the plugin {owners[taken]!r} has already"
            settled.append(replace(plugin, apps=(), error=error))
            continue
        late = next((command.name for command in one.commands if command.name in commands), None)
        if late is not None:
            error = f"brings the command {late!r}, which the plugin {commands[late][0]!r} has already"
            plugin = replace(plugin, error=error)
        else:
            commands.update({str(command.name): (plugin.name, command) for command in one.commands})
        settled.append(plugin)
        owners.update(dict.fromkeys(plugin.apps, plugin.name))
        types.update({kind.app: kind for kind in one.types})
    settled.sort(key=lambda plugin: plugin.name)
    return Registry(
        tuple(settled),
        MappingProxyType(dict(sorted(types.items()))),
        MappingProxyType({name: command for name, (_, command) in sorted(commands.items())}),
    )
