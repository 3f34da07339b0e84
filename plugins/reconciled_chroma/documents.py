"""How entries name the documents that they were made of, and how they are asked for by that.

Metadata has types: one program writes 12, another "12", a third 12.0 (a column of numbers with a gap
in it), and all mean document 12. So an id is a text here, and is asked for in all three types. What
else stands there (true, 12.5, a list, nothing at all) names no document; such entries are left alone.

A filter is a question and no proof. Chroma 1.x answers `document_id = 12.5` with entries of document 12
too, so no broken number is ever asked for, and whoever asks looks at the entries that come.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from reconciled.model import Json, Ref

_ID = "{id}"
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_LARGEST = 2**63 - 1
_EXACT = 2**53
"""From here on not every whole number has a float of its own."""


def named(value: object) -> str | None:
    """The id of the document that this piece of metadata names, or None."""
    match value:
        case bool():
            return None
        case str():
            return value or None
        case int():
            return str(value)
        case float() if value.is_integer() and abs(value) < _EXACT:
            return str(int(value))
        case _:
            return None


def asking_for(ids: Collection[str], field: str) -> dict[str, Json]:
    """The filter for all entries of these documents, whatever type their ids have. Needs one or more."""
    numbers = [int(one) for one in ids if _NUMBER.fullmatch(one) and -_LARGEST <= int(one) <= _LARGEST]
    floats = [float(number) for number in numbers if abs(number) < _EXACT]
    typed: list[list[Json]] = [[*ids], [*numbers], [*floats]]
    parts: list[Json] = [{field: {"$in": some}} for some in typed if some]
    return {"$or": parts} if len(parts) > 1 else {field: {"$in": [*ids]}}


def check_reference(text: str) -> str:
    """What `refers_to` may say; ValueError when it is no ref with `{id}` in it."""
    Reference.read(text)
    return text


@dataclass(frozen=True, slots=True)
class Reference:
    """What an id refers to: refs of one space, with the id somewhere in their value."""

    space: str
    before: str
    after: str

    @classmethod
    def read(cls, text: str) -> Self:
        """From `paperless:document/{id}`; ValueError."""
        ref = Ref.parse(text)
        if ref.value.count(_ID) != 1 or "{" in ref.value.replace(_ID, "") or "{" in ref.space:
            raise ValueError("the document's id stands in it as {id}, once: paperless:document/{id}")
        if not ref.strong:
            raise ValueError(f"{ref.space} names a place or bytes and no document")
        before, _, after = ref.value.partition(_ID)
        return cls(ref.space, before, after)

    def ref(self, document: str) -> Ref | None:
        """The ref of the document; None for an id that names nothing."""
        if Ref.of(self.space, document) is None:
            return None
        return Ref.of(self.space, f"{self.before}{document}{self.after}")

    def document(self, ref: Ref) -> str | None:
        """The id in a ref; None when it is another's."""
        fits = ref.value.startswith(self.before) and ref.value.endswith(self.after)
        length = len(ref.value) - len(self.before) - len(self.after)
        if ref.space != self.space or not fits or length < 1:
            return None
        return ref.value[len(self.before) : len(self.before) + length]
