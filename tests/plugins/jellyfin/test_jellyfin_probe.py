"""Who answers, in which state its libraries and disks are."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from reconciled.errors import BadResponse, Unauthorized
from reconciled.model import Root
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.titles import films, series
from reconciled.testing.faults import Fault
from reconciled_jellyfin import Jellyfin

KEY = "k" * 32
SIZE = 12_000_000_000_000


@pytest.fixture
async def fake() -> AsyncIterator[FakeJellyfin]:
    async with FakeJellyfin(api_key=KEY) as app:
        app.put_movie(films(1)[0])
        app.put_series(series(1)[0])
        yield app


@pytest.fixture
def jellyfin(fake: FakeJellyfin, make: Any) -> Jellyfin:
    made: Jellyfin = make(Jellyfin, fake.url, KEY)
    return made


async def movies(jellyfin: Jellyfin) -> Root:
    return (await jellyfin.probe()).roots[0]


async def test_who_it_is(fake: FakeJellyfin, jellyfin: Jellyfin) -> None:
    about = await jellyfin.probe()
    assert (about.app, about.version, about.busy) == ("Jellyfin", "10.11.11", False)
    assert about.instance == fake.state.server_id
    assert about.roots == (
        Root("/data/media/movies", accessible=True, empty=False, device="/data/media/movies", size=SIZE),
        Root("/data/media/tv", accessible=True, empty=False, device="/data/media/tv", size=SIZE),
    )
    fake.replace_with_other_instance()
    assert (await jellyfin.probe()).instance != about.instance


async def test_disks(fake: FakeJellyfin, jellyfin: Jellyfin) -> None:
    good = await movies(jellyfin)
    fake.mount_vanishes("Movies")
    root = await movies(jellyfin)
    assert (root.accessible, root.empty, root.device, root.usable) == (True, True, "/", False)
    assert root.size != good.size
    fake.mount_vanishes("Movies", "missing")
    root = await movies(jellyfin)
    assert (root.accessible, root.usable) == (False, False)
    fake.mount_returns("Movies")
    assert await movies(jellyfin) == good


@pytest.mark.parametrize(
    ("fault", "path", "expected"),
    [
        (Fault.NOT_FOUND, "/System/Info/Storage", (True, False, None)),  # before 10.11
        (Fault.NOT_FOUND, "/Environment/ValidatePath", (False, None, "/data/media/movies")),
        (Fault.ERROR, "/Environment/DirectoryContents", (False, None, "/data/media/movies")),
    ],
)
async def test_a_root_that_cannot_be_read(
    fake: FakeJellyfin, jellyfin: Jellyfin, fault: Fault, path: str, expected: tuple[Any, ...]
) -> None:
    fake.faults.set(fault, path)
    root = await movies(jellyfin)
    assert (root.accessible, root.empty, root.device) == expected


@pytest.mark.parametrize(("status", "busy"), [("Active", True), ("Queued", True), ("Idle", False)])
async def test_busy(fake: FakeJellyfin, make: Any, status: str, busy: bool) -> None:
    fake.set_refreshing("Movies", status)
    assert (await make(Jellyfin, fake.url, KEY).probe()).busy is busy
    assert (await make(Jellyfin, fake.url, KEY, libraries=["Shows"]).probe()).busy is False


async def test_signs_in_the_way_that_12_takes(make: Any) -> None:
    async with FakeJellyfin(api_key='a b/c+d"e', version="12.0.0") as app:
        assert (await make(Jellyfin, app.url, 'a b/c+d"e').probe()).version == "12.0.0"
        with pytest.raises(Unauthorized, match="check the key"):
            await make(Jellyfin, app.url, "other").probe()
        assert "other" not in "".join(path for _, path in app.requests)


async def test_another_app(make: Any, fake: FakeJellyfin, monkeypatch: Any) -> None:
    async with FakeRadarr(api_key=KEY) as radarr:
        with pytest.raises(BadResponse, match="an HTML page"):
            await make(Jellyfin, radarr.url, KEY).probe()
    about = {"Id": "a" * 32, "Version": "4.9.0.0", "ServerName": "emby"}
    monkeypatch.setattr(fake, "_about", lambda: about)
    with pytest.raises(BadResponse, match="Emby"):
        await make(Jellyfin, fake.url, KEY).probe()
