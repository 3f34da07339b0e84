"""What apps tell us: `POST /webhooks/{source}`.

The secret comes first, then the body, then the commit, and only then the 202: nothing that was
acknowledged is lost. Every authenticated body is taken, also one that nobody understands, because
the *arr apps answer repeated failures by dropping events for up to an hour. The body is kept with
every secret that we know blanked; of its headers only those that say what it is.
"""

import base64
import binascii
import logging
import re
import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from reconciled.config import SourceSettings
from reconciled.engine.inbox import understand
from reconciled.engine.live import LiveSource
from reconciled.engine.runs import NoSuchSource
from reconciled.errors import BadEvent
from reconciled.ledger.migrate import LedgerTrouble
from reconciled.model import Event, Op
from reconciled.source import ReceivesWebhooks, VerifiesWebhooks
from reconciled.web.auth import same
from reconciled.web.blanking import redact, redact_text, secrets_of
from reconciled.web.house import House, house_of
from reconciled.web.problems import RETRY_LATER, Problem

LARGEST = 2**20
SECRET_HEADERS = ("X-Reconciled-Secret", "X-Webhook-Secret")
_KEPT = frozenset({"content-type", "content-encoding", "user-agent"})
_SECRETIVE = re.compile("secret|token|key|auth|pass|sign|hmac|cookie|credential|session|forwarded|real-ip")
_LOG = logging.getLogger(__name__)


async def receive(request: web.Request) -> web.Response:
    """Take one webhook. 202 after its commit, 200 for the app's own test."""
    house, name = house_of(request), request.match_info["source"]
    known = name in house.config().settings.sources
    try:
        response = await _receive(house, request, name)
    except Problem as problem:
        outcome = {401: "unauthorized", 404: "unknown", 413: "too_large", 503: "failed"}
        _count(house, name if known else "", outcome.get(problem.status, "refused"))
        raise
    _count(house, name, "test" if response.status == 200 else "accepted")
    return response


async def _receive(house: House, request: web.Request, name: str) -> web.Response:
    settings, live = _find(house, name)
    if not isinstance(live.source, VerifiesWebhooks):
        _check_secret(request, settings)
    body = await _body(request)
    if isinstance(live.source, VerifiesWebhooks):
        _verify(live, live.source, body, request)
    secrets = secrets_of(house.config().settings, house.token)
    headers = {header: redact_text(value, secrets) for header, value in kept_headers(request.headers).items()}
    kept = redact(body, secrets)
    try:
        letter = await house.engine.receive(name, kept, headers)
    except NoSuchSource as error:
        raise _not_now(f"{name} is being restarted") from error
    except (sqlite3.Error, LedgerTrouble) as error:
        if house.ledger.trouble is None:  # else it is said already, once
            _LOG.error("%s: a webhook could not be kept: %s", name, error)
        raise _not_now(house.ledger.trouble or "the ledger cannot commit; the log says why") from error
    status = 200 if _is_test(live, kept, headers) else 202
    return web.Response(
        body=msgspec.json.encode({"id": letter}), status=status, content_type="application/json"
    )


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that say what a webhook is, in lower case; never one that may hold a secret."""
    kept: dict[str, str] = {}
    for name, value in headers.items():
        low = name.lower()
        if low in _KEPT or (low.startswith("x-") and not _SECRETIVE.search(low)):
            kept[low] = value
    return kept


def _find(house: House, name: str) -> tuple[SourceSettings, LiveSource]:
    settings = house.config().settings.sources.get(name)
    if settings is None:
        raise Problem(404, f"there is no source {name!r}; the address ends with a name under `sources:`")
    if not issubclass(settings.type, ReceivesWebhooks):
        raise Problem(404, f"{name} takes no webhooks: its plugin {settings.app} has no such ability")
    place = house.engine.places.get(name)
    if place is None:
        raise _not_now(f"{name} has not started yet")
    return settings, place.live


def _not_now(why: str) -> Problem:
    return Problem(503, why, headers=RETRY_LATER)


def _check_secret(request: web.Request, settings: SourceSettings) -> None:
    if settings.webhook is None:
        raise Problem(
            401,
            f"webhooks of {settings.name} need a secret: set sources.{settings.name}.webhook in the config",
        )
    right = settings.webhook.get_secret_value()
    shown = _shown(request)
    if True not in [same(secret, right) for secret in shown]:
        wrong = "the secret is wrong" if shown else "the secret is missing"
        raise Problem(
            401,
            f"{wrong}; send what sources.{settings.name}.webhook says as header {SECRET_HEADERS[0]}, "
            "as password, or as ?token=",
        )


def _shown(request: web.Request) -> list[str]:
    """The secrets that a request shows, by header, password or parameter."""
    shown = [request.headers[name] for name in SECRET_HEADERS if name in request.headers]
    said = request.headers.get("Authorization", "")
    scheme, _, credentials = said.partition(" ")
    shown += [credentials.strip() if scheme.lower() == "bearer" else said] if said else []
    if scheme.lower() == "basic":
        try:
            told = base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            told = b""
        # RFC 7617 leaves the encoding open: browsers take UTF-8, the *arr apps ISO-8859-1
        shown += [told.decode("utf-8", "surrogateescape"), told.decode("latin-1")]
    shown += request.query.getall("token", [])
    return shown


def _verify(live: LiveSource, source: VerifiesWebhooks, body: bytes, request: web.Request) -> None:
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        source.verify_webhook(body, headers)
    except BadEvent as error:
        raise Problem(401, str(error)) from error
    except Exception as error:
        live.log.exception("%s: its plugin crashed while it checked a webhook", live.name)
        raise Problem(
            500, f"the plugin {live.app} crashed while it checked this; the log says why"
        ) from error


async def _body(request: web.Request) -> bytes:
    """The body, unless it is longer than 1 MiB: then nothing more of it is read.

    Of a body that cannot be unpacked it is what came before the place where that failed.
    """
    said = Problem(413, "the body is too large; a webhook may have 1 MiB")
    if (request.content_length or 0) > LARGEST:
        raise said
    body = bytearray()
    try:
        async for chunk in request.content.iter_chunked(2**16):
            body += chunk
            if len(body) > LARGEST:
                raise said
    except web.RequestPayloadError:
        if "Content-Encoding" not in request.headers:
            raise  # its end never came, so it is not acknowledged
        request.content.feed_eof()  # nothing more of it can be read, also not by the server
        _LOG.warning("%s: a webhook cannot be unpacked", request.path)
    return bytes(body)


def _is_test(live: LiveSource, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        events: list[Any] = [*understand(live, body, headers)]
    except BadEvent:
        return False
    return bool(events) and all(isinstance(event, Event) and event.op is Op.TEST for event in events)


def _count(house: House, source: str, outcome: str) -> None:
    house.engine.counts["webhook", source, outcome] += 1
