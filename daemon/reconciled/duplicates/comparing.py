"""Two papers compared: their evidence is weighed by the model, and said in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from reconciled.duplicates.differences import differences, sentence
from reconciled.duplicates.evidence import Evidence
from reconciled.duplicates.examining import Examined, Section
from reconciled.duplicates.habits import Lessons
from reconciled.duplicates.model import Model, fitted
from reconciled.duplicates.sections import ANOTHER, all_in_all, together
from reconciled.duplicates.slots import Slot
from reconciled.duplicates.traits import Traits
from reconciled.duplicates.words import FITTED, Band, Difference, Factor, Likeness, Paper, Weights, weigh

Parts: TypeAlias = Mapping[Factor, float]
"""Log-odds by factor."""

SAME = 8.0
"""The log-odds of two papers with the same text."""
_SPOTLESS, _OTHER_NUMBER = 0.0025, -1.5
"""Two papers with a smaller rate of errors were read without any; a number that says so little is another."""
_SWAPPED, _WHOLE = -3.5, -2.5
"""A number of which most digits differ, or all, is another one if it says so little; else it was misread."""
_GARBLED = 0.03
"""Of two papers in which such a share of the words is something else nobody is sure."""
_SHORT = 3
"""A word of no more letters says nothing by being another."""
_OTHER_WORDS = 2
"""So many known words in place of known words are no scanner's."""
_CONTAINED = 0.93
"""A paper of which the other has this share is contained in it, if the other has clearly more."""


def odds(pairs: Sequence[Examined], model: Model) -> list[float]:
    """The log-odds of some pairs as the model says them, nothing weighed or lifted."""
    said = iter(model.odds(_traits(pairs)))
    return [
        all_in_all([next(said) if one.evidence.looked else ANOTHER for one in pair.sections])
        for pair in pairs
    ]


def _traits(pairs: Sequence[Examined]) -> list[Traits]:
    """The traits of all sections that are looked at."""
    return [one.traits for pair in pairs for one in pair.sections if one.evidence.looked]


def judge(
    pairs: Sequence[Examined],
    *,
    weights: Weights = FITTED,
    lessons: Lessons | None = None,
    model: Model | None = None,
) -> list[Likeness]:
    """Weigh what was found of some pairs. Those that are plainly different are left out, but for vetoes.

    What they teach of the library is added to `lessons`.
    """
    model, found = model or fitted(), list[Likeness]()
    said = iter(model.parts(_traits(pairs)))
    for pair in pairs:
        sections = [(one, next(said) if one.evidence.looked else _OTHER) for one in pair.sections]
        evidence, parts = pair.evidence, together([parts for _, parts in sections])
        likeness = _judged(pair, evidence, sections, weights, model.version)
        if likeness is not None:
            found.append(likeness)
        if lessons is not None:
            duplicate = likeness is not None and likeness.band is Band.DUPLICATE
            lessons.hear(
                (pair.a.id, pair.b.id), evidence.read, sum(parts.values()),
                against=evidence.words + evidence.numbers, duplicate=duplicate,
            )  # fmt: skip
    return found


_OTHER = {Factor.TEXT: ANOTHER, Factor.NUMBERS: 0.0}
"""What a section says in which plainly something else stands."""


def _judged(
    pair: Examined,
    evidence: Evidence,
    sections: Sequence[tuple[Section, Parts]],
    weights: Weights,
    version: int,
) -> Likeness | None:
    weighed = [_weighed(one, parts, few_words=pair.few_words) for one, parts in sections]
    parts = together([parts for parts, _ in weighed])
    vetoed = pair.versions or any(doubted for _, doubted in weighed)
    confidence, band = weigh(parts, vetoed=vetoed, weights=weights)
    if band is Band.DIFFERENT:
        if not (vetoed and min(evidence.cover_a, evidence.cover_b) > _VETOES):
            return None
        return Likeness(
            a=pair.a.id, b=pair.b.id, confidence=confidence, band=band, parts=parts, alike=_alike(evidence),
            vetoed=True, errors=evidence.errors, model=version,
        )  # fmt: skip
    found = differences(evidence, pair.first.text, pair.second.text)
    if pair.first is not pair.a:
        found = tuple(Difference(one.what, one.b, one.a) for one in found)
    contained = _contained(evidence, pair.first, pair.second)
    return Likeness(
        a=pair.a.id, b=pair.b.id, confidence=confidence, band=band, parts=parts, alike=_alike(evidence),
        vetoed=vetoed, differences=found, errors=evidence.errors, contained=contained,
        said=sentence(evidence, found, contained=contained is not None), model=version,
    )  # fmt: skip


def _weighed(section: Section, parts: Parts, *, few_words: bool) -> tuple[Parts, bool]:
    """What a section says when what no scanner makes is counted too; whether there is any."""
    evidence = section.evidence
    if not evidence.looked:
        return parts, True
    if _revised(evidence):
        lifted = min(0.0, _REVIEW - parts[Factor.TEXT])
        parts = {**parts, Factor.NUMBERS: max(parts[Factor.NUMBERS], lifted)}
    others = doubts(evidence, section.traits, few_words=few_words)
    if others > _SOME:
        parts = {**parts, Factor.NUMBERS: parts[Factor.NUMBERS] - _EACH * (others - _SOME)}
    return parts, others > 0


