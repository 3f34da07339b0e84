"""The ways that the files of a practice go: by a mirror, and by the copy that anybody would write first."""

import asyncio
import contextlib
import logging
import os
import random
import time
from datetime import UTC
from functools import partial
from pathlib import Path

import aiohttp
from bench.practice import Apps

from reconciled.clock import SystemClock
from reconciled.config import Mode, load
from reconciled.engine.engine import Engine
from reconciled.engine.live import Rules
from reconciled.ledger.connection import Ledger, Tx
from reconciled.plugins import discover
from reconciled.runtime.mirrors import Mirrors
from reconciled.runtime.sources import Sources

AT_ONCE = 4
"""How many files travel at a time: a mirror's default."""


class Mirrored:
    """An engine with its sources and two mirrors of VSRX: into an archive, and into Paperless."""

    def __init__(self, apps: Apps, folder: Path, *, largest: str = "200MiB") -> None:
        self.folder = folder
        config = folder / "config.yaml"
        config.write_text(
            f"mode: act\ndaemon: {{listen: 127.0.0.1:0, state: {folder / 'state'}}}\nsources:\n"
            f"  vsrx: {{url: {apps.vsrx}, token: {apps.key}, poll: off}}\n"
            f"  paperless: {{url: {apps.paperless}, token: {apps.key}, poll: off}}\n"
            f"  archive: {{url: 'file://{folder}/archive'}}\n"
            "policies:\n"
            f"  to_archive: {{mirror: vsrx, kind: file, to: [archive], max_size: {largest}}}\n"
            f"  to_paperless: {{mirror: vsrx, kind: file, to: [paperless], max_size: {largest}}}\n"
        )
        loaded = load(config, discover().types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.settings = loaded.settings
        self.handed_over = 0.0
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> "Mirrored":
        clock, chance, log = SystemClock(), random.Random(1), logging.getLogger("bench")
        self.ledger = await Ledger.open(self.folder / "ledger.db")
        self._stack.push_async_callback(self.ledger.close)
        self.engine = Engine(self.ledger, clock, chance=chance, log=log)
        sources = Sources(self.engine, clock=clock, zone=UTC, chance=chance, log=log)
        for settings in self.settings.sources.values():
            built = sources.build(settings)
            kinds = built.settings.kinds
            await self.engine.add(settings.name, built.source, rules=Rules(), kinds=kinds, scope={})
            self._stack.push_async_callback(built.http.close)
            self._stack.push_async_callback(partial(self.engine.remove, settings.name, freeze=False))
            await self.engine.probe(settings.name)
            await self.engine.perform("scan", settings.name, asked_by="bench")
        self.mirrors = Mirrors(self.engine, self.folder / "transfers", log=log)
        await self.mirrors.configure(self.settings.mirrors, Mode.ACT)
        await self.mirrors.start()
        following = asyncio.create_task(self.mirrors.following.run())
        self._stack.push_async_callback(_ended, following)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def run(self, mirror: str) -> None:
        """One run, and the end of all that it handed over."""
        await self.engine.perform("mirror", "vsrx", policy=mirror, asked_by="bench")
        self.handed_over = time.perf_counter()
        while (found := await self.ledger.read(_standing)) & {"pending", "processing"}:
            await asyncio.sleep(0.01)
        assert found <= {"synced", "duplicate"}, f"not all of it was brought: {found}"


def _standing(tx: Tx) -> set[str]:
    """How the copies stand."""
    return {str(status) for (status,) in tx.execute("SELECT DISTINCT status FROM copy")}


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def copy_plainly(
    apps: Apps, folder: Path, files: int, *, onward: bool = False, synced: bool = False
) -> None:
    """What anybody would write first: fetch to a file, and send that on, or have it put on the disk."""
    names = iter(range(files))
    headers = {"Authorization": f"Bearer {apps.key}"}
    async with aiohttp.ClientSession() as session:

        async def work() -> None:
            for number in names:
                path = folder / str(number)
                url = f"{apps.vsrx}/files/F-{number}/content"
                async with session.get(url, headers=headers) as answer:
                    answer.raise_for_status()
                    with path.open("wb") as file:
                        async for chunk in answer.content.iter_chunked(2**20):
                            file.write(chunk)
                        if synced:
                            file.flush()
                            await asyncio.to_thread(os.fsync, file.fileno())
                if onward:
                    await _send(session, apps, path)

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def _send(session: aiohttp.ClientSession, apps: Apps, path: Path) -> None:
    with path.open("rb") as file:
        form = aiohttp.FormData({"title": path.name})
        form.add_field("document", file, filename=f"{path.name}.pdf", content_type="application/pdf")
        url, headers = (
            f"{apps.paperless}/api/documents/post_document/",
            {"Authorization": f"Token {apps.key}"},
        )
        async with session.post(url, data=form, headers=headers) as answer:
            answer.raise_for_status()
