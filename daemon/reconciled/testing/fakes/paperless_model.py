"""What a Paperless-ngx holds: documents, the trash, tags, users and workflows; as values and tables."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ALL_RIGHTS = frozenset(
    {
        *(f"{verb}_{what}" for verb in ("add", "change", "delete", "view") for what in (
            "document", "tag", "workflow", "uisettings"
        )),
        "view_global_statistics",
    }
)  # fmt: skip
"""The rights that matter here, as the API calls them."""


@dataclass(frozen=True, slots=True)
class Version:
    """A later file of a document; it has an id among the documents' own."""

    id: int
    checksum: str
    added: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A document. `owner` is a user's id, None when it is everybody's; `viewers` may see it besides."""

    id: int
    title: str
    added: datetime
    modified: datetime
    content: str = ""
    created: str = "2026-01-01"
    tags: frozenset[int] = frozenset()
    owner: int | None = None
    viewers: frozenset[int] = frozenset()
    asn: int | None = None
    file_name: str = ""
    mime_type: str = "application/pdf"
    pages: int | None = 1
    deleted_at: datetime | None = None
    versions: tuple[Version, ...] = ()

    @property
    def bytes(self) -> bytes:
        """Its first file."""
        return f"%PDF {self.id} {self.file_name} {self.added.isoformat()}".encode()

    @property
    def sha256(self) -> str:
        """The checksum that 3.x keeps."""
        return hashlib.sha256(self.bytes).hexdigest()

    @property
    def md5(self) -> str:
        """The checksum that 2.20 keeps."""
        return hashlib.md5(self.bytes).hexdigest()


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag; names are unique for each owner only."""

    id: int
    name: str
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Who may come in. A second factor keeps name and password out of the API."""

    id: int
    name: str
    password: str
    token: str
    superuser: bool = False
    rights: frozenset[str] = ALL_RIGHTS
    second_factor: bool = False

    def may(self, right: str) -> bool:
        """Whether the user has it; a superuser has all."""
        return self.superuser or right in self.rights


@dataclass(slots=True)
class PaperlessState:
    """All that one installation holds. Ids are never given twice."""

    documents: dict[int, Document] = field(default_factory=dict)
    trash: dict[int, Document] = field(default_factory=dict)
    tags: dict[int, Tag] = field(default_factory=dict)
    workflows: dict[int, dict[str, Any]] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)
    next_id: int = 1

    def new_id(self) -> int:
        """The next number of a document or version."""
        self.next_id += 1
        return self.next_id - 1

    def document_of(self, number: int) -> Document | None:
        """The living document that the number, or the number of a version, belongs to."""
        return self.documents.get(number) or next(
            (one for one in self.documents.values() if any(each.id == number for each in one.versions)), None
        )


def may_see(user: User, document: Document) -> bool:
    """Own, everybody's, or shown to the user."""
    return user.superuser or document.owner in (None, user.id) or user.id in document.viewers


def owns(user: User, document: Document) -> bool:
    """Own or everybody's: what may be changed, and what of the trash is seen."""
    return user.superuser or document.owner in (None, user.id)
