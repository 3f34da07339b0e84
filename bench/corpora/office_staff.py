"""What an office has with people: contracts, certificates, notices, expenses, policies, minutes."""

import datetime as dt
from random import Random

from bench.corpora.office_forms import Family, Form, Slots, closed, known, opened, slots
from bench.corpora.office_layout import Block, Paper, paragraphs
from bench.corpora.office_tongue import pick


def agreed(form: Form, at: int, chance: Random) -> Slots:
    """A party of its own, a date, and one to three amounts; the articles are printed."""
    given = slots(form, at, chance)
    given.sums = [100 * round(form.sums[0] * chance.uniform(0.007, 0.016)), form.sums[1]]
    if form.taste % 3 == 0:
        given.sums = form.sums[:2]
    given.words = form.boiler
    return given


def contract(form: Form, given: Slots) -> Paper:
    """Two parties, some amounts, and many articles."""
    paper = Paper(form.say("contract"), "contract", form.sender.name, given.day)
    numbered = form.taste % 4 != 2
    paper.foot = f"{given.number if numbered else paper.title} - {given.who.name} - {form.say('page')}"
    if form.taste % 3:
        paper.blocks.append(Block("logo", (form.sender.name,)))
    paper.add(paper.title.upper() + (f" {form.say('number')} {given.number}" if numbered else ""))
    if given.mark:
        paper.add(given.mark)
    ours = ", ".join((*form.sender.lines, known(form, form.sender)[1], form.say("party1")))
    first = f"{form.say('between')} {ours},"
    paper.add(
        first, f"{form.say('and')} {', '.join(given.who.lines)}, {form.say('party2')},", width=form.width
    )
    paper.add(
        form.tell("effective", form.date(given.day)),
        form.tell("fee", form.money(given.sums[0])),
        form.tell("deposit", form.money(given.sums[1])),
    )
    for at, text in enumerate(paragraphs(given.words, 1 + form.taste % 3), 1):
        paper.add(f"{form.say('article')} {at}. {text}", width=form.width)
    lines = (
        form.say("made").format(c=form.place, e="____/____/______"),
        f"{form.say('signed')} : ________________",
        f"{given.who.name} : ________________",
        form.say("approved") + " ____/____/______",
    )
    paper.blocks.append(Block("sign", lines))
    paper.names = (form.clerk, given.who.name)
    return paper


