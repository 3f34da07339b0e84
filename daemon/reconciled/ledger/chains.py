"""Chains of papers: which hang together by likely pairs, and which pairs among them are known.

A likely pair is one that is not vetoed and at least so sure. All pairs come with the smaller id first; only
those count whose papers stand and have the texts that were compared.
"""

from collections.abc import Collection
from typing import TypeAlias

from reconciled.ledger.connection import Tx
from reconciled.ledger.likenesses import FITS, PAPERS, STANDING
from reconciled.ledger.rows import dump

Pair: TypeAlias = tuple[int, int]

_WHICH = f"{FITS} AND {STANDING}"
_MINE = "(SELECT value AS mine FROM json_each(?1))"


def likely(tx: Tx, least: float, *, since: str = "") -> list[Pair]:
    """All likely pairs that were found since then."""
    return tx.execute(
        f"SELECT a, b FROM likeness {PAPERS} WHERE vetoed = 0 AND confidence >= ? AND likeness.at >= ? "  # noqa: S608 - constants
        f"AND {_WHICH} ORDER BY a, b",
        (least, since),
    ).fetchall()


def likely_around(tx: Tx, items: Collection[int], least: float, *, most: int) -> set[Pair]:
    """The likely pairs of the chains that these papers are in, each followed until `most` papers are reached."""
    found, reached, new = set[Pair](), set(items), set(items)
    likely = f"vetoed = 0 AND confidence >= ?2 AND {_WHICH}"
    while new and len(reached) <= most:
        found |= set(
            tx.execute(
                f"SELECT a, b FROM {_MINE} CROSS JOIN likeness ON a = mine {PAPERS} WHERE {likely} UNION "  # noqa: S608 - constants
                f"SELECT a, b FROM {_MINE} CROSS JOIN likeness INDEXED BY likeness_b ON b = mine {PAPERS} "
                f"WHERE {likely}",
                (dump(sorted(new)), least),
            )
        )
        new = {one for pair in found for one in pair} - reached
        reached |= new
    return found


def among(tx: Tx, items: Collection[int], *, since: str = "") -> set[Pair]:
    """The pairs among these papers of which anything was found since then."""
    return set(
        tx.execute(
            f"SELECT a, b FROM {_MINE} CROSS JOIN likeness ON a = mine {PAPERS} WHERE {_WHICH} "  # noqa: S608 - constants
            "AND +b IN (SELECT value FROM json_each(?1)) AND likeness.at >= ?2",
            (dump(sorted(items)), since),
        )
    )
