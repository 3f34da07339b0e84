"""The outbox's rows: what is wanted of apps, where each stands, and why.

A live row (planned, waiting, sending) is the only one of its kind: a policy wants one thing of one
item once. Ended rows stay as history, of which `acted` asks. Times are reckoned unix seconds, but
for `…_at`, which are for people.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec

from reconciled.ledger import groups
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import dump
from reconciled.model import Key

UNWANTED = "unwanted"
"""Dropped because nothing wanted it any more; it may be wanted again."""
OTHER_THING = "other thing"
COPIED = "copied"
"""Of a call under way that a person ordered: the ledger is a copy since, so it is not made a second time."""
ALREADY = "already"
UNKNOWN = "unknown"
"""Failed, as far as anybody can tell: what became of its call was never known."""

LONGEST_WAIT = 3600.0
"""Seconds after which a planned action is looked at after a restart, whatever it waited for."""

_COLUMNS = (
    "id, policy, asked_by, order_id, finding_id, story_id, verb, target, item_id, kind, key, title, label, files, exclude, "
    "since, state, reason, code, created_seq, created_at, expires, grace, due, would_at, decision_id, approved_by, "
    "approved_for, sent, sent_seq, tries, next_try, before, undo_of, refs, others, keeper, keeper_told, after_id"
)

_BOOLEANS = frozenset({13, 14})


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One intended effect on an app, in the order of the table's columns."""

    id: int
    policy: str | None
    asked_by: str | None
    order_id: int | None
    finding_id: int | None
    story_id: int | None
    verb: str
    target: str
    item_id: int | None
    kind: str
    id_in_app: str
    title: str
    label: str
    files: bool
    exclude: bool
    since: str
    state: str
    reason: str
    code: str
    created_seq: int
    created_at: str
    expires: float | None
    grace: float
    due: float | None
    would_at: str | None
    decision_id: int | None
    approved_by: str | None
    approved_for: str | None
    sent: float | None
    sent_seq: int | None
    tries: int
    next_try: float | None
    before: str | None
    undo_of: int | None
    refs: str
    others: str = ""
    keeper: int | None = None
    keeper_told: str | None = None
    after_id: int | None = None

    @property
    def key(self) -> Key:
        """What it acts on, in the target."""
        return Key(self.kind, self.id_in_app)

    @property
    def merged(self) -> tuple[Key, ...]:
        """To merge: the others, whose labels it takes over."""
        return read_keys(self.others)


def read_keys(others: str) -> tuple[Key, ...]:
    """Keys as the ledger keeps them."""
    found = msgspec.json.decode(others, type=list[tuple[str, str]]) if others else []
    return tuple(Key(kind, key) for kind, key in found)


@dataclass(frozen=True, slots=True)
class NewAction:
    """What a fresh row says.

    `others` are the keys that are merged onto the item; `keeper` is the row of what has to stay for it to be
    deleted, `keeper_told` what was shown of both; `after` is the action that has to be done first.
    """

    verb: str
    target: str
    title: str
    since: str
    policy: str | None = None
    asked_by: str | None = None
    order_id: int | None = None
    finding_id: int | None = None
    story_id: int | None = None
    item_id: int | None = None
    key: Key | None = None
    label: str = ""
    files: bool = False
    exclude: bool = False
    grace: float = 0.0
    undo_of: int | None = None
    refs: str = ""
    others: tuple[Key, ...] = ()
    keeper: int | None = None
    keeper_told: str | None = None
    after: int | None = None


def add(tx: Tx, new: NewAction, *, seq: int, at: str, next_try: float | None) -> int:
    """A planned action. Returns its id; sqlite3.IntegrityError when a live one wants the same."""
    key = new.key or Key("", "")
    others = dump([(one.kind, one.id) for one in new.others]) if new.others else ""
    (action,) = tx.execute(
        "INSERT INTO action (policy, asked_by, order_id, finding_id, story_id, verb, target, item_id, kind, key, title, label, "
        "files, exclude, since, state, created_seq, created_at, changed_at, grace, next_try, undo_of, refs, others, keeper, "
        "keeper_told, after_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            new.policy, new.asked_by, new.order_id, new.finding_id, new.story_id, new.verb, new.target, new.item_id,
            key.kind, key.id, new.title, new.label, int(new.files), int(new.exclude), new.since, seq, at, at,
            new.grace, next_try, new.undo_of, new.refs, others, new.keeper, new.keeper_told, new.after,
        ),
    ).fetchone()  # fmt: skip
    return int(action)


def get(tx: Tx, action: int) -> ActionRow | None:
    """One row, or None."""
    found = rows_where(tx, "WHERE id = ?", action)
    return found[0] if found else None


