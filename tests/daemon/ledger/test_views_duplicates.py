"""Lists of duplicates: what is in them, how they are filtered and paged, and that they stay cheap."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.daemon.ledger.library import Library, a_library

from reconciled.duplicates.words import Difference, Factor, Weights
from reconciled.engine.duplicates import ground
from reconciled.engine.duplicates.planning import look
from reconciled.ledger import groups, views_duplicates, views_papers
from reconciled.ledger.connection import Tx
from reconciled.ledger.views_duplicates import GroupView


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with a_library(tmp_path) as library:
        yield library


async def shelf(library: Library) -> list[int]:
    """Group 1 of films by bytes; 2 of letters, one labelled; 3 of letters to review; 4, ignored."""
    found = [await library.add(f"Film {n}", "", source="films", checksum="sha256:ab") for n in range(2)]
    found += [await library.add(f"Letter {n}") for n in range(6)]
    found += [await library.add(f"100 % Bill_{n}") for n in range(2)]
    _, _, a, b, c, d, *_, x, y = found
    await library.like(a, b, 5.0)
    await library.like(x, y)
    await library.like(c, d, 0.0, vetoed=True, differences=[Difference("amount", "120,00", "210,00")])
    for pair in ((found[0], found[1]), (a, b), (x, y), (c, d)):
        await library.regroup_some(*pair)
    await library.ledger.write(groups.label, b, "duplicate", 5)
    await library.say(3, "ignore")
    return found


async def listed(library: Library, **how: Any) -> list[GroupView]:
    return (await library.ledger.read(lambda tx: views_duplicates.listing(tx, **how))).items


@pytest.mark.parametrize(
    ("how", "numbers"),
    [
        ({}, [4, 3, 2, 1]),
        ({"state": "open"}, [4, 2, 1]),
        ({"state": "ignored"}, [3]),
        ({"band": "review"}, [4]),
        ({"band": "duplicate", "state": "open"}, [2, 1]),
        ({"source": "films"}, [1]),
        ({"source": "nowhere"}, []),
        ({"min_confidence": 0.99}, [2, 1]),
        ({"min_confidence": 1.0}, [1]),
        ({"q": "letter"}, [4, 2]),
        ({"q": "% bill_"}, [3]),
        ({"q": "%"}, [3]),
        ({"label": "duplicate"}, [2]),
        ({"label": "other"}, []),
        (
            {
                "q": "letter",
                "source": "paperless",
                "state": "open",
                "band": "duplicate",
                "label": "duplicate",
            },
            [2],
        ),
    ],
)
async def test_filters(library: Library, how: dict[str, Any], numbers: list[int]) -> None:
    await shelf(library)
    assert [one.id for one in await listed(library, **how)] == numbers


async def test_a_group_shows_its_members_with_what_makes_them_alike(library: Library) -> None:
    a = await library.add(
        "A",
        attrs={"tags": ["tax", "house"], "asn": 12},
        about={"pages": 2, "correspondent": "Stadtwerke", "size": 9},
    )
    b, c = await library.add("B"), await library.add("C")
    differences = [Difference("amount", "120,00", "210,00")]
    parts = {Factor.TEXT: 3.0, Factor.NUMBERS: 1.0}
    await library.like(a, b, parts=parts, differences=differences, said="the same words")
    await library.like(b, c)
    await library.regroup()
    (one,) = await listed(library)
    assert (one.id, one.count, one.primary, one.state) == (1, 3, a, "open")
    first, second, third = one.members
    assert (first.primary, first.likeness, first.confidence) == (True, None, 1.0)
    paper = first.paper
    assert (paper.tags, paper.asn, paper.pages, paper.correspondent, paper.size, paper.kept) == (
        ["tax", "house"], 12, 2, "Stadtwerke", 9, True
    )  # fmt: skip
    assert second.likeness is not None
    assert (second.likeness.parts, second.likeness.said) == ({"text": 3.0, "numbers": 1.0}, "the same words")
    assert [(d.what, d.a, d.b) for d in second.likeness.differences] == [("amount", "120,00", "210,00")]
    assert (third.likeness, round(third.confidence, 2)) == (None, 0.98)
    assert msgspec.json.decode(msgspec.json.encode(one))["members"][1]["likeness"]["band"] == "duplicate"
    assert await library.ledger.read(views_duplicates.group, 1) == one
    assert await library.ledger.read(views_duplicates.group, 7) is None


@pytest.mark.parametrize(
    ("text", "checksum", "same", "band"),
    [
        ("the very same words on every sheet", "", "text", "duplicate"),
        ("Page 1", "", "text", "review"),
        ("", "sha256:ab", "bytes", "duplicate"),
    ],
)
async def test_what_is_the_same_without_any_search_says_so(
    library: Library, text: str, checksum: str, same: str, band: str
) -> None:
    a, b = [await library.add(title, text, checksum=checksum) for title in "AB"]
    await library.regroup()
    (one,) = await listed(library)
    likeness = one.members[1].likeness
    assert likeness is not None
    assert (likeness.same, likeness.band, one.band) == (same, band, band)
    assert likeness.confidence == one.confidence == one.members[1].confidence
    pair = await library.ledger.read(views_papers.explain, b, a)
    assert pair is not None
    assert pair.likeness == likeness


async def test_of_very_many_members_the_first_are_shown(library: Library) -> None:
    copies = [await library.add(f"Copy {n}", "the very same words on every sheet") for n in range(9)]
    await library.regroup()
    await library.choose(1, copies[7])
    (one,) = await listed(library, members=3)
    assert ([member.paper.item for member in one.members], one.count) == ([copies[7], *copies[:2]], 9)
    whole = await library.ledger.read(views_duplicates.group, 1)
    assert whole is not None
    assert len(whole.members) == 9


async def test_pages_are_stable_while_groups_come_and_are_answered(library: Library) -> None:
    for n in range(7):
        pair = [await library.add(f"Letter {n} {m}") for m in range(2)]
        await library.like(*pair)
        await library.regroup_some(*pair)
    first = await library.ledger.read(lambda tx: views_duplicates.listing(tx, state="open", limit=3))
    assert [one.id for one in first.items] == [7, 6, 5]
    await library.say(6, "ignore")
    await library.say(3, "ignore")
    new = [await library.add("New", "the very same words on it") for _ in range(2)]
    await library.regroup_some(*new)
    second = await library.ledger.read(
        lambda tx: views_duplicates.listing(tx, state="open", limit=3, cursor=first.next)
    )
    assert ([one.id for one in second.items], second.next) == ([4, 2, 1], None)


async def test_a_pair_in_full(library: Library) -> None:
    found = await shelf(library)
    c, d, x, y = found[4], found[5], found[8], found[9]
    pair = await library.ledger.read(views_papers.explain, d, c)
    assert pair is not None
    assert pair.likeness is not None
    assert (pair.a.item, pair.b.item, pair.likeness.vetoed, pair.judgement, pair.groups) == (
        c,
        d,
        True,
        None,
        [4],
    )
    ignored = await library.ledger.read(views_papers.explain, x, y)
    assert ignored is not None
    assert ignored.judgement is not None
    assert (ignored.judgement.answer, ignored.judgement.by, ignored.judgement.counts) == (
        "ignored",
        "owner",
        True,
    )
    await library.rescan(y, "another text")
    stale = await library.ledger.read(views_papers.explain, x, y)
    assert stale is not None
    assert stale.judgement is not None
    assert (stale.likeness, stale.judgement.counts) == (None, False)
    strangers = await library.ledger.read(views_papers.explain, c, x)
    assert strangers is not None
    assert (strangers.likeness, strangers.groups) == (None, [])
    assert await library.ledger.read(views_papers.explain, c, 99) is None
    assert await library.ledger.read(views_papers.explain, c, c) is None


async def test_what_other_weights_would_make_of_a_page(library: Library) -> None:
    found = await shelf(library)
    a, b, c, d = found[2:6]
    weights = Weights({Factor.TEXT: 0.0})
    made = await library.ledger.read(views_duplicates.weighed, [1, 2, 4], weights)
    assert [(one.a, one.b, one.confidence, one.band) for one in made] == [
        (a, b, 0.5, "review"),
        (c, d, 0.5, "review"),
    ]
    assert await library.ledger.read(views_duplicates.weighed_counts, weights) == {
        "duplicate": 0, "review": 3, "different": 0
    }  # fmt: skip
    assert await library.rows("SELECT band FROM likeness ORDER BY a") == [
        ("duplicate",),
        ("review",),
        ("duplicate",),
    ]


async def test_counts(library: Library) -> None:
    found = await shelf(library)
    await library.lose(found[0])
    await library.regroup()
    assert await library.ledger.read(views_duplicates.counts) == {
        "duplicate": {"ignored": 1, "open": 1, "over": 1},
        "review": {"open": 1},
    }
    assert await library.ledger.read(views_duplicates.labels) == {"duplicate": 1}


async def test_a_group_that_is_over_shows_those_that_it_had_last(library: Library) -> None:
    found = await shelf(library)
    await library.lose(found[1])
    await library.regroup()
    one = await library.ledger.read(views_duplicates.group, 1)
    assert one is not None
    assert (one.over, one.count) == ("fewer than two of them are left", 1)
    assert [(member.paper.title, member.paper.presence) for member in one.members] == [
        ("Film 0", "present"),
        ("Film 1", "gone"),
    ]


LARGE = {
    "item",
    "paper",
    "likeness",
    "judgement",
    "duplicate_member",
    "ref",
    "copy",
    "m",
    "one",
    "other",
    "its",
}
"""Tables that grow with the library, and their names in queries."""


def whole_tables(plans: list[str]) -> list[str]:
    """The plans that read all of a large table."""
    return [plan for plan in plans if any(f"SCAN {name} " in f"{plan} " for name in LARGE)]


class Watched:
    """A connection that notes how SQLite goes about each query."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.plans: list[str] = []

    def execute(self, sql: str, values: Any = ()) -> Any:
        plan = self._tx.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
        self.plans.append(" | ".join(row[3] for row in plan))
        return self._tx.execute(sql, values)


@pytest.mark.parametrize(
    "how", [{}, {"state": "open", "band": "duplicate"}, {"q": "x"}, {"source": "films"}, {"label": "l"}]
)
async def test_no_list_reads_all_papers(library: Library, how: dict[str, Any]) -> None:
    await shelf(library)

    def read(tx: Tx) -> list[str]:
        watched = Watched(tx)
        views_duplicates.listing(watched, **how)  # type: ignore[arg-type]
        views_duplicates.group(watched, 1)  # type: ignore[arg-type]
        views_duplicates.weighed(watched, [1, 2], Weights())  # type: ignore[arg-type]
        views_papers.explain(watched, 1, 2)  # type: ignore[arg-type]
        return watched.plans

    assert not whole_tables(await library.ledger.read(read))


async def test_the_ledger_reads_what_a_few_papers_are_about_without_reading_all(library: Library) -> None:
    await shelf(library)

    def read(tx: Tx) -> list[str]:
        watched = Watched(tx)
        near = ground.reach(watched, [3, 4])  # type: ignore[arg-type]
        look(watched, near, [], library.now)  # type: ignore[arg-type]
        return watched.plans

    assert not whole_tables(await library.ledger.read(read))
