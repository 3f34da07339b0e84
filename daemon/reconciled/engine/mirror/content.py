"""Whether a file may travel in a mirror: by what is declared of it, then by its real bytes. Pure.

What is declared is judged before anything is downloaded, and the same again once the bytes are here, since
an app may be wrong about either. A file that may not travel is a `Refusal` with a sentence for people; it
is never trouble, and never stops the files beside it.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from reconciled.config import Mirror
from reconciled.model import Item
from reconciled.units import say_size

Code: TypeAlias = Literal["path", "type", "size", "corrupt", "empty"]
"""What is wrong with a file, for programs."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file must not travel: the kind of reason, and a sentence with its remedy."""

    code: Code
    said: str


_SAME = {
    "application/csv": "text/csv",
    "application/x-csv": "text/csv",
    "application/dicom+octet-stream": "application/dicom",
    "application/x-dicom": "application/dicom",
    "application/x-pdf": "application/pdf",
    "application/x-rtf": "application/rtf",
    "application/x-zip": "application/zip",
    "application/x-zip-compressed": "application/zip",
    "application/xhtml+xml": "text/html",
    "image/dicom-rle": "application/dicom",
    "image/heic-sequence": "image/heic",
    "image/heif-sequence": "image/heif",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/tif": "image/tiff",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "image/x-png": "image/png",
    "image/x-tiff": "image/tiff",
    "text/json": "application/json",
    "text/rtf": "application/rtf",
    "text/x-csv": "text/csv",
    "text/x-markdown": "text/markdown",
    "text/xml": "application/xml",
}
"""Names that programs use for a type which has another one."""

_NOTHING_SAID = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-unknown"})

_OFFICE = frozenset(
    {
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-outlook",
        "application/vnd.ms-powerpoint",
    }
)
"""Microsoft's older types share one container, which does not say which of them it holds."""
OLE = "application/x-ole-storage"
"""That container, as `sniffing` calls it."""

_ZIPPED = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")
_HEIF = frozenset({"image/heic", "image/heif"})
_TEXTS = frozenset({"application/json", "application/xml", "message/rfc822", "application/x-yaml"})

RECOGNISED = frozenset(
    {
        "application/dicom", "application/msword", "application/pdf", "application/rtf",
        "application/vnd.ms-excel", "application/vnd.ms-outlook", "application/vnd.ms-powerpoint",
        "application/zip", "image/bmp", "image/gif", "image/heic", "image/heif", "image/jpeg", "image/png",
        "image/tiff", "image/webp",
    }
)  # fmt: skip
"""Types whose bytes `sniffing` always knows: what is declared so, and is not known, is not whole."""


def plain_type(mime: str | None) -> str | None:
    """A MIME type by its usual name, without parameters; None when it says nothing."""
    named = (mime or "").partition(";")[0].strip().lower()
    return None if named in _NOTHING_SAID else _SAME.get(named, named)


def declared_size(item: Item) -> int | None:
    """How many bytes the app says that the item has."""
    size = item.attrs.get("size")
    return size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None


def declared_type(item: Item) -> str | None:
    """What the app says that the item is, by its usual name."""
    mime = item.attrs.get("mime_type")
    return plain_type(mime) if isinstance(mime, str) else None


def refusal(mirror: Mirror, item: Item) -> Refusal | None:
    """Why the item must not travel, by what is declared of it; what is not declared refuses nothing."""
    refused = item.attrs.get("refused")
    if refused:
        return Refusal("path", str(refused))
    if (size := declared_size(item)) is not None and (wrong := size_refusal(mirror, size)):
        return wrong
    declared = declared_type(item)
    if declared is not None and not allows(mirror, declared):
        return _not_allowed(mirror, f"it is declared to be {declared}")
    return None


