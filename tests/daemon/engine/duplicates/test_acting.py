"""What a person has done to groups of duplicates: said before, then exactly that, all of it or nothing."""

import asyncio
from dataclasses import replace

import pytest
from tests.daemon.engine.conftest import World
from tests.daemon.engine.outbox.papers_kept import LABEL, NOW, Desk, row_of

from reconciled.config import Mode, Verb
from reconciled.duplicates.words import Band
from reconciled.engine.duplicates import acting
from reconciled.engine.duplicates.acting import Do, Wanted, order, preview
from reconciled.engine.outbox.by_hand import CannotAct, DryRun, Order
from reconciled.engine.outbox.by_hand import order as order_by_hand
from reconciled.engine.outbox.undo import undo
from reconciled.errors import Unreachable
from reconciled.ledger import acted, groups, items, judgements
from reconciled.ledger.connection import Tx
from reconciled.ledger.groups import GroupState
from reconciled.ledger.judgements import Answer
from reconciled.model import Item, Key, Ref

CHANGED = "this is no longer what was shown; nothing was done, look at it again"
ONE, TWO, THREE = (Key("document", str(n)) for n in (1, 2, 3))


@pytest.fixture
async def desk(world: World) -> Desk:
    made = Desk(world)
    await made.open()
    return made


# --- what is said -----------------------------------------------------------------------------------


async def test_a_dry_run_is_a_tag_and_is_taken_off_again(desk: Desk) -> None:
    group = await desk.group("1", "2", "3")
    assert await desk.lines(Do.TAG, group) == ["tag 2 documents with “duplicate”: “Paper 2” and “Paper 3”"]
    rows = await desk.order(Do.TAG, group)
    labels = await desk.world.rows("SELECT label, labelled_by FROM duplicate_member ORDER BY item_id")
    assert [(one["label"], one["labelled_by"]) for one in labels] == [
        (None, None), (LABEL, rows[0].id), (LABEL, rows[1].id),
    ]  # fmt: skip
    await desk.world.turn()
    await known(desk)
    assert desk.app.items[TWO].attrs["tags"] == ["duplicate", "t2"]
    assert desk.app.items[ONE].attrs["tags"] == ["t1"]
    assert await desk.lines(Do.TAG, group) == ["“Paper 2” has the tag already; “Paper 3” has the tag already"]
    assert await desk.lines(Do.UNTAG, group) == [
        "take the tag “duplicate” off 2 documents: “Paper 2” and “Paper 3”"
    ]
    await desk.order(Do.UNTAG, group)
    await desk.world.turn()
    assert desk.app.items[TWO].attrs["tags"] == ["t2"]
    assert await desk.world.rows("SELECT 1 FROM duplicate_member WHERE label IS NOT NULL") == []


async def test_a_tag_that_is_undone_is_no_label_any_more(desk: Desk) -> None:
    group = await desk.group("1", "2")
    (row,) = await desk.order(Do.TAG, group)
    await desk.world.turn()
    await undo(desk.world.outbox, row.id, by="owner")
    await desk.world.turn()
    assert desk.app.items[TWO].attrs["tags"] == ["t2"]
    assert await desk.world.rows("SELECT 1 FROM duplicate_member WHERE label IS NOT NULL") == []


async def test_the_tag_that_is_taken_off_is_the_one_that_was_put_there(desk: Desk) -> None:
    """The config names another one by now."""
    group = await desk.group("1", "2")
    await desk.order(Do.TAG, group)
    await desk.world.turn()
    await known(desk)
    seen = await preview(desk.world.outbox, [Wanted(group, Do.UNTAG)], label="another")
    assert seen.groups[0].lines == ("take the tag “duplicate” off 1 document: “Paper 2”",)


