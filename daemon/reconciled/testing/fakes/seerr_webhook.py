"""Seerr's one webhook: how its settings are kept, and how its template becomes a body.

As server/lib/notifications/agents/webhook.ts and server/routes/settings/notifications.ts do it:
values go in as texts, a part that the notification is not about becomes null, and a template that
was sent as the other generation of the program wants it is taken, and fails when it is used.
"""

import base64
import json
from typing import Any

from reconciled.testing.fakes.seerr_model import STATUSES, Asked, Medium, SeerrState

TYPES = {
    "MEDIA_PENDING": 2, "MEDIA_APPROVED": 4, "MEDIA_AVAILABLE": 8, "MEDIA_FAILED": 16,
    "TEST_NOTIFICATION": 32, "MEDIA_DECLINED": 64, "MEDIA_AUTO_APPROVED": 128, "ISSUE_CREATED": 256,
    "ISSUE_COMMENT": 512, "ISSUE_RESOLVED": 1024, "ISSUE_REOPENED": 2048, "MEDIA_AUTO_REQUESTED": 4096,
}  # fmt: skip
DEFAULT = {
    "notification_type": "{{notification_type}}",
    "event": "{{event}}",
    "subject": "{{subject}}",
    "message": "{{message}}",
    "image": "{{image}}",
    "{{media}}": {
        "media_type": "{{media_type}}",
        "tmdbId": "{{media_tmdbid}}",
        "tvdbId": "{{media_tvdbid}}",
        "status": "{{media_status}}",
        "status4k": "{{media_status4k}}",
    },
    "{{request}}": {
        "request_id": "{{request_id}}",
        "requestedBy_email": "{{requestedBy_email}}",
        "requestedBy_username": "{{requestedBy_username}}",
        "requestedBy_avatar": "{{requestedBy_avatar}}",
    },
    "{{issue}}": {"issue_id": "{{issue_id}}"},
    "{{comment}}": {"comment_message": "{{comment_message}}"},
    "{{extra}}": [],
}
"""The template that Seerr comes with."""


class Agent:
    """The settings of the webhook. `newer` is how Seerr takes the template, else as Overseerr does."""

    def __init__(self, *, newer: bool) -> None:
        self.newer = newer
        self.enabled = False
        self.types = 0
        self.options: dict[str, Any] = {"webhookUrl": "", "authHeader": ""}
        self._kept = base64.b64encode(json.dumps(json.dumps(DEFAULT)).encode()).decode()

    def shown(self) -> dict[str, Any]:
        """As GET answers it."""
        payload = json.loads(base64.b64decode(self._kept))
        options = {**self.options, "jsonPayload": payload}
        return {"enabled": self.enabled, "embedPoster": False, "types": self.types, "options": options}

    def take(self, body: dict[str, Any]) -> None:
        """As POST takes it. ValueError when the template is no JSON at all."""
        options = dict(body["options"])
        payload = options.pop("jsonPayload")
        json.loads(payload)
        raw = json.dumps(payload) if self.newer else payload
        self._kept = base64.b64encode(raw.encode()).decode()
        self.enabled, self.types, self.options = bool(body["enabled"]), int(body["types"]), options

    def template(self) -> dict[str, Any] | None:
        """What it says; None when the template is of no use, so that nothing is sent."""
        found = json.loads(base64.b64decode(self._kept))
        if not isinstance(found, str):
            return None
        template = json.loads(found)
        return template if isinstance(template, dict) else None

    def wants(self, kind: str) -> bool:
        """Whether a notification of this kind is sent."""
        return self.enabled and bool(self.options["webhookUrl"]) and bool((self.types | 32) & TYPES[kind])


def filled(
    template: dict[str, Any], kind: str, state: SeerrState, asked: Asked | None, *, subject: str
) -> dict[str, Any]:
    """The body of a notification."""
    medium = state.media.get(asked.medium) if asked is not None else None
    values = _values(kind, state, asked, medium, subject)
    parts = {"media": medium is not None, "request": asked is not None, "issue": kind.startswith("ISSUE_")}
    found: dict[str, Any] = {}
    for name, value in template.items():
        bare = name.removeprefix("{{").removesuffix("}}")
        if bare == name:
            found[name] = _put(value, values)
        elif bare == "extra":
            found[bare] = []
        else:
            found[bare] = _put(value, values) if parts.get(bare) else None
    return found


def _put(value: Any, values: dict[str, str]) -> Any:
    match value:
        case str():
            for name, text in values.items():
                value = value.replace("{{" + name + "}}", text)
            return value
        case dict():
            return {name: _put(one, values) for name, one in value.items()}
        case _:
            return value


def _values(
    kind: str, state: SeerrState, asked: Asked | None, medium: Medium | None, subject: str
) -> dict[str, str]:
    person = state.people.get(asked.by) if asked is not None else None
    name = person.name if person is not None else ""
    return {
        "notification_type": kind,
        "event": kind.replace("_", " ").capitalize(),
        "subject": subject,
        "message": "",
        "image": "",
        "media_type": medium.kind if medium else "",
        "media_tmdbid": str(medium.tmdb) if medium else "",
        "media_tvdbid": str(medium.tvdb or "") if medium else "",
        "media_status": STATUSES[medium.status] if medium else "",
        "media_status4k": STATUSES[medium.status4k] if medium else "",
        "request_id": str(asked.id) if asked else "",
        "requestedBy_username": name,
        "requestedBy_email": f"{name}@example.invalid" if name else "",
        "requestedBy_avatar": f"/avatarproxy/{person.id}" if person else "",
        "issue_id": "1" if kind.startswith("ISSUE_") else "",
        "comment_message": "",
    }
