"""A group follows what becomes of its members at once: deleted, brought back, trashed in their app itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.daemon.engine.conftest import World
from tests.daemon.engine.outbox.papers_kept import LABEL, Desk
from tests.daemon.ledger.library import Library, a_library

from reconciled.config import Mode, Verb
from reconciled.engine.duplicates import judging
from reconciled.engine.duplicates.acting import Do
from reconciled.engine.duplicates.grouping import Counts, regroup, regroup_some, regroup_stale
from reconciled.engine.duplicates.judging import Decision, NothingToAnswer
from reconciled.engine.outbox.by_hand import Order, preview
from reconciled.engine.outbox.undo import undo
from reconciled.errors import Unreachable
from reconciled.ledger import findings, groups, keepers, likenesses
from reconciled.ledger.connection import Tx
from reconciled.model import Key

ONE, TWO = Key("document", "1"), Key("document", "2")


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with a_library(tmp_path) as library:
        yield library


@pytest.fixture
async def desk(world: World) -> Desk:
    """Papers 1 and 2 are one group, found by their bytes; nothing else is like anything."""
    made = Desk(world)
    await made.open(documents=3)
    one, two = await made.id("1"), await made.id("2")

    def write(tx: Tx) -> None:
        tx.execute("UPDATE paper SET sheet = NULL, compared = 1, checksum = item_id")
        tx.execute("UPDATE paper SET checksum = 'same' WHERE item_id IN (?, ?)", (one, two))

    await world.ledger.write(write)
    await regroup(world.ledger, now=world.clock.now)
    return made


async def settled(desk: Desk) -> str:
    """What the group is, once it was made anew."""
    await regroup_stale(desk.world.ledger, now=desk.world.clock.now)
    row = await desk.world.ledger.read(groups.get, 1)
    assert row is not None
    if row.over is not None:
        return f"over: {row.over}"
    return f"{row.state}, {row.asked_again}" if row.asked_again else str(row.state)


async def test_a_deletion_answers_its_group_and_its_undo_asks_again(desk: Desk) -> None:
    (row,) = await desk.order(Do.DELETE, 1)
    await desk.world.turn()
    assert await settled(desk) == "over: fewer than two of them are left"
    await undo(desk.world.outbox, row.id, by="owner")
    await desk.world.turn()
    await desk.world.scan("paperless")
    assert await settled(desk) == "open, two and more of them are there again"
    assert await desk.judged() == []


async def test_an_answer_to_a_group_counts_where_another_one_is_kept(desk: Desk) -> None:
    """It is kept of each pair with the group's primary, and what waits is about none of these."""
    two, three, now = await desk.id("2"), await desk.id("3"), desk.world.clock.now()
    await desk.world.ledger.write(
        lambda tx: tx.execute("UPDATE paper SET checksum = 'same' WHERE item_id = ?", (three,))
    )
    await desk.world.ledger.write(lambda tx: regroup_some(tx, [three], now=now))
    await desk.order(Do.DELETE, 1, members=(three,), primary=two)
    resolve = Decision.RESOLVE
    await desk.world.ledger.write(lambda tx: judging.answer(tx, 1, resolve, by="somebody", now=now))
    await desk.world.turn()
    assert await desk.world.actions() == ["dropped delete paperless document 3"]
    assert (await desk.world.reasons())[0].startswith("somebody answered since")


