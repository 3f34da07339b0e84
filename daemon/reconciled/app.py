"""The composition root: the only module that knows everything.

`Daemon` puts the parts together and runs them in one TaskGroup: a core loop that ends takes the
daemon down, and systemd starts it again; a source's loop that ends is that source's failure. Two
daemons can live in one process, with a clock and plugins of their own.
"""

import asyncio
import contextlib
import errno
import logging
import os
import random
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web
from tzlocal import get_localzone

from reconciled import __version__
from reconciled.clock import Clock, SystemClock
from reconciled.config import Settings
from reconciled.engine import common
from reconciled.engine.ending import end_tasks
from reconciled.engine.engine import Engine
from reconciled.engine.outbox.outbox import Outbox
from reconciled.engine.outbox.scene import Rulebook
from reconciled.errors import ReconciledError
from reconciled.ledger.condition import explain
from reconciled.ledger.connection import Ledger
from reconciled.ledger.migrate import BadLedger, LedgerTrouble
from reconciled.notify.postman import Postman
from reconciled.notify.watch import Alarm
from reconciled.plugins import Registry
from reconciled.runtime.core import core
from reconciled.runtime.crashing import crash_at
from reconciled.runtime.duplicates import Duplicates
from reconciled.runtime.lock import Lock
from reconciled.runtime.mirrors import Mirrors
from reconciled.runtime.reload import ConfigState, Reloader
from reconciled.runtime.sources import Sources
from reconciled.runtime.state import LEDGER, TOKEN, TRANSFERS, state_folder
from reconciled.runtime.systemd import Systemd
from reconciled.runtime.token import own_token
from reconciled.web.blanking import redact, secrets_of
from reconciled.web.house import House
from reconciled.web.server import make_app, make_runner

GRACE = 2.0
"""Seconds that open requests may take when the daemon stops."""


class CannotStart(ReconciledError):
    """The daemon cannot start; the message says why and what helps."""


