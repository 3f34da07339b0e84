"""What acting on a group of duplicates would be: each act with its words, from the ledger as it stands.

Pure but for reading. What cannot be done to a member is said and left out; a group of which nothing is left
to do is refused with the reasons. The same plan is made again when it is ordered, so that what is done is
what was shown.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reconciled.config import Verb
from reconciled.engine.duplicates.acting_words import about, count_of, delete_words
from reconciled.engine.duplicates.acts import Act, Do, Plan, Wanted
from reconciled.engine.outbox.by_hand import Order, cannot
from reconciled.engine.outbox.images import wears
from reconciled.engine.outbox.keeper import against
from reconciled.engine.outbox.keeper_facts import facts_about
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.shown import Paper, Told, paper_of, titles
from reconciled.ledger import groups, items, judgements, keepers, sources
from reconciled.ledger.groups import GroupRow, GroupState, MemberRow
from reconciled.ledger.rows import ItemRow, dump
from reconciled.model import Presence
from reconciled.source import Deletes, Deletion, Source

_Going: TypeAlias = tuple[ItemRow, Paper, Deletion]
"""A member that would be deleted, and how."""


class _Not(Exception):
    """Nothing can be done to the group; the message says why."""


@dataclass(slots=True)
class _Draft:
    """A plan that is being made."""

    scene: Scene
    wanted: Wanted
    label: str
    group: GroupRow
    members: Mapping[int, MemberRow]
    primary: ItemRow
    stays: Paper
    victims: list[tuple[ItemRow, Paper]]
    acts: list[Act] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def leave(self, paper: Paper, why: str) -> None:
        """Nothing is done to a member."""
        self.left.append(f"{paper.name} stays as it is: {why}")

    def told(self, *others: Paper, without: Sequence[str] = ()) -> Told:
        """What is shown with an act about these, and what had been said of them by then."""
        pairs = [judgements.get(self.scene.tx, one.item, self.stays.item) for one in others]
        said = {one.item: pair.at for one, pair in zip(others, pairs, strict=True) if pair is not None}
        return Told(
            group=self.group.id, primary=self.stays, others=[*others], without=[*without], said=said,
            answered=self.group.answered_at, stood=self.group.primary,
        )  # fmt: skip

    def source(self, name: str) -> Source[Any] | None:
        """The source of that name, if it runs."""
        place = self.scene.places.get(name)
        return place.live.source if place is not None else None


def plan(scene: Scene, wanted: Wanted, *, label: str) -> Plan:
    """What would be done to a group as of this transaction; `label` is the dry run's tag."""
    try:
        draft = _draft(scene, wanted, label)
    except _Not as why:
        return Plan(
            wanted, f"group {wanted.group}", refused=str(why), print=_print(wanted, label, [str(why)])
        )
    match wanted.do:
        case Do.TAG | Do.UNTAG:
            _label(draft, Verb(wanted.do))
        case Do.MERGE:
            _merge(draft, [paper for _, paper in draft.victims])
        case Do.DELETE:
            _delete(draft, _going(draft))
        case Do.MERGE_DELETE:
            _merge_and_delete(draft)
    if draft.acts and wanted.do is not Do.UNTAG:
        _clear(draft)
    lines = (*draft.lines, *draft.left)
    refused = "; ".join(draft.left) or "there is nothing to do" if not draft.acts else None
    group = draft.group
    seen = [
        group.band, group.state, group.primary, group.answered_at, draft.primary.id, *_prints(draft), *lines,
        refused,
    ]  # fmt: skip
    return Plan(
        wanted, draft.stays.title, tuple(draft.acts), lines if draft.acts else (), refused,
        _print(wanted, label, seen),
    )  # fmt: skip


