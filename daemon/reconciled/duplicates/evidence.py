"""What the differences of two papers say: a scanner's errors, or another paper of the same template.

Each place where they differ is weighed by two stories. In the one both are scans of one sheet, and the
scanner erred: in single characters at the rate at which this very pair errs in its words, or by a blotch, a
cut or a garbled word as often as its words have them. In the other something else stands there, of which any
number of characters may differ. Common text has errors in either story, so an error says next to nothing for
one sheet; only what no error explains speaks, and it speaks against. Names count as numbers do.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from reconciled.duplicates.alignment import Alignment, align
from reconciled.duplicates.digits import digits_taken
from reconciled.duplicates.gaps import others_stand, read_gap
from reconciled.duplicates.habits import USUAL, Habits, Reading
from reconciled.duplicates.leftovers import leave, unmoved, unshared
from reconciled.duplicates.normalising import has_digit
from reconciled.duplicates.repeats import each_once, repeated, twice
from reconciled.duplicates.slots import TELLING, Slot, with_knowledge
from reconciled.duplicates.vocabulary import EMPTY, Vocabulary

MOST_ERRORS = 0.10
BLOTCH = 0.35
"""Share of wrong characters in a blotch."""
_SLOT_WORD, _SLOT_NUMBER = 0.1, 0.5
"""How likely a differing word, or number, is one that differs between papers of the template."""
_USUAL = 1.0
"""What speaks against one sheet by no more than this is an error as there are many."""
_KNOWN_BY_CHANCE = 0.02
"""How likely it is that what a scanner made of a word is a known one."""
TOO_LITTLE = 0.3
"""Papers that share less of the shorter than this are not looked at further."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a pair is misread: edits a letter; words that are blotched, cut off or garbled, of all."""

    errors: float = 0.0
    blotches: float = 0.0
    cuts: float = 0.0
    garbles: float = 0.0


@dataclass(slots=True)
class Evidence:
    """What is found about a pair. Log-likelihood ratios in nats, lengths in tokens, covers in shares.

    `looked` is False where they share too little to be looked at further, or where `others` stand in many of
    the places in which they differ. `hard` are the slots that speak against one sheet with what each says,
    the strongest first; `misread` those of numbers that do not. `only_a` and `only_b` are runs of tokens that
    the other has nothing for. `read` is what there is to learn from it if the two are one sheet.
    `doubted` are the slots that speak against one sheet to who knows no habits, `usual_garbles` and
    `usual_spoilt` the shares of words that are garbled then, and of those that are that or blotched: no
    habit takes a veto back.
    """

    looked: bool = True
    others: bool = False
    words: float = 0.0
    numbers: float = 0.0
    rates: Rates = field(default_factory=Rates)
    repeated: int = 0
    twice: int = 0
    same: int = 0
    same_numbers: int = 0
    other_numbers: int = 0
    length_a: int = 0
    length_b: int = 0
    cover_a: float = 0.0
    cover_b: float = 0.0
    moves: int = 0
    shared: list[tuple[int, int, int]] = field(default_factory=list)
    hard: list[tuple[float, Slot]] = field(default_factory=list)
    misread: list[Slot] = field(default_factory=list)
    read: Reading = field(default_factory=Reading)
    doubted: list[tuple[float, Slot]] = field(default_factory=list)
    usual_spoilt: float = 0.0
    usual_garbles: float = 0.0
    only_a: list[tuple[int, int]] = field(default_factory=list)
    only_b: list[tuple[int, int]] = field(default_factory=list)

    @property
    def errors(self) -> float:
        """Wrong characters, of all."""
        return self.rates.errors


def examine(
    a: Sequence[str],
    b: Sequence[str],
    words: Vocabulary = EMPTY,
    letters: tuple[str, str] | None = None,
    habits: Habits = USUAL,
) -> Evidence:
    """Lay two papers over each other and weigh every difference; `letters` are theirs in one alphabet."""
    laid = align(*(letters or (a, b)), least=TOO_LITTLE)
    found = Evidence(
        same=laid.same, length_a=len(a), length_b=len(b), moves=laid.moves, shared=laid.shared,
        only_a=laid.only_a, only_b=laid.only_b,
    )  # fmt: skip
    found.others = others_stand(a, b, laid.gaps, words)
    if found.others or laid.same < TOO_LITTLE * min(len(a), len(b)):
        found.looked = False
        found.cover_a, found.cover_b = laid.same / max(1, len(a)), laid.same / max(1, len(b))
        return found
    slots = []
    for gap in laid.gaps:
        read = read_gap(a, b, gap)
        slots += [slot for slot in read.slots if slot.edits]
        for runs, alone in ((found.only_a, read.only_a), (found.only_b, read.only_b)):
            for at in alone:
                leave(runs, at)
    slots = unmoved(slots, a, b, laid)
    for slot in slots:
        if slot.strange:
            leave(found.only_a, slot.at_a)
            if not slot.others:
                leave(found.only_b, slot.at_b)
    slots = with_knowledge([slot for slot in slots if not slot.strange], words)
    found.only_a, found.only_b = unshared(a, found.only_a, b, found.only_b)
    slots = each_once(slots)
    usual = _read_rates(found, a, laid, slots, habits)
    spoilt = {slot.at_a for slot in slots if _is_spoilt(slot)}
    for slot in slots:
        beside = any(at in spoilt for at in range(slot.at_a - _BESIDE, slot.at_a + _BESIDE + 1))
        weight = _weight(slot, found.rates, habits, beside=beside)
        _add(found, slot, weight)
        doubt = weight if habits is USUAL else _weight(slot, usual, USUAL, beside=beside)
        if doubt < 0:
            found.doubted.append((doubt, slot))
    found.repeated, found.twice = repeated(slots), twice(a, b, slots)
    left_a = sum(end - start for start, end in found.only_a)
    left_b = sum(end - start for start, end in found.only_b)
    found.cover_a, found.cover_b = 1 - left_a / max(1, len(a)), 1 - left_b / max(1, len(b))
    numbers = [token for at, _, size in laid.shared for token in a[at : at + size] if has_digit(token)]
    found.same_numbers = len(numbers)
    found.read.count_digits(numbers, [*found.misread, *(slot for _, slot in found.hard)])
    found.hard.sort(key=lambda one: one[0])
    return found


