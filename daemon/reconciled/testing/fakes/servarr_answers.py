"""Answers of Radarr and Sonarr: indented JSON, errors, times, and the record of a root folder."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web

from reconciled.testing.fakes.servarr_model import RootFolder

LOCAL_FREE = 21_000_000_000
LOCAL_TOTAL = 64_000_000_000


def answer(value: Any, *, status: int = 200, content_type: str = "application/json") -> web.Response:
    """An answer with indented JSON, as both apps write it."""
    return web.Response(status=status, body=indented(value), content_type=content_type)


def error(status: int, message: str) -> web.Response:
    """An answer of the apps' error pipeline; `description` is a stack trace."""
    trace = "   at NzbDrone.Core.Datastore.BasicRepository`1.Get()"
    return answer({"message": message, "description": f"{message}\n{trace}"}, status=status)


def invalid(name: str, message: str, *, value: Any) -> web.Response:
    """400 of the apps' validation: a list of what failed, each with the value that was sent."""
    failed = {
        "propertyName": name,
        "errorMessage": message,
        "attemptedValue": value,
        "severity": "error",
    }
    return answer([failed], status=400)


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; a 400 for anything else."""
    try:
        return msgspec.json.decode(await request.read(), type=dict[str, Any])
    except msgspec.DecodeError as fault:
        raise web.HTTPBadRequest(text=str(fault)) from fault


def stamp(moment: datetime) -> str:
    """A time as the apps' records write it: UTC, whole seconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def indented(value: Any) -> bytes:
    """Indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def joined(records: Iterable[bytes]) -> bytes:
    """One list of records that are JSON already."""
    return b"[" + b",\n".join(records) + b"]"


def problem(status: int, title: str) -> web.Response:
    """ProblemDetails, which the framework answers for an unknown id or a query that it cannot read."""
    made = {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5",
        "title": title,
        "status": status,
        "traceId": "00-5d1f0c2b7a9e4386b1c2d3e4f5061728-9a8b7c6d5e4f3021-00",
    }
    return answer(made, status=status, content_type="application/problem+json")


def root_record(root: RootFolder, *, total: bool, is_empty: bool) -> dict[str, Any]:
    """A RootFolderResource. Sonarr 5 adds totalSpace (v3 and v5) and isEmpty (v5 only)."""
    record: dict[str, Any] = {"id": root.id, "path": root.path, "accessible": root.accessible}
    if root.accessible:
        record["freeSpace"] = root.free if root.mounted else LOCAL_FREE
        if total:
            record["totalSpace"] = root.total if root.mounted else LOCAL_TOTAL
        if is_empty:
            record["isEmpty"] = root.empty
    names = () if root.empty or not root.accessible else ("_incoming",)
    record["unmappedFolders"] = [
        {"name": name, "path": f"{root.path}/{name}", "relativePath": name} for name in names
    ]
    return record
