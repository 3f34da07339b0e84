"""A thing as the ledger holds it: its copies near and far.

Asked is far: every item that is reached over shared strong refs in any number of steps, disputed
ones too, so that a doubt about identity keeps the thing. Acted on is near: what is the same as the
lost item itself, or refers to it, and contradicts it in nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from reconciled.engine.holds import root_trouble
from reconciled.engine.identity import Sameness, compare
from reconciled.ledger import items, links, parts, sources, suspects
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Item, Presence, Ref, What

MOST = 200
"""A thing of more items than this is no thing: some ref is shared by what has nothing in common."""


class Standing(StrEnum):
    """What the ledger holds of one copy, as far as an agreement goes."""

    PRESENT = "present"
    FILELESS = "without a file"
    GONE = "gone"
    DOUBTED = "a suspect that is not proved"
    HELD = "held"
    FROZEN = "frozen"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Copy:
    """One item of the thing, in one source."""

    row: ItemRow
    source: str
    standing: Standing
    sameness: Sameness

    @property
    def item(self) -> Item:
        """The item itself."""
        return self.row.item

    @property
    def belongs(self) -> bool:
        """Whether it may be acted on: the same as the lost item, or referring to it, in no doubt."""
        return self.sameness is Sameness.SAME and self.row.current


@dataclass(frozen=True, slots=True)
class Thing:
    """What was lost, and every other item that is, or might be, of the same thing.

    `lost` is the item as it last was, `itself` what the ledger holds of it now: where only its file
    went, its entry stands. `others` are far; those that only refer stand in `referring` and are never
    evidence. `endless`: too many items share its refs.
    """

    lost: Item
    itself: Copy
    source: str
    others: tuple[Copy, ...]
    referring: tuple[Copy, ...]
    endless: bool = False

    @property
    def spaces(self) -> frozenset[str]:
        """The spaces in which it is named by a strong ref, by any of its items."""
        everyone: Iterable[Item] = (self.lost, *(copy.item for copy in self.others))
        return frozenset(ref.space for item in everyone for ref in item.strong_refs)

    def of(self, source: str) -> list[Copy]:
        """Its copies in a source."""
        return [copy for copy in self.others if copy.source == source]

    def near(self, source: str) -> list[Copy]:
        """What belongs to the lost item in a source, its own entry too."""
        mine = (self.itself,) if self.itself.item.key == self.lost.key else ()  # else it was replaced
        everyone = (*mine, *self.others, *self.referring)
        return [copy for copy in everyone if copy.source == source and copy.belongs]

    def at(self, path: str) -> "Thing":
        """The single copy at a path: only the items that name the same place."""
        place = Ref("path", path)
        return Thing(
            self.lost,
            self.itself,
            self.source,
            tuple(copy for copy in self.others if place in copy.item.refs or copy.item.path == path),
            (),
            self.endless,
        )


def thing_of(tx: Tx, lost: ItemRow, item: Item) -> Thing:
    """Everything that belongs to, or might belong to, a lost item. `item` is it as it last was."""
    names: dict[int, tuple[str, bool]] = {}
    source, frozen = _named(tx, lost.source_id, names)
    myself = Ref(f"{source}:{item.key.kind}", item.key.id)  # how a record names the very item
    found: dict[int, ItemRow] = {}
    apart = {other for other, said in links.of(tx, lost.id).items() if said == "apart"}
    seen_refs: set[Ref] = set()
    refs, ids = {*item.strong_refs, myself}, [lost.id]
    while (refs or ids) and len(found) <= MOST:
        rows = items.sharing(tx, refs)
        rows += [row for one in ids for row in _linked(tx, one)]
        seen_refs |= refs
        fresh = [row for row in rows if row.id not in found and row.id != lost.id and row.id not in apart]
        found |= {row.id: row for row in fresh}
        telling = [row for row in fresh if not row.item.refers]
        refs = {ref for row in telling for ref in row.item.strong_refs} - seen_refs
        ids = [row.id for row in telling]
    among = {lost.id, *found}
    copies = [_copy(tx, row, lost, item, myself, names, among) for row in found.values()]
    return Thing(
        item,
        Copy(lost, source, _standing(tx, lost, frozen=frozen, sameness=Sameness.SAME), Sameness.SAME),
        source,
        tuple(copy for copy in copies if not copy.item.refers),
        tuple(copy for copy in copies if copy.item.refers),
        len(found) > MOST,
    )


def _linked(tx: Tx, item_id: int) -> list[ItemRow]:
    same = [other for other, said in links.of(tx, item_id).items() if said == "same"]
    return [row for other in same if (row := items.by_id(tx, other)) is not None]


def _copy(
    tx: Tx,
    row: ItemRow,
    lost: ItemRow,
    item: Item,
    myself: Ref,
    names: dict[int, tuple[str, bool]],
    among: Collection[int],
) -> Copy:
    source, frozen = _named(tx, row.source_id, names)
    sameness = compare(item.refs, row.item.refs)
    if links.of(tx, row.id).get(lost.id) == "same" or myself in row.item.refs:
        sameness = Sameness.SAME
    if row.item.refers and sameness is Sameness.SAME and not _refers_only_to(tx, row, among):
        sameness = Sameness.DISPUTED
    return Copy(row, source, _standing(tx, row, frozen=frozen, sameness=sameness), sameness)


def _refers_only_to(tx: Tx, row: ItemRow, among: Collection[int]) -> bool:
    """Whether a record refers to nothing that stands, besides this thing."""
    named = items.sharing(tx, row.item.strong_refs)
    return all(other.item.refers or other.id in among or other.presence is Presence.GONE for other in named)


def _standing(tx: Tx, row: ItemRow, *, frozen: bool, sameness: Sameness) -> Standing:
    if row.presence is Presence.GONE:
        return Standing.GONE
    if frozen or row.presence is Presence.FROZEN:
        return Standing.FROZEN
    suspect = suspects.get(tx, row.id)
    if suspect is not None:
        above = parts.doubt_above(tx, row, suspect.what)
        held = suspect.hold_id is not None or (above is not None and above[1].hold_id is not None)
        return Standing.HELD if held else Standing.DOUBTED
    above = parts.doubt_above(tx, row, What.ENTRY)
    if above is not None:
        return Standing.HELD if above[1].hold_id is not None else Standing.DOUBTED
    if row.presence is Presence.UNLISTED or not row.current or _parent_is_gone(tx, row):
        return Standing.DOUBTED
    if sameness is Sameness.DISPUTED:
        return Standing.DISPUTED
    if row.item.has_file is False:
        return Standing.DOUBTED if _root_is_odd(tx, row) else Standing.FILELESS
    return Standing.PRESENT


def _parent_is_gone(tx: Tx, row: ItemRow) -> bool:
    """A part that stands without what it is a part of: the app contradicts itself."""
    parent = parts.parent_of(tx, row)
    return parent is not None and parent.presence is Presence.GONE


def standing_part(tx: Tx, row: ItemRow, what: What) -> Item | None:
    """A part of what was lost that the ledger still holds (with its file), which speaks against the loss."""
    for child in parts.children(tx, row):
        if child.presence not in (Presence.PRESENT, Presence.UNLISTED):
            continue
        if what is What.ENTRY or child.item.has_file is True:
            return child.item
    return None


def _root_is_odd(tx: Tx, row: ItemRow) -> bool:
    """An app that looks at another disk has no file of anything."""
    roots = sources.roots(tx, row.source_id)
    root = row.item.root or ""
    return root_trouble(roots.get(root), root, known=bool(roots)) is not None


def _named(tx: Tx, source_id: int, names: dict[int, tuple[str, bool]]) -> tuple[str, bool]:
    if source_id not in names:
        row = sources.by_id(tx, source_id)
        names[source_id] = (row.name, row.state == "frozen")
    return names[source_id]