def _read_rates(
    found: Evidence, a: Sequence[str], laid: Alignment, slots: Sequence[Slot], habits: Habits
) -> Rates:
    """How often the words of the pair are read with errors, and how often they are blotched or cut.

    Returns what these rates are to who knows no habits.
    """
    letters = sum(sum(map(len, a[at : at + size])) for at, _, size in laid.shared)
    edits = blotched = cut = 0
    garbled = 0.0
    for slot in slots:
        if slot.number:
            continue
        if slot.length == 1:
            edits += 1
            letters += 1
        elif slot.edits > 1 and slot.cut:
            cut += 1
        elif slot.apart:
            garbled += (_BOTH_NEW, 1.0, 0.0)[slot.known]
        elif slot.edits >= max(2, 0.3 * slot.length):
            blotched += slot.known < _BOTH
        else:
            edits += slot.edits
            letters += slot.length
    tokens = laid.same + len(slots)
    found.read = Reading(letters, edits, tokens, blotched, cut, garbled)
    usual, found.rates = (_rates(found.read, one) for one in (USUAL, habits))
    found.usual_garbles, found.usual_spoilt = usual.garbles, usual.garbles + usual.blotches
    return usual


def _rates(read: Reading, habits: Habits) -> Rates:
    words = read.words + _TOKENS_BEFORE
    return Rates(
        errors=min(MOST_ERRORS, (read.edits + 0.3) / (read.letters + _LETTERS_BEFORE)),
        blotches=(read.blotched + habits.blotches * _TOKENS_BEFORE) / words,
        cuts=(read.cut + habits.cuts * _TOKENS_BEFORE) / words,
        garbles=(read.garbled + habits.garbles * _TOKENS_BEFORE) / words,
    )


_BOTH = 2
"""Of two known words the one is no blotch of the other."""
_BOTH_NEW = 0.3
"""Two words that nobody else has: two names, or one name and what was made of it."""
_BESIDE, _BLOTCHED, _ALONE = 2, 0.05, 0.6
"""So many tokens beside a spoilt word a number is as likely blotched, and this much less likely elsewhere."""
_LEAST_RATE = 1e-5
_TOKENS_BEFORE, _LETTERS_BEFORE = 100, 500
"""How much reading without a fault a pair is given before anything is read."""


def _is_spoilt(slot: Slot) -> bool:
    """Whether a word was read badly, rather than another one standing there."""
    return (
        not slot.number and not slot.swapped and slot.length > TELLING and (slot.known == 1 or not slot.apart)
    )


def _weight(slot: Slot, rates: Rates, habits: Habits, *, beside: bool) -> float:
    """What a slot says. A blotch is wide: `beside` a spoilt word a number is likelier in it."""
    length, edits = max(1, slot.length), min(slot.edits, slot.length)
    rate = rates.errors * (habits.ratio if slot.number else 1.0)
    rate = max(_LEAST_RATE, round(min(2 * MOST_ERRORS, rate), 5))
    chance = math.log(_KNOWN_BY_CHANCE) if slot.swapped or (slot.known == _BOTH and edits > 1) else 0.0
    letters = _likely(edits, length, rate) + (chance if slot.other_month else 0.0)
    blotches = rates.blotches
    if slot.number:
        blotches = max(blotches, _BLOTCHED) if beside else _ALONE * blotches
    read = _either(letters, _likely(edits, length, BLOTCH) + math.log(blotches) + chance)
    read = _either(read, math.log(rates.garbles) - math.log(length + 1) + chance)
    if slot.cut:
        read = _either(read, math.log(rates.cuts) - math.log(length))
    if slot.number:
        read += digits_taken(slot, habits)
    slotted = _SLOT_NUMBER if slot.number else _SLOT_WORD
    other = -math.log(length + 1)
    weight = read - _either(read + math.log1p(-slotted), other + math.log(slotted))
    return weight + (0.0 if slot.number else _USUAL)


def _add(found: Evidence, slot: Slot, weight: float) -> None:
    """Add what a slot says."""
    if slot.number:
        found.other_numbers += weight < -1.0
        found.numbers += min(0.0, weight)
    else:
        found.words += min(0.0, weight)
    if weight < 0:
        found.hard.append((weight, slot))
    elif slot.number:
        found.misread.append(slot)


@lru_cache(maxsize=1 << 16)
def _likely(edits: int, length: int, rate: float) -> float:
    """The log-probability of so many edits in so many characters at a rate."""
    choose = math.lgamma(length + 1) - math.lgamma(edits + 1) - math.lgamma(length - edits + 1)
    return choose + edits * math.log(rate) + (length - edits) * math.log1p(-rate)


def _either(one: float, other: float) -> float:
    high = max(one, other)
    return high + math.log(math.exp(one - high) + math.exp(other - high))
