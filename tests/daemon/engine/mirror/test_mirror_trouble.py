"""Mirrors in trouble: apps that go or stall in mid-run, odd answers, and rows that nobody else would move."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.daemon.engine.mirror.mirror_stand import Stand, sha256
from tests.patience import PATIENCE

from reconciled.engine.mirror import bringing, fetching, following
from reconciled.engine.mirror.part import NoRoom
from reconciled.errors import Unreachable
from reconciled.ledger import journeys
from reconciled.model import Absent, Item, Key
from reconciled.source import Kept, Outcome, Receipt, Upload


async def only_cabinet(stand: Stand, **more: object) -> None:
    await stand.change(targets=("cabinet",), **more)
    await stand.scan("practice")


@pytest.mark.parametrize("what", ["stranger", "paused", "awaited"])
async def test_a_target_that_is_not_to_be_asked_any_more_gets_nothing_of_the_fileset_in_hand(
    stand: Stand, what: str
) -> None:
    """After the first file of a patient a person pauses it, or it turns out to be another installation."""
    for number in range(20):
        stand.file(number, patient=1)
    await only_cabinet(stand, transfers=1)
    live, taking = stand.engine.place("cabinet").live, stand.cabinet.upload

    async def then_gone(upload: Upload) -> Receipt | Kept:
        setattr(live, what, "anna")
        return await taking(upload)

    stand.cabinet.upload = then_gone  # type: ignore[method-assign]
    await stand.run()
    assert stand.cabinet.uploads.total() == 1
    assert stand.practice.fetched.total() <= 2, "what cannot go anywhere is not fetched"
    setattr(live, what, None)
    stand.cabinet.upload = taking  # type: ignore[method-assign]
    for _ in range(2):
        stand.clock.advance(600)
        await stand.run()
        await stand.follow()
    assert set((await stand.copies()).values()) == {("synced", "made")}
    assert set(stand.cabinet.uploads.values()) == {1}


async def test_another_installation_is_not_asked_what_became_of_an_upload(stand: Stand) -> None:
    stand.file(1)
    await only_cabinet(stand)
    await stand.run()
    stand.engine.place("cabinet").live.stranger = "another instance"
    stand.cabinet.tasks, tasks = {}, stand.cabinet.tasks
    stand.clock.advance(60)
    await stand.mirrors.following.ask_once()
    stand.cabinet.tasks = tasks
    stand.engine.place("cabinet").live.stranger = None
    await stand.follow()
    assert await stand.copies() == {"1": ("synced", "made")}


async def test_another_installation_is_not_asked_about_a_stray_upload(stand: Stand) -> None:
    """It would say that it has nothing of it, and what the right one has would stay there for ever."""
    stand.file(2)
    await only_cabinet(stand)
    await stand.bring()
    stand.file(1)
    stand.cabinet.after = [Unreachable("reset by peer")]
    await stand.scan("practice")
    await stand.run()
    stand.cabinet.consume()
    stand.practice.files["1"].deleted = True
    await stand.scan("practice")
    stand.clock.advance(600)
    for name in ("practice", "cabinet"):
        await stand.engine.probe(name)
    await stand.engine.place("practice").worker.work_once()
    stand.engine.place("cabinet").live.stranger = "another instance"
    documents, stand.cabinet.documents = stand.cabinet.documents, {}
    await stand.run()
    assert len(await stand.rows("SELECT * FROM copy WHERE sent IS NOT NULL")) == 1
    stand.engine.place("cabinet").live.stranger, stand.cabinet.documents = None, documents
    await stand.run()
    assert (await stand.copies())["1"] == ("synced", "made")


async def test_a_source_that_became_another_installation_is_fetched_from_no_more(stand: Stand) -> None:
    stand.file(1)
    await stand.scan("practice")
    stand.engine.place("practice").live.stranger = "another instance"
    run = await stand.run()
    assert (run["state"], stand.practice.fetched.total()) == ("failed", 0)


async def test_nobody_waits_for_room_in_a_target_that_does_not_answer_any_more(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cabinet has its hands full and goes: the archive still gets its files, and the run ends."""
    monkeypatch.setattr(following, "IN_HAND", 1)
    for number in range(4):
        stand.file(number)
    await stand.change(transfers=1)
    await stand.scan("practice")
    number = await stand.mirrors.begin(stand.mirror, asked_by="api")
    async with asyncio.timeout(PATIENCE):
        while not stand.cabinet.tasks:
            await asyncio.sleep(0.002)
        for _ in range(20):
            await asyncio.sleep(0.002)  # the run comes to wait for room
        assert stand.cabinet.uploads.total() == 1
        stand.engine.place("cabinet").live.health.failed(Unreachable("refused"), "ask")
        while number in stand.engine.runs.under_way():
            stand.clock.advance(6)
            await asyncio.sleep(0.002)
    assert (len(stand.blobs.held), stand.cabinet.uploads.total()) == (4, 1)


