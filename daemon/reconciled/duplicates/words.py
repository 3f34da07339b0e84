"""The words of the search: a paper, how like two papers are, and why. Frozen values; no numpy needed.

A `Likeness` keeps its factors apart, as log-odds: `weigh` makes a confidence of them under any weights, so
that who weighs anew need not search anew.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

MODEL = 6
"""The version of the model that comes with the program; what another one said is of another make."""


class Band(StrEnum):
    """What a pair is taken for. Nobody acts on any of them without a person's yes."""

    DUPLICATE = "duplicate"
    REVIEW = "review"
    DIFFERENT = "different"


class Factor(StrEnum):
    """What is looked at. `text` and `numbers` are fitted; they and `thirds` count, the others for who asks.

    `thirds` is what third papers say, that are like both of a pair or like one of them alone (see
    `duplicates.thirds`).
    """

    TEXT = "text"
    NUMBERS = "numbers"
    THIRDS = "thirds"
    NAME = "name"
    METADATA = "metadata"
    IMAGE = "image"


LOOKED_AT: Mapping[Factor, str] = MappingProxyType(
    {
        Factor.TEXT: "the words of the two, laid over each other",
        Factor.NUMBERS: "the numbers, dates and amounts in them",
        Factor.THIRDS: "other papers, that are like both or like one of them alone",
        Factor.NAME: "the names of their files",
        Factor.METADATA: "date, correspondent, type, size and pages",
        Factor.IMAGE: "what their first pages look like",
    }
)
"""What each factor looks at, for people."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One document as the search sees it.

    `text` is what a scanner read, pages divided by form feeds where that is known. `created` is YYYY-MM-DD,
    `size` in bytes, `checksum` any name of its very bytes; None or empty: not known. `page_hash` is the
    64-bit DCT hash of its first page.
    """

    id: int
    text: str = ""
    checksum: str = ""
    file_name: str = ""
    created: str = ""
    correspondent: str = ""
    document_type: str = ""
    size: int | None = None
    pages: int | None = None
    page_hash: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two papers differ and no scanner's error is likely: `amount` 120,00 → 210,00.

    `what` is amount, date, number, word or passage. An empty side: it is there in the other only.
    """

    what: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like two papers are; `a` is the smaller id.

    `parts` are the log-odds by factor; a factor that cannot be told is not in it. `vetoed`: a difference that
    no scanner makes; such a pair is never a duplicate, whatever the weights. `text` and `numbers` of `alike`
    and the others are shares from 0 to 1, for people. `errors` is the rate of wrong characters between the
    two. `contained` is the id of the paper that is wholly in the other, if one is. `said` is the reason in
    one sentence, `model` the version of the coefficients.
    """

    a: int
    b: int
    confidence: float
    band: Band
    parts: Mapping[Factor, float]
    alike: Mapping[Factor, float] = field(default_factory=dict)
    vetoed: bool = False
    differences: tuple[Difference, ...] = ()
    errors: float = 0.0
    contained: int | None = None
    said: str = ""
    model: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each factor counts, 0: not at all, 1: as fitted. Above which confidence a band begins."""

    of: Mapping[Factor, float] = field(
        default_factory=lambda: MappingProxyType({Factor.TEXT: 1.0, Factor.NUMBERS: 1.0, Factor.THIRDS: 1.0})
    )
    duplicate: float = 0.94
    review: float = 0.15


FITTED = Weights()
"""What counts unless somebody says otherwise."""


def weigh(parts: Mapping[Factor, float], *, vetoed: bool, weights: Weights = FITTED) -> tuple[float, Band]:
    """The confidence from 0 to 1 of a pair with these log-odds, and its band.

    What third papers say moves it within the band that it has without them; only a duplicate that they are
    against becomes one to review.
    """
    said = {factor: part * weights.of.get(factor, 0.0) for factor, part in parts.items()}
    confidence = _confidence(sum(said.values()))
    if said.pop(Factor.THIRDS, 0.0):
        alone = _confidence(sum(said.values()))
        if alone >= weights.review:
            confidence = max(confidence, weights.review)
        for border in (weights.review, weights.duplicate):
            if alone < border <= confidence:
                confidence = max(alone, border - _BELOW)
    if confidence >= weights.duplicate and not vetoed:
        return confidence, Band.DUPLICATE
    return confidence, Band.REVIEW if confidence >= weights.review else Band.DIFFERENT


_BELOW = 0.01
"""So much a confidence stays below a border that it must not reach."""


def _confidence(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, odds))))
