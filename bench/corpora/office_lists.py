"""How the lists of an office's words are written down, and what is made of them."""

import re
from dataclasses import dataclass

FIELD = re.compile(r"\{(\w)\}")
Pattern = tuple[str, ...]
"""A sentence in turns: what is said as it stands, then the letter of a field, and so on."""


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun; with its article alone, behind "of" and behind "to"; and behind "of" without an article."""

    word: str
    the: str
    of: str
    to: str
    bare: str
    feminine: bool


def variants(text: str) -> dict[str, tuple[str, ...]]:
    """The labels of a language: `key = one / another`; a line that begins with `/` goes on with the last."""
    pairs = (line.split(" = ", 1) for line in text.strip().replace("\n  /", " /").splitlines())
    return {key.strip(): tuple(value.split(" / ")) for key, value in pairs}


def listed(text: str) -> tuple[str, ...]:
    """Entries with commas between them, over several lines."""
    return tuple(" ".join(one.split()) for one in text.split(",") if one.strip())


def pairs_of(text: str) -> tuple[tuple[str, str], ...]:
    """Adjectives: `masculine feminine`, or one form for both (also of several words: "en cours")."""
    split = [(both, both.split()) for both in listed(text)]
    alone = ("en", "em", "de", "del", "da", "a")
    return tuple((both, both) if words[0] in alone else (words[0], words[-1]) for both, words in split)


def towns(text: str) -> tuple[tuple[str, str], ...]:
    """Towns, and how their postal codes begin: `Lyon 69`."""
    return tuple((entry.rsplit(" ", 1)[0], entry.rsplit(" ", 1)[1]) for entry in listed(text))


def sentences(text: str) -> tuple[Pattern, ...]:
    """Patterns of sentences, one a line."""
    return tuple(tuple(FIELD.split(line.strip())) for line in text.strip().splitlines())


def syllabic(stems: str, ends: str, known: str) -> tuple[str, ...]:
    """Several hundred surnames: the known ones, and those made of a stem and an end."""
    made = [stem + end for stem in listed(stems) for end in listed(ends)]
    return listed(known) + tuple(made)
