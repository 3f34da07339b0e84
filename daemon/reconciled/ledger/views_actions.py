"""Views of the acting half: actions, the decisions in which some wait, and what became of policies.

What an action is called in a sentence is the engine's to say, so these views hold the facts only;
`web.actions` adds the sentence. Due times, which the ledger reckons, are shown as times for people.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from reconciled.ledger.actions import read_keys
from reconciled.ledger.connection import Tx
from reconciled.ledger.views import Listing, Where, paged, read_cursor, when

LIVE = ("planned", "waiting", "sending")
STATES = (*LIVE, "done", "failed", "refused", "rejected", "dropped", "expired", "undone")
FIRST_TITLES = 10
MOST_SHOWN = 1000
"""How many actions one answer can cover: more than that are shown again."""
OF_ITEM = 100


class ActionView(msgspec.Struct, frozen=True, kw_only=True):
    """An intended effect on an app. `due` is when its grace ends, `would_at` when it would have gone in dry-run.

    `code` says for programs why it waits (`grace`, `agreement`, `look`, `paused`, `trouble`, `turn`, `would`, …).
    `others` are what is merged onto the item, as `kind id`; `keeper` is the row of what stays for it to be deleted,
    and `after` the action that has to be done first.
    """

    id: int
    state: str
    verb: str
    target: str
    kind: str
    key: str
    title: str
    label: str
    files: bool
    exclude: bool
    since: str
    reason: str
    code: str
    policy: str | None
    asked_by: str | None
    finding: int | None
    story: int | None
    decision: int | None
    created: str
    changed: str
    due: str | None
    would_at: str | None
    sent: str | None
    approved_by: str | None
    tries: int
    undo_of: int | None
    others: list[str] = []
    keeper: int | None = None
    after: int | None = None


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """Actions that wait for one answer, or did. `shown` are the ids that an answer to this view covers."""

    id: int
    policy: str
    why: str
    sentence: str
    opened: str
    closed: str | None
    answer: str | None
    answered_by: str | None
    count: int
    titles: list[str]
    shown: list[int]


class PolicyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger knows of a policy. `since` is about when it began to say these words: the start
    of the last run before. `trusted` is a print of what it was approved for."""

    since: str | None = None
    trusted: str | None = None
    open_decision: int | None = None
    counts: dict[str, int] = {}


_ACTION = (
    "SELECT id, state, verb, target, kind, key, title, label, files, exclude, since, reason, code, policy, asked_by, "
    "finding_id, story_id, decision_id, created_at, changed_at, due, would_at, sent_at, approved_by, tries, undo_of, "
    "others, keeper, after_id FROM action"
)
_DECISION = "SELECT id, policy, why, sentence, opened_at, closed_at, answer, answered_by FROM decision"


def actions(
    tx: Tx,
    *,
    states: Sequence[str] = (),
    policy: str | None = None,
    target: str | None = None,
    verb: str | None = None,
    decision: int | None = None,
    finding: int | None = None,
    story: int | None = None,
    limit: int,
    cursor: str | None = None,
) -> Listing[ActionView]:
    """Actions, newest first; in any of these states, or in every one."""
    where = Where()
    if states:
        where.add(f"state IN ({', '.join('?' * len(states))})", *states)
    if states and set(states) <= set(LIVE):
        where.add("state IN ('planned', 'waiting', 'sending')")  # lets SQLite take the index of the live ones
    where.add("policy = ?", policy)
    where.add("target = ?", target)
    where.add("verb = ?", verb)
    where.add("decision_id = ?", decision)
    where.add("finding_id = ?", finding)
    where.add("story_id = ?", story)
    where.add("id < ?", read_cursor(cursor) if cursor else None)
    found = tx.execute(f"{_ACTION} WHERE {where} ORDER BY id DESC LIMIT ?", (*where.values, limit + 1))
    return paged([_action(row) for row in found], limit, lambda one: one.id)


def action(tx: Tx, action_id: int) -> ActionView | None:
    """One action."""
    found = tx.execute(f"{_ACTION} WHERE id = ?", (action_id,)).fetchone()
    return _action(found) if found else None


