"""How thin the features of a large library are taken: it is searched in the memory of a smaller one.

Of runs of two and three words one in so many is enough where there are very many; no numpy needed.
"""

MANY = 50_000
"""From so many papers on half of their features of several words are enough, and half of that again whenever
there are twice as many."""


def thinness(papers: int) -> int:
    """How thin the features of so many papers are taken, see `features.features`."""
    return (papers // MANY).bit_length()
