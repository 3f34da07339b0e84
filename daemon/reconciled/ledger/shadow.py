"""What dry-run would have done, remembered, and what the world says of it.

A row is one act that a policy, as it stood then, would have done in dry-run. It keeps all that is needed
to judge it later, so it outlives the items that it was about. What it says never changes; its verdict
goes from open to right or wrong once, and from right to wrong when the thing comes back after all.
"""

from collections.abc import Collection
from dataclasses import astuple, dataclass, fields
from typing import Any

from reconciled.ledger.connection import Tx


@dataclass(frozen=True, slots=True)
class WouldBe:
    """An act that would have been done, with the world as it was then, in the order of the table's columns.

    `what` says what had ended, `asked` which sources count (None: all), `stood` which rows showed the thing
    then all the same (JSON), `was` what the target's item was like (JSON); `watched` is the counter of the
    losing source. `path` is set where one single copy was meant.
    """

    policy: str
    since_seq: int
    words: str
    verb: str
    target: str
    label: str
    item_id: int | None
    kind: str
    key: str
    title: str
    does: str
    action_id: int
    finding_id: int
    story_id: int | None
    code: str
    losing: str
    generation: int
    watched: float
    what: str
    lost_id: int | None
    lost: str
    refs: str
    path: str | None
    asked: str | None
    stood: str
    was: str
    would_seq: int
    would_at: str


@dataclass(frozen=True, slots=True)
class ShadowRow(WouldBe):
    """The same with its row id and its verdict: `open`, `right` or `wrong`."""

    id: int
    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class Grave:
    """How what would have been acted on left its app: the row of its tombstone, and who it names, if anybody."""

    tombstone: int
    cause: str | None
    actor: str | None


_TOLD = [one.name for one in fields(WouldBe)]
_COLUMNS = ", ".join([*_TOLD, "id", "verdict", "why"])


def remember(tx: Tx, new: WouldBe) -> None:
    """Keep it, unless the same is kept already. An open one follows the newest finding about its loss."""
    same = (new.policy, new.since_seq, new.verb, new.target, new.label, new.item_id)
    where = "policy = ? AND since_seq = ? AND verb = ? AND target = ? AND label = ? AND item_id IS ?"
    followed = tx.execute(
        f"UPDATE shadow SET finding_id = ?, story_id = ? WHERE {where} AND verdict = 'open'",  # noqa: S608 - constant parts
        (new.finding_id, new.story_id, *same),
    ).rowcount
    (known,) = tx.execute(
        f"SELECT EXISTS (SELECT 1 FROM shadow WHERE {where} AND (finding_id = ? OR (verdict = 'right' AND story_id = ?)))",  # noqa: S608 - constant parts
        (*same, new.finding_id, new.story_id),
    ).fetchone()
    if not followed and not known:
        marks = ", ".join("?" * len(_TOLD))
        tx.execute(f"INSERT INTO shadow ({', '.join(_TOLD)}) VALUES ({marks})", astuple(new))  # noqa: S608 - constant columns


def only_said(tx: Tx, ids: Collection[int]) -> list[int]:
    """Those of these actions that only dry-run holds back, and that are not remembered yet."""
    found = (
        tx.execute(
            "SELECT a.id FROM action AS a JOIN policy AS p ON p.name = a.policy WHERE a.id = ? AND a.state = 'planned' "
            "AND a.code = 'would' AND a.finding_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM shadow AS s WHERE s.item_id = a.item_id "
            "AND s.policy = a.policy AND s.since_seq = p.since_seq AND s.verb = a.verb AND s.label = a.label AND s.finding_id = a.finding_id)",
            (one,),
        ).fetchone()
        for one in sorted(ids)
    )
    return [row[0] for row in found if row is not None]


def note_since(tx: Tx, *, at: str) -> None:
    """Since when each policy of the ledger says what it says; called when the config was taken over."""
    tx.execute(
        "INSERT OR IGNORE INTO shadow_since (policy, since_seq, words, at) SELECT name, since_seq, words, ? FROM policy",
        (at,),
    )


def to_judge(tx: Tx, *, right_since: float) -> list[ShadowRow]:
    """What is open, and what was judged right since then (reckoned) and may yet turn out wrong."""
    found = tx.execute(
        f"SELECT {_COLUMNS} FROM shadow WHERE verdict = 'open' OR (verdict = 'right' AND judged >= ?) ORDER BY id",  # noqa: S608 - constant columns
        (right_since,),
    ).fetchall()
    return [_row(row) for row in found]


def judge(tx: Tx, shadow: int, verdict: str, why: str, *, now: float, at: str) -> None:
    """The world judged it. What is wrong stays wrong."""
    tx.execute(
        "UPDATE shadow SET verdict = ?, why = ?, judged = ?, judged_at = ? WHERE id = ? AND verdict <> 'wrong' AND verdict <> ?",
        (verdict, why, now, at, shadow, verdict),
    )


def watch_anew(tx: Tx, shadow: int, *, generation: int, watched: float) -> None:
    """Another installation stands behind the losing source's name: what was watched before says nothing."""
    tx.execute(
        "UPDATE shadow SET generation = ?, watched = ? WHERE id = ? AND verdict = 'open'",
        (generation, watched, shadow),
    )


def grave_of(tx: Tx, item_id: int, *, since: int) -> Grave | None:
    """The tombstone of an item that left its app after that moment and did not come back."""
    found = tx.execute(
        "SELECT id FROM tombstone WHERE item_id = ? AND what = 'entry' AND seq > ? "
        "AND NOT EXISTS (SELECT 1 FROM revival WHERE tombstone_id = tombstone.id) ORDER BY id DESC LIMIT 1",
        (item_id, since),
    ).fetchone()
    if found is None:
        return None
    told = tx.execute(
        "SELECT cause, actor FROM evidence WHERE tombstone_id = ? AND cause IS NOT NULL ORDER BY actor IS NULL, seq LIMIT 1",
        found,
    ).fetchone()
    return Grave(int(found[0]), *(told or (None, None)))


