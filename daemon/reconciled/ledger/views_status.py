"""Views of the whole: what is held of every source, the queues, the runs, the inbox, the audit.

The counts come from covering indices alone, so that a page that asks every few seconds costs
little: 100,000 items are counted in some 10 ms.
"""

from typing import Any

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.ledger.sources import setting
from reconciled.ledger.views import Listing, Where, paged, read_cursor
from reconciled.ledger.views_actions import count_live
from reconciled.ledger.work import STUCK_AFTER

BODY_SHOWN = 4000
"""How many bytes of a webhook's body a list shows."""


class LastScan(msgspec.Struct, frozen=True):
    """The newest scan of a source."""

    run: int
    state: str
    finished: str | None


class SourceCounts(msgspec.Struct, frozen=True):
    """What is held of one source. `items` counts by kind all that is not gone; `held` is part of it.

    `paused` says who paused it, None while it runs.
    """

    id: int
    name: str
    app: str
    state: str
    items: dict[str, int]
    unlisted: int
    gone: int
    held: int
    last_scan: LastScan | None
    paused: str | None


class Queue(msgspec.Struct, frozen=True):
    """How much waits. `work_due` is the part of `work` whose time has come."""

    inbox: int
    work: int
    work_due: int
    outbox: int
    stuck: int


class Messages(msgspec.Struct, frozen=True):
    """How many messages wait for their channels, and how many were given up."""

    waiting: int
    failed: int


class Progress(msgspec.Struct, frozen=True):
    """How far a run is, in items (or files), and in bytes where it carries any; a total is None while nobody
    knows. `failed` is part of `done`. Of some passes: `rate`, how many a second, `left`, seconds until the
    end, and `stage`, what it is at.
    """

    done: int
    total: int | None
    bytes: int = 0
    bytes_total: int | None = None
    failed: int = 0
    rate: float | None = None
    left: float | None = None
    stage: str = ""


class RunView(msgspec.Struct, frozen=True, rename={"pass_": "pass"}):
    """One execution of a pass, of a mirror where `policy` names one. `resume_from` is the fileset after which
    the next run goes on, where this one was cut off.
    """

    id: int
    pass_: str
    source: str | None
    state: str
    asked_by: str
    started: str
    finished: str | None
    progress: Progress
    stats: dict[str, Any]
    error: str | None
    policy: str | None = None
    resume_from: str | None = None


class LetterView(msgspec.Struct, frozen=True):
    """A webhook as it was kept: secrets blanked, the body cut to its beginning; `size` is its full length."""

    id: int
    source: str
    received: str
    state: str
    error: str | None
    events: int
    headers: dict[str, str]
    body: str
    size: int


class AuditView(msgspec.Struct, frozen=True):
    """Who changed what over the API."""

    id: int
    at: str
    token: str
    address: str
    agent: str
    what: str
    status: int


def sources(tx: Tx) -> list[SourceCounts]:
    """All sources by name, frozen ones too, with what is held of them."""
    everything: dict[int, dict[str, int]] = {}
    for source_id, kind, n in tx.execute(
        "SELECT source_id, kind, count(*) FROM item GROUP BY source_id, kind"
    ):
        everything.setdefault(source_id, {})[kind] = n
    odd: dict[tuple[str, int], int] = {}
    for presence, source_id, kind, n in tx.execute(
        "SELECT presence, source_id, kind, count(*) FROM item WHERE presence <> 'present' GROUP BY presence, source_id, kind"
    ):
        odd[presence, source_id] = odd.get((presence, source_id), 0) + n
        if presence == "gone":
            everything[source_id][kind] -= n
    held = dict(
        tx.execute(
            "SELECT item.source_id, count(*) FROM suspect JOIN item ON item.id = suspect.item_id "
            "WHERE suspect.hold_id IS NOT NULL GROUP BY item.source_id"
        ).fetchall()
    )
    everyone = setting(tx, "paused_by")
    found = tx.execute("SELECT id, name, app, state, paused_by FROM source ORDER BY name").fetchall()
    return [
        SourceCounts(
            source_id, name, app, state, {kind: n for kind, n in everything.get(source_id, {}).items() if n},
            odd.get(("unlisted", source_id), 0), odd.get(("gone", source_id), 0), held.get(source_id, 0), _last_scan(tx, name),
            paused_by or everyone,
        )
        for source_id, name, app, state, paused_by in found
    ]  # fmt: skip


def _last_scan(tx: Tx, name: str) -> LastScan | None:
    found = tx.execute(
        "SELECT id, state, finished FROM run WHERE source = ? AND pass = 'scan' ORDER BY id DESC LIMIT 1",
        (name,),
    ).fetchone()
    return LastScan(*found) if found else None


