"""The libraries that count, and the state of their locations on Jellyfin's host.

Jellyfin itself skips a top-level location that is gone or empty, but not a mount below it or one
with a forgotten file in its mount point. So each location is asked for: does its path hold, is
there anything in it, which device is it on and how large is that (10.11 on; an older one does not
say). An answer that could not be had makes a root inaccessible, never a deletion.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from reconciled.errors import Unsupported
from reconciled.http import Client
from reconciled.model import Root
from reconciled_jellyfin.client import read
from reconciled_jellyfin.paths import holds, plain
from reconciled_jellyfin.payloads import Folder, Library, Storage

_COLLECTIONS = {
    "movies": ("movie",),
    "tvshows": ("series", "season"),
    "mixed": ("movie", "series", "season"),
    "": ("movie", "series", "season"),
}


def kinds_of(library: Library) -> tuple[str, ...]:
    """The kinds that a library of this sort holds; none for music, books and the like."""
    return _COLLECTIONS.get((library.collection_type or "").lower(), ())


async def read_libraries(client: Client, names: Sequence[str] | None) -> tuple[Library, ...]:
    """The libraries in scope. Unsupported when the config names one that does not exist."""
    found = await read(client, "/Library/VirtualFolders", list[Library])
    there = {library.name for library in found}
    if unknown := [name for name in names or () if name not in there]:
        raise Unsupported(
            f"Jellyfin has no library {', '.join(map(repr, unknown))}; "
            f"it has {', '.join(repr(name) for name in sorted(there)) or 'none at all'}"
        )
    return tuple(
        library for library in found if kinds_of(library) and (names is None or library.name in names)
    )


def is_busy(libraries: Iterable[Library]) -> bool:
    """Whether Jellyfin is going through one of them, so that what it lists is not yet the truth."""
    return any((library.refresh_status or "Idle") != "Idle" for library in libraries)


async def read_roots(client: Client, libraries: Iterable[Library]) -> tuple[Root, ...]:
    """The locations of the libraries. May wake disks."""
    locations = sorted({location for library in libraries for location in library.locations})
    answer = await client.request("GET", "/System/Info/Storage", allow=(404,))
    storage = Storage() if answer.status == 404 else await client.decode(Storage, answer)
    folders = [folder for library in storage.libraries for folder in library.folders]
    return tuple([await _root(client, location, folders) for location in locations])


async def _root(client: Client, location: str, folders: Sequence[Folder]) -> Root:
    above = [folder for folder in folders if holds(folder.path, location)]
    folder = max(above, key=lambda one: len(one.path), default=None)
    device = folder.device_id if folder else None
    size = _size(folder) if folder else None
    if size == -1:
        return Root(plain(location), accessible=False, device=device)
    body = {"Path": location, "IsFile": False}
    answer = await client.request("POST", "/Environment/ValidatePath", json=body, allow=(404,), expect="any")
    if answer.status == 404:
        return Root(plain(location), accessible=False, device=device, size=size)
    empty = await _is_empty(client, location)
    return Root(plain(location), accessible=empty is not None, empty=empty, device=device, size=size)


def _size(folder: Folder) -> int | None:
    """All bytes of the file system, -1 when Jellyfin could not look, None when it does not say."""
    if folder.free_space is None or folder.used_space is None:
        return None
    return -1 if -1 in (folder.free_space, folder.used_space) else folder.free_space + folder.used_space


async def _is_empty(client: Client, location: str) -> bool | None:
    """Whether nothing at all is in the folder; None when it cannot be read (500: an I/O error)."""
    answer = await client.request(
        "GET",
        "/Environment/DirectoryContents",
        params={"path": location, "includeFiles": True, "includeDirectories": True},
        allow=(404, 500),
    )
    if answer.status != 200:
        return None
    return not await client.decode(list[dict[str, Any]], answer)
