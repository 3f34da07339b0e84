"""What one language lends to the papers of a clinic: its words, names, spellings and turns of speech.

A sentence is put together from parts that fit whatever is chosen (subjects of one number, verbs in the
present tense, adverbials), so every language stays grammatical without a grammar. `Speech.order` says how
they stand.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

_DIGITS = "0123456789"
_NO_ACCENTS = str.maketrans("ΆΈΉΊΌΎΏ", "ΑΕΗΙΟΥΩ")
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def lot(text: str) -> tuple[str, ...]:
    """The items of a text that separates them by bars."""
    return tuple(" ".join(one.split()) for one in text.split("|") if one.strip())


def pairs(text: str) -> dict[str, str]:
    """`key = value` items, separated by bars."""
    return {key.strip(): value.strip() for key, _, value in (one.partition("=") for one in lot(text))}


def printed(pattern: str, rng: random.Random) -> str:
    """A number of a usual form: `#` a digit, `@` a capital letter, the rest as it stands."""
    return "".join(
        rng.choice(_DIGITS) if one == "#" else rng.choice(_LETTERS) if one == "@" else one for one in pattern
    )


def spell(start: str, rng: random.Random) -> str:
    """The first letter a capital, now and then the old way of a typewriter: all of it small."""
    return start[:1].upper() + start[1:] if rng.random() < 0.98 else start


@dataclass(frozen=True, slots=True)
class Speech:
    """The parts of sentences about one matter."""

    openers: tuple[str, ...]
    heads: tuple[str, ...]
    about: tuple[str, ...]
    verbs: tuple[str, ...]
    tails: tuple[str, ...]
    order: str = "{o} {h} {a} {v} {t}."

    def sentence(self, rng: random.Random) -> str:
        """One sentence; slots such as {n} are left for the caller."""
        draw = rng.random()
        pick = rng.choice
        opener = pick(self.openers) if draw < 0.35 else ""
        about = pick(self.about) if draw < 0.85 else ""
        tail = pick(self.tails) if draw > 0.1 else ""
        text = self.order
        for slot, value in (
            ("{o}", opener),
            ("{h}", pick(self.heads)),
            ("{a}", about),
            ("{v}", pick(self.verbs)),
            ("{t}", tail),
        ):
            text = text.replace(slot, value)
        return spell(
            text.replace("  ", " ").replace("  ", " ").replace(" .", ".").replace("..", ".").strip(), rng
        )


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language with its country: see the modules `clinic_it` and the like."""

    code: str
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    dates: tuple[str, ...]
    money: tuple[str, ...]
    label: Mapping[str, str]
    men: tuple[str, ...]
    women: tuple[str, ...]
    stems: tuple[str, ...]
    ends: tuple[tuple[str, str], ...]
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    houses: tuple[str, ...]
    firms: tuple[str, ...]
    speech: Mapping[str, Speech]
    notes: tuple[str, ...]
    analytes: tuple[str, ...]
    drugs: tuple[str, ...]
    syllables: tuple[str, ...]
    doses: tuple[str, ...]
    services: tuple[str, ...]
    goods: tuple[str, ...]
    wares: tuple[str, ...]
    procedures: tuple[str, ...]
    fields: tuple[str, ...]
    illnesses: tuple[str, ...]
    agenda: tuple[str, ...]
    subjects: tuple[str, ...]
    captions: tuple[str, ...]
    hands: tuple[str, ...]
    ids: Mapping[str, str]
    starts: tuple[str, ...] = ("",)
    middles: tuple[tuple[str, str], ...] = ()
    group: str = "."
    decimal: str = ","
    blanks: bool = True
    units: Mapping[str, str] = field(default_factory=dict)

    def on(self, day: date, style: int) -> str:
        """A day, in one of the spellings of the country."""
        pattern = self.dates[style % len(self.dates)]
        name = self.months[day.month - 1]
        return pattern.format(d=day.day, m=day.month, y=day.year, yy=day.year % 100, month=name)

    def cents(self, amount: int) -> str:
        """An amount without its currency, which has cents or, as the yen, none."""
        if self.code == "ja":
            return f"{amount:,}"
        whole, rest = divmod(amount, 100)
        return f"{whole:,}".replace(",", self.group) + f"{self.decimal}{rest:02}"

    def sum(self, amount: int, style: int) -> str:
        """An amount with its currency."""
        return self.money[style % len(self.money)].format(self.cents(amount))

    def caps(self, text: str) -> str:
        """Capitals only; Greek ones drop their accents."""
        return text.upper().translate(_NO_ACCENTS) if self.code == "el" else text.upper()

    def value(self, number: float, places: int) -> str:
        """A measured value."""
        return f"{number:.{places}f}".replace(".", self.decimal)

    def join(self, parts: list[str]) -> str:
        """Sentences as one paragraph."""
        return (" " if self.blanks else "").join(parts)
