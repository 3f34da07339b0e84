"""What third papers say of pairs: what it is reckoned from, and where it is written.

It is one of the factors of a likeness, but what it says hangs on other likenesses, so it is brought up to them
whenever they change. Only pairs count whose papers have the texts that were compared.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from reconciled.duplicates.grouping import Pair
from reconciled.duplicates.thirds import Own, hearing, own
from reconciled.duplicates.words import Factor, Weights
from reconciled.ledger.connection import Tx
from reconciled.ledger.likenesses import FITS, PAPERS, of_pairs, parts_of, rewrite
from reconciled.ledger.rows import dump

_COLUMNS = "a, b, vetoed, told"
_MINE = "(SELECT value AS mine FROM json_each(?1))"


@dataclass(frozen=True, slots=True)
class Heard:
    """A pair: what it says by itself, and what third papers were last known to say of it (log-odds)."""

    own: Own
    thirds: float


def pairs(tx: Tx, items: Collection[int] | None = None) -> dict[Pair, Heard]:
    """All pairs that have words of their own, by (smaller id, larger id); with `items` those of any of these."""
    if items is None:
        rows = tx.execute(f"SELECT {_COLUMNS} FROM likeness {PAPERS} WHERE {FITS}")  # noqa: S608 - constants
    else:
        rows = tx.execute(
            f"SELECT {_COLUMNS} FROM {_MINE} CROSS JOIN likeness ON a = mine {PAPERS} WHERE {FITS} UNION "  # noqa: S608 - constants
            f"SELECT {_COLUMNS} FROM {_MINE} CROSS JOIN likeness INDEXED BY likeness_b ON b = mine {PAPERS} WHERE {FITS}",
            (dump(sorted(items)),),
        )
    found = {}
    for a, b, vetoed, told in rows:
        parts = parts_of(told)
        if (mine := own(parts, vetoed=bool(vetoed))) is not None:
            found[a, b] = Heard(mine, parts.get(Factor.THIRDS, 0.0))
    return found


def tell(tx: Tx, said: Mapping[Pair, float], *, weights: Weights) -> None:
    """Write what third papers say of these pairs, in place of what they said before."""
    known = of_pairs(tx, said)
    rewrite(tx, [hearing(one, said[pair], weights=weights) for pair, one in known.items()])