class Daemon:
    """A whole daemon as an async context manager: inside, it runs."""

    def __init__(
        self,
        settings: Settings,
        path: Path,
        *,
        registry: Registry,
        environ: Mapping[str, str],
        files: frozenset[Path] = frozenset(),
        clock: Clock | None = None,
        zone: tzinfo | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self._settings = settings
        self._path = path
        self._files = files
        self._registry = registry
        self._environ = environ
        self._clock = clock or SystemClock()
        self._zone = zone or get_localzone()
        self._chance = chance or random.Random()  # noqa: S311 - jitter, no secret
        self._log = logging.getLogger("reconciled")
        self._systemd = Systemd(environ)
        self._stack = contextlib.AsyncExitStack()
        self._stopping = asyncio.Event()
        self._ready = False
        self._core: list[asyncio.Task[None]] = []
        self.engine: Engine
        self.outbox: Outbox
        self.mirrors: Mirrors
        self.duplicates: Duplicates
        self.postman: Postman
        self._alarm: Alarm
        self.sources: Sources
        self.reloader: Reloader
        self._state = Path()
        self._house: House
        self.token = ""
        self.url = ""

    async def __aenter__(self) -> Self:
        """Start everything. CannotStart, LedgerTrouble or AlreadyLocked leave nothing open."""
        try:
            await self._start()
        except sqlite3.Error as error:
            await self._stack.aclose()
            raise LedgerTrouble(explain(self._state / LEDGER, error, "use")) from error
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ready = False
        self._systemd.tell("STOPPING=1")
        await self._stack.aclose()

    async def _start(self) -> None:
        state = state_folder(self._settings, self._environ)
        _make_private(state)
        self._stack.enter_context(Lock(state))
        at = crash_at(self._environ)
        ledger = await Ledger.open(state / LEDGER, at=at)
        self._stack.push_async_callback(ledger.close)
        self._state = state
        self.token = self._token(self._settings)
        self.engine = Engine(ledger, self._clock, chance=self._chance, log=self._log, at=at, zone=self._zone)
        await self.engine.start()
        self.sources = Sources(
            self.engine, clock=self._clock, zone=self._zone, chance=self._chance, log=self._log,
            blank=lambda body: redact(body, secrets_of(self._settings, self.token)),
            targets=self._targets_of,
        )  # fmt: skip
        state_now = ConfigState(self._settings, self._path, self._clock.now(), files=self._files)
        self.reloader = Reloader(
            state_now, self.sources, self._registry, environ=self._environ, clock=self._clock, log=self._log,
            changed=self._took_over, arming=self._arming,
        )  # fmt: skip
        self.outbox = Outbox(self.engine, log=self._log, at=at)
        self.outbox.posted = lambda: self.postman.wake()
        self.mirrors = Mirrors(self.engine, state / TRANSFERS, log=self._log, at=at)
        self.duplicates = Duplicates(self.engine, state, log=self._log, at=at)
        self._stack.push_async_callback(self.duplicates.close)
        self.postman = Postman(ledger, self._clock, zone=self._zone, log=self._log)
        self._alarm = Alarm(
            ledger, self._clock, self.postman, self._log, problems=lambda: self.reloader.state.problems,
            of_hold=lambda tx, number: common.of_hold(tx, number).likely,
            of_decision=lambda tx, number: common.of_decision(tx, number).likely,
        )  # fmt: skip
        await self._configure(self._settings)
        for settings in self._settings.sources.values():
            await self.sources.start(self.sources.build(settings))
        self._stack.push_async_callback(self._stop_sources)
        await self.outbox.start()
        await self.mirrors.start()
        await self._listen(self._clock.now())
        loops = core(
            self.engine, self.outbox, self.mirrors, self.duplicates, self.postman, self._alarm, self.reloader,
            keep=lambda: self._settings.keep, clock=self._clock, log=self._log,
        )  # fmt: skip
        self._core += [asyncio.create_task(loop(), name=name) for name, loop in loops.items()]
        self._core.append(asyncio.create_task(self._systemd.pat_watchdog(self._clock), name="watchdog"))
        self._stack.push_async_callback(self._stop_core)
        self._ready = True
        self._systemd.tell("READY=1", f"STATUS=watching {len(self._settings.sources)} sources at {self.url}")
        self._log.info(
            "reconciled %s is watching %d sources; its page is %s",
            __version__,
            len(self._settings.sources),
            self.url,
        )

    async def run(self) -> None:
        """Go on until `stop` is called. Raises when a core loop ends."""
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            done, _ = await asyncio.wait([stopping, *self._core], return_when=asyncio.FIRST_COMPLETED)
            if self.engine.ledger.damaged:
                raise BadLedger(self.engine.ledger.trouble or "")
            for task in done - {stopping}:
                raise CannotStart(f"the loop {task.get_name()!r} ended") from task.exception()
        finally:
            stopping.cancel()

    def stop(self) -> None:
        """End `run`."""
        self._stopping.set()

    async def reload(self) -> Sequence[str]:
        """Take over the config file as it is now; returns its problems."""
        self._systemd.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            return await self.reloader.reload()
        finally:
            self._systemd.tell("READY=1")

    # --- parts ------------------------------------------------------------------------------------

    async def _listen(self, started: datetime) -> None:
        daemon = self._settings.daemon
        self._house = House(
            engine=self.engine, outbox=self.outbox, mirrors=self.mirrors, duplicates=self.duplicates,
            postman=self.postman, ledger=self.engine.ledger, clock=self._clock, registry=self._registry,
            version=__version__, started=started, config=lambda: self.reloader.state, reload=self.reload,
            preview=self.reloader.preview, token=self.token, ready=self._why_not_ready, zone=self._zone,
        )  # fmt: skip
        runner = make_runner(make_app(self._house), shutdown_timeout=GRACE)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, daemon.host, daemon.port)
        try:
            await site.start()
        except OSError as error:
            used = (
                "another program listens there"
                if error.errno == errno.EADDRINUSE
                else os.strerror(error.errno or 0)
            )
            raise CannotStart(
                f"cannot listen on {daemon.host}:{daemon.port}: {used}; set daemon.listen"
            ) from error
        host, port = runner.addresses[0][:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _why_not_ready(self) -> list[str]:
        starting = [] if self._ready else ["the daemon is starting or stopping"]
        return [*starting, *filter(None, [self.engine.ledger.trouble])]

    async def _configure(self, settings: Settings) -> None:
        self.postman.configure(settings.channels, settings.daemon.url)
        self._alarm.configure(settings.alerts, settings.channels)
        await self.engine.freeze_besides(settings.sources)
        await self.outbox.configure(settings.policies, settings.mode)
        await self.mirrors.configure(settings.mirrors, settings.mode, gc_when=settings.passes.blob_gc)
        await self.duplicates.configure(settings.duplicates, settings.passes.duplicates)

    async def _arming(self, settings: Settings) -> list[str]:
        """What would be said of the policies that these settings arm."""
        rules = Rulebook(settings.mode, dict(settings.policies))
        return await self.outbox.arming(rules, before=self.outbox.rules)

    async def _took_over(self, settings: Settings) -> None:
        self._settings = settings
        await self._configure(settings)
        self.token = self._house.token = self._token(settings)
        self._log.setLevel(settings.daemon.log_level.upper())

    def _targets_of(self, source: str) -> frozenset[str]:
        """Where the mirrors of a source bring its files."""
        mirrors = self._settings.mirrors.values()
        return frozenset(target for one in mirrors if one.source == source for target in one.targets)

    def _token(self, settings: Settings) -> str:
        """The configured token, or the daemon's own."""
        if settings.daemon.token is not None:
            return settings.daemon.token.get_secret_value()
        try:
            return own_token(self._state)
        except (OSError, ValueError) as error:
            raise CannotStart(
                f"cannot keep the daemon's token in {self._state / TOKEN}: {error}; "
                "remove it, or set daemon.token"
            ) from error

    async def _stop_core(self) -> None:
        await self.outbox.stop()
        await end_tasks(self._core, log=self._log)

    async def _stop_sources(self) -> None:
        await self.engine.stop()
        await self.sources.stop_all()


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"cannot make the state folder {folder}: {error.strerror}; set daemon.state"
        ) from error
