"""What leaves an archive by itself, and what is found when it is read back."""

import asyncio
import json
from datetime import timedelta

import pytest
from tests.daemon.engine.mirror.mirror_stand import PDF, Stand, sha256

from reconciled.config import Mode
from reconciled.engine.mirror.retrying import retry
from reconciled.engine.said import pause
from reconciled.errors import Refused
from reconciled.ledger import leaving
from reconciled.ledger.connection import Tx
from reconciled.runtime.mirrors import BY_ITSELF

WEEK = 7 * 86400


async def gc(stand: Stand, asked_by: str = "api") -> dict[str, object]:
    number = await stand.engine.perform("blob_gc", "blobs", asked_by=asked_by)
    (row,) = await stand.rows("SELECT * FROM run WHERE id = ?", number)
    return row


async def garbage(stand: Stand, text: str = "nobody's", *, ours: bool = True) -> str:
    """Bytes without a row: an upload whose row was never written, or (not `ours`) another daemon's."""
    body = PDF + text.encode()
    name = sha256(body)
    stand.blobs.held[name] = body
    stand.blobs.stored[name] = stand.clock.now().isoformat()
    if ours:
        await stand.ledger.write(leaving.stores, stand.engine.place("blobs").live.id, name)
    return name


@pytest.mark.parametrize(
    ("days", "mode", "by", "leaves"),
    [
        (8, Mode.ACT, BY_ITSELF, True),
        (6, Mode.ACT, BY_ITSELF, False),
        (8, Mode.ASK, BY_ITSELF, False),
        (8, Mode.ASK, "api", True),
        (8, Mode.DRY_RUN, "api", False),
    ],
)
async def test_what_nobody_refers_to_leaves_after_a_grace(
    stand: Stand, days: int, mode: Mode, by: str, leaves: bool
) -> None:
    used, unused = stand.file(1), await garbage(stand)
    await stand.bring()
    await stand.scan("blobs")
    stand.clock.advance(days * 86400)
    await stand.mirrors.configure({"m": stand.mirror}, mode)
    row = await gc(stand, by)
    assert row["state"] == "complete"
    assert (unused not in stand.blobs.held, used in stand.blobs.held) == (leaves, True)
    await stand.engine.place("blobs").worker.work_once()
    assert await stand.rows("SELECT * FROM leaving") == []


async def test_an_older_version_leaves_and_the_newer_stays(stand: Stand) -> None:
    older = stand.file(1, "older")
    await stand.bring()
    newer = stand.file(1, "newer")
    await stand.bring()
    stand.clock.advance(WEEK + 60)
    await gc(stand)
    assert set(stand.blobs.held) == {newer} != {older}


@pytest.mark.parametrize("again", ["fails", "is refused"])
async def test_an_older_version_stays_until_the_newer_is_there_however_often_that_is_tried(
    stand: Stand, again: str
) -> None:
    """A person has the newer bytes travel again after they failed, and they fail once more."""
    older = stand.file(1, "older")
    await stand.bring()
    newer = stand.file(1, "newer")
    stand.blobs.fails = [Refused("blobs: mounted read-only") for _ in range(2)]
    await stand.bring(1)
    assert (await stand.copies("blobs"))["1"] == ("failed", "made")
    stand.clock.advance(WEEK + 60)
    (row,) = await stand.rows("SELECT id FROM copy WHERE target = 'blobs'")
    assert await retry(stand.engine, stand.mirror, [row["id"]]) == [row["id"]]
    if again == "is refused":
        stand.practice.files["1"].body = b"no PDF"
    await stand.bring(1)
    assert (await stand.copies("blobs"))["1"][0] == ("failed" if again == "fails" else "refused")
    await gc(stand)
    assert set(stand.blobs.held) == {older}
    stand.file(1, "newer")
    stand.blobs.fails = []
    await stand.scan("practice")
    await retry(stand.engine, stand.mirror, [row["id"]])
    await stand.bring()
    assert (await stand.copies("blobs"))["1"] == ("synced", "made")
    stand.clock.advance(WEEK + 60)
    await gc(stand)
    assert set(stand.blobs.held) == {newer}


