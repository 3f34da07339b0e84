"""What a mirror brings, and what it leaves: the state of the apps and of the ledger afterwards."""

import asyncio
import json

import pytest
from tests.daemon.engine.mirror.mirror_stand import Crash, RevisingCabinet, Stand, sha256

from reconciled.config import Mode
from reconciled.engine.mirror.retrying import retry
from reconciled.engine.runs import AlreadyRunning
from reconciled.errors import Refused, Unreachable
from reconciled.model import Answer, Key
from reconciled.runtime.mirrors import BY_ITSELF
from reconciled.source import Failed, Kept, Receipt, Upload


async def test_every_file_is_brought_once_to_each_target(stand: Stand) -> None:
    wanted = {stand.file(n, patient=n % 3) for n in range(9)}
    run = await stand.bring()
    assert run["state"] == "complete"
    assert set(stand.blobs.held) == wanted
    assert {sha256(d.body) for d in stand.cabinet.documents.values()} == wanted
    assert set(stand.cabinet.uploads.values()) == {1} == set(stand.blobs.uploads.values())
    assert set((await stand.copies()).values()) == {("synced", "made")}
    assert set((await stand.copies("blobs")).values()) == {("synced", "made")}
    stats = json.loads(run["stats"])
    assert (stats["files"], stats["filesets"], stats["failed"]) == (9, 3, 0)
    assert stats["targets"]["cabinet"] == {"sent": 9}


async def test_a_run_without_anything_new_fetches_nothing(stand: Stand) -> None:
    stand.file(1)
    await stand.bring()
    before = stand.practice.fetched.total()
    await stand.scan()
    run = await stand.run()
    assert (stand.practice.fetched.total(), json.loads(run["stats"])["wanted"]) == (before, 0)


async def test_the_same_bytes_are_one_upload_and_each_original_has_its_copy(stand: Stand) -> None:
    same = {stand.file(n, "the same") for n in range(5)}
    await stand.bring()
    (one,) = same
    assert stand.cabinet.uploads == {one: 1}
    assert sorted((await stand.copies()).values()) == [("duplicate", "found")] * 4 + [("synced", "made")]
    assert set((await stand.copies("blobs")).values()) == {("synced", "made")}
    assert (await stand.rows("SELECT count(DISTINCT target_item) AS n FROM copy WHERE target = 'cabinet'"))[
        0
    ]["n"] == 1


@pytest.mark.parametrize("refuses", [False, True])
async def test_a_users_own_document_with_the_same_bytes_is_found_and_not_uploaded(
    stand: Stand, refuses: bool
) -> None:
    stand.cabinet.refuses_duplicates = refuses
    stand.file(1, "theirs")
    stand.cabinet.add(stand.practice.files["1"].body)
    await stand.bring()
    assert stand.cabinet.uploads.total() == 0
    assert await stand.copies() == {"1": ("duplicate", "found")}
    assert len(stand.cabinet.documents) == 1


async def test_one_that_a_user_adds_between_our_look_and_our_upload_is_found_by_the_refusal(
    stand: Stand,
) -> None:
    stand.cabinet.refuses_duplicates = True
    stand.file(1, "theirs")
    await stand.scan("practice")
    await stand.run()
    stand.cabinet.add(stand.practice.files["1"].body)
    await stand.follow()
    assert await stand.copies() == {"1": ("duplicate", "found")}


@pytest.mark.parametrize("refused", [False, True])
async def test_a_duplicate_in_the_trash_is_no_copy_that_stands(stand: Stand, refused: bool) -> None:
    """Thrown away before anybody looked, and purged some day; also where only the upload's refusal tells."""
    stand.file(1, "thrown away")
    body = stand.practice.files["1"].body
    if refused:
        stand.cabinet.refuses_duplicates = True
        await stand.scan("practice")
        await stand.run()
    number = stand.cabinet.add(body)
    stand.cabinet.documents[number].trashed = True
    await (stand.follow() if refused else stand.bring())
    assert await stand.copies() == {"1": ("missing", "found")}
    assert stand.cabinet.uploads.total() == refused
    await stand.engine.perform("orphans", "practice", asked_by="a test")
    assert await stand.findings() == {("copy_gone", "1")}
    stand.cabinet.documents[number].trashed = False
    await stand.scan("cabinet")
    await stand.engine.perform("orphans", "practice", asked_by="a test")
    assert await stand.copies() == {"1": ("duplicate", "found")}
    assert await stand.findings() == set()


