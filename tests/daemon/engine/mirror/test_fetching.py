"""One file onto our disk: whole, of one version, resumed where it broke, or clearly not."""

import asyncio
import errno
import hashlib
import json
import logging
import os
import random
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from reconciled.engine.children import gone
from reconciled.engine.live import LiveSource, Rules
from reconciled.engine.mirror import opening
from reconciled.engine.mirror import part as parts
from reconciled.engine.mirror.content import Refusal
from reconciled.engine.mirror.fetching import (
    ChangedMeanwhile,
    Fetched,
    Got,
    NoRoom,
    clean,
    discard,
    fetch_file,
)
from reconciled.errors import BadResponse, SourceError, Unauthorized, Unreachable
from reconciled.model import Absent, Health, Item, Key, Ref
from reconciled.source import Content, Unchanged
from reconciled.testing.clock import HurriedClock

KEY = Key("file", "81")
BODY = random.Random(7).randbytes(300_000)
OTHER = random.Random(8).randbytes(300_000)


class Shop:
    """An app that hands out one file, and can be broken while it does."""

    app = "shop"
    kinds = ("file",)
    fileset: ClassVar[str | None] = None

    def __init__(self, body: bytes = BODY, etag: str | None = '"v1"') -> None:
        self.body, self.etag = body, etag
        self.mime_type: str | None = "image/jpeg; charset=binary"
        self.says_size = True
        self.ranges = True
        self.breaks: list[int] = []
        self.absent = False
        self.down: SourceError | None = None
        self.swap: tuple[bytes, str | None] | None = None
        """What it is replaced by when the connection has been opened, or broke."""
        self.swap_after = 1
        self.served = 0
        self.asked: list[tuple[int, str | None]] = []
        self.open = 0

    def origin(self, item: Item) -> Mapping[str, str]:
        return {}

    @asynccontextmanager
    async def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        self.asked.append((start, etag))
        if self.down:
            raise self.down
        if self.absent:
            yield Absent("404 of the shop")
            return
        if etag is not None and etag == self.etag and not start:
            yield Unchanged()
            return
        begin = start if self.ranges and etag == self.etag else 0
        self.open += 1
        try:
            size = len(self.body) if self.says_size else None
            yield Content(self.pieces(self.body, begin), begin, size, self.etag, self.mime_type)
        finally:
            self.open -= 1

    async def pieces(self, body: bytes, begin: int) -> AsyncIterator[bytes]:
        limit = self.breaks.pop(0) if self.breaks else None
        if self.swap and len(self.asked) >= self.swap_after:
            (self.body, self.etag), self.swap = self.swap, None
        for at in range(begin, len(body), 7_000):
            if limit is not None and at - begin >= limit:
                raise Unreachable("shop: connection reset")
            piece = body[at : at + 7_000]
            self.served += len(piece)
            yield piece
            await asyncio.sleep(0)


class Cut(Shop):
    """Its connection ends without a word before the file does."""

    async def pieces(self, body: bytes, begin: int) -> AsyncIterator[bytes]:
        async for piece in super().pieces(body, begin):
            if self.breaks and self.served > self.breaks[0]:
                self.breaks.clear()
                return
            yield piece


class Crashing(Shop):
    async def pieces(self, body: bytes, begin: int) -> AsyncIterator[bytes]:
        yield body[:5]
        raise KeyError("oops")


def item(**attrs: Any) -> Item:
    sha256 = attrs.pop("sha256", None)
    return Item(KEY, "IMG001", frozenset({Ref("sha256", sha256)}) if sha256 else frozenset(), attrs=attrs)


def live_of(shop: Any) -> LiveSource:
    log = logging.getLogger("shop")
    return LiveSource(
        1, "shop", shop, Rules(), frozenset({"file"}), HurriedClock(1000), log, random.Random(1)
    )


async def get(
    shop: Any, folder: Path, what: Item | None = None, *, known: str | None = None, most: int = 2**20
) -> Got:
    live = live_of(shop)
    return await fetch_file(live, shop, what or item(), folder, known_etag=known, most=most, clock=live.clock)


