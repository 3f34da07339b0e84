"""Brings what third papers say of pairs to what is known of all others, see `duplicates.thirds`.

After a search that is asked of all pairs; after new papers were compared, of those around them. It is
reckoned from what stands in the ledger, so a pass that was cut off loses nothing, and hearing twice is as
hearing once.
"""

import logging
from collections.abc import Collection, Sequence

from reconciled.duplicates.grouping import group
from reconciled.duplicates.thirds import thirds
from reconciled.duplicates.words import Weights
from reconciled.engine.chunks import in_chunks
from reconciled.ledger import thirds as ledger_thirds
from reconciled.ledger.connection import Ledger, Tx

_log = logging.getLogger(__name__)

MOST = 300
"""Where new papers have more neighbours than this, only their own pairs are asked about at once. A search
asks about all."""


async def hear(ledger: Ledger, weights: Weights) -> set[int]:
    """Hear third papers about all pairs; webhooks commit in between.

    Returns the papers of those that changed.
    """

    def write(tx: Tx, chunk: Sequence[frozenset[int]]) -> set[int]:
        return hear_some(tx, frozenset[int]().union(*chunk), weights=weights)

    def odd(chain: frozenset[int], error: Exception) -> None:
        _log.error("third papers could not be heard about item %d and others", min(chain), exc_info=error)

    changed: set[int] = set()
    for some in await in_chunks(ledger, await ledger.read(_differing), write, odd=odd):
        changed |= some
    return changed


def hear_some(tx: Tx, items: Collection[int], *, weights: Weights) -> set[int]:
    """The same for the pairs of these papers."""
    known = ledger_thirds.pairs(tx, items)
    of = list(known)
    known |= ledger_thirds.pairs(tx, {one for pair in known for one in pair}.difference(items))
    said = thirds({pair: one.own for pair, one in known.items()}, of)
    new = {pair: said.get(pair, 0.0) for pair in of if said.get(pair, 0.0) != known[pair].thirds}
    ledger_thirds.tell(tx, new, weights=weights)
    return {one for pair in new for one in pair}


def _differing(tx: Tx) -> list[frozenset[int]]:
    """The chains in which third papers say something else than is known."""
    known = ledger_thirds.pairs(tx)
    said = thirds({pair: one.own for pair, one in known.items()})
    differing = {one for pair, was in known.items() if said.get(pair, 0.0) != was.thirds for one in pair}
    links = ((a, b, 1.0) for (a, b), one in known.items() if not one.own.vetoed)
    return [chain for chain in group(links) if not differing.isdisjoint(chain)]
