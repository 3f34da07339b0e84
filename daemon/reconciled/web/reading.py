"""What a request says, as far as its sender can get that wrong."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from reconciled.ledger.rows import stamp
from reconciled.web.problems import Problem


async def read_form(request: web.Request) -> Mapping[str, Any]:
    """The fields of a form. Problem 400 when its text is not what it says it is."""
    try:
        return await request.post()
    except (LookupError, UnicodeError) as error:
        raise Problem(400, f"the form cannot be read: {error}; send it as UTF-8") from error


def since_when(moment: datetime | None) -> str | None:
    """A parameter as the ledger writes times. Problem 400 when no calendar has such a time."""
    try:
        return stamp(moment) if moment is not None else None
    except OverflowError as error:
        raise Problem(
            400, "the parameters are wrong: that time is before the year 1 or after 9999"
        ) from error
