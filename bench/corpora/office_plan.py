"""Which sheets an office's library holds, before any of them is written.

Works are added one after another: a form with a series of sheets, or one that comes once. Shares are kept
by debt: a kind that has fallen behind its share is due at the next sheet that can have it.
"""

from collections import Counter
from dataclasses import dataclass
from random import Random

from bench.corpora import office_freight, office_loose, office_staff, office_trade
from bench.corpora.office_copies import drawn
from bench.corpora.office_forms import Family

FAMILIES = {
    one.name: one
    for one in (
        *office_trade.FAMILIES,
        *office_freight.FAMILIES,
        *office_staff.FAMILIES,
        *office_loose.FAMILIES,
    )
}
IN_SERIES = {
    "order": 11, "delivery": 11, "rent": 12, "reminder": 14, "contract": 12, "certificate": 8, "notice": 6,
    "freight": 8, "customs": 5, "expenses": 7, "policy": 9, "minutes": 6, "report": 4, "quotation": 5,
}  # fmt: skip
"""How often a series is of a family."""
ALONE = {
    "letter": 26, "mail": 18, "thread": 5, "report": 9, "scrap": 13, "receipt": 9,
    "minutes": 5, "quotation": 5, "contract": 3,
    "order": 3, "customs": 2, "notice": 2,
}  # fmt: skip
"""How often a sheet that comes once is of a family."""
SERIES = 0.53
"""The share of the originals that belong to a series."""
COPIED = 0.08
"""The share of the originals that are copied."""
NEAR = {"revision": 0.002, "renewal": 0.004, "twin": 0.006, "version": 0.003, "quote": 0.004}
"""How many of all sheets resemble another, by kind."""
CLUSTER = 4000
"""One sheet of so many is copied by the dozen."""


@dataclass(frozen=True, slots=True)
class Work:
    """A form, and how many sheets there are of it."""

    number: int
    family: Family
    tongue: int
    length: int
    series: int


@dataclass(frozen=True, slots=True)
class Place:
    """A sheet of the plan: of which work and place in it, altered how, and which scan of it."""

    work: Work
    at: int
    label: int
    kind: str = "original"
    near: int | None = None
    altered: str = ""
    depth: int = 0
    """How many mails quote it, each the one before."""
    scan: int = 0


class Plan:
    """Grows work by work; `places` holds each original before its copies and what resembles it."""

    def __init__(self, count: int, seed: int) -> None:
        self.chance = Random(f"{seed} planned")
        self.places: list[Place] = []
        self.counted: Counter[str] = Counter()
        self.labels = self.works = self.series = 0
        clusters = round(count / CLUSTER) or count // 1000
        self.clusters = [int((at + 0.5) * count / clusters) for at in range(clusters)]
        while len(self.places) < count:
            self.add()
        del self.places[count:]

    def add(self) -> None:
        """One more work, of a series if those are behind."""
        serial = self.counted["serial"] <= SERIES * self.counted["original"]
        among = IN_SERIES if serial else ALONE
        family = FAMILIES[self.chance.choices(list(among), list(among.values()))[0]]
        length = 1
        if serial:
            length = max(2, int(self.chance.lognormvariate(1.5, 1.35)))
            length = min(length, family.longest)
            self.counted["serial"] += length
            self.series += 1
        work = Work(self.works, family, self.chance.randrange(3), length, self.series - 1 if serial else -1)
        self.works += 1
        for at in range(length):
            self.original(work, at)

    def original(self, work: Work, at: int) -> None:
        """A sheet, its copies, and perhaps one that resembles it."""
        place = Place(work, at, self.label())
        self.places.append(place)
        self.counted["original"] += 1
        if self.clusters and len(self.places) >= self.clusters[0] and work.family.name != "scrap":
            self.clusters.pop(0)
            for scan in range(1, self.chance.randint(8, 50) + 1):
                self.places.append(Place(work, at, place.label, "many", scan=scan))
        elif self.chance.random() < COPIED:
            self.copies(place)
        for kind in sorted(work.family.admits):
            if self.counted[kind] < NEAR[kind] * len(self.places) and self.chance.random() < 0.35:
                self.like(place, kind)

    def label(self) -> int:
        """A number for another sheet."""
        self.labels += 1
        return self.labels

    def copies(self, place: Place) -> None:
        """One copy; sometimes two or three, of which only one lacks a page."""
        kinds: list[str] = []
        for _ in range(self.chance.choices((1, 2, 3), (82, 13, 5))[0]):
            kind = drawn(self.chance, place.work.family.name)
            kinds.append("light" if kind == "page_missing" and kind in kinds else kind)
        for scan, kind in enumerate(kinds, 1):
            self.places.append(Place(place.work, place.at, place.label, kind, scan=scan))

    def like(self, place: Place, kind: str) -> None:
        """A sheet that resembles it; a mail that quotes it may be quoted in its turn."""
        self.counted[kind] += 1
        label, depth = self.label(), 1 if kind == "quote" else 0
        altered = "" if depth else kind
        self.places.append(Place(place.work, place.at, label, kind, place.label, altered, depth))
        if depth and self.chance.random() < 0.3:
            self.counted[kind] += 1
            self.places.append(Place(place.work, place.at, self.label(), kind, label, depth=2))