async def test_an_archive_that_seems_all_garbage_is_left_alone_unless_a_person_asks(stand: Stand) -> None:
    for number in range(30):
        await garbage(stand, str(number))
    await stand.scan("blobs")
    stand.clock.advance(WEEK + 60)
    row = await gc(stand, BY_ITSELF)
    assert row["state"] == "failed"
    assert "too many" in str(row["error"])
    assert len(stand.blobs.held) == 30
    await gc(stand)
    assert stand.blobs.held == {}


async def test_bytes_that_are_just_leaving_are_not_tied_to_a_new_copy(stand: Stand) -> None:
    """The collection was cut off between its word and the archive's: the upload waits for its end."""
    name = stand.file(1)
    stand.blobs.held[name] = stand.practice.files["1"].body
    await stand.scan()
    now = stand.clock.reckoned()
    await stand.ledger.write(
        lambda tx: tx.execute("INSERT INTO leaving VALUES ('blobs', 'blob', ?, ?)", (name, now))
    )
    await stand.run()
    assert (await stand.copies("blobs"))["1"] == ("pending", None)
    stand.blobs.held.clear()  # the call got through after all
    stand.clock.advance(300)
    await gc(stand)
    await stand.engine.place("blobs").worker.work_once()
    await stand.bring()
    assert (await stand.copies("blobs"))["1"] == ("synced", "made")
    assert set(stand.blobs.held) == {name}


async def test_what_rotted_is_found_by_reading_back_and_put_right_by_its_original(stand: Stand) -> None:
    name, other = stand.file(1), stand.file(2)
    await stand.bring()
    stand.blobs.held[name] = b"rotten"
    number = await stand.engine.perform("verify", "blobs", asked_by="api")
    (row,) = await stand.rows("SELECT * FROM run WHERE id = ?", number)
    found = json.loads(row["stats"])
    assert (found["sound"], found["rotten"]) == (1, 1)
    assert ("refused", name) in await stand.findings()
    await stand.run()
    assert sha256(stand.blobs.held[name]) == name
    assert other in stand.blobs.held
    await stand.engine.perform("verify", "blobs", asked_by="api")
    assert await stand.findings() == set()


@pytest.mark.parametrize("stands", [True, False], ids=["beside its original", "its original is gone"])
async def test_what_rotted_is_put_right_by_whatever_shows_the_bytes(stand: Stand, stands: bool) -> None:
    """The new one comes first, and is told that the archive has them: nobody else brings them then."""
    name = stand.file(9, "the same")
    for number in (7, 8):  # or else all of the practice were gone
        stand.file(number)
    await stand.bring()
    if not stands:
        stand.practice.files["9"].deleted = True
        await stand.scan("practice")
        stand.clock.advance(30)
        await stand.engine.place("practice").worker.work_once()
    stand.blobs.held[name] = b"rotten"
    await stand.engine.perform("verify", "blobs", asked_by="api")
    stand.file(1, "the same")
    await stand.bring()
    assert sha256(stand.blobs.held[name]) == name
    assert (await stand.copies("blobs"))["1"] == ("synced", "made")
    await stand.engine.perform("verify", "blobs", asked_by="api")
    assert ("refused", name) not in await stand.findings()


async def test_rot_without_an_original_says_so_until_the_bytes_are_gone(stand: Stand) -> None:
    name, _, _ = stand.file(1), stand.file(2), stand.file(3)
    await stand.bring()
    stand.practice.files["1"].deleted = True
    await stand.scan("practice")
    stand.clock.advance(30)
    await stand.engine.place("practice").worker.work_once()
    stand.blobs.held[name] = b"rotten"
    await stand.engine.perform("verify", "blobs", asked_by="api")
    (finding,) = await stand.rows("SELECT detail FROM finding WHERE code = 'refused'")
    assert "no original of it stands" in finding["detail"]
    del stand.blobs.held[name]
    await stand.scan("blobs")
    stand.clock.advance(30)
    await stand.engine.place("blobs").worker.work_once()
    await stand.engine.perform("orphans", "blobs", asked_by="a test")
    assert ("refused", name) not in await stand.findings()


