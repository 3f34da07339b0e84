"""Two texts over each other, as a person reads them: what is the same, what changed, what only one has.

Word by word, as they are written; capitals and the marks around a word make no difference. With the extra
`duplicates` blocks that stand elsewhere in the other are found, too. Bounded: words beyond the limit are not
looked at, and `cut` says so. Pure, and to be called outside of the event loop.
"""

import difflib
import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

MOST_WORDS = 5000
MOST_WITHOUT = 2000
"""The same without the extra: its way of comparing is slow for long texts."""
LONG, EDGE = 60, 12
"""What is the same for more words than these is folded, up to so many at its edges."""
_WORD = re.compile(r"\S+")
_AROUND = "\"'()[]{}<>.,;:!?…„“”‚‘’«»-–—*"


class Segment(msgspec.Struct, frozen=True):
    """A stretch: `same`, `changed` from `a` to `b`, `only_a`, `only_b`, or `moved` within the other.

    `number`: a number is among what changed. `ends`: a line ends after it.
    """

    kind: str
    a: str
    b: str
    number: bool = False
    ends: bool = False


class TextDiff(msgspec.Struct, frozen=True, kw_only=True):
    """How the text of `b` differs from that of `a`, both by their numbers. `alike` is the share of the words
    that both have; `numbers` counts the changes with a number; `cut`: one was too long to be looked at whole.
    """

    a: int
    b: int
    alike: float
    changes: int
    numbers: int
    cut: bool
    segments: list[Segment]


@dataclass(frozen=True, slots=True)
class _Words:
    """A text by its words. `keys` is what is compared."""

    text: str
    spans: Sequence[tuple[int, int]]
    keys: Sequence[str]
    cut: bool

    def between(self, start: int, end: int) -> str:
        """The text from one word to before another."""
        return self.text[self.spans[start][0] : self.spans[end - 1][1]] if start < end else ""

    def ends(self, end: int) -> bool:
        """Whether a line ends before that word."""
        if not 0 < end < len(self.spans):
            return False
        return any(mark in self.text[self.spans[end - 1][1] : self.spans[end][0]] for mark in "\n\f\r")


@dataclass(frozen=True, slots=True)
class _Laid:
    """Blocks (in a, in b, words) in order, and which words stand elsewhere in the other."""

    blocks: Sequence[tuple[int, int, int]]
    moved_a: frozenset[int] = frozenset()
    moved_b: frozenset[int] = frozenset()


_Lays: TypeAlias = Callable[[Sequence[str], Sequence[str]], _Laid]
"""Lays the words of two texts over each other."""


def diff(first: str, second: str, *, a: int = 0, b: int = 0) -> TextDiff:
    """How the second text differs from the first; `a` and `b` are their numbers."""
    lay = _with_extra()
    most = MOST_WORDS if lay is not None else MOST_WITHOUT
    one, other = _words(first, most), _words(second, most)
    laid = (lay or _without_extra)(one.keys, other.keys)
    segments = list(_segments(one, other, laid))
    changes = [each for each in segments if each.kind not in ("same", "moved")]
    same = sum(size for _, _, size in laid.blocks) + len(laid.moved_a)
    longest = max(len(one.keys), len(other.keys))
    return TextDiff(
        a=a, b=b, alike=round(same / longest, 4) if longest else 1.0, changes=len(changes),
        numbers=sum(each.number for each in changes), cut=one.cut or other.cut, segments=segments,
    )  # fmt: skip


def folded(segment: Segment) -> tuple[str, str, str, int]:
    """A long stretch that is the same in three parts, and how many words are in the middle; 0: none."""
    spans = [found.span() for found in _WORD.finditer(segment.a)]
    if segment.kind != "same" or len(spans) <= LONG:
        return segment.a, "", "", 0
    head, tail = spans[EDGE - 1][1], spans[-EDGE][0]
    return segment.a[:head], segment.a[head:tail], segment.a[tail:], len(spans) - 2 * EDGE


