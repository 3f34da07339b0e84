"""Files into Paperless: once, marked as ours, followed to their end; nobody's own document is touched."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciled.errors import BadResponse, Refused, SourceError, Unauthorized, Unreachable, Unsupported
from reconciled.model import Item, Key
from reconciled.source import Failed, Fetches, Kept, Pending, Receipt, Revises, Upload, Uploads
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.faults import Fault
from reconciled_paperless.fields import MARKER, fitted, mark_of
from reconciled_paperless.items import key_of

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
BOTH = pytest.mark.parametrize("version", ["3.0.5", "2.20.15"])


@pytest.fixture(params=["3.0.5", "2.20.15"])
async def fake(request: pytest.FixtureRequest, running: Any) -> FakePaperless:
    app: FakePaperless = await running(version=request.param)
    app.put_many(3)
    return app


@pytest.fixture
async def modern(running: Any) -> FakePaperless:
    app: FakePaperless = await running()
    app.put_many(3)
    return app


def held(app: FakePaperless, number: int) -> dict[str, Any]:
    """What the document's custom fields say, by their names."""
    names = {one.id: one.name for one in app.state.custom_fields.values()}
    return {names[field]: value for field, value in app.state.documents[number].fields.items()}


def test_what_it_can_do_with_files(asking: Any) -> None:
    source = asking(FakePaperless(port=1))
    for ability in (Fetches, Uploads, Revises):
        assert isinstance(source, ability)
    assert source.fileset is None
    assert not source.by_content


async def test_a_file_arrives_with_all_that_is_known_of_it(
    fake: FakePaperless, asking: Any, scan: Any
) -> None:
    source = asking(fake)
    upload = scan(
        created=datetime(2026, 3, 1, 12, tzinfo=UTC),
        kept={"clientFileId": "81", "originalPath": "notes/2024/IMG081.jpg", "sourceSystem": "VSRX_SYNC"},
        labels=("vsrx", "Scans"),
        correspondent="Dr. Ann",
        document_type="X-ray",
    )
    assert await source.had(upload) is None
    receipt = await source.upload(upload)
    outcome = await source.outcome(receipt)
    assert isinstance(outcome, Kept)
    assert (outcome.key, outcome.ours) == (key_of(4), True)
    assert outcome.item == await source.lookup(key_of(4))
    made = fake.state.documents[4]
    assert (made.title, made.created, made.data) == ("IMG081", "2026-03-01", b"%PDF scan 81")
    assert {fake.state.tags[one].name for one in made.tags} == {"vsrx", "Scans"}
    assert fake.state.correspondents[made.correspondent or 0].name == "Dr. Ann"
    assert fake.state.document_types[made.document_type or 0].name == "X-ray"
    assert held(fake, 4) == {MARKER: "vsrx/file/81", **upload.kept}
    made_names = (fake.state.tags, fake.state.correspondents, fake.state.document_types)
    assert {one.owner for names in made_names for one in names.values()} == {None}


async def test_names_are_made_once(fake: FakePaperless, asking: Any, scan: Any) -> None:
    source = asking(fake)
    fake.put_tag("VSRX", owner=None)
    uploads = [scan(number, labels=("vsrx",), correspondent="Ann", kept={"n": "1"}) for number in range(9)]
    await asyncio.gather(*map(source.upload, uploads))
    assert [one.name for one in fake.state.tags.values()] == ["VSRX"]
    assert len(fake.state.correspondents) == 1
    assert {one.name for one in fake.state.custom_fields.values()} == {MARKER, "n"}
    assert fake.count("/api/tags/*") == 1
    assert set(fake.uploads.values()) == {1}


async def test_a_name_that_went_meanwhile_is_made_anew(fake: FakePaperless, asking: Any, scan: Any) -> None:
    """A minute's memory of names fails no upload: it was refused whole, and is sent again."""
    source = asking(fake)
    await source.upload(scan(1, labels=("vsrx",), correspondent="Ann", kept={"clientFileId": "1"}))
    for names in (fake.state.tags, fake.state.correspondents, fake.state.custom_fields):
        names.clear()
    await source.upload(scan(2, labels=("vsrx",), correspondent="Ann", kept={"clientFileId": "2"}))
    assert held(fake, 5) == {MARKER: "vsrx/file/2", "clientFileId": "2"}
    assert fake.uploads[scan(2).sha256] == 1


