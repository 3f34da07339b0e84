"""Dates, amounts and numbers of German and British paper, in the spellings people meet."""

import datetime as dt
import random
from collections.abc import Callable

from bench.corpora.household_grammar import words

MONTHS = {
    "de": words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    "en": words("January February March April May June July August September October November December"),
}
_ORDINAL = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}

DATES: dict[str, tuple[Callable[[dt.date], str], ...]] = {
    "de": (
        lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
        lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
        lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
        lambda d: f"{d.day}. {MONTHS['de'][d.month - 1]} {d.year}",
        lambda d: f"{d.day}. {MONTHS['de'][d.month - 1]} {d.year}",
        lambda d: f"{d.day:02}.{d.month:02}.{d.year % 100:02}",
        lambda d: f"{d.day}.{d.month}.{d.year}",
        lambda d: f"{d:%Y-%m-%d}",
        lambda d: f"{d.day:02}. {MONTHS['de'][d.month - 1][:3]}. {d.year}",
    ),
    "en": (
        lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
        lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
        lambda d: f"{d.day} {MONTHS['en'][d.month - 1]} {d.year}",
        lambda d: f"{d.day} {MONTHS['en'][d.month - 1]} {d.year}",
        lambda d: f"{d.day}{_ORDINAL.get(d.day, 'th')} {MONTHS['en'][d.month - 1]} {d.year}",
        lambda d: f"{d.day:02} {MONTHS['en'][d.month - 1][:3]} {d.year}",
        lambda d: f"{d.day:02}/{d.month:02}/{d.year % 100:02}",
        lambda d: f"{d:%Y-%m-%d}",
        lambda d: f"{MONTHS['en'][d.month - 1]} {d.day}, {d.year}",
    ),
}
"""Ways to write a day; each sender keeps one."""

MONEY: dict[str, tuple[str, ...]] = {
    "de": ("{} EUR", "{} EUR", "{} €", "{} €", "EUR {}", "{}€", "{} Euro"),
    "en": ("£{}", "£{}", "£{}", "£ {}", "GBP {}", "{} GBP"),
}


def amount(cents: int, language: str, *, thousands: bool = True) -> str:
    """An amount without its currency: 1.234,50 or 1,234.50."""
    text = f"{cents / 100:,.2f}" if thousands else f"{cents / 100:.2f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def digits(rng: random.Random, count: int) -> str:
    """A number of so many digits that does not begin with 0."""
    return str(rng.randrange(10 ** (count - 1), 10**count))


def shaped(rng: random.Random, shape: str) -> str:
    """Fill a shape: `#` a digit, `@` a capital letter, the rest as it stands."""
    fill = {"#": "0123456789", "@": "ABCDEFGHJKLMNPRSTUVWXYZ"}
    return "".join(rng.choice(fill[one]) if one in fill else one for one in shape)


def iban(rng: random.Random, language: str) -> str:
    """A bank account with right check digits, in fours or in one piece."""
    land = "DE" if language == "de" else "GB"
    rest = digits(rng, 8) + shaped(rng, "##########") if land == "DE" else shaped(rng, "@@@@##############")
    check = 98 - int("".join(str(int(one, 36)) for one in rest + land + "00")) % 97
    whole = f"{land}{check:02}{rest}"
    return whole if rng.random() < 0.3 else " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def phone(rng: random.Random, language: str) -> str:
    """A telephone number."""
    if language == "de":
        shape = rng.choice(("02#1 / ######", "08##1-#####", "07### ####", "(03#1) ######", "+49 981 ######"))
    else:
        shape = rng.choice(
            ("01### ######", "01#1 496 0###", "(01###) ######", "+44 1### ######", "0800 ### ####")
        )
    return shaped(rng, shape)


def person_number(rng: random.Random, language: str) -> str:
    """A customer's, policy's or member's number, as firms count them."""
    shapes = {
        "de": ("########", "######", "##########", "K-######", "## ### ###", "@@ ######", "##/######/@"),
        "en": ("########", "#########", "@@######", "@###-####", "#### #### ####", "@@/#####/##", "C#######"),
    }
    return shaped(rng, rng.choice(shapes[language]))


def later(day: dt.date, days: float) -> dt.date:
    """So many days later."""
    return day + dt.timedelta(days=int(days))
