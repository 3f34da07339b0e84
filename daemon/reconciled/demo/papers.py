"""What the demo's practice has filed in its Paperless-ngx: papers of a few series, and some of them twice.

Some copies are there to be found, and as many papers are there that only look alike: months of one series, a
corrected invoice, a letter to two people.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciled.demo.paper_texts import CONTRACT, COURSE, INSPECTION, INVOICE, SINGLE, WASTE
from reconciled.testing.fakes.paperless import FakePaperless

RESCANNED = "Laboratory invoice 2025-0391"
RESCAN = "scan0042"
CORRECTED = "Laboratory invoice 2025-0466"
FOUR_TIMES = "Inspection of the X-ray unit"
SIGNED = "Cleaning contract"
_MISREAD = (("rn", "m"), ("m", "rn"), ("l", "1"), ("O", "0"), ("e", "c"), ("h", "b"), (",", "."), ("i", "í"))
_MONTHS = (
    ("2025-0317", "31 January 2025", 212, 31, 17),
    ("2025-0354", "28 February 2025", 187, 24, 22),
    ("2025-0391", "31 March 2025", 240, 37, 14),
    ("2025-0428", "30 April 2025", 198, 29, 19),
    ("2025-0466", "30 May 2025", 226, 18, 25),
    ("2025-0503", "30 June 2025", 171, 33, 11),
)
"""Of each invoice of the laboratory the number, the date, and how many there were of what."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A document as somebody filed it; `sender` is its correspondent."""

    title: str
    content: str
    file_name: str
    created: str
    sender: str = ""
    type: str = ""
    labels: tuple[str, ...] = ()
    asn: int | None = None

    def scanned(self, name: str, created: str, *, every: int, labels: tuple[str, ...] = ()) -> "Filed":
        """Another scan of it, which about one word in `every` is read wrongly in; nobody filed it well."""
        text = misread(self.content, seed=int(name.removeprefix("scan")), every=every)
        return Filed(name, text, f"{name}.pdf", created, labels=labels)


def fill(paperless: FakePaperless) -> None:
    """Put all of them in."""
    papers = list(filed())
    senders = {
        name: paperless.put_correspondent(name).id for name in sorted({one.sender for one in papers} - {""})
    }
    types = {name: paperless.put_type(name).id for name in sorted({one.type for one in papers} - {""})}
    for one in papers:
        paperless.put(
            one.title, content=one.content, file_name=one.file_name, created=one.created, labels=one.labels,
            asn=one.asn, data=f"%PDF-1.4 {one.file_name}\n{one.content}\n%%EOF\n".encode(),
            correspondent=senders.get(one.sender), document_type=types.get(one.type),
        )  # fmt: skip


def filed() -> Iterator[Filed]:
    """Every paper, in the order in which they came."""
    yield from _invoices()
    yield from _waste()
    yield from _course()
    yield from _inspection()
    yield from _contract()
    for title, created, text in SINGLE:
        yield Filed(title, text, f"{title.lower().replace(' ', '-')}.pdf", created)


def misread(text: str, *, seed: int, every: int) -> str:
    """The text as another scan reads it: about one word in `every` has an error. Always the same."""
    chance = random.Random(seed)  # noqa: S311 - made up, no secret
    return "\n".join(
        " ".join(_misread(word, chance) if chance.randrange(every) == 0 else word for word in line.split(" "))
        for line in text.split("\n")
    )


def _misread(word: str, chance: random.Random) -> str:
    """One error in a word without a digit, if there is anything in it that is easily misread."""
    fitting = [one for one in _MISREAD if one[0] in word]
    if not fitting or any(map(str.isdigit, word)):
        return word
    seen, read = chance.choice(fitting)
    return word.replace(seen, read, 1)


def _invoices() -> Iterator[Filed]:
    """A series: numbers, dates and amounts differ. One is scanned twice, the total of one is corrected."""
    for at, (number, date, *counts) in enumerate(_MONTHS):
        sums = [count * price for count, price in zip(counts, (4.20, 6.75, 19.40), strict=True)]
        text, total = _invoice(number, date, counts, sums), f"{sum(sums) + 28:.2f}"
        one = Filed(
            f"Laboratory invoice {number}", text.format(total=total), f"invoice-{number}.pdf",
            f"2025-{at + 1:02}-{date.split()[0]}", "Hollmoor Laboratory", "Invoice", ("paid",), 100 + at,
        )  # fmt: skip
        if one.title == CORRECTED:
            wrong = replace(one, content=text.format(total=f"{sum(sums) + 100:.2f}"), labels=())
            title, name = f"{one.title} (corrected)", f"invoice-{number}-b.pdf"
            yield wrong
            yield replace(one, title=title, file_name=name, asn=None)
        else:
            yield one
        if one.title == RESCANNED:
            yield one.scanned(RESCAN, "2025-04-11", every=9, labels=("from the desk",))


def _invoice(number: str, date: str, counts: list[int], sums: list[float]) -> str:
    """The words of one, all but the total."""
    names = ("counts", "clotting", "cultures")
    known = dict(zip(names, counts, strict=True)) | {
        f"{name}_sum": f"{amount:.2f}" for name, amount in zip(names, sums, strict=True)
    }
    return INVOICE.format(number=number, date=date, period=date.split(" ", 1)[1], total="{total}", **known)


def _waste() -> Iterator[Filed]:
    """A series in which only the number and the date differ."""
    for at, month in enumerate(("March", "April", "May", "June")):
        number = f"BC-{88120 + 337 * at}"
        text = WASTE.format(number=number, date=f"{2 + at} {month} 2025")
        title, created = f"Waste collection, {month}", f"2025-{at + 3:02}-{2 + at:02}"
        yield Filed(title, text, f"{number}.pdf", created, "Bluecart Disposal", "Notice")


def _course() -> Iterator[Filed]:
    """One letter to two people."""
    for name in ("Ms Marisol Alvarez", "Mr Jonas Brandt"):
        short = name.split()[-1]
        title, text = f"Course 25-117, {short}", COURSE.format(name=name)
        yield Filed(title, text, f"{short}.pdf", "2025-05-06", "Chamber of Practices", "Letter")


def _inspection() -> Iterator[Filed]:
    """One sheet, four times."""
    one = Filed(
        FOUR_TIMES,
        INSPECTION,
        "inspection.pdf",
        "2025-02-12",
        "Wexmouth Institute",
        "Report",
        ("x-ray", "keep"),
        231,
    )
    yield one
    yield replace(one, title=f"{one.title} (1)", file_name="inspection (1).pdf", labels=(), asn=None)
    yield one.scanned("scan0017", "2025-03-03", every=12, labels=("x-ray",))
    yield one.scanned("scan0058", "2025-06-20", every=7)


def _contract() -> Iterator[Filed]:
    """A contract, and the same with what was written in by hand."""
    one = Filed(SIGNED, CONTRACT, "contract-cleaning.pdf", "2025-01-08", "Sparrow Services", "Contract")
    yield one
    signed = f"{misread(CONTRACT, seed=8, every=30)}\nEastbrook, 13.1.2025 A. Lindqvist D. Ferreira"
    title = f"{SIGNED}, signed"
    yield replace(one, title=title, content=signed, file_name="scan0005.pdf", labels=("signed",), asn=232)