def whole(got: Got, body: bytes = BODY) -> bool:
    assert isinstance(got, Fetched)
    assert got.path.read_bytes() == body
    return (got.sha256, got.size) == (hashlib.sha256(body).hexdigest(), len(body))


def left_in(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir()) if folder.exists() else []


async def test_a_file_is_fetched_whole(tmp_path: Path) -> None:
    shop = Shop()
    got = await get(shop, tmp_path / "transfers")
    assert whole(got)
    assert isinstance(got, Fetched)
    assert (got.etag, got.mime_type) == ('"v1"', "image/jpeg")
    assert shop.asked == [(0, None), (0, '"v1"')], "asked once more whether it is still that version"
    assert (tmp_path / "transfers").stat().st_mode & 0o777 == 0o700
    assert shop.open == 0
    discard(got.path)
    assert left_in(tmp_path / "transfers") == []


async def test_a_claimed_sha256_is_proof_enough(tmp_path: Path) -> None:
    shop = Shop()
    assert whole(await get(shop, tmp_path, item(sha256=hashlib.sha256(BODY).hexdigest().upper())))
    assert len(shop.asked) == 1


@pytest.mark.parametrize("etag", ['"v1"', 'W/"v1"', None])
@pytest.mark.parametrize("size", [True, False])
@pytest.mark.parametrize("body", [b"", b"x", BODY], ids=["empty", "one byte", "large"])
async def test_whatever_the_app_says_of_it(tmp_path: Path, etag: str | None, size: bool, body: bytes) -> None:
    shop = Shop(body, etag)
    shop.says_size = size
    assert whole(await get(shop, tmp_path), body)
    assert whole(await get(shop, tmp_path), body), "and again over what lies there"


async def test_what_we_have_is_not_fetched(tmp_path: Path) -> None:
    shop = Shop()
    assert await get(shop, tmp_path, known='"v1"') == Unchanged()
    assert shop.served == 0
    assert left_in(tmp_path) == []


async def test_an_app_that_knows_no_conditions_is_not_read_either(tmp_path: Path) -> None:
    shop = Shop(etag='"v1"')
    assert await get(shop, tmp_path, known='W/"v1"') == Unchanged()
    assert shop.served == 0


async def test_what_is_not_there_is_absent(tmp_path: Path) -> None:
    shop = Shop()
    shop.absent = True
    assert await get(shop, tmp_path) == Absent("404 of the shop")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("etag", "ranges", "breaks", "served"),
    [
        ('"v1"', True, [100_000], 300_000),
        ('"v1"', True, [50_000] * 5, 300_000),
        ('"v1"', False, [100_000, 200_000], 600_000),
        ('W/"v1"', True, [100_000], 400_000),
        (None, True, [100_000], 400_000),
    ],
    ids=["resumed", "five times", "no ranges", "weak etag", "no etag"],
)
async def test_a_broken_connection_is_taken_up(
    tmp_path: Path, etag: str | None, ranges: bool, breaks: list[int], served: int
) -> None:
    shop = Shop(etag=etag)
    shop.ranges, shop.breaks = ranges, breaks
    assert whole(await get(shop, tmp_path))
    assert abs(shop.served - served) < 8_000 * 6


async def test_a_file_that_ends_too_early_is_taken_up(tmp_path: Path) -> None:
    shop = Cut()
    shop.breaks = [100_000]
    assert whole(await get(shop, tmp_path))
    assert shop.asked[1][0] > 0


async def test_a_break_says_nothing_of_the_sources_health(tmp_path: Path) -> None:
    shop = Shop()
    shop.breaks = [30_000] * 9
    live = live_of(shop)
    with pytest.raises(Unreachable, match="reset"):
        await fetch_file(live, shop, item(), tmp_path, known_etag=None, most=2**20, clock=live.clock)
    assert live.health.state is Health.OK
    assert len(shop.asked) == 6
    shop.breaks.clear()
    assert whole(await get(shop, tmp_path)), "what came waits for the next time"
    assert shop.asked[-2][0] > 170_000


