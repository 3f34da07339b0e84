"""The bytes of files: of one version, from below their folder only."""

import errno
import os
from logging import getLogger
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.plugins.filesystem.folders import Open, listed

from reconciled.clock import SystemClock
from reconciled.engine.live import LiveSource, Rules
from reconciled.engine.mirror.opening import opened
from reconciled.errors import BadResponse, Refused, SourceError, Unreachable, Unsupported
from reconciled.model import Absent, Item, Key
from reconciled.source import Content, Fetches, Unchanged
from reconciled_filesystem import Filesystem
from reconciled_filesystem.types import type_of

BYTES = bytes(range(256)) * 4096 * 3  # 3 MiB


@pytest.fixture
def film(films: Path) -> Path:
    path = films / "Alien" / "alien.mkv"
    path.write_bytes(BYTES)
    return path


def open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


async def got(
    source: Filesystem, path: Path, *, start: int = 0, etag: str | None = None
) -> tuple[Any, bytes]:
    async with source.fetch(Key("file", str(path)), start=start, etag=etag) as answer:
        if not isinstance(answer, Content):
            return answer, b""
        chunks = [chunk async for chunk in answer.chunks]
        assert all(0 < len(chunk) <= 2**20 for chunk in chunks)
        return answer, b"".join(chunks)


async def test_all_of_it(disk: Open, film: Path) -> None:
    source = disk()
    assert isinstance(source, Fetches)
    answer, body = await got(source, film)
    assert body == BYTES
    assert (answer.start, answer.size, answer.mime_type) == (0, len(BYTES), "video/x-matroska")
    again, _ = await got(source, film, etag=answer.etag)
    assert isinstance(again, Unchanged)


@pytest.mark.parametrize("start", [1, 2**20, len(BYTES) - 1, len(BYTES)])
async def test_a_part(disk: Open, film: Path, start: int) -> None:
    source = disk()
    answer, _ = await got(source, film)
    part, body = await got(source, film, start=start, etag=answer.etag)
    assert (part.start, part.size, body) == (start, len(BYTES), BYTES[start:])


@pytest.mark.parametrize("start", [0, 1000, 10 * len(BYTES)])
async def test_of_another_version_all_of_it(disk: Open, film: Path, start: int) -> None:
    source = disk()
    answer, _ = await got(source, film)
    film.write_bytes(BYTES[::-1])
    other, body = await got(source, film, start=start, etag=answer.etag)
    assert (other.start, body) == (0, BYTES[::-1])
    assert other.etag != answer.etag
    nobodys, _ = await got(source, film, start=start)
    assert nobodys.start == 0


@pytest.mark.parametrize("how", ["longer", "shorter", "rewritten", "touched"])
async def test_a_change_while_it_is_read(disk: Open, film: Path, how: str) -> None:
    async def read(answer: Content) -> None:
        async for _ in answer.chunks:
            match how:
                case "longer":
                    film.write_bytes(BYTES * 2)
                case "shorter":
                    os.truncate(film, 2**20 + 5)
                case "rewritten":
                    film.write_bytes(BYTES[::-1])
                case "touched":
                    os.utime(film, ns=(1, 1))

    async with disk().fetch(Key("file", str(film))) as answer:
        assert isinstance(answer, Content)
        with pytest.raises(BadResponse, match="changed while it was read"):
            await read(answer)


async def test_a_file_that_is_replaced_stays_the_one_that_was_opened(disk: Open, film: Path) -> None:
    """Its bytes are whole; that the version is another one afterwards tells."""
    source = disk()
    async with source.fetch(Key("file", str(film))) as answer:
        assert isinstance(answer, Content)
        body = await anext(answer.chunks)
        (film.parent / "new").write_bytes(b"new")
        (film.parent / "new").replace(film)
        body += b"".join([chunk async for chunk in answer.chunks])
        assert body == BYTES
    after, _ = await got(source, film, etag=answer.etag)
    assert after.size == 3


async def test_nothing_is_read_after_the_end(disk: Open, film: Path) -> None:
    before = open_files()
    async with disk().fetch(Key("file", str(film))) as answer:
        assert isinstance(answer, Content)
        await anext(answer.chunks)
    with pytest.raises(Unreachable):
        await anext(answer.chunks)
    assert open_files() == before


async def test_an_empty_file(disk: Open, film: Path) -> None:
    film.write_bytes(b"")
    answer, body = await got(disk(), film)
    assert (answer.size, body) == (0, b"")


