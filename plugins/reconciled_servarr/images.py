"""What is kept of a record before it is changed: all that it takes to add the same thing again.

A record names its tags and its quality profile by numbers, which mean nothing once somebody made them
anew; so their names are kept beside it. So is whether an exclusion stood there before: one that did not
was made by the deletion, and goes when that is undone. What is no such image is refused, never guessed.
"""

from typing import Any

import msgspec

from reconciled.errors import Refused
from reconciled.http import Redaction
from reconciled.model import Json

MASKED = "***"


class Image(msgspec.Struct, frozen=True):
    """A record whole, the labels of its tags (None: unknown), its profile's name, and what stood beside it.

    `odd` are the episodes that are not looked for as their season is, as [season, number] each.
    """

    record: dict[str, Any]
    labels: list[str] | None
    profile: str | None
    excluded: bool
    odd: list[tuple[int, int]] = []

    @property
    def json(self) -> Json:
        """As the ledger keeps it."""
        kept: Json = msgspec.to_builtins(self)
        return kept

    @property
    def title(self) -> str:
        """What people read."""
        return str(self.record.get("title") or self.record.get("originalTitle") or "it")

    def number(self, field: str) -> int:
        """A number of the record. Refused when it has none above 0."""
        value = self.record.get(field)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        raise Refused(f"what was kept of {self.title} has no {field}, so it cannot be added again")

    def text(self, field: str) -> str:
        """A text of the record. Refused when it has none, or one that holds a secret."""
        value = self.record.get(field)
        if not isinstance(value, str) or not value:
            raise Refused(f"what was kept of {self.title} has no {field}, so it cannot be added again")
        if MASKED in value:
            raise Refused(
                f"the {field} of {self.title} was not kept, since it holds a secret; add it by hand"
            )
        return value


def read_image(kept: Json) -> Image:
    """What `capture` gave. Refused for anything else."""
    if kept is None:
        raise Refused("nothing was kept of it when it was deleted, so it cannot be added again")
    try:
        return msgspec.convert(kept, Image)
    except msgspec.ValidationError as error:
        raise Refused(f"what was kept of it is no record to add again: {error}") from error


def masked(value: Any, redact: Redaction) -> Any:
    """The same value with every secret in its texts masked."""
    match value:
        case str():
            return redact(value)
        case dict():
            return {name: masked(one, redact) for name, one in value.items()}
        case list():
            return [masked(one, redact) for one in value]
        case _:
            return value
