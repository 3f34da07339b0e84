"""Papers that come once: letters, mails, reports, receipts, and scraps with a few words or none."""

import datetime as dt
from random import Random

from bench.corpora.office_forms import Family, Form, Slots, closed, known, opened, slots
from bench.corpora.office_layout import Block, Paper, paragraphs
from bench.corpora.office_tongue import Party, pick, plain


def many(chance: Random, middle: float, spread: float, most: int) -> int:
    """How many sentences."""
    return max(2, min(most, round(chance.lognormvariate(middle, spread))))


def written(form: Form, at: int, chance: Random) -> Slots:
    """A letter."""
    given = slots(form, at, chance)
    given.who = form.people[0] if form.taste % 5 < 2 else form.owner
    given.words = form.tongue.prose(chance, "letter", many(chance, 2.2, 0.7, 60), day=given.day)
    given.extra = [form.tongue.subject(chance, "trade")]
    return given


def letter(form: Form, given: Slots) -> Paper:
    """From somebody to the office, or to one of its people."""
    refs = [form.tell("our_ref", form.keys[2])] if form.taste % 2 else []
    paper = opened(form, given, form.sender, given.who, *refs)
    paper.add(form.say("made").format(c=form.place, e=form.date(given.day)))
    if form.taste % 3:
        paper.add(form.tell("subject", given.extra[0]))
    paper.add(form.say("dear"))
    paper.add(*paragraphs(given.words, 1 + form.taste % 4), width=form.width)
    paper.add(form.say("bye"))
    paper.names = (form.clerk,)
    paper.blocks.append(Block("sign", (f"{paper.names[0]}  ________________",)))
    return paper


def mailed(form: Form, at: int, chance: Random) -> Slots:
    """A mail: the hour, what it is about, and a few sentences."""
    given = slots(form, at, chance)
    domain = pick(chance, ("trade", "staff", "tech"))
    given.words = form.tongue.prose(chance, "mail", many(chance, 1.7, 0.6, 25), domain=domain, day=given.day)
    given.extra = [hour(chance), form.tongue.subject(chance, domain)]
    return given


def hour(chance: Random) -> str:
    """A time of a working day."""
    return f"{chance.randint(7, 19)}:{chance.randint(0, 59):02}"


def address(name: str, firm: str) -> str:
    """A mail address made of a name and a firm."""
    first, *rest = plain(name).lower().split()
    return f"{first[0]}.{rest[-1]}@{plain(firm).lower().split()[0]}.example"


def mail(form: Form, given: Slots) -> Paper:
    """A mail, printed."""
    paper = Paper(given.extra[1], "mail", form.clerk, given.day)
    paper.add(
        form.tell("from", f"{form.clerk} <{address(form.clerk, form.sender.name)}>"),
        form.tell("sent", f"{form.date(given.day)} {given.extra[0]}"),
        form.tell("to", f"{given.who.name} <{address(given.who.name, form.owner.name)}>"),
        form.tell("subject", given.extra[1]),
    )
    paper.add(form.say("dear"))
    paper.add(*paragraphs(given.words, 1 + form.taste % 3), width=form.width)
    about = [form.sender.name, known(form, form.sender)[0]] if form.taste % 2 else []
    paper.add(form.say("bye"), form.clerk, *about)
    return paper


def thread(form: Form, given: Slots) -> Paper:
    """Several mails to and fro, printed at once: the latest first."""
    chance = Random(f"{form.taste} {form.base}")
    paper = mail(form, given)
    for _ in range(1 + form.taste % 5):
        earlier = [line for block in paper.blocks for line in block.lines]
        paper = quoting(form, earlier, paper, chance)
    return paper


def quoting(form: Form, earlier: list[str], of: Paper, chance: Random) -> Paper:
    """A later mail that has an earlier paper whole below its own words."""
    day = of.day + dt.timedelta(days=chance.randint(0, 9))
    words = form.tongue.prose(chance, "mail", many(chance, 1.1, 0.6, 12), day=day)
    writer = form.clerk if of.sender != form.clerk and chance.random() < 0.5 else form.tongue.person(chance)
    title = of.title if of.title.startswith("RE: ") else f"RE: {of.title}"
    paper = Paper(title, "mail", writer, day)
    paper.add(
        form.tell("from", f"{writer} <{address(writer, form.owner.name)}>"),
        form.tell("sent", f"{form.date(day)} {hour(chance)}"),
        form.tell("to", of.sender),
        form.tell("subject", paper.title),
    )
    paper.add(form.say("dear"), *paragraphs(words, 2), form.say("bye"), writer, width=form.width)
    said = form.say("wrote").format(e=form.date(of.day), p=of.sender)
    mark = "> " if form.taste % 2 else ""
    paper.add(said if mark else form.say("original"), *[mark + line for line in earlier])
    return paper


