"""Right before a duplicate is deleted its keeper is asked for, in the ledger and in its app."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.daemon.engine.conftest import Crash, World, a_root, policy
from tests.daemon.engine.outbox.papers_kept import NOW, Desk, document, row_of

from reconciled.config import Mode, Step, Verb
from reconciled.engine.duplicates import judging
from reconciled.engine.duplicates.acting import Do
from reconciled.engine.duplicates.judging import Decision
from reconciled.engine.outbox.by_hand import CannotAct, Order, order
from reconciled.engine.outbox.undo import plan, undo
from reconciled.errors import BadResponse, Refused, Unreachable
from reconciled.ledger import judgements, papers, sources
from reconciled.ledger.connection import Tx
from reconciled.ledger.judgements import Answer
from reconciled.ledger.rows import stamp
from reconciled.model import Key

ACTION = {
    "verb": "delete", "target": "paperless", "kind": "document", "title": "Paper 3", "since": "so",
    "created_seq": 1, "created_at": "a", "changed_at": "a",
}  # fmt: skip
ONE, TWO, THREE = (Key("document", str(n)) for n in (1, 2, 3))


@pytest.fixture
async def desk(world: World) -> Desk:
    made = Desk(world)
    await made.open()
    return made


async def in_app(desk: Desk, key: Key, **to: object) -> None:
    desk.app.put(replace(desk.app.items[key], **to))  # type: ignore[arg-type]  # whatever a test changes


async def known(desk: Desk) -> None:
    await desk.world.scan("paperless")


async def trash_keeper(desk: Desk) -> None:
    desk.app.remove(ONE)


async def lose_keeper(desk: Desk) -> None:
    desk.app.remove(ONE)
    await desk.world.scan_and_settle("paperless")


async def reuse_key(desk: Desk) -> None:
    desk.app.put(document(1, title="Another", added=2030))


async def reuse_key_and_know(desk: Desk) -> None:
    await reuse_key(desk)
    await known(desk)


async def new_file(desk: Desk) -> None:
    await in_app(desk, ONE, refs=document(1, bytes_=77).refs)


async def new_text(desk: Desk) -> None:
    desk.app.texts[ONE] = "words of another letter"


async def new_text_of_victim(desk: Desk) -> None:
    desk.app.texts[TWO] = "words of another letter"


async def new_text_and_read(desk: Desk) -> None:
    await new_text(desk)
    await desk.read()


async def called_different(desk: Desk) -> None:
    pair = (await desk.id("1"), await desk.id("2"))
    await desk.world.ledger.write(
        lambda tx: judgements.say(tx, [pair], Answer.DIFFERENT, by="somebody", at=NOW)
    )


async def keeper_goes_by_a_policy(desk: Desk) -> None:
    """A policy wants the keeper deleted, some day."""
    rule = policy("forget", Step(Verb.DELETE, "paperless", files=True), sources=frozenset({"other"}))
    await desk.world.decide(rule, mode=Mode.ASK)
    await desk.put("action", **ACTION, policy="forget", item_id=await desk.id("1"), key="1", state="planned")


async def victim_became_a_keeper(desk: Desk) -> None:
    """By another daemon's hand, say: an order would have been refused."""
    two, three = await desk.id("2"), await desk.id("3")
    desk.app.remove(THREE)
    await desk.world.scan_and_settle("paperless")
    await desk.put(
        "action", **ACTION, asked_by="me", item_id=three, key="3", state="done", sent=1.0, keeper=two
    )


async def copy_of_victim(desk: Desk) -> None:
    """The keeper is what a mirror made of the victim."""
    one, two = await desk.id("1"), await desk.id("2")
    await desk.put(
        "copy", mirror="m", item_id=two, source="paperless", kind="document", key="2", title="Paper 2",
        fileset="f", target="paperless", status="synced", how="made", target_kind="document", target_key="1",
        target_item=one, created_at="a", changed_at="a",
    )  # fmt: skip


async def ignored_since(desk: Desk) -> None:
    """A person thought better of it while the deletion waited."""
    desk.world.clock.advance(1.0)
    await answer(desk, Decision.IGNORE)


async def resolved_since(desk: Desk) -> None:
    desk.world.clock.advance(1.0)
    await answer(desk, Decision.RESOLVE)


