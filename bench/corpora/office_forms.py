"""A printed form, and what is filled into it: one template makes many sheets.

A `Form` is what a series keeps (sender, numbers, long text), `Slots` what changes from sheet to sheet. Both
come from chances that are seeded by the series and by the place in it, never by what was made before: any
sheet can be written again, and a neighbour of it that differs in one slot.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from bench.corpora.office_layout import Block, Paper, paragraphs
from bench.corpora.office_tongue import Party, Tongue, pick

Ware = tuple[str, str, int]
"""What it is called, its code and its price in cents."""
Line = tuple[str, str, int, int]
"""What it is called, its code, how many, and the price of one in cents."""
YEARS = 4700
"""The days over which a series goes at most."""
STANDARD = 3
"""How many standard texts of a kind are in use in a country."""


@dataclass(slots=True)
class Slots:
    """What is filled in on one sheet."""

    day: dt.date
    number: str
    who: Party
    due: dt.date
    items: list[Line] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of template: how long its text is, what may resemble it, how it is filled in and laid out."""

    name: str
    label: str
    fill: "Callable[[Form, int, Random], Slots]"
    lay: "Callable[[Form, Slots], Paper]"
    text: tuple[float, float] = (1.6, 0.6)
    """The boilerplate's sentences: their logarithm's mean and deviation."""
    genre: str = "clause"
    domain: str = "trade"
    period: tuple[float, ...] = (30.4,)
    admits: frozenset[str] = frozenset()
    many: bool = False
    """Every sheet goes to somebody else."""
    standard: float = 0.0
    """How often the text is a standard one that other firms use, too."""
    firms: float = 0.3
    """How often those to whom the sheets go are firms."""
    longest: int = 120


