"""Which papers are hashed, when again, and what stands when it is stopped or an app is in trouble."""

import logging
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

import pytest
from tests.daemon.duplicates.drawn_pages import page, saved
from tests.daemon.engine.duplicates.gallery import Gallery, Shown, key, live_of, png

from reconciled.duplicates.hashes import page_hashes
from reconciled.duplicates.images import decode, signed
from reconciled.engine.duplicates.pages import hashing
from reconciled.engine.duplicates.pages.hasher import Hasher, Looked
from reconciled.engine.duplicates.pages.hashing import Hashed, Hashing, Sheet, Tally, is_due
from reconciled.engine.duplicates.pages.looking import look
from reconciled.engine.duplicates.pages.previews import Thumbnails
from reconciled.engine.reader import CannotRead
from reconciled.errors import BadResponse, Unreachable
from reconciled.testing.clock import ManualClock

DRAWN = [saved(page(layout).resize((250, 353))) for layout in range(4)]
MARK = "1 dct "


def sheet(number: int, source: str = "gallery", mark: str | None = None, changed: bool = False) -> Sheet:
    return Sheet(number, source, key(number), 0, mark, changed)


@pytest.mark.parametrize(
    ("words", "in_pair", "mark", "changed", "names", "due"),
    [
        (0, False, None, False, ["dct"], True),
        (19, False, None, False, ["dct"], True),
        (20, False, None, False, ["dct"], False),
        (20, True, None, False, ["dct"], True),
        (0, False, "1 dct abc", False, ["dct"], False),
        (0, False, "1 dct abc", False, [], False),
        (500, True, "1 dct abc", False, ["dct"], False),
        (0, False, "1 dct abc", True, ["dct"], True),
        (500, False, "1 dct abc", True, ["dct"], False),
        (0, False, "1 dct abc", False, ["dct", "average"], True),
        (0, False, "1 average,dct abc", False, ["dct", "average"], False),
        (0, False, "1 average,dct abc", False, ["dct"], True),
        (0, False, "0 dct abc", False, ["dct"], True),
    ],
)
def test_which_are_due(
    words: int, in_pair: bool, mark: str | None, changed: bool, names: list[str], due: bool
) -> None:
    assert is_due(Sheet(1, "gallery", key(1), words, mark, changed), in_pair=in_pair, names=names) == due


class Here(Hasher):
    """Looks at once, without a worker."""

    async def look(self, body: bytes, names: Collection[str]) -> Looked:
        said = look(body, names)
        return Looked(said["hashes"], said["wrong"])


