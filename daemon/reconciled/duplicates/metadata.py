"""What stands beside the words: names of files, dates, correspondents, sizes, pages, page pictures.

All of it is a hint. Two scans of one sheet are two files: their names, their bytes and the days on which they
came say little, and two invoices of one firm agree in nearly everything here. So each value is small, set by
hand and not fitted, and what is not known of both papers says nothing. Pure; no numpy needed.
"""

import math
import re
from collections.abc import Mapping
from datetime import date

from reconciled.duplicates.images import BITS, distance, image_part
from reconciled.duplicates.words import Factor, Paper

SAME_NAME = 1.5
"""Two files of one name that somebody gave (not `scan0001.pdf`, which scanners give)."""
COPY_NAME = 1.0
"""Two names that differ by what a program adds to a copy: ` (1)`, ` - Copy`, `_2`."""
OTHER_NUMBER = -0.75
"""Two names that are one but for a number within, as `invoice 12` and `invoice 13` are."""
SAME_DAY, OTHER_DAY = 0.5, -1.0
"""The date of the document: programs read it from the text and often fall back on the day of the scan."""
SAME_CORRESPONDENT, OTHER_CORRESPONDENT = 0.25, -1.0
SAME_TYPE, OTHER_TYPE = 0.1, -0.5
SAME_SIZE = 2.0
"""The same number of bytes, though the checksums are not known to be the same."""
OTHER_SIZE = -0.5
"""One file is more than `FAR_SIZE` times as large as the other: a photo and a scan are, too."""
FAR_SIZE = 8.0
SAME_PAGES, OTHER_PAGES = 0.1, -1.0
MOST = 3.0
"""What metadata says together is no more than this, either way."""
_FEW_DAYS = 31
_LONGEST = 255
"""Characters of a name that are looked at; no file system has longer ones."""

_COPIED = re.compile(r"(?:[ _-]*\(\d{1,3}\)|[ _-]+(?:copy|kopie|copia|copie|kopia)(?:[ _-]*\(?\d{1,3}\)?)?)$")
_SECOND = re.compile(r"[ _-]+\d{1,2}$")
_BY_MACHINE = re.compile(r"(?:scan|img|image|dsc|doc|document|file|untitled|photo|foto|whatsapp)?[\W\d_]*")
_NUMBERS = re.compile(r"\d+")


def beside(a: Paper, b: Paper) -> tuple[dict[Factor, float], dict[Factor, float]]:
    """The log-odds (natural) of NAME, METADATA and IMAGE, and how alike each is from 0 to 1, for people.

    A factor of which nothing is known for both is in neither.
    """
    parts, alike = dict[Factor, float](), dict[Factor, float]()
    for factor, told in (
        (Factor.NAME, _name(a, b)),
        (Factor.METADATA, _metadata(a, b)),
        (Factor.IMAGE, _image(a, b)),
    ):
        if told is not None:
            parts[factor], alike[factor] = told
    return parts, alike


def _name(a: Paper, b: Paper) -> tuple[float, float] | None:
    one, other = _stem(a.file_name), _stem(b.file_name)
    if not one or not other:
        return None
    if _BY_MACHINE.fullmatch(one) or _BY_MACHINE.fullmatch(other):
        return 0.0, 1.0 if one == other else 0.0
    if one == other:
        return SAME_NAME, 1.0
    numbered = _SECOND.sub("", max(one, other, key=len)) == min(one, other, key=len)
    if numbered or _COPIED.sub("", one) == _COPIED.sub("", other):
        return COPY_NAME, 0.9
    if _NUMBERS.sub("#", one) == _NUMBERS.sub("#", other):
        return OTHER_NUMBER, 0.5
    words, others = set(re.findall(r"\w+", one)), set(re.findall(r"\w+", other))
    shared = len(words & others) / max(1, len(words | others))
    return 0.0, round(0.8 * shared, 3)


def _stem(name: str) -> str:
    """The name without folders and ending, in lower case."""
    plain = name.replace("\\", "/").rpartition("/")[2][-_LONGEST:].casefold().strip()
    return plain.rpartition(".")[0] or plain


def _metadata(a: Paper, b: Paper) -> tuple[float, float] | None:
    told = [
        one
        for one in (
            _day(a.created, b.created),
            _same(a.correspondent, b.correspondent, SAME_CORRESPONDENT, OTHER_CORRESPONDENT),
            _same(a.document_type, b.document_type, SAME_TYPE, OTHER_TYPE),
            _size(a.size, b.size),
            _same(a.pages, b.pages, SAME_PAGES, OTHER_PAGES),
        )
        if one is not None
    ]
    if not told:
        return None
    odds = sum(part for part, _ in told)
    return max(-MOST, min(MOST, odds)), round(sum(share for _, share in told) / len(told), 3)


def _same(a: object, b: object, same: float, other: float) -> tuple[float, float] | None:
    if not a or not b:
        return None
    one, two = (value.casefold() if isinstance(value, str) else value for value in (a, b))
    return (same, 1.0) if one == two else (other, 0.0)


def _day(a: str, b: str) -> tuple[float, float] | None:
    """The nearer the days the likelier; a day that is none says nothing."""
    try:
        apart = abs((date.fromisoformat(a[:10]) - date.fromisoformat(b[:10])).days)
    except ValueError:
        return None
    if not apart:
        return SAME_DAY, 1.0
    return OTHER_DAY * min(1.0, apart / _FEW_DAYS), max(0.0, 1.0 - apart / _FEW_DAYS)


def _size(a: int | None, b: int | None) -> tuple[float, float] | None:
    if a is None or b is None or min(a, b) <= 0:  # -1 is how some apps say that they do not know
        return None
    if a == b:
        return SAME_SIZE, 1.0
    ratio = max(a, b) / min(a, b)
    share = max(0.0, 1.0 - math.log(ratio) / math.log(FAR_SIZE))
    return (OTHER_SIZE if ratio > FAR_SIZE else 0.0), round(0.9 * share, 3)


def _image(a: Paper, b: Paper) -> tuple[float, float] | None:
    if a.page_hash is None or b.page_hash is None:
        return None
    apart = distance(a.page_hash, b.page_hash)
    return image_part(apart), max(0.0, 1.0 - 2 * apart / BITS)


def known(paper: Mapping[str, object]) -> dict[str, object]:
    """Of what an app says beside the words, what a `Paper` has a place for, of the type that it wants."""
    texts = ("file_name", "created", "correspondent", "document_type")
    found: dict[str, object] = {name: value for name in texts if isinstance(value := paper.get(name), str)}
    for name in ("size", "pages"):
        value = paper.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            found[name] = value
    return found