async def test_no_progress_is_no_reason_to_go_on(tmp_path: Path) -> None:
    shop = Shop()
    shop.breaks = [100_000, 0, 0, 0]
    with pytest.raises(Unreachable):
        await get(shop, tmp_path)
    assert len(shop.asked) == 2


async def test_an_app_that_is_down_leaves_what_came(tmp_path: Path) -> None:
    shop = Shop()
    shop.breaks = [100_000, 0]
    with pytest.raises(Unreachable):
        await get(shop, tmp_path)
    shop.down = Unauthorized("401")
    with pytest.raises(Unauthorized):
        await get(shop, tmp_path)
    shop.down = None
    assert whole(await get(shop, tmp_path))
    assert shop.asked[-2][0] > 90_000


async def test_what_was_left_of_another_version_is_not_used(tmp_path: Path) -> None:
    shop = Shop()
    shop.breaks = [100_000, 0]
    with pytest.raises(Unreachable):
        await get(shop, tmp_path)
    shop.body, shop.etag = OTHER, '"v2"'
    assert whole(await get(shop, tmp_path), OTHER)


@pytest.mark.parametrize("spoil", ["half", "garbage", "other machine run", "longer"])
async def test_what_cannot_be_trusted_is_not_used(tmp_path: Path, spoil: str) -> None:
    shop = Shop()
    shop.breaks = [100_000, 0]
    with pytest.raises(Unreachable):
        await get(shop, tmp_path)
    (beside,) = tmp_path.glob("*.json")
    of = json.loads(beside.read_bytes())
    part = beside.with_suffix(".part")
    match spoil:
        case "half":
            part.write_bytes(part.read_bytes()[:50_000])
        case "garbage":
            beside.write_text("{")
        case "other machine run":
            beside.write_text(json.dumps(of | {"boot": "another", "safe": 10_000}))
            part.write_bytes(part.read_bytes()[:10_000] + bytes(90_000))
        case "longer":
            part.write_bytes(part.read_bytes() + bytes(500_000))
    if spoil == "longer":
        # Nobody but us writes there; what is wrong all the same is noticed where the app says the sha256.
        assert whole(await get(shop, tmp_path, item(sha256=hashlib.sha256(BODY).hexdigest())))
    else:
        assert whole(await get(shop, tmp_path))


async def test_a_cancelled_transfer_goes_on_later(tmp_path: Path) -> None:
    shop = Shop()
    live = live_of(shop)
    task = asyncio.ensure_future(
        fetch_file(live, shop, item(), tmp_path, known_etag=None, most=2**20, clock=live.clock)
    )
    while shop.served < 50_000:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert shop.open == 0
    assert whole(await get(shop, tmp_path))


@pytest.mark.parametrize(
    ("listed", "swap_after"),
    [({"etag": '"v0"'}, 99), ({"size": 299_999}, 99), ({}, 1), ({"etag": '"v1"', "size": 300_000}, 1)],
    ids=["changed since", "another size", "changed while it came", "the same, listed"],
)
async def test_a_file_that_changes_is_taken_next_time(
    tmp_path: Path, listed: dict[str, Any], swap_after: int
) -> None:
    shop = Shop()
    shop.swap, shop.swap_after = (OTHER, '"v2"'), swap_after
    with pytest.raises(ChangedMeanwhile, match=r"next time|once the two agree"):
        await get(shop, tmp_path, item(**listed))
    assert left_in(tmp_path) == []
    assert shop.open == 0


async def test_a_file_that_changes_between_two_parts_is_noticed(tmp_path: Path) -> None:
    shop = Shop()
    shop.breaks, shop.swap = [100_000], (OTHER, '"v2"')
    with pytest.raises(ChangedMeanwhile):
        await get(shop, tmp_path)
    assert left_in(tmp_path) == []


async def test_etags_are_compared_however_they_are_written(tmp_path: Path) -> None:
    assert whole(await get(Shop(etag='W/"v1"'), tmp_path, item(etag="v1", size=300_000)))


