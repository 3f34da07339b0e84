"""Papers of the clinic that are forms and tables: results, recipes, bills, consents, plans, rotas."""

import random
from datetime import timedelta

from bench.corpora.clinic_frames import Facts, Frame
from bench.corpora.clinic_paper import Block
from bench.corpora.clinic_pieces import (
    boiler,
    farewell,
    keys,
    letterhead,
    paragraphs,
    patient,
    reader,
    signatures,
    title,
    when,
)

_SHIFTS = (
    ("7-14", "14-21", "21-7", "-", "8-16"),
    ("M", "P", "N", "R", "F"),
    ("1", "2", "3", "/", "U"),
    ("D", "L", "W", "X", "A"),
)


def lab(frame: Frame, found: Facts) -> list[Block]:
    """Results: the same analytes every time, other values."""
    label, tongue = frame.tongue.label, frame.tongue
    sampled = (
        label["sample"],
        f"{tongue.on(found.day - timedelta(days=1), frame.look.date)} {found.extra[0]}",
    )
    head = (label["analyte"], label["value"], "", label["unit"], label["range"])
    table = (head, *((row.name, *row.cells) for row in found.rows))
    return [
        *letterhead(frame),
        title(frame, "lab"),
        keys(frame, [*patient(frame, found), *when(frame, found), sampled]),
        Block(cells=table, style=frame.look.table),
        *paragraphs(frame, found.texts),
        *boiler(frame),
        Block((frame.doctor.full(tongue),)),
    ]


def prescription(frame: Frame, found: Facts) -> list[Block]:
    """Drugs and how to take them."""
    lines = []
    for row in found.rows:
        lines += [f"{row.name}  N. {row.count}", f"   {row.cells[0]}"]
    return [
        *letterhead(frame),
        title(frame, "prescription"),
        keys(frame, [*patient(frame, found), *when(frame, found)]),
        Block(tuple(lines)),
        *boiler(frame),
        Block((f"{frame.tongue.label['doctor']} {frame.doctor.full(frame.tongue)}",)),
    ]


def card(frame: Frame, found: Facts) -> list[Block]:
    """An appointment."""
    label, tongue = frame.tongue.label, frame.tongue
    weekday = tongue.weekdays[found.second.weekday()]
    line = f"{weekday} {tongue.on(found.second, frame.look.date)} {label['at']} {found.extra[0]}"
    where = f"{label['room']} {found.extra[1]}" if frame.look.valid else frame.doctor.short(tongue)
    head = letterhead(frame)[:1] if frame.look.gap else [Block((frame.sender.name,))]
    name = found.who.full(tongue, turned=frame.look.turned)
    return [*head, title(frame, "card"), Block((name, line, where)), *boiler(frame)[:2]]


def consent(frame: Frame, found: Facts) -> list[Block]:
    """A standard form with a name and a date."""
    label, tongue = frame.tongue.label, frame.tongue
    name = found.who.full(tongue, turned=frame.look.turned)
    half = len(frame.boiler) // 2 if frame.look.valid else 0
    text = boiler(frame, numbered=frame.look.caps)
    return [
        *letterhead(frame),
        title(frame, "consent"),
        Block((frame.topic,)),
        *text[:half],
        keys(frame, patient(frame, found)[: 2 if frame.look.born else 1]),
        Block((f"{name} {label['agree']} {frame.topic}.",)),
        *text[half:],
        keys(frame, [(label["date"], tongue.on(found.day, frame.look.date))]),
        signatures(frame, label["patient"]),
        signatures(frame, label["doctor"]),
    ]


def plan(frame: Frame, found: Facts) -> list[Block]:
    """A plan of treatment with its costs, good until a day."""
    label, tongue = frame.tongue.label, frame.tongue
    table = [(label["tooth"], label["item"], label["price"])]
    for row in found.rows:
        tooth = f"{int(row.code) % 4 + 1}{int(row.code) % 8 + 1}"
        table += [(tooth, row.name, tongue.cents(row.cents * row.count))]
    table.append((label["total"], "", tongue.sum(found.total, frame.look.money)))
    day = (label["valid"], found.second) if frame.look.valid else (label["date"], found.day)
    dated = (day[0], tongue.on(day[1], frame.look.date))
    number = (label["number"], found.number)
    return [
        *letterhead(frame),
        title(frame, "plan"),
        keys(frame, [*patient(frame, found), number, dated]),
        Block(cells=tuple(table), style=frame.look.table),
        *paragraphs(frame, found.texts),
        *boiler(frame),
        signatures(frame, label["patient"]),
    ]