@pytest.mark.parametrize("all_of_it", [False, True], ids=["one of them", "the whole group"])
async def test_who_is_no_duplicate_and_bears_the_tag_is_named(desk: Desk, all_of_it: bool) -> None:
    """The dry run tagged it, and a look at it in its app showed that it is another paper."""
    two, three, now = await desk.id("2"), await desk.id("3"), desk.world.clock.now()
    await desk.world.ledger.write(
        lambda tx: tx.execute("UPDATE paper SET checksum = 'same' WHERE item_id = ?", (three,))
    )
    await desk.world.ledger.write(lambda tx: regroup_some(tx, [three], now=now))
    rows = await desk.order(Do.TAG, 1)
    await desk.world.turn()
    about = [] if all_of_it else [three]
    made = await desk.world.ledger.write(
        lambda tx: judging.answer(tx, 1, Decision.NOT_DUPLICATE, members=about, by="owner", now=now)
    )
    tagged = tuple(row.id for row in rows if all_of_it or row.item_id == three)
    assert made.tagged == tagged
    named = "“Paper 2”, “Paper 3”: undo a1, a2" if all_of_it else "“Paper 3”: undo a2"
    assert made.said.endswith(f"; the dry run's tag stays on {named} to take it off")
    for one in made.tagged:
        await undo(desk.world.outbox, one, by="owner")
    await desk.world.turn()
    bear = {key.id for key, item in desk.app.items.items() if "duplicate" in str(item.attrs["tags"])}
    assert bear == (set() if all_of_it else {"2"})
    again = await desk.world.ledger.write(
        lambda tx: judging.answer(tx, 1, Decision.REOPEN, members=[two, three], by="owner", now=now)
    )
    assert again.tagged == ()


async def test_a_deletion_that_had_no_effect_after_all_is_asked_about_again(library: Library) -> None:
    """It was answered as soon as it was done; the app shows the paper still, or it was undone at once."""
    a, b = await library.add("A"), await library.add("B")
    await library.like(a, b)
    await library.regroup()
    await library.ledger.write(lambda tx: keepers.resolve(tx, b, a, by="owner", at=library.at))
    await regroup_stale(library.ledger, now=lambda: library.now)
    assert (await library.group(1)).state == "resolved"
    await library.ledger.write(lambda tx: keepers.reopen(tx, b, a, why="it was undone"))
    await regroup_stale(library.ledger, now=lambda: library.now)
    row = await library.group(1)
    assert (row.state, row.asked_again) == ("open", "it was undone")
    assert (await library.findings())[-1] == "open A: “B” seems to be the same sheet; it was undone"


async def test_what_is_trashed_in_its_app_itself_ends_its_group(desk: Desk) -> None:
    gone = desk.app.items.pop(TWO)
    await desk.world.scan_and_settle("paperless")
    assert (await desk.world.presence("paperless"))["document 2"] == "gone"
    assert await settled(desk) == "over: fewer than two of them are left"
    desk.app.put(gone)
    await desk.world.scan("paperless")
    assert await settled(desk) == "open, two and more of them are there again"


async def test_news_that_change_nothing_cost_nothing(library: Library) -> None:
    a, b = await library.add("A"), await library.add("B")
    await library.like(a, b)
    await library.regroup()
    assert await library.ledger.read(groups.stale) == []
    await library.lose(b)
    await library.restore(b)
    assert await library.ledger.read(groups.stale) == [1]
    assert await regroup_stale(library.ledger, now=lambda: library.now) == Counts()
    assert await library.ledger.read(groups.stale) == []


async def test_a_run_leaves_no_group_to_be_made_anew(library: Library) -> None:
    a, b = await library.add("A"), await library.add("B")
    await library.like(a, b)
    await library.regroup()
    await library.lose(b)
    await library.restore(b)
    await library.regroup()
    assert await library.ledger.read(groups.stale) == []


async def test_a_paper_that_changes_its_group_keeps_what_it_is_labelled_with(library: Library) -> None:
    a, b, c, d, x = [await library.add(title) for title in "ABCDX"]
    await library.like(a, b)
    await library.like(b, x)
    await library.like(c, d)
    await library.regroup()
    assert await library.groups() == {1: [a, b, x], 2: [c, d]}
    await library.ledger.write(groups.label, x, LABEL, 7)
    await library.ledger.write(lambda tx: likenesses.drop(tx, [(b, x)]))
    await library.like(c, x)
    await library.regroup()
    assert await library.groups() == {1: [a, b], 2: [c, d, x]}
    assert await library.ledger.read(groups.labels, [x]) == {x: LABEL}