async def ignored_as_a_clock_was_set_back(desk: Desk) -> None:
    """The daemon started before a time server was there to be asked."""
    desk.world.clock.step(timedelta(hours=-2))
    await answer(desk, Decision.IGNORE)


async def ignored_at_once(desk: Desk) -> None:
    """In the very moment of the order."""
    await answer(desk, Decision.IGNORE)


async def answer(desk: Desk, decision: Decision) -> None:
    now = desk.world.clock.now()
    await desk.world.ledger.write(lambda tx: judging.answer(tx, 1, decision, by="somebody", now=now))


async def without_a_word(desk: Desk) -> None:
    await desk.world.ledger.write(lambda tx: tx.execute("UPDATE action SET keeper_told = NULL"))


DROPPED: dict[str, tuple[Callable[[Desk], Awaitable[None]], str]] = {
    "the keeper was thrown away a moment ago": (trash_keeper, "no longer has “Paper 1”"),
    "the keeper is proved gone": (lose_keeper, "is gone from paperless"),
    "another thing has its key": (reuse_key, "another thing now: Another"),
    "another thing has its key, and the ledger knows": (reuse_key_and_know, "names another thing now"),
    "another file": (new_file, "“Paper 1” has another file"),
    "another text in the app": (new_text, "“Paper 1” has another text"),
    "another text of the victim in the app": (new_text_of_victim, "“Paper 2” has another text"),
    "another text in the ledger": (new_text_and_read, "“Paper 1” has another text"),
    "somebody said that they differ": (
        called_different,
        "somebody said that it is no duplicate of “Paper 1”",
    ),
    "a policy is about to delete the keeper": (keeper_goes_by_a_policy, "is to be deleted itself"),
    "the victim stays for another one": (
        victim_became_a_keeper,
        "“Paper 2” stays, for “Paper 3” was deleted",
    ),
    "the keeper is a mirror's copy of the victim": (copy_of_victim, "a mirror's copy of “Paper 2”"),
    "somebody ignored the group since": (ignored_since, "somebody answered since that nothing"),
    "somebody resolved the group since": (resolved_since, "somebody answered since that nothing"),
    "somebody ignored it, and the clock was set back": (ignored_as_a_clock_was_set_back, "answered since"),
    "somebody ignored it in the same moment": (ignored_at_once, "answered since"),
    "nothing says any more what was shown": (without_a_word, "no longer knows"),
}


@pytest.mark.parametrize("case", DROPPED)
async def test_a_definite_no_drops_it(desk: Desk, case: str) -> None:
    happen, said = DROPPED[case]
    group = await desk.group("1", "2")
    (row,) = await desk.order(Do.DELETE, group)
    await happen(desk)
    await desk.world.turn()
    await desk.world.pass_time(900)
    mine = await desk.world.rows("SELECT * FROM action WHERE id = ?", row.id)
    assert (mine[0]["state"], said in mine[0]["reason"]) == ("dropped", True), mine[0]["reason"]
    assert TWO in desk.app.items
    assert {who for _, who in await desk.judged()} <= {"somebody"}


@pytest.mark.parametrize("decision", [Decision.NOT_DUPLICATE, Decision.IGNORE, Decision.RESOLVE])
@pytest.mark.parametrize("do", [Do.TAG, Do.MERGE, Do.MERGE_DELETE, Do.DELETE])
async def test_an_answer_stops_whatever_waits(desk: Desk, do: Do, decision: Decision) -> None:
    """The app was down when it was ordered; a merge could not even be undone."""
    group = await desk.group("1", "2")
    desk.app.trouble = Unreachable("paperless: refused")
    await desk.order(do, group)
    await desk.world.turn()
    await answer(desk, decision)
    desk.app.trouble = None
    await desk.world.engine.probe("paperless")
    await desk.world.pass_time(900)
    assert {line.split()[0] for line in await desk.world.actions()} == {"dropped"}
    assert desk.app.acts == []
    assert [desk.app.items[one].attrs["tags"] for one in (ONE, TWO)] == [["t1"], ["t2"]]


