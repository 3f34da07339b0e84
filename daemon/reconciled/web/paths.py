"""Ids in the paths of pages and forms."""

from typing import TypeGuard

from aiohttp import web

from reconciled.web.problems import no_such


def number_of(request: web.Request, what: str) -> int:
    """The id in a page's path. Problem 404 when it is none."""
    text = request.match_info["id"]
    if not is_number(text):
        raise no_such(what, text)
    return int(text)


def is_number(text: object) -> TypeGuard[str]:
    """Whether a text is an id as the pages write them."""
    return isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= 18
