"""What Seerr's API answers, as far as we read it.

Facts from the public source: server/entity/Media.ts, MediaRequest.ts and SeasonRequest.ts,
server/constants/media.ts and server/routes/*.ts of seerr-team/seerr, Fallenbagel/jellyseerr and
sct/overseerr. `media` and `seasons` of a request come with its list and with the request alone.
"""

from typing import Any, Generic, TypeVar

import msgspec


class Camel(msgspec.Struct, frozen=True, rename="camel"):
    """Named there as JavaScript names things."""


class Status(Camel, frozen=True):
    """`/status`: the fields that tell this family from other programs with a version."""

    version: str
    commit_tag: str
    restart_required: bool = False


class Public(Camel, frozen=True):
    """`/settings/public`. The public half of the key for browser messages is made once, at installation."""

    initialized: bool
    vapid_public: str | None = None


class Account(Camel, frozen=True):
    """A user; `permissions` are bits."""

    id: int
    display_name: str | None = None
    permissions: int = 0


class Media(Camel, frozen=True):
    """What Seerr knows of a film or series, whether or not anybody asked for it."""

    id: int
    media_type: str
    status: int
    status4k: int = 1
    tmdb_id: int | None = None
    tvdb_id: int | None = None
    imdb_id: str | None = None


class Season(Camel, frozen=True):
    """A season that was asked for."""

    season_number: int


class Request(Camel, frozen=True):
    """A person's request."""

    id: int
    type: str
    status: int
    is4k: bool
    media: Media | None
    seasons: tuple[Season, ...] = ()
    requested_by: Account | None = None
    created_at: str | None = None


RowT = TypeVar("RowT", Request, Media)


class PageInfo(Camel, frozen=True):
    """How much there is in all."""

    results: int
    page_size: int


class Listing(msgspec.Struct, Generic[RowT], frozen=True, rename="camel"):
    """A part of a list, newest first."""

    page_info: PageInfo
    results: list[RowT]


class Said(Camel, frozen=True):
    """The body of an error."""

    message: str = ""


class Job(Camel, frozen=True):
    """Something that Seerr does by itself."""

    id: str
    name: str = ""
    running: bool = False


class Guarded(Camel, frozen=True):
    """Whether other programs may only read (`/settings/network`, in older versions `/settings/main`)."""

    csrf_protection: bool = False


class HookOptions(Camel, frozen=True):
    """Where Seerr's webhook goes and what it says. The header is a secret: never shown."""

    webhook_url: str = ""
    auth_header: str | None = None
    json_payload: Any = None
    custom_headers: list[Any] = []


class HookSettings(Camel, frozen=True):
    """Seerr's webhook; it has only this one. `types` are bits."""

    enabled: bool = False
    types: int = 0
    embed_poster: bool = False
    options: HookOptions = HookOptions()
