"""A config that changes while mirrors run, and runs that are cut short: what counts is what is said now."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.engine.mirror.mirror_stand import Stand
from tests.patience import PATIENCE

from reconciled.config import Measure, Mode, Threshold
from reconciled.engine.mirror.retrying import retry
from reconciled.engine.runs import AlreadyRunning, Run
from reconciled.errors import Unreachable
from reconciled.ledger import mirrors
from reconciled.runtime.mirrors import BY_ITSELF, NAP
from reconciled.source import Receipt, Upload


class Gate:
    """Uploads to the cabinet wait here; `came` are those that did, and each one gets there for good."""

    def __init__(self, stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = asyncio.Event()
        self.came: list[str] = []
        self._upload = stand.cabinet.upload
        monkeypatch.setattr(stand.cabinet, "upload", self.upload)

    async def upload(self, upload: Upload) -> Any:
        self.came.append(upload.name)
        given = await self._upload(upload)
        await self.open.wait()
        return given

    async def reached(self, count: int = 1) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.came) < count:
                await asyncio.sleep(0.002)


@pytest.fixture
def gate(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(stand, monkeypatch)


@pytest.fixture
async def looped(stand: Stand) -> AsyncIterator[Stand]:
    """The stand, with its mirrors' loop running."""
    task = asyncio.create_task(stand.mirrors.run())
    yield stand
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def begun(stand: Stand, gate: Gate, files: int = 12) -> int:
    """A run is under way, and its first upload waits."""
    for number in range(1, files + 1):
        stand.file(number)
    await stand.scan("practice")
    run = await stand.mirrors.begin(stand.mirror, asked_by="api")
    await gate.reached()
    return run


async def state_of(stand: Stand, run: int) -> str:
    (row,) = await stand.rows("SELECT state FROM run WHERE id = ?", run)
    return str(row["state"])


async def until(stand: Stand, sql: str, *, seconds: float) -> None:
    """Let time pass until a query finds something."""
    for _ in range(int(seconds)):
        if await stand.rows(sql):
            return
        stand.clock.advance(1)
        await stand.breathe()
    raise AssertionError(f"not true after {seconds} s")


# --- edits --------------------------------------------------------------------------------------------


async def test_a_mirror_that_leaves_the_config_brings_nothing_more(stand: Stand, gate: Gate) -> None:
    run = await begun(stand, gate)
    await stand.mirrors.configure({}, Mode.ACT)
    assert await state_of(stand, run) == "cancelled"
    gate.open.set()
    before = len(gate.came)
    await asyncio.sleep(0.05)
    assert len(gate.came) == before < 12
    assert await stand.rows("SELECT * FROM mirror") == []
    assert [one.name for one in stand.folder.iterdir()] == []


async def test_a_mirror_that_may_only_say_what_it_would_do_stops_at_once(stand: Stand, gate: Gate) -> None:
    run = await begun(stand, gate)
    await stand.configure(Mode.DRY_RUN)
    assert await state_of(stand, run) == "cancelled"
    gate.open.set()
    before = len(gate.came)
    assert (await stand.run())["state"] == "complete"
    assert len(gate.came) == before < 12


async def test_an_edit_of_its_thresholds_leaves_a_run_alone(stand: Stand, gate: Gate) -> None:
    run = await begun(stand, gate, files=2)
    await stand.change(thresholds={Measure.ERROR_RATE: Threshold(0.5, 0.6)})
    assert await state_of(stand, run) == "running"
    gate.open.set()
    await stand.engine.wait(run)
    assert await state_of(stand, run) == "complete"


async def test_nothing_is_opened_about_a_mirror_that_is_not_there_any_more(stand: Stand) -> None:
    """Its run did not end in time, and comes to its end later."""
    stand.mirror = replace(stand.mirror, thresholds={Measure.CONSECUTIVE_FAILURES: Threshold(1, 2)})
    await stand.configure(Mode.ACT)
    run = (await stand.run())["id"]
    gone = stand.mirror
    await stand.mirrors.configure({}, Mode.ACT)
    late = Run(run, 0, "mirror", "practice", "api", "m")
    await stand.mirrors._ended(gone, late, {"failed": 1}, complete=False)
    assert await stand.rows("SELECT 1 FROM finding WHERE code = 'threshold' AND resolved_at IS NULL") == []
    assert await stand.rows("SELECT 1 FROM mirror") == []


