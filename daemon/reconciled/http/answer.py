"""A whole answer, and what its status means when it is not the one that was hoped for.

502, 503, 504 and a proxy's 52x say that the app behind could not be asked: `Unreachable`. 500
and the rest of 5xx are an answer of the app itself, which failed at the question: `BadResponse`,
since asking again soon will hardly help. 400, 409 and 422 are its considered no: `Refused`.
Any other 4xx, a 404 too, says nothing about an item, so it is `BadResponse`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from reconciled.errors import BadResponse, RateLimited, Refused, SourceError, Unauthorized, Unreachable

_LONGEST_SAYING = 200
_NOT_BEHIND = frozenset({502, 503, 504, *range(520, 528), 530})
_CONSIDERED = frozenset({400, 409, 422})
_REMEDIES = {
    404: "no such address there: is the base path of the url right, is it the right app, and not too old?",
    405: "the app takes no such request there: is it the right app, and not too old?",
    407: "a proxy in between wants credentials",
    413: "what we sent is too large for it, or for a proxy in between",
}


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer: its status (2xx, or one that the caller allowed), headers and body.

    Header names are lower case. `where` names the request for messages: `GET http://box/api`.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    where: str = ""

    @property
    def media_type(self) -> str:
        """The content type without its parameters, lower case; empty when the app gave none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        """Whether the app calls it JSON."""
        kind = self.media_type
        return kind in ("application/json", "text/json") or kind.endswith("+json")

    @property
    def is_html(self) -> bool:
        """Whether it is a page for a browser, whatever the app calls it."""
        start = self.body[:64].lstrip().lower()
        return "html" in self.media_type or start.startswith((b"<!doctype html", b"<html"))


def trouble_of(answer: Response, *, now: datetime, redact: Callable[[str], str]) -> SourceError:
    """The error that an unwanted status is; of its message only what the app says is redacted."""
    said = saying(answer, redact)
    status = f"{answer.where}: {answer.status}"
    match answer.status:
        case 401 | 403:
            return Unauthorized(f"{status}, our credentials were refused{said}; check the key of this source")
        case 429:
            wait = retry_after(answer.headers.get("retry-after"), now=now)
            return RateLimited(f"{status}, too many requests{said}", wait)
        case 503:
            return Unreachable(f"{status}, the app is still starting, or not there{said}")
        case code if code in _NOT_BEHIND:
            return Unreachable(f"{status}, a proxy got no answer from the app{said}")
        case code if code >= 500:
            return BadResponse(f"{status}, the app itself failed{said}; its own log tells why")
        case code if code in _CONSIDERED:
            return Refused(f"{status}, the app refused{said}")
        case code:
            remedy = _REMEDIES.get(code)
            return BadResponse(f"{status}, an answer of no use{said}" + (f"; {remedy}" if remedy else ""))


def saying(answer: Response, redact: Callable[[str], str] = str) -> str:
    """What the app itself says in an error's body, as ` ("…")`; empty when it says nothing we can read.

    Secrets are masked before a long text is cut, or half of one could be left at its end.
    """
    try:
        body = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    parts = body if isinstance(body, list) else [body]
    said = [text for part in parts if isinstance(part, dict) and (text := _text_in(part))]
    line = " ".join(redact("; ".join(said)).split())
    return f' ("{line[:_LONGEST_SAYING]}{"…" if len(line) > _LONGEST_SAYING else ""}")' if line else ""


def _text_in(part: dict[str, object]) -> str:
    for name in ("errorMessage", "message", "detail", "title", "error"):
        if isinstance(text := part.get(name), str) and text.strip():
            return text
    return ""


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds of a Retry-After header, given in seconds or as an HTTP date; None when it says neither."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
