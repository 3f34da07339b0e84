"""Blanks known secrets out of what is to be kept of a webhook.

A secret may stand in a body because somebody put it into a URL or a template there. The body must
stay what it was otherwise: of JSON only the strings and numbers that hold a secret are written
anew, so that no quote or comma is lost. What is no JSON is searched as text.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from pydantic import BaseModel, SecretBytes, SecretStr

from reconciled.config import Settings
from reconciled.web.spellings import MASK, Spellings, spellings

_SECRETIVE = re.compile(
    r"secret|token|passw|passphrase|passcode|api[-_]?key|private[-_]?key|credential|authoriz|cookie"
    r"|(?:^|[-_])(?:pass|auth|key|pin)$",
    re.IGNORECASE,
)
_STRING_OR_NUMBER = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*')


def secrets_of(settings: Settings, *more: str) -> frozenset[str]:
    """Every secret that the config holds, and the others given."""
    found = {*more}
    if settings.daemon.token is not None:
        found.add(settings.daemon.token.get_secret_value())
    for source in settings.sources.values():
        found |= set(_secrets_in(source.options))
        if source.webhook is not None:
            found.add(source.webhook.get_secret_value())
    return frozenset({secret.strip() for secret in found} - {""})


def is_named_secret(name: str) -> bool:
    """Whether what stands under such a name is likely a secret."""
    return _SECRETIVE.search(name) is not None


def redact(body: bytes, secrets: Iterable[str]) -> bytes:
    """The body with a mask for every secret, however it is written; to the byte the same if there is none."""
    known, encoding = spellings(frozenset(secrets)), json.detect_encoding(body)
    if not encoding.startswith("utf-8"):
        body = _redact(body, known, encoding, "replace")
        encoding = "utf-8"  # what only looks like UTF-16 is searched as it is, too
    return _redact(body, known, encoding, "surrogateescape")


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


def _redact(body: bytes, known: Spellings, encoding: str, wrong: str) -> bytes:
    text = body.decode(encoding, wrong)
    if _is_json(text):
        blanked = _STRING_OR_NUMBER.sub(lambda found: _blank_one(found[0], known), text)
    else:
        blanked = known.blank_everywhere(text)
    return body if blanked == text else blanked.encode(encoding, wrong)


def _blank_one(written: str, known: Spellings) -> str:
    """A string of JSON as it is written, with its quotes, or a number."""
    said = json.loads(written) if written.startswith('"') else written
    blanked = known.blank(said)
    if blanked == said or (said is written and blanked != MASK):
        return written
    return json.dumps(blanked)


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text.encode("utf-8", "surrogateescape"))
    except (msgspec.DecodeError, RecursionError, UnicodeError):  # a string in it may be no UTF-8
        return False
    return True
