"""What one sheet of a series has of its own (`facts`), and how a near relative of it differs (`NEARER`)."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from bench.corpora.clinic_frames import RANGES, Facts, Frame, Row, prose, rows_of
from bench.corpora.clinic_people import person
from bench.corpora.clinic_tongue import printed


def facts(frame: Frame, index: int, seed: int) -> Facts:
    """The facts of the sheet with this index."""
    rng = random.Random(seed)
    kind = frame.kind
    # what is fixed to a day of the month or the week keeps to it; patients come when they come
    jitter = rng.randint(0, kind.step // 3) if not (frame.fixed or kind.staff) else 0
    day = frame.start + timedelta(days=index * frame.step + jitter)
    who = frame.crowd[index % len(frame.crowd)]
    found = Facts(
        day=day,
        second=day + timedelta(days=rng.choice((7, 10, 14, 15, 30, 60, 90, 180))),
        number=_number(frame, index, day),
        who=who,
        salt=seed,
        account=frame.base * 7919 + index % len(frame.crowd) * 104_729,
        rows=_rows(frame, rng),
        texts=_texts(frame, rng),
        extra=[
            f"{rng.randint(7, 19)}:{rng.choice((0, 5, 10, 15, 20, 30, 40, 45, 50)):02}",
            str(rng.randint(1, 24)),
        ],
    )
    if kind.circular:
        # one text, one day, many readers: it has to come from the frame and not from the sheet
        shared = random.Random(frame.base)
        found.day, found.texts, found.number = (
            frame.start,
            _texts(frame, shared),
            _number(frame, 0, frame.start),
        )
        found.second = frame.start + timedelta(days=shared.randint(5, 60))
    return found


def _number(frame: Frame, index: int, day: date) -> str:
    letters = "ABCDEFGHKLMNPRSTWZ"
    prefix = letters[frame.base % 18] + letters[frame.base // 18 % 18]
    stride = 1 if frame.kind.firm and frame.base % 3 else 1 + frame.base % 37
    return frame.pattern.format(n=frame.base + index * stride, y=day.year, a=prefix)


def _rows(frame: Frame, rng: random.Random) -> list[Row]:
    kind = frame.kind
    if kind.rows == "analytes":
        return [_measured(frame, row, rng) for row in frame.rows]
    rows = [replace(row) for row in frame.rows] if frame.fixed else rows_of(kind, frame.tongue, rng)
    if kind.rows == "vaccines":
        for row in rows:
            row.code = printed("@@###@#", rng)
    return rows


def _measured(frame: Frame, row: Row, rng: random.Random) -> Row:
    unit, low, high, places = RANGES[int(row.code)]
    value = max(low * 0.3, rng.gauss((low + high) / 2, (high - low) / 2.6))
    tongue = frame.tongue
    between = f"{tongue.value(low, places)}-{tongue.value(high, places)}"
    flag = "" if low <= value <= high else ("*", "H", "↑")[frame.look.money % 3] if value > high else "*"
    cells = (tongue.value(value, places), flag, tongue.units.get(unit, unit), between)
    return Row(row.name, code=row.code, cells=cells)


def _texts(frame: Frame, rng: random.Random) -> list[list[str]]:
    """Paragraphs of sentences, one to six each."""
    low, high = frame.kind.body
    left = int(low + (high - low) * rng.random() ** 1.8)
    texts = []
    while left > 0:
        some = min(left, rng.randint(1, 6))
        matter = frame.kind.matter if rng.random() < 0.92 else "office"
        texts.append(prose(frame.tongue, rng, matter, some))
        left -= some
    return texts


def _revised(frame: Frame, found: Facts, rng: random.Random) -> Facts:
    """One amount or value is corrected, now and then a second, or the date instead."""
    if frame.kind.rows == "analytes":
        at = rng.randrange(len(found.rows))
        before = found.rows[at].cells
        while found.rows[at].cells[0] == before[0]:
            found.rows[at] = _measured(frame, found.rows[at], rng)
    elif rng.random() < 0.2:
        shift = timedelta(days=rng.choice((-7, -3, -1, 1, 2, 5, 10)))
        found.day += shift
        if frame.kind.name == "plan":
            found.second += shift  # of the two, a plan prints but one
    elif frame.kind.rows == "goods":
        row = rng.choice(found.rows)
        row.count += rng.choice((1, 2, 5, 10))
    else:
        row = rng.choice(found.rows)
        row.cents += rng.choice((-row.cents // 4, 500, 1000, 2000, 4500, row.cents // 2 + 100))
    return found


def _renewed(_: Frame, found: Facts, rng: random.Random) -> Facts:
    """The same paper a year later: its date, and one amount."""
    year = timedelta(days=365 if rng.random() < 0.5 else rng.randint(340, 390))
    found.day, found.second = found.day + year, found.second + year
    if found.rows:
        row = found.rows[rng.randrange(len(found.rows))]
        row.cents += row.cents * rng.randint(2, 15) // 100 // 10 * 10 + 50
    else:
        found.extra.append("renewed")
    return found


def _twin(frame: Frame, found: Facts, rng: random.Random) -> Facts:
    """The same paper of the same day for somebody else, now and then of the same family."""
    other = person(frame.tongue, rng)
    if rng.random() < 0.35:
        pool = frame.tongue.women if found.who.woman else frame.tongue.men
        others = [one for one in pool if one != found.who.given]
        other = replace(found.who, given=rng.choice(others))
    elif rng.random() < 0.4:
        other = replace(other, address=found.who.address)
    found.who = other
    return found


def _version(frame: Frame, found: Facts, rng: random.Random) -> Facts:
    """A few sentences are changed, added or struck."""
    for _ in range(rng.randint(1, 4)):
        paragraph = rng.choice(found.texts)
        at = rng.randrange(len(paragraph))
        fresh = prose(frame.tongue, rng, frame.kind.matter, 1)
        way = rng.random()
        if way < 0.5:
            paragraph[at : at + 1] = fresh
        elif way < 0.8 or len(paragraph) == 1:
            paragraph[at:at] = fresh
        else:
            del paragraph[at]
    if rng.random() < 0.5:
        found.extra.append("version")
    return found


NEARER: dict[str, Callable[[Frame, Facts, random.Random], Facts]] = {
    "revision": _revised,
    "renewal": _renewed,
    "twin": _twin,
    "version": _version,
}
