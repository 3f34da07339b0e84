"""What is new in the ledger since a look before: for who listens to the stream of events.

What the engine tells by itself is not looked for here: how far runs are, which findings opened, which
holds and decisions stand and how many wait in them.
"""

import msgspec

from reconciled.ledger import views_losses, views_status
from reconciled.ledger.connection import Tx
from reconciled.ledger.views_losses import FindingView
from reconciled.ledger.views_status import RunView

MOST_FINDINGS = 100


class Waiting(msgspec.Struct, frozen=True):
    """A hold or a decision that stands: of which source or policy, and how much waits in it."""

    of: str
    sentence: str
    count: int


class News(msgspec.Struct, frozen=True):
    """One look. `findings` are those with a higher id than the look before had; `newest` is the highest."""

    newest: int
    findings: list[FindingView]
    runs: list[RunView]
    holds: dict[int, Waiting]
    decisions: dict[int, Waiting]


def look(tx: Tx, *, after: int | None) -> News:
    """Look now; `after` is `newest` of the look before, None for the first."""
    (newest,) = tx.execute("SELECT ifnull(max(id), 0) FROM finding").fetchone()
    opened = views_losses.opened_since(tx, after, limit=MOST_FINDINGS) if after is not None else []
    return News(int(newest), opened, views_status.progress(tx), _holds(tx), _decisions(tx))


def _holds(tx: Tx) -> dict[int, Waiting]:
    found = tx.execute(
        "SELECT hold.id, source.name, hold.sentence, "
        "(SELECT count(*) FROM hold_item WHERE hold_id = hold.id AND left_at IS NULL) "
        "FROM hold JOIN source ON source.id = hold.source_id WHERE hold.closed_at IS NULL ORDER BY hold.id"
    )
    return {row[0]: Waiting(*row[1:]) for row in found}


def _decisions(tx: Tx) -> dict[int, Waiting]:
    found = tx.execute(
        "SELECT id, policy, sentence, (SELECT count(*) FROM action WHERE decision_id = decision.id AND state = 'waiting') "
        "FROM decision WHERE closed_at IS NULL ORDER BY id"
    )
    return {row[0]: Waiting(*row[1:]) for row in found}
