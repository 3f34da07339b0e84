"""Deleting in Jellyfin: files and all, only what is there, and only in the Jellyfin that is meant."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from reconciled.errors import (
    BadResponse,
    RateLimited,
    Refused,
    SourceError,
    Unauthorized,
    Unreachable,
    Unsupported,
)
from reconciled.model import Absent, Key
from reconciled.source import Captures, Deletes, Deletion, Monitors, Tags
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.titles import films, series
from reconciled.testing.faults import Fault
from reconciled_jellyfin import Jellyfin

KEY = "0123456789abcdef0123456789abcdef"
WHOLE = Deletion(files=True)


@pytest.fixture(params=["10.11.11", "12.0.0"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeJellyfin]:
    async with FakeJellyfin(api_key=KEY, version=request.param) as app:
        for work in films(3):
            app.put_movie(work)
        app.put_series(series(1)[0])
        yield app


@pytest.fixture
def jellyfin(fake: FakeJellyfin, make: Any) -> Jellyfin:
    made: Jellyfin = make(Jellyfin, fake.url, KEY)
    return made


@pytest.fixture
def film(fake: FakeJellyfin) -> Key:
    return Key("movie", next(key for key, item in fake.state.items.items() if item.kind == "Movie"))


def test_what_it_can_do(jellyfin: Jellyfin, make: Any) -> None:
    assert isinstance(jellyfin, Deletes)
    assert not any(isinstance(jellyfin, ability) for ability in (Tags, Monitors, Captures))
    assert jellyfin.options == {WHOLE}
    assert jellyfin.acts_within == 60
    assert make(Jellyfin, "http://box", KEY, act_timeout="3m").acts_within == 180
    with pytest.raises(ValidationError):
        make(Jellyfin, "http://box", KEY, act_timeout="0s")


async def test_delete(fake: FakeJellyfin, jellyfin: Jellyfin, film: Key, inbox: Any) -> None:
    fake.add_webhook(inbox.url)
    before = {*fake.state.items}
    for _ in range(2):
        await jellyfin.delete(film, WHOLE)
    assert before - {*fake.state.items} == {film.id}
    assert fake.deletes == {film.id: 1}
    assert fake.count(method="DELETE") == 1
    assert isinstance(await jellyfin.lookup(film), Absent)
    await fake.flush_webhooks()
    [body] = inbox.bodies
    assert json.loads(body)["NotificationType"] == "ItemDeleted"


async def test_a_series_goes_with_all_below_it(fake: FakeJellyfin, jellyfin: Jellyfin) -> None:
    show = next(key for key, item in fake.state.items.items() if item.kind == "Series")
    await jellyfin.delete(Key("series", show), WHOLE)
    assert {item.kind for item in fake.state.items.values()} == {"Movie"}


@pytest.mark.parametrize("how", [Deletion(), Deletion(exclude=True), Deletion(files=True, exclude=True)])
async def test_a_deletion_that_jellyfin_cannot_do(
    fake: FakeJellyfin, jellyfin: Jellyfin, film: Key, how: Deletion
) -> None:
    with pytest.raises(Unsupported, match="always takes the files"):
        await jellyfin.delete(film, how)
    assert fake.requests == []


async def test_only_what_the_key_says(fake: FakeJellyfin, jellyfin: Jellyfin, film: Key) -> None:
    """An id of something else, such as a season or a whole collection, is never sent."""
    others = [item for item in fake.state.items.values() if item.kind in ("Season", "Episode", "Series")]
    box = fake.put_box_set("All", [film.id])
    for item in (*others, box):
        with pytest.raises(BadResponse):
            await jellyfin.delete(Key("movie", item.id), WHOLE)
    with pytest.raises(BadResponse):
        await jellyfin.delete(Key("season", film.id), WHOLE)
    for wrong in (Key("movie", "5"), Key("episode", film.id), Key("movie", "")):
        with pytest.raises(Unsupported):
            await jellyfin.delete(wrong, WHOLE)
    assert fake.count(method="DELETE") == 0


async def test_only_in_the_libraries_that_count(fake: FakeJellyfin, make: Any, film: Key) -> None:
    jellyfin = make(Jellyfin, fake.url, KEY, libraries=["Shows"])
    with pytest.raises(Refused, match="none of the libraries"):
        await jellyfin.delete(film, WHOLE)
    assert fake.count(method="DELETE") == 0
    await make(Jellyfin, fake.url, KEY, libraries=["Movies"]).delete(film, WHOLE)
    assert fake.deletes == {film.id: 1}


@pytest.mark.parametrize("probed", [False, True])
async def test_another_jellyfin_is_not_touched(
    fake: FakeJellyfin, jellyfin: Jellyfin, film: Key, *, probed: bool
) -> None:
    await jellyfin.probe() if probed else await jellyfin.delete(Key("movie", "e" * 32), WHOLE)
    fake.replace_with_other_instance(films=0)
    for work in films(3):
        fake.put_movie(work)
    with pytest.raises(BadResponse, match="another Jellyfin answers"):
        await jellyfin.delete(film, WHOLE)
    assert film.id in fake.state.items
    await jellyfin.probe()  # the engine has seen it, and holds what it has to
    await jellyfin.delete(film, WHOLE)
    assert fake.deletes == {film.id: 1}


TROUBLE: dict[Fault, type[SourceError]] = {
    Fault.RESET: Unreachable,
    Fault.UNAUTHORIZED: Unauthorized,
    Fault.FORBIDDEN: Unauthorized,
    Fault.NOT_FOUND: BadResponse,
    Fault.NOT_FOUND_APP: BadResponse,
    Fault.RATE_LIMITED: RateLimited,
    Fault.ERROR: BadResponse,
    Fault.STARTING: Unreachable,
    Fault.HTML: BadResponse,
    Fault.REDIRECT: BadResponse,
    Fault.REDIRECT_AWAY: BadResponse,
    Fault.OTHER_APP: BadResponse,
}


@pytest.mark.parametrize("method", ["DELETE", None])
@pytest.mark.parametrize("fault", TROUBLE)
async def test_trouble_is_no_deletion(
    fake: FakeJellyfin,
    jellyfin: Jellyfin,
    film: Key,
    *,
    fault: Fault,
    method: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.faults.set(fault, method=method)
    with pytest.raises(TROUBLE[fault]) as caught:
        await jellyfin.delete(film, WHOLE)
    assert KEY not in f"{caught.value}{caught.value!r}{caplog.text}"
    assert film.id in fake.state.items
    fake.faults.clear()
    await jellyfin.delete(film, WHOLE)
    assert film.id not in fake.state.items


@pytest.mark.parametrize("path", ["/Items/*", "/System/Info", "/Items"])
async def test_what_hangs_is_given_up(fake: FakeJellyfin, make: Any, film: Key, path: str) -> None:
    jellyfin = make(Jellyfin, fake.url, KEY, act_timeout="150ms")
    fake.faults.set(Fault.HANG, path)
    with pytest.raises(Unreachable):
        await jellyfin.delete(film, WHOLE)
    assert film.id in fake.state.items


async def test_somebody_is_faster(fake: FakeJellyfin, jellyfin: Jellyfin, film: Key) -> None:
    """It was there, its DELETE says 404, and it is among the items no more."""

    def gone(request: web.BaseRequest) -> bool:
        if request.method == "DELETE":
            fake.remove(film.id)
        return False

    fake.faults.set(Fault.ERROR, gone)
    await jellyfin.delete(film, WHOLE)
    assert +fake.deletes == {}


async def test_tags_are_labels(fake: FakeJellyfin, jellyfin: Jellyfin, film: Key, walked: Any) -> None:
    fake.tag(film.id, "keep", "4K", "keep")
    item = await jellyfin.lookup(film)
    assert not isinstance(item, Absent)
    assert jellyfin.tagged
    assert item.attrs["tags"] == ["4K", "keep"]
    listed = await walked(jellyfin)
    assert item in listed
    assert sorted(len(one.attrs["tags"]) for one in listed) == [0, 0, 0, 0, 2]
