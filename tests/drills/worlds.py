"""`World`: an app with a household in it, as the drills of faults play with it.

Each source has one. Beside its fake the world knows what truly stands (the truth table), how something
is lost behind everybody's back, which questions list, and by which accidents the app itself comes to
tell of another world. What cannot happen in an app is excused, with the reason.
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import pytest

from reconciled.model import Json, Key
from reconciled.source import Shelf, Source
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.base import Fake

OLD, NEW = 16, 4
"""What stands at first, and what came later than the first scan: a restored backup lacks the latter."""
FEW = 3
"""How many files a part of a disk takes with it: too few to be suspicious by their number."""
PAGE = 5
"""How long a page of a listing is here, so that a small household takes several."""

NO_ROOTS = "it names no folders"
SEES_ALL = "whoever has its key sees everything"
ONE_LIST = "its listing is one answer, without pages"
NO_TOTAL = "its listing says no total"

Deed = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Accident:
    """Something in the app's own world. `end` is None where nothing brings back what was."""

    begin: Deed
    end: Deed | None = None


class World(ABC):
    """One app. Made anew for each cell; `clock` is the one that the daemon's parts use, too."""

    name: ClassVar[str]
    plugin: ClassVar[type[Source[Any]]]
    excused: ClassVar[Mapping[str, str]] = {}
    """Faults that cannot happen here, by name, with the reason."""
    lists_in_lookups: ClassVar[bool] = False
    """Whether a lookup is a list, too, which can be cut short or repeated."""
    one_list: ClassVar[bool] = False
    """Whether a listing is one answer, without pages."""
    nameless: ClassVar[bool] = False
    """Its items claim no strong refs, so no policy acts by itself."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.fake: Fake | None = None
        self.shelf: Shelf | None = None
        self.probe_asks: frozenset[str] = frozenset()
        """The questions of a probe, as path and query."""
        self.lied_to = 0
        """How many of its answers were changed on their way."""
        self.befallen = False
        """Whether an accident changed anything in it."""

    # life

    async def start(self) -> None:
        """The app runs."""
        if self.fake is not None:
            self.fake.now = self.clock.now
            await self.fake.start()

    async def stop(self) -> None:
        """It ends."""
        if self.fake is not None:
            await self.fake.stop()

    @property
    def http(self) -> Fake:
        """The fake of an app that is reached over HTTP."""
        assert self.fake is not None, f"{self.name} is reached by no socket"
        return self.fake

    # what is in it

    @abstractmethod
    def options(self) -> dict[str, Json]:
        """The source's settings as they stand in the YAML, but for its timeout."""

    @abstractmethod
    def fill(self) -> None:
        """`OLD` things are there."""

    @abstractmethod
    def grow(self) -> None:
        """`NEW` things more; nobody is told."""

    @abstractmethod
    async def lose(self) -> None:
        """One of the old things is really lost, and nobody is told."""

    @abstractmethod
    def standing(self) -> frozenset[Key]:
        """The keys of all that the app holds now, by the test's own count."""

    def outside(self) -> str:
        """All that there is, in words: an accident that leaves it as it was is none."""
        return repr(vars(self.http))

    async def shift(self) -> None:
        """Between two pages: something that was listed goes, and something else comes."""
        raise NotImplementedError(f"{self.name} has no pages")

    # how it is asked, and what befalls it

    def lists(self, path: str) -> bool:
        """Whether this request (path and query) is for a part of the listing."""
        raise NotImplementedError(path)

    @abstractmethod
    def accidents(self) -> Mapping[str, Accident]:
        """By the fault's name."""


class Kept:
    """What a fake holds, kept to be put back: these attributes of it, copied to their ground."""

    def __init__(self, fake: object, *names: str) -> None:
        self._fake = fake
        self._before = {name: copy.deepcopy(getattr(fake, name)) for name in names}

    def put_back(self) -> None:
        """As it was."""
        for name, value in self._before.items():
            setattr(self._fake, name, value)


def undone(begin: Callable[[], Callable[[], None]]) -> Accident:
    """An accident made of a function that does it, and returns what undoes it."""
    ends: list[Callable[[], None]] = []

    async def start() -> None:
        ends.append(begin())

    async def end() -> None:
        if ends:
            ends.pop()()

    return Accident(start, end)


def for_good(begin: Callable[[], None]) -> Accident:
    """An accident that nothing undoes: from now on that is the world."""

    async def start() -> None:
        begin()

    return Accident(start)


@contextmanager
def small_pages() -> Iterator[None]:
    """Every plugin that pages does so by `PAGE` rows; elsewhere a page is hundreds."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            ("reconciled_requests", "PAGE"),
            ("reconciled_seerr.listing", "PAGE"),
            ("reconciled_seerr.listing", "WINDOW"),
            ("reconciled_shoko.listing", "SERIES_PAGE"),
            ("reconciled_shoko.listing", "FILES_PAGE"),
            ("reconciled_vsrx.listing", "LIMIT"),
            ("reconciled_records.source", "PAGE"),
            ("tests.plugins.http_json.bookshelf", "SIZE"),
        ):
            patch.setattr(f"{module}.{name}", PAGE)
        for place, argument in (
            ("reconciled_jellyfin.listing.walk", "limit"),
            ("reconciled_paperless.listing.walk", "page_size"),
        ):
            module, _, function = place.rpartition(".")
            walk = getattr(import_module(module), function)
            patch.setitem(walk.__kwdefaults__, argument, PAGE)
        yield