@pytest.mark.parametrize("do", [Do.TAG, Do.MERGE_DELETE, Do.DELETE])
async def test_who_chooses_what_stays_stops_what_waits_of_it(desk: Desk, do: Do) -> None:
    """In another tab, while the app was down."""
    await compared(desk, await desk.group("1", "2"))
    desk.app.trouble = Unreachable("paperless: refused")
    await desk.order(do, 1)
    await desk.world.turn()
    two, now = await desk.id("2"), desk.world.clock.now()
    await desk.world.ledger.write(lambda tx: judging.set_primary(tx, 1, two, by="somebody", now=now))
    desk.app.trouble = None
    await desk.world.engine.probe("paperless")
    await desk.world.pass_time(900)
    assert {line.split()[0] for line in await desk.world.actions()} == {"dropped"}
    assert "somebody chose since that" in (await desk.world.reasons())[0]
    assert desk.app.acts == []


@pytest.mark.parametrize("case", ["trashed just now", "trashed", "another text", "to be deleted"])
async def test_nothing_is_tagged_as_the_duplicate_of_what_is_gone(desk: Desk, case: str) -> None:
    """Somebody threw the primary away in its app: who throws away what bears the tag would take the last."""
    group = await desk.group("1", "2")
    desk.app.trouble = Unreachable("paperless: refused")
    await desk.order(Do.TAG, group)
    await desk.world.turn()
    desk.app.trouble = None
    await desk.world.engine.probe("paperless")
    match case:
        case "trashed just now":
            await trash_keeper(desk)
        case "trashed":
            await lose_keeper(desk)
        case "another text":
            await new_text_and_read(desk)
        case _:
            await order(desk.world.outbox, Order(Verb.DELETE, "paperless", ONE, files=True), by="me")
    await desk.world.pass_time(900)
    assert "dropped tag paperless document 2" in await desk.world.actions()
    assert desk.app.items[TWO].attrs["tags"] == ["t2"]


async def test_who_stood_for_the_group_may_go_for_another_one(desk: Desk) -> None:
    """Chosen once, and then another one is named with the order: that is meant."""
    group, two, now = await desk.group("1", "2"), await desk.id("2"), desk.world.clock.now()
    await compared(desk, group)
    await desk.world.ledger.write(lambda tx: judging.set_primary(tx, 1, two, by="somebody", now=now))
    await desk.order(Do.DELETE, group, primary=await desk.id("1"))
    await desk.world.turn()
    assert await desk.world.actions() == ["done delete paperless document 2"]


async def compared(desk: Desk, group: int) -> None:
    """What is in the group is alike, and nothing else is."""

    def write(tx: Tx) -> None:
        tx.execute("UPDATE paper SET compared = 1, checksum = item_id")
        inside = "SELECT item_id FROM duplicate_member WHERE group_id = ?"
        tx.execute(f"UPDATE paper SET checksum = 'same' WHERE item_id IN ({inside})", (group,))

    await desk.world.ledger.write(write)


@pytest.mark.parametrize("do", [Do.MERGE, Do.DELETE])
async def test_what_was_answered_before_the_order_does_not_stop_it(desk: Desk, do: Do) -> None:
    """Resolved once, and open again because one joined: who orders it then means it."""
    pair, now = (await desk.id("1"), await desk.id("2")), desk.world.clock.now()
    await desk.world.ledger.write(
        lambda tx: judgements.say(tx, [pair], Answer.RESOLVED, by="somebody", at=stamp(now))
    )
    await desk.order(do, await desk.group("1", "2", "3"))
    await desk.world.turn()
    await desk.world.turn()
    assert {line.split()[0] for line in await desk.world.actions()} == {"done"}, await desk.world.reasons()


async def other_is_down(desk: Desk) -> None:
    desk.other.trouble = Unreachable("other: refused")


async def no_text(desk: Desk) -> None:
    desk.app.mute.add(TWO)


async def texts_fail(desk: Desk) -> None:
    desk.app.text_trouble = BadResponse("paperless: 500")


async def hidden(desk: Desk) -> None:
    desk.other.in_flight = refuse


async def refuse(what: str) -> None:
    if what == "lookup":
        raise Refused("other: it is hidden from this user")


async def paused(desk: Desk) -> None:
    place = desk.world.place("other")
    place.live.paused = "owner"

    def write(tx: Tx) -> None:
        sources.pause(tx, place.live.id, "owner")

    await desk.world.ledger.write(write)


