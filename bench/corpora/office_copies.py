"""What becomes of a sheet when it is scanned again: every kind of true copy."""

import datetime as dt
import re
from dataclasses import replace
from random import Random

from bench.corpora.office_layout import Paper
from bench.corpora.office_noise import Scan, garbled, read, scan, scribble, spoil
from bench.corpora.office_tongue import Tongue

RATES = {
    "light": (0.005, 0.01), "reorder": (0.004, 0.01), "page_missing": (0.004, 0.01), "stamped": (0.004, 0.01),
    "signed": (0.004, 0.01), "medium": (0.02, 0.03), "mixed": (0.02, 0.03), "photo": (0.02, 0.05),
    "heavy": (0.04, 0.06),
}  # fmt: skip
"""The share of characters that are wrong, from and to."""
DRAWN = (
    ("exact", 12), ("case", 9), ("light", 16), ("medium", 14), ("heavy", 10), ("reorder", 9),
    ("page_missing", 9),    ("stamped", 9), ("signed", 5), ("photo", 8), ("mixed", 6),
)  # fmt: skip
SIGNABLE = frozenset(
    ("contract", "quotation", "delivery", "freight", "expenses", "policy", "minutes", "order", "customs")
)
"""Families whose papers somebody signs."""


def drawn(chance: Random, family: str) -> str:
    """A kind of copy that a family's paper can have."""
    kind = chance.choices([name for name, _ in DRAWN], [weight for _, weight in DRAWN])[0]
    return "light" if kind == "signed" and family not in SIGNABLE else kind


def first(paper: Paper, chance: Random) -> tuple[str, bool]:
    """The text of an original, and whether a scanner has read it: a third are, with a few errors."""
    if chance.random() < 0.33:
        return joined(scanned(paper, scan(chance, chance.uniform(0.002, 0.01)), chance)), True
    return joined(scanned(paper, Scan(beside="across" if chance.random() < 0.5 else "left"), chance)), False


def scanned(paper: Paper, how: Scan, chance: Random) -> list[list[str]]:
    """The lines of each page, as this scan has them."""
    return [spoil(_lines(page), how, chance) for page in leaves(paper, how, chance)]


def leaves(paper: Paper, how: Scan, chance: Random) -> list[list[list[str]]]:
    """The pages, as blocks of lines, before anything is spoilt."""
    return [[read(block, how, chance) for block in page] for page in paper.pages()]


def _lines(page: list[list[str]]) -> list[str]:
    return [line for block in page for line in block]


def joined(pages: list[list[str]]) -> str:
    """One text of several pages."""
    return "\n\n".join("\n".join(page) for page in pages).strip()


def again(paper: Paper, kind: str, tongue: Tongue, chance: Random) -> str:
    """The text of another scan of a paper."""
    how = scan(chance, chance.uniform(*RATES[kind]))
    if kind == "reorder":
        how = replace(
            how, table=chance.choice(("columns", "swapped")), beside=chance.choice(("right", "across"))
        )
    pages = [_lines(page) for page in _arranged(leaves(paper, how, chance), kind, chance)]
    if kind == "signed":
        pages = [by_hand(page, paper, chance) for page in pages]
    pages = [spoil(page, how, chance) for page in pages]
    if kind in ("stamped", "mixed"):
        stamp(pages, paper.day, tongue, chance)
    if kind == "photo":
        pages = [edged(page, chance) for page in pages]
    return joined(pages)


def _arranged(pages: list[list[list[str]]], kind: str, chance: Random) -> list[list[list[str]]]:
    """The pages with their blocks in another order, or without one of them."""
    if kind == "reorder":
        return [_moved(page, chance) for page in pages]
    if kind != "page_missing":
        return pages
    if len(pages) > 1:
        del pages[chance.randrange(len(pages))]
        return pages
    lines = _lines(pages[0])
    return [[lines[: max(1, round(len(lines) * chance.uniform(0.7, 0.85)))]]]


