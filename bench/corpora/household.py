"""The papers of households, German and English: bills, statements, letters, receipts, and what lies between.

Its scanners err by looks ("confusion": O/0, rn/m, é/e). Half of the sheets are in series of one sender, the
rest are one-off papers; a twelfth has copies, and some look like another and are not it.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace

from bench.corpora.household_accounts import Bank, Insurance, Payslip, Tax
from bench.corpora.household_bills import Doctor, Energy, Phone, Receipt, Subscription
from bench.corpora.household_copies import copy, flat, kinds, light, read
from bench.corpora.household_files import card, copy_card, photo
from bench.corpora.household_letters import Rent, School, Warranty
from bench.corpora.household_names import Home, home
from bench.corpora.household_near import MAKERS, SHARES
from bench.corpora.household_paper import Draft
from bench.corpora.household_scan import scan
from bench.corpora.household_series import Series
from bench.corpora.household_single import single
from bench.corpora.sheets import Sheet

FAMILIES: tuple[tuple[type[Series], float], ...] = (
    (Energy, 11), (Phone, 9), (Subscription, 18), (Doctor, 9), (Receipt, 8), (Bank, 10), (Payslip, 8),
    (Tax, 5), (Insurance, 9), (Rent, 5), (School, 5), (Warranty, 4),
)  # fmt: skip
IN_SERIES, COPIED, EMPTY, SCANNED = 0.52, 0.08, 0.006, 0.32
LAST = 2025
CROWD = 4000
"""One sheet in so many has dozens of copies."""


class Library:
    """A library while it is filled."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.rng = count, random.Random(f"household {seed}")
        rooms = max(2, count // 800)
        self.homes = [home(self.rng, language) for _ in range(rooms) for language in ("de", "en")]
        self.sheets: list[Sheet] = []
        self.labels = self.series = self.in_series = self.crowds = 0
        self.near = dict.fromkeys(SHARES, 0)
        self.seen: set[bytes] = set()

    def fill(self) -> list[Sheet]:
        """Add series and one-off papers until there are enough."""
        while len(self.sheets) < self.count:
            if self.in_series < IN_SERIES * len(self.sheets):
                before = len(self.sheets)
                self._series()
                self.in_series += len(self.sheets) - before
            elif self.rng.random() < EMPTY:
                self._add(photo(self.rng, self._home().language))
                self.labels += 1
            else:
                self._paper(single(self.rng, self._home()))
        return self.sheets[: self.count]

    def _home(self) -> Home:
        return self.rng.choice(self.homes)

    def _add(self, sheet: Sheet) -> None:
        self.sheets.append(replace(sheet, label=self.labels))

    def _series(self) -> None:
        """All the sheets of one sender."""
        family = self.rng.choices([one for one, _ in FAMILIES], [share for _, share in FAMILIES])[0]
        series = family(random.Random(self.rng.random()), self._home(), self.series)
        self.series += 1
        for k in range(min(120, max(2, int(self.rng.lognormvariate(1.75, 1.25))))):
            draft = series.sheet(k)
            if draft.date.year > LAST:
                break
            self._paper(draft)

    def _paper(self, draft: Draft) -> None:
        """A paper with its copies, and what resembles it; a paper that is there already is not made again."""
        printed = "\n".join(line for _, lines in draft.blocks for line in lines).casefold()
        known = hashlib.blake2b(printed.encode(), digest_size=8).digest()
        if known in self.seen:
            return
        self.seen.add(known)
        rng, label = self.rng, self.labels
        original = self._original(draft)
        self._add(original)
        words = original.text.count(" ") + original.text.count("\n") + 1
        if words > 20 and len(self.sheets) > CROWD * (self.crowds + 0.25):
            self.crowds += 1
            self._copies(draft, original, ["many"] * rng.randint(8, 50))
        elif rng.random() < COPIED:
            weights = kinds(draft, words)
            chosen = rng.choices(
                list(weights), list(weights.values()), k=rng.choice((1, 1, 1, 1, 1, 1, 1, 2, 2, 3))
            )
            self._copies(draft, original, chosen)
        self.labels += 1
        self._resemble(draft, label)

    def _original(self, draft: Draft) -> Sheet:
        """The first file of a paper: printed by a machine, or scanned with light noise."""
        scanned = self.rng.random() < SCANNED
        sheets = read(draft, self.rng, scanned=scanned)
        text = flat(sheets, self.rng)
        if scanned:
            text = scan(text, light(self.rng), self.rng)
        return card(self.rng, draft, text, len(sheets), scanned=scanned)

    def _copies(self, draft: Draft, original: Sheet, chosen: list[str]) -> None:
        """Its copies."""
        for kind in chosen:
            text = copy(kind, draft, original.text, self.rng)
            pages = max(1, original.pages - (kind == "page_missing"))
            self._add(copy_card(self.rng, original, text, kind, pages, draft))

    def _resemble(self, draft: Draft, label: int) -> None:
        """Sometimes a paper that looks like it."""
        for kind in draft.near:
            if self.near[kind] < SHARES[kind] * len(self.sheets) and self.rng.random() < 0.3:
                other = MAKERS[kind](draft, self.rng)
                if other is not None:
                    self._add(replace(self._original(other), kind=kind, near=label))
                    self.near[kind] += 1
                    self.labels += 1
                    return


def make(count: int, *, seed: int) -> Iterator[Sheet]:
    """So many sheets in the order in which a house files its papers: none."""
    library = Library(count, seed)
    sheets = library.fill()
    library.rng.shuffle(sheets)
    for number, sheet in enumerate(sheets, 1):
        yield replace(sheet, id=number)
