"""Contents over real sockets: a program sends files with its records, and a mirror carries them on."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.patience import PATIENCE
from tests.scenarios.conftest import TOKEN

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.plugins import discover
from reconciled.testing.clock import HurriedClock
from reconciled.testing.ports import unused_port

CONFIG = """
mode: act
daemon: {{listen: 127.0.0.1:{port}, token: {token}, state: {folder}/state}}
defaults: {{settle: 100ms, scan: 10m}}
sources:
  library: {{app: records, content: {{max_size: 4MiB, keep: {keep}}}}}
  archive: {{url: file://{folder}/archive}}
policies:
  invoices: {{mirror: library, kind: record, to: [archive], types: [pdf], max_size: 2MiB}}
"""
PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


class Place:
    """A daemon with a shelf and an archive."""

    def __init__(self, daemon: Daemon, folder: Path, session: aiohttp.ClientSession) -> None:
        self.daemon = daemon
        self.folder = folder
        self.session = session

    async def ask(self, method: str, path: str, *, status: int = 200, **more: Any) -> Any:
        async with self.session.request(method, f"{self.daemon.url}/api/v1/{path}", **more) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def send(self, key: str, body: bytes, *, status: int = 201, mime: str = "application/pdf") -> Any:
        known = {"title": f"Invoice {key}", "attrs": {"year": 2026}}
        async with self.session.put(f"{self.daemon.url}/api/v1/records/library/{key}", json=known) as answer:
            assert answer.status in (200, 201)
        headers = {"Content-Type": mime, "X-Filename": f"{key}.pdf"}
        return await self.ask(
            "PUT", f"records/library/{key}/content", status=status, data=body, headers=headers
        )

    async def becomes(self, key: str, wanted: str) -> dict[str, Any]:
        """Wait until the record fares so."""
        found: dict[str, Any] = {}
        async with asyncio.timeout(PATIENCE):
            while found.get("sync_status") != wanted:
                found = await self.ask("GET", f"records/library/{key}")
                await asyncio.sleep(0.02)
        return found

    def blobs(self) -> set[str]:
        return {one.name for one in (self.folder / "archive").rglob("*") if len(one.name) == 64}

    def contents(self) -> list[bytes]:
        folder = self.folder / "state" / "contents"
        return sorted(one.read_bytes() for one in folder.iterdir()) if folder.is_dir() else []


Start = Callable[..., Awaitable[Place]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """`await start(keep="no")`: a daemon that has scanned both."""
    running: list[Daemon] = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:

        async def made(*, keep: str = "yes") -> Place:
            config = tmp_path / "config.yaml"
            config.write_text(CONFIG.format(port=unused_port(), token=TOKEN, folder=tmp_path, keep=keep))
            config.chmod(0o600)
            registry = discover()
            loaded = load(config, registry.types, environ={})
            assert loaded.settings is not None, loaded.problems
            daemon = Daemon(loaded.settings, config, registry=registry, environ={}, clock=HurriedClock(20))
            await daemon.__aenter__()
            running.append(daemon)
            place = Place(daemon, tmp_path, session)
            async with asyncio.timeout(PATIENCE):
                while len((await place.ask("GET", "runs?pass=scan&state=complete"))["items"]) < 2:
                    await asyncio.sleep(0.02)
            return place

        yield made
        for daemon in running:
            await daemon.__aexit__(None, None, None)


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.mark.full
async def test_a_file_travels_from_a_program_to_the_archive(start: Start) -> None:
    place = await start(keep="no")
    await place.send("inv/1", PDF)
    await place.send("inv/2", b"<html>no invoice</html>" * 9, mime="application/pdf")
    await place.send("inv/3", PDF)  # the same bytes
    told = await place.becomes("inv/1", "synced")
    assert told["content"]["sha256"] == sha256(PDF)
    await place.becomes("inv/3", "synced")
    await place.becomes("inv/2", "failed")
    assert place.blobs() == {sha256(PDF)}
    (refused,) = (await place.ask("GET", "mirrors/invoices/copies?status=refused"))["items"]
    assert refused["key"] == "inv/2"
    newer = PDF + os.urandom(1000)
    await place.send("inv/1", newer, status=200)
    async with asyncio.timeout(PATIENCE):
        while place.blobs() != {sha256(PDF), sha256(newer)}:
            await asyncio.sleep(0.02)
    await place.becomes("inv/1", "synced")
    async with asyncio.timeout(PATIENCE):  # what stands in the archive need not be kept; what was refused is
        while len(place.contents()) > 1:
            await asyncio.sleep(0.05)
    assert (await place.ask("GET", "records/library/inv/1"))["content"]["let_go"] is not None
