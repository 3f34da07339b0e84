"""What the papers around two have: which words are the template's, and which are a place's own.

Papers that share features with either of a pair are mostly of the same template. Where they too have what the
two have in common it is the template's, and proves nothing. Where each of them has something else the place
varies from paper to paper: to agree there speaks for one sheet, to differ against it. And where all of them
have what one of the two has, the other was misread. So the template is learned from the collection at hand.
"""

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from reconciled.duplicates.letters import Spelled
from reconciled.duplicates.slots import TELLING, Slot

_MOST = 5
"""So many papers around either of the two are looked at."""
_OWN, _VARIES, _SETTLED = 0.34, 0.5, 0.67
"""What is shared is a place's own if at most this share of those around have it. A place varies if at most
this share have either reading; one reading is the template's if at least this share have it, and none the
other."""
_TEMPLATE = 0.1
"""What is around the two is of their template if it has more than this share of what both have."""
_FEW = 2
"""What fewer around have is settled by none."""
OTHERS = 8.0
"""If the two share so much (bits) that those around do not have, those are no copies of one of the two."""
_BITS = 3.0
"""One place says at most so much."""

Tokens = Sequence[str]


class Standing(Enum):
    """How a place where two papers differ is in those around: it varies, or all have the same there."""

    UNKNOWN = 0
    VARIES = 1
    SETTLED = 2


class Words:
    """Which of some papers have which token, and which have one token before another.

    A paper is entered when it is asked for first. Who has a token are the bits of a number, so that all of
    some papers are counted at once.
    """

    def __init__(self, tokens: Callable[[int], Tokens], spelled: Spelled) -> None:
        """`tokens` gives the tokens of a paper by its id, `spelled` its letters."""
        self._tokens = tokens
        self._spelled = spelled
        self.having: dict[str, int] = {}
        """The bits of those that have a token, of the papers that were entered."""
        self._bits: dict[int, int] = {}
        self._beside: dict[int, frozenset[str]] = {}

    def bit(self, paper: int) -> int:
        """The bit that stands for a paper."""
        if (bit := self._bits.get(paper)) is None:
            bit = self._bits[paper] = 1 << len(self._bits)
            having = self.having
            for token in set(self._tokens(paper)):
                having[token] = having.get(token, 0) | bit
        return bit

    def beside(self, paper: int) -> frozenset[str]:
        """What is beside each other in a paper, in letters."""
        if (found := self._beside.get(paper)) is None:
            letters = self._spelled(paper)
            found = self._beside[paper] = frozenset(map(operator.add, letters, letters[1:]))
        return found

    def spell(self, before: str, after: str) -> str:
        """Two tokens in letters; empty if nobody has them."""
        alphabet = self._spelled.alphabet
        return alphabet[before] + alphabet[after] if before in alphabet and after in alphabet else ""


@dataclass(frozen=True, slots=True)
class Template:
    """What some papers around two have; `bits` and `beside` are theirs in `words`."""

    words: Words | None = None
    bits: int = 0
    beside: tuple[frozenset[str], ...] = ()

    @property
    def papers(self) -> int:
        """How many there are."""
        return len(self.beside)

    def having(self, token: str) -> int:
        """How many have a token."""
        return (self.words.having.get(token, 0) & self.bits).bit_count() if self.words else 0

    def own(self, tokens: Tokens, runs: Iterable[tuple[int, int, int]]) -> dict[str, float]:
        """What the two share and the template does not have, with how much each says, in bits.

        `runs` are those of `tokens` that both have: where they begin, anything, and how many.
        """
        found: dict[str, float] = {}
        if self.words is None:
            return found
        most, template = _OWN * self.papers, set[str]()
        having, bits = self.words.having, self.bits
        counts = [(having.get(token, 0) & bits).bit_count() for token in tokens]
        counts.append(0)  # after the last one, and before the first, is nothing
        for start, _, size in runs:
            for at, token in enumerate(tokens[start : start + size], start):
                if token in template or token in found:
                    continue
                same = counts[at] if len(token) > TELLING else 0
                if same > most:
                    template.add(token)
                elif (said := self._says(tokens, at, same, counts[at - 1], counts[at + 1])) > 0:
                    found[token] = said
        return found

    def _says(self, tokens: Tokens, at: int, same: int, before: int, after: int) -> float:
        """How much a token says that so many have, if that tells anything; so many have those beside it."""
        there = max(before, after)
        if not there or same > (most := _OWN * there):
            return 0.0
        if before and (same := max(same, self._next_to(tokens[at - 1], tokens[at]))) > most:
            return 0.0
        if after and (same := max(same, self._next_to(tokens[at], tokens[at + 1]))) > most:
            return 0.0
        return min(_BITS, math.log2((there + 1) / (same + 0.5)))

    def _next_to(self, before: str, after: str) -> int:
        """How many have one token before another."""
        letters = self.words.spell(before, after) if self.words else ""
        return sum([letters in one for one in self.beside])

    def stands(self, tokens: Tokens, slot: Slot, *, others: bool) -> Standing:
        """How the place of a slot is in the papers around; `tokens` are those of the first paper.

        `others`: the papers around are others, see OTHERS. Copies of one of the two settle nothing, and a
        number of which more than a digit differs is settled by none.
        """
        before = tokens[slot.at_a - 1] if slot.at_a > 0 else ""
        after = tokens[slot.at_a + 1] if slot.at_a + 1 < len(tokens) else ""
        there = max(self.having(before), self.having(after))
        if not there:
            return Standing.UNKNOWN
        one, other = sorted((self.having(slot.a), self.having(slot.b)))
        if there >= _FEW and other >= _SETTLED * there and not one:
            return Standing.SETTLED if others and (slot.edits < 2 or not slot.number) else Standing.UNKNOWN
        return Standing.VARIES if other <= _VARIES * there else Standing.UNKNOWN


ALONE = Template()
"""Around what nobody knows anything."""


class Around:
    """The papers around each of some, as far as they are among the pairs that are compared together."""

    def __init__(
        self,
        pairs: Iterable[tuple[int, int]],
        tokens: Callable[[int], Tokens],
        spelled: Spelled | None = None,
    ) -> None:
        """`tokens` gives the tokens of a paper by its id, `spelled` its letters."""
        self._words = Words(tokens, spelled or Spelled(tokens))
        self._beside: dict[int, list[int]] = {}
        for one, other in pairs:
            self._beside.setdefault(one, []).append(other)
            self._beside.setdefault(other, []).append(one)

    def template(self, a: int, b: int) -> Template:
        """What the papers around these two have."""
        around = {*self._beside.get(a, ())[: _MOST + 1], *self._beside.get(b, ())[: _MOST + 1]} - {a, b}
        if not around:
            return ALONE
        words, bits, beside = self._words, 0, list[frozenset[str]]()
        both = words.beside(a) & words.beside(b)
        for paper in around:
            if len(both & (its := words.beside(paper))) > _TEMPLATE * len(both):
                bits |= words.bit(paper)
                beside.append(its)
        return Template(words, bits, tuple(beside))
