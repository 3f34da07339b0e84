"""True copies: one and the same sheet, read again.

Each kind of `sheets.COPIES` is a way a sheet gets into a library twice. All but `exact` and `case` are read
from the paper anew, so their errors are not those of the first reading.
"""

import datetime as dt
import random
import re
from collections.abc import Callable

from bench.corpora.household_names import last_name, person, town
from bench.corpora.household_numbers import shaped
from bench.corpora.household_paper import Blocks, Draft, pages
from bench.corpora.household_scan import scan


def light(rng: random.Random) -> float:
    """The errors of a good scan."""
    return rng.uniform(0.004, 0.01)


def medium(rng: random.Random) -> float:
    """The errors of a poor one."""
    return rng.uniform(0.02, 0.03)


def heavy(rng: random.Random) -> float:
    """The errors of a bad one."""
    return rng.uniform(0.04, 0.06)


def read(draft: Draft, rng: random.Random, *, scanned: bool = True) -> list[Blocks]:
    """The pages as a reader sees them: with the printer's hyphens, or with paragraphs put together again."""
    joined = rng.random() < (0.04 if scanned else 0.2)
    return pages(draft, hyphens=rng.random() < (0.7 if scanned else 0.4), joined=joined)


def flat(sheets: list[Blocks], rng: random.Random) -> str:
    """The text of pages: some readers leave an empty line between blocks."""
    between = "\n\n" if rng.random() < 0.6 else "\n"
    return "\n\n".join(
        between.join("\n".join(block) for block in sheet if block) for sheet in sheets if sheet
    )


def kept(draft: Draft, text: str) -> float:
    """How much is left of what makes this sheet this sheet."""
    marks = set(draft.marks)
    return sum(mark in text for mark in marks) / len(marks) if marks else 1.0


def case(text: str, rng: random.Random) -> str:
    """Another extractor: other case, white space, punctuation; not one letter is wrong."""
    changes: list[Callable[[str], str]] = [
        str.upper,
        str.lower,
        lambda given: given.replace("\n\n", "\n").replace("\n", "  "),
        lambda given: re.sub(r"[,;:]", "", given),
        lambda given: re.sub(r"(?<=\D)([.:])(?=\s)", r" \1", given),
        lambda given: given.replace(" ", "  ").replace("\n", "\n\n"),
        lambda given: given.replace("-\n", ""),
    ]
    for change in rng.sample(changes, 2):
        text = change(text)
    return text + "\n" if rng.random() < 0.5 else text.strip()


def _reorder(draft: Draft, rng: random.Random) -> str:
    """Blocks in another order; columns read one after the other."""
    sheets = read(draft, rng)
    for sheet in sheets:
        for _ in range(rng.randint(1, 3)):
            if len(sheet) > 1:
                at, to = rng.randrange(len(sheet)), rng.randrange(len(sheet))
                sheet.insert(to, sheet.pop(at))
        for at, block in enumerate(sheet):
            if len(block) > 2 and rng.random() < 0.4:
                sheet[at] = _columns(block)
    return scan(flat(sheets, rng), light(rng), rng)


def _columns(block: list[str]) -> list[str]:
    """Lines that end in a number or have a label: the left sides, then the right sides."""
    cut = [re.match(r"(.*?(?::\s|\s\s|\s(?=[^ ]*\d[^ ]*$)))(.*)", line) for line in block]
    left = [one.group(1).strip() if one else line for one, line in zip(cut, block, strict=True)]
    return [line for line in [*left, *(one.group(2) for one in cut if one)] if line]


def _page_missing(draft: Draft, rng: random.Random) -> str:
    """A page is not there, or the foot of the only one; enough is left to know it by."""
    sheets = read(draft, rng)
    if len(sheets) > 1:
        for gone in rng.sample(range(len(sheets)), len(sheets)):
            text = flat(sheets[:gone] + sheets[gone + 1 :], rng)
            if draft.series < 0 or kept(draft, text) >= 0.4:
                return scan(text, light(rng), rng)
    lines = [line for sheet in sheets for block in sheet for line in [*block, ""]][:-1]
    for share in (rng.uniform(0.7, 0.85), 0.88):
        text = "\n".join(lines[: max(1, int(len(lines) * share))])
        if kept(draft, text) >= 0.5:
            break
    return scan(text, light(rng), rng)