async def test_what_was_in_the_trash_is_brought_when_somebody_asks_for_it(stand: Stand) -> None:
    stand.file(1, "thrown away")
    number = stand.cabinet.add(stand.practice.files["1"].body)
    stand.cabinet.documents[number].trashed = True
    await stand.bring()
    del stand.cabinet.documents[number]
    await stand.bring()
    assert await stand.copies() == {"1": ("missing", "found")}, "not by itself"
    (row,) = await stand.rows("SELECT id FROM copy WHERE target = 'cabinet'")
    await retry(stand.engine, stand.mirror, [row["id"]])
    await stand.bring()
    assert await stand.copies() == {"1": ("synced", "made")}


async def test_what_its_app_holds_and_hides_is_a_copy(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """It belongs to somebody else there: nobody says that it is gone."""
    stand.file(1, "hidden")
    number = stand.cabinet.add(stand.practice.files["1"].body)
    stand.cabinet.documents[number].trashed = True

    async def hide(key: Key) -> Answer:
        raise Refused(f"cabinet: {key} is hidden from this user")

    monkeypatch.setattr(stand.cabinet, "lookup", hide)
    await stand.bring()
    assert await stand.copies() == {"1": ("duplicate", "found")}


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("too big", {"text": "x" * 20_000}, "size"),
        ("wrong type", {"mime": "application/zip"}, "type"),
    ],
)
async def test_what_the_rules_refuse_stays_with_a_finding_and_travels_when_the_rules_allow_it(
    stand: Stand, name: str, change: dict[str, str], code: str
) -> None:
    stand.file(1, **change)  # type: ignore[arg-type]
    stand.file(2)
    await stand.bring()
    assert await stand.copies() == {"1": ("refused", None), "2": ("synced", "made")}
    assert await stand.findings() == {("refused", "1")}
    assert stand.practice.fetched["1"] == 0, "refused by what is declared"
    if code == "size":
        await stand.change(max_size=100_000)
        await stand.bring()
        assert await stand.copies() == {"1": ("synced", "made"), "2": ("synced", "made")}
        assert await stand.findings() == set()


async def test_a_failed_file_stops_no_other_and_is_tried_again(stand: Stand) -> None:
    for number in range(4):
        stand.file(number)
    stand.practice.broken["1"] = Unreachable("reset")
    await stand.scan("practice")
    run = await stand.run()
    assert run["state"] == "complete"
    await stand.follow()
    assert {key for key, (status, _) in (await stand.copies()).items() if status == "synced"} == {
        "0",
        "2",
        "3",
    }
    stand.practice.broken.clear()
    await stand.engine.probe("practice")
    stand.clock.advance(7200)
    await stand.run()
    await stand.follow()
    assert set((await stand.copies()).values()) == {("synced", "made")}


async def test_a_failed_target_stops_no_other_target(stand: Stand) -> None:
    stand.file(1)
    stand.blobs.fails = [Refused("the disk is full")]
    await stand.bring()
    assert await stand.copies() == {"1": ("synced", "made")}
    assert await stand.copies("blobs") == {"1": ("failed", None)}
    assert await stand.findings() == {("upload_failed", "1")}


async def test_after_five_tries_a_person_is_asked_and_can_have_it_tried_again(stand: Stand) -> None:
    stand.file(1)
    stand.practice.broken["1"] = Unreachable("reset")
    await stand.scan("practice")
    for _ in range(6):
        await stand.run()
        stand.clock.advance(6 * 3600)
        await stand.engine.probe("practice")
    assert await stand.copies() == {"1": ("failed", None)}
    assert await stand.findings() == {("upload_failed", "1")}
    fetched = stand.practice.fetched.total()
    await stand.run()
    assert stand.practice.fetched.total() == fetched, "it waits for a person"

    from reconciled.ledger import journeys

    stand.practice.broken.clear()
    for (number,) in [tuple(row.values()) for row in await stand.rows("SELECT id FROM copy")]:
        assert await stand.ledger.write(journeys.bring_again, number, at="now")
    await stand.bring()
    assert await stand.copies() == {"1": ("synced", "made")}
    assert await stand.findings() == set()


async def test_an_answer_that_nobody_heard_is_found_out_and_nothing_is_uploaded_twice(stand: Stand) -> None:
    """The cabinet took the file, and the connection broke before it said so."""
    stand.file(1)
    stand.cabinet.after = [Unreachable("reset by peer")]
    await stand.scan("practice")
    await stand.run()
    assert await stand.copies() == {"1": ("pending", None)}
    await stand.engine.probe("cabinet")
    for _ in range(2):  # its task is not finished yet: wait
        stand.clock.advance(600)
        await stand.run()
    assert stand.cabinet.uploads.total() == 1
    (row,) = await stand.rows("SELECT sent FROM copy WHERE target = 'cabinet'")
    assert row["sent"] < stand.clock.reckoned() - 1000, "what was sent then may arrive, and nothing since"
    stand.cabinet.consume()
    stand.clock.advance(600)
    await stand.run()
    assert await stand.copies() == {"1": ("synced", "made")}
    assert stand.cabinet.uploads.total() == 1


