"""Copies that are put into a folder: beside everything, whole, and known again."""

import asyncio
import errno
import hashlib
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.plugins.filesystem.folders import DELETE, Open, listed, mounted

from reconciled.errors import BadResponse, Refused, SourceError, Unreachable, Unsupported
from reconciled.model import Item, Key
from reconciled.source import Receipt, Revises, Upload, Uploads, Weight
from reconciled_filesystem import Filesystem, receiving
from reconciled_filesystem.config import FilesystemConfig
from reconciled_filesystem.landing import MARKER, Landing
from reconciled_filesystem.receiving import safe_name

BYTES = bytes(range(256)) * 4096  # 1 MiB
Made = Callable[..., Upload]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "inbox"
    folder.parent.mkdir()
    return folder


@pytest.fixture
def opened(disk: Open, inbox: Path) -> Callable[..., Filesystem]:
    """A source whose folder is `data`, with copies in `data/inbox`."""

    def make(**more: Any) -> Filesystem:
        folder = {"path": str(inbox.parent), "exclude": ["trash"], **more.pop("folder", {})}
        return disk(**{"folders": [folder], "receive": str(inbox), **more})

    return make


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A file of the engine's, as it is handed over."""

    def make(content: bytes = BYTES, *, name: str = "IMG001.jpg", marker: str = "vsrx/file/1") -> Upload:
        sha256 = hashlib.sha256(content).hexdigest()
        path = tmp_path / f"{sha256[:8]}.part"
        path.write_bytes(content)
        return Upload(path, name, name, "image/jpeg", len(content), sha256, marker)

    return make


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_copy(opened: Callable[..., Filesystem], inbox: Path, made: Made) -> None:
    source, upload = opened(), made()
    assert isinstance(source, Uploads)
    assert isinstance(source, Revises)
    assert await source.had(upload) is None
    kept = await source.upload(upload)
    path = inbox / "IMG001.jpg"
    assert path.read_bytes() == BYTES
    assert names(inbox) == {"IMG001.jpg"}
    assert (kept.key, kept.ours) == (Key("file", str(path)), True)
    item = await source.lookup(kept.key)
    assert kept.item == item
    assert isinstance(item, Item)
    assert upload.sha256 in {ref.value for ref in item.refs}
    assert set(await listed(source)) == {str(path)}
    assert await source.had(upload, since=datetime.now(UTC)) == kept
    assert upload.path.read_bytes() == BYTES


async def test_nothing_is_written_over(opened: Callable[..., Filesystem], inbox: Path, made: Made) -> None:
    inbox.mkdir()
    (inbox / "IMG001.jpg").write_text("a person's")
    (inbox / "IMG001 (2).jpg").symlink_to("/nowhere")
    source = opened()
    kept = [await source.upload(made(bytes([n]), marker=f"vsrx/file/{n}")) for n in range(3)]
    assert [Path(one.key.id).name for one in kept] == [f"IMG001 ({n}).jpg" for n in (3, 4, 5)]
    assert (inbox / "IMG001.jpg").read_text() == "a person's"
    assert (inbox / "IMG001 (2).jpg").is_symlink()


async def test_many_at_once_of_one_name(opened: Callable[..., Filesystem], inbox: Path, made: Made) -> None:
    source = opened()
    uploads = [made(bytes([n]), marker=f"vsrx/file/{n}") for n in range(20)]
    kept = await asyncio.gather(*map(source.upload, uploads))
    assert len({one.key for one in kept}) == len(names(inbox)) == 20
    for upload, one in zip(uploads, kept, strict=True):
        assert Path(one.key.id).read_bytes() == upload.path.read_bytes()
        assert await source.had(upload) == one


