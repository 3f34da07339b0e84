"""An archive in a folder, and what a disk does: full, read-only, gone, hanging, cut off in the middle."""

import asyncio
import errno
import hashlib
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.plugins.archive.stands import File, Open

from reconciled.errors import BadResponse, Refused, SourceError, Unreachable
from reconciled.model import Absent, Item, Key
from reconciled.source import Deletion, Kept, Weight, Works
from reconciled.testing.clock import ManualClock
from reconciled.testing.contract import Notes
from reconciled_archive import Archive, ground, writing
from reconciled_archive.items import MARKER, name_of

FILES = Deletion(files=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "disk" / "archive"


@pytest.fixture
async def archive(folder: Path, open_archive: Open) -> Archive:
    source = open_archive(url=f"file://{folder}")
    await source.probe()
    return source


def run(*command: str | Path, folder: Path | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_nobody_else_may_look_into_it(archive: Archive, folder: Path, file: File) -> None:
    kept = await archive.upload(file(b"a scan"))
    assert kept.item is not None
    assert kept.item.path == f"{folder}/{name_of(kept.key.id)}"
    modes = {oct(path.stat().st_mode & 0o777) for path in [folder, *folder.rglob("*")]}
    assert modes == {"0o700", "0o600"}
    assert [matter.weight for matter in await archive.examine(None)] == [Weight.GOOD]
    assert below(folder) == [f"blobs/{kept.key.id[:2]}/{kept.key.id}", MARKER]


async def test_what_it_says_of_its_root(archive: Archive, folder: Path) -> None:
    about = await archive.probe()
    (root,) = about.roots
    assert (root.path, root.accessible) == (str(folder), True)
    assert root.device is not None
    assert root.size == os.statvfs(folder).f_blocks * os.statvfs(folder).f_frsize
    assert about.instance is not None
    assert len(about.instance) == 32


async def test_a_person_can_check_it_by_hand(archive: Archive, folder: Path, file: File) -> None:
    key = (await archive.upload(file(b"by hand"))).key
    assert run("sha256sum", key.id, folder=(folder / name_of(key.id)).parent).split() == [key.id, key.id]


async def test_an_archive_that_was_there_before_is_taken_over(
    archive: Archive, folder: Path, open_archive: Open, file: File
) -> None:
    key = (await archive.upload(file(b"before"))).key
    later = open_archive(url=f"file://{folder}", notes=Notes())  # a ledger that knows nothing
    assert (await later.probe()).instance == (await archive.probe()).instance
    assert isinstance(await later.lookup(key), Item)


async def _gone(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


async def _unmounted(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.mkdir()


async def _disk_gone(folder: Path) -> None:
    folder.parent.rename(folder.parent.with_name("elsewhere"))


@pytest.mark.parametrize("breaks", [_gone, _unmounted, _disk_gone])
async def test_an_archive_that_is_not_mounted_is_trouble_and_never_made_anew(
    archive: Archive, folder: Path, file: File, breaks: Callable[[Path], Any]
) -> None:
    upload = file(b"kept")
    key = (await archive.upload(upload)).key
    await breaks(folder)
    for asked in (archive.probe(), archive.lookup(key), archive.upload(upload), archive.delete(key, FILES)):
        with pytest.raises(SourceError, match="mounted"):
            await asked
    assert not folder.exists() or below(folder) == []


async def test_another_archive_in_its_place(archive: Archive, folder: Path, open_archive: Open) -> None:
    await archive.lookup(Key("blob", "0" * 64))
    await _gone(folder)
    await open_archive(url=f"file://{folder}").probe()
    with pytest.raises(BadResponse, match=r"this is another archive \(\w{8}…\).*reconciled forget archive"):
        await archive.probe()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"", "no marker of ours"),
        (b"<html></html>", "no marker of ours"),
        (b'{"reconciled":"archive","layout":2,"instance":"a","made":""}', "update reconciled"),
        (b'{"reconciled":"other","layout":1,"instance":"a","made":""}', "no marker of ours"),
    ],
)
async def test_a_marker_that_is_none(archive: Archive, folder: Path, written: bytes, said: str) -> None:
    (folder / MARKER).write_bytes(written)
    with pytest.raises(BadResponse, match=said):
        await archive.probe()


async def test_a_link_is_no_blob(archive: Archive, folder: Path, file: File, tmp_path: Path) -> None:
    upload = file(b"linked")
    key = (await archive.upload(upload)).key
    blob = folder / name_of(key.id)
    blob.unlink()
    blob.symlink_to(upload.path)
    for asked in (archive.lookup(key), archive.delete(key, FILES), archive.read_back(key)):
        with pytest.raises(BadResponse, match="no plain file"):
            await asked
    assert upload.path.exists()
    pages = [page async for page in archive.snapshot(frozenset({"blob"}))]
    assert not any(page.items for page in pages)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, Unreachable),
        (errno.EDQUOT, Unreachable),
        (errno.EIO, Unreachable),
        (errno.EROFS, Refused),
        (errno.EACCES, Refused),
    ],
)
@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
async def test_a_disk_that_fails_keeps_nothing_half(
    archive: Archive,
    folder: Path,
    file: File,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[SourceError],
    call: str,
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    upload = file(b"x" * 100)
    with monkeypatch.context() as patch:
        if call == "replace":
            patch.setattr(Path, "replace", fails)
        else:
            patch.setattr(os, call, fails)
        with pytest.raises(kind, match=str(folder)):
            await archive.upload(upload)
    assert isinstance(await archive.lookup(Key("blob", upload.sha256)), Absent)
    assert [name for name in below(folder) if name != MARKER] == []
    assert isinstance(await archive.upload(upload), Kept)


async def test_a_crash_in_the_middle_leaves_no_half_blob(
    archive: Archive, folder: Path, file: File, tmp_path: Path, open_archive: Open
) -> None:
    """Killed while it writes, and begun again a day later."""
    upload = file(b"x" * 2**20)
    half = writing.Writing(folder, name_of(upload.sha256), upload.path, upload.sha256)
    half.begin()
    half.go_on()
    (left,) = (folder / "incoming").iterdir()
    assert isinstance(await archive.lookup(Key("blob", upload.sha256)), Absent)
    assert await archive.sweep() == 0
    os.utime(left, (0, 0))
    assert await archive.sweep() == 1
    assert not left.exists()
    half.undo()


async def test_what_others_have_in_a_folder_of_that_name_stays(
    archive: Archive, folder: Path, tmp_path: Path
) -> None:
    """An archive may lie in a folder that was somebody's before."""
    ours = f"{1:064x}.{1:016x}"
    theirs = [folder / "incoming" / name for name in ("letter.pdf", f"scans/{ours}", f"{1:064x}.part", "x.y")]
    for path in theirs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("somebody's")
        os.utime(path, (0, 0))
    left = [folder / "incoming" / ours, folder / f"{MARKER}.{1:016x}"]
    for path in left:
        path.touch()
        os.utime(path, (0, 0))
    (folder / "incoming" / f"{2:064x}.{2:016x}").symlink_to(theirs[0])
    assert await archive.sweep() == 2
    assert all(path.read_text() == "somebody's" for path in theirs)
    assert not any(path.exists() for path in left)


async def test_nothing_is_swept_behind_a_link(archive: Archive, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "another archive's"
    elsewhere.mkdir()
    theirs = elsewhere / f"{1:064x}.{1:016x}"
    theirs.touch()
    os.utime(theirs, (0, 0))
    (folder / "incoming").symlink_to(elsewhere)
    with pytest.raises(BadResponse, match="a link"):
        await archive.sweep()
    assert theirs.exists()


@pytest.mark.parametrize("linked", ["blobs", "blobs/{}"])
@pytest.mark.parametrize("there", [True, False], ids=["to another archive", "to nowhere"])
async def test_what_lies_behind_a_link_is_none_of_ours(
    archive: Archive, folder: Path, file: File, tmp_path: Path, linked: str, there: bool
) -> None:
    """Somebody moved the blobs to a larger disk, which may be mounted or not."""
    upload = file(b"moved")
    key = (await archive.upload(upload)).key
    inside, elsewhere = folder / linked.format(key.id[:2]), tmp_path / "larger"
    inside.rename(elsewhere)
    inside.symlink_to(elsewhere if there else tmp_path / "not mounted")
    before = below(elsewhere)
    for asked in (archive.lookup(key), archive.had(upload), archive.upload(upload), archive.read_back(key)):
        with pytest.raises(BadResponse, match="a link stands where a folder of the archive should"):
            await asked
    with pytest.raises(BadResponse, match="a link"):
        await archive.delete(key, FILES)
    assert below(elsewhere) == before
    assert [name for name in below(folder) if "incoming" in name] == []


async def test_a_file_where_a_folder_should_be_denies_nothing(
    archive: Archive, folder: Path, file: File
) -> None:
    (folder / "blobs").write_text("?")
    with pytest.raises(BadResponse, match="no folder"):
        await archive.lookup(Key("blob", "0" * 64))
    with pytest.raises(BadResponse, match="no folder"):
        await archive.upload(file(b"any"))


async def test_a_disk_that_leaves_while_a_file_is_stored(
    archive: Archive, folder: Path, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written into the empty mount point is not called stored."""
    await archive.probe()
    real = writing.Writing.begin

    def begin(self: writing.Writing) -> None:
        folder.rename(folder.with_name("elsewhere"))
        folder.mkdir()
        real(self)

    monkeypatch.setattr(writing.Writing, "begin", begin)
    with pytest.raises(SourceError, match="mounted"):
        await archive.upload(file(b"lost"))


async def test_what_was_left_is_removed_at_the_start_and_daily(folder: Path, open_archive: Open) -> None:
    clock = ManualClock()
    source = open_archive(url=f"file://{folder}", clock=clock)
    assert isinstance(source, Works)
    await source.probe()
    (folder / "incoming").mkdir()
    working = asyncio.create_task(source.work())
    for day in range(3):
        left = folder / "incoming" / f"{day:064x}.{day:016x}"
        left.touch()
        os.utime(left, (0, 0))
        while left.exists():
            clock.advance(3600.0)
            await asyncio.sleep(0.001)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_a_disk_that_hangs_is_trouble(
    folder: Path, open_archive: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, release = open_archive(url=f"file://{folder}", timeout="50ms"), threading.Event()
    await source.probe()
    monkeypatch.setattr(ground, "stat_of", lambda *_: release.wait(5))
    with pytest.raises(Unreachable, match="no answer"):
        await source.lookup(Key("blob", "0" * 64))
    release.set()


async def test_a_cancelled_upload_leaves_nothing(
    archive: Archive, folder: Path, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, begun, go = file(b"x" * 100), threading.Event(), threading.Event()

    def slowly(self: writing.Writing) -> bool:
        begun.set()
        go.wait(5)
        return False

    monkeypatch.setattr(writing.Writing, "go_on", slowly)
    uploading = asyncio.create_task(archive.upload(upload))
    while not begun.is_set():
        await asyncio.sleep(0.001)
    uploading.cancel()
    go.set()
    await asyncio.gather(uploading, return_exceptions=True)
    while any((folder / "incoming").iterdir()):
        await asyncio.sleep(0.001)
    assert below(folder) == [MARKER]


async def test_what_an_examination_finds(archive: Archive, folder: Path) -> None:
    folder.chmod(0o755)
    (folder / MARKER).unlink()
    said = {matter.said: matter.remedy for matter in await archive.examine(None)}
    assert said[f"{folder}: other users of this box may look into it"] == f"chmod 700 {folder}"
    assert any("is not there; a new archive is given one" in one for one in said)


# --- disks that are what they say ------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    point = tmp_path / "small"
    point.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", point], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    yield point
    run("umount", "-l", point)


@pytest.mark.full
async def test_a_disk_that_is_full(small_disk: Path, open_archive: Open, file: File) -> None:
    archive = open_archive(url=f"file://{small_disk}/archive")
    await archive.probe()
    first, second = file(os.urandom(5 * 2**20)), file(os.urandom(5 * 2**20))
    key = (await archive.upload(first)).key
    with pytest.raises(Unreachable, match=r"the disk is full \(\d MiB are left of the 6 MiB"):
        await archive.upload(second)
    weights = {matter.weight for matter in await archive.examine(None)}
    assert weights == {Weight.ADVICE}
    await archive.delete(key, FILES)
    assert isinstance(await archive.upload(second), Kept)


@pytest.mark.full
async def test_a_disk_that_fills_meanwhile(
    small_disk: Path, open_archive: Open, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = open_archive(url=f"file://{small_disk}/archive")
    await archive.probe()
    upload = file(os.urandom(6 * 2**20))
    real = writing.Writing.begin

    def begin(self: writing.Writing) -> None:
        real(self)
        (small_disk / "others").write_bytes(bytes(4 * 2**20))

    with monkeypatch.context() as patch:
        patch.setattr(writing.Writing, "begin", begin)
        with pytest.raises(Unreachable, match="the disk is full"):
            await archive.upload(upload)
    (small_disk / "others").unlink()
    assert isinstance(await archive.upload(upload), Kept)
    assert await archive.read_back(Key("blob", upload.sha256)) is None


@pytest.mark.full
async def test_a_disk_that_became_read_only(small_disk: Path, open_archive: Open, file: File) -> None:
    archive = open_archive(url=f"file://{small_disk}/archive")
    await archive.probe()
    key = (await archive.upload(file(b"before"))).key
    run("mount", "-o", "remount,ro", small_disk)
    with pytest.raises(Refused, match="is it mounted read-only"):
        await archive.upload(file(b"after"))
    with pytest.raises(Refused, match="is it mounted read-only"):
        await archive.delete(key, FILES)
    assert await archive.read_back(key) is None
    assert any("may not write there" in matter.said for matter in await archive.examine(None))


@pytest.mark.full
async def test_a_disk_that_was_unmounted(small_disk: Path, open_archive: Open, file: File) -> None:
    archive = open_archive(url=f"file://{small_disk}/archive")
    await archive.probe()
    key = (await archive.upload(file(b"on the disk"))).key
    run("umount", "-l", small_disk)
    for asked in (archive.lookup(key), archive.upload(file(b"on the disk")), archive.probe()):
        with pytest.raises(SourceError, match="mounted"):
            await asked
    assert list(small_disk.iterdir()) == []
    run("mount", "-t", "tmpfs", "none", small_disk)  # for the end of the fixture


def test_the_sha256_of_nothing() -> None:
    assert name_of(hashlib.sha256(b"").hexdigest()).startswith("blobs/e3/e3b0c442")
