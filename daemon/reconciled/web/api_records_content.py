"""API: the content of a record: its bytes, streamed to the disk and checked on the way.

The body is the file itself. What the record had before stays until all of the new bytes are there and
checked; an answer comes after the commit.
"""

import asyncio
import base64
import binascii
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from email.message import Message

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from reconciled.engine import contents
from reconciled.engine.contents import ALGORITHMS, Announced
from reconciled.ledger import views_records
from reconciled.ledger.contents import Put
from reconciled.ledger.views_records import RecordView
from reconciled.units import say_size
from reconciled.web.calls import AnyBody, Asked, Nothing
from reconciled.web.problems import Problem

SILENCE = 60.0
"""Seconds without a byte after which a sender is given up."""
LONGEST_NAME = 200
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_PLAIN = frozenset({"", "identity"})

PUTTING = web.AppKey("putting", set[tuple[str, str]])
"""The records whose content is on its way just now: source and id."""


async def put_record_content(asked: Asked[Nothing, AnyBody]) -> RecordView:
    """Send the bytes of a record, as the body; they replace what it had."""
    house, source, key = asked.house, asked.path("source"), asked.path("id")
    with _told():
        rules = contents.rules_of(house.engine, source)
    if await house.ledger.read(lambda tx: views_records.one(tx, source, key)) is None:
        raise Problem(404, f"{source} holds no record {key!r}; register it first, then send its content")
    announced = _announced(asked.request, key, most=rules.max_size)
    with _alone(asked.request.app[PUTTING], source, key), _told():
        put = await contents.keep(house.engine, source, key, _chunks(asked.request), announced=announced)
    view = await house.ledger.read(lambda tx: views_records.one(tx, source, key))
    if view is None or view.content is None:
        raise Problem(404, f"{source} holds no record {key!r} any more: it was removed meanwhile")
    asked.answers_with(201 if put is Put.NEW else 200)
    asked.note(f"{put}, {view.content.size} bytes")
    return view


@contextmanager
def _alone(putting: set[tuple[str, str]], source: str, key: str) -> Iterator[None]:
    """Problem 409 while other bytes for the same record are on their way."""
    if (source, key) in putting:
        raise Problem(409, f"another content of {key!r} is on its way; send yours when that is over")
    putting.add((source, key))
    try:
        yield
    finally:
        putting.discard((source, key))


@contextmanager
def _told() -> Iterator[None]:
    """What speaks against it, as a problem."""
    try:
        yield
    except (contents.NoContents, contents.NoSuchRecord) as error:
        raise Problem(404, str(error)) from error
    except contents.TooLarge as error:
        raise Problem(413, str(error)) from error
    except contents.NotThose as error:
        raise Problem(400, str(error)) from error
    except contents.CannotKeep as error:
        raise Problem(507 if error.full else 503, str(error)) from error


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    """The body as it comes. Problem when it breaks off or falls silent."""
    body = request.content.iter_any()
    try:
        while True:
            async with asyncio.timeout(SILENCE):
                chunk = await anext(body, None)
            if chunk is None:
                return
            yield chunk
    except TimeoutError as error:
        raise Problem(408, f"nothing came for {SILENCE:.0f} s; send it again") from error
    except (web.RequestPayloadError, HttpProcessingError, ConnectionError) as error:
        raise Problem(400, "the body broke off, so nothing of it was kept; send it again") from error


def _announced(request: web.Request, key: str, *, most: int) -> Announced:
    """What the headers say of the bytes. Problem 400, 413, 415."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip()
    if not _TYPE.fullmatch(kind):
        raise Problem(415, f"{kind[:100]!r} is no type; say in Content-Type what it is: application/pdf")
    if request.headers.get("Content-Encoding", "").strip().lower() not in _PLAIN:
        raise Problem(415, "a content is sent as it is, without Content-Encoding")
    length = request.content_length
    if length is not None and length > most:
        raise Problem(413, f"the content has {say_size(length)}; at most {say_size(most)} are taken here")
    return Announced(_name(request, key), kind.lower(), _digests(request))


def _name(request: web.Request, key: str) -> str:
    """What the program calls the file, without any folder; the end of the record's id if it says nothing."""
    said = request.headers.get("X-Filename", "") or _disposed(request.headers.get("Content-Disposition", ""))
    for one in (_clean(said), _clean(key)):
        name = one.replace("\\", "/").rpartition("/")[2].strip()
        if name.strip("."):
            return _shortened(name)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, key))


def _disposed(disposition: str) -> str:
    """The name in a Content-Disposition; empty when there is none in it, or none to be made out."""
    message = Message()
    message["Content-Disposition"] = _clean(disposition)
    try:
        return message.get_filename("")
    except (LookupError, TypeError, ValueError):  # the library trips over odd pieces of a name
        return ""


def _clean(text: str) -> str:
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(char for char in readable if char.isprintable())


def _shortened(name: str) -> str:
    """At most so many bytes, with the name's ending."""
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > 16:
        stem, dot, ending = name, "", ""
    room = LONGEST_NAME - len(f"{dot}{ending}".encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + ending


def _digests(request: web.Request) -> dict[str, bytes]:
    """The checksums that were sent and can be checked: `Content-Digest`, or the older `Digest`.

    Problem 400 when one is no checksum, or none of them can be checked: whoever sends one relies on it.
    """
    said = [
        *_parts(request, "Content-Digest", "=:", ":"), *_parts(request, "Digest", "=", ""),
    ]  # fmt: skip
    found: dict[str, bytes] = {}
    for algorithm, text in said:
        if algorithm not in ALGORITHMS:
            continue
        try:
            value = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Problem(400, f"the {algorithm} that was sent is no base64: {text[:100]!r}") from error
        if found.setdefault(algorithm, value) != value:
            raise Problem(400, f"two different checksums by {algorithm} were sent")
    if said and not found:
        raise Problem(400, f"no checksum that was sent can be checked; {' and '.join(ALGORITHMS)} can")
    return found


def _parts(request: web.Request, header: str, begin: str, end: str) -> Iterator[tuple[str, str]]:
    """The checksums of a header: algorithm, and what stands for it. Problem 400 for what is none."""
    for line in request.headers.getall(header, ()):
        for part in filter(None, map(str.strip, line.split(","))):
            algorithm, mark, text = part.partition(begin)
            if not mark or not text.endswith(end):
                raise Problem(400, f"{header} is written `sha-256{begin}…{end}`; {part[:100]!r} is not")
            yield algorithm.strip().lower(), text.removesuffix(end) if end else text
