"""What third papers say is brought to what is known, wherever that changes, and is a factor as the others."""

import random
from collections.abc import AsyncIterator
from itertools import combinations
from pathlib import Path

import pytest
from tests.daemon.engine.duplicates.search_stand import Shelf, letter, rescan, standing
from tests.daemon.ledger.library import Library, a_library

from reconciled.duplicates.words import FITTED, Band, Factor, Likeness, Weights
from reconciled.engine.duplicates import hearing
from reconciled.engine.duplicates.grouping import reweigh
from reconciled.engine.duplicates.hearing import hear, hear_some
from reconciled.ledger import likenesses
from reconciled.ledger.connection import Tx

SURE, DUPLICATE, DOUBT = 6.0, 3.0, 2.0


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with a_library(tmp_path) as library:
        yield library


async def known(library: Library, a: int, b: int) -> Likeness:
    found = await library.ledger.read(likenesses.get, a, b)
    assert found is not None
    return found


async def three(library: Library, ab: float, *, vetoed: bool = False) -> tuple[int, int, int]:
    """Papers of which the third is surely the second; and the first, or there is a veto against that."""
    a, b, c = [await library.add(title) for title in "ABC"]
    await library.like(a, b, ab)
    await library.like(b, c, SURE)
    await library.like(a, c, SURE, vetoed=vetoed)
    return a, b, c


async def test_one_that_is_both_makes_two_the_same(library: Library) -> None:
    a, b, _ = await three(library, DOUBT)
    before = await known(library, a, b)
    assert before.band is Band.REVIEW
    assert {a, b} <= await hear(library.ledger, FITTED)
    after = await known(library, a, b)
    assert (after.band, after.parts[Factor.TEXT]) == (Band.DUPLICATE, DOUBT)
    assert after.parts[Factor.THIRDS] > 0.5
    assert await hear(library.ledger, FITTED) == set(), "hearing twice is as hearing once"


async def test_one_that_is_one_of_them_alone_has_a_person_asked(library: Library) -> None:
    a, b, c = await three(library, DUPLICATE, vetoed=True)
    await library.regroup()
    assert await library.groups() == {1: [b, c], 2: [a, b]}
    await hear(library.ledger, FITTED)
    assert (await known(library, a, b)).band is Band.REVIEW
    assert (await known(library, b, c)).band is Band.DUPLICATE
    assert (await known(library, a, c)).vetoed


async def test_what_is_said_goes_with_who_said_it(library: Library) -> None:
    a, b, c = await three(library, DOUBT)
    await hear(library.ledger, FITTED)
    await library.rescan(c, "other words that are enough to be compared with all")
    await hear(library.ledger, FITTED)
    after = await known(library, a, b)
    assert (after.band, dict(after.parts)) == (Band.REVIEW, {Factor.TEXT: DOUBT})


async def test_nobody_need_listen_to_them(library: Library) -> None:
    a, b, _ = await three(library, DOUBT)
    deaf = Weights({Factor.TEXT: 1.0, Factor.NUMBERS: 1.0})
    await hear(library.ledger, deaf)
    silent = await known(library, a, b)
    assert silent.band is Band.REVIEW
    assert silent.parts[Factor.THIRDS] > 0.5, "it is kept for whoever sets the weight back"
    await reweigh(library.ledger, FITTED)
    assert (await known(library, a, b)).band is Band.DUPLICATE


async def test_what_pictures_alone_found_hears_nothing(library: Library) -> None:
    a, b, c = await three(library, DOUBT)
    d = await library.add("D")
    for one in (a, b, c):
        await library.like(one, d, parts={Factor.IMAGE: 0.5}, vetoed=True)
    await hear(library.ledger, FITTED)
    for one in (a, b, c):
        assert dict((await known(library, one, d)).parts) == {Factor.IMAGE: 0.5}


@pytest.mark.parametrize("seed", range(6))
async def test_around_some_it_is_as_it_is_of_all(library: Library, seed: int) -> None:
    chance = random.Random(seed)
    papers = [await library.add(f"{number}") for number in range(9)]
    for a, b in combinations(papers, 2):
        if chance.random() < 0.5:
            await library.like(a, b, chance.uniform(-1.5, 8), vetoed=chance.random() < 0.2)

    async def around(*items: int) -> set[int]:
        return await library.ledger.write(lambda tx: hear_some(tx, items, weights=FITTED))

    changed = await around(*papers[:5])
    assert changed | await around(*papers[5:])
    assert await hear(library.ledger, FITTED) == set()


async def test_one_chain_that_cannot_be_written_keeps_no_other_from_it(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, _ = await three(library, DOUBT)
    d, e, _ = await three(library, DOUBT)
    real = hearing.hear_some

    def fails(tx: Tx, items: frozenset[int], *, weights: Weights) -> set[int]:
        if a in items:
            raise ValueError("a defect of ours")
        return real(tx, items, weights=weights)

    monkeypatch.setattr(hearing, "hear_some", fails)
    await hear(library.ledger, FITTED)
    assert (await known(library, d, e)).band is Band.DUPLICATE
    assert (await known(library, a, b)).band is Band.REVIEW


async def test_a_search_hears_all_and_a_new_paper_those_around_it(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        source = await stand.follow("books", Shelf)
        for number in range(1, 21):
            source.put(number, letter(number))
        for scan in range(1, 4):
            source.put(700 + scan, rescan(letter(7), seed=scan))
        await stand.scan("books")
        await stand.search()
        said = "SELECT count(*), count(json_extract(told, '$.parts.thirds')) FROM likeness"
        assert await stand.rows(said) == [(6, 6)]
        source.put(704, rescan(letter(7), seed=4))
        await stand.scan("books")
        await stand.once()
        assert await stand.rows(said) == [(10, 10)]
        assert await hear(stand.ledger, stand.settings.weights) == set()