@pytest.mark.parametrize(
    ("name", "number", "safe"),
    [
        ("IMG001.jpg", 1, "IMG001.jpg"),
        ("IMG001.jpg", 2, "IMG001 (2).jpg"),
        ("no extension", 3, "no extension (3)"),
        ("../../etc/passwd", 1, "_.._etc_passwd"),
        (".hidden", 1, "hidden"),
        ("..", 1, "file"),
        ("", 2, "file (2)"),
        (" a\nb\0c.jpg ", 1, "a_b_c.jpg"),
        ("\udcff.jpg", 1, "_.jpg"),
        ("Röntgen.jpg", 1, "Röntgen.jpg"),
        ("ä" * 200 + ".jpg", 12, "ä" * 123 + " (12).jpg"),
        ("x" * 300, 1, "x" * 255),
        ("a.an extension that is none", 2, "a.an extension that is none (2)"),
    ],
)
def test_names(name: str, number: int, safe: str) -> None:
    assert safe_name(name, number) == safe
    assert len(safe.encode()) <= 255


async def test_however_many_are_called_the_same(
    opened: Callable[..., Filesystem], inbox: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera calls thousands of pictures IMG001: each comes, and none is looked for among all names."""
    monkeypatch.setattr(receiving, "MOST_NAMES", 3)
    source, uploads = opened(), [made(b"%d" % number, marker=f"vsrx/file/{number}") for number in range(6)]
    kept = [await source.upload(upload) for upload in uploads]
    assert [Path(one.key.id).read_bytes() for one in kept] == [b"%d" % number for number in range(6)]
    assert len(names(inbox)) == 6
    assert {"IMG001.jpg", "IMG001 (2).jpg", "IMG001 (3).jpg"} < names(inbox)
    assert all(re.fullmatch(r"IMG001( \(\w+\))?\.jpg", name) for name in names(inbox))
    assert [await source.had(upload) for upload in uploads] == kept


async def test_a_crash_before_the_name_leaves_nothing_that_counts(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    inbox.mkdir()
    (inbox / ".reconciled-incoming-0123").write_text("half of it")
    (inbox / "other").write_text("a person's")
    source, upload = opened(), made()
    assert set(await listed(source)) == {f"{inbox}/other"}
    assert await source.had(upload) is None
    await source.upload(upload)
    assert set(await listed(source)) == {f"{inbox}/other", f"{inbox}/IMG001.jpg"}


async def test_a_crash_after_the_name_finds_it_again(
    opened: Callable[..., Filesystem], inbox: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, upload = opened(), made()

    async def crash(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(source.checksums, "note", crash)
    with pytest.raises(RuntimeError):
        await source.upload(upload)
    assert names(inbox) == {"IMG001.jpg"}
    found = await opened().had(upload)
    assert found is not None
    assert (found.key.id, found.ours) == (f"{inbox}/IMG001.jpg", True)


@pytest.mark.parametrize("xattr", [True, False])
async def test_another_file_in_its_place_is_not_ours(
    opened: Callable[..., Filesystem], inbox: Path, made: Made, monkeypatch: pytest.MonkeyPatch, xattr: bool
) -> None:
    if not xattr:
        without_attributes(monkeypatch)
    source, upload = opened(), made()
    kept = await source.upload(upload)
    path = Path(kept.key.id)
    assert await source.had(upload) == kept
    path.unlink()
    path.write_text("a person's")
    assert await source.had(upload) is None
    again = await source.upload(upload)
    assert again.key.id == f"{inbox}/IMG001 (2).jpg"


async def test_what_a_person_puts_where_ours_failed_is_not_ours(
    opened: Callable[..., Filesystem], inbox: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk failed right before the copy had its name, so a person copied the file by hand."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    source, upload = opened(), made()
    with monkeypatch.context() as broken:
        broken.setattr(os, "link", refuse)
        with pytest.raises(Unreachable):
            await source.upload(upload)
    path = inbox / "IMG001.jpg"
    path.write_bytes(BYTES)
    if not attributes(path):
        pytest.skip("this file system keeps no attributes")
    found = await source.had(upload)
    assert found is None or not found.ours
    assert path.read_bytes() == BYTES


async def test_a_copy_of_our_copy_is_not_ours(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    """`cp --preserve=all` keeps the marker, too."""
    source, upload = opened(sha256=True), made()
    path = Path((await source.upload(upload)).key.id)
    if MARKER not in os.listxattr(path):
        pytest.skip("this file system keeps no attributes")
    theirs = inbox.parent / "mine.jpg"
    theirs.write_bytes(BYTES)
    os.setxattr(theirs, MARKER, upload.marker.encode())
    path.unlink()
    await listed(source)
    found = await source.had(made(marker="vsrx/file/2"))
    assert found is not None
    assert (found.key.id, found.ours) == (str(theirs), False)


def attributes(path: Path) -> bool:
    try:
        os.setxattr(path, "user.test", b"")
    except OSError:
        return False
    return True


def unfinished(folder: Path) -> list[Path]:
    return [*folder.glob(".reconciled-incoming-*")]


async def test_two_daemons_put_the_same_original(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    """What one of them has not finished yet is never given a name by the other, nor taken away."""
    source, upload = opened(), made()
    other = Landing(upload.path, str(inbox), top=str(inbox.parent), marker=upload.marker)
    other.begin(make=True)
    with pytest.raises(Unreachable, match="on its way there already"):
        await source.upload(upload)
    assert len(unfinished(inbox)) == 1
    assert not other.go_on()
    other.settle(upload.sha256)
    found = other.publish("other.jpg")
    other.close()
    assert found is not None
    assert Path(found.path).read_bytes() == BYTES
    kept = await source.upload(upload)
    assert names(inbox) == {"other.jpg", Path(kept.key.id).name}


async def test_what_a_crash_left_goes_when_the_same_file_comes(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    source, upload = opened(), made()
    crashed = Landing(upload.path, str(inbox), top=str(inbox.parent), marker=upload.marker)
    crashed.begin(make=True)
    (left,) = unfinished(inbox)
    left.rename(inbox / "aside")
    crashed.close()
    (inbox / "aside").rename(left)
    await source.upload(upload)
    assert names(inbox) == {"IMG001.jpg"}


async def test_what_crashes_left_long_ago_goes(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    """The same file may never come again. What is young, or in somebody's hands, stays."""
    inbox.mkdir()
    old, young, linked = (inbox / f".reconciled-incoming-{n:024x}" for n in range(3))
    for path in (old, young):
        path.write_text("half")
    os.utime(old, (0, 0))
    linked.symlink_to(young)
    busy = made(b"busy", marker="vsrx/file/9")
    other = Landing(busy.path, str(inbox), top=str(inbox.parent), marker=busy.marker)
    other.begin(make=True)
    (held,) = set(unfinished(inbox)) - {old, young, linked}
    os.utime(held, (0, 0))
    await opened().upload(made())
    assert set(unfinished(inbox)) == {young, linked, held}
    other.close()


def without_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "setxattr", refuse)
    monkeypatch.setattr(os, "getxattr", refuse)