async def held(desk: Desk) -> None:
    """The keeper waits in a hold: many were not listed."""
    await desk.put(
        "suspect",
        item_id=await desk.id("other/1"),
        what="entry",
        since_seq=1,
        since_at="a",
        noticed_by="scan",
    )


async def unmounted(desk: Desk) -> None:
    """The keeper's disk is not there; its app says of every file that it is."""
    desk.other.roots["/archive"] = a_root("/archive", empty=True)


async def undo_trouble(desk: Desk) -> None:
    desk.other.trouble = desk.app.text_trouble = desk.other.in_flight = None
    desk.app.mute.clear()
    if desk.other.roots:
        desk.other.roots["/archive"] = a_root("/archive")
    desk.world.place("other").live.paused = None

    def write(tx: Tx) -> None:
        sources.pause(tx, desk.world.place("other").live.id, None)
        tx.execute("DELETE FROM suspect")

    await desk.world.ledger.write(write)
    await desk.world.engine.probe("other")


WAITS: dict[str, Callable[[Desk], Awaitable[None]]] = {
    "the keeper's app does not answer": other_is_down,
    "the keeper's app is paused": paused,
    "the keeper is hidden": hidden,
    "a text is not handed out": no_text,
    "texts cannot be had": texts_fail,
    "the keeper is a suspect": held,
    "the keeper's disk is not there": unmounted,
}


@pytest.mark.parametrize("case", WAITS)
async def test_trouble_makes_it_wait(desk: Desk, case: str) -> None:
    if case == "the keeper's disk is not there":
        desk.other.roots["/archive"] = a_root("/archive")
        desk.other.put(replace(desk.other.items[ONE], root="/archive", path="/archive/1"))
        await desk.world.scan("other")
    group = await desk.group("other/1", "2")
    (row,) = await desk.order(Do.DELETE, group)
    await WAITS[case](desk)
    await desk.world.turn()
    (mine,) = await desk.world.rows("SELECT * FROM action WHERE id = ?", row.id)
    assert mine["state"] == "planned", mine["reason"]
    assert TWO in desk.app.items
    await undo_trouble(desk)
    await desk.world.pass_time(1800)
    assert await desk.world.actions() == ["done delete paperless document 2"], await desk.world.reasons()
    assert TWO not in desk.app.items


async def test_what_is_sent_together_is_looked_at_together(desk: Desk) -> None:
    """The younger one is due first; the older one had to wait, and has its turn behind it."""
    older, younger = [(await desk.order(Do.DELETE, await desk.group(*two)))[0] for two in ("12", "34")]
    later = "UPDATE action SET next_try = next_try - (id = ?)"
    await desk.world.ledger.write(lambda tx: tx.execute(later, (younger.id,)))
    assert younger.id > older.id
    await desk.world.outbox.work_once()
    assert [act[1] for act in desk.app.acts] == ["document 4", "document 2"], await desk.world.reasons()


async def test_what_was_deleted_is_answered_and_undone_it_is_a_question_again(desk: Desk) -> None:
    world = desk.world
    group = await desk.group("1", "2", "3")
    rows = await desk.order(Do.DELETE, group)
    await world.turn()
    await world.settle()
    assert await desk.judged() == [("resolved", "owner")] * 2
    assert set(desk.app.trash) == {TWO, THREE}
    await undo(world.outbox, rows[0].id, by="owner")
    await world.turn()
    await world.settle()
    assert await world.actions() == [
        "undone delete paperless document 2",
        "done delete paperless document 3",
        "done restore paperless document 2",
    ]
    assert TWO in desk.app.items
    assert await desk.judged() == [("resolved", "owner")]


async def test_an_app_that_only_said_so_answered_nothing(desk: Desk) -> None:
    """It said that it is deleted, and shows it still."""
    group = await desk.group("1", "2")
    await desk.order(Do.DELETE, group)

    async def keep(what: tuple[str, ...]) -> None:
        desk.app.items[TWO] = desk.app.trash.pop(TWO)

    desk.app.during_act = keep
    await desk.world.turn()
    await desk.world.pass_time(300)
    assert await desk.world.actions() == ["failed delete paperless document 2"]
    assert await desk.judged() == []


