"""What changes from one good config to the next: pure, and the base of every reload.

Where a setting stands in the file does not matter, only what it means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from reconciled.config.schema import DaemonSettings, Settings

_LISTEN = ("host", "port")


@dataclass(frozen=True, slots=True)
class Names:
    """Names of policies or channels by what happens to them."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything changes."""
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Diff:
    """Names of sources by what happens to them, and names of other settings that changed.

    `daemon` are settings that count at a start (`daemon.listen`, `plugins.block`); `live` are those
    that any reload takes over (`mode`, `keep.runs`, `daemon.log_level`). `reworded` are those of the
    changed policies that mean something else now, so that no approval holds for them any more;
    `begun_anew` those of the changed mirrors that are about other files or places, so that what they have
    done so far does not shorten their next run.
    """

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    unchanged: frozenset[str] = frozenset()
    daemon: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    policies: Names = field(default_factory=Names)
    reworded: frozenset[str] = frozenset()
    channels: Names = field(default_factory=Names)
    mirrors: Names = field(default_factory=Names)
    begun_anew: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything changes."""
        sources = self.added or self.removed or self.changed
        named = self.policies or self.mirrors or self.channels
        return bool(sources or self.daemon or self.live or named)


def diff(old: Settings, new: Settings) -> Diff:
    """Compare two configs."""
    sources, policies = _names(old.sources, new.sources), _names(old.policies, new.policies)
    mirrors = _names(old.mirrors, new.mirrors)
    return Diff(
        added=sources.added,
        removed=sources.removed,
        changed=sources.changed,
        unchanged=frozenset(old.sources.keys() & new.sources.keys()) - sources.changed,
        daemon=_daemon(old, new),
        live=_live(old, new),
        policies=policies,
        reworded=frozenset(
            name for name in policies.changed if old.policies[name].words() != new.policies[name].words()
        ),
        channels=_names(old.channels, new.channels),
        mirrors=mirrors,
        begun_anew=frozenset(
            name for name in mirrors.changed if old.mirrors[name].words() != new.mirrors[name].words()
        ),
    )


def _names(before: Mapping[str, object], after: Mapping[str, object]) -> Names:
    both = before.keys() & after.keys()
    return Names(
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
        changed=frozenset(name for name in both if before[name] != after[name]),
    )


def _daemon(old: Settings, new: Settings) -> tuple[str, ...]:
    names = [
        "listen" if one.name in _LISTEN else one.name
        for one in fields(DaemonSettings)
        if one.name != "log_level" and getattr(old.daemon, one.name) != getattr(new.daemon, one.name)
    ]
    said = [f"daemon.{name}" for name in dict.fromkeys(names)]
    if old.plugins != new.plugins:
        said.append("plugins.block")
    return tuple(said)


def _live(old: Settings, new: Settings) -> tuple[str, ...]:
    pairs = {
        "mode": (old.mode, new.mode),
        "daemon.log_level": (old.daemon.log_level, new.daemon.log_level),
        "keep.events": (old.keep.events, new.keep.events),
        "keep.runs": (old.keep.runs, new.keep.runs),
        "keep.actions": (old.keep.actions, new.keep.actions),
        "passes.blob_gc": (old.passes.blob_gc, new.passes.blob_gc),
        "passes.duplicates": (old.passes.duplicates, new.passes.duplicates),
        "duplicates": (old.duplicates, new.duplicates),
        "alerts": (old.alerts, new.alerts),
    }
    return tuple(name for name, (before, after) in pairs.items() if before != after)
