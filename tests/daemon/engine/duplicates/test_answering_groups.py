"""What people say of groups is kept, outlives them, can be taken back; another text is asked about again."""

from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from tests.daemon.ledger.library import Library, a_library

from reconciled.engine.duplicates.grouping import Counts
from reconciled.engine.duplicates.judging import NoSuchGroup, NotAMember, NothingToAnswer
from reconciled.ledger import findings, groups, items, judgements, papers, sources
from reconciled.ledger.judgements import Answer
from reconciled.model import Presence

OTHER = "quite another text with enough words in it"


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with a_library(tmp_path) as library:
        yield library


async def grouped(library: Library, titles: str = "ABC") -> Sequence[int]:
    """A group of these, each like the next."""
    found = [await library.add(title) for title in titles]
    for one, other in pairwise(found):
        await library.like(one, other)
    await library.regroup()
    return found


@pytest.mark.parametrize(("decision", "state"), [("ignore", "ignored"), ("resolve", "resolved")])
async def test_an_answer_is_kept_over_regrouping_and_can_be_taken_back(
    library: Library, decision: str, state: str
) -> None:
    a, b, c = await grouped(library)
    answered = await library.say(1, decision)
    assert answered.said == f"“A”, “B”, “C”: {state}; group 1 is {state}, with 3"
    await library.regroup()
    row = await library.group(1)
    assert (row.state, row.answered_by, row.answered_at) == (state, "owner", library.at)
    shown = {"ignored": "ignored by owner", "resolved": "over (resolved by owner)"}[state]
    assert await library.findings() == [f"{shown} A: “B”, “C” seem to be the same sheet"]
    assert await library.said() == {(a, b): state, (a, c): state}

    again = await library.say(1, "reopen")
    assert again.said == "“A”, “B”, “C”: asked again; group 1 is open, with 3"
    assert await library.said() == {}
    assert (await library.findings())[-1] == "open A: “B”, “C” seem to be the same sheet"
    assert (await library.group(1)).asked_again is None


async def test_one_that_is_no_duplicate_leaves_and_comes_back_when_that_is_taken_back(
    library: Library,
) -> None:
    a, b, c = await grouped(library)
    await library.like(a, c, 3.0)
    answered = await library.say(1, "not_duplicate", c)
    assert answered.said == "“C” is no duplicate of “A”, “B”; group 1 is open, with 2"
    assert await library.said() == {(a, c): "different", (b, c): "different"}
    await library.regroup()
    assert await library.groups() == {1: [a, b]}
    await library.say(1, "reopen")
    assert (await library.groups(), await library.said()) == ({1: [a, b, c]}, {})


async def test_two_that_are_no_duplicates_end_their_group_until_that_is_taken_back(library: Library) -> None:
    a, b = await grouped(library, "AB")
    assert (await library.say(1, "not_duplicate")).said == (
        "“A”, “B” are no duplicates of one another; group 1 is over: they were said to be different"
    )
    assert (await library.regroup(), await library.groups()) == (Counts(), {})
    assert await library.findings() == [
        "over (they were said to be different) A: “B” seems to be the same sheet"
    ]
    with pytest.raises(NothingToAnswer, match="group 1 is over: they were said to be different"):
        await library.say(1, "ignore")
    await library.say(1, "reopen")
    assert await library.groups() == {1: [a, b]}
    assert len([one for one in await library.findings() if one.startswith("open")]) == 1


async def test_taking_back_the_last_answer_leaves_the_ones_before(library: Library) -> None:
    a, b, c, d = await grouped(library, "ABCD")
    await library.say(1, "not_duplicate", d)
    await library.say(1, "not_duplicate", c)
    assert await library.groups() == {1: [a, b]}
    await library.say(1, "reopen")
    assert await library.groups() == {1: [a, b, c]}
    assert set(await library.said()) == {(a, d), (b, d), (c, d)}


async def test_members_named_when_reopening_come_back_whenever_they_were_sent_away(library: Library) -> None:
    a, b, c, d = await grouped(library, "ABCD")
    await library.say(1, "not_duplicate", d)
    await library.say(1, "ignore")
    await library.say(1, "reopen", d)
    assert (await library.groups(), await library.said()) == ({1: [a, b, c, d]}, {})


async def test_another_text_makes_an_answered_group_a_question_again(library: Library) -> None:
    a, b, c = await grouped(library)
    await library.say(1, "ignore")
    await library.rescan(b, OTHER)
    await library.like(a, b)
    await library.like(b, c)
    assert (await library.regroup()).asked_again == 1
    row = await library.group(1)
    assert (row.state, row.asked_again) == ("open", "“B” has another text since it was ignored on 4 Nov")
    assert await library.findings() == [
        "open A: “B”, “C” seem to be the same sheet; “B” has another text since it was ignored on 4 Nov"
    ]
    await library.regroup()
    assert (await library.group(1)).asked_again == row.asked_again, "it stays said until somebody answers"
    await library.say(1, "ignore")
    assert (await library.group(1)).asked_again is None


