"""A whole daemon beside a VSRX: flags are proved, rebooked patients stay one, forged webhooks do nothing."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner
from tests.scenarios.conftest import TOKEN, Home

from reconciled.app import Daemon
from reconciled.cli import commands
from reconciled.config import load
from reconciled.plugins import Registry
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled_vsrx import Vsrx

HURRY = 20.0
KEY = "a-key-for-webhooks-0123456789abcdef"


class Practice(Home):
    """A home with nothing but a VSRX of ten patients, each with four images."""

    def __init__(self, vsrx: FakeVsrx, folder: Path, *, poll: str) -> None:
        self.vsrx = vsrx
        self.folder = folder
        self.config = folder / "config.yaml"
        self.hurry = HURRY
        self.poll = poll
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        self.config.write_text(
            f"daemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {self.folder / 'state'}}}\n"
            "defaults: {settle: 2s}\nsources:\n"
            f"  vsrx: {{url: {self.vsrx.url}, token: {self.vsrx.api_key}, webhook: {KEY}, timeout: 2s, "
            f"poll: {self.poll}}}\n"
        )
        registry = Registry.with_types(Vsrx)
        loaded = load(self.config, registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=registry, environ={}, files=loaded.files,
            clock=HurriedClock(HURRY), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)
        self.vsrx.webhooks.clear()
        self.vsrx.add_webhook(f"{self.daemon.url}/webhooks/vsrx")

    async def asked(self, path: str) -> dict[str, Any]:
        """What the API says."""
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            async with session.get(f"{self.daemon.url}/api/v1/{path}") as answer:
                assert answer.status == 200
                found: dict[str, Any] = await answer.json()
                return found


Open = Callable[..., Awaitable[Practice]]


@pytest.fixture
async def practice(tmp_path: Path) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:
        vsrx = await stack.enter_async_context(FakeVsrx(secret=KEY))
        for number in range(10):
            vsrx.put_patient(f"P-{number}", files=4)

        async def opened(*, poll: str = "off") -> Practice:
            home = Practice(vsrx, tmp_path, poll=poll)
            await home.start()
            stack.push_async_callback(home.stop)
            await home.until_count("item", 50, "presence = 'present'")
            await home.until_well()
            return home

        yield opened


async def test_a_file_flagged_deleted_is_gone_by_vsrx_and_its_user(practice: Open) -> None:
    home = await practice()
    await home.vsrx.delete("F-7", by="dr. ann")
    await home.until_count("tombstone", 1)
    (told,) = await home.stories()
    assert (told["source"], told["kind"], told["key"]) == ("vsrx", "file", "F-7")
    assert (told["cause"], told["actor"]) == ("vsrx", "dr. ann")
    assert "by dr. ann" in told["sentence"]
    assert "flagged deleted in VSRX" in told["sentence"]
    assert [sent.status for sent in home.vsrx.sent] == [202]


async def test_many_flags_without_a_webhook_are_the_word_of_vsrx_and_no_hold(practice: Open) -> None:
    """30 of 40 files: counted, they would be far too many at once."""
    home = await practice(poll="20s")
    await home.until(_connected(home))
    for number in range(1, 31):
        home.vsrx.flag(f"F-{number}")
    await home.until_count("tombstone", 30)
    assert await home.count("hold") == 0
    assert {told["cause"] for told in await home.stories()} == {"vsrx"}


async def test_a_flag_that_only_a_scan_sees_is_the_word_of_vsrx_too(practice: Open) -> None:
    home = await practice(poll="off")
    await home.until(_connected(home))
    home.vsrx.flag("F-7")
    await home.scan("vsrx")
    await home.until_count("tombstone", 1)
    assert {told["cause"] for told in await home.stories()} == {"vsrx"}


async def test_many_rows_that_merely_disappear_are_held(practice: Open) -> None:
    """A list that lacks 30 of 40 files, which the flag does not explain."""
    home = await practice()
    for number in range(1, 31):
        home.vsrx.purge_file(f"F-{number}")
    await home.scan("vsrx")
    await home.until_count("hold", 1)
    await home.settled()
    assert await home.count("tombstone") == 0


async def test_a_rebooked_patient_loses_nothing(practice: Open) -> None:
    """Both filesets are there and are one thing; every file stays as it was."""
    home = await practice()
    await home.vsrx.rebook("P-3", "P-3b", by="desk")
    await home.until_count("item", 51, "presence = 'present'")
    await home.scan("vsrx")
    await home.until_well()
    assert await home.count("tombstone") == 0
    assert await home.count("finding") == 0
    assert await home.count("item", "kind = 'file' AND presence = 'present'") == 40
    old, new = [await home.asked(f"items/vsrx/fileset/{one}") for one in ("P-3", "P-3b")]
    assert [one["id"] for one in old["same"]] == ["P-3b"]
    assert [one["id"] for one in new["same"]] == ["P-3"]
    assert old["disputed"] == new["disputed"] == []


async def test_an_old_id_that_is_dropped_goes_on_as_the_new_one(practice: Open) -> None:
    """The bridge lists the new id only; the old one's files are still answered, and none is suspected."""
    home = await practice()
    await home.vsrx.rebook("P-3", "P-3b")
    await home.until_count("item", 51, "presence = 'present'")
    home.vsrx.patients["P-3"].listed = False
    await home.scan("vsrx")
    await home.until_well()
    assert await home.count("tombstone") == 0
    assert await home.count("item", "kind = 'file' AND presence = 'present'") == 40


