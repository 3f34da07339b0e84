"""What counts, what is trouble, and how paths are spelled."""

import hashlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.plugins.filesystem.folders import DELETE, Open, listed, mounted
from watchfiles import Change

from reconciled.errors import Refused, SourceError, Unreachable
from reconciled.model import Absent, Item, Key, Ref
from reconciled.source import Weight
from reconciled_filesystem import source as source_module
from reconciled_filesystem.config import FilesystemConfig
from reconciled_filesystem.ground import ground_of
from reconciled_filesystem.mounts import Mount, mount_of, read_mounts
from reconciled_filesystem.patterns import chosen
from reconciled_filesystem.spelling import read, spell


@pytest.mark.parametrize(
    ("patterns", "exclude", "path", "counts"),
    [
        (["**/*"], [], "a.mkv", True),
        (["**/*.mkv"], [], "a.mkv", True),
        (["**/*.mkv"], [], "x/y/a.mkv", True),
        (["**/*.mkv"], [], "x/a.mkv.part", False),
        (["*.mkv"], [], "x/a.mkv", False),
        (["x/**"], [], "x/y/a", True),
        (["x/**"], [], "xy/a", False),
        (["**/?.mkv"], [], "x/ab.mkv", False),
        (["**/[1].mkv"], [], "x/[1].mkv", True),
        (["**/*"], ["**/.*"], "x/.trash/a.mkv", False),
        (["**/*"], ["cache"], "cache/a", False),
        (["**/*"], ["cache"], "x/cache/a", True),
        (["**/*"], ["**/*.part"], "a\nb.part", False),
    ],
)
def test_what_counts(patterns: list[str], exclude: list[str], path: str, counts: bool) -> None:
    assert chosen(patterns, exclude)(path) is counts


@pytest.mark.parametrize(
    "raw", [b"/films/\xff\xfe.mkv", b"/films/plain.mkv", b"/films/100%.mkv", "/films/é".encode()]
)
def test_every_name_can_be_spelled_and_read_back(raw: bytes) -> None:
    text = spell(os.fsdecode(raw))
    text.encode()  # whatever it was, it is a text now
    assert os.fsencode(read(text)) == raw


