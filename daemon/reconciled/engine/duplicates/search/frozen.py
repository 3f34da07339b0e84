"""The plan of a search: which papers it is about, in which order, and which text of each.

Papers of one normalised text (a sheet) are one to the search: each sheet has a number, and its first paper
stands for it. Everything that was made under a number is good for that sheet for ever, whatever papers come
and go; so a finished search's index is looked things up in by sheets. Plain files in the search's folder,
since the daemon has no numpy.
"""

import hashlib
import json
import struct
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciled import __version__
from reconciled.duplicates.thinning import thinness
from reconciled.duplicates.words import MODEL
from reconciled.ledger.sheets import Framed

PAPERS, SHEETS, PLAN = "papers.bin", "sheets.bin", "plan.json"
_PAPER = struct.Struct("<qi16s")
_SHEET = 16
NO_WORDS = -1


@dataclass(frozen=True, slots=True)
class Frozen:
    """A plan. `papers` are packed (item, number of its sheet or NO_WORDS, print), `sheets` by number."""

    papers: bytes
    sheets: bytes

    @property
    def count(self) -> int:
        """How many sheets it has."""
        return len(self.sheets) // _SHEET

    @property
    def thin(self) -> int:
        """How thin the features of its sheets are taken, see `duplicates.features.features`."""
        return thinness(self.count)

    @property
    def size(self) -> int:
        """How many papers it has."""
        return len(self.papers) // _PAPER.size

    @property
    def plan(self) -> dict[str, object]:
        """What its folder is for. Another release may read texts otherwise, so it makes another plan."""
        digest = hashlib.blake2b(self.sheets, digest_size=16)
        digest.update(self.papers)
        made = f"{__version__}, model {MODEL}"
        return {"made": made, "thin": self.thin, "sheets": self.count, "print": digest.hexdigest()}

    def each(self) -> Iterator[tuple[int, int, bytes]]:
        """All papers: item, number, print."""
        return _PAPER.iter_unpack(self.papers)

    def marks(self) -> set[tuple[int, bytes]]:
        """Which text of which item it is about."""
        return {(item_id, mark) for item_id, _, mark in self.each()}

    def firsts(self) -> "array[int]":
        """The item that stands for each number."""
        found = array("q", bytes(8 * self.count))
        for item_id, number, _ in self.each():
            if number != NO_WORDS and not found[number]:
                found[number] = item_id
        return found

    def prints(self) -> dict[int, bytes]:
        """The prints of the papers that stand for a number, by item."""
        firsts = self.firsts()
        return {
            item_id: mark
            for item_id, number, mark in self.each()
            if number != NO_WORDS and firsts[number] == item_id
        }

    def sheet(self, number: int) -> bytes:
        """The sheet of a number."""
        return self.sheets[number * _SHEET : (number + 1) * _SHEET]

    def write(self, folder: Path) -> None:
        """Write it beside the steps of its search."""
        for name, content in ((SHEETS, self.sheets), (PAPERS, self.papers)):
            temporary = folder / f"{name}.part"
            temporary.write_bytes(content)
            temporary.replace(folder / name)


class Freezing:
    """Makes a plan of papers that come in the order of their items."""

    def __init__(self) -> None:
        self._papers = bytearray()
        self._sheets = bytearray()
        self._numbers: dict[bytes, int] = {}

    def add(self, papers: Iterable[Framed]) -> None:
        """Some more papers."""
        for paper in papers:
            number = NO_WORDS
            if paper.sheet is not None:
                number = self._numbers.setdefault(paper.sheet, len(self._numbers))
                if number * _SHEET == len(self._sheets):
                    self._sheets += paper.sheet
            self._papers += _PAPER.pack(paper.item_id, number, paper.print)

    def made(self) -> Frozen:
        """The plan."""
        return Frozen(bytes(self._papers), bytes(self._sheets))


def load(folder: Path) -> Frozen | None:
    """The plan in a folder, if it is whole and of this release."""
    try:
        plan = json.loads((folder / PLAN).read_bytes())
        found = Frozen((folder / PAPERS).read_bytes(), (folder / SHEETS).read_bytes())
    except (OSError, ValueError):
        return None
    whole = len(found.papers) % _PAPER.size == 0 and len(found.sheets) % _SHEET == 0
    return found if whole and isinstance(plan, Mapping) and dict(plan) == found.plan else None