class Stand:
    """A gallery, another one, and what was stored."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.app = Gallery({str(number): Shown(body) for number, body in enumerate(DRAWN)})
        self.other = Gallery({"0": Shown(DRAWN[0])})
        self.lives = {
            "gallery": live_of(self.app, self.clock),
            "other": live_of(self.other, self.clock, "other"),
        }
        self.stored: dict[int, Hashed] = {}
        self.batches: list[int] = []
        self.hasher: Hasher = Here()
        self.thumbnails = Thumbnails(folder, 2**20, clock=self.clock, log=logging.getLogger("previews"))
        self.names = ["dct"]
        self.passed = 0

    async def store(self, batch: Sequence[Hashed]) -> None:
        self.batches.append(len(batch))
        self.stored.update({one.item: one for one in batch})

    async def hash(self, *sheets: Sheet) -> Tally:
        def passed(count: int) -> None:
            self.passed += count

        made = Hashing(self.thumbnails, self.hasher, self.lives.get, self.names, self.store, passed)
        return await made.hash_pages(sheets)


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    made = Stand(tmp_path / "previews")
    yield made
    await made.hasher.close()
    await made.thumbnails.close()


async def test_papers_are_hashed_and_stored(stand: Stand) -> None:
    assert await stand.hash(*map(sheet, range(4))) == Tally(hashed=4)
    for number, body in enumerate(DRAWN):
        one = stand.stored[number]
        assert one.page_hash == signed(page_hashes(decode(body))["dct"])
        assert (dict(one.page_hashes), one.wrong) == ({}, None)
        assert one.page_etag.startswith(MARK)
    assert stand.passed == 4


async def test_the_other_hashes_for_who_asks(stand: Stand) -> None:
    stand.names = ["average", "perceptual"]
    assert await stand.hash(sheet(0)) == Tally(hashed=1)
    found = page_hashes(decode(DRAWN[0]), ["average", "perceptual"])
    assert stand.stored[0].page_hashes == {name: f"{value:016x}" for name, value in found.items()}
    assert stand.stored[0].page_hash is not None, "the one that is compared is always made"
    assert stand.stored[0].page_etag.startswith("1 average,dct,perceptual ")


async def test_only_another_picture_is_hashed_again(stand: Stand) -> None:
    await stand.hash(sheet(0))
    mark = stand.stored[0].page_etag
    stand.app.shown["0"].etag = '"2"'
    assert await stand.hash(sheet(0, mark=mark, changed=True)) == Tally(unchanged=1), "the bytes are the same"
    stand.app.shown["0"] = Shown(DRAWN[1], '"3"')
    assert await stand.hash(sheet(0, mark=mark)) == Tally(unchanged=1), "nobody said that it changed"
    assert await stand.hash(sheet(0, mark=mark, changed=True)) == Tally(hashed=1)
    assert stand.stored[0].page_hash == signed(page_hashes(decode(DRAWN[1]))["dct"])
    assert stand.stored[0].page_etag != mark


async def test_what_says_nothing_is_not_looked_at_again(stand: Stand) -> None:
    stand.app.shown |= {"7": Shown(png(200, side=50)), "8": Shown(png()[:-30])}
    assert await stand.hash(sheet(7), sheet(8)) == Tally(hashed=2)
    blank, broken = stand.stored[7], stand.stored[8]
    assert (blank.page_hash, blank.wrong) == (None, None)
    assert broken.page_hash is None
    assert str(broken.wrong).startswith("the picture cannot be read")
    assert not is_due(sheet(8, mark=broken.page_etag), in_pair=True, names=["dct"])


async def test_papers_without_a_picture(stand: Stand) -> None:
    stand.app.shown["5"] = Shown(b"<html>")
    stand.lives["plain"] = live_of(object(), stand.clock, "plain")
    assert await stand.hash(sheet(5), sheet(99), sheet(0, "plain")) == Tally(without=3)
    assert stand.stored == {}
    assert await stand.hash(sheet(0, "removed")) == Tally(waiting=1)


async def test_trouble_of_one_delays_no_other(stand: Stand) -> None:
    stand.app.down = Unreachable("gallery: connection refused")
    assert await stand.hash(*map(sheet, range(4)), sheet(0, "other")) == Tally(hashed=1, waiting=4)
    stand.app.down = None
    assert await stand.hash(*map(sheet, range(4))) == Tally(waiting=4), "it is not well yet"
    stand.lives["gallery"].health.fine("probe")
    assert await stand.hash(*map(sheet, range(4))) == Tally(hashed=4)


async def test_an_app_that_fails_on_end_is_left_alone(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "BATCH", 5)
    stand.app.down = BadResponse("gallery: nonsense")
    tally = await stand.hash(*map(sheet, range(200)))
    assert tally == Tally(waiting=200)
    assert len(stand.app.asked) <= hashing.FAILURES + hashing.AT_ONCE


async def test_one_odd_picture_stops_nothing(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors that come one at a time are those of their papers."""
    monkeypatch.setattr(hashing, "FAILURES", 2)
    monkeypatch.setattr(hashing, "BATCH", 1)
    for number in range(4):
        stand.app.down = BadResponse("gallery: odd")
        assert await stand.hash(sheet(50 + number)) == Tally(waiting=1)
        stand.app.down = None
        assert await stand.hash(sheet(number)) == Tally(hashed=1)


async def test_an_older_picture_is_not_taken_for_the_new_one(stand: Stand) -> None:
    await stand.hash(sheet(0))
    stand.app.down = BadResponse("gallery: nonsense")
    again = sheet(0, mark=stand.stored[0].page_etag, changed=True)
    assert await stand.hash(again) == Tally(waiting=1)


async def test_what_was_stored_stands_when_it_is_stopped(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(hashing, "BATCH", 2)
    real = stand.store

    async def store(batch: Sequence[Hashed]) -> None:
        await real(batch)
        if len(stand.batches) == 1:
            raise CannotRead("the machine is full")

    monkeypatch.setattr(stand, "store", store)
    with pytest.raises(CannotRead):
        await stand.hash(*map(sheet, range(4)))
    assert sorted(stand.stored) == [0, 1]
    left = [sheet(number) for number in range(4) if number not in stand.stored]
    assert await stand.hash(*left) == Tally(hashed=2)
    assert sorted(stand.stored) == [0, 1, 2, 3]


async def test_no_worker_is_said_as_it_is(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    stand.hasher = Hasher()
    with pytest.raises(CannotRead, match="ended at once"):
        await stand.hash(sheet(0), sheet(1))
