"""The worlds of Radarr and Sonarr."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from tests.drills.worlds import (
    FEW,
    NEW,
    NO_TOTAL,
    OLD,
    ONE_LIST,
    SEES_ALL,
    Accident,
    World,
    for_good,
    undone,
)

from reconciled.model import Json, Key
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.servarr import ServarrFake
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import Work
from reconciled_radarr import Radarr
from reconciled_sonarr import Sonarr


class ServarrWorld(World):
    """A Radarr or Sonarr on one root folder."""

    one_list = True
    excused: ClassVar[Mapping[str, str]] = {
        "repeated pages": ONE_LIST,
        "items shift between pages": ONE_LIST,
        "a total that disagrees": NO_TOTAL,
        "rights narrowed": SEES_ALL,
    }
    app: ServarrFake[Any]

    def options(self) -> dict[str, Json]:
        return {"url": self.app.url, "api_key": self.app.api_key}

    def works(self, count: int, seed: int) -> Sequence[Work]:
        """So many films or series."""
        return self.app.other_works(count, seed)

    def put(self, works: Sequence[Work]) -> None:
        """They are in the library."""
        for work in works:
            self.app.put(work)

    def fill(self) -> None:
        self.put(self.works(OLD, 4))

    def grow(self) -> None:
        self.put(self.works(NEW, 5))

    async def lose(self) -> None:
        await self.app.delete(3, notify=False)

    def lists(self, path: str) -> bool:
        where, _, query = path.partition("?")
        return where == f"/api/v3/{self.app.kind}" and self.app.id_param not in query

    def accidents(self) -> Mapping[str, Accident]:
        app = self.app
        root = app.state.roots[0].path

        async def vanish() -> None:
            await app.root_vanishes(root, notify=False)

        async def empty() -> None:
            await app.root_emptied(root, notify=False)

        async def back() -> None:
            await app.root_returns(root, notify=False)

        return {
            "restored from an old backup": for_good(lambda: self._drop(NEW)),
            "ids reused": undone(self._reuse),
            "another instance": undone(self._as_before(app.replace_with_other_instance)),
            "root inaccessible": Accident(vanish, back),
            "root empty": Accident(empty, back),
            "partial mount": self._part_of_the_disk(root),
        }

    def _drop(self, count: int) -> None:
        self.app.restore_backup(drop_newest=count)

    def _reuse(self) -> Callable[[], None]:
        before = self.app.snapshot_state()
        self._drop(NEW)
        self.put(self.works(NEW, 6))
        return lambda: self.app.restore_state(before)

    def _as_before(self, change: Callable[[], Any]) -> Callable[[], Callable[[], None]]:
        def begin() -> Callable[[], None]:
            before = change()
            return lambda: self.app.restore_state(before)

        return begin

    def _part_of_the_disk(self, root: str) -> Accident:
        """The files of some entries are gone, the root is as ever: the app marks them as missing."""
        app = self.app

        async def away() -> None:
            app.state.lost[root] = []
            for number in [one for one in app.state.entries if one > 5][:FEW]:
                app.state.lost[root].append(app.state.entries[number].clone())
                for file in list(app.state.entries[number].files()):
                    await app.delete_file(number, file_id=file.id, reason="missingFromDisk", notify=False)

        async def back() -> None:
            await app.root_returns(root, notify=False)

        return Accident(away, back)


class RadarrWorld(ServarrWorld):
    """Films."""

    name = "radarr"
    plugin = Radarr

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.fake = self.app = FakeRadarr(now=clock.now)

    def standing(self) -> frozenset[Key]:
        return frozenset(Key("movie", str(number)) for number in self.app.state.entries)


class SonarrWorld(ServarrWorld):
    """Series, each with one season."""

    name = "sonarr"
    plugin = Sonarr

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.fake = self.app = FakeSonarr(now=clock.now)

    def standing(self) -> frozenset[Key]:
        numbers = self.app.state.entries
        return frozenset(key for n in numbers for key in (Key("series", str(n)), Key("season", f"{n}/1")))