async def test_a_copy_that_a_person_edits_stays_ours(opened: Callable[..., Filesystem], made: Made) -> None:
    """And shows the checksum that it has now, so that nobody writes over the edit unawares."""
    source, upload = opened(), made()
    kept = await source.upload(upload)
    path = Path(kept.key.id)
    if MARKER not in os.listxattr(path):
        pytest.skip("this file system keeps no attributes")
    path.write_bytes(BYTES + b"a note")
    item = await source.lookup(kept.key)
    assert isinstance(item, Item)
    assert hashlib.sha256(BYTES + b"a note").hexdigest() in {ref.value for ref in item.refs}
    found = await source.had(upload)
    assert found is not None
    assert found.ours
    assert found.item == item


@pytest.mark.parametrize("how", ["cut off", "crashed before it was noted"])
async def test_a_copy_says_what_bytes_it_has_when_it_is_found_again(
    opened: Callable[..., Filesystem], made: Made, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Else the bytes that were to be brought are taken for those that it has."""

    async def crash(*_: object) -> None:
        return

    source, upload = opened(), made()
    with monkeypatch.context() as crashing:
        if how != "cut off":
            crashing.setattr(source.checksums, "note", crash)
        path = Path((await source.upload(upload)).key.id)
    if MARKER not in os.listxattr(path):
        pytest.skip("this file system keeps no attributes")
    if how == "cut off":
        os.truncate(path, 1000)
    found = await opened().had(upload)
    assert found is not None
    assert found.item is not None
    (shown,) = (ref.value for ref in found.item.refs if ref.space == "sha256")
    assert shown == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (shown == upload.sha256) == (how != "cut off")


async def test_the_same_bytes_of_a_person_are_found(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    inbox.mkdir()
    (inbox / "mine.jpg").write_bytes(BYTES)
    source, upload = opened(sha256=True), made()
    assert await source.had(upload) is None
    await listed(source)
    found = await source.had(upload)
    assert found is not None
    assert (found.key.id, found.ours) == (f"{inbox}/mine.jpg", False)
    (inbox / "mine.jpg").write_bytes(BYTES[::-1])
    assert await source.had(upload) is None


async def test_checksums_of_before_are_places_too(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    """What an older version noted is not read again."""
    inbox.mkdir()
    path = inbox / "mine.jpg"
    path.write_bytes(BYTES)
    source, upload, seen = opened(sha256=True), made(), path.stat()
    mark = [seen.st_size, seen.st_mtime_ns, seen.st_ino]
    await source.context.store.set(f"sha256 {path}", [*mark, upload.sha256])
    path.chmod(0o600)
    await listed(source)
    found = await source.had(upload)
    assert found is not None
    assert found.key.id == str(path)


async def test_a_name_that_does_not_count(opened: Callable[..., Filesystem], inbox: Path, made: Made) -> None:
    source = opened(folder={"patterns": ["**/*.pdf"]})
    with pytest.raises(Refused, match="widen its patterns"):
        await source.upload(made())
    assert not inbox.exists()


async def test_the_next_name_has_to_count_too(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    inbox.mkdir()
    (inbox / "IMG001.jpg").write_text("a person's")
    with pytest.raises(Refused, match=r"IMG001 \(2\)\.jpg: .*widen its patterns"):
        await opened(folder={"patterns": ["**/IMG???.jpg"]}).upload(made())
    assert names(inbox) == {"IMG001.jpg"}


async def test_without_a_folder_for_copies(disk: Open, films: Path, made: Made) -> None:
    source = disk()
    for call in (source.upload(made()), source.had(made())):
        with pytest.raises(Unsupported, match="set receive:"):
            await call


async def test_a_disk_gives_no_receipts(opened: Callable[..., Filesystem]) -> None:
    with pytest.raises(BadResponse, match="no upload"):
        await opened().outcome(Receipt("7"))


async def test_bytes_that_changed_on_our_disk_are_not_copied(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    upload = made()
    upload.path.write_bytes(b"rotten")
    with pytest.raises(BadResponse, match="changed on our disk"):
        await opened().upload(upload)
    assert names(inbox) == set()


async def test_nothing_is_put_on_soft_ground(
    opened: Callable[..., Filesystem],
    inbox: Path,
    made: Made,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = tmp_path / "mountinfo"
    mounted(monkeypatch, table, f"2 1 8:2 / {inbox.parent} rw - ext4 /dev/sdb1 rw")
    source = opened()
    await source.upload(made())
    mounted(monkeypatch, table)
    for call in (source.upload(made(b"2", marker="2")), source.had(made(b"2", marker="2"))):
        with pytest.raises(Unreachable, match="instead of ext4 /dev/sdb1"):
            await call
    assert names(inbox) == {"IMG001.jpg"}


@pytest.mark.parametrize(("marker", "good"), [(None, False), (".here", True)])
async def test_an_emptied_folder(
    opened: Callable[..., Filesystem], inbox: Path, made: Made, marker: str | None, good: bool
) -> None:
    """Without a marker an empty folder is only taken for one before anything was put there."""
    source = opened(folder={"marker": marker}, receive=str(inbox.parent))
    if marker is not None:
        (inbox.parent / marker).touch()
    kept = await source.upload(made())
    Path(kept.key.id).unlink()
    if good:
        assert (await source.upload(made())).key == kept.key
    else:
        with pytest.raises(Unreachable, match="the folder is empty"):
            await source.upload(made())


async def test_a_marker_that_is_missing(opened: Callable[..., Filesystem], inbox: Path, made: Made) -> None:
    (inbox.parent / "something").touch()
    with pytest.raises(Unreachable, match="marker"):
        await opened(folder={"marker": ".here"}).upload(made())
    assert not inbox.exists()


async def test_a_link_in_the_way_leads_nowhere(
    opened: Callable[..., Filesystem], inbox: Path, made: Made, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    inbox.symlink_to(tmp_path / "elsewhere")
    (inbox.parent / "other").touch()
    with pytest.raises(Refused, match="a link or a file"):
        await opened().upload(made())
    assert names(tmp_path / "elsewhere") == set()


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, Unreachable, "make room"),
        (errno.EROFS, Refused, "may the daemon's user write"),
        (errno.EACCES, Refused, "may the daemon's user write"),
        (errno.EIO, Unreachable, "cannot be written"),
    ],
)
async def test_a_disk_that_will_not(
    opened: Callable[..., Filesystem],
    inbox: Path,
    made: Made,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[SourceError],
    words: str,
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    source = opened()
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refuse)
        with pytest.raises(kind, match=words):
            await source.upload(made())
    assert names(inbox) == set()
    await source.upload(made())


async def test_a_disk_without_links(
    opened: Callable[..., Filesystem], inbox: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    inbox.mkdir()
    (inbox / "IMG001.jpg").write_text("a person's")
    source = opened(trash=str(inbox.parent / "trash"))
    monkeypatch.setattr(os, "link", refuse)
    kept = await source.upload(made())
    assert kept.key.id == f"{inbox}/IMG001 (2).jpg"
    assert names(inbox) == {"IMG001.jpg", "IMG001 (2).jpg"}
    with pytest.raises(Unsupported, match="no hard links"):
        await source.revise(kept.key, made(b"newer"))
    assert Path(kept.key.id).read_bytes() == BYTES


async def test_newer_bytes(opened: Callable[..., Filesystem], inbox: Path, made: Made) -> None:
    source = opened(trash=str(inbox.parent / "trash"))
    kept = await source.upload(made())
    path = Path(kept.key.id)
    path.chmod(0o640)
    newer = made(b"newer")
    again = await source.revise(kept.key, newer)
    assert (again.key, again.ours) == (kept.key, True)
    assert path.read_bytes() == b"newer"
    assert path.stat().st_mode & 0o777 == 0o640
    assert names(inbox) == {"IMG001.jpg"}
    (old,) = [one for one in (inbox.parent / "trash").rglob("*") if one.is_file()]
    assert old.read_bytes() == BYTES
    assert str(old).endswith(str(path))
    assert await source.had(newer) == again
    item = await source.lookup(kept.key)
    assert isinstance(item, Item)
    assert newer.sha256 in {ref.value for ref in item.refs}


async def test_newer_bytes_of_several_originals_at_once(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    """Files of a person's in one folder, which carry no marker: each is renewed, and none becomes ours."""
    inbox.mkdir()
    source = opened(trash=str(inbox.parent / "trash"))
    uploads = {f"{n}.jpg": made(f"newer {n}".encode(), marker=f"other/file/{n}") for n in range(8)}
    for name in uploads:
        (inbox / name).write_text("older")
    kept = await asyncio.gather(
        *(source.revise(Key("file", f"{inbox}/{name}"), upload) for name, upload in uploads.items())
    )
    assert not any(one.ours for one in kept)
    assert {name: (inbox / name).read_bytes() for name in uploads} == {
        name: upload.path.read_bytes() for name, upload in uploads.items()
    }
    assert names(inbox) == set(uploads)


async def test_newer_bytes_make_a_persons_file_no_copy_of_ours(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    """What comes back to an original leaves it one: nobody may delete it as a copy."""
    inbox.mkdir()
    path = inbox / "mine.jpg"
    path.write_bytes(BYTES)
    source = opened(trash=str(inbox.parent / "trash"))
    upload = made(b"newer", marker="folder/file/mine")
    kept = await source.revise(Key("file", str(path)), upload)
    assert (path.read_bytes(), kept.ours) == (b"newer", False)
    assert MARKER not in os.listxattr(path)
    other = made(b"newer", marker="vsrx/file/7")
    found = await source.had(other)
    assert found is not None
    assert (found.key, found.ours) == (kept.key, False)


async def test_newer_bytes_of_another_leave_a_copy_whose_it_is(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    source, first = opened(trash=str(inbox.parent / "trash")), made(marker="vsrx/file/1")
    kept = await source.upload(first)
    if MARKER not in os.listxattr(kept.key.id):
        pytest.skip("this file system keeps no attributes")
    again = await source.revise(kept.key, made(b"newer", marker="folder/file/copy"))
    assert again.ours
    assert os.getxattr(kept.key.id, MARKER) == b"vsrx/file/1"


@pytest.mark.parametrize("at_once", [False, True], ids=["in its place", "a new file"])
async def test_what_somebody_writes_while_newer_bytes_come_is_not_written_over(
    opened: Callable[..., Filesystem], inbox: Path, made: Made, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    """A large file takes its time on a slow disk; editors put a whole new file there, others write in it."""
    source = opened(trash=str(inbox.parent / "trash"))
    kept = await source.upload(made())
    path, settle = Path(kept.key.id), Landing.settle

    def meanwhile(self: Landing, *said: Any, **more: Any) -> None:
        settle(self, *said, **more)
        mine = path.with_name("new") if at_once else path
        mine.write_bytes(b"a person's")
        mine.replace(path)

    with monkeypatch.context() as patch:
        patch.setattr(Landing, "settle", meanwhile)
        with pytest.raises(BadResponse, match="it changed just now, and is left as it is"):
            await source.revise(kept.key, made(b"newer"))
    assert path.read_bytes() == b"a person's"
    assert names(inbox) == {"IMG001.jpg"}
    assert not [one for one in (inbox.parent / "trash").rglob("*") if one.is_file()]
    await source.revise(kept.key, made(b"newer"))
    assert path.read_bytes() == b"newer"


async def test_newer_bytes_without_a_trash(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    source = opened()
    kept = await source.upload(made())
    with pytest.raises(Unsupported, match="set trash:"):
        await source.revise(kept.key, made(b"newer"))
    assert Path(kept.key.id).read_bytes() == BYTES


async def test_newer_bytes_of_what_is_gone(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    source = opened(trash=str(inbox.parent / "trash"))
    await source.upload(made())
    with pytest.raises(Refused, match="no such file any more"):
        await source.revise(Key("file", f"{inbox}/gone.jpg"), made(b"newer"))
    with pytest.raises(Refused, match="not among the files"):
        await source.revise(Key("file", "/etc/passwd"), made(b"newer"))


async def test_a_copy_is_deleted_like_any_file(
    opened: Callable[..., Filesystem], inbox: Path, made: Made
) -> None:
    (inbox.parent / "other").touch()
    source = opened()
    kept = await source.upload(made())
    await source.delete(kept.key, DELETE)
    assert names(inbox) == set()
    assert await source.had(made()) is None


@pytest.mark.parametrize(
    ("receive", "more", "words"),
    [
        ("/elsewhere", {}, "at or below one of the folders"),
        ("/data/trash/in", {"trash": "/data/trash"}, "excluded|lies in the trash"),
        ("/data/trash", {}, "is excluded"),
        ("inbox", {}, "an absolute path"),
        ("/data/../etc", {}, "an absolute path"),
    ],
)
def test_where_no_copies_go(receive: str, more: dict[str, Any], words: str) -> None:
    folders = [{"path": "/data", "exclude": ["trash"]}]
    with pytest.raises(ValidationError, match=words):
        FilesystemConfig.model_validate({"folders": folders, "receive": receive, **more})


async def test_what_doctor_says(opened: Callable[..., Filesystem], inbox: Path) -> None:
    (inbox.parent / "other").touch()
    said = {matter.said: matter for matter in await opened().examine(None)}
    (advice,) = [one for text, one in said.items() if "takes copies in and has no marker" in text]
    assert advice.weight is Weight.ADVICE
    (inbox.parent / ".here").touch()
    good = [m.said for m in await opened(folder={"marker": ".here"}).examine(None) if m.weight is Weight.GOOD]
    assert f"copies are put into {inbox}" in good
    wrong = await opened(receive=str(inbox / "deep" / "down")).examine(None)
    assert any(m.weight is Weight.WRONG and "cannot be put" in m.said for m in wrong)
