"""The worlds of Jellyfin and Shoko."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from tests.drills.worlds import (
    FEW,
    NEW,
    OLD,
    Accident,
    World,
    for_good,
    undone,
)

from reconciled.model import Json, Key
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.jellyfin_model import Item as JellyfinItem
from reconciled.testing.fakes.shoko import FakeShoko
from reconciled.testing.fakes.shoko_model import ShokoState
from reconciled.testing.fakes.titles import films, series
from reconciled_jellyfin import Jellyfin
from reconciled_shoko import Shoko


class JellyfinWorld(World):
    """Films, and a shelf of series whose disk is another one."""

    name = "jellyfin"
    plugin = Jellyfin
    lists_in_lookups = True
    excused: ClassVar[Mapping[str, str]] = {
        "ids reused": "its ids are made of the file's path",
        "rights narrowed": "an API key has no user, and sees everything",
    }

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.fake = self.app = FakeJellyfin(now=clock.now)

    def options(self) -> dict[str, Json]:
        return {"url": self.app.url, "api_key": self.app.api_key}

    def fill(self) -> None:
        for work in films(OLD, 4):
            self.app.put_movie(work)
        for work in series(6, 4):
            self.app.put_series(work, episodes=1)

    def grow(self) -> None:
        for work in films(NEW, 5):
            self.app.put_movie(work)

    async def lose(self) -> None:
        self.app.delete_item(self._films()[2].id, notify=False)

    async def shift(self) -> None:
        self.app.delete_item(self._films()[0].id, notify=False)
        self.app.put_movie(films(1, 8)[0])

    def standing(self) -> frozenset[Key]:
        kinds = {"Movie": "movie", "Series": "series", "Season": "season"}
        every = self.app.state.items.values()
        return frozenset(Key(kinds[one.kind], one.id) for one in every if one.kind in kinds)

    def lists(self, path: str) -> bool:
        return path.startswith("/Items?") and "parentId=" in path

    def accidents(self) -> Mapping[str, Accident]:
        app = self.app

        def mount(mode: Any) -> Accident:
            def begin() -> Callable[[], None]:
                app.mount_vanishes("Movies", mode, notify=False)
                return lambda: app.mount_returns("Movies", notify=False)

            return undone(begin)

        def another() -> Callable[[], None]:
            before = app.replace_with_other_instance()
            return lambda: app.restore_state(before)

        return {
            "restored from an old backup": for_good(lambda: self._take(self._films()[-NEW:])),
            "another instance": undone(another),
            "root inaccessible": mount("missing"),
            "root empty": mount("items_removed"),
            "partial mount": undone(lambda: self._aside(self._films()[5 : 5 + FEW])),
        }

    def _films(self) -> list[JellyfinItem]:
        """In the order in which they came."""
        return [one for one in self.app.state.items.values() if one.kind == "Movie"]

    def _take(self, some: Sequence[JellyfinItem]) -> None:
        for one in some:
            self.app.remove(one.id)

    def _aside(self, some: Sequence[JellyfinItem]) -> Callable[[], None]:
        self._take(some)

        def back() -> None:
            for one in some:
                self.app.keep(one)

        return back


class ShokoWorld(World):
    """Series with a file each."""

    name = "shoko"
    plugin = Shoko

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.fake = self.app = FakeShoko(now=clock.now)

    def options(self) -> dict[str, Json]:
        return {"url": self.app.url, "api_key": self.app.api_key}

    def fill(self) -> None:
        for work in series(OLD, 4):
            self.app.put_series(work, episodes=1)

    def grow(self) -> None:
        for work in series(NEW, 5):
            self.app.put_series(work, episodes=1)

    async def lose(self) -> None:
        await self.app.delete_series(self._series()[2], files=True)

    async def shift(self) -> None:
        await self.app.delete_series(self._first_by_name(), files=True)
        self.app.put_series(series(1, 8)[0], episodes=1)

    def standing(self) -> frozenset[Key]:
        state = self.app.state
        return frozenset(
            key for n in state.series for key in (Key("series", str(n)), Key("season", f"{n}/1"))
        ) | {Key("file", str(n)) for n in state.files}

    def lists(self, path: str) -> bool:
        where, _, query = path.partition("?")
        return where in ("/api/v3/Series", "/api/v3/File") and "pageSize=1&" not in f"{query}&"

    def accidents(self) -> Mapping[str, Accident]:
        app = self.app

        def unmount(how: Any) -> Accident:
            def begin() -> Callable[[], None]:
                app.unmount(1, how)
                return lambda: app.mount(1)

            return undone(begin)

        return {
            "restored from an old backup": for_good(lambda: self._take(self._series()[-NEW:])),
            "ids reused": undone(self._reuse),
            "another instance": undone(self._another),
            "rights narrowed": undone(self._narrow),
            "root inaccessible": unmount("missing"),
            "root empty": unmount("empty"),
            "partial mount": undone(self._part_of_the_disk),
        }

    def _series(self) -> list[int]:
        return [*self.app.state.series]

    def _first_by_name(self) -> int:
        return min(self.app.state.series.values(), key=lambda one: one.name.lower()).id

    def _take(self, some: Sequence[int]) -> None:
        state = self.app.state
        for number in some:
            del state.series[number]
        state.files = {n: one for n, one in state.files.items() if one.series not in some}

    def _reuse(self) -> Callable[[], None]:
        """The newest went with a backup, and others came under their numbers."""
        before = self.app.snapshot_state()
        for number, work in zip(self._series()[-NEW:], series(NEW, 6), strict=True):
            one = self.app.state.series[number]
            self.app.state.series[number] = replace(one, anidb=one.anidb + 5000, name=work.title)
        for number in [*self.app.state.files][-NEW:]:
            self.app.state.files[number].size += 77
        return lambda: self.app.restore_state(before)

    def _another(self) -> Callable[[], None]:
        before = self.app.snapshot_state()
        state = self.app.state
        self.app.state = ShokoState(folders=before.clone().folders)
        for number, one in state.series.items():
            self.app.state.series[number] = replace(one, anidb=one.anidb + 7000, name=f"Other {number}")
        for number, file in before.clone().files.items():
            self.app.state.files[number] = replace(file, size=file.size + 99)
        return lambda: self.app.restore_state(before)

    def _narrow(self) -> Callable[[], None]:
        before = self.app.snapshot_state()
        self.app.user.restricted, self.app.user.admin = (7,), False
        for number in self._series()[4 : 4 + FEW]:
            self.app.state.series[number].hidden = True

        def back() -> None:
            self.app.user.restricted, self.app.user.admin = (), True
            self.app.restore_state(before)

        return back

    def _part_of_the_disk(self) -> Callable[[], None]:
        some = [*self.app.state.files.values()][5 : 5 + FEW]
        places = [place for file in some for place in file.locations]
        for place in places:
            place.on_disk = False

        def back() -> None:
            for place in places:
                place.on_disk = True

        return back
