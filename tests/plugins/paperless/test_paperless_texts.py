"""The words in documents: whole, with what Paperless says beside them, and nothing that changed left out."""

import contextlib
import gc
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciled.errors import BadResponse, SourceError
from reconciled.model import Json, Key
from reconciled.source import ListsTexts, Text, TextPage, Texts
from reconciled.testing.fakes import paperless_lists as lists
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.faults import Fault
from reconciled_paperless import Paperless, texts
from reconciled_paperless.items import key_of

BEGAN = datetime(2026, 5, 1, tzinfo=UTC)


class Calendar:
    """The fake's clock."""

    def __init__(self) -> None:
        self.moment = BEGAN
        self.step = timedelta(microseconds=1)

    def __call__(self) -> datetime:
        self.moment += self.step
        return self.moment

    def pass_hours(self, hours: float = 1) -> None:
        self.moment += timedelta(hours=hours)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture(params=["3.0.5", "2.20.15"])
async def fake(request: pytest.FixtureRequest, running: Any, calendar: Calendar) -> FakePaperless:
    """Nine letters, an hour ago."""
    app: FakePaperless = await running(version=request.param, now=calendar)
    for number in range(1, 10):
        app.put(f"Letter {number}", content=f"letter {number}")
    calendar.pass_hours()
    return app


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four documents a page."""
    monkeypatch.setattr(texts, "PAGE", 4)


async def pages(source: Paperless, mark: Json = None) -> list[TextPage]:
    """A whole reading; the mark comes and goes as JSON."""
    return [page async for page in source.texts_since(json.loads(json.dumps(mark)))]


def words(found: list[TextPage]) -> dict[int, str]:
    return {int(key.id): text.words for page in found for key, text in page.texts.items()}


def test_what_it_can_do(asking: Any) -> None:
    source = asking(FakePaperless(port=1))
    assert isinstance(source, Texts)
    assert isinstance(source, ListsTexts)


async def test_what_is_said_beside_the_words(fake: FakePaperless, asking: Any) -> None:
    acme, invoice = fake.put_correspondent("ACME"), fake.put_type("Invoice")
    fake.put(
        "An invoice", content="one two", correspondent=acme.id, document_type=invoice.id,
        file_name="scan.pdf", pages=3, created="2025-12-24",
    )  # fmt: skip
    fake.put_note(10, "Paid")
    source = asking(fake)
    about: dict[str, Json] = {"file_name": "scan.pdf", "created": "2025-12-24", "pages": 3, "notes": 1}
    whole = Text("one two", {"correspondent": "ACME", "document_type": "Invoice", **about})
    fake.put("A photo", pages=None)
    bare = Text("", {"file_name": "A photo.pdf", "created": "2026-01-01", "notes": 0})
    fake.delete(2)
    assert await source.texts([key_of(10), key_of(11), key_of(2)]) == {key_of(10): whole, key_of(11): bare}
    assert await source.texts([]) == {}
    listed = {key: text for page in await pages(source) for key, text in page.texts.items()}
    assert (listed[key_of(10)], listed[key_of(11)]) == (whole, bare)
    assert "one two" not in repr(whole)


async def test_many_by_their_keys(fake: FakePaperless, asking: Any, few: None) -> None:
    found = await asking(fake).texts([key_of(number) for number in (*range(1, 10), 3, 99)])
    assert {int(key.id): text.words for key, text in found.items()} == {
        number: f"letter {number}" for number in range(1, 10)
    }
    assert fake.count("/api/documents/[?]*id__in*") == 3


async def test_names_that_we_may_not_look_up(running: Any, asking: Any) -> None:
    """They are left out, and nothing fails by it; a renamed one is known a minute later."""
    app: FakePaperless = await running()
    full = app.put_user("full")
    ann = app.put_user("ann", rights=full.rights - {"view_correspondent", "view_documenttype"})
    app.put("One", owner=ann.id, correspondent=app.put_correspondent("ACME").id, content="x")
    (text,) = (await asking(app, token=ann.token).texts([key_of(1)])).values()
    assert "correspondent" not in text.about
    (text,) = (await asking(app).texts([key_of(1)])).values()
    assert text.about["correspondent"] == "ACME"


async def test_all_the_first_time_and_nothing_the_second(
    fake: FakePaperless, asking: Any, few: None, calendar: Calendar
) -> None:
    source = asking(fake)
    found = await pages(source)
    assert words(found) == {number: f"letter {number}" for number in range(1, 10)}
    assert [len(page.texts) for page in found] == [4, 3, 2, 0]
    assert {page.total for page in found} == {9}
    calendar.pass_hours()
    fake.put("Much later", content="later")
    found = await pages(source, found[-1].mark)
    calendar.pass_hours()
    before = len(fake.requests)
    found = await pages(source, found[-1].mark)
    assert words(found) == {10: "later"}  # as it may have been written in one transaction with others
    assert len(fake.requests) - before == 3


async def test_it_asks_for_small_pages_and_no_more_fields_than_it_needs(
    fake: FakePaperless, asking: Any
) -> None:
    source = asking(fake)
    await source.probe()
    await pages(source)
    (asked,) = [path for _, path in fake.requests if "ordering=modified,id" in path.replace("%2C", ",")]
    assert "page_size=250" in asked
    assert "fields=id" in asked


async def test_what_changed_is_new_or_came_back(
    fake: FakePaperless, asking: Any, few: None, calendar: Calendar
) -> None:
    source = asking(fake)
    fake.delete(3)
    mark = (await pages(source))[-1].mark
    calendar.pass_hours()
    await fake.edit(2, content="another letter")
    fake.put("New", content="new")
    fake.restore(3)
    fake.delete(4)
    fake.purge(5)
    found = words(await pages(source, mark))
    assert {number: found[number] for number in (2, 3, 10)} == {2: "another letter", 3: "letter 3", 10: "new"}
    assert not {4, 5} & found.keys()


async def test_only_what_this_user_may_see(running: Any, asking: Any, calendar: Calendar, few: None) -> None:
    """What is shown to it later comes then, although nothing of it changed."""
    app: FakePaperless = await running(now=calendar)
    ann = app.put_user("ann")
    for number in range(1, 10):
        app.put(f"Letter {number}", content=f"letter {number}", owner=ann.id if number % 2 else 2)
    source = asking(app, token=ann.token)
    found = await pages(source)
    assert words(found).keys() == {1, 3, 5, 7, 9}
    calendar.pass_hours()
    app.put("New", content="new", owner=ann.id)
    found = await pages(source, found[-1].mark)
    app.show(2, ann.id)
    app.hide(3, owner=2)
    calendar.pass_hours()
    found = await pages(source, found[-1].mark)
    assert words(found) == {10: "new", 2: "letter 2"}
    app.show(3, ann.id)
    assert 3 in words(await pages(source, found[-1].mark))


@pytest.mark.parametrize("crowd", [3, 4, 5, 9, 23])
async def test_very_many_of_one_moment(
    running: Any, asking: Any, calendar: Calendar, few: None, crowd: int
) -> None:
    """A bulk edit gives all its documents one time; each of them comes, after any page and any restart."""
    app: FakePaperless = await running(now=calendar)
    app.put("Before", content="before")
    calendar.step = timedelta(0)
    for number in range(crowd):
        app.put(f"Letter {number}", content=f"letter {number}")
    calendar.step = timedelta(microseconds=1)
    app.put("After", content="after")
    source = asking(app)
    found = await pages(source)
    assert words(found).keys() == set(range(1, crowd + 3))
    for cut in range(len(found)):
        again = await pages(source, found[cut].mark)
        assert words(found[: cut + 1]).keys() | words(again).keys() == set(range(1, crowd + 3))


async def happen(fake: FakePaperless, calendar: Calendar, dice: random.Random) -> None:
    """Something that people do, at times to several documents in one moment."""
    calendar.step = timedelta(microseconds=dice.choice((0, 1, 1)))
    there, number = sorted(fake.state.documents), dice.randrange(1, 40)
    match dice.randrange(6):
        case 0 | 1:
            for one in dice.sample(there, min(len(there), dice.randrange(1, 8))):
                await fake.edit(one, content=f"{dice.random()}")
        case 2:
            fake.put("New", content=f"{dice.random()}")
        case 3 if number in there and len(there) > 3:
            fake.delete(number)
        case 4 if number in fake.state.trash:
            fake.restore(number)
        case _:
            calendar.pass_hours(dice.choice((0, 0.01, 1)))


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens_meanwhile(
    fake: FakePaperless, asking: Any, few: None, calendar: Calendar, seed: int
) -> None:
    """Between two pages people change, delete, restore, hide and add; we are killed and go on at the mark."""
    dice = random.Random(seed)
    source, mirror, mark = asking(fake), dict[int, str](), None

    for _ in range(6):
        async for page in source.texts_since(json.loads(json.dumps(mark))):
            mirror.update({int(key.id): text.words for key, text in page.texts.items()})
            mark = page.mark
            for _ in range(dice.randrange(4)):
                await happen(fake, calendar, dice)
            if dice.random() < 0.1:
                break
    mirror.update(words(await pages(source, mark)))
    mirror.update(words(await pages(source, mark)))  # a mark can be used again
    truth = {one.id: one.content for one in fake.in_order()}
    assert {number: mirror.get(number) for number in truth} == truth


@pytest.mark.parametrize("killed", [False, True])
async def test_what_was_written_long_after_its_time(
    fake: FakePaperless, asking: Any, calendar: Calendar, few: None, killed: bool
) -> None:
    """A long transaction shows its documents when it ends, with times from when it was under way.

    Although we read on long ago, or were killed in between and went on much later.
    """
    source = asking(fake)
    late = calendar.moment + timedelta(minutes=1)
    calendar.pass_hours(0.1)
    for number in range(9):
        fake.put(f"Meanwhile {number}", content="meanwhile")
    found = await pages(source)
    mark = found[4].mark if killed else found[-1].mark
    fake._keep(replace(fake.state.documents[3], content="late", modified=late))
    calendar.pass_hours(2)
    fake.put("Much later", content="later")
    if killed:
        rest = await pages(source, mark)
        assert 3 not in words(rest)
        mark = rest[-1].mark
    assert words(await pages(source, mark))[3] == "late"


@pytest.mark.parametrize("how", ["backup", "another", "clock", "strange"])
async def test_a_mark_of_another_world(
    fake: FakePaperless, asking: Any, calendar: Calendar, how: str
) -> None:
    """Everything is read again."""
    source = asking(fake)
    before = fake.state.documents[9]
    await fake.edit(9, content="as of today")
    calendar.pass_hours()
    mark = (await pages(source))[-1].mark
    match how:
        case "backup":
            fake._keep(replace(before))
        case "another":
            fake._keep(replace(fake.state.documents[9], added=BEGAN - timedelta(days=9)))
            fake.put("Newer", content="newer")
        case "clock":
            calendar.pass_hours(-24)
        case "strange":
            mark = {"since": "yesterday"}
    assert words(await pages(source, mark)).keys() >= set(range(1, 10))


async def test_no_documents_at_all(running: Any, asking: Any) -> None:
    app: FakePaperless = await running()
    source = asking(app)
    found = await pages(source)
    assert words(found) == {}
    app.put("First", content="first")
    assert words(await pages(source, found[-1].mark)) == {1: "first"}


async def test_without_the_old_api(running: Any, asking: Any, few: None) -> None:
    """Version 9 alone gives all ids in one answer; without it they are read in pages."""
    app: FakePaperless = await running()
    app.api_versions = ("10",)
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    for number in range(1, 12):
        app.put(f"Letter {number}", content=f"letter {number}", modified=moment)
    source = asking(app)
    await source.probe()
    assert words(await pages(source)).keys() == set(range(1, 12))


@pytest.mark.parametrize("unknown", ["filter", "order", "fields", "double"])
async def test_an_answer_to_another_question(
    fake: FakePaperless, asking: Any, monkeypatch: Any, calendar: Calendar, few: None, unknown: str
) -> None:
    """What Paperless does not know it ignores; then nothing is believed."""
    source = asking(fake)
    mark = None
    if unknown == "filter":
        mark = (await pages(source))[-1].mark
        calendar.pass_hours()
        fake.put("Later")
        calendar.pass_hours()
        mark = (await pages(source, mark))[-1].mark
        fake.filters_known = False
    elif unknown == "order":
        monkeypatch.setattr(type(fake), "in_order", lambda self: _shuffled(self))
        monkeypatch.setattr(fake.state.__class__, "by_time", lambda self, given: [*given])
    elif unknown == "double":
        monkeypatch.setattr(
            fake.state.__class__, "by_time", lambda self, given: [given[0], *given[:3], *given[4:]]
        )
    else:
        monkeypatch.setattr(texts, "_FIELDS", "id,modified")
    with pytest.raises(BadResponse):
        await pages(source, mark)


def _shuffled(fake: FakePaperless) -> list[Any]:
    return sorted(fake.state.documents.values(), key=lambda one: (one.id * 7) % 10)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.ERROR, Fault.HTML, Fault.CUT_JSON, Fault.UNAUTHORIZED])
@pytest.mark.parametrize("after", range(5))
async def test_trouble_is_no_end(
    fake: FakePaperless, asking: Any, few: None, fault: Fault, after: int
) -> None:
    """Any question that fails raises; from the last mark on it goes on when all is well."""
    source, found, mark, ended = asking(fake), dict[int, str](), None, False
    fake.faults.set(fault, after=after)
    with contextlib.suppress(SourceError):
        async for page in source.texts_since(None):
            found |= words([page])
            mark = page.mark
        ended = True
    assert not ended
    fake.faults.clear()
    assert (found | words(await pages(source, mark))).keys() == set(range(1, 10))


@pytest.mark.parametrize("size", [4, 250])
async def test_a_page_that_lacks_one(fake: FakePaperless, asking: Any, monkeypatch: Any, size: int) -> None:
    """Its own count says so."""
    monkeypatch.setattr(texts, "PAGE", size)
    whole = lists.cut

    def lacking(rows: Any, query: Any) -> lists.Cut:
        page = whole(rows, query)
        return replace(page, rows=page.rows[1:]) if "modified" in query.get("ordering", "") else page

    monkeypatch.setattr(lists, "cut", lacking)
    with pytest.raises(BadResponse, match="documents, and a page of"):
        await pages(asking(fake))


@pytest.mark.parametrize("after", range(8))
async def test_an_empty_list_is_no_end(fake: FakePaperless, asking: Any, few: None, after: int) -> None:
    """Any list that is empty for a moment: trouble, or the next readings have it all."""
    source, mark = asking(fake), None
    found: dict[int, str] = {}
    fake.faults.set(Fault.EMPTY, after=after, times=1)
    for _ in range(3):
        with contextlib.suppress(SourceError):
            async for page in source.texts_since(mark):
                found |= words([page])
                mark = page.mark
    assert found.keys() == set(range(1, 10))


@pytest.mark.full
async def test_a_hundred_thousand_are_never_held_at_once(
    running: Any, asking: Any, calendar: Calendar
) -> None:
    app: FakePaperless = await running(now=calendar)
    for number in range(100_000):
        app.put("Letter", content=f"letter {number} " * 20)
    source, came, most = asking(app), set[Key](), 0
    await source.probe()
    async for page in source.texts_since(None):
        came |= page.texts.keys()
        if len(came) % 10_000 == 0:
            most = max(most, sum(isinstance(one, Text) for one in gc.get_objects()))
    assert len(came) == 100_000
    assert most <= 3 * texts.PAGE
