"""The demo does what its story says: files travel, copies go, and the page has something to ask."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from reconciled import demo
from reconciled.demo import papers
from reconciled.demo.practice import Practice
from reconciled.demo.story import DELETED, MIRROR, Story
from reconciled.duplicates.words import Band
from reconciled.ledger import views_duplicates
from reconciled.ledger.connection import Tx
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.household import Household

HURRY = 20.0
FILES, REFUSED = 45, 4


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """The demo with a small household, in a hurry."""
    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(Household(films=40, series=8))
        practice = await stack.enter_async_context(Practice(secret=demo.SECRET))
        practice.paperless.delay = 0.1
        daemon = demo.demo_daemon(home, practice, tmp_path, port=0, clock=HurriedClock(HURRY))
        await stack.enter_async_context(daemon)
        demo.connect(home, practice, daemon.url)
        yield Story(home, practice, daemon)


async def rows(story: Story, sql: str, *values: object) -> list[tuple[Any, ...]]:
    def read(tx: Tx) -> list[tuple[Any, ...]]:
        return tx.execute(sql, values).fetchall()

    return await story.daemon.engine.ledger.read(read)


async def until(what: Callable[[], Awaitable[object]], *, seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not await what():
            await asyncio.sleep(0.02)


async def until_any(story: Story, sql: str, *values: object) -> None:
    async def found() -> bool:
        return bool(await rows(story, sql, *values))

    await until(found)


async def files_have_travelled(story: Story) -> None:
    async def all_known() -> bool:
        ((n,),) = await rows(story, "SELECT count(*) FROM item WHERE kind = 'file' AND presence = 'present'")
        return bool(n == FILES) and all(one.live.answers for one in story.daemon.engine.places.values())

    async def none_waits() -> bool:
        found = await rows(story, "SELECT status FROM copy")
        return len(found) == 2 * FILES and not {status for (status,) in found} & {"pending", "processing"}

    await until(all_known)
    while story.daemon.engine.running("mirror", MIRROR) is not None:  # one that only says what it would bring
        await asyncio.sleep(0.01)
    await story.files_travel()
    await until(none_waits)


async def test_the_practice_is_mirrored_and_a_loss_there_is_asked_about(story: Story, tmp_path: Path) -> None:
    await files_have_travelled(story)
    counts = dict(await rows(story, "SELECT target || ' ' || status, count(*) FROM copy GROUP BY 1"))
    assert counts == {
        "archive synced": FILES - REFUSED, "archive refused": REFUSED, "paperless refused": REFUSED,
        "paperless synced": FILES - REFUSED - 2, "paperless duplicate": 2,
    }  # fmt: skip
    blobs = [path for path in (demo.archive_of(tmp_path) / "blobs").rglob("*") if path.is_file()]
    assert len(blobs) == FILES - REFUSED - 1, "two of them have the same bytes"

    assert DELETED in await story.file_deleted_in_vsrx()
    asked = "SELECT 1 FROM decision WHERE policy = 'mark_copies_of_deleted_files' AND closed_at IS NULL"
    await until_any(story, asked)
    assert await story.copy_deleted()
    await until_any(story, "SELECT 1 FROM finding WHERE code = 'copy_gone' AND resolved_at IS NULL")
    await story.letter_arrives()
    said = "SELECT 1 FROM run WHERE policy = ? AND json_extract(stats, '$.wanted') = 1"
    await until_any(story, said, MIRROR)
    assert len(await rows(story, "SELECT 1 FROM copy")) == 2 * FILES, "it is not brought without a person"


@pytest.mark.full
async def test_what_was_filed_twice_is_found(story: Story) -> None:
    pytest.importorskip("numpy", reason="the search needs the extra `duplicates`")
    titles = {one.title for one in papers.filed()}

    async def all_known() -> bool:
        ((n,),) = await rows(story, "SELECT count(*) FROM item WHERE kind = 'document'")
        return bool(n > len(titles))

    await until(all_known)

    async def looked() -> bool:
        return "side by side" in await story.duplicates_found()

    await until(looked)  # the first scans may still be under way
    wanted = {
        (Band.DUPLICATE, frozenset({papers.RESCANNED, papers.RESCAN})),
        (Band.DUPLICATE, frozenset({papers.SIGNED, f"{papers.SIGNED}, signed"})),
        (Band.DUPLICATE, frozenset({papers.FOUR_TIMES, f"{papers.FOUR_TIMES} (1)", "scan0017", "scan0058"})),
        (Band.REVIEW, frozenset({papers.CORRECTED, f"{papers.CORRECTED} (corrected)"})),
    }

    async def all_grouped() -> bool:
        found = await story.daemon.engine.ledger.read(views_duplicates.listing)
        return wanted <= {
            (one.band, frozenset(each.paper.title for each in one.members)) for one in found.items
        }

    await until(all_grouped)  # what was uploaded last may be compared only after the pass


async def test_without_the_libraries_the_story_says_what_helps(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciled.engine.duplicates.search.workers._LIBRARIES", ("no_such_library",))
    assert "install reconciled[duplicates]" in await story.duplicates_found()


@pytest.mark.full
async def test_the_whole_story_ends_well(story: Story) -> None:
    await files_have_travelled(story)
    for wait, chapter in story.chapters():
        if chapter != story.files_travel:
            await asyncio.sleep(wait / HURRY)
            assert await chapter()

    async def all_is_well() -> bool:
        places = story.daemon.engine.places.values()
        return all(place.live.answers for place in places) and not await rows(
            story, "SELECT 1 FROM hold WHERE closed_at IS NULL"
        )

    await until(all_is_well)
    gone = {(source, title) for source, title in await rows(story, "SELECT source, title FROM tombstone")}
    assert {("radarr", work.title) for work in story.home.films[10:13]} <= gone
    assert ("vsrx", DELETED) in gone
