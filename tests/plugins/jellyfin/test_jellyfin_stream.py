"""Jellyfin's websocket: what a user is told, what an API key hears, and how the user is signed in."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError
from tests.patience import PATIENCE

from reconciled.clock import Clock
from reconciled.errors import BadResponse, Unauthorized, Unreachable
from reconciled.http import Http, new_session
from reconciled.model import Event, Json, Key, Op
from reconciled.source import Connected, Context
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.titles import films, series
from reconciled.testing.faults import Fault
from reconciled_jellyfin import Jellyfin
from reconciled_jellyfin.stream import MOST_ASKED, MOST_KNOWN, MOST_TOLD, Known

PASSWORD = 'p4ss "word" with ümlauts'
UNKNOWN = "ab" * 16


class Notes:
    """A source's store, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, name: str) -> Json:
        return self.kept.get(name)

    async def set(self, name: str, value: Json) -> None:
        self.kept[name] = value


class Rig:
    """A Jellyfin, a source that listens there, and what it heard."""

    def __init__(self, fake: FakeJellyfin, clock: Clock, http: Http) -> None:
        self.fake = fake
        self.clock = clock
        self.notes = Notes()
        self.http = http
        self.heard: asyncio.Queue[Event] = asyncio.Queue()
        self.end: BaseException | None = None
        self.source: Jellyfin
        self.task: asyncio.Task[None] | None = None

    def build(self, *, user: str | None = "reconciled", password: str = PASSWORD, **more: Any) -> Jellyfin:
        said = {"user": user, "password": password} if user is not None else {}
        config = Jellyfin.Config.model_validate(
            {"url": self.fake.url, "api_key": self.fake.api_key, "timeout": "5s", **said, **more}
        )
        log = logging.getLogger("jellyfin")
        self.source = Jellyfin(config, Context("jellyfin", self.http, self.clock, log, self.notes))
        return self.source

    async def listen(self, **how: Any) -> None:
        """Connect; what follows goes to `heard`, its end to `end`."""
        stream = (self.source if not how and hasattr(self, "source") else self.build(**how)).listen()
        before = self.fake.socket.connections
        assert await anext(stream) == Connected()
        await self.fake.socket.until_connected(before + 1)

        async def follow() -> None:
            try:
                async for event in stream:
                    assert isinstance(event, Event)
                    self.heard.put_nowait(event)
            except BaseException as error:
                self.end = error
                if not isinstance(error, Unreachable | BadResponse):
                    raise
            finally:
                await stream.aclose()  # type: ignore[attr-defined]

        self.task = asyncio.create_task(follow())

    async def walk(self) -> None:
        async for _ in self.source.snapshot(frozenset(self.source.kinds)):
            pass

    async def told(self) -> list[tuple[Op, Key | None]]:
        """What was heard of what was said so far: a message that says something comes after all of it."""
        await self.fake.socket.library_changed(removed=[MARK])
        found = []
        async with asyncio.timeout(PATIENCE):
            while (event := await self.heard.get()).key != Key("movie", MARK):
                found.append((event.op, event.key))
        return found

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


MARK = "ff" * 16


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["10.11.11", "12.0.0"])
async def rig(request: pytest.FixtureRequest, clock: ManualClock) -> AsyncIterator[Rig]:
    async with FakeJellyfin(version=request.param) as fake:
        fake.socket.users["reconciled"] = PASSWORD
        for work in films(4):
            fake.put_movie(work)
        for work in series(2):
            fake.put_series(work)
        http = Http(new_session, clock)
        made = Rig(fake, clock, http)
        yield made
        await made.stop()
        await http.close()


@pytest.fixture
async def listening(rig: Rig) -> Rig:
    """Connected as a user, and everything was read once."""
    await rig.listen()
    await rig.walk()
    rig.source._known.saw(Key("movie", MARK))
    return rig


def items_of(rig: Rig, kind: str) -> list[str]:
    return [item.id for item in rig.fake.state.items.values() if item.kind == kind]


# --- what a user is told ----------------------------------------------------------------------------


async def test_a_removed_film(listening: Rig) -> None:
    film = items_of(listening, "Movie")[0]
    listening.fake.delete_item(film)
    await listening.fake.flush_socket()
    assert await listening.told() == [(Op.DELETED, Key("movie", film))]


