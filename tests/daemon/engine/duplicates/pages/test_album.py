"""Pictures on the disk: bounded, whole or not there, and nothing else in the folder comes to harm."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from reconciled.engine.duplicates.pages.album import Album, Photo, name_of
from reconciled.model import Key

BLOCK = 4096


def name(number: int) -> str:
    return name_of("paperless", Key("document", str(number)), number)


def photo(number: int, size: int = 3000) -> Photo:
    return Photo(bytes([number]) * size, f'"{number}"', 1_700_000_000.0 + number)


def there(album: Album, numbers: range) -> list[int]:
    return [number for number in numbers if (album._folder / name(number)).exists()]


@pytest.fixture
def album(tmp_path: Path) -> Album:
    return Album(tmp_path / "previews", 10 * BLOCK)


@pytest.mark.parametrize("etag", ['W/"a\nb"', None, "", "é" * 100])
def test_what_is_put_comes_back(album: Album, etag: str | None) -> None:
    kept = Photo(b"\n" * 5000 + bytes(range(256)), etag, 1_700_000_000.25)
    album.put(name(1), kept)
    assert album.get(name(1)) == kept
    assert Album(album._folder, 10 * BLOCK).get(name(1)) == kept, "after a restart"
    assert album._folder.stat().st_mode & 0o777 == 0o700
    assert (album._folder / name(1)).stat().st_mode & 0o777 == 0o600
    album.confirm(name(1), 1_700_000_500.0)
    again = album.get(name(1))
    assert again is not None
    assert again.asked == 1_700_000_500.0
    album.drop(name(1))
    assert album.get(name(1)) is None
    album.confirm(name(1), 5.0)
    album.drop(name(1))


def test_the_one_not_looked_at_for_longest_leaves_first(album: Album) -> None:
    for number in range(10):
        album.put(name(number), photo(number))
    assert album.get(name(0)) is not None
    album.put(name(10), photo(10))
    album.put(name(11), photo(11, 2 * BLOCK))
    assert there(album, range(12)) == [0, *range(5, 12)]
    assert sum(path.stat().st_size for path in album._folder.iterdir()) <= 10 * BLOCK


def test_who_was_looked_at_is_remembered_over_a_restart(album: Album) -> None:
    for number in range(10):
        album.put(name(number), photo(number))
        os.utime(album._folder / name(number), (1000 + number, 50 - number))
    album.get(name(3))
    smaller = Album(album._folder, 4 * BLOCK)
    assert smaller.get(name(9)) is not None
    assert there(smaller, range(10)) == [3, 7, 8, 9], "the limit was lowered"


def test_one_put_again_counts_once(album: Album) -> None:
    for _ in range(30):
        album.put(name(1), photo(1))
    for number in range(2, 11):
        album.put(name(number), photo(number))
    assert there(album, range(1, 11)) == list(range(1, 11))


@pytest.mark.parametrize(
    ("most", "kept"),
    [(0, Photo(b"x", None, 0.0)), (BLOCK, photo(1, BLOCK)), (2**30, Photo(b"x", "e" * 9000, 0.0))],
    ids=["nothing may be kept", "larger than all", "an odd etag"],
)
def test_what_does_not_fit_is_not_kept(tmp_path: Path, most: int, kept: Photo) -> None:
    album = Album(tmp_path, most)
    album.put(name(1), kept)
    assert list(tmp_path.iterdir()) == []
    assert album.get(name(1)) is None


def test_a_picture_that_outgrew_the_album_is_not_shown_as_it_was(album: Album) -> None:
    album.put(name(1), photo(1))
    album.put(name(1), photo(1, 11 * BLOCK))
    assert album.get(name(1)) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes() + b"x"),
        lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"),
        lambda path: path.write_bytes(b'{"size": "x"}\n'),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: (path.unlink(), path.symlink_to("/etc/hostname")),
        lambda path: (path.unlink(), subprocess.run(["mkfifo", path], check=True)),
        lambda path: path.unlink(),
    ],
    ids=["empty", "cut off", "longer", "a wrong byte", "odd", "binary", "folder", "link", "fifo", "gone"],
)
def test_a_file_that_is_not_whole_counts_as_none(album: Album, spoil: object) -> None:
    album.put(name(1), photo(1))
    assert callable(spoil)
    spoil(album._folder / name(1))
    for one in (album, Album(album._folder, 10 * BLOCK)):
        assert one.get(name(1)) is None
        one.put(name(2), photo(2))
        assert one.get(name(2)) == photo(2)


def test_what_is_not_ours_stays_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"precious")
    folder = tmp_path / "previews"
    (folder / ("a" * 32)).mkdir(parents=True)
    (folder / ("b" * 32)).symlink_to(target)
    for foreign in ("README", "c" * 31, "C" * 32, f"{'d' * 32}.jpg"):
        (folder / foreign).write_bytes(bytes(50_000))
    half = folder / f"{'e' * 32}.new"
    half.write_bytes(b"left by a crash")
    before = {path.name for path in folder.iterdir()} - {half.name}
    album = Album(folder, 2 * BLOCK)
    for number in range(5):
        album.put(name(number), photo(number))
    assert {path.name for path in folder.iterdir()} - {name(3), name(4)} == before
    album.put("b" * 32, photo(6))
    assert album.get("b" * 32) == photo(6)
    assert target.read_bytes() == b"precious"
    with pytest.raises(OSError, match="directory"):
        album.put("a" * 32, photo(7))
    assert not list(folder.glob("*.new"))


def test_a_disk_that_is_full_leaves_what_was_there(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    album.put(name(1), photo(1))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "utime", full)
    with pytest.raises(OSError, match="No space"):
        album.put(name(1), photo(2))
    monkeypatch.undo()
    assert album.get(name(1)) == photo(1)
    assert [path.name for path in album._folder.iterdir()] == [name(1)]


def test_many_threads(album: Album) -> None:
    def work(offset: int) -> None:
        for number in range(40):
            one = (number * 7 + offset) % 20
            album.put(name(one), photo(one))
            assert album.get(name(one)) in (photo(one), None)

    threads = [threading.Thread(target=work, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    files = list(album._folder.iterdir())
    assert len(files) == 10
    assert album._held == 10 * BLOCK


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", Key("document", "1"), 1), ("b", Key("document", "1"), 1)),
        (("a", Key("document", "1"), 1), ("a", Key("file", "1"), 1)),
        (("a", Key("document", "1"), 1), ("a", Key("document", "1"), 2)),
        (("a", Key("document", "../../etc/passwd"), 1), ("a", Key("document", "\0/\n\ud800"), 1)),
    ],
)
def test_names_say_nothing_and_lead_nowhere(one: tuple[str, Key, int], other: tuple[str, Key, int]) -> None:
    names = {name_of(*one), name_of(*other)}
    assert len(names) == 2
    assert all(len(made) == 32 and set(made) <= set("0123456789abcdef") for made in names)
