"""A SignalR hub: hands are shaken, calls come one by one, and its end is an error."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import pytest
from aiohttp import web

from reconciled.errors import BadResponse, SourceError, Unauthorized, Unreachable
from reconciled.http import Client, Http, hub, new_session
from reconciled.http.hub import Call
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.hub import END, FakeHub

KEY = "0123456789abcdef0123456789abcdef"


class App(Fake):
    """A fake with nothing but a hub."""

    def __init__(self, *, insists: bool = False, url_base: str = "") -> None:
        super().__init__(url_base=url_base)
        self.hub = FakeHub(
            "/signalr/messages",
            admits=lambda request: request.headers.get("X-Api-Key") == self.api_key,
            insists=insists,
        )

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return self.hub.routes(self.url_base)

    def admit(self, request: web.Request) -> web.Response | None:
        return None

    def unmatched(self, request: web.Request) -> web.Response:
        return web.Response(status=404)

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        return {}

    def starting(self) -> web.Response:
        return web.Response(status=503)

    @property
    def user_agent(self) -> str:
        return "App/1"


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with App() as made:
        yield made


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def http(clock: ManualClock) -> AsyncIterator[Http]:
    made = Http(new_session, clock)
    yield made
    await made.close()


def client_of(http: Http, app: App, key: str = KEY) -> Client:
    return http.at(app.url, headers={"X-Api-Key": key}, secrets=(key,), timeout=5)


@pytest.mark.parametrize("negotiate", [False, True], ids=["at once", "negotiated"])
async def test_calls_come_in_order(http: Http, app: App, negotiate: bool) -> None:
    async with hub(client_of(http, app), "/signalr/messages", negotiate=negotiate) as messages:
        await app.hub.until_connected()
        await app.hub.ping()
        await app.hub.tell("receiveMessage", {"name": "version"})
        await app.hub.tell_many("receiveMessage", [[{"name": "movie"}], [1, "two", None]])
        assert [await anext(messages) for _ in range(3)] == [
            Call("receiveMessage", ({"name": "version"},)),
            Call("receiveMessage", ({"name": "movie"},)),
            Call("receiveMessage", (1, "two", None)),
        ]


async def test_the_query_of_the_caller_and_the_negotiated_id(http: Http) -> None:
    async with App(insists=True, url_base="/app") as app:
        client = client_of(http, app)
        params = {"feeds": "shoko,file"}
        async with hub(client, "/signalr/messages", params=params, negotiate=True):
            await app.hub.until_connected()
            (joined,) = app.hub.clients
            assert dict(joined.query) == {"feeds": "shoko,file", "id": "token-1"}
        with pytest.raises(BadResponse, match="404 instead of a stream"):
            async with hub(client, "/signalr/messages"):
                raise AssertionError("it is not open")


async def test_a_call_of_ours(http: Http, app: App) -> None:
    async with hub(client_of(http, app), "/signalr/messages") as messages:
        await messages.invoke("subscribe", "files", 3)
        await app.hub.until_connected()
        (joined,) = app.hub.clients
        while not joined.invoked:
            await asyncio.sleep(0.002)
        assert joined.invoked == [("subscribe", ["files", 3])]


async def test_pings_go_out_every_15_seconds(http: Http, app: App, clock: ManualClock) -> None:
    async with hub(client_of(http, app), "/signalr/messages"):
        await app.hub.until_connected()
        (joined,) = app.hub.clients
        for pings in (1, 2, 3):
            await asyncio.sleep(0.01)  # it has to fall asleep first
            clock.advance(14.9)
            await asyncio.sleep(0.01)
            assert joined.pings == pings - 1
            clock.advance(0.1)
            while joined.pings < pings:
                await asyncio.sleep(0.002)


async def test_leaving_ends_the_pings_and_the_connection(http: Http, app: App) -> None:
    async with hub(client_of(http, app), "/signalr/messages"):
        await app.hub.until_connected()
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("ping")]
    while app.hub.clients:
        await asyncio.sleep(0.002)


@pytest.mark.parametrize(
    ("raw", "kind", "said"),
    [
        ('{"type":7,"error":"it is over"}' + END, Unreachable, "it is over"),
        ('{"type":7}' + END, Unreachable, "it is going down"),
        ('{"type":7,"error":"no ' + KEY + '"}' + END, Unreachable, r"no \*\*\*"),
        ('{"type":1}', BadResponse, "without its end"),
        ("nonsense" + END, BadResponse, "no JSON"),
        ("[" * 100_000 + END, BadResponse, "no JSON"),
        ("[1]" + END, BadResponse, "list instead of a message"),
    ],
    ids=["closed", "closed silently", "with a secret", "no end", "no JSON", "nested", "a list"],
)
async def test_every_end_is_an_error(
    http: Http, app: App, raw: str, kind: type[SourceError], said: str
) -> None:
    async with hub(client_of(http, app), "/signalr/messages") as messages:
        await app.hub.until_connected()
        await app.hub.clients[0].socket.send_str(raw)
        with pytest.raises(kind, match=said):
            await anext(messages)


@pytest.mark.parametrize("how", ["drop", "cut", "down"])
async def test_a_hub_that_goes_away(http: Http, app: App, how: str) -> None:
    async with hub(client_of(http, app), "/signalr/messages") as messages:
        await app.hub.until_connected()
        match how:
            case "drop":
                await app.hub.drop_all()
            case "cut":
                app.hub.cut_all()
            case _:
                await app.down()
        with pytest.raises(Unreachable, match="closed"):
            await anext(messages)


@pytest.mark.full
async def test_a_text_of_very_many_messages_is_read_one_by_one(http: Http, app: App) -> None:
    """Neither is all of it unpacked at once, nor does anybody else wait for its end."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with hub(client_of(http, app), "/signalr/messages") as messages:
        await app.hub.until_connected()
        many = ('{"type":6}' + END) * 100_000 + '{"type":1,"target":"last","arguments":[]}' + END
        await app.hub.clients[0].socket.send_str(many)
        await asyncio.sleep(0.05)  # it has come
        tracemalloc.start()
        other = asyncio.create_task(others())
        try:
            assert await anext(messages) == Call("last", ())
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            other.cancel()
        assert turns > 900
        assert most < 3 * len(many)


