"""Whether a listing is of the world we know: another database, instance or backup shows itself here.

Most of its keys name other things, or, where that was in question already, too little of what is
known is found again. Then the whole listing is not believed. The parts of what is missing or reused
count with it and not by themselves, and things that are parts of nothing are also counted alone: a
library of many parts must not hide that most of its things are others.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from reconciled.engine.holds import MANY
from reconciled.engine.identity import is_another_thing, was_reidentified
from reconciled.ledger import items
from reconciled.ledger.connection import Tx
from reconciled.ledger.stage import Staged, Unlisted
from reconciled.model import Presence

FOUND_AGAIN = 0.9
"""A baseline that finds at least this share of what is known goes on as if nothing had happened."""


@dataclass(slots=True)
class Reused:
    """The rows whose key names another thing now, besides those that a person released."""

    released: Collection[int]
    rows: list[Unlisted] = field(default_factory=list)
    _reidentified: set[str] = field(default_factory=set)

    def look_at(self, tx: Tx, listed: Sequence[Staged]) -> None:
        """Find those among some listed items; parents are looked at before their parts."""
        for found in listed:
            row = items.by_id(tx, found.item_id) if found.item_id is not None else None
            if row is None or row.id in self.released:
                continue
            if row.presence not in (Presence.PRESENT, Presence.UNLISTED):
                continue
            if not is_another_thing(row.item, found.item):
                continue
            parent = str(row.item.parent) if row.item.parent is not None else None
            if was_reidentified(row.item, found.item) or parent in self._reidentified:
                self._reidentified.add(str(row.item.key))  # its parts have other refs like itself
            else:
                self.rows.append(Unlisted(row.id, str(row.item.key), parent))


@dataclass(frozen=True, slots=True)
class Found:
    """What a complete listing shows of what is known. `refs` are the strong ones under new keys."""

    missing: Sequence[Unlisted]
    reused: Sequence[Unlisted]
    released: Collection[int]
    refs: Collection[tuple[str, str]] = ()

    def by_themselves(self, rows: Sequence[Unlisted]) -> list[Unlisted]:
        """Those of the rows whose parent is neither missing nor reused."""
        doubted = {row.key for row in (*self.missing, *self.reused)}
        return [row for row in rows if row.parent is None or row.parent not in doubted]


def another_world(tx: Tx, source_id: int, found: Found, *, doubt: str | None, max_gone: float) -> str | None:
    """Why the listing is not of the world we know, or None. `doubt` says why that is in question."""
    everything, whole = items.count_standing(tx, source_id)
    released = [row for item_id in found.released if (row := items.by_id(tx, item_id)) is not None]
    reused, missing = found.by_themselves(found.reused), found.by_themselves(found.missing)
    parts = len(found.reused) + len(found.missing) - len(reused) - len(missing)
    lost = [row for row in missing if row.item_id not in found.released]
    measures = (
        (everything - len(released) - parts, reused, lost),
        (
            whole - sum(row.item.parent is None for row in released),
            [row for row in reused if row.parent is None],
            [row for row in lost if row.parent is None],
        ),
    )
    for known, others, _ in measures:
        if len(others) > MANY and len(others) > max_gone * known:
            return f"{len(others)} of {known} known keys name other things now"
    for known, others, gone in measures if doubt is not None else ():
        moved = sum(items.claims_any(tx, row.item_id, found.refs) for row in gone)
        again = known - len(others) - len(gone) + moved
        if known > 0 and again < FOUND_AGAIN * known:
            return f"{doubt}, and only {again} of {known} known items are found again"
    return None


def new_refs(listed: Sequence[Staged]) -> set[tuple[str, str]]:
    """The strong refs of items under keys that the ledger does not know."""
    return {(ref.space, ref.value) for new in listed if new.item_id is None for ref in new.item.strong_refs}


__all__ = ["Found", "Reused", "another_world", "new_refs"]
