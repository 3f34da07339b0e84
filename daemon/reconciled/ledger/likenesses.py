"""How like two papers are: what the search found, kept with the prints of the two texts that it compared.

A likeness is good only as long as both papers have these prints; one that does not fit is never read as
one, and leaves with `drop_unfit`. Factors are kept apart, so confidences are reckoned anew under other
weights (`reweigh`) without comparing anything again.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from reconciled.duplicates.words import FITTED, Band, Difference, Factor, Likeness, Weights, weigh
from reconciled.ledger.connection import Tx
from reconciled.ledger.papers import STANDS
from reconciled.ledger.rows import dump

FITS = "one.print = likeness.a_print AND other.print = likeness.b_print"
"""Of a likeness joined to its papers `one` and `other`: they have the texts that were compared."""

_COLUMNS = "a, b, confidence, band, vetoed, told, model"
PAPERS = "CROSS JOIN paper AS one ON one.item_id = a CROSS JOIN paper AS other ON other.item_id = b"
STANDING = (
    f"EXISTS (SELECT 1 FROM item WHERE item.id = a AND {STANDS}) "  # noqa: S608 - constants
    f"AND EXISTS (SELECT 1 FROM item WHERE item.id = b AND {STANDS})"
)


class _Difference(msgspec.Struct, array_like=True):
    what: str
    a: str
    b: str


class _Told(msgspec.Struct, omit_defaults=True):
    """What stands in `told`."""

    parts: dict[Factor, float] = {}
    alike: dict[Factor, float] = {}
    differences: list[_Difference] = []
    errors: float = 0.0
    contained: int | None = None
    said: str = ""


class _Parts(msgspec.Struct):
    """The same, where only this matters."""

    parts: dict[str, float] = {}


_READ_TOLD = msgspec.json.Decoder(_Told)
_READ_PARTS = msgspec.json.Decoder(_Parts)


def put(tx: Tx, found: Collection[Likeness], prints: Mapping[int, bytes], *, at: str) -> int:
    """Write what was found of pairs, in place of what was known. `prints` are those of the compared texts.

    A pair of which a paper left, or has another text by now, is passed over. Returns how many were written.
    """
    before = tx.total_changes
    tx.executemany(
        "INSERT INTO likeness (a, b, confidence, band, vetoed, told, model, a_print, b_print, at) "
        "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE EXISTS (SELECT 1 FROM paper WHERE item_id = ?1 AND print = ?8) "
        "AND EXISTS (SELECT 1 FROM paper WHERE item_id = ?2 AND print = ?9) ON CONFLICT (a, b) DO UPDATE SET "
        "confidence = ?3, band = ?4, vetoed = ?5, told = ?6, model = ?7, a_print = ?8, b_print = ?9, at = ?10",
        [
            (
                one.a, one.b, one.confidence, str(one.band), int(one.vetoed), _told(one), one.model,
                prints.get(one.a), prints.get(one.b), at,
            )
            for one in found
        ],
    )  # fmt: skip
    return tx.total_changes - before


def rewrite(tx: Tx, found: Iterable[Likeness]) -> None:
    """Write what is said by now of pairs that are known; what was compared, and when, stays as it is."""
    tx.executemany(
        "UPDATE likeness SET confidence = ?, band = ?, told = ? WHERE a = ? AND b = ?",
        [(one.confidence, str(one.band), _told(one), one.a, one.b) for one in found],
    )


def get(tx: Tx, a: int, b: int) -> Likeness | None:
    """What is known of a pair, as long as both have the texts that were compared."""
    found = tx.execute(
        f"SELECT {_COLUMNS} FROM likeness {PAPERS} WHERE a = ? AND b = ? AND {FITS}",  # noqa: S608 - constants
        (min(a, b), max(a, b)),
    ).fetchone()
    return read_row(found) if found else None


def of_pairs(tx: Tx, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Likeness]:
    """The same of many pairs, by (smaller id, larger id)."""
    wanted = sorted({(min(pair), max(pair)) for pair in pairs})
    found = tx.execute(
        "SELECT likeness.a, likeness.b, confidence, band, vetoed, told, model FROM "  # noqa: S608 - constants
        "(SELECT json_extract(value, '$[0]') AS x, json_extract(value, '$[1]') AS y FROM json_each(?)) "
        f"CROSS JOIN likeness ON a = x AND b = y {PAPERS} WHERE {FITS}",
        (dump(wanted),),
    )
    return {(row[0], row[1]): read_row(row) for row in found}


def accepted(tx: Tx, band: Band, items: Collection[int] | None = None) -> list[tuple[int, int, float]]:
    """The pairs of a band, with their confidences, whose papers stand and have the texts that were compared.

    With `items` only those of which both are among these.
    """
    return _pairs(
        tx, "a, b, confidence", "likeness.band = ? AND (likeness.band <> 'duplicate' OR vetoed = 0)", str(band),
        items=items,
    )  # fmt: skip


def vetoed(tx: Tx, items: Collection[int] | None = None) -> list[tuple[int, int]]:
    """The pairs that are no duplicates whatever the weights; `items` as for `accepted`."""
    return _pairs(tx, "a, b", "vetoed = 1", items=items)


def neighbours(tx: Tx, items: Collection[int]) -> set[int]:
    """The papers that are, or may be, the same sheet as one of these; they need not stand."""
    listed = dump(sorted(items))
    found = tx.execute(
        "SELECT b FROM (SELECT value AS mine FROM json_each(?1)) CROSS JOIN likeness ON a = mine WHERE band <> 'different' "
        "UNION SELECT a FROM (SELECT value AS mine FROM json_each(?1)) CROSS JOIN likeness INDEXED BY likeness_b ON b = mine "
        "WHERE band <> 'different'",
        (listed,),
    )
    return {one for (one,) in found}


def reweigh(
    tx: Tx, weights: Weights, *, after: tuple[int, int] = (0, 0), limit: int = 512
) -> tuple[set[int], tuple[int, int] | None]:
    """Reckon the next pairs' confidences and bands under these weights.

    Returns the items of pairs that changed, and where to go on; None: these were the last.
    """
    found = tx.execute(
        "SELECT a, b, confidence, band, vetoed, told FROM likeness WHERE (a, b) > (?, ?) ORDER BY a, b LIMIT ?",
        (*after, limit),
    ).fetchall()
    new = []
    for a, b, confidence, band, veto, told in found:
        weighed = weigh(parts_of(told), vetoed=bool(veto), weights=weights)
        if weighed != (confidence, band):
            new.append((weighed[0], str(weighed[1]), a, b))
    tx.executemany("UPDATE likeness SET confidence = ?, band = ? WHERE a = ? AND b = ?", new)
    more = len(found) == limit
    return {one for _, _, *pair in new for one in pair}, (found[-1][0], found[-1][1]) if more else None


def drop_unfit(tx: Tx, items: Collection[int] | None = None, *, limit: int = 512) -> int:
    """Take out pairs of which a text changed since; with `items` only those with one of these. Returns how many left."""
    which = ""
    values: list[Any] = []
    if items is not None:
        which = "(a IN (SELECT value FROM json_each(?1)) OR b IN (SELECT value FROM json_each(?1))) AND "
        values.append(dump(sorted(items)))
    return tx.execute(
        f"DELETE FROM likeness WHERE (a, b) IN (SELECT a, b FROM likeness {PAPERS} WHERE {which}NOT ({FITS}) LIMIT ?)",  # noqa: S608 - constants
        (*values, limit),
    ).rowcount


def drop_older(tx: Tx, *, before: str, limit: int = 512) -> int:
    """After a run over all papers: take out what it did not find again. `before` is when it began.

    Pairs of which a paper does not stand, or that were not compared with all by then, were not asked about:
    these stay. Returns how many left.
    """
    return tx.execute(
        f"DELETE FROM likeness WHERE (a, b) IN (SELECT a, b FROM likeness {PAPERS} WHERE likeness.at < ? "  # noqa: S608 - constants
        f"AND one.compared = 1 AND other.compared = 1 AND {STANDING} LIMIT ?)",
        (before, limit),
    ).rowcount


def different(
    tx: Tx, *, after: tuple[int, int] = (0, 0), limit: int = 2000
) -> tuple[list[tuple[int, int, bool]], tuple[int, int] | None]:
    """The next pairs that are different papers by now: (a, b, whether it is a veto), and where to go on.

    What is different only under the config's weights, and not under the fitted ones, is not among them: it
    may be wanted again when the weights are set back.
    """
    found = tx.execute(
        "SELECT a, b, vetoed, told FROM likeness WHERE band = 'different' AND (a, b) > (?, ?) ORDER BY a, b LIMIT ?",
        (*after, limit),
    ).fetchall()
    pairs = [
        (a, b, bool(veto))
        for a, b, veto, told in found
        if veto or weigh(parts_of(told), vetoed=False, weights=FITTED)[1] is Band.DIFFERENT
    ]
    return pairs, (found[-1][0], found[-1][1]) if len(found) == limit else None


def drop(tx: Tx, pairs: Iterable[tuple[int, int]], prints: Mapping[int, bytes] | None = None) -> None:
    """Take these pairs out; with `prints` only what was found of the texts that have these."""
    if prints is None:
        tx.executemany("DELETE FROM likeness WHERE a = ? AND b = ?", list(pairs))
        return
    tx.executemany(
        "DELETE FROM likeness WHERE a = ? AND b = ? AND a_print = ? AND b_print = ?",
        [(a, b, prints.get(a), prints.get(b)) for a, b in pairs],
    )


def counts(tx: Tx) -> dict[str, int]:
    """How many pairs there are, by band."""
    return dict(tx.execute("SELECT band, count(*) FROM likeness GROUP BY band").fetchall())


def weighed(
    tx: Tx, pairs: Iterable[tuple[int, int]], weights: Weights
) -> dict[tuple[int, int], tuple[float, Band]]:
    """What the confidences and bands of stored pairs would be under other weights; nothing is written."""
    known = of_pairs(tx, pairs)
    return {pair: weigh(one.parts, vetoed=one.vetoed, weights=weights) for pair, one in known.items()}


def parts_of(told: str) -> dict[Factor, float]:
    """The log-odds by factor of what stands in `told`; a factor that is not known any more is left out."""
    known = _READ_PARTS.decode(told).parts
    return {Factor(name): part for name, part in known.items() if name in _FACTORS}


def read_row(found: tuple[Any, ...]) -> Likeness:
    """A pair from its columns: a, b, confidence, band, vetoed, told, model."""
    a, b, confidence, band, veto, told, model = found
    known = _READ_TOLD.decode(told)
    return Likeness(
        a, b, confidence, Band(band), known.parts, known.alike, bool(veto),
        tuple(Difference(one.what, one.a, one.b) for one in known.differences), known.errors, known.contained,
        known.said, model,
    )  # fmt: skip


def _told(one: Likeness) -> str:
    differences = [_Difference(each.what, each.a, each.b) for each in one.differences]
    told = _Told(dict(one.parts), dict(one.alike), differences, one.errors, one.contained, one.said)
    return msgspec.json.encode(told).decode()


_FACTORS = frozenset(str(factor) for factor in Factor)


def _pairs(tx: Tx, columns: str, which: str, *values: str, items: Collection[int] | None) -> list[Any]:
    """Pairs that fit and stand; both among `items`, if these are given."""
    if items is None:
        sql = f"SELECT {columns} FROM likeness {PAPERS} WHERE {which} AND {FITS} AND {STANDING}"  # noqa: S608 - constants
        return tx.execute(sql, values).fetchall()
    listed = dump(sorted(items))
    return tx.execute(
        f"SELECT {columns} FROM (SELECT value AS mine FROM json_each(?)) CROSS JOIN likeness ON a = mine {PAPERS} "  # noqa: S608 - constants
        f"WHERE {which} AND {FITS} AND {STANDING} AND +b IN (SELECT value FROM json_each(?))",  # +: each likeness is looked up, not each pair
        (listed, *values, listed),
    ).fetchall()
