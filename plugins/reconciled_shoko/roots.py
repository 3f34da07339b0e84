"""Shoko's folders, and what tells whether they are really there.

Shoko itself knows a folder only by what its database counts. So its host is asked: is the folder
there, is anything in it, and on which mount point does it lie (an unmounted disk shows as the one
above it). 6.0 tells that to administrators only; for others a few files of each folder are asked
for, and a folder none of which can be read is not accessible.

A series lies in no one folder, and says so by lying below all of them: `Roots.whole` is the one
folder, or a root made of all, which is well when each is. So no series loses its files while any
folder is away, which is just when *Remove Missing Files* would take them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reconciled.errors import BadResponse
from reconciled.http import Client
from reconciled.model import Root
from reconciled.source import Store
from reconciled_shoko.connection import API, Connection, said
from reconciled_shoko.paths import above, deepest, plain, same
from reconciled_shoko.payloads import File, Folder, Listed, Place

_NO_FOLDER = "Directory not found"
_SAMPLE = 20
_USED = "folders that held files"
_PASSING = frozenset({"Source"})
"""The folders that files only pass through, so that they are often empty."""


@dataclass(frozen=True, slots=True)
class Roots:
    """The folders by id, as far as they are known."""

    paths: Mapping[int, str] = field(default_factory=dict)
    states: Mapping[int, Root] = field(default_factory=dict)

    @property
    def whole(self) -> str | None:
        """The root of what lies in no one folder."""
        return " + ".join(sorted({*self.paths.values()})) or None

    def of(self, folder: int | None) -> str | None:
        """The path of a folder."""
        return self.paths.get(folder) if folder is not None else None

    def well(self, folder: int | None) -> bool:
        """Whether nothing is known to be wrong with a folder."""
        state = self.states.get(folder) if folder is not None else None
        return state is None or state.usable


async def read_folders(connection: Connection, *, modern: bool) -> list[Folder]:
    """The folders, by the name that this version has for them."""
    return await connection.read("/ManagedFolder" if modern else "/ImportFolder", list[Folder])


def paths_of(folders: Sequence[Folder]) -> dict[int, str]:
    """Their paths by id."""
    return {folder.id: plain(folder.path) for folder in folders}


async def read_states(connection: Connection, folders: Sequence[Folder], *, modern: bool) -> dict[int, Root]:
    """The state of each folder. May wake disks."""
    client = connection.client
    answer = await client.request("GET", f"{API}/Folder/MountPoints", allow=(403,))
    if answer.status == 403:
        return {folder.id: await _sampled(connection, folder, modern=modern) for folder in folders}
    mounts = await client.decode(list[Place], answer)
    return {folder.id: await _state(client, folder, mounts) for folder in folders}


async def summary(
    folders: Sequence[Folder], states: Mapping[int, Root], *, whole: str | None, store: Store
) -> tuple[Root, ...]:
    """The roots, and the one made of all if there are several.

    An empty folder is nothing to worry about for all if it never held a file: it is new, or a drop
    folder. Which ones did is kept, for when a disk is away the database soon counts nothing there.
    """
    kept = await store.get(_USED)
    known = {plain(str(one)) for one in kept} if isinstance(kept, list) else set()
    used = known | {plain(folder.path) for folder in folders if folder.file_size > 0}
    if used != known:
        await store.set(_USED, [*sorted(used)])
    each = {state.path: state for state in states.values()}
    if whole is None or len(each) < 2:
        return tuple(each.values())
    missed = [
        states[folder.id].empty
        for folder in folders
        if plain(folder.path) in used and folder.drop_folder_type not in _PASSING
    ]
    devices = [state.device for _, state in sorted(each.items())]
    every = Root(
        whole,
        accessible=_all(state.accessible for state in each.values()),
        empty=True if True in missed else None if None in missed else False,
        device=" + ".join(map(str, devices)) if None not in devices else None,
    )
    return (*each.values(), every)


def _all(values: Iterable[bool | None]) -> bool | None:
    """Whether all are true: no as soon as one is not, unknown if any is."""
    found = [*values]
    return False if False in found else None if None in found else True


async def _state(client: Client, folder: Folder, mounts: Sequence[Place]) -> Root:
    path = plain(folder.path)
    device = deepest((mount.path for mount in mounts), path)
    below = await _listing(client, folder.path)
    if below is None:
        return Root(path, accessible=False, device=device)
    empty = False if below else await _is_empty(client, path, mounts)
    return Root(path, accessible=True, empty=empty, device=device)


async def _listing(client: Client, path: str) -> list[Place] | None:
    """The folders in a folder; None when it is not there, or cannot be read (500: an I/O error)."""
    answer = await client.request("GET", f"{API}/Folder", params={"path": path}, allow=(404, 500))
    if answer.status == 404 and said(answer) != _NO_FOLDER:
        raise BadResponse(f"{answer.where}: 404, but not in Shoko's words ({_NO_FOLDER!r})")
    return await client.decode(list[Place], answer) if answer.status == 200 else None


async def _is_empty(client: Client, path: str, mounts: Sequence[Place]) -> bool | None:
    """Whether no file lies in it either: the list names folders only. What holds it counts both."""
    places = [mount for mount in mounts if same(mount.path, path)]
    if not places and (parent := above(path)) is not None:
        places = [place for place in await _listing(client, parent) or [] if same(place.path, path)]
    sizes = places[0].sizes if places else None
    return None if sizes is None else sizes.files + sizes.folders == 0


async def _sampled(connection: Connection, folder: Folder, *, modern: bool) -> Root:
    """A folder as some of its files show it: not accessible when none of them is."""
    kind = "ManagedFolder" if modern else "ImportFolder"
    params = {"pageSize": _SAMPLE, "page": 1}
    page = await connection.read(f"/{kind}/{folder.id}/File", Listed[File], params=params)
    seen = [
        location.is_accessible
        for file in page.items
        for location in file.locations
        if location.folder == folder.id
    ]
    return Root(plain(folder.path), accessible=any(seen) if seen else None)
