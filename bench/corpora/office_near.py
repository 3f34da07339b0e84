"""Sheets that resemble another and are not it: a slot or a few sentences differ."""

from dataclasses import replace
from random import Random

from bench.corpora.office_forms import Form, Slots

CORRECTED = {
    "order": ("price", "due"),
    "delivery": ("count",),
    "quotation": ("price", "price", "due"),
    "rent": ("price", "day"),
    "expenses": ("price",),
    "freight": ("count", "due", "fee"),
    "customs": ("price", "duty"),
}
"""What a correction changes, by family: something that stands on the sheet."""


def revision(form: Form, given: Slots, chance: Random) -> Slots:
    """The same number; an amount or a date corrected."""
    if chance.random() < 0.3:
        given.mark = form.say("corrected")
    match chance.choice(CORRECTED[form.family.name]):
        case "price":
            at = chance.randrange(len(given.items))
            name, ref, count, price = given.items[at]
            given.items[at] = (name, ref, count, _corrected(price, chance))
        case "count":
            at = chance.randrange(len(given.items))
            name, ref, count, price = given.items[at]
            given.items[at] = (name, ref, count + chance.choice((1, 2, 5, 10)), price)
        case "due":
            given.due = given.due.replace(day=given.due.day % 28 + 1)
        case "day":
            given.day = given.day.replace(day=given.day.day % 28 + 1)
            given.due = given.due.replace(day=given.due.day % 28 + 1)
        case "fee":
            given.sums[1] = _corrected(given.sums[1], chance)
        case _:
            given.sums[0] = _corrected(given.sums[0], chance)
    return given


def _corrected(cents: int, chance: Random) -> int:
    """Another amount: two digits changed places, one is another, or a part was taken off."""
    digits = list(str(cents))
    at = chance.randrange(len(digits))
    digits[at] = str((int(digits[at]) + chance.randint(1, 9)) % 10)
    return chance.choice((int("".join(digits)) or cents + 100, round(cents * 0.9) + 1, cents + 1000))


def renewal(_: Form, given: Slots, chance: Random) -> Slots:
    """A year later: one date and one amount are others."""
    day = given.day
    given.day = day.replace(year=day.year + 1, day=min(day.day, 28))
    given.sums[0] = round(given.sums[0] * chance.uniform(1.01, 1.09)) + 1
    return given


def twin(form: Form, given: Slots, chance: Random) -> Slots:
    """The same to somebody else, of the same house or from elsewhere."""
    other = form.tongue.firm(chance) if given.who.firm else form.tongue.someone(chance)
    given.who = replace(given.who, name=other.name) if chance.random() < 0.4 else other
    return given


def version(form: Form, given: Slots, chance: Random) -> Slots:
    """One to four sentences changed, added or struck."""
    words = list(given.words)
    genre = {"minutes": "minutes", "notice": "notice", "report": "report"}.get(form.family.name, "clause")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(words))
        other = form.tongue.prose(chance, genre, 1, domain=form.family.domain, day=given.day)[0]
        match chance.choice(("change", "change", "add", "strike")):
            case "change":
                words[at] = other
            case "add":
                words.insert(at, other)
            case _ if len(words) > 2:
                del words[at]
            case _:
                words.append(other)
    given.words = words
    if chance.random() < 0.3:
        given.mark = form.say("corrected")
    return given


ALTERED = {"revision": revision, "renewal": renewal, "twin": twin, "version": version}
