"""The JSON that a Paperless-ngx answers, row by row, as 3.0.5 and 2.20 do."""

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from reconciled.testing.fakes.paperless_model import Document, Note, User, Version, owns

TRASH_DELAY = timedelta(days=30)


def moment(value: datetime | None) -> str | None:
    """As Django writes a time."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def row(
    document: Document, user: User, *, modern: bool, fields: Collection[str] | None = None
) -> dict[str, Any]:
    """A document, of a list or alone. `modern` is 3.x, which has versions with checksums."""
    made: dict[str, Any] = {
        "id": document.id,
        "correspondent": document.correspondent,
        "document_type": document.document_type,
        "storage_path": None,
        "title": document.title,
        "content": document.content,
        "tags": sorted(document.tags),
        "created": document.created,
        "created_date": document.created,
        "modified": moment(document.modified),
        "added": moment(document.added),
        "deleted_at": moment(document.deleted_at),
        "archive_serial_number": document.asn,
        "original_file_name": document.file_name or f"{document.title}.pdf",
        "archived_file_name": None,
        "owner": document.owner,
        "user_can_change": owns(user, document),
        "is_shared_by_requester": False,
        "notes": [note_row(one) for one in document.notes],
        "custom_fields": _fields(document),
        "page_count": document.pages,
        "mime_type": document.mime_type,
    }
    if fields is not None:
        made = {name: value for name, value in made.items() if name in fields}
    if modern and fields is None:
        made |= {"duplicate_documents": [], "root_document": None}
    if modern and (fields is None or "versions" in fields):
        made["versions"] = _versions(document)
    return made


def note_row(note: Note) -> dict[str, Any]:
    """A note, wherever it is shown."""
    user = {"id": note.user, "username": note.by, "first_name": "", "last_name": ""}
    return {
        "id": note.id,
        "note": note.text,
        "created": moment(note.created),
        "user": None if note.user is None else user,
    }


def version_rows(document: Document, user: User) -> list[dict[str, Any]]:
    """The later files of a document in the trash, which lie there as rows of their own."""
    went = document.deleted_at
    return [file_row(document, one, user, went=went) for one in document.versions if went is not None]


def file_row(document: Document, version: Version, user: User, *, went: datetime) -> dict[str, Any]:
    """A later file in the trash."""
    base = row(document, user, modern=True)
    here = {"id": version.id, "root_document": document.id, "versions": [], "deleted_at": moment(went)}
    return {**base, **here}


def _fields(document: Document) -> list[dict[str, Any]]:
    """Those of a document in the trash lie in the trash, too."""
    if document.deleted_at is not None:
        return []
    return [{"field": number, "value": value} for number, value in document.fields.items()]


def _versions(document: Document) -> list[dict[str, Any]]:
    later = [
        {"id": one.id, "added": moment(one.added), "version_label": None, "checksum": one.checksum}
        for one in reversed(document.versions)
    ]
    root = {"id": document.id, "added": moment(document.added), "version_label": None}
    return [
        *({**one, "is_root": False} for one in later),
        {**root, "checksum": document.sha256, "is_root": True},
    ]


def metadata(document: Document, *, modern: bool) -> dict[str, Any]:
    """`/metadata/`, which is about the newest file."""
    newest = document.versions[-1].checksum if document.versions else document.sha256
    return {
        "original_checksum": newest if modern else document.md5,
        "original_size": len(document.newest),
        "original_mime_type": document.mime_type,
        "media_filename": f"{document.id:07}.pdf",
        "has_archive_version": document.archive is not None,
        "original_metadata": [],
        "archive_checksum": None,
        "archive_media_filename": None,
        "original_filename": document.file_name or f"{document.title}.pdf",
        "archive_size": None,
        "archive_metadata": None,
        "lang": "en",
    }


def checksum(data: bytes, *, modern: bool) -> str:
    """As this version sums up files."""
    return hashlib.sha256(data).hexdigest() if modern else hashlib.md5(data).hexdigest()


def ui_settings(user: User, *, version: str, audited: bool) -> dict[str, Any]:
    """`/api/ui_settings/`."""
    return {
        "user": {
            "id": user.id,
            "username": user.name,
            "is_staff": user.superuser,
            "is_superuser": user.superuser,
            "groups": [],
        },
        "settings": {
            "trash_delay": TRASH_DELAY.days,
            "version": version,
            "app_title": None,
            "auditlog_enabled": audited,
            "email_enabled": False,
        },
        "permissions": sorted(user.rights),
    }


def progress(document: Document, *, status: str, message: str, percent: int) -> dict[str, Any]:
    """A message of the stream about an upload; only its end names the document."""
    return {
        "type": "status_update",
        "data": {
            "filename": document.file_name or document.title,
            "task_id": f"{document.id:08}-0000-4000-8000-000000000000",
            "current_progress": percent,
            "max_progress": 100,
            "status": status,
            "message": message,
            "document_id": document.id if status == "SUCCESS" else None,
            **_seen_by(document),
        },
    }


def updated(document: Document) -> dict[str, Any]:
    """A message of the stream about a change (3.x)."""
    said = {"document_id": document.id, "modified": moment(document.modified), **_seen_by(document)}
    return {"type": "document_updated", "data": said}


def _seen_by(document: Document) -> dict[str, Any]:
    return {
        "owner_id": document.owner,
        "users_can_view": sorted(document.viewers),
        "groups_can_view": [],
    }
