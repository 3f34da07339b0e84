"""Runs of passes, and the audit of who changed what over the API."""

from collections.abc import Collection, Mapping

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import dump
from reconciled.model import Json


def start(
    tx: Tx, pass_: str, source: str | None, *, asked_by: str, seq: int, at: str, policy: str | None = None
) -> int:
    """A run that begins, of a mirror if `policy` names one. Returns its id."""
    (run,) = tx.execute(
        "INSERT INTO run (pass, source, policy, state, asked_by, seq, started) VALUES (?, ?, ?, 'running', ?, ?, ?) RETURNING id",
        (pass_, source, policy, asked_by, seq, at),
    ).fetchone()
    return int(run)


def progress(tx: Tx, run: int, done: int, total: int | None) -> None:
    """How far a run is."""
    tx.execute("UPDATE run SET done = ?, total = ? WHERE id = ?", (done, total, run))


def finish(
    tx: Tx, run: int, state: str, *, at: str, stats: Mapping[str, Json], error: str | None = None
) -> None:
    """A run that ended: complete, failed (with the error), or cancelled."""
    tx.execute(
        "UPDATE run SET state = ?, finished = ?, stats = ?, error = ? WHERE id = ? AND state = 'running'",
        (state, at, dump(stats), error, run),
    )


def after_restart(tx: Tx, *, at: str) -> int:
    """Runs that the last process left behind are over. Returns how many."""
    return tx.execute(
        "UPDATE run SET state = 'failed', finished = ?, error = 'the daemon stopped while it ran' WHERE state = 'running'",
        (at,),
    ).rowcount


def cut_off(tx: Tx, *, besides: Collection[int], at: str) -> None:
    """Runs that are over, though their end could not be written down; those of `besides` still run."""
    marks = ", ".join("?" * len(besides))
    tx.execute(
        f"UPDATE run SET state = 'failed', finished = ?, error = 'the ledger could not be written' WHERE state = 'running' AND id NOT IN ({marks})",  # noqa: S608 - only marks
        (at, *besides),
    )


def forget_before(tx: Tx, *, runs: str, events: str) -> None:
    """Retention: runs and handled events older than these times leave, but not the last complete scan of a
    source, however long ago: it says when all that is missed since was there for the last time.
    """
    tx.execute(
        "DELETE FROM run WHERE finished < ? AND id NOT IN "
        "(SELECT max(id) FROM run WHERE pass = 'scan' AND state = 'complete' GROUP BY source)",
        (runs,),
    )
    tx.execute("DELETE FROM inbox WHERE state <> 'new' AND received_at < ?", (events,))


def audited(tx: Tx, *, at: str, token: str, address: str, agent: str, what: str, status: int) -> None:
    """Keep who changed what over the API, and how it ended."""
    tx.execute(
        "INSERT INTO audit (at, token, address, agent, what, status) VALUES (?, ?, ?, ?, ?, ?)",
        (at, token, address, agent[:200], what, status),
    )
