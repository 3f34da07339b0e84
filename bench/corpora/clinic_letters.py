"""Papers of the clinic that are mostly prose: letters, mails, minutes, manuals; and slips of a few words."""

import random
from datetime import timedelta

from bench.corpora.clinic_frames import Facts, Frame, prose
from bench.corpora.clinic_paper import Block
from bench.corpora.clinic_people import person
from bench.corpora.clinic_pieces import (
    boiler,
    farewell,
    foot,
    keys,
    letterhead,
    paragraph,
    paragraphs,
    patient,
    reader,
    title,
    when,
)


def findings(frame: Frame, found: Facts) -> list[Block]:
    """A letter to a colleague about a patient."""
    label, tongue = frame.tongue.label, frame.tongue
    rng = random.Random(found.salt)
    ills = tuple(
        f"- {one} ({rng.choice('EIJKMNGHL')}{rng.randint(10, 99)}.{rng.randint(0, 9)})"
        for one in rng.sample(tongue.illnesses, rng.randint(1, 4))
    )
    drugs = tuple(f"{row.name}  {row.cells[0]}" for row in found.rows)
    parts = paragraphs(frame, found.texts)
    cut = -(-len(parts) // 3)
    told = []
    for at, key in enumerate(("history", "exam", "conclusion")):
        if some := parts[at * cut : at * cut + cut]:
            told += [Block((label[key],)), *some]
    return [
        *letterhead(frame),
        Block((frame.office.name, *frame.office.address)),
        title(frame, "findings"),
        keys(frame, [*patient(frame, found), *when(frame, found)]),
        Block((label["colleague"],)),
        Block((label["diagnosis"], *ills)),
        *told,
        Block((label["therapy"], *drugs)),
        *boiler(frame),
        farewell(frame),
        *foot(frame),
    ]


def referral(frame: Frame, found: Facts) -> list[Block]:
    """A patient is sent on."""
    label, tongue = frame.tongue.label, frame.tongue
    rng = random.Random(found.salt)
    ill, field = rng.choice(tongue.illnesses), rng.choice(tongue.fields)
    return [
        *letterhead(frame),
        title(frame, "referral"),
        keys(frame, [*patient(frame, found), (label["date"], tongue.on(found.day, frame.look.date))]),
        keys(frame, [(label["to"], field), (label["diagnosis"], ill)]),
        Block((label["reason"],)),
        *paragraphs(frame, found.texts),
        *boiler(frame),
        farewell(frame),
    ]


def insurance(frame: Frame, found: Facts) -> list[Block]:
    """A letter of the insurer. A renewed one (`extra`) names another premium."""
    label, tongue, look = frame.tongue.label, frame.tongue, frame.look
    rng = random.Random(found.account)
    policy, premium = rng.randint(10**7, 10**9), rng.randint(4000, 190000)
    if "renewed" in found.extra:
        premium += premium * (3 + int(found.extra[1]) % 9) // 100 + 100
    items = [(label["date"], tongue.on(found.day, look.date)), (label["policy"], str(policy))]
    if look.ids:
        items.append((label["claim"], f"{found.number}"))
    body = paragraphs(frame, found.texts)
    amount = [keys(frame, [(label["total"], tongue.sum(premium, look.money))])] if look.valid else []
    line = f"{label['total']} {tongue.sum(premium, look.money)}"
    head = [*letterhead(frame), reader(frame, found), title(frame, "insurance"), keys(frame, items)]
    dear = Block((found.who.dear(tongue),))
    tail = [] if look.valid else [paragraph(frame, line)]
    return [*head, dear, *amount, *body, *tail, *boiler(frame), farewell(frame), *foot(frame)]


def notice(frame: Frame, found: Facts) -> list[Block]:
    """A circular letter: only the reader differs."""
    label, tongue, look = frame.tongue.label, frame.tongue, frame.look
    day = Block((f"{frame.sender.address[1]}, {tongue.on(found.day, look.date)}",))
    to = [reader(frame, found)] if look.ids else [Block((found.who.full(tongue, turned=look.turned),))]
    subject = Block((f"{label['subject']}{look.colon}{label['notice']}",))
    body = paragraphs(frame, found.texts)
    return [
        *letterhead(frame),
        *to,
        day,
        subject,
        Block((found.who.dear(tongue),)),
        *body,
        *boiler(frame),
        farewell(frame),
        *foot(frame),
    ]


def minutes(frame: Frame, found: Facts) -> list[Block]:
    """A meeting of the team, point by point."""
    label, tongue, look = frame.tongue.label, frame.tongue, frame.look
    rng = random.Random(found.salt)
    crowd = list(frame.crowd)
    rng.shuffle(crowd)
    away = rng.randint(0, len(crowd) // 3)
    absent, present = crowd[:away], crowd[away:]
    points = [*tongue.agenda, *tongue.subjects]
    rng.shuffle(points)
    blocks = []
    for at, text in enumerate(found.texts):
        heading = f"{label['agenda']} {at + 1}{look.colon}{points[at % len(points)]}"
        blocks += [Block((heading,)), paragraph(frame, tongue.join(text))]
    version = [Block((f"{label['version']} {found.extra[1]}",))] if "version" in found.extra else []
    return [
        Block((frame.sender.name,)),
        title(frame, "minutes"),
        *version,
        keys(frame, [(label["date"], f"{tongue.on(found.day, look.date)} {found.extra[0]}")]),
        paragraph(frame, f"{label['present']}{look.colon}" + ", ".join(one.short(tongue) for one in present)),
        *(
            [
                paragraph(
                    frame, f"{label['absent']}{look.colon}" + ", ".join(one.short(tongue) for one in absent)
                )
            ]
            if absent
            else []
        ),
        *blocks,
        *boiler(frame),
    ]


def mail(frame: Frame, found: Facts) -> list[Block]:
    """A printed mail; some end in the one they answer."""
    label, tongue, look = frame.tongue.label, frame.tongue, frame.look
    rng = random.Random(found.salt)
    answer, number = rng.choice(("", "Re: ", "R: ", "Fwd: ")), found.number if look.valid else ""
    subject = f"{answer}{rng.choice(tongue.subjects)} {number}"
    writer = frame.doctor
    lines = (
        f"{label['from']}: {writer.full(tongue)} <{writer.mail}>",
        f"{label['sent']}: {tongue.on(found.day, look.date)} {found.extra[0]}",
        f"{label['to']}: {found.who.full(tongue)} <{found.who.mail}>",
        f"{label['subject']}: {subject.strip()}",
    )
    older: list[Block] = []
    if rng.random() < 0.35:
        before = tongue.on(found.day - timedelta(days=rng.randint(0, 6)), look.date)
        said = tongue.join(prose(tongue, rng, "team", rng.randint(1, 4)))
        quoted = tuple(f"> {line}" for line in paragraph(frame, said).lines)
        older = [Block((label["wrote"].format(before, found.who.full(tongue)), *quoted))]
    signature = Block((writer.full(tongue), frame.sender.name, f"{label['phone']} {frame.sender.phone}"))
    return [Block(lines), *paragraphs(frame, found.texts), signature, *boiler(frame), *older]


def manual(frame: Frame, found: Facts) -> list[Block]:
    """Many pages of rules."""
    label = frame.tongue.label
    blocks = [Block((frame.sender.name,)), title(frame, "manual"), keys(frame, when(frame, found))]
    for at, text in enumerate(found.texts, 1):
        if at % 5 == 1:
            agenda = frame.tongue.agenda[(frame.base + at) % len(frame.tongue.agenda)]
            blocks.append(Block((f"{label['chapter']} {at // 5 + 1} {agenda}",)))
        blocks.append(paragraph(frame, f"{at // 5 + 1}.{at % 5 + 1} {frame.tongue.join(text)}"))
    return [*blocks, *foot(frame)]


def slip(frame: Frame, found: Facts) -> list[Block]:
    """A label, a ticket, a caption: a few words."""
    tongue = frame.tongue
    rng = random.Random(found.salt)
    somebody = person(tongue, rng)
    words = [rng.choice(tongue.captions), found.number, tongue.on(found.day, frame.look.date)]
    if frame.look.ids:
        words.append(somebody.full(tongue))
    if frame.look.valid:
        words += [found.extra[0], rng.choice(tongue.goods), rng.choice(tongue.towns)]
    if frame.look.born:
        words.append(frame.sender.name)
    return [Block(tuple(words))] if frame.look.gap else [Block((" ".join(words),))]
