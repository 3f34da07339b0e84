"""How a fault begins and ends in a world: struck answers, listings that lie, and accidents.

A trouble begins before a listing, in its middle (when so many of its requests were answered), or
after it. Between two scans it goes on; `again` lets the next scan come a bit further than the first.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aiohttp import web
from tests.drills.worlds import World

from reconciled.testing.fakes.base import Fake
from reconciled.testing.faults import Fault, Tamper


class Trouble(ABC):
    """One way in which things go wrong. Holds nothing: a trouble serves all cells."""

    @abstractmethod
    async def begin(self, world: World, after: int, *, listed: bool = False) -> None:
        """From now on, or when so many more requests were answered. `listed`: a good listing came before."""

    @abstractmethod
    async def end(self, world: World) -> None:
        """It is over."""

    def struck(self, world: World) -> bool:
        """Whether anything was struck since it began: else the drill says nothing."""
        return world.fake is None or not world.fake.faults._deeds

    def again(self, world: World, probe: int) -> None:
        """Another scan comes; the first `probe` requests of it may get through."""
        del world, probe

    def still(self, world: World) -> None:
        """That scan is over, and the trouble goes on as before."""
        del world


class Struck(Trouble):
    """The answers to all requests are struck by a fault; after a good listing, at first those to lookups
    alone: what a probe asks is answered, so that the trouble is not known by that."""

    def __init__(self, fault: Fault, **more: Any) -> None:
        self.fault = fault
        self._more = more

    async def begin(self, world: World, after: int, *, listed: bool = False) -> None:
        asked = world.probe_asks
        path = (lambda request: request.path_qs not in asked) if listed else None
        strike(world.http, self.fault, after=after, path=path, **self._more)

    async def end(self, world: World) -> None:
        world.http.faults.clear()

    def struck(self, world: World) -> bool:
        return any(active.seen > active.after for active in world.http.faults.active)

    def again(self, world: World, probe: int) -> None:
        world.http.faults.clear()
        strike(world.http, self.fault, after=probe, **self._more)

    def still(self, world: World) -> None:
        self.again(world, 0)


def strike(fake: Fake, fault: Fault, **more: Any) -> None:
    """Set the fault, for everything unless `path` says otherwise."""
    fake.faults.set(fault, **more)


class Down(Trouble):
    """Nobody listens. In the middle of a listing the connection is reset first."""

    async def begin(self, world: World, after: int, *, listed: bool = False) -> None:
        fake = world.http
        if not after:
            await fake.down()
            return

        async def stop() -> None:
            fake.faults.set(Fault.RESET)
            going.append(asyncio.create_task(fake.down()))

        going: list[asyncio.Task[None]] = []
        fake.faults.in_the_middle(stop, after=after)

    async def end(self, world: World) -> None:
        world.http.faults.clear()
        await world.http.down()
        await world.http.up()


class Lie(Trouble):
    """Pages of a listing are changed on their way; in the middle from the second page on."""

    def __init__(self, change: Callable[[], Tamper]) -> None:
        self._change = change

    async def begin(self, world: World, after: int, *, listed: bool = False) -> None:
        path = None if world.lists_in_lookups else _listing(world)
        world.http.faults.tamper(self._told(world), path, after=1 if after else 0)

    def struck(self, world: World) -> bool:
        return world.lied_to > 0

    def _told(self, world: World) -> Tamper:
        """The change, and a note of each that was one."""
        change = self._change()

        def tell(request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
            told = change(request, answer)
            world.lied_to += told is not answer
            return told

        return tell

    async def end(self, world: World) -> None:
        world.http.faults.clear()

    def again(self, world: World, probe: int) -> None:
        """The next listing lies like the first, from its first page on."""
        world.http.faults.clear()
        world.http.faults.tamper(self._told(world), _listing(world))


def _listing(world: World) -> Callable[[web.BaseRequest], bool]:
    return lambda request: request.method == "GET" and world.lists(request.path_qs)


class Shifting(Trouble):
    """While the pages are read one thing goes that was listed, and another comes."""

    async def begin(self, world: World, after: int, *, listed: bool = False) -> None:
        world.http.faults.in_the_middle(world.shift, after=after)

    async def end(self, world: World) -> None:
        world.http.faults.clear()


class Befallen(Trouble):
    """An accident of the world itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._ends: dict[int, Any] = {}

    async def begin(self, world: World, after: int, *, listed: bool = False) -> None:
        accident = world.accidents()[self.name]
        self._ends[id(world)] = accident.end

        async def befall() -> None:
            before = world.outside()
            await accident.begin()
            world.befallen = world.outside() != before

        if after:
            world.http.faults.in_the_middle(befall, after=after)
        else:
            await befall()

    def struck(self, world: World) -> bool:
        return world.befallen

    async def end(self, world: World) -> None:
        end = self._ends.pop(id(world))
        if end is not None:
            await end()


class ClockStep(Trouble):
    """The app's clock runs a day ahead, and our own is set back by two."""

    async def begin(self, world: World, after: int, *, listed: bool = False) -> None:
        clock = world.clock

        async def step() -> None:
            if world.fake is not None:
                world.fake.now = lambda: clock.now() + timedelta(days=3)
            clock.step(-timedelta(days=2))

        if after:
            world.http.faults.in_the_middle(step, after=after)
        else:
            await step()

    async def end(self, world: World) -> None:
        if world.fake is not None:
            world.fake.now = world.clock.now
        world.clock.step(timedelta(days=2))
