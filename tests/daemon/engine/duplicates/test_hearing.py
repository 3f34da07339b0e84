"""What third papers say is brought to what is known, wherever that changes, and is a factor as the others."""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.engine.duplicates.search_stand import Shelf, letter, rescan, standing
from tests.daemon.ledger.library import Library, a_library

from reconciled.duplicates.thirds import thirds
from reconciled.duplicates.words import FITTED, Band, Factor, Likeness, Weights
from reconciled.engine.chunks import in_chunks
from reconciled.engine.duplicates import grouping, hearing
from reconciled.engine.duplicates.hearing import hear, hear_around
from reconciled.ledger import likenesses, papers
from reconciled.ledger import thirds as ledger_thirds
from reconciled.ledger.connection import Tx

SURE, DUPLICATE, DOUBT = 6.0, 3.0, 0.5


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with a_library(tmp_path) as library:
        yield library


async def known(library: Library, a: int, b: int) -> Likeness:
    found = await library.ledger.read(likenesses.get, a, b)
    assert found is not None
    return found


async def said(library: Library, a: int, b: int) -> float:
    return (await known(library, a, b)).parts.get(Factor.THIRDS, 0.0)


async def three(library: Library, ab: float, *, vetoed: bool = False) -> tuple[int, int, int]:
    """Papers of which the third is surely the second; and the first, or there is a veto against that."""
    a, b, c = [await library.add(title) for title in "ABC"]
    await library.like(a, b, ab)
    await library.like(b, c, SURE)
    await library.like(a, c, SURE, vetoed=vetoed)
    return a, b, c


async def everything(library: Library) -> list[tuple[object, ...]]:
    return await library.rows("SELECT * FROM likeness ORDER BY a, b")


async def test_one_that_is_both_makes_it_likelier(library: Library) -> None:
    a, b, _ = await three(library, DOUBT)
    before = await known(library, a, b)
    await hear(library.ledger, FITTED)
    after = await known(library, a, b)
    assert after.parts[Factor.TEXT] == DOUBT
    assert after.parts[Factor.THIRDS] > 1
    assert before.confidence < after.confidence
    assert after.band is Band.REVIEW
    stands = await everything(library)
    await hear(library.ledger, FITTED)
    assert await everything(library) == stands, "hearing twice is as hearing once"


async def test_one_that_is_one_of_them_alone_has_a_person_asked(library: Library) -> None:
    a, b, c = await three(library, DUPLICATE, vetoed=True)
    await library.regroup()
    assert await library.groups() == {1: [b, c], 2: [a, b]}
    await hear(library.ledger, FITTED)
    assert (await known(library, a, b)).band is Band.REVIEW
    assert (await known(library, b, c)).band is Band.DUPLICATE
    assert (await known(library, a, c)).vetoed


async def test_who_is_called_different_by_a_person_is_as_with_a_veto(library: Library) -> None:
    a, b, c = await three(library, DUPLICATE)
    await hear(library.ledger, FITTED)
    assert await said(library, a, b) > 1
    await library.regroup()
    await library.say(1, "not_duplicate", c)
    await hear(library.ledger, FITTED)
    assert await said(library, a, b) == 0, "the third is neither"


async def test_what_is_said_goes_with_the_text_that_said_it(library: Library) -> None:
    a, b, c = await three(library, DOUBT)
    await hear(library.ledger, FITTED)
    heard = await known(library, a, b)
    await library.lose(c)
    await hear(library.ledger, FITTED)
    assert await known(library, a, b) == heard, "it is as true when the paper is gone"
    await library.rescan(c, "other words that are enough to be compared with all")
    await hear(library.ledger, FITTED)
    after = await known(library, a, b)
    assert (after.band, dict(after.parts)) == (Band.REVIEW, {Factor.TEXT: DOUBT})


async def test_pass_after_pass_comes_to_the_same(library: Library) -> None:
    a, _, c = await three(library, -0.5, vetoed=True)

    async def settles() -> tuple[list[tuple[object, ...]], dict[int, list[int]]]:
        await grouping.prune(library.ledger, now=library.now)
        await hear(library.ledger, FITTED)
        await library.regroup()
        return await everything(library), await library.groups()

    first = await settles()
    assert await settles() == first
    assert await settles() == first
    assert (await known(library, a, c)).vetoed, "by which it is known that they are two"
    await grouping.reweigh(library.ledger, Weights({Factor.TEXT: 1.0}, duplicate=0.3, review=0.1))
    await library.regroup()
    assert not any({a, c} <= set(members) for members in (await library.groups()).values())


