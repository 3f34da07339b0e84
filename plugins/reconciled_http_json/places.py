"""Places in a JSON answer: `data.items`, `error.code`, `files.0.path`; `$` is the whole answer.

Names with dots between them, numbers for the elements of a list. That is all that describing a
list and an error takes; a whole JSONPath would let a config say what nobody can check.
"""

from typing import Annotated

from pydantic import AfterValidator

MISSING = object()
"""What stands at a place that is not there; null is a value."""


def check_place(text: str) -> str:
    """The place; ValueError when it is none."""
    if text != "$" and (not text or any(not part or part != part.strip() for part in text.split("."))):
        raise ValueError("a place in the answer is names with dots between them, such as data.items, or $")
    return text


def at(answer: object, place: str) -> object:
    """What stands there, or MISSING."""
    if place == "$":
        return answer
    here: object = answer
    for part in place.split("."):
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and part.isdecimal() and int(part) < len(here):
            here = here[int(part)]
        else:
            return MISSING
    return here


def text_at(answer: object, place: str | None) -> str | None:
    """The text or number there, as a text; None for what is none (a list, null, nothing)."""
    found = at(answer, place) if place is not None else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return str(found)


Place = Annotated[str, AfterValidator(check_place)]
"""A place in a JSON answer."""
