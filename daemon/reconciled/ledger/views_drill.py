"""What a ledger says at one moment, for a drill: what is in doubt, held, gone, and meant to be done."""

from typing import NamedTuple

from reconciled.ledger.connection import Tx


class MeantRow(NamedTuple):
    """An action that is planned or waits, went out, was refused by a drill, or would have gone in dry-run."""

    verb: str
    target: str
    kind: str
    key: str
    title: str
    label: str
    files: bool
    exclude: bool


class LostRow(NamedTuple):
    """A loss that stands."""

    source: str
    kind: str
    key: str
    title: str
    what: str


class Standing(NamedTuple):
    """All of it."""

    suspects: int
    holds: list[str]
    lost: list[LostRow]
    meant: list[MeantRow]


def state(tx: Tx) -> Standing:
    """What stands now. Messages to people are left out."""
    (suspects,) = tx.execute("SELECT count(*) FROM suspect").fetchone()
    holds = tx.execute("SELECT sentence FROM hold WHERE closed_at IS NULL ORDER BY id").fetchall()
    lost = tx.execute(
        "SELECT source, kind, key, title, what FROM tombstone "
        "WHERE NOT EXISTS (SELECT 1 FROM revival WHERE tombstone_id = tombstone.id) ORDER BY id"
    ).fetchall()
    meant = tx.execute(
        "SELECT verb, target, kind, key, title, label, files, exclude FROM action WHERE verb <> 'notify' "
        "AND (state IN ('planned', 'waiting', 'sending', 'done', 'refused') OR would_at IS NOT NULL) ORDER BY id"
    ).fetchall()
    return Standing(
        int(suspects),
        [sentence for (sentence,) in holds],
        [LostRow(*row) for row in lost],
        [MeantRow._make((*row[:6], bool(row[6]), bool(row[7]))) for row in meant],
    )