def invoice(frame: Frame, found: Facts) -> list[Block]:
    """What was done, and what it costs."""
    label, tongue, look = frame.tongue.label, frame.tongue, frame.look
    table = [(label["code"], label["item"], label["qty"], label["price"])]
    table += [(row.code, row.name, str(row.count), tongue.cents(row.cents * row.count)) for row in found.rows]
    sums = [(label["total"], tongue.sum(found.total, look.money))]
    if frame.kind.firm:
        tax = found.total * 22 // 122
        sums[:0] = [(label["net"], tongue.cents(found.total - tax)), (label["vat"], tongue.cents(tax))]
    pay = [(label["iban"], frame.sender.bank)]
    if look.valid:
        pay.insert(0, (label["due"], tongue.on(found.second, look.date)))
    return [
        *letterhead(frame),
        reader(frame, found),
        title(frame, "invoice"),
        keys(frame, when(frame, found)),
        Block(cells=tuple(table), style=look.table),
        Block(cells=tuple(sums), style=1),
        keys(frame, pay),
        *boiler(frame),
    ]


def subscription(frame: Frame, found: Facts) -> list[Block]:
    """The same bill every month: a date and a number are all that changes."""
    label = frame.tongue.label
    month = f"{frame.tongue.months[found.day.month - 1]} {found.day.year}"
    blocks = invoice(frame, found)
    customer = keys(frame, [(label["subscription"], month), (label["customer"], str(frame.base * 7 + 1000))])
    return [*blocks[:4], customer, *blocks[4:]]


def vaccination(frame: Frame, found: Facts) -> list[Block]:
    """A certificate with batch numbers."""
    label, tongue = frame.tongue.label, frame.tongue
    day = tongue.on(found.day, frame.look.date)
    table = [(label["vaccine"], label["date"], label["lot"])]
    table += [(row.name, day, row.code) for row in found.rows]
    more = [(label["next"], tongue.on(found.second, frame.look.date))] if frame.look.valid else []
    return [
        *letterhead(frame),
        title(frame, "vaccination"),
        keys(frame, [*patient(frame, found), *more]),
        Block(cells=tuple(table), style=frame.look.table),
        *boiler(frame),
        farewell(frame),
    ]


def rota(frame: Frame, found: Facts) -> list[Block]:
    """Who works when: a grid."""
    tongue = frame.tongue
    rng = random.Random(found.salt)
    codes = _SHIFTS[frame.look.money]
    week = [found.day + timedelta(days=at) for at in range(7)]
    table = [("", *(f"{tongue.weekdays[day.weekday()][:2]} {day.day}" for day in week))]
    for one in frame.crowd:
        name = one.short(tongue) if frame.look.ids else one.given
        table.append((name, *(rng.choice(codes) for _ in week)))
    span = f"{tongue.on(week[0], frame.look.date)} - {tongue.on(week[-1], frame.look.date)}"
    weeks = f"{tongue.label['week']} {week[0].isocalendar().week}"
    return [
        Block((frame.sender.name,)),
        title(frame, "rota"),
        Block((f"{weeks}  {span}",)),
        Block(cells=tuple(table), style=frame.look.table % 2),
        *boiler(frame),
    ]


def delivery(frame: Frame, found: Facts) -> list[Block]:
    """What a supplier brought."""
    label = frame.tongue.label
    table = [(label["code"], label["item"], label["qty"])]
    table += [(row.code, row.name, str(row.count)) for row in found.rows]
    order = (label["order"], str(found.salt % 89_000 + 10_000))
    customer = (label["customer"], str(frame.base * 3 + 700))
    return [
        *letterhead(frame),
        reader(frame, found),
        title(frame, "delivery"),
        keys(frame, [*when(frame, found), order, customer]),
        Block(cells=tuple(table), style=frame.look.table),
        *boiler(frame),
        signatures(frame, label["customer"]),
    ]


def receipt(frame: Frame, found: Facts) -> list[Block]:
    """A till's slip of paper."""
    label, tongue, sender = frame.tongue.label, frame.tongue, frame.sender
    items = tuple(
        (f"{row.count} x {row.name}" if row.count > 1 else row.name, tongue.cents(row.cents * row.count))
        for row in found.rows
    )
    paid = (
        label["cash"]
        if int(found.extra[1]) % 3 == 0
        else f"{label['card_paid']} ****{found.extra[1]}{found.extra[0][-2:]}"
    )
    lines = (
        f"{tongue.on(found.day, frame.look.date)} {found.extra[0]}  {label['number']}{found.number}",
        f"{label['clerk']} {int(found.extra[1]) % 7 + 1}",
        label["thanks"],
    )
    return [
        Block((tongue.caps(sender.name), *sender.address, f"{label['tax']} {sender.tax}")),
        Block((label["receipt"],)),
        Block(
            cells=(*items, (label["total"], tongue.sum(found.total, frame.look.money))),
            style=frame.look.table % 3,
        ),
        Block((paid, *lines)),
        *boiler(frame),
    ]