async def test_a_text_that_came_back_needs_no_new_answer(library: Library) -> None:
    a, b = await grouped(library, "AB")
    (text,) = (await library.ledger.read(papers.texts, [b])).values()
    await library.say(1, "resolve")
    await library.rescan(b, OTHER)
    await library.like(a, b)
    await library.regroup()
    assert (await library.group(1)).state == "open"
    await library.rescan(b, text)
    await library.like(a, b)
    await library.regroup()
    assert (await library.group(1)).state == "resolved"


async def test_one_that_joins_makes_an_answered_group_a_question_again(library: Library) -> None:
    a, b = await grouped(library, "AB")
    await library.say(1, "ignore")
    c = await library.add("C")
    await library.like(b, c)
    assert (await library.regroup_some(c)).asked_again == 1
    row = await library.group(1)
    assert (row.state, row.asked_again) == ("open", "“C” joined since it was ignored on 4 Nov")
    await library.lose(c)
    await library.regroup_some(c)
    assert (await library.group(1)).state == "ignored", "as it was answered"
    assert await library.groups() == {1: [a, b]}


async def test_a_pair_said_to_be_different_is_asked_about_again_with_another_text(library: Library) -> None:
    a, b = await grouped(library, "AB")
    await library.say(1, "not_duplicate")
    await library.rescan(b, OTHER)
    await library.like(a, b)
    await library.regroup()
    row = await library.group(1)
    assert (row.state, row.asked_again) == ("open", "“B” has another text by now")


async def test_gone_papers_are_no_members_and_too_few_are_no_group(library: Library) -> None:
    a, b, c = await grouped(library)
    await library.like(a, c)
    await library.lose(b)
    await library.regroup()
    assert await library.groups() == {1: [a, c]}
    await library.lose(c)
    assert (await library.regroup()).over == 1
    row = await library.group(1)
    assert (row.state, row.over, row.members) == ("resolved", "fewer than two of them are left", 1)
    assert await library.findings() == [
        "over (fewer than two of them are left) A: “C” seems to be the same sheet"
    ]


async def test_a_restored_duplicate_gets_its_group_back_and_is_asked_about(library: Library) -> None:
    a, b = await grouped(library, "AB")
    await library.ledger.write(
        lambda tx: judgements.say(tx, [(a, b)], Answer.RESOLVED, by="reconciled", at=library.at)
    )
    await library.lose(b)
    await library.regroup()
    await library.restore(b)
    await library.regroup()
    row = await library.group(1)
    assert (row.state, row.over, row.asked_again) == ("open", None, "two and more of them are there again")
    await library.regroup()
    assert (await library.group(1)).state == "open"


async def test_ignoring_outlives_a_group_that_was_too_small_for_a_while(library: Library) -> None:
    _, b = await grouped(library, "AB")
    await library.say(1, "ignore")
    await library.lose(b)
    await library.regroup()
    await library.restore(b)
    await library.regroup()
    assert (await library.group(1)).state == "ignored"


async def test_a_frozen_group_waits(library: Library) -> None:
    a, b = await grouped(library, "AB")
    source = await library.ledger.read(sources.get, "paperless")
    assert source is not None
    await library.ledger.write(sources.freeze, source.id)
    await library.regroup()
    assert await library.groups() == {1: [a, b]}
    assert (await library.findings())[0].startswith("open")
    await library.ledger.write(lambda tx: sources.enroll(tx, "paperless", "paperless", {}))
    await library.restore(a, b)
    assert (await library.regroup(), await library.groups()) == (Counts(), {1: [a, b]})


async def test_a_frozen_member_keeps_its_place_in_a_group_that_goes_on(library: Library) -> None:
    a, b, c = await grouped(library)
    await library.like(a, c)
    await library.say(1, "ignore")
    await library.ledger.write(groups.label, b, "duplicate", 5)
    await library.presence(b, Presence.FROZEN)
    await library.regroup()
    assert (await library.ledger.read(groups.labels, [b])) == {b: "duplicate"}
    assert ((await library.group(1)).members, (await library.group(1)).state) == (2, "ignored")
    await library.restore(b)
    await library.regroup()
    assert ((await library.group(1)).members, (await library.group(1)).state) == (3, "ignored")