# what it has


async def test_it_is_known_again_by_its_marker(fake: FakePaperless, asking: Any, scan: Any) -> None:
    upload = scan()
    await asking(fake).upload(upload)
    await fake.edit(4, title="Renamed by a person")
    for since in (None, LONG_AGO):
        known = await asking(fake).had(upload, since=since)
        assert isinstance(known, Kept)
        assert (known.key, known.ours, known.said) == (key_of(4), True, "")


async def test_the_same_bytes_of_somebody_else_are_found(fake: FakePaperless, asking: Any, scan: Any) -> None:
    fake.put("Their own", data=scan().path.read_bytes())
    known = await asking(fake).had(scan())
    assert isinstance(known, Kept)
    assert (known.key, known.ours) == (key_of(4), False)
    assert isinstance(known.item, Item)
    assert not fake.state.documents[4].fields


async def test_a_file_in_the_trash(modern: FakePaperless, asking: Any, scan: Any) -> None:
    """3.x shows checksums there, and the custom fields of nothing."""
    clock = ManualClock()
    source = asking(modern, clock=clock)
    await source.upload(scan())
    modern.delete(4)
    for _ in range(3):
        assert await source.had(scan()) == Kept(key_of(4), None, ours=False, said="in the trash")
        assert await source.had(scan(82)) is None
    assert modern.count("/api/trash/*") == 1
    modern.purge(4)
    clock.advance(61)
    assert await source.had(scan()) is None


async def test_old_paperless_refuses_what_lies_in_its_trash(running: Any, asking: Any, scan: Any) -> None:
    app: FakePaperless = await running(version="2.20.15")
    app.put("Their own (#7).", data=scan().path.read_bytes())
    app.delete(1)
    source = asking(app)
    assert await source.had(scan()) is None
    outcome = await source.outcome(await source.upload(scan()))
    assert outcome == Kept(key_of(1), None, ours=False, said="in the trash")


@pytest.mark.parametrize("what", ["checksum__iexact", "custom_field_query"])
async def test_filters_that_are_ignored(fake: FakePaperless, asking: Any, scan: Any, what: str) -> None:
    """The whole list comes back then, and any document would count as the file."""
    if what == "custom_field_query":
        fake.put_field(MARKER)
    fake.filters_known = False
    with pytest.raises(BadResponse, match=what):
        await asking(fake).had(scan())


async def test_ours_with_other_bytes(modern: FakePaperless, asking: Any, scan: Any) -> None:
    """The original changed: its copy is known, and shows which bytes it has."""
    source = asking(modern)
    await source.upload(scan())
    known = await source.had(scan(81, b"%PDF newer"))
    assert isinstance(known, Kept)
    assert known.ours
    assert known.said == "its newest file has other bytes"


async def test_what_a_person_made_of_ours_is_not_ours(fake: FakePaperless, asking: Any, scan: Any) -> None:
    """Who merges, splits or edits documents gets new ones, and all fields of the old ones come along."""
    source = asking(fake)
    await source.upload(scan())
    (field,) = fake.state.custom_fields
    merged = fake.put("Merged", data=b"%PDF all", file_name="4_2_merged.pdf", fields={field: "vsrx/file/81"})
    known = await source.had(scan())
    assert (known.key, known.ours) == (key_of(4), True)
    fake.purge(4)
    known = await source.had(scan())
    assert (known.key, known.ours) == (key_of(merged.id), False)
    assert MARKER in known.said


async def test_a_database_that_is_blind_to_case(fake: FakePaperless, asking: Any, scan: Any) -> None:
    """It finds the marker of another original, which is neither ours nor trouble."""
    source = asking(fake)
    await source.upload(scan(marker="vsrx/file/É81A"))
    fake.state.blind_to_case = True
    other = scan(82, marker="vsrx/file/é81a")
    assert await source.had(other) is None
    await source.upload(other)
    known = await source.had(other)
    assert (known.key, known.ours) == (key_of(5), True)


