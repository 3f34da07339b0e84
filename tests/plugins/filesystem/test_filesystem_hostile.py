"""Folders that change under the source: links, mounts over mounts, odd names and times, a slow watch."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import watchfiles
from pydantic import ValidationError
from tests.plugins.filesystem.folders import DELETE, Open, listed, mounted

from reconciled.errors import Refused, SourceError, Unreachable, Unsupported
from reconciled.model import Absent, Item, Key
from reconciled.source import Connected, Weight
from reconciled_filesystem import Filesystem
from reconciled_filesystem.config import FilesystemConfig
from reconciled_filesystem.items import item_of
from reconciled_filesystem.mounts import Mount, below, mount_of, read_mounts
from reconciled_filesystem.walking import Found, look


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


async def test_a_file_that_became_a_link_is_not_gone(disk: Open, films: Path, elsewhere: Path) -> None:
    source, heat = disk(), films / "Heat" / "heat.mkv"
    key = Key("file", str(heat))
    await listed(source)
    heat.rename(elsewhere / "heat.mkv")
    heat.symlink_to(elsewhere / "heat.mkv")
    with pytest.raises(SourceError, match="a link stands there"):
        await source.lookup(key)
    alien = Key("file", f"{films}/Alien/alien.mkv")
    assert set(await source.lookup_many([key, alien])) == {alien}
    (elsewhere / "heat.mkv").unlink()
    with pytest.raises(SourceError, match="a link stands there"):
        await source.lookup(key)
    with pytest.raises(Refused, match="nothing was deleted"):
        await source.delete(key, DELETE)
    assert heat.is_symlink()


@pytest.mark.parametrize("trash", [True, False])
@pytest.mark.parametrize("moved", ["Heat", "Heat/heat.mkv"])
async def test_what_became_a_link_in_this_very_moment_is_not_deleted(
    disk: Open, films: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, moved: str, trash: bool
) -> None:
    """Somebody moves it to another disk, and leaves a link, right after we looked."""
    source = disk(trash=str(elsewhere / "trash")) if trash else disk()
    key, there = Key("file", f"{films}/Heat/heat.mkv"), elsewhere / "moved"

    def looked(path: str, *, top: str) -> Found | None:
        found = look(path, top=top)
        (films / moved).rename(there)
        (films / moved).symlink_to(there)
        return found

    monkeypatch.setattr("reconciled_filesystem.source.look", looked)
    with pytest.raises(Refused, match="nothing was deleted"):
        await source.delete(key, DELETE)
    assert (there / "heat.mkv" if moved == "Heat" else there).is_file()
    assert (films / moved).is_symlink()


async def test_a_folder_that_became_a_link_lends_no_ground(disk: Open, films: Path, elsewhere: Path) -> None:
    source, key = disk(), Key("file", f"{films}/Heat/heat.mkv")
    await listed(source)
    (films / "Heat").rename(elsewhere / "Heat")
    (films / "Heat").symlink_to(elsewhere / "Heat")
    with pytest.raises(Refused, match="a link stands there"):
        await source.delete(key, DELETE)
    assert (elsewhere / "Heat" / "heat.mkv").exists()
    (elsewhere / "Heat" / "heat.mkv").unlink()  # what the other disk loses is no word about this one
    with pytest.raises(SourceError, match="a link stands there"):
        await source.lookup(key)


async def test_a_key_that_does_not_count_spoils_no_answer(disk: Open, films: Path) -> None:
    """The patterns are narrower than they were: what they leave out is unknown, and nothing else is."""
    alien, heat = Key("file", f"{films}/Alien/alien.mkv"), Key("file", f"{films}/Heat/heat.mkv")
    out, odd = Key("file", f"{films}/Heat/heat.srt"), Key("file", "no path")
    heat_file = films / "Heat" / "heat.mkv"
    heat_file.unlink()
    found = await disk().lookup_many([alien, out, odd, heat])
    assert {key: type(answer) for key, answer in found.items()} == {alien: Item, heat: Absent}
    with pytest.raises(SourceError):
        await disk().lookup_many([out, odd])


async def test_a_folder_instead_of_the_file_is_no_file(disk: Open, films: Path) -> None:
    heat = films / "Heat" / "heat.mkv"
    heat.unlink()
    heat.mkdir()
    assert isinstance(await disk().lookup(Key("file", str(heat))), Absent)


async def test_a_folder_behind_a_link_lies_on_its_own_mount(
    disk: Open, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, link = tmp_path / "mountinfo", tmp_path / "link"
    link.symlink_to(tmp_path)
    mounted(monkeypatch, table, f"2 1 8:2 / {films} rw - nfs4 nas:/films rw")
    source = disk(folders=[{"path": f"{link}/films"}])
    lost = Key("file", f"{link}/films/Heat/gone.mkv")
    assert isinstance(await source.lookup(lost), Absent)
    mounted(monkeypatch, table)
    with pytest.raises(Unreachable, match="instead of nfs4 nas:/films"):
        await source.lookup(lost)


async def test_a_second_disk_behind_a_link_is_a_root_too(
    disk: Open, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, link = tmp_path / "mountinfo", tmp_path / "link"
    link.symlink_to(tmp_path)
    mounted(monkeypatch, table, f"2 1 8:2 / {films}/Heat rw - ext4 /dev/sdb1 rw")
    source = disk(folders=[{"path": f"{link}/films"}])
    assert f"{link}/films/Heat" in {root.path for root in (await source.probe()).roots}
    mounted(monkeypatch, table)
    with pytest.raises(Unreachable, match="not mounted any more"):
        await source.lookup(Key("file", f"{link}/films/Heat/gone.mkv"))


async def test_a_mount_that_is_hidden_by_another_is_none(
    disk: Open, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk above was mounted too late, over the films: what lies there now is another folder."""
    table = tmp_path / "mountinfo"
    before = f"2 1 8:2 / {films} rw - nfs4 nas:/films rw"
    mounted(monkeypatch, table, before)
    source, lost = disk(), Key("file", f"{films}/Heat/gone.mkv")
    assert isinstance(await source.lookup(lost), Absent)
    mounted(monkeypatch, table, before, f"3 1 8:3 / {tmp_path} rw - ext4 /dev/sdb1 rw")
    with pytest.raises(Unreachable, match="lies on ext4 /dev/sdb1"):
        await source.lookup(lost)