@pytest.mark.parametrize(
    "text", ["", "films/a", "/films/../etc/passwd", "/films//a", "/a\0b", "bytes:films%2Fa"]
)
def test_what_is_no_path_is_not_asked_of_the_disk(text: str) -> None:
    with pytest.raises(ValueError, match="no path"):
        read(text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"folders": []}, "at least 1"),
        ({"folders": [{"path": "films"}]}, "absolute path"),
        ({"folders": [{"path": "/"}]}, "whole disk"),
        ({"folders": [{"path": "/a"}, {"path": "/a/b"}]}, "/a/b is followed twice"),
        ({"folders": [{"path": "/a"}, {"path": "/a/"}]}, "/a is followed twice"),
        ({"folders": [{"path": "/a", "marker": "x/y"}]}, "bare name"),
        ({"folders": [{"path": "/a", "patterns": ["/x"]}]}, "relative to its folder"),
        ({"folders": [{"path": "/a", "exclude": ["cache/"]}]}, r"cache/\*\*"),
        ({"folders": [{"path": "/a/b"}], "trash": "/a"}, "holds the folder /a/b"),
    ],
)
def test_what_a_config_may_not_say(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        FilesystemConfig.model_validate(wrong)


async def test_what_is_listed(disk: Open, films: Path) -> None:
    (films / "link.mkv").symlink_to(films / "Alien" / "alien.mkv")
    source = disk(map={str(films): "/media/films", str(films / "Heat"): "/heat"})
    items = await listed(source)
    assert set(items) == {f"{films}/Alien/alien.mkv", f"{films}/Heat/heat.mkv"}
    alien, heat = items[f"{films}/Alien/alien.mkv"], items[f"{films}/Heat/heat.mkv"]
    assert alien.refs == {
        Ref("path", f"{films}/Alien/alien.mkv"),
        Ref("path", "/media/films/Alien/alien.mkv"),
    }
    assert heat.refs == {Ref("path", f"{films}/Heat/heat.mkv"), Ref("path", "/heat/heat.mkv")}
    assert (alien.title, alien.has_file, alien.root) == ("alien.mkv", True, str(films))
    assert not alien.strong_refs


async def test_a_name_that_is_no_text(disk: Open, films: Path) -> None:
    odd = os.fsdecode(os.fsencode(films) + b"/\xff.mkv")
    Path(odd).write_text("x")
    source = disk()
    key = next(Key("file", one) for one in await listed(source) if one.startswith("bytes:"))
    assert isinstance(await source.lookup(key), Item)
    Path(odd).unlink()
    assert isinstance(await source.lookup(key), Absent)


async def test_a_checksum_is_read_once(disk: Open, films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = disk(sha256=True)
    first = await listed(source)
    assert all(any(ref.space == "sha256" for ref in item.refs) for item in first.values())
    monkeypatch.setattr(
        "reconciled_filesystem.checksums._Digest", lambda path: pytest.fail(f"read {path} again")
    )
    assert await listed(disk(sha256=True)) == first
    monkeypatch.undo()
    (films / "Heat" / "heat.mkv").write_text("another cut")
    changed = (await listed(source))[f"{films}/Heat/heat.mkv"]
    assert Ref("sha256", hashlib.sha256(b"another cut").hexdigest()) in changed.refs


async def test_what_is_over_the_budget_has_no_checksum_yet(
    disk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "A_SCAN", 20)
    items = await listed(disk(sha256=True))
    assert sum(any(ref.space == "sha256" for ref in item.refs) for item in items.values()) == 1


def _cannot(error: int) -> Callable[..., Any]:
    def scandir(path: str) -> Any:
        raise OSError(error, os.strerror(error), path)

    return scandir


@pytest.mark.parametrize("number", [5, 13, 24, 40, 116])  # EIO, EACCES, EMFILE, ELOOP, ESTALE
async def test_a_folder_that_cannot_be_read_fails_the_walk(
    disk: Open, films: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    source, real = disk(), os.scandir
    await source.probe()
    broken = str(films / "Heat")
    monkeypatch.setattr(os, "scandir", lambda path: _cannot(number)(path) if path == broken else real(path))
    with pytest.raises(Unreachable, match="Heat"):
        await listed(source)


@pytest.mark.parametrize("number", [5, 13, 40, 116])
async def test_an_error_of_the_disk_is_no_absence(
    disk: Open, films: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    source, real, key = disk(), os.lstat, Key("file", f"{films}/Heat/heat.mkv")
    await source.probe()

    def lstat(path: Any) -> os.stat_result:
        if path == key.id:
            raise OSError(number, os.strerror(number), path)
        return real(path)

    monkeypatch.setattr(os, "lstat", lstat)
    with pytest.raises(Unreachable, match=r"heat\.mkv"):
        await source.lookup(key)


async def test_a_disk_that_hangs_is_trouble(disk: Open, films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    source, release = disk(timeout="50ms"), threading.Event()
    monkeypatch.setattr(source_module, "survey", lambda *_: release.wait(5))
    with pytest.raises(Unreachable, match="no answer"):
        await source.probe()
    release.set()


async def _emptied(films: Path) -> None:
    films.rename(films.with_name("away"))
    films.mkdir()


async def _gone(films: Path) -> None:
    films.rename(films.with_name("away"))


@pytest.mark.parametrize("breaks", [_emptied, _gone])
async def test_a_folder_that_left_has_lost_nothing(
    disk: Open, films: Path, breaks: Callable[[Path], Awaitable[None]]
) -> None:
    source, key = disk(), Key("file", f"{films}/Heat/heat.mkv")
    await source.probe()
    await breaks(films)
    with pytest.raises(SourceError):
        await listed(source)
    with pytest.raises(Unreachable):
        await source.lookup(key)
    (root,) = (await source.probe()).roots
    assert not root.usable


async def test_a_mount_that_vanished_though_something_lies_below_it(
    disk: Open, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mountinfo"
    mounted(monkeypatch, table, f"2 1 8:2 / {films} rw - nfs4 nas:/films rw")
    source, lost = disk(), Key("file", f"{films}/Heat/gone.mkv")
    (root,) = (await source.probe()).roots
    assert root.device == f"nfs4 nas:/films / on {films}"
    assert isinstance(await source.lookup(lost), Absent)
    mounted(monkeypatch, table)
    with pytest.raises(Unreachable, match=r"lies on ext4 /dev/sda1 / on / instead of nfs4 nas:/films"):
        await source.lookup(lost)
    with pytest.raises(Unreachable, match="instead of"):
        await listed(source)


async def test_a_second_disk_below_the_folder_is_a_root_of_its_own(
    disk: Open, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mountinfo"
    mounted(monkeypatch, table, f"2 1 8:2 / {films}/Heat rw - ext4 /dev/sdb1 rw")
    source = disk()
    roots = {root.path: root for root in (await source.probe()).roots}
    assert set(roots) == {str(films), f"{films}/Heat"}
    items = await listed(source)
    assert items[f"{films}/Heat/heat.mkv"].root == f"{films}/Heat"
    assert items[f"{films}/Alien/alien.mkv"].root == str(films)
    mounted(monkeypatch, table)
    with pytest.raises(Unreachable, match="not mounted any more"):
        await source.lookup(Key("file", f"{films}/Heat/gone.mkv"))
    assert isinstance(await source.lookup(Key("file", f"{films}/Alien/gone.mkv")), Absent)
    later = {
        root.path: root for root in (await disk().probe()).roots
    }  # a daemon that was restarted meanwhile
    assert later[f"{films}/Heat"].accessible is False


def test_the_deepest_mount_and_the_last_one_counts(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "2 1 8:2 / /my\\040films rw master:1 - ext4 /dev/sdb1 rw\n"
        "3 1 8:3 /part /my\\040films rw - btrfs /dev/sdc1 rw\nnonsense\n"
    )
    found = read_mounts(table)
    assert mount_of("/my films/a", found) == Mount("/my films", "btrfs /dev/sdc1 /part")
    assert mount_of("/my films2/a", found) == Mount("/", "ext4 /dev/sda1 /")
    assert read_mounts(tmp_path / "none") == ()
    assert ground_of("/x", ()) is None


async def test_deleting_and_the_trash(disk: Open, films: Path, tmp_path: Path) -> None:
    trash = tmp_path / "trash"
    source, heat = disk(trash=str(trash)), films / "Heat" / "heat.mkv"
    await source.delete(Key("file", str(heat)), DELETE)
    assert not heat.exists()
    (kept,) = [path for path in trash.rglob("*") if path.is_file()]
    assert kept.read_text() == "Heat/heat.mkv"
    assert str(kept).endswith(str(heat))
    await source.delete(Key("file", str(heat)), DELETE)  # already gone
    await disk().delete(Key("file", f"{films}/Alien/alien.mkv"), DELETE)
    assert [path.name for path in trash.rglob("*.mkv")] == ["heat.mkv"]


@pytest.mark.parametrize("path", ["/etc/passwd", "{films}/Heat/heat.srt", "{films}/.hidden/secret.mkv"])
async def test_what_does_not_count_is_never_deleted(disk: Open, films: Path, path: str) -> None:
    path = path.format(films=films)
    with pytest.raises(Refused, match="nothing was deleted"):
        await disk().delete(Key("file", path), DELETE)
    assert Path(path).exists()


def test_what_a_batch_of_changes_means(disk: Open, films: Path) -> None:
    watcher = disk().watcher
    watcher.listed = {str(films), f"{films}/Heat"}
    heat = f"{films}/Heat/heat.mkv"

    def said(*changes: tuple[Change, str]) -> list[tuple[str, str | None]]:
        return [(str(event.op), event.key.id if event.key else None) for event in watcher.read(set(changes))]

    assert said((Change.deleted, heat)) == [("deleted", heat)]
    assert said((Change.modified, heat)) == [("changed", heat)]
    assert said((Change.deleted, f"{films}/Heat/heat.srt"), (Change.added, "/elsewhere/x.mkv")) == []
    assert said((Change.deleted, f"{films}/Heat")) == [("scan", None)]
    assert said((Change.added, f"{films}/new.mkv")) == [("changed", f"{films}/new.mkv")]
    assert said((Change.deleted, f"{films}/new.mkv")) == [("changed", f"{films}/new.mkv")]
    assert said(*((Change.deleted, f"{films}/{number}.mkv") for number in range(5001))) == [("scan", None)]


async def test_what_an_examination_finds(disk: Open, films: Path, tmp_path: Path) -> None:
    folders = [{"path": str(films), "marker": ".here"}]
    source = disk(folders=folders, map={"/nowhere": "/x"}, trash=str(tmp_path / "a" / "b" / "trash"))
    wrong = {
        matter.said: matter.remedy for matter in await source.examine(None) if matter.weight is Weight.WRONG
    }
    assert (
        wrong[f"{films}: its marker .here is not there"]
        == f"if it is mounted, make it once: touch {films}/.here"
    )
    assert "map names /nowhere, which no folder lies below" in wrong
    assert any("trash" in said for said in wrong)
    (films / ".here").touch()
    good = await disk(folders=folders).examine(None)
    assert [matter.weight for matter in good if str(films) in matter.said] == [Weight.GOOD]
