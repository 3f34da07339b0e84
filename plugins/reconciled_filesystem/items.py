"""A file as an item, and where its refs come from."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from reconciled.model import Item, Key, Ref, refs
from reconciled_filesystem.spelling import spell
from reconciled_filesystem.types import type_of
from reconciled_filesystem.walking import Found

KIND = "file"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def item_of(found: Found, *, root: str | None, mapped: Mapping[str, str], sha256: str | None = None) -> Item:
    """The file: its path is its key; it claims that place under the other apps' names for it, too.

    Both refs are weak, as a place and as bytes: they never make two items the same thing.
    """
    path, mime_type = spell(found.path), type_of(found.path)
    places = [
        Ref.of("path", path),
        *(Ref.of("path", spell(place)) for place in elsewhere(found.path, mapped)),
    ]
    return Item(
        key=Key(KIND, path),
        title=path.rpartition("/")[2],
        refs=refs(*places, Ref.of("sha256", sha256)),
        attrs={
            "size": found.size,
            "changed": _changed(found.mtime_ns),
            **({} if mime_type is None else {"mime_type": mime_type}),
        },
        has_file=True,
        path=path,
        root=root,
    )


def origin_of(item: Item) -> dict[str, str]:
    """What a copy keeps of where it came from."""
    return {"originalPath": item.key.id}


def _changed(mtime_ns: int) -> str | None:
    """When the file changed; None for a time that no calendar has, which some tools write."""
    try:
        return (_EPOCH + timedelta(seconds=mtime_ns // 10**9)).isoformat()
    except OverflowError:
        return None


def elsewhere(path: str, mapped: Mapping[str, str]) -> list[str]:
    """What other apps call this path, by the longest of our prefixes that it lies below."""
    over = [ours for ours in mapped if f"{path}/".startswith(f"{ours}/")]
    return [mapped[ours] + path[len(ours) :] for ours in sorted(over, key=len)[-1:]]
