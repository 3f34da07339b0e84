"""What changed since a mark: nothing is missed, nothing is read twice for nothing, and few requests do."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciled.errors import BadResponse
from reconciled.source import Changes
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.faults import Fault
from reconciled_paperless import Paperless
from reconciled_paperless.changes import read_ids, write_ids

BEGAN = datetime(2026, 5, 1, tzinfo=UTC)


class Calendar:
    """The fake's clock."""

    def __init__(self) -> None:
        self.moment = BEGAN

    def __call__(self) -> datetime:
        self.moment += timedelta(microseconds=1)
        return self.moment

    def pass_hours(self, hours: float = 1) -> None:
        self.moment += timedelta(hours=hours)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
async def fake(running: Any, calendar: Calendar) -> FakePaperless:
    app: FakePaperless = await running(now=calendar)
    app.put_many(9)
    app.label(3, "keep")
    calendar.pass_hours()
    return app


def ids(keys: Any) -> set[int]:
    return {int(key.id) for key in keys}


async def again(source: Paperless, before: Changes) -> Changes:
    """The next reading, with the mark as the ledger gives it back."""
    return await source.changes(json.loads(json.dumps(before.mark)))


async def test_the_first_time_everything_comes(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    found = await source.changes(None)
    assert ids(found.keys) == ids(item.key for item in found.items) == set(range(1, 10))
    pages = [page async for page in source.snapshot(frozenset({"document"}))]
    assert {item.key: item for item in found.items} == {
        item.key: item for page in pages for item in page.items
    }


async def test_nothing_happened(fake: FakePaperless, asking: Any) -> None:
    """Three questions, and only what the mark itself stands on comes once more."""
    source = asking(fake)
    first = await source.changes(None)
    fake.requests.clear()
    found = await again(source, first)
    assert found.keys == first.keys
    assert len(fake.requests) == 3
    assert found.mark == first.mark


async def test_after_a_quiet_while_only_changes_come(
    fake: FakePaperless, calendar: Calendar, asking: Any
) -> None:
    source = asking(fake)
    await fake.edit(9)
    first = await source.changes(None)
    calendar.pass_hours()
    fake.delete(2)
    await fake.edit(4, title="Edited")
    calendar.pass_hours()
    fake.put("New")
    found = await again(source, first)
    assert ids(found.keys) == {1, 3, 4, 5, 6, 7, 8, 9, 10}
    assert {item.key.id: item.title for item in found.items} == {
        "4": "Edited",
        "9": "Letter 8",
        "10": "New",
    }


@pytest.mark.parametrize(
    ("deed", "comes"),
    [
        (lambda app: app.restore(app.delete(5).id), {5}),
        (lambda app: app.add_version(5), {5}),
        (lambda app: app.show(8, max(app.state.users)), {8}),
        (lambda app: app.put("New", owner=None), {10}),
        (lambda app: app.rename_tag("keep", "keep forever"), {1, 2, 3, 4, 5, 6, 7}),
        (lambda app: app.state.tags.clear(), {1, 2, 3, 4, 5, 6, 7}),
        (lambda app: app.put_tag("another"), set()),
        (lambda app: app.delete(5), set()),
        (lambda app: app.hide(5, owner=app.admin.id), set()),
    ],
    ids=[
        "restored",
        "a new file",
        "now shown to us",
        "added",
        "a tag renamed",
        "a tag deleted",
        "a tag made",
        "trashed",
        "hidden",
    ],
)
async def test_what_comes_after(
    running: Any, calendar: Calendar, asking: Any, deed: Callable[[FakePaperless], Any], comes: set[int]
) -> None:
    """As a user that sees the documents 1 to 7 of nine."""
    app: FakePaperless = await running(now=calendar)
    user = app.put_user("ann")
    for each in range(9):
        app.put(f"Letter {each}", owner=None if each < 7 else app.admin.id, labels=["keep"])
    calendar.pass_hours()
    source = asking(app, token=user.token)
    await app.edit(1)
    first = await source.changes(None)
    assert ids(first.keys) == {1, 2, 3, 4, 5, 6, 7}
    calendar.pass_hours()
    deed(app)
    found = await again(source, first)
    visible = {one.id for one in app.in_order() if one.owner is None or user.id in one.viewers}
    assert ids(found.keys) == visible
    assert ids(item.key for item in found.items) - {1} == comes - {1}


async def test_a_time_in_the_future_hides_nothing(
    fake: FakePaperless, calendar: Calendar, asking: Any
) -> None:
    """A clock that was wrong once does not make later changes invisible."""
    source = asking(fake)
    before = calendar.moment
    calendar.moment = datetime(2031, 1, 1, tzinfo=UTC)
    await fake.edit(2)
    calendar.moment = before
    first = await source.changes(None)
    calendar.pass_hours()
    await fake.edit(5, title="Edited")
    found = await again(source, first)
    assert {"2", "5"} <= {item.key.id for item in found.items}


async def test_a_change_that_was_written_late(fake: FakePaperless, calendar: Calendar, asking: Any) -> None:
    """Its time lies before the newest that was seen."""
    source = asking(fake)
    at = calendar.moment
    calendar.pass_hours(0.1)
    await fake.edit(1)
    first = await source.changes(None)
    calendar.moment = at
    await fake.edit(6, title="Edited")
    found = await again(source, first)
    assert "Edited" in {item.title for item in found.items}


@pytest.mark.parametrize("mark", [{}, [], "x", 7, {"modified": "yesterday", "ids": "", "tags": {}}])
async def test_a_mark_that_is_none_means_from_the_beginning(
    fake: FakePaperless, asking: Any, mark: Any
) -> None:
    found = await asking(fake).changes(mark)
    assert len(found.items) == 9


async def test_many_changes_of_one_moment(fake: FakePaperless, calendar: Calendar, asking: Any) -> None:
    """More than a page, all at the same time: nothing is lost between the pages."""
    source = asking(fake)
    first = await source.changes(None)
    calendar.pass_hours()
    moment = calendar()
    for _ in range(2300):
        fake.put("A scan", added=moment, modified=moment)
    for _ in range(1200):
        fake.put("Another")
    found = await again(source, first)
    assert len(found.keys) == 3509
    assert ids(item.key for item in found.items) >= set(range(10, 3510))


async def test_a_page_of_changes_of_one_moment(fake: FakePaperless, calendar: Calendar, asking: Any) -> None:
    """Of known documents, whose order among themselves is anybody's guess."""
    source = asking(fake)
    fake.put_many(2300)
    await fake.edit(1)
    first = await source.changes(None)
    calendar.pass_hours()
    moment = calendar()
    for number in range(10, 2310):
        fake._keep(replace(fake.state.documents[number], title="Edited", modified=moment))
    found = await again(source, first)
    assert len([item for item in found.items if item.title == "Edited"]) == 2300


@pytest.mark.parametrize("first_with", [("9", "10"), ("10",)])
async def test_without_the_list_of_all_ids(
    fake: FakePaperless, calendar: Calendar, asking: Any, first_with: tuple[str, ...]
) -> None:
    """A Paperless that no longer speaks API version 9, from the start or since an update."""
    fake.api_versions = first_with
    source = asking(fake)
    first = await source.changes(None)
    fake.api_versions = ("10",)
    calendar.pass_hours()
    fake.delete(2)
    await fake.edit(4, title="Edited")
    found = await again(source, first)
    assert ids(found.keys) == {1, 3, 4, 5, 6, 7, 8, 9}
    assert "Edited" in {item.title for item in found.items}
    await source.probe()


async def test_a_walk_over_pages_that_shift_has_everything(running: Any, asking: Any) -> None:
    """One deleted between two pages makes another slip; the ids of all tell which."""
    app: FakePaperless = await running()
    app.put_many(2500)

    def meanwhile(request: Any) -> bool:
        if request.query.get("page") == "2" and 7 in app.state.documents:
            app.delete(7)
            app.put("New")
        return False

    app.faults.set(Fault.ERROR, meanwhile)
    source = asking(app)
    pages = [page async for page in source.snapshot(frozenset({"document"}))]
    found = ids(item.key for page in pages for item in page.items)
    assert found >= set(range(1, 2502)) - {7}
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]


