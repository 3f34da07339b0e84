"""Views of duplicates: groups with their members, a pair in full, what other weights would make of them.

A page of groups takes two queries, however many members they have; of a group with very many the first are
shown, the primary before all others, and `count` tells how many stand in all.
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from reconciled.duplicates.words import Band, Weights, weigh
from reconciled.ledger import likenesses
from reconciled.ledger.connection import Tx
from reconciled.ledger.likenesses import read_row
from reconciled.ledger.rows import dump
from reconciled.ledger.views import Listing, Where, like, paged, read_cursor
from reconciled.ledger.views_papers import PAPER, SAME, LikenessView, PaperView, read_likeness, read_paper

MOST_GROUPS = 500
"""So many groups are on one page."""
MEMBERS_SHOWN = 50


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """A paper in a group; `likeness` is that to the primary, None for the primary itself, and where the two
    were never compared: the confidence is then that of the strongest chain between them.
    """

    paper: PaperView
    primary: bool
    confidence: float
    label: str | None
    labelled_by: int | None
    likeness: LikenessView | None


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """A group of duplicates. `over` says why it is none any more; its members are then those that it had last."""

    id: int
    band: str
    state: str
    confidence: float
    primary: int
    primary_by: str | None
    asked_again: str | None
    answered_by: str | None
    answered: str | None
    over: str | None
    count: int
    opened: str
    changed: str
    finding: int | None
    members: list[MemberView] = []


class WeighedView(msgspec.Struct, frozen=True):
    """What a pair would be under other weights."""

    a: int
    b: int
    confidence: float
    band: str


_GROUP = (
    "g.id, g.band, g.state, g.confidence, g.primary_id, g.primary_by, g.asked_again, g.answered_by, g.answered_at, g.over, "
    "g.members, g.opened_at, g.changed_at, g.finding_id"
)
_INSIDE = "EXISTS (SELECT 1 FROM duplicate_member AS m CROSS JOIN item ON item.id = m.item_id WHERE m.group_id = g.id"


def listing(
    tx: Tx,
    *,
    state: str | None = None,
    band: str | None = None,
    source: str | None = None,
    min_confidence: float | None = None,
    q: str | None = None,
    label: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
    members: int = MEMBERS_SHOWN,
) -> Listing[GroupView]:
    """Groups, newest first. The cursor names the last one shown, so answers given meanwhile shift nothing.

    `source`, `q` (a part of a title) and `label` (what the dry run put on it) are about any member.
    """
    where = Where()
    where.add("g.state = ?", state)
    where.add("g.band = ?", band)
    where.add("g.confidence >= CAST(? AS REAL)", None if min_confidence is None else str(min_confidence))
    where.add(f"{_INSIDE} AND item.source_id = (SELECT id FROM source WHERE name = ?))", source)  # noqa: S608 - constants
    where.add(f"{_INSIDE} AND item.title LIKE ? ESCAPE '\\')", like(q) if q else None)
    where.add(f"{_INSIDE} AND m.label = ?)", label)
    where.add("g.id < ?", read_cursor(cursor) if cursor else None)
    limit = min(limit, MOST_GROUPS)
    found = tx.execute(
        f"SELECT {_GROUP} FROM duplicate_group AS g WHERE {where} ORDER BY g.id DESC LIMIT ?",  # noqa: S608 - put together here
        (*where.values, limit + 1),
    ).fetchall()
    page = paged(found, limit, lambda row: int(row[0]))
    return Listing(items=_with_members(tx, page.items, most=members), next=page.next)


def group(tx: Tx, group_id: int) -> GroupView | None:
    """One group with all its members, also one that is over."""
    found = tx.execute(f"SELECT {_GROUP} FROM duplicate_group AS g WHERE g.id = ?", (group_id,)).fetchall()  # noqa: S608 - constant columns
    return next(iter(_with_members(tx, found, most=None)), None)


def counts(tx: Tx) -> dict[str, dict[str, int]]:
    """How many groups there are, by band and state; those that are over count as `over`."""
    found: dict[str, dict[str, int]] = {str(band): {} for band in (Band.DUPLICATE, Band.REVIEW)}
    for band, state, n in tx.execute(
        "SELECT band, CASE WHEN over IS NULL THEN state ELSE 'over' END AS stands, count(*) FROM duplicate_group "
        "GROUP BY band, stands ORDER BY band, stands"
    ):
        found[band][state] = n
    return found


def neighbours(tx: Tx, group_id: int) -> tuple[int | None, int | None]:
    """The open groups before and after this one, as a list has them: a newer one, and an older one."""
    (newer,) = tx.execute(
        "SELECT min(id) FROM duplicate_group WHERE id > ? AND state = 'open' AND over IS NULL", (group_id,)
    ).fetchone()
    (older,) = tx.execute(
        "SELECT max(id) FROM duplicate_group WHERE id < ? AND state = 'open' AND over IS NULL", (group_id,)
    ).fetchone()
    return newer, older


def labels(tx: Tx) -> dict[str, int]:
    """The labels that papers have from us, with how many have each."""
    found = tx.execute(
        "SELECT label, count(DISTINCT item_id) FROM duplicate_member WHERE label IS NOT NULL GROUP BY label ORDER BY label"
    )
    return dict(found.fetchall())


def tags(tx: Tx, sources: Collection[str], *, limit: int = 1000) -> list[str]:
    """The tags that items of these sources carry, by name. Reads all of these items."""
    found = tx.execute(
        "SELECT DISTINCT tag.value FROM source CROSS JOIN item ON item.source_id = source.id "
        "CROSS JOIN json_each(item.attrs, '$.tags') AS tag WHERE source.name IN (SELECT value FROM json_each(?)) "
        "AND item.presence <> 'gone' AND tag.type = 'text' ORDER BY 1 LIMIT ?",
        (dump(sorted(sources)), limit),
    )
    return [tag for (tag,) in found]


def weighed(tx: Tx, groups: Collection[int], weights: Weights) -> list[WeighedView]:
    """What the members of these groups would be to their primaries under other weights. Nothing is written.

    A member that was not compared with its primary is left out, and so is one that is the same without any
    search: no weight changes that.
    """
    found = tx.execute(
        "SELECT DISTINCT m.item_id, g.primary_id FROM (SELECT value AS mine FROM json_each(?)) "  # noqa: S608 - constants
        "CROSS JOIN duplicate_group AS g ON g.id = mine CROSS JOIN duplicate_member AS m ON m.group_id = g.id "
        "CROSS JOIN paper AS one ON one.item_id = m.item_id CROSS JOIN paper AS other ON other.item_id = g.primary_id "
        f"WHERE m.item_id <> g.primary_id AND {SAME.format(one='one', other='other')} IS NULL",
        (dump(sorted(groups)),),
    ).fetchall()
    known = likenesses.weighed(tx, found, weights)
    return [WeighedView(*pair, confidence, str(band)) for pair, (confidence, band) in sorted(known.items())]


def weighed_counts(tx: Tx, weights: Weights) -> dict[str, int]:
    """How many stored pairs would be of which band under other weights. Reads all of them."""
    found = {str(band): 0 for band in Band}
    for told, veto in tx.execute("SELECT told, vetoed FROM likeness"):
        _, band = weigh(likenesses.parts_of(told), vetoed=bool(veto), weights=weights)
        found[str(band)] += 1
    return found


def _with_members(tx: Tx, rows: Sequence[tuple[Any, ...]], *, most: int | None) -> list[GroupView]:
    inside = _members(tx, [row[0] for row in rows], most=most)
    names = GroupView.__struct_fields__[:-1]
    return [GroupView(**dict(zip(names, row, strict=True)), members=inside.get(row[0], [])) for row in rows]


def _members(tx: Tx, groups: Collection[int], *, most: int | None) -> dict[int, list[MemberView]]:
    """The members of many groups at once, each with its likeness to the primary."""
    found = tx.execute(
        "WITH shown AS (SELECT m.group_id, m.item_id, m.confidence, m.label, m.labelled_by, g.primary_id, row_number() OVER "  # noqa: S608 - constants
        "(PARTITION BY m.group_id ORDER BY m.item_id <> g.primary_id, m.item_id) AS place "
        "FROM (SELECT value AS mine FROM json_each(?)) CROSS JOIN duplicate_group AS g ON g.id = mine "
        "CROSS JOIN duplicate_member AS m ON m.group_id = g.id) "
        f"SELECT shown.group_id, shown.item_id = shown.primary_id, shown.confidence, shown.label, shown.labelled_by, {PAPER}, "
        f"{SAME.format(one='paper', other='its')}, min(shown.item_id, shown.primary_id), max(shown.item_id, shown.primary_id), "
        "likeness.confidence, likeness.band, vetoed, told, model "
        "FROM shown CROSS JOIN item ON item.id = shown.item_id CROSS JOIN source ON source.id = item.source_id "
        "CROSS JOIN paper ON paper.item_id = shown.item_id LEFT JOIN paper AS its ON its.item_id = shown.primary_id "
        "LEFT JOIN likeness ON a = min(shown.item_id, shown.primary_id) AND b = max(shown.item_id, shown.primary_id) "
        "AND a_print = CASE WHEN a = shown.item_id THEN paper.print ELSE its.print END "
        "AND b_print = CASE WHEN b = shown.item_id THEN paper.print ELSE its.print END "
        "WHERE place <= ? ORDER BY shown.group_id, place",
        (dump(sorted(groups)), 2**31 if most is None else most),
    )
    inside: dict[int, list[MemberView]] = {}
    for number, primary, confidence, label, labelled_by, *rest in found:
        read, same, told = read_paper(rest[:10]), rest[10], rest[13:]
        known = read_row((*rest[11:13], *told)) if told[0] is not None else None
        members = inside.setdefault(number, [])
        alike = None
        if members and members[0].primary:  # the primary is read first
            alike = read_likeness(known, same, a=members[0].paper, b=read)
        members.append(
            MemberView(
                paper=read, primary=bool(primary), confidence=confidence, label=label, labelled_by=labelled_by,
                likeness=alike,
            )
        )  # fmt: skip
    return inside