async def test_news_in_the_middle_of_an_edit_harm_nobody(stand: Stand) -> None:
    """A second mirror is added while the practice shows something new."""
    other = replace(stand.mirror, name="other")
    editing = asyncio.create_task(stand.mirrors.configure({"m": stand.mirror, "other": other}, Mode.ACT))
    await asyncio.sleep(0)
    stand.engine.tell("changed", source="practice")
    await editing


async def test_a_folder_that_cannot_be_made_is_told_and_nothing_else_suffers(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    for one in stand.folder.iterdir():
        one.rmdir()
    stand.folder.rmdir()
    stand.folder.write_text("in the way")
    await stand.configure(Mode.ACT)
    assert "cannot be made ready" in caplog.text
    stand.folder.unlink()
    stand.file(1)
    await stand.bring()
    assert await stand.copies() == {"1": ("synced", "made")}


# --- another name -------------------------------------------------------------------------------------


async def test_what_a_mirror_brought_stays_its_own_under_another_name(stand: Stand) -> None:
    stand.file(1)
    stand.file(2)
    stand.practice.broken["2"] = Unreachable("practice: connection reset")
    await stand.bring()
    await stand.ledger.write(
        lambda tx: tx.execute(
            "UPDATE copy SET status = 'failed' WHERE key = '2' AND target = 'cabinet'"
        ).close()
    )
    renamed = replace(stand.mirror, name="renamed")
    stand.practice.broken.clear()
    stand.mirror = renamed
    await stand.configure(Mode.ACT)
    owners = await stand.rows("SELECT DISTINCT mirror FROM copy")
    assert owners == [{"mirror": "renamed"}]
    (stuck,) = await stand.rows("SELECT id FROM copy WHERE status = 'failed'")
    assert await retry(stand.engine, renamed, [stuck["id"]]) == [stuck["id"]]
    await stand.engine.probe("practice")
    stand.clock.advance(600)
    await stand.run()
    await stand.follow()
    assert {status for status, _ in (await stand.copies()).values()} == {"synced"}
    assert max(stand.cabinet.uploads.values()) == 1


async def test_another_mirror_of_the_same_source_does_not_take_what_is_not_its_own(stand: Stand) -> None:
    stand.file(1)
    await stand.bring()
    other = replace(stand.mirror, name="other", targets=("blobs",))
    await stand.mirrors.configure({"other": other}, Mode.ACT)
    owners = await stand.rows("SELECT target, mirror FROM copy ORDER BY target")
    assert owners == [{"target": "blobs", "mirror": "other"}, {"target": "cabinet", "mirror": "m"}]
    await stand.mirrors.configure({"other": other, "m": stand.mirror}, Mode.ACT)
    assert await stand.rows("SELECT target, mirror FROM copy ORDER BY target") == owners


async def test_many_copies_change_hands_a_few_at_a_time(stand: Stand) -> None:
    for number in range(1, 8):
        stand.file(number)
    await stand.bring()
    of: dict[str, Any] = {"source": "practice", "targets": ("cabinet",), "kinds": frozenset({"file"})}
    counts = [
        await stand.ledger.write(lambda tx: mirrors.adopt(tx, "new", **of, besides={"new"}, limit=3))
        for _ in range(4)
    ]
    assert counts == [3, 3, 1, 0]


# --- runs that are cut short --------------------------------------------------------------------------


async def test_an_upload_that_was_cut_short_is_not_made_again_while_its_call_may_go_on(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app has all bytes and has not come to them when the run is stopped, and a person runs again."""
    slow = asyncio.Event()
    arrived: list[Upload] = []
    real = stand.cabinet.upload

    async def upload(upload: Upload) -> Receipt:
        arrived.append(upload)
        await slow.wait()  # the app goes on with it, whoever waits for the answer
        raise AssertionError("nobody waits any more")

    monkeypatch.setattr(stand.cabinet, "upload", upload)
    stand.file(1)
    await stand.scan("practice")
    run = await stand.mirrors.begin(stand.mirror, asked_by="api")
    async with asyncio.timeout(PATIENCE):
        while not arrived:
            await asyncio.sleep(0.002)
    await stand.engine.quiet("practice")
    assert await state_of(stand, run) == "cancelled"
    await stand.run()
    assert len(arrived) == 1
    monkeypatch.setattr(stand.cabinet, "upload", real)
    await real(
        Upload(**{name: getattr(arrived[0], name) for name in Upload.__slots__} | {"path": part(stand)})
    )
    stand.cabinet.consume()
    stand.clock.advance(stand.cabinet.acts_within + 1)
    await stand.run()
    await stand.follow()
    assert await stand.copies() == {"1": ("synced", "made")}
    assert set(stand.cabinet.uploads.values()) == {1}


def part(stand: Stand) -> Any:
    path = stand.folder.parent / "what-came"
    path.write_bytes(stand.practice.files["1"].body)
    return path


async def test_a_run_that_was_cut_short_says_how_far_it_came(stand: Stand, gate: Gate) -> None:
    run = await begun(stand, gate)
    await stand.engine.cancel(run)
    (row,) = await stand.rows("SELECT json_extract(stats, '$.bytes') AS bytes FROM run WHERE id = ?", run)
    assert row["bytes"] > 0


async def test_a_run_that_crashes_counts_as_one_that_failed(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reconciled.engine.mirror.bringing.fetch_file", full)
    stand.file(1)
    await stand.scan("practice")
    assert (await stand.run())["state"] == "failed"
    (row,) = await stand.rows("SELECT failures FROM mirror")
    assert row["failures"] == 1


# --- nothing is forgotten -----------------------------------------------------------------------------


async def test_news_during_a_persons_run_are_brought_after_it(looped: Stand, gate: Gate) -> None:
    await begun(looped, gate, files=1)
    looped.file(2)
    await looped.scan("practice")
    for _ in range(60):  # the mirror's own turn comes, and finds the other run under way
        looped.clock.advance(1)
        await asyncio.sleep(0.002)
    with pytest.raises(AlreadyRunning):
        await looped.mirrors.begin(looped.mirror, asked_by=BY_ITSELF)
    gate.open.set()
    await until(looped, "SELECT 1 FROM copy WHERE key = '2' AND target = 'cabinet'", seconds=120)


async def test_a_run_that_failed_is_gone_on_with_by_itself(
    looped: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No copy of it has a row that would come due."""
    tried: list[int] = []

    async def broken(*_: object, **__: object) -> Any:
        tried.append(1)
        raise Unreachable("practice is not well")

    with monkeypatch.context() as patched:
        patched.setattr("reconciled.engine.passes.mirror.MirrorRun._bring_all", broken)
        looped.file(1)
        await looped.scan("practice")
        await until(looped, "SELECT 1 FROM run WHERE pass = 'mirror' AND state = 'failed'", seconds=60)
    await until(looped, "SELECT 1 FROM copy WHERE status = 'synced'", seconds=NAP + 60)
    assert tried


async def test_what_comes_up_before_the_checkpoint_is_not_left_until_the_next_scan(looped: Stand) -> None:
    for number in (1, 5, 9):
        looped.file(number)
    await looped.scan("practice")
    words = looped.mirror.words()
    await looped.ledger.write(mirrors.set_checkpoint, "m", "p5", words=words)
    await until(looped, "SELECT 1 FROM copy WHERE key = '9' AND status = 'synced'", seconds=60)
    await until(looped, "SELECT 1 FROM copy WHERE key = '1' AND status = 'synced'", seconds=60)
