"""Which way newer bytes go between an original and its copy, when each may have changed. Pure.

Both were the same once, at their last sync. Whoever alone changed since then is followed; when both did,
each in its own way, it is a conflict, which the user's setting decides or else a person. What nobody knows
is never taken for unchanged where the other side would be written over.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reconciled.config import Conflict
from reconciled.engine.mirror.originals import changed_of, size_of
from reconciled.model import Item
from reconciled.units import say_size


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: the sha256 of its bytes at the last sync and now, and when they changed, if known."""

    then: str | None
    now: str | None
    changed: datetime | None = None


class Way(StrEnum):
    """What is to be done."""

    NOTHING = "nothing"
    FORWARD = "forward"
    """The original's bytes go to the copy."""
    BACKWARD = "backward"
    """The copy's bytes go to the original."""
    ASK = "ask"


def way(original: Side, copy: Side, setting: Conflict | None, *, both_ways: bool = True) -> Way:
    """Which way it goes. `both_ways` False: what changed in the copy alone stays there."""
    if original.now is not None and original.now == copy.now:
        return Way.NOTHING
    ours, theirs = _changed(original), _changed(copy)
    if ours is not True and theirs is not True:
        return Way.NOTHING
    if theirs is False:
        return Way.FORWARD
    if ours is False:
        return Way.BACKWARD if both_ways else Way.NOTHING
    return _decided(original, copy, setting, both_ways=both_ways)


def told(source: str, item: Item, sha256: str | None, *, size: int | None = None) -> str:
    """One of the two in words, so that a person can tell which of them counts."""
    changed, size = changed_of(item), size_of(item) if size is None else size
    said = [
        item.title,
        say_size(size) if size is not None else "",
        f"changed {changed.isoformat(timespec='minutes')}" if changed is not None else "",
        f"sha256 {sha256[:12]}…" if sha256 is not None else "sha256 not known",
    ]
    return f"{source} {item.key} ({', '.join(one for one in said if one)})"


def _decided(original: Side, copy: Side, setting: Conflict | None, *, both_ways: bool) -> Way:
    """A conflict, by the setting."""
    if setting is Conflict.SOURCE:
        return Way.FORWARD if original.now is not None else Way.ASK
    if setting is not Conflict.NEWEST or original.changed is None or copy.changed is None:
        return Way.ASK
    if original.changed == copy.changed:
        return Way.ASK
    if original.changed > copy.changed:
        return Way.FORWARD
    return Way.BACKWARD if both_ways else Way.NOTHING


def _changed(side: Side) -> bool | None:
    """Whether its bytes are others than at the last sync; None: nobody knows."""
    if side.then is None or side.now is None:
        return None
    return side.then != side.now