async def test_a_call_that_never_arrived_is_made_again(stand: Stand) -> None:
    stand.file(1)
    stand.cabinet.before = [Unreachable("connection refused")]
    await stand.scan("practice")
    await stand.run()
    stand.clock.advance(600)
    await stand.engine.probe("cabinet")
    await stand.run()
    await stand.follow()
    assert await stand.copies() == {"1": ("synced", "made")}


@pytest.mark.parametrize(
    ("failed", "status"),
    [(Failed("a worker error", again=True), "synced"), (Failed("not a document"), "failed")],
)
async def test_a_failed_task_is_tried_again_only_if_that_may_help(
    stand: Stand, failed: Failed, status: str
) -> None:
    stand.file(1)
    stand.cabinet.fails = [failed]
    await stand.scan("practice")
    await stand.run()
    await stand.follow()
    stand.clock.advance(7200)
    await stand.run()
    await stand.follow()
    assert (await stand.copies())["1"][0] == status


async def test_a_task_that_never_ends_is_failed_with_the_remedy(stand: Stand) -> None:
    stand.file(1)
    await stand.scan("practice")
    await stand.run()
    stand.clock.advance(1700)
    await stand.mirrors.following.ask_once()
    assert await stand.copies() == {"1": ("processing", None)}
    stand.clock.advance(200)
    await stand.mirrors.following.ask_once()
    (row,) = await stand.rows("SELECT * FROM copy WHERE target = 'cabinet'")
    assert row["status"] == "failed"
    assert "30 min" in row["reason"]
    assert "retry" in row["reason"]
    assert await stand.findings() == {("upload_failed", "1")}


@pytest.mark.parametrize("mode", [Mode.DRY_RUN, Mode.ASK])
async def test_only_the_mode_holds_it_back(stand: Stand, mode: Mode) -> None:
    stand.file(1)
    await stand.mirrors.configure({"m": stand.mirror}, mode)
    await stand.scan("practice")
    run = await stand.run(asked_by=BY_ITSELF)
    assert (json.loads(run["stats"])["wanted"], stand.blobs.held) == (1, {})
    assert await stand.copies() == {}
    await stand.run(asked_by="anna")
    assert bool(stand.blobs.held) is (mode is Mode.ASK), "in mode ask, a person's run is the yes"


async def test_no_two_runs_of_one_mirror(stand: Stand) -> None:
    stand.file(1)
    await stand.scan("practice")
    first = await stand.mirrors.begin(stand.mirror, asked_by="api")
    with pytest.raises(AlreadyRunning) as error:
        await stand.mirrors.begin(stand.mirror, asked_by="api")
    assert error.value.run == first
    await stand.engine.wait(first)


async def test_a_changed_file_goes_to_the_archive_and_to_who_takes_newer_bytes(stand: Stand) -> None:
    stand.cabinet_class = RevisingCabinet
    await stand.begin()
    stand.file(1, "older")
    await stand.bring()
    newer = stand.file(1, "newer")
    await stand.bring()
    assert newer in stand.blobs.held
    assert [sha256(d.body) for d in stand.cabinet.documents.values()] == [newer]
    assert await stand.copies() == {"1": ("synced", "made")}


async def test_who_takes_no_newer_bytes_keeps_the_older_and_says_so(stand: Stand) -> None:
    older = stand.file(1, "older")
    await stand.bring()
    newer = stand.file(1, "newer")
    await stand.bring()
    assert newer in stand.blobs.held
    assert [sha256(d.body) for d in stand.cabinet.documents.values()] == [older]
    assert await stand.copies() == {"1": ("synced", "made")}
    assert await stand.findings() == {("unmirrored", "1")}
    fetched = stand.practice.fetched.total()
    await stand.bring()
    assert stand.practice.fetched.total() == fetched


@pytest.mark.parametrize(("conflict", "wins"), [("source", True), ("ask", False), (None, False)])
async def test_both_sides_changed(stand: Stand, conflict: str | None, wins: bool) -> None:
    from reconciled.config import Conflict

    stand.cabinet_class = RevisingCabinet
    await stand.begin()
    await stand.change(conflict=Conflict(conflict) if conflict else None)
    stand.file(1, "older")
    await stand.bring()
    stand.cabinet.documents["1"].body = b"edited by anna"
    newer = stand.file(1, "newer")
    await stand.bring()
    assert (sha256(stand.cabinet.documents["1"].body) == newer) is wins
    assert await stand.findings() == (set() if wins else {("unmirrored", "1")})