def test_mounts_over_mounts(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(
        "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n"  # some kernels call the root its own parent
        "2 1 8:2 / /data/films rw - nfs4 nas:/films rw\n"
        "3 1 8:3 / /data rw - ext4 /dev/sdb1 rw\n"
        "4 3 8:4 / /data/shows rw - ext4 /dev/sdc1 rw\n"
        "5 3 8:5 / /data rw - ext4 /dev/sdd1 rw\n"
        "6 5 8:6 / /data/music rw - ext4 /dev/sde1 rw\n"
    )
    found = read_mounts(table)
    assert mount_of("/data/films/a", found) == Mount("/data", "ext4 /dev/sdd1 /")
    assert mount_of("/data/music/a", found) == Mount("/data/music", "ext4 /dev/sde1 /")
    assert below("/data", found) == ["/data/music"]


async def test_a_new_mount_hides_files_and_loses_none(
    disk: Open, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mountinfo"
    mounted(monkeypatch, table)
    source, hidden = disk(), Key("file", f"{films}/Heat/hidden.mkv")
    before = {root.path: root for root in (await source.probe()).roots}
    assert isinstance(await source.lookup(hidden), Absent)
    mounted(monkeypatch, table, f"2 1 8:2 / {films}/Heat rw - ext4 /dev/sdb1 rw")
    with pytest.raises(Unreachable, match="was mounted below it just now"):
        await source.lookup(hidden)
    with pytest.raises(Unreachable, match="was mounted below it just now"):
        await listed(source)
    after = {root.path: root for root in (await source.probe()).roots}
    assert after[str(films)].device != before[str(films)].device  # a root that changed is held
    mounted(monkeypatch, table)
    left = {root.path: root for root in (await source.probe()).roots}
    assert (
        left[str(films)].device == after[str(films)].device
    )  # and one that only lost its second disk is not


async def test_the_examination_names_a_disk_that_left(
    disk: Open, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mountinfo"
    mounted(monkeypatch, table, f"2 1 8:2 / {films}/Heat rw - ext4 /dev/sdb1 rw")
    source = disk()
    await source.probe()
    mounted(monkeypatch, table)
    wrong = [one.said for one in await source.examine(None) if one.weight is Weight.WRONG]
    assert any(said.startswith(f"{films}/Heat: a disk that was mounted there is not") for said in wrong)


async def test_one_file_has_one_key(disk: Open, films: Path) -> None:
    alias = Key("file", f"bytes:{films}/Heat/heat.mkv")
    with pytest.raises(Unsupported, match="no path"):
        await disk().lookup(alias)
    with pytest.raises(SourceError):
        await disk().delete(alias, DELETE)
    assert (films / "Heat" / "heat.mkv").exists()


async def test_the_marker_alone_does_not_count(disk: Open, films: Path) -> None:
    for name in (".here", "Heat/.here"):
        (films / name).touch()
    source = disk(folders=[{"path": str(films), "marker": ".here"}])
    found = await listed(source)
    assert f"{films}/Heat/.here" in found
    assert f"{films}/.here" not in found
    with pytest.raises(SourceError):
        await source.lookup(Key("file", f"{films}/.here"))
    with pytest.raises(Refused, match="nothing was deleted"):
        await source.delete(Key("file", f"{films}/.here"), DELETE)
    assert (films / ".here").exists()


@pytest.mark.parametrize(("exclude", "good"), [([], False), ([".trash"], True), (["**/.*"], True)])
def test_what_was_deleted_is_not_followed_again(exclude: list[str], good: bool) -> None:
    config = {"folders": [{"path": "/data/films", "exclude": exclude}], "trash": "/data/films/.trash"}
    if good:
        FilesystemConfig.model_validate(config)
        return
    with pytest.raises(ValidationError, match=r"write exclude: \[\.trash\]"):
        FilesystemConfig.model_validate(config)


async def test_the_trash_keeps_every_file(disk: Open, films: Path, tmp_path: Path) -> None:
    source, heat = disk(trash=str(tmp_path / "trash")), films / "Heat" / "heat.mkv"
    for text in ("one", "two"):
        heat.write_text(text)
        await source.delete(Key("file", str(heat)), DELETE)
    kept = [path.read_text() for path in (tmp_path / "trash").rglob("*.mkv")]
    assert sorted(kept) == ["one", "two"]


@pytest.mark.parametrize(
    ("mtime_ns", "changed"),
    [
        (0, "1970-01-01T00:00:00+00:00"),
        (-(10**9), "1969-12-31T23:59:59+00:00"),
        (2**63 - 1, "2262-04-11T23:47:16+00:00"),
        (10**9 * 2**40, None),
        (-(10**9) * 2**62, None),
    ],
)
def test_a_time_that_no_calendar_has_is_that_files_alone(mtime_ns: int, changed: str | None) -> None:
    item = item_of(Found("/films/a.mkv", 1, mtime_ns, 1), root="/films", mapped={})
    assert item.attrs["changed"] == changed


async def test_a_lookup_reads_no_file_for_its_checksum(disk: Open, films: Path) -> None:
    source = disk(sha256=True)
    await listed(source)
    (films / "new.mkv").write_text("new")
    item = await source.lookup(Key("file", f"{films}/new.mkv"))
    assert isinstance(item, Item)
    assert {ref.space for ref in item.refs} == {"path"}
    assert {ref.space for ref in (await listed(source))[f"{films}/new.mkv"].refs} == {"path", "sha256"}


async def test_a_disk_that_hangs_takes_no_thread_of_others(
    disk: Open, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, taken = threading.Event(), set[str]()

    def hang(_: Any) -> bool:
        taken.add(threading.current_thread().name)
        hanging.wait(5)
        return False

    source = disk(sha256=True, timeout="5ms")
    monkeypatch.setattr("reconciled_filesystem.checksums._Digest.go_on", hang)
    with pytest.raises(Unreachable, match="no answer"):
        await listed(source)
    hanging.set()
    assert all(name.startswith("disk of disk") for name in taken)


async def test_setting_up_a_watch_holds_up_nobody(disk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    setting_up, go_on = threading.Event(), threading.Event()

    def slow(*_: str, **__: Any) -> Iterator[set[Any]]:
        setting_up.set()
        assert go_on.wait(5), "the loop stood still"
        yield set()

    monkeypatch.setattr(watchfiles, "watch", slow)
    stream: Any = disk().listen()
    first = asyncio.ensure_future(anext(stream))
    while not setting_up.is_set():
        await asyncio.sleep(0.001)
    go_on.set()
    assert await first == Connected()
    await stream.aclose()


async def followed(source: Filesystem) -> Any:
    """A stream that is up, with short turns."""
    source.watcher._turn = 20
    stream = source.listen()
    assert await anext(stream) == Connected()
    return stream


async def told_of(stream: Any, *, besides: str) -> str:
    async for event in stream:
        if event.key.id != besides:
            return str(event.key.id)
    raise AssertionError("nothing was told")


async def drained(stream: Any) -> None:
    async for _ in stream:
        pass


async def test_a_watch_ends_with_what_it_watched(disk: Open, films: Path) -> None:
    source = disk()
    await listed(source)
    stream = await followed(source)
    films.rename(films.with_name("away"))
    (films / "Heat").mkdir(parents=True)
    with pytest.raises(Unreachable):
        await drained(stream)
    again = await followed(source)
    (films / "Heat" / "new.mkv").write_text("new")
    assert (await anext(again)).key == Key("file", f"{films}/Heat/new.mkv")
    await again.aclose()


async def test_a_watch_ends_with_its_mount(
    disk: Open, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mounted anew from the same place, it is another watch all the same."""
    table = tmp_path / "mountinfo"
    mounted(monkeypatch, table, f"2 1 8:2 / {films} rw - nfs4 nas:/films rw")
    stream = await followed(disk())
    mounted(monkeypatch, table, f"7 1 8:2 / {films} rw - nfs4 nas:/films rw")
    with pytest.raises(Unreachable, match="what is mounted there"):
        await anext(stream)


def test_a_folder_whose_end_a_walk_has_told_is_no_file(disk: Open, films: Path) -> None:
    """The kernel's word came later than the walk that found it gone."""
    watcher = disk(folders=[{"path": str(films)}]).watcher
    watcher.walked({str(films), f"{films}/Heat"})
    watcher.walked({str(films)})
    heat = f"{films}/Heat/heat.mkv"
    told = watcher.read({(watchfiles.Change.deleted, f"{films}/Heat"), (watchfiles.Change.deleted, heat)})
    assert [event.key for event in told] == [Key("file", heat)]


async def test_folders_and_links_are_not_told_of(disk: Open, films: Path) -> None:
    source = disk(folders=[{"path": str(films)}])
    stream = await followed(source)
    (films / "empty").mkdir()
    (films / "link.mkv").symlink_to(films / "Heat" / "heat.mkv")
    await asyncio.sleep(0.1)
    (films / "Heat" / "first.mkv").write_text("x")
    assert (await anext(stream)).key == Key("file", f"{films}/Heat/first.mkv")
    (films / "empty").rmdir()
    (films / "link.mkv").unlink()
    await asyncio.sleep(0.1)
    (films / "last.mkv").write_text("x")
    assert (await told_of(stream, besides=f"{films}/Heat/first.mkv")) == f"{films}/last.mkv"
    await stream.aclose()


def test_a_folder_of_root_alone_does_not_end_the_watch(films: Path) -> None:
    """lost+found belongs to nobody else; who excluded it has done enough."""
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (films / "lost+found").mkdir(mode=0)
    assert (
        next(watchfiles.watch(films, rust_timeout=1, yield_on_timeout=True, ignore_permission_denied=True))
        == set()
    )
