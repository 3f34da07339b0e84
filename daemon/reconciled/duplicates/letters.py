"""Papers as strings with a letter for each token: those are laid over each other much faster than words."""

import sys
from collections.abc import Callable, Iterable, Sequence

SHARED = chr(sys.maxunicode)
"""The letter of all tokens for which none is left."""


class Alphabet(dict[str, str]):
    """A letter for each token, in the order in which they are asked for; after a million they share one."""

    def __missing__(self, token: str) -> str:
        letter = self[token] = chr(min(len(self), ord(SHARED)))
        return letter

    def spell(self, tokens: Iterable[str]) -> str:
        """The letters of these tokens."""
        return "".join(map(self.__getitem__, tokens))


class Spelled:
    """Some papers in the letters of one alphabet, each spelled once."""

    def __init__(self, tokens: Callable[[int], Sequence[str]]) -> None:
        """`tokens` gives the tokens of a paper by its id."""
        self._tokens = tokens
        self._papers: dict[int, str] = {}
        self.alphabet = Alphabet()

    def __call__(self, paper: int) -> str:
        """A paper in letters, by its id."""
        if (found := self._papers.get(paper)) is None:
            found = self._papers[paper] = self.alphabet.spell(self._tokens(paper))
        return found