async def test_a_run_whose_only_target_goes_says_so(stand: Stand) -> None:
    for number in range(4):
        stand.file(number)
    stand.cabinet.before = [Unreachable("refused")]
    await only_cabinet(stand, transfers=1)
    run = await stand.run()
    assert (run["state"], json.loads(run["stats"])["files"]) == ("failed", 1)


async def test_an_outage_is_no_time_that_a_target_had_for_an_upload(stand: Stand) -> None:
    stand.file(1)
    await only_cabinet(stand)
    await stand.run()
    live = stand.engine.place("cabinet").live
    live.health.failed(Unreachable("refused"), "ask")
    await stand.mirrors.following.ask_once()
    stand.clock.advance(7200)
    await stand.engine.probe("cabinet")
    await stand.mirrors.following.ask_once()
    assert await stand.copies() == {"1": ("processing", None)}
    stand.clock.advance(1900)
    await stand.mirrors.following.ask_once()
    assert await stand.copies() == {"1": ("failed", None)}


async def test_what_stands_in_a_queue_that_moves_is_not_late(stand: Stand) -> None:
    """A worker needs ten minutes for each of five files, and 30 are allowed for one."""
    for number in range(5):
        stand.file(number)
    await only_cabinet(stand, transfers=1)
    await stand.run()
    for task in list(stand.cabinet.tasks.values()):
        others = [one for one in stand.cabinet.tasks.values() if one.state == "pending" and one is not task]
        for one in others:
            one.state = "queued"
        stand.cabinet.consume()
        for one in others:
            one.state = "pending"
        stand.clock.advance(601)
        await stand.mirrors.following.ask_once()
    assert {status for status, _ in (await stand.copies()).values()} == {"synced"}


async def test_an_odd_outcome_holds_up_no_other_and_ends_as_too_late(stand: Stand) -> None:
    stand.file(1)
    stand.file(2)
    await only_cabinet(stand, transfers=1)
    await stand.run()
    outcome = stand.cabinet.outcome

    async def odd(receipt: Receipt) -> Outcome:
        return Kept(None, None, True) if receipt.id == "1" else await outcome(receipt)  # type: ignore[arg-type]

    stand.cabinet.outcome = odd  # type: ignore[method-assign]
    await stand.follow()
    assert await stand.copies() == {"1": ("processing", None), "2": ("synced", "made")}
    stand.clock.advance(1900)
    await stand.follow()
    assert (await stand.copies())["1"] == ("failed", None)


