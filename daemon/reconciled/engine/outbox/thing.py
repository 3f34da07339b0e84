"""A thing as the ledger holds it: its copies near and far.

Asked is far: every item that is reached over shared strong refs in any number of steps, disputed
ones too, so that a doubt about identity keeps the thing. Acted on is near: what is the same as the
lost item itself, is a copy that we made of it, or refers to either, and contradicts it in nothing.

Made copies, and what only refers, are never evidence: nobody is asked about them, and one that
stands keeps nothing else from being done.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from reconciled.engine.identity import Sameness, compare
from reconciled.engine.outbox.belonging import about, made_of, names, refers_only_to
from reconciled.engine.outbox.standing import Copy, Sources, Standing, standing
from reconciled.ledger import copies_of, items, links, parts, tombstones
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Item, Key, Presence, Ref, What

MOST = 200
"""A thing of more items than this is no thing: some ref is shared by what has nothing in common."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What was lost, and every other item that is, or might be, of the same thing.

    `lost` is the item as it last was, `itself` what the ledger holds of it now: where only its file
    went, its entry stands. `others` are far; those that only refer stand in `referring`, and copies that we
    made of the lost item in `made`: these are never evidence. `endless`: too many items share its refs.
    """

    lost: Item
    itself: Copy
    source: str
    others: tuple[Copy, ...]
    referring: tuple[Copy, ...]
    endless: bool = False
    made: tuple[Copy, ...] = ()

    @property
    def everyone(self) -> tuple[Copy, ...]:
        """Every other item that has to do with it, evidence or not."""
        return (*self.others, *self.referring, *self.made)

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
        replaced = _was_replaced(self.itself.row, self.lost)
        everyone = (*self.others, *self.referring) if replaced else (self.itself, *self.everyone)
        return [copy for copy in everyone if copy.source == source and copy.belongs]

    def left_alone(self, source: str, key: Key) -> str:
        """Why a copy that we made of the lost item is not touched; empty: nothing speaks for that."""
        mine = (copy.kept for copy in self.made if (copy.source, copy.item.key) == (source, key))
        return next(mine, "")

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
            self.made,
        )


def thing_of(tx: Tx, lost: ItemRow, item: Item) -> Thing:
    """Everything that belongs to, or might belong to, a lost item. `item` is it as it last was."""
    known = Sources(tx)
    source, frozen = known.of(lost.source_id)
    myself = Ref(f"{source}:{item.key.kind}", item.key.id)  # how a record names the very item
    found: dict[int, ItemRow] = {}
    made: dict[int, ItemRow] = {}
    apart = {other for other, said in links.of(tx, lost.id).items() if said == "apart"}
    seen_refs: set[Ref] = set()
    refs, ids = {*item.strong_refs, myself}, [lost.id]
    while (refs or ids) and len(found) <= MOST:
        rows = items.sharing(tx, refs)
        rows += [row for one in ids for row in _linked(tx, one)]
        seen_refs |= refs
        fresh = [row for row in rows if row.id not in {lost.id, *found, *made, *apart}]
        made |= {row.id: row for row in fresh if copies_of.is_made(tx, row.id)}
        fresh = [row for row in fresh if row.id not in made]
        found |= {row.id: row for row in fresh}
        telling = [row for row in fresh if not row.item.refers]
        refs = {ref for row in telling for ref in row.item.strong_refs} - seen_refs
        ids = [row.id for row in telling]
    ours = made_of(tx, lost, item, known, alike=made, apart=apart)
    going = [copy for copy in ours if copy.belongs and not _was_replaced(lost, item)]
    found |= {row.id: row for row in about(tx, going, known) if row.id not in {lost.id, *apart}}
    among = {lost.id, *found, *(copy.row.id for copy in going)}
    copies = [_copy(tx, row, lost, item, known, going, among) for row in found.values()]
    return Thing(
        item,
        Copy(
            lost, source, standing(tx, lost, frozen=frozen, sameness=Sameness.SAME), Sameness.SAME,
            came=lost.key_seq,
        ),
        source,
        tuple(copy for copy in copies if not copy.item.refers),
        tuple(copy for copy in copies if copy.item.refers),
        len(found) > MOST,
        tuple(ours),
    )  # fmt: skip


def _was_replaced(row: ItemRow, lost: Item) -> bool:
    """Whether the row stands under another key now: what we made is a copy of that."""
    return row.item.key != lost.key


def _linked(tx: Tx, item_id: int) -> list[ItemRow]:
    same = [other for other, said in links.of(tx, item_id).items() if said == "same"]
    return [row for other in same if (row := items.by_id(tx, other)) is not None]


def _copy(
    tx: Tx,
    row: ItemRow,
    lost: ItemRow,
    item: Item,
    known: Sources,
    going: Sequence[Copy],
    among: Collection[int],
) -> Copy:
    """An item that was found; `going` are the made copies that belong to the lost item."""
    source, frozen = known.of(row.source_id)
    sameness = compare(item.refs, row.item.refs)
    mine = Ref(f"{known.of(lost.source_id)[0]}:{item.key.kind}", item.key.id)
    named = [copy for copy in going if row.item.refers and names(row, copy, known)]
    if links.of(tx, row.id).get(lost.id) == "same" or mine in row.item.refs:
        sameness = Sameness.SAME
    if sameness is Sameness.UNRELATED and named:
        sameness = Sameness.SAME
    if row.item.refers and sameness is Sameness.SAME and not refers_only_to(tx, row, among):
        sameness = Sameness.DISPUTED
    return Copy(
        row,
        source,
        standing(tx, row, frozen=frozen, sameness=sameness),
        sameness,
        came=_came(tx, row),
        originals=tuple(pair for copy in named for pair in copy.originals),
    )


def _came(tx: Tx, row: ItemRow) -> int:
    """Since when it stands there as what it is: under its key, by its name, back from where it had gone."""
    back = tombstones.last_return(tx, row.id, what=What.ENTRY)
    return max(row.key_seq, items.named_since(tx, row.id), back)


def standing_part(tx: Tx, row: ItemRow, what: What) -> Item | None:
    """A part of what was lost that the ledger still holds (with its file), which speaks against the loss."""
    for child in parts.children(tx, row):
        if child.presence not in (Presence.PRESENT, Presence.UNLISTED):
            continue
        if what is What.ENTRY or child.item.has_file is True:
            return child.item
    return None


__all__ = ["MOST", "Copy", "Standing", "Thing", "standing_part", "thing_of"]
