"""What the pass makes of pictures: photos without words that look alike are shown for review, and no more."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.duplicates.drawn_pages import noisy, page, saved
from tests.daemon.engine.duplicates.search_stand import SearchStand, Shelf, letter, rescan, standing

from reconciled.config import ImageSettings
from reconciled.duplicates.words import Factor
from reconciled.engine.duplicates.pages import hashing, pictures
from reconciled.engine.duplicates.pages.pictures import Pictures
from reconciled.engine.duplicates.pages.previews import NoPicture, Picture, Thumbnails
from reconciled.engine.live import LiveSource
from reconciled.errors import BadResponse
from reconciled.model import Absent, Json, Key
from reconciled.source import Content, Unchanged


class Album(Shelf):
    """Papers of which some have a picture."""

    app = "album"

    def picture(self, key: str, body: bytes) -> None:
        self.attrs.setdefault(key, {})["picture"] = body.hex()

    @asynccontextmanager
    async def preview(
        self, key: Key, *, whole: bool = False, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        self._up()
        told = self.attrs[key.id].get("picture")
        if not isinstance(told, str):
            yield Absent("404")
            return
        body = bytes.fromhex(told)

        async def chunks() -> AsyncIterator[bytes]:
            yield body

        yield Content(chunks(), 0, len(body), None, "image/png")


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[SearchStand]:
    async with standing(tmp_path, images=ImageSettings(("dct", "average"))) as made:
        yield made


async def album(stand: SearchStand) -> Album:
    """A photo, the same photographed again, another one, the first one's very bytes, and letters."""
    source: Album = await stand.follow("album", Album)
    pictures = {"photo": page(1), "again": noisy(page(1)), "other": page(2), "bytes": page(1)}
    for key, picture in pictures.items():
        source.put(key, "", sha256="ab" * 32 if key in ("photo", "bytes") else "")
        source.picture(key, saved(picture, "PNG"))
    source.put("none", "")
    source.put("letter", letter(1))
    source.picture("letter", saved(page(1), "PNG"))
    await stand.scan("album")
    return source


async def reviews(stand: SearchStand) -> set[frozenset[str]]:
    found = await stand.rows(
        "SELECT one.key, other.key FROM likeness JOIN item AS one ON one.id = a "
        "JOIN item AS other ON other.id = b JOIN paper AS x ON x.item_id = a "
        "JOIN paper AS y ON y.item_id = b WHERE band = 'review' AND x.print = a_print AND y.print = b_print"
    )
    return {frozenset(pair) for pair in found}


async def test_photos_that_look_alike(stand: SearchStand) -> None:
    await album(stand)
    stats = await stand.search()
    assert stats["pictures"]["hashed"] == 4
    assert await reviews(stand) == {frozenset({"photo", "again"}), frozenset({"again", "bytes"})}
    assert await stand.groups() == {frozenset({"photo", "bytes"})}
    kept = await stand.rows(
        "SELECT page_hashes FROM paper JOIN item ON item.id = item_id WHERE key = 'photo'"
    )
    assert "average" in kept[0][0]
    for asked_by in ("schedule", "api"):
        stats = await stand.search(asked_by=asked_by)
        assert stats["pictures"]["hashed"] == 0
        assert await reviews(stand) == {frozenset({"photo", "again"}), frozenset({"again", "bytes"})}


@pytest.mark.full
async def test_a_picture_proves_nothing_whatever_it_weighs(stand: SearchStand) -> None:
    await album(stand)
    heavy = {**stand.settings.factors, Factor.IMAGE: 2.0}
    await stand.duplicates.configure(replace(stand.settings, factors=heavy, duplicate=0.55))
    await stand.search()
    assert frozenset({"photo", "again"}) in await reviews(stand)
    assert await stand.groups() == {frozenset({"photo", "bytes"})}


async def test_another_file_is_another_picture(stand: SearchStand) -> None:
    """Its app has another file under the same number: what the old one looked like says nothing of it."""
    source = await album(stand)
    await stand.search()
    source.picture("again", saved(page(2), "PNG"))
    source.put("again", "", sha256="cd" * 32)
    await stand.scan("album")
    await stand.search()
    assert await reviews(stand) == {frozenset({"again", "other"})}


