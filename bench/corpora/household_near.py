"""Sheets that look like another and are not it: corrected bills, next year's policy, the neighbour's letter.

Each takes the printed original and changes what such papers change, nothing else; None where nothing can be.
"""

import copy
import datetime as dt
import random
import re
from collections.abc import Mapping

from bench.corpora.household_names import code, person, street, town
from bench.corpora.household_paper import Draft, pages
from bench.corpora.household_speech import Speaker


def _swap(draft: Draft, words: Mapping[str, str]) -> Draft | None:
    """The same paper with other words in some places."""
    given = {old: new for old, new in words.items() if old and old != new}
    if not given:
        return None
    alternatives = "|".join(re.escape(one) for one in sorted(given, key=len, reverse=True))
    found = re.compile(rf"(?<!\w)(?<!\d[.,])(?:{alternatives})(?!\w)(?![.,]\d)")
    other = copy.copy(draft)
    other.blocks = [
        (flows, [found.sub(lambda m: given[m.group()], one) for one in lines])
        for flows, lines in draft.blocks
    ]
    other.marks = [given.get(mark, mark) for mark in draft.marks]
    return other if other.blocks != draft.blocks else None


def _other(cents: int, rng: random.Random) -> int:
    """An amount that nobody takes for a misread one."""
    for _ in range(50):
        new = max(100, int(cents * rng.choice((0.5, 0.8, 0.9, 1.1, 1.25, 1.6, 2)) * rng.uniform(0.95, 1.05)))
        if (
            len(str(new)) != len(str(cents))
            or sum(a != b for a, b in zip(str(new), str(cents), strict=True)) > 1
        ):
            return new
    return cents * 2 + 111


def revision(draft: Draft, rng: random.Random) -> Draft | None:
    """The same number, but an item and the total are other ones, or a day."""
    if not draft.number:
        return None
    if draft.days and rng.random() < 0.25:
        said, day = draft.days[-1]
        return _swap(draft, {said: draft.style.day(day + dt.timedelta(days=rng.randint(4, 45)))})
    amounts = draft.amounts or ([draft.price] if draft.price else [])
    if not amounts:
        return None
    total, cents = amounts[-1]
    items = [one for one in amounts[:-1] if one[0] != total]
    if not items or rng.random() < 0.4:
        return _swap(draft, {total: draft.style.plain(_other(cents, rng))})
    item, was = rng.choice(items)
    new = _other(was, rng)
    return _swap(draft, {item: draft.style.plain(new), total: draft.style.plain(max(100, cents + new - was))})


def renewal(draft: Draft, rng: random.Random) -> Draft | None:
    """The next year: one day and one amount are other ones."""
    if not draft.price or not draft.days:
        return None
    said, day = draft.days[0]
    later = day + dt.timedelta(days=rng.choice((364, 365, 366, 371)))
    new = int(draft.price[1] * rng.uniform(1.02, 1.15)) + 37
    other = _swap(draft, {said: draft.style.day(later), draft.price[0]: draft.style.plain(new)})
    if other:
        other.date = later
    return other


def twin(draft: Draft, rng: random.Random) -> Draft | None:
    """The same paper of the same day to somebody else."""
    was = draft.person
    if was is None:
        return None
    new = person(rng, draft.language, last=was.last if rng.random() < 0.25 else None)
    while (
        new.woman != was.woman
        or new.first[0] == was.first[0]
        or (new.last[:2] == was.last[:2] and new.last != was.last)
    ):
        new = person(rng, draft.language, last=was.last if rng.random() < 0.25 else None)
    words = {was.name: new.name, was.last: new.last, was.first: new.first}
    if draft.home and new.last != was.last and rng.random() < 0.5:
        lives = draft.home
        words[lives.street] = street(rng, draft.language)
        if rng.random() < 0.4:
            words |= {lives.town: town(rng, draft.language), lives.code: code(rng, draft.language)}
    other = _swap(draft, words)
    if other:
        other.person = new
    return other


def version(draft: Draft, rng: random.Random) -> Draft | None:
    """A second version: a few sentences are changed, new or struck."""
    speaker = Speaker(rng, draft.language, firm=draft.firm, year=draft.date.year)
    other = copy.copy(draft)
    other.blocks = [(flows, list(lines)) for flows, lines in draft.blocks]
    flowing = [lines for flows, lines in other.blocks if flows and lines[0].count(". ") > 1]
    if not flowing:
        return None
    fresh = speaker.sentences(draft.prose or "office")
    for _ in range(rng.randint(2, 5)):
        lines = rng.choice(flowing)
        sentences = lines[0].split(". ")
        at = rng.randrange(len(sentences))
        said = next(fresh).rstrip(".")
        change = rng.randrange(3)
        sentences[at : at + (change < 2)] = [] if change == 0 and len(sentences) > 2 else [said]
        lines[0] = ". ".join(sentences)
    return other if other.blocks != draft.blocks else None


def quote(draft: Draft, rng: random.Random) -> Draft | None:
    """A later mail or letter with the earlier one whole below it."""
    other = copy.copy(draft)
    other.date = draft.date + dt.timedelta(days=rng.randint(1, 40))
    speaker = Speaker(rng, draft.language, firm=draft.firm, year=other.date.year)
    writer = person(rng, draft.language)
    old = [line for sheet in pages(draft) for block in sheet for line in [*block, ""]]
    other.blocks, other.marks = [], []
    other.lines(
        f"{speaker.say('Von', 'From')}: {writer.name}",
        speaker.say("{Datum|Gesendet}: ", "{Date|Sent}: ")
        + other.day(other.date)
        + speaker.say(" <time>", " <time>"),
        f"{speaker.say('Betreff: AW: <N>', 'Subject: RE: <N>')}",
    )
    other.text(
        *speaker.body(
            draft.prose if draft.prose in ("mail", "private", "lawyer", "office") else "mail",
            rng.randint(15, 110),
        )
    )
    other.lines(writer.name)
    before = rng.choice(("> ", "> ", ">", "  ", ""))
    head = speaker.say(
        "{-----Ursprüngliche Nachricht-----|Am <date> schrieb <name>:|---- Weitergeleitet ----}",
        "{-----Original Message-----|On <date> <name> wrote:|---- Forwarded ----}",
    )
    other.lines(head, *(f"{before}{line}" for line in old if line or before))
    return other


MAKERS = {"revision": revision, "renewal": renewal, "twin": twin, "version": version, "quote": quote}
SHARES = {"revision": 0.002, "renewal": 0.004, "twin": 0.006, "version": 0.003, "quote": 0.004}
"""Of all sheets."""
