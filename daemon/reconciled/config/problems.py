"""What is wrong with a config, and where: `Mark` and `Problem`, each one line for people.

The lines look as compilers write them (`config.yaml:12:5: sources.radarr.pol: …`), so editors
jump to the place. Whatever a file holds, a line stays one line of printable text. A name that is an
address (`tgram://…`, written where a name belongs) is not shown: as a whole it may be a secret.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Where: TypeAlias = tuple[str | int, ...]
"""The way to a value: `("sources", "radarr", "kinds", 0)`; a name is text, a place in a list a number."""

HIDDEN = "***"
"""What is shown instead of a secret."""

_PLAIN = re.compile(r"[\w-]{1,60}")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; lines and columns count from 1. The path is as the user gave it."""

    file: Path
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence about one setting. Holds no secret. `mark` is None when there is no file to point into."""

    mark: Mark | None
    path: str
    message: str

    def line(self, severity: str = "") -> str:
        """The line for people, with a word such as `warning` after the place."""
        mark = str(self.mark) if self.mark is not None else ""
        said = ": ".join(part for part in (mark, severity, self.path, self.message) if part)
        return "".join(char if char.isprintable() else repr(char)[1:-1] for char in said)

    def __str__(self) -> str:
        return self.line()


def is_address(text: str) -> bool:
    """Whether it looks like an address, which no name does."""
    return "://" in text


def say_where(where: Where) -> str:
    """The way to a setting as people write it: `sources.radarr.kinds[0]`. Addresses in it are hidden."""
    said = ""
    for part in where:
        if isinstance(part, int):
            said += f"[{part}]"
        else:
            said += f".{_say_name(part)}" if said else _say_name(part)
    return said


def _say_name(name: str) -> str:
    if is_address(name):
        return HIDDEN
    return name if _PLAIN.fullmatch(name) else repr(name[:60])


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'poll'?`, or nothing when no known name (that may be shown) is close."""
    near = difflib.get_close_matches(name.lower(), [one for one in known if not is_address(one)], n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
