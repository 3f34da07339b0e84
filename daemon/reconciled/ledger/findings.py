"""Findings as the outbox reads them, and what people say of them."""

from dataclasses import dataclass

from reconciled.ledger import items
from reconciled.ledger.connection import Tx
from reconciled.model import Key

_COLUMNS = (
    "f.id, f.code, f.what, f.source, f.kind, f.key, f.item_id, f.tombstone_id, t.story_id, f.title, f.losing, f.watched, "
    "f.image, f.opened_seq, f.opened_at, f.resolved_at, f.ignored_by, f.snoozed_until"
)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A conclusion. `losing` lost the thing; `watched` was its counter of watched time then, in seconds."""

    id: int
    code: str
    what: str | None
    source: str
    kind: str
    key: str
    item_id: int | None
    tombstone_id: int | None
    story_id: int | None
    title: str
    losing: str | None
    watched: float
    image: str | None
    opened_seq: int
    opened_at: str
    resolved_at: str | None
    ignored_by: str | None
    snoozed_until: float | None

    @property
    def stands(self) -> bool:
        """Whether policies may follow from it: open (a replacement is over as soon as it is found), not ignored."""
        return self.ignored_by is None and (self.resolved_at is None or self.code == "replaced")


def get(tx: Tx, finding: int) -> FindingRow | None:
    """One finding, or None."""
    found = tx.execute(
        f"SELECT {_COLUMNS} FROM finding AS f LEFT JOIN tombstone AS t ON t.id = f.tombstone_id WHERE f.id = ?",  # noqa: S608 - constant columns
        (finding,),
    ).fetchone()
    return FindingRow(*found) if found else None


def standing(tx: Tx, *, after: int = 0) -> list[int]:
    """The findings with a higher id that policies may follow from, in order; from duplicates none ever does."""
    found = tx.execute(
        "SELECT id FROM finding WHERE id > ? AND ignored_by IS NULL AND (resolved_at IS NULL OR code = 'replaced') "
        "AND code <> 'duplicate' ORDER BY id",
        (after,),
    )
    return [finding for (finding,) in found]


def newest(tx: Tx) -> int:
    """The highest id there is."""
    (n,) = tx.execute("SELECT ifnull(max(id), 0) FROM finding").fetchone()
    return int(n)


def open_one(tx: Tx, item_id: int, code: str) -> int | None:
    """The item's open finding of that code, or None."""
    found = tx.execute(
        "SELECT id FROM finding WHERE item_id = ? AND code = ? AND resolved_at IS NULL", (item_id, code)
    ).fetchone()
    return int(found[0]) if found else None


def is_refused(tx: Tx, source_id: int, key: Key) -> bool:
    """Whether a finding that is open refuses what stands under a key."""
    found = items.by_key(tx, source_id, key)
    return any(open_one(tx, row.id, "refused") is not None for row in found if row.current)


def say(tx: Tx, finding: int, detail: str) -> None:
    """What a finding says of its reason, as of now."""
    tx.execute("UPDATE finding SET detail = ?1 WHERE id = ?2 AND detail <> ?1", (detail, finding))


def ignore(tx: Tx, finding: int, *, by: str) -> bool:
    """Nothing follows from it any more. False when it is over or ignored already."""
    return bool(
        tx.execute(
            "UPDATE finding SET ignored_by = ? WHERE id = ? AND ignored_by IS NULL AND (resolved_at IS NULL OR code = 'replaced')",
            (by, finding),
        ).rowcount
    )


def heed(tx: Tx, finding: int) -> bool:
    """It is no longer ignored. False when it was not."""
    return bool(
        tx.execute(
            "UPDATE finding SET ignored_by = NULL WHERE id = ? AND ignored_by IS NOT NULL", (finding,)
        ).rowcount
    )


def snooze(tx: Tx, finding: int, *, until: float | None) -> bool:
    """Nothing follows from it before that time (reckoned; None: at once). False when it is over."""
    return bool(
        tx.execute(
            "UPDATE finding SET snoozed_until = ? WHERE id = ? AND resolved_at IS NULL", (until, finding)
        ).rowcount
    )
