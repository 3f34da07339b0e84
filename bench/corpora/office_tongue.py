"""How an office writes in one language: its words, names, dates, sums and sentences.

A `Tongue` is read from the compact lists of `office_french` and its two sisters. Whatever it makes depends
on the chance given alone, so that the same sheet can be written again whenever it is asked for.
"""

import datetime as dt
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from bench.corpora.office_lists import Noun, Pattern


@dataclass(frozen=True, slots=True)
class Party:
    """A person or a firm with an address."""

    name: str
    street: str
    town: str
    post: str
    firm: bool = False

    @property
    def lines(self) -> list[str]:
        """As it stands in the window of an envelope."""
        return [self.name, self.street, f"{self.post} {self.town}"]


SOME_DAY = dt.date(2017, 5, 1)
SIGNS = str.maketrans({"€": "E", "«": '"', "»": '"', "°": "o", "–": "-", "’": "'", "·": "."})


def pick(chance: Random, among: Sequence[str]) -> str:
    """One of several; quicker than `choice`."""
    return among[int(chance.random() * len(among))]


def plain(text: str) -> str:
    """Without accents, and without the signs that only few machines read."""
    return unicodedata.normalize("NFKD", text.translate(SIGNS)).encode("ascii", "ignore").decode()


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language of the office."""

    code: str
    labels: dict[str, tuple[str, ...]]
    months: tuple[str, ...]
    firsts: tuple[str, ...]
    lasts: tuple[str, ...]
    roads: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    trades: tuple[str, ...]
    forms: tuple[str, ...]
    wares: tuple[str, ...]
    kinds: tuple[str, ...]
    nouns: dict[str, tuple[Noun, ...]]
    adjectives: dict[str, tuple[tuple[str, str], ...]]
    patterns: dict[str, tuple[Pattern, ...]]
    long_date: str
    thousands: str
    iban: tuple[str, int]
    two_surnames: float

    def person(self, chance: Random) -> str:
        """A person's name, sometimes with a second first name or surname."""
        first, last = pick(chance, self.firsts), pick(chance, self.lasts)
        if chance.random() < 0.12:
            first += f" {pick(chance, self.firsts)}"
        if chance.random() < self.two_surnames:
            last += f" {pick(chance, self.lasts)}"
        return f"{first} {last}"

    def address(self, chance: Random, name: str, *, firm: bool = False) -> Party:
        """Where somebody lives."""
        town, post = self.towns[int(chance.random() * len(self.towns))]
        digits = 10 ** (5 - len(post)) - 1
        street = pick(chance, self.roads).replace("#", pick(chance, self.lasts))
        post = f"{post}{chance.randint(1, digits):0{5 - len(post)}}"
        if self.code == "pt":
            post = f"{post[:4]}-{chance.randint(1, 999):03}"
        number = chance.randint(1, 240)
        street = f"{number} {street}" if self.code == "fr" else f"{street}, {number}"
        return Party(name, street, town, post, firm)

    def someone(self, chance: Random) -> Party:
        """A person with an address."""
        return self.address(chance, self.person(chance))

    def firm(self, chance: Random) -> Party:
        """A firm with an address."""
        way = chance.random()
        last, trade = pick(chance, self.lasts), pick(chance, self.trades)
        if way < 0.4:
            name = f"{last} {trade}"
        elif way < 0.6:
            name = f"{last} & {pick(chance, self.lasts)}"
        elif way < 0.8:
            name = f"{trade} {chance.choice(self.towns)[0]}"
        else:
            name = f"{last[:3]}{pick(chance, self.lasts)[-4:].lower()} {trade}"
        return self.address(chance, f"{name} {pick(chance, self.forms)}", firm=True)

    def date(self, day: dt.date, style: int) -> str:
        """A date in one of the country's spellings."""
        match style % 8:
            case 0 | 1:
                return f"{day.day:02}/{day.month:02}/{day.year}"
            case 2 | 3:
                return self.long_date.format(d=day.day, m=self.months[day.month - 1], y=day.year)
            case 4:
                return f"{day.day:02}.{day.month:02}.{day.year}"
            case 5:
                return f"{day.day:02}/{day.month:02}/{day.year % 100:02}"
            case 6:
                return f"{day.day:02}-{day.month:02}-{day.year}"
            case _:
                return day.isoformat()

    def sum(self, cents: int, style: int = 0) -> str:
        """An amount without its currency."""
        spaced = f"{abs(cents) // 100:,}".replace(",", " " if style % 3 == 2 else self.thousands)
        return f"{'-' if cents < 0 else ''}{spaced},{abs(cents) % 100:02}"

    def money(self, cents: int, style: int = 0) -> str:
        """An amount with its currency."""
        match style % 4:
            case 0 | 1:
                return f"{self.sum(cents, style)} €"
            case 2:
                return f"{self.sum(cents, style)} EUR"
            case _:
                return f"{self.sum(cents, style)}€"

    def account(self, chance: Random) -> str:
        """An IBAN, in fours."""
        head, length = self.iban
        digits = head + "".join(str(chance.randint(0, 9)) for _ in range(length - len(head)))
        return " ".join(digits[at : at + 4] for at in range(0, length, 4))

    def phone(self, chance: Random) -> str:
        """A telephone number."""
        match self.code:
            case "fr":
                return f"0{chance.randint(1, 9)} " + " ".join(f"{chance.randint(0, 99):02}" for _ in range(4))
            case "es":
                return f"9{chance.randint(10, 88)} {chance.randint(100, 999)} {chance.randint(100, 999)}"
            case _:
                return f"+351 2{chance.randint(10, 99)} {chance.randint(100, 999)} {chance.randint(100, 999)}"

    def registered(self, chance: Random) -> str:
        """The number under which a firm is known to the state."""
        match self.code:
            case "fr":
                threes = " ".join(f"{chance.randint(300, 999)}" for _ in range(3))
                return f"SIRET {threes} 000{chance.randint(11, 99)}"
            case "es":
                return f"CIF {chance.choice('ABJ')}{chance.randint(10**7, 10**8 - 1)}"
            case _:
                return (
                    f"NIPC {chance.randint(500, 517)} {chance.randint(0, 999):03} {chance.randint(0, 999):03}"
                )

    def ware(self, chance: Random) -> str:
        """Something that can be ordered."""
        name = f"{pick(chance, self.wares)} {pick(chance, self.kinds)}"
        if chance.random() < 0.4:
            sizes = (f"{chance.randint(2, 60)} mm", f"{chance.randint(2, 40)}x{chance.randint(10, 120)}")
            name += f" {pick(chance, (*sizes, f'M{chance.randint(3, 24)}', f'{chance.randint(1, 50)} l'))}"
        return name

    def noun(self, chance: Random, domain: str) -> tuple[Noun, str]:
        """A noun, and the adjective behind it (or nothing)."""
        among = self.nouns[domain]
        noun = among[int(chance.random() * len(among))]
        if chance.random() < 0.55:
            return noun, ""
        kinds = self.adjectives["tech" if domain == "tech" else "all"]
        return noun, " " + kinds[int(chance.random() * len(kinds))][noun.feminine]

    def subject(self, chance: Random, domain: str) -> str:
        """What a mail or a letter is about."""
        noun, kind = self.noun(chance, domain)
        return f"{noun.word}{kind}".capitalize()

    def said(self, chance: Random, pattern: Pattern, domain: str, day: dt.date) -> str:
        """A pattern with its fields filled in; its dates are of about the day on which it is written."""
        out = list(pattern)
        for at in range(1, len(out), 2):
            out[at] = FILL[out[at]](self, chance, domain, day)
        text = "".join(out)
        return text[0].upper() + text[1:]

    def prose(
        self, chance: Random, genre: str, count: int, *, domain: str = "trade", day: dt.date = SOME_DAY
    ) -> list[str]:
        """Several sentences; no pattern comes again before all have been used."""
        among = list(self.patterns[genre])
        out: list[str] = []
        while len(out) < count:
            chance.shuffle(among)
            out += [self.said(chance, pattern, domain, day) for pattern in among[: count - len(out)]]
        return out


