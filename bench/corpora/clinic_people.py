"""The people, practices and firms in the papers of the clinic.

Names are put together from given names, stems and endings, so that a large library does not meet one patient
thousands of times; whatever numbers they carry have the usual form of their country.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from bench.corpora.clinic_tongue import Tongue, printed, spell

_EPOCH = date(1930, 1, 1)
_MAIL = ("ta", "mi", "ro", "vel", "kan", "do", "sa", "pri", "le", "zor", "gus", "ne", "bi", "hal", "or", "ux")
_TLD = {"it": "it", "nl": "nl", "pl": "pl", "ru": "ru", "el": "gr", "ja": "jp"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: a patient, a doctor, one of the staff."""

    given: str
    middle: str
    family: str
    woman: bool
    born: date
    code: str
    address: tuple[str, str]
    mail: str

    def full(self, tongue: Tongue, *, turned: bool = False) -> str:
        """The whole name; turned: the family name first, as lists and forms have it."""
        if not tongue.blanks:
            return self.family + self.given
        first = f"{self.given} {self.middle}" if self.middle else self.given
        return f"{self.family} {first}" if turned else f"{first} {self.family}"

    def short(self, tongue: Tongue) -> str:
        """The name with an initial."""
        return f"{self.given[0]}. {self.family}" if tongue.blanks else self.family

    def dear(self, tongue: Tongue) -> str:
        """The salutation of a letter."""
        called = self.family
        if tongue.code == "ru":
            called = f"{self.given} {self.middle}"
        elif tongue.code == "el" and called.endswith("ς"):
            called = called[:-2] + "ε" if called.endswith("ος") else called[:-1]
        elif not tongue.blanks:
            called = self.full(tongue)
        return tongue.label["dear_f" if self.woman else "dear_m"].format(called)


@dataclass(frozen=True, slots=True)
class House:
    """A practice, an insurer, a supplier, a pharmacy."""

    name: str
    address: tuple[str, str]
    phone: str
    tax: str
    bank: str
    mail: str


def slug(rng: random.Random) -> str:
    """A word for a mail address."""
    return "".join(rng.choice(_MAIL) for _ in range(rng.randint(2, 4)))


def address(tongue: Tongue, rng: random.Random) -> tuple[str, str]:
    """A street with its number, and a town."""
    street, town = rng.choice(tongue.streets), rng.choice(tongue.towns)
    post = printed(tongue.ids["postcode"], rng)
    number = rng.randint(1, 190)
    if not tongue.blanks:
        return f"{post} {town}市", f"{street}{rng.randint(1, 9)}-{number % 30 + 1}-{rng.randint(1, 20)}"
    if tongue.code == "ru":
        return f"{street}, д. {number}, кв. {rng.randint(1, 240)}", f"{post}, г. {town}"
    if tongue.code == "pl":
        return f"{street} {number}" + (
            f"/{rng.randint(1, 60)}" if rng.random() < 0.6 else ""
        ), f"{post} {town}"
    return f"{street} {number}", f"{post} {town}"


def family(tongue: Tongue, rng: random.Random, *, woman: bool) -> str:
    """A family name."""
    start, stem, ends = rng.choice(tongue.starts), rng.choice(tongue.stems), rng.choice(tongue.ends)
    if start and not start.endswith(" "):
        stem = stem.lower()
    while ends[0] in stem:
        ends = rng.choice(tongue.ends)
    if ends[0] in ("iak", "ko", "ewicz", "ek", "icz"):
        stem = stem.removesuffix("ow").removesuffix("ew").replace("ń", "n")
    name = start + stem + ends[woman]
    return spell(name, rng) if tongue.code == "el" else name


def person(tongue: Tongue, rng: random.Random) -> Person:
    """Somebody new."""
    woman = rng.random() < 0.53
    middle = rng.choice(tongue.middles)[woman] if tongue.middles else ""
    return Person(
        given=rng.choice(tongue.women if woman else tongue.men),
        middle=middle,
        family=family(tongue, rng, woman=woman),
        woman=woman,
        born=_EPOCH + timedelta(days=rng.randrange(32000)),
        code=printed(tongue.ids["person"], rng),
        address=address(tongue, rng),
        mail=f"{slug(rng)}@{slug(rng)}.{_TLD[tongue.code]}",
    )


def brand(tongue: Tongue, rng: random.Random) -> str:
    """An invented trade name."""
    return "".join(rng.choice(tongue.syllables) for _ in range(rng.randint(2, 3))).capitalize()


def house(tongue: Tongue, rng: random.Random, *, firm: bool = False) -> House:
    """A practice, or one of the firms it deals with."""
    where = address(tongue, rng)
    name = rng.choice(tongue.firms if firm else tongue.houses).format(
        last=family(tongue, rng, woman=False),
        other=family(tongue, rng, woman=False),
        town=rng.choice(tongue.towns),
        brand=brand(tongue, rng),
        n=rng.randint(2, 180),
    )
    site = slug(rng)
    return House(
        name=name,
        address=where,
        phone=printed(tongue.ids["phone"], rng),
        tax=printed(tongue.ids["tax"], rng),
        bank=account(tongue, rng),
        mail=f"{rng.choice(('info', 'studio', 'admin', 'post', site))}@{site}.{_TLD[tongue.code]}",
    )


def account(tongue: Tongue, rng: random.Random) -> str:
    """A bank account; an IBAN has the check digits it must have."""
    number, country = printed(tongue.ids["bank"], rng), tongue.ids["iban"]
    if not country:
        return number
    digits = "".join(str(int(one, 36)) for one in f"{number}{country}00")
    whole = f"{country}{98 - int(digits) % 97:02}{number}"
    if rng.random() < 0.5:
        return whole
    return " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))
