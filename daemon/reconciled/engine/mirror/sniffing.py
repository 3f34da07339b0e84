"""What a file is, by its bytes: the MIME type that they show, or None. Blocks for a millisecond.

The types that mirrors carry are told by a table of our own, since puremagic 1.30 takes plain text and any
zip for an office document and names no type for DICOM; it is asked last, about what no rule here knows. At
most the beginning and the index of an archive are read, whatever the size.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import puremagic

from reconciled.engine.mirror.content import OLE

HEAD = 64 * 2**10
_TAIL = 66_000
_INDEX = 2**20
_NAMES = 20_000
_SURE = 0.4
"""The least confidence of puremagic that counts: four bytes that fit."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"%!PS", "application/postscript"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"})
_HEIF = frozenset({b"mif1", b"msf1", b"heif"})
_AVIF = frozenset({b"avif", b"avis"})
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"word/", f"{_OFFICE}wordprocessingml.document", "application/vnd.ms-word.document.macroenabled.12"),
    (b"xl/", f"{_OFFICE}spreadsheetml.sheet", "application/vnd.ms-excel.sheet.macroenabled.12"),
    (
        b"ppt/",
        f"{_OFFICE}presentationml.presentation",
        "application/vnd.ms-powerpoint.presentation.macroenabled.12",
    ),
)
_BLANKS = b"\xef\xbb\xbf\x00\t\n\x0b\x0c\r "
_PDF = re.compile(rb"%PDF-\d")
_HTML = re.compile(rb"<!doctype\s+html|<(html|head|body|title|script)[\s>]", re.IGNORECASE)
_MARKUP = re.compile(rb"(<\?xml|<!--|<!doctype)", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:\w+:)?(html|svg)[\s>]", re.IGNORECASE)
_ODD = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]")
_MIMETYPE = re.compile(rb"[a-z]+/[a-z0-9.+-]+")


def sniff(path: Path) -> str | None:
    """The type that the bytes show. OSError when the file cannot be read."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        if not head:
            return None
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _zipped(head, file)
    return _by_start(head) or _boxed(head) or _markup(head) or _pdf(head) or _text(head) or _asked(head)


def _by_start(head: bytes) -> str | None:
    for start, mime in _STARTS:
        if head.startswith(start):
            return mime
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and len(head) >= 18 and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "image/bmp"
    return "application/dicom" if head[128:132] == b"DICM" else None


def _boxed(head: bytes) -> str | None:
    """Still images in the container that films use, too: the first box names the kinds that it is."""
    if head[4:8] != b"ftyp":
        return None
    end = min(max(int.from_bytes(head[:4], "big"), 16), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    for brand in brands:
        if brand in _HEIC:
            return "image/heic"
        if brand in _AVIF:
            return "image/avif"
    return "image/heif" if _HEIF.intersection(brands) else None


def _markup(head: bytes) -> str | None:
    start = head.lstrip(_BLANKS)[:4096]
    if _HTML.match(start):
        return "text/html"
    if not _MARKUP.match(start):
        return None
    root = _ROOT.search(start)
    if root is not None:
        return "text/html" if root[1].lower() == b"html" else "image/svg+xml"
    return "application/xml" if start[:5].lower() == b"<?xml" else None


def _pdf(head: bytes) -> str | None:
    """Readers accept what stands before its mark, as long as that comes within the first 1024 bytes."""
    return "application/pdf" if _PDF.search(head, 0, 1024 + 6) else None


def _text(head: bytes) -> str | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            head[: len(head) & ~1].decode("utf-16")
        except UnicodeDecodeError as error:
            return "text/plain" if len(head) - error.start < 4 else None
        return "text/plain"
    if _ODD.search(head):
        return None
    try:
        head.decode()
    except UnicodeDecodeError as error:
        cut = len(head) == HEAD and len(head) - error.start < 4
        high = sum(byte > 0x7F for byte in head)
        return "text/plain" if cut or high * 3 < len(head) else None  # an older code page
    return "text/plain"


def _asked(head: bytes) -> str | None:
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    return next((one.mime_type for one in found if one.mime_type and one.confidence >= _SURE), None)


def _zipped(head: bytes, file: BinaryIO) -> str:
    """Which office document a zip is, by its first entry or by the names in its index."""
    if head[30:38] == b"mimetype" and int.from_bytes(head[26:28], "little") == 8:
        skipped = 38 + int.from_bytes(head[28:30], "little")
        size = int.from_bytes(head[18:22], "little")
        named = _MIMETYPE.match(head, skipped, skipped + (size or 100))
        if named and b"PK" not in named[0]:
            return named[0].decode("ascii")
    names = set(_names(file))
    if b"[Content_Types].xml" not in names:
        return "application/zip"
    for part, plain, with_macros in _PARTS:
        if any(name.startswith(part) for name in names):
            return with_macros if part + b"vbaProject.bin" in names else plain
    return "application/zip"


def _names(file: BinaryIO) -> Iterator[bytes]:
    """The names in a zip's index, as far as one may be read; none of a broken one."""
    size = file.seek(0, 2)
    tail_at = file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        return
    length, begin = struct.unpack_from("<II", tail, end + 12)
    file.seek(min(begin, tail_at + end))
    index = file.read(min(length, _INDEX))
    at = 0
    for _ in range(_NAMES):
        if index[at : at + 4] != b"PK\x01\x02" or at + 46 > len(index):
            return
        name, extra, said = struct.unpack_from("<HHH", index, at + 28)
        yield index[at + 46 : at + 46 + name]
        at += 46 + name + extra + said
