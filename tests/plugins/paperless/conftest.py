"""Paperless sources on a fake of any version, as any of its users, on any clock."""

import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciled.clock import Clock, SystemClock
from reconciled.http import Http, new_session
from reconciled.source import Context, Upload
from reconciled.testing.contract import Notes
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless import Paperless

Asking = Callable[..., Paperless]


@pytest.fixture
async def running() -> AsyncIterator[Callable[..., Awaitable[FakePaperless]]]:
    """`await running(version="2.20.15")`: a fake that runs until the test ends."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(**settings: Any) -> FakePaperless:
            return await stack.enter_async_context(FakePaperless(**settings))

        yield start


@pytest.fixture
async def fake(running: Callable[..., Awaitable[FakePaperless]]) -> FakePaperless:
    """A 3.0.5 with seven letters."""
    app = await running()
    app.put_many(7)
    return app


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    """`asking(fake)` as its admin; `asking(fake, token=…)`, `asking(fake, user=…, password=…)`."""
    opened: list[Http] = []

    def ask(app: FakePaperless, *, clock: Clock | None = None, **options: Any) -> Paperless:
        who = {} if {"token", "user"} & options.keys() else {"token": app.api_key}
        config = Paperless.Config.model_validate({"url": app.url, "timeout": "5s", **who, **options})
        time = clock or SystemClock()
        http = Http(new_session, time)
        opened.append(http)
        return Paperless(config, Context("paperless", http, time, logging.getLogger("test"), Notes()))

    yield ask
    for http in opened:
        await http.close()


@pytest.fixture
def scan(tmp_path: Path) -> Callable[..., Upload]:
    """`scan(81)`: the file 81 of a VSRX; `scan(81, b"%PDF …", kept={…})`."""

    def make(number: int = 81, data: bytes | None = None, **more: Any) -> Upload:
        data = b"%%PDF scan %d" % number if data is None else data
        path = tmp_path / f"{number}.part"
        path.write_bytes(data)
        made = Upload(
            path=path,
            name=f"IMG{number:03}.pdf",
            title=f"IMG{number:03}",
            mime_type="application/pdf",
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            marker=f"vsrx/file/{number}",
        )
        return replace(made, **more)

    return make
