"""What a library knows of a file besides its text: names, days, senders, sizes."""

import datetime as dt
import random
from dataclasses import replace

from bench.corpora.household_numbers import digits, shaped
from bench.corpora.household_paper import Draft
from bench.corpora.sheets import Sheet

SCANNERS = (
    "scan####.pdf", "Scan_########_##.pdf", "SKM_C25########.pdf", "doc00########.pdf", "IMG_####.pdf",
    "Dokument ##.pdf",
    "BRW3C2A####_00####.pdf", "CamScanner ##.pdf", "EPSON###.PDF", "img-#########-0001.pdf",
)  # fmt: skip


def scanner_name(rng: random.Random) -> str:
    """How a scanner calls a file."""
    return shaped(rng, rng.choice(SCANNERS))


def card(rng: random.Random, draft: Draft, text: str, pages: int, *, scanned: bool) -> Sheet:
    """The sheet of an original."""
    scanned = scanned or not draft.file
    file = scanner_name(rng) if scanned else draft.file.replace("/", "-") + ".pdf"
    stem = file.rsplit(".", 1)[0]
    size = int(pages * rng.uniform(7e4, 4.2e5)) if scanned else 18000 + int(len(text) * rng.uniform(2, 9))
    created = draft.date if rng.random() < 0.95 else draft.date + dt.timedelta(days=rng.randint(1, 90))
    return Sheet(
        id=0,
        text=text,
        label=-1,
        kind="original",
        title=rng.choice(
            (stem, stem, f"{draft.type} {draft.firm}", f"{draft.type} {draft.style.day(draft.date)}")
        ),
        file_name=file,
        created=created.isoformat(),
        correspondent=draft.firm if rng.random() < 0.8 else None,
        document_type=draft.type if rng.random() < 0.8 else None,
        language=draft.language,
        series=draft.series,
        size=size,
        pages=pages,
    )


def copy_card(rng: random.Random, of: Sheet, text: str, kind: str, pages: int, draft: Draft) -> Sheet:
    """The sheet of a copy: a file of its own."""
    luck = rng.random()
    file = scanner_name(rng)
    if luck < (0.6 if kind in ("exact", "case") else 0.2):
        file = of.file_name if luck < 0.1 else of.file_name.replace(".", " (1).", 1)
    day = draft.date
    if kind not in ("exact", "case") and rng.random() < 0.15:
        day += dt.timedelta(days=rng.randint(2, 700))
    same = kind == "exact" or (kind == "many" and text == of.text)
    return replace(
        of,
        text=text,
        kind=kind,
        title=file.rsplit(".", 1)[0] if rng.random() < 0.7 else of.title,
        file_name=file,
        created=of.created if same else day.isoformat(),
        correspondent=draft.firm if rng.random() < 0.8 else None,
        document_type=draft.type if rng.random() < 0.8 else None,
        size=of.size if same else int(pages * rng.uniform(7e4, 4.2e5)),
        pages=pages,
    )


def photo(rng: random.Random, language: str) -> Sheet:
    """A picture without a word on it."""
    file = f"{rng.choice(('IMG', 'DSC', 'PXL', 'P'))}_{digits(rng, rng.choice((4, 8)))}.jpg"
    day = dt.date(2008, 1, 1) + dt.timedelta(days=rng.randint(0, 6000))
    kind = rng.choice((None, "Foto" if language == "de" else "Photo"))
    return Sheet(
        0,
        "",
        -1,
        "original",
        file[:-4],
        file,
        day.isoformat(),
        None,
        kind,
        language,
        size=rng.randint(400_000, 6_000_000),
    )
