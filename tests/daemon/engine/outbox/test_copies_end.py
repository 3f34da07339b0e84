"""What becomes of a copy's row when the original went, when the copy went, and when either is back."""

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.daemon.engine.conftest import Crash, World
from tests.daemon.engine.outbox.mirrored import (
    GRACE,
    a_site,
    blob,
    brought,
    copies,
    deleted,
    document,
    everywhere,
    file,
    fileset,
    judge,
    lose_document,
    lose_file,
    reason,
    row_of,
    vector,
)
from tests.daemon.engine.test_outbox_crashes import until_crash

from reconciled.config import Agree, Mode, Step, Verb, When
from reconciled.engine.mirror.keeping import Facts, Spot, fate
from reconciled.engine.mirror.telling import tell
from reconciled.engine.outbox.by_hand import Order, order
from reconciled.engine.outbox.undo import undo
from reconciled.engine.said import ignore
from reconciled.engine.suspicion import Desk
from reconciled.ledger import views_copies
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import CopyStatus, How
from reconciled.ledger.journeys import bring_again
from reconciled.model import Key

SYNCED, DUPLICATE = CopyStatus.SYNCED, CopyStatus.DUPLICATE
PENDING, MISSING, REMOVED = CopyStatus.PENDING, CopyStatus.MISSING, CopyStatus.REMOVED


def facts(status: CopyStatus, spot: Spot, **more: object) -> Facts:
    """A made copy of something that stands, by default."""
    made = status is not DUPLICATE
    usual: dict[str, object] = {
        "code": "", "how": How.MADE if made else How.FOUND, "made": made, "under_way": False, "gone": False,
        "doubted": False, "target": "paperless",
    }  # fmt: skip
    return Facts(status=status, spot=spot, **(usual | more))  # type: ignore[arg-type]


OURS = "deleted by reconciled, as P says"


@pytest.mark.parametrize(
    ("known", "becomes"),
    [
        # its original is gone
        (facts(SYNCED, Spot.STANDS, gone=True), None),
        (facts(SYNCED, Spot.UNKNOWN, gone=True), None),
        (facts(SYNCED, Spot.GONE, gone=True, by=OURS), (REMOVED, "ended")),
        (facts(SYNCED, Spot.GONE, gone=True), (REMOVED, "ended")),
        (facts(DUPLICATE, Spot.STANDS, gone=True), (REMOVED, "left")),
        (facts(DUPLICATE, Spot.UNKNOWN, gone=True), (REMOVED, "left")),
        (facts(DUPLICATE, Spot.STANDS, gone=True, made=True), None),
        (facts(DUPLICATE, Spot.STANDS, gone=True, made=True, kept="kept for x"), (REMOVED, "kept")),
        (facts(SYNCED, Spot.STANDS, gone=True, kept="kept for x"), (REMOVED, "kept")),
        (facts(MISSING, Spot.GONE, gone=True), (REMOVED, "ended")),
        (facts(PENDING, Spot.NOWHERE, gone=True), (REMOVED, "never")),
        (facts(CopyStatus.FAILED, Spot.NOWHERE, gone=True), (REMOVED, "never")),
        (facts(CopyStatus.REFUSED, Spot.NOWHERE, gone=True), (REMOVED, "never")),
        (facts(PENDING, Spot.NOWHERE, gone=True, under_way=True), None),
        (facts(CopyStatus.PROCESSING, Spot.NOWHERE, gone=True), None),
        (facts(REMOVED, Spot.STANDS, gone=True, code="kept", kept="kept for x"), None),
        (facts(SYNCED, Spot.FORGOTTEN, gone=True), (REMOVED, "left")),
        # its original stands
        (facts(SYNCED, Spot.FORGOTTEN), (PENDING, "")),
        (facts(DUPLICATE, Spot.FORGOTTEN), (PENDING, "")),
        (facts(MISSING, Spot.FORGOTTEN), (PENDING, "")),
        (facts(CopyStatus.FAILED, Spot.FORGOTTEN), None),
        (facts(REMOVED, Spot.FORGOTTEN, code="deleted"), None),
        (facts(SYNCED, Spot.STANDS), None),
        (facts(SYNCED, Spot.UNKNOWN), None),
        (facts(SYNCED, Spot.GONE), (MISSING, "")),
        (facts(DUPLICATE, Spot.GONE), (MISSING, "")),
        (facts(SYNCED, Spot.GONE, doubted=True), None),
        (facts(SYNCED, Spot.GONE, by=OURS), (REMOVED, "deleted")),
        (facts(SYNCED, Spot.GONE, by=OURS, after=True), (REMOVED, "ended")),
        (facts(MISSING, Spot.GONE), None),
        (facts(MISSING, Spot.UNKNOWN), None),
        (facts(MISSING, Spot.STANDS), (SYNCED, "")),
        (facts(PENDING, Spot.NOWHERE), None),
        (facts(PENDING, Spot.GONE), None),
        (facts(REMOVED, Spot.STANDS, code="left", how=How.FOUND), (DUPLICATE, "")),
        (facts(REMOVED, Spot.STANDS, code="kept"), (SYNCED, "")),
        (facts(REMOVED, Spot.GONE, code="kept"), (SYNCED, "")),  # and then it is missing
        (facts(REMOVED, Spot.GONE, code="ended"), (PENDING, "")),
        (facts(REMOVED, Spot.STANDS, code="ended"), (SYNCED, "")),
        (facts(REMOVED, Spot.NOWHERE, code="never"), (PENDING, "")),
        (facts(REMOVED, Spot.GONE, code="deleted"), None),
        (facts(REMOVED, Spot.STANDS, code="deleted"), (SYNCED, "")),
        (facts(REMOVED, Spot.STANDS, code=""), None),
    ],
)
def test_the_fate_of_a_copy(known: Facts, becomes: tuple[CopyStatus, str] | None) -> None:
    found = fate(known)
    assert (None if found is None else (found.status, found.code)) == becomes
    assert found is None or found.reason


