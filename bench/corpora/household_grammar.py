"""Sentences with choices: `Bitte {zahlen|überweisen} Sie <eur> bis zum <date>.`

A pattern is plain text with `{this|or that}` (nested as one likes) and `<slots>`, which a `Speaker` fills. A
firm that says its patterns once and keeps them has small print of its own; said anew, they make letters.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

Slots = dict[str, Callable[[], str]]


@dataclass(frozen=True, slots=True)
class Slot:
    """A gap that the speaker fills."""

    name: str


@dataclass(frozen=True, slots=True)
class Pick:
    """Several ways to go on."""

    ways: tuple["Pattern", ...]


Pattern = tuple[str | Slot | Pick, ...]
_MARKS = re.compile(r"([{}|<>])")


@cache
def pattern(text: str) -> Pattern:
    """Take a sentence apart, once."""
    found, rest = _sequence(tuple(_MARKS.split(text)), 0)
    assert rest == len(_MARKS.split(text)), f"unbalanced braces: {text}"
    return found


def _sequence(parts: Sequence[str], at: int) -> tuple[Pattern, int]:
    """Read up to the end, or to the bar or brace that ends an alternative."""
    found: list[str | Slot | Pick] = []
    while at < len(parts) and parts[at] not in ("|", "}"):
        if parts[at] == "<":
            found.append(Slot(parts[at + 1]))
            at += 3
        elif parts[at] == "{":
            ways: list[Pattern] = []
            while parts[at] != "}":
                way, at = _sequence(parts, at + 1)
                ways.append(way)
            found.append(Pick(tuple(ways)))
            at += 1
        else:
            if parts[at]:
                found.append(parts[at])
            at += 1
    return tuple(found), at


def say(rng: random.Random, given: Pattern, slots: Slots) -> str:
    """Speak a pattern: choose the ways, fill the slots."""
    said: list[str] = []
    for part in given:
        if isinstance(part, str):
            said.append(part)
        elif isinstance(part, Slot):
            said.append(slots[part.name]())
        else:
            said.append(say(rng, part.ways[int(rng.random() * len(part.ways))], slots))
    return "".join(said)


def bank(text: str) -> tuple[Pattern, ...]:
    """Read a bank of sentences, one a line; a line that begins with a blank goes on with the one before."""
    joined = re.sub(r"\n +", " ", text.strip())
    return tuple(pattern(line) for line in joined.splitlines())


def words(text: str) -> tuple[str, ...]:
    """Read a list of words."""
    return tuple(text.split())
