"""Whatever happens to papers, in whatever order: groups hold what they may, and a part is as the whole."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.daemon.ledger.library import Library, a_library

from reconciled.engine.duplicates.grouping import Counts
from reconciled.engine.duplicates.judging import Decision
from reconciled.errors import ReconciledError
from reconciled.ledger import groups, judgements, likenesses
from reconciled.ledger.judgements import Answer
from reconciled.model import Presence

PAPERS = 6
TEXTS = ["one text of quite enough words here", "another text of quite enough words"]
paper = st.integers(0, PAPERS - 1)
deed = st.one_of(
    st.tuples(st.just("like"), paper, paper, st.sampled_from([-4.0, 0.0, 2.0, 3.0, 4.0]), st.booleans()),
    st.tuples(st.just("rescan"), paper, st.sampled_from(TEXTS)),
    st.tuples(st.just("presence"), paper, st.sampled_from(["gone", "present", "frozen"])),
    st.tuples(st.just("say"), paper, st.sampled_from(list(Decision)), st.booleans()),
    st.tuples(st.just("choose"), paper),
)  # fmt: skip
deeds = st.lists(deed, max_size=14)


async def do(library: Library, ids: list[int], what: tuple[Any, ...]) -> list[int]:
    """Do it; returns which papers it was about."""
    match what:
        case ("like", a, b, odds, vetoed) if a != b:
            await library.like(ids[a], ids[b], odds, vetoed=vetoed)
            return [ids[a], ids[b]]
        case ("rescan", a, text):
            await library.rescan(ids[a], text)
        case ("presence", a, presence):
            await library.presence(ids[a], Presence(presence))
        case ("say" | "choose", a, *how):
            await _answer(library, ids[a], how)
    return [ids[what[1]]]


async def _answer(library: Library, item: int, how: list[Any]) -> None:
    for row in await library.ledger.read(lambda tx: groups.with_any(tx, [item])):
        try:
            if how:
                await library.say(row.id, how[0], *([item] if how[1] else ()))
            else:
                await library.choose(row.id, item)
        except ReconciledError:
            continue  # it is over, or the item left it


async def check(library: Library) -> None:
    """What holds at any time after grouping."""
    rows = {row.id: row for row in await library.ledger.read(groups.with_any)}
    inside = await library.ledger.read(groups.members)
    apart = {
        (one.a, one.b)
        for one in await library.ledger.read(judgements.standing)
        if one.answer is Answer.DIFFERENT
    }
    vetoed = set(await library.ledger.read(likenesses.vetoed))
    facts = await library.ledger.read(
        lambda tx: groups.facts(tx, {one for held in inside.values() for one in held})
    )
    seen: dict[tuple[str, int], int] = {}
    for number, row in rows.items():
        if row.over is not None:
            assert row.state == "resolved"
            continue
        live = {one for one in inside[number] if facts[one].stands}
        if len(live) < 2:
            assert any(facts[one].waits for one in inside[number]), "it waits, or it would be over"
            continue
        assert row.primary in inside[number]
        foes = apart | vetoed if row.band == "duplicate" else apart
        if not any(facts[one].waits for one in inside[number]):
            assert row.members == len(live)
            assert not {(a, b) for a in live for b in live if a < b} & foes
            for one in live:
                assert seen.setdefault((row.band, one), number) == number, "in one group of a band"
    open_ones = {row.finding_id for row in rows.values() if row.over is None and row.state != "resolved"}
    standing = await library.rows("SELECT id FROM finding WHERE code = 'duplicate' AND resolved_at IS NULL")
    assert {finding for (finding,) in standing} == open_ones, "a finding for each that is asked about"


async def shape(library: Library) -> list[Any]:
    """The groups, apart from their numbers."""
    rows = await library.ledger.read(groups.with_any)
    inside = await library.ledger.read(groups.members)
    return sorted(
        (row.band, row.state, row.primary, row.members, sorted(inside[row.id]))
        for row in rows
        if row.over is None
    )


async def live(deeds: list[tuple[Any, ...]], *, some: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with a_library(Path(folder)) as library:
            ids = [await library.add(f"Paper {n}") for n in range(PAPERS)]
            for what in deeds:
                touched = await do(library, ids, what)
                if some:
                    await library.regroup_some(*touched)
                    await check(library)
            if some:
                before = await shape(library)
                assert await library.regroup() == Counts(), "grouping the whole finds nothing else"
                assert await shape(library) == before
            else:
                await library.regroup()
                await check(library)
                assert await library.regroup() == Counts()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deeds, st.booleans())
def test_groups_are_right_at_any_time(deeds: list[tuple[Any, ...]], some: bool) -> None:
    asyncio.run(live(deeds, some=some))


@pytest.mark.full
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deeds, st.booleans())
def test_groups_are_right_at_any_time_of_many(deeds: list[tuple[Any, ...]], some: bool) -> None:
    asyncio.run(live(deeds, some=some))