MOMENTS = ("upload committed", "file called", "receipt committed", "fileset committed")


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_crash_at_any_moment_uploads_nothing_twice_and_loses_nothing(
    stand: Stand, moment: str, at_once: bool
) -> None:
    stand.cabinet.at_once = at_once
    wanted = {stand.file(n, patient=n % 2) for n in range(6)} | {
        stand.file(6, "file 1"),
        stand.file(7, "file 1"),
    }
    await crash(stand, moment)
    await stand.begin()
    for _ in range(10):  # files of one name: while one is worked on, the cabinet says so of each
        stand.clock.advance(60)
        await stand.run()
        await stand.follow()
    assert {sha256(d.body) for d in stand.cabinet.documents.values()} == wanted == set(stand.blobs.held)
    assert len(stand.cabinet.documents) == len(wanted)
    assert set(stand.cabinet.uploads.values()) == {1}
    assert {status for status, _ in (await stand.copies()).values()} == {"synced", "duplicate"}


async def test_a_run_goes_on_after_the_fileset_at_which_it_was_cut_off(stand: Stand) -> None:
    for number in range(6):
        stand.file(number)
    await stand.change(transfers=1)
    await crash(stand, "fileset committed")
    await stand.begin()
    run = await stand.run()
    assert json.loads(run["stats"])["resumed_after"] == "p0"
    assert json.loads(run["stats"])["files"] == 5
    assert "resumed_after" not in json.loads((await stand.run())["stats"])


async def test_a_checkpoint_of_other_words_is_no_good(stand: Stand) -> None:
    for number in range(3):
        stand.file(number)
    await stand.change(transfers=1)
    await crash(stand, "fileset committed")
    await stand.begin()
    await stand.change(max_size=5000)
    assert "resumed_after" not in json.loads((await stand.run())["stats"])


async def crash(stand: Stand, moment: str) -> None:
    """The process dies at that moment of a run."""
    await stand.scan("practice")
    stand.crash_at = moment
    await stand.mirrors.begin(stand.mirror, asked_by="api")
    (task,) = [one.task for one in stand.engine.runs._under.values()]
    with pytest.raises((Crash, BaseExceptionGroup)):
        await task
    assert not stand.crash_at
    stand.clock.advance(5)


@pytest.mark.parametrize(("arrived", "status"), [(True, "synced"), (False, "pending")])
async def test_an_unheard_upload_whose_original_went_is_found_out_about(
    stand: Stand, arrived: bool, status: str
) -> None:
    """The cabinet took the file or not, nobody heard; then the original was deleted. Nothing is uploaded."""
    stand.file(1)
    stand.file(2)
    (stand.cabinet.after if arrived else stand.cabinet.before).append(Unreachable("reset by peer"))
    await stand.change(targets=("cabinet",), transfers=1)
    await stand.scan("practice")
    await stand.run()
    stand.cabinet.consume()
    stand.practice.files["1"].deleted = stand.practice.files["2"].deleted = True
    await stand.scan("practice")
    stand.clock.advance(600)
    for name in ("practice", "cabinet"):
        await stand.engine.probe(name)
    await stand.engine.place("practice").worker.work_once()
    before = stand.cabinet.uploads.total()
    await stand.run()
    assert await stand.rows("SELECT * FROM copy WHERE sent IS NOT NULL") == []
    assert stand.cabinet.uploads.total() == before
    assert status in {one for one, _ in (await stand.copies()).values()}


async def test_newer_bytes_that_the_rules_refuse_are_told_once_and_not_fetched_again(stand: Stand) -> None:
    older = stand.file(1)
    await stand.bring()
    stand.file(1, "x" * 20_000)
    await stand.bring()
    assert [sha256(d.body) for d in stand.cabinet.documents.values()] == [older]
    assert await stand.copies() == {"1": ("synced", "made")}
    assert await stand.findings() == {("unmirrored", "1")}
    run = await stand.run()
    assert json.loads(run["stats"])["wanted"] == 0