async def test_a_removed_series_and_what_is_below_it(listening: Rig) -> None:
    show = items_of(listening, "Series")[0]
    listening.fake.delete_item(show)
    await listening.fake.flush_socket()
    told = await listening.told()
    assert (Op.DELETED, Key("series", show)) in told
    assert Op.SCAN not in [op for op, _ in told], "episodes are nothing of ours"


async def test_a_new_film_is_asked_for_once_and_its_kind_is_known_then(listening: Rig) -> None:
    film = listening.fake.add_movie(films(9)[8])
    await listening.fake.flush_socket()
    assert await listening.told() == [(Op.CHANGED, Key("movie", film.id))]
    await listening.source.lookup(Key("movie", film.id))
    listening.fake.delete_item(film.id)
    await listening.fake.flush_socket()
    assert await listening.told() == [(Op.DELETED, Key("movie", film.id))]


async def test_a_replaced_file_is_one_that_went_and_one_that_came(listening: Rig) -> None:
    film = items_of(listening, "Movie")[0]
    new = listening.fake.replace_file(film, "better.mkv")
    await listening.fake.flush_socket()
    assert await listening.told() == [(Op.DELETED, Key("movie", film)), (Op.CHANGED, Key("movie", new.id))]


async def test_what_came_back_under_its_own_id_was_not_removed(listening: Rig) -> None:
    film = items_of(listening, "Movie")[0]
    await listening.fake.socket.library_changed(removed=[film], added=[film])
    assert await listening.told() == [(Op.CHANGED, Key("movie", film))]


async def test_an_episode_makes_its_series_be_looked_at_when_the_series_is_named(listening: Rig) -> None:
    show = items_of(listening, "Series")[0]
    await listening.fake.socket.library_changed(removed=[UNKNOWN], folders=[show, "cd" * 16])
    assert await listening.told() == [(Op.CHANGED, Key("series", show))]


async def test_an_update(listening: Rig) -> None:
    film = items_of(listening, "Movie")[0]
    await listening.fake.socket.library_changed(updated=[film, film.upper()])
    assert await listening.told() == [(Op.CHANGED, Key("movie", film))]


async def test_before_everything_was_read_what_is_unknown_is_a_scan(rig: Rig) -> None:
    await rig.listen()
    rig.source._known.saw(Key("movie", MARK))
    await rig.fake.socket.library_changed(removed=[items_of(rig, "Movie")[0]])
    assert await rig.told() == [(Op.SCAN, None)]


async def test_what_came_while_everything_was_read_is_known_afterwards(listening: Rig) -> None:
    """The walk had passed the film's place when it came; the lookup showed it."""
    pages = listening.source.snapshot(frozenset({"movie"}))
    await anext(pages)
    film = listening.fake.add_movie(films(9)[8])
    await listening.source.lookup(Key("movie", film.id))
    async for _ in pages:
        pass
    await listening.fake.socket.library_changed(removed=[film.id])
    assert await listening.told() == [(Op.DELETED, Key("movie", film.id))]


async def test_more_than_can_be_asked_for_is_a_scan(listening: Rig) -> None:
    await listening.fake.socket.library_changed(added=[f"{n:032x}" for n in range(MOST_ASKED + 1)])
    assert await listening.told() == [(Op.SCAN, None)]


async def test_more_than_is_looked_at_one_by_one_is_a_scan(listening: Rig) -> None:
    many = [f"{n:032x}" for n in range(MOST_TOLD + 1)]
    gone, there = items_of(listening, "Movie")[:2]
    await listening.fake.socket.library_changed(updated=[*many, there], removed=[gone, *many[:1]])
    assert await listening.told() == [(Op.DELETED, Key("movie", gone)), (Op.SCAN, None)]


async def test_a_new_film_of_a_library_that_does_not_count_is_nothing_of_ours(rig: Rig) -> None:
    """Else it would be known here, and its end be one: a policy about one library would act for another."""
    rig.fake.add_library("Kids", "/data/media/kids", "movies")
    rig.build(libraries=["Movies"])
    await rig.listen()
    await rig.walk()
    rig.source._known.saw(Key("movie", MARK))
    film = rig.fake.add_movie(films(9)[8])
    other = rig.fake.add_movie(films(9)[7], library="Kids")
    await rig.fake.flush_socket()
    assert other.id != film.id
    assert await rig.told() == [(Op.CHANGED, Key("movie", film.id))]


