"""How a document becomes an item, and what names it beyond its number.

Its identity is its number with the moment at which it was added: Paperless itself sets that once
and lets nobody edit it, through new titles, new files, the trash and back. So another database
behind the same address shows other documents under the same numbers, and says so. It is written
in UTC and to the millisecond, which is all that Paperless' own export keeps.

Its `sha256:` names the bytes of its newest file, for that is what it hands out. The time of its last
change is none of its attributes: a label that comes and goes would leave it another document.
"""

from collections.abc import Sequence
from datetime import UTC

from reconciled.model import Item, Json, Key, Ref, refs
from reconciled_paperless.payloads import Document

KIND = "document"
SPACE = "paperless-document"
_ELSEWHERE = frozenset({
    "content", "modified", "deleted_at", "root_document", "custom_fields", "correspondent", "document_type",
    "notes",
})  # fmt: skip
FIELDS = ",".join(name for name in Document.__struct_fields__ if name not in _ELSEWHERE)
"""What is asked of each document, in a list; the times of changes are asked for beside it."""

_SHA256, _MD5 = 64, 32


def key_of(number: int) -> Key:
    """The key of a document."""
    return Key(KIND, str(number))


def identity(document: Document) -> Ref | None:
    """The strong ref of a document; None when it does not say when it was added."""
    if document.added is None:
        return None
    moment = document.added.astimezone(UTC).isoformat(timespec="milliseconds")
    return Ref(SPACE, f"{document.id}@{moment.removesuffix('+00:00')}Z")


def item_of(document: Document, labels: Sequence[str] | None) -> Item:
    """The document as an item; `labels` are those of its tags, None when they cannot be told.

    It stands for its file, so it has one.
    """
    checksum = newest_checksum(document)
    attrs: dict[str, Json] = {
        name: value
        for name, value in (
            ("asn", document.archive_serial_number),
            ("created", document.created),
            ("file_name", document.original_file_name),
            ("mime_type", document.mime_type),
            ("pages", document.page_count),
            ("md5", checksum if len(checksum) == _MD5 else None),
        )
        if value is not None
    }
    if labels is not None:
        attrs["tags"] = [*labels]
    return Item(
        key=key_of(document.id),
        title=document.title or document.original_file_name or f"document {document.id}",
        refs=refs(identity(document), Ref.of("sha256", checksum if len(checksum) == _SHA256 else None)),
        attrs=attrs,
        has_file=True,
    )


def newest_checksum(document: Document) -> str:
    """That of the file that it hands out, its newest: SHA-256 since 3.0, MD5 before. Empty: it does not say.

    Files get their numbers in the order in which they came.
    """
    versions = document.versions or ()
    return _plain(max(versions, key=lambda one: one.id).checksum) if versions else ""


def checksums(document: Document) -> frozenset[str]:
    """Those of all its files, as far as it says."""
    return frozenset(_plain(one.checksum) for one in document.versions or ()) - {""}


def _plain(checksum: str | None) -> str:
    text = (checksum or "").strip().lower()
    return text if set(text) <= set("0123456789abcdef") else ""
