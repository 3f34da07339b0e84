"""What belongs to a lost item beside those that are the same: the copies that we made, and what refers to it.

A made copy goes with its last original, and with nobody's else: as long as another one of them is not
proved gone it is kept. What refers (a request, a record, a vector) goes when all that it names goes.
"""

from collections.abc import Collection, Iterable, Mapping

from reconciled.engine.identity import Sameness, compare
from reconciled.engine.mirror.keeping import other_originals, why_kept
from reconciled.engine.outbox.standing import Copy, Sources, standing
from reconciled.ledger import copies, copies_of, items, tombstones
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Item, Presence, Ref


def made_of(
    tx: Tx, lost: ItemRow, item: Item, known: Sources, *, alike: Mapping[int, ItemRow], apart: Collection[int]
) -> list[Copy]:
    """The copies that we made of a lost item; and what we made of another one that shares its refs (`alike`).

    `apart` are rows of which somebody said that they are something else.
    """
    named = {row.target_item for row in copies.of_original(tx, lost.id).values()} - {None, lost.id, *apart}
    rows = {one: row for one in named if one is not None and (row := items.by_id(tx, one)) is not None}
    mine = {one: row for one, row in rows.items() if copies_of.is_made(tx, one)}
    found = []
    for row in (mine | dict(alike)).values():
        same = Sameness.SAME if row.id in mine else compare(item.refs, row.item.refs)
        source, frozen = known.of(row.source_id)
        found.append(
            Copy(
                row,
                source,
                standing(tx, row, frozen=frozen, sameness=same),
                same,
                came=tombstones.last_return(tx, row.id),  # when it was brought says nothing: we brought it
                kept=why_kept(tx, row, besides=lost.id) or "",
                originals=other_originals(tx, row, besides=lost.id),
            )
        )
    return sorted(found, key=lambda copy: copy.row.id)


def about(tx: Tx, made: Iterable[Copy], known: Sources) -> list[ItemRow]:
    """What refers to one of these copies."""
    refs = {ref for copy in made for ref in (itself(copy.row, known), *copy.item.strong_refs)}
    return [row for row in items.sharing(tx, refs) if row.item.refers]


def names(row: ItemRow, copy: Copy, known: Sources) -> bool:
    """Whether an item refers to a copy."""
    return itself(copy.row, known) in row.item.refs or compare(copy.item.refs, row.item.refs) is Sameness.SAME


def itself(row: ItemRow, known: Sources) -> Ref:
    """The explicit ref by which others name the very item, such as `paperless:document/12`."""
    key = row.item.key
    return Ref(f"{known.of(row.source_id)[0]}:{key.kind}", key.id)


def why_referred_to(row: ItemRow, made: Iterable[Copy], known: Sources) -> str | None:
    """Why what refers to one of these copies is left: because that one is. None: it does to none that is."""
    left = next((copy for copy in made if copy.kept and names(row, copy, known)), None)
    return f"it refers to {left.item.key} of {left.source}, and that: {left.kept}" if left else None


def refers_only_to(tx: Tx, row: ItemRow, among: Collection[int]) -> bool:
    """Whether a record refers to nothing that stands besides these items, or that nobody has looked at."""
    strong = row.item.strong_refs
    if copies_of.names_unknown(tx, strong):
        return False
    named = [*items.sharing(tx, strong), *(one for ref in strong if (one := copies_of.named_by(tx, ref)))]
    return all(other.item.refers or other.id in among or is_over(tx, other) for other in named)


def is_over(tx: Tx, row: ItemRow) -> bool:
    """Whether an item is gone, and stands under no other key of its source as which it came back."""
    if row.presence is not Presence.GONE:
        return False
    if tombstones.newest_of(tx, row.id) is not None:
        return True
    heirs = items.sharing(tx, row.item.strong_refs, source_id=row.source_id)
    return all(other.presence is Presence.GONE for other in heirs if other.item.key.kind == row.item.key.kind)
