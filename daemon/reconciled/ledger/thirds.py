"""What third papers say of pairs: what it is reckoned from, and where it is written.

It is one of the factors of a likeness, but what it says hangs on other likenesses: each pass brings it up to
them. Only pairs count whose papers have the texts that were compared; a paper that is gone, or whose source
is, says what it said as long as its text is known.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from reconciled.duplicates.grouping import Pair
from reconciled.duplicates.thirds import Own, hearing, own
from reconciled.duplicates.words import Factor, Likeness, Weights
from reconciled.ledger import judgements, likenesses
from reconciled.ledger.connection import Tx
from reconciled.ledger.judgements import Answer
from reconciled.ledger.likenesses import FITS, PAPERS
from reconciled.ledger.rows import dump

_MINE = "(SELECT value AS mine FROM json_each(?1))"
_WHICH = f"{PAPERS} WHERE {FITS}"


@dataclass(frozen=True, slots=True)
class Heard:
    """A pair: what it says by itself, and what third papers were last known to say of it (log-odds)."""

    own: Own
    thirds: float


@dataclass(frozen=True, slots=True)
class Said:
    """What third papers say of a pair (log-odds), as long as it says by itself what it said then."""

    pair: Pair
    odds: float
    thirds: float


def papers_from(tx: Tx, after: int, *, limit: int) -> list[int]:
    """The next papers that are the smaller of a pair."""
    found = tx.execute("SELECT DISTINCT a FROM likeness WHERE a > ? ORDER BY a LIMIT ?", (after, limit))
    return [one for (one,) in found]


def pairs(tx: Tx, items: Collection[int]) -> dict[Pair, Heard]:
    """The pairs of any of these papers that have words to be judged by, by (smaller id, larger id).

    What a person called different counts as a veto.
    """
    columns = "a, b, vetoed, told"
    rows = tx.execute(
        f"SELECT {columns} FROM {_MINE} CROSS JOIN likeness ON a = mine {_WHICH} UNION "  # noqa: S608 - constants
        f"SELECT {columns} FROM {_MINE} CROSS JOIN likeness INDEXED BY likeness_b ON b = mine {_WHICH}",
        (dump(sorted(items)),),
    )
    found = {}
    for a, b, vetoed, told in rows:
        parts = likenesses.parts_of(told)
        if (mine := own(parts, vetoed=bool(vetoed))) is not None:
            found[a, b] = Heard(mine, parts.get(Factor.THIRDS, 0.0))
    ends = {one for pair in found for one in pair}
    for said in judgements.standing(tx, ends, Answer.DIFFERENT):
        if (pair := (said.a, said.b)) in found:
            found[pair] = replace(found[pair], own=replace(found[pair].own, vetoed=True))
    return found


def tell(tx: Tx, said: Collection[Said], *, weights: Weights) -> list[Pair]:
    """Write it in place of what was said before; returns the pairs that hear something else by now."""
    known = likenesses.of_pairs(tx, [one.pair for one in said])
    new = []
    for one in said:
        was = known.get(one.pair)
        if was is None or (mine := own(was.parts, vetoed=False)) is None or mine.odds != one.odds:
            continue
        if (now := hearing(was, one.thirds, weights=weights)) is not was:
            new.append(now)
    likenesses.rewrite(tx, new)
    return [(one.a, one.b) for one in new]


def put(
    tx: Tx,
    found: Iterable[Likeness],
    prints: Mapping[int, bytes],
    *,
    weights: Weights,
    at: str,
    instead: Iterable[Pair] = (),
) -> None:
    """Write what was found of pairs, in place of all that was known of these and of `instead`.

    What third papers said of them counts until they are heard again.
    """
    found = list(found)
    known = likenesses.of_pairs(tx, [(one.a, one.b) for one in found])
    before = {pair: one.parts.get(Factor.THIRDS, 0.0) for pair, one in known.items()}
    likenesses.drop(tx, instead, prints)
    heard = [hearing(one, before.get((one.a, one.b), 0.0), weights=weights) for one in found]
    likenesses.put(tx, heard, prints, at=at)