async def test_a_document_that_goes_while_it_is_asked_about(
    running: Any, asking: Any, scan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2.20 tells checksums one by one; nobody holds the file then, and nothing is refused."""
    app: FakePaperless = await running(version="2.20.15")
    app.put("Their own", data=scan().path.read_bytes())
    source = asking(app)
    ask = source.connection.ask

    async def late(path: str, **more: Any) -> Any:
        if path.endswith("/metadata/"):
            app.purge(1)
        return await ask(path, **more)

    monkeypatch.setattr(source.connection, "ask", late)
    assert await source.had(scan()) is None


async def test_the_trash_is_remembered_without_its_texts(
    modern: FakePaperless, asking: Any, scan: Any
) -> None:
    modern.put("Long", content="word " * 1000)
    modern.delete(4)
    source = asking(modern)
    assert await source.had(scan()) is None
    assert [one.content for one in (await source._trash.read()).values()] == [None]


# an answer that nobody heard


@pytest.mark.parametrize("became", ["hidden", "unmarked", "trashed", "purged"])
async def test_what_our_task_made_is_ours_though_it_does_not_say_so(
    modern: FakePaperless, asking: Any, scan: Any, became: str
) -> None:
    """A workflow gives new documents to somebody else, or takes their fields off."""
    ann = modern.put_user("ann")
    source = asking(modern, token=ann.token)
    modern.faults.set(Fault.CUT_JSON, method="POST", path="*/post_document/", times=1)
    began = datetime.now(UTC)
    with pytest.raises(SourceError):
        await source.upload(scan())
    match became:
        case "hidden":
            modern.hide(4, owner=modern.admin.id)
        case "unmarked":
            modern._keep(replace(modern.state.documents[4], fields={}))
        case "trashed":
            modern.delete(4)
        case "purged":
            modern.purge(4)
    known = await source.had(scan(), since=began)
    if became == "purged":
        assert known is None
        return
    assert (known.key, known.ours) == (key_of(4), True)
    assert (known.item is not None) == (became == "unmarked")
    assert (await source.had(scan(82), since=began)) is None
    nobody = await source.had(scan(), since=None)
    assert nobody is None or not nobody.ours


async def test_a_task_of_long_ago_that_never_ended(fake: FakePaperless, asking: Any, scan: Any) -> None:
    """A worker that was killed leaves one behind; every patient has an IMG001."""
    fake.delay = None
    began = datetime.now(UTC)
    fake.now = lambda: began - timedelta(days=1)
    kind: Any = {"mime_type": "application/pdf", "owner": 2, "overrides": {}}
    fake.begin(await fake.take("IMG081.pdf", b"%PDF other", **kind))
    fake.now = lambda: datetime.now(UTC)
    assert await asking(fake).had(scan(), since=began) is None
    fake.begin(await fake.take("IMG081.pdf", b"%PDF another", **kind))
    assert isinstance(await asking(fake).had(scan(), since=began), Pending)


async def test_pages_of_tasks_that_are_shorter_than_asked_for(
    modern: FakePaperless, asking: Any, scan: Any
) -> None:
    modern.delay, modern.tasks_a_page = None, 25
    source = asking(modern)
    began = datetime.now(UTC)
    await source.upload(scan())
    for number in range(60):
        data = b"%%PDF other %d" % number
        await modern.take(f"{number}.pdf", data, mime_type="application/pdf", owner=2, overrides={})
    assert isinstance(await source.had(scan(), since=began), Pending)


async def test_an_upload_that_is_under_way(fake: FakePaperless, asking: Any, scan: Any) -> None:
    clock = ManualClock()
    fake.now = clock.now
    fake.delay = None
    source = asking(fake, clock=clock)
    before = clock.now()
    await source.upload(scan())
    assert await source.had(scan()) is None
    assert isinstance(await source.had(scan(), since=before), Pending)
    assert await source.had(scan(82), since=before) is None
    await fake.consume()
    known = await source.had(scan(), since=before)
    assert isinstance(known, Kept)
    assert known.ours


async def test_a_failed_one_is_no(fake: FakePaperless, asking: Any, scan: Any) -> None:
    fake.worker_error = "cannot open resource"
    source = asking(fake)
    await source.upload(scan())
    assert await source.had(scan(), since=LONG_AGO) is None


async def test_a_lost_answer_makes_no_second_document(fake: FakePaperless, asking: Any, scan: Any) -> None:
    source = asking(fake)
    fake.faults.set(Fault.CUT_JSON, method="POST", path="*/post_document/", times=1)
    began = datetime.now(UTC)
    with pytest.raises(SourceError):
        await source.upload(scan())
    known = await asking(fake).had(scan(), since=began)
    assert isinstance(known, Kept)
    assert known.ours
    assert fake.uploads == {scan().sha256: 1}


@pytest.mark.parametrize(
    ("version", "others"),
    [("3.0.5", 250), ("2.20.15", 99)],
    ids=["page by page", "one list of a page's length"],
)
@pytest.mark.parametrize("ahead", [-3600, 0, 3600])
async def test_a_task_below_many_others(
    running: Any, asking: Any, scan: Any, version: str, others: int, ahead: int
) -> None:
    clock = ManualClock()
    app: FakePaperless = await running(version=version, now=lambda: clock.now() + timedelta(seconds=ahead))
    app.delay = None
    source = asking(app, clock=clock)
    await source.upload(scan())
    for number in range(others):
        data = b"%%PDF other %d" % number
        await app.take(f"{number}.pdf", data, mime_type="application/pdf", owner=2, overrides={})
    assert isinstance(await source.had(scan(), since=clock.now()), Pending)


# what becomes of it


async def test_how_it_goes(fake: FakePaperless, asking: Any, scan: Any) -> None:
    fake.delay = None
    source = asking(fake)
    receipt = await source.upload(scan())
    assert await source.outcome(receipt) == Pending("Paperless has not begun with it")
    (task,) = fake.state.tasks.values()
    fake.begin(task)
    assert await source.outcome(receipt) == Pending("Paperless reads it")
    fake.state.tasks[task.task_id] = task
    await fake.consume()
    assert isinstance(await asking(fake).outcome(receipt), Kept)


async def test_a_task_that_never_ends(fake: FakePaperless, asking: Any, scan: Any) -> None:
    fake.stuck = True
    source = asking(fake)
    receipt = await source.upload(scan())
    assert await fake.consume() == 0
    assert isinstance(await source.outcome(receipt), Pending)


@pytest.mark.parametrize(
    ("error", "again"), [("cannot open resource", True), ("Unsupported mime type text/x", False)]
)
async def test_a_worker_that_fails(
    fake: FakePaperless, asking: Any, scan: Any, error: str, again: bool
) -> None:
    fake.worker_error = error
    source = asking(fake)
    outcome = await source.outcome(await source.upload(scan()))
    assert isinstance(outcome, Failed)
    assert outcome.again is again
    assert error in outcome.said


async def test_a_task_that_was_ended(fake: FakePaperless, asking: Any, scan: Any) -> None:
    fake.delay = None
    source = asking(fake)
    receipt = await source.upload(scan())
    fake.revoke(receipt.id.split()[0])
    outcome = await source.outcome(receipt)
    assert isinstance(outcome, Failed)
    assert outcome.again


async def test_a_file_that_was_split(fake: FakePaperless, asking: Any, scan: Any) -> None:
    fake.split = True
    source = asking(fake)
    outcome = await source.outcome(await source.upload(scan()))
    assert isinstance(outcome, Failed)
    assert not outcome.again
    assert "no document of its own" in outcome.said


@pytest.mark.parametrize(
    "receipt", ["", "x", "vsrx/file/81", "00000000-0000-4000-8000-000000000000 vsrx/file/81"]
)
async def test_receipts_of_nobody(fake: FakePaperless, asking: Any, receipt: str) -> None:
    with pytest.raises(BadResponse):
        await asking(fake).outcome(Receipt(receipt))


@BOTH
async def test_a_refused_duplicate(running: Any, asking: Any, scan: Any, version: str) -> None:
    """Of somebody's own document: it is linked, and is not ours."""
    app: FakePaperless = await running(version=version, delete_duplicates=True)
    app.put("It is a duplicate of (#9).", data=scan().path.read_bytes())
    source = asking(app)
    outcome = await source.outcome(await source.upload(scan()))
    assert isinstance(outcome, Kept)
    assert (outcome.key, outcome.ours) == (key_of(1), False)
    assert outcome.item == await source.lookup(key_of(1))
    assert not app.state.documents[1].fields


@BOTH
async def test_a_duplicate_of_our_own_upload_is_ours(
    running: Any, asking: Any, scan: Any, version: str
) -> None:
    """An earlier one arrived after all; the receipt knows the marker, whoever asks."""
    app: FakePaperless = await running(version=version, delete_duplicates=True)
    await asking(app).upload(scan())
    receipt = await asking(app).upload(scan())
    outcome = await asking(app).outcome(receipt)
    assert isinstance(outcome, Kept)
    assert (outcome.key, outcome.ours) == (key_of(1), True)


async def test_a_duplicate_of_a_newer_file(running: Any, asking: Any, scan: Any) -> None:
    """What it names is the number of that file, which is no document."""
    app: FakePaperless = await running(delete_duplicates=True)
    app.put_many(3)
    app.add_version(2, scan().path.read_bytes())
    source = asking(app)
    outcome = await source.outcome(await source.upload(scan()))
    assert isinstance(outcome, Kept)
    assert (outcome.key, outcome.ours) == (key_of(2), False)


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("became", ["trashed", "purged", "hidden"])
@BOTH
async def test_what_became_of_it_since(
    running: Any, asking: Any, scan: Any, version: str, became: str, ours: bool
) -> None:
    app: FakePaperless = await running(version=version, delete_duplicates=True)
    ann = app.put_user("ann")
    if not ours:
        app.put("Their own", data=scan().path.read_bytes(), owner=ann.id)
    source = asking(app, token=ann.token)
    receipt = await source.upload(scan())
    match became:
        case "trashed":
            app.delete(1)
        case "purged":
            app.purge(1)
        case "hidden":
            app.hide(1, owner=app.admin.id)
    outcome = await source.outcome(receipt)
    if became == "purged":
        assert isinstance(outcome, Failed)
        assert outcome.again is not ours  # what somebody deleted is not brought once more unasked
        assert "gone for good" in outcome.said
    else:
        assert isinstance(outcome, Kept)
        assert (outcome.key, outcome.item, outcome.ours) == (Key("document", "1"), None, ours)
        assert ("trash" in outcome.said) == (became == "trashed")


async def test_a_document_that_lost_its_marker_gets_it_back(
    fake: FakePaperless, asking: Any, scan: Any
) -> None:
    """What only our task's result proves is marked, and nothing else of it is changed."""
    source = asking(fake)
    receipt = await source.upload(scan(kept={"clientFileId": "81"}))
    other = fake.put_field("amount", "integer")
    fake._keep(replace(fake.state.documents[4], fields={other.id: 12}))
    assert isinstance(await source.outcome(receipt), Kept)
    assert held(fake, 4) == {"amount": 12, MARKER: "vsrx/file/81"}


# what custom fields can hold


@pytest.mark.parametrize(
    ("value", "data_type", "fits"),
    [
        ("short", "string", "short"),
        ("x" * 128, "string", "x" * 128),
        ("a/" + "x" * 127, "string", "…" + "x" * 127),
        ("x" * 1024, "longtext", "x" * 1024),
    ],
)
def test_a_long_value_keeps_its_end(value: str, data_type: str, fits: str) -> None:
    assert fitted(value, data_type) == fits


def test_long_markers_differ_as_their_originals_do() -> None:
    marks = {mark_of("folder/file/" + "long/" * 40 + end) for end in ("a", "b")}
    assert len(marks) == 2
    assert all(len(mark) <= 128 for mark in marks)


PATH = "notes/" + "deep/" * 200 + "IMG081.jpg"


async def test_a_long_path_is_kept_whole(fake: FakePaperless, asking: Any, scan: Any) -> None:
    source = asking(fake)
    await source.upload(scan(kept={"originalPath": "notes/short.jpg", "clientFileId": "81"}))
    await source.upload(scan(82, kept={"originalPath": PATH, "clientFileId": "82"}))
    assert {one.name: one.data_type for one in fake.state.custom_fields.values()} == {
        MARKER: "string", "originalPath": "longtext", "clientFileId": "string",
    }  # fmt: skip
    assert held(fake, 5)["originalPath"] == PATH


async def test_where_long_texts_are_unknown_it_is_shortened(running: Any, asking: Any, scan: Any) -> None:
    app: FakePaperless = await running(version="2.18.4")
    source = asking(app)
    await source.upload(scan(kept={"originalPath": PATH}))
    assert held(app, 1)["originalPath"] == "…" + PATH[-127:]


async def test_a_field_that_can_hold_no_text(
    fake: FakePaperless, asking: Any, scan: Any, caplog: Any
) -> None:
    fake.put_field("clientFileId", "integer")
    source = asking(fake)
    with caplog.at_level(logging.WARNING):
        for number in (81, 82):
            await source.upload(scan(number, kept={"clientFileId": "F-81", "empty": " "}))
    assert held(fake, 4) == {MARKER: "vsrx/file/81"}
    assert len(caplog.records) == 1
    assert "rename it" in caplog.text


async def test_a_marker_field_of_another_kind(fake: FakePaperless, asking: Any, scan: Any) -> None:
    fake.put_field(MARKER, "integer")
    with pytest.raises(Refused, match="of the type integer"):
        await asking(fake).had(scan())


async def test_a_title_that_is_too_long_or_empty(fake: FakePaperless, asking: Any, scan: Any) -> None:
    source = asking(fake)
    await source.upload(scan(1, title="x" * 300))
    await source.upload(scan(2, title=" \n"))
    assert fake.state.documents[4].title == "x" * 126 + "…"
    assert fake.state.documents[5].title == "IMG002"


# what it refuses


@pytest.mark.parametrize(
    ("data", "words"), [(b"MZ program", "x-dosexec not supported"), (b"", "submitted file is empty")]
)
async def test_its_considered_no(
    fake: FakePaperless, asking: Any, scan: Any, data: bytes, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        await asking(fake).upload(scan(1, data))
    assert not fake.uploads


async def test_a_proxy_with_a_limit(fake: FakePaperless, asking: Any, scan: Any) -> None:
    fake.largest = 2000
    with pytest.raises(Refused, match="client_max_body_size"):
        await asking(fake).upload(scan(1, b"%PDF" + b" " * 3000))


@pytest.mark.parametrize(
    "lacking",
    ["add_document", "view_customfield", "add_customfield", "view_tag", "add_tag", "add_correspondent"],
)
async def test_without_a_right(running: Any, asking: Any, scan: Any, lacking: str) -> None:
    """Refused with the right that is missing; our credentials are not called wrong."""
    app: FakePaperless = await running()
    ann = app.put_user("ann")
    app.state.users[ann.id] = replace(ann, rights=ann.rights - {lacking})
    source = asking(app, token=ann.token)
    with pytest.raises(Refused, match=lacking):
        await source.upload(scan(labels=("vsrx",), correspondent="Ann"))
    assert not app.uploads


async def test_without_a_look_at_tasks(running: Any, asking: Any, scan: Any) -> None:
    app: FakePaperless = await running()
    ann = app.put_user("ann")
    app.state.users[ann.id] = replace(ann, rights=ann.rights - {"view_paperlesstask"})
    source = asking(app, token=ann.token)
    receipt = await source.upload(scan())
    with pytest.raises(Refused, match="view_paperlesstask"):
        await source.outcome(receipt)
    with pytest.raises(Refused, match="view_paperlesstask"):
        await source.had(scan(82), since=LONG_AGO)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RESET, Unreachable),
        (Fault.HANG, Unreachable),
        (Fault.ERROR, BadResponse),
        (Fault.FORBIDDEN, Unauthorized),
        (Fault.UNAUTHORIZED, Unauthorized),
        (Fault.HTML, BadResponse),
        (Fault.CUT_JSON, SourceError),
    ],
)
async def test_trouble(
    fake: FakePaperless, asking: Any, scan: Any, fault: Fault, error: type[SourceError]
) -> None:
    source = asking(fake, act_timeout="200ms")
    if fault is Fault.HTML:  # after the last byte: an answer before it says nothing, whatever it is
        fake.faults.set(Fault.SLOW, method="POST", path="*/post_document/", delay=0.05)
    fake.faults.set(fault, method="POST", path="*/post_document/")
    with pytest.raises(error):
        await source.upload(scan())
    assert sum(fake.uploads.values()) <= 1