async def test_no_file(disk: Open, films: Path, film: Path) -> None:
    source = disk()
    film.unlink()
    answer, _ = await got(source, film)
    assert isinstance(answer, Absent)
    answer, _ = await got(source, films / "Nowhere" / "gone.mkv")
    assert isinstance(answer, Absent)
    film.mkdir()
    answer, _ = await got(source, film)
    assert isinstance(answer, Absent)
    os.mkfifo(films / "pipe.mkv")
    answer, _ = await got(source, films / "pipe.mkv")
    assert isinstance(answer, Absent)


async def test_no_file_on_soft_ground_is_no_answer(disk: Open, films: Path, film: Path) -> None:
    source = disk()
    await source.probe()
    films.rename(films.parent / "elsewhere")
    films.mkdir()
    with pytest.raises(Unreachable, match="is it mounted"):
        await got(source, film)


async def test_a_file_that_may_not_be_read_says_nothing_of_the_others(
    disk: Open, films: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of another user must not have the whole disk taken for one that does not answer."""
    really = os.open

    def guarded(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if path == film.name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", guarded)
    source = disk()
    live = LiveSource(
        1, "disk", source, Rules(), frozenset({"file"}), SystemClock(), getLogger("test"), Random(1)
    )
    await live.probe()
    with pytest.raises(Refused, match="may the daemon's user read it"):
        async with opened(live, source, Key("file", str(film))):
            raise AssertionError
    assert live.answers
    _, body = await got(source, films / "Heat" / "heat.mkv")
    assert body == b"Heat/heat.mkv"


@pytest.mark.parametrize("link", ["file", "folder"])
async def test_no_link_is_followed(disk: Open, films: Path, film: Path, tmp_path: Path, link: str) -> None:
    secret = tmp_path / "secrets" / "alien.mkv"
    secret.parent.mkdir()
    secret.write_text("secret")
    film.unlink()
    if link == "file":
        film.symlink_to(secret)
    else:
        film.parent.rmdir()
        film.parent.symlink_to(secret.parent)
    with pytest.raises(SourceError, match="a link stands there"):
        await got(disk(), film)


async def test_a_link_above_the_folder_is_where_it_is(disk: Open, films: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(films)
    answer, body = await got(disk(folders=[{"path": str(link)}]), link / "Heat" / "heat.mkv")
    assert (answer.size, body) == (13, b"Heat/heat.mkv")


@pytest.mark.parametrize("name", ["Heat/heat.srt", "../secret", "Heat/../Alien/alien.mkv"])
async def test_what_does_not_count_is_not_handed_out(disk: Open, films: Path, name: str) -> None:
    with pytest.raises(Unsupported):
        await got(disk(), films / "x" / ".." / name if name.startswith("..") else Path(f"{films}/{name}"))
    with pytest.raises(Unsupported):
        async with disk().fetch(Key("file", f"{films}/{name}")):
            raise AssertionError


async def test_a_name_that_is_no_text(disk: Open, films: Path) -> None:
    path = os.fsencode(films) + b"/\xff.mkv"
    Path(os.fsdecode(path)).write_bytes(b"odd")
    source = disk()
    (key,) = [key for key in await listed(source) if key.startswith("bytes:")]
    async with source.fetch(Key("file", key)) as answer:
        assert isinstance(answer, Content)
        assert [chunk async for chunk in answer.chunks] == [b"odd"]


async def test_what_is_known_without_reading(disk: Open, films: Path, film: Path) -> None:
    item = await disk().lookup(Key("file", str(film)))
    assert isinstance(item, Item)
    assert item.attrs["size"] == len(BYTES)
    assert item.attrs["mime_type"] == "video/x-matroska"
    assert isinstance(item.attrs["changed"], str)
    assert disk().origin(item) == {"originalPath": str(film)}
    assert disk().fileset is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pdf", "application/pdf"),
        ("a.JPG", "image/jpeg"),
        ("a.jpeg", "image/jpeg"),
        ("a.png", "image/png"),
        ("a.tif", "image/tiff"),
        ("a.webp", "image/webp"),
        ("a.heic", "image/heic"),
        ("a.txt", "text/plain"),
        ("a.html", "text/html"),
        ("a.tar.gz", "application/gzip"),
        ("a.pdf.gz", "application/gzip"),
        (".pdf", None),
        ("pdf", None),
        ("a.", None),
        ("a.unheard-of", None),
    ],
)
def test_types(name: str, kind: str | None) -> None:
    assert type_of(f"/data.pdf/{name}") == kind