async def test_one_tag_of_ours_at_a_time(desk: Desk) -> None:
    """Of two the ledger would know the last, and nothing would ever take the first one off."""
    group = await desk.group("1", "2", "3")
    await desk.order(Do.TAG, group, members=(await desk.id("2"),))
    await desk.world.turn()
    await known(desk)
    (told,) = (await preview(desk.world.outbox, [Wanted(group, Do.TAG)], label="another")).groups
    assert told.lines == (
        "tag 1 document with “another”: “Paper 3”",
        "“Paper 2” stays as it is: it has the tag “duplicate” of an earlier dry run; take that off first",
    )
    await in_app_untag(desk)
    (told,) = (await preview(desk.world.outbox, [Wanted(group, Do.TAG)], label="another")).groups
    assert told.lines == ("tag 2 documents with “another”: “Paper 2” and “Paper 3”",)


async def in_app_untag(desk: Desk) -> None:
    """Somebody takes the tag off in the app."""
    desk.app.put(replace(desk.app.items[TWO], attrs={"tags": ["t2"]}))
    await known(desk)


async def test_a_merge_says_what_it_gains_and_what_it_leaves(desk: Desk) -> None:
    group = await desk.group("1", "2", "3")
    (told,) = (await preview(desk.world.outbox, [Wanted(group, Do.MERGE)])).groups
    assert told.lines == ("merge the labels of 2 documents onto “Paper 1”: “Paper 2” and “Paper 3”",)
    assert told.gains == ("gets the tag “t2”", "gets the tag “t3”")
    assert told.conflicts == ("it has a correspondent already",)
    desk.app.merging_trouble = Unreachable("paperless: no answer")
    (told,) = (await preview(desk.world.outbox, [Wanted(group, Do.MERGE)])).groups
    assert told.unasked == "paperless could not be asked what merging would do: paperless: no answer"
    assert desk.app.acts == []


