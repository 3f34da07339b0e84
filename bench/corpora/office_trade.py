"""What passes between an office and its suppliers: orders, deliveries, quotations, rents, reminders."""

import datetime as dt
from random import Random

from bench.corpora.office_forms import Family, Form, Slots, closed, listed_items, opened, slots, total
from bench.corpora.office_layout import Block, Paper, paragraphs


def ordered(form: Form, at: int, chance: Random) -> Slots:
    """An order, a quotation or a delivery: other wares each time."""
    given = slots(form, at, chance)
    given.items = listed_items(form, chance)
    given.due = given.day + dt.timedelta(days=chance.randint(2, 60))
    given.sums = [chance.randint(900, 15000)]
    given.extra = [
        str(chance.randint(1000, 999999)),
        str(chance.randint(1, 40)),
        f"{chance.randint(2, 2400)},{chance.randint(0, 9)}",
    ]
    return given


def priced(form: Form, given: Slots) -> Block:
    """The table of the items with their prices."""
    rows = [tuple(form.say(key) for key in ("ref", "item", "qty", "price", "amount"))]
    rows += [
        (ref, name, str(count), form.sum(price), form.sum(count * price))
        for name, ref, count, price in given.items
    ]
    return Block("table", rows=tuple(row[1:] if form.taste % 6 == 5 else row for row in rows))


def sums(form: Form, net: int) -> Block:
    """Net, tax and gross; some forms say the net alone."""
    if form.taste % 5 == 3:
        return Block("text", (form.tell("net", form.money(net)),))
    rate = {"fr": 20, "es": 21, "pt": 23}[form.tongue.code]
    tax = round(net * rate / 100)
    parts = (("net", net), ("tax", tax), ("gross", net + tax))
    return Block("table", rows=tuple((form.say(key), form.money(cents)) for key, cents in parts))


def order(form: Form, given: Slots) -> Paper:
    """What the office orders."""
    refs = [form.tell("date", form.date(given.day)), form.tell("supplier", form.keys[0])]
    paper = opened(form, given, form.owner, form.sender, *refs)
    paper.add(f"{paper.title} {form.say('number')} {given.number}")
    paper.blocks += [priced(form, given), sums(form, total(given))]
    paper.add(form.tell("delivered", form.date(given.due)), form.tell("ship_to", ", ".join(form.owner.lines)))
    return closed(form, paper, given, sign="signed", names=(form.clerk,))


def delivery(form: Form, given: Slots) -> Paper:
    """What comes with the goods: no prices, parcels and weight."""
    refs = [
        form.tell("date", form.date(given.day)),
        form.tell("customer", form.keys[0]),
        form.tell("your_ref", given.extra[0]),
    ]
    paper = opened(form, given, form.sender, form.owner, *refs)
    paper.add(f"{paper.title} {form.say('number')} {given.number}")
    rows = [tuple(form.say(key) for key in ("ref", "item", "qty"))]
    rows += [(ref, name, str(count)) for name, ref, count, _ in given.items]
    paper.blocks.append(Block("table", rows=tuple(rows)))
    paper.add(f"{form.tell('parcels', given.extra[1])}   {form.tell('weight', given.extra[2])}")
    return closed(form, paper, given, sign="signed2", names=(form.clerk, form.owner.name))


def quotation(form: Form, given: Slots) -> Paper:
    """What something would cost."""
    refs = [form.tell("date", form.date(given.day)), form.tell("attention", form.clerk)]
    paper = opened(form, given, form.sender, form.owner, *refs)
    paper.add(f"{paper.title} {form.say('number')} {given.number}", form.tell("valid", form.date(given.due)))
    paper.blocks += [priced(form, given), sums(form, total(given))]
    paper.names = (form.clerk, form.owner.name)
    return closed(form, paper, given, sign="approved", names=paper.names)


def rented(form: Form, at: int, chance: Random) -> Slots:
    """A fixed price: only the date, the number and the month are others."""
    given = slots(form, at, chance)
    given.items = [
        (name, ref, 1 + form.taste % 3, price) for name, ref, price in form.wares[: 1 + form.taste % 4]
    ]
    return given


def rent(form: Form, given: Slots) -> Paper:
    """The invoice of a subscription."""
    refs = [
        form.tell("date", form.date(given.day)),
        f"{form.say('invoice')} {form.say('number')} {given.number}",
        form.tell("customer", form.keys[0]),
    ]
    paper = opened(form, given, form.sender, form.owner, *refs)
    month = f"{form.tongue.months[given.day.month - 1]} {given.day.year}"
    paper.add(form.tell("period", month))
    paper.blocks += [priced(form, given), sums(form, total(given))]
    if form.taste % 2:
        paper.add(form.tell("due", form.date(given.due)))
    return closed(form, paper, given)


def reminded(form: Form, at: int, chance: Random) -> Slots:
    """One invoice; every letter about it is another."""
    given = slots(form, 0, Random(f"{form.taste} {form.base}"))
    given.due = given.day - dt.timedelta(days=20 + form.taste % 40)
    given.day += dt.timedelta(days=at * (12 + form.taste % 9))
    given.sums = [form.sums[0], 4000 * at]
    given.extra = [str(min(at, 2) + 1)]
    given.words = form.tongue.prose(chance, "dunning", 3 + 2 * at, day=given.day)
    return given


def reminder(form: Form, given: Slots) -> Paper:
    """A first, second or last letter about an invoice that is not paid."""
    refs = [form.tell("our_ref", form.keys[2]), form.tell("customer", form.keys[0])]
    paper = opened(form, given, form.sender, form.owner, *refs)
    paper.title = form.say(f"reminder{given.extra[0]}")
    paper.add(form.say("made").format(c=form.place, e=form.date(given.day)), paper.title, form.say("dear"))
    rows = (
        (form.say("number"), form.say("date"), form.say("open")),
        (given.number, form.date(given.due), form.money(sum(given.sums))),
    )
    paper.blocks.append(Block("table", rows=rows))
    paper.add(*paragraphs(given.words, 3), width=form.width)
    return closed(form, paper, given, sign="signed", names=(form.clerk,))


WEEKS = (7.0, 14.0, 30.4, 30.4, 91.3)
FAMILIES = (
    Family(
        "order",
        "order",
        ordered,
        order,
        (1.7, 0.8),
        period=WEEKS,
        admits=frozenset({"revision"}),
        standard=0.1,
    ),
    Family(
        "delivery", "delivery", ordered, delivery, (1.2, 0.7), period=WEEKS, admits=frozenset({"revision"})
    ),
    Family(
        "quotation",
        "quotation",
        ordered,
        quotation,
        (2.0, 0.8),
        period=WEEKS,
        admits=frozenset({"revision"}),
    ),
    Family(
        "rent",
        "invoice",
        rented,
        rent,
        (1.6, 0.9),
        period=(30.4, 30.4, 91.3, 365.25),
        admits=frozenset({"revision"}),
    ),
    Family(
        "reminder", "reminder1", reminded, reminder, (1.2, 0.4), genre="footing", period=(14.0,), longest=3
    ),
)