def test_what_is_done_stays_done() -> None:
    """Judged again under the same facts, a row's fate is not another one (but for what is two steps away)."""
    for status in CopyStatus:
        for spot in Spot:
            for gone in (True, False):
                known = facts(status, spot, gone=gone)
                found = fate(known)
                if found is None:
                    continue
                again = fate(replace(known, status=found.status, code=found.code))
                assert again is None, (known, found, again)


# --- the original went ----------------------------------------------------------------------------


async def test_a_found_one_is_let_go_of(world: World) -> None:
    await a_site(world)
    await brought(world, 99, "paperless", Key("document", "1"), how="found", bytes_=1)
    await lose_file(world, 99)
    await judge(world)
    assert (await copies(world))["vsrx 99"] == ("removed", "left")
    assert await reason(world, 99) == "found there, so it is left"
    assert "orphan document 1" not in await world.findings()


async def test_one_that_is_kept_for_another_says_for_whom(world: World) -> None:
    await a_site(world)
    await brought(world, 99, "paperless", Key("document", "11"), how="found", bytes_=81)
    await lose_file(world, 81)
    await judge(world)
    assert await reason(world, 81) == "kept for vsrx file 99 (scan 99.pdf)"
    assert await world.findings() == ["gone file 81", f"orphan {blob(81).key}"]
    (row,) = await world.rows("SELECT how FROM copy WHERE key = '81' AND target = 'paperless'")
    assert row["how"] == "made"


async def test_what_never_arrived_is_closed(world: World) -> None:
    await a_site(world)
    await brought(world, 99, "paperless", status="failed")
    await brought(world, 99, "archive", status="pending", sent=True)
    await lose_file(world, 99)
    await judge(world)
    assert (await copies(world))["vsrx 99"] == ("removed", "never")
    assert (await copies(world, "archive"))["vsrx 99"] == ("pending", "")


