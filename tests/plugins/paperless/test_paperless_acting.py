"""What is done to documents: only what was meant, only what shows afterwards, and never in the dark."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconciled.errors import BadResponse, Refused, SourceError, Unauthorized, Unreachable, Unsupported
from reconciled.model import Absent
from reconciled.source import (
    Captures,
    Deletes,
    Deletion,
    Incremental,
    Listens,
    LooksUpMany,
    Merges,
    Monitors,
    Restores,
    Tags,
)
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.faults import Fault
from reconciled_paperless.items import key_of

WHOLE = Deletion(files=True)


@pytest.fixture(params=["3.0.5", "2.20.15"])
async def fake(request: pytest.FixtureRequest, running: Any) -> FakePaperless:
    app: FakePaperless = await running(version=request.param)
    app.put_many(7)
    return app


def test_what_it_can_do(asking: Any) -> None:
    source = asking(FakePaperless(port=1))
    for ability in (Deletes, Incremental, Listens, LooksUpMany, Merges, Restores, Tags):
        assert isinstance(source, ability)
    assert not isinstance(source, Captures | Monitors)
    assert source.options == {WHOLE}  # the file goes along into the trash, so it has to be written
    assert source.acts_within == 60


async def test_into_the_trash_and_out_again(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    before = await source.lookup(key_of(3))
    await source.delete(key_of(3), WHOLE)
    assert fake.state.trash.keys() == {3}
    assert len(fake.state.documents) == 6
    await source.delete(key_of(3), WHOLE)
    assert fake.deletes == {3: 1}
    assert await source.restore(key_of(3), None) == key_of(3)
    assert await source.restore(key_of(3), None) == key_of(3)
    assert await source.lookup(key_of(3)) == before


async def test_its_later_files_come_out_of_the_trash_with_it(running: Any, asking: Any) -> None:
    """Paperless 3 takes out the rows that are named and no others; a later file is a row of its own."""
    app: FakePaperless = await running()
    app.put_many(3)
    dropped = app.add_version(2)
    app.delete_file(2, dropped.id)  # by a person, long before
    root, version, went = app.state.trashed_files[dropped.id]
    app.state.trashed_files[dropped.id] = (root, version, went - timedelta(hours=1))
    newest = app.add_version(2)
    other = app.add_version(3)
    source = asking(app)
    before = await source.lookup(key_of(2))
    for number in (2, 3):
        await source.delete(key_of(number), WHOLE)
    for _ in range(2):
        assert await source.restore(key_of(2), None) == key_of(2)
    assert await source.lookup(key_of(2)) == before
    assert [one.id for one in app.state.documents[2].versions] == [newest.id]
    assert [one.id for one in app.state.trash[3].versions] == [other.id]
    assert app.state.trashed_files.keys() == {dropped.id}


async def test_what_was_purged_cannot_be_restored(fake: FakePaperless, asking: Any) -> None:
    fake.purge(3)
    with pytest.raises(Refused, match=r"cannot be restored; .*404"):
        await asking(fake).restore(key_of(3), None)


async def test_it_is_said_before_until_when_it_comes_back(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    await source.probe()
    assert "already" in (await source.foresee(key_of(3), None)).refused
    await source.delete(key_of(3), WHOLE)
    said = await source.foresee(key_of(3), None)
    assert (said.refused, said.lacks) == (None, ())
    thrown = fake.state.trash[3].deleted_at
    assert thrown is not None
    assert said.until is not None
    assert abs(said.until - thrown - timedelta(days=30)) < timedelta(seconds=2)
    fake.purge(3)
    assert "no more; " in (await source.foresee(key_of(3), None)).refused
    assert fake.state.documents.keys() == {1, 2, 4, 5, 6, 7}


async def test_what_is_hidden_is_not_deleted(running: Any, asking: Any) -> None:
    app: FakePaperless = await running()
    user = app.put_user("ann")
    app.put("Not ann's")
    with pytest.raises(Refused, match="hidden from this user"):
        await asking(app, token=user.token).delete(key_of(1), WHOLE)
    assert not app.state.trash


@pytest.mark.parametrize("act", ["delete", "tag", "untag", "restore"])
async def test_without_the_right(running: Any, asking: Any, act: str) -> None:
    """Refused, and nobody calls our credentials wrong."""
    app: FakePaperless = await running()
    ann = app.put_user("ann")
    app.put("Shown to ann", labels=["old"])
    app.show(1, ann.id)
    if act == "restore":
        app.delete(1)
    acts = {
        "delete": lambda one: one.delete(key_of(1), WHOLE),
        "tag": lambda one: one.tag(key_of(1), "keep"),
        "untag": lambda one: one.untag(key_of(1), "old"),
        "restore": lambda one: one.restore(key_of(1), None),
    }
    app.state.tags[1] = replace(app.state.tags[1], owner=None)
    with pytest.raises(Refused, match="the user of this source may not"):
        await acts[act](asking(app, token=ann.token))


async def test_labels(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    await source.tag(key_of(3), " reconciled ")
    await source.tag(key_of(3), "reconciled")
    await source.tag(key_of(4), "Reconciled")
    assert [(one.name, one.owner) for one in fake.state.tags.values()] == [("reconciled", None)]
    assert {one.id for one in fake.in_order() if one.tags} == {3, 4}
    await source.untag(key_of(3), "reconciled")
    await source.untag(key_of(3), "unheard of")
    assert {one.id for one in fake.in_order() if one.tags} == {4}
    for act in (source.tag, source.untag):
        with pytest.raises(Refused, match="not empty"):
            await act(key_of(3), " ")
        with pytest.raises(Refused, match="does not show document 99"):
            await act(key_of(99), "keep")


async def test_a_label_that_is_two_tags(fake: FakePaperless, asking: Any) -> None:
    """Names are unique for each owner only: the label is there with one of them, and gone with both."""
    mine, theirs = fake.put_tag("keep", owner=2), fake.put_tag("keep", owner=None)
    fake._keep(replace(fake.state.documents[3], tags=frozenset({theirs.id})))
    source = asking(fake)
    await source.tag(key_of(3), "keep")
    assert fake.state.documents[3].tags == {theirs.id}
    fake._keep(replace(fake.state.documents[3], tags=frozenset({mine.id, theirs.id})))
    assert (await source.lookup(key_of(3))).attrs["tags"] == ["keep"]
    await source.untag(key_of(3), "keep")
    assert not fake.state.documents[3].tags


async def test_an_ok_that_did_nothing(fake: FakePaperless, asking: Any, monkeypatch: Any) -> None:
    """Paperless swallows errors in bulk edits; what counts is what the document shows."""

    async def swallow(number: int, **changes: Any) -> None:
        return

    fake.label(4, "old")
    monkeypatch.setattr(fake, "edit", swallow)
    source = asking(fake)
    with pytest.raises(Refused, match="does not show it"):
        await source.tag(key_of(3), "keep")
    with pytest.raises(Refused, match="still shows"):
        await source.untag(key_of(4), "old")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RESET, Unreachable),
        (Fault.HANG, Unreachable),
        (Fault.ERROR, BadResponse),
        (Fault.FORBIDDEN, Unauthorized),
        (Fault.NOT_FOUND, BadResponse),
        (Fault.NOT_FOUND_APP, BadResponse),
        (Fault.UNAUTHORIZED, Unauthorized),
        (Fault.HTML, BadResponse),
    ],
)
async def test_trouble_in_a_deletion(
    fake: FakePaperless, asking: Any, fault: Fault, error: type[SourceError]
) -> None:
    source = asking(fake, act_timeout="200ms")
    fake.faults.set(fault, method="DELETE")
    with pytest.raises(error):
        await source.delete(key_of(3), WHOLE)
    assert 3 in fake.state.documents


async def test_an_answer_that_was_lost(fake: FakePaperless, asking: Any) -> None:
    """It was done all the same; the next try finds that out."""
    source = asking(fake)
    fake.faults.set(Fault.CUT_JSON, method="DELETE", times=1)
    with pytest.raises(SourceError):
        await source.delete(key_of(3), WHOLE)
    await source.delete(key_of(3), WHOLE)
    assert isinstance(await source.lookup(key_of(3)), Absent)
    assert fake.deletes == {3: 1}


async def test_other_deletions_are_not_done(fake: FakePaperless, asking: Any) -> None:
    for how in (Deletion(), Deletion(exclude=True), Deletion(files=True, exclude=True)):
        with pytest.raises(Unsupported):
            await asking(fake).delete(key_of(3), how)
    assert len(fake.state.documents) == 7