async def test_many_new_items_are_asked_for_in_batches(listening: Rig) -> None:
    new = [listening.fake.add_movie(work).id for work in films(300, seed=8)]
    before = listening.fake.count("/Items*ids=*")
    await listening.fake.flush_socket()
    told = await listening.told()
    assert {key.id for _, key in told if key is not None} == set(new)
    assert listening.fake.count("/Items*ids=*") - before == 2


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.HTML, Fault.UNAUTHORIZED, Fault.WRONG_SHAPE])
async def test_trouble_in_asking_what_is_new_is_a_scan(listening: Rig, fault: Fault) -> None:
    listening.fake.faults.set(fault, "/Items*")
    await listening.fake.socket.library_changed(added=[UNKNOWN], removed=[items_of(listening, "Movie")[1]])
    assert [op for op, _ in await listening.told()] == [Op.DELETED, Op.SCAN]


@pytest.mark.parametrize(
    "data", [None, 7, {}, {"ItemsRemoved": 7}, {"ItemsRemoved": [None, 3, "x", ""]}, {"ItemsAdded": {}}, []]
)
async def test_odd_changes_say_nothing(listening: Rig, data: Any) -> None:
    (client,) = listening.fake.socket.clients
    await client.send("LibraryChanged", data)
    await client.send("UserDataChanged", {"UserId": UNKNOWN})
    await client.send("KeepAlive")
    assert await listening.told() == []


# --- staying connected, and the end -----------------------------------------------------------------


async def test_keep_alives_go_out_at_once_and_every_30_seconds(rig: Rig, clock: ManualClock) -> None:
    await rig.listen()
    (client,) = rig.fake.socket.clients
    for count in (1, 2, 3):
        async with asyncio.timeout(PATIENCE):
            while client.keep_alives < count:
                await asyncio.sleep(0.002)
        await asyncio.sleep(0.01)
        assert client.keep_alives == count
        clock.advance(30)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ('{"MessageType": "ServerShuttingDown", "Data": ""}', Unreachable),
        ('{"MessageType": "ServerRestarting"}', Unreachable),
        ("nonsense", BadResponse),
        ("[" * 100_000, BadResponse),
        ("[1]", BadResponse),
    ],
    ids=["shuts down", "restarts", "no JSON", "nested", "a list"],
)
async def test_every_end_is_an_error(rig: Rig, raw: str, kind: type[Exception]) -> None:
    await rig.listen()
    await rig.fake.socket.clients[0].socket.send_str(raw)
    assert rig.task is not None
    await rig.task
    assert isinstance(rig.end, kind)


async def test_closing_leaves_no_task(rig: Rig) -> None:
    stream = rig.build().listen()
    await anext(stream)
    await rig.fake.socket.until_connected()
    await stream.aclose()  # type: ignore[attr-defined]
    assert [task for task in asyncio.all_tasks() if "KeepAlive" in task.get_name()] == []
    while rig.fake.socket.clients:
        await asyncio.sleep(0.002)


# --- signing in -------------------------------------------------------------------------------------


async def test_the_token_is_kept_and_the_device_id_is_ours_for_good(rig: Rig) -> None:
    await rig.listen()
    await rig.fake.socket.drop_all()
    assert rig.task is not None
    await rig.task
    await rig.listen()
    assert (rig.fake.socket.logins, rig.fake.socket.connections) == (1, 2)
    device = rig.notes.kept["device"]
    await rig.stop()
    await rig.listen(user="reconciled")  # another object: the daemon was restarted
    assert rig.fake.socket.logins == 2
    assert set(rig.fake.socket.tokens.values()) == {("reconciled", device)}
    assert rig.notes.kept == {"device": device}, "no token and no password is kept"


async def test_a_token_that_was_revoked_is_asked_for_anew(rig: Rig) -> None:
    await rig.listen()
    rig.fake.socket.revoke_tokens()
    await rig.fake.socket.drop_all()
    assert rig.task is not None
    await rig.task
    await rig.listen()
    assert rig.fake.socket.logins == 2