def refusal_of_bytes(mirror: Mirror, declared: str | None, real: str | None, size: int) -> Refusal | None:
    """Why the file must not travel, now that its bytes are here.

    `declared` is the type that the app names, `real` the one that the bytes show (None: unknown). Where
    the mirror names types, the two have to agree and be among them; else only what is no file is refused.
    """
    if wrong := size_refusal(mirror, size):
        return wrong
    said, shown = plain_type(declared), plain_type(real)
    if not mirror.types:
        return None
    if shown is None:
        return _unknown_bytes(mirror, said)
    if said is not None and not agree(said, shown):
        return Refusal(
            "type",
            f"it is declared to be {said}, and its bytes are {shown}; "
            "correct the file or its type in the app, and it is taken the next time",
        )
    kind = the_type(said, shown)
    return None if allows(mirror, kind) else _not_allowed(mirror, f"its bytes are {kind}")


def the_type(declared: str | None, real: str | None) -> str:
    """The type that a file is taken for, where both agree: whichever of the two says more."""
    said, shown = plain_type(declared), plain_type(real)
    if said is None or shown is None:
        return said or shown or "application/octet-stream"
    return said if agree(said, shown) and _says_more(said, shown) else shown


def agree(declared: str, real: str) -> bool:
    """Whether bytes that look like `real` may well be a file of the type `declared`; both are plain types."""
    return (
        declared == real
        or {declared, real} <= _HEIF
        or _says_more(declared, real)
        or _says_more(real, declared)
    )


def allows(mirror: Mirror, mime: str) -> bool:
    """Whether the mirror takes files of this plain type."""
    if not mirror.types:
        return True
    wanted = {plain_type(kind) for kind in mirror.types}
    if mime in _HEIF and wanted & _HEIF:
        return True
    return mime in wanted or f"{mime.partition('/')[0]}/*" in wanted


def size_refusal(mirror: Mirror, size: int) -> Refusal | None:
    """Why no file of so many bytes may travel."""
    if size == 0:
        return Refusal("empty", "it is empty; put the file into the app again, or delete it there")
    return too_large(mirror.name, size, mirror.max_size) if size > mirror.max_size else None


def too_large(mirror: str, size: int, most: int, *, at_least: bool = False) -> Refusal:
    """The refusal of a file that is larger than its mirror takes."""
    more = "more than " if at_least else ""
    return Refusal(
        "size",
        f"it is {more}{say_size(size)}, and {mirror} takes files of {say_size(most)} at most; "
        "raise its `max_size` if this one shall travel",
    )


def corrupt(said: str) -> Refusal:
    """The refusal of a file whose bytes cannot be read. `said` is how `decoding` puts it."""
    what = said.removeprefix("corrupt: ")
    return Refusal(
        "corrupt", f"its bytes are corrupt: {what}; put a whole one into the app, or delete it there"
    )


def _says_more(one: str, other: str) -> bool:
    """Whether `one` is a kind of `other`, which is as much as bytes can show of it."""
    if other == "application/zip":
        return one.startswith(_ZIPPED) or one.endswith("+zip")
    if other == OLE:
        return one in _OFFICE
    if other == "text/plain":
        return one != "text/html" and (
            one.startswith("text/") or one in _TEXTS or one.endswith(("+json", "+xml"))
        )
    if other == "application/xml":
        return one.endswith("+xml")
    return False


def _unknown_bytes(mirror: Mirror, said: str | None) -> Refusal | None:
    if said is None:
        return _not_allowed(mirror, "nothing says what kind of file it is, its bytes do not either")
    if said in RECOGNISED or said.startswith(_ZIPPED):
        return corrupt(f"they do not begin as {said} does")
    return None if allows(mirror, said) else _not_allowed(mirror, f"it is declared to be {said}")


def _not_allowed(mirror: Mirror, what: str) -> Refusal:
    return Refusal(
        "type",
        f"{what}, and {mirror.name} takes {', '.join(sorted(mirror.types))} only; "
        "add it to its `types` if such files shall travel",
    )