@pytest.mark.parametrize(
    ("status", "code"), [("failed", "upload_failed"), ("refused", "refused"), ("synced", "unmirrored")]
)
async def test_what_is_told_of_a_journey_is_over_when_its_original_is_gone(
    world: World, status: str, code: str
) -> None:
    await a_site(world)
    await brought(world, 99, "archive", blob(1).key if status == "synced" else None, status=status, bytes_=1)

    def say(tx: Tx) -> None:
        tx.execute("UPDATE copy SET code = 'changed' WHERE key = '99'")
        tell(Desk.at(tx, world.place("vsrx").live), [row_of(tx, "vsrx", Key("file", "99")).id])

    await world.ledger.write(say)
    assert f"{code} file 99" in await world.findings()
    await lose_file(world, 99)
    await judge(world)
    assert f"{code} file 99" not in await world.findings()


async def test_a_record_closes_when_all_is_done(world: World) -> None:
    """Partial failure is visible: the archive refuses."""
    await a_site(world)
    await world.decide(everywhere())

    async def record() -> views_copies.RecordEnd:
        (row,) = await world.rows("SELECT id FROM item WHERE kind = 'file' AND key = '81'")
        found = await world.ledger.read(views_copies.record_of, row["id"])
        assert found is not None
        return found

    before = await record()
    assert (before.gone, before.closed, before.left) == (False, False, ["archive", "paperless"])
    await lose_file(world, 81)
    world.engine.places["archive"].live.paused = "owner"
    await world.ledger.write(
        lambda tx: tx.execute("UPDATE source SET paused_by = 'owner' WHERE name = 'archive'")
    )
    await world.pass_time(2 * GRACE, step=120)
    await judge(world)
    half = await record()
    assert (half.gone, half.closed, half.left) == (True, False, ["archive"])
    archive, paperless = half.copies
    assert (archive.status, archive.action_verb, archive.action_state) == ("synced", "delete", "planned")
    assert archive.action_reason == "archive is paused by owner"
    assert (paperless.status, paperless.action_state) == ("removed", "done")
    assert paperless.reason == "deleted by reconciled, as everywhere says"
    world.engine.places["archive"].live.paused = None
    await world.ledger.write(
        lambda tx: tx.execute("UPDATE source SET paused_by = NULL WHERE name = 'archive'")
    )
    await world.pass_time(2 * GRACE, step=120)
    await judge(world)
    assert (await record()).closed
    (other,) = await world.rows("SELECT id FROM item WHERE kind = 'vector' AND key = '11'")
    assert await world.ledger.read(views_copies.record_of, other["id"]) is None


async def test_an_original_that_comes_back_has_its_copies_again(world: World) -> None:
    """What was let go of is tied again, what was deleted is to be brought anew."""
    await a_site(world)
    await brought(world, 99, "paperless", Key("document", "1"), how="found", bytes_=1)
    await world.decide(everywhere("everywhere", "paperless"))
    for n in (81, 99):
        await lose_file(world, n)
    await world.pass_time(2 * GRACE, step=120)
    await judge(world)
    assert deleted(world) == ["paperless document 11"]
    world.apps["vsrx"].put(file(81), file(99))
    await world.scan_and_settle("vsrx")
    await judge(world)
    found = await copies(world)
    assert (found["vsrx 81"], found["vsrx 99"]) == (("pending", ""), ("duplicate", ""))
    (row,) = await world.rows("SELECT target_item, how FROM copy WHERE key = '81' AND target = 'paperless'")
    assert (row["target_item"], row["how"]) == (None, None)


# --- the copy went --------------------------------------------------------------------------------


async def test_a_copy_that_somebody_deleted_is_a_finding(world: World) -> None:
    await a_site(world)
    await brought(world, 99, "paperless", Key("document", "1"), how="found", bytes_=1)
    await lose_document(world, 11)
    await lose_document(world, 1)
    await judge(world)
    assert [one for one in await world.findings() if one.startswith("copy_gone")] == [
        "copy_gone file 81", "copy_gone file 99",
    ]  # fmt: skip
    found = await copies(world)
    assert found["vsrx 81"][0] == found["vsrx 99"][0] == "missing"
    (finding, _) = await world.rows("SELECT * FROM finding WHERE code = 'copy_gone' ORDER BY id")
    assert (finding["source"], finding["losing"], finding["title"]) == ("vsrx", "paperless", "scan 81.pdf")
    assert "document 11 of paperless" in finding["detail"]
    (grave,) = await world.rows("SELECT * FROM tombstone WHERE id = ?", finding["tombstone_id"])
    assert (grave["source"], grave["key"]) == ("paperless", "11")
    await judge(world)
    assert len(await world.rows("SELECT 1 FROM finding WHERE code = 'copy_gone'")) == 2


