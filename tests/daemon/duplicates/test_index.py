"""A new paper is looked up among all: the index finds what the join would have found."""

import random
from pathlib import Path

import numpy as np
import pytest

from reconciled.duplicates.candidates import candidates, numbers
from reconciled.duplicates.features import Hashes, features
from reconciled.duplicates.index import Index
from reconciled.duplicates.joining import COMMON
from reconciled.duplicates.normalising import Tokens
from reconciled.duplicates.scratch import PARTS, Scratch
from reconciled.duplicates.steps import join_part, read_chunk

TOKENS = Tokens()


def of(text: str) -> Hashes:
    hashes = np.array(TOKENS.hashes(text), dtype=np.uint64)
    return features([hashes[hashes != 0]], [0])


def library() -> list[str]:
    """A series of letters of one template, some of them scanned twice, and some short ones."""
    chance = random.Random(6)
    template = [f"template{at}" for at in range(60)]
    papers = []
    for number in range(60):
        words = list(template)
        for at in range(5, 60, 6):
            words[at] = f"{chance.randint(1, 10**7)}"
        papers.append(" ".join(words))
        if number % 5 == 0:
            scan = [word if chance.random() > 0.06 else f"{word[:-1]}z" for word in words]
            papers.append(" ".join(scan))
    papers += [
        f"ticket row {n} seat {n * 7} code {chance.randint(10**5, 10**6)} paid {n}50" for n in range(8)
    ]
    return papers


PAPERS = library()


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[tuple[int, int]]]:
    """The folder of a finished search, and the pairs that it would compare."""
    kept = Scratch(tmp_path_factory.mktemp("index") / "search", {})
    read_chunk(kept, 0, PAPERS)
    for part in range(PARTS):
        join_part(kept, part, 1)
    a, b = numbers(candidates([kept.joined(part) for part in range(PARTS)], kept.lengths(1)))
    return kept.folder, set(zip(a.tolist(), b.tolist(), strict=True))


def test_the_index_finds_what_the_join_finds(searched: tuple[Path, set[tuple[int, int]]]) -> None:
    folder, pairs = searched
    index = Index(folder)
    assert len(pairs) > 10
    for number, text in enumerate(PAPERS):
        near = index.near(of(text), most=1000)
        assert near[0] == number, "nothing is nearer than the paper itself"
        joined = {a + b - number for a, b in pairs if number in (a, b)}
        assert joined <= set(near), text


def test_papers_that_came_later_are_found_as_if_they_had_been_there(
    searched: tuple[Path, set[tuple[int, int]]], tmp_path: Path
) -> None:
    folder, _ = searched
    whole, later = Index(folder), Index(tmp_path / "missing")
    for number, text in enumerate(PAPERS):
        later.add(number, of(text))
    for text in PAPERS:
        assert later.near(of(text)) == whole.near(of(text))


def test_a_paper_that_went_is_not_found(searched: tuple[Path, set[tuple[int, int]]]) -> None:
    index = Index(searched[0])
    index.remove(0)
    index.add(500, of("a wholly new text that nobody has seen before in this place"))
    assert 0 not in index.near(of(PAPERS[0]), most=1000)
    assert index.near(of("a wholly new text that nobody has seen before in this place")) == [500]
    index.remove(500)
    assert index.near(of("a wholly new text that nobody has seen before in this place")) == []


def test_no_more_than_asked_for_and_the_nearest_first(searched: tuple[Path, set[tuple[int, int]]]) -> None:
    index = Index(searched[0])
    near = index.near(of(PAPERS[0]), most=1000)
    assert near[:2] == [0, 1], "the paper itself, then its rescan"
    assert index.near(of(PAPERS[0]), most=3) == near[:3]


def test_what_too_many_have_says_nothing(tmp_path: Path) -> None:
    index = Index(tmp_path)
    for number in range(COMMON + 1):
        index.add(number, of("the very same words again and again"))
    assert index.near(of("the very same words again and again")) == []


@pytest.mark.parametrize("text", ["", "word", "…"])
def test_little_text_finds_nothing(searched: tuple[Path, set[tuple[int, int]]], text: str) -> None:
    assert Index(searched[0]).near(of(text)) == []


def test_of_an_unfinished_search_all_is_new(tmp_path: Path) -> None:
    np.save(tmp_path / "index-00.npy", of("some words that stand here"))
    assert Index(tmp_path).near(of("some words that stand here")) == []
