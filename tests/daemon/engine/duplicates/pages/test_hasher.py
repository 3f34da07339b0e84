"""Pictures that are hashed in a worker, and hostile ones that harm nobody."""

import asyncio
import importlib.util
import io
import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest
from tests.daemon.duplicates.drawn_pages import page, saved
from tests.daemon.engine.duplicates.gallery import png

from reconciled.duplicates.hashes import page_hashes
from reconciled.duplicates.images import HASH_NAMES, decode
from reconciled.engine.duplicates.pages import looking
from reconciled.engine.duplicates.pages.hasher import Hasher, Looked, lacks
from reconciled.engine.reader import CannotRead

PAGE = saved(page(3).convert("RGB"), "WEBP", quality=80)
HASHES = page_hashes(decode(PAGE), HASH_NAMES)


@cache
def heavy() -> bytes:
    """A PNG of 49 megapixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    body = zlib.compress((b"\0" + bytes(7000 * 3)) * 7000, 1)
    head = struct.pack(">IIBBBBB", 7000, 7000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.fixture
async def hasher() -> AsyncIterator[Hasher]:
    made = Hasher()
    yield made
    await made.close()


async def test_a_worker_looks_at_many(hasher: Hasher) -> None:
    asked = [PAGE, b"<html>", png(), PAGE[:900], PAGE]
    found = await asyncio.gather(*(hasher.look(body, HASH_NAMES) for body in asked))
    assert found[0] == found[4] == Looked(HASHES)
    assert found[1] == Looked(wrong="it is no WebP, PNG or JPEG that can be read")
    assert found[2] == Looked(), "a blank page"
    assert str(found[3].wrong).startswith("the picture cannot be read: ")
    assert (await hasher.look(PAGE, ["dct"])).hashes == {"dct": HASHES["dct"]}


@pytest.mark.full
async def test_a_picture_that_takes_too_much_memory() -> None:
    hasher = Hasher(memory=256 * 2**20)
    try:
        assert await hasher.look(heavy(), ["dct"]) == Looked(
            wrong="it needs more memory to be read than there is for that"
        )
        assert await hasher.look(PAGE, HASH_NAMES) == Looked(HASHES), "the next one is read by another worker"
    finally:
        await hasher.close()


async def test_a_picture_that_takes_for_ever() -> None:
    hasher = Hasher(timeout=0.001)
    try:
        assert await hasher.look(heavy(), ["dct"]) == Looked(wrong="it could not be read within 0.001 s")
        hasher.reader.timeout = 20
        assert await hasher.look(PAGE, HASH_NAMES) == Looked(HASHES)
    finally:
        await hasher.close()


async def test_a_worker_that_dies_is_replaced(hasher: Hasher) -> None:
    await hasher.look(PAGE, ["dct"])
    assert hasher.reader._worker is not None
    hasher.reader._worker.kill()
    assert await hasher.look(PAGE, HASH_NAMES) == Looked(HASHES)


async def test_a_picture_that_kills_every_worker(hasher: Hasher) -> None:
    crashed = await hasher.look(PAGE, ["no such hash"])
    assert crashed.wrong == "the program that reads it crashed (status 1)"
    assert await hasher.look(PAGE, HASH_NAMES) == Looked(HASHES)


async def test_a_cancelled_look_leaves_no_answer_for_the_next(hasher: Hasher) -> None:
    await hasher.look(PAGE, ["dct"])
    task = asyncio.ensure_future(hasher.look(heavy(), ["dct"]))
    while not hasher.reader._turn.locked():
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await hasher.look(PAGE, HASH_NAMES) == Looked(HASHES)


async def test_no_worker_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    with pytest.raises(CannotRead, match="does not start"):
        await Hasher().look(PAGE, ["dct"])
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(CannotRead, match="ended at once"):
        await Hasher().look(PAGE, ["dct"])


@pytest.mark.parametrize(
    ("installed", "said"),
    [
        ({"numpy", "PIL"}, None),
        ({"numpy"}, "with Pillow, which is not installed, so they are not compared; install reconciled[im"),
        (set(), "numpy and Pillow, which are not installed,"),
        (set(), "; install reconciled[duplicates,images]"),
    ],
)  # fmt: skip
def test_what_lacks_is_said(installed: set[str], said: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name in installed else None)
    lacking = lacks()
    assert lacking is None if said is None else said in str(lacking)


def test_the_daemon_side_needs_neither_library() -> None:
    """Nothing of it may be imported before a page is hashed."""
    code = (
        "import sys; sys.modules['numpy'] = sys.modules['PIL'] = None; "
        "import reconciled.engine.duplicates.pages.hashing, reconciled.engine.duplicates.pages.previews"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=dict(os.environ))


def test_the_worker_answers_until_its_questions_end(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds: list[int] = []
    monkeypatch.setattr(looking, "bound", bounds.append)
    asked = b"".join(
        json.dumps({"size": len(body), "names": ["dct"]}).encode() + b"\n" + body for body in (PAGE, b"x\ny")
    )
    said = io.BytesIO()
    looking.main(1000, 5, io.BytesIO(asked), said)
    ready, first, second = map(json.loads, said.getvalue().splitlines())
    assert (ready, bounds) == ("ready", [1000])
    assert first == {"hashes": {"dct": HASHES["dct"]}, "wrong": None, "memory": False}
    assert second["wrong"] == "it is no WebP, PNG or JPEG that can be read"


def test_too_little_memory_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def swell(body: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr(looking, "decode", swell)
    assert looking.look(PAGE, ["dct"])["memory"]
