"""Pictures from an app onto a page: one fetch for all who ask, current, and never an exception."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.engine.duplicates.gallery import PDF, Gallery, Shown, key, live_of, png

from reconciled.engine.duplicates.pages import picturing
from reconciled.engine.duplicates.pages.previews import FRESH, NoPicture, Picture, Thumbnails, Whole, Why
from reconciled.errors import BadResponse, RateLimited, SourceError, Unauthorized, Unreachable, Unsupported
from reconciled.model import Absent, Health
from reconciled.source import Content, Unchanged
from reconciled.testing.clock import ManualClock

ONE = key(1)


class Stand:
    """Thumbnails of a gallery with two documents."""

    def __init__(self, folder: Path, most: int = 2**20, **more: Any) -> None:
        self.clock = ManualClock()
        self.folder = folder
        self.app = Gallery({"1": Shown(png(10)), "2": Shown(png(20))}, {"1": Shown(PDF)})
        self.live = live_of(self.app, self.clock)
        self.thumbnails = self.restarted(most, **more)

    def restarted(self, most: int = 2**20, **more: Any) -> Thumbnails:
        log = logging.getLogger("previews")
        return Thumbnails(self.folder, most, clock=self.clock, log=log, **more)

    async def get(self, number: int = 1, **more: Any) -> Picture | NoPicture:
        return await self.thumbnails.picture(self.live, key(number), item=number, **more)

    async def picture(self, number: int = 1, **more: Any) -> Picture:
        found = await self.get(number, **more)
        assert isinstance(found, Picture), found
        return found


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    made = Stand(tmp_path / "previews")
    yield made
    await made.thumbnails.close()


async def test_it_is_fetched_once_and_then_lies_here(stand: Stand) -> None:
    first = await stand.picture()
    assert (first.body, first.mime_type, first.note) == (png(10), "image/png", None)
    assert await stand.picture() == first
    stand.thumbnails = stand.restarted()
    assert await stand.picture() == first, "and after a restart"
    assert stand.app.asked == [("1", False, None)]


async def test_after_a_while_the_app_is_asked_whether_it_is_current(stand: Stand) -> None:
    first = await stand.picture()
    for _ in range(3):
        stand.clock.advance(FRESH + 1)
        assert await stand.picture() == first
        assert await stand.picture() == first, "it said so just now"
    assert stand.app.asked == [("1", False, None), *[("1", False, '"1"')] * 3]


async def test_a_newer_one_takes_its_place(stand: Stand) -> None:
    first = await stand.picture()
    stand.app.shown["1"] = Shown(png(99), '"2"')
    assert await stand.picture() == first
    newer = await stand.picture(fresh=0)
    assert newer.body == png(99)
    assert newer.version != first.version
    assert await stand.picture() == newer
    assert len(list(stand.folder.iterdir())) == 1


@pytest.mark.parametrize("etag", ['"1"', None])
async def test_an_app_that_knows_no_conditions(stand: Stand, etag: str | None) -> None:
    stand.app.knows_conditions = False
    stand.app.shown["1"] = Shown(png(10), etag)
    first = await stand.picture()
    assert await stand.picture(fresh=0) == first
    stand.app.shown["1"] = Shown(png(11), None if etag is None else '"2"')
    assert (await stand.picture(fresh=0)).body == png(11)
    assert (await stand.picture()).body == png(11)


async def test_a_clock_that_was_set_back_makes_nothing_fresh(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.clock.advance(1e6)
    await stand.picture()
    stand.clock = ManualClock()
    stand.thumbnails = stand.restarted()
    await stand.picture()
    assert len(stand.app.asked) == 2


async def test_one_fetch_however_many_ask(stand: Stand) -> None:
    stand.app.go.clear()
    asking = [asyncio.ensure_future(stand.picture(number)) for number in (1, 2) for _ in range(20)]
    while len(stand.app.asked) < 2:
        await asyncio.sleep(0)
    asking[0].cancel()  # one of them leaves the page
    with contextlib.suppress(asyncio.CancelledError):
        await asking[0]
    stand.app.go.set()
    found = await asyncio.gather(*asking[1:])
    assert {picture.body for picture in found} == {png(10), png(20)}
    assert sorted(number for number, *_ in stand.app.asked) == ["1", "2"]


async def test_a_page_of_hundreds_asks_for_a_few_at_once(stand: Stand) -> None:
    stand.app.shown = {str(number): Shown(png(number)) for number in range(100)}
    found = await asyncio.gather(*(stand.picture(number) for number in range(100)))
    assert [picture.body for picture in found] == [png(number) for number in range(100)]
    assert stand.app.most_at_once <= 4


# --- trouble ------------------------------------------------------------------------------------------


def down(stand: Stand, error: SourceError) -> None:
    stand.app.down = error


def broken(stand: Stand, _: object) -> None:
    stand.app.shown["1"], stand.app.breaks_after = Shown(png(77, side=900), '"2"'), 700


def paused(stand: Stand, _: object) -> None:
    stand.live.paused = "ada"


def another(stand: Stand, _: object) -> None:
    stand.live.stranger = "another instance answers there"


def unwell(stand: Stand, _: object) -> None:
    stand.live.health.failed(Unreachable("gallery: connection refused"), "probe")


def short(stand: Stand, _: object) -> None:
    stand.app.odd = Content(stand.app._pieces(png()[:30]), 0, len(png()))


def middle(stand: Stand, _: object) -> None:
    stand.app.odd = Content(stand.app._pieces(png()), 5)


def odd(stand: Stand, answer: object) -> None:
    stand.app.odd = answer


def page(stand: Stand, _: object) -> None:
    stand.app.shown["1"] = Shown(b"<html><script>alert(1)</script>", '"2"')


def vector(stand: Stand, _: object) -> None:
    stand.app.shown["1"] = Shown(b"<svg xmlns='http://www.w3.org/2000/svg'/>", '"2"')


def huge(stand: Stand, says_size: object) -> None:
    stand.app.says_size = bool(says_size)
    stand.app.shown["1"] = Shown(png() + bytes(9 * 2**20), '"2"')


TROUBLES = [
    (down, Unreachable("gallery: connection refused"), Why.TROUBLE, "connection refused"),
    (down, Unauthorized("gallery: 401"), Why.TROUBLE, "401"),
    (down, RateLimited("gallery: slower"), Why.TROUBLE, "slower"),
    (down, BadResponse("gallery: HTML"), Why.TROUBLE, "HTML"),
    (broken, None, Why.TROUBLE, "crashed"),
    (paused, None, Why.TROUBLE, "paused by ada"),
    (another, None, Why.TROUBLE, "another instance"),
    (unwell, None, Why.TROUBLE, "connection refused"),
    (short, None, Why.TROUBLE, "ended after 30 of"),
    (middle, None, Why.TROUBLE, "begins in its middle"),
    (odd, 5, Why.TROUBLE, "gave int"),
    (odd, Content(5), Why.TROUBLE, "crashed"),  # type: ignore[arg-type]
    (odd, Content(None, 0, "x"), Why.TROUBLE, "is odd"),  # type: ignore[arg-type]
    (page, None, Why.UNFIT, "no WebP, PNG or JPEG"),
    (vector, None, Why.UNFIT, "no WebP, PNG or JPEG"),
    (huge, True, Why.UNFIT, "more than 8 MiB"),
    (huge, False, Why.UNFIT, "more than 8 MiB"),
]


@pytest.mark.parametrize(("happens", "what", "why", "said"), TROUBLES)
async def test_trouble_costs_a_known_picture_its_freshness(
    stand: Stand, happens: Any, what: Any, why: Why, said: str
) -> None:
    first = await stand.picture()
    stand.clock.advance(7200)
    happens(stand, what)
    shown = await stand.picture()
    assert (shown.body, shown.version) == (first.body, first.version)
    assert shown.note is not None
    assert shown.note.startswith("as it was 2 h ago; ")
    assert said in shown.note


@pytest.mark.parametrize(("happens", "what", "why", "said"), TROUBLES)
async def test_without_a_known_one_there_is_none(
    stand: Stand, happens: Any, what: Any, why: Why, said: str
) -> None:
    happens(stand, what)
    none = await stand.get()
    assert isinstance(none, NoPicture)
    assert none.why is why
    assert said in none.said
    assert not list(stand.folder.glob("*"))


async def test_a_source_in_trouble_is_not_asked_for_pictures(stand: Stand) -> None:
    unwell(stand, None)
    for number in range(50):
        assert isinstance(await stand.get(number), NoPicture)
    assert stand.app.asked == []
    stand.live.health.state = Health.OK
    assert (await stand.picture()).note is None


async def test_an_app_that_hangs(tmp_path: Path) -> None:
    stand = Stand(tmp_path, patience=0.02)
    stand.app.hangs = True
    none = await stand.get()
    assert isinstance(none, NoPicture)
    assert none.said == "gallery: no picture within 20 ms"


async def test_what_is_gone_is_not_shown_any_longer(stand: Stand) -> None:
    await stand.picture()
    del stand.app.shown["1"]
    none = await stand.get(fresh=0)
    assert none == NoPicture(Why.ABSENT, "gallery has it no more: 404 of the gallery")
    assert not list(stand.folder.glob("*"))
    unwell(stand, None)
    assert isinstance(await stand.get(), NoPicture), "nor later"


async def test_unchanged_is_no_answer_where_nothing_was_known(stand: Stand) -> None:
    stand.app.always_unchanged = True
    none = await stand.get()
    assert isinstance(none, NoPicture)
    assert "was not the question" in none.said


async def test_another_thing_under_the_same_key_has_another_picture(stand: Stand) -> None:
    await stand.picture()
    stand.app.shown["1"] = Shown(png(50), '"7"')
    newer = await stand.thumbnails.picture(stand.live, ONE, item=815)
    assert isinstance(newer, Picture)
    assert newer.body == png(50)
    elsewhere = live_of(Gallery({"1": Shown(png(60))}), stand.clock, "other")
    other = await stand.thumbnails.picture(elsewhere, ONE, item=1)
    assert isinstance(other, Picture)
    assert other.body == png(60)


async def test_a_source_without_pictures(stand: Stand) -> None:
    none = await stand.thumbnails.picture(live_of(object(), stand.clock), ONE, item=1)
    assert none == NoPicture(Why.UNSUPPORTED, "gallery shows no pictures of its items")
    stand.app.down = Unsupported("gallery: not of this kind")
    answer = await stand.get()
    assert isinstance(answer, NoPicture)
    assert answer.why is Why.UNSUPPORTED


async def test_a_disk_that_takes_nothing_is_said_once(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    stand.folder.write_bytes(b"a file where the folder should be")
    for number in (1, 2, 1):
        assert (await stand.picture(number)).note is None
    assert len(stand.app.asked) == 3
    assert [record.message for record in caplog.records] == [
        f"previews cannot be kept in {stand.folder} (File exists); they are fetched each time until they can"
    ]


async def test_the_end_leaves_nobody_waiting(stand: Stand) -> None:
    stand.app.hangs = True
    asking = asyncio.ensure_future(stand.get())
    while not stand.app.asked:
        await asyncio.sleep(0)
    await stand.thumbnails.close()
    assert await asking == NoPicture(Why.TROUBLE, "the daemon is stopping")
    assert stand.app.at_once == 0


@pytest.mark.parametrize(
    ("body", "mime_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (png(), "image/png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"GIF89a", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_pictures_are_told_by_their_bytes(body: bytes, mime_type: str | None) -> None:
    assert picturing.picture_type(body) == mime_type


# --- whole documents ----------------------------------------------------------------------------------


async def read(stand: Stand, **more: Any) -> tuple[object, bytes]:
    async with stand.thumbnails.whole(stand.live, ONE, **more) as shown:
        if not isinstance(shown, Whole):
            return shown, b""
        return shown.mime_type, b"".join([chunk async for chunk in shown.chunks])


@pytest.mark.parametrize(
    ("body", "mime_type"),
    [
        (PDF, "application/pdf"),
        (b"junk before it\n" + PDF, "application/pdf"),
        (b"%PDF-1.4", "application/pdf"),
        (png(side=200), "image/png"),
        (png(), "image/png"),
    ],
)
async def test_a_document_is_passed_through(stand: Stand, body: bytes, mime_type: str) -> None:
    stand.app.documents["1"] = Shown(body)
    assert await read(stand) == (mime_type, body)
    assert stand.app.at_once == 0
    assert not stand.folder.exists(), "it is not kept"


async def test_a_document_that_the_browser_has(stand: Stand) -> None:
    assert await read(stand, etag='"1"') == (Unchanged(), b"")
    stand.app.always_unchanged = True
    none, _ = await read(stand)
    assert isinstance(none, NoPicture), "nobody asked that"


@pytest.mark.parametrize("body", [b"", b"<html>%PDF", b"MZ" + bytes(2000), b" " * 1100 + b"%PDF-1.7"])
async def test_what_browsers_might_run_is_not_passed_on(stand: Stand, body: bytes) -> None:
    stand.app.documents["1"] = Shown(body)
    none, _ = await read(stand)
    assert none == NoPicture(Why.UNFIT, "what gallery gave is no PDF, WebP, PNG or JPEG")


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (Absent("404"), None, Why.ABSENT),
        (None, Unreachable("gallery: refused"), Why.TROUBLE),
        (None, Unsupported("gallery: a folder"), Why.UNSUPPORTED),
        (5, None, Why.TROUBLE),
    ],
)
async def test_a_document_that_does_not_open(
    stand: Stand, answer: object, error: SourceError | None, why: Why
) -> None:
    stand.app.odd, stand.app.down = answer, error
    none, _ = await read(stand)
    assert isinstance(none, NoPicture)
    assert none.why is why
    paused(stand, None)
    none, _ = await read(stand)
    assert none == NoPicture(Why.TROUBLE, "gallery is paused by ada")


async def test_a_document_that_breaks_off(stand: Stand) -> None:
    stand.app.breaks_after = 7000
    with pytest.raises(BadResponse, match="in mid-file"):
        await read(stand)
    assert stand.app.at_once == 0
    stand.app.breaks_after = 0
    none, _ = await read(stand)
    assert isinstance(none, NoPicture), "before its first bytes it can be said"


async def test_a_reader_who_leaves_ends_the_download(stand: Stand) -> None:
    async with stand.thumbnails.whole(stand.live, ONE) as shown:
        assert isinstance(shown, Whole)
        assert await anext(shown.chunks)
    assert stand.app.at_once == 0
