"""Blanks known secrets out of what is to be kept of a webhook.

A secret may stand in a body because somebody put it into a URL or a template there. The body must
stay what it was otherwise: JSON is blanked inside its strings, so that no quote or comma is lost,
and is rewritten only if a secret was found at all.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec
from pydantic import BaseModel, SecretBytes, SecretStr

from reconciled.config import Settings

MASK = "***"
SHORT = 6
"""A secret of fewer characters is blanked only where it is the whole of a string."""


def secrets_of(settings: Settings, *more: str) -> frozenset[str]:
    """Every secret that the config holds, and the others given."""
    found = {*more}
    if settings.daemon.token is not None:
        found.add(settings.daemon.token.get_secret_value())
    for source in settings.sources.values():
        found |= set(_secrets_in(source.options))
        if source.webhook is not None:
            found.add(source.webhook.get_secret_value())
    return frozenset(found - {""})


def redact(body: bytes, secrets: Iterable[str]) -> bytes:
    """The body with a mask for every secret, however it is escaped."""
    known = sorted(secrets, key=len, reverse=True)
    forms = sorted({form for secret in known for form in _forms(secret)}, key=len, reverse=True)
    if not any(form.encode() in body for form in forms):
        return body
    try:
        return msgspec.json.encode(_blank(msgspec.json.decode(body), forms))
    except (msgspec.DecodeError, RecursionError):
        for form in forms:
            body = body.replace(form.encode(), MASK.encode())
        return body


def redact_text(text: str, secrets: Iterable[str]) -> str:
    """The same for a short text, such as a header."""
    return redact(text.encode("utf-8", "surrogateescape"), secrets).decode("utf-8", "replace")


def _secrets_in(value: Any) -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case SecretBytes():
            yield value.get_secret_value().decode("utf-8", "replace")
        case BaseModel():
            for name in type(value).model_fields:
                yield from _secrets_in(getattr(value, name))
        case Mapping():
            for inner in value.values():
                yield from _secrets_in(inner)
        case str() | bytes():
            return
        case Sequence() | set() | frozenset():
            for inner in value:
                yield from _secrets_in(inner)


def _forms(secret: str) -> set[str]:
    escaped = {json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False)}
    slashed = {form.replace("/", "\\/") for form in escaped}
    return {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), *escaped, *slashed}


def _blank(value: Any, forms: Sequence[str]) -> Any:
    match value:
        case str():
            for form in forms:
                value = MASK if value == form else value
                value = value.replace(form, MASK) if len(form) >= SHORT else value
            return value
        case list():
            return [_blank(inner, forms) for inner in value]
        case dict():
            return {_blank(name, forms): _blank(inner, forms) for name, inner in value.items()}
    return value
