"""A search at size, stage by stage in worker processes as the daemon does it, with texts read from a file.

Stages: `name` (each text is read, once; those that are equal but for case, accents and the like have one
name), `read` (features of those that are searched), `join` (features to pairs), `compare`, `again` (what the
scanners' habits may decide, once these are known), `close` (what chains of likenesses join), `hear` (what
third papers say), `group`. The daemon names a text when it mirrors it, and reads it once more when it
searches. What is found goes to files of `folder`: `same.npy`, for each sheet the first one with its text;
`looked.npy` (n, 2), the pairs that were compared; `found.npy`, what was said of them; `groups.npy`, the group
of each sheet or -1.
"""

import json
import math
import multiprocessing
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import compress, groupby
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from bench.judging.lines import Lines, starts
from bench.judging.measuring import resident

from reconciled.duplicates.candidates import candidates, numbers, plain, sure
from reconciled.duplicates.closing import unseen
from reconciled.duplicates.features import Hashes
from reconciled.duplicates.grouping import Pair, group
from reconciled.duplicates.habits import USUAL, Habits, Lessons, learned
from reconciled.duplicates.model import Model, read_model
from reconciled.duplicates.normalising import Tokens, sheet
from reconciled.duplicates.scratch import PARTS, Scratch
from reconciled.duplicates.steps import CHUNK, compare, join_part, keep_chunk
from reconciled.duplicates.thinning import thinness
from reconciled.duplicates.thirds import Own, thirds
from reconciled.duplicates.touching import touching
from reconciled.duplicates.vocabulary import EMPTY, Vocabulary, joined
from reconciled.duplicates.words import Band, Factor, Likeness, Paper, weigh

T = TypeVar("T")
Row: TypeAlias = tuple[int, int, float, int, bool]
Found: TypeAlias = list[Row]

BATCH = 250
"""Pairs that are compared at a time, as the daemon does."""
BANDS = (Band.DUPLICATE, Band.REVIEW, Band.DIFFERENT)
"""Bands as `found.npy` numbers them."""
FOUND = np.dtype([("a", "i8"), ("b", "i8"), ("confidence", "f8"), ("band", "i1"), ("vetoed", "?")])
_NAME = 16


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a search has its papers and puts its steps; `model` is a file, empty: the program's own."""

    corpus: str
    folder: str
    model: str = ""

    @property
    def path(self) -> Path:
        return Path(self.folder)


