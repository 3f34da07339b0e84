"""What the papers around say about the places where two agree, and where they differ.

Measured of every pair; where nobody is around, only how cleanly the two were read counts.
"""

import math
from collections.abc import Mapping, Sequence

from reconciled.duplicates.around import Standing
from reconciled.duplicates.evidence import Evidence
from reconciled.duplicates.normalising import has_digit
from reconciled.duplicates.slots import Slot

DEEPEST, DEEPEST_SLOT = -15.0, -8.0
"""What speaks against one sheet by more than this (nats) says no more; and what one slot says."""


def places(
    evidence: Evidence, alike: Mapping[str, float], stood: Sequence[tuple[float, Slot, Standing]]
) -> Mapping[str, float]:
    """The traits of both kinds of places, of words and of numbers, by name.

    `alike` are the tokens that only the two share, with what each says; `stood` the slots that speak against
    one sheet, how much, and how their places stand. Told are: how much agrees in places that vary (bits), how
    much differs in such (nats), how many differences are a misread template, what all others say, and what
    all say as far as the two were read without an error.
    """
    found = {f"{name}_{kind}": 0.0 for name in _PLACES for kind in ("words", "numbers")}
    for token, bits in alike.items():
        found["agree_numbers" if has_digit(token) else "agree_words"] += bits
    clean = cleanness(evidence)
    worst = {"words": 0.0, "numbers": 0.0}
    for weight, slot, standing in stood:
        kind = "numbers" if slot.number else "words"
        found[f"clean_{kind}"] += clean * weight
        if standing is Standing.SETTLED:
            found[f"settled_{kind}"] += 1
            continue
        found[f"open_{kind}"] += weight
        worst[kind] = min(worst[kind], weight)
        if standing is Standing.VARIES:
            found[f"vary_{kind}"] += min(_VARY, -weight)
    for kind in worst:
        for name in ("agree", "vary"):
            found[f"{name}_{kind}"] = math.log1p(found[f"{name}_{kind}"])
        for name in ("clean", "open"):
            found[f"{name}_{kind}"] = max(DEEPEST, found[f"{name}_{kind}"])
    return found | {f"worst_open_{kind[:-1]}": max(DEEPEST_SLOT, weight) for kind, weight in worst.items()}


def cleanness(evidence: Evidence) -> float:
    """How cleanly two papers were read, from 0 to 1: without an error."""
    return math.exp(-evidence.errors / _CLEAN)


_PLACES = ("clean", "agree", "vary", "settled", "open")
_CLEAN = 0.004
"""At such a rate of errors a pair is no more read cleanly."""
_VARY = 3.0
