"""The findings about thresholds: a mirror whose runs take too long, or fail too often.

They are about a mirror, not about an item: the kind is `mirror`, the key `NAME/MEASURE`, and there is one
open at most of each. The detail begins with the level and since when it is that one, and is made and read
here alone: `critical since 2026-11-21T14:03:24.123Z: 12 of 100 files failed …`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from reconciled.ledger import findings
from reconciled.ledger.connection import Tx

CODE, KIND = "threshold", "mirror"
FORGOTTEN = "the mirror is not configured any more"
"""How a finding ends whose mirror is gone: nobody needs to be told."""

_DETAIL = re.compile(r"(\w+) since (\S+): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Crossed:
    """A threshold that was crossed and still is. `since` is when it reached its level, `opened` the finding."""

    id: int
    mirror: str
    measure: str
    level: str
    since: str
    sentence: str
    title: str
    opened: str

    @property
    def risen(self) -> bool:
        """Whether it stood at another level before."""
        return self.since != self.opened


def crossed(tx: Tx, mirror: str) -> dict[str, Crossed]:
    """What stands of a mirror, by measure."""
    return {one.measure: one for one in every_crossed(tx) if one.mirror == mirror}


def every_crossed(tx: Tx, *, unanswered: bool = False) -> list[Crossed]:
    """What stands of all mirrors; with `unanswered` without what a person ignores or snoozes."""
    found = tx.execute(
        "SELECT id, key, detail, title, opened_at FROM finding WHERE code = ? AND resolved_at IS NULL "
        "AND NOT (? AND (ignored_by IS NOT NULL OR snoozed_until IS NOT NULL)) ORDER BY id",
        (CODE, unanswered),
    )
    return [_read(*row) for row in found]


def ended(tx: Tx, finding: int) -> tuple[str, str, str] | None:
    """The mirror, title and resolution of one that is over; None while it stands, and where nobody is to be
    told of its end, since a person ignored it or its mirror is gone.
    """
    found = tx.execute(
        "SELECT key, title, resolution FROM finding WHERE id = ? AND code = ? AND resolved_at IS NOT NULL "
        "AND resolution <> ? AND ignored_by IS NULL",
        (finding, CODE, FORGOTTEN),
    ).fetchone()
    return (found[0].rpartition("/")[0], found[1], found[2]) if found else None


def open_(
    tx: Tx,
    mirror: str,
    measure: str,
    level: str,
    *,
    source: str,
    title: str,
    sentence: str,
    seq: int,
    at: str,
) -> int:
    """It is crossed from now on. Returns the finding."""
    (finding,) = tx.execute(
        "INSERT INTO finding (code, source, kind, key, title, detail, opened_seq, opened_at, losing) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?2) RETURNING id",
        (CODE, source, KIND, f"{mirror}/{measure}", title, _say(level, at, sentence), seq, at),
    ).fetchone()
    return int(finding)


def update(tx: Tx, one: Crossed, level: str, *, sentence: str, at: str) -> None:
    """It is still crossed: at which level by now, and what is to be said of it."""
    since = one.since if one.level == level else at
    findings.say(tx, one.id, _say(level, since, sentence))


def forget_others(tx: Tx, mirrors: Collection[str], *, at: str) -> int:
    """End what stands of mirrors that are not among these. Returns how many findings."""
    gone = [one.id for one in every_crossed(tx) if one.mirror not in mirrors]
    tx.executemany(
        "UPDATE finding SET resolved_at = ?, resolution = ? WHERE id = ?",
        [(at, FORGOTTEN, finding) for finding in gone],
    )
    return len(gone)


def _say(level: str, since: str, sentence: str) -> str:
    return f"{level} since {since}: {sentence}"


def _read(finding: int, key: str, detail: str, title: str, opened: str) -> Crossed:
    mirror, _, measure = key.rpartition("/")
    match = _DETAIL.fullmatch(detail)
    level, since, sentence = match.groups() if match else ("warning", opened, detail)
    return Crossed(finding, mirror, measure, level, since, sentence, title, opened)