async def test_a_wrong_password_is_unauthorized_and_never_shown(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    source = rig.build(password="wr0ng-one")
    with pytest.raises(Unauthorized, match="are user and password right") as caught:
        await anext(source.listen())
    said = f"{caught.value} {source.config!r} {caplog.text}"
    assert "wr0ng-one" not in said
    assert rig.fake.socket.connections == 0


async def test_a_server_that_hands_out_useless_tokens_is_asked_once_a_try(rig: Rig) -> None:
    source = rig.build()
    rig.fake.faults.set(Fault.FORBIDDEN, "/socket")
    with pytest.raises(Unauthorized):
        await anext(source.listen())
    with pytest.raises(Unauthorized):
        await anext(source.listen())
    assert rig.fake.socket.logins == 2


async def test_another_server_signs_us_in(rig: Rig) -> None:
    source = rig.build()
    await source.probe()
    rig.fake.state.server_id = "cc" * 16
    with pytest.raises(BadResponse, match="another Jellyfin"):
        await anext(source.listen())


async def test_a_wrong_api_key_is_unauthorized(rig: Rig) -> None:
    source = rig.build(user=None, api_key="f" * 32)
    with pytest.raises(Unauthorized):
        await anext(source.listen())


@pytest.mark.parametrize("half", [{"user": "reconciled"}, {"password": "x"}])
def test_user_and_password_belong_together(half: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        Jellyfin.Config.model_validate({"url": "http://box.lan", "api_key": "k" * 32, **half})


# --- with the API key alone -------------------------------------------------------------------------


async def test_an_api_key_hears_of_no_change(rig: Rig) -> None:
    await rig.listen(user=None)
    await rig.walk()
    rig.fake.delete_item(items_of(rig, "Movie")[0])
    await rig.fake.flush_socket()
    await rig.fake.socket.scan_runs()
    await rig.fake.socket.scan_ends()
    event = await asyncio.wait_for(rig.heard.get(), PATIENCE)
    assert event == Event(Op.SCAN, reason="Scan Media Library: Completed")
    assert rig.heard.empty()
    assert rig.fake.socket.logins == 0


def task(state: str, end: str = "08:00") -> list[Any]:
    return [{"Key": "Other", "State": "Idle"}, 7, {"Key": "RefreshLibrary", "State": state, "LastExecutionResult": {"EndTimeUtc": end, "Status": "Completed"}}]  # fmt: skip  # noqa: E501


@pytest.mark.parametrize(
    ("feed", "scans"),
    [
        ([task("Idle")], 0),
        ([task("Idle"), task("Idle")], 0),
        ([task("Running"), task("Running"), task("Idle", "08:03")], 1),
        ([task("Idle"), task("Running"), task("Cancelling"), task("Idle", "08:03")], 1),
        ([task("Idle"), task("Idle", "08:03")], 1),
        ([task("Running"), task("Idle")], 1),
        ([[], [7, None], [{"Key": "RefreshLibrary"}], task("Idle")], 1),
    ],
    ids=["idle", "still idle", "ran", "was cancelled", "ran unseen", "ran without an end", "odd"],
)
async def test_the_end_of_a_library_scan(rig: Rig, feed: list[list[Any]], scans: int) -> None:
    rig.fake.socket._tasks = list  # type: ignore[method-assign]
    await rig.listen(user=None)
    (client,) = rig.fake.socket.clients
    for tasks in feed:
        await client.send("ScheduledTasksInfo", tasks)
    await client.send("ServerRestarting")
    assert rig.task is not None
    await rig.task
    assert rig.heard.qsize() == scans


def test_what_is_known_is_bounded() -> None:
    known = Known()
    known.walked(Key("movie", f"{n:032x}") for n in range(3))
    assert known.whole
    known._kinds = {n.to_bytes(16, "big"): "movie" for n in range(MOST_KNOWN)}
    known.saw(Key("movie", UNKNOWN))
    assert (known.whole, known.key(UNKNOWN), len(known._kinds)) == (False, None, MOST_KNOWN)
    known.walked([Key("series", UNKNOWN)])
    assert (known.whole, known.key(UNKNOWN), len(known._kinds)) == (True, Key("series", UNKNOWN), 1)
