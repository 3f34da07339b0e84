"""The root folders of an app and what tells whether they are really mounted.

`accessible` means "the directory exists" and nothing more: an empty mount point is accessible
too. So the mount point and its size come from the disk space list, where an unmounted disk shows
as its parent. Radarr 6.1 and Sonarr 4.0 also say "not accessible" when looking takes over 5 s;
such a root is asked for once more, alone and with patience, as a disk may just be waking up.
"""

from collections.abc import Sequence

from reconciled.errors import Unreachable
from reconciled.http import Client
from reconciled.model import Root
from reconciled_servarr.paths import holds, plain
from reconciled_servarr.payloads import Disk, RootFolder

_PATIENCE = 30.0


async def read_roots(
    client: Client, *, folders: Sequence[RootFolder], api: str, timeout: float
) -> tuple[Root, ...]:
    """The roots with the mount points they lie on."""
    disks = await client.decode(list[Disk], await client.request("GET", f"{api}/diskspace"))
    patience = min(_PATIENCE, timeout)
    return tuple(
        [_root(await _awake(client, folder, api=api, timeout=patience), disks) for folder in folders]
    )


async def _awake(client: Client, folder: RootFolder, *, api: str, timeout: float) -> RootFolder:
    if folder.accessible is not False:
        return folder
    try:
        again = await client.request(
            "GET", f"{api}/rootfolder/{folder.id}", params={"timeout": False}, timeout=timeout, allow=(404,)
        )
    except Unreachable:
        return folder  # a dead network mount never answers; the root is what the list said
    return folder if again.status == 404 else await client.decode(RootFolder, again)


def _root(folder: RootFolder, disks: Sequence[Disk]) -> Root:
    below = [disk for disk in disks if disk.path and holds(disk.path, folder.path)]
    disk = max(below, key=lambda one: len(one.path or ""), default=None)
    device = disk.path if disk else None
    size = disk.total_space if disk else None
    return Root(
        path=plain(folder.path),
        accessible=folder.accessible,
        empty=folder.is_empty,
        device=device,
        size=folder.total_space if size is None else size,
    )
