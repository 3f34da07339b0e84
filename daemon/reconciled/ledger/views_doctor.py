"""What the doctor and its bundle read of the ledger: when scans and mirrors ended, and counts; never a title."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciled.ledger import mirrors
from reconciled.ledger.connection import Tx


@dataclass(frozen=True, slots=True)
class MirrorFacts:
    """A mirror: how many of its copies stand so, when its last complete run ended, why its newest failed."""

    failed: int
    missing: int
    ended: str | None
    error: str | None


def mirror_facts(tx: Tx, name: str) -> MirrorFacts:
    """What the doctor goes by for one mirror, whether it ever ran or not."""
    counts = dict(
        tx.execute("SELECT status, count(*) FROM copy WHERE mirror = ? GROUP BY status", (name,)).fetchall()
    )
    last = mirrors.last_complete(tx, name)
    newest = tx.execute(
        "SELECT state, error FROM run WHERE policy = ? AND state <> 'running' ORDER BY id DESC LIMIT 1",
        (name,),
    ).fetchone()
    error = str(newest[1] or "no reason is known") if newest and newest[0] == "failed" else None
    return MirrorFacts(
        counts.get("failed", 0), counts.get("missing", 0), last.finished if last is not None else None, error
    )


def last_scans(tx: Tx) -> Mapping[str, str]:
    """When the last complete scan of each source ended."""
    return dict(
        tx.execute(
            "SELECT source, max(finished) FROM run WHERE pass = 'scan' AND state = 'complete' AND source IS NOT NULL GROUP BY source"
        ).fetchall()
    )


def tallies(tx: Tx) -> dict[str, dict[str, int]]:
    """How much there is of everything that comes and goes, by name and state."""
    return {
        "findings": _counted(
            tx, "SELECT code || CASE WHEN resolved_at IS NULL THEN ', open' ELSE ', resolved' END, count(*) FROM finding GROUP BY 1"
        ),
        "tombstones": _counted(tx, "SELECT source || ', ' || what, count(*) FROM tombstone GROUP BY 1"),
        "actions": _counted(tx, "SELECT verb || ', ' || state, count(*) FROM action GROUP BY 1"),
        "inbox": _counted(
            tx, "SELECT source.name || ', ' || inbox.state, count(*) FROM inbox JOIN source ON source.id = inbox.source_id GROUP BY 1"
        ),
        "work": _counted(
            tx, "SELECT source.name, count(*) FROM work JOIN source ON source.id = work.source_id GROUP BY 1"
        ),
    }  # fmt: skip


def _counted(tx: Tx, sql: str) -> dict[str, int]:
    return {str(name): count for name, count in tx.execute(sql).fetchall()}
