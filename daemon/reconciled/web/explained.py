"""All that is known of one thing, read as of one state of the ledger: where each app's item stands and why,
what was heard of it last, who deleted it, what people said and were told, and what happens next.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from reconciled.engine.engine import Place
from reconciled.engine.explaining import Facts, Grave, State, Why, why
from reconciled.engine.holds import root_trouble
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.outbox.thing import thing_of
from reconciled.ledger import items, parts, sources, views_actions, views_explain, views_items, views_losses
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow, stamp
from reconciled.ledger.views_explain import Listed, Part, Parts, Position
from reconciled.ledger.views_losses import TombstoneView
from reconciled.model import Item, Presence
from reconciled.web import actions
from reconciled.web.actions import Action, next_of, told
from reconciled.web.answers import Story, story, witness
from reconciled.web.explanation import Heard, Next, Placed, SourceSays, Thing
from reconciled.web.house import House
from reconciled.web.remedies import Finding, with_remedies

STORIES = 5
ITSELF, REFERS, COPY = "itself", "refers", "copy"
_DOUBTED = frozenset(State) - {
    State.PRESENT, State.RETURNED, State.FILE_GONE, State.GONE, State.GONE_WITH_PARENT, State.FROZEN,
    State.NEVER_LISTED, State.FORGOTTEN,
}  # fmt: skip
"""States from which something follows by itself."""


class Reader:
    """Reads explanations in one transaction."""

    def __init__(self, tx: Tx, house: House) -> None:
        self._tx = tx
        self._house = house
        self._here = actions.moment(house)
        self._now = house.clock.reckoned()
        self._scans = views_explain.last_scans(tx)
        self._names = {row.id: row for row in sources.every(tx)}

    def of_row(self, row: ItemRow) -> Thing:
        """The thing that a row of the ledger is."""
        tx = self._tx
        whole = thing_of(tx, row, row.item)
        others = [(copy.row, str(copy.sameness)) for copy in whole.others]
        others += [(copy.row, REFERS) for copy in whole.referring]
        others += [(copy.row, COPY) for copy in whole.made]
        placed = {
            row.id: self._placed(row, ITSELF),
            **{one.id: self._placed(one, how) for one, how in others},
        }
        near = [one for one, how in others if how in (Sameness.SAME, REFERS, COPY)]
        name = self._names[row.source_id]
        known = views_items.known(tx, name.name, row.item.key)
        graves = [grave for one in (row, *near) for grave in views_losses.of_item(tx, one.id)]
        earlier = [one for one in items.by_key(tx, row.source_id, row.item.key) if one.id != row.id]
        mine, above = placed[row.id], parts.parent_of(tx, row)
        findings, acts = self._follows([row, *near], graves)
        return Thing(
            source=name.name, app=name.app, kind=mine.kind, id=mine.id, title=mine.title, state=mine.state,
            because=mine.because, first_seen=row.first_at, changed=known.item.changed if known else None,
            refs=mine.refs, next=self._next(mine, list(placed.values()), acts, findings),
            stories=self._stories(graves),
            evidence=[witness(one, name.name) for one in (known.waiting if known else [])],
            sources=self._sources(placed.values(), whole.spaces), findings=findings, actions=acts,
            decisions=_decisions(acts), links=views_explain.said_of(tx, row.id),
            part_of=_part(above) if above is not None else None, parts=views_explain.parts_of(tx, row),
            displaced=[self._placed(one, "before it") for one in earlier],
            timeline=known.timeline if known else [],
        )  # fmt: skip

    def of_grave(self, graves: Sequence[TombstoneView]) -> Thing:
        """What only tombstones tell of, newest first: never listed, or let go by the ledger since."""
        grave, tx = graves[0], self._tx
        facts = Facts(grave.source, None, self._now, grave=_grave(grave, None))
        found = why(facts, self._here.time)
        refs = views_explain.refs_of(grave)
        same = [one for one in items.sharing(tx, refs) if compare(refs, one.item.refs) is Sameness.SAME]
        placed = [self._placed(one, REFERS if one.item.refers else str(Sameness.SAME)) for one in same]
        findings, acts = self._follows(same, graves)
        mine = self._fallen(grave, found)
        return Thing(
            source=grave.source, app=grave.app, kind=grave.kind, id=grave.key, title=grave.title,
            state=str(found.state), because=found.because, first_seen=grave.seen_first, changed=None,
            refs=grave.refs, next=self._next(mine, placed, acts, findings), stories=self._stories(graves),
            evidence=[], sources=self._sources(placed, frozenset(ref.space for ref in refs)),
            findings=findings, actions=acts, decisions=_decisions(acts), links=[], part_of=None,
            parts=Parts(0, {}, []), displaced=[], timeline=[],
        )  # fmt: skip

    def why_of(self, row: ItemRow) -> Why:
        """Where a row stands, and why."""
        return why(self._facts(views_explain.position(self._tx, row)), self._here.time)

    def _fallen(self, grave: TombstoneView, found: Why) -> Placed:
        """What only a tombstone tells of, as an item."""
        return Placed(
            grave.source, grave.app, grave.kind, grave.key, grave.title, ITSELF, str(Presence.GONE), None,
            str(found.state), found.because, found.then, None, None, None, None, None, None, grave.refs, {},
        )  # fmt: skip

    def _placed(self, row: ItemRow, relation: str) -> Placed:
        stands = views_explain.position(self._tx, row)
        facts = self._facts(stands)
        found, item, name = why(facts, self._here.time), row.item, self._names[row.source_id]
        return Placed(
            source=name.name, app=name.app, kind=item.key.kind, id=item.key.id, title=item.title,
            relation=relation, presence=str(row.presence), has_file=item.has_file, state=str(found.state),
            because=found.because, then=found.then, due=_stamp(found.due),
            suspected=stands.suspect.since_at if stands.suspect is not None else None,
            hold=stands.hold[0] if stands.hold is not None else None, answer=_heard(facts, self._scans),
            path=item.path, root=item.root, refs=sorted(map(str, item.refs)), attrs=dict(item.attrs),
        )  # fmt: skip

    def _facts(self, stands: Position) -> Facts:
        row, name = stands.row, self._names[stands.row.source_id]
        scan = self._scans.get(name.name)
        simply = row.presence is Presence.PRESENT and stands.suspect is None and row.current
        listed = scan is not None and simply and row.first_seq <= scan.seq
        graves = stands.tombstones
        return Facts(
            name.name,
            row.presence,
            self._now,
            row.current,
            stands.suspect,
            stands.hold,
            stands.above,
            stands.work,
            stands.stuck,
            unheard(self._house.engine.places.get(name.name)),
            self._root(row.source_id, row.item),
            stands.answer,
            scan.at if scan is not None and listed else None,
            _grave(graves[0], row.id) if graves else None,
            row.item.has_file is False,
        )

    def _root(self, source_id: int, item: Item) -> str | None:
        known = sources.roots(self._tx, source_id)
        root = item.root or ""
        return root_trouble(known.get(root), root, known=bool(known))

    def _stories(self, graves: Iterable[TombstoneView]) -> list[Story]:
        numbers = sorted({grave.story for grave in graves}, reverse=True)[:STORIES]
        return [story(views_losses.of_story(self._tx, number), self._here) for number in numbers]

    def _follows(
        self, rows: Iterable[ItemRow], graves: Iterable[TombstoneView]
    ) -> tuple[list[Finding], list[Action]]:
        """The findings and the actions about these rows, newest first."""
        ids = dict.fromkeys([row.id for row in rows] + [one.item for one in graves if one.item is not None])
        findings = {one.id: one for item in ids for one in views_losses.findings_of(self._tx, item)}
        acts = {one.id: one for item in ids for one in views_actions.of_item(self._tx, item)}
        return (
            [with_remedies(self._house, findings[number]) for number in sorted(findings, reverse=True)],
            [told(self._house, acts[number]) for number in sorted(acts, reverse=True)],
        )

    def _sources(self, placed: Iterable[Placed], spaces: frozenset[str]) -> list[SourceSays]:
        """Every source that holds the thing, names things like it, or was never read."""
        held: dict[str, list[Placed]] = {}
        for one in placed:
            held.setdefault(one.source, []).append(one)
        named = sources.spaces(self._tx)
        found = []
        for row in self._names.values():
            scan = self._scans.get(row.name)
            if row.name in held or named.get(row.id, frozenset()) & spaces or not row.scanned:
                found.append(self._says(row.name, row.app, held.get(row.name, []), scan))
        return found

    def _says(self, name: str, app: str, held: list[Placed], scan: Listed | None) -> SourceSays:
        place = self._house.engine.places.get(name)
        note = None
        if scan is None:
            note = "no scan of it is complete yet, so what it holds is not known"
        elif not held:
            note = f"the scan {self._here.time(scan.at)} showed nothing of it"
        return SourceSays(
            name, app, str(place.live.health.state) if place is not None else "not running", unheard(place),
            scan.at if scan is not None else None, note, held,
        )  # fmt: skip

    def _next(
        self, mine: Placed, placed: Iterable[Placed], acts: Iterable[Action], findings: Iterable[Finding]
    ) -> list[Next]:
        """What happens next: with the item, with the others in doubt, by actions, and by whom it waits."""
        found = [Next(mine.then, mine.due)]
        others = [one for one in placed if one.relation != ITSELF and one.state in _DOUBTED]
        found += [Next(f"{one.source} {one.kind} {one.id}: {one.then}", one.due) for one in others]
        live = [(one, said) for one in acts if (said := next_of(self._house, one)) is not None]
        found += [Next(said.rstrip("."), one.due) for one, said in live]
        for finding in findings:
            found += [Next(f"to end the loop: {one.command}", None) for one in finding.remedies]
        return found


def unheard(place: Place | None) -> str | None:
    """Why a source's word does not count now; None when it does."""
    if place is None:
        return "it does not run: it is not in the config"
    live = place.live
    if live.paused is not None:
        return f"it is paused by {live.paused}"
    if not live.answers:
        return f"{live.health.state}: {live.health.detail}"
    return live.not_judged()


