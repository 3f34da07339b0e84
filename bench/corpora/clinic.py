"""The library of a small clinic, in Italian, Dutch, Polish, Russian, Greek and some Japanese.

First the whole library is planned as light `Work`s (which series, which sheet of it, what is copied, what
only resembles), then the works are shuffled and every sheet is made from its seeds when its turn comes. A
picture without text has no copies: nobody could tell them from the text.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from bench.corpora import clinic_forms as forms
from bench.corpora import clinic_letters as letters
from bench.corpora.clinic_blotch import blotch
from bench.corpora.clinic_copies import Original, copied
from bench.corpora.clinic_facts import NEARER, facts
from bench.corpora.clinic_frames import Facts, Frame, frame, prose
from bench.corpora.clinic_holding import holding
from bench.corpora.clinic_kinds import KINDS
from bench.corpora.clinic_paper import Paper, wrap
from bench.corpora.clinic_pieces import sheaf
from bench.corpora.clinic_plan import Planner, Work
from bench.corpora.sheets import Sheet

_BODIES = {
    "lab": forms.lab, "prescription": forms.prescription, "card": forms.card, "consent": forms.consent,
    "plan": forms.plan, "invoice": forms.invoice, "subscription": forms.subscription, "rota": forms.rota,
    "vaccination": forms.vaccination, "delivery": forms.delivery, "receipt": forms.receipt,
    "findings": letters.findings, "referral": letters.referral, "insurance": letters.insurance,
    "minutes": letters.minutes, "mail": letters.mail, "notice": letters.notice, "manual": letters.manual,
    "slip": letters.slip,
}  # fmt: skip


def make(count: int, *, seed: int) -> Iterator[Sheet]:
    """A library of `count` sheets."""
    works = Planner(count, seed).works()
    uses = Counter(work.seed for work in works if work.series >= 0)
    frames: dict[int, Frame] = {}
    for number, work in enumerate(works, 1):
        known = frames.get(work.seed) or frame(KINDS[work.kind], work.seed, work.size)
        uses[work.seed] -= 1
        if uses[work.seed] > 0:
            frames[work.seed] = known
        else:
            frames.pop(work.seed, None)
        yield _sheet(number, work, known)


def _paper(known: Frame, found: Facts) -> Paper:
    """The sheet as it was printed."""
    if known.kind.name == "blank":
        return Paper(())
    bound = sheaf(known, found)
    for block in _BODIES[known.kind.name](known, found):
        bound.put(block)
    return bound.bind()


def _original(work: Work, known: Frame) -> Original:
    """What a work starts from; about a third of the first scans were not clean."""
    found = facts(known, work.place, work.seed ^ (work.place * 2_654_435_761))
    paper = _paper(known, found)
    rng = random.Random(work.seed + work.place)
    text = paper.text
    return Original(
        known, found, paper, blotch(text, rng.uniform(0.001, 0.009), rng) if rng.random() < 0.33 else text
    )


def _quoting(of: Original, rng: random.Random) -> tuple[str, int]:
    """A later letter or mail with the earlier one whole below its own words."""
    known, found = of.frame, of.found
    tongue, look, label = known.tongue, known.look, known.tongue.label
    writer, reader = (found.who, known.doctor) if rng.random() < 0.7 else (known.doctor, found.who)
    before, day = found.day, found.day + timedelta(days=rng.randint(0, 20))
    found.day = day
    head = [f"{label['date']}{look.colon}{tongue.on(day, look.date)}"]
    if known.kind.name == "mail":
        head = [
            f"{label['from']}: {writer.full(tongue)} <{writer.mail}>",
            f"{label['sent']}: {tongue.on(day, look.date)} {rng.randint(7, 22)}:{rng.randint(10, 59)}",
            f"{label['to']}: {reader.full(tongue)} <{reader.mail}>",
            f"{label['subject']}: Re: {rng.choice(tongue.subjects)}",
        ]
    said = [prose(tongue, rng, known.kind.matter, rng.randint(1, 5)) for _ in range(rng.randint(1, 3))]
    body = [line for one in said for line in (*wrap(tongue.join(one), look.width), "")]
    wrote = label["wrote"].format(tongue.on(before, look.date), known.doctor.full(tongue))
    mark = rng.choice(("> ", "> ", "| ", ""))
    quoted = [mark + line for line in of.paper.text.split("\n")]
    lines = (*head, "", reader.dear(tongue), *body, label["regards"], writer.full(tongue), "", wrote, *quoted)
    return "\n".join(lines), len(of.paper.pages) + (rng.random() < 0.5)


def _near(work: Work, of: Original, rng: random.Random) -> tuple[str, int]:
    """A sheet of its own that resembles the original."""
    if work.what == "quote":
        text, pages = _quoting(of, rng)
    else:
        paper = _paper(of.frame, NEARER[work.what](of.frame, of.found, rng))
        text, pages = paper.text, len(paper.pages)
    return (blotch(text, rng.uniform(0.001, 0.009), rng) if rng.random() < 0.33 else text), pages


def _sheet(number: int, work: Work, known: Frame) -> Sheet:
    """The sheet of a work, as the library holds it."""
    of = _original(work, known)
    rng = random.Random(work.salt or work.seed + 7 * work.place + 3)
    text, pages = of.stored, max(1, len(of.paper.pages))
    if work.near is not None:
        text, pages = _near(work, of, rng)
    elif work.what != "original":
        text, pages = copied(work.what, of, rng)
    held = holding(known, of.found, work, pages)
    return Sheet(
        id=number,
        text=text,
        label=work.label,
        kind=work.what,
        title=held.title,
        file_name=held.file_name,
        created=held.created.isoformat(),
        correspondent=held.correspondent,
        document_type=held.document_type,
        language=known.tongue.code,
        series=work.series,
        near=work.near,
        size=held.size,
        pages=pages,
    )