async def test_a_group_waits_while_a_new_text_is_not_compared(library: Library) -> None:
    a, b = await grouped(library, "AB")
    await library.rescan(b, OTHER, compared=False)
    await library.regroup()
    assert await library.groups() == {1: [a, b]}
    await library.rescan(b, OTHER)
    await library.regroup()
    assert (await library.group(1)).over == "they are no longer alike"


async def test_a_primary_chosen_by_hand_stays_as_long_as_it_is_a_member(library: Library) -> None:
    a, b, c = await grouped(library)
    answered = await library.choose(1, c)
    assert answered.said == "“C” stands for the group; group 1 is open, with 3"
    assert (answered.primary_before, answered.by_before) == (a, None)
    await library.regroup()
    row = await library.group(1)
    assert (row.primary, row.primary_by) == (c, "owner")
    await library.choose(1, None)
    assert ((await library.group(1)).primary, (await library.group(1)).primary_by) == (a, None)
    await library.choose(1, c)
    await library.like(a, b, 3.0)
    await library.lose(c)
    await library.regroup()
    assert ((await library.group(1)).primary, (await library.group(1)).primary_by) == (a, None)


async def test_an_answered_group_keeps_its_primary(library: Library) -> None:
    a, b = await grouped(library, "AB")
    await library.say(1, "ignore")
    library.preferences = ["longest_text"]
    await library.rescan(a, OTHER)
    await library.rescan(b, f"{OTHER} and more")
    await library.like(a, b)
    await library.ledger.write(
        lambda tx: judgements.say(tx, [(a, b)], Answer.IGNORED, by="owner", at=library.at)
    )
    await library.regroup()
    assert ((await library.group(1)).state, (await library.group(1)).primary) == ("ignored", a)


async def test_a_group_that_falls_apart_leaves_its_number_to_the_larger_part(library: Library) -> None:
    a, b, c, d, e = await grouped(library, "ABCDE")
    await library.rescan(b, OTHER)
    await library.like(a, b)
    await library.regroup()
    assert await library.groups() == {1: [c, d, e], 2: [a, b]}
    await library.like(b, c)
    await library.regroup()
    assert await library.groups() == {1: [a, b, c, d, e]}
    assert len([one for one in await library.findings() if one.startswith("open")]) == 1


async def test_in_review_an_answer_is_about_all_that_a_primary_stands_for(library: Library) -> None:
    a, b = await grouped(library, "AB")
    c = await library.add("C")
    await library.like(b, c, 0.0, vetoed=True)
    await library.regroup()
    assert await library.groups() == {1: [a, b], 2: [a, c]}
    await library.say(2, "not_duplicate", c)
    assert await library.said() == {(a, c): "different", (b, c): "different"}
    await library.choose(1, b)
    assert await library.groups() == {1: [a, b]}
    await library.say(2, "reopen")
    assert (await library.said(), await library.groups()) == ({}, {1: [a, b], 2: [b, c]})
    await library.say(2, "ignore")
    assert await library.said() == {(a, c): "ignored", (b, c): "ignored"}
    await library.choose(1, a)
    assert ((await library.group(2)).state, await library.groups()) == ("ignored", {1: [a, b], 2: [a, c]})
    await library.say(2, "reopen")
    assert await library.said() == {}


async def test_nothing_is_answered_about_what_is_not_there(library: Library) -> None:
    await grouped(library)
    stranger = await library.add("D")
    with pytest.raises(NoSuchGroup, match="no group 7"):
        await library.say(7, "ignore")
    with pytest.raises(NotAMember, match=f"item {stranger} is not in group 1"):
        await library.say(1, "not_duplicate", stranger)
    with pytest.raises(NotAMember, match=f"item {stranger} is not in group 1"):
        await library.choose(1, stranger)
    assert await library.said() == {}


async def test_what_a_person_ignored_as_a_finding_stays_ignored(library: Library) -> None:
    a, b = await grouped(library, "AB")
    (row,) = await library.ledger.read(groups.with_any)
    assert row.finding_id is not None
    await library.ledger.write(lambda tx: findings.ignore(tx, row.finding_id or 0, by="owner"))
    await library.like(a, b, 5.0)
    await library.regroup()
    assert (await library.findings())[0].startswith("ignored by owner")


async def test_a_group_whose_items_left_the_ledger_leaves_no_finding_behind(library: Library) -> None:
    a, _ = await grouped(library, "AB")
    await library.ledger.write(items.remove, a)
    await library.regroup()
    assert await library.rows("SELECT count(*) FROM duplicate_group") == [(0,)]
    assert [one.partition(" A")[0] for one in await library.findings()] == [
        "over (what stood for them left the ledger)"
    ]