def _stamp(draft: Draft, rng: random.Random) -> list[str]:
    """A stamp, a fax line or a note."""
    day = draft.date + dt.timedelta(days=rng.randint(1, 30))
    who = last_name(rng, draft.language)
    clock = f"{rng.randint(7, 19):02}:{rng.randint(10, 59)}"
    fax = f"{day:%d/%m/%Y} {clock}  {shaped(rng, '0#### ######')}  S. {rng.randint(1, 3)}/{rng.randint(3, 5)}"
    if draft.language == "de":
        return [
            rng.choice(
                (
                    f"EINGEGANGEN {day:%d.%m.%Y}",
                    f"Posteingang {day:%d. %m. %y} Erl.",
                    "KOPIE",
                    f"E I N G A N G\n{day:%d. %b. %Y}",
                )
            ),
            fax,
            rng.choice(
                (
                    f"bez. {day.day}.{day.month}. {who[:3]}",
                    "Stener abheften!",
                    f"uberw. {day.day}/{day.month}",
                    f"Tel m. {who} 16h",
                    "Ordn. gelb",
                    f"erledgt {who[0]}.",
                )
            ),
        ]
    return [
        rng.choice(
            (
                f"RECEIVED {day:%d %b %Y}",
                f"Rec'd {day:%d/%m/%y} {who[0]}",
                "COPY",
                f"R E C E I V E D\n{day:%d %b %y}",
            )
        ),
        "FAX " + fax,
        rng.choice(
            (
                f"pd {day.day}/{day.month} {who[:3]}",
                "for tox file",
                f"chq no {shaped(rng, '######')}",
                f"rang {who} 4pm",
                "File: blne",
                f"OK {who[0]}",
            )
        ),
    ]


def _mark_pages(draft: Draft, rng: random.Random) -> list[Blocks]:
    """Pages with what hands and machines left on them later."""
    sheets = read(draft, rng)
    marks = rng.sample(_stamp(draft, rng), rng.choice((1, 1, 2)))
    for mark in marks:
        sheet = sheets[0] if rng.random() < 0.7 else rng.choice(sheets)
        sheet.insert(rng.choice((0, 0, len(sheet), rng.randint(0, len(sheet)))), mark.split("\n"))
    if rng.random() < 0.3:
        for number, sheet in enumerate(sheets, 1):
            sheet.append([f"{shaped(rng, 'Scan ')}{number}/{len(sheets)}"])
    return sheets


def _signed(draft: Draft, rng: random.Random) -> str:
    """A form or contract, its lines filled in by hand."""
    text = flat(read(draft, rng), rng)
    hand = [
        town(rng, draft.language),
        f"{draft.date:%d.%m.%y}",
        last_name(rng, draft.language),
        person(rng, draft.language).name,
    ]
    if draft.person:
        hand.append(draft.person.name)
    filled = re.sub(
        r"_{3,}",
        lambda _: rng.choice((*hand, "~" + rng.choice(hand)[:4] + "m", "x " + rng.choice(hand))),
        text,
    )
    filled = filled.replace("[ ]", "[x]", 1)
    if filled == text:
        filled += f"\n{hand[0]}, {hand[1]} {hand[-1]}"
    return scan(filled, light(rng), rng)


def _photo(draft: Draft, rng: random.Random) -> str:
    """A photo: what stood at the edges is cut off, line by line."""
    lines = flat(read(draft, rng), rng).split("\n")
    wide = max(len(line) for line in lines)
    left = rng.choice((0, 0, 1, 4))
    for share in (rng.uniform(0.85, 0.95), 0.95, 1.0):
        cut = [
            line[max(0, left - rng.randint(0, 2)) : max(4, int(wide * share) - rng.randint(0, 4))]
            for line in lines
        ]
        if kept(draft, "\n".join(cut)) >= 0.6:
            break
        left = 0
    else:
        cut = lines
    return scan("\n".join(cut), rng.choice((medium, heavy))(rng), rng)


def copy(kind: str, draft: Draft, text: str, rng: random.Random) -> str:
    """The text of a copy; `text` is what stands in the library already."""
    rates = {"light": light, "medium": medium, "heavy": heavy}
    shapes = {"reorder": _reorder, "page_missing": _page_missing, "signed": _signed, "photo": _photo}
    if kind == "exact":
        return text
    if kind == "case":
        return case(text, rng)
    if kind in shapes:
        return shapes[kind](draft, rng)
    if kind in ("stamped", "mixed"):
        return scan(flat(_mark_pages(draft, rng), rng), (light if kind == "stamped" else medium)(rng), rng)
    if kind == "many":
        return copy(rng.choice(("light", "light", "exact", "medium")), draft, text, rng)
    return scan(flat(read(draft, rng), rng), rates[kind](rng), rng)


def kinds(draft: Draft, words: int) -> dict[str, float]:
    """Which kinds of copy a sheet can have, with their weights."""
    if words < 25:
        return {"exact": 3, "case": 2, "light": 4, "photo": 2, "stamped": 1} if words else {"exact": 1}
    weights: dict[str, float] = {
        "exact": 10, "case": 9, "light": 15, "medium": 13, "heavy": 11, "reorder": 9, "page_missing": 9,
        "stamped": 9, "photo": 7, "mixed": 6,
    }  # fmt: skip
    if draft.form:
        weights["signed"] = 60
    return weights
