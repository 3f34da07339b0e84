"""What a workflow's webhook says: which document was added or changed. Deletions have no webhook.

What is sent is whatever somebody wrote into the workflow; ours sends the document's id and address
as parameters. So an id is taken from `id`, `doc_id` or `document_id`, or from an address that ends
like the page of a document. Paperless sends every value as text, as JSON or as a form, a body of
its own without any content type, and one encoded twice when that body is JSON already.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from reconciled.errors import BadEvent
from reconciled.model import Event, Op
from reconciled_paperless.items import key_of

EVENT, NUMBER, ADDRESS, TITLE = "event", "id", "url", "title"

_NUMBERS = (NUMBER, "doc_id", "document_id")
_ADDRESSES = (ADDRESS, "doc_url", "document_url", "doc")
_TITLES = (TITLE, "doc_title")
_PAGE = re.compile(r"/documents/([1-9][0-9]{0,17})(?:/|$|\?)")
_ID = re.compile(r"[1-9][0-9]{0,17}")


def read_webhook(body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
    """The event in the body, if it is about a document. BadEvent when it cannot be told."""
    fields = _fields(body, headers.get("content-type", "").partition(";")[0].strip().lower())
    number = _number(fields)
    if number is None:
        if any(name in fields and not fields[name] for name in _NUMBERS + _ADDRESSES):
            return []  # sent before the document exists: "Consumption started"
        raise BadEvent(
            "no webhook that names a document; the workflow's parameters need "
            f"{NUMBER} = {{{{doc_id}}}}, or {ADDRESS} = {{{{doc_url}}}}"
        )
    title = next((fields[name] for name in _TITLES if fields.get(name)), None)
    reason = (fields.get(EVENT) or "a workflow ran")[:100]
    return [Event(Op.CHANGED, key_of(number), title, reason=reason)]


def _number(fields: Mapping[str, str]) -> int | None:
    for name in _NUMBERS:
        if _ID.fullmatch(fields.get(name, "").strip()):
            return int(fields[name])
    for name in _ADDRESSES:
        if found := _PAGE.search(fields.get(name, "")):
            return int(found[1])
    return None


def _fields(body: bytes, media_type: str) -> dict[str, str]:
    """The parameters as texts."""
    if media_type == "multipart/form-data":
        raise BadEvent("a webhook with the document in it; untick 'include document' in the workflow")
    if media_type == "application/x-www-form-urlencoded":
        try:
            return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
        except ValueError as error:
            raise BadEvent(f"no form that can be read: {error}") from None
    return {name: str(value) for name, value in _object(body).items() if isinstance(value, str | int)}


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
        if isinstance(found, str):
            found = msgspec.json.decode(found)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadEvent(f"no webhook of our workflow: {error}; use parameters, sent as JSON") from None
    if not isinstance(found, dict):
        raise BadEvent("no webhook of our workflow: JSON, but no parameters; use parameters, sent as JSON")
    return found