def live(tx: Tx, new: NewAction) -> ActionRow | None:
    """The live row that wants the same as `new`, or None."""
    found = rows_where(
        tx,
        "WHERE state IN ('planned', 'waiting', 'sending') AND ifnull(policy, '') = ? AND verb = ? AND target = ? "
        "AND ifnull(item_id, -ifnull(story_id, 0)) = ? AND label = ?",
        new.policy or "",
        new.verb,
        new.target,
        new.item_id if new.item_id is not None else -(new.story_id or 0),
        new.label,
    )
    return found[0] if found else None


def of_finding(tx: Tx, finding: int) -> list[ActionRow]:
    """The planned and waiting actions of a finding."""
    return rows_where(tx, "WHERE finding_id = ? AND state IN ('planned', 'waiting')", finding)


def all_live(tx: Tx, *states: str) -> list[ActionRow]:
    """Every row in these states."""
    marks = ", ".join("?" * len(states))
    return rows_where(tx, f"WHERE state IN ({marks}) ORDER BY id", *states)


def to_look_at(tx: Tx, *, now: float, limit: int, besides: Collection[str] = ()) -> list[ActionRow]:
    """Planned actions whose next look is due, oldest first; not those of the targets `besides`."""
    marks = ", ".join("?" * len(besides))
    return rows_where(
        tx,
        f"WHERE state = 'planned' AND next_try <= ? AND target NOT IN ({marks}) ORDER BY next_try, id LIMIT ?",
        now,
        *besides,
        limit,
    )


def next_look(tx: Tx) -> float | None:
    """When the next row is to be looked at, or None."""
    (at,) = tx.execute("SELECT min(next_try) FROM action WHERE state IN ('planned', 'sending')").fetchone()
    return None if at is None else float(at)


def postpone(
    tx: Tx,
    action: int,
    *,
    until: float | None,
    reason: str,
    code: str = "",
    due: float | None = None,
    at: str,
) -> None:
    """Look again at that time (None: when something changes), and say why it waits.

    For an agreement it waits 30 days, counted from when it first has to; no other wait counts.
    """
    tx.execute(
        "UPDATE action SET next_try = ?, due = ifnull(?, due), "
        "expires = CASE WHEN ? IN ('agreement', 'look', 'trouble') THEN ifnull(expires, ? + 2592000.0) END, "
        "changed_at = CASE WHEN reason = ? THEN changed_at ELSE ? END, reason = ?, code = ? WHERE id = ? AND state = 'planned'",
        (until, due, code, until, reason, at, reason, code, action),
    )


def hurry(tx: Tx, *, now: float) -> int:
    """Look at every planned action now, whatever it waited for but a back-off. Returns how many."""
    return tx.execute(
        "UPDATE action SET next_try = ? WHERE state = 'planned' AND ifnull(next_try, ?) > ? AND code NOT IN ('again', 'stuck')",
        (now, now + 1, now),
    ).rowcount


def hurry_waiting(tx: Tx, *, now: float) -> int:
    """Look now at the planned actions that waited for an agreement or a look. Returns how many."""
    return tx.execute(
        "UPDATE action SET next_try = ? WHERE state = 'planned' AND code IN ('agreement', 'look', 'trouble') AND next_try > ?",
        (now, now),
    ).rowcount


def would(tx: Tx, action: int, *, at: str, reason: str) -> None:
    """In dry-run: everything spoke for it. Only said, and not looked at again until something changes."""
    tx.execute(
        "UPDATE action SET would_at = ifnull(would_at, ?), changed_at = ?, reason = ?, code = 'would', next_try = NULL "
        "WHERE id = ? AND state = 'planned'",
        (at, at, reason, action),
    )


def repoint(
    tx: Tx, action: int, *, finding: int, story: int | None, since: str, next_try: float, at: str
) -> None:
    """The action follows from a later loss of the same thing: its grace begins anew, nobody approved it."""
    tx.execute(
        "UPDATE action SET finding_id = ?, story_id = ?, since = ?, expires = NULL, next_try = ?, changed_at = ?, due = NULL, "
        "would_at = NULL, approved_by = NULL, approved_for = NULL WHERE id = ? AND state = 'planned'",
        (finding, story, since, next_try, at, action),
    )


def disapprove(tx: Tx, policy: str, *, besides: str | None) -> None:
    """Approvals of a policy's actions that were for something else than `besides` hold no more."""
    tx.execute(
        "UPDATE action SET approved_by = NULL, approved_for = NULL WHERE policy = ? AND state IN ('planned', 'waiting') "
        "AND approved_for IS NOT NULL AND approved_for IS NOT ?",
        (policy, besides),
    )


def end(tx: Tx, action: int, state: str, reason: str, *, at: str, code: str = "") -> bool:
    """The action comes to an end, and what waits for it is looked at. False when it had one already."""
    ended = tx.execute(
        "UPDATE action SET state = ?, reason = ?, code = ?, changed_at = ?, next_try = NULL "
        "WHERE id = ? AND state IN ('planned', 'waiting', 'sending')",
        (state, reason, code, at, action),
    ).rowcount
    if ended:
        tx.execute("UPDATE action SET next_try = 0 WHERE after_id = ? AND state = 'planned'", (action,))
        if state != "done" and code != ALREADY:
            groups.not_labelled(tx, action)
    return bool(ended)


