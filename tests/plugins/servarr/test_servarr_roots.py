"""Root folders: what the app says of them, their mounts, and the second look at a sleeping disk."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from reconciled.errors import Unauthorized
from reconciled.model import Root
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.faults import Fault
from reconciled_radarr import Radarr
from reconciled_servarr.paths import holds, plain
from reconciled_sonarr import Sonarr

KEY = "k" * 32
LOCAL = 64_000_000_000


async def test_roots_and_their_mounts(make: Any) -> None:
    async with FakeRadarr(api_key=KEY, roots=("/data/media/movies", "/data/media/4k")) as app:
        radarr = make(Radarr, app.url, KEY)
        about = await radarr.probe()
        assert (about.app, about.version, about.instance, about.busy) == ("Radarr", app.version, None, False)
        assert [(r.path, r.accessible, r.empty, r.device) for r in about.roots] == [
            ("/data/media/movies", True, None, "/data/media/movies"),
            ("/data/media/4k", True, None, "/data/media/4k"),
        ]
        await app.root_emptied("/data/media/4k", marks=False)
        movies, emptied = (await radarr.probe()).roots
        assert emptied == Root("/data/media/4k", accessible=True, device="/", size=movies.size and LOCAL)
        await app.root_vanishes("/data/media/movies")
        gone = (await radarr.probe()).roots[0]
        assert (gone.accessible, gone.usable) == (False, False)
        await app.root_returns("/data/media/movies")
        assert (await radarr.probe()).roots[0] == about.roots[0]


async def test_only_sonarr_5_says_empty(make: Any) -> None:
    async with FakeSonarr(api_key=KEY, version="5.0.0.1234") as app:
        sonarr = make(Sonarr, app.url, KEY)
        assert (await sonarr.probe()).roots[0].empty is False
        await app.root_emptied("/data/media/tv", marks=False)
        root = (await sonarr.probe()).roots[0]
        assert (root.empty, root.usable, root.device) == (True, False, "/")
        app.faults.set(Fault.NOT_FOUND_APP, "/api/v5/*")
        assert (await sonarr.probe()).roots[0].empty is None
    async with FakeSonarr(api_key=KEY) as app:
        assert (await make(Sonarr, app.url, KEY).probe()).roots[0].empty is None
        assert app.count("/api/v5/*") == 0


@pytest.fixture
async def sleepy(make: Any) -> AsyncIterator[Any]:
    """A Radarr whose list calls its root inaccessible; `alone` answers when that root is asked for alone."""

    class Sleepy:
        radarr: Any = None
        alone: Any = None
        asked: list[str] = []  # noqa: RUF012

    made = Sleepy()
    mark = {"X-Application-Version": "6.1"}
    root = {"id": 3, "path": "/films/", "accessible": False}

    async def handle(request: web.Request) -> web.StreamResponse:
        made.asked.append(request.path_qs)
        match request.path.removeprefix("/api/v3/"):
            case "system/status":
                return web.json_response({"appName": "radarr", "version": "6.1"}, headers=mark)
            case "rootfolder":
                return web.json_response([root], headers=mark)
            case "diskspace":
                return web.json_response([{"path": "/"}, {"path": "/film", "totalSpace": 5}], headers=mark)
            case _:
                answer: web.StreamResponse = await made.alone({**root, "accessible": True}, mark)
                return answer

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.radarr = make(Radarr, f"http://127.0.0.1:{runner.addresses[0][1]}", KEY, timeout="300ms")
    yield made
    await runner.cleanup()


async def test_a_sleeping_disk_gets_a_second_look(sleepy: Any) -> None:
    async def awake(root: Any, mark: Any) -> web.Response:
        return web.json_response(root, headers=mark)

    sleepy.alone = awake
    assert (await sleepy.radarr.probe()).roots == (Root("/films", accessible=True, device="/"),)
    assert sleepy.asked[-1] == "/api/v3/rootfolder/3?timeout=false"


async def test_a_dead_mount_stays_inaccessible(sleepy: Any) -> None:
    async def gone(_root: Any, mark: Any) -> web.Response:
        return web.Response(status=404, headers=mark)

    async def dead(_root: Any, _mark: Any) -> web.Response:
        return web.Response(status=504)

    for sleepy.alone in (gone, dead):
        assert (await sleepy.radarr.probe()).roots == (Root("/films", accessible=False, device="/"),)


async def test_other_trouble_there_is_trouble(sleepy: Any) -> None:
    async def refused(_root: Any, mark: Any) -> web.Response:
        return web.Response(status=401, headers=mark)

    sleepy.alone = refused
    with pytest.raises(Unauthorized):
        await sleepy.radarr.probe()


@pytest.mark.parametrize(
    ("folder", "path", "inside"),
    [
        ("/data", "/data/media", True),
        ("/data/", "/data", True),
        ("/data", "/database", False),
        ("/", "/films", True),
        ("/Data", "/data/x", False),
        ("D:\\", "d:\\films\\a", True),
        ("D:\\films", "D:\\filmsets", False),
        ("\\\\nas\\films", "\\\\NAS\\films\\a", True),
        ("/data/media", "/data", False),
    ],
)
def test_paths(folder: str, path: str, inside: bool) -> None:
    assert holds(folder, path) is inside


@pytest.mark.parametrize(
    ("path", "kept"), [("/a/", "/a"), ("/", "/"), ("C:\\films\\", "C:\\films"), ("/a", "/a")]
)
def test_plain_paths(path: str, kept: str) -> None:
    assert plain(path) == kept
