"""What a program says of a record, judged: one in a body, or many as NDJSON, each line by itself.

A line that is wrong is told with its number and what is wrong, and keeps no other from being kept.
Nothing is read into memory as a whole but one line.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from reconciled.ledger.shelf import Registration
from reconciled.model import Ref, SyncStatus

LARGEST = 64 * 1024
"""The most bytes of one record, as JSON."""
MOST_LINES = 200_000
KEPT_FOR_CONTENTS = "/content"
RECORDS = "record:"
_WORDS = {"title": 1000, "refs": 100, "ref": 500, "id": 250}

Said = Literal["synced", "pending", "processing", "failed", "duplicate"]


class RecordBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a program says of a record. A status and a time that it leaves out stay as they were."""

    title: Annotated[str, Meta(min_length=1, max_length=_WORDS["title"])]
    refs: Annotated[
        list[Annotated[str, Meta(min_length=3, max_length=_WORDS["ref"])]],
        Meta(max_length=_WORDS["refs"], description="what it is about, such as `paperless:document/12`"),
    ] = []
    attrs: dict[str, Any] = {}
    sync_status: Annotated[Said | None, Meta(description="`missing` is found out here, and not taken")] = None
    last_sync_at: Annotated[datetime, Meta(tz=True)] | None = None


class RecordLine(RecordBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same with its id: a line of NDJSON."""

    id: str


class Wrong(msgspec.Struct, frozen=True):
    """A line that was not kept, and why."""

    line: int
    id: str | None
    error: str


class BadRecordError(ValueError):
    """What a program says of a record cannot be kept; the message names the field."""


def registration(key: str, said: RecordBody) -> Registration:
    """What is to be kept. BadRecordError."""
    check_id(key)
    try:
        size = len(msgspec.json.encode(said))
    except (OverflowError, ValueError) as error:
        raise BadRecordError(f"a number that is too large: {error} - at `$.attrs`") from error
    if size > LARGEST:
        raise BadRecordError(f"the record has {size} bytes as JSON; it may have {LARGEST}")
    if not said.title.strip():
        raise BadRecordError("it is empty - at `$.title`")
    status = SyncStatus(said.sync_status) if said.sync_status is not None else None
    if said.last_sync_at is not None and not 1970 <= said.last_sync_at.year <= 9998:
        raise BadRecordError("no time of a sync - at `$.last_sync_at`")
    return Registration(key, said.title, frozenset(_refs(said.refs)), said.attrs, status, said.last_sync_at)


def check_id(key: str) -> None:
    """Whether a record can go by this id: it stands in addresses. BadRecordError."""
    wrong = None
    if not key or len(key) > _WORDS["id"]:
        wrong = f"it has 1 to {_WORDS['id']} characters"
    elif not key.isprintable() or key != key.strip():
        wrong = "it has no control characters, and no space at its ends"
    elif any(part in ("", ".", "..") for part in key.split("/")):
        wrong = "no part of it between slashes is empty, `.` or `..`"
    elif key.endswith(KEPT_FOR_CONTENTS):
        wrong = f"it does not end in `{KEPT_FOR_CONTENTS}`"
    if wrong is not None:
        raise BadRecordError(f"no id of a record: {wrong} - at `$.id`")


def _refs(texts: Iterable[str]) -> Iterable[Ref]:
    for number, text in enumerate(texts):
        try:
            ref = Ref.parse(text)
        except ValueError as error:
            raise BadRecordError(f"{error} - at `$.refs[{number}]`") from error
        named = Ref.of(ref.space, ref.value)
        if named is None or not text.isprintable():
            raise BadRecordError(f"{text!r} names nothing - at `$.refs[{number}]`")
        if named.space.startswith(RECORDS):
            raise BadRecordError(f"{text!r} is a record, and no record is about one - at `$.refs[{number}]`")
        yield named


def read_line(line: bytes) -> Registration:
    """What a line says. BadRecordError."""
    try:
        said = msgspec.json.decode(line, type=RecordLine)
    except msgspec.ValidationError as error:
        raise BadRecordError(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecordError(f"no JSON: {error}") from error
    return registration(said.id, said)


def id_in(line: bytes) -> str | None:
    """The id that a line which is wrong would have, to find it by."""
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    named = found.get("id") if isinstance(found, dict) else None
    return named[: _WORDS["id"]] if isinstance(named, str) else None


async def lines_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes | None]]:
    """The lines of a body with their numbers, from 1; None for one that is too long. Empty ones are left out.

    BadRecordError when there are too many.
    """
    number, rest, too_long = 0, b"", False
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            number += 1
            if number > MOST_LINES:
                raise BadRecordError(f"at most {MOST_LINES} lines at once; this and the rest was not read")
            if too_long or len(line) > LARGEST:
                yield number, None
            elif content := line.removeprefix(b"\xef\xbb\xbf").strip():
                yield number, content
            too_long = False
        if len(rest) > LARGEST:
            rest, too_long = b"", True
    if too_long:
        yield number + 1, None
    elif content := rest.removeprefix(b"\xef\xbb\xbf").strip():
        yield number + 1, content