def attended(form: Form, at: int, chance: Random) -> Slots:
    """Only the name, and on some the number, is another: the course and the day are the form's."""
    given = slots(form, at, chance)
    days = (at // (6 + form.taste % 15)) * 28
    given.day = form.start + dt.timedelta(days=days)
    given.extra = [str(7 * (1 + form.taste % 5))]
    return given


def certificate(form: Form, given: Slots) -> Paper:
    """Who has been at a course."""
    refs = (form.tell("number", given.number),) if form.taste % 2 else ()
    paper = opened(form, given, form.sender, None, *refs)
    among = form.tongue.labels["courses"]
    course = f"« {among[form.base % len(among)]} » {form.keys[2]}"
    paper.add(
        paper.title.upper(),
        f"{form.say('certify')} {given.who.name}",
        f"{form.say('attended')} {course}, {form.place}, {form.date(given.day)}.",
        form.tell("hours", given.extra[0]),
    )
    return closed(form, paper, given, sign="signed", names=(form.tongue.person(Random(form.taste)),))


def told(form: Form, at: int, chance: Random) -> Slots:
    """A notice: its own few sentences, above what always stands there."""
    given = slots(form, at, chance)
    given.words = form.tongue.prose(
        chance, "notice", max(2, round(chance.lognormvariate(1.6, 0.6))), domain="staff", day=given.day
    )
    given.extra = [form.tongue.subject(chance, "staff")]
    return given


def notice(form: Form, given: Slots) -> Paper:
    """What the works council pins up or sends to somebody."""
    refs = [form.tell("date", form.date(given.day)), form.tell("our_ref", given.number)]
    to = given.who if form.taste % 3 == 0 else None
    paper = opened(form, given, form.owner, to, *refs)
    paper.add(paper.title.upper(), form.tell("subject", given.extra[0]))
    paper.add(*paragraphs(given.words, 2), width=form.width)
    return closed(form, paper, given)


def spent(form: Form, at: int, chance: Random) -> Slots:
    """A month of somebody's travels."""
    given = slots(form, at, chance)
    kinds = form.tongue.labels["kinds"]
    for _ in range(chance.randint(2, 16)):
        kind, town = pick(chance, kinds), chance.choice(form.tongue.towns)[0]
        given.items.append((kind, town, 1, int(chance.lognormvariate(8, 0.9))))
        day = given.day - dt.timedelta(days=chance.randint(1, 28))
        given.extra.append(form.date(day))
        given.words.append(f"{form.tongue.firm(chance).name} {chance.randint(1000, 99999)}")
    given.sums = [chance.choice((0, 0, 10000, 20000))]
    return given


def expenses(form: Form, given: Slots) -> Paper:
    """The list of what was spent, and the receipts behind it."""
    refs = [
        form.tell("date", form.date(given.day)),
        form.tell("number", given.number),
        form.tell("customer", form.keys[0]),
    ]
    paper = opened(form, given, form.owner, None, form.tell("employee", form.people[0].name), *refs)
    month = f"{form.tongue.months[given.day.month - 1]} {given.day.year}"
    paper.add(f"{paper.title} - {form.tell('month', month)}")
    rows = [tuple(form.say(key) for key in ("date", "item", "amount"))]
    for (kind, town, _, cents), day in zip(given.items, given.extra, strict=True):
        rows.append((day, f"{kind} {town}", form.sum(cents)))
    spent_all = sum(price for *_, price in given.items)
    rows += [(form.say("total"), "", form.money(spent_all))]
    if given.sums[0]:
        rows += [(form.say("advance"), "", form.money(-given.sums[0]))]
    rows += [(form.say("refund"), "", form.money(spent_all - given.sums[0]))]
    paper.blocks.append(Block("table", rows=tuple(rows)))
    closed(form, paper, given, sign="signed", names=(form.clerk,))
    if form.taste % 2:
        for (kind, town, _, cents), day, shop in zip(given.items, given.extra, given.words, strict=True):
            paper.add(shop, town, f"{day} {kind}", f"{form.say('total')} {form.money(cents)}")
    return paper


def insured(form: Form, at: int, chance: Random) -> Slots:
    """Policies of one day: the insured and the number. Or one policy, year after year."""
    given = slots(form, at, chance)
    yearly = form.taste % 3 == 0 and form.length <= 12
    given.who = form.people[0] if yearly else given.who
    given.day = form.start.replace(day=1) + dt.timedelta(
        days=round(365.25 * (at + 1 - form.length)) if yearly else 0
    )
    given.number = form.keys[2] if yearly else given.number
    grown = 1.031**at if yearly else 1
    given.sums = [round(form.sums[0] * grown), form.sums[1] * 100]
    return given


def policy(form: Form, given: Slots) -> Paper:
    """What is insured, for whom and at what price."""
    refs = [form.tell("policy_no", given.number), form.tell("effective", form.date(given.day))]
    paper = opened(form, given, form.sender, given.who, *refs)
    paper.add(
        paper.title.upper(),
        form.tell("insured", given.who.name),
        form.tell("premium", form.money(given.sums[0])),
    )
    covers = form.tongue.labels["covers"][form.base % 4 :]
    rows = tuple(
        (cover, form.money(100_000 * (price // 100 + 1)))
        for cover, (_, _, price) in zip(covers, form.wares[: 2 + form.taste % 5], strict=False)
    )
    paper.blocks.append(Block("table", rows=rows))
    return closed(form, paper, given, sign="signed", names=(form.clerk,))


def met(form: Form, at: int, chance: Random) -> Slots:
    """A meeting: the same people, mostly; other words."""
    given = slots(form, at, chance)
    names = Random(form.taste)
    crew = [form.tongue.person(names) for _ in range(4 + form.taste % 9)]
    away = chance.sample(crew, chance.randint(0, 2))
    given.extra = [", ".join(one for one in crew if one not in away), ", ".join(away)]
    given.words = form.tongue.prose(
        chance, "minutes", max(4, round(chance.lognormvariate(2.6, 0.6))), domain="staff", day=given.day
    )
    given.due = given.day + dt.timedelta(days=max(7, int(form.period)))
    return given


def minutes(form: Form, given: Slots) -> Paper:
    """What was said at a meeting."""
    paper = opened(form, given, form.owner, None, form.tell("date", form.date(given.day)))
    paper.foot = f"{paper.title} {form.date(given.day)} {form.say('page')}"
    bodies = form.tongue.labels["bodies"]
    paper.add(f"{paper.title} - {bodies[form.base % len(bodies)]}", form.place)
    people = [form.tell("present", given.extra[0])]
    people += [form.tell("excused", given.extra[1])] if given.extra[1] else []
    paper.add(*people, width=form.width)
    paper.add(form.say("agenda"))
    for at, text in enumerate(paragraphs(given.words, 2 + form.taste % 3), 1):
        paper.add(f"{at}. {text}", width=form.width)
    paper.add(form.tell("next", form.date(given.due)))
    return closed(form, paper, given, sign="signed", names=(given.extra[0].split(",")[0],))


FAMILIES = (
    Family(
        "contract",
        "contract",
        agreed,
        contract,
        (3.1, 0.5),
        period=(3.0, 11.0, 40.0),
        many=True,
        standard=0.3,
        admits=frozenset({"renewal", "twin", "version"}),
    ),
    Family(
        "certificate",
        "certificate",
        attended,
        certificate,
        (1.2, 0.5),
        genre="footing",
        domain="staff",
        many=True,
        firms=0,
        admits=frozenset({"twin"}),
    ),
    Family(
        "notice",
        "notice",
        told,
        notice,
        (1.3, 0.5),
        genre="footing",
        domain="staff",
        period=(7.0, 30.4, 91.3),
        admits=frozenset({"version"}),
    ),
    Family(
        "expenses",
        "expenses",
        spent,
        expenses,
        (1.0, 0.4),
        genre="footing",
        domain="staff",
        firms=0,
        admits=frozenset({"revision"}),
        period=(30.4,),
    ),
    Family(
        "policy",
        "policy",
        insured,
        policy,
        (2.9, 0.6),
        period=(1.0,),
        many=True,
        standard=0.15,
        admits=frozenset({"renewal", "twin"}),
    ),
    Family(
        "minutes",
        "minutes",
        met,
        minutes,
        (0.7, 0.3),
        genre="footing",
        domain="staff",
        period=(7.0, 14.0, 30.4),
        admits=frozenset({"version"}),
    ),
)
