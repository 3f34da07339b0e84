"""How duplicates are looked for, as the engine uses it; `load` makes it of the section `duplicates:`.

Weights and bands only say how what was found is judged: a change of them needs no new search. `weights` is
what the search and the ledger are given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciled.duplicates.primaries import USUAL, Preference
from reconciled.duplicates.words import FITTED, Factor, Weights

THUMBNAILS = 200 * 2**20
HASHES = ("dct", "average", "difference", "perceptual")
"""The hashes of pages that there are; `dct` is always made, since it is the one that is compared."""
FACTORS: Mapping[Factor, float] = MappingProxyType({factor: FITTED.of.get(factor, 0.0) for factor in Factor})
"""How much each factor counts unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """Pictures of pages: which hashes are made of them, and how many bytes of thumbnails are kept."""

    hashes: tuple[str, ...] = ("dct",)
    thumbnails: int = THUMBNAILS


@dataclass(frozen=True, slots=True)
class DuplicateSettings:
    """The section `duplicates:`.

    `sources` None: all that can show words or pictures; none: nothing is looked for. `workers` is how many
    processes search at a time, `tag` the label of a dry run, `primary` what makes a paper the one to keep, in
    order. `factors` are weights (0: does not count, 1: as fitted), `duplicate` and `review` the confidences
    from which on a pair is taken for one. `images` None: no pictures are looked at.
    """

    sources: tuple[str, ...] | None = None
    keep_text: bool = True
    workers: int = 1
    tag: str = "duplicate"
    primary: tuple[Preference, ...] = USUAL
    factors: Mapping[Factor, float] = field(default_factory=lambda: FACTORS)
    duplicate: float = FITTED.duplicate
    review: float = FITTED.review
    images: ImageSettings | None = field(default_factory=ImageSettings)

    @property
    def weights(self) -> Weights:
        """Factors and bands, as pairs are weighed by."""
        return Weights(self.factors, self.duplicate, self.review)

    @property
    def thumbnails(self) -> int:
        """Bytes of thumbnails that are kept for people, who see them also when none are hashed."""
        return self.images.thumbnails if self.images is not None else THUMBNAILS
