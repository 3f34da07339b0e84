"""The example plugin's source on a fake of its app, over a real socket."""

import logging
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

import pytest
from tests.conftest import requests_plugin

from reconciled.http import Http, new_session
from reconciled.model import Json
from reconciled.source import Context, Source
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.requests_app import FakeRequests

KEY = "k" * 32


class NoNotes:
    """A store that the plugin has no use for."""

    async def get(self, name: str) -> Json:
        raise AssertionError(name)

    async def set(self, name: str, value: Json) -> None:
        raise AssertionError(name)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def plugin() -> ModuleType:
    return requests_plugin()


@pytest.fixture
async def fake(clock: ManualClock) -> AsyncIterator[FakeRequests]:
    async with FakeRequests(api_key=KEY, now=clock.now) as app:
        yield app


@pytest.fixture
async def http(clock: ManualClock) -> AsyncIterator[Http]:
    made = Http(new_session, clock)
    yield made
    await made.close()


@pytest.fixture
def make(http: Http, clock: ManualClock, plugin: ModuleType) -> Any:
    """Makes a source: `make(url, key, timeout="300ms")`."""

    def source(url: str, api_key: str = KEY, **more: Any) -> Source[Any]:
        kind: type[Source[Any]] = plugin.Requests
        config = kind.Config.model_validate({"url": url, "api_key": api_key, "timeout": "5s", **more})
        return kind(config, Context("requests", http, clock, logging.getLogger("test"), NoNotes()))

    return source


@pytest.fixture
def requests(fake: FakeRequests, make: Any) -> Any:
    return make(fake.url)
