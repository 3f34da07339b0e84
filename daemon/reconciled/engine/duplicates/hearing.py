"""Brings what third papers say of pairs to what is known of all others, see `duplicates.thirds`.

Each pass asks about all pairs, and whoever compares new papers about those around them. It is reckoned on a
reader, some papers at a time, and only what differs is written; a pair that was compared anew meanwhile
waits for the next time. A pass that was cut off loses nothing, and hearing twice is as hearing once.
"""

import logging
from collections.abc import Collection, Sequence

from reconciled.duplicates.thirds import thirds
from reconciled.duplicates.words import Weights
from reconciled.engine.chunks import in_chunks
from reconciled.ledger import thirds as heard
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.thirds import Said

_log = logging.getLogger(__name__)

AT_ONCE = 500
"""So many papers' pairs are asked about at a time."""


async def hear(ledger: Ledger, weights: Weights) -> None:
    """Hear third papers about all pairs; webhooks commit in between."""
    last = 0
    while page := await ledger.read(heard.papers_from, last, limit=AT_ONCE):
        last = page[-1]
        await hear_around(ledger, page, weights)


async def hear_around(ledger: Ledger, items: Collection[int], weights: Weights) -> set[int]:
    """The same about the pairs of these papers. Returns the papers of those that hear something else."""

    def write(tx: Tx, chunk: Sequence[Said]) -> set[int]:
        return {one for pair in heard.tell(tx, chunk, weights=weights) for one in pair}

    def odd(one: Said, error: Exception) -> None:
        _log.error("what third papers say of %d and %d was not written", *one.pair, exc_info=error)

    changed = await in_chunks(ledger, await ledger.read(_differing, items), write, odd=odd)
    return set[int]().union(*changed)


def _differing(tx: Tx, items: Collection[int]) -> list[Said]:
    """The pairs of these papers of which third papers say something else than is known."""
    known = heard.pairs(tx, items)
    of = list(known)
    known |= heard.pairs(tx, {one for pair in of for one in pair}.difference(items))
    said = thirds({pair: one.own for pair, one in known.items()}, of)
    return [
        Said(pair, known[pair].own.odds, said.get(pair, 0.0))
        for pair in of
        if said.get(pair, 0.0) != known[pair].thirds
    ]