async def test_ids_that_disagree_with_their_count(fake: FakePaperless, asking: Any) -> None:
    """A proxy's cut of the list makes no deletions."""
    source = asking(fake)
    first = await source.changes(None)
    fake.forgets = 3
    with pytest.raises(BadResponse, match="9 documents, but 6 ids"):
        await again(source, first)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (set(), ""),
        ({4}, "4"),
        ({1, 2, 3}, "1-3"),
        ({1, 3, 4, 9}, "1,3-4,9"),
    ],
)
def test_ids_are_kept_as_ranges(numbers: set[int], text: str) -> None:
    assert write_ids(numbers) == text
    assert read_ids(text) == numbers


def test_ids_of_a_spoiled_mark_count_as_new() -> None:
    assert read_ids("1-3,x,5-,,-7,8") == {1, 2, 3, 8} | {5}


async def test_a_new_one_that_goes_at_once_is_not_listed(
    fake: FakePaperless, calendar: Calendar, asking: Any
) -> None:
    """Its id was among all, but nobody can say any more what it was."""
    source = asking(fake)
    first = await source.changes(None)
    fake.put("Old, and ours only now", modified=BEGAN - timedelta(days=9))
    calendar.pass_hours()

    def meanwhile(request: Any) -> bool:
        if "id__in" in request.query:
            fake.purge(10)
        return False

    fake.faults.set(Fault.ERROR, meanwhile)
    found = await again(source, first)
    assert ids(found.keys) == set(range(1, 10))


