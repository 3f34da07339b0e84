"""Files that are read whole in a worker: whole ones, broken ones, and hostile ones that harm nobody."""

import asyncio
import importlib.util
import io
import json
import os
import struct
import sys
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter

from reconciled.engine.mirror import decoding, unpacking
from reconciled.engine.mirror.decoding import Decoder, lacks, wrong_with
from reconciled.engine.mirror.unpacking import IMAGES, answer, wrong_with_bytes
from reconciled.engine.reader import CannotRead

JPEG, PNG, TIFF, PDF = "image/jpeg", "image/png", "image/tiff", "application/pdf"


def image(kind: str, *, pages: int = 1) -> bytes:
    out = io.BytesIO()
    shown = [Image.effect_noise((90, 90), 50 + n).convert("RGB") for n in range(pages)]
    if pages > 1:
        shown[0].save(out, kind, save_all=True, append_images=shown[1:])
    else:
        shown[0].save(out, kind)
    return out.getvalue()


def pdf(pages: int = 3, password: str | None = None) -> bytes:
    out, writer = io.BytesIO(), PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that unpacks to side × side pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    row = zlib.compress(bytes(3 * 1000 * 1000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


def spoilt(body: bytes, at: int) -> bytes:
    return body[:at] + bytes(byte ^ 0xFF for byte in body[at : at + 8]) + body[at + 8 :]


@pytest.mark.parametrize("mime", sorted(IMAGES))
def test_whole_images(tmp_path: Path, mime: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(image(IMAGES[mime]))
    assert wrong_with_bytes(path, mime) is None
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert wrong_with_bytes(path, mime) is not None, "cut off"


@pytest.mark.parametrize(
    ("body", "mime", "said"),
    [
        (image("TIFF", pages=3), TIFF, None),
        (image("TIFF", pages=3)[:-30000], TIFF, ""),
        (image("GIF", pages=3), "image/gif", None),
        (spoilt(image("PNG"), 300), PNG, ""),
        (image("PNG"), JPEG, "is no JPEG"),
        (b"", JPEG, "is no JPEG"),
        (bomb(60_000), PNG, "megapixels"),
        (pdf(), PDF, None),
        (pdf(password="x"), PDF, None),
        (pdf() + b"\0" * 900, PDF, None),
        (pdf(pages=0), PDF, "no pages"),
        (pdf()[:-40], PDF, "cut off"),
        (b"%PDF-1.7\nnothing\n%%EOF\n", PDF, ""),
        (b"anything", "text/plain", None),
    ],
    ids=[
        "tiff", "tiff cut off", "gif", "png with a wrong byte", "png called jpeg", "empty", "bomb", "pdf",
        "encrypted pdf", "padded pdf", "pdf without pages", "pdf cut off", "pdf of nothing", "text",
    ],
)  # fmt: skip
def test_what_is_wrong(tmp_path: Path, body: bytes, mime: str, said: str | None) -> None:
    path = tmp_path / "x"
    path.write_bytes(body)
    wrong = wrong_with_bytes(path, mime)
    assert (wrong is None) == (said is None)
    assert said is None or said in str(wrong)


def test_an_answer_says_when_memory_was_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def swell(path: Path, kind: str) -> str | None:
        raise MemoryError

    monkeypatch.setattr(unpacking, "_image", swell)
    said = answer(json.dumps({"path": str(tmp_path / "x"), "mime": JPEG}).encode())
    assert said["memory"]


# --- the worker ---------------------------------------------------------------------------------------


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    made = Decoder()
    yield made
    await made.close()


async def test_a_worker_reads_many(tmp_path: Path, decoder: Decoder) -> None:
    whole, broken, document = tmp_path / "a.jpg", tmp_path / "b\n.jpg", tmp_path / "c.pdf"
    whole.write_bytes(image("JPEG"))
    broken.write_bytes(image("JPEG")[:900])
    document.write_bytes(pdf())
    found = await asyncio.gather(
        *(decoder.wrong_with(path, mime) for path, mime in ((whole, JPEG), (broken, JPEG), (document, PDF)))
    )
    assert found[0] is None
    assert str(found[1]).startswith("corrupt: it cannot be read: ")
    assert found[2] is None
    assert await decoder.wrong_with(whole, "text/plain") is None


async def test_one_file_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"nothing")
    assert await wrong_with(path, JPEG) == "corrupt: it is no JPEG that can be read"


async def test_a_file_that_takes_too_much_memory(tmp_path: Path) -> None:
    decoder = Decoder(memory=128 * 2**20)
    path = tmp_path / "x"
    path.write_bytes(bomb(15_000))
    try:
        assert await decoder.wrong_with(path, PNG) == (
            "corrupt: it needs more memory to be read than there is for that"
        )
        path.write_bytes(image("PNG"))
        assert await decoder.wrong_with(path, PNG) is None, "the next one is read by another worker"
    finally:
        await decoder.close()


async def test_a_file_that_takes_for_ever(tmp_path: Path) -> None:
    decoder = Decoder(timeout=0.3)
    path = tmp_path / "x"
    os.mkfifo(path)  # opening it waits for a writer who never comes
    try:
        assert await decoder.wrong_with(path, JPEG) == "corrupt: it could not be read within 0.3 s"
    finally:
        await decoder.close()


async def test_a_worker_that_dies_is_replaced(tmp_path: Path, decoder: Decoder) -> None:
    path = tmp_path / "x"
    path.write_bytes(image("PNG"))
    assert await decoder.wrong_with(path, PNG) is None
    worker = decoder.reader._worker
    assert worker is not None
    worker.kill()
    assert await decoder.wrong_with(path, PNG) is None


async def test_a_cancelled_check_leaves_no_answer_for_the_next(tmp_path: Path, decoder: Decoder) -> None:
    stuck, good = tmp_path / "fifo", tmp_path / "good"
    os.mkfifo(stuck)
    good.write_bytes(image("PNG"))
    assert await decoder.wrong_with(good, PNG) is None
    task = asyncio.ensure_future(decoder.wrong_with(stuck, JPEG))
    while not decoder.reader._turn.locked():
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await decoder.wrong_with(good, PNG) is None


async def test_no_worker_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    path.write_bytes(image("PNG"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    with pytest.raises(CannotRead, match="does not start"):
        await Decoder().wrong_with(path, PNG)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(CannotRead, match="ended at once"):
        await Decoder().wrong_with(path, PNG)


@pytest.mark.parametrize(
    ("types", "installed", "said"),
    [
        ({JPEG, PDF}, {"PIL", "pypdf"}, None),
        ({JPEG, PDF}, {"PIL"}, "with pypdf, which is not installed"),
        ({"image/*"}, set(), "so they are not checked; install reconciled[images]"),
        (set(), set(), "Pillow and pypdf, which are not installed"),
        ({"text/plain"}, set(), None),
    ],
)  # fmt: skip
async def test_what_lacks_is_said(
    types: set[str], installed: set[str], said: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name in installed else None)
    lacking = lacks(types)
    assert lacking is None if said is None else said in str(lacking)
    if not installed:
        assert await decoding.wrong_with(tmp_path / "x", JPEG) is None, "no library, no check"