async def test_a_record_with_bytes_says_that_its_copy_went(world: World) -> None:
    """The program that sent it hears of it by its record, and is not told that all is well."""
    await a_site(world)

    def register(tx: Tx) -> None:
        tx.execute(
            "INSERT INTO record (id, source_id, key, title, said, registered_at, changed_at, changed_seq) "
            "SELECT 1, source_id, key, title, 'synced', '2026', '2026', 1 FROM item "
            "WHERE kind = 'file' AND key = '81'"
        )
        tx.execute(
            "INSERT INTO content (record_id, file, name, mime_type, size, sha256, put_at) "
            "SELECT 1, 'f', 'n', 'application/pdf', 1, sha256, '2026' FROM copy WHERE key = '81' LIMIT 1"
        )

    await world.ledger.write(register)
    await lose_document(world, 11)
    await judge(world)
    assert await world.rows("SELECT said FROM record") == [{"said": "failed"}]
    world.apps["paperless"].put(document(11, of=81))
    await world.scan_and_settle("paperless")
    await judge(world)
    assert await world.rows("SELECT said FROM record") == [{"said": "synced"}]


@pytest.mark.parametrize(
    "how", ["back", "under another key", "asked for again", "the original goes", "ignored"]
)
async def test_how_that_is_over(world: World, how: str) -> None:
    await a_site(world)
    await lose_document(world, 11)
    await judge(world)
    (finding,) = await world.rows("SELECT id FROM finding WHERE code = 'copy_gone'")
    status = "synced"
    match how:
        case "back":
            world.apps["paperless"].put(document(11, of=81))
            await world.scan_and_settle("paperless")
        case "under another key":
            world.apps["paperless"].put(replace(document(11, of=81), key=Key("document", "111")))
            await world.scan_and_settle("paperless")
        case "asked for again":
            (row,) = await world.rows("SELECT id FROM copy WHERE key = '81' AND target = 'paperless'")
            await world.ledger.write(lambda tx: bring_again(tx, row["id"], at="2026"))
            status = "pending"
        case "the original goes":
            await lose_file(world, 81)
            status = "removed"
        case _:
            await ignore(world.engine, finding["id"], by="owner")
            status = "missing"
    await judge(world)
    await judge(world)
    assert (await copies(world))["vsrx 81"][0] == status
    (finding,) = await world.rows("SELECT * FROM finding WHERE code = 'copy_gone'")
    assert (finding["resolved_at"] is None) is (how == "ignored")
    if how == "under another key":
        (row,) = await world.rows("SELECT target_key FROM copy WHERE key = '81' AND target = 'paperless'")
        assert row["target_key"] == "111"


async def test_our_own_deletion_is_no_such_finding(world: World) -> None:
    """A person deletes a copy on our page: it is not brought again, and nobody is asked about it."""
    await a_site(world)
    await world.decide(mode=Mode.ASK)
    await order(world.outbox, Order(Verb.DELETE, "paperless", Key("document", "11"), files=True), by="owner")
    await world.turn()
    await world.pass_time(120)
    await judge(world)
    assert (await copies(world))["vsrx 81"] == ("removed", "deleted")
    assert "copy_gone file 81" not in await world.findings()
    (row,) = await world.rows("SELECT id FROM action")
    await undo(world.outbox, row["id"], by="owner")
    await world.turn()
    await world.pass_time(120)
    await judge(world)
    assert (await copies(world))["vsrx 81"] == ("synced", "")