def _draft(scene: Scene, wanted: Wanted, label: str) -> _Draft:
    """The group, what stays of it and what does not. _Not."""
    group = _group(scene, wanted)
    members = groups.members(scene.tx, [group.id]).get(group.id, {})
    number = wanted.primary if wanted.primary is not None else group.primary
    named = (number, *wanted.members)
    if number in wanted.members:
        raise _Not("what stays cannot be among what does not; leave the primary out")
    if odd := [one for one in named if one not in members]:
        raise _Not(f"item {odd[0]} is not in group {group.id} (any more)")
    there = {one: found for one in sorted(members) if (found := _paper(scene, one)) is not None}
    if wanted.do is Do.UNTAG and wanted.primary is None and number not in there and there:
        number = min(there)  # what stood for it went; who bears the tag is taken for what is to go, too
        named = (number, *wanted.members)
    if gone := [one for one in named if one not in there]:
        raise _Not(f"a member of group {group.id} is gone (item {gone[0]}); look at it again")
    primary, stays = there[number]
    chosen = {one for one in there if one != number and (not wanted.members or one in wanted.members)}
    if wanted.do is not Do.UNTAG:
        _as_compared({one: there[one][1] for one in sorted({number, *chosen})}, members)
    victims = [there[one] for one in sorted(chosen)]
    return _Draft(scene, wanted, label.strip(), group, members, primary, stays, victims)


def _group(scene: Scene, wanted: Wanted) -> GroupRow:
    """The group, if anything may be done to it. A tag may be taken off again, whatever was answered. _Not."""
    group = groups.get(scene.tx, wanted.group)
    if group is None:
        raise _Not(f"there is no group {wanted.group} any more")
    if wanted.do is Do.UNTAG:
        return group
    if group.over is not None:
        raise _Not(f"group {group.id} is over: {group.over}")
    if group.state is not GroupState.OPEN:
        raise _Not(f"group {group.id} is {group.state}; open it again to {wanted.do.words} anything of it")
    return group


def _as_compared(papers: Mapping[int, Paper], members: Mapping[int, MemberRow]) -> None:
    """That they are alike was found out of these very texts. _Not."""
    for one, paper in papers.items():
        if paper.text != members[one].print.hex():
            raise _Not(f"{paper.name} has another text than when it was compared; it is compared again first")


def _paper(scene: Scene, item_id: int) -> tuple[ItemRow, Paper] | None:
    """A member with its paper as it stands; None: it is gone, or another thing has its key."""
    row = items.by_id(scene.tx, item_id)
    if row is None or not row.current or row.presence is Presence.GONE:
        return None
    return row, paper_of(scene.tx, row, sources.by_id(scene.tx, row.source_id).name)


def _label(draft: _Draft, verb: Verb) -> None:
    """The dry run: a tag on each member, or off again; off what stays, too, if it got it from us."""
    marked: dict[str, list[Paper]] = {}
    everyone = draft.victims
    meant = not draft.wanted.members or draft.primary.id in draft.wanted.members
    if verb is Verb.UNTAG and draft.members[draft.primary.id].label and meant:
        everyone = [(draft.primary, draft.stays), *everyone]
    for row, paper in everyone:
        before = draft.members[row.id].label or draft.label
        label = before if verb is Verb.UNTAG else draft.label
        source = draft.source(paper.source)
        order = Order(verb, paper.source, paper.key, label=label)
        if source is None:
            draft.leave(paper, f"{paper.source} left the config")
        elif lack := cannot(source, order, paper.source):
            draft.leave(paper, lack)
        elif wears(row.item.attrs, label) is (verb is Verb.TAG):
            has = "has the tag already" if verb is Verb.TAG else f"does not have the tag “{label}”"
            draft.left.append(f"{paper.name} {has}")
        elif before.casefold() != label.casefold() and wears(row.item.attrs, before):
            draft.leave(paper, f"it has the tag “{before}” of an earlier dry run; take that off first")
        elif verb is Verb.TAG and (odd := _against(draft, row, paper, files=False)) is not None:
            draft.leave(paper, odd)
        else:
            told = draft.told(paper) if verb is Verb.TAG else None
            draft.acts.append(Act(verb, paper, label=label, told=told))
            marked.setdefault(label, []).append(paper)
    for label, papers in marked.items():
        how = (
            f"tag {count_of(papers)} with “{label}”"
            if verb is Verb.TAG
            else f"take the tag “{label}” off {count_of(papers)}"
        )
        draft.lines.append(f"{how}: {titles(papers)}")


def _clear(draft: _Draft) -> None:
    """What stays keeps no tag of the dry run, which it got before it was the one to stay: who throws away in
    the app what bears the tag would throw the last copy away.
    """
    label, stays = draft.members[draft.primary.id].label, draft.stays
    source = draft.source(stays.source)
    if source is None or not label or wears(draft.primary.item.attrs, label) is False:
        return
    if cannot(source, Order(Verb.UNTAG, stays.source, stays.key, label=label), stays.source) is None:
        draft.acts.append(Act(Verb.UNTAG, stays, label=label, beside=True))
        draft.lines.append(f"take the tag “{label}” off {stays.name}, which stays")