async def test_a_fileset_purged_after_a_rebooking_is_gone_by_itself(practice: Open) -> None:
    """It is no replacement: both stood side by side. Its files were purged with it and are proved alone."""
    home = await practice()
    await home.vsrx.rebook("P-3", "P-3b")
    await home.until_count("item", 51, "presence = 'present'")
    await home.scan("vsrx")
    await home.until_well()
    home.vsrx.purge_patient("P-3")
    await home.scan("vsrx")
    await home.until_count("tombstone", 5)
    told = sorted((one["kind"], one["key"]) for one in await home.stories())
    assert told == [*(("file", f"F-{number}") for number in (13, 14, 15, 16)), ("fileset", "P-3")]
    assert await home.count("finding", "code = 'replaced'") == 0


async def test_a_person_says_that_a_patient_was_rebooked(practice: Open) -> None:
    """VSRX does not say it; `reconciled vsrx rebook` shows both and links them."""
    home = await practice()
    await home.vsrx.rebook("P-3", "P-3b", says_previous=False)
    await home.until_count("item", 51, "presence = 'present'")
    assert (await home.asked("items/vsrx/fileset/P-3"))["same"] == []
    words = ["vsrx", "rebook", "P-3", "P-3b", "--url", home.daemon.url]
    env = {"RECONCILED_TOKEN": TOKEN, "RECONCILED_CONFIG": str(home.config)}
    refused = await asyncio.to_thread(CliRunner().invoke, commands, words, env=env)
    assert refused.exit_code == 2  # nobody is at a terminal, and nobody said yes
    assert await home.count("link") == 0
    done = await asyncio.to_thread(CliRunner().invoke, commands, [*words, "--yes"], env=env)
    assert done.exit_code == 0, done.output
    assert "patient P-3 with 4 files" in done.stderr
    assert await home.count("link") == 1
    assert await home.count("item", "kind = 'file' AND presence = 'present'") == 40


@pytest.mark.parametrize("signed", [None, "sha256=" + "0" * 64, "sha1=abc", "sha256=ü"])
async def test_a_forged_webhook_is_refused_and_nothing_is_kept(practice: Open, signed: str | None) -> None:
    home = await practice()
    body = b'{"event": "file.deleted", "id": "F-1", "occurredAt": "2026-01-01T00:00:00Z", "user": "eve"}'
    headers = {"Content-Type": "application/json"} | ({"X-Signature-256": signed} if signed else {})
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{home.daemon.url}/webhooks/vsrx", data=body, headers=headers) as answer:
            assert answer.status == 401
            assert KEY not in await answer.text()
    assert await home.count("inbox") == 0
    assert await home.count("suspect") == 0


async def test_a_webhook_signed_with_another_key(practice: Open) -> None:
    home = await practice()
    home.vsrx.secret = "another-key-0123456789abcdef-0123"
    await home.vsrx.delete("F-1")
    assert [sent.status for sent in home.vsrx.sent] == [401]
    assert await home.count("inbox") == 0


def _connected(home: Practice) -> Callable[[], Awaitable[bool]]:
    async def connected() -> bool:
        return home.daemon.engine.places["vsrx"].live.stream == "connected"

    return connected
