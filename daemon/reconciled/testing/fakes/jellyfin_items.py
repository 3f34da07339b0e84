"""`GET /Items` of a fake Jellyfin: which items a query selects, in which order, and their JSON.

The traps are played too (Jellyfin 10.11 and 12, requests with an API key): without
`collapseBoxSetItems=false` films hide behind their box set; without `excludeLocationTypes=Virtual`
virtual items are listed; ties of the sort have no order, not even the same one in two requests;
`TotalRecordCount` is the page's length with `enableTotalRecordCount=false`; an empty `ids=` lists the root.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciled.testing.fakes.jellyfin_model import FOLDERS, Item, JellyfinState, item_id

_SORTS: Mapping[str, Callable[[Item], Any]] = {
    "sortname": lambda item: item.sort_name,
    "name": lambda item: item.name,
    "datecreated": lambda item: item.created,
    "productionyear": lambda item: item.year,
    "premieredate": lambda item: item.year,
    "indexnumber": lambda item: item.index or 0,
    "parentindexnumber": lambda item: item.parent_index or 0,
    "isfolder": lambda item: item.kind not in FOLDERS,
}


@dataclass(frozen=True, slots=True)
class ItemsQuery:
    """The parameters that the fake understands; names are not case-sensitive."""

    ids: tuple[str, ...] | None
    kinds: frozenset[str]
    parent: str | None
    recursive: bool
    collapse: bool | None
    no_virtual: bool
    only_missing: bool | None
    by_user: bool
    sort_by: tuple[str, ...]
    descending: tuple[bool, ...]
    start: int
    limit: int | None
    total: bool
    fields: frozenset[str]
    images: bool

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "ItemsQuery":
        """Read it from a request's query; raises ValueError for numbers that are none."""
        given = {k.lower(): v for k, v in query.items()}
        ids = tuple(i.replace("-", "").lower() for i in _words(given, "ids")) or None
        missing = given.get("ismissing")
        return cls(
            ids=ids,
            kinds=frozenset(_words(given, "includeitemtypes")),
            parent=given.get("parentid", "").replace("-", "").lower() or None,
            recursive=_true(given, "recursive", default=False),
            collapse=None if "collapseboxsetitems" not in given else _true(given, "collapseboxsetitems"),
            no_virtual="virtual" in {w.lower() for w in _words(given, "excludelocationtypes")},
            only_missing=None if missing is None else missing.lower() == "true",
            by_user=bool(given.get("userid")),
            sort_by=tuple(w.lower() for w in _words(given, "sortby")),
            descending=tuple(w.lower() == "descending" for w in _words(given, "sortorder")),
            start=int(given.get("startindex") or 0),
            limit=int(given["limit"]) if given.get("limit") else None,
            total=_true(given, "enabletotalrecordcount"),
            fields=frozenset(w.lower() for w in _words(given, "fields")),
            images=_true(given, "enableimages"),
        )


def select(state: JellyfinState, query: ItemsQuery, *, modern: bool) -> list[Item]:
    """The items that match, in no order. `modern` plays Jellyfin 12."""
    if query.ids is not None:
        found = [state.items[i] for i in dict.fromkeys(query.ids) if i in state.items]
    else:
        found = _scoped(state, query)
    if modern:
        found = [i for i in found if i.primary is None]
    if query.kinds:
        found = [i for i in found if i.kind in query.kinds]
    if query.no_virtual or query.only_missing is not None:
        want = not query.no_virtual and bool(query.only_missing)
        found = [i for i in found if _virtual(i) == want]
    if _collapses(query):
        found = _collapsed(state, found)
    return _grouped(found) if query.by_user else found


def order(items: Iterable[Item], query: ItemsQuery, pick: random.Random) -> list[Item]:
    """Sorted as asked, SortName last of all; what still ties comes in any order."""
    ordered = list(items)
    pick.shuffle(ordered)
    keys = [k for k in query.sort_by if k in _SORTS]
    if "random" in query.sort_by:
        return ordered
    downs = [*query.descending, *[query.descending[-1] if query.descending else False] * len(keys)]
    for key, down in reversed([*zip(keys, downs, strict=False), ("sortname", False)]):
        ordered.sort(key=_SORTS[key], reverse=down)
    return ordered


