"""From a Paperless over a socket to pictures on a page and hashes in the ledger's words."""

import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from tests.daemon.duplicates.drawn_pages import noisy, page, saved
from tests.daemon.engine.duplicates.gallery import live_of

from reconciled.clock import SystemClock
from reconciled.duplicates.images import NEAR, OTHER, distance
from reconciled.engine.duplicates.pages.hasher import Hasher
from reconciled.engine.duplicates.pages.hashing import Hashed, Hashing, Sheet, Tally
from reconciled.engine.duplicates.pages.previews import NoPicture, Picture, Thumbnails, Whole, Why
from reconciled.engine.live import LiveSource
from reconciled.http import Http, new_session
from reconciled.model import Health, Key
from reconciled.source import Context
from reconciled.testing.contract import Notes
from reconciled.testing.fakes import paperless_pictures as pictures
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless import Paperless

PDF = pictures.pdf("A whole invoice")


def webp(image: Image.Image) -> bytes:
    return saved(image.convert("RGB"), "WEBP", quality=80)


@pytest.fixture
async def fake() -> AsyncIterator[FakePaperless]:
    """A photo of a sheet, another one of it, one of another sheet, and an empty page."""
    async with FakePaperless() as app:
        for image in (page(3), noisy(page(3)), page(5), Image.new("L", (500, 707), 250)):
            app.put("A photo", content="", data=PDF, picture=webp(image))
        yield app


@pytest.fixture
async def live(fake: FakePaperless) -> AsyncIterator[LiveSource]:
    clock = SystemClock()
    http = Http(new_session, clock)
    config = Paperless.Config.model_validate({"url": fake.url, "timeout": "5s", "token": fake.api_key})
    source = Paperless(config, Context("paperless", http, clock, logging.getLogger("test"), Notes()))
    yield live_of(source, clock, "paperless")
    await source.close()
    await http.close()


@pytest.fixture
async def thumbnails(tmp_path: Path) -> AsyncIterator[Thumbnails]:
    log = logging.getLogger("previews")
    async with contextlib.AsyncExitStack() as stack:
        made = Thumbnails(tmp_path, 2**20, clock=SystemClock(), log=log)
        stack.push_async_callback(made.close)
        yield made


async def test_pictures_of_documents(fake: FakePaperless, live: LiveSource, thumbnails: Thumbnails) -> None:
    one = Key("document", "1")
    first = await thumbnails.picture(live, one, item=1)
    assert isinstance(first, Picture)
    assert (first.body, first.mime_type, first.note) == (webp(page(3)), "image/webp", None)
    assert await thumbnails.picture(live, one, item=1, fresh=0) == first, "unchanged, says its ETag"
    async with thumbnails.whole(live, one) as shown:
        assert isinstance(shown, Whole)
        assert shown.mime_type == "application/pdf"
        assert b"".join([chunk async for chunk in shown.chunks]) == PDF
    none = await thumbnails.picture(live, Key("document", "77"), item=77)
    assert isinstance(none, NoPicture)
    assert none.why is Why.ABSENT
    await fake.__aexit__(None, None, None)
    later = await thumbnails.picture(live, one, item=1, fresh=0)
    assert isinstance(later, Picture)
    assert later.body == first.body
    assert later.note is not None
    assert live.health.state is Health.TROUBLE


async def test_hashes_of_documents(live: LiveSource, thumbnails: Thumbnails) -> None:
    stored: dict[int, Hashed] = {}

    async def store(batch: Sequence[Hashed]) -> None:
        stored.update({one.item: one for one in batch})

    hasher = Hasher()
    made = Hashing(thumbnails, hasher, {"paperless": live}.get, ["dct"], store)
    sheets = [Sheet(number, "paperless", Key("document", str(number)), 0) for number in range(1, 5)]
    try:
        assert await made.hash_pages(sheets) == Tally(hashed=4)
    finally:
        await hasher.close()
    first, again, other = (stored[number].page_hash for number in (1, 2, 3))
    assert first is not None
    assert again is not None
    assert other is not None
    assert distance(first, again) <= NEAR
    assert distance(first, other) > OTHER
    assert stored[4].page_hash is None, "a page with nothing on it"
