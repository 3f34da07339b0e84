"""Views of holds and of what waits in them."""

from typing import Any

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.ledger.items import current_seq
from reconciled.ledger.views import Listing, Where, paged, read_cursor

FIRST_TITLES = 5


class HoldView(msgspec.Struct, frozen=True, kw_only=True):
    """A hold. A release with `shown` lets out what had joined it when this was read, and nothing else."""

    id: int
    source: str
    kind: str
    root: str
    reason: str
    sentence: str
    opened: str
    closed: str | None
    count: int
    titles: list[str]
    shown: int


class HeldItem(msgspec.Struct, frozen=True):
    """An item that waits in a hold, or did: `left` and `how` say when and why it left."""

    item: int
    source: str
    kind: str
    id: str
    title: str
    what: str | None
    since: str | None
    left: str | None
    how: str | None


_HOLD = (
    "SELECT hold.id, source.name, hold.kind, hold.root, hold.reason, hold.sentence, hold.opened_at, hold.closed_at "
    "FROM hold JOIN source ON source.id = hold.source_id "
)


def count_open(tx: Tx) -> int:
    """How many holds stand."""
    (n,) = tx.execute("SELECT count(*) FROM hold WHERE closed_at IS NULL").fetchone()
    return int(n)


def holds(
    tx: Tx, *, open_: bool | None = None, source: str | None = None, limit: int, cursor: str | None = None
) -> Listing[HoldView]:
    """Holds, newest first; `open_` picks those that stand, or those that are over."""
    where = Where()
    where.add("(hold.closed_at IS NULL) = ?", None if open_ is None else int(open_))
    where.add("source.name = ?", source)
    where.add("hold.id < ?", read_cursor(cursor) if cursor else None)
    found = tx.execute(
        f"{_HOLD} WHERE {where} ORDER BY hold.id DESC LIMIT ?", (*where.values, limit + 1)
    ).fetchall()
    return paged([_hold(tx, row) for row in found], limit, lambda hold: hold.id)


def hold(tx: Tx, hold_id: int) -> HoldView | None:
    """One hold, open or over."""
    found = tx.execute(f"{_HOLD} WHERE hold.id = ?", (hold_id,)).fetchone()
    return _hold(tx, found) if found else None


def held(tx: Tx, hold_id: int, *, limit: int, cursor: str | None = None) -> Listing[HeldItem]:
    """What waits in a hold, in the order of the ledger's rows; when it is over, what did."""
    after = read_cursor(cursor) if cursor else -1
    found = tx.execute(
        "SELECT item.id, source.name, item.kind, item.key, item.title, suspect.what, suspect.since_at, hold_item.left_at, "
        "hold_item.how FROM hold_item JOIN hold ON hold.id = hold_item.hold_id JOIN item ON item.id = hold_item.item_id "
        "JOIN source ON source.id = item.source_id LEFT JOIN suspect ON suspect.item_id = item.id "
        "WHERE hold_item.hold_id = ? AND hold_item.item_id > ? AND (hold_item.left_at IS NULL OR hold.closed_at IS NOT NULL) "
        "ORDER BY hold_item.item_id LIMIT ?",
        (hold_id, after, limit + 1),
    )
    return paged([HeldItem(*row) for row in found], limit, lambda one: one.item)


def _hold(tx: Tx, row: tuple[Any, ...]) -> HoldView:
    (count,) = tx.execute(
        "SELECT count(*) FROM hold_item WHERE hold_id = ? AND left_at IS NULL", (row[0],)
    ).fetchone()
    titles = tx.execute(
        "SELECT title FROM hold_item JOIN item ON item.id = item_id WHERE hold_id = ? AND left_at IS NULL LIMIT ?",
        (row[0], FIRST_TITLES),
    )
    values = [*row, count, [title for (title,) in titles], current_seq(tx)]
    return HoldView(**dict(zip(HoldView.__struct_fields__, values, strict=True)))