def _revised(evidence: Evidence) -> bool:
    """Whether a single number is another and all else is the same, as in a corrected invoice."""
    return len(evidence.hard) == 1 and evidence.hard[0][1].number and not (evidence.only_a or evidence.only_b)


_SOME, _EACH = 2, 0.5
"""The model knows only how strongly differences speak: each of more than so many that no scanner makes says
this much more (log-odds) that these are two papers."""
_REVIEW = -1.0
"""What is revised is looked at, however unlikely it is one sheet: log-odds of at least this."""
_VETOES = 0.7
"""A veto of papers of which the other has less than this share is not worth keeping."""


def doubts(evidence: Evidence, measured: Traits, *, few_words: bool = False) -> int:
    """How many differences no scanner makes: one is enough, and the pair is at most to be reviewed.

    What the papers around have in that place makes no difference: they may be copies of one of the two. Nor
    do the habits of the library's scanners: what is usual has to explain it.
    Another whole number, the same reading in several places, two known words in place of others; any number
    that differs between two papers that were read without an error. With `few_words` the collection is too
    small to know its words, so that another word counts, too, where no letter was misread, and two of them
    wherever: a name and a surname.
    """
    few_errors = evidence.errors < _SPOTLESS
    spotless = few_errors and evidence.usual_spoilt < _SPOTLESS
    others = 0
    if few_words:
        others = sum(slot.apart and not slot.number and slot.length > _SHORT for _, slot in evidence.doubted)
        others = others if few_errors or others >= _OTHER_WORDS else 0
    doubted = evidence.doubted
    clean = sum(weight < _OTHER_NUMBER and slot.number for weight, slot in doubted) if spotless else 0
    numbers = sum(
        slot.other_month
        or (slot.number and slot.swapped and weight < _SWAPPED)
        or (slot.whole and weight < _WHOLE)
        for weight, slot in doubted
    )
    words = sum(_another_word(slot) for _, slot in doubted)
    garbled = int(evidence.usual_garbles > _GARBLED)
    return (
        garbled
        + numbers
        + int(measured["repeated"])
        + (words if words >= _OTHER_WORDS else 0)
        + clean
        + others
    )


def _another_word(slot: Slot) -> bool:
    """Whether a known word stands in place of another, and neither is short or a part of the other."""
    return slot.swapped and not (slot.number or slot.cut) and min(len(slot.a), len(slot.b)) > _SHORT


def two_papers(a: Paper, b: Paper, *, model: Model | None = None) -> Likeness:
    """The veto of two papers that are much alike and plainly two, however many likenesses lead from one to
    the other; `a` with the smaller id."""
    parts = {Factor.TEXT: -SAME, Factor.NUMBERS: 0.0}
    return Likeness(
        a=a.id, b=b.id, confidence=0.0, band=Band.DIFFERENT, parts=parts, vetoed=True,
        model=(model or fitted()).version,
    )  # fmt: skip


def kept_apart(
    judged: Sequence[Likeness], two: Iterable[tuple[Paper, Paper]], *, model: Model | None = None
) -> list[Likeness]:
    """What was judged, with vetoes for those that are plainly `two`, unless they are duplicates after all."""
    found = {(one.a, one.b): one for one in judged}
    for a, b in two:
        one = found.get((a.id, b.id))
        if one is None:
            found[a.id, b.id] = two_papers(a, b, model=model)
        elif one.band is not Band.DUPLICATE:
            found[a.id, b.id] = replace(one, vetoed=True)
    return list(found.values())


def same_text(a: Paper, b: Paper, *, weights: Weights = FITTED, model: Model | None = None) -> Likeness:
    """What is said of two papers with the same text, or the same sheet; `a` with the smaller id."""
    model = model or fitted()
    parts = {Factor.TEXT: SAME, Factor.NUMBERS: 0.0}
    confidence, band = weigh(parts, vetoed=False, weights=weights)
    return Likeness(
        a=a.id, b=b.id, confidence=confidence, band=band, parts=parts,
        alike={Factor.TEXT: 1.0, Factor.NUMBERS: 1.0}, said="the same text", model=model.version,
    )  # fmt: skip


def _alike(evidence: Evidence) -> dict[Factor, float]:
    """The shares that people are shown: of the words that both have, and of the numbers that agree."""
    numbers = evidence.same_numbers + evidence.other_numbers
    both = evidence.same / max(1, min(evidence.length_a, evidence.length_b))
    return {
        Factor.TEXT: min(1.0, both),
        **({Factor.NUMBERS: evidence.same_numbers / numbers} if numbers else {}),
    }


def _contained(evidence: Evidence, a: Paper, b: Paper) -> int | None:
    """The paper that is wholly in the other, which has clearly more."""
    if evidence.cover_a >= _CONTAINED > evidence.cover_b:
        return a.id
    if evidence.cover_b >= _CONTAINED > evidence.cover_a:
        return b.id
    return None