class Worker:
    """One process of a search, and what it remembers."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.tokens = Tokens()
        self.lines = Lines(Path(ground.corpus), np.load(ground.path / "starts.npy"))
        self._chosen: npt.NDArray[np.int64] | None = None
        self._words = EMPTY
        self.model = model_of(ground.model)

    @property
    def chosen(self) -> npt.NDArray[np.int64]:
        """The sheets that are searched, by their numbers in the search."""
        if self._chosen is None:
            self._chosen = np.load(self.ground.path / "chosen.npy", mmap_mode="r")
        return self._chosen

    @property
    def words(self) -> Vocabulary:
        """The words of the collection, mapped from their files."""
        if self._words is EMPTY:
            self._words = read_words(self.ground.path)
        return self._words

    def scratch(self) -> Scratch:
        """Where the steps are kept."""
        return Scratch(self.ground.path / "search", {"corpus": self.ground.corpus})

    # --- the steps ------------------------------------------------------------------------------------

    def name(self, span: range) -> bytes:
        """Read a span of sheets; what names their texts, 16 bytes each, zeros for one without words."""
        read = [self.tokens.hashes(text) for text in self.lines.texts(span)]
        self.scratch().put_hashes(span.start // CHUNK, read)
        return b"".join(sheet(hashes).ljust(_NAME, b"\0") for hashes in read)

    def read(self, chunk: int, *, thin: int) -> None:
        """Make the features of a chunk of the papers that are searched."""
        scratch, read = self.scratch(), list[Hashes]()
        wanted = self.chosen[chunk * CHUNK : (chunk + 1) * CHUNK].tolist()
        for span, those in groupby(wanted, lambda number: number // CHUNK):
            hashes = scratch.hashes(span)
            read += [hashes[number % CHUNK] for number in those]
        keep_chunk(scratch, chunk, read, thin=thin)

    def forget(self) -> None:
        """What was read is not needed any more."""
        self.scratch().forget_hashes()

    def join(self, part: int, *, chunks: int) -> None:
        """Join one part of the hashes."""
        join_part(self.scratch(), part, chunks)

    def pick(self, chunks: int) -> int:
        """Which pairs are compared; how many."""
        scratch = self.scratch()
        parts = [scratch.joined(part) for part in range(PARTS)]
        lengths = scratch.lengths(chunks)
        words = joined([part.words for part in parts], len(lengths))
        np.save(self.ground.path / "words.npy", words.hashes)
        np.save(self.ground.path / "words-papers.npy", words.papers)
        near = candidates(parts, lengths, heaps=scratch.heaps)
        pairs = numbers(near)
        np.save(self.ground.path / "plain.npy", plain(near))
        np.save(self.ground.path / "sure.npy", sure(near))
        np.save(self.ground.path / "looked.npy", self.chosen[np.stack(pairs, axis=1)])
        scratch.forget_chunks(chunks)
        return len(pairs[0])

    def compare(self, batch: int) -> tuple[Found, Lessons]:
        """Compare a batch of pairs; what they teach."""
        pairs, apart, settled = self._batch(batch)
        lessons = Lessons()
        return self._compared(pairs, apart, settled, lessons=lessons), lessons

    def again(self, batch: int, *, asked: Collection[Pair]) -> Found:
        """Compare those of a batch that are asked again; some others show what is around them."""
        pairs = touching(self._batch(batch)[0], asked)
        return self._compared(pairs, settled=set(pairs).difference(asked), habits=self.habits)

    def close(self, batch: int) -> Found:
        """Compare a batch of the pairs of chains."""
        some = np.load(self.ground.path / "chained.npy", mmap_mode="r")
        pairs = [(a, b) for a, b in some[batch * BATCH : (batch + 1) * BATCH].tolist()]
        return self._compared(pairs, chained=True, habits=self.habits)

    @property
    def habits(self) -> Habits:
        """Those of the library, as far as they were learned."""
        return read_habits(self.ground.path)

    def _batch(self, batch: int) -> tuple[list[Pair], frozenset[Pair], frozenset[Pair]]:
        looked = np.load(self.ground.path / "looked.npy", mmap_mode="r")
        some = slice(batch * BATCH, (batch + 1) * BATCH)
        pairs = [(a, b) for a, b in looked[some].tolist()]
        apart, settled = (
            frozenset(compress(pairs, np.load(self.ground.path / f"{name}.npy", mmap_mode="r")[some]))
            for name in ("plain", "sure")
        )
        return pairs, apart, settled

    def _compared(
        self,
        pairs: Sequence[Pair],
        apart: Collection[Pair] = (),
        settled: Collection[Pair] = (),
        *,
        chained: bool = False,
        habits: Habits = USUAL,
        lessons: Lessons | None = None,
    ) -> Found:
        papers = {one: Paper(one, self.lines.text(one)) for one in {one for pair in pairs for one in pair}}
        found = compare(
            papers, pairs, words=self.words, tokens=self.tokens, apart=apart, sure=settled,
            chained=chained, habits=habits, lessons=lessons, model=self.model,
        )  # fmt: skip
        return [row(one) for one in found]


def row(one: Likeness) -> tuple[int, int, float, int, bool]:
    """A likeness as `found.npy` has it."""
    return one.a, one.b, one.confidence, BANDS.index(one.band), one.vetoed


def model_of(path: str) -> Model | None:
    """A model from its file; None, the one that comes with the program, where none is named."""
    return read_model(Path(path).read_text("utf-8")) if path else None


def read_habits(folder: Path) -> Habits:
    """The habits of the scanners of a collection that was searched."""
    return learned(json.loads((folder / "habits.json").read_bytes()))


def read_words(folder: Path) -> Vocabulary:
    """The words of a collection that was searched."""
    return Vocabulary(
        np.load(folder / "words.npy", mmap_mode="r"), np.load(folder / "words-papers.npy", mmap_mode="r")
    )


# --- the workers -------------------------------------------------------------------------------------------

_here: list[Worker] = []
"""The worker that this process is."""


def _begin(ground: Ground) -> None:
    _here[:] = [Worker(ground)]


def _do(work: Callable[[Worker], T]) -> tuple[T, float, int, float]:
    """Do it, and tell the CPU seconds that it took, who did it, and how much memory that one had at most."""
    began = time.process_time()
    done = work(_here[0])
    return done, time.process_time() - began, os.getpid(), resident()


@dataclass(slots=True)
class Crew:
    """The workers (0: this process), what each stage cost, and how much memory each had at most."""

    ground: Ground
    workers: int
    seconds: dict[str, float] = field(default_factory=dict)
    peaks: dict[int, float] = field(default_factory=dict)
    _pool: ProcessPoolExecutor | None = None

    def do(self, stage: str, works: Iterable[Callable[[Worker], T]]) -> Iterator[T]:
        """What comes of each piece of work, in their order."""
        for done, seconds, who, most in self._done(works):
            self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
            if who != os.getpid():
                self.peaks[who] = max(most, self.peaks.get(who, 0.0))
            yield done

    def _done(self, works: Iterable[Callable[[Worker], T]]) -> Iterator[tuple[T, float, int, float]]:
        if self._pool is None:
            if not _here or _here[0].ground != self.ground:
                _begin(self.ground)
            return map(_do, works)
        return self._pool.map(_do, works)

    def __enter__(self) -> "Crew":
        if self.workers:
            self._pool = ProcessPoolExecutor(
                self.workers, multiprocessing.get_context("spawn"), _begin, (self.ground,)
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        while _here:
            _here.pop().lines.__exit__()


# --- the search --------------------------------------------------------------------------------------------


def search(
    corpus: str, folder: str, *, model: str = "", workers: int = 1, thin: int | None = None
) -> dict[str, Any]:
    """Search a corpus; returns how many sheets were read, compared and found, and what each stage cost."""
    ground = Ground(corpus, folder, model)
    ground.path.mkdir(parents=True, exist_ok=True)
    own = time.process_time()
    begins = starts(Path(corpus))
    np.save(ground.path / "starts.npy", begins)
    sheets = len(begins) - 1
    with Crew(ground, workers) as crew:
        list(crew.do("name", [Worker.scratch]))  # the folder is there before several write
        spans = [range(at, min(at + CHUNK, sheets)) for at in range(0, sheets, CHUNK)]
        same = firsts(b"".join(crew.do("name", [partial(Worker.name, span=span) for span in spans])))
        np.save(ground.path / "same.npy", same)
        chosen = np.flatnonzero(same == np.arange(sheets))
        np.save(ground.path / "chosen.npy", chosen)
        thin = thinness(len(chosen)) if thin is None else thin
        chunks = -(-len(chosen) // CHUNK)
        list(crew.do("read", [partial(Worker.read, chunk=chunk, thin=thin) for chunk in range(chunks)]))
        list(crew.do("read", [Worker.forget]))
        list(crew.do("join", [partial(Worker.join, part=part, chunks=chunks) for part in range(PARTS)]))
        (pairs,) = crew.do("join", [partial(Worker.pick, chunks=chunks)])
        batches = range(-(-pairs // BATCH))
        found, asked, heard = list[Row](), list[list[Pair]](), Lessons()
        for some, lessons in crew.do("compare", [partial(Worker.compare, batch=one) for one in batches]):
            found += some
            asked.append(lessons.again)
            heard.add(lessons.counts)
        (ground.path / "habits.json").write_text(json.dumps(heard.counts))
        once = {pair for some in asked for pair in some}
        found = [one for one in found if one[:2] not in once]
        again = [partial(Worker.again, batch=one, asked=some) for one, some in enumerate(asked) if some]
        for some in crew.do("again", again):
            found += some
        chained = chains(ground.path, found)
        for some in crew.do(
            "close", [partial(Worker.close, batch=one) for one in range(-(-chained // BATCH))]
        ):
            found += some
        began = time.process_time()
        found = hear(found)
        crew.seconds["hear"] = time.process_time() - began
        grouped = groups(same, found)
        crew.seconds["group"] = time.process_time() - began - crew.seconds["hear"]
    np.save(ground.path / "found.npy", np.array(found, dtype=FOUND))
    np.save(ground.path / "groups.npy", grouped)
    crew.seconds["the rest"] = (
        time.process_time()
        - own
        - (crew.seconds["hear"] + crew.seconds["group"] if workers else sum(crew.seconds.values()))
    )
    return {
        "sheets": sheets, "chosen": len(chosen), "pairs": pairs + chained, "again": len(once),
        "found": len(found), "thin": thin, "stages": crew.seconds, "peaks": list(crew.peaks.values()),
    }  # fmt: skip


def chains(folder: Path, found: Found) -> int:
    """Which more pairs are compared; how many. They count with those that were looked at."""
    links = (
        (a, b, BANDS[band] is Band.DUPLICATE)
        for a, b, _, band, vetoed in found
        if BANDS[band] is not Band.DIFFERENT and not vetoed
    )
    pairs = unseen(links, {(a, b) for a, b, *_ in found})
    chained = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    np.save(folder / "chained.npy", chained)
    looked = np.load(folder / "looked.npy")
    np.save(folder / "looked.npy", np.concatenate([looked, chained]))
    return len(pairs)


def hear(found: Found) -> Found:
    """What was found, with what third papers say of it."""
    odds = {(a, b): _odds(confidence) for a, b, confidence, *_ in found}
    said = thirds({(a, b): Own(odds[a, b], vetoed) for a, b, _, _, vetoed in found})
    new = list[Row]()
    for a, b, _, _, vetoed in found:
        parts = {Factor.TEXT: odds[a, b], Factor.THIRDS: said.get((a, b), 0.0)}
        confidence, band = weigh(parts, vetoed=vetoed)
        new.append((a, b, confidence, BANDS.index(band), vetoed))
    return new


def _odds(confidence: float) -> float:
    some = min(1 - _LEAST, max(_LEAST, confidence))
    return math.log(some / (1 - some))


_LEAST = 1e-12


def firsts(names: bytes) -> npt.NDArray[np.int64]:
    """For each sheet the first one whose text has its name, mostly itself; -1: it has no words."""
    known: dict[bytes, int] = {}
    found = []
    for number in range(len(names) // _NAME):
        name = names[number * _NAME : (number + 1) * _NAME]
        found.append(known.setdefault(name, number) if name.strip(b"\0") else -1)
    return np.array(found, dtype=np.int64)


def groups(
    same: npt.NDArray[np.int64], found: Sequence[tuple[int, int, float, int, bool]]
) -> npt.NDArray[np.int64]:
    """The group of each sheet, -1 for none: of accepted pairs and equal texts, vetoed ones apart."""
    pairs = [(a, b, confidence) for a, b, confidence, band, _ in found if BANDS[band] is Band.DUPLICATE]
    equal = np.flatnonzero((same >= 0) & (same != np.arange(len(same))))
    pairs += [(int(same[one]), one, 1.0) for one in equal.tolist()]
    grouped = np.full(len(same), -1, dtype=np.int64)
    apart = [(a, b) for a, b, _, _, vetoed in found if vetoed]
    for number, members in enumerate(group(pairs, apart)):
        grouped[list(members)] = number
    return grouped
