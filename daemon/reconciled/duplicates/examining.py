"""Two papers examined: the evidence of each of their sections, and its traits.

The shorter is laid over the longer, whichever comes first: what is found hangs on the two texts, and on what
the papers around them have.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reconciled.duplicates.around import ALONE, Template
from reconciled.duplicates.evidence import Evidence, examine
from reconciled.duplicates.habits import USUAL, Habits
from reconciled.duplicates.letters import SHARED, Alphabet
from reconciled.duplicates.sections import Cut, another, cuts, whole
from reconciled.duplicates.traits import Traits, by_template, traits
from reconciled.duplicates.versions import versions
from reconciled.duplicates.vocabulary import Vocabulary
from reconciled.duplicates.words import Paper


@dataclass(frozen=True, slots=True)
class Section:
    """A part of two papers, all of short ones. Of what is plainly different there are no traits, and the
    evidence says so."""

    cut: Cut
    evidence: Evidence
    traits: Traits


@dataclass(frozen=True, slots=True)
class Examined:
    """A pair of which the evidence is taken; `a` has the smaller id, `first` lies over `second`.

    Without sections the two have too little in common, or more words than there are letters. `few_words`: the
    collection knows too few words to tell one from what a scanner made up. `versions`: the sections together
    show two versions.
    """

    a: Paper
    b: Paper
    first: Paper
    second: Paper
    sections: Sequence[Section]
    few_words: bool = False
    versions: bool = False

    @property
    def looked(self) -> bool:
        """Whether the two are worth judging."""
        others = sum(not one.evidence.looked for one in self.sections)
        return bool(self.sections) and not another(others, len(self.sections))

    @property
    def others(self) -> bool:
        """Whether others stand in many of the places in which they differ, in any section."""
        return any(one.evidence.others for one in self.sections)

    @property
    def evidence(self) -> Evidence:
        """That of the whole papers."""
        return whole([(one.cut, one.evidence) for one in self.sections])


def examine_two(
    a: Paper,
    b: Paper,
    here: Sequence[str],
    there: Sequence[str],
    *,
    words: Vocabulary,
    spelled: Callable[[int], str] | None = None,
    habits: Habits = USUAL,
) -> Examined | None:
    """Take the evidence of two papers; `here` and `there` are their tokens.

    `spelled` gives the letters of a paper by its id.

    None: one has no words.
    """
    if not here or not there:
        return None
    turned = _turned(here, there)
    here, there = (there, here) if turned else (here, there)
    first, second = (b, a) if turned else (a, b)
    alphabet = Alphabet()
    letters = (
        (spelled(first.id), spelled(second.id)) if spelled else (alphabet.spell(here), alphabet.spell(there))
    )
    sections, others = list[Section](), 0
    found = [] if any(SHARED in one for one in letters) else cuts(*letters)
    for cut in found:
        one = _section(cut, here, there, letters, words, habits)
        sections.append(one)
        others += not one.evidence.looked
        if another(others, len(found)):
            break
    two = versions([one.evidence for one in sections], here, there)
    return Examined(a, b, first, second, sections, few_words=words.few, versions=two)


def _section(
    cut: Cut,
    a: Sequence[str],
    b: Sequence[str],
    letters: tuple[str, str],
    words: Vocabulary,
    habits: Habits,
) -> Section:
    """Examine one section of two papers' tokens."""
    in_a, in_b = slice(cut.begin_a, cut.end_a), slice(cut.begin_b, cut.end_b)
    here, there = a[in_a], b[in_b]
    evidence = examine(here, there, words, (letters[0][in_a], letters[1][in_b]), habits)
    return Section(cut, evidence, traits(evidence, here, there, words) if evidence.looked else {})


def among(pair: Examined, tokens: Sequence[str], template: Template) -> Examined:
    """The pair as it is among those around it; `tokens` are those of its first paper."""
    if template is ALONE:
        return pair
    return replace(pair, sections=[_among(one, tokens, template) for one in pair.sections])


def _among(one: Section, tokens: Sequence[str], template: Template) -> Section:
    if not one.evidence.looked:
        return one
    here = tokens[one.cut.begin_a : one.cut.end_a]
    return replace(one, traits={**one.traits, **by_template(one.evidence, here, template)})


def _turned(here: Sequence[str], there: Sequence[str]) -> bool:
    """Whether the second paper is laid over the first: the shorter is, of equals the first by its words."""
    return (len(there), there) < (len(here), here)


def all_traits(here: Sequence[str], there: Sequence[str], words: Vocabulary) -> Traits | None:
    """The traits of two papers' tokens, for fitting; None: they are not looked at."""
    if _turned(here, there):
        here, there = there, here
    evidence = examine(here, there, words)
    return traits(evidence, here, there, words) if evidence.looked else None
