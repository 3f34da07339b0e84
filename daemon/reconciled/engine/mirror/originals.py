"""An original as a mirror sees it: which bytes it has, which fileset it is of, what its copies are called."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reconciled.ledger.copies import Original
from reconciled.ledger.rows import ItemRow, dump
from reconciled.model import Item
from reconciled.source import Fetches


def fileset_attr(source: Any) -> str | None:
    """The attribute of a source's items that names their fileset; None: each is one by itself."""
    return source.fileset if isinstance(source, Fetches) else None


def fileset_of(item: Item, attr: str | None) -> str:
    """The fileset that an item is of."""
    named = item.attrs.get(attr) if attr is not None else None
    return str(named) if named not in (None, "") else item.key.id


def sha256_of(item: Item) -> str | None:
    """The bytes' checksum, where the app tells it."""
    return next((ref.value for ref in sorted(item.refs) if ref.space == "sha256"), None)


def etag_of(item: Item) -> str | None:
    """The app's own name of this version of the bytes, where it has one."""
    etag = item.attrs.get("etag")
    return etag if isinstance(etag, str) and etag else None


def size_of(item: Item) -> int | None:
    """The bytes' number, where the app tells it."""
    size = item.attrs.get("size")
    return size if isinstance(size, int) and not isinstance(size, bool) else None


def version_of(item: Item) -> str:
    """What differs when the bytes do, by all that the app tells without handing them out.

    That is the checksum, else the etag, else size and time; an app that tells none of it never says that
    a file changed.
    """
    if (sha256 := sha256_of(item)) is not None:
        return f"sha256:{sha256}"
    if (etag := etag_of(item)) is not None:
        return f"etag:{etag}"
    return dump([item.attrs.get(name) for name in ("size", "modified", "changed")])


def original_of(row: ItemRow, source: str, attr: str | None) -> Original:
    """What a copy's row says of it."""
    item = row.item
    return Original(row.id, source, item.key, item.title, fileset_of(item, attr), row.print, version_of(item))


def marker_of(source: str, item: Item) -> str:
    """What names an original for ever, so that an upload of ours is known again."""
    return f"{source}/{item.key.kind}/{item.key.id}"


def changed_of(item: Item) -> datetime | None:
    """When the item's bytes changed last, by the app."""
    for name in ("modified", "changed"):
        try:
            return datetime.fromisoformat(str(item.attrs[name]))
        except (KeyError, ValueError):
            continue
    return None


def created_of(attrs: Mapping[str, Any]) -> datetime | None:
    """When the file is from, by the app."""
    for name in ("created", "modified", "changed"):
        try:
            return datetime.fromisoformat(attrs[name])
        except (KeyError, TypeError, ValueError):
            continue
    return None
