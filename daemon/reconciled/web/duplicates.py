"""Groups of duplicates as the API and the pages show them: with words, factors, tags, addresses of pictures.

`shown` names how a group stands: who answers says it again, and nothing is answered that is another one by
then. All of it is read in one transaction a page.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from reconciled.duplicates.words import Weights
from reconciled.ledger import groups, views_actions, views_duplicates
from reconciled.ledger.connection import Tx
from reconciled.ledger.groups import GroupRow, MemberRow
from reconciled.ledger.rows import dump
from reconciled.ledger.views import Listing
from reconciled.ledger.views_actions import ActionView
from reconciled.ledger.views_duplicates import GroupView, MemberView
from reconciled.ledger.views_papers import DifferenceView, PaperView
from reconciled.source import Previews
from reconciled.web.duplicates_words import FactorView, differing, factors, label_state, why
from reconciled.web.house import House


class Member(PaperView, frozen=True, kw_only=True):
    """A paper in a group. Likeness and differences are those to the primary, `confidence`: it is its sheet.

    `differing` says the differences in words, `label_state` what became of the dry run's tag `label`, and
    `labelled_by` which action put it there. `preview` is the address of its picture, `page` that of its page.
    """

    primary: bool
    confidence: float
    band: str | None
    same: str | None
    vetoed: bool
    contained: int | None
    errors: float
    said: str
    factors: list[FactorView]
    differences: list[DifferenceView]
    differing: list[str]
    label: str | None
    label_state: str | None
    labelled_by: int | None
    preview: str | None
    page: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Papers that are one sheet (`band` duplicate), or may be (review). `over` says why it is none any more.

    `count` is how many stand in it; a list shows no more than the first `members` of a large one, the primary
    before all others. `asked_again` says why it is open again. `shown` names it as it stands, for an answer.
    """

    id: int
    band: str
    state: str
    confidence: float
    title: str
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
    shown: str
    members: list[Member]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which groups, as `views_duplicates.listing` filters them."""

    state: str | None = None
    band: str | None = None
    source: str | None = None
    min_confidence: float | None = None
    q: str | None = None
    tag: str | None = None
    limit: int = 100
    cursor: str | None = None


async def read_groups(house: House, wanted: Wanted, *, members: int) -> Listing[Group]:
    """A page of groups, newest first."""

    def read(tx: Tx) -> Listing[Group]:
        found = views_duplicates.listing(
            tx, state=wanted.state, band=wanted.band, source=wanted.source,
            min_confidence=wanted.min_confidence, q=wanted.q, label=wanted.tag, limit=wanted.limit,
            cursor=wanted.cursor, members=members,
        )  # fmt: skip
        return Listing(items=told(house, tx, found.items), next=found.next)

    return await house.ledger.read(read)


async def read_group(house: House, number: int) -> Group | None:
    """One group with all its members, also one that is over."""

    def read(tx: Tx) -> Group | None:
        found = views_duplicates.group(tx, number)
        return next(iter(told(house, tx, [found])), None) if found is not None else None

    return await house.ledger.read(read)


def told(house: House, tx: Tx, views: Sequence[GroupView]) -> list[Group]:
    """Groups with all that is said of them."""
    labelled = {
        one.labelled_by for view in views for one in view.members if one.labelled_by is not None and one.label
    }
    actions = {one.id: one for one in views_actions.by_ids(tx, sorted(labelled))}
    stamps = prints(tx, [view.id for view in views])
    weights = house.duplicates.settings.weights
    showing = {name for name, place in house.engine.places.items() if isinstance(place.live.source, Previews)}
    return [_group(view, stamps.get(view.id, ""), actions, weights, showing) for view in views]


def prints(tx: Tx, numbers: Collection[int]) -> dict[int, str]:
    """What names each of these groups as it stands: its members with their texts, its state and primary."""
    inside = groups.members(tx, numbers)
    rows = [row for number in numbers if (row := groups.get(tx, number)) is not None]
    return {row.id: _print(row, inside.get(row.id, {})) for row in rows}


def _print(row: GroupRow, members: Mapping[int, MemberRow]) -> str:
    told = [
        row.id,
        row.state,
        row.over,
        row.primary,
        [[one, members[one].print.hex()] for one in sorted(members)],
    ]
    return hashlib.blake2b(dump(told).encode(), digest_size=16).hexdigest()


def _group(
    view: GroupView,
    shown: str,
    actions: Mapping[int, ActionView],
    weights: Weights,
    showing: Collection[str],
) -> Group:
    titles = {one.paper.item: one.paper.title for one in view.members}
    return Group(
        id=view.id, band=view.band, state=view.state, confidence=view.confidence,
        title=titles.get(view.primary) or next(iter(titles.values()), ""), primary=view.primary,
        primary_by=view.primary_by, asked_again=view.asked_again, answered_by=view.answered_by,
        answered=view.answered, over=view.over, count=view.count, opened=view.opened, changed=view.changed,
        finding=view.finding, shown=shown,
        members=[_member(one, view.primary, actions, weights, showing) for one in view.members],
    )  # fmt: skip


def _member(
    view: MemberView,
    primary: int,
    actions: Mapping[int, ActionView],
    weights: Weights,
    showing: Collection[str],
) -> Member:
    paper, alike = view.paper, view.likeness
    return Member(
        **{name: getattr(paper, name) for name in PaperView.__struct_fields__},
        primary=view.primary,
        confidence=view.confidence,
        band=alike.band if alike is not None else None,
        same=alike.same if alike is not None else None,
        vetoed=alike is not None and alike.vetoed,
        contained=alike.contained if alike is not None else None,
        errors=alike.errors if alike is not None else 0.0,
        said="" if view.primary else why(alike),
        factors=factors(alike, weights),
        differences=alike.differences if alike is not None else [],
        differing=differing(alike, primary),
        label=view.label,
        label_state=label_state(view.label, actions.get(view.labelled_by or 0), paper.tags),
        labelled_by=view.labelled_by,
        preview=picture_url(paper.item) if paper.source in showing else None,
        page="/items/" + "/".join(quote(part, safe="") for part in (paper.source, paper.kind, paper.id)),
    )


def picture_url(item: int) -> str:
    """The address of an item's picture."""
    return f"/api/v1/papers/{item}/preview"