# --- what is garbage by this ledger alone ---------------------------------------------------------


async def test_what_this_ledger_did_not_bring_leaves_by_a_persons_word_only(stand: Stand) -> None:
    """The ledger is new, or an old copy of itself, or another daemon's blobs lie there."""
    unknown = await garbage(stand, ours=False)
    await stand.scan("blobs")
    stand.clock.advance(8 * 86400)
    row = await gc(stand, BY_ITSELF)
    assert (row["state"], json.loads(str(row["stats"]))["found"]) == ("complete", 1)
    assert unknown in stand.blobs.held
    await gc(stand)
    assert stand.blobs.held == {}


async def test_what_was_there_before_we_brought_it_is_not_ours_to_take_out(stand: Stand) -> None:
    """Another daemon brought it to the same archive, and may need it still."""
    shared = await garbage(stand, "shared", ours=False)
    stand.file(1, "shared")
    await stand.bring()
    assert stand.blobs.uploads[shared] == 0
    newer = stand.file(1, "newer")
    await stand.bring()
    stand.clock.advance(WEEK + 60)
    row = await gc(stand, BY_ITSELF)
    assert json.loads(str(row["stats"]))["found"] == 1
    assert set(stand.blobs.held) == {shared, newer}


@pytest.mark.parametrize("how", ["renamed", "twice in the config"])
async def test_what_was_brought_to_the_same_archive_under_another_name_stays(stand: Stand, how: str) -> None:
    name = stand.file(1)
    await stand.bring()
    other = "blobs_before" if how == "renamed" else "cabinet"

    def write(tx: Tx) -> None:
        tx.execute("DELETE FROM copy WHERE target = 'cabinet'")
        tx.execute("UPDATE copy SET target = ? WHERE target = 'blobs'", (other,))
        if how != "renamed":
            tx.execute("UPDATE source SET app = 'blobs', instance = 'one' WHERE name IN ('cabinet', 'blobs')")

    await stand.ledger.write(write)
    stand.clock.advance(WEEK + 60)
    await gc(stand)
    assert set(stand.blobs.held) == {name}


async def test_what_an_original_that_is_back_had_stays(stand: Stand) -> None:
    """The row says `removed` until somebody judges it; until then the bytes are wanted, too."""
    name = stand.file(1)
    await stand.bring()
    await stand.ledger.write(lambda tx: tx.execute("UPDATE copy SET status = 'removed', code = 'kept'"))
    stand.clock.advance(WEEK + 60)
    await gc(stand)
    assert set(stand.blobs.held) == {name}


@pytest.mark.parametrize("what", ["blobs", None])
async def test_nothing_leaves_an_archive_that_is_paused(stand: Stand, what: str | None) -> None:
    unused = await garbage(stand)
    await stand.scan("blobs")
    stand.clock.advance(WEEK + 60)
    await pause(stand.engine, what, by="owner")
    for by in (BY_ITSELF, "api"):
        row = await gc(stand, by)
        assert (row["state"], "paused by owner" in str(row["error"])) == ("failed", True)
    assert unused in stand.blobs.held


async def test_a_clock_that_went_ahead_and_is_set_right_delays_what_leaves_by_a_day_at_most(
    stand: Stand,
) -> None:
    async def runs(hours: float) -> int:
        for _ in range(int(hours * 12)):
            stand.clock.advance(300)
            await stand.breathe()
        return len(await stand.rows("SELECT 1 FROM run WHERE pass = 'blob_gc'"))

    task = asyncio.create_task(stand.mirrors.collect())
    assert await runs(0.1) == 0
    stand.clock.step(timedelta(days=30))
    assert await runs(0.2) == 1
    stand.clock.step(timedelta(days=-30))
    assert await runs(24.2) == 2
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
