"""What stands in the ledger, as values, and how items travel in and out of its columns."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from reconciled.model import Item, Json, Key, Presence, Ref, What


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as the ledger holds it. The row's id is its own; the key is an attribute."""

    id: int
    source_id: int
    item: Item
    current: bool
    presence: Presence
    first_seq: int
    first_at: str
    confirmed: int
    print: bytes
    key_seq: int = 0
    """Since when it stands under its key."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A suspicion about one item: since when, by whom, and where it waits."""

    item_id: int
    what: What
    since_seq: int
    since_at: str
    noticed_by: str
    run_id: int | None = None
    own_act: bool = False
    released: int = 0
    no_yes_since: float | None = None
    hold_id: int | None = None

    @property
    def counted(self) -> bool:
        """Whether it counts towards a hold by number."""
        return not self.own_act and not self.released


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What the ledger knows of a configured source."""

    id: int
    name: str
    app: str
    state: str
    scope: Mapping[str, Json]
    instance: str | None
    account: str | None
    sees_everything: bool | None
    baseline: bool
    foreign_world: bool
    scanned: int
    good: int
    last_scan: str | None
    watched: float
    generation: int
    paused_by: str | None
    mark: str | None = None
    """Where an incremental source was last read to, as JSON; None: everything is read next."""
    walked: float | None = None
    """When everything was last read, reckoned."""


@dataclass(frozen=True, slots=True)
class RootRow:
    """A root as last probed, and what it was when it was last believed."""

    path: str
    accessible: bool | None
    empty: bool | None
    device: str | None
    size: int | None
    listed: bool
    base_device: str | None
    base_size: int | None
    odd_since: float | None = None

    @property
    def usable(self) -> bool:
        """False when the app does not name it any more, or says itself that it is gone or empty."""
        return self.listed and self.accessible is not False and not self.empty


def stamp(at: datetime) -> str:
    """A time as the ledger and the API write it: RFC 3339, UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def flag(value: bool | None) -> int | None:
    """A three-valued boolean as a column."""
    return None if value is None else int(value)


def unflag(value: int | None) -> bool | None:
    """The same, back."""
    return None if value is None else bool(value)


def dump(value: Any) -> str:
    """JSON text with sorted keys: equal values give equal text."""
    return msgspec.json.encode(value, order="sorted").decode()


class _Wire(msgspec.Struct, array_like=True):
    """An item on its way through the stage."""

    kind: str
    id: str
    title: str
    refs: list[tuple[str, str]]
    attrs: dict[str, Any]
    has_file: bool | None
    path: str | None
    root: str | None
    parent: tuple[str, str] | None
    refers: bool


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(_Wire)


def pack(item: Item) -> bytes:
    """An item as bytes; equal items give equal bytes."""
    return _ENCODER.encode(
        (
            item.key.kind,
            item.key.id,
            item.title,
            sorted((ref.space, ref.value) for ref in item.refs),
            item.attrs,
            item.has_file,
            item.path,
            item.root,
            (item.parent.kind, item.parent.id) if item.parent else None,
            item.refers,
        )
    )


def unpack(body: bytes) -> Item:
    """What `pack` packed."""
    wire = _DECODER.decode(body)
    return Item(
        Key(wire.kind, wire.id),
        wire.title,
        frozenset(Ref(space, value) for space, value in wire.refs),
        wire.attrs,
        wire.has_file,
        wire.path,
        wire.root,
        Key(*wire.parent) if wire.parent else None,
        wire.refers,
    )


def fingerprint(packed: bytes) -> bytes:
    """16 bytes that differ when anything differs that the source says of an item."""
    return hashlib.blake2b(packed, digest_size=16).digest()


def keep_file(item: Item, has_file: bool | None) -> Item:
    """The item with the file count that the ledger keeps, not the one just read."""
    return item if item.has_file == has_file else replace(item, has_file=has_file)