async def test_a_plain_deletion_of_what_stays_waits_until_it_is_known(desk: Desk) -> None:
    """The keeper is deleted by hand while the call about its duplicate is under way."""
    world = desk.world
    group = await desk.group("1", "2")
    await desk.order(Do.DELETE, group)
    desk.app.act_trouble, desk.app.act_effect = Unreachable("paperless: cut off"), True
    await world.outbox.work_once()
    assert await world.actions() == ["sending delete paperless document 2"]
    desk.app.act_trouble = None
    await world.engine.probe("paperless")
    await order(world.outbox, Order(Verb.DELETE, "paperless", ONE, files=True), by="owner")
    await world.outbox.work_once()
    assert (await world.actions())[1] == "planned delete paperless document 1"
    assert "“Paper 1” stays while “Paper 2” is deleted" in (await world.reasons())[1]
    assert ONE in desk.app.items


# --- merging ----------------------------------------------------------------------------------------


async def test_a_deletion_waits_for_its_merge(desk: Desk) -> None:
    world = desk.world
    group = await desk.group("1", "2", "3")
    desk.app.act_trouble = Unreachable("paperless: cut off")
    await desk.order(Do.MERGE_DELETE, group)
    await world.outbox.work_once()
    assert await world.actions() == [
        "sending merge paperless document 1",
        "planned delete paperless document 2",
        "planned delete paperless document 3",
    ]
    assert "to merge (a1) comes first" in (await world.reasons())[1]
    desk.app.act_trouble = None
    await world.engine.probe("paperless")
    await world.pass_time(1200)
    assert [act[0] for act in desk.app.acts] == ["merge", "delete", "delete"]
    assert desk.app.items[ONE].attrs["tags"] == ["t1", "t2", "t3"]


@pytest.mark.parametrize("effect", [True, False], ids=["it took effect", "without effect"])
async def test_a_merge_that_was_cut_off_is_done_again(desk: Desk, effect: bool) -> None:
    group = await desk.group("1", "2")
    desk.app.act_trouble, desk.app.act_effect = Unreachable("paperless: cut off"), effect
    await desk.order(Do.MERGE, group)
    await desk.world.outbox.work_once()
    desk.app.act_trouble = None
    await desk.world.engine.probe("paperless")
    await desk.world.pass_time(1200)
    assert await desk.world.actions() == ["done merge paperless document 1"]
    assert [act[0] for act in desk.app.acts] == ["merge"] * (2 if effect else 1)
    assert desk.app.items[ONE].attrs["tags"] == ["t1", "t2"]


async def test_nothing_is_deleted_when_its_merge_came_to_nothing(desk: Desk) -> None:
    group = await desk.group("1", "2")
    await desk.order(Do.MERGE_DELETE, group)
    desk.app.act_trouble = Refused("paperless: 403: you may not change this document")
    await desk.world.turn()
    desk.app.act_trouble = None
    await desk.world.pass_time(900)
    assert await desk.world.actions() == [
        "refused merge paperless document 1",
        "dropped delete paperless document 2",
    ]
    assert "it was refused" in (await desk.world.reasons())[1]
    assert TWO in desk.app.items


async def test_nothing_is_merged_of_another_thing(desk: Desk) -> None:
    group = await desk.group("1", "2")
    await desk.order(Do.MERGE, group)
    desk.app.put(document(2, "secret", title="Another", added=2030))
    await known(desk)
    await desk.world.turn()
    assert await desk.world.actions() == ["dropped merge paperless document 1"]
    assert desk.app.items[ONE].attrs["tags"] == ["t1"]


async def test_a_merge_is_not_undone(desk: Desk) -> None:
    group = await desk.group("1", "2")
    (row,) = await desk.order(Do.MERGE, group)
    await desk.world.turn()
    planned = await plan(desk.world.outbox, row.id)
    assert not planned.possible
    assert planned.sentence == "what was merged stays; nothing was taken away from the others"
    with pytest.raises(CannotAct, match="what was merged stays"):
        await undo(desk.world.outbox, row.id, by="owner")


