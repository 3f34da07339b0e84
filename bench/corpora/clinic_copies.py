"""The second scans of a sheet, each kind in its own way.

`exact` and `case` come from what was stored of the original, for they are the same file; all others are a
scan of their own of the clean paper, so their errors have nothing to do with the first scan's.
"""

import random
import re
from dataclasses import dataclass
from datetime import timedelta

from bench.corpora.clinic_blotch import blotch, cropped
from bench.corpora.clinic_frames import Facts, Frame
from bench.corpora.clinic_paper import COLUMNS, Block, Paper

_RATES = {"light": (0.005, 0.01), "medium": (0.02, 0.03), "heavy": (0.04, 0.06), "photo": (0.02, 0.05)}


@dataclass(frozen=True, slots=True)
class Original:
    """A sheet to be copied: its paper as printed, and its text as stored."""

    frame: Frame
    found: Facts
    paper: Paper
    stored: str


def rate(kind: str, rng: random.Random) -> float:
    """The share of wrong characters of such a copy."""
    if kind == "mixed":
        kind = "medium"
    return rng.uniform(*_RATES.get(kind, _RATES["light"]))


def copied(kind: str, of: Original, rng: random.Random) -> tuple[str, int]:
    """The text of a copy, and how many pages it has."""
    if kind == "many":
        kind = rng.choice(("light", "light", "exact", "medium"))
    pages = max(1, len(of.paper.pages))
    if kind == "exact":
        return of.stored, pages
    if kind == "case":
        return _extracted(of.stored, rng), pages
    spoil = rate(kind, rng)
    if kind == "page_missing":
        text, pages = _shortened(of.paper, rng)
    elif kind == "photo":
        text = cropped(of.paper.text, rng)
    else:
        text = _changed(kind, of, rng).text
    text = blotch(text, spoil, rng)
    if kind in ("stamped", "mixed"):
        text = _stamped(text, of, rng)
    return text, pages


def _changed(kind: str, of: Original, rng: random.Random) -> Paper:
    if kind == "reorder":
        return _reordered(of.paper, rng)
    if kind == "signed":
        return _signed(of, rng)
    return of.paper


def _extracted(text: str, rng: random.Random) -> str:
    """The same file through another extractor: blanks, case and punctuation come out otherwise."""
    before = text
    ways = rng.sample(("lines", "case", "marks", "blanks"), rng.randint(1, 3))
    if "lines" in ways:
        text = re.sub(r"(?<!\n)\n(?!\n)", " ", text)
    if "blanks" in ways:
        text = re.sub(r"[ \t]+", " ", re.sub(r"\n\s*\n", "\n", text))
    if "case" in ways:
        text = rng.choice((str.upper, str.lower, str.title))(text)
    if "marks" in ways:
        text = re.sub(r"[.]{4,}|_{4,}", "", text).replace(" - ", " – ").replace("'", "’").replace(": ", " : ")
    return text if text != before else text.lower().replace("\n", "  ")


def _reordered(paper: Paper, rng: random.Random) -> Paper:
    """Tables read by columns, and blocks in another order."""
    pages = [_mixed_up(page, rng) for page in paper.pages]
    if tuple(pages) == paper.pages:
        pages = [tuple(reversed(page)) for page in paper.pages]
    return paper.with_pages(pages)


def _mixed_up(page: tuple[Block, ...], rng: random.Random) -> tuple[Block, ...]:
    blocks = [
        Block(cells=one.cells, style=COLUMNS if one.style != COLUMNS else 1)
        if one.cells and rng.random() < 0.6
        else one
        for one in page
    ]
    for _ in range(rng.randint(1, 3)):
        low, middle, high = sorted(rng.choices(range(len(blocks) + 1), k=3))
        if rng.random() < 0.6:
            blocks = blocks[:low] + blocks[middle:high] + blocks[low:middle] + blocks[high:]
    return tuple(blocks)


def _shortened(paper: Paper, rng: random.Random) -> tuple[str, int]:
    """A page of several is not there (but never most of the text), or the end of a single one."""
    text = paper.text
    without = [
        paper.with_pages([*paper.pages[:at], *paper.pages[at + 1 :]]) for at in range(len(paper.pages))
    ]
    enough = [one for one in without if len(one.text) > len(text) * 0.45]
    if enough:
        # the first or the last page gets lost more often than one between
        chosen = rng.choice((enough[0], enough[-1], rng.choice(enough)))
        return chosen.text, len(chosen.pages)
    keep = int(len(text) * rng.uniform(0.7, 0.85))
    end = text.rfind("\n", keep - 60, keep)
    return text[: end if end > 0 else keep], max(1, len(paper.pages))


def _signed(of: Original, rng: random.Random) -> Paper:
    """Names and a date by hand where the lines to sign were."""
    tongue, label = of.frame.tongue, of.frame.tongue.label
    day = of.found.day + timedelta(days=rng.randint(0, 6))
    hand = (
        f"{day.day}/{day.month}/{day.year % 100:02}"
        if rng.random() < 0.6
        else f"{day.day}.{day.month}.{day.year}"
    )
    town = of.frame.sender.address[1].split()[-1]

    def filled(one: Block) -> Block:
        if not one.sign:
            return one
        doctors = label["doctor"] in one.lines[1]
        name = (of.frame.doctor if doctors else of.found.who).short(tongue)
        scrawl = blotch(name, 0.3, rng) if rng.random() < 0.7 else ""
        return Block((f"{label['place']} {town}, {hand}", f"{one.lines[1].rstrip('._ ')} {scrawl}"))

    return of.paper.with_pages([tuple(filled(one) for one in page) for page in of.paper.pages])


def _stamped(text: str, of: Original, rng: random.Random) -> str:
    """A stamp of receipt, a fax line, counters, or some words by hand."""
    tongue, label = of.frame.tongue, of.frame.tongue.label
    lines = text.split("\n")
    day = of.found.day + timedelta(days=rng.randint(1, 12))
    ways = rng.sample(("stamp", "fax", "counter", "hand", "copy"), rng.choice((1, 1, 2, 3)))
    if "stamp" in ways:
        stamp = [
            f"{label['received']} {day.day:02} {day.month:02} {day.year}",
            f"Prot. {rng.randint(100, 99999)}",
        ]
        at = rng.randrange(len(lines) // 3 + 1)
        lines[at:at] = stamp if rng.random() < 0.7 else [" ".join(stamp)]
    if "hand" in ways:
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(lines))
            word = blotch(rng.choice(tongue.hands), 0.25, rng)
            lines[at] = f"{lines[at]}  {word}" if rng.random() < 0.5 else f"{word} {lines[at]}"
    if "copy" in ways:
        lines.insert(rng.randrange(len(lines) + 1), label["copy"])
    if "counter" in ways:
        lines.append(f"- {rng.randint(1, 3)} / {rng.randint(3, 5)} -")
    if "fax" in ways:
        line = f"{label['fax']} {of.frame.sender.phone}  {day.day:02}/{day.month:02}/{day.year % 100:02}"
        lines.insert(0, f"{line} {rng.randint(8, 18)}:{rng.randint(10, 59)} P. 01/0{rng.randint(1, 4)}")
    return "\n".join(lines)
