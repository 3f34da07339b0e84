"""What a fake Chroma holds, and which entries a filter means.

Entries stand in the order in which they were added; one that is changed keeps its place, one that is
taken out and added again comes last. Filters compare as Chroma 1.x does on its own disk: whole numbers
meet equal floats, a broken float meets the whole number below it (!), nothing else meets another type.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import uuid4

Metadata: TypeAlias = "dict[str, Any] | None"
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_OPERATORS = frozenset({"$eq", "$ne", "$in", "$nin"})


class BadFilter(Exception):
    """A filter that Chroma refuses."""


@dataclass(slots=True)
class Entry:
    """What stands under an id. The embedding is given; nothing here computes one."""

    metadata: Metadata
    embedding: list[float]
    document: str | None = None


@dataclass(slots=True)
class FakeCollection:
    """A collection; its id is its own for ever."""

    name: str
    id: str = field(default_factory=lambda: str(uuid4()))
    entries: dict[str, Entry] = field(default_factory=dict)

    def chosen(self, ids: Collection[str] | None, where: object) -> list[str]:
        """The ids of the entries meant, oldest first; None says nothing."""
        if where is not None:
            check_filter(where)
        return [
            name
            for name, entry in self.entries.items()
            if (ids is None or name in ids) and (where is None or meets(entry.metadata or {}, where))
        ]


def check_filter(where: object) -> None:
    """BadFilter unless Chroma takes it."""
    if not isinstance(where, dict) or len(where) != 1:
        raise BadFilter
    [(name, wanted)] = where.items()
    if name in ("$and", "$or"):
        if not isinstance(wanted, list) or not wanted:
            raise BadFilter
        for part in wanted:
            check_filter(part)
        return
    operator, values = _compared(wanted)
    if operator not in _OPERATORS or not values or len({type(value) for value in values}) != 1:
        raise BadFilter
    if any(not _comparable(value) for value in values):
        raise BadFilter


def meets(metadata: Mapping[str, Any], where: Any) -> bool:
    """Whether a checked filter applies to the metadata."""
    [(name, wanted)] = where.items()
    if name == "$and":
        return all(meets(metadata, part) for part in wanted)
    if name == "$or":
        return any(meets(metadata, part) for part in wanted)
    operator, values = _compared(wanted)
    found = any(_same(metadata.get(name), value) for value in values)
    return found if operator in ("$eq", "$in") else not found


def changed(before: Metadata, more: Metadata) -> Metadata:
    """Metadata as an update leaves it: what is null in it goes, the rest comes or stays."""
    after = {**(before or {}), **(more or {})}
    return {name: value for name, value in after.items() if value is not None} or None


def check_metadata(metadatas: Iterable[object], *, void: bool) -> bool:
    """Whether these are texts, numbers, truth values and lists of them; with `void`, null as well."""
    allowed = str | int | float | list | None if void else str | int | float | list
    return all(
        metadata is None
        or (isinstance(metadata, dict) and all(isinstance(value, allowed) for value in metadata.values()))
        for metadata in metadatas
    )


def _compared(wanted: object) -> tuple[str, list[Any]]:
    if not isinstance(wanted, dict):
        return "$eq", [wanted]
    if len(wanted) != 1:
        raise BadFilter
    [(operator, value)] = wanted.items()
    many = operator in ("$in", "$nin")
    if many and not isinstance(value, list):
        raise BadFilter
    return operator, value if many else [value]


def _comparable(value: object) -> bool:
    if isinstance(value, int):
        return _SMALLEST <= value <= _LARGEST
    return isinstance(value, str | float)


def _same(found: object, wanted: object) -> bool:
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, int) and isinstance(wanted, float):
        return found == int(wanted)
    if isinstance(found, int | float) and isinstance(wanted, int | float):
        return found == wanted
    return isinstance(found, str) and found == wanted