async def test_a_hub_that_says_nothing(http: Http, app: App) -> None:
    async with hub(client_of(http, app), "/signalr/messages", silence=0.05) as messages:
        with pytest.raises(Unreachable, match="silent"):
            await anext(messages)


@pytest.mark.parametrize(("refusing", "kind"), [(401, Unauthorized), (503, Unreachable), (404, BadResponse)])
@pytest.mark.parametrize("negotiate", [False, True], ids=["at once", "negotiated"])
async def test_a_hub_that_refuses(
    http: Http, app: App, refusing: int, kind: type[SourceError], negotiate: bool
) -> None:
    app.hub.refusing = refusing
    with pytest.raises(kind):
        async with hub(client_of(http, app), "/signalr/messages", negotiate=negotiate):
            raise AssertionError("it is not open")


async def test_a_wrong_key(http: Http, app: App) -> None:
    with pytest.raises(Unauthorized, match="is the key right"):
        async with hub(client_of(http, app, "f" * 32), "/signalr/messages"):
            raise AssertionError("it is not open")


@pytest.mark.parametrize(
    ("said", "match"),
    [('{"error":"The protocol is not supported"}' + END, "refused"), ("", "silent"), ("hello", "its end")],
)
async def test_a_handshake_that_fails(server: Any, http: Http, said: str, match: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        if said:
            await socket.send_str(said)
        await socket.receive()
        return socket

    server.answer = answer
    with pytest.raises(SourceError, match=match):
        async with hub(http.at(server.url, timeout=2), "/hub", silence=0.1):
            raise AssertionError("it did not shake hands")


async def test_a_negotiation_that_names_no_connection(server: Any, http: Http) -> None:
    with pytest.raises(BadResponse, match="named no connection"):
        async with hub(http.at(server.url, timeout=2), "/hub", negotiate=True):
            raise AssertionError("it is not open")
