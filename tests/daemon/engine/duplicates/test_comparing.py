"""New papers against all as soon as they are seen, and what an edit of weights does without a search."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.daemon.engine.duplicates.search_stand import SearchStand, Shelf, letter, rescan, standing

from reconciled.duplicates.words import Factor
from reconciled.engine.duplicates import comparing
from reconciled.engine.duplicates.comparing import NoIndex
from reconciled.engine.duplicates.reading import Counts, TextMirror
from reconciled.ledger import sheets
from reconciled.ledger.sheets import Packed
from reconciled.runtime.duplicates import IDLE
from reconciled.source import Text


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[SearchStand]:
    async with standing(tmp_path) as made:
        source = await made.follow("books", Shelf)
        for number in range(1, 31):
            source.put(number, letter(number))
        await made.scan("books")
        await made.search()
        yield made


async def arrives(stand: SearchStand, number: int, words: str) -> None:
    """A paper is there, or another one by now, and an event or a scan showed it."""
    source = stand.engine.places["books"].live.source
    assert isinstance(source, Shelf)
    source.put(number, words)
    await stand.scan("books")
    await stand.once()


async def test_a_new_paper_is_compared_at_once(stand: SearchStand) -> None:
    heard: list[str] = []
    stand.engine.listeners.append(lambda what, told: heard.append(what))
    await arrives(stand, 104, rescan(letter(4)))
    assert await stand.groups() == {frozenset({"4", "104"})}
    assert "finding" in heard
    await arrives(stand, 204, rescan(letter(4), seed=2))
    assert await stand.groups() == {frozenset({"4", "104", "204"})}
    await arrives(stand, 300, letter(300))
    await arrives(stand, 301, rescan(letter(300)))
    assert frozenset({"300", "301"}) in await stand.groups()
    assert await stand.rows("SELECT count(*) FROM paper WHERE compared = 0") == [(0,)]
    assert stand.duplicates._lookup.made == 1, "opened by the run, for all of these"


@pytest.mark.full
async def test_the_same_text_needs_no_comparing(stand: SearchStand) -> None:
    await arrives(stand, 104, letter(4).upper())
    assert await stand.groups() == {frozenset({"4", "104"})}
    assert await stand.pairs() == set()


@pytest.mark.full
async def test_a_changed_text_leaves_its_group(stand: SearchStand) -> None:
    await arrives(stand, 104, rescan(letter(4)))
    await arrives(stand, 104, letter(104))
    assert await stand.groups() == set()
    assert await stand.pairs() == set()
    await arrives(stand, 104, rescan(letter(9)))
    assert await stand.groups() == {frozenset({"9", "104"})}


@pytest.mark.full
async def test_after_a_restart_what_came_since_is_beside_the_index(stand: SearchStand) -> None:
    await arrives(stand, 300, letter(300))
    await stand.duplicates._lookup.close()
    await arrives(stand, 301, rescan(letter(300)))
    assert await stand.groups() == {frozenset({"300", "301"})}


@pytest.mark.full
async def test_without_an_index_it_waits_for_the_pass(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        source: Shelf = await stand.follow("books", Shelf)
        source.put(1, letter(1))
        source.put(2, rescan(letter(1)))
        await stand.scan("books")
        await stand.once()
        assert await stand.rows("SELECT count(*) FROM paper WHERE compared = 0") == [(2,)]
        assert await stand.groups() == set()
        await stand.search()
        assert await stand.groups() == {frozenset({"1", "2"})}


@pytest.mark.full
async def test_too_much_beside_the_index_waits_for_the_pass(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "LATER", 1)
    await arrives(stand, 300, letter(300))
    await arrives(stand, 301, rescan(letter(300)))
    assert await stand.rows("SELECT count(*) FROM paper WHERE compared = 0") == [(1,)]
    with pytest.raises(NoIndex):
        await stand.duplicates.compare([1])


@pytest.mark.full
async def test_trouble_while_it_is_asked_leaves_it_to_the_pass(stand: SearchStand) -> None:
    source = stand.engine.places["books"].live.source
    assert isinstance(source, Shelf)
    source.put(104, rescan(letter(4)))
    await stand.scan("books")
    source.down = True
    await stand.once()
    assert await stand.groups() == set()
    source.down = False
    await stand.engine.probe("books")
    await stand.search()
    assert await stand.groups() == {frozenset({"4", "104"})}


async def test_an_edit_of_weights_judges_what_is_stored_anew(stand: SearchStand) -> None:
    await arrives(stand, 104, rescan(letter(4)))
    plain = stand.settings
    strict = replace(plain, factors={**plain.factors, Factor.TEXT: 0.0, Factor.NUMBERS: 0.0})
    for settings, groups in ((strict, set()), (plain, {frozenset({"4", "104"})})):
        await stand.duplicates.configure(settings)
        assert await stand.duplicates.weigh_once()
        assert await stand.groups() == groups
        assert not await stand.duplicates.weigh_once(), "nothing is left to be done"


@pytest.mark.full
async def test_a_worker_that_nobody_needs_is_ended(stand: SearchStand) -> None:
    """Also one that only read a text that turned out to be the old one, so that no index was opened."""
    await stand.duplicates._lookup.close()
    source = stand.engine.places["books"].live.source
    assert isinstance(source, Shelf)
    source.attrs["4"]["tags"] = "other"
    await stand.scan("books")
    await stand.once()
    assert stand.duplicates._near.pids
    assert not stand.duplicates._lookup.is_open
    following = asyncio.create_task(stand.duplicates.follow())
    try:
        while stand.duplicates._near.pids:
            await asyncio.sleep(0.005)
            stand.clock.advance(IDLE)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


@pytest.mark.full
async def test_a_text_that_changes_while_it_is_compared_is_compared_again(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the reading of its words and that of its sheet another text is written."""
    lookup = stand.duplicates._lookup
    framed = lookup._framed

    async def late(known: Mapping[int, Packed]) -> dict[int, bytes]:
        monkeypatch.setattr(lookup, "_framed", framed)
        source = stand.engine.places["books"].live.source
        assert isinstance(source, Shelf)
        source.put(104, letter(104))
        await stand.scan("books")
        (due,) = await stand.ledger.read(sheets.due, 1, ("document",), limit=2)
        counts = Counts()
        mirror = TextMirror(stand.engine, stand.settings, lookup._crew, stand.log)
        await mirror.keep(stand.engine.places["books"].live, [(due, Text(letter(104), {}))], counts)
        return await framed(known)

    monkeypatch.setattr(lookup, "_framed", late)
    await arrives(stand, 104, rescan(letter(4)))
    await stand.search()
    await arrives(stand, 204, rescan(letter(104)))
    assert await stand.groups() == {frozenset({"104", "204"})}
