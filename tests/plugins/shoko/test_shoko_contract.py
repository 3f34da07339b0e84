"""Shoko 5.3 and 6.0 under the contract that every source keeps."""

from collections.abc import Awaitable, Callable, Mapping

import pytest

from reconciled.model import Json, Key
from reconciled.testing import SourceContract, Stand
from reconciled.testing.fakes.shoko import FakeShoko
from reconciled.testing.fakes.shoko_model import EpisodeKind
from reconciled.testing.fakes.titles import series
from reconciled_shoko import Shoko

KEY = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


class ShokoStand(Stand):
    """A household's Shoko 5.3: two folders, series with specials and without, loose files."""

    source_type = Shoko
    version = "5.3.3"
    secrets = (KEY,)

    def __init__(self) -> None:
        super().__init__()
        self.fake: FakeShoko = FakeShoko(version=self.version, api_key=KEY)

    def options(self) -> Mapping[str, Json]:
        return {"url": self.fake.url, "api_key": KEY}

    async def fill(self) -> None:
        self.fake.put_folder("Films", "/films")
        for number, work in enumerate(series(8)):
            one = self.fake.put_series(work, specials=number % 2, folder=1 + number % 2)
            one.episodes["Credits"] = 2  # AniDB counts openings and endings as well
        self.fake.put_file(ignored=True)
        self.fake.put_file(limbo=True)
        self.fake.put_place(self.fake.put_file().id, folder=2)

    async def crowd(self) -> None:
        for work in series(1100, seed=2):
            self.fake.put_series(work, episodes=1)

    async def remove(self, key: Key) -> None:
        number = int(key.id.partition("/")[0])
        match key.kind:
            case "file":
                await self.fake.delete_file(number)
            case "series":
                await self.fake.delete_series(number, files=True)
            case _:
                kind: EpisodeKind = "Episodes" if key.id.endswith("/1") else "Specials"
                for file in self.fake.files_of(number):
                    if file.kind == kind:
                        await self.fake.delete_file(file.id)
                self.fake.state.series[number].episodes.pop(kind)

    async def add(self) -> Key:
        return Key("series", str((await self.fake.add_series(series(1, seed=3)[0])).id))

    def troubles(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        return {
            "it starts, and answers from an empty memory": self._starts,
            "its database is blocked": self._is_blocked,
        }

    async def _starts(self) -> None:
        self.fake.startup = "Starting"

    async def _is_blocked(self) -> None:
        self.fake.blocked = "Migrating"


class NewShokoStand(ShokoStand):
    """The same on 6.0."""

    version = "6.0.0"


@pytest.mark.full
class TestShoko53(SourceContract):
    """5.3."""

    stand = ShokoStand


class TestShoko60(SourceContract):
    """6.0."""

    stand = NewShokoStand
