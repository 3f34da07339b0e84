"""One item of a thing, in one source, and what the ledger holds of it as far as an agreement goes."""

from dataclasses import dataclass, field
from enum import StrEnum

from reconciled.engine.holds import root_trouble
from reconciled.engine.identity import Sameness
from reconciled.ledger import parts, sources, suspects
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Item, Key, Presence, What


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
    """One item of the thing, in one source.

    `came` is since when it stands there by somebody's wish, as a sequence number. Of what we made, and of
    what refers to that: `kept` says why it is left alone (empty: it is not), `originals` are the other
    things that it was a copy of, all gone, as a source and a key: they must still be.
    """

    row: ItemRow
    source: str
    standing: Standing
    sameness: Sameness
    came: int = 0
    kept: str = ""
    originals: tuple[tuple[str, Key], ...] = ()

    @property
    def item(self) -> Item:
        """The item itself."""
        return self.row.item

    @property
    def belongs(self) -> bool:
        """Whether it may be acted on: the same as the lost item, its copy or referring to it, in no doubt."""
        return self.sameness is Sameness.SAME and self.row.current and not self.kept


@dataclass(slots=True)
class Sources:
    """The names of the sources that come up, and whether they are frozen."""

    tx: Tx
    _known: dict[int, tuple[str, bool]] = field(default_factory=dict)

    def of(self, source_id: int) -> tuple[str, bool]:
        """A source's name, and whether it left the config."""
        if source_id not in self._known:
            row = sources.by_id(self.tx, source_id)
            self._known[source_id] = (row.name, row.state == "frozen")
        return self._known[source_id]


def standing(tx: Tx, row: ItemRow, *, frozen: bool, sameness: Sameness) -> Standing:
    """What the ledger holds of an item."""
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


def _root_is_odd(tx: Tx, row: ItemRow) -> bool:
    """An app that looks at another disk has no file of anything."""
    roots = sources.roots(tx, row.source_id)
    root = row.item.root or ""
    return root_trouble(roots.get(root), root, known=bool(roots)) is not None
