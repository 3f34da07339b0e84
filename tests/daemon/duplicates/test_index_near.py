"""Looking a paper up among all: what was searched, what came since and what went count as one."""

import random
from collections import Counter, defaultdict
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from reconciled.duplicates.features import PAPER_BITS, Hashes  # noqa: E402 - needs numpy
from reconciled.duplicates.index import Index  # noqa: E402
from reconciled.duplicates.joining import COMMON, SHARED  # noqa: E402
from reconciled.duplicates.scratch import PARTS  # noqa: E402


def packed(hashes: set[int], number: int = 0) -> Hashes:
    made: Hashes = np.array(sorted((one << PAPER_BITS) | number for one in hashes), dtype=np.uint64)
    return made


def written(folder: Path, papers: dict[int, set[int]]) -> None:
    """What a search leaves: all features, sorted, in parts."""
    every = np.sort(np.concatenate([packed(hashes, number) for number, hashes in papers.items()]))
    for part in range(PARTS):
        np.save(folder / f"index-{part:02}.npy", every[every >> np.uint64(60) == part])


def plainly(papers: dict[int, set[int]], gone: set[int], wanted: set[int]) -> list[int]:
    """The same, one by one, for a paper that is long enough to share as much as it takes."""
    counts, weights = Counter[int](), defaultdict[int, float](float)
    for one in wanted:
        having = [number for number, hashes in papers.items() if one in hashes]
        if len(having) <= COMMON:
            there = [number for number in having if number not in gone]
            for number in there:
                counts[number] += 1
                weights[number] += 1 / len(there)
    near = [number for number, count in counts.items() if count >= SHARED]
    return sorted(near, key=lambda number: (-round(weights[number], 9), number))[:8]


@pytest.mark.parametrize("seed", range(20))
def test_it_is_as_one_by_one(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    hashes = [chance.getrandbits(40) for _ in range(200)]
    common = chance.choices(hashes, k=5)
    papers = {
        number: {*chance.sample(hashes, chance.randint(1, 30)), *chance.sample(common, 2)}
        for number in range(150)
    }
    written(tmp_path, {number: papers[number] for number in range(100)})
    index = Index(tmp_path)
    for number in range(100, 150):
        index.add(number, packed(papers[number], 7))
    gone = set(chance.sample(range(150), 20))
    for number in gone:
        index.remove(number)
    for _ in range(20):
        wanted = set(chance.sample(hashes, chance.randint(80, 160)))
        assert index.near(packed(wanted, 3)) == plainly(papers, gone, wanted)


def test_what_many_have_makes_no_new_paper_near(tmp_path: Path) -> None:
    """A template of the collection is one of the papers that came since, too."""
    template = set(range(1 << 36, (1 << 36) + 50))
    written(tmp_path, dict.fromkeys(range(COMMON + 1), template))
    index = Index(tmp_path)
    index.add(500, packed(template))
    assert index.near(packed(template)) == []


def test_of_nothing_nothing_is_near(tmp_path: Path) -> None:
    index = Index(tmp_path)
    assert index.near(packed({1, 2, 3})) == []
    index.add(5, packed({1, 2, 3}))
    assert index.near(packed({1, 2, 3})) == [5]
    assert index.near(packed(set())) == []