async def test_an_app_that_hangs_is_not_asked_about_each_group(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of hundreds of groups each would wait for its timeout, and nobody for the page."""
    asked = []

    async def hang(*_: object, **__: object) -> None:
        asked.append(desk.world.clock.monotonic())
        raise Unreachable("paperless: no answer within 30 s")

    monkeypatch.setattr(desk.world.place("paperless").live.source, "foresee_merge", hang)
    wanted = [Wanted(await desk.group(str(n), "9"), Do.MERGE) for n in range(1, 9)]
    seen = await preview(desk.world.outbox, wanted)
    assert len(asked) <= 4, "as many as are asked at once"
    assert all(
        "paperless could not be asked what merging would do" in str(one.unasked) for one in seen.groups
    )
    assert "no answer within 30 s" in str(seen.groups[-1].unasked)


async def test_what_stays_never_gets_the_dry_run_s_tag(desk: Desk) -> None:
    """Who throws away in the app what bears it would throw the last copy away; also an older tag of ours."""
    group = await desk.group("1", "2", "3")
    wanted = [Wanted(group, Do.TAG, members=(await desk.id("3"),))]
    seen = await preview(desk.world.outbox, wanted, label="maybe twice")
    await order(desk.world.outbox, wanted, shown=seen.print, by="owner", label="maybe twice")
    await desk.world.turn()
    await known(desk)
    await desk.order(Do.TAG, group, members=(await desk.id("2"),))
    await desk.world.turn()
    await known(desk)
    (told,) = (await preview(desk.world.outbox, [Wanted(group, Do.MERGE_DELETE)], label=LABEL)).groups
    assert told.gains == ("gets the tag “t2”", "gets the tag “t3”")
    await desk.order(Do.MERGE_DELETE, group)
    await desk.world.turn()
    assert set(desk.app.trash) == {TWO, THREE}
    assert desk.app.items[ONE].attrs["tags"] == ["t1", "t2", "t3"]


async def tagged_before_it_was_the_primary(desk: Desk) -> int:
    """The dry run tagged 2 and 3 of a group; then 2 was made its primary."""
    group = await desk.group("1", "2", "3")
    await desk.order(Do.TAG, group)
    await desk.world.turn()
    await known(desk)
    await state(desk, group, primary=await desk.id("2"))
    return group


async def test_the_tag_is_taken_off_what_became_the_primary(desk: Desk) -> None:
    group = await tagged_before_it_was_the_primary(desk)
    assert await desk.lines(Do.UNTAG, group) == [
        "take the tag “duplicate” off 2 documents: “Paper 2” and “Paper 3”",
        "“Paper 1” does not have the tag “duplicate”",
    ]
    assert await desk.lines(Do.UNTAG, group, members=(await desk.id("3"),)) == [
        "take the tag “duplicate” off 1 document: “Paper 3”"
    ]
    await desk.order(Do.UNTAG, group)
    await desk.world.turn()
    assert [desk.app.items[one].attrs["tags"] for one in (ONE, TWO, THREE)] == [["t1"], ["t2"], ["t3"]]
    assert await desk.world.rows("SELECT 1 FROM duplicate_member WHERE label IS NOT NULL") == []


@pytest.mark.parametrize("do", [Do.TAG, Do.MERGE, Do.DELETE, Do.MERGE_DELETE])
async def test_what_stays_keeps_no_tag_of_the_dry_run(desk: Desk, do: Do) -> None:
    group = await tagged_before_it_was_the_primary(desk)
    seen = await preview(desk.world.outbox, [Wanted(group, do)], label=LABEL)
    assert "take the tag “duplicate” off “Paper 2”, which stays" in seen.groups[0].lines
    assert seen.acts == {Do.TAG: 1, Do.MERGE: 1, Do.DELETE: 2, Do.MERGE_DELETE: 3}[do], "what was asked for"
    await desk.order(do, group)
    await desk.world.turn()
    await desk.world.turn()
    bears = {key.id for key, item in desk.app.items.items() if "duplicate" in str(item.attrs["tags"])}
    assert bears == {Do.TAG: {"1", "3"}, Do.MERGE: {"3"}}.get(do, set())


async def test_the_primary_of_two_groups_loses_the_tag_once(desk: Desk) -> None:
    group = await tagged_before_it_was_the_primary(desk)
    other = await desk.group("2", "5", band=Band.REVIEW)
    rows = await desk.order(Do.DELETE, group, other)
    assert [row.verb for row in rows] == ["delete", "delete", "untag", "delete"]


@pytest.mark.parametrize("first", [Do.TAG, Do.DELETE])
async def test_what_stays_for_another_is_not_tagged(desk: Desk, first: Do) -> None:
    """It would not be deleted as a duplicate either; whichever of the two was ordered first. Neither is the
    third one, as the duplicate of what goes.
    """
    group = await desk.group("1", "2", "3")
    two = await desk.id("2")
    if first is Do.TAG:
        await desk.order(Do.TAG, group, primary=two)
        await desk.order(Do.DELETE, group, members=(two,))
    else:
        await desk.order(Do.DELETE, group, members=(two,))
        lines = await desk.lines(Do.TAG, group, primary=two)
        assert "“Paper 2”, which was to stay, is to be deleted itself (a1)" in lines[0]
        with pytest.raises(CannotAct):
            await desk.order(Do.TAG, group, primary=two)
    await desk.world.turn()
    await desk.world.turn()
    assert [desk.app.items[one].attrs["tags"] for one in (ONE, THREE)] == [["t1"], ["t3"]]
    assert TWO in desk.app.trash


@pytest.mark.parametrize("named", [False, True])
async def test_the_tag_is_taken_off_when_what_stayed_is_gone(desk: Desk, named: bool) -> None:
    """Somebody looked at both in the app, and threw the other one away: what bears the tag is the last."""
    group = await desk.group("1", "2")
    await desk.order(Do.TAG, group)
    await desk.world.turn()
    await known(desk)
    desk.app.remove(ONE)
    await desk.world.scan_and_settle("paperless")
    members = (await desk.id("2"),) if named else ()
    assert await desk.lines(Do.UNTAG, group, members=members) == [
        "take the tag “duplicate” off 1 document: “Paper 2”"
    ]
    await desk.order(Do.UNTAG, group, members=members)
    await desk.world.turn()
    assert desk.app.items[TWO].attrs["tags"] == ["t2"]
    assert (await desk.lines(Do.DELETE, group))[0].startswith("a member of group 1 is gone")


async def test_a_tag_that_is_not_ours_stays(desk: Desk) -> None:
    desk.app.put(replace(desk.app.items[ONE], attrs={"tags": ["duplicate"]}))
    await known(desk)
    await desk.order(Do.DELETE, await desk.group("1", "2"))
    await desk.world.turn()
    assert desk.app.items[ONE].attrs["tags"] == ["duplicate"]


async def test_a_deletion_says_what_goes_what_stays_and_who_will_notice(desk: Desk) -> None:
    group = await desk.group("1", "2")
    await mirrored(desk)
    record = Item(
        Key("document", "8"), "A record", frozenset({Ref("paperless:document", "2")}), {}, refers=True
    )
    desk.other.put(record)
    await desk.world.scan("other")
    assert await desk.lines(Do.DELETE, group) == [
        "move “Paper 2” to the trash of paperless; “Paper 1” stays",
        "other/document 1 was mirrored to “Paper 2”: it will not be uploaded again",
        "other/document 8 refers to “Paper 2”",
    ]


async def test_one_order_is_about_so_many_papers_and_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "MOST_PAPERS", 3)
    group, other = await desk.group("1", "2", "3"), await desk.group("4", "5")
    said = "5 papers at once; one order is for at most 3: name fewer groups, or the members you mean"
    with pytest.raises(CannotAct, match=said):
        await desk.lines(Do.DELETE, group, other)
    assert len(await desk.lines(Do.DELETE, group)) == 2


async def test_only_some_of_a_group(desk: Desk) -> None:
    group = await desk.group("1", "2", "3", "4")
    three = await desk.id("3")
    await desk.order(Do.DELETE, group, members=(three,), primary=await desk.id("4"))
    await desk.world.turn()
    assert [act[1] for act in desk.app.acts] == ["document 3"]
    (row,) = await desk.world.rows("SELECT keeper FROM action")
    assert row["keeper"] == await desk.id("4")


async def test_across_apps_nothing_is_merged_and_nothing_goes_unmerged(desk: Desk) -> None:
    group = await desk.group("1", "2", "other/1")
    lines = await desk.lines(Do.MERGE_DELETE, group)
    assert lines == [
        "merge the labels of 1 document onto “Paper 1”: “Paper 2”",
        "move “Paper 2” to the trash of paperless; “Paper 1” stays",
        "“Paper 1” stays as it is: it is of other, and paperless merges only what it has itself",
    ]
    assert len(await desk.lines(Do.DELETE, group)) == 2


REFUSED = {
    "there is no group": "there is no group 99",
    "ignored": "is ignored; open it again to delete anything of it",
    "over": "is over: fewer than two stand",
    "a stranger": "is not in group",
    "the primary itself": "leave the primary out",
    "gone": "is gone",
    "another text": "another text than when it was compared",
    "different": "said that it is no duplicate",
    "on its way": "it is being deleted already (a1)",
    "nothing is left": "there is nothing to do",
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_done_is_said(desk: Desk, case: str) -> None:
    group, members = await desk.group("1", "2"), tuple[int, ...]()
    match case:
        case "there is no group":
            group = 99
        case "ignored":
            await state(desk, group, state=GroupState.IGNORED)
        case "over":
            await state(desk, group, over="fewer than two stand")
        case "a stranger":
            members = (await desk.id("5"),)
        case "the primary itself":
            members = (await desk.id("1"),)
        case "gone":
            desk.app.remove(TWO)
            await desk.world.scan_and_settle("paperless")
            members = (await desk.id("2"),)
        case "another text":
            desk.app.texts[TWO] = "other words"
            await desk.read()
        case "different":
            pair = (await desk.id("1"), await desk.id("2"))
            await desk.world.ledger.write(
                lambda tx: judgements.say(tx, [pair], Answer.DIFFERENT, by="owner", at=NOW)
            )
        case "on its way":
            await order_by_hand(desk.world.outbox, Order(Verb.DELETE, "paperless", TWO, files=True), by="me")
        case _:
            desk.app.remove(TWO)
            await desk.world.scan_and_settle("paperless")
    before = await desk.world.actions()
    (line,) = await desk.lines(Do.DELETE, group, members=members)
    assert REFUSED[case] in line
    with pytest.raises(CannotAct, match=REFUSED[case].split(" (")[0]):
        await desk.order(Do.DELETE, group, members=members)
    assert await desk.world.actions() == before


# --- exactly what was shown -------------------------------------------------------------------------


async def change_title(desk: Desk) -> None:
    desk.app.put(replace(desk.app.items[TWO], title="Another title"))
    await known(desk)


async def change_tags(desk: Desk) -> None:
    desk.app.put(replace(desk.app.items[ONE], attrs={"tags": ["new"]}))
    await known(desk)


async def change_text(desk: Desk) -> None:
    desk.app.texts[ONE] = "other words"
    await desk.read()


async def change_primary(desk: Desk) -> None:
    number = await desk.id("2")

    def write(tx: Tx) -> None:
        group = groups.get(tx, 1)
        assert group is not None
        groups.write(tx, replace(group, primary=number), at=NOW)

    await desk.world.ledger.write(write)


async def ignore(desk: Desk) -> None:
    await state(desk, 1, state=GroupState.IGNORED)


async def answer_about_one(desk: Desk) -> None:
    """In another tab; the group itself is open still."""
    await state(desk, 1, answered_by="owner", answered_at=NOW)


async def less_sure(desk: Desk) -> None:
    """By what a third paper says, they only may be one sheet."""
    await state(desk, 1, band=Band.REVIEW)


CHANGES = [change_title, change_tags, change_text, change_primary, ignore, answer_about_one, less_sure]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("do", [Do.TAG, Do.MERGE_DELETE])
async def test_a_group_that_changed_is_shown_again(desk: Desk, do: Do, change: object) -> None:
    wanted = [Wanted(await desk.group("1", "2"), do), Wanted(await desk.group("5", "6"), do)]
    seen = await preview(desk.world.outbox, wanted, label=LABEL)
    assert callable(change)
    await change(desk)
    with pytest.raises(CannotAct, match=CHANGED):
        await order(desk.world.outbox, wanted, shown=seen.print, by="owner", label=LABEL)
    assert await desk.world.actions() == []


async def test_a_print_is_for_one_thing_only(desk: Desk) -> None:
    group = await desk.group("1", "2")
    prints = {(await preview(desk.world.outbox, [Wanted(group, do)], label=LABEL)).print for do in Do}
    assert len(prints) == len(Do)
    seen = await preview(desk.world.outbox, [Wanted(group, Do.TAG)], label=LABEL)
    with pytest.raises(CannotAct, match=CHANGED):
        await order(desk.world.outbox, [Wanted(group, Do.TAG)], shown=seen.print, by="owner", label="other")


async def test_in_dry_run_nothing_goes_out_not_even_the_tag(desk: Desk) -> None:
    group = await desk.group("1", "2")
    seen = await preview(desk.world.outbox, [Wanted(group, Do.TAG)], label=LABEL)
    await desk.world.decide(mode=Mode.DRY_RUN)
    for do in Do:
        with pytest.raises(DryRun, match=f"set `mode: ask` to {do.words} by hand"):
            await order(desk.world.outbox, [Wanted(group, do)], shown=seen.print, by="owner", label=LABEL)
    assert await desk.world.actions() == []


async def test_what_was_ordered_does_not_go_out_in_dry_run(desk: Desk) -> None:
    await desk.order(Do.MERGE_DELETE, await desk.group("1", "2"))
    await desk.world.decide(mode=Mode.DRY_RUN)
    await desk.world.turn()
    assert {line.split()[0] for line in await desk.world.actions()} == {"dropped"}
    assert desk.app.acts == []


@pytest.mark.parametrize(("said", "done"), [(None, False), (25, False), (27, False), (26, True)])
async def test_who_deletes_many_says_how_many(world: World, said: int | None, done: bool) -> None:
    desk = Desk(world)
    await desk.open(documents=30)
    wanted = [await desk.group(*map(str, range(1, 15))), await desk.group(*map(str, range(15, 29)))]
    many = await preview(world.outbox, [Wanted(one, Do.DELETE) for one in wanted])
    assert (many.deletes, many.counted) == (26, True)
    if not done:
        with pytest.raises(CannotAct, match="this deletes 26, more than 25; say the number to mean it"):
            await desk.order(Do.DELETE, *wanted, count=said)
        assert await world.actions() == []
        return
    assert len(await desk.order(Do.DELETE, *wanted, count=said)) == 26
    for _ in range(3):
        await world.turn()
    assert {key.id for key in desk.app.items} == {"1", "15", "29", "30"}


async def test_what_is_no_order_is_refused(desk: Desk) -> None:
    group = await desk.group("1", "2")
    for wanted, said in (([], "at least one group"), ([Wanted(group, Do.TAG)] * 2, "named twice")):
        with pytest.raises(CannotAct, match=said):
            await preview(desk.world.outbox, wanted)
    with pytest.raises(CannotAct, match="at most 500"):
        await preview(desk.world.outbox, [Wanted(n, Do.TAG) for n in range(501)])


# --- races and chains -------------------------------------------------------------------------------


async def test_two_tabs_order_the_same(desk: Desk) -> None:
    wanted = [Wanted(await desk.group("1", "2", "3"), Do.DELETE)]
    seen = await preview(desk.world.outbox, wanted)
    found = await asyncio.gather(
        *(order(desk.world.outbox, wanted, shown=seen.print, by="owner") for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in found) == ["CannotAct", "list"]
    await desk.world.turn()
    assert [act[1] for act in desk.app.acts] == ["document 2", "document 3"]


@pytest.mark.parametrize("done", [False, True], ids=["live", "done"])
async def test_two_tabs_each_keep_what_the_other_deletes(desk: Desk, done: bool) -> None:
    group = await desk.group("1", "2")
    mine = [Wanted(group, Do.DELETE)]
    yours = [Wanted(group, Do.DELETE, primary=await desk.id("2"))]
    prints = [(await preview(desk.world.outbox, one)).print for one in (mine, yours)]
    await order(desk.world.outbox, mine, shown=prints[0], by="one")
    if done:
        await desk.world.turn()
        await desk.world.settle()
    with pytest.raises(CannotAct):
        await order(desk.world.outbox, yours, shown=prints[1], by="other")
    with pytest.raises(CannotAct):
        await desk.order(Do.DELETE, group, primary=await desk.id("2"))
    await desk.world.turn()
    assert [act[1] for act in desk.app.acts] == ["document 2"]
    assert ONE in desk.app.items


@pytest.mark.parametrize("done", [False, True], ids=["live", "done"])
@pytest.mark.parametrize("turned", [False, True], ids=["the keeper goes next", "the victim was a keeper"])
async def test_a_chain_is_refused(desk: Desk, done: bool, turned: bool) -> None:
    """2 stays for 1, and then 3 is to stay for 2; or the other way about."""
    pairs = [("2", "1"), ("3", "2")]
    first, second = pairs[::-1] if turned else pairs
    await desk.order(Do.DELETE, await desk.group(*first))
    if done:
        await desk.world.turn()
        await desk.world.settle()
    later = await desk.group(*second, band=Band.REVIEW)
    lines = await desk.lines(Do.DELETE, later)
    assert any(word in lines[0] for word in ("stays, for", "to be deleted itself", "is gone")), lines
    with pytest.raises(CannotAct):
        await desk.order(Do.DELETE, later)


async def test_what_stays_is_kept_however_long_ago_the_other_went(desk: Desk) -> None:
    """The gone one left the ledger, and years later what was done would, too."""
    await desk.order(Do.DELETE, await desk.group("1", "2"))
    await desk.world.turn()
    await desk.world.settle()
    await desk.world.ledger.write(lambda tx: items.forget_gone(tx, before="9999", limit=10_000))
    await desk.world.ledger.write(acted.forget_before, "9999")
    later = await desk.group("3", "1", band=Band.REVIEW)
    with pytest.raises(CannotAct, match="“Paper 1” stays, for “Paper 2” was deleted as its duplicate"):
        await desk.order(Do.DELETE, later)
    desk.app.remove(ONE)
    await desk.world.scan_and_settle("paperless")
    await desk.world.ledger.write(lambda tx: items.forget_gone(tx, before="9999", limit=10_000))
    await desk.world.ledger.write(acted.forget_before, "9999")
    assert await desk.world.actions() == [], "nothing is kept for what is gone itself"


async def test_a_chain_in_one_order_is_refused(desk: Desk) -> None:
    """A paper may stand in a group of each band."""
    wanted = [await desk.group("2", "1"), await desk.group("3", "2", band=Band.REVIEW)]
    with pytest.raises(CannotAct, match="“Paper 2” cannot stay for one and be deleted for another"):
        await desk.order(Do.DELETE, *wanted)
    assert await desk.world.actions() == []


@pytest.mark.parametrize("do", [Do.MERGE, Do.MERGE_DELETE])
async def test_groups_that_keep_the_same_paper_are_merged_one_after_the_other(desk: Desk, do: Do) -> None:
    """A primary stands in a group of either band; all of them are chosen at once on the page."""
    wanted = [await desk.group("1", "2"), await desk.group("1", "3", band=Band.REVIEW)]
    seen = await preview(desk.world.outbox, [Wanted(one, do) for one in wanted], label=LABEL)
    assert seen.groups[1].refused == "“Paper 1” is merged onto for group 1 already; order this one after that"
    assert seen.deletes == (do is Do.MERGE_DELETE)
    await desk.order(do, *wanted)
    await desk.world.turn()
    await desk.order(do, wanted[1])
    await desk.world.turn()
    assert desk.app.items[ONE].attrs["tags"] == ["t1", "t2", "t3"]
    assert set(desk.app.trash) == ({TWO, THREE} if do is Do.MERGE_DELETE else set())


async def test_after_the_deletion_was_undone_the_other_may_go(desk: Desk) -> None:
    group = await desk.group("1", "2")
    (row,) = await desk.order(Do.DELETE, group)
    await desk.world.turn()
    await desk.world.settle()
    await undo(desk.world.outbox, row.id, by="owner")
    await desk.world.turn()
    await desk.world.settle()
    await desk.order(Do.DELETE, group, primary=await desk.id("2"))
    await desk.world.turn()
    assert set(desk.app.items) & {ONE, TWO} == {TWO}


async def test_when_somebody_restored_it_in_the_app_the_other_may_go(desk: Desk) -> None:
    group = await desk.group("1", "2")
    await desk.order(Do.DELETE, group)
    await desk.world.turn()
    await desk.world.settle()
    desk.app.put(desk.app.trash.pop(TWO))
    await known(desk)
    await desk.order(Do.DELETE, group, primary=await desk.id("2"))
    await desk.world.turn()
    assert set(desk.app.items) & {ONE, TWO} == {TWO}


async def test_the_same_item_twice_in_the_config_is_no_duplicate(world: World) -> None:
    """Another name for the same installation: it shows the same documents under the same keys."""
    desk = Desk(world)
    await desk.open(twin=True)
    group = await desk.group("1", "other/1")
    assert await desk.lines(Do.DELETE, group) == [
        "“Paper 1” stays as it is: “Paper 1” and “Paper 1” are one and the same in paperless"
    ]


async def known(desk: Desk) -> None:
    await desk.world.scan("paperless")


async def state(desk: Desk, group: int, **to: object) -> None:
    def write(tx: Tx) -> None:
        row = groups.get(tx, group)
        assert row is not None
        groups.write(tx, replace(row, **to), at=NOW)  # type: ignore[arg-type]  # whatever a test changes

    await desk.world.ledger.write(write)


async def mirrored(desk: Desk) -> None:
    """Document 1 of `other` was brought to paperless, where it is document 2."""

    def rows(tx: Tx) -> tuple[int, int]:
        return row_of(tx, "other", ONE).id, row_of(tx, "paperless", TWO).id

    original, copied = await desk.world.ledger.read(rows)
    await desk.put(
        "copy", mirror="m", item_id=original, source="other", kind="document", key="1", title="x",
        fileset="f",
        target="paperless", status="synced", how="made", target_kind="document", target_key="2",
        target_item=copied, created_at="a", changed_at="a",
    )  # fmt: skip
    assert await desk.world.ledger.read(lambda tx: items.by_id(tx, copied)) is not None