@pytest.mark.parametrize(
    "error", [NoRoom("no room"), sqlite3.ProgrammingError("a defect"), ValueError("odd")]
)
async def test_what_ends_a_run_or_one_file_takes_nothing_from_the_others_of_the_fileset(
    stand: Stand, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that does not fit on the disk, or crashes us, comes last: those before it are in the archive."""
    for number in range(4):
        stand.file(number, patient=1)
    await stand.change(targets=("blobs",), transfers=1)
    await stand.scan("practice")
    fetch = fetching.fetch_file

    async def at_the_last(
        live: object, fetcher: object, item: object, *args: object, **more: object
    ) -> object:
        if item.key.id == "3":  # type: ignore[attr-defined]
            raise error
        return await fetch(live, fetcher, item, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(bringing, "fetch_file", at_the_last)
    run = await stand.run()
    assert run["state"] == ("failed" if isinstance(error, NoRoom) else "complete")
    assert await stand.copies("blobs") == {
        **{str(number): ("synced", "made") for number in range(3)}, "3": ("pending", None)
    }  # fmt: skip


async def test_a_very_large_fileset_is_brought_in_parts(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "AT_ONCE", 3)
    for number in range(10):
        stand.file(number, "the same" if number % 5 == 0 else None, patient=1)
    await stand.bring()
    assert len(stand.blobs.held) == len(stand.cabinet.documents) == 9
    assert set(stand.cabinet.uploads.values()) == {1}
    assert stand.moments.count("fileset committed") == 1


async def test_bad_bytes_in_an_archive_are_replaced_however_often_it_takes(stand: Stand) -> None:
    held = stand.file(1)
    await stand.change(targets=("blobs",))
    await stand.bring()
    stand.blobs.held[held] = b"rotten"
    await stand.ledger.write(
        lambda tx: journeys.rotten(tx, "blobs", Key("blob", held), reason="are others now", at="now")
    )
    stand.blobs.fails = [Unreachable("reset by peer")]
    await stand.run()
    await stand.engine.probe("blobs")
    stand.clock.advance(600)
    await stand.run()
    assert sha256(stand.blobs.held[held]) == held
    assert await stand.copies("blobs") == {"1": ("synced", "made")}


async def test_who_waits_for_the_upload_of_a_mirror_that_left_the_config_waits_no_more(stand: Stand) -> None:
    stand.file(1, "the same")
    stand.cabinet.after = [Unreachable("reset by peer")]
    await only_cabinet(stand, transfers=1)
    await stand.run()
    stand.file(2, "the same")
    await stand.engine.probe("cabinet")
    stand.clock.advance(1)
    await stand.scan("practice")
    await stand.run()
    (row,) = await stand.rows("SELECT twin FROM copy WHERE key = '2'")
    assert row["twin"] is not None
    stand.cabinet.consume()
    await stand.ledger.write(lambda tx: tx.execute("UPDATE copy SET mirror = 'another' WHERE key = '1'"))
    stand.practice.files["1"].deleted = True
    stand.clock.advance(3600)
    await stand.scan("practice")
    await stand.run()
    assert {status for status, _ in (await stand.copies()).values()} == {"synced", "duplicate"}
    assert stand.cabinet.uploads.total() == 1


async def test_what_a_target_finishes_too_late_for_an_original_that_went_is_known_for_ours(
    stand: Stand,
) -> None:
    """Given up as too late, its original deleted, and then its document appears: it is not left behind."""
    stand.file(1)
    stand.file(2)
    await only_cabinet(stand, transfers=1)
    await stand.run()
    stand.clock.advance(1900)
    await stand.mirrors.following.ask_once()
    assert (await stand.copies())["1"] == ("failed", None)
    stand.practice.files["1"].deleted = True
    await stand.scan("practice")
    stand.clock.advance(60)
    await stand.engine.place("practice").worker.work_once()
    stand.cabinet.consume()
    await stand.run()
    assert (await stand.copies())["1"] == ("synced", "made")


async def test_a_file_that_changed_since_it_was_listed_is_looked_at_and_travels(stand: Stand) -> None:
    """Its source may not be scanned for hours."""
    stand.file(1, "as listed")
    await stand.scan("practice")
    name = stand.file(1, "as it is now", patient=1)
    row = await stand.run()
    assert json.loads(row["stats"])["failed"] == 0, "it is no trouble of the practice's"
    assert (await stand.copies("blobs"))["1"] == ("pending", None)
    await stand.engine.place("practice").worker.work_once()
    stand.clock.advance(61)
    await stand.run()
    assert (await stand.copies("blobs"))["1"] == ("synced", "made")
    assert set(stand.blobs.held) == {name}


async def test_a_file_of_which_its_app_lists_another_size_for_good_waits_for_a_person(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not asked for every minute for ever, without a word."""
    really = stand.practice._item

    def listed(number: str) -> Item:
        item = really(number)
        return replace(item, attrs={**item.attrs, "size": 999})

    monkeypatch.setattr(stand.practice, "_item", listed)
    stand.file(1)
    await stand.scan("practice")
    for _ in range(8):
        await stand.run()
        await stand.engine.place("practice").worker.work_once()
        stand.clock.advance(3600)
    assert (await stand.copies("blobs"))["1"] == ("failed", None)
    assert await stand.findings() == {("upload_failed", "1")}
    assert stand.practice.fetched["1"] == 5


async def test_a_file_that_is_listed_and_has_no_bytes_waits_for_a_person(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its app lost them, and says so to whoever wants them; that it has the file it says, too."""
    asked: list[str] = []

    @asynccontextmanager
    async def nothing(key: Key, **_: object) -> AsyncIterator[Absent]:
        asked.append(key.id)
        yield Absent("404 to its bytes")

    monkeypatch.setattr(stand.practice, "fetch", nothing)
    stand.file(1)
    await stand.scan("practice")
    for _ in range(8):
        await stand.run()
        await stand.engine.place("practice").worker.work_once()
        stand.clock.advance(3600)
    assert (await stand.copies("blobs"))["1"] == ("failed", None)
    assert await stand.findings() == {("upload_failed", "1")}
    assert asked == ["1"] * 5


async def test_a_folder_of_transfers_that_somebody_cleared_away_stops_nothing(stand: Stand) -> None:
    """While the end of an upload, of a file that went meanwhile, is still to be found out about."""
    stand.file(1)
    for number in (2, 3, 4):
        stand.file(number)
    stand.cabinet.after = [Unreachable("reset by peer")]
    await only_cabinet(stand, transfers=1)
    await stand.run()
    await stand.engine.probe("cabinet")
    (row,) = await stand.rows("SELECT key FROM copy WHERE sent IS NOT NULL AND status = 'pending'")
    stand.practice.files[row["key"]].deleted = True
    await stand.scan("practice")
    stand.clock.advance(600)
    await stand.engine.place("practice").worker.work_once()
    shutil.rmtree(stand.folder)
    run = await stand.run()
    assert run["state"] == "complete", run["error"]