def _merge(draft: _Draft, papers: Iterable[Paper]) -> list[Paper]:
    """The primary takes over what the others of its source are labelled with. Returns those.

    But for the dry run's tag: who looks for that finds what is to go, and never what stays.
    """
    stays, merged = draft.stays, list[Paper]()
    source = draft.source(stays.source)
    lack = (
        f"{stays.source} left the config"
        if source is None
        else cannot(source, Order(Verb.MERGE, stays.source, stays.key), stays.source)
    )
    for paper in papers:
        if lack:
            draft.leave(paper, lack)
        elif paper.source != stays.source:
            draft.leave(paper, f"it is of {paper.source}, and {stays.source} merges only what it has itself")
        else:
            merged.append(paper)
    if merged:
        ours = {draft.label, *(draft.members[paper.item].label or "" for paper in merged)} - {""}
        told = draft.told(*merged, without=sorted(ours))
        draft.acts.append(Act(Verb.MERGE, stays, told=told, first=True))
        draft.lines.append(f"merge the labels of {count_of(merged)} onto {stays.name}: {titles(merged)}")
    return merged


def _merge_and_delete(draft: _Draft) -> None:
    """Merged is exactly what goes, and goes what is merged: nothing else loses its labels, or gives them."""
    going = _going(draft)
    merged = {paper.item for paper in _merge(draft, [paper for _, paper, _ in going])}
    _delete(draft, [one for one in going if one[1].item in merged])


def _delete(draft: _Draft, going: Iterable[_Going]) -> None:
    """Members go, each for the primary that stays."""
    for row, paper, how in going:
        told = draft.told(paper)
        draft.acts.append(Act(Verb.DELETE, paper, how=how, told=told))
        draft.lines.append(delete_words(draft.source(paper.source), paper, draft.stays, how))
        draft.lines += about(draft.scene.tx, row, paper)


def _going(draft: _Draft) -> list[_Going]:
    """The members that would be deleted, and how; why another one stays is said."""
    found = []
    for row, paper in draft.victims:
        how = _how(draft, row, paper)
        if isinstance(how, Deletion):
            found.append((row, paper, how))
        else:
            draft.leave(paper, how)
    return found


def _how(draft: _Draft, row: ItemRow, paper: Paper) -> Deletion | str:
    """How a member would be deleted, or why it is not."""
    source = draft.source(paper.source)
    if source is None:
        return f"{paper.source} left the config"
    if (how := deletion_of(source)) is None:
        return f"{paper.source} cannot delete anything"
    if (under_way := keepers.deleting(draft.scene.tx, [row.id])) is not None:
        return f"it is being deleted already (a{under_way.id})"
    odd = _against(draft, row, paper, files=how.files)
    return odd if odd is not None else how


def _against(draft: _Draft, row: ItemRow, paper: Paper, *, files: bool) -> str | None:
    """What there is against throwing a member away for the primary, or tagging it as what may be."""
    odd = against(facts_about(draft.scene, draft.told(paper), row, draft.primary, files=files))
    return odd.reason if odd is not None and not odd.waits else None


def deletion_of(source: Source[Any]) -> Deletion | None:
    """How an app deletes a duplicate: its file, too, where it can, and nothing is kept from coming back."""
    if not isinstance(source, Deletes):
        return None
    wished = (Deletion(files=True), Deletion(), *sorted(source.options, key=repr))
    return next((how for how in wished if how in source.options), None)


def _prints(draft: _Draft) -> list[list[Any]]:
    """All that the plan is about, as it is now: any change of it makes another print."""
    known = [(draft.primary, draft.stays), *draft.victims]
    return [[row.id, row.print.hex(), paper.print, paper.text] for row, paper in known]


def _print(wanted: Wanted, label: str, seen: Sequence[Any]) -> str:
    told = [wanted.group, wanted.do, sorted(wanted.members), wanted.primary, label, seen]
    return hashlib.blake2b(dump(told).encode(), digest_size=16).hexdigest()
