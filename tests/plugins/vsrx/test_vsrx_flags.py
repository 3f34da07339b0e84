"""Flags are told as VSRX' own word, also without a webhook: those that are news, once."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from reconciled.model import Event, Key, Op
from reconciled.source import Connected
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled_vsrx import Vsrx

Opened = Callable[..., Vsrx]


class Ear:
    """Listens, and lets the time between two looks pass."""

    def __init__(self, source: Vsrx, clock: ManualClock) -> None:
        self._listening: Any = source.listen()
        self._clock = clock

    async def connected(self) -> None:
        assert isinstance(await anext(self._listening), Connected)

    async def told(self, *, until: Op = Op.SCAN) -> list[Event]:
        """What is told up to an event of this op."""
        found: list[Event] = []
        while not found or found[-1].op is not until:
            waiting = asyncio.ensure_future(anext(self._listening))
            while not waiting.done():
                self._clock.advance(60)
                await asyncio.sleep(0.002)
            found.append(waiting.result())
        return found

    async def close(self) -> None:
        listening: AsyncGenerator[object] = self._listening
        await listening.aclose()


@asynccontextmanager
async def hearing(source: Vsrx, clock: ManualClock) -> AsyncIterator[Ear]:
    ear = Ear(source, clock)
    await ear.connected()
    yield ear
    await ear.close()


async def walk(source: Vsrx) -> None:
    assert [page async for page in source.snapshot(frozenset(source.kinds))][-1].complete


def flagged(events: list[Event]) -> list[str]:
    """The files that the events say VSRX deleted."""
    found = [one for one in events if one.op is Op.DELETED]
    assert all(one.own_act and one.occurred is not None for one in found)
    return sorted(one.key.id for one in found if one.key is not None)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def test_a_flag_is_told_with_its_time(open_vsrx: Opened, fake: FakeVsrx, clock: ManualClock) -> None:
    source = open_vsrx(clock=clock)
    async with hearing(source, clock) as ear:
        await walk(source)
        fake.flag("F-2")
        events = await ear.told()
    assert events[0].key == Key("file", "F-2")
    assert flagged(events) == ["F-2"]
    assert events[-1].reason == "1 fileset of VSRX changed"


async def test_old_flags_are_no_news(open_vsrx: Opened, fake: FakeVsrx, clock: ManualClock) -> None:
    fake.flag("F-1")
    source = open_vsrx(clock=clock)
    async with hearing(source, clock) as ear:
        await walk(source)
        fake.put_file("P-1")
        assert flagged(await ear.told()) == []


async def test_what_was_flagged_while_nobody_was_there(
    open_vsrx: Opened, fake: FakeVsrx, clock: ManualClock
) -> None:
    fake.flag("F-1")
    first = open_vsrx(clock=clock)
    async with hearing(first, clock):
        await walk(first)
    fake.flag("F-3")
    later = open_vsrx(clock=clock)
    async with hearing(later, clock) as ear:
        reading = asyncio.ensure_future(walk(later))
        assert flagged(await ear.told(until=Op.DELETED)) == ["F-3"]
        reading.cancel()


async def test_a_flag_that_was_taken_off_and_set_again_is_told_again(
    open_vsrx: Opened, fake: FakeVsrx, clock: ManualClock
) -> None:
    source = open_vsrx(clock=clock)
    async with hearing(source, clock) as ear:
        await walk(source)
        for deleted, told in ((True, ["F-2"]), (False, []), (True, ["F-2"])):
            fake.flag("F-2", deleted=deleted)
            assert flagged(await ear.told()) == told


async def test_what_a_scan_sees_first_is_told_before_the_scan_is_over(
    open_vsrx: Opened, fake: FakeVsrx, clock: ManualClock
) -> None:
    source = open_vsrx(clock=clock)
    async with hearing(source, clock) as ear:
        await walk(source)
        fake.flag("F-2")
        reading = asyncio.ensure_future(walk(source))
        waiting = asyncio.ensure_future(anext(ear._listening))
        await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
        assert waiting.done()
        assert not reading.done()
        rest = asyncio.ensure_future(anext(ear._listening))
        await reading
        rest.cancel()
        await asyncio.gather(rest, return_exceptions=True)


async def test_a_listing_waits_for_nobody_when_nobody_listens(open_vsrx: Opened, fake: FakeVsrx) -> None:
    source = open_vsrx(clock=ManualClock())
    await walk(source)
    fake.flag("F-2")
    await walk(source)


async def test_a_fileset_that_went_is_worth_a_scan(
    open_vsrx: Opened, fake: FakeVsrx, clock: ManualClock
) -> None:
    async with hearing(open_vsrx(clock=clock), clock) as ear:
        fake.purge_patient("P-0")
        (told,) = await ear.told()
    assert told.op is Op.SCAN


async def test_without_poll_nothing_is_asked_and_what_scans_find_is_told(
    open_vsrx: Opened, fake: FakeVsrx, clock: ManualClock
) -> None:
    source = open_vsrx(clock=clock, poll="off")
    async with hearing(source, clock) as ear:
        await walk(source)
        fake.flag("F-2")
        asked = len(fake.requests)
        waiting = asyncio.ensure_future(ear.told(until=Op.DELETED))
        await asyncio.sleep(0.02)
        assert (waiting.done(), len(fake.requests)) == (False, asked)
        reading = asyncio.ensure_future(walk(source))
        assert flagged(await waiting) == ["F-2"]
        reading.cancel()
