"""The papers written by hand, and what a person answers about each two of them.

Each paper is the text of one scan, in papers/NN-name.txt; expected.yaml names every pair that is related,
with the answer and why. All other pairs are different. No program had a hand in choosing them, and none may
be fitted to them: they show whether what was learned elsewhere holds for a library that nobody has seen.
What is read here is checked, so that a mistyped name fails loudly instead of being an easy answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

FOLDER = Path(__file__).with_name("papers")
EXPECTED = Path(__file__).with_name("expected.yaml")


class BadExpectation(Exception):
    """The expectations contradict themselves or the papers. Names the place, and what to write instead."""


class Answer(StrEnum):
    """What is expected of a pair. `not duplicate` leaves open whether a person is asked."""

    DUPLICATE = "duplicate"
    REVIEW = "review"
    DIFFERENT = "different"
    NOT_DUPLICATE = "not duplicate"

    def allows(self, given: str) -> bool:
        """Whether `given` (duplicate, review or different) is a right answer."""
        if self is Answer.NOT_DUPLICATE:
            return given in {Answer.REVIEW, Answer.DIFFERENT}
        return given == self


@dataclass(frozen=True, slots=True)
class Paper:
    """One scan: the number before its name, the text as it was read ("": none), the file's name as title."""

    id: int
    text: str
    title: str
    created: date | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two papers that have to do with each other; `difference` is what a person is shown in review."""

    first: Paper
    second: Paper
    trap: str
    same: Answer
    because: str
    difference: str | None = None

    @property
    def ids(self) -> frozenset[int]:
        """The numbers of both, in no order."""
        return frozenset({self.first.id, self.second.id})


@dataclass(frozen=True, slots=True)
class Expected:
    """Every related pair in the order of the file, and the language of each paper by its title."""

    pairs: tuple[Pair, ...]
    languages: Mapping[str, str]

    def of(self, first: int, second: int) -> Answer:
        """What is expected of two papers, by number, in either order: `different` where nothing is said."""
        for pair in self.pairs:
            if pair.ids == {first, second}:
                return pair.same
        return Answer.DIFFERENT


_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    papers: tuple[str, str]
    trap: _Words
    same: Answer
    because: _Words
    difference: _Words | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    languages: dict[str, list[str]]
    pairs: list[_Line]


def read_papers(folder: Path = FOLDER) -> tuple[Paper, ...]:
    """Read all papers, by number. Raises BadExpectation for a name without one, or a number used twice."""
    papers: dict[int, Paper] = {}
    for path in sorted(folder.glob("*.txt")):
        number, _, name = path.stem.partition("-")
        if not (number.isdecimal() and name):
            raise BadExpectation(f"{path.name}: name it NN-what-it-is.txt")
        if (other := papers.get(int(number))) is not None:
            raise BadExpectation(f"{path.name}: {other.title} has number {number} too; take a free one")
        papers[int(number)] = Paper(int(number), path.read_text("utf-8"), path.stem)
    return tuple(papers[number] for number in sorted(papers))


def read_expected(papers: Sequence[Paper], path: Path = EXPECTED) -> Expected:
    """Read what is expected of `papers`. Raises BadExpectation for the first thing that is wrong."""
    file = _shape(yaml.safe_load(path.read_text("utf-8")), path.name)
    known = {paper.title: paper for paper in papers}
    languages = _languages(file, known, path.name)
    pairs: dict[frozenset[int], Pair] = {}
    for number, line in enumerate(file.pairs):
        place = f"{path.name}: pairs.{number} ({' and '.join(line.papers)})"
        pair = _pair(line, known, place)
        if pair.ids in pairs:
            raise BadExpectation(f"{place}: this pair is named twice; keep one of them")
        pairs[pair.ids] = pair
    return Expected(tuple(pairs.values()), languages)


def _shape(given: Any, name: str) -> _File:
    try:
        return _File.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadExpectation(f"{name}: {place}: {first['msg']}") from error


def _languages(file: _File, known: Mapping[str, Paper], name: str) -> dict[str, str]:
    """The language of every paper; each must stand under exactly one."""
    languages: dict[str, str] = {}
    for language, titles in file.languages.items():
        for title in titles:
            place = f"{name}: languages.{language}"
            _known(title, known, place)
            if title in languages:
                raise BadExpectation(f"{place}: {title} stands under {languages[title]} already; keep one")
            languages[title] = language
    if missing := sorted(known.keys() - languages.keys()):
        raise BadExpectation(f"{name}: languages: write {', '.join(missing)} under a language")
    return languages


def _pair(line: _Line, known: Mapping[str, Paper], place: str) -> Pair:
    first, second = (_known(title, known, place) for title in line.papers)
    if first is second:
        raise BadExpectation(f"{place}: a paper and itself are no pair; name another")
    if (line.same is Answer.REVIEW) != (line.difference is not None):
        raise BadExpectation(f"{place}: write `difference` where the answer is `review`, and only there")
    return Pair(first, second, line.trap, line.same, line.because, line.difference)


def _known(title: str, known: Mapping[str, Paper], place: str) -> Paper:
    if (paper := known.get(title)) is None:
        raise BadExpectation(f"{place}: there is no papers/{title}.txt; write the name of one without .txt")
    return paper
