"""What Chroma's API of version 2 answers, as far as we read it.

Learned from the server of `chromadb` 1.5 (its own /openapi.json, and what it does), and from
rust/frontend/src/server.rs of chroma-core/chroma.
"""

from typing import Any

import msgspec


class Heartbeat(msgspec.Struct, frozen=True):
    """`/heartbeat`: nanoseconds since 1970, under a name that no other program uses."""

    beat: int = msgspec.field(name="nanosecond heartbeat")


class Identity(msgspec.Struct, frozen=True):
    """`/auth/identity`: without authentication the user is empty."""

    user_id: str
    tenant: str
    databases: list[str]


class Collection(msgspec.Struct, frozen=True):
    """A collection. Its id is never given again: one that is deleted and made anew has another."""

    id: str
    name: str
    tenant: str
    database: str


class Entries(msgspec.Struct, frozen=True):
    """Some entries, in parallel lists; what was not asked for is null."""

    ids: list[str]
    metadatas: list[dict[str, Any] | None]
    include: list[str]


class Said(msgspec.Struct, frozen=True):
    """An error's body."""

    error: str
    message: str
