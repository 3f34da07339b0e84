"""Which things fit what a person typed: a key, a ref, or a part of a title or an id.

Items and tombstones that share a strong ref are one thing, in however many apps they stand. A title that
is typed in full goes before those that only hold it, and a season is told of with its series.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciled.ledger import items, sources, views_explain, views_items, views_losses
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.ledger.views_losses import TombstoneView
from reconciled.model import Key, Ref
from reconciled.web.explanation import Match

MOST = 50
"""So many items that hold the words, of that very title, and so many tombstones, are looked at."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that fits, or a tombstone of one that the ledger does not hold."""

    source: str
    key: Key
    title: str
    refs: frozenset[Ref]
    parent: Key | None = None
    row: ItemRow | None = None
    grave: TombstoneView | None = None

    @property
    def place(self) -> tuple[str, Key]:
        """Where it stands."""
        return self.source, self.key


@dataclass(frozen=True, slots=True)
class Fit:
    """One thing that fits. There is at least one hit."""

    hits: tuple[Hit, ...]

    @property
    def rows(self) -> list[ItemRow]:
        """Its items, those in doubt first."""
        return views_explain.in_doubt([hit.row for hit in self.hits if hit.row is not None])

    @property
    def graves(self) -> list[TombstoneView]:
        """Its tombstones without an item, newest first."""
        return [hit.grave for hit in self.hits if hit.grave is not None]

    def match(self) -> Match:
        """The same for the list of what fits."""
        rows = self.rows
        first = next((hit for hit in self.hits if rows and hit.row is rows[0]), self.hits[0])
        presence = str(first.row.presence) if first.row is not None else None
        also = sorted({hit.source for hit in self.hits} - {first.source})
        return Match(first.source, first.key.kind, first.key.id, first.title, presence, also)


def at_key(tx: Tx, source: str, key: Key) -> Fit | None:
    """What stands under a key, or stood."""
    known = sources.get(tx, source)
    rows = items.by_key(tx, known.id, key) if known is not None else []
    if rows:
        return Fit((_of_row(source, rows[0]),))
    graves = views_losses.of_key(tx, source, kind=key.kind, key=key.id)
    return Fit(tuple(_of_grave(grave) for grave in graves)) if graves else None


def fitting(tx: Tx, words: str) -> list[Fit]:
    """The things that fit; one when there is no doubt."""
    for source, kind, id_ in _as_keys(words):
        if (found := at_key(tx, source, Key(kind, id_))) is not None:
            return [found]
    groups = _grouped(_hits(tx, words))
    exact = [one for one in groups if any(hit.title.casefold() == words.casefold() for hit in one.hits)]
    return exact if len(exact) == 1 else _without_parts(groups)


def _as_keys(words: str) -> list[tuple[str, str, str]]:
    """`radarr:movie/812` and `radarr movie 812`, in case these are keys."""
    source, _, rest = words.partition(":")
    kind, _, id_ = rest.partition("/")
    plain = words.split(None, 2)
    found = [(source, kind, id_)] + ([(plain[0], plain[1], plain[2])] if len(plain) == 3 else [])
    return [one for one in found if all(one)]


def _hits(tx: Tx, words: str) -> list[Hit]:
    names = {row.id: row.name for row in sources.every(tx)}
    listed = views_items.listing(tx, q=words, limit=MOST).items
    rows = {row.id: row for row in (*_with_ref(tx, words), *views_explain.titled(tx, words, limit=MOST))}
    rows |= {row.id: row for one in listed if (row := items.by_id(tx, one.row)) is not None}
    stones = views_losses.tombstones(tx, q=words, limit=MOST).items
    lost = [_of_grave(one) for one in stones if one.item is None or items.by_id(tx, one.item) is None]
    known = {one.item for one in stones} - rows.keys()
    rows |= {row.id: row for number in known if number is not None and (row := items.by_id(tx, number))}
    return [*(_of_row(names[row.source_id], row) for row in rows.values()), *lost]


def _with_ref(tx: Tx, words: str) -> list[ItemRow]:
    try:
        return views_explain.with_ref(tx, Ref.parse(words))
    except ValueError:
        return []


def _of_row(source: str, row: ItemRow) -> Hit:
    item = row.item
    return Hit(source, item.key, item.title, item.strong_refs, item.parent, row=row)


def _of_grave(grave: TombstoneView) -> Hit:
    refs = frozenset(ref for ref in views_explain.refs_of(grave) if ref.strong)
    return Hit(grave.source, Key(grave.kind, grave.key), grave.title, refs, grave=grave)


def _grouped(hits: Sequence[Hit]) -> list[Fit]:
    """What shares a strong ref is one thing; what has none is one by itself."""
    groups: list[tuple[set[object], list[Hit]]] = []
    for hit in hits:
        names: set[object] = set(hit.refs) or {hit.place}
        near = [group for group in groups if group[0] & names]
        groups = [group for group in groups if group not in near]
        groups.append(
            (names.union(*(told for told, _ in near)), [one for _, held in near for one in held] + [hit])
        )
    return [Fit(tuple(held)) for _, held in groups]


def _without_parts(groups: list[Fit]) -> list[Fit]:
    places = {hit.place for group in groups for hit in group.hits}
    whole = [
        group
        for group in groups
        if not all(hit.parent is not None and (hit.source, hit.parent) in places for hit in group.hits)
    ]
    return whole or groups
