"""`Household`: a Radarr, a Sonarr and a Jellyfin over one made-up library, for tests, bench and demo.

Radarr and Jellyfin hold the same films, Sonarr and Jellyfin the same series: same ids, same paths.
Every fourth film and every fifth series, from the first on, was asked for in Requests beforehand.
"""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from reconciled.testing.fakes import titles
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.jellyfin_model import Item
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.requests_app import Entry, FakeRequests
from reconciled.testing.fakes.servarr_model import Film, Show
from reconciled.testing.fakes.sonarr import FakeSonarr

_PEOPLE = ("ann", "ben", "cleo")


class Household:
    """`async with Household(films=300, series=80) as home: … home.radarr.url …`."""

    def __init__(
        self,
        *,
        films: int = 20,
        series: int = 10,
        seed: int = 1,
        episodes: int = 2,
        seasons: int = 1,
        specials: bool = False,
        jellyfin_version: str = "10.11.11",
        sonarr_version: str = "4.0.19.2979",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """Build the library; nothing listens before `async with` or `start`."""
        self.radarr = FakeRadarr(api_key="a1" * 16, now=now)
        self.sonarr = FakeSonarr(api_key="b2" * 16, version=sonarr_version, now=now)
        self.jellyfin = FakeJellyfin(api_key="c3" * 16, version=jellyfin_version, now=now)
        self.requests = FakeRequests(api_key="d4" * 16, now=now)
        self.films: Sequence[titles.Work] = titles.films(films, seed)
        self.series: Sequence[titles.Work] = titles.series(series, seed)
        for work in self.films:
            self.radarr.put(work)
            self.jellyfin.put_movie(work)
        for work in self.series:
            self.sonarr.put(work, seasons=seasons, episodes=episodes, specials=specials)
            self.jellyfin.put_series(work, seasons=seasons, episodes=episodes, specials=specials)
        for number, work in enumerate((*self.films[::4], *self.series[::5])):
            self.requests.put(work.title, [_ref(work)], by=_PEOPLE[number % len(_PEOPLE)])
        self._stack = AsyncExitStack()

    @property
    def fakes(self) -> tuple[Fake, ...]:
        """All four."""
        return (self.radarr, self.sonarr, self.jellyfin, self.requests)

    def film(self, work: titles.Work) -> Film:
        """Radarr's entry of a work."""
        return next(e for e in self.radarr.state.entries.values() if e.work == work)

    def show(self, work: titles.Work) -> Show:
        """Sonarr's entry of a work."""
        return next(e for e in self.sonarr.state.entries.values() if e.work == work)

    def item(self, work: titles.Work) -> Item:
        """Jellyfin's film or series of a work."""
        wanted = ("Tmdb", str(work.tmdb))
        kind = "Series" if work.tvdb else "Movie"
        return next(
            i for i in self.jellyfin.state.items.values() if i.kind == kind and wanted in i.provider_ids
        )

    def request(self, work: titles.Work) -> Entry | None:
        """The request for a work; None when nobody asked for it, or no more."""
        return next((e for e in self.requests.entries.values() if _ref(work) in e.refs), None)

    async def start(self) -> Self:
        """Start all four."""
        for fake in self.fakes:
            await self._stack.enter_async_context(fake)
        return self

    async def stop(self) -> None:
        """Stop all four."""
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def _ref(work: titles.Work) -> str:
    """What Requests calls a work by."""
    return f"tvdb:series/{work.tvdb}" if work.tvdb else f"tmdb:movie/{work.tmdb}"
