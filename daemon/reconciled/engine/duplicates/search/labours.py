"""The tasks of a search, as a worker does them; see `labour`. Loads numpy, so the daemon imports none of it.

What a task is given and gives back is plain MessagePack: texts come as the ledger keeps them (compressed),
and likenesses go back as they are. Papers are numbered from 0 in the order of the plan.
"""

import hashlib
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from reconciled.duplicates.candidates import candidates
from reconciled.duplicates.features import Hashes, features
from reconciled.duplicates.habits import USUAL, Lessons, learned
from reconciled.duplicates.index import Index
from reconciled.duplicates.metadata import beside
from reconciled.duplicates.neighbours import Neighbours
from reconciled.duplicates.normalising import Tokens, sheet
from reconciled.duplicates.scratch import PARTS, Scratch, stands
from reconciled.duplicates.steps import CHUNK, compare, join_part, read_chunk
from reconciled.duplicates.vocabulary import EMPTY, Vocabulary, joined
from reconciled.duplicates.words import Band, Factor, Likeness, Paper, Weights, weigh
from reconciled.engine.duplicates.search import lessons
from reconciled.ledger import papers

Values = Mapping[str, Any]

PAIRS, WORDS, COUNTS = "pairs.u64", "words.npy", "words-papers.npy"
"""The candidates, as 64-bit numbers in the machine's order, some marked as `candidates.plain` and `sure`
tell; the vocabulary of the collection."""
LONGEST = 2**20
"""Bytes of a text that are looked at, some 300 full pages: what a worker needs for one is to have a bound."""
_LONG, _PORTION = 2**16, 2 * 2**20
"""Letters of a text that is not kept unpacked, and packed bytes of those that are compared at once."""
CUT = "only the beginnings of these long texts were compared"
META = "plan.json"
INDEX = tuple(f"index-{part:02}.npy" for part in range(PARTS))
KEPT = ("papers.bin", "sheets.bin", "missed.bin", META, WORDS, COUNTS, lessons.HABITS)
"""What of a finished search stays beside its index."""


def tasks() -> dict[str, Callable[[Values], Any]]:
    """All tasks by name; what they remember is this worker's."""
    return Labours().tasks()


