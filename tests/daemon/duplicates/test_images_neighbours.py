"""Near page hashes are all found, each pair once, and crowds of them cost neither time nor memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciled.duplicates import neighbours
from reconciled.duplicates.images import distance, signed
from reconciled.duplicates.neighbours import Near, Neighbours

BIT = st.integers(0, 63)


@st.composite
def clustered(draw: st.DrawFn) -> list[int]:
    """Hashes that lie around a few, as those of real pages do."""
    centres = draw(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4))
    found = []
    for _ in range(draw(st.integers(0, 40))):
        page_hash = draw(st.sampled_from(centres))
        for bit in draw(st.lists(BIT, max_size=8)):
            page_hash ^= 1 << bit
        found.append(draw(st.sampled_from([page_hash, signed(page_hash)])))
    return found


def told(blocks: list[Near]) -> list[tuple[int, int, int]]:
    return sorted(
        pair
        for block in blocks
        for pair in zip(block.a.tolist(), block.b.tolist(), block.distance.tolist(), strict=True)
    )


def by_force(hashes: dict[int, int], within: int, crowd: int) -> list[tuple[int, int, int]]:
    near = {a: [b for b in hashes if a != b and distance(hashes[a], hashes[b]) <= within] for a in hashes}
    return sorted(
        (a, b, distance(hashes[a], hashes[b]))
        for a, others in near.items()
        for b in others
        if a < b and len(near[a]) <= crowd and len(near[b]) <= crowd
    )


@settings(deadline=None, max_examples=25)
@given(hashes=clustered(), within=st.integers(0, 20), crowd=st.sampled_from([1, 3, 1000]))
@pytest.mark.parametrize(("block", "held"), [(2**18, 10**6), (7, 10**6), (7, 3)])
def test_all_pairs_are_found_once(hashes: list[int], within: int, crowd: int, block: int, held: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "BLOCK", block)
        patch.setattr(neighbours, "HELD", held)
        known = {number * 7 % 101: page_hash for number, page_hash in enumerate(hashes)}
        found = list(Neighbours(known.items()).pairs(within=within, crowd=crowd))
    assert told(found) == by_force(known, within, crowd)
    assert all(len(one.a) for one in found) or not found


@settings(deadline=None, max_examples=25)
@given(hashes=clustered(), asked=clustered(), within=st.integers(0, 20), dropped=st.sets(st.integers(0, 40)))
def test_one_against_all(hashes: list[int], asked: list[int], within: int, dropped: set[int]) -> None:
    index, known = Neighbours(), dict(enumerate(hashes))
    for number, page_hash in known.items():
        index.add(number, 12345)
        index.add(number, page_hash)
    for number in dropped:
        index.discard(number)
        known.pop(number, None)
    assert len(index) == len(known)
    for page_hash in asked:
        ids, apart = index.near(page_hash, within=within)
        wanted = [(distance(page_hash, its), number) for number, its in known.items()]
        assert list(zip(apart.tolist(), ids.tolist(), strict=True)) == sorted(
            one for one in wanted if one[0] <= within
        )


def test_nothing_has_no_neighbours() -> None:
    assert list(Neighbours().pairs()) == []
    assert Neighbours().near(5)[0].tolist() == []
    for wrong in (-1, 64):
        with pytest.raises(ValueError, match="no distance"):
            list(Neighbours().pairs(within=wrong))


def test_crowds_are_no_neighbours_and_cost_nothing() -> None:
    """Eight thousand pages of one look, some that nearly have it, and a few that are really alike."""
    chance = np.random.default_rng(1)
    hashes = chance.integers(0, 2**64, 3000, dtype=np.uint64).tolist()
    crowd = [hashes[0]] * 8_000
    around = [
        hashes[0] ^ (1 << int(one)) ^ (1 << int(other)) for one, other in chance.integers(0, 64, (1000, 2))
    ]
    copies = [one ^ (1 << 17) for one in hashes[1:11]]
    index = Neighbours(enumerate([*hashes, *copies, *crowd, *around]))
    tracemalloc.start()
    found = told(list(index.pairs()))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [(number, 2999 + number, 1) for number in range(1, 11)]
    assert most < 64 * 2**20
