"""A frame: what all sheets of one series share. Facts: what one sheet has of its own.

Both are made from a seed and nothing else, so a copy made later starts from the very same sheet, and nothing
has to be kept in memory meanwhile.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from bench.corpora.clinic_el import TONGUE as _EL
from bench.corpora.clinic_it import TONGUE as _IT
from bench.corpora.clinic_ja import TONGUE as _JA
from bench.corpora.clinic_kinds import Kind
from bench.corpora.clinic_nl import TONGUE as _NL
from bench.corpora.clinic_people import House, Person, brand, family, house, person
from bench.corpora.clinic_pl import TONGUE as _PL
from bench.corpora.clinic_ru import TONGUE as _RU
from bench.corpora.clinic_tongue import Tongue

_TONGUES = (_IT, _NL, _PL, _RU, _EL, _JA)
_SHARES = (22, 20, 19, 19, 16, 4)
RANGES = (
    ("g/dL", 12, 16, 1), ("%", 36, 47, 1), ("10^9/L", 4, 10, 1), ("10^12/L", 4, 5.5, 2), ("10^9/L", 150,
    400, 0),
    ("fL", 80, 96, 1), ("mg/dL", 70, 99, 0), ("%", 4, 5.6, 1), ("mg/dL", 0.6, 1.2, 2), ("mg/dL", 15, 45, 0),
    ("mg/dL", 3.4, 7, 1), ("mmol/L", 135, 145, 0), ("mmol/L", 3.5, 5.1, 1), ("mmol/L", 2.15, 2.55, 2),
    ("mg/dL", 120, 200, 0), ("mg/dL", 40, 80, 0), ("mg/dL", 60, 130, 0), ("mg/dL", 50, 150, 0), ("U/L", 5,
    40, 0),
    ("U/L", 5, 41, 0), ("U/L", 8, 60, 0), ("U/L", 40, 129, 0), ("mg/dL", 0.2, 1.2, 2), ("mg/L", 0, 5, 1),
    ("ng/mL", 30, 300, 0), ("µg/dL", 60, 170, 0), ("mIU/L", 0.4, 4, 2), ("ng/dL", 0.9, 1.7, 2), ("ng/mL",
    30, 100, 1),
    ("pg/mL", 200, 900, 0), ("mm/h", 2, 20, 0), ("", 0.8, 1.2, 2),
)  # fmt: skip
"""Unit, lowest and highest usual value and decimals of every analyte, in the order of `Tongue.analytes`."""
_JABS = (
    "Tdap",
    "MMR",
    "HBV",
    "Influenza",
    "COVID-19",
    "HPV 9",
    "Pneumo 20",
    "TBE",
    "HAV",
    "IPV",
    "Zoster",
    "MenACWY",
)


@dataclass(slots=True)
class Row:
    """A line of a table: an item with its price, or a measured value."""

    name: str
    code: str = ""
    count: int = 1
    cents: int = 0
    cells: tuple[str, ...] = ()


@dataclass(slots=True)
class Facts:
    """What one sheet has of its own: `salt` for all else it draws, `account` for what a reader keeps."""

    day: date
    second: date
    number: str
    who: Person
    salt: int
    account: int
    rows: list[Row] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """The sum of the rows, in cents."""
        return sum(row.cents * row.count for row in self.rows)


@dataclass(frozen=True, slots=True)
class Look:
    """The manners of one sender's paper."""

    date: int
    money: int
    head: int
    keys: int
    table: int
    width: int
    colon: str
    ids: bool
    born: bool
    valid: bool
    turned: bool
    caps: bool
    gap: bool
    deep: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What the sheets of one series share; a one-off is a series of one."""

    kind: Kind
    tongue: Tongue
    look: Look
    sender: House
    office: House
    doctor: Person
    crowd: tuple[Person, ...]
    boiler: tuple[str, ...]
    rows: tuple[Row, ...]
    fixed: bool
    start: date
    step: int
    base: int
    pattern: str
    topic: str


def prose(tongue: Tongue, rng: random.Random, matter: str, count: int) -> list[str]:
    """Sentences about a matter, their slots filled."""
    speech = tongue.speech[matter]
    return [_filled(speech.sentence(rng), tongue, rng) for _ in range(count)]


def _filled(text: str, tongue: Tongue, rng: random.Random) -> str:
    if "{" not in text:
        return text
    while "{n}" in text:
        text = text.replace("{n}", str(rng.randint(2, 60)), 1)
    return text.format(
        hour=rng.randint(7, 20),
        big=rng.randint(10000, 999999),
        doctor=family(tongue, rng, woman=False),
        drug=rng.choice(tongue.drugs) if rng.random() < 0.6 else brand(tongue, rng),
        town=rng.choice(tongue.towns),
        month=rng.choice(tongue.months),
    )


def frame(kind: Kind, seed: int, size: int) -> Frame:
    """The frame of a series of `size` sheets."""
    rng = random.Random(seed)
    tongue = rng.choices(_TONGUES, _SHARES)[0]
    look = _look(rng)
    several = kind.circular or rng.random() < kind.several
    crowd = tuple(person(tongue, rng) for _ in range(size if several else 1))
    if kind.staff:
        crowd = tuple(person(tongue, rng) for _ in range(rng.randint(4, 11)))
    words = (
        min(800.0, max(kind.boiler * 0.3, rng.lognormvariate(math.log(kind.boiler), 0.6)))
        if kind.boiler
        else 0
    )
    rows = tuple(rows_of(kind, tongue, rng))
    step = kind.step if kind.step in (0, 7, 28, 30) else rng.randint(kind.step // 2 + 1, kind.step * 2)
    step = min(step, 3650 // size)
    return Frame(
        kind=kind,
        tongue=tongue,
        look=look,
        sender=house(tongue, rng, firm=kind.firm),
        office=house(tongue, rng),
        doctor=person(tongue, rng),
        crowd=crowd,
        boiler=tuple(_boiler(tongue, rng, kind, int(words))),
        rows=rows,
        fixed=rng.random() < kind.fixed,
        start=date(2025, 11, 28) - timedelta(days=step * size + rng.randrange(3900)),
        step=step,
        base=rng.randint(11, 99000),
        pattern=rng.choice(
            ("{n}/{y}", "{y}-{n:05}", "{n:06}", "{a}{n:07}", "{a}-{y}/{n}", "{n}/{a}", "{y}{n:06}")
        ),
        topic=rng.choice(tongue.procedures),
    )


def _look(rng: random.Random) -> Look:
    return Look(
        date=rng.randrange(20),
        money=rng.randrange(4),
        head=rng.randrange(5),
        keys=rng.randrange(4),
        table=rng.choice((0, 0, 0, 1, 1, 1, 2, 3)),
        width=rng.randint(58, 104),
        colon=rng.choice((": ", ": ", " ", ":", " : ", " - ")),
        ids=rng.random() < 0.5,
        born=rng.random() < 0.6,
        valid=rng.random() < 0.5,
        turned=rng.random() < 0.4,
        caps=rng.random() < 0.3,
        gap=rng.random() < 0.7,
        deep=rng.randint(46, 66),
    )


def _boiler(tongue: Tongue, rng: random.Random, kind: Kind, words: int) -> list[str]:
    """Constant paragraphs of about so many words."""
    found: list[str] = []
    used = 0
    while used < words:
        lines = rng.sample(tongue.notes, rng.randint(1, 3)) if rng.random() < 0.5 else []
        lines += prose(tongue, rng, kind.terms, rng.randint(1, 4))
        used += sum(len(one.split()) if tongue.blanks else len(one) // 2 for one in lines)
        found.append(tongue.join(lines))
    return found


def rows_of(kind: Kind, tongue: Tongue, rng: random.Random) -> list[Row]:
    """The lines of a table of this kind, drawn anew."""
    if not kind.rows:
        return []
    low, high = kind.count
    count = rng.randint(low, high)
    if kind.rows == "analytes":
        chosen = sorted(rng.sample(range(len(tongue.analytes)), min(count, len(tongue.analytes))))
        return [Row(tongue.analytes[at], code=str(at)) for at in chosen]
    pool = _JABS if kind.rows == "vaccines" else getattr(tongue, kind.rows)
    names = rng.sample(pool, min(count, len(pool)))
    return [_item(kind, name, tongue, rng) for name in names]


def _item(kind: Kind, name: str, tongue: Tongue, rng: random.Random) -> Row:
    """One line: its price has the odd look of real price lists."""
    cents = int(rng.lognormvariate(math.log(kind.price), 0.9))
    cents = max(90, cents - cents % rng.choice((1, 5, 10, 50, 100)))
    if kind.rows in ("drugs", "wares") and rng.random() < 0.4:
        made = brand(tongue, rng)
        name = made.upper() if kind.rows == "wares" else f"{name} {made}"
    if kind.rows == "drugs":
        strength = rng.choice((5, 10, 20, 25, 40, 50, 75, 100, 250, 500, 850))
        name = f"{name} {strength} {tongue.units.get('mg', 'mg')}"
    count = (
        rng.choice((1, 1, 1, 1, 2, 2, 3)) if kind.rows != "goods" else rng.choice((1, 2, 5, 10, 20, 24, 50))
    )
    return Row(
        name, code=str(rng.randint(100, 99999)), count=count, cents=cents, cells=(rng.choice(tongue.doses),)
    )
