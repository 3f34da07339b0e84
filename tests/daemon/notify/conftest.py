"""A phone that takes messages over a real socket, a ledger, and a postman between them."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, time, tzinfo
from pathlib import Path
from typing import Any

import apprise
import msgspec
import pytest
from aiohttp import web
from pydantic import SecretStr
from tests.patience import PATIENCE

from reconciled.config import ChannelSettings
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import stamp
from reconciled.notify.apprise_channel import TALKATIVE, AppriseSender
from reconciled.notify.messages import Message, post
from reconciled.notify.postman import Postman
from reconciled.testing.clock import ManualClock

SECRET = "aToKeN1234567890"
LIMIT = 0.3
URL = "http://box.lan:8787/"
LOG = logging.getLogger("post")


@pytest.fixture(scope="session", autouse=True)
def _loaded() -> None:
    """Apprise loads all its services at the first address: on a busy machine longer than the phone has."""
    apprise.Apprise().add("json://127.0.0.1")


class Phone:
    """Keeps what it is sent; answers with `status`, or not at all while it hangs."""

    def __init__(self) -> None:
        self.status = 200
        self.told: list[dict[str, Any]] = []
        self.awake = asyncio.Event()
        self.awake.set()
        self.asked = 0
        self._runner = web.ServerRunner(web.Server(self._take, access_log=None), shutdown_timeout=0.03)

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()

    async def stop(self) -> None:
        self.awake.set()
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        """An Apprise address; the secret stands in it twice."""
        return f"json://me:{SECRET}@127.0.0.1:{self._runner.addresses[0][1]}/{SECRET}"

    @property
    def titles(self) -> list[str]:
        return [one["title"] for one in self.told]

    @property
    def bodies(self) -> list[str]:
        return [one["message"] for one in self.told]

    async def _take(self, request: web.BaseRequest) -> web.Response:
        self.asked += 1
        body = msgspec.json.decode(await request.read(), type=dict[str, Any])
        await self.awake.wait()
        if self.status < 300:
            self.told.append(body)
        return web.Response(status=self.status)


@dataclass
class Office:
    """A postman and what he works with."""

    ledger: Ledger
    phone: Phone
    clock: ManualClock = field(default_factory=ManualClock)
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        self.postman = self.another()

    def another(self) -> Postman:
        return Postman(self.ledger, self.clock, zone=self.zone, log=LOG, send=AppriseSender(limit=LIMIT).send)

    def channel(
        self,
        name: str = "phone",
        *,
        digest: float = 0.0,
        rate: int = 20,
        quiet: tuple[time, time] | None = None,
    ) -> ChannelSettings:
        return ChannelSettings(name, SecretStr(self.phone.address), digest, rate, quiet)

    def serve(self, *channels: ChannelSettings, url: str | None = None) -> None:
        self.postman.configure({one.name: one for one in channels}, url)

    async def post(self, *titles: str, channel: str = "phone", urgent: bool = False) -> list[int | None]:
        made = [Message(title, title, f"about {title}", "/decisions/3", urgent) for title in titles]
        return [await self.ledger.write(self.put, channel, one) for one in made]

    def put(self, tx: Tx, channel: str, message: Message) -> int | None:
        return post(tx, channel, message, at=stamp(self.clock.now()), now=self.clock.reckoned())

    async def rows(self, columns: str = "title, state, error") -> list[tuple[Any, ...]]:
        return await self.ledger.read(
            lambda tx: tx.execute(f"SELECT {columns} FROM message ORDER BY id").fetchall()
        )

    async def later(self, seconds: float) -> int:
        """Let time pass and deliver."""
        self.clock.advance(seconds)
        return await self.postman.deliver_once()


@pytest.fixture(autouse=True)
def _talkative() -> Iterator[None]:
    """Libraries that log as they like, until somebody silences them."""
    loggers = [logging.getLogger(name) for name in TALKATIVE]
    before = [(one, one.level, one.handlers[:]) for one in loggers]
    for one in loggers:
        one.propagate = True
    yield
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:], one.propagate = handlers, True


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    phone = Phone()
    await phone.start()
    yield phone
    await phone.stop()


@pytest.fixture
async def office(tmp_path: Path, phone: Phone) -> AsyncIterator[Office]:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    yield Office(ledger, phone)
    await ledger.close()


@contextlib.asynccontextmanager
async def going(loop: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Something that runs for ever, for a while; the test has 20 s."""
    task = asyncio.create_task(loop)
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def landed() -> None:
    """Every delivery has ended, also those that nobody waits for."""
    for thread in threading.enumerate():
        if thread.name == "apprise":
            await asyncio.to_thread(thread.join, 20)


async def fill_the_disk(ledger: Ledger) -> None:
    """The ledger's file cannot grow any more."""

    def fill(tx: Tx) -> None:
        (pages,) = tx.execute("PRAGMA page_count").fetchone()
        tx.execute(f"PRAGMA max_page_count = {pages}")

    await ledger.write(fill)
    with pytest.raises(Exception, match="full"):
        await ledger.write(
            lambda tx: tx.execute("INSERT INTO setting VALUES ('filler', zeroblob(100000) || '')")
        )


async def make_room(ledger: Ledger) -> None:
    """It can grow again."""
    await ledger.write(lambda tx: tx.execute("PRAGMA max_page_count = 1000000"))