async def test_what_is_not_proved_is_not_gone(world: World) -> None:
    """The document is only unlisted; then it is proved gone, but the file is a suspect meanwhile."""
    await a_site(world)
    world.apps["paperless"].remove(Key("document", "11"))
    await world.scan("paperless")
    await judge(world)
    assert (await copies(world))["vsrx 81"] == ("synced", "")
    world.apps["vsrx"].remove(Key("file", "81"))
    await world.scan("vsrx")
    world.clock.advance(30)
    await world.place("paperless").worker.work_once()
    await judge(world)
    assert (await copies(world))["vsrx 81"] == ("synced", "")
    await world.place("vsrx").worker.work_once()
    await judge(world)
    assert (await copies(world))["vsrx 81"] == ("removed", "ended")
    assert "copy_gone file 81" not in await world.findings(is_open=False)


async def test_a_pass_that_is_cut_off_says_it_the_next_time(world: World) -> None:
    """The row and its finding are one transaction; a row without one is made up for."""
    await a_site(world)
    await lose_document(world, 11)
    await lose_document(world, 12)

    def cut(tx: Tx) -> None:
        tx.execute("UPDATE copy SET status = 'missing' WHERE key = '81' AND target = 'paperless'")

    await world.ledger.write(cut)
    await judge(world, "paperless")
    assert {"copy_gone file 81", "copy_gone file 82"} <= {*await world.findings()}


async def test_a_copy_known_by_its_key_alone_is_tied_when_its_bytes_are_seen(world: World) -> None:
    """It lay in the trash when it was found; another document under that number is not it."""
    await a_site(world)
    await world.ledger.write(
        lambda tx: tx.execute("UPDATE copy SET target_item = NULL WHERE target_key IN ('11', '12')")
    )
    world.apps["paperless"].put(document(12, of=400))
    await world.scan("paperless")
    await judge(world)
    found = await world.rows("SELECT key, target_item FROM copy WHERE target = 'paperless' ORDER BY key")
    assert [row["target_item"] is not None for row in found] == [True, False, True]


# --- orphans --------------------------------------------------------------------------------------


async def test_a_copy_of_nothing_is_an_orphan_until_it_is_of_something(world: World) -> None:
    await a_site(world)
    await lose_file(world, 81)
    await judge(world)
    assert {"orphan document 11", f"orphan {blob(81).key}"} <= {*await world.findings()}
    (finding,) = await world.rows("SELECT * FROM finding WHERE code = 'orphan' AND kind = 'document'")
    assert (finding["source"], finding["losing"]) == ("paperless", "vsrx")
    world.apps["vsrx"].put(file(81))
    await world.scan_and_settle("vsrx")
    await judge(world)
    assert await world.findings() == []


async def test_a_policy_takes_such_orphans(world: World) -> None:
    await a_site(world)
    await world.decide(
        everywhere(
            "tidy",
            "paperless",
            when=When.ORPHAN,
            sources=frozenset({"paperless"}),
            kinds=frozenset({"document"}),
        )
    )
    await lose_file(world, 81)
    await judge(world)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == ["paperless document 11"]
    (row,) = await world.rows("SELECT since FROM action")
    assert row["since"] == "what it is a copy of is gone from vsrx"
    await judge(world)
    assert "orphan document 11" not in await world.findings()


async def test_no_policy_takes_one_that_another_file_has_by_now(world: World) -> None:
    await a_site(world)
    await world.decide(everywhere("tidy", "paperless", when=When.ORPHAN, sources=frozenset({"paperless"})))
    await lose_file(world, 81)
    await judge(world)
    await world.pass_time(8 * 60)
    assert await world.actions() == ["planned delete paperless document 11"]
    world.apps["vsrx"].put(file(84, same_as=81))
    await world.scan_and_settle("vsrx")
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == []
    await judge(world)
    assert "orphan document 11" not in await world.findings()


async def test_a_blob_of_nothing_is_shown_after_a_day_and_no_policy_takes_it(world: World) -> None:
    await a_site(world)
    await world.decide(
        everywhere("tidy", "archive", when=When.ORPHAN, sources=frozenset({"archive"}), agree=Agree.NONE)
    )
    await judge(world)
    assert await world.findings() == []
    world.clock.step(timedelta(days=1, minutes=1))
    await judge(world)
    assert await world.findings() == [f"orphan {blob(1).key}"]
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == [] == await world.actions()
    await brought(world, 99, "archive", blob(1).key, bytes_=1)
    await judge(world)
    assert await world.findings() == []