async def test_deleted_while_it_came(tmp_path: Path) -> None:
    class Deleting(Shop):
        async def pieces(self, body: bytes, begin: int) -> AsyncIterator[bytes]:
            async for piece in super().pieces(body, begin):
                yield piece
            self.absent = True

    assert isinstance(await get(Deleting(), tmp_path), Absent)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("says", [True, False])
async def test_more_than_the_most_is_refused(tmp_path: Path, says: bool) -> None:
    shop = Shop()
    shop.says_size = says
    got = await get(shop, tmp_path, most=100_000)
    assert isinstance(got, Refusal)
    assert got.code == "size"
    assert "97.7 KiB" in got.said
    assert shop.served == 0 if says else shop.served <= len(BODY)
    assert left_in(tmp_path) == []


async def test_other_bytes_than_claimed_are_corrupt(tmp_path: Path) -> None:
    got = await get(Shop(), tmp_path, item(sha256="ab" * 32))
    assert isinstance(got, Refusal)
    assert (got.code, "abab" in got.said) == ("corrupt", True)
    assert left_in(tmp_path) == []


async def test_a_piece_that_went_bad_here_is_fetched_again(tmp_path: Path) -> None:
    shop = Shop()
    shop.breaks = [100_000, 0]
    with pytest.raises(Unreachable):
        await get(shop, tmp_path)
    (part,) = tmp_path.glob("*.part")
    part.write_bytes(bytes(part.stat().st_size))
    assert whole(await get(shop, tmp_path, item(sha256=hashlib.sha256(BODY).hexdigest())))


async def test_a_plugin_that_crashes_harms_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(BadResponse, match="its plugin crashed"):
        await get(Crashing(), tmp_path)
    assert "KeyError" in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "bytes",
        Content(Shop().pieces(BODY, 0), start=5),
        Unchanged(),
    ],
    ids=["None", "a string", "another start", "unchanged unasked"],
)
async def test_a_plugin_that_lies_is_a_bad_response(tmp_path: Path, answer: Any) -> None:
    class Lying(Shop):
        @asynccontextmanager
        async def fetch(self, key: Key, *, start: int = 0, etag: str | None = None) -> AsyncIterator[Any]:
            yield answer

    with pytest.raises(BadResponse):
        await get(Lying(), tmp_path)


async def test_pieces_that_are_no_bytes(tmp_path: Path) -> None:
    class Odd(Shop):
        async def pieces(self, body: bytes, begin: int) -> AsyncIterator[Any]:
            yield "text"

    with pytest.raises(BadResponse, match="not bytes"):
        await get(Odd(), tmp_path)


async def test_silence_in_mid_file_breaks_it_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Shop):
        async def pieces(self, body: bytes, begin: int) -> AsyncIterator[bytes]:
            yield body[begin : begin + 10_000]
            if begin < 45_000:
                await asyncio.Event().wait()
            yield body[begin + 10_000 :]

    monkeypatch.setattr(opening, "PATIENCE", 0.01)
    shop = Silent()
    assert whole(await get(shop, tmp_path))
    assert len(shop.asked) == 7
    assert shop.open == 0


@pytest.mark.parametrize("manner", ["raises", "swallows"])
async def test_how_a_plugin_lets_go_changes_nothing(tmp_path: Path, manner: str) -> None:
    class Rude(Shop):
        @asynccontextmanager
        async def fetch(self, key: Key, *, start: int = 0, etag: str | None = None) -> AsyncIterator[Any]:
            try:
                async with super().fetch(key, start=start, etag=etag) as content:
                    yield content
            except ChangedMeanwhile:
                if manner == "raises":
                    raise KeyError("in the middle of its own end") from None
            if manner == "raises":
                raise KeyError("at its end")

    assert whole(await get(Rude(), tmp_path))
    with pytest.raises(ChangedMeanwhile):
        await get(Rude(), tmp_path, item(size=5))