class Labours:
    """One worker's memory: what raw words became, and the index that it has open."""

    def __init__(self) -> None:
        self._tokens = Tokens()
        self._words: tuple[str, Vocabulary] = ("", EMPTY)
        self._index: Index | None = None
        self._thin = 0

    def tasks(self) -> dict[str, Callable[[Values], Any]]:
        """All tasks by name."""
        return {
            "texts": self.texts, "frame": self.frame, "read": self.read, "join": self.join, "pick": self.pick,
            "compare": self.compare, "publish": self.publish, "open": self.open, "add": self.add,
            "remove": self.remove, "near": self.near, "alike": self.alike,
        }  # fmt: skip

    # --- the text mirror ------------------------------------------------------------------------------

    def texts(self, values: Values) -> list[Any]:
        """Of texts just read: compressed (if they are to be kept), words, print and sheet of each."""
        found = []
        for text, checksum in zip(values["texts"], values["checksums"], strict=True):
            one = papers.read(
                0, 0, text.decode("utf-8", "surrogatepass"), sheet=self._sheet(text), checksum=checksum,
                keep_text=values["keep"],
            )  # fmt: skip
            found.append((one.text, one.words, one.print, one.sheet))
        return found

    def _sheet(self, text: bytes) -> bytes | None:
        known = sheet(self._tokens.hashes(_plain(text[:LONGEST]))) or None
        if known is None or len(text) <= LONGEST:
            return known
        return hashlib.blake2b(known + text[LONGEST:], digest_size=16).digest()

    # --- a search over all ----------------------------------------------------------------------------

    def frame(self, values: Values) -> dict[str, Any]:
        """Which steps of this plan stand already; of another plan nothing does, and its steps are gone."""
        scratch, chunks = _scratch(values), values["chunks"]
        return {
            "chunks": [chunk for chunk in range(chunks) if scratch.has_chunk(chunk)],
            "parts": [part for part in range(PARTS) if scratch.has_part(part)],
            "all_parts": PARTS,
            "picked": (scratch.folder / PAIRS).exists()
            and all(stands(scratch.folder / name) for name in (WORDS, COUNTS)),
        }

    def read(self, values: Values) -> None:
        """Read a chunk of papers."""
        texts = [_unpacked(text) for text in values["texts"]]
        read_chunk(_scratch(values), values["chunk"], texts, thin=values["thin"], tokens=self._tokens)

    def join(self, values: Values) -> None:
        """Join all papers in one part of the hashes."""
        join_part(_scratch(values), values["part"], values["chunks"])

    def pick(self, values: Values) -> None:
        """Which pairs are compared, and the words of the collection."""
        scratch = _scratch(values)
        parts = [scratch.joined(part) for part in range(PARTS)]
        lengths = scratch.lengths(values["chunks"])
        words = joined([part.words for part in parts], len(lengths))
        _save(scratch.folder / WORDS, words.hashes)
        _save(scratch.folder / COUNTS, words.papers)
        near = candidates(parts, lengths, heaps=scratch.heaps)
        pairs = np.ascontiguousarray(near, dtype=np.uint64)
        lessons.whole(scratch.folder / PAIRS, pairs.tobytes())
        scratch.forget_chunks(values["chunks"])

    def compare(self, values: Values) -> dict[str, Any]:
        """Compare pairs of papers; what is plainly different is left out. And what they teach."""
        known = _Known(values["papers"])
        weights = _weights(values["weights"])
        words = self._vocabulary(values["folder"])
        found, heard = list[Likeness](), Lessons()
        counts = lessons.habits(Path(values["folder"])) if values.get("learned") else {}
        habits = learned(counts) if counts else USUAL
        apart, sure = ({(a, b) for a, b in values.get(name, ())} for name in ("apart", "sure"))
        for some in known.portions([(a, b) for a, b in values["pairs"]]):
            found += compare(
                known, some, words=words, weights=weights, tokens=self._tokens, apart=apart,
                sure=sure, chained=values.get("chained", False), habits=habits, lessons=heard,
            )  # fmt: skip
        likenesses = [_with_hints(one, known, weights) for one in found]
        return {"likenesses": likenesses, "counts": heard.counts, "again": heard.again}

    def publish(self, values: Values) -> None:
        """Make the index of a finished search the one that is looked things up in."""
        folder, to = Path(values["folder"]), Path(values["to"])
        new = to.with_name(f"{to.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700, parents=True)
        for name in (*KEPT, *INDEX):
            if (folder / name).exists():
                (folder / name).replace(new / name)
        shutil.rmtree(to, ignore_errors=True)
        new.replace(to)
        shutil.rmtree(folder, ignore_errors=True)

    # --- looking things up ----------------------------------------------------------------------------

    def open(self, values: Values) -> bool:
        """Open the index of the last search, and let go of what was looked up in before. Not if it is not
        whole: False.
        """
        folder = Path(values["folder"])
        if not all(stands(folder / name) for name in (*INDEX, WORDS, COUNTS)):
            return False
        self._index = Index(folder)
        self._thin = values["thin"]
        self._words = ("", EMPTY)
        self._vocabulary(values["folder"])
        return True

    def add(self, values: Values) -> None:
        """Papers that are new since: their numbers and texts."""
        for number, text in zip(values["numbers"], values["texts"], strict=True):
            self._open_index.add(number, self._features(text, number))

    def remove(self, values: Values) -> None:
        """Papers that are no more, by their numbers."""
        for number in values["numbers"]:
            self._open_index.remove(number)

    def near(self, values: Values) -> list[list[int]]:
        """The papers nearest to each of these texts, by number."""
        return [
            [int(one) for one in self._open_index.near(self._features(text, 0))] for text in values["texts"]
        ]

    def alike(self, values: Values) -> list[list[int]]:
        """The pairs of these page hashes that are so near, by their places, with the bits between them."""
        found = Neighbours(enumerate(values["hashes"])).pairs(within=values["within"])
        return [
            [int(a), int(b), int(apart)]
            for near in found
            for a, b, apart in zip(near.a, near.b, near.distance, strict=True)
        ]

    @property
    def _open_index(self) -> Index:
        if self._index is None:
            raise RuntimeError("no index was opened")
        return self._index

    def _features(self, text: bytes, number: int) -> Hashes:
        hashes = np.array(self._tokens.hashes(_unpacked(text)), dtype=np.uint64)
        return features([hashes[hashes != 0]], [number], thin=self._thin)

    def _vocabulary(self, folder: str) -> Vocabulary:
        """The words of the collection, mapped from their files; of none before the first search."""
        if self._words[0] != folder or self._words[1] is EMPTY:
            words, counts = Path(folder) / WORDS, Path(folder) / COUNTS
            found = EMPTY
            if words.exists() and counts.exists():
                found = Vocabulary(np.load(words, mmap_mode="r"), np.load(counts, mmap_mode="r"))
            self._words = (folder, found)
        return self._words[1]


def _scratch(values: Values) -> Scratch:
    return Scratch(Path(values["folder"]), values["plan"])


class _Known(Mapping[int, Paper]):
    """Papers by their ids, unpacked when they are wanted and kept then, but for a few that are long.

    `cut` are those that are too long to be whole.
    """

    def __init__(self, given: Sequence[Sequence[Any]]) -> None:
        self._given = {one[0]: one for one in given}
        self._unpacked: dict[int, Paper] = {}
        self.cut: set[int] = set()

    def __getitem__(self, number: int) -> Paper:
        if (known := self._unpacked.get(number)) is not None:
            return known
        _, packed, *rest = self._given[number]
        text, whole = _beginning(packed)
        if not whole:
            self.cut.add(number)
        paper = Paper(number, text, *rest)
        if len(text) <= _LONG:
            self._unpacked[number] = paper
        return paper

    def portions(self, pairs: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
        """The pairs, so many at once as a worker has room for: one portion, unless texts are long."""
        some, weight = list[tuple[int, int]](), 0
        for pair in pairs:
            heavy = sum(len(self._given[one][1] or b"") for one in pair)
            if some and weight + heavy > _PORTION:
                yield some
                some, weight = [], 0
            some.append(pair)
            weight += heavy
        yield some

    def __iter__(self) -> Iterator[int]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


def _with_hints(one: Likeness, known: _Known, weights: Weights) -> Likeness:
    """The likeness with what names, metadata and pictures say of the two; what the words say stays.

    Of two of which not all was read nobody may say more than that a person should look.
    """
    parts, alike = beside(known[one.a], known[one.b])
    parts, alike = {**parts, **one.parts}, {**alike, **one.alike}
    if one.band is not Band.DIFFERENT and not known.cut.isdisjoint((one.a, one.b)):
        one = replace(one, vetoed=True, said=CUT)
    confidence, band = weigh(parts, vetoed=one.vetoed, weights=weights)
    return replace(one, parts=parts, alike=alike, confidence=confidence, band=band)


def _weights(given: Values) -> Weights:
    of = {Factor(name): float(weight) for name, weight in given["of"].items()}
    return Weights(of, given["duplicate"], given["review"])


def _unpacked(packed: bytes | None) -> str:
    return _beginning(packed)[0]


def _beginning(packed: bytes | None) -> tuple[str, bool]:
    """As much of a text as is looked at, and whether that is all of it."""
    if not packed:
        return "", True
    reading = zlib.decompressobj()
    return _plain(reading.decompress(packed, LONGEST)), reading.eof


def _plain(text: bytes) -> str:
    """Half a surrogate pair is no character."""
    return text.decode("utf-8", "replace")


def _save(path: Path, values: Any) -> None:
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        np.save(file, values)
    temporary.replace(path)


__all__ = ["CHUNK", "Labours", "tasks"]
