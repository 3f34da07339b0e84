"""The office: papers in French, Spanish and Portuguese, read by scanners that lose words and lines.

The plan (`office_plan`) says which sheets there are; it is shuffled, and each sheet is written when its turn
comes, from the seed of its work and its place in it: a library of 100,000 is never held in memory.
"""

import datetime as dt
from collections.abc import Iterator
from random import Random

from bench.corpora.office_copies import again, first, otherwise, scanned
from bench.corpora.office_forms import Form, form
from bench.corpora.office_french import FRENCH
from bench.corpora.office_layout import Paper
from bench.corpora.office_loose import quoting
from bench.corpora.office_near import ALTERED
from bench.corpora.office_noise import Scan
from bench.corpora.office_plan import Place, Plan, Work
from bench.corpora.office_portuguese import PORTUGUESE
from bench.corpora.office_spanish import SPANISH
from bench.corpora.office_tongue import Party, plain
from bench.corpora.sheets import Sheet

TONGUES = (FRENCH, SPANISH, PORTUGUESE)
SCANNERS = (
    "scan{n:04}.pdf", "SCAN_{d:%Y%m%d}_{n:06}.pdf", "doc{n:05}{d:%Y%m%d}.pdf", "numerisation{n:04}.pdf",
    "escaneado_{n:03}.pdf", "digitalizado{n:04}.pdf", "KM_C224e{d:%y%m%d}{n:05}.pdf",
    "{d:%Y-%m-%d}-{n:03}.pdf",
)  # fmt: skip


def make(count: int, *, seed: int) -> Iterator[Sheet]:
    """A library of `count` sheets, numbered from 1, in no order."""
    places = Plan(count, seed).places
    Random(f"{seed} shuffled").shuffle(places)
    writer = Writer(seed, max(3, count // 6000))
    for number, place in enumerate(places, 1):
        yield writer.sheet(number, place)


class Writer:
    """Writes the sheets of a plan. Forms of a series are kept, those that come once are not."""

    def __init__(self, seed: int, owners: int) -> None:
        self.seed = seed
        chance = Random(f"{seed} owners")
        self.owners: list[list[Party]] = [[tongue.firm(chance) for _ in range(owners)] for tongue in TONGUES]
        self.forms: dict[int, Form] = {}

    def sheet(self, number: int, place: Place) -> Sheet:
        """One sheet."""
        printed, paper = self.paper(place)
        chance = Random(f"{self.key(place)} copy {place.scan}")
        pages = len(paper.pages())
        text, size, kind = self.text(place, paper, printed, chance, pages)
        day = paper.day
        if place.scan and chance.random() < 0.15:
            day += dt.timedelta(days=chance.randint(1, 400))
        file = file_name(printed, paper, kind, place, chance)
        known = printed.tongue.labels[paper.kind][0]
        return Sheet(
            id=number,
            text=text,
            label=place.label,
            kind=place.kind,
            title=file.rsplit(".", 1)[0] if chance.random() < 0.6 else f"{paper.title} {paper.sender}",
            file_name=file,
            created=day.isoformat(),
            correspondent=paper.sender if chance.random() < 0.8 else None,
            document_type=known if chance.random() < 0.8 else None,
            language=printed.tongue.code,
            series=-1 if place.depth else place.work.series,
            near=place.near,
            size=size,
            pages=pages - 1 if kind == "page_missing" and pages > 1 else pages,
        )

    def key(self, place: Place) -> str:
        """What a sheet's chances are seeded by."""
        return f"{self.seed} {place.work.number} {place.at} {place.altered} {place.depth}"

    def form(self, work: Work) -> Form:
        """The form of a work."""
        if (kept := self.forms.get(work.number)) is not None:
            return kept
        seed = f"{self.seed} form {work.number}"
        owner = Random(seed).choice(self.owners[work.tongue])
        made = form(work.family, TONGUES[work.tongue], seed, work.length, owner)
        if work.length > 1:
            self.forms[work.number] = made
        return made

    def paper(self, place: Place) -> tuple[Form, Paper]:
        """A sheet before it is scanned, and the form that it is of."""
        printed = self.form(place.work)
        given = place.work.family.fill(
            printed, place.at, Random(f"{self.seed} {place.work.number} {place.at}")
        )
        if place.altered:
            given = ALTERED[place.altered](printed, given, Random(f"{self.key(place)} altered"))
        paper = place.work.family.lay(printed, given)
        paper.number = given.number
        for depth in range(place.depth):
            chance = Random(f"{self.seed} {place.work.number} quoted {depth}")
            earlier = [line for page in scanned(paper, Scan(), chance) for line in page]
            paper = quoting(printed, earlier, paper, chance)
        return printed, paper

    def text(
        self, place: Place, paper: Paper, printed: Form, chance: Random, pages: int
    ) -> tuple[str, int, str]:
        """The text of a scan, how many bytes its file has, and how it was copied."""
        kind = chance.choice(("light", "exact", "medium")) if place.kind == "many" else place.kind
        if place.scan and kind not in ("exact", "case"):
            return again(paper, kind, printed.tongue, chance), weight(pages, kind, chance), kind
        own = Random(f"{self.key(place)} first")
        text, noisy = first(paper, own)
        size = weight(pages, "light" if noisy else "", own)
        if kind == "case":
            return otherwise(text, chance), size + chance.randint(-900, 9000), kind
        return text, size, kind


def weight(pages: int, kind: str, chance: Random) -> int:
    """The bytes of a file: what a program writes is small, a scan larger, a photo large."""
    if kind == "photo":
        return chance.randint(900_000, 4_500_000) * pages
    if kind:
        return chance.randint(60_000, 420_000) * pages + chance.randint(0, 5000)
    return 24_000 + 9_000 * pages + chance.randint(0, 90_000)


def file_name(printed: Form, paper: Paper, kind: str, place: Place, chance: Random) -> str:
    """A scanner's name for most copies; what the sender's program called it, or a person, for most others."""
    if kind == "photo":
        return f"IMG_{chance.randint(1, 9999):04}.jpg"
    if chance.random() < (0.65 if place.scan else 0.2):
        return chance.choice(SCANNERS).format(n=chance.randint(1, 999), d=paper.day)
    number = (paper.number or str(printed.base)).replace("/", "-")
    title = plain("_".join(paper.title.split()[:4])).replace("/", "-").replace(":", "")
    sender = plain(paper.sender.split()[0])
    ways = (
        f"{title}_{number}.pdf", f"{paper.day:%Y-%m-%d}_{sender}.pdf",
        f"{sender}-{title}.pdf",        f"{paper.day:%Y%m%d}_{title}.pdf",
    )  # fmt: skip
    name = ways[printed.taste % len(ways)]
    return name.replace(".pdf", " (1).pdf") if place.scan and chance.random() < 0.5 else name
