"""Paperless' lists: the documents that a user sees, filtered, ordered and cut into pages.

What an order leaves open differs from page to page, as databases do it. Made so that 100,000
documents are cheap: nothing is sorted or encoded that is not shown.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from typing import Any

import msgspec

from reconciled.testing.fakes.paperless_model import Document, PaperlessState, User, may_see

MOST = 100_000
_DEFAULT = 25
_ORDERS: Mapping[str, Callable[[Document], Any]] = {
    "id": lambda one: one.id,
    "modified": lambda one: one.modified,
    "added": lambda one: one.added,
    "title": lambda one: one.title,
    "created": lambda one: one.created,
}


class BadQuery(Exception):
    """What it answers with a 400; `complaint` is said about the query of custom fields."""

    def __init__(self, complaint: str) -> None:
        super().__init__(complaint)
        self.complaint = complaint


@dataclass(frozen=True, slots=True)
class Cut:
    """A page of a list of any rows; `missing` is a page behind the last."""

    rows: Sequence[Any]
    number: int
    size: int
    count: int

    @property
    def missing(self) -> bool:
        """Whether there is no such page. The first is always there."""
        return self.number < 1 or (self.number > 1 and (self.number - 1) * self.size >= self.count)

    @property
    def more(self) -> bool:
        """Whether there is a next page."""
        return self.number * self.size < self.count


def page_of(query: Mapping[str, str]) -> tuple[int, int]:
    """The page's number and size; what is no number counts as not said, as it does there."""
    number, size = query.get("page", "1"), query.get("page_size", "")
    wanted = int(size) if size.isdigit() and int(size) > 0 else _DEFAULT
    return (int(number) if number.isdigit() else 0), min(MOST, wanted)


def cut(rows: Sequence[Any], query: Mapping[str, str]) -> Cut:
    """The page that the query asks for."""
    number, size = page_of(query)
    return Cut(rows[max(0, number - 1) * size : number * size], number, size, len(rows))


def documents(
    state: PaperlessState, user: User, query: Mapping[str, str], in_order: Sequence[Document]
) -> tuple[Cut, Sequence[Document]]:
    """The page asked for, and everything that matches. `in_order` are all documents by id.

    An unknown filter is ignored, as there.
    """
    if query.get("ordering") == "modified,id":
        timed = _by_time(state, user, query, in_order)
        return cut(timed, query), timed
    found = _filtered(state, user, query, in_order)
    name, _, then = (query.get("ordering") or "-created,-id").partition(",")
    falling, plain = name.startswith("-"), name.removeprefix("-")
    number, size = page_of(query)
    if plain == "id" or plain not in _ORDERS:
        found = found[::-1] if falling else found
        return cut(found, query), found
    whim = None if then in ("id", "-id") else 9973 + number

    def place(one: Document) -> tuple[Any, int]:
        return _ORDERS[plain](one), one.id if whim is None else one.id * 7919 % whim

    if falling and number == 1 and size <= 10:
        top = nlargest(size, found, key=place)
        return Cut(top, number, size, len(found)), found
    ordered = sorted(found, key=place, reverse=falling)
    return cut(ordered, query), ordered


def _by_time(
    state: PaperlessState, user: User, query: Mapping[str, str], in_order: Sequence[Document]
) -> Sequence[Document]:
    """What matches, by the time of its change and then by id; most often all since a moment."""
    found: Sequence[Document] = state.by_time(in_order)
    if (since := query.get("modified__gte")) is not None:
        found = found[bisect_left(found, datetime.fromisoformat(since), key=lambda one: one.modified) :]
    others = {name for name in query if "__" in name or name == "custom_field_query"} - {"modified__gte"}
    if not others and user.superuser:
        return found
    among = {one.id for one in _filtered(state, user, query, in_order)}
    return [one for one in found if one.id in among]


def _filtered(
    state: PaperlessState, user: User, query: Mapping[str, str], in_order: Sequence[Document]
) -> Sequence[Document]:
    found: Iterable[Document] = in_order
    if (ids := query.get("id__in")) is not None:
        wanted = sorted({int(part) for part in ids.split(",") if part.isdigit()})
        found = [state.documents[one] for one in wanted if one in state.documents]
    if (since := query.get("modified__gte")) is not None:
        moment = datetime.fromisoformat(since)
        found = [one for one in found if one.modified >= moment]
    if (until := query.get("modified__lte")) is not None:
        moment = datetime.fromisoformat(until)
        found = [one for one in found if one.modified <= moment]
    if (checksum := query.get("checksum__iexact")) is not None:
        found = _both(found, state.with_checksum(checksum), in_order)
    if (asked := query.get("custom_field_query")) is not None:
        number, value = _field_asked(state, asked)
        alike = str.casefold if state.blind_to_case else str
        found = [
            one
            for one in found
            if number in one.fields and alike(str(one.fields[number])) == alike(str(value))
        ]
    if not user.superuser:
        found = [one for one in found if may_see(user, one)]
    return found if isinstance(found, Sequence) else list(found)


def _both(
    found: Iterable[Document], others: Sequence[Document], in_order: Sequence[Document]
) -> Iterable[Document]:
    if found is in_order:
        return others
    wanted = {one.id for one in others}
    return [one for one in found if one.id in wanted]


def _field_asked(state: PaperlessState, asked: str) -> tuple[int, Any]:
    """A query of one custom field, by number or name, for a very value; no others are known here."""
    try:
        name, how, value = msgspec.json.decode(asked)
    except (msgspec.DecodeError, TypeError, ValueError):
        raise BadQuery("Value must be valid JSON.") from None
    known = [one.id for one in state.custom_fields.values() if name in (one.id, one.name)]
    if not known:
        raise BadQuery(f"{name!r} is not a valid custom field.")
    if how != "exact":
        raise BadQuery(f"{how!r} is no operator of this one.")
    return known[0], value
