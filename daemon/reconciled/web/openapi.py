"""The table of calls as an OpenAPI 3.1 document: made of the handlers' own annotations."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from aiohttp import web

from reconciled.ledger.views import Listing
from reconciled.web.calls import AnyBody, Call, Nothing

REFS = "#/components/schemas/{name}"
_PART = re.compile(r"\{(\w+)(?::[^}]*)?\}")
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_COMMON = {400: "the parameters or the body are wrong", 401: "the token is missing or wrong"}


def document(calls: Iterable[Call], *, version: str) -> dict[str, Any]:
    """The whole document."""
    table = list(calls)
    unnamed = (AnyBody, Nothing, web.StreamResponse)
    types = [kind for call in table for kind in (call.answers, call.body) if kind not in unnamed]
    schemas, components = msgspec.json.schema_components(types, ref_template=REFS)
    known = dict(zip(map(_name, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for call in table:
        paths.setdefault(template(call.path), {})[call.method.lower()] = _operation(call, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "reconciled", "version": version},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def template(path: str) -> str:
    """A path as OpenAPI writes it."""
    return _PART.sub(r"{\1}", path)


def _operation(call: Call, known: dict[str, Any]) -> dict[str, Any]:
    good = _good(call, known)
    found: dict[str, Any] = {
        "operationId": getattr(call.handler, "__name__", call.path),
        "summary": call.summary,
        "parameters": [*_path_parameters(call), *_query_parameters(call)],
        "responses": {
            str(status): {"description": said, "content": good}
            for status, said in {call.status: "good", **call.good}.items()
        },
    }
    changing = {403: "it comes from another site", 415: "it is not sent as application/json"}
    other = {**_COMMON, **(changing if call.method != "GET" else {}), **call.also}
    problem = {"application/problem+json": {"schema": {"$ref": REFS.format(name="Problem")}}}
    for status, said in sorted(other.items()):
        found["responses"][str(status)] = {"description": said, "content": problem}
    if call.method != "GET":
        schema = known.get(_name(call.body), {} if call.body is AnyBody else {"type": "object"})
        found["requestBody"] = {"content": {call.media: {"schema": schema}}}
    return found


def _good(call: Call, known: dict[str, Any]) -> dict[str, Any]:
    if call.answers is web.StreamResponse:
        return {media: {"schema": {"type": "string"}} for media in call.gives}
    good: dict[str, Any] = {"application/json": {"schema": known[_name(call.answers)]}}
    if getattr(call.answers, "__origin__", None) is Listing:
        good["text/csv"] = {"schema": {"type": "string"}}
    return good


def _path_parameters(call: Call) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PART.findall(call.path)
    ]


def _query_parameters(call: Call) -> list[dict[str, Any]]:
    schema = msgspec.json.schema(call.query)
    fields = schema["$defs"][call.query.__name__]["properties"] if "$defs" in schema else {}
    return [
        {"name": name, "in": "query", "required": False, "schema": field} for name, field in fields.items()
    ]


def _name(kind: Any) -> str:
    return str(kind)
