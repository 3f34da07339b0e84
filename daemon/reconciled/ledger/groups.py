"""Groups of papers that are one sheet (`duplicate`), or may be (`review`), with their members.

A group that is over keeps the members that it had last, so that it gets its number back if they become one
again. A paper stands in at most one group of each band that is not over; what is written of it as a member (a
label) is the same in all of its groups.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from reconciled.duplicates.words import Band
from reconciled.ledger.connection import Tx
from reconciled.ledger.papers import STANDS
from reconciled.ledger.rows import dump
from reconciled.model import Json


class GroupState(StrEnum):
    """Whether a person is still asked about it."""

    OPEN = "open"
    IGNORED = "ignored"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group. `members` is how many of them stand; `over` says why nothing is left to be asked, if so."""

    id: int
    band: Band
    confidence: float
    primary: int
    primary_by: str | None
    state: GroupState
    asked_again: str | None
    answered_by: str | None
    answered_at: str | None
    over: str | None
    members: int
    finding_id: int | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A paper in a group. `confidence` is that it is the primary's sheet."""

    item_id: int
    confidence: float
    print: bytes
    label: str | None = None
    labelled_by: int | None = None


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What is known of a paper beside its text. `first_seq` and `key` tell in which order papers came.

    `stands`: its item is there; `waits`: it is frozen, or its text was not compared with all others yet.
    """

    item_id: int
    source_id: int
    key: str
    title: str
    first_seq: int
    attrs: Mapping[str, Json]
    about: Mapping[str, Json]
    words: int
    print: bytes
    stands: bool
    waits: bool


_COLUMNS = "id, band, confidence, primary_id, primary_by, state, asked_again, answered_by, answered_at, over, members, finding_id"

_WITH_BOTH = (
    "SELECT group_id FROM duplicate_member WHERE item_id = ?1 "
    "INTERSECT SELECT group_id FROM duplicate_member WHERE item_id = ?2"
)


def get(tx: Tx, group: int) -> GroupRow | None:
    """One group, or None."""
    found = tx.execute(f"SELECT {_COLUMNS} FROM duplicate_group WHERE id = ?", (group,)).fetchone()  # noqa: S608 - constant columns
    return _row(found) if found else None


def with_any(tx: Tx, items: Collection[int] | None = None) -> list[GroupRow]:
    """The groups that hold one of these, or held it last; by default all there are."""
    which = (
        ""
        if items is None
        else "WHERE id IN (SELECT group_id FROM (SELECT value AS one FROM json_each(?)) CROSS JOIN duplicate_member ON item_id = one)"
    )
    found = tx.execute(
        f"SELECT {_COLUMNS} FROM duplicate_group {which} ORDER BY id",  # noqa: S608 - constants
        () if items is None else (dump(sorted(items)),),
    )
    return [_row(row) for row in found]


def members(tx: Tx, groups: Collection[int] | None = None) -> dict[int, dict[int, MemberRow]]:
    """The members of these groups (by default of all), by group and item."""
    columns = "group_id, item_id, confidence, print, label, labelled_by"
    if groups is None:
        found = tx.execute(f"SELECT {columns} FROM duplicate_member")  # noqa: S608 - constant columns
    else:
        found = tx.execute(
            f"SELECT {columns} FROM (SELECT value AS mine FROM json_each(?)) CROSS JOIN duplicate_member ON group_id = mine",  # noqa: S608 - constant columns
            (dump(sorted(groups)),),
        )
    inside: dict[int, dict[int, MemberRow]] = {}
    for group, item_id, *rest in found:
        inside.setdefault(group, {})[item_id] = MemberRow(item_id, *rest)
    return inside


def together(tx: Tx, items: Collection[int]) -> set[int]:
    """All that stand, or stood last, in a group with one of these."""
    found = tx.execute(
        "SELECT other.item_id FROM (SELECT DISTINCT group_id AS theirs FROM (SELECT value AS mine FROM json_each(?)) "
        "CROSS JOIN duplicate_member ON item_id = mine) CROSS JOIN duplicate_member AS other ON other.group_id = theirs",
        (dump(sorted(items)),),
    )
    return {one for (one,) in found}


def facts(tx: Tx, items: Collection[int]) -> dict[int, MemberFacts]:
    """What is known of these papers beside their texts; what is no paper (any more) is left out."""
    found = tx.execute(
        "SELECT item.id, item.source_id, item.key, item.title, item.first_seq, item.attrs, about, words, paper.print, "  # noqa: S608 - a constant
        f"{STANDS}, item.presence = 'frozen' OR (item.presence <> 'gone' AND compared = 0) "
        "FROM (SELECT value AS mine FROM json_each(?)) CROSS JOIN item ON item.id = mine CROSS JOIN paper ON item_id = mine",
        (dump(sorted(items)),),
    )
    decode = msgspec.json.decode
    return {
        one: MemberFacts(
            one, source, key, title, seq, decode(attrs), decode(about), words, mark, bool(stands), bool(waits)
        )
        for one, source, key, title, seq, attrs, about, words, mark, stands, waits in found
    }


def labels(tx: Tx, items: Collection[int]) -> dict[int, str]:
    """The labels that these papers have from us, or shall get."""
    found = tx.execute(
        "SELECT DISTINCT item_id, label FROM (SELECT value AS mine FROM json_each(?)) CROSS JOIN duplicate_member "
        "ON item_id = mine WHERE label IS NOT NULL",
        (dump(sorted(items)),),
    )
    return dict(found.fetchall())


def label(tx: Tx, item_id: int, label: str | None, action: int | None) -> None:
    """A paper has that label from us, or shall get it by that action; None: no more."""
    tx.execute(
        "UPDATE duplicate_member SET label = ?, labelled_by = ? WHERE item_id = ?", (label, action, item_id)
    )


def not_labelled(tx: Tx, action: int) -> None:
    """The action that should have put a label on a paper came to nothing."""
    tx.execute(
        "UPDATE duplicate_member SET label = NULL, labelled_by = NULL "
        "WHERE item_id = (SELECT item_id FROM action WHERE id = ?1) AND labelled_by = ?1",
        (action,),
    )


def create(tx: Tx, band: Band, primary: int, *, at: str) -> GroupRow:
    """A new group, open and without members yet."""
    found = tx.execute(
        "INSERT INTO duplicate_group (band, confidence, primary_id, members, opened_at, changed_at) "  # noqa: S608 - constant columns
        f"VALUES (?1, 1, ?2, 0, ?3, ?3) RETURNING {_COLUMNS}",
        (str(band), primary, at),
    ).fetchone()
    return _row(found)


def write(tx: Tx, group: GroupRow, *, at: str) -> None:
    """How the group stands from now on."""
    tx.execute(
        "UPDATE duplicate_group SET band = ?, confidence = ?, primary_id = ?, primary_by = ?, state = ?, asked_again = ?, "
        "answered_by = ?, answered_at = ?, over = ?, members = ?, finding_id = ?, changed_at = ? WHERE id = ?",
        (
            str(group.band), group.confidence, group.primary, group.primary_by, str(group.state), group.asked_again,
            group.answered_by, group.answered_at, group.over, group.members, group.finding_id, at, group.id,
        ),
    )  # fmt: skip


def put_members(tx: Tx, group: int, now: Mapping[int, MemberRow]) -> None:
    """These are in the group. What a paper is labelled with in another comes along."""
    tx.executemany(
        "INSERT INTO duplicate_member (item_id, group_id, confidence, label, labelled_by, print) VALUES (?1, ?2, ?3, "
        "(SELECT label FROM duplicate_member WHERE item_id = ?1 AND label IS NOT NULL), "
        "(SELECT labelled_by FROM duplicate_member WHERE item_id = ?1 AND label IS NOT NULL), ?4) "
        "ON CONFLICT (group_id, item_id) DO UPDATE SET confidence = ?3, print = ?4",
        [(one.item_id, group, one.confidence, one.print) for one in now.values()],
    )


def take_out(tx: Tx, group: int, leaving: Collection[int]) -> None:
    """These leave the group; what they are labelled with stays with them where they are by now."""
    tx.executemany(
        "DELETE FROM duplicate_member WHERE group_id = ? AND item_id = ?",
        [(group, item_id) for item_id in leaving],
    )


def stale(tx: Tx) -> list[int]:
    """The groups of which a member came or went, or a pair was answered by an act, since they were made."""
    return [group for (group,) in tx.execute("SELECT id FROM duplicate_group WHERE stale = 1 ORDER BY id")]


def made(tx: Tx, groups: Collection[int]) -> None:
    """These are as they should be: nothing happened to them since."""
    tx.execute(
        "UPDATE duplicate_group SET stale = 0 WHERE stale = 1 AND id IN (SELECT value FROM json_each(?))",
        (dump(sorted(groups)),),
    )


def ask_again(tx: Tx, a: int, b: int, why: str) -> None:
    """The groups that hold both are to be made anew; one that was resolved is asked about again."""
    tx.execute(
        f"UPDATE duplicate_group SET state = 'open', asked_again = ?3, finding_id = NULL, stale = 1 "  # noqa: S608 - a constant
        f"WHERE state = 'resolved' AND over IS NULL AND id IN ({_WITH_BOTH})",
        (a, b, why),
    )
    touch(tx, a, b)


def touch(tx: Tx, a: int, b: int) -> None:
    """What was said of the two is another: the groups that hold both are to be made anew."""
    tx.execute(f"UPDATE duplicate_group SET stale = 1 WHERE id IN ({_WITH_BOTH})", (a, b))  # noqa: S608 - a constant


def remove(tx: Tx, group: int) -> None:
    """The group is no more: others hold its members."""
    tx.execute("DELETE FROM duplicate_group WHERE id = ?", (group,))


def stray_findings(tx: Tx) -> list[int]:
    """Open findings of duplicates that no group has: their group left the ledger with its primary."""
    found = tx.execute(
        "SELECT id FROM finding WHERE code = 'duplicate' AND resolved_at IS NULL "
        "AND id NOT IN (SELECT finding_id FROM duplicate_group WHERE finding_id IS NOT NULL) ORDER BY id"
    )
    return [finding for (finding,) in found]


def _row(found: tuple[Any, ...]) -> GroupRow:
    id_, band, confidence, primary, by, state, *rest = found
    return GroupRow(id_, Band(band), confidence, primary, by, GroupState(state), *rest)