def queue(tx: Tx, *, now: float) -> Queue:
    """What waits; `now` is reckoned."""
    (inbox,) = tx.execute("SELECT count(*) FROM inbox WHERE state = 'new'").fetchone()
    work, due, stuck = tx.execute(
        "SELECT count(*), ifnull(sum(due <= ?1 AND stuck < ?2), 0), ifnull(sum(stuck >= ?2), 0) FROM work",
        (now, STUCK_AFTER),
    ).fetchone()
    return Queue(inbox, work, due, count_live(tx), stuck)


def messages(tx: Tx) -> Messages:
    """What became of the messages that are not sent."""
    found = dict(
        tx.execute("SELECT state, count(*) FROM message WHERE state <> 'sent' GROUP BY state").fetchall()
    )
    return Messages(found.get("new", 0), found.get("failed", 0))


def paused(tx: Tx) -> str | None:
    """Who paused everything; None: it runs."""
    return setting(tx, "paused_by")


def progress(tx: Tx) -> list[RunView]:
    """The runs under way, as they stand now."""
    found = tx.execute(f"SELECT {_RUN} FROM run WHERE state = 'running' ORDER BY id")  # noqa: S608 - constant columns
    return [_run(row) for row in found]


_RUN = (
    "id, pass, source, state, asked_by, started, finished, done, total, stats, error, policy, ifnull(resume, CASE WHEN "
    "policy IS NOT NULL AND state IN ('failed', 'cancelled') AND id = (SELECT max(id) FROM run AS other WHERE other.policy = "
    "run.policy) THEN (SELECT checkpoint FROM mirror WHERE mirror.name = run.policy) END)"
)
"""Where a run was cut off is kept with its mirror, for the newest one."""


def runs(
    tx: Tx,
    *,
    pass_: str | None = None,
    source: str | None = None,
    state: str | None = None,
    policy: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> Listing[RunView]:
    """Runs, newest first; `policy` leaves those of one mirror."""
    where = Where()
    where.add("pass = ?", pass_)
    where.add("policy = ?", policy)
    where.add("source = ?", source)
    where.add("state = ?", state)
    where.add("id < ?", read_cursor(cursor) if cursor else None)
    sql = f"SELECT {_RUN} FROM run WHERE {where} ORDER BY id DESC LIMIT ?"  # noqa: S608 - constant parts
    return paged(
        [_run(row) for row in tx.execute(sql, (*where.values, limit + 1))], limit, lambda run: run.id
    )


def run(tx: Tx, run_id: int) -> RunView | None:
    """One run."""
    found = tx.execute(f"SELECT {_RUN} FROM run WHERE id = ?", (run_id,)).fetchone()  # noqa: S608 - constant columns
    return _run(found) if found else None


def _run(row: tuple[Any, ...]) -> RunView:
    run_id, pass_, source, state, asked_by, started, finished, done, total, stats, error, *mirror = row
    counted = msgspec.json.decode(stats)
    progress = Progress(done, total, _count(counted, "bytes"), failed=_count(counted, "failed"))
    return RunView(
        run_id, pass_, source, state, asked_by, started, finished, progress, counted, error, *mirror
    )


def _count(stats: dict[str, Any], name: str) -> int:
    found = stats.get(name)
    return found if isinstance(found, int) else 0


def inbox(
    tx: Tx, *, source: str | None = None, state: str | None = None, limit: int, cursor: str | None = None
) -> Listing[LetterView]:
    """What apps told us, newest first, also what was not understood."""
    where = Where()
    where.add("inbox.source_id = (SELECT id FROM source WHERE name = ?)", source)
    where.add("inbox.state = ?", state)
    where.add("inbox.id < ?", read_cursor(cursor) if cursor else None)
    sql = (
        "SELECT inbox.id, source.name, received_at, inbox.state, error, events, headers, substr(body, 1, ?), length(body) "  # noqa: S608 - constant parts
        f"FROM inbox JOIN source ON source.id = inbox.source_id WHERE {where} ORDER BY inbox.id DESC LIMIT ?"
    )
    return paged(
        [_letter(row) for row in tx.execute(sql, (BODY_SHOWN, *where.values, limit + 1))],
        limit,
        lambda letter: letter.id,
    )


def _letter(row: tuple[Any, ...]) -> LetterView:
    letter, source, received, state, error, events, headers, body, size = row
    told: dict[str, str] = msgspec.json.decode(headers)
    return LetterView(
        letter,
        source,
        received,
        state,
        error,
        events,
        told,
        bytes(body or b"").decode("utf-8", "replace"),
        size,
    )


def audit(tx: Tx, *, limit: int, cursor: str | None = None) -> Listing[AuditView]:
    """Who changed what, newest first."""
    before = read_cursor(cursor) if cursor else 2**63 - 1
    found = tx.execute(
        "SELECT id, at, token, address, agent, what, status FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?",
        (before, limit + 1),
    )
    return paged([AuditView(*row) for row in found], limit, lambda entry: entry.id)