def drop_for_item(tx: Tx, item_id: int, reason: str, *, at: str, code: str = OTHER_THING) -> int:
    """Whatever waits to be done to this item is not to be done. Returns how many."""
    dropped = tx.execute(
        "UPDATE action SET state = 'dropped', reason = ?, code = ?, changed_at = ?, next_try = NULL "
        "WHERE item_id = ? AND state IN ('planned', 'waiting') RETURNING id",
        (reason, code, at, item_id),
    ).fetchall()
    for (action,) in dropped:
        groups.not_labelled(tx, action)
    return len(dropped)


def drop_resolved(tx: Tx, *, at: str) -> int:
    """Actions whose finding is over or ignored are dropped. Returns how many."""
    return tx.execute(
        "UPDATE action SET state = 'dropped', code = ?, changed_at = ?, next_try = NULL, "
        "reason = (SELECT CASE WHEN ignored_by IS NOT NULL THEN 'the finding was ignored by ' || ignored_by ELSE ifnull(resolution, 'the finding is over') END "
        "FROM finding WHERE id = finding_id) WHERE state IN ('planned', 'waiting') AND EXISTS "
        "(SELECT 1 FROM finding WHERE id = finding_id AND ((resolved_at IS NOT NULL AND code <> 'replaced') OR ignored_by IS NOT NULL))",
        (UNWANTED, at),
    ).rowcount


def expire(tx: Tx, *, now: float, at: str) -> int:
    """What waited too long for an agreement ends; its finding stays. Returns how many."""
    expired = tx.execute(
        "UPDATE action SET state = 'expired', reason = 'it waited for 30 days: ' || reason, changed_at = ?, next_try = NULL "
        "WHERE state = 'planned' AND expires <= ? AND code IN ('agreement', 'look', 'trouble') RETURNING id",
        (at, now),
    ).fetchall()
    for (action,) in expired:
        groups.not_labelled(tx, action)
    return len(expired)


def after_restart(tx: Tx, *, now: float) -> None:
    """No planned action waits longer than an hour for a look: the clock may have been ahead when that was said.

    Nor does one of a policy's end for the days in which nobody looked, before it was looked at again. (An old
    order by hand does: nobody thinks of it any more.)
    """
    tx.execute(
        "UPDATE action SET next_try = min(next_try, ?1), "
        "expires = CASE WHEN policy IS NULL THEN expires ELSE max(expires, ?1) END WHERE state = 'planned'",
        (now + LONGEST_WAIT,),
    )


def wait_no_more(tx: Tx, action: int, *, until: float, reason: str, code: str, at: str) -> None:
    """What waited for an answer, or was said in dry-run, is not ready any more: planned, and looked at again."""
    tx.execute(
        "UPDATE action SET state = 'planned', decision_id = NULL, would_at = NULL, next_try = ?, reason = ?, code = ?, changed_at = ? "
        "WHERE id = ? AND (state = 'waiting' OR (state = 'planned' AND code = 'would'))",
        (until, reason, code, at, action),
    )


def said_ready(tx: Tx) -> list[ActionRow]:
    """What was ready when it was last looked at, and waits for an answer or for another mode."""
    return rows_where(tx, "WHERE state = 'waiting' OR (state = 'planned' AND code = 'would') ORDER BY id")


def in_order(tx: Tx, action: int, first: int, *, before_of: int | None) -> None:
    """By hand: the action belongs to the order that `first` began; `before_of` is whose image it works from."""
    tx.execute(
        "UPDATE action SET order_id = ?, before = (SELECT before FROM action WHERE id = ?) WHERE id = ?",
        (first, before_of, action),
    )


def findings_waiting(tx: Tx) -> set[int]:
    """The findings for which any action is planned or waits."""
    found = tx.execute(
        "SELECT DISTINCT finding_id FROM action WHERE state IN ('planned', 'waiting') AND finding_id IS NOT NULL"
    )
    return {finding for (finding,) in found}


def put_off(tx: Tx, ids: Collection[int], *, until: float, reason: str, at: str) -> None:
    """Look at these again at that time."""
    for action in ids:
        postpone(tx, action, until=until, reason=reason, code="stuck", at=at)


def rows_where(tx: Tx, where: str, *values: Any) -> list[ActionRow]:
    """The rows that a constant piece of SQL picks, whole; for the modules of the ledger alone."""
    found = tx.execute(f"SELECT {_COLUMNS} FROM action {where}", values).fetchall()  # noqa: S608 - constant parts
    return [_row(list(row)) for row in found]


def _row(values: list[Any]) -> ActionRow:
    for at in _BOOLEANS:
        values[at] = bool(values[at])
    return ActionRow(*values)