@dataclass(slots=True)
class Form:
    """What all sheets of a series share."""

    family: Family
    tongue: Tongue
    taste: int
    sender: Party
    owner: Party
    clerk: str
    people: list[Party]
    boiler: list[str]
    wares: list[Ware]
    sums: list[int]
    keys: list[str]
    """Numbers that stay: of the customer, the account, the case."""
    start: dt.date
    period: float
    base: int
    step: int
    prefix: str
    place: str
    width: int
    length: int

    def say(self, key: str, add: int = 0) -> str:
        """A label as this form has it."""
        among = self.tongue.labels[key]
        return among[(self.taste + len(key) + add) % len(among)]

    def tell(self, key: str, value: str) -> str:
        """A label and its value."""
        colon = " : " if self.tongue.code == "fr" else ": "
        return f"{self.say(key)}{colon if self.taste % 5 else ' '}{value}"

    def date(self, day: dt.date) -> str:
        """A date as this form spells it."""
        return self.tongue.date(day, self.taste // 3)

    def money(self, cents: int) -> str:
        """An amount as this form spells it."""
        return self.tongue.money(cents, self.taste // 7)

    def sum(self, cents: int) -> str:
        """An amount without its currency, as this form spells it."""
        return self.tongue.sum(cents, self.taste // 7)

    def day(self, at: int, chance: Random) -> dt.date:
        """The date of a sheet of the series."""
        drift = chance.randint(0, 2) if self.period > 5 else 0
        return self.start + dt.timedelta(days=int(at * self.period) + drift)

    def number(self, at: int, chance: Random, day: dt.date) -> str:
        """The number of a sheet of the series."""
        number = self.base + at * self.step + int(chance.random() * self.step)
        match self.taste % 4:
            case 0:
                return f"{self.prefix}{number}"
            case 1:
                return f"{day.year}/{number % 100000:05}"
            case 2:
                return f"{self.prefix}{day:%y}-{number % 1000000:06}"
            case _:
                return f"{number}"

    def person(self, at: int) -> Party:
        """To whom a sheet of the series goes."""
        return self.people[at % len(self.people)]


def form(family: Family, tongue: Tongue, seed: str, length: int, owner: Party) -> Form:
    """A new form of a family."""
    chance = Random(seed)
    size = max(2, min(52, round(chance.lognormvariate(*family.text))))
    words = chance
    if chance.random() < family.standard:
        words = Random(f"{tongue.code} {family.name} {chance.randrange(STANDARD)}")
        size = max(2, min(52, round(words.lognormvariate(*family.text))))
    period = min(chance.choice(family.period), YEARS / length)
    start = dt.date(2011, 1, 1) + dt.timedelta(days=chance.randint(0, 5000 - int(period * length)))
    boiler = tongue.prose(words, family.genre, size, domain=family.domain, day=start)
    boiler += [pick(chance, tongue.labels["legal"]) for _ in range(chance.randint(0, 2))]
    ways = (
        f"{tongue.code.upper()}{chance.randint(1, 99)}-",
        "",
        pick(chance, "ABCDFGLMPRSTV") + "-",
        f"{start.year}",
    )
    return Form(
        family=family, tongue=tongue, taste=chance.randrange(10**6), sender=tongue.firm(chance), owner=owner,
        clerk=tongue.person(chance), boiler=boiler,
        people=everybody(tongue, chance, length if family.many else 1, firms=chance.random() < family.firms),
        wares=[
            (tongue.ware(chance), coded(chance, 100), chance.randint(90, 60000))
            for _ in range(chance.randint(3, 24))
        ],
        sums=[int(chance.lognormvariate(10.6, 1)) for _ in range(3)],
        keys=[
            str(chance.randint(10**4, 10**8)), tongue.account(chance), coded(chance, 1000),
        ],
        start=start, period=period, base=chance.randint(10**3, 10**7),
        step=chance.choice((1, 1, 1, 3, 17, 211)), prefix=chance.choice(ways),
        place=chance.choice(tongue.towns)[0], width=chance.randint(68, 112), length=length,
    )  # fmt: skip


def coded(chance: Random, least: int) -> str:
    """A letter and a number below 100,000."""
    return f"{pick(chance, 'ABCDEFGHJK')}{chance.randint(least, 99999)}"


def everybody(tongue: Tongue, chance: Random, count: int, *, firms: bool) -> list[Party]:
    """As many people or firms, no name twice."""
    out: dict[str, Party] = {}
    while len(out) < count:
        party = tongue.firm(chance) if firms else tongue.someone(chance)
        out.setdefault(party.name, party)
    return list(out.values())


def slots(form: Form, at: int, chance: Random) -> Slots:
    """What any sheet has: its day, its number, to whom."""
    day = form.day(at, chance)
    due = day + dt.timedelta(days=(30, 45, 15, 60, 10, 8)[form.taste % 6])
    return Slots(day, form.number(at, chance, day), form.person(at), due)


def opened(form: Form, given: Slots, sender: Party, to: Party | None, *refs: str) -> Paper:
    """A sheet with its letterhead: the sender's sign and address, to whom, and what it refers to."""
    paper = Paper(form.say(form.family.label), form.family.label, sender.name, given.day)
    paper.foot = f"{paper.title} {given.number} {(to or sender).name} - {form.say('page')}"
    if form.taste % 3:
        paper.blocks.append(Block("logo", (sender.name.upper() if form.taste % 2 else sender.name,)))
    address = " - ".join(sender.lines[0 if not form.taste % 3 else 1 :])
    paper.add(address, " ".join(known(form, sender)))
    if to is None:
        paper.add(*refs)
    elif form.taste % 4 == 1:
        paper.add(*to.lines)
        paper.add(*refs)
    else:
        sides = (tuple(to.lines), tuple(refs))
        paper.blocks.append(Block("beside", rows=sides if form.taste % 4 else sides[::-1]))
    if given.mark:
        paper.add(given.mark)
    return paper


def known(form: Form, party: Party) -> tuple[str, str]:
    """The telephone and the register number of a party: the same on all its papers."""
    chance = Random(party.name)
    return form.tell("phone", form.tongue.phone(chance)), form.tongue.registered(chance)


def closed(form: Form, paper: Paper, given: Slots, *, sign: str = "", names: tuple[str, ...] = ()) -> Paper:
    """A sheet with its long text and its end: where it is signed, or the account to pay to."""
    paper.add(*paragraphs(form.boiler, 1 + form.taste % 4), width=form.width)
    if sign:
        paper.names = names or (given.who.name,)
        lines = (
            form.say("made").format(c=form.place, e=form.date(given.day)),
            form.say(sign) + " : ________________",
        )
        more = (form.say("signed2") + " : ________________  ____/____/______",) if len(names) > 1 else ()
        paper.blocks.append(Block("sign", lines + more))
    elif form.taste % 3 == 2:
        paper.add(f"{form.sender.name} - {form.tell('account', form.keys[1])}")
    return paper


def listed_items(form: Form, chance: Random, least: int = 1, most: int = 12) -> list[Line]:
    """Some of the wares of a form."""
    count = min(len(form.wares), chance.randint(least, most))
    counts = (1, 1, 1, 2, 3, 4, 5, 6, 8, 10, 12, 20, 25, 50, 100)
    return [
        (name, ref, chance.choice(counts), price) for name, ref, price in chance.sample(form.wares, count)
    ]


def total(given: Slots) -> int:
    """What the items come to, in cents."""
    return sum(count * price for _, _, count, price in given.items)
