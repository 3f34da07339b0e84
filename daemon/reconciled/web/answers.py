"""What the API answers beyond the ledger's own views, named to the letter as the API names it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from reconciled.engine.attribution import Step, attribute
from reconciled.engine.identity import Sameness, compare
from reconciled.ledger.tombstones import Evidence
from reconciled.ledger.views_items import ItemView, Known, Moment
from reconciled.ledger.views_losses import Revival, TombstoneView
from reconciled.web.actions import Action
from reconciled.web.actions import Moment as Here
from reconciled.web.remedies import Finding


class Witness(msgspec.Struct, frozen=True):
    """One thing that speaks for a loss, and which source says so. `occurred` is the app's own time of it."""

    seq: int
    at: str
    source: str
    how: str
    said: str
    cause: str | None
    actor: str | None
    occurred: str | None


class Deletion(msgspec.Struct, frozen=True):
    """A tombstone with what follows from its story's evidence: who did it, and one sentence that says so."""

    id: int
    story: int
    source: str
    app: str
    kind: str
    key: str
    title: str
    what: str
    cause: str
    actor: str | None
    sentence: str
    steps: list[Step]
    seen_first: str | None
    noticed: str
    confirmed: str
    refs: list[str]
    links: list[str]
    evidence: list[Witness]
    revived: Revival | None


class Story(msgspec.Struct, frozen=True):
    """The deletions of one thing that belong together."""

    id: int
    title: str
    noticed: str
    cause: str
    actor: str | None
    sentence: str
    steps: list[Step]
    tombstones: list[Deletion]


class ItemDetail(msgspec.Struct, frozen=True):
    """One item with all that is known of it. `same` and `disputed` share a strong ref with it."""

    source: str
    app: str
    kind: str
    id: str
    title: str
    presence: str
    has_file: bool | None
    path: str | None
    root: str | None
    parent: str | None
    refers: bool
    first_seen: str
    changed: str
    refs: list[str]
    attrs: dict[str, Any]
    same: list[ItemView]
    disputed: list[ItemView]
    evidence: list[Witness]
    tombstones: list[Deletion]
    findings: list[Finding]
    actions: list[Action]
    timeline: list[Moment]
    suspected: str | None
    hold: int | None
    displaced: list[ItemView]
    next: str


def deletion(view: TombstoneView, here: Here) -> Deletion:
    """A tombstone and who did it."""
    said = attribute(view.story_told, title=view.title, zone=here.zone, now=here.now)
    return Deletion(
        id=view.id,
        story=view.story,
        source=view.source,
        app=view.app,
        kind=view.kind,
        key=view.key,
        title=view.title,
        what=view.what,
        cause=said.cause,
        actor=said.actor,
        sentence=said.sentence,
        steps=list(said.steps),
        seen_first=view.seen_first,
        noticed=view.noticed,
        confirmed=view.confirmed,
        refs=view.refs,
        links=view.links,
        evidence=[witness(one, view.source) for one in view.told],
        revived=view.revived,
    )


def witness(one: Evidence, source: str) -> Witness:
    """Evidence as the API tells it; what waits for a tombstone is its source's own."""
    return Witness(
        one.seq, one.at, one.source or source, one.how, one.said, one.cause, one.actor, one.occurred
    )


def story(views: list[TombstoneView], here: Here) -> Story:
    """The tombstones of one story, told as one; there is at least one."""
    first = views[0]
    said = attribute(first.story_told, title=first.story_title, zone=here.zone, now=here.now)
    noticed = min(view.noticed for view in views)
    return Story(
        first.story,
        first.story_title,
        noticed,
        said.cause,
        said.actor,
        said.sentence,
        list(said.steps),
        [deletion(view, here) for view in views],
    )


def detail(
    known: Known, here: Here, following: str, actions: Sequence[Action] = (), findings: Sequence[Finding] = ()
) -> ItemDetail:
    """All that is known of an item, what happens next, and what was or is to be done because of it."""
    item, mine = known.item, known.full.item
    related = [(view, compare(mine.refs, row.item.refs)) for view, row in known.sharing]
    return ItemDetail(
        source=item.source,
        app=item.app,
        kind=item.kind,
        id=item.id,
        title=item.title,
        presence=item.presence,
        has_file=item.has_file,
        path=item.path,
        root=item.root,
        parent=item.parent,
        refers=item.refers,
        first_seen=item.first_seen,
        changed=item.changed,
        refs=item.refs,
        attrs=dict(mine.attrs),
        same=[view for view, sameness in related if sameness is Sameness.SAME],
        disputed=[view for view, sameness in related if sameness is Sameness.DISPUTED],
        evidence=[
            *(witness(one, item.source) for one in known.waiting),
            *(witness(one, view.source) for view in known.tombstones for one in view.told),
        ],
        tombstones=[deletion(view, here) for view in known.tombstones],
        findings=list(findings),
        actions=list(actions),
        timeline=known.timeline,
        suspected=known.suspect.since_at if known.suspect is not None else None,
        hold=known.hold[0] if known.hold is not None else None,
        displaced=known.displaced,
        next=following,
    )
