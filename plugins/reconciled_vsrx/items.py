"""How filesets and files become items.

A file has no parent. A part shares the end of what it is a part of, but a fileset can end (its patient
was rebooked) while its files stay: each file is proved by itself, and its patient is an attribute.

A fileset claims its patient's id and every previous one, all in one space. So the old and the new
fileset of a rebooked patient share a ref and contradict each other nowhere: they are the same thing,
two copies as long as both are listed, and the one goes on for the other when the old id is dropped.
"""

import re

from reconciled.model import Absent, Item, Json, Key, Ref, refs
from reconciled_vsrx.paths import BadPath, plain_path
from reconciled_vsrx.payloads import File, Fileset, Moment

FILESET, FILE = "fileset", "file"
PATIENT_SPACE, FILE_SPACE = "vsrx-patient", "vsrx-file"
SOURCE_SYSTEM, UNGROUPED = "VSRX_SYNC", "ungrouped"
LONGEST_ID = 200
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_id(text: str) -> bool:
    """Whether it can be asked about: one part of a path, that names this and nothing else."""
    return (
        0 < len(text) <= LONGEST_ID
        and text.isprintable()
        and text == text.strip()
        and text not in (".", "..", "0")
        and not {"/", "\\"} & {*text}
    )


def previous_of(row: Fileset) -> list[str]:
    """The ids that the patient had before; what is none, or the present one, is left out."""
    return sorted({one for one in row.previous_patient_ids if is_id(one)} - {row.patient_id})


def fileset_of(row: Fileset) -> Item:
    """A fileset as an item."""
    previous = previous_of(row)
    attrs: dict[str, Json] = {"patient": row.patient_id, "previous": [*previous]}
    if row.file_count is not None:
        attrs["files"] = row.file_count
    if row.updated_at is not None:
        attrs["updated"] = written(row.updated_at)
    return Item(
        key=Key(FILESET, row.patient_id),
        title=f"Patient {row.patient_id}",
        refs=refs(*(Ref.of(PATIENT_SPACE, one) for one in (row.patient_id, *previous))),
        attrs=attrs,
    )


def flagged_at(row: File) -> Absent:
    """VSRX' own word that a user deleted this file."""
    return Absent("flagged deleted in VSRX", at=row.modified_at)


def file_of(row: File) -> Item:
    """A file as an item; it stands for its file. One whose path is refused has none, and says why."""
    attrs: dict[str, Json] = {"patient": row.patient_id, "modified": written(row.modified_at)}
    attrs |= {
        name: value
        for name, value in (("size", row.size), ("mime_type", row.mime_type), ("etag", row.etag))
        if value is not None
    }
    path: str | None = None
    try:
        path = plain_path(row.path)
    except BadPath as reason:
        attrs["refused"] = f"its path {reason}"
    return Item(
        key=Key(FILE, row.id),
        title=path.rpartition("/")[2] if path is not None else f"file {row.id}",
        refs=refs(Ref.of(FILE_SPACE, row.id), Ref.of("path", path), _checksum(row)),
        attrs=attrs,
        has_file=True,
        path=path,
    )


def origin_of(item: Item) -> dict[str, str]:
    """What a copy of the file keeps of where it came from; nothing for a fileset, which has no bytes.

    No pass groups files into documents: that is for a person, who finds them by `ungrouped`.
    """
    if item.key.kind != FILE:
        return {}
    path = {} if item.path is None else {"originalPath": item.path}
    return {
        "clientFileId": item.key.id,
        **path,
        "sourceSystem": SOURCE_SYSTEM,
        "groupingStatus": UNGROUPED,
    }


def written(moment: Moment) -> str:
    """A time as attributes hold it."""
    return moment.isoformat()


def _checksum(row: File) -> Ref | None:
    text = (row.sha256 or "").strip().lower()
    return Ref("sha256", text) if _SHA256.fullmatch(text) else None
