"""What changes from one good config to the next: pure, and the base of every reload.

Where a setting stands in the file does not matter, only what it means.
"""

from dataclasses import dataclass, fields

from reconciled.config.schema import DaemonSettings, Settings

_LISTEN = ("host", "port")


@dataclass(frozen=True, slots=True)
class Diff:
    """Names of sources by what happens to them, and names of other settings that changed.

    `daemon` are settings that count at a start (`daemon.listen`, `plugins.block`); `live` are those
    that any reload takes over (`mode`, `keep.runs`, `daemon.log_level`).
    """

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    unchanged: frozenset[str] = frozenset()
    daemon: tuple[str, ...] = ()
    live: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changes."""
        return bool(self.added or self.removed or self.changed or self.daemon or self.live)


def diff(old: Settings, new: Settings) -> Diff:
    """Compare two configs."""
    before, after = old.sources, new.sources
    both = before.keys() & after.keys()
    changed = frozenset(name for name in both if before[name] != after[name])
    return Diff(
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
        changed=changed,
        unchanged=frozenset(both) - changed,
        daemon=_daemon(old, new),
        live=_live(old, new),
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
    }
    return tuple(name for name, (before, after) in pairs.items() if before != after)
