"""A sender who writes again and again: the constants of his paper, how each sheet begins and ends."""

import datetime as dt
import random

from bench.corpora.household_firms import firm_name
from bench.corpora.household_names import Home, Person, code, street
from bench.corpora.household_numbers import iban, later, person_number, phone, shaped
from bench.corpora.household_paper import Draft, Style
from bench.corpora.household_speech import Speaker

STEPS = (30.44, 30.44, 30.44, 91.31, 91.31, 365.25, 182.6, 7.0)


class Series:
    """A template. `sheet(k)` makes its k-th sheet; a subclass says what stands between address and end."""

    topic = "energy"
    types: tuple[str, str] = ("{Rechnung}", "{Invoice}")
    words = (4.6, 0.75)
    """Log-normal: how long its small print is."""
    steps: tuple[float, ...] = STEPS
    near: tuple[str, ...] = ()
    """What may resemble its sheets."""

    def __init__(self, rng: random.Random, home: Home, number: int) -> None:
        self.rng, self.home, self.series = rng, home, number
        self.language = home.language
        self.de = self.language == "de"
        self.firm = firm_name(rng, self.language, self.topic)
        self.start = dt.date(2009, 1, 1) + dt.timedelta(days=rng.randint(0, 4600))
        self.speaker = Speaker(rng, self.language, firm=self.firm, year=self.start.year)
        self.style = Style.of(rng, self.language)
        self._said: dict[str, str] = {}
        self.person = rng.choice(home.people)
        self.shared = rng.random() < 0.2
        self.customer = person_number(rng, self.language)
        self.iban = iban(rng, self.language)
        self.step = rng.choice(self.steps)
        self.count = rng.randrange(10**3, 10**7)
        self.shape = rng.choice(
            ("{n}", "{n}", "{y}-{n}", "{n}/{y}", "RE{n}" if self.de else "INV{n}", "{y}{n}", "@@{n}")
        )
        self.shape = shaped(rng, self.shape)
        self.stride = rng.choice((1, 1, 13, 211, 4099))
        words = min(800, max(15, int(rng.lognormvariate(*self.words))))
        self.small = self.speaker.small_print(self.topic, words)
        self.news = [self.speaker.small_print(self.topic, 25)[0] for _ in range(rng.choice((0, 0, 0, 1, 4)))]
        self.order = rng.randrange(4)
        self.file = rng.choice(
            ("{type}_{y}-{m}", "{firm}_{day}", "{type}_{no}", "", "", "{no}", "{firm} {type} {m}-{y}")
        )
        self.sender = self._sender()

    def _sender(self) -> list[str]:
        """The letterhead."""
        place = [street(self.rng, self.language), f"{code(self.rng, self.language)} {self.speaker.town}"]
        lines = [self.firm, *place, f"Tel{'.' if self.de else ''} {phone(self.rng, self.language)}"]
        if self.rng.random() < 0.5:
            lines.append(self.speaker.web)
        if self.rng.random() < 0.25:
            lines = [" · ".join(lines[:3]), *lines[3:]]
        return lines[: self.rng.randint(1, len(lines))]

    def say(self, german: str, english: str) -> str:
        """Choose the words for something once, and keep to them."""
        given = german if self.de else english
        if given not in self._said:
            self._said[given] = self.speaker.say(german, english)
        return self._said[given]

    def next_number(self, day: dt.date) -> str:
        """The next number of a sheet."""
        self.count += self.rng.randint(1, self.stride)
        return self.shape.format(n=self.count, y=day.year)

    def date_of(self, k: int) -> dt.date:
        """When the k-th sheet was written."""
        return later(self.start, k * self.step + self.rng.randint(0, 3))

    def draft(self, k: int) -> Draft:
        """Begin a sheet: sender, recipient."""
        self.speaker.year = self.date_of(k).year
        person = self.rng.choice(self.home.people) if self.shared else self.person
        draft = Draft(
            self.style,
            self.date_of(k),
            self.firm,
            self.say(*self.types),
            person,
            self.home,
            series=self.series,
            near=self.near,
        )
        to = [*self.address_to(person), *self.home.address()]
        if self.order == 0:
            draft.lines(*self.sender)
            draft.lines(*to)
        elif self.order == 1:
            draft.lines(*to)
            draft.lines(*self.sender)
        elif self.order == 2:
            both = max(len(to), len(self.sender))
            sides = zip([*to, *[""] * both], [*self.sender, *[""] * both], strict=False)
            draft.lines(*(f"{left}  {right}".strip() for left, right in sides))
        else:
            draft.lines(self.firm)
            draft.lines(*to)
        return draft

    def address_to(self, person: Person) -> list[str]:
        """How the envelope calls somebody."""
        before = ("Frau", "Mrs") if person.woman else ("Herrn", "Mr")
        if self.order < 2:
            return [f"{before[0] if self.de else before[1]} {person.name}"]
        return [before[0], person.name] if self.de and self.order == 2 else [person.name]

    def greeting(self, person: Person) -> str:
        """The salutation."""
        if self.de:
            return f"Sehr geehrte{' Frau' if person.woman else 'r Herr'} {person.last},"
        return f"Dear {'Ms' if person.woman else 'Mr'} {person.last},"

    def head(self, draft: Draft, number: str, *pairs: tuple[str, str]) -> None:
        """The title with its number, the date, and what else stands beside them."""
        draft.number = draft.mark(number) if number else ""
        title = (
            f"{draft.type} {number}"
            if self.order % 2
            else draft.type.upper()
            if self.order == 2
            else draft.type
        )
        label = (
            self.say(
                "{Rechnungsnummer|Beleg-Nr.|Nr.|Rechnungs-Nr.}",
                "{Invoice number|Document no.|No.|Invoice no}",
            ),
            number,
        )
        given = [
            (self.say("{Datum|Rechnungsdatum|vom}", "{Date|Date of issue|Dated}"), draft.day(draft.date)),
            *pairs,
        ]
        if self.order % 2 == 0:
            given.insert(0, label)
        draft.lines(title)
        draft.pairs(*given)

    def end(self, draft: Draft, k: int) -> Draft:
        """The small print, the news of the season, the foot."""
        draft.text(*self.small)
        if self.news and k % 3 == 0:
            draft.text(self.news[k // 3 % len(self.news)])
        if self.order != 3:
            draft.lines(
                f"{self.firm} | IBAN {self.iban}",
                self.say("BIC {GENO|COBA|HELA}DE<few>XXX", "{BACS|SWIFT} <few>GB2L"),
            )
        names = {
            "type": draft.type,
            "firm": self.firm.split()[0],
            "no": draft.number.replace("/", "-") or str(k),
        }
        draft.file = self.file.format(
            y=draft.date.year, m=f"{draft.date.month:02}", day=f"{draft.date:%Y%m%d}", **names
        )
        return draft

    def sheet(self, k: int) -> Draft:
        """Make the k-th sheet."""
        raise NotImplementedError


def rows(rng: random.Random, names: tuple[str, ...], count: int) -> list[str]:
    """So many different ones of a list."""
    return rng.sample(names, min(count, len(names)))