async def test_a_killed_daemon_goes_on_where_it_was(tmp_path: Path) -> None:
    body = random.Random(9).randbytes(5 * 2**20)
    (tmp_path / "body").write_bytes(body)
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert killed.stdout is not None
    assert await killed.stdout.readline() == b"3 MiB are out\n"
    (part,) = (tmp_path / "transfers").glob("*.part")
    while part.stat().st_size < 2 * 2**20:
        await asyncio.sleep(0.01)
    killed.kill()
    await gone(killed)
    shop = Shop(body)
    assert whole(await get(shop, tmp_path / "transfers", most=2**30), body)
    assert shop.asked[0] == (part_length_of(shop), '"v1"')
    assert shop.served <= 3 * 2**20 + 1


def part_length_of(shop: Shop) -> int:
    """Where it went on: at least two of the pieces of 1 MiB had been written."""
    start = shop.asked[0][0]
    assert start >= 2 * 2**20 - 1
    return start


KILLED = """
import asyncio, logging, random, sys
from contextlib import asynccontextmanager
from pathlib import Path

from reconciled.clock import SystemClock
from reconciled.engine.live import LiveSource, Rules
from reconciled.engine.mirror.fetching import fetch_file
from reconciled.model import Item, Key
from reconciled.source import Content

folder = Path(sys.argv[1])
body = (folder / "body").read_bytes()


class Shop:
    app, kinds, fileset = "shop", ("file",), None

    @asynccontextmanager
    async def fetch(self, key, *, start=0, etag=None):
        yield Content(self.pieces(), 0, len(body), '"v1"', None)

    async def pieces(self):
        for at in range(0, 3 * 2**20, 2**20):
            yield body[at : at + 2**20]
        print("3 MiB are out", flush=True)
        await asyncio.sleep(600)


async def main():
    shop, clock = Shop(), SystemClock()
    live = LiveSource(
        1, "shop", shop, Rules(), frozenset(["file"]), clock, logging.getLogger(), random.Random(1)
    )
    item = Item(Key("file", "81"), "a film")
    await fetch_file(live, shop, item, folder / "transfers", known_etag=None, most=2**30, clock=clock)


asyncio.run(main())
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield small
    subprocess.run(["umount", str(small)], check=True)


@pytest.mark.full
async def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    shop = Shop(bytes(5 * 2**20))
    shop.says_size = False
    with pytest.raises(NoRoom, match="no space left on device"):
        await get(shop, small_disk / "transfers", most=2**30)
    assert left_in(small_disk / "transfers") == []


async def test_no_room_is_known_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**30, 2**30, parts.RESERVE + 100_000))
    shop = Shop()
    with pytest.raises(NoRoom, match="make room"):
        await get(shop, tmp_path)
    assert shop.served == 0
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
async def test_a_disk_that_takes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def full(descriptor: int, data: Any) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(NoRoom, match=r"make room|cannot be written"):
        await get(Shop(), tmp_path)
    assert left_in(tmp_path) == []


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "transfers").write_text("a file in its place")
    with pytest.raises(NoRoom, match="cannot be written to"):
        await get(Shop(), tmp_path / "transfers")


async def test_cleaning_takes_stale_parts_only(tmp_path: Path) -> None:
    shops = {str(number): Shop(etag=f'"v{number}"') for number in range(3)}
    found: dict[str, Path] = {}
    for number, shop in shops.items():
        live = live_of(shop)
        got = await fetch_file(
            live,
            shop,
            Item(Key("file", number), number),
            tmp_path,
            known_etag=None,
            most=2**20,
            clock=live.clock,
        )
        assert isinstance(got, Fetched)
        found[number] = got.path
    (tmp_path / "a letter of mine.part").write_text("")
    for path in tmp_path.iterdir():
        os.utime(path, (1000, 1000))
    os.utime(found["2"])
    assert clean(tmp_path, {found["0"]}, 86_400) == [found["1"]]
    left = {path.name for path in tmp_path.iterdir()}
    expected = {found[n].with_suffix(ending).name for n in "02" for ending in (".part", ".json")}
    assert left == expected | {"a letter of mine.part"}
    assert clean(tmp_path / "nowhere", (), 0) == []
