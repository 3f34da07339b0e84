"""Records over real sockets: a program registers, loses what its records are about, and is told.

Every callback is checked by the code that docs/records.md shows.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import pytest
from tests.plugins.records.verifying import callbacks_of_the_docs
from tests.scenarios.conftest import ALL_READ, TOKEN, Home

from reconciled.plugins import Registry, discover
from reconciled.testing.program import Program
from reconciled_records import Records

SECRET = "a-secret-to-sign-with-0123"
Start = Callable[..., Awaitable["Shelf"]]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.with_types(*(kind for kind in discover().types.values() if kind is not Records), Records)


class Shelf:
    """A household, its daemon, and a program that keeps records about it."""

    def __init__(self, home: Home, program: Program) -> None:
        self.home = home
        self.program = program
        self.checker = callbacks_of_the_docs(SECRET)
        program.answer = self.take

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """What the program does with a callback."""
        now = self.home.daemon.engine.clock.now().timestamp()
        try:
            callback = self.checker.check(headers.get("X-Reconciled-Signature", ""), body, now)
        except ValueError:
            return 401
        if callback is not None:
            self.checker.done(callback)
        return 200

    async def ask(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            url = f"{self.home.daemon.url}/api/v1/{path}"
            async with session.request(method, url, json={} if body is None else body) as answer:
                assert answer.status == status, await answer.text()
                return await answer.json()

    async def register(self, key: str, *refs: str) -> Any:
        body = {"title": f"Record {key}", "refs": refs, "attrs": {"shelf": 7}}
        return await self.ask("PUT", f"records/library/{key}", body, status=201)

    async def told(self, count: int = 1) -> list[dict[str, Any]]:
        """What the program took, once it is so much."""

        async def enough() -> bool:
            return len(self.program.taken) >= count

        await self.home.until(enough)
        return self.program.taken

    async def status(self, key: str) -> tuple[str, str | None]:
        found = await self.ask("GET", f"records/library/{key}")
        return found["sync_status"], found["callback"] and found["callback"]["state"]

    async def becomes(self, key: str, *wanted: str) -> None:
        async def so() -> bool:
            return await self.status(key) == wanted

        await self.home.until(so)


@pytest.fixture
async def start(make_home: Callable[..., Awaitable[Home]]) -> AsyncIterator[Start]:
    async with contextlib.AsyncExitStack() as stack:

        async def made(*, mode: str = "dry-run", up: bool = True) -> Shelf:
            program = await stack.enter_async_context(Program(up=up))
            library = f"{{app: records, callback: {{url: {program.url!r}, secret: {SECRET}, timeout: 5s}}}}"
            extra = f"  library: {library}\nmode: {mode}\n"
            home = await make_home(films=12, series=3, scan=False, extra=extra)
            shelf = Shelf(home, program)
            await home.until_count(ALL_READ, 4)
            return shelf

        yield made


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status


async def test_a_film_is_deleted_and_the_program_is_told(start: Start) -> None:
    shelf = await start()
    home, work = shelf.home, shelf.home.apps.films[0]
    entry = home.apps.film(work)
    await shelf.register("box/1", f"radarr:movie/{entry.id}")
    await shelf.register("box/2", f"radarr:movie/{home.apps.film(home.apps.films[1]).id}")
    await shelf.register("box/3", f"tmdb:movie/{work.tmdb}")  # Jellyfin has it still
    await home.apps.radarr.delete(entry.id, files=True)
    (told,) = await shelf.told()
    assert (told["event"], told["id"], told["sync_status"]) == ("missing", "box/1", "missing")
    grave = told["tombstone"]
    assert (grave["source"], grave["kind"], grave["id"]) == ("radarr", "movie", str(entry.id))
    assert (grave["cause"], grave["title"]) == ("radarr", work.title)
    assert grave["sentence"].startswith(f"{work.title}: deleted in Radarr at ")
    await shelf.becomes("box/1", "missing", "delivered")
    assert await shelf.status("box/2") == await shelf.status("box/3") == ("synced", None)

    (call,) = shelf.program.calls
    assert await post(shelf.program.url, call.body, call.headers) == 401  # replayed
    forged = call.body.replace(b"box/1", b"box/2")
    assert await post(shelf.program.url, forged, call.headers) == 401
    assert len(shelf.program.taken) == 1


async def test_a_program_that_is_down_is_told_when_it_is_back(start: Start) -> None:
    shelf = await start(up=False)
    home = shelf.home
    entry = home.apps.film(home.apps.films[0])
    await shelf.register("1", f"radarr:movie/{entry.id}")
    await home.apps.radarr.delete(entry.id)

    async def tried() -> bool:
        return await home.count("letter", "tries > 0") == 1

    await home.until(tried)
    assert await shelf.status("1") == ("missing", "waiting")
    await home.stop()
    await home.start()  # the letter is on the disk
    await shelf.program.up()
    (told,) = await shelf.told()
    assert told["id"] == "1"
    await shelf.becomes("1", "missing", "delivered")
    assert [call.status for call in shelf.program.calls] == [200]


async def test_what_comes_back_is_told_too(start: Start) -> None:
    shelf = await start()
    home, work = shelf.home, shelf.home.apps.films[0]
    await shelf.register("1", f"tmdb:movie/{work.tmdb}")
    await home.apps.radarr.delete(home.apps.film(work).id)
    home.apps.jellyfin.delete_item(home.apps.item(work).id, notify=False)
    await home.scan("jellyfin")
    await shelf.told()
    home.apps.jellyfin.put_movie(work)
    await home.scan("jellyfin")
    await home.scan("library")
    told = await shelf.told(2)
    assert [(one["event"], one["sync_status"]) for one in told] == [
        ("missing", "missing"),
        ("returned", "synced"),
    ]
    await shelf.becomes("1", "synced", "delivered")


async def test_a_download_that_was_not_found_cleans_up(start: Start) -> None:
    """Nobody told us, and no scan ran: the program asked, and that is enough."""
    shelf = await start()
    home, work = shelf.home, shelf.home.apps.films[0]
    entry = home.apps.film(work)
    await shelf.register("1", f"radarr:movie/{entry.id}")
    await home.apps.radarr.delete(entry.id, notify=False)
    asked = await shelf.ask("POST", "lookups", {"source": "radarr", "kind": "movie", "id": str(entry.id)})
    assert asked["verdict"] == "absent"
    (told,) = await shelf.told()
    assert told["tombstone"]["cause"] == "external"
    ((image,),) = [tuple(row.values()) for row in await home.rows("SELECT image FROM tombstone")]
    assert f"tmdb:movie/{work.tmdb}" in image
    assert '"year"' in image


async def test_a_record_is_deleted_by_us_and_put_back(start: Start) -> None:
    shelf = await start(mode="act")
    await shelf.register("1", "tmdb:movie/603")
    order = {"verb": "delete", "source": "library", "kind": "record", "id": "1"}
    await shelf.ask("POST", "actions", order, status=202)
    await shelf.home.until_count("action", 1, "state = 'done'")
    await shelf.ask("GET", "records/library/1", status=404)
    (grave,) = await shelf.home.stories()
    assert (grave["source"], grave["cause"]) == ("library", "dashboard")
    await shelf.ask("POST", "actions", {**order, "verb": "restore"}, status=202)
    await shelf.home.until_count("action", 1, "verb = 'restore' AND state = 'done'")
    back = await shelf.ask("GET", "records/library/1")
    assert (back["title"], back["refs"], back["attrs"]) == ("Record 1", ["tmdb:movie/603"], {"shelf": 7})
    await shelf.home.until_count("item", 1, "kind = 'record' AND presence = 'present'")
    await shelf.home.until_well()
