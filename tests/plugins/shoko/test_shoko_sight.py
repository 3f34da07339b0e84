"""Files are looked at once a day: what cannot be read is news then, and otherwise only repeated."""

import logging
from typing import Any

import pytest

from reconciled.http import Http
from reconciled.model import Item, Json, Key
from reconciled.source import Context
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.shoko import FakeShoko
from reconciled_shoko import Shoko, ShokoConfig

DAY = 86_400.0


class Kept:
    """A source's store."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, name: str) -> Json:
        return self.kept.get(name)

    async def set(self, name: str, value: Json) -> None:
        self.kept[name] = value


class Watcher:
    """A Shoko asked for its files on a clock that a test moves; `again` is the daemon restarted."""

    def __init__(self, fake: FakeShoko, http: Http) -> None:
        self.clock = ManualClock()
        self.kept = Kept()
        self._fake, self._http = fake, http
        self.shoko: Shoko
        self.again()

    def again(self) -> None:
        context = Context("shoko", self._http, self.clock, logging.getLogger("test"), self.kept)
        config = ShokoConfig.model_validate({"url": self._fake.url, "api_key": self._fake.api_key})
        self.shoko = Shoko(config, context)

    async def seen(self) -> dict[int, bool | None]:
        pages = [page async for page in self.shoko.snapshot(frozenset({"file"}))]
        return {int(item.key.id): item.has_file for page in pages for item in page.items}

    async def looked_up(self, number: int) -> bool | None:
        found = await self.shoko.lookup(Key("file", str(number)))
        assert isinstance(found, Item)
        return found.has_file


@pytest.fixture
def watcher(fake: FakeShoko, http: Any) -> Watcher:
    return Watcher(fake, http)


async def test_a_file_deleted_from_the_disk_is_news_once_a_day(fake: FakeShoko, watcher: Watcher) -> None:
    first, second = (file.id for file in fake.files_of(57)[:2])
    assert set((await watcher.seen()).values()) == {True}
    fake.remove_from_disk(first)
    watcher.clock.advance(DAY / 4)
    assert (await watcher.seen())[first] is None
    watcher.again()
    watcher.clock.advance(DAY / 2)
    assert (await watcher.seen())[first] is None
    watcher.clock.advance(DAY / 4)
    assert (await watcher.seen())[first] is False
    fake.remove_from_disk(second)
    watcher.clock.advance(DAY / 4)
    watcher.again()
    seen = await watcher.seen()
    assert (seen[first], seen[second]) == (False, None)  # what was seen is said again
    fake.state.files[first].locations[0].on_disk = True
    assert (await watcher.seen())[first] is True


async def test_the_first_listing_looks(fake: FakeShoko, watcher: Watcher) -> None:
    first = fake.files_of(57)[0].id
    fake.remove_from_disk(first)
    assert (await watcher.seen())[first] is False


async def test_a_lookup_always_looks_and_listings_agree(fake: FakeShoko, watcher: Watcher) -> None:
    first = fake.files_of(57)[0].id
    await watcher.seen()
    fake.remove_from_disk(first)
    assert await watcher.looked_up(first) is False
    assert (await watcher.seen())[first] is False


async def test_a_clock_that_was_set_back(fake: FakeShoko, watcher: Watcher) -> None:
    first = fake.files_of(57)[0].id
    await watcher.seen()
    fake.remove_from_disk(first)
    other = ManualClock(watcher.clock.now().replace(year=2020))
    watcher.clock = other
    watcher.again()
    assert (await watcher.seen())[first] is False