def _day(tongue: Tongue, chance: Random, _: str, day: dt.date) -> str:
    near = day + dt.timedelta(days=int(chance.gauss(0, 60)))
    return tongue.date(near, 2 if chance.random() < 0.7 else 0)


DAYS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 15, 20, 21, 30, 45, 60, 90)
FILL: dict[str, Callable[[Tongue, Random, str, dt.date], str]] = {
    "n": lambda tongue, chance, domain, _: _joined(tongue.noun(chance, domain), "the"),
    "d": lambda tongue, chance, domain, _: _joined(tongue.noun(chance, domain), "of"),
    "a": lambda tongue, chance, domain, _: _joined(tongue.noun(chance, domain), "to"),
    "b": lambda tongue, chance, domain, _: tongue.noun(chance, domain)[0].bare,
    "q": lambda _, chance, *__: str(chance.choice(DAYS)),
    "v": lambda _, chance, *__: f"{chance.randint(1, 99)},{chance.randint(1, 9)}",
    "e": _day,
    "p": lambda tongue, chance, *_: tongue.person(chance),
    "c": lambda tongue, chance, *_: chance.choice(tongue.towns)[0],
    "m": lambda tongue, chance, *_: tongue.money(int(chance.lognormvariate(11, 1.4)), 0),
    "f": lambda tongue, chance, *_: tongue.firm(chance).name,
    "k": lambda _, chance, *__: f"{chance.choice('ABCEFGHKLMPRSTVX')}{chance.randint(10, 999)}",
}
"""What a field of a sentence stands for: things, numbers, a date, a person, a town, money, a firm, a mark."""


def _joined(noun: tuple[Noun, str], form: str) -> str:
    return f"{getattr(noun[0], form)}{noun[1]}"
