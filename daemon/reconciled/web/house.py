"""What the composition root hands to the web: everything that a request may need, and no more."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from aiohttp import web

from reconciled.clock import Clock
from reconciled.engine.engine import Engine
from reconciled.engine.outbox.outbox import Outbox
from reconciled.ledger.connection import Ledger
from reconciled.notify.postman import Postman
from reconciled.plugins import Registry
from reconciled.runtime.duplicates import Duplicates
from reconciled.runtime.mirrors import Mirrors
from reconciled.runtime.reload import ConfigState, Preview


@dataclass(slots=True)
class House:
    """The daemon as the web sees it.

    `token` is the one that is valid now: configured, or the daemon's own; it may be replaced
    while the daemon runs. `reload` reads the config again and returns its problems; `preview` says
    what it would change, and changes nothing. `ready` are the reasons why the daemon is not ready,
    `zone` is where its people live.
    """

    engine: Engine
    outbox: Outbox
    mirrors: Mirrors
    duplicates: Duplicates
    postman: Postman
    ledger: Ledger
    clock: Clock
    registry: Registry
    version: str
    started: datetime
    config: Callable[[], ConfigState]
    reload: Callable[[], Awaitable[Sequence[str]]]
    preview: Callable[[], Awaitable[Preview]]
    token: str
    ready: Callable[[], Sequence[str]]
    zone: tzinfo


__all__ = [
    "DETAIL",
    "FORM_TOKEN",
    "HOUSE",
    "OTHER_HEADERS",
    "POLICY",
    "SESSION",
    "ConfigState",
    "House",
    "house_of",
]

HOUSE = web.AppKey("house", House)
SESSION = web.RequestKey("session", str)
"""The session of who signed in; not there for anybody else."""
FORM_TOKEN = web.RequestKey("form_token", str)
"""What the forms of that session carry."""
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page of ours may load and be loaded by."""
DETAIL = web.RequestKey("detail", str)
"""What a handler adds to the audit."""
OTHER_HEADERS = web.RequestKey("other_headers", dict[str, str])
"""Headers of an answer that are to be others than those of all answers."""


def house_of(request: web.Request) -> House:
    """The house that a request came to."""
    return request.app[HOUSE]
