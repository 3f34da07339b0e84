"""The text mirror: what is read of which source, from which mark on, and what trouble leaves alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.daemon.engine.duplicates.search_stand import (
    Books,
    Journal,
    SearchStand,
    Shelf,
    letter,
    standing,
)

from reconciled.config import DuplicateSettings
from reconciled.engine.duplicates.reading import Counts, TextMirror
from reconciled.engine.duplicates.search.meter import Meter
from reconciled.engine.duplicates.search.workers import Crew
from reconciled.engine.runs import Progress
from reconciled.ledger import sheets
from reconciled.model import Json, Ref

SHA = "ab" * 32


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[SearchStand]:
    async with standing(tmp_path) as made:
        yield made


@pytest.fixture
async def crew(stand: SearchStand) -> AsyncIterator[Crew]:
    made = Crew(1, log=stand.log)
    yield made
    await made.close()


async def read(stand: SearchStand, crew: Crew, name: str, **settings: bool) -> Counts:
    mirror = TextMirror(stand.engine, DuplicateSettings(**settings), crew, stand.log)  # type: ignore[arg-type]
    return await mirror.read(stand.engine.places[name].live, Meter(Progress(), stand.clock.monotonic))


async def papers(stand: SearchStand) -> dict[str, tuple[int, bool]]:
    """Words by key, and whether the text is kept."""
    found = await stand.rows("SELECT key, words, text IS NOT NULL FROM paper JOIN item ON item.id = item_id")
    return {key: (words, bool(kept)) for key, words, kept in found}


async def test_a_source_that_lists_is_read_from_its_mark_on(stand: SearchStand, crew: Crew) -> None:
    source: Journal = await stand.follow("books", Journal)
    for number in range(50):
        source.put(number, letter(number), sha256=SHA, size=number)
    await stand.scan("books")
    counts = await read(stand, crew, "books")
    assert (counts.read, len(counts.changed), source.pages) == (50, 50, 3)
    counts = await read(stand, crew, "books")
    assert (counts.read, source.pages) == (0, 3)
    source.put(7, letter(1007))
    source.put(8, letter(8))
    await stand.scan("books")
    counts = await read(stand, crew, "books")
    assert (counts.read, len(counts.changed), source.asked.total()) == (2, 1, 0)
    assert await stand.rows("SELECT DISTINCT checksum FROM paper") == [(f"sha256:{SHA}",), (None,)]


async def test_what_broke_off_is_gone_on_with_after_the_last_page(stand: SearchStand, crew: Crew) -> None:
    source: Journal = await stand.follow("books", Journal)
    for number in range(50):
        source.put(number, letter(number))
    await stand.scan("books")
    source.stop_after = 1
    counts = await read(stand, crew, "books")
    assert counts.trouble == "books: connection reset"
    assert len(await papers(stand)) == 20
    source.stop_after, source.pages = None, 0
    await stand.engine.probe("books")
    assert (await read(stand, crew, "books")).read == 30
    assert source.pages == 2


async def test_a_text_before_its_item_waits_for_it(stand: SearchStand, crew: Crew) -> None:
    source: Journal = await stand.follow("books", Journal)
    source.put(1, letter(1))
    await stand.scan("books")
    source.put(2, letter(2))
    counts = await read(stand, crew, "books")
    assert (counts.unknown, set(await papers(stand))) == (1, {"1"})
    await stand.scan("books")
    assert (await read(stand, crew, "books")).read == 1
    assert set(await papers(stand)) == {"1", "2"}


async def test_a_source_that_answers_by_key_is_asked_for_what_changed(stand: SearchStand, crew: Crew) -> None:
    source: Shelf = await stand.follow("books", Shelf)
    for number in range(5):
        source.put(number, letter(number))
    await stand.scan("books")
    await read(stand, crew, "books")
    assert source.asked.total() == 5
    source.put(3, letter(33))
    await stand.scan("books")
    counts = await read(stand, crew, "books")
    assert (source.asked.total(), source.asked["3"], len(counts.changed)) == (6, 2, 1)


async def test_without_words_the_checksum_counts(stand: SearchStand, crew: Crew) -> None:
    source: Books = await stand.follow("films", Books)
    told: list[tuple[str, dict[str, Json]]] = [
        (SHA, {}), ("", {"md5": "CD" * 16, "size": 9}), ("", {"md5": "cd" * 16}), ("", {"size": 9}),
    ]  # fmt: skip
    for number, (sha256, attrs) in enumerate(told):
        source.put(number, "")
        source.refs[str(number)] = frozenset({Ref("sha256", sha256)} if sha256 else ())
        source.attrs[str(number)] = attrs
    await stand.scan("films")
    assert (await read(stand, crew, "films")).read == 3
    found = await stand.rows("SELECT checksum FROM paper ORDER BY item_id")
    assert found == [(f"sha256:{SHA}",), (f"md5:{'cd' * 16}:9",), (f"md5:{'cd' * 16}",)]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("unscanned", "its first scan is not complete"),
        ("down", "not well"),
        ("paused", "it is paused by somebody"),
    ],
)
async def test_of_what_is_not_believed_nothing_is_read(
    stand: SearchStand, crew: Crew, what: str, said: str
) -> None:
    source: Shelf = await stand.follow("books", Shelf)
    source.put(1, letter(1))
    live = stand.engine.places["books"].live
    if what != "unscanned":
        await stand.scan("books")
    if what == "down":
        source.down = True
        await stand.engine.wait(await stand.engine.begin("scan", "books", asked_by="test"))
    if what == "paused":
        live.paused = "somebody"
    if what == "unscanned":
        live.awaited = None
    counts = await read(stand, crew, "books")
    assert counts.trouble is not None
    assert said in counts.trouble
    assert await papers(stand) == {}


async def test_papers_of_gone_items_and_of_other_sources_leave(stand: SearchStand, crew: Crew) -> None:
    for name in ("books", "more"):
        source: Shelf = await stand.follow(name, Shelf)
        for number in range(3):
            source.put(f"{name}{number}", letter(number))
        await stand.scan(name)
        await read(stand, crew, name)
    await stand.ledger.write(lambda tx: tx.execute("UPDATE item SET presence = 'gone' WHERE key = 'books1'"))
    await stand.ledger.write(
        lambda tx: tx.execute("UPDATE item SET presence = 'frozen' WHERE key = 'books2'")
    )
    mirror = TextMirror(stand.engine, DuplicateSettings(), crew, stand.log)
    assert await mirror.let_go([stand.engine.places["books"].live.id]) == 4
    assert set(await papers(stand)) == {"books0", "books2"}


async def test_one_in_trouble_harms_no_other(stand: SearchStand) -> None:
    for name in ("books", "more"):
        source: Shelf = await stand.follow(name, Shelf)
        for number in range(3):
            source.put(f"{name}{number}", letter(number))
        await stand.scan(name)
    source.down = True
    await stand.engine.wait(await stand.engine.begin("scan", "more", asked_by="test"))
    stats = await stand.search()
    assert stats["sources"]["books"]["read"] == 3
    assert "not well" in stats["sources"]["more"]["trouble"]
    books = stand.engine.places["books"].live.source
    books.down = True  # type: ignore[attr-defined]
    await stand.engine.wait(await stand.engine.begin("scan", "books", asked_by="test"))
    run = await stand.duplicates.begin(asked_by="api")
    await stand.engine.wait(run)
    state, error = await stand.run_of(run)
    assert state == "failed"
    assert error is not None
    assert error.startswith("no texts could be read: ")


async def test_odd_texts_are_kept_as_they_are(stand: SearchStand, crew: Crew) -> None:
    source: Shelf = await stand.follow("books", Shelf)
    odd = {"1": "half a pair \ud800 here", "2": "\x00\x00", "3": " \n\f ", "4": "ß" * 100_000}
    for key, words in odd.items():
        source.put(key, words)
    await stand.scan("books")
    await read(stand, crew, "books")
    known = await papers(stand)
    assert {key: words for key, (words, _) in known.items()} == {"1": 5, "2": 1, "3": 0, "4": 12_500}


async def test_a_file_whose_checksum_is_not_known_any_more_is_no_copy(stand: SearchStand) -> None:
    """It changed, and its app does not tell of which bytes it is now."""
    source: Books = await stand.follow("films", Books)
    stand.settings = DuplicateSettings(sources=("films",), images=None)
    await stand.duplicates.configure(stand.settings)
    for number in (1, 2):
        source.put(number, "", sha256=SHA)
    await stand.scan("films")
    await stand.search()
    assert await stand.groups() == {frozenset({"1", "2"})}
    source.put(2, "other")
    await stand.scan("films")
    await stand.search()
    assert await stand.groups() == set()
    assert await stand.ledger.read(sheets.due, 1, ("document",), limit=2) == [], "it is not due each night"
    source.put(2, "", sha256=SHA)
    await stand.scan("films")
    await stand.search()
    assert await stand.groups() == {frozenset({"1", "2"})}
