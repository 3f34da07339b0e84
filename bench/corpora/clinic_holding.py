"""What the library knows of a sheet besides its text: file name, date, sender, type, size.

The first scan and every copy draw their own, as in a library that several people feed; an exact copy is the
same file, so it keeps its size.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from bench.corpora.clinic_frames import Facts, Frame
from bench.corpora.clinic_plan import Work

_TITLES = {
    "lab": "lab", "prescription": "prescription", "card": "card", "consent": "consent", "plan": "plan",
    "invoice": "invoice", "subscription": "invoice", "rota": "rota", "vaccination": "vaccination",
    "delivery": "delivery",
    "receipt": "receipt", "findings": "findings", "referral": "referral", "insurance": "insurance",
    "minutes": "minutes",
    "mail": "mail", "notice": "notice", "manual": "manual", "slip": "slip", "blank": "slip",
}  # fmt: skip
_OWN = ("original", "revision", "renewal", "twin", "version", "quote")


@dataclass(frozen=True, slots=True)
class Holding:
    """What the library knows of one sheet."""

    title: str
    file_name: str
    created: date
    correspondent: str | None
    document_type: str | None
    size: int


def holding(frame: Frame, found: Facts, work: Work, pages: int) -> Holding:
    """The entry of a work in the library."""
    rng = random.Random(work.seed ^ work.salt ^ (work.place + 1) * 40_503)
    kind = frame.tongue.label[_TITLES[frame.kind.name]]
    copy = work.what not in _OWN
    scanned = found.day + timedelta(days=rng.randint(1, 420))
    name = (
        _scanned(rng, scanned, photo=work.what == "photo") if rng.random() < (0.85 if copy else 0.5) else ""
    )
    if not name:
        name = f"{kind} {found.number}".lower().replace("/", "-").replace(" ", rng.choice("_- ")) + ".pdf"
    if copy and rng.random() < 0.12:
        name = name.replace(".", " (1).")
    title = name.rsplit(".", 1)[0] if rng.random() < 0.6 else f"{kind} {frame.sender.name}"
    return Holding(
        title=title,
        file_name=name,
        created=scanned if rng.random() < (0.15 if copy else 0.03) else found.day,
        correspondent=None if rng.random() < 0.2 else frame.sender.name,
        document_type=None if rng.random() < 0.2 else kind,
        size=_size(work, pages),
    )


def _scanned(rng: random.Random, day: date, *, photo: bool) -> str:
    """The name a scanner or a telephone gives."""
    running = rng.randint(1, 9999)
    if photo:
        return rng.choice((f"IMG_{running:04}.jpg", f"{day:%Y%m%d}_{running:06}.jpg", f"photo-{running}.jpg"))
    return rng.choice(
        (
            f"scan{running:04}.pdf",
            f"SKM_{day:%Y%m%d}{running:04}.pdf",
            f"{day:%Y-%m-%d}-{running % 60:02}.pdf",
            f"EPSON{running:04}.pdf",
            f"document({running % 90}).pdf",
            f"MFP-{running:05}-{day:%d%m%y}.pdf",
        )
    )


def _size(work: Work, pages: int) -> int:
    """Bytes: every scan has its own, whoever copies the file itself keeps it."""
    same = work.what in ("original", "exact")
    rng = random.Random(work.seed + work.place if same else work.salt)
    return int(pages * rng.lognormvariate(11.6, 0.55)) + rng.randint(900, 4000)
