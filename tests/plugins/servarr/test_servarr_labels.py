"""The labels of tags in the items of Radarr and Sonarr, and how often they are asked for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from reconciled.errors import SourceError
from reconciled.model import Key, Ref
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import films, series
from reconciled.testing.faults import Fault
from reconciled_radarr import Radarr
from reconciled_servarr.labels import FRESH, Labels
from reconciled_sonarr import Sonarr

KEY = "k" * 32
TAGS = "/api/v3/tag"
APPS: dict[str, tuple[Any, Any, Any, str]] = {
    "radarr": (Radarr, FakeRadarr, films, "tmdb:movie"),
    "sonarr": (Sonarr, FakeSonarr, series, "tvdb:series"),
}


@pytest.fixture(params=APPS)
async def tagged(request: pytest.FixtureRequest, make: Any) -> AsyncIterator[tuple[Any, Any, Key]]:
    """A source, its fake with four entries of which the second has two tags, and the key of that."""
    source, fake, works, _ = APPS[request.param]
    async with fake(api_key=KEY) as app:
        for work in works(4):
            app.put(work)
        app.tag(2, "watched")
        app.tag(2, "keep")
        yield make(source, app.url, KEY), app, Key(source.kinds[0], "2")


async def test_listing_lookup_and_find_show_labels(tagged: Any, walked: Any) -> None:
    source, app, key = tagged
    assert source.tagged
    items = await walked(source, key.kind)
    assert [item.attrs["tags"] for item in items] == [[], ["keep", "watched"], [], []]
    assert len(app.requests) == 2
    assert await source.lookup(key) == items[1]
    space = APPS[source.app][3]
    assert await source.find(Ref(space, str(app.outer_id(app.state.entries[2])))) == [items[1]]
    assert app.count(TAGS) == 1


async def test_untagged_entries_need_no_list(tagged: Any) -> None:
    source, app, key = tagged
    assert (await source.lookup(Key(key.kind, "1"))).attrs["tags"] == []
    assert app.count(TAGS) == 0


async def test_a_new_tag_is_asked_for_once(tagged: Any, walked: Any) -> None:
    source, app, key = tagged
    await walked(source)
    app.tag(2, "new")
    for _ in range(3):
        assert (await source.lookup(key)).attrs["tags"] == ["keep", "new", "watched"]
    assert app.count(TAGS) == 2


async def test_a_label_that_cannot_be_told_makes_tags_unreadable(tagged: Any, walked: Any) -> None:
    source, app, key = tagged
    app.state.entries[2].tags.append(99)
    app.changed(2)
    for item in ((await walked(source, key.kind))[1], await source.lookup(key)):
        assert "tags" not in item.attrs
    assert app.count(TAGS) == 2
    for entry in app.state.entries.values():
        entry.tags = [99]
    app.changed()
    await asyncio.gather(*(source.lookup(Key(key.kind, str(number))) for number in range(1, 5)))
    assert app.count(TAGS) <= 6


async def test_many_lookups_read_the_list_once(tagged: Any) -> None:
    source, app, key = tagged
    items = await asyncio.gather(*(source.lookup(key) for _ in range(8)))
    assert all(item.attrs["tags"] == ["keep", "watched"] for item in items)
    assert app.count(TAGS) == 1


async def test_a_list_gets_old(tagged: Any) -> None:
    """A restored database may give a number another name; an old list would never notice."""
    source, app, _ = tagged
    clock = ManualClock()
    labels = Labels(source.connection, clock)
    assert await labels.of((1,)) == ["watched"]
    app.state.tags[1] = "unwatched"
    assert await labels.of((1,)) == ["watched"]
    clock.advance(FRESH)
    assert await labels.of((1,)) == ["unwatched"]
    assert app.count(TAGS) == 2


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.NOT_FOUND_APP, Fault.WRONG_SHAPE, Fault.OTHER_APP])
async def test_a_tag_list_in_trouble_is_trouble(tagged: Any, fault: Fault) -> None:
    source, app, key = tagged
    app.faults.set(fault, TAGS)
    with pytest.raises(SourceError):
        [page async for page in source.snapshot(frozenset({key.kind}))]
    with pytest.raises(SourceError):
        await source.lookup(key)