def did_it(tx: Tx, item_id: int, verb: str, label: str, *, since: int) -> str | None:
    """Which policy of ours did the same to the item since then; "" when a person ordered it, None when nobody."""
    found = tx.execute(
        "SELECT ifnull(policy, '') FROM action WHERE item_id = ? AND verb = ? AND label = ? AND sent_seq >= ? "
        "AND state IN ('sending', 'done', 'undone') ORDER BY sent_seq DESC LIMIT 1",
        (item_id, verb, label, since),
    ).fetchone()
    return str(found[0]) if found else None


def returned(tx: Tx, finding: int, lost: int | None, *, since: int) -> str | None:
    """The key under which what was lost came back after that moment, it or a part of it; None: it did not."""
    found = tx.execute(
        "SELECT r.key FROM finding AS f JOIN tombstone AS t ON t.id = f.tombstone_id JOIN revival AS r ON r.tombstone_id = t.id "
        "WHERE f.id = ?1 AND r.seq > ?3 AND (?2 IS NULL OR t.item_id IS NULL OR t.item_id = ?2) UNION ALL "
        "SELECT item.kind || ' ' || item.key FROM finding AS f JOIN tombstone AS t ON t.id = f.tombstone_id "
        "JOIN part ON part.tombstone_id = t.id JOIN item ON item.id = part.item_id "
        "WHERE f.id = ?1 AND part.back_seq > ?3 AND (part.item_id = ?2 OR t.item_id = ?2) LIMIT 1",
        (finding, lost, since),
    ).fetchone()
    return str(found[0]) if found else None


def forget_before(tx: Tx, at: str) -> int:
    """Retention: what would have been done before that time leaves, and since when nobody asks any more."""
    gone = tx.execute("DELETE FROM shadow WHERE would_at < ?", (at,)).rowcount
    tx.execute(
        "DELETE FROM shadow_since WHERE at < ? AND NOT EXISTS (SELECT 1 FROM shadow WHERE shadow.policy = shadow_since.policy "
        "AND shadow.since_seq = shadow_since.since_seq) AND NOT EXISTS (SELECT 1 FROM policy WHERE name = shadow_since.policy "
        "AND policy.since_seq = shadow_since.since_seq)",
        (at,),
    )
    return gone


# --- the score ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """How many acts would have been done, by what became of them."""

    right: int = 0
    wrong: int = 0
    open: int = 0

    @property
    def judged(self) -> int:
        """How many the world has judged."""
        return self.right + self.wrong

    @property
    def would(self) -> int:
        """How many there are."""
        return self.judged + self.open


@dataclass(frozen=True, slots=True)
class Mistake:
    """An act that would have been wrong, and why."""

    does: str
    title: str
    verb: str
    target: str
    why: str
    action: int
    would_at: str
    judged_at: str


@dataclass(frozen=True, slots=True)
class Tally:
    """A policy's score under one wording: `since` when it says that, the counts by verb, the newest mistakes."""

    since: str | None
    verbs: dict[str, Counts]
    mistakes: tuple[Mistake, ...] = ()

    @property
    def whole(self) -> Counts:
        """All verbs together."""
        return self.among(self.verbs)

    def among(self, verbs: Collection[str]) -> Counts:
        """These verbs together."""
        every = [counts for verb, counts in self.verbs.items() if verb in verbs]
        return Counts(
            sum(one.right for one in every), sum(one.wrong for one in every), sum(one.open for one in every)
        )


MISTAKES = 50
"""How many mistakes a score names at most, the newest."""


def tally(tx: Tx, policy: str, since_seq: int) -> Tally:
    """The score of a policy under the words that it has had since then."""
    verbs: dict[str, dict[str, int]] = {}
    for verb, verdict, n in tx.execute(
        "SELECT verb, verdict, count(*) FROM shadow WHERE policy = ? AND since_seq = ? GROUP BY verb, verdict ORDER BY min(id)",
        (policy, since_seq),
    ):
        verbs.setdefault(verb, {})[verdict] = n
    since = tx.execute(
        "SELECT at FROM shadow_since WHERE policy = ? AND since_seq = ?", (policy, since_seq)
    ).fetchone()
    wrong = tx.execute(
        "SELECT does, title, verb, target, why, action_id, would_at, judged_at FROM shadow WHERE policy = ? AND since_seq = ? "
        "AND verdict = 'wrong' ORDER BY judged DESC, id DESC LIMIT ?",
        (policy, since_seq, MISTAKES),
    ).fetchall()
    return Tally(
        since[0] if since else None,
        {verb: Counts(**counts) for verb, counts in verbs.items()},
        tuple(Mistake(*row) for row in wrong),
    )


def current(tx: Tx, policy: str) -> int | None:
    """Since when (a sequence number) the policy says what it says; None when the ledger does not know it."""
    found = tx.execute("SELECT since_seq FROM policy WHERE name = ?", (policy,)).fetchone()
    return int(found[0]) if found else None


def before(tx: Tx, policy: str, since_seq: int) -> int | None:
    """The wording before that one under which anything would have been done, or None."""
    (found,) = tx.execute(
        "SELECT max(since_seq) FROM shadow WHERE policy = ? AND since_seq < ?", (policy, since_seq)
    ).fetchone()
    return None if found is None else int(found)


def _row(values: tuple[Any, ...]) -> ShadowRow:
    return ShadowRow(*values)
