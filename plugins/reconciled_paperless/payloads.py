"""What Paperless-ngx answers, as structs that name only the fields read.

What makes an answer well-formed is required: a list without its count is not Paperless'. Times
carry their offset, always; one without is another program's.
"""

from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec

Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]


class Version(msgspec.Struct, frozen=True, gc=False):
    """A file of a document; the root one is the document's own. The list of them is there since 3.0."""

    id: int
    checksum: str | None = None
    is_root: bool = False


class FieldValue(msgspec.Struct, frozen=True):
    """What a document's custom field holds; which type it is, the field says."""

    field: int
    value: Any = None


class Author(msgspec.Struct, frozen=True, gc=False):
    """Who wrote a note."""

    id: int
    username: str = ""


class Note(msgspec.Struct, frozen=True):
    """What somebody wrote on a document."""

    id: int
    note: str
    created: Moment | None = None
    user: Author | int | None = None


class Document(msgspec.Struct, frozen=True):
    """A document, of a list or from the trash."""

    id: int
    title: str | None = None
    content: str | None = None
    created: str | None = None
    added: Moment | None = None
    modified: Moment | None = None
    deleted_at: Moment | None = None
    tags: tuple[int, ...] | None = None
    archive_serial_number: int | None = None
    original_file_name: str | None = None
    mime_type: str | None = None
    page_count: int | None = None
    root_document: int | None = None
    versions: tuple[Version, ...] | None = None
    custom_fields: tuple[FieldValue, ...] | None = None
    correspondent: int | None = None
    document_type: int | None = None
    notes: tuple[Note, ...] | None = None


class Documents(msgspec.Struct, frozen=True):
    """A page of documents. `all` has the ids of every match, in API version 9 and below."""

    count: int
    results: list[Document]
    all: list[int] | None = None


class Tag(msgspec.Struct, frozen=True, gc=False):
    """A tag, a correspondent or a document type. Names are unique for each owner only."""

    id: int
    name: str


class Tags(msgspec.Struct, frozen=True):
    """A page of tags."""

    count: int
    results: list[Tag]


class CustomField(msgspec.Struct, frozen=True, gc=False):
    """A custom field. Names are unique."""

    id: int
    name: str
    data_type: str


class CustomFields(msgspec.Struct, frozen=True):
    """A page of custom fields."""

    count: int
    results: list[CustomField]


class Metadata(msgspec.Struct, frozen=True):
    """`GET /api/documents/ID/metadata/`: what is known of its newest file."""

    original_checksum: str
    original_size: int | None = None
    original_mime_type: str | None = None


class User(msgspec.Struct, frozen=True):
    """Who we are."""

    username: str
    is_superuser: bool = False


class Settings(msgspec.Struct, frozen=True):
    """What the pages need to know of the installation. `trash_delay` is in days."""

    trash_delay: int | None = None
    auditlog_enabled: bool | None = None


class UiSettings(msgspec.Struct, frozen=True):
    """`GET /api/ui_settings/`."""

    user: User
    settings: Settings
    permissions: frozenset[str] = frozenset()


class Statistics(msgspec.Struct, frozen=True):
    """`GET /api/statistics/`."""

    documents_total: int


class RootOf(msgspec.Struct, frozen=True):
    """`GET /api/documents/ID/root/`: the document that a version belongs to, or itself."""

    root_id: int


class Detail(msgspec.Struct, frozen=True):
    """What Django REST framework says of a failure."""

    detail: str


class Restored(msgspec.Struct, frozen=True):
    """`POST /api/trash/`."""

    result: str
    doc_ids: tuple[int, ...] = ()