def of_item(tx: Tx, item_id: int) -> list[ActionView]:
    """What is or was intended for an item, or after its loss; newest first, the last hundred."""
    found = tx.execute(
        f"{_ACTION} WHERE item_id = ?1 OR finding_id IN (SELECT id FROM finding WHERE item_id = ?1) ORDER BY id DESC LIMIT ?2",  # noqa: S608 - constant parts
        (item_id, OF_ITEM),
    )
    return [_action(row) for row in found]


def by_ids(tx: Tx, ids: Sequence[int]) -> list[ActionView]:
    """Those of these actions that there are, in this order."""
    found = [action(tx, one) for one in ids]
    return [one for one in found if one is not None]


def decisions(
    tx: Tx, *, open_: bool | None = None, policy: str | None = None, limit: int, cursor: str | None = None
) -> Listing[DecisionView]:
    """Decisions, newest first; `open_` picks those that wait for an answer, or those that are over."""
    where = Where()
    where.add("(closed_at IS NULL) = ?", None if open_ is None else int(open_))
    where.add("policy = ?", policy)
    where.add("id < ?", read_cursor(cursor) if cursor else None)
    found = tx.execute(
        f"{_DECISION} WHERE {where} ORDER BY id DESC LIMIT ?", (*where.values, limit + 1)
    ).fetchall()
    return paged([_decision(tx, row) for row in found], limit, lambda one: one.id)


def decision(tx: Tx, decision_id: int) -> DecisionView | None:
    """One decision, open or over."""
    found = tx.execute(f"{_DECISION} WHERE id = ?", (decision_id,)).fetchone()
    return _decision(tx, found) if found else None


def count_live(tx: Tx) -> int:
    """How many actions are planned, wait or are being sent."""
    (n,) = tx.execute(
        "SELECT count(*) FROM action WHERE state IN ('planned', 'waiting', 'sending')"
    ).fetchone()
    return int(n)


def count_open(tx: Tx) -> int:
    """How many decisions wait for an answer."""
    (n,) = tx.execute("SELECT count(*) FROM decision WHERE closed_at IS NULL").fetchone()
    return int(n)


def policies(tx: Tx) -> dict[str, PolicyFacts]:
    """What the ledger knows of each policy that it knows."""
    counts: dict[str, dict[str, int]] = {}
    for name, state, n in tx.execute(
        "SELECT policy, state, count(*) FROM action WHERE policy IS NOT NULL GROUP BY policy, state"
    ):
        counts.setdefault(name, {})[state] = n
    found = tx.execute(
        "SELECT name, (SELECT started FROM run WHERE run.seq <= since_seq ORDER BY run.id DESC LIMIT 1), trusted, "
        "(SELECT id FROM decision WHERE policy = name AND closed_at IS NULL) FROM policy ORDER BY name"
    )
    return {
        name: PolicyFacts(since=since, trusted=trusted, open_decision=open_, counts=counts.get(name, {}))
        for name, since, trusted, open_ in found.fetchall()
    }


def _action(row: tuple[Any, ...]) -> ActionView:
    values = dict(zip(ActionView.__struct_fields__, row, strict=True))
    values |= {name: bool(values[name]) for name in ("files", "exclude")}
    values["due"] = when(values["due"])
    values["others"] = [str(key) for key in read_keys(values["others"])]
    if (values["story"] or 0) < 0:  # a finding without a story counts by itself
        values["story"] = None
    return ActionView(**values)


def _decision(tx: Tx, row: tuple[Any, ...]) -> DecisionView:
    number, is_open = row[0], row[5] is None
    of = "FROM action WHERE decision_id = ?" + (" AND state = 'waiting'" if is_open else "")
    (count,) = tx.execute(f"SELECT count(*) {of}", (number,)).fetchone()
    titles = tx.execute(f"SELECT title {of} ORDER BY id LIMIT ?", (number, FIRST_TITLES))
    shown = (
        tx.execute(f"SELECT id {of} ORDER BY id LIMIT ?", (number, MOST_SHOWN)).fetchall() if is_open else []
    )
    values = dict(zip(DecisionView.__struct_fields__, row, strict=False))
    return DecisionView(
        **values, count=count, titles=[title for (title,) in titles], shown=[one for (one,) in shown]
    )
