"""What a fake VSRX holds: patients' filesets and their files; and how both are written in the contract."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any


@dataclass(slots=True)
class PatientFile:
    """A file. `deleted` is a flag: the row stays until it is purged."""

    id: str
    patient: str
    path: str
    modified: datetime
    content: bytes
    mime: str = "image/jpeg"
    deleted: bool = False

    @property
    def etag(self) -> str:
        """It changes with the bytes."""
        return f'"{sha256(self.content).hexdigest()[:16]}"'


@dataclass(slots=True)
class Patient:
    """A patient's fileset. `serial` is its place in lists, which the cursor goes by.

    One that is not `listed` is left out of them, and its files are answered all the same.
    """

    id: str
    serial: int
    updated: datetime
    previous: tuple[str, ...] = ()
    listed: bool = True
    files: dict[str, PatientFile] = field(default_factory=dict)


def moment(when: datetime) -> str:
    """A time as the contract writes it."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fileset_body(patient: Patient) -> dict[str, Any]:
    """A fileset in a list."""
    return {
        "patientId": patient.id,
        "previousPatientIds": list(patient.previous),
        "updatedAt": moment(patient.updated),
        "fileCount": sum(not one.deleted for one in patient.files.values()),
    }


def file_body(file: PatientFile, *, checksums: bool) -> dict[str, Any]:
    """A file, wherever it is shown."""
    body: dict[str, Any] = {
        "id": file.id,
        "patientId": file.patient,
        "path": file.path,
        "size": len(file.content),
        "mimeType": file.mime,
        "etag": file.etag,
        "modifiedAt": moment(file.modified),
        "deleted": file.deleted,
    }
    return body | ({"sha256": sha256(file.content).hexdigest()} if checksums else {})
