"""Collects what is wrong with a document, each with its place, and keeps secrets out of the words.

A value that the reader could not get is not complained about again, nor is anything that may only
follow from it. Every message is scrubbed at the end: of the values of secret settings, wherever
they were written, of all that came through a tag, of addresses that stand where a name belongs,
and of passwords in urls.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from reconciled.config.document import Document, Value
from reconciled.config.problems import HIDDEN, Problem, Where, is_address, say_where

SHORTEST = 4
"""Shorter values are not looked for in messages, which would become unreadable; none is quoted knowingly."""

_POINTING = ("alerts", "policies")
"""Sections that name channels and sources: an address in them stands in the wrong place."""

_PASSWORD = re.compile(r"://[^/@\s]+@")


@dataclass(slots=True)
class Complaints:
    """Problems and warnings about one document. `secrets` are texts that no message may hold."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def problem(self, where: Where, message: str, *, on_name: bool = False) -> None:
        """Something that makes the config unusable; marks the value there, or its name.

        What is said about a name stands, whatever became of its value.
        """
        if on_name or not self.broken(where):
            self.problems.append(self._told(where, message, on_name=on_name))

    def warning(self, where: Where, message: str, *, on_name: bool = False) -> None:
        """Something that is allowed and hardly meant."""
        self.warnings.append(self._told(where, message, on_name=on_name))

    def has(self, where: Where) -> bool:
        """Whether there is a problem about this very setting already."""
        return self.broken(where) or any(problem.path == say_where(where) for problem in self.problems)

    def broken(self, where: Where) -> bool:
        """Whether the value there, one around it or one inside it could not be read."""
        return any(one[: len(where)] == where[: len(one)] for one in self.document.broken)

    def told(self) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
        """All problems, the reader's first, and all warnings, each once, scrubbed."""
        found = {text for _, text in self.document.outside()} | self.secrets | set(_misplaced(self.document))
        secrets = sorted((text for text in found if len(text) >= SHORTEST), key=len, reverse=True)
        problems = (*self.document.problems, *self.problems)
        return (
            tuple(dict.fromkeys(_scrubbed(problem, secrets) for problem in problems)),
            tuple(dict.fromkeys(_scrubbed(problem, secrets) for problem in self.warnings)),
        )

    def _told(self, where: Where, message: str, *, on_name: bool) -> Problem:
        place = self.document.place(where)
        return Problem(place.key if on_name else place.value, say_where(where), message)


def _misplaced(document: Document) -> Iterator[str]:
    """Addresses that were written as a name, or where a name belongs."""
    for where in document.places:
        yield from (name for name in where[-1:] if isinstance(name, str) and is_address(name))
    top = document.value if isinstance(document.value, dict) else {}
    for section in _POINTING:
        yield from filter(is_address, _texts(top.get(section)))


def _texts(value: Value) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)


def _scrubbed(problem: Problem, secrets: Iterable[str]) -> Problem:
    message = problem.message
    for secret in secrets:
        for written in (secret, repr(secret)[1:-1]):
            message = message.replace(written, HIDDEN)
    return replace(problem, message=_PASSWORD.sub("://***@", message))
