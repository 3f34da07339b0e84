"""Sheets whose texts could not be had while a search ran.

Their source did not give them, or the papers that stood for them had others by then.
They are noted beside the steps of the search, so that one that goes on after a crash knows of them too. Of
such a sheet nobody may say that it was compared: what was known of it stays, and the index has it not.
"""

from array import array
from collections.abc import Iterable
from pathlib import Path

MISSED = "missed.bin"
_STEP = "missed-{}.bin"


def note(folder: Path, step: str, numbers: Iterable[int]) -> None:
    """In this step these sheets were missed; written before the step counts as done."""
    _write(folder / _STEP.format(step), numbers)


def gather(folder: Path) -> frozenset[int]:
    """All that were missed in a search, kept with it from now on."""
    numbers = frozenset(one for path in folder.glob(_STEP.format("*")) for one in _read(path))
    _write(folder / MISSED, numbers)
    return numbers


def load(folder: Path) -> frozenset[int]:
    """What a finished search missed."""
    return frozenset(_read(folder / MISSED))


def _write(path: Path, numbers: Iterable[int]) -> None:
    temporary = path.with_suffix(".new")
    temporary.write_bytes(array("q", sorted(numbers)).tobytes())
    temporary.replace(path)


def _read(path: Path) -> "array[int]":
    try:
        return array("q", path.read_bytes())
    except FileNotFoundError:
        return array("q")
