"""A library of long papers, made of another's sheets: each is bound of so many of them, and scanned twice.

The second scan has the same sheets, each as badly read as the others (`light` or `medium`). In one of a near
kind another sheet stands in place of one of them: its revision, renewal, twin or version. And some papers are
bound of other sheets of the same series, as last year's statements are. Single sheets stand beside them, by
which a search knows the words of the library. No sheet is in two papers but for what is said here.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bench.corpora.sheets import Sheet

_SCANS = ("light", "medium")
_NEAR = ("revision", "renewal", "twin", "version")
_COPIES, _NEARS, _YEARS, SINGLES = 24, 8, 12, 3000
"""So many papers that are scanned twice, of each near kind, and of a series, at most; and so many sheets."""


@dataclass(frozen=True, slots=True)
class _Two:
    """Two papers: what the second is to the first (`light` … `version`, or `original`), and their sheets."""

    kind: str
    first: Sequence[Sheet]
    second: Sequence[Sheet]


def bind(sheets: Iterable[Sheet], pages: int, *, seed: int) -> Iterator[Sheet]:
    """Long papers of so many pages, two by two, and single sheets after them."""
    chance = random.Random(seed)
    given = list(sheets)
    free = {one.label: one for one in given if one.kind == "original"}
    scans = defaultdict[tuple[str, str], list[tuple[Sheet, Sheet]]](list)
    near = defaultdict[str, list[tuple[Sheet, Sheet]]](list)
    for one in given:
        if one.kind in _NEAR and one.near in free:
            near[one.kind].append((free.pop(one.near), one))
        elif one.kind in _SCANS and one.label in free:
            scans[one.language, one.kind].append((free.pop(one.label), one))
    volumes = [*_exchanged(scans, near, pages, chance), *_scanned(scans, pages), *_years(free, pages)]
    yield from _numbered(volumes, pages)
    singles = chance.sample([one for one in free.values() if one.series < 0], SINGLES)
    for number, one in enumerate(singles, 2 * len(volumes) + 1):
        yield replace(one, id=number, label=number)


_Scans = dict[tuple[str, str], list[tuple[Sheet, Sheet]]]
"""Sheets, each with what another scan made of it, by language and kind."""


def _taken(scans: _Scans, pages: int) -> tuple[str, list[tuple[Sheet, Sheet]]] | None:
    """So many sheets of one language and one scanner, which nobody else has; None: there are too few."""
    (_, kind), most = max(scans.items(), key=lambda one: len(one[1]))
    if len(most) < pages:
        return None
    taken = most[-pages:]
    del most[-pages:]
    return kind, taken


def _scanned(scans: _Scans, pages: int) -> Iterator[_Two]:
    for _ in range(_COPIES):
        if found := _taken(scans, pages):
            kind, taken = found
            yield _Two(kind, [one for one, _ in taken], [other for _, other in taken])


def _exchanged(
    scans: _Scans, near: dict[str, list[tuple[Sheet, Sheet]]], pages: int, chance: random.Random
) -> Iterator[_Two]:
    for kind in _NEAR:
        for exchanged in near[kind][:_NEARS]:
            if found := _taken(scans, pages):
                taken = found[1]
                taken[chance.randrange(pages)] = exchanged
                yield _Two(kind, [one for one, _ in taken], [other for _, other in taken])


def _years(free: dict[int, Sheet], pages: int) -> Iterator[_Two]:
    """The sheets of a series, in two halves."""
    series = defaultdict[int, list[Sheet]](list)
    for one in free.values():
        series[one.series].append(one)
    long = [those for number, those in series.items() if number >= 0 and len(those) >= 2 * pages]
    for those in long[:_YEARS]:
        yield _Two("original", those[:pages], those[pages : 2 * pages])


def _numbered(volumes: Sequence[_Two], pages: int) -> Iterator[Sheet]:
    for at, two in enumerate(volumes):
        first, second = 2 * at + 1, 2 * at + 2
        series = at if two.kind == "original" else -1
        here = replace(
            two.first[0], id=first, label=first, text=_text(two.first), kind="original", near=None,
            series=series, pages=pages,
        )  # fmt: skip
        yield here
        yield replace(
            here, id=second, text=_text(two.second), kind=two.kind,
            label=first if two.kind in _SCANS else second, near=first if two.kind in _NEAR else None,
        )  # fmt: skip


def _text(sheets: Sequence[Sheet]) -> str:
    return "\n".join(one.text for one in sheets)