async def test_a_clock_that_was_set_back_hides_nothing(
    fake: FakePaperless, calendar: Calendar, asking: Any
) -> None:
    """The app's own clock was a day ahead and was put right: its new changes seem older than the mark."""
    source = asking(fake)
    before = calendar.moment
    calendar.pass_hours(24)
    await fake.edit(2)
    first = await source.changes(None)
    calendar.moment = before
    await fake.edit(5, title="Edited")
    found = await again(source, first)
    assert "Edited" in {item.title for item in found.items}
    later = await again(source, found)
    assert later.keys == found.keys


async def test_a_backup_that_was_restored(fake: FakePaperless, calendar: Calendar, asking: Any) -> None:
    """Its documents are older than what is known of them, and are read again."""
    source = asking(fake)
    before = {number: fake.state.documents[number] for number in (3, 4)}
    calendar.pass_hours()
    fake.label(3, "archived")
    await fake.edit(3, title="Edited, too")
    calendar.pass_hours()
    await fake.edit(4, title="Edited")
    first = await source.changes(None)
    calendar.pass_hours()
    for document in before.values():
        fake._keep(document)
    found = {item.key.id: item for item in (await again(source, first)).items}
    assert (found["3"].title, found["3"].attrs["tags"]) == ("Letter 2", ["keep"])
    assert found["4"].title == "Letter 3"


async def test_another_database_under_the_same_numbers(
    fake: FakePaperless, calendar: Calendar, asking: Any
) -> None:
    """Nothing in it changed since the mark, and still nothing in it is what it was."""
    source = asking(fake)
    first = await source.changes(None)
    long_ago = BEGAN - timedelta(days=900)
    fake.empty_database()
    fake.put_tag("keep")
    for each in range(9):
        fake.put(f"Other {each}", added=long_ago, modified=long_ago)
    calendar.pass_hours()
    found = await again(source, first)
    assert ids(item.key for item in found.items) == set(range(1, 10))
    assert all(item.title.startswith("Other") for item in found.items)


async def test_the_newest_one_went(fake: FakePaperless, calendar: Calendar, asking: Any) -> None:
    """That is no other world, and no reason to read everything."""
    source = asking(fake)
    await fake.edit(9)
    first = await source.changes(None)
    calendar.pass_hours()
    fake.delete(9)
    found = await again(source, first)
    assert ids(found.keys) == set(range(1, 9))
    assert not found.items
    assert (await again(source, found)).keys == found.keys
