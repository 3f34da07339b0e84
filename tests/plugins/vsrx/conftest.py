"""A VSRX with three patients, and a source on it."""

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tests.plugins.conftest import Notes

from reconciled.clock import Clock, SystemClock
from reconciled.http import Http
from reconciled.source import Context
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled_vsrx import Vsrx, VsrxConfig

KEY = "a-key-for-webhooks-0123456789abcdef"


@pytest.fixture
async def fake() -> AsyncIterator[FakeVsrx]:
    async with FakeVsrx(secret=KEY) as app:
        for number in range(3):
            app.put_patient(f"P-{number}", files=4)
        yield app


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def open_vsrx(fake: FakeVsrx, http: Http, notes: Notes) -> Callable[..., Vsrx]:
    """Makes a source: `open_vsrx(poll="1s")`; on the same notes, as after a restart."""

    def opened(*, clock: Clock | None = None, **more: Any) -> Vsrx:
        said = {"url": fake.url, "token": fake.api_key, "webhook": KEY, "timeout": "5s", **more}
        config = VsrxConfig.model_validate(said)
        return Vsrx(config, Context("vsrx", http, clock or SystemClock(), logging.getLogger("test"), notes))

    return opened


@pytest.fixture
def vsrx(open_vsrx: Callable[..., Vsrx]) -> Vsrx:
    return open_vsrx()
