"""Our webhook in Seerr. Seerr has only one, so somebody else's stays, and we say so instead.

Ours is known by its address, or by our word in its template (where our address changed). Overseerr
and Jellyseerr want the template sent as JSON in JSON, Seerr as JSON; the wrong one of the two is
taken, and then no notification is ever sent. So what was written is read back, and mended
(server/routes/settings/notifications.ts of sct/overseerr and seerr-team/seerr).
"""

from typing import Any

import msgspec
from yarl import URL

from reconciled.errors import BadResponse, Refused
from reconciled.source import Hook
from reconciled_seerr.connection import Connection, plain
from reconciled_seerr.payloads import HookSettings
from reconciled_seerr.webhooks import ABOUT_REQUESTS

PATH = "/settings/notifications/webhook"
_MARK = "reconciled"
_TYPES = sum(ABOUT_REQUESTS.values())


def template_of(source: str) -> dict[str, Any]:
    """What our webhook says."""
    return {
        _MARK: source,
        "notification_type": "{{notification_type}}",
        "subject": "{{subject}}",
        "{{media}}": {
            "media_type": "{{media_type}}",
            "tmdbId": "{{media_tmdbid}}",
            "tvdbId": "{{media_tvdbid}}",
        },
        "{{request}}": {
            "request_id": "{{request_id}}",
            "requestedBy_username": "{{requestedBy_username}}",
        },
    }


async def read_settings(connection: Connection) -> HookSettings:
    """The webhook as it is set up there."""
    return await connection.read(HookSettings, PATH)


def is_foreign(settings: HookSettings, source: str, hook: Hook) -> bool:
    """Whether it is somebody else's, in use or not."""
    options = settings.options
    template = plain(options.json_payload)
    ours = isinstance(template, dict) and template.get(_MARK) == source
    return bool(options.webhook_url) and options.webhook_url != hook.url and not ours


def whither(settings: HookSettings) -> str:
    """The host of its address; the rest may hold a secret."""
    try:
        return URL(settings.options.webhook_url).host or "another address"
    except ValueError:
        return "another address"


def faults(settings: HookSettings, hook: Hook) -> list[str]:
    """What is wrong with our webhook, each in a few words."""
    options = settings.options
    template = plain(options.json_payload)
    readable = isinstance(options.json_payload, str) and isinstance(template, dict)
    checks = {
        "it is not set up": bool(options.webhook_url),
        "it is switched off": settings.enabled or not options.webhook_url,
        "it goes to another address": options.webhook_url in ("", hook.url),
        "it shows another secret": not options.webhook_url or (options.auth_header or "") == _shown(hook),
        "it does not tell of every change of a request": settings.types & _TYPES == _TYPES,
        "its template says too little": readable and _suffices(template),
    }
    return [said for said, good in checks.items() if not good]


async def provision(connection: Connection, source: str, hook: Hook) -> list[str]:
    """Make or mend our webhook. Refused when Seerr's only one is somebody else's."""
    connection.hide(hook.secret)
    settings = await read_settings(connection)
    if is_foreign(settings, source, hook):
        raise Refused(
            f"Seerr's webhook goes to {whither(settings)}, and it has only this one; it was left as it is"
        )
    wrong = faults(settings, hook)
    if not wrong:
        return []
    for template in _written(source):
        await connection.write(PATH, _wanted(settings, hook, template))
        left = faults(await read_settings(connection), hook)
        if not left:
            return [f"set up Seerr's webhook: {', '.join(wrong)}"]
    raise BadResponse(f"{connection.config.url}: Seerr took our webhook, and still {', '.join(left)}")


def _written(source: str) -> tuple[str, str]:
    """The template as newer and as older versions want it sent."""
    text = msgspec.json.encode(template_of(source)).decode()
    return text, msgspec.json.encode(text).decode()


def _wanted(settings: HookSettings, hook: Hook, template: str) -> dict[str, Any]:
    """Ours as it should be. What a person chose beyond that (more notifications, posters) stays."""
    return {
        "enabled": True,
        "embedPoster": settings.embed_poster,
        "types": settings.types | _TYPES,
        "options": {
            "webhookUrl": hook.url,
            "authHeader": _shown(hook),
            "jsonPayload": template,
            "customHeaders": settings.options.custom_headers,
            "supportVariables": False,
        },
    }


def _shown(hook: Hook) -> str:
    return "" if hook.secret is None else f"Bearer {hook.secret}"


def _suffices(template: object) -> bool:
    """Whether we can read what it makes; Seerr's own does, so a person who chose that has it."""
    if not isinstance(template, dict):
        return False
    asked = template.get("{{request}}")
    return (
        template.get("notification_type") == "{{notification_type}}"
        and isinstance(asked, dict)
        and asked.get("request_id") == "{{request_id}}"
    )
