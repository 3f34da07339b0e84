"""Reading JSON into structs without holding up the loop.

The parser holds the interpreter while it works, in a thread too, so a list of 5,000 films of 8 KB
would stop everything for 40 ms. The *arr apps indent what they send, and between two elements of
such a list stands a seam that can stand nowhere else: JSON strings hold no line ends, and what
lies deeper is indented further. Cut there, each piece takes a millisecond or two. Whatever does
not cut or does not fit is read whole, so a wrong guess costs time and never changes the answer.
"""

from collections.abc import Iterator
from typing import TypeVar, get_origin

import msgspec

LARGE = 2**20
"""From here on, in bytes, a body is read in a thread."""

_PIECE = 2**20
T = TypeVar("T")


def decode(kind: type[T], body: bytes) -> T:
    """The body as a `kind`; raises what msgspec raises."""
    if len(body) > LARGE and get_origin(kind) is list:
        try:
            return _decode_pieces(kind, body)
        except msgspec.DecodeError:
            pass  # cut at a wrong place, or really wrong: reading it whole tells, and names the place
    return msgspec.json.decode(body, type=kind)


def _decode_pieces(kind: type[T], body: bytes) -> T:
    decoder = msgspec.json.Decoder(kind)
    whole = kind()
    for piece in _pieces(body):
        whole += decoder.decode(piece)  # type: ignore[operator]  # `decode` made sure that it is a list
    return whole


def _pieces(body: bytes) -> Iterator[bytes]:
    seam = b"\r\n  },\r\n  {" if body[:3] == b"[\r\n" else b"\n  },\n  {"
    end_of_first = seam.index(b",")
    start, opening = 0, b""
    while (cut := body.find(seam, start + _PIECE)) >= 0:
        yield opening + body[start : cut + end_of_first] + b"]"
        start, opening = cut + end_of_first + 1, b"["
    yield opening + body[start:]
