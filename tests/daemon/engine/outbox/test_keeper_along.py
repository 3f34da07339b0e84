"""What stays for a deletion is never what would go after it: a mirror's copy, or the copy of a copy."""

import pytest
from tests.daemon.engine.conftest import World
from tests.daemon.engine.outbox.papers_kept import Desk

from reconciled.engine.duplicates.acting import Do
from reconciled.engine.outbox.by_hand import CannotAct


@pytest.mark.parametrize(
    ("made", "goes"),
    [
        ([], True),
        ([("2", "1")], False),
        ([("2", "other/1"), ("other/1", "1")], False),
        ([("1", "2")], True),
        ([("1", "other/1"), ("other/1", "2")], True),
        ([("2", "other/1"), ("other/1", "2")], True),
    ],
)
async def test_a_copy_of_a_copy_goes_along(world: World, made: list[tuple[str, str]], goes: bool) -> None:
    desk = Desk(world)
    await desk.open()
    for original, copy in made:
        target, slash, key = copy.rpartition("/")
        await desk.put(
            "copy", mirror="m", item_id=await desk.id(original), source="", kind="document",
            key=original, title="x", fileset="f", target=target if slash else "paperless", status="synced",
            how="made", target_kind="document", target_key=key, target_item=await desk.id(copy),
            created_at="a", changed_at="a",
        )  # fmt: skip
    group = await desk.group("1", "2")
    if goes:
        await desk.order(Do.DELETE, group)
        await world.turn()
        assert [act[:2] for act in desk.app.acts] == [("delete", "document 2")]
    else:
        with pytest.raises(CannotAct, match="“Paper 1” is a mirror's copy of “Paper 2”, and goes after it"):
            await desk.order(Do.DELETE, group)
        assert desk.app.acts == []
