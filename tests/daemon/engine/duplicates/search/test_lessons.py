"""What a search learned stands in files: nothing of it is lost with a process, and later papers have it."""

import json
import random
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from tests.daemon.engine.duplicates.search_stand import Journal, SearchStand, Shelf, letter, rescan, standing

from reconciled.engine.duplicates.search import batches, lessons
from reconciled.engine.duplicates.search.ground import Ground
from reconciled.engine.duplicates.search.workers import Crew


def test_notes_of_batches_become_habits(tmp_path: Path) -> None:
    assert lessons.habits(tmp_path) == {}
    assert lessons.again(tmp_path, 7) == []
    lessons.note(tmp_path, 7, {"38": 2}, [(1, 2)])
    lessons.note(tmp_path, 8, {"38": 1, "17": 4}, [])
    lessons.note(tmp_path, 7, {"38": 5}, [(1, 2), (3, 4)])
    assert lessons.again(tmp_path, 7) == [(1, 2), (3, 4)]
    assert lessons.habits(tmp_path) == {}
    lessons.gather(tmp_path)
    assert lessons.habits(tmp_path) == {"38": 6, "17": 4}


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]"])
def test_what_was_torn_teaches_nothing(tmp_path: Path, content: bytes) -> None:
    for name in ("lesson-3.json", lessons.HABITS):
        (tmp_path / name).write_bytes(content)
    assert lessons.habits(tmp_path) == {}
    assert lessons.again(tmp_path, 3) == []
    lessons.gather(tmp_path)
    assert lessons.habits(tmp_path) == {}


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[SearchStand]:
    async with standing(tmp_path) as made:
        yield made


def bill(number: int) -> str:
    """A letter with a dozen numbers."""
    chance = random.Random(number)
    return f"{letter(number)} {' '.join(str(chance.randrange(10**5, 10**7)) for _ in range(12))}"


def scanned(number: int, *, digits: int = 1) -> str:
    """The same from a scanner that takes 2 and 9 for each other, and misreads a few letters."""
    chance, found = random.Random(-number), list(bill(number))
    places = [at for at, one in enumerate(found) if one in "29" and at > len(letter(number))]
    for at in chance.sample(places, digits):
        found[at] = "9" if found[at] == "2" else "2"
    return rescan("".join(found), seed=number, errors=8)


async def library(stand: SearchStand) -> Shelf:
    source: Shelf = await stand.follow("books", Journal)
    for number in range(1, 41):
        source.put(number, bill(number))
        source.put(100 + number, scanned(number))
    await stand.scan("books")
    return source


async def likenesses(stand: SearchStand) -> list[tuple[object, ...]]:
    return await stand.rows("SELECT a, b, round(confidence, 9), band, vetoed FROM likeness ORDER BY a, b")


async def test_the_habits_stay_with_the_index(stand: SearchStand) -> None:
    source = await library(stand)
    search = (await stand.search())["search"]
    assert search["again"] > 0
    kept = json.loads((stand.state / "duplicates" / "index" / lessons.HABITS).read_bytes())
    digits = {pair: count for pair, count in kept.items() if len(pair) == 2}
    assert max(digits, key=digits.__getitem__) == "29"
    before = await likenesses(stand)
    source.put(200, bill(200))
    source.put(201, scanned(200))
    await stand.scan("books")
    await stand.once()
    assert frozenset({"200", "201"}) in await stand.pairs()
    assert set(before) < set(await likenesses(stand))


@pytest.mark.full
@pytest.mark.parametrize("died", [1, 10, 20, 25, 35])
async def test_a_search_that_dies_comes_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, died: int
) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    async with standing(tmp_path / "whole") as stand:
        await library(stand)
        whole = (await stand.search())["search"]
        expected = await likenesses(stand)
    left = died

    def at(moment: str) -> None:
        nonlocal left
        left -= moment == "batch compared"
        if moment == "batch compared" and not left:
            raise RuntimeError("it dies here")

    async with standing(tmp_path / "cut") as stand:
        await library(stand)
        stand.duplicates._at = at
        run = await stand.duplicates.begin(asked_by="schedule")
        await stand.engine.wait(run)
        assert (await stand.run_of(run))[0] == "failed"
        search = (await stand.search())["search"]
        assert search["batches"] == whole["batches"]
        assert await likenesses(stand) == expected


async def test_what_is_asked_again_takes_the_place_of_what_was(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the habits are known nothing speaks for a pair: it is forgotten, not left as it was."""
    await library(stand)
    real = batches.compare_pairs
    told: list[int] = []

    async def compare_pairs(
        ground: Ground, crew: Crew, asked: batches.Asked, prints: Mapping[int, bytes], folder: Path
    ) -> batches.Compared:
        found = await real(ground, crew, asked, prints, folder)
        if not asked.learned:
            return found
        told.append(len(found.likenesses))
        return batches.Compared(prints=found.prints)

    monkeypatch.setattr(batches, "compare_pairs", compare_pairs)
    search = (await stand.search())["search"]
    assert sum(told) == search["again"] > 0
    assert len(await stand.pairs()) == 40 - sum(told)
