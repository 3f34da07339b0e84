"""Keeps who changed what: every change that was let in, whatever came of it.

What was refused at the door is not kept, so that nobody without the token can fill the ledger.
A handler adds to what is kept by the request key DETAIL.
"""

import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from reconciled.ledger import runs
from reconciled.ledger.rows import stamp
from reconciled.web.auth import OWNER
from reconciled.web.guard import changes
from reconciled.web.house import DETAIL, house_of

_LOG = logging.getLogger(__name__)


@web.middleware
async def audited(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Write down a change after it was made or failed."""
    if not changes(request) or request.path.startswith("/webhooks/"):
        return await handler(request)
    response = await handler(request)
    if request.path != "/login" or response.status < 400:
        await _write(request, response.status)
    return response


async def _write(request: web.Request, status: int) -> None:
    house = house_of(request)
    what = " ".join(filter(None, (request.method, request.path, request.get(DETAIL, ""))))
    try:
        await house.ledger.write(
            lambda tx: runs.audited(
                tx,
                at=stamp(house.clock.now()),
                token=OWNER,
                address=request.remote or "",
                agent=_readable(request.headers.get("User-Agent", "")),
                what=_readable(what[:500]),
                status=status,
            )
        )
    except Exception as error:  # noqa: BLE001  # the change is made already; the log has it
        known = house.ledger.trouble is not None  # a full disk is said by itself, once
        _LOG.error("the audit could not be written: %s, %d", what, status, exc_info=None if known else error)


def _readable(text: str) -> str:
    """The text as the ledger can hold it: a header may be any bytes."""
    return text.encode("utf-8", "replace").decode()
