"""Which pairs show what is around others. Pure; no libraries needed."""

from collections.abc import Iterable

from reconciled.duplicates.grouping import Pair


def touching(pairs: Iterable[Pair], asked: Iterable[Pair]) -> list[Pair]:
    """Those of some pairs that share a paper with any of those asked, themselves among them."""
    papers = {paper for pair in asked for paper in pair}
    return [pair for pair in pairs if not papers.isdisjoint(pair)]