async def test_nobody_need_listen_to_them(library: Library) -> None:
    a, b, _ = await three(library, DOUBT)
    deaf = Weights({Factor.TEXT: 1.0, Factor.NUMBERS: 1.0})
    await hear(library.ledger, deaf)
    silent = await known(library, a, b)
    assert silent.parts[Factor.THIRDS] > 1, "it is kept for whoever sets the weight back"
    await grouping.reweigh(library.ledger, FITTED)
    assert (await known(library, a, b)).confidence > silent.confidence


async def test_what_pictures_alone_found_hears_nothing(library: Library) -> None:
    a, b, c = await three(library, DOUBT)
    d = await library.add("D")
    for one in (a, b, c):
        await library.like(one, d, parts={Factor.IMAGE: 0.5}, vetoed=True)
    await hear(library.ledger, FITTED)
    for one in (a, b, c):
        assert dict((await known(library, one, d)).parts) == {Factor.IMAGE: 0.5}


@pytest.mark.parametrize("seed", range(6))
async def test_around_some_it_is_as_it_is_of_all(
    library: Library, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(hearing, "AT_ONCE", 2)
    chance = random.Random(seed)
    papers = [await library.add(f"{number}") for number in range(9)]
    for a, b in combinations(papers, 2):
        if chance.random() < 0.7:
            await library.like(a, b, chance.uniform(-1.5, 8), vetoed=chance.random() < 0.2)
    changed = await hear_around(library.ledger, papers[:5], FITTED)
    assert len(changed) > 4
    await hear_around(library.ledger, papers[5:], FITTED)
    stands = await everything(library)
    assert all(
        said == thirds({pair: one.own for pair, one in known.items()}).get(pair, 0.0)
        for known in [await library.ledger.read(ledger_thirds.pairs, papers)]
        for pair, said in [(pair, one.thirds) for pair, one in known.items()]
    )
    await hear(library.ledger, FITTED)
    assert await everything(library) == stands


async def test_a_pair_that_was_compared_anew_meanwhile_waits(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, _ = await three(library, DOUBT)
    real = in_chunks

    async def meanwhile(*given: Any, **more: Any) -> Any:
        await library.like(a, b, DUPLICATE)
        return await real(*given, **more)

    with monkeypatch.context() as changed:
        changed.setattr(hearing, "in_chunks", meanwhile)
        await hear(library.ledger, FITTED)
    assert dict((await known(library, a, b)).parts) == {Factor.TEXT: DUPLICATE}
    await hear(library.ledger, FITTED)
    assert await said(library, a, b) > 1


async def test_what_was_said_counts_until_they_are_heard_again(library: Library) -> None:
    a, b, _ = await three(library, DUPLICATE, vetoed=True)
    await hear(library.ledger, FITTED)
    before = await known(library, a, b)
    assert before.band is Band.REVIEW
    anew = replace(before, parts={Factor.TEXT: DUPLICATE}, band=Band.DUPLICATE)

    def write(tx: Tx) -> None:
        prints = papers.prints(tx, [a, b])
        ledger_thirds.put(tx, [anew], prints, weights=FITTED, at=library.at, instead=[(a, b)])

    await library.ledger.write(write)
    assert await known(library, a, b) == before


async def test_a_pair_that_cannot_be_written_keeps_no_other_from_it(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    a, b, _ = await three(library, DOUBT)
    d, e, _ = await three(library, DOUBT)
    real = ledger_thirds.tell

    def fails(tx: Tx, some: Sequence[ledger_thirds.Said], *, weights: Weights) -> list[tuple[int, int]]:
        if any(one.pair == (a, b) for one in some):
            raise ValueError("a defect of ours")
        return real(tx, some, weights=weights)

    monkeypatch.setattr(ledger_thirds, "tell", fails)
    await hear(library.ledger, FITTED)
    assert await said(library, d, e) > 1
    assert await said(library, a, b) == 0
    assert f"of {a} and {b} was not written" in caplog.text


async def test_a_pass_hears_all_and_a_new_paper_those_around_it(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        source = await stand.follow("books", Shelf)
        for number in range(1, 21):
            source.put(number, letter(number))
        for scan in range(1, 4):
            source.put(700 + scan, rescan(letter(7), seed=scan))
        await stand.scan("books")
        await stand.search()
        count = "SELECT count(*), count(json_extract(told, '$.parts.thirds')) FROM likeness"
        assert await stand.rows(count) == [(6, 6)]
        source.put(704, rescan(letter(7), seed=4))
        await stand.scan("books")
        await stand.once()
        assert await stand.rows(count) == [(10, 10)]
        items = [one for (one,) in await stand.rows("SELECT item_id FROM paper")]
        assert await hear_around(stand.ledger, items, stand.settings.weights) == set()
