"""What people said of pairs of papers: `different`, `ignored` or `resolved`.

It outlives groups, and counts as long as both papers have the texts that they had then; another text of
either makes the pair a question again.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import dump

_FITS = (
    "CROSS JOIN paper AS one ON one.item_id = a CROSS JOIN paper AS other ON other.item_id = b "
    "WHERE one.print = a_print AND other.print = b_print"
)


class Answer(StrEnum):
    """What was said of a pair."""

    DIFFERENT = "different"
    IGNORED = "ignored"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer about a pair. `fits`: both have the texts that they had then."""

    a: int
    b: int
    answer: Answer
    by: str
    at: str
    fits: bool = True


def say(tx: Tx, pairs: Iterable[tuple[int, int]], answer: Answer, *, by: str, at: str) -> int:
    """These pairs are answered, as their texts are now; what was said of them before no longer counts.

    Pairs of which one is no paper are passed over. Returns how many were answered.
    """
    before = tx.total_changes
    tx.executemany(
        "INSERT INTO judgement (a, b, answer, said_by, said_at, a_print, b_print) "
        "SELECT ?1, ?2, ?3, ?4, ?5, one.print, other.print FROM paper AS one CROSS JOIN paper AS other "
        "WHERE one.item_id = ?1 AND other.item_id = ?2 ON CONFLICT (a, b) DO UPDATE SET answer = excluded.answer, "
        "said_by = excluded.said_by, said_at = excluded.said_at, a_print = excluded.a_print, b_print = excluded.b_print",
        [(*pair, str(answer), by, at) for pair in _ordered(pairs)],
    )
    return tx.total_changes - before


def take_back(tx: Tx, pairs: Iterable[tuple[int, int]], *answers: Answer) -> int:
    """These pairs are open again; with `answers` only where one of them was said. Returns how many were."""
    named = dump([str(answer) for answer in answers or Answer])
    before = tx.total_changes
    tx.executemany(
        "DELETE FROM judgement WHERE a = ? AND b = ? AND answer IN (SELECT value FROM json_each(?))",
        [(*pair, named) for pair in _ordered(pairs)],
    )
    return tx.total_changes - before


def get(tx: Tx, a: int, b: int) -> Judgement | None:
    """What was said of a pair last, also of other texts than they have now."""
    found = tx.execute(
        "SELECT a, b, answer, said_by, said_at, EXISTS (SELECT 1 FROM paper AS one, paper AS other WHERE one.item_id = a "
        "AND other.item_id = b AND one.print = a_print AND other.print = b_print) FROM judgement WHERE a = ? AND b = ?",
        (min(a, b), max(a, b)),
    ).fetchone()
    return (
        Judgement(found[0], found[1], Answer(found[2]), found[3], found[4], bool(found[5])) if found else None
    )


def standing(tx: Tx, items: Collection[int] | None = None, *answers: Answer) -> list[Judgement]:
    """The answers that count; with `items` those about one of these, with `answers` only such."""
    named = dump([str(answer) for answer in answers or Answer])
    columns = "a, b, answer, said_by, said_at"
    if items is None:
        found = tx.execute(
            f"SELECT {columns} FROM judgement {_FITS} AND answer IN (SELECT value FROM json_each(?)) ORDER BY a, b",  # noqa: S608 - constants
            (named,),
        )
    else:
        mine = "FROM (SELECT value AS mine FROM json_each(?1)) CROSS JOIN judgement"
        found = tx.execute(
            f"SELECT {columns} {mine} ON a = mine {_FITS} AND answer IN (SELECT value FROM json_each(?2)) UNION "  # noqa: S608 - constants
            f"SELECT {columns} {mine} ON b = mine {_FITS} AND answer IN (SELECT value FROM json_each(?2)) ORDER BY a, b",
            (dump(sorted(items)), named),
        )
    return [Judgement(a, b, Answer(answer), by, at) for a, b, answer, by, at in found]


def between(tx: Tx, items: Collection[int]) -> list[Judgement]:
    """All that was said of pairs of these, whatever their texts are by now (`fits` is not looked at)."""
    found = tx.execute(
        "SELECT a, b, answer, said_by, said_at FROM (SELECT value AS mine FROM json_each(?1)) CROSS JOIN judgement ON a = mine "
        "WHERE +b IN (SELECT value FROM json_each(?1)) ORDER BY a, b",  # +: each answer is looked up, not each pair
        (dump(sorted(items)),),
    )
    return [Judgement(a, b, Answer(answer), by, at) for a, b, answer, by, at in found]


def said_then(tx: Tx, items: Collection[int], *, by: str, at: str) -> list[Judgement]:
    """The same of pairs with one of these, as far as it was said by that person at that very moment."""
    found = tx.execute(
        "SELECT a, b, answer, said_by, said_at FROM (SELECT value AS mine FROM json_each(?1)) CROSS JOIN judgement ON a = mine "
        "WHERE said_by = ?2 AND said_at = ?3 UNION SELECT a, b, answer, said_by, said_at FROM (SELECT value AS mine "
        "FROM json_each(?1)) CROSS JOIN judgement ON b = mine WHERE said_by = ?2 AND said_at = ?3 ORDER BY 1, 2",
        (dump(sorted(items)), by, at),
    )
    return [Judgement(a, b, Answer(answer), who, when) for a, b, answer, who, when in found]


def _ordered(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
