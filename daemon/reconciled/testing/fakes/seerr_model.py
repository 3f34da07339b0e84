"""What a Seerr holds: users, requests, and media; and its rows as the API answers them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

PENDING, APPROVED, DECLINED, FAILED, COMPLETED = range(1, 6)
UNKNOWN, MEDIA_PENDING, PROCESSING, PARTIAL, AVAILABLE, BLOCKLISTED, DELETED = range(1, 8)
STATUSES = (
    "", "UNKNOWN", "PENDING", "PROCESSING", "PARTIALLY_AVAILABLE", "AVAILABLE", "BLOCKLISTED", "DELETED",
)  # fmt: skip


@dataclass(slots=True)
class Medium:
    """A film or series that Seerr knows, under its own number."""

    id: int
    kind: Literal["movie", "tv"]
    title: str
    tmdb: int
    created: datetime
    tvdb: int | None = None
    imdb: str | None = None
    status: int = AVAILABLE
    status4k: int = UNKNOWN


@dataclass(slots=True)
class Asked:
    """A request. `by` is a user's number."""

    id: int
    medium: int
    by: int
    created: datetime
    status: int = COMPLETED
    is4k: bool = False
    seasons: tuple[int, ...] = ()


@dataclass(slots=True)
class Person:
    """A user; `permissions` are bits, and 2 is an administrator."""

    id: int
    name: str
    permissions: int = 32


@dataclass(slots=True)
class SeerrState:
    """All of it. Numbers grow and are never used twice."""

    people: dict[int, Person] = field(default_factory=dict)
    media: dict[int, Medium] = field(default_factory=dict)
    requests: dict[int, Asked] = field(default_factory=dict)
    next_medium: int = 1
    next_request: int = 1


def person_row(person: Person) -> dict[str, Any]:
    """A user."""
    return {
        "id": person.id,
        "permissions": person.permissions,
        "email": f"{person.name}@example.invalid",
        "username": person.name,
        "displayName": person.name,
        "userType": 2,
        "avatar": f"/avatarproxy/{person.id}",
    }


def medium_row(medium: Medium) -> dict[str, Any]:
    """A medium, as the list of media and every request carry it."""
    created = stamp(medium.created)
    return {
        "id": medium.id,
        "mediaType": medium.kind,
        "tmdbId": medium.tmdb,
        "tvdbId": medium.tvdb,
        "imdbId": medium.imdb,
        "status": medium.status,
        "status4k": medium.status4k,
        "createdAt": created,
        "updatedAt": created,
        "mediaAddedAt": created,
        "serviceId": 0,
        "externalServiceSlug": str(medium.tmdb),
        "ratingKey": None,
        "jellyfinMediaId": None,
        "downloadStatus": [],
        "seasons": [],
    }


def request_row(state: SeerrState, asked: Asked) -> dict[str, Any]:
    """A request with its medium, its seasons and who asked."""
    medium, person = state.media[asked.medium], state.people.get(asked.by)
    created = stamp(asked.created)
    return {
        "id": asked.id,
        "status": asked.status,
        "type": medium.kind,
        "is4k": asked.is4k,
        "createdAt": created,
        "updatedAt": created,
        "serverId": None,
        "profileId": None,
        "isAutoRequest": False,
        "media": medium_row(medium),
        "seasons": [
            {"id": asked.id * 100 + number, "seasonNumber": number, "status": asked.status}
            for number in asked.seasons
        ],
        "requestedBy": None if person is None else person_row(person),
        "modifiedBy": None,
    }


def stamp(moment: datetime) -> str:
    """A moment as JavaScript writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
