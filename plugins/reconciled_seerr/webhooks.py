"""What Seerr's webhook says: of a request only that it changed, for no deletion is ever told.

The body is what the template in Seerr's settings makes of it: ours, or the one that Seerr comes
with, which has these fields too (server/lib/notifications/agents/webhook.ts of seerr-team/seerr).
All its values are texts, and parts that a notification is not about are null.
"""

from collections.abc import Sequence

import msgspec

from reconciled.errors import BadEvent
from reconciled.model import Event, Key, Op, Ref
from reconciled_seerr.items import REQUEST, claimed
from reconciled_seerr.payloads import Media

ABOUT_REQUESTS = {
    "MEDIA_PENDING": 2,
    "MEDIA_APPROVED": 4,
    "MEDIA_AVAILABLE": 8,
    "MEDIA_FAILED": 16,
    "MEDIA_DECLINED": 64,
    "MEDIA_AUTO_APPROVED": 128,
    "MEDIA_AUTO_REQUESTED": 4096,
}
"""The notifications that are about a request, with their bits (server/lib/notifications/index.ts)."""
_BY_WHO_ASKED = frozenset({"MEDIA_PENDING", "MEDIA_AUTO_APPROVED", "MEDIA_AUTO_REQUESTED"})
_LONGEST = 200


class Notified(msgspec.Struct, frozen=True):
    """Of which film or series."""

    media_type: str = ""
    tmdb_id: str = msgspec.field(default="", name="tmdbId")
    tvdb_id: str = msgspec.field(default="", name="tvdbId")


class Asked(msgspec.Struct, frozen=True):
    """Of which request."""

    request_id: str = ""
    by: str | None = msgspec.field(default=None, name="requestedBy_username")


class Notice(msgspec.Struct, frozen=True):
    """A notification."""

    notification_type: str
    subject: str | None = None
    media: Notified | None = None
    request: Asked | None = None


def read_webhook(body: bytes) -> Sequence[Event]:
    """The events in the body; none for an issue. BadEvent when it is no notification of Seerr."""
    try:
        notice = msgspec.json.decode(body, type=Notice)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadEvent(
            f"no webhook of Seerr: {error}; `reconciled doctor` sets up a template that we can read"
        ) from None
    match notice.notification_type:
        case "TEST_NOTIFICATION":
            return [Event(Op.TEST)]
        case kind if kind.startswith("ISSUE_"):
            return []
        case kind if kind.startswith("MEDIA_"):
            return _about_request(notice)
        case other:
            raise BadEvent(f"unknown notification {other[:60]!r} of Seerr")


def _about_request(notice: Notice) -> Sequence[Event]:
    if notice.request is None:
        return []
    number = notice.request.request_id
    if not _is_number(number):
        raise BadEvent(f"{notice.notification_type[:60]} that does not say which request")
    actor = _line(notice.request.by) if notice.notification_type in _BY_WHO_ASKED else None
    return [
        Event(
            Op.CHANGED,
            Key(REQUEST, number),
            title=_line(notice.subject),
            refs=_refs(notice.media),
            actor=actor,
            reason=notice.notification_type[:60].lower(),
        )
    ]


def _refs(media: Notified | None) -> frozenset[Ref]:
    if media is None:
        return frozenset()
    tmdb, tvdb = (int(text) if _is_number(text) else None for text in (media.tmdb_id, media.tvdb_id))
    return claimed(Media(0, media.media_type, 0, tmdb_id=tmdb, tvdb_id=tvdb))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and text[0] != "0" and len(text) <= 10


def _line(text: str | None) -> str | None:
    """A text in one line that can be shown; None when it says nothing."""
    shown = "".join(char for char in text or "" if char.isprintable()).strip()
    return shown[:_LONGEST] or None
