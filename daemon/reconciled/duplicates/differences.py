"""What differs between two papers, as they were written, for people: "1 amount differs: 120,00 → 210,00"."""

import re
from collections import Counter
from collections.abc import Sequence

from reconciled.duplicates.dates import MONTHS, is_day
from reconciled.duplicates.evidence import Evidence
from reconciled.duplicates.normalising import as_written
from reconciled.duplicates.words import Difference

MOST = 12
"""So many differences are kept of a pair, the strongest."""
_WORTH = -0.5
"""A word that speaks less against one sheet (nats) is an error of the scanner's; of numbers people say so."""
_AMOUNT = re.compile(r"\W*(?:\d{1,3}(?:[.,'’ ]\d{3})+|\d+)[.,]\d{2}\W*")
_PASSAGE = 8
_SHOWN = 12
"""Words of a passage that are shown."""
_LONGEST = 80
"""Characters of a word that are shown."""


def differences(evidence: Evidence, a: str, b: str) -> tuple[Difference, ...]:
    """The words that no scanner's error explains well, the strongest first, and all numbers that differ.

    Passages of at least eight words that only one has come after them.
    """
    here, there = as_written(a), as_written(b)
    found: dict[Difference, None] = {}
    for weight, slot in (*evidence.hard, *((0.0, slot) for slot in evidence.misread)):
        if (weight > _WORTH and not slot.number) or slot.at_a >= len(here) or slot.at_b >= len(there):
            continue
        one, other = here[slot.at_a], there[slot.at_b]
        found[Difference(_what(one, other), _bare(one), _bare(other))] = None
    for runs, words, first in ((evidence.only_a, here, True), (evidence.only_b, there, False)):
        for start, end in runs:
            if end - start >= _PASSAGE and end <= len(words):
                text = _passage(words[start:end])
                found[Difference("passage", *((text, "") if first else ("", text)))] = None
    return tuple(found)[:MOST]


def sentence(evidence: Evidence, found: Sequence[Difference], *, contained: bool) -> str:
    """The reason in one sentence."""
    counts = Counter(one.what for one in found)
    said = [
        _counted(what, counts[what], found) for what in ("amount", "date", "number", "word") if counts[what]
    ]
    if contained:
        left = abs(evidence.length_a - evidence.length_b)
        said.append(f"one has all of the other and {left} words more")
    elif counts["passage"]:
        said.append(f"{counts['passage']} passage{_s(counts['passage'])} only in one")
    if evidence.moves:
        said.append("parts stand in another order")
    if not said:
        rate = round(100 * evidence.errors, 1)
        return f"all that differs are errors of reading, {rate} % of the letters"
    return "; ".join(said)


def _counted(what: str, count: int, found: Sequence[Difference]) -> str:
    first = next(one for one in found if one.what == what)
    plural = "differs" if count == 1 else "differ"
    return f"{count} {what}{_s(count)} {plural}: {first.a} → {first.b}{' …' if count > 1 else ''}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _what(a: str, b: str) -> str:
    digits = [re.sub(r"\D", "", word) for word in (a, b)]
    if all(map(_AMOUNT.fullmatch, (a, b))):
        return "amount"
    if (
        a.casefold() in MONTHS
        or b.casefold() in MONTHS
        or all(len(one) == 8 and is_day(one) for one in digits)
    ):
        return "date"
    return "number" if all(digits) else "word"


def _bare(word: str) -> str:
    """A word without the punctuation around it."""
    return _cut(word.strip(".,;:!?()[]{}<>\"'„“”«»|*-–—_") or word)


def _cut(word: str) -> str:
    """A word as far as it is shown."""
    return word if len(word) <= _LONGEST else f"{word[:_LONGEST]}…"


def _passage(words: Sequence[str]) -> str:
    return " ".join(map(_cut, words[:_SHOWN])) + (f" … ({len(words)} words)" if len(words) > _SHOWN else "")
