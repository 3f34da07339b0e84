"""Every two scans of a sheet are compared: by a search, by one that died meanwhile, when one more comes."""

import asyncio
from collections.abc import AsyncIterator
from itertools import combinations
from pathlib import Path

import pytest
from tests.daemon.engine.duplicates.search_stand import Journal, SearchStand, Shelf, letter, rescan, standing

from reconciled.engine.duplicates.search import batches
from reconciled.ledger import chains

SCANS = 16


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[SearchStand]:
    async with standing(tmp_path) as made:
        yield made


async def often(stand: SearchStand) -> tuple[Shelf, frozenset[str]]:
    """Thirty letters, one of which was scanned sixteen times."""
    source: Shelf = await stand.follow("books", Journal)
    for number in range(1, 31):
        source.put(number, letter(number))
    scans = frozenset({"7", *(str(700 + scan) for scan in range(1, SCANS))})
    for scan in range(1, SCANS):
        source.put(700 + scan, rescan(letter(7), seed=scan))
    await stand.scan("books")
    return source, scans


def every_two(scans: frozenset[str]) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in combinations(scans, 2)}


async def test_every_two_scans_of_a_sheet_are_compared(stand: SearchStand) -> None:
    _, scans = await often(stand)
    stats = await stand.search()
    assert stats["search"]["chained"] > 0, "the search alone compares each with a few"
    assert await stand.pairs() == every_two(scans)
    assert await stand.groups() == {scans}
    stand.clock.advance(3600)
    again = await stand.search(asked_by="api")
    assert again["search"]["chained"] == stats["search"]["chained"], "as if there had been no search before"
    assert again["search"]["forgotten"] == 0
    assert await stand.pairs() == every_two(scans)


async def test_a_scan_that_comes_later_is_compared_with_all(stand: SearchStand) -> None:
    source, scans = await often(stand)
    await stand.search()
    source.put(799, rescan(letter(7), seed=99))
    await stand.scan("books")
    await stand.once()
    assert await stand.pairs() == every_two(scans | {"799"})
    assert await stand.groups() == {scans | {"799"}}


@pytest.mark.full
@pytest.mark.parametrize("after", [0, 1, 5])
async def test_a_search_that_dies_there_goes_on_with_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(batches, "BATCH", 4)
    left: int | None = None
    async with standing(tmp_path) as stand:
        _, scans = await often(stand)

        def at(moment: str) -> None:
            nonlocal left
            if moment == "pairs chained":
                left = after
            elif moment == "batch compared" and left is not None:
                left -= 1
            if left == 0:
                raise RuntimeError("it dies here")

        stand.duplicates._at = at
        run = await stand.duplicates.begin(asked_by="schedule")
        await stand.engine.wait(run)
        assert (await stand.run_of(run))[0] == "failed"
        chained = stand.state / "duplicates" / "search" / "chained.u64"
        pairs = chained.read_bytes()
        left, stand.duplicates._at = None, lambda _: None
        search = (await stand.search())["search"]
        assert search["resumed"]
        assert search["chained"] == len(pairs) // 8
        assert search["batches_kept"] == search["batches"] - -(-search["chained"] // 4) + after
        assert await stand.pairs() == every_two(scans)
        assert await stand.groups() == {scans}


async def test_chains_in_the_ledger(stand: SearchStand) -> None:
    _, scans = await often(stand)
    await stand.search()
    of = {key: item for item, key in await stand.rows("SELECT id, key FROM item")}
    ids = {of[key] for key in scans}
    every = set(combinations(sorted(ids), 2))
    links = {(a, b, True) for a, b in every}
    assert set(await stand.ledger.read(chains.links)) == links
    assert await stand.ledger.read(chains.links, since="9999") == []
    assert await stand.ledger.read(chains.among, ids) == every
    assert await stand.ledger.read(chains.among, {of["7"], of["8"]}) == set()
    assert await stand.ledger.read(chains.links_around, {of["7"]}, most=100) == links
    assert await stand.ledger.read(chains.links_around, {of["8"]}, most=100) == set()
    once = await stand.ledger.read(chains.links_around, {of["7"]}, most=3)
    assert once == {link for link in links if of["7"] in link[:2]}, "enough are reached after one step"
    await stand.becomes("7", "gone")
    await asyncio.sleep(0)
    without = {link for link in links if of["7"] not in link[:2]}
    assert set(await stand.ledger.read(chains.links)) == without
