"""What the batches of a search taught: what was misread, and the pairs that are asked again for that.

It is noted beside the steps of the search, a file a batch, before the batch counts as compared; so one that
goes on after a crash knows all of it. When all are compared their counts become the library's habits, one
file, which stays with the index of the search.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from reconciled.duplicates.grouping import Pair

HABITS = "habits.json"
_STEP = "lesson-{}.json"


class _Lesson(msgspec.Struct):
    counts: dict[str, float]
    again: list[tuple[int, int]]


_NONE = _Lesson({}, [])
_READ = msgspec.json.Decoder(_Lesson)
_HABITS = msgspec.json.Decoder(dict[str, float])


def note(folder: Path, batch: int, counts: Mapping[str, float], again: Sequence[Pair]) -> None:
    """In this batch so much was misread, and these pairs are to be asked again."""
    whole(folder / _STEP.format(batch), msgspec.json.encode(_Lesson(dict(counts), list(again))))


def again(folder: Path, batch: int) -> list[Pair]:
    """The pairs of a batch that are to be asked again."""
    return _lesson(folder / _STEP.format(batch)).again


def gather(folder: Path) -> None:
    """Of all batches: the habits of the library, kept with the search from now on."""
    counts: dict[str, float] = {}
    for path in sorted(folder.glob(_STEP.format("*"))):  # sums of fractions hang on their order
        for name, count in _lesson(path).counts.items():
            counts[name] = counts.get(name, 0) + count
    whole(folder / HABITS, msgspec.json.encode(counts))


def habits(folder: Path) -> dict[str, float]:
    """What was counted of all; nothing where nothing was learned yet."""
    try:
        return _HABITS.decode((folder / HABITS).read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after the power went."""
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _lesson(path: Path) -> _Lesson:
    try:
        return _READ.decode(path.read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):  # it teaches nothing
        return _NONE
