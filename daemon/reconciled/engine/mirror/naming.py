"""What a file is called where it goes: a name that no program or file system trips over. Pure.

A title comes from an app and is trusted in nothing: it cannot climb out of a folder, hide, mean a device,
end in what some systems drop, turn the direction of reading, or be too long. What it says stays readable.
"""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from reconciled.model import Item

LONGEST = 200
"""Bytes of a safe name, which leaves room for what others put before or behind it (most systems take 255)."""
LONGEST_TITLE = 128
"""Characters of a title; Paperless-ngx takes no more."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."

ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "application/dicom": ("dcm", "dicom", "dic"),
        "application/json": ("json",),
        "application/msword": ("doc", "dot"),
        "application/pdf": ("pdf",),
        "application/rtf": ("rtf",),
        "application/vnd.ms-excel": ("xls", "xlt"),
        "application/vnd.ms-outlook": ("msg",),
        "application/vnd.ms-powerpoint": ("ppt", "pps"),
        "application/xml": ("xml",),
        "application/zip": ("zip",),
        "image/bmp": ("bmp", "dib"),
        "image/gif": ("gif",),
        "image/heic": ("heic", "heif"),
        "image/heif": ("heif", "heic"),
        "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
        "image/png": ("png",),
        "image/svg+xml": ("svg",),
        "image/tiff": ("tif", "tiff"),
        "image/webp": ("webp",),
        "message/rfc822": ("eml",),
        "text/csv": ("csv",),
        "text/html": ("html", "htm", "xhtml"),
        "text/markdown": ("md", "markdown"),
        "text/plain": ("txt", "text", "log", "csv", "md", "ini", "conf", "cfg", "yaml", "yml", "json", "xml"),
        f"{_OFFICE}presentationml.presentation": ("pptx",),
        f"{_OFFICE}spreadsheetml.sheet": ("xlsx",),
        f"{_OFFICE}wordprocessingml.document": ("docx",),
        f"{_OPEN}presentation": ("odp",),
        f"{_OPEN}spreadsheet": ("ods",),
        f"{_OPEN}text": ("odt",),
    }
)
"""How files of a type are called, the usual ending first."""

_KNOWN = frozenset(ending for endings in ENDINGS.values() for ending in endings)
_DIGITS = "123456789¹²³"
_DEVICES = frozenset(
    [
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "CONIN$",
        "CONOUT$",
        *(f"{port}{n}" for port in ("COM", "LPT") for n in _DIGITS),
    ]
)
_NEVER = frozenset('/\\<>:"|?*\u2044\u2215\u29f8\uff0f\uff3c')
"""What separates folders, or looks as if, and what Windows refuses in a name."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_name(title: str, mime: str | None) -> str:
    """A file name made of a title, with the ending of its real type. Its own safe name is itself."""
    name = _readable(title, apart="_").lstrip(". ") or "file"
    stem, ending = _split(name, mime)
    if stem.partition(".")[0].strip().upper() in _DEVICES:
        stem = f"_{stem}"
    room = LONGEST - len(ending.encode())
    return (_cut(stem, room).rstrip(". ") or "file") + ending


def title_of(item: Item) -> str:
    """What people read as its title: without the folders and the ending, on one line."""
    title = item.title
    if item.path and item.path.endswith(title):
        title = title.rstrip("/").rpartition("/")[2]
    text = _readable(title, apart=None)
    stem, dot, ending = text.rpartition(".")
    if dot and stem.strip(". ") and ending.lower() in _KNOWN:
        text = stem
    return text[:LONGEST_TITLE].strip() or f"{item.key}"[:LONGEST_TITLE]


def _readable(text: str, *, apart: str | None) -> str:
    """On one line, composed, without what cannot be seen; `apart` stands for what no name may hold."""
    shown = []
    for letter in unicodedata.normalize("NFC", text):
        if unicodedata.category(letter) in _UNSEEN:
            shown.append(" " if letter.isspace() else "")
        else:
            shown.append(apart if apart is not None and letter in _NEVER else letter)
    return " ".join("".join(shown).split())


def _split(name: str, mime: str | None) -> tuple[str, str]:
    """The name without its ending, and the right ending with its dot; empty for a type that has none."""
    endings = ENDINGS.get(mime or "", ())
    plain = name.rstrip(". ")
    stem, dot, ending = plain.rpartition(".")
    if dot and stem.strip(". ") and ending.lower() in (endings or _KNOWN):
        return stem.rstrip(". ") or "file", f".{ending}"
    return plain or "file", f".{endings[0]}" if endings else ""


def _cut(text: str, room: int) -> str:
    """As much of it as so many bytes hold; no letter is cut in two, nor parted from its accents."""
    if len(text.encode()) <= room:
        return text
    short = text.encode()[:room].decode(errors="ignore")
    while short and unicodedata.combining(text[len(short)]):
        short = short[:-1]
    return short or text.encode()[:room].decode(errors="ignore")
