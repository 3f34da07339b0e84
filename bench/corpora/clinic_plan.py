"""What the clinic's library will hold: which sheets, which copies of them, and which that only resemble them.

The works are light, so that a hundred thousand of them can be shuffled before any paper is made.
"""

import math
import random
from typing import NamedTuple

from bench.corpora.clinic_frames import frame
from bench.corpora.clinic_kinds import KINDS

_NEAR = {"revision": 0.002, "renewal": 0.004, "twin": 0.006, "version": 0.003, "quote": 0.004}
_COPIES = {
    "exact": 10, "case": 10, "light": 18, "medium": 16, "heavy": 10, "reorder": 9, "page_missing": 8,
    "stamped": 8,
    "signed": 4, "photo": 7, "mixed": 5,
}  # fmt: skip
_SHORT = ("exact", "case", "light", "medium", "stamped")
"""How a label or a ticket is copied: less of it would be nothing."""
_COPY_SHARE = 0.092
_SERIES_SHARE = 0.55


class Work(NamedTuple):
    """One sheet to be made."""

    kind: int
    seed: int
    size: int
    place: int
    label: int
    series: int
    what: str = "original"
    near: int | None = None
    salt: int = 0


class Planner:
    """Plans the works: originals in series and alone, then copies, clusters and near relatives of them."""

    def __init__(self, count: int, seed: int) -> None:
        self.rng = random.Random(seed * 1_000_003 + 17)
        self.count = count
        self.near = {kind: round(count * share) for kind, share in _NEAR.items()}
        self.clusters = [
            min(50, max(8, int(self.rng.lognormvariate(math.log(17), 0.5))))
            for _ in range((count + 1500) // 4000)
        ]
        self.copies = round(count * _COPY_SHARE)
        self.label = 0
        self.series = 0

    def works(self) -> list[Work]:
        """All sheets in the order in which they came into the library."""
        alone = self.count - sum(self.near.values()) - sum(self.clusters) - self.copies
        originals = self._in_series(int(alone * _SERIES_SHARE))
        originals += [self._one_off() for _ in range(alone - len(originals))]
        made = list(originals)
        if any(KINDS[work.kind].name != "blank" for work in originals):
            made += self._relatives(originals)
            made += self._copied(originals, self.copies)
            for many in self.clusters:
                made += self._cluster(originals, many)
        made += [self._one_off() for _ in range(self.count - len(made))]
        self.rng.shuffle(made)
        return made

    def _in_series(self, count: int) -> list[Work]:
        found: list[Work] = []
        weights = [kind.series for kind in KINDS]
        while len(found) < count:
            kind = self.rng.choices(range(len(KINDS)), weights)[0]
            size = min(120, max(2, int(self.rng.lognormvariate(math.log(4.5), 1.05))))
            size = min(size, count - len(found))
            seed = self.rng.getrandbits(48)
            self.series += 1
            found += [Work(kind, seed, size, at, self._labelled(), self.series) for at in range(size)]
        return found

    def _one_off(self) -> Work:
        kind = self.rng.choices(range(len(KINDS)), [one.single for one in KINDS])[0]
        return Work(kind, self.rng.getrandbits(48), 1, 0, self._labelled(), -1)

    def _labelled(self) -> int:
        self.label += 1
        return self.label

    def _relatives(self, originals: list[Work]) -> list[Work]:
        found = []
        for what, many in self.near.items():
            able = [work for work in originals if what in KINDS[work.kind].near]
            self.rng.shuffle(able)
            chosen = (work for work in able if what != "twin" or _nameless(work))
            for work, _ in zip(chosen, range(many), strict=False):
                salt = self.rng.getrandbits(48)
                found.append(work._replace(label=self._labelled(), what=what, near=work.label, salt=salt))
        return found

    def _copied(self, originals: list[Work], count: int) -> list[Work]:
        found: list[Work] = []
        while len(found) < count:
            what = self.rng.choices(tuple(_COPIES), tuple(_COPIES.values()))[0]
            work = self.rng.choice(originals)
            while not _able(work, what, self.rng):
                work = self.rng.choice(originals)
            found.append(work._replace(what=what, salt=self.rng.getrandbits(48)))
            more = self.rng.choices((0, 1, 2), (78, 16, 6))[0]
            kinds = [self._another(work) for _ in range(more)]
            found += [work._replace(what=kind, salt=self.rng.getrandbits(48)) for kind in kinds]
        return found[:count]

    def _another(self, work: Work) -> str:
        """A kind of copy for a sheet that has one already."""
        what = ""
        while not (what and _able(work, what, self.rng)):
            what = self.rng.choices(tuple(_COPIES), tuple(_COPIES.values()))[0]
        return what

    def _cluster(self, originals: list[Work], many: int) -> list[Work]:
        work = self.rng.choice(originals)
        while KINDS[work.kind].short and len(originals) > 100:
            work = self.rng.choice(originals)
        return [work._replace(what="many", salt=self.rng.getrandbits(48)) for _ in range(many)]


def _nameless(work: Work) -> bool:
    """Whether this sender's paper tells people apart by nothing but the name."""
    look = frame(KINDS[work.kind], work.seed, 1).look
    return KINDS[work.kind].circular or not (look.ids or look.born)


def _able(work: Work, what: str, rng: random.Random) -> bool:
    """Whether such a copy of this sheet is likely, or can be at all."""
    kind = KINDS[work.kind]
    if kind.name == "blank":
        return False
    if kind.short:
        return what in _SHORT
    if what == "signed":
        return "signed" in kind.copies
    return what != "photo" or "photo" in kind.copies or rng.random() < 0.3
