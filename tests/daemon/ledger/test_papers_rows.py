"""Papers: what is kept of a text, when it counts as changed, how they are walked, when they leave."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.ledger.library import Library, a_library

from reconciled.ledger import items, likenesses, papers, sources
from reconciled.ledger.papers import Reading
from reconciled.model import Presence

LETTER = "Dear Ms Ångström,\fpage two says \ud800 and 漢字 and 1.234,56 €"
"""Two pages, and half a surrogate, as some scanners write it."""


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with a_library(tmp_path) as library:
        yield library


async def put(library: Library, *readings: Reading) -> set[int]:
    return await library.ledger.write(lambda tx: papers.put(tx, readings, seq=9, at=library.at))


async def test_a_text_is_kept_as_it_is(library: Library) -> None:
    one = await library.add("A", LETTER, about={"pages": 2}, checksum="sha256:ab")
    row = await library.ledger.read(papers.get, one)
    assert row is not None
    assert (row.text, row.words, row.about, row.checksum) == (LETTER, 12, {"pages": 2}, "sha256:ab")
    assert row.print == papers.print_of(LETTER)
    assert await library.ledger.read(papers.texts, [one, 99]) == {one: LETTER}
    ((packed,),) = await library.rows("SELECT text FROM paper")
    assert LETTER.encode(errors="surrogatepass") not in packed


async def test_without_keep_text_only_what_was_found_out_about_it_is_kept(library: Library) -> None:
    one = await library.add("A")
    await put(library, papers.read(one, 1, LETTER, sheet=b"s", keep_text=False))
    row = await library.ledger.read(papers.get, one)
    assert row is not None
    assert (row.text, row.words, row.sheet, row.print) == (None, 12, b"s", papers.print_of(LETTER))
    assert await library.ledger.read(papers.texts, [one]) == {}, "which is not the same as an empty one"


@pytest.mark.parametrize(
    ("text", "words"), [("", 0), (" \n", 0), ("Page 1", 2), ("a b c", 3), ("漢" * 80, 10)]
)
def test_words_are_counted_in_every_script(text: str, words: int) -> None:
    assert papers.count_words(text) == words


async def test_texts_are_let_go_of_when_they_are_not_to_be_kept_any_more(library: Library) -> None:
    for title in "ABC":
        await library.add(title)
    assert await library.ledger.write(lambda tx: papers.drop_texts(tx, limit=2))
    assert not await library.ledger.write(lambda tx: papers.drop_texts(tx, limit=2))
    assert await library.rows("SELECT count(*) FROM paper WHERE text IS NOT NULL OR words = 0") == [(0,)]


async def test_a_paper_without_words_is_named_by_its_bytes(library: Library) -> None:
    one = await library.add("A", " \n", checksum="sha256:ab")
    assert await library.ledger.read(papers.texts, [one]) == {one: ""}
    assert await put(library, papers.read(one, 1, "", checksum="sha256:ab")) == set()
    assert await put(library, papers.read(one, 1, "", checksum="sha256:cd")) == {one}
    row = await library.ledger.read(papers.get, one)
    assert row is not None
    assert (row.sheet, row.compared) == (None, False)


async def test_only_another_text_is_to_be_compared_again(library: Library) -> None:
    one, other = await library.add("A", "a text"), await library.add("B", "b text")
    assert await put(
        library, papers.read(one, 1, "a text", about={"pages": 3}), papers.read(other, 1, "new")
    ) == {other}
    assert await library.ledger.read(papers.changed, {one: papers.print_of("a text"), 77: b"x"}) == {77}
    rows = await library.ledger.read(papers.of, [one, other])
    assert {row.item_id: (row.compared, row.about) for row in rows.values()} == {
        one: (True, {"pages": 3}),
        other: (False, {}),
    }
    await library.ledger.write(papers.compared, {one: b"another", other: papers.print_of("newer still")})
    assert await library.ledger.read(lambda tx: papers.count(tx, [1], uncompared=True)) == 1
    await library.ledger.write(papers.compared, {other: papers.print_of("new")})
    assert await library.ledger.read(lambda tx: papers.after(tx, [1], uncompared=True)) == []
    await library.ledger.write(lambda tx: papers.compare_anew(tx, limit=5))
    assert await library.ledger.read(lambda tx: papers.count(tx, [1], uncompared=True)) == 2


async def test_an_item_that_left_meanwhile_gets_no_paper(library: Library) -> None:
    one = await library.add("A")
    await library.ledger.write(items.remove, one)
    await put(library, papers.read(one, 1, "a text"))
    assert await library.rows("SELECT count(*) FROM paper") == [(0,)]


async def test_with_an_item_leaves_all_that_is_known_and_said_of_its_paper(library: Library) -> None:
    a, b = await library.add("A"), await library.add("B")
    await library.like(a, b)
    await library.regroup()
    await library.say(1, "ignore")
    await library.ledger.write(items.remove, b)
    for table in ("likeness", "judgement"):
        assert await library.rows(f"SELECT count(*) FROM {table}") == [(0,)]
    assert await library.rows("SELECT item_id FROM paper") == [(a,)]
    assert await library.rows("SELECT item_id FROM duplicate_member") == [(a,)]


async def walk(library: Library, *names: str, **how: Any) -> list[int]:
    """All papers of these sources, page by page."""
    ids = [row.id for row in await library.ledger.read(sources.every) if row.name in names]
    found, last = list[int](), 0
    while page := await library.ledger.read(partial(papers.after, **how), ids, last):
        assert len(page) <= how.get("limit", 1000)
        found += [row.item_id for row in page]
        last = found[-1]
    assert await library.ledger.read(papers.count, ids) == len(found)
    return found


async def test_papers_are_walked_in_the_order_of_their_items(library: Library) -> None:
    mine = [await library.add(f"A{n}", source=("paperless", "folder")[n % 2]) for n in range(7)]
    assert await walk(library, "paperless", "folder") == mine
    assert await walk(library, "paperless", limit=2) == mine[::2]
    assert await walk(library, "paperless", "folder", most_bytes=1) == mine, "a page has at least one"
    assert await walk(library) == []


async def test_only_what_stands_is_walked(library: Library) -> None:
    kept, gone, unlisted = [await library.add(title) for title in "ABC"]
    frozen = await library.add("D", source="folder")
    await library.lose(gone)
    await library.presence(unlisted, Presence.UNLISTED)
    source = await library.ledger.read(sources.get, "folder")
    assert source is not None
    await library.ledger.write(sources.freeze, source.id)
    assert await walk(library, "paperless", "folder") == [kept, unlisted]
    assert frozen not in await walk(library, "folder")


@pytest.mark.parametrize("page_hash", [0, 1, 2**63 - 1, 2**63, 2**64 - 1, None])
async def test_page_hashes_are_kept_to_the_last_bit(library: Library, page_hash: int | None) -> None:
    one = await library.add("A")
    others = {"average": 2**64 - 1, "difference": 0}
    await library.ledger.write(lambda tx: papers.hash_page(tx, one, page_hash, others=others, etag="e"))
    row = await library.ledger.read(papers.get, one)
    assert row is not None
    assert (row.page_hash, row.page_etag) == (page_hash, "e")
    assert await library.ledger.read(papers.page_hashes, one) == others
    assert not await library.ledger.write(lambda tx: papers.hash_page(tx, 99, 1))


async def test_a_likeness_is_good_for_the_texts_that_were_compared(library: Library) -> None:
    a, b, c = [await library.add(title) for title in "ABC"]
    await library.like(a, b)
    await library.like(b, c)
    assert (await library.ledger.read(likenesses.get, b, a)) is not None
    await library.rescan(a, "another text")
    assert (await library.ledger.read(likenesses.get, b, a)) is None
    assert await library.ledger.write(lambda tx: likenesses.drop_unfit(tx, [c])) == 0
    assert await library.ledger.write(lambda tx: likenesses.drop_unfit(tx, [a])) == 1
    assert await library.rows("SELECT a, b FROM likeness") == [(b, c)]


async def test_what_was_compared_with_an_older_text_is_not_written(library: Library) -> None:
    a, b = await library.add("A"), await library.add("B")
    await library.like(a, b)
    known = await library.ledger.read(likenesses.get, a, b)
    assert known is not None
    prints = await library.ledger.read(papers.prints, [a, b])
    await library.rescan(b, "another text")
    assert await library.ledger.write(lambda tx: likenesses.put(tx, [known], prints, at=library.at)) == 0


async def test_what_a_later_run_does_not_find_again_leaves(library: Library) -> None:
    a, b, c = [await library.add(title) for title in "ABC"]
    d = await library.add("D")
    await library.like(a, b)
    await library.like(a, c)
    await library.like(a, d)
    await library.lose(d)
    library.now = library.now.replace(hour=13)
    await library.like(a, b)
    assert await library.ledger.write(lambda tx: likenesses.drop_older(tx, before=library.at)) == 1
    assert await library.rows("SELECT a, b FROM likeness ORDER BY b") == [(a, b), (a, d)], (
        "d was not asked about"
    )