@pytest.mark.parametrize("moment", ["before sending", "sending committed", "called", "done committed"])
@pytest.mark.parametrize("verb", ["merge", "delete"])
async def test_a_kill_between_merging_and_deleting(desk: Desk, moment: str, verb: str) -> None:
    """Killed at each moment of either call: merged at last, each deleted once, and the primary stays."""
    world = desk.world
    group = await desk.group("1", "2", "3")
    await desk.order(Do.MERGE_DELETE, group)
    world.crash_at = moment
    if verb == "delete":
        world.crash_at = None
        seen = 0

        def reach(at: str) -> None:
            nonlocal seen
            world.moments.append(at)
            seen += at == moment
            if seen >= 2 and at == moment:
                raise Crash(at)

        world.outbox._sender = replace(world.outbox._sender, at=reach)
    with contextlib.suppress(Crash):
        for _ in range(5):
            await world.turn()
    assert world.moments[-1] == moment
    assert ONE in desk.app.items
    await world.restart()
    await world.pass_time(1800)
    assert await world.actions() == [
        "done merge paperless document 1",
        "done delete paperless document 2",
        "done delete paperless document 3",
    ]
    assert desk.app.items[ONE].attrs["tags"] == ["t1", "t2", "t3"]
    assert [act[1] for act in desk.app.acts if act[0] == "delete"] == ["document 2", "document 3"]
    assert set(desk.app.items) & {ONE, TWO, THREE} == {ONE}


# --- files without words --------------------------------------------------------------------------


SAME = document(1, bytes_=500).refs - document(1).refs


async def without_words(desk: Desk) -> int:
    """Documents 1 and 2 are photos with the very same bytes."""
    for key in (ONE, TWO):
        strong = {ref for ref in desk.app.items[key].refs if ref.space != "sha256"}
        desk.app.texts[key] = ""
        await in_app(desk, key, refs=frozenset({*strong, *SAME}))
    await known(desk)

    def write(tx: Tx) -> None:
        (same,) = SAME
        for key in (ONE, TWO):
            row = row_of(tx, "paperless", key)
            reading = papers.read(row.id, row.source_id, "", checksum=str(same))
            papers.put(tx, [reading], seq=1, at=NOW)

    await desk.world.ledger.write(write)
    return await desk.group("1", "2")


async def other_bytes(desk: Desk, key: Key, *, told: bool) -> None:
    """Another picture of the same size; a folder tells its checksum once a scan has read it."""
    refs = document(int(key.id), bytes_=600).refs
    await in_app(desk, key, refs=frozenset(ref for ref in refs if told or ref.space != "sha256"))


@pytest.mark.parametrize("key", [ONE, TWO])
@pytest.mark.parametrize("scanned", [False, True])
async def test_who_does_not_say_which_bytes_a_file_has_now_is_waited_for(
    desk: Desk, key: Key, scanned: bool
) -> None:
    group = await without_words(desk)
    if scanned:
        await other_bytes(desk, key, told=False)
        await known(desk)
    await desk.order(Do.DELETE, group)
    await other_bytes(desk, key, told=False)
    await desk.world.turn()
    assert await desk.world.actions() == ["planned delete paperless document 2"]
    assert "does not say which bytes “Paper" in (await desk.world.reasons())[0]
    await other_bytes(desk, key, told=True)
    await desk.world.pass_time(900)
    assert await desk.world.actions() == ["dropped delete paperless document 2"]
    assert TWO in desk.app.items


async def test_a_file_that_was_only_touched_goes_once_it_was_read_again(desk: Desk) -> None:
    group = await without_words(desk)
    await desk.order(Do.DELETE, group)
    same = desk.app.items[ONE].refs
    await other_bytes(desk, ONE, told=False)
    await desk.world.turn()
    assert TWO in desk.app.items
    await in_app(desk, ONE, refs=same)
    await desk.world.pass_time(900)
    assert TWO not in desk.app.items


async def test_what_a_scan_shows_with_other_bytes_is_not_what_was_compared(desk: Desk) -> None:
    """The search has not looked at it again yet."""
    group = await without_words(desk)
    await other_bytes(desk, ONE, told=True)
    await known(desk)
    with pytest.raises(CannotAct, match="“Paper 1” has another file than was shown"):
        await desk.order(Do.DELETE, group)