async def test_a_run_that_is_ended_in_mid_upload_uploads_nothing_twice(stand: Stand) -> None:
    """The cabinet takes the file a moment after nobody waits for its answer any more."""
    stand.file(1)
    await stand.change(targets=("cabinet",))
    await stand.scan("practice")
    arrived, go_on = asyncio.Event(), asyncio.Event()
    taking, late = stand.cabinet.upload, list[asyncio.Task[object]]()

    async def slowly(upload: Upload) -> Receipt | Kept:
        body = upload.path.read_bytes()

        async def take() -> None:
            await go_on.wait()
            upload.path.parent.mkdir(exist_ok=True)
            upload.path.write_bytes(body)
            await taking(upload)

        late.append(asyncio.create_task(take()))
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    stand.cabinet.upload = slowly  # type: ignore[method-assign]
    number = await stand.mirrors.begin(stand.mirror, asked_by="api")
    await arrived.wait()
    await stand.engine.cancel(number)
    stand.cabinet.upload = taking  # type: ignore[method-assign]
    await stand.run()
    go_on.set()
    await asyncio.gather(*late)
    stand.cabinet.consume()
    stand.clock.advance(600)
    await stand.run()
    assert stand.cabinet.uploads.total() == 1
    assert await stand.copies() == {"1": ("synced", "made")}


async def test_an_earlier_version_of_ours_is_known_again_and_given_the_newer_bytes(stand: Stand) -> None:
    """The ledger forgot the copy, the cabinet did not: it bears our marker, with older bytes."""
    stand.cabinet_class = RevisingCabinet
    await stand.begin()
    newer = stand.file(1, "newer")
    stand.cabinet.add(b"older", marker="practice/file/1")
    await stand.scan("practice")
    await stand.change(targets=("cabinet",))
    for _ in range(3):
        await stand.run()
        stand.clock.advance(600)
    assert [sha256(d.body) for d in stand.cabinet.documents.values()] == [newer]
    assert await stand.copies() == {"1": ("synced", "made")}
    assert await stand.findings() == set()


async def test_newer_bytes_go_onto_no_other_document_of_the_same_number(stand: Stand) -> None:
    """The cabinet's database was restored: under the number of our copy lies somebody's own document."""
    from reconciled.config import Conflict

    stand.cabinet_class = RevisingCabinet
    await stand.begin()
    await stand.change(targets=("cabinet",), conflict=Conflict.SOURCE)
    stand.file(1, "older")
    await stand.bring()
    stand.cabinet.identity = "another-database"
    stand.cabinet.documents["1"].body, stand.cabinet.documents["1"].marker = b"hers", None
    stand.file(1, "newer")
    await stand.scan("practice")
    await stand.run()
    assert stand.cabinet.documents["1"].body == b"hers"


async def test_an_unheard_upload_that_never_ends_waits_for_a_person(stand: Stand) -> None:
    stand.file(1)
    await stand.change(targets=("cabinet",))
    stand.cabinet.after = [Unreachable("reset by peer")]
    await stand.scan("practice")
    await stand.run()
    await stand.engine.probe("cabinet")
    for _ in range(4):
        stand.clock.advance(600)
        await stand.run()
    (row,) = await stand.rows("SELECT * FROM copy")
    assert (row["status"], row["code"]) == ("failed", "timeout")
    assert stand.cabinet.uploads.total() == 1


async def test_an_original_that_changes_while_its_upload_is_unheard_makes_no_second_document(
    stand: Stand,
) -> None:
    stand.cabinet_class = RevisingCabinet
    await stand.begin()
    await stand.change(targets=("cabinet",))
    stand.file(1, "older")
    stand.cabinet.after = [Unreachable("reset by peer")]
    await stand.scan("practice")
    await stand.run()
    newer = stand.file(1, "newer")
    await stand.scan("practice")
    await stand.engine.probe("cabinet")
    for consumed in (False, False, True, True, True):
        stand.clock.advance(300)
        if consumed:
            stand.cabinet.consume()
        await stand.run()
    assert [sha256(d.body) for d in stand.cabinet.documents.values()] == [newer]
    assert await stand.copies() == {"1": ("synced", "made")}


async def test_an_unheard_upload_is_not_forgotten_when_the_target_refuses_to_be_asked(stand: Stand) -> None:
    stand.file(1)
    await stand.change(targets=("cabinet",))
    stand.cabinet.after = [Unreachable("reset by peer")]
    await stand.scan("practice")
    await stand.run()
    await stand.engine.probe("cabinet")
    stand.clock.advance(600)
    stand.cabinet.before = [Refused("the user may not look")]
    had, stand.cabinet.had = stand.cabinet.had, _may_not_look  # type: ignore[method-assign]
    await stand.run()
    stand.cabinet.had = had  # type: ignore[method-assign]
    (row,) = await stand.rows("SELECT status, sent FROM copy")
    assert row["status"] == "failed"
    assert row["sent"] is not None


async def _may_not_look(upload: Upload, *, since: object = None) -> Kept | None:
    raise Refused("the user may not look")
