"""What the contract's calls answer, as structs that name only the fields read. camelCase.

What absence or completeness hangs on is required: a list without its total, or a file that does not
say whether it is deleted, is not the contract's.
"""

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec

Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class Camel(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A struct of the contract's JSON."""


class Fileset(Camel, frozen=True):
    """A patient's files as one; `file_count` counts those that are not deleted."""

    patient_id: str
    previous_patient_ids: tuple[str, ...] = ()
    updated_at: Moment | None = None
    file_count: Count | None = None


class Filesets(Camel, frozen=True):
    """`GET /filesets`: a page. `next` is the cursor of the next, null on the last."""

    items: list[Fileset]
    total: Count
    next: str | None = None


class File(Camel, frozen=True):
    """One file, deleted or not."""

    id: str
    patient_id: str
    path: str
    modified_at: Moment
    deleted: bool
    size: Count | None = None
    mime_type: str | None = None
    etag: str | None = None
    sha256: str | None = None


class Files(Camel, frozen=True):
    """`GET /filesets/{patientId}/files`: all of them."""

    items: list[File]


class Lack(Camel, frozen=True):
    """The body of a 404: a problem document that names what there is not."""

    id: str
    title: str = ""


class Notice(Camel, frozen=True):
    """A webhook's body."""

    event: str
    id: str | None = None
    patient_id: str | None = None
    new_patient_id: str | None = None
    occurred_at: Moment | None = None
    user: str | None = None
