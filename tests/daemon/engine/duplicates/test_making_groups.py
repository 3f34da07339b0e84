"""Which papers come into one group, which never do, and who stands for them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.daemon.ledger.library import Library, a_library

from reconciled.duplicates.words import Band, Factor, Weights
from reconciled.engine.duplicates import grouping
from reconciled.ledger import groups


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with a_library(tmp_path) as library:
        yield library


async def three(library: Library) -> tuple[int, int, int]:
    a, b, c = [await library.add(title) for title in "ABC"]
    return a, b, c


async def test_what_the_search_took_for_one_sheet_is_a_group_with_a_finding(library: Library) -> None:
    a, b, c = await three(library)
    await library.like(a, b)
    await library.like(b, c)
    assert (await library.regroup()).opened == 1
    assert await library.groups() == {1: [a, b, c]}
    row = await library.group(1)
    assert (row.band, row.primary, row.members, row.state) == (Band.DUPLICATE, a, 3, "open")
    assert await library.findings() == ["open A: “B”, “C” seem to be the same sheet"]


async def test_grouping_twice_is_as_grouping_once(library: Library) -> None:
    a, b, c = await three(library)
    await library.like(a, b)
    await library.like(a, c, 0.0)
    await library.regroup()
    before = await library.rows("SELECT * FROM duplicate_group"), await library.findings()
    assert await library.regroup() == grouping.Counts()
    assert (await library.rows("SELECT * FROM duplicate_group"), await library.findings()) == before


@pytest.mark.parametrize(
    ("text", "other", "checksums", "band"),
    [
        ("One sheet with quite enough words", "one SHEET with  quite enough words", ("", ""), Band.DUPLICATE),
        ("One sheet with quite enough words", "another sheet with enough words", ("", ""), None),
        (
            "words of one reader's own",
            "and quite other ones of another",
            ("sha256:ab", "sha256:ab"),
            Band.DUPLICATE,
        ),
        ("", "", ("sha256:ab", "sha256:ab"), Band.DUPLICATE),
        ("", "", ("md5:ab/7", "md5:ab/8"), None),
        ("", "", ("", ""), None),
        ("Page 1", "page 1", ("", ""), Band.REVIEW),
        ("", "", ("md5:d41d8cd98f00b204e9800998ecf8427e/0", "md5:d41d8cd98f00b204e9800998ecf8427e/0"), None),
    ],
)
async def test_the_same_bytes_or_text_need_no_search(
    library: Library, text: str, other: str, checksums: tuple[str, str], band: Band | None
) -> None:
    await library.add("A", text, checksum=checksums[0])
    await library.add("B", other, checksum=checksums[1])
    await library.regroup()
    assert [row.band for row in await library.ledger.read(groups.with_any)] == ([band] if band else [])


async def test_the_same_bytes_in_two_sources_are_a_group_too(library: Library) -> None:
    a = await library.add("A", "", checksum="sha256:ab", source="films")
    b = await library.add("B", "", checksum="sha256:ab", source="more_films")
    await library.regroup()
    assert await library.groups() == {1: [a, b]}


async def test_a_veto_keeps_apart_what_a_chain_would_bring_together(library: Library) -> None:
    a, b, c = await three(library)
    await library.like(a, b, 5.0)
    await library.like(b, c, 3.0)
    await library.like(a, c, 3.0, vetoed=True)
    await library.regroup()
    assert await library.groups(Band.DUPLICATE) == {1: [a, b]}
    assert await library.groups(Band.REVIEW) == {2: [a, c]}, "the primary stands for its group"
    assert await library.findings() == [
        "open A: “B” seems to be the same sheet",
        "open A: “C” may be the same sheet",
    ]


async def test_a_pair_of_another_text_is_none(library: Library) -> None:
    a, b, _ = await three(library)
    await library.like(a, b)
    await library.rescan(b, "something else altogether with enough words")
    await library.regroup()
    assert await library.groups() == {}


@pytest.mark.parametrize("how", ["made", "found"])
async def test_a_file_and_its_mirrored_copy_are_one_by_design(library: Library, how: str) -> None:
    file = await library.add("A", "", checksum="sha256:ab", source="vsrx")
    copy = await library.add("A", "", checksum="sha256:ab")
    blob = await library.add("A", "", checksum="sha256:ab", source="archive")
    await library.copied(file, copy, how=how)
    await library.copied(file, blob, how=how)
    await library.regroup()
    assert await library.groups() == {}


async def test_what_is_uploaded_twice_is_a_duplicate_of_the_copy_and_not_of_the_original(
    library: Library,
) -> None:
    file = await library.add("A", "", checksum="sha256:ab", source="vsrx")
    copy = await library.add("B", "", checksum="sha256:ab")
    upload = await library.add("C", "", checksum="sha256:ab")
    await library.copied(file, copy)
    await library.regroup()
    assert await library.groups() == {1: [copy, upload]}


async def test_two_files_with_one_copy_are_duplicates_of_one_another(library: Library) -> None:
    one = await library.add("A", "", checksum="sha256:ab", source="vsrx")
    two = await library.add("B", "", checksum="sha256:ab", source="vsrx")
    copy = await library.add("C", "", checksum="sha256:ab")
    await library.copied(one, copy)
    await library.copied(two, copy, how="found")
    await library.regroup()
    assert await library.groups() == {1: [one, two]}


async def test_one_file_in_the_eyes_of_two_sources_is_one(library: Library) -> None:
    refs = ["path:/films/a.mkv"]
    await library.add("A", "", checksum="sha256:ab", source="films", refs=refs)
    await library.add("A", "", checksum="sha256:ab", source="all_films", refs=refs)
    await library.regroup()
    assert await library.groups() == {}


async def test_a_third_does_not_bring_together_what_is_one_by_design(library: Library) -> None:
    file = await library.add("A", "", checksum="sha256:ab", source="vsrx")
    copy = await library.add("B", "", checksum="sha256:ab")
    third = await library.add("C", "", checksum="sha256:ab", source="folder")
    await library.copied(file, copy)
    await library.regroup()
    assert await library.groups() == {1: [file, third]}


async def test_many_copies_are_one_group(library: Library) -> None:
    copies = [await library.add(f"Copy {n}", "the very same words on every sheet of it") for n in range(50)]
    await library.regroup()
    assert await library.groups() == {1: copies}
    assert await library.findings() == [
        "open Copy 0: “Copy 1”, “Copy 2”, “Copy 3” and 46 more seem to be the same sheet"
    ]


async def test_confidence_is_as_compared_or_as_the_weakest_link(library: Library) -> None:
    a, b, c = await three(library)
    d = await library.add("D")
    for one, other, odds in ((a, b, 4.0), (b, c, 3.0), (a, d, 2.8), (d, b, 6.0)):
        await library.like(one, other, odds)
    await library.regroup()
    inside = (await library.ledger.read(groups.members))[1]
    assert {one: round(row.confidence, 3) for one, row in inside.items()} == {
        a: 1.0, b: 0.982, c: 0.953, d: 0.943
    }  # fmt: skip
    assert round((await library.group(1)).confidence, 3) == 0.943


@pytest.mark.parametrize(
    ("preferences", "primary"),
    [("oldest", 0), ("has_asn oldest", 1), ("most_tags oldest", 2), ("best_scan", 3), ("longest_text", 0)],
)
async def test_who_stands_for_the_group(library: Library, preferences: str, primary: int) -> None:
    text = "the very same words on every sheet of it"
    found = [
        await library.add("A", text, about={"pages": 1, "size": 9}),
        await library.add("B", text, attrs={"asn": 7}, about={"pages": 1, "size": 9}),
        await library.add("C", text, attrs={"tags": ["tax", "house"]}, about={"pages": 1, "size": 9}),
        await library.add("D", text, attrs={"pages": 2, "size": 5}),
    ]
    library.preferences = preferences.split()
    await library.regroup()
    assert (await library.group(1)).primary == found[primary]


async def test_our_own_label_makes_nobody_the_one_with_the_most_tags(library: Library) -> None:
    text = "the very same words on every sheet of it"
    a = await library.add("A", text)
    b = await library.add("B", text, attrs={"tags": ["duplicate"]})
    library.preferences = ["most_tags"]
    await library.regroup()
    assert (await library.group(1)).primary == b
    await library.ledger.write(groups.label, b, "duplicate", 17)
    await library.regroup()
    assert (await library.group(1)).primary == a
    assert [row.label for row in (await library.ledger.read(groups.members))[1].values()] == [
        None,
        "duplicate",
    ]


async def test_other_weights_make_other_groups_without_a_search(library: Library) -> None:
    a, b, c = await three(library)
    await library.like(a, b, parts={Factor.TEXT: 3.0, Factor.NAME: -9.0})
    await library.like(b, c, parts={Factor.TEXT: -9.0, Factor.NAME: 12.0})
    await library.regroup()
    assert await library.groups() == {1: [a, b]}
    named = Weights({Factor.TEXT: 1.0, Factor.NAME: 1.0})
    assert await grouping.reweigh(library.ledger, named) == {a, b, c}
    await library.regroup_some(a, b, c)
    assert await library.groups() == {2: [b, c]}
    assert await grouping.reweigh(library.ledger, named) == set()
    await grouping.reweigh(library.ledger, Weights())
    await library.regroup()
    assert await library.groups() == {1: [a, b]}, "and back, with the old number"


async def test_only_vetoes_between_papers_that_hang_together_are_kept_of_what_is_different(
    library: Library,
) -> None:
    a, b, c = await three(library)
    d = await library.add("D")
    await library.like(a, b)
    await library.like(b, c)
    await library.like(a, c, -9.0, vetoed=True)
    await library.like(a, d, -9.0, vetoed=True)
    await library.like(b, d, -9.0)
    await library.like(c, d, parts={Factor.TEXT: 3.0}, weights=Weights({}, review=0.6))
    assert await grouping.prune(library.ledger, now=library.now) == 2
    assert await library.rows("SELECT a, b FROM likeness ORDER BY a, b") == [(a, b), (a, c), (b, c), (c, d)]
