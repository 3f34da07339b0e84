"""Paths as texts: every name that a disk can hold, written so that it can be read back.

A Linux name is bytes. Nearly all are UTF-8 and are written as they are. One that is not would be
no text at all in a ledger or on a page, so its path is written as `bytes:` with these bytes in
per cent; a path of ours begins with a slash, so the two are never taken for each other.
"""

import os
from urllib.parse import quote_from_bytes, unquote_to_bytes

_BYTES = "bytes:"
_PLAIN = "/ !\"#$&'()*+,-.:;<=>?@[\\]^_`{|}~"


def spell(path: str) -> str:
    """The path as the file system gave it, as a text."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return _BYTES + quote_from_bytes(os.fsencode(path), safe=_PLAIN)
    return path


def read(text: str) -> str:
    """What `spell` wrote, as the file system takes it; ValueError when it names no place on a disk.

    No place has two spellings: else one file would be two items.
    """
    path = os.fsdecode(unquote_to_bytes(text.removeprefix(_BYTES))) if text.startswith(_BYTES) else text
    parts = path.split("/")
    odd = not path.startswith("/") or "\0" in path or any(part in ("", ".", "..") for part in parts[1:])
    if odd or spell(path) != text:
        raise ValueError(f"{text[:200]!r} is no path of a file")
    return path