async def test_a_token_that_was_renewed(running: Any, asking: Any, scan: Any) -> None:
    app: FakePaperless = await running()
    source = asking(app, user="admin", password="secret-admin")
    await source.probe()
    admin = app.state.users[app.admin.id]
    app.state.users[admin.id] = replace(admin, token="another0123456789")
    source.connection._exchanged_at = float("-inf")
    upload: Upload = scan()
    await source.upload(upload)
    assert app.uploads == {upload.sha256: 1}


# newer bytes


async def test_newer_bytes_of_a_document(modern: FakePaperless, asking: Any, scan: Any) -> None:
    source = asking(modern)
    await source.outcome(await source.upload(scan()))
    newer = scan(81, b"%PDF newer")
    receipt = await source.revise(key_of(4), newer)
    outcome = await source.outcome(receipt)
    assert isinstance(outcome, Kept)
    assert (outcome.key, outcome.ours) == (key_of(4), True)
    assert outcome.item == await source.lookup(key_of(4))
    assert modern.state.documents[4].newest == b"%PDF newer"
    again = await source.revise(key_of(4), newer)
    assert isinstance(again, Kept)
    assert len(modern.state.documents[4].versions) == 1


async def test_newer_bytes_make_nothing_ours(modern: FakePaperless, asking: Any, scan: Any) -> None:
    source = asking(modern)
    outcome = await source.outcome(await source.revise(key_of(2), scan()))
    assert isinstance(outcome, Kept)
    assert (outcome.key, outcome.ours) == (key_of(2), False)
    assert not modern.state.documents[2].fields