async def test_a_person_can_be_told_of_such_a_blob(world: World) -> None:
    await a_site(world)
    tell = replace(
        everywhere("tell", when=When.ORPHAN, sources=frozenset({"archive"})),
        then=(Step(Verb.NOTIFY, "phone"),),
    )
    await world.decide(tell)
    world.clock.step(timedelta(days=1, minutes=1))
    await judge(world)
    await world.turn()
    assert await world.actions() == ["done notify phone"]


async def test_a_fileset_whose_files_stay_is_an_orphan(world: World) -> None:
    await a_site(world)
    world.apps["vsrx"].remove(Key("fileset", "p1"))
    world.apps["vsrx"].put(fileset("p2"))
    await world.scan_and_settle("vsrx")
    await judge(world)
    assert "orphan fileset p1" in await world.findings()
    (finding,) = await world.rows("SELECT detail FROM finding WHERE code = 'orphan' AND kind = 'fileset'")
    assert finding["detail"] == "it is gone, and 4 files of it still stand"
    await lose_file(world, 99)
    await judge(world)
    (finding,) = await world.rows("SELECT detail FROM finding WHERE code = 'orphan' AND kind = 'fileset'")
    assert finding["detail"] == "it is gone, and 3 files of it still stand"


@pytest.mark.parametrize("how", ["back", "goes on", "its files go"])
async def test_how_that_resolves(world: World, how: str) -> None:
    await a_site(world)
    world.apps["vsrx"].remove(Key("fileset", "p1"))
    await world.scan_and_settle("vsrx")
    world.apps["vsrx"].put(fileset("p3"))
    await world.scan_and_settle("vsrx")
    await judge(world)
    assert "orphan fileset p1" in await world.findings()
    match how:
        case "back":
            world.apps["vsrx"].put(fileset("p1"))
        case "goes on":
            world.apps["vsrx"].put(fileset("p3", "p1"))
        case _:
            world.apps["vsrx"].put(file(7, patient="p0"))
            world.apps["vsrx"].remove(*(file(n).key for n in (81, 82, 83, 99)))
    await world.scan_and_settle("vsrx")
    await world.release_all("vsrx")
    await world.settle()
    await judge(world)
    assert "orphan fileset p1" not in await world.findings()


async def test_a_fileset_that_ends_with_its_files_is_none(world: World) -> None:
    await a_site(world)
    world.apps["vsrx"].remove(Key("fileset", "p1"), *(file(n).key for n in (81, 82, 83, 99)))
    world.apps["vsrx"].put(file(7, patient="p0"))
    await world.scan_and_settle("vsrx")
    await judge(world)
    assert "orphan fileset p1" not in await world.findings()
    await world.release_all("vsrx")
    await world.settle()
    await judge(world)
    assert "gone fileset p1" in await world.findings()
    assert "orphan fileset p1" not in await world.findings()


async def test_vectors_of_a_document_that_is_gone_are_orphans(world: World) -> None:
    await a_site(world)
    world.apps["chroma"].put(vector(1, 11, key="both"))
    await world.scan("chroma")
    await world.decide(everywhere("tidy", "chroma", when=When.ORPHAN, sources=frozenset({"chroma"})))
    await lose_document(world, 1)
    await judge(world)
    assert [one for one in await world.findings() if one.startswith("orphan")] == ["orphan vector 1"]
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == ["chroma vector 1"]


# --- crashes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["before sending", "sending committed", "called", "done committed"])
async def test_a_crash_leaves_nothing_open(world: World, moment: str) -> None:
    await a_site(world)
    await world.decide(everywhere("everywhere", "paperless"))
    await lose_file(world, 81)
    world.crash_at = moment
    with contextlib.suppress(Crash):
        await until_crash(world, 2 * GRACE)
    await world.restart()
    await world.pass_time(2 * GRACE, step=120)
    await judge(world)
    assert deleted(world) == ["paperless document 11"]
    assert (await copies(world))["vsrx 81"] == ("removed", "ended")
