"""What the reader makes of a config: plain values that know where they were written.

A `Document` is only filled by `reader.read`; everything after it asks for places and tags.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from pydantic import SecretStr

from reconciled.config.problems import Mark, Problem, Where

Value: TypeAlias = "bool | int | float | str | SecretStr | list[Value] | dict[str, Value] | None"
"""What a config can say."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a setting's name stands, and where its value begins."""

    key: Mark
    value: Mark


@dataclass(slots=True)
class Document:
    """What was read. `tags` says which values came from outside (`secret`, `env`, `credential`)."""

    path: Path
    value: Value = None
    places: dict[Where, Place] = field(default_factory=dict)
    tags: dict[Where, str] = field(default_factory=dict)
    broken: set[Where] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)

    def place(self, where: Where) -> Place:
        """The place of a setting, or of the nearest one around it."""
        for end in range(len(where), 0, -1):
            if where[:end] in self.places:
                return self.places[where[:end]]
        top = Mark(self.path, 1, 1)
        return self.places.get((), Place(top, top))

    def outside(self) -> Iterator[tuple[str, str]]:
        """The tag and the text of every value that came from outside."""
        for where, tag in self.tags.items():
            value: Value = self.value
            for part in where:
                value = value[part] if isinstance(value, list | dict) else None  # type: ignore[index]  # the reader made the way
            if isinstance(value, SecretStr):
                yield tag, value.get_secret_value()