def _words(text: str, most: int) -> _Words:
    spans = list[tuple[int, int]]()
    for found in _WORD.finditer(text):
        if len(spans) == most:
            return _Words(text, spans, [_key(text, span) for span in spans], cut=True)
        spans.append(found.span())
    return _Words(text, spans, [_key(text, span) for span in spans], cut=False)


def _key(text: str, span: tuple[int, int]) -> str:
    word = text[slice(*span)].casefold()
    return word.strip(_AROUND) or word


def _segments(one: _Words, other: _Words, laid: _Laid) -> Iterator[Segment]:
    at_a = at_b = 0
    for start_a, start_b, size in [*laid.blocks, (len(one.keys), len(other.keys), 0)]:
        yield from _gap(one, other, (at_a, start_a), (at_b, start_b), laid)
        if size:
            at_a, at_b = start_a + size, start_b + size
            shown = one.between(start_a, at_a), other.between(start_b, at_b)
            yield Segment("same", *shown, ends=one.ends(at_a))


def _gap(
    one: _Words, other: _Words, in_a: tuple[int, int], in_b: tuple[int, int], laid: _Laid
) -> Iterator[Segment]:
    """What stands between two blocks, on either side."""
    runs_a, runs_b = list(_runs(in_a, laid.moved_a)), list(_runs(in_b, laid.moved_b))
    ours = [run for run in runs_a if not run[2]]
    theirs = [run for run in runs_b if not run[2]]
    if len(ours) == len(theirs) == 1:
        (a0, a1, _), (b0, b1, _) = ours[0], theirs[0]
        number = _has_number(one.keys[a0:a1]) or _has_number(other.keys[b0:b1])
        yield Segment("changed", one.between(a0, a1), other.between(b0, b1), number, one.ends(a1))
        ours, theirs = [], []
    for start, end, _ in ours:
        yield Segment("only_a", one.between(start, end), "", _has_number(one.keys[start:end]), one.ends(end))
    for start, end, _ in theirs:
        number = _has_number(other.keys[start:end])
        yield Segment("only_b", "", other.between(start, end), number, other.ends(end))
    for start, end, moved in runs_a:
        if moved:
            yield Segment("moved", one.between(start, end), "", ends=one.ends(end))


def _runs(between: tuple[int, int], moved: frozenset[int]) -> Iterator[tuple[int, int, bool]]:
    """The words between two, in runs of such that stand elsewhere in the other, and such that do not."""
    start, end = between
    at = start
    while at < end:
        elsewhere, first = at in moved, at
        while at < end and (at in moved) is elsewhere:
            at += 1
        yield first, at, elsewhere


def _has_number(keys: Sequence[str]) -> bool:
    return any(letter.isdigit() for key in keys for letter in key)


def _without_extra(a: Sequence[str], b: Sequence[str]) -> _Laid:
    # what stands all over a text is no hold (`autojunk`): without that the same word 2000 times takes minutes
    found = difflib.SequenceMatcher(None, a, b).get_matching_blocks()
    return _Laid([(block.a, block.b, block.size) for block in found if block.size])


def _with_extra() -> _Lays | None:
    """How the search lays two papers over each other; None without the extra."""
    try:
        from reconciled.duplicates.alignment import align
    except ImportError:
        return None
    return lambda a, b: in_order(align(a, b).shared)


def in_order(shared: Sequence[tuple[int, int, int]]) -> _Laid:
    """Blocks that both have, the surest first, as those that are in order and those that stand elsewhere."""
    kept = list[tuple[int, int, int]]()
    moved_a, moved_b = set[int](), set[int]()
    for a, b, size in shared:
        at = bisect(kept, (a, b, size))
        after = at == 0 or (kept[at - 1][0] + kept[at - 1][2] <= a and kept[at - 1][1] + kept[at - 1][2] <= b)
        before = at == len(kept) or (a + size <= kept[at][0] and b + size <= kept[at][1])
        if after and before:
            kept.insert(at, (a, b, size))
        else:
            moved_a |= set(range(a, a + size))
            moved_b |= set(range(b, b + size))
    return _Laid(kept, frozenset(moved_a), frozenset(moved_b))
