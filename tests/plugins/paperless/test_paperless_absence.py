"""Trashed, purged, hidden, restored: each is told from the others, and only the app's own no is absence."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from reconciled.errors import BadResponse, Refused, SourceError, Unauthorized, Unsupported
from reconciled.model import Absent, Item, Key
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.faults import Fault
from reconciled_paperless.items import key_of

VERSIONS = ("3.0.5", "2.20.15")


def hide(app: FakePaperless, number: int) -> None:
    app.hide(number, owner=app.admin.id)


def hide_and_trash(app: FakePaperless, number: int) -> None:
    hide(app, number)
    app.delete(number)


def show_and_trash(app: FakePaperless, number: int) -> None:
    hide(app, number)
    app.show(number, max(app.state.users))
    app.delete(number)


def trash(app: FakePaperless, number: int) -> None:
    app.delete(number)


def purge(app: FakePaperless, number: int) -> None:
    app.purge(number)


def restore(app: FakePaperless, number: int) -> None:
    app.delete(number)
    app.restore(number)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("deed", "in_3", "in_2"),
    [
        (trash, "in the trash", "in the trash"),
        (purge, "purged: 404 of Paperless-ngx 3.0.5", "404 of Paperless-ngx 2.20.15, and not in the trash"),
        (hide, "hidden", "hidden"),
        (hide_and_trash, "hidden", "404 of Paperless-ngx 2.20.15, and not in the trash"),
        (show_and_trash, "in the trash", "404 of Paperless-ngx 2.20.15, and not in the trash"),
        (restore, None, None),
    ],
    ids=["trashed", "purged", "hidden", "hidden and trashed", "shared and trashed", "restored"],
)
async def test_what_became_of_it(
    running: Any, asking: Any, version: str, deed: Any, in_3: str | None, in_2: str | None
) -> None:
    """Asked as a user who may see what is everybody's, its own or shown to it."""
    app: FakePaperless = await running(version=version)
    user = app.put_user("ann")
    letters = [app.put(f"Letter {each}", owner=user.id) for each in range(4)]
    source = asking(app, token=user.token)
    await source.probe()
    deed(app, letters[1].id)
    key, control = key_of(letters[1].id), key_of(letters[0].id)
    answers = await source.lookup_many([key, control])
    said = in_3 if version == "3.0.5" else in_2
    assert isinstance(answers[control], Item)
    if said == "hidden":
        assert key not in answers
        with pytest.raises(Refused, match="hidden from this user"):
            await source.lookup(key)
    elif said is None:
        assert isinstance(answers[key], Item)
        assert await source.lookup(key) == answers[key]
    else:
        assert isinstance(answers[key], Absent)
        assert answers[key].said == said
        assert await source.lookup(key) == answers[key]


async def test_the_trash_says_when_and_until_when(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    await source.probe()
    deleted = fake.delete(3).deleted_at
    assert deleted is not None
    assert await source.lookup(key_of(3)) == Absent(
        "in the trash", at=deleted, restorable_until=deleted + timedelta(days=30)
    )


async def test_a_later_file_is_no_document(fake: FakePaperless, asking: Any) -> None:
    """Messages about bulk deletions name those as well; alive, in the trash and purged."""
    source = asking(fake)
    await source.probe()
    number = fake.add_version(3).id
    for deed in (lambda: None, lambda: fake.delete(3)):
        deed()
        assert await source.lookup_many([key_of(number), key_of(2)]) == {
            key_of(2): await source.lookup(key_of(2))
        }
        with pytest.raises(Refused, match="a file of document 3"):
            await source.lookup(key_of(number))


async def test_one_that_vanishes_while_it_is_asked_for(
    fake: FakePaperless, asking: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown by the first list and not by the second: nothing is said of it."""
    source = asking(fake)
    await source.probe()
    fake.purge(3)

    def meanwhile(request: Any) -> bool:
        if request.path.endswith("/root/"):
            fake.state.documents.pop(5, None)
            fake._in_order = None
        return False

    fake.faults.set(Fault.ERROR, meanwhile)
    answers = await source.lookup_many([key_of(3), key_of(5), key_of(6)])
    assert answers.keys() == {key_of(3), key_of(6)}


async def test_one_restored_while_it_is_asked_for(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    await source.probe()
    fake.delete(3)

    def meanwhile(request: Any) -> bool:
        if request.path.endswith("/trash/") and 3 in fake.state.trash:
            fake.restore(3)
        return False

    fake.faults.set(Fault.ERROR, meanwhile)
    assert isinstance(await source.lookup(key_of(3)), Item)


@pytest.mark.parametrize("question", ["root", "metadata", "thumb"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.NOT_FOUND, SourceError), (Fault.NOT_FOUND_APP, Refused), (Fault.FORBIDDEN, Unauthorized)],
)
async def test_a_proxy_or_a_stranger_answers_the_last_question(
    running: Any, asking: Any, question: str, fault: Fault, error: type[SourceError]
) -> None:
    """A 404 or 403 counts only with Paperless' mark and in Paperless' own words."""
    app = await running(version="3.0.5" if question == "root" else "2.20.15")
    app.put_many(3)
    source = asking(app)
    await source.probe()
    app.purge(2)
    app.faults.set(fault, f"*/{question}/")
    with pytest.raises(error):
        await source.lookup(key_of(2))


async def test_a_filter_that_is_ignored(fake: FakePaperless, asking: Any) -> None:
    """The whole list instead of the one that was asked for is no answer."""
    source = asking(fake)
    fake.filters_known = False
    for keys in ([key_of(99)], [key_of(1), key_of(2)]):
        with pytest.raises(BadResponse, match="is id__in ignored"):
            await source.lookup_many(keys)


async def test_what_is_no_id_is_not_asked_for(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    for key in (Key("document", "1,2"), Key("document", "0"), Key("document", "x"), Key("movie", "1")):
        with pytest.raises(Unsupported):
            await source.lookup(key)
    with pytest.raises(Unsupported, match="501 documents at once"):
        await source.lookup_many([key_of(each) for each in range(1, 502)])
    assert fake.requests == []


async def test_another_database_shows_other_documents(fake: FakePaperless, asking: Any) -> None:
    """The same numbers, added at other moments."""
    source = asking(fake)
    before = await source.lookup(key_of(1))
    fake.empty_database()
    fake.put_many(7)
    after = await source.lookup(key_of(1))
    assert before.strong_refs
    assert not before.strong_refs & after.strong_refs


async def test_a_number_longer_than_any(fake: FakePaperless, asking: Any) -> None:
    with pytest.raises(Unsupported, match="is no id of Paperless"):
        await asking(fake).lookup(Key("document", "9" * 5000))


async def test_trouble_with_one_question_ends_all(fake: FakePaperless, asking: Any) -> None:
    """Nothing is asked any more behind the back of who was told of the trouble."""
    source = asking(fake)
    fake.put_many(60)
    for number in range(1, 61):
        fake.purge(number)
    fake.faults.set(Fault.UNAUTHORIZED, "*/root/")
    tasks = asyncio.all_tasks()
    with pytest.raises(Unauthorized):
        await source.lookup_many([key_of(each) for each in range(1, 62)])
    assert not {one for one in asyncio.all_tasks() - tasks if "_asked" in str(one.get_coro())}
    asked = fake.count("*/root/")
    await asyncio.sleep(0.05)
    assert fake.count("*/root/") == asked