def _heard(facts: Facts, scans: dict[str, Listed]) -> Heard | None:
    answer = facts.answer
    if facts.listed is not None and (answer is None or answer.at < facts.listed):
        run = scans[facts.source].run
        return Heard("present", f"the scan (run {run}) listed it", facts.listed, "listing")
    return Heard(answer.verdict, answer.said, answer.at, "lookup") if answer is not None else None


def _grave(grave: TombstoneView, row_id: int | None) -> Grave:
    proof = next((one.said for one in reversed(grave.told) if one.how == "lookup"), None)
    inside = f"{grave.kind} {grave.key}" if row_id is not None and grave.item != row_id else None
    back = (grave.revived.at, grave.revived.key) if grave.revived is not None else None
    return Grave(grave.what, grave.confirmed, grave.seen_first, proof, inside, back)


def _part(row: ItemRow) -> Part:
    key = row.item.key
    return Part(
        key.kind, key.id, row.item.title, str(row.presence), doubted=row.presence is Presence.UNLISTED
    )


def _decisions(acts: Iterable[Action]) -> list[int]:
    return sorted({one.decision for one in acts if one.state == "waiting" and one.decision is not None})


def _stamp(reckoned: float | None) -> str | None:
    return stamp(datetime.fromtimestamp(reckoned, UTC)) if reckoned is not None else None
