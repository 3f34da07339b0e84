"""What a person may have done to an item by hand, as its page offers it and its form sends it back.

Offered is only what the item's source can do. A form names what it showed by prints: of the item, and
of what belongs to it in each other source. When any of them is another one by the time the form comes
back, nothing is ordered and the page has to be looked at again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciled.config import Verb
from reconciled.engine.outbox.by_hand import Order, cannot, print_of
from reconciled.engine.outbox.thing import Standing, thing_of
from reconciled.ledger import views_items
from reconciled.ledger.connection import Tx
from reconciled.ledger.views_items import Known
from reconciled.model import Key
from reconciled.web.house import House
from reconciled.web.problems import Problem
from reconciled.web.render import item_url

VERBS = (Verb.DELETE, Verb.TAG, Verb.UNTAG, Verb.UNMONITOR, Verb.MONITOR, Verb.RESTORE)
BUTTONS = {
    Verb.DELETE: "Delete",
    Verb.TAG: "Tag",
    Verb.UNTAG: "Take a tag off",
    Verb.UNMONITOR: "Stop monitoring",
    Verb.MONITOR: "Monitor",
    Verb.RESTORE: "Restore",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to delete: with the files or without, for good or not."""

    files: bool
    exclude: bool


_WAYS = tuple(Way(files, exclude) for files in (False, True) for exclude in (False, True))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What belongs to the item in one source. `lack` says why the same cannot be done there."""

    source: str
    titles: tuple[str, ...]
    prints: tuple[str, ...]
    lack: str | None

    @property
    def shown(self) -> str:
        """The same as a form sends it back."""
        return " ".join([self.source, *self.prints])


@dataclass(frozen=True, slots=True)
class Offer:
    """An order that can be given, and what may go with it elsewhere. `ways` are all that a delete can be."""

    order: Order
    known: Known
    ways: tuple[Way, ...]
    elsewhere: tuple[Elsewhere, ...]

    @property
    def row(self) -> str:
        """The item as a form sends it back."""
        return print_of(self.known.full)


def verbs(house: House, known: Known) -> list[Verb]:
    """What the item's source can do to it."""
    place = house.engine.places.get(known.item.source)
    if place is None:
        return []
    gone = known.item.presence == "gone"
    return [verb for verb in VERBS if (verb is Verb.RESTORE) is gone and _makes_sense(house, known, verb)]


def labels(known: Known) -> list[str]:
    """The labels that the item carries, as far as its source says."""
    tags = known.full.item.attrs.get("tags")
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


async def offer(house: House, wanted: Order) -> Offer:
    """What an order would be, and what may go with it. Problem 404; 409 when its source cannot do it."""

    def read(tx: Tx) -> tuple[Known, tuple[Elsewhere, ...]] | None:
        known = views_items.known(tx, wanted.source, wanted.key)
        return (known, _elsewhere(house, tx, known, wanted)) if known is not None else None

    found = await house.ledger.read(read)
    if found is None:
        raise Problem(404, f"the ledger knows no {wanted.key} of {wanted.source}")
    known, elsewhere = found
    if lack := _lack(house, wanted.source, wanted) or _past(known, wanted.verb):
        raise Problem(409, lack, page=item_url(wanted.source, wanted.key.kind, wanted.key.id))
    return Offer(wanted, known, _ways(house, known), elsewhere)


def first_way(house: House, known: Known) -> Way:
    """How a delete is offered at first: what keeps the most."""
    return next(iter(_ways(house, known)), Way(files=False, exclude=False))


def chosen(wanted: Order, *, row: str, also: Sequence[str]) -> Order:
    """The order as a form sent it: on exactly what it showed, and in the apps that were left checked."""
    sources, prints = [], {row}
    for one in also:
        source, *shown = one.split(" ")
        sources.append(source)
        prints.update(shown)
    return replace(wanted, also=tuple(dict.fromkeys(sources)), shown=frozenset(prints))


def _makes_sense(house: House, known: Known, verb: Verb) -> bool:
    name, attrs = known.item.source, known.full.item.attrs
    match verb:
        case Verb.DELETE:
            return bool(_ways(house, known))
        case Verb.UNTAG if not labels(known):
            return False
        case Verb.MONITOR | Verb.UNMONITOR if attrs.get("monitored") is (verb is Verb.MONITOR):
            return False
    return _lack(house, name, Order(verb, name, known.full.item.key, label="a label")) is None


def _ways(house: House, known: Known) -> tuple[Way, ...]:
    name, key = known.item.source, known.full.item.key
    return tuple(way for way in _WAYS if _lack(house, name, _delete(name, key, way)) is None)


def _delete(name: str, key: Key, way: Way) -> Order:
    return Order(Verb.DELETE, name, key, files=way.files, exclude=way.exclude)


def _lack(house: House, name: str, wanted: Order) -> str | None:
    place = house.engine.places.get(name)
    return f"{name} is not in the config" if place is None else cannot(place.live.source, wanted, name)


def _past(known: Known, verb: Verb) -> str | None:
    gone = known.item.presence == "gone"
    if gone and verb is not Verb.RESTORE:
        return f"it is gone from {known.item.source} already"
    return None


def _elsewhere(house: House, tx: Tx, known: Known, wanted: Order) -> tuple[Elsewhere, ...]:
    thing = thing_of(tx, known.full, known.full.item)
    near = [
        copy
        for copy in thing.everyone
        if copy.belongs and (copy.standing is not Standing.GONE or wanted.verb is Verb.RESTORE)
    ]
    return tuple(
        Elsewhere(
            name,
            tuple(copy.item.title for copy in near if copy.source == name),
            tuple(print_of(copy.row) for copy in near if copy.source == name),
            _lack(house, name, wanted),
        )
        for name in sorted({copy.source for copy in near})
    )
