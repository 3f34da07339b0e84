"""What a Paperless-ngx holds: documents, the trash, tags, notes, fields, tasks, users, workflows; values."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

Blob: TypeAlias = bytes
ALL_RIGHTS = frozenset(
    {
        *(f"{verb}_{what}" for verb in ("add", "change", "delete", "view") for what in (
            "document", "tag", "workflow", "uisettings",
            "correspondent", "documenttype", "customfield", "paperlesstask", "note",
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
    data: Blob | None = None
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote on a document; `user` is who, None when that user is no more, `by` the name."""

    id: int
    text: str
    created: datetime
    user: int | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document. `owner` is a user's id, None when it is everybody's; `viewers` may see it besides.

    `data` are the bytes that were uploaded; one that was merely put there has some of its own. `archive` is
    the PDF that was made of them, if one was, and `picture` its first page in WebP, if its words are not to
    be drawn. `fields` are the values of its custom fields by the fields' numbers.
    """

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
    correspondent: int | None = None
    document_type: int | None = None
    data: Blob | None = None
    archive: Blob | None = None
    picture: Blob | None = None
    notes: tuple[Note, ...] = ()
    fields: Mapping[int, Any] = field(default_factory=dict)

    @property
    def bytes(self) -> Blob:
        """Its first file."""
        if self.data is not None:
            return self.data
        return f"%PDF {self.id} {self.file_name} {self.added.isoformat()}".encode()

    @property
    def sha256(self) -> str:
        """The checksum that 3.x keeps."""
        return hashlib.sha256(self.bytes).hexdigest()

    @property
    def md5(self) -> str:
        """The checksum that 2.20 keeps."""
        return hashlib.md5(self.bytes).hexdigest()

    @property
    def newest(self) -> Blob:
        """Its newest file, which is the one that is handed out."""
        later = [one.data for one in self.versions if one.data is not None]
        return later[-1] if later else self.bytes


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, a correspondent or a document type; names are unique for each owner only."""

    id: int
    name: str
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field; names are unique."""

    id: int
    name: str
    data_type: str


@dataclass(frozen=True, slots=True)
class Task:
    """A file on its way in. `root` is the document of which it becomes a version; `result` as API 10 has it.

    `status` is one of pending, started, success, failure, revoked.
    """

    id: int
    task_id: str
    name: str
    data: Blob
    mime_type: str
    created: datetime
    owner: int | None
    overrides: Mapping[str, Any]
    root: int | None = None
    status: str = "pending"
    done: datetime | None = None
    result: Mapping[str, Any] | None = None
    acknowledged: bool = False

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


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
    """All that one installation holds. Ids are never given twice.

    `trashed_files` are later files that lie in the trash while their document does not: by their number, of
    which document, and since when. `blind_to_case`: its database takes `a` and `A` for the same, as MariaDB
    does.
    """

    documents: dict[int, Document] = field(default_factory=dict)
    trash: dict[int, Document] = field(default_factory=dict)
    trashed_files: dict[int, tuple[int, Version, datetime]] = field(default_factory=dict)
    tags: dict[int, Tag] = field(default_factory=dict)
    correspondents: dict[int, Tag] = field(default_factory=dict)
    document_types: dict[int, Tag] = field(default_factory=dict)
    custom_fields: dict[int, CustomField] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    workflows: dict[int, dict[str, Any]] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)
    next_id: int = 1
    next_note: int = 1
    blind_to_case: bool = False
    _summed: dict[int, tuple[Document, str, str]] = field(default_factory=dict)
    _by_sum: dict[str, set[int]] = field(default_factory=dict)
    _timed: tuple[Sequence[Document], list[Document]] | None = None

    def new_id(self) -> int:
        """The next number of a document or version."""
        self.next_id += 1
        return self.next_id - 1

    def document_of(self, number: int) -> Document | None:
        """The living document that the number, or the number of a version, belongs to."""
        return self.documents.get(number) or next(
            (one for one in self.documents.values() if any(each.id == number for each in one.versions)), None
        )

    def by_time(self, in_order: Sequence[Document]) -> list[Document]:
        """The same documents by the time of their change, then by id; sorted once as long as none changes."""
        if self._timed is None or self._timed[0] is not in_order:
            self._timed = (in_order, sorted(in_order, key=lambda one: (one.modified, one.id)))
        return self._timed[1]

    def with_checksum(self, checksum: str) -> list[Document]:
        """The living documents whose first file has this SHA-256 or MD5, by id. Sums up only what is new."""
        for number, one in self.documents.items():
            known = self._summed.get(number)
            if known is None or known[0] is not one:
                sums = (one.sha256, one.md5)
                self._summed[number] = (one, *sums)
                for each in sums:
                    self._by_sum.setdefault(each, set()).add(number)
        found = sorted(self._by_sum.get(checksum.lower(), set()) & self.documents.keys())
        return [self.documents[number] for number in found if checksum.lower() in self._summed[number][1:]]


def may_see(user: User, document: Document) -> bool:
    """Own, everybody's, or shown to the user."""
    return user.superuser or document.owner in (None, user.id) or user.id in document.viewers


def owns(user: User, document: Document) -> bool:
    """Own or everybody's: what may be changed, and what of the trash is seen."""
    return user.superuser or document.owner in (None, user.id)
