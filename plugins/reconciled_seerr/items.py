"""How requests and media become items.

Both claim the refs of the whole film or series. The seasons that were asked for stand in the
attrs: a record is touched only when all that it names is gone, so the ref of a season beside that
of its series would say nothing more, and alone it would miss a series that went as a whole.

Seerr keeps no titles (its pages fetch them from TMDB), so an item is titled by its number there.
"""

from reconciled.model import Item, Json, Key, Ref, refs
from reconciled_seerr.payloads import Media, Request

REQUEST, MEDIA = "request", "media"
_REQUESTS = {1: "pending", 2: "approved", 3: "declined", 4: "failed", 5: "completed"}
_MEDIA = {1: "unknown", 2: "pending", 3: "processing", 4: "partially available", 5: "available"}
_NOUNS = {"movie": "movie", "tv": "series"}


def request_of(record: Request) -> Item:
    """A request, with what it is about."""
    attrs: dict[str, Json] = {
        "status": _REQUESTS.get(record.status, str(record.status)),
        "4k": record.is4k,
        "added": record.created_at,
    }
    title = f"request for {_called(record.media)}{' in 4K' if record.is4k else ''}"
    if record.requested_by is not None and record.requested_by.display_name:
        attrs["by"] = record.requested_by.display_name
        title = f"{title} by {record.requested_by.display_name}"
    if record.media is not None:
        status = record.media.status4k if record.is4k else record.media.status
        attrs["media"] = str(record.media.id)
        attrs["media_status"] = _MEDIA.get(status, str(status))
    if record.seasons:
        attrs["seasons"] = [*sorted({season.season_number for season in record.seasons})]
    return Item(
        key=Key(REQUEST, str(record.id)),
        title=title,
        refs=claimed(record.media),
        attrs=attrs,
        refers=True,
    )


def media_of(record: Media) -> Item:
    """What Seerr keeps of a film or series."""
    return Item(
        key=Key(MEDIA, str(record.id)),
        title=_called(record),
        refs=claimed(record),
        attrs={
            "status": _MEDIA.get(record.status, str(record.status)),
            "status_4k": _MEDIA.get(record.status4k, str(record.status4k)),
        },
        refers=True,
    )


def claimed(media: Media | None) -> frozenset[Ref]:
    """What it is about; of a kind that we do not know (some forks have music), nothing."""
    if media is None:
        return frozenset()
    match media.media_type:
        case "movie":
            return refs(_numbered("tmdb:movie", media.tmdb_id), Ref.of("imdb", media.imdb_id))
        case "tv":
            return refs(
                _numbered("tmdb:tv", media.tmdb_id),
                _numbered("tvdb:series", media.tvdb_id),
                Ref.of("imdb", media.imdb_id),
            )
        case _:
            return frozenset()


def _numbered(space: str, number: int | None) -> Ref | None:
    return Ref.of(space, number) if number is not None and number > 0 else None


def _called(media: Media | None) -> str:
    if media is None:
        return "something unnamed"
    return f"{_NOUNS.get(media.media_type, media.media_type)} {media.tmdb_id or 'unnamed'} at TMDB"
