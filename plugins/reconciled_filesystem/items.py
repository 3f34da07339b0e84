"""A file as an item, and where its refs come from."""

from collections.abc import Mapping
from datetime import UTC, datetime

from reconciled.model import Item, Key, Ref, refs
from reconciled_filesystem.spelling import spell
from reconciled_filesystem.walking import Found

KIND = "file"


def item_of(found: Found, *, root: str | None, mapped: Mapping[str, str], sha256: str | None = None) -> Item:
    """The file: its path is its key; it claims that place under the other apps' names for it, too.

    Both refs are weak, as a place and as bytes: they never make two items the same thing.
    """
    path = spell(found.path)
    places = [
        Ref.of("path", path),
        *(Ref.of("path", spell(place)) for place in elsewhere(found.path, mapped)),
    ]
    changed = datetime.fromtimestamp(found.mtime_ns // 10**9, UTC)
    return Item(
        key=Key(KIND, path),
        title=path.rpartition("/")[2],
        refs=refs(*places, Ref.of("sha256", sha256)),
        attrs={"size": found.size, "changed": changed.isoformat()},
        has_file=True,
        path=path,
        root=root,
    )


def elsewhere(path: str, mapped: Mapping[str, str]) -> list[str]:
    """What other apps call this path, by the longest of our prefixes that it lies below."""
    over = [ours for ours in mapped if f"{path}/".startswith(f"{ours}/")]
    return [mapped[ours] + path[len(ours) :] for ours in sorted(over, key=len)[-1:]]