async def test_newer_bytes_are_sent_once(modern: FakePaperless, asking: Any, scan: Any) -> None:
    """The answer was lost; while the task is under way, it is told again."""
    modern.delay = None
    modern.faults.set(Fault.CUT_JSON, method="POST", path="*/update_version/", times=1)
    source = asking(modern)
    with pytest.raises(SourceError):
        await source.revise(key_of(2), scan())
    receipt = await source.revise(key_of(2), scan())
    await modern.consume()
    assert isinstance(await source.outcome(receipt), Kept)
    assert modern.uploads == {scan().sha256: 1}


async def test_the_same_newer_bytes_of_two_documents(modern: FakePaperless, asking: Any, scan: Any) -> None:
    """Both are on their way; each gets its own."""
    modern.delay = None
    source = asking(modern)
    receipts = [await source.revise(key_of(number), scan()) for number in (2, 3)]
    await modern.consume()
    assert [(await source.outcome(one)).key for one in receipts] == [key_of(2), key_of(3)]
    assert modern.uploads == {scan().sha256: 2}


async def test_newer_bytes_of_what_is_not_there(modern: FakePaperless, asking: Any, scan: Any) -> None:
    modern.delete(2)
    with pytest.raises(Refused, match="in the trash"):
        await asking(modern).revise(key_of(2), scan())


async def test_old_paperless_keeps_one_file(running: Any, asking: Any, scan: Any) -> None:
    app: FakePaperless = await running(version="2.20.15")
    app.put()
    with pytest.raises(Unsupported, match=r"2\.20\.15 keeps one file"):
        await asking(app).revise(key_of(1), scan())
    assert not app.uploads
