"""Which files of a fileset may be pages of one document: suggested by date and name, no more. Pure.

A mirror never groups: one file is one document. A person who groups them afterwards looks for files that were
made on the same day and are numbered one after the other under one name (`IMG001.jpg`, `IMG002.jpg`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from reconciled.model import Key

APART = 1
"""Numbers that follow each other by at most this stand together."""
_NUMBERED = re.compile(r"^(?P<stem>.*?)(?P<number>\d{1,9})$")


@dataclass(frozen=True, slots=True)
class Filed:
    """A mirrored file: its fileset, name, day (`2024-05-01`, by its app), and its copy in the target."""

    fileset: str
    key: Key
    name: str
    day: str
    copied: Key


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Files that may be pages of one document, in order, and why: `IMG, 2024-05-01, 3 to 7`."""

    fileset: str
    why: str
    files: tuple[Filed, ...]


def suggest(files: Iterable[Filed]) -> list[Suggestion]:
    """The groups of two and more, in the order of filesets, days and names. No file stands in two."""
    numbered = sorted(
        filter(None, map(_numbered, files)), key=lambda one: (one.place, one.number, one.file.key)
    )
    found = []
    for _, together in groupby(numbered, key=lambda one: one.place):
        found += [_suggestion(row) for row in _in_rows(list(together)) if len(row) > 1]
    return found


@dataclass(frozen=True, slots=True)
class _Numbered:
    place: tuple[str, str, str, str]
    number: int
    file: Filed


def _numbered(file: Filed) -> _Numbered | None:
    """The file with its number; None where its name ends in none, or nobody knows its day."""
    stem, _, kind = file.name.rpartition(".")
    match = _NUMBERED.match(stem or kind)
    if match is None or not file.day:
        return None
    place = (file.fileset, file.day, match["stem"].casefold(), kind.casefold() if stem else "")
    return _Numbered(place, int(match["number"]), file)


def _in_rows(numbered: Sequence[_Numbered]) -> Iterator[list[_Numbered]]:
    """Runs of numbers that follow each other. A number that comes twice ends one: it is another document."""
    row: list[_Numbered] = []
    for one in numbered:
        if row and not 0 < one.number - row[-1].number <= APART:
            yield row
            row = []
        row.append(one)
    if row:
        yield row


def _suggestion(row: Sequence[_Numbered]) -> Suggestion:
    first = row[0]
    stem = first.file.name.rpartition(".")[0] or first.file.name
    name = stem.rstrip("0123456789").strip(" _-.") or "without a name"
    why = f"{name}, {first.place[1]}, {first.number} to {row[-1].number}"
    return Suggestion(first.file.fileset, why, tuple(one.file for one in row))