async def test_a_tag_that_came_to_nothing_is_no_label(desk: Desk) -> None:
    await desk.order(Do.TAG, 1)
    await desk.world.decide(mode=Mode.DRY_RUN)
    await desk.world.turn()
    assert await desk.world.rows("SELECT state FROM action") == [{"state": "dropped"}]
    assert await desk.world.rows("SELECT 1 FROM duplicate_member WHERE label IS NOT NULL") == []


async def test_a_tag_that_waited_too_long_is_no_label(desk: Desk) -> None:
    await desk.order(Do.TAG, 1)
    desk.app.trouble = Unreachable("paperless: refused")
    await desk.world.pass_time(31 * 86400, step=6 * 3600)
    assert await desk.world.rows("SELECT state FROM action") == [{"state": "expired"}]
    assert await desk.world.rows("SELECT 1 FROM duplicate_member WHERE label IS NOT NULL") == []


async def test_who_deletes_by_hand_what_stayed_for_another_is_told_so(desk: Desk) -> None:
    await desk.order(Do.DELETE, 1)
    await desk.world.turn()
    (aim,) = await preview(desk.world.outbox, Order(Verb.DELETE, "paperless", ONE, files=True))
    assert aim.sentence == (
        "delete document 1 (Paper 1) in paperless with its files; mind that “Paper 1” stays, "
        "for “Paper 2” was deleted as its duplicate (a1)"
    )


async def test_a_number_that_no_number_holds_breaks_no_grouping(library: Library) -> None:
    a, b = await library.add("A"), await library.add("B")
    await library.like(a, b)
    await library.ledger.write(lambda tx: tx.execute("UPDATE item SET key = ? WHERE id = ?", ("9" * 5000, a)))
    assert (await library.regroup()).opened == 1


async def test_no_policy_follows_from_a_duplicate(library: Library) -> None:
    a, b = await library.add("A"), await library.add("B")
    await library.like(a, b)
    await library.regroup()
    assert await library.findings() == ["open A: “B” seems to be the same sheet"]
    assert await library.ledger.read(findings.standing) == []


async def test_too_many_pairs_are_refused_before_they_are_written_out(library: Library) -> None:
    """A thousand copies of one sheet are half a million pairs."""
    a = await library.add("A", "", checksum="same")
    many = [a, *[await library.add(f"B{n}", "", checksum="same") for n in range(250)]]
    await library.regroup()
    with pytest.raises(NothingToAnswer, match="about more than 20000 pairs; name the members you mean"):
        await library.say(1, "not_duplicate")
    assert await library.said() == {}
    await library.say(1, "not_duplicate", many[-1])
    assert len(await library.said()) == 250


async def test_a_large_group_is_made_anew_in_steps_that_grow_with_it(library: Library) -> None:
    """And not with its square: a thousand copies of a form would hold up all webhooks for seconds."""
    steps = []
    papers = [await library.add("0", "", checksum="same")]
    for size in (100, 200):
        while len(papers) < size:
            papers.append(await library.add(str(len(papers)), "", checksum="same"))
            await library.like(papers[-2], papers[-1])
        await library.regroup()
        await library.say(1, "ignore")
        await library.lose(*papers[1:])
        await library.regroup()
        await library.restore(*papers[1:])
        steps.append(await library.ledger.write(lambda tx: steps_of(tx, papers, library)))
    assert steps[1] < 3 * steps[0]


def steps_of(tx: Tx, papers: list[int], library: Library) -> int:
    """How many hundreds of steps the database takes to make their group anew."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    tx.set_progress_handler(count, 100)
    try:
        regroup_some(tx, papers[:1], now=library.now)
    finally:
        tx.set_progress_handler(None, 0)
    return counted