def page(items: Sequence[Item], query: ItemsQuery) -> Sequence[Item]:
    """The slice of `startIndex` and `limit`."""
    return items[query.start : None if query.limit is None else query.start + query.limit]


def record(item: Item, server_id: str, query: ItemsQuery, *, series_name: str | None) -> dict[str, Any]:
    """A BaseItemDto: nulls are omitted, `fields` add to what is always there."""
    made: dict[str, Any] = {
        "Name": item.name,
        "ServerId": server_id,
        "Id": item.id,
        "DateCreated": item.created if "datecreated" in query.fields else None,
        "SortName": item.sort_name if "sortname" in query.fields else None,
        "PremiereDate": f"{item.year}-07-16T00:00:00.0000000Z" if item.year else None,
        "Path": item.path if "path" in query.fields else None,
        "Overview": item.overview if "overview" in query.fields else None,
        "ProductionYear": item.year or None,
        "IndexNumber": item.index,
        "ParentIndexNumber": item.parent_index,
        "ProviderIds": dict(item.provider_ids) if "providerids" in query.fields else None,
        "Tags": list(item.tags) if "tags" in query.fields else None,
        "RunTimeTicks": None if item.kind in FOLDERS else 66_000_000_000,
        "IsFolder": item.kind in FOLDERS,
        "ParentId": item.parent if "parentid" in query.fields else None,
        "Type": item.kind,
        "SeriesName": series_name,
        "SeriesId": item.series,
        "SeasonId": item.parent if item.kind == "Episode" else None,
        "ImageTags": {"Primary": item.id} if query.images else None,
        "BackdropImageTags": [] if query.images else None,
        "VideoType": None if item.kind in FOLDERS else "VideoFile",
        "LocationType": "FileSystem" if item.path else "Virtual",
        "MediaType": "Unknown" if item.kind in FOLDERS else "Video",
    }
    return {k: v for k, v in made.items() if v is not None}


def _scoped(state: JellyfinState, query: ItemsQuery) -> list[Item]:
    library = next((lib for lib in state.libraries.values() if lib.id == query.parent), None)
    if query.parent is None:
        return list(state.items.values()) if query.recursive else _root(state)
    if not query.recursive:
        return [i for i in state.items.values() if i.parent == query.parent]
    return state.in_library(library.name) if library else state.below(query.parent)


def _root(state: JellyfinState) -> list[Item]:
    root = item_id("CollectionFolder", "root\\default")
    return [
        Item(id=lib.id, kind="CollectionFolder", name=lib.name, path=lib.path, library=lib.name, parent=root)
        for lib in state.libraries.values()
    ]


def _virtual(item: Item) -> bool:
    """IsVirtualItem; a season that merely has no folder is none."""
    return item.missing if item.kind == "Season" else item.path is None


def _collapses(query: ItemsQuery) -> bool:
    if query.ids is not None or query.collapse is False:
        return False
    return bool(query.collapse) or not query.kinds or bool(query.kinds & {"Movie", "Series"})


def _collapsed(state: JellyfinState, items: Iterable[Item]) -> list[Item]:
    shown: dict[str, Item] = {}
    for item in items:
        box = state.items.get(item.box_set) if item.box_set else None
        kept = box or item
        shown[kept.id] = kept
    return list(shown.values())


def _grouped(items: Iterable[Item]) -> list[Item]:
    """With a user, films of one presentation key are one item: the smallest id."""
    groups: dict[tuple[str, Any], Item] = {}
    for item in sorted(items, key=lambda i: i.id):
        same = dict(item.provider_ids).get("Tmdb") if item.kind == "Movie" else None
        groups.setdefault((item.kind, same or item.id), item)
    return list(groups.values())


def _words(given: Mapping[str, str], name: str) -> list[str]:
    return [w.strip() for w in given.get(name, "").split(",") if w.strip()]


def _true(given: Mapping[str, str], name: str, *, default: bool = True) -> bool:
    return given.get(name, str(default)).lower() == "true"
