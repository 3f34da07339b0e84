"""A sheet as it is printed: blocks of lines, set on pages. No scanner has seen it yet.

A family (`household_bills`, `household_letters` ...) fills a `Draft`; `pages` sets it the way its sender
does. The draft remembers the strings that make it this sheet and no other (`marks`): a copy that lost all of
them would be a riddle to a person too.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bench.corpora.household_names import Home, Person
from bench.corpora.household_numbers import DATES, MONEY, amount

Blocks = list[list[str]]


@dataclass(frozen=True, slots=True)
class Style:
    """How one sender writes and sets his paper."""

    language: str
    day: Callable[[dt.date], str]
    money: str
    thousands: bool
    joint: str
    columns: bool
    width: int
    length: int
    hyphens: bool
    page_line: str
    heading: int

    @classmethod
    def of(cls, rng: random.Random, language: str) -> "Style":
        """A sender's style."""
        lines = {
            "de": ("", "", "Seite {} von {}", "Seite {}/{}", "- {} -", "Blatt {} zum Schreiben"),
            "en": ("", "", "Page {} of {}", "Page {}/{}", "- {} -", "{} of {}"),
        }
        return cls(
            language,
            rng.choice(DATES[language]),
            rng.choice(MONEY[language]),
            rng.random() < 0.8,
            rng.choice((": ", ": ", " ", "  ", ":")),
            rng.random() < 0.12,
            rng.randint(58, 104),
            rng.randint(40, 64),
            rng.random() < (0.45 if language == "de" else 0.15),
            rng.choice(lines[language]),
            rng.randrange(4),
        )

    def cash(self, cents: int) -> str:
        """An amount with its currency."""
        return self.money.format(amount(cents, self.language, thousands=self.thousands))

    def plain(self, cents: int) -> str:
        """An amount in a table."""
        return amount(cents, self.language, thousands=self.thousands)


@dataclass(slots=True)
class Draft:
    """A sheet as printed. `amounts`: (as printed, cents), the total last; `price`: what a renewal changes."""

    style: Style
    date: dt.date
    firm: str
    type: str
    person: Person | None = None
    home: Home | None = None
    blocks: list[tuple[bool, list[str]]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    amounts: list[tuple[str, int]] = field(default_factory=list)
    price: tuple[str, int] | None = None
    number: str = ""
    days: list[tuple[str, dt.date]] = field(default_factory=list)
    form: bool = False
    near: tuple[str, ...] = ()
    prose: str = ""
    file: str = ""
    series: int = -1

    @property
    def language(self) -> str:
        """The language it is written in."""
        return self.style.language

    def lines(self, *lines: str) -> None:
        """A block whose lines stay as they are."""
        self.blocks.append((False, [line for line in lines if line]))

    def text(self, *paragraphs: str) -> None:
        """Paragraphs, set to the width of the page."""
        self.blocks.extend((True, [one]) for one in paragraphs if one)

    def day(self, day: dt.date) -> str:
        """A day in the sender's spelling; it marks the sheet."""
        said = self.style.day(day)
        self.marks.append(said)
        self.days.append((said, day))
        return said

    def mark(self, said: str) -> str:
        """A number or name that marks the sheet."""
        self.marks.append(said)
        return said

    def cash(self, cents: int) -> str:
        """An amount with currency that marks the sheet."""
        self.amounts.append((self.style.plain(cents), cents))
        self.marks.append(self.style.plain(cents))
        return self.style.cash(cents)

    def sum(self, cents: int) -> str:
        """An amount in a table that marks the sheet."""
        self.cash(cents)
        return self.style.plain(cents)

    def pairs(self, *pairs: tuple[str, str]) -> None:
        """Labels with values; some readers take the column of labels first and then that of values."""
        given = [pair for pair in pairs if pair[1]]
        if self.style.columns:
            self.lines(*(label for label, _ in given))
            self.lines(*(value for _, value in given))
        else:
            self.lines(*(label + self.style.joint + value for label, value in given))

    def table(self, head: str, rows: Iterable[str]) -> None:
        """Rows below a heading."""
        self.lines(head, *rows)


def wrap(text: str, width: int, *, hyphens: bool) -> list[str]:
    """Set a paragraph; with hyphens long words are broken at the end of the line."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        room = width - len(line) - 1
        if line and len(word) > room:
            at = _break(word, room) if hyphens else 0
            if at:
                lines.append(f"{line} {word[:at]}-")
                line = word[at:]
            else:
                lines.append(line)
                line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def _break(word: str, room: int) -> int:
    """Where to break a word: before a consonant that a vowel follows, 0 where it cannot be."""
    if len(word) < 8 or not word.isalpha():
        return 0
    for at in range(min(room - 1, len(word) - 3), 2, -1):
        if word[at].lower() not in "aeiouäöüy" and word[at + 1].lower() in "aeiouäöüy":
            return at
    return 0


def pages(draft: Draft, *, hyphens: bool = False, joined: bool = False) -> list[Blocks]:
    """Set a draft: pages of blocks of lines. `joined`: a reader that undoes the lines of a paragraph."""
    style = draft.style
    sheets: list[Blocks] = [[]]
    used = 0
    for flows, given in draft.blocks:
        lines = given
        if flows and not joined:
            lines = [
                one for text in given for one in wrap(text, style.width, hyphens=hyphens and style.hyphens)
            ]
        high = sum(1 + len(line) // style.width for line in lines) + 1 if joined else len(lines) + 1
        while used + high > style.length and used + high - len(lines) < style.length and lines:
            room = max(1, style.length - used - 1) if not joined or len(lines) > 1 else 1
            sheets[-1].append(lines[:room])
            lines, used = lines[room:], 0
            high = len(lines) + 1
            sheets.append([])
        if lines:
            sheets[-1].append(lines)
            used += high
    sheets = [sheet for sheet in sheets if sheet] or [[]]
    if style.page_line and len(sheets) > 1:
        for number, sheet in enumerate(sheets, 1):
            line = [style.page_line.format(number, len(sheets))]
            sheet.insert(0 if style.heading % 2 and number > 1 else len(sheet), line)
    return sheets
