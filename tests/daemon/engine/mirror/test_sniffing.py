"""What files are, by their bytes: files made by the libraries that people's programs use."""

import io
import random
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter

from reconciled.engine.mirror.content import OLE
from reconciled.engine.mirror.sniffing import HEAD, sniff

OFFICE = "application/vnd.openxmlformats-officedocument."
ODT = "application/vnd.oasis.opendocument.text"
TYPES = ("[Content_Types].xml", "<Types/>")


def image(kind: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((32, 32), 50).convert("RGB").save(out, kind)
    return out.getvalue()


def pdf() -> bytes:
    out = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(out)
    return out.getvalue()


def zipped(*files: tuple[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            stored = zipfile.ZIP_STORED if name == "mimetype" else None
            archive.writestr(name, text, stored)
    return out.getvalue()


def boxed(brand: bytes, *more: bytes) -> bytes:
    return (16 + 4 * len(more)).to_bytes(4, "big") + b"ftyp" + brand + bytes(4) + b"".join(more) + bytes(200)


@pytest.mark.parametrize(
    ("body", "mime"),
    [
        (image("JPEG"), "image/jpeg"),
        (image("PNG"), "image/png"),
        (image("TIFF"), "image/tiff"),
        (image("GIF"), "image/gif"),
        (image("WEBP"), "image/webp"),
        (image("BMP"), "image/bmp"),
        (boxed(b"heic", b"mif1"), "image/heic"),
        (boxed(b"mif1", b"heic"), "image/heic"),
        (boxed(b"mif1", b"miaf"), "image/heif"),
        (boxed(b"mif1", b"avif"), "image/avif"),
        (boxed(b"isom", b"mp41"), "video/mp4"),
        (pdf(), "application/pdf"),
        (b"\r\n\xef\xbb\xbf" + pdf(), "application/pdf"),
        (b"junk of a mail gateway\r\n" * 20 + pdf(), "application/pdf"),
        (b"about %PDF- files, a text\n", "text/plain"),
        (zipped(("a.txt", "x")), "application/zip"),
        (zipped(), "application/zip"),
        (zipped(TYPES, ("word/document.xml", "x")), f"{OFFICE}wordprocessingml.document"),
        (zipped(*[(f"docProps/{n}", "x") for n in range(900)], ("xl/workbook.xml", "x"), TYPES),
         f"{OFFICE}spreadsheetml.sheet"),
        (zipped(TYPES, ("ppt/presentation.xml", "x")), f"{OFFICE}presentationml.presentation"),
        (zipped(TYPES, ("word/document.xml", "x"), ("word/vbaProject.bin", "x")),
         "application/vnd.ms-word.document.macroenabled.12"),
        (zipped(("word/document.xml", "x")), "application/zip"),
        (zipped(("mimetype", ODT), ("content.xml", "x")), ODT),
        (zipped(("mimetype", "application/epub+zip"), ("x", "x")), "application/epub+zip"),
        (zipped(TYPES, ("word/document.xml", "x"))[:-30], "application/zip"),
        (b"PK\x03\x04", "application/zip"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), OLE),
        (bytes(128) + b"DICM" + bytes(300), "application/dicom"),
        (b"{\\rtf1 hello}", "application/rtf"),
        (b"hello world, this is text\n" * 10, "text/plain"),
        (b"x", "text/plain"),
        ("Größe;Maß\n1;2\n".encode("cp1252"), "text/plain"),
        ("Größe;Maß\n".encode(), "text/plain"),
        ("日本語".encode() * 9000, "text/plain"),
        ("a" + "é" * HEAD, "text/plain"),
        ("Größe".encode("utf-16"), "text/plain"),
        (b'{"a": 1}', "text/plain"),
        (b"From: a@b.example\nSubject: x\n\nhi", "text/plain"),
        (b"<!DOCTYPE html><title>Log in</title>", "text/html"),
        (b"\n\n  <HTML lang=en>", "text/html"),
        (b"<!-- a page --><html>", "text/html"),
        (b'<?xml version="1.0"?><html xmlns="x">', "text/html"),
        (b'<?xml version="1.0"?><a/>', "application/xml"),
        (b'<?xml version="1.0"?><svg xmlns="x"/>', "image/svg+xml"),
        (b"", None),
        (b"\x89PNG\r\n\x1a", None),
        (random.Random(3).randbytes(5000), None),
        (bytes(5000), None),
    ],
)  # fmt: skip
def test_what_files_are(tmp_path: Path, body: bytes | str, mime: str | None) -> None:
    path = tmp_path / "81.part"
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    assert sniff(path) == mime


def test_noise_is_seldom_taken_for_anything(tmp_path: Path) -> None:
    chance, found, path = random.Random(5), 0, tmp_path / "noise"
    for _ in range(100):
        path.write_bytes(chance.randbytes(600))
        found += sniff(path) is not None
    assert found <= 1