@pytest.mark.full
async def test_a_run_that_died_before_its_pictures_is_made_up_for(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search over all has let go of what it did not find itself, and then the daemon is killed."""
    await album(stand)
    await stand.search()
    alike = await reviews(stand)
    stand.clock.advance(1.0)
    with monkeypatch.context() as dying:
        dying.setattr(Pictures, "go", dies)
        await stand.engine.wait(await stand.duplicates.begin(asked_by="api"))
    assert not await reviews(stand)
    await stand.search()
    assert await reviews(stand) == alike


async def test_a_source_that_fails_again_and_again_is_not_asked_for_all(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its papers wait for the next run, however many pages of them there are."""
    monkeypatch.setattr(pictures, "PAGE", 10)
    asked = list[str]()

    class Broken(Album):
        app = "broken"

        @asynccontextmanager
        async def preview(
            self, key: Key, *, whole: bool = False, etag: str | None = None
        ) -> AsyncIterator[Content | Unchanged | Absent]:
            asked.append(key.id)
            if self.papers:
                raise BadResponse("broken: a picture of an error")
            yield Absent("404")

    source: Broken = await stand.follow("broken", Broken)
    for number in range(60):
        source.put(number, "")
    await stand.scan("broken")
    for run in (1, 2):
        stats = await stand.search()
        assert stats["pictures"]["waiting"] == 60
        assert len(asked) <= run * (hashing.FAILURES + hashing.AT_ONCE)


@pytest.mark.full
async def test_pictures_that_fail_for_ever_keep_no_others_waiting_for_ever(stand: SearchStand) -> None:
    """Their files were lost; they are neither asked first each time, nor so often that nobody else is."""

    class Torn(Album):
        app = "torn"

        @asynccontextmanager
        async def preview(
            self, key: Key, *, whole: bool = False, etag: str | None = None
        ) -> AsyncIterator[Content | Unchanged | Absent]:
            if "picture" not in self.attrs[key.id]:
                raise BadResponse("torn: 404, but the document is there; is its file missing?")
            async with super().preview(key, whole=whole, etag=etag) as content:
                yield content

    source: Torn = await stand.follow("torn", Torn)
    for number in range(10, 60):
        source.put(number, "")
        if not 12 <= number < 12 + 2 * (hashing.FAILURES + hashing.AT_ONCE):
            source.picture(str(number), saved(page(number), "PNG"))
    await stand.scan("torn")
    lacking, left = "SELECT count(*) FROM paper WHERE page_hash IS NULL", list[int]()
    while len(left) < 12 and left[-1:] != [2 * (hashing.FAILURES + hashing.AT_ONCE)]:
        await stand.search()
        left += (await stand.rows(lacking))[0]
    assert left[-1] == 2 * (hashing.FAILURES + hashing.AT_ONCE), left


async def test_what_a_run_saw_before_it_died_counts_for_its_pairs(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures that were hashed are not looked at again, so what they say is written with them."""
    source: Album = await stand.follow("album", Album)
    for key, words, drawn in (
        ("1", letter(3), page(1)), ("2", rescan(letter(3)), noisy(page(1))), ("3", "", page(2)),
    ):  # fmt: skip
        source.put(key, words)
        source.picture(key, saved(drawn, "PNG"))
    await stand.scan("album")
    real = Thumbnails.picture

    async def picture(self: Thumbnails, live: LiveSource, key: Key, **more: Any) -> Picture | NoPicture:
        if key.id == "3":
            raise RuntimeError("it dies here")
        return await real(self, live, key, **more)

    with monkeypatch.context() as dying:
        dying.setattr(hashing, "BATCH", 1)
        dying.setattr(Thumbnails, "picture", picture)
        await stand.engine.wait(await stand.duplicates.begin(asked_by="schedule"))
    stats = await stand.search()
    assert stats["pictures"]["hashed"] == 1
    ((told,),) = await stand.rows("SELECT told FROM likeness")
    assert Factor.IMAGE in json.loads(told)["parts"]


async def dies(_: Pictures) -> dict[str, Json]:
    raise RuntimeError("it dies here")
