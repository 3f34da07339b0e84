"""Goods on their way: freight papers and customs forms, with their numbered boxes."""

import datetime as dt
from random import Random

from bench.corpora.office_forms import Family, Form, Slots, closed, coded, known, listed_items, slots
from bench.corpora.office_layout import Block, Paper
from bench.corpora.office_tongue import Party, pick

TERMS = ("DAP", "EXW", "FCA", "CPT", "CIP", "DDP", "FOB")
COUNTRIES = ("FR", "ES", "PT", "MA", "CH", "TR", "CN", "BR", "VN", "US", "TN", "IN")


def shipped(form: Form, at: int, chance: Random) -> Slots:
    """A journey: the lorry, the driver and the load are others."""
    given = slots(form, at, chance)
    given.items = listed_items(form, chance, 1, 5)
    given.due = given.day + dt.timedelta(days=chance.randint(1, 6))
    given.sums = [chance.randint(10**4, 5 * 10**6), chance.randint(10**4, 10**6)]
    given.extra = [
        plate(form.tongue.code, chance),
        form.tongue.person(chance),
        f"{chance.randint(60, 24000)}",
        pick(chance, TERMS),
        f"{given.day:%y}{form.tongue.code.upper()}{chance.randint(10**9, 10**10 - 1)}{coded(chance, 1)[:2]}",
        f"{chance.randint(1000, 9999)} {chance.randint(10, 99)} {chance.randint(10, 99)}",
        pick(chance, COUNTRIES),
        str(chance.randint(1, 66)),
    ]
    return given


def plate(code: str, chance: Random) -> str:
    """A number plate of the country."""
    letters = "".join(chance.choices("BCDFGHJKLMNPRSTVWXZ", k=4))
    match code:
        case "fr":
            return f"{letters[:2]}-{chance.randint(100, 999)}-{letters[2:]}"
        case "es":
            return f"{chance.randint(1000, 9999)} {letters[:3]}"
        case _:
            return f"{chance.randint(10, 99)}-{letters[:2]}-{chance.randint(10, 99)}"


def box(form: Form, number: int, key: str, *lines: str) -> tuple[str, ...]:
    """A numbered box of a form."""
    return (f"{number} {form.say(key)}", *lines)


def freight(form: Form, given: Slots) -> Paper:
    """The paper that goes with a lorry."""
    paper = Paper(form.say("freight"), "freight", form.sender.name, given.day)
    paper.foot = f"{paper.title} {given.number} {form.say('page')}"
    paper.add(f"{paper.title.upper()}  {form.say('number')} {given.number}")
    load, to = form.owner, given.who
    paper.blocks += [
        Block(
            "beside", rows=(box(form, 1, "sender", *load.lines), box(form, 16, "carrier", *form.sender.lines))
        ),
        Block(
            "beside",
            rows=(
                box(form, 2, "consignee", *to.lines),
                box(form, 18, "plate", given.extra[0], given.extra[1]),
            ),
        ),
        Block("text", box(form, 3, "destination", f"{to.post} {to.town}, {form.date(given.due)}")),
        Block("text", box(form, 4, "origin", f"{load.post} {load.town}, {form.date(given.day)}")),
    ]
    rows = [tuple(form.say(key) for key in ("marks", "parcels", "goods", "mass"))]
    weight = int(given.extra[2])
    for at, (name, ref, count, _) in enumerate(given.items):
        rows.append((ref, str(count), name, str(weight // (at + 1))))
    paper.blocks.append(Block("table", rows=tuple(rows)))
    paper.add(f"{form.tell('terms', given.extra[3])}   {form.money(given.sums[1])}")
    return closed(form, paper, given, sign="signed", names=(given.extra[1], to.name))


def customs(form: Form, given: Slots) -> Paper:
    """The declaration of goods that come in."""
    paper = Paper(form.say("customs"), "customs", form.sender.name, given.day)
    paper.foot = f"MRN {given.extra[4]} {form.say('page')}"
    paper.add(f"{paper.title.upper()}", f"MRN {given.extra[4]}", form.tell("number", given.number))
    abroad: Party = given.who
    paper.blocks += [
        Block("beside", rows=(box(form, 2, "sender", *abroad.lines), box(form, 1, "customs", "IM A"))),
        Block(
            "beside",
            rows=(
                box(form, 8, "consignee", *form.owner.lines, known(form, form.owner)[1]),
                box(form, 5, "item", str(len(given.items))),
            ),
        ),
        Block(
            "beside",
            rows=(
                box(form, 14, "declarant", *form.sender.lines),
                box(form, 20, "terms", f"{given.extra[3]} {form.place}"),
            ),
        ),
        Block("beside", rows=(box(form, 16, "country", given.extra[6]), box(form, 37, "procedure", "40 00"))),
    ]
    rows = [tuple(form.say(key) for key in ("goods", "tariff", "mass", "value"))]
    tariff = int(given.extra[5].replace(" ", ""))
    for at, (name, _, count, price) in enumerate(given.items):
        code = str(tariff + 1317 * at)
        rows.append((f"{at + 1} {name}", code, str(int(given.extra[2]) // (at + 1)), form.sum(count * price)))
    paper.blocks.append(Block("table", rows=tuple(rows)))
    duty = given.sums[0] * int(given.extra[7]) // 1000
    rate = f"{int(given.extra[7]) / 10:.1f}".replace(".", ",")
    paper.add(
        f"47 A00 {form.sum(given.sums[0])} {rate} % {form.sum(duty)}",
        f"B00 {form.sum(given.sums[0] + duty)} {form.say('total')} {form.money(duty + given.sums[0] // 5)}",
        f"44 N380 {given.extra[5].replace(' ', '')[:4]}/{given.number}",
    )
    return closed(form, paper, given, sign="signed", names=(form.clerk,))


FAMILIES = (
    Family(
        "freight",
        "freight",
        shipped,
        freight,
        (2.2, 0.5),
        period=(1.0, 3.0, 7.0, 14.0),
        many=True,
        standard=0.7,
        firms=0.9,
        admits=frozenset({"revision", "twin"}),
    ),
    Family(
        "customs",
        "customs",
        shipped,
        customs,
        (1.4, 0.4),
        period=(7.0, 14.0, 30.4),
        standard=0.7,
        firms=1,
        admits=frozenset({"revision"}),
    ),
)
