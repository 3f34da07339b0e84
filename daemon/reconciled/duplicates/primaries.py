"""Which paper of a group stands for all of them, by what somebody prefers.

Preferences are asked in their order, and each only where those before it left more than one: the first that
tells the papers apart decides. What is not known of every one of them tells nothing, so a gap in what an app
says never makes a paper win or lose. In the end the lowest id wins. Pure; no numpy needed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Preference(StrEnum):
    """What makes a paper the one to keep."""

    OLDEST = "oldest"
    """The one that came first; of those that came together, the one of the earliest date."""
    HAS_ASN = "has_asn"
    """The one with an archive serial number: its sheet is filed under it."""
    MOST_TAGS = "most_tags"
    LONGEST_TEXT = "longest_text"
    BEST_SCAN = "best_scan"
    """The one with the most pages; then of the highest quality; then with the most bytes a page."""


USUAL = (Preference.HAS_ASN, Preference.MOST_TAGS, Preference.OLDEST)
"""What is preferred unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Member:
    """A paper of a group, as far as it matters here.

    `added` puts papers in the order in which they came; any tuples of numbers that compare. `created` is
    YYYY-MM-DD, `size` in bytes, `quality` of the scan any number that is higher for a better one (dots per
    inch, say). None: not known.
    """

    id: int
    added: tuple[int, ...] = ()
    created: str | None = None
    asn: bool = False
    tags: int = 0
    words: int = 0
    size: int | None = None
    pages: int | None = None
    quality: float | None = None


def choose(members: Sequence[Member], preferences: Sequence[str] = USUAL) -> int:
    """The id of the one that stands for them; there must be one. ValueError for no known preference."""
    left = list(members)
    for preference in preferences:
        for measure in _MEASURES[Preference(preference)]:
            left = _best(left, measure)
    return min(one.id for one in left)


def _best(members: list[Member], measure: Callable[[Member], Any]) -> list[Member]:
    """Those with the least of it; all of them where it is not known of one."""
    measured = [(measure(one), one) for one in members]
    if any(value is None for value, _ in measured):
        return members
    least = min(value for value, _ in measured)
    return [one for value, one in measured if value == least]


def _bytes_a_page(one: Member) -> float | None:
    if one.size is None:
        return None
    return -one.size / max(1, one.pages or 1)


_MEASURES: Mapping[Preference, tuple[Callable[[Member], Any], ...]] = MappingProxyType(
    {
        Preference.OLDEST: (lambda one: one.added, lambda one: one.created),
        Preference.HAS_ASN: (lambda one: not one.asn,),
        Preference.MOST_TAGS: (lambda one: -one.tags,),
        Preference.LONGEST_TEXT: (lambda one: -one.words,),
        Preference.BEST_SCAN: (
            lambda one: None if one.pages is None else -one.pages,
            lambda one: None if one.quality is None else -one.quality,
            _bytes_a_page,
        ),
    }
)
"""What each preference looks at, in order; the least is the best, None: not known."""