def examined(form: Form, at: int, chance: Random) -> Slots:
    """A report: one in a series of inspections is short, one that stands alone may be very long."""
    given = slots(form, at, chance)
    size = many(chance, 2.0, 0.4, 30) if form.length > 1 else many(chance, 4.4, 0.8, 330)
    given.words = form.tongue.prose(chance, "report", size, domain="tech", day=given.day)
    given.items = [
        (
            noun.bare.split(" ", 1)[-1],
            f"{pick(chance, 'ABCDEFG')}{chance.randint(1, 99)}",
            1,
            chance.randint(10, 99999),
        )
        for noun in chance.sample(form.tongue.nouns["tech"], chance.randint(3, 18))
    ]
    return given


def report(form: Form, given: Slots) -> Paper:
    """Chapters, and a table of what was measured."""
    refs = [
        form.tell("number", given.number),
        form.tell("date", form.date(given.day)),
        form.tell("our_ref", form.keys[2]),
    ]
    paper = opened(form, given, form.sender, form.owner, *refs)
    paper.add(paper.title.upper())
    heads = form.tongue.labels["summary"]
    size = max(4, len(given.words) // (3 + form.taste % 8))
    for at in range(0, len(given.words), size):
        chapter = at // size
        paper.add(f"{chapter + 1} {heads[(form.taste + chapter) % len(heads)]}")
        paper.add(*paragraphs(given.words[at : at + size], 2 + form.taste % 4), width=form.width)
        if chapter == 1 or len(given.words) <= size:
            rows = [(form.say("ref"), form.say("measure"), form.say("value"))]
            rows += [(ref, name, form.sum(cents)) for name, ref, _, cents in given.items]
            paper.blocks.append(Block("table", rows=tuple(rows)))
    return closed(form, paper, given, sign="signed", names=(form.clerk,))


def bought(form: Form, at: int, chance: Random) -> Slots:
    """A slip from a till, or from a restaurant."""
    given = slots(form, at, chance)
    wares = form.wares[: chance.randint(1, 9)]
    given.items = [(name[:22], ref, 1, price % 9000 + 50) for name, ref, price in wares]
    if form.taste % 3 == 0:
        menu = chance.sample(form.tongue.labels["eaten"], len(wares))
        given.items = [(dish, "", 1, chance.randint(10, 240) * 10) for dish in menu]
    given.extra = [f"{chance.randint(7, 22)}:{chance.randint(0, 59):02}", str(chance.randint(1, 99999))]
    return given


def receipt(form: Form, given: Slots) -> Paper:
    """A slip from a till, a restaurant or a car park."""
    paper = Paper(form.say("receipt"), "receipt", form.sender.name, given.day)
    paper.blocks.append(Block("logo", (form.sender.name.upper(),)))
    paper.add(*form.sender.lines[1:], form.keys[2])
    paper.add(f"{form.date(given.day)} {given.extra[0]}  {form.say('receipt')} {given.extra[1]}")
    paper.blocks.append(
        Block("table", rows=tuple((name, form.sum(price)) for name, _, _, price in given.items))
    )
    whole = sum(price for *_, price in given.items)
    paper.add(
        f"{form.say('total')} {form.money(whole)}",
        f"{form.say('tax')} {form.sum(whole - round(whole / 1.21))}",
    )
    if form.taste % 2:
        paper.add(f"VISA ************{form.base % 10000:04} {form.money(whole)}")
    return paper


def scrap(form: Form, given: Slots) -> Paper:
    """A label, a caption, a ticket; some have no text at all."""
    paper = Paper(form.say("label"), "label", form.sender.name, given.day)
    if form.taste % 11 == 0:
        return paper
    where: Party = form.people[0]
    what = form.tongue.labels["short"][form.taste % 10]
    parts = [f"{what} {form.base % 1000}", form.date(given.day), where.name, f"{where.street}, {where.town}"]
    parts += [form.keys[2], form.sender.name, f"{form.wares[0][0]} {form.wares[0][1]}"]
    chosen = [parts[0], *Random(form.taste).sample(parts[1:], 2 + form.taste % 4)]
    paper.add(*chosen)
    return paper


FAMILIES = (
    Family("letter", "letter", written, letter, admits=frozenset({"quote", "twin"})),
    Family("mail", "mail", mailed, mail, firms=0, admits=frozenset({"quote"})),
    Family("thread", "mail", mailed, thread, firms=0, admits=frozenset({"quote"})),
    Family(
        "report",
        "report",
        examined,
        report,
        (1.0, 0.4),
        genre="footing",
        domain="tech",
        period=(30.4, 91.3, 365.25),
        admits=frozenset({"version"}),
    ),
    Family("receipt", "receipt", bought, receipt, (0.7, 0.1)),
    Family("scrap", "label", slots, scrap, (0.7, 0.1)),
)
