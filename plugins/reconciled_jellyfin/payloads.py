"""What Jellyfin answers, as structs that name only the fields read. PascalCase; nulls are left out.

What makes an answer well-formed is required: a list without its count is not Jellyfin's.
"""

import msgspec


class Pascal(msgspec.Struct, rename="pascal", frozen=True, gc=False):
    """A struct of Jellyfin's JSON."""


class SystemInfo(Pascal, frozen=True):
    """`GET /System/Info`. `id` is the installation's, the same as ServerId in its webhooks."""

    id: str
    version: str
    product_name: str | None = None


class Library(Pascal, frozen=True):
    """A library (`/Library/VirtualFolders`). `refresh_status` is Idle, Active or Queued."""

    name: str
    locations: tuple[str, ...] = ()
    collection_type: str | None = None
    item_id: str | None = None
    refresh_status: str | None = None


class Folder(Pascal, frozen=True):
    """What a location's file system says (10.11 on). A space of -1 is an error in looking."""

    path: str
    free_space: int | None = None
    used_space: int | None = None
    device_id: str | None = None


class LibraryStorage(Pascal, frozen=True):
    """The folders of one library."""

    folders: tuple[Folder, ...] = ()


class Storage(Pascal, frozen=True):
    """`GET /System/Info/Storage`."""

    libraries: tuple[LibraryStorage, ...] = ()


class Record(Pascal, frozen=True):
    """An item of a list."""

    id: str
    type: str
    name: str | None = None
    server_id: str | None = None
    path: str | None = None
    provider_ids: dict[str, str | None] | None = None
    production_year: int | None = None
    location_type: str | None = None
    tags: tuple[str, ...] | None = None
    index_number: int | None = None
    series_id: str | None = None
    series_name: str | None = None


class Items(Pascal, frozen=True):
    """`GET /Items`. With enableTotalRecordCount=false the total is merely the length of this page."""

    items: list[Record]
    total_record_count: int
    start_index: int