def _moved(page: list[list[str]], chance: Random) -> list[list[str]]:
    """Blocks that stood together stay together; two such groups change places."""
    if len(page) < 3:
        return page[::-1] if chance.random() < 0.5 else page
    one, two = sorted(chance.sample(range(1, len(page)), 2))
    return page[one:two] + page[:one] + page[two:]


def by_hand(lines: list[str], paper: Paper, chance: Random) -> list[str]:
    """Where a line was left to sign: a name, a date, a scrawl."""
    names = list(paper.names) or ["X"]
    day = paper.day + dt.timedelta(days=chance.randint(0, 20))
    out = []
    for line in lines:
        if "____" not in line:
            out.append(line)
            continue
        name = names.pop(0) if names else ""
        wrote = chance.choice((name, garbled(name, chance), scribble(chance)))
        line = re.sub(r"_{2,}/_+/_+", f"{day.day}/{day.month}/{day:%y}", line)
        line = re.sub(r"_{4,}", wrote.replace("\\", "/"), line, count=1)
        out.append(line)
        if chance.random() < 0.5:
            out.append(scribble(chance))
    return out


def stamp(pages: list[list[str]], day: dt.date, tongue: Tongue, chance: Random) -> None:
    """A received stamp, a line of a fax, counters of pages, or a note by hand."""
    seen = day + dt.timedelta(days=chance.randint(1, 12))
    kind = chance.random()
    if kind < 0.4:
        words = f"{chance.choice(tongue.labels['received'])} {tongue.date(seen, chance.randrange(8)).upper()}"
        pages[0].insert(_near_top(pages[0], chance), words)
        if chance.random() < 0.4:
            pages[0].append(chance.choice(tongue.labels["copy"]))
    elif kind < 0.65:
        hour = f"{chance.randint(7, 19)}:{chance.randint(10, 59)}"
        sent = f"{tongue.date(seen, 1)} {hour} FAX {tongue.phone(chance)}"
        for at, page in enumerate(pages, 1):
            page.insert(
                0,
                f"{sent} P.{at:02}/{len(pages):02}",
            )
    elif kind < 0.8:
        for at, page in enumerate(pages, 1):
            page.append(f"{at}/{len(pages)} {chance.randint(10**5, 10**6)}")
    else:
        note = " ".join(garbled(word, chance) for word in tongue.prose(chance, "mail", 1)[0].split()[:6])
        pages[0].insert(_near_top(pages[0], chance), note)


def _near_top(page: list[str], chance: Random) -> int:
    return chance.randint(0, min(8, len(page)))


def edged(lines: list[str], chance: Random) -> list[str]:
    """A photo held askew: the edge runs through the lines, deeper from one to the next."""
    least, most = sorted((chance.randint(0, 3), chance.randint(0, 9)))
    right, count = chance.random() < 0.6, max(1, len(lines) - 1)
    out = []
    for at, line in enumerate(lines):
        lost = round(least + (most - least) * at / count)
        lost = max(0, lost - max(0, 60 - len(line)) // 4) if right else lost
        out.append((line[: len(line) - lost] if right else line[lost:]) if lost else line)
    return [line for line in out if line]


def otherwise(text: str, chance: Random) -> str:
    """The same text as another program takes it from the file: case, white space, punctuation."""
    way = chance.random()
    if way < 0.2:
        text = text.upper()
    elif way < 0.35:
        text = text.lower()
    marks = str.maketrans({"«": '"', "»": '"', "'": "’", "-": "–", "|": " "})
    if chance.random() < 0.6:
        text = text.translate(marks)
    if chance.random() < 0.3:
        text = re.sub(r"[,;:](?= )", "", text)
    blanks = chance.choice(("\n", " ", "\n\n", "  \n"))
    return re.sub(r"\n+", blanks, text) if chance.random() < 0.8 else re.sub(r" ", "  ", text)
