"""A small server a test, whose every answer the test writes, and a client for it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from reconciled.clock import SystemClock
from reconciled.http import Client, Http, new_session

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SECRET = 's3cr+et/k"ey'


class Server:
    """Answers every request with what `answer` says, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Handler = self.ok
        self.asked: list[web.BaseRequest] = []
        self.url = ""

    async def ok(self, _request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"ok": True})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return await self.answer(request)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{tail:.*}", made.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    made = Http(new_session, SystemClock(), max_size=2**20)
    yield made
    await made.close()


@pytest.fixture
def client(http: Http, server: Server) -> Client:
    return http.at(server.url, headers={"X-Api-Key": SECRET.replace('"', "")}, secrets=(SECRET,), timeout=0.5)
