"""Chains of papers: which pairs are links, and which pairs are known among papers that hang together.

A link is a pair that is a duplicate or to be reviewed, and not vetoed. All pairs come with the smaller id first; only
those count whose papers stand and have the texts that were compared.
"""

from collections.abc import Collection
from typing import TypeAlias

from reconciled.ledger.connection import Tx
from reconciled.ledger.likenesses import FITS, PAPERS, STANDING
from reconciled.ledger.rows import dump

Pair: TypeAlias = tuple[int, int]
Link: TypeAlias = tuple[int, int, bool]

_WHICH = f"{FITS} AND {STANDING}"
_WITH_BAND = "SELECT a, b, likeness.band = 'duplicate'"
_LINK = "vetoed = 0 AND band <> 'different'"
_MINE = "(SELECT value AS mine FROM json_each(?1))"


def links(tx: Tx, *, since: str = "") -> list[Link]:
    """All links that were found since then, each with whether it is a duplicate."""
    found = tx.execute(
        f"SELECT a, b, likeness.band = 'duplicate' FROM likeness {PAPERS} WHERE {_LINK} AND likeness.at >= ? AND {_WHICH} ORDER BY a, b",  # noqa: S608 - constants
        (since,),
    )
    return [(a, b, bool(sure)) for a, b, sure in found]


def links_around(tx: Tx, items: Collection[int], *, most: int) -> set[Link]:
    """The links of the chains that these papers are in, each followed until `most` papers are reached."""
    found, reached, new = set[Link](), set(items), set(items)
    while new and len(reached) <= most:
        found |= set(
            tx.execute(
                f"{_WITH_BAND} FROM {_MINE} CROSS JOIN likeness ON a = mine {PAPERS} WHERE {_LINK} AND {_WHICH} UNION "
                f"{_WITH_BAND} FROM {_MINE} CROSS JOIN likeness INDEXED BY likeness_b ON b = mine {PAPERS} "
                f"WHERE {_LINK} AND {_WHICH}",
                (dump(sorted(new)),),
            )
        )
        new = {one for a, b, _ in found for one in (a, b)} - reached
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
