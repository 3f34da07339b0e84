"""Sources of any plugin, made as the daemon makes them: a config as people write it, and a context."""

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest
from aiohttp import web

from reconciled.clock import SystemClock
from reconciled.http import Http, new_session
from reconciled.model import Item, Json
from reconciled.source import Context, Source

SourceT = TypeVar("SourceT", bound=Source[Any])
Make = Callable[..., Any]


class Notes:
    """A source's store, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, name: str) -> Json:
        return self.kept.get(name)

    async def set(self, name: str, value: Json) -> None:
        self.kept[name] = value


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    made = Http(new_session, SystemClock())
    yield made
    await made.close()


@pytest.fixture
def make(http: Http) -> Make:
    """Makes a source: `make(Radarr, url, key, timeout="300ms")`."""

    def source(kind: type[SourceT], url: str, api_key: str, **more: Any) -> SourceT:
        config = kind.Config.model_validate({"url": url, "api_key": api_key, "timeout": "5s", **more})
        context = Context(kind.app, http, SystemClock(), logging.getLogger("test"), Notes())
        return kind(config, context)

    return source


@pytest.fixture
def walked() -> Callable[[Source[Any], str], Any]:
    """All items of a kind, and whether the walk was complete."""

    async def walk(source: Source[Any], *kinds: str) -> list[Item]:
        pages = [page async for page in source.snapshot(frozenset(kinds or source.kinds))]
        assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
        return [item for page in pages for item in page.items]

    return walk


@pytest.fixture
async def inbox() -> AsyncIterator[Any]:
    """An address that keeps what is sent to it."""
    received: list[bytes] = []

    class Inbox:
        url = ""
        bodies = received

    async def keep(request: web.Request) -> web.Response:
        received.append(await request.read())
        return web.Response(status=202)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", keep)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    Inbox.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield Inbox
    await runner.cleanup()
