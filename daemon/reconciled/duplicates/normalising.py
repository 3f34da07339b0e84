"""From what a scanner read to the tokens that are compared: a sheet read twice gives nearly the same.

Case, accents, punctuation and white space go; dates are written in one way, month names of many languages
too; the letters of the Latin, Greek and Cyrillic scripts that look alike are one; a token that is mostly
digits has its look-alikes (O, l, S, B) read as digits, one that is mostly letters the other way round.
Of scripts without blanks Han and kana are cut where the script changes, the others letter by letter. What
one word becomes is remembered, for a library uses the same words again and again.
"""

import re
import string
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import TypeVar

import numpy as np
import xxhash

from reconciled.duplicates.dates import MONTHS, iso, written
from reconciled.duplicates.features import KIND, NUMBER, SHORT, Hashes
from reconciled.duplicates.splitting import Spans, alone, apart, parted, words
from reconciled.duplicates.unspaced import VOWELS

T = TypeVar("T")


def _each(other: Mapping[int, int | str | None]) -> dict[int, int | str | None]:
    """What each letter becomes, the others themselves: to look for one that is not there takes longer."""
    return {**{code: code for code in range(_COMMON)}, **other}


_COMMON = 0x530
"""The letters of the Latin, Greek and Cyrillic scripts end before this."""
_LOOKS = _each(
    str.maketrans(
        "авекмнорстухіјѕԁԛԝԍһɡıłøđðαβεηικμνορτυχωϲγ",
        "abekmhopctyxijsdqwghgiloddabenikuvoptuxwcy",
    )
)
_NO_LETTERS = _each(dict.fromkeys(map(ord, "¼½¾⅓⅔⅛¹²³⁴ªº°€£$§©®™ـ")))
_LETTERS = _each(str.maketrans("01589", "olsbg"))
_DIGITS = _each(str.maketrans("odqlijtszbg", "00011115289"))
_LOOK = _each(str.maketrans("0158924iqj", "olsbgzalgl"))
_LOOKS_JOINED = (("rn", "m"), ("rl", "n"), ("cl", "d"), ("vv", "w"), ("ll", "u"))
_ALIKE = (
    "〇零", "一壱壹", "二弐贰貳", "三参叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖",
    "十拾", "百佰", "千仟", "万", "億亿",
)  # fmt: skip
_NUMERALS = _each({ord(one): f"{at:02}" for at, numerals in enumerate(_ALIKE) for one in numerals})
"""Two digits for each, so that no two numbers are one."""
_MARKS = re.compile("[\u0300-\u036f\u3099\u309a\u0591-\u05c7\u064b-\u065f]+")
_NO_WORD = re.compile(f"(?:[^\\w{VOWELS}]|_)+")
_AROUND = string.punctuation
_NO_ASCII_WORD = _each({code: None for code in range(128) if not chr(code).isalnum()})
DIGITS = re.compile(r"\d")
"""A digit of any script."""
_MEMORY, _MEMORY_LETTERS = 200_000, 8_000_000
TELLING = 4
"""A word of fewer letters is known by chance."""
_LONGEST = 256
"""A longer token is its hash, as digits: the very same one or another, never read letter by letter."""


@lru_cache(maxsize=2)
def as_written(text: str) -> Sequence[str]:
    """The words that the tokens of a text come from, as they are written, one for each."""
    found = words(text, dates=False, lower=False)
    long = len(max(found, key=len, default="")) > _LONGEST
    return tuple(chain.from_iterable(map(_parts if long else _known_parts, found)))


def _parts(word: str) -> Sequence[str]:
    """The words that have a token of what a word is in lower case; the whole for each where none can tell."""
    parts, written = parted(word.casefold()), parted(word)
    found = written if len(written) == len(parts) else (word,) * len(parts)
    return [part for part in found if len(part) > _LONGEST or fold(part.casefold(), dates=False)]


_known_parts = lru_cache(maxsize=1 << 15)(_parts)


def fold(word: str, *, dates: bool = True) -> str:
    """The token that a raw word in lower case stands for; empty for one without a letter or digit.

    With `dates` a date in digits is ddmmyyyy, however it is written.
    """
    if word.isascii():
        if word.isalpha() and len(word) <= _LONGEST:
            return word
        bare = word.strip(_AROUND)
    else:
        word = word.translate(_NO_LETTERS)
        word = (
            _MARKS.sub("", unicodedata.normalize("NFKD", word))
            .casefold()
            .translate(_LOOKS)
            .translate(_NUMERALS)
        )
        bare = word.strip(_AROUND)
    if not bare.isalnum():
        if dates and (date := iso(word)) is not None:
            return date
        bare = bare.translate(_NO_ASCII_WORD) if bare.isascii() else _NO_WORD.sub("", bare)
    if not (bare.isalpha() or bare.isdecimal()) and (digits := len(DIGITS.findall(bare))):
        bare = bare.translate(_DIGITS if 2 * digits >= len(bare) or digits >= 4 else _LETTERS)
    return bare if len(bare) <= _LONGEST else f"{hashed(bare):020}"


@lru_cache(maxsize=1 << 17)
def has_digit(token: str) -> bool:
    """Whether a token is a number, a date, an amount, a code: whether there is a digit in it."""
    return not token.isalpha() and DIGITS.search(token) is not None


def look_each(token: str) -> str:
    """The token with one letter for all that look alike, letter by letter."""
    return token.translate(_LOOK)


def look(token: str) -> str:
    """The same, and one letter for two that look like it; scanners often take the one for the other."""
    token = look_each(token)
    for read, meant in _LOOKS_JOINED:
        token = token.replace(read, meant)
    return token


_TEXTS = 8_000_000
"""Texts of so many letters in all are remembered with their tokens."""


class _Known(dict[str, T]):
    """What each word became; one that is not in it is made when it is asked for. Counts its letters."""

    def __init__(self, make: Callable[[str], T]) -> None:
        self._make = make
        self.letters = 0

    def __missing__(self, word: str) -> T:
        made = self[word] = self._make(word)
        self.letters += len(word)
        return made


class Tokens:
    """Makes tokens of texts, and remembers what each word became."""

    def __init__(self) -> None:
        self._tokens = _Known(self._token)
        self._tokens_raw = _Known(self._folded)
        self._hashes = _Known(self._hash)
        self._hashes_raw = _Known(_packed)
        self._months: set[str] = set()
        self._several: set[str] = set()
        self._texts: dict[str, Sequence[str]] = {}
        self._read = 0

    def again(self, text: str) -> Sequence[str]:
        """The tokens of a text that may be asked for again soon: those of the last ones are remembered."""
        found = self._texts.get(text)
        if found is None:
            if self._read + len(text) > _TEXTS:
                self._texts.clear()
                self._read = 0
            self._read += len(text)
            found = self._texts[text] = self.tokens(text)
        return found

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text in their order, the empty ones left out; for laying two over each other.

        Dates stay as they are written: the same sheet writes them in the same way, and a month's name that
        was read badly is no date any more.
        """
        self._forget()
        try:
            found = list(filter(None, map(self._tokens.__getitem__, apart(text))))
        except Spans:
            found = list(filter(None, map(self._tokens_raw.__getitem__, words(text, dates=False))))
        return found if self._several.isdisjoint(found) else " ".join(found).split(" ")

    def hashes(self, text: str) -> Hashes:
        """The 64-bit hashes of the tokens of a text, the empty ones left out; the same in every process."""
        self._forget()
        try:
            found = apart(text)
            hashes = list(map(self._hashes.__getitem__, found))
            if not self._months.isdisjoint(found):
                months = [at for at, word in enumerate(found) if word in self._months]
                for begin, end, date in reversed([*written(found, months, alone)]):
                    hashes[begin:end] = [_packed(date)]
        except Spans:
            hashes = list(map(self._hashes_raw.__getitem__, words(text)))
        return np.frombuffer(b"".join(hashes), dtype=np.uint64)

    def _token(self, word: str) -> str:
        """The token of a word that is looked at alone, as `_folded` gives it; `Spans`."""
        if word.isascii() and len(word) <= _LONGEST and (bare := word.strip(_AROUND)).isalpha():
            return bare.lower()
        return self._folded(alone(word))

    def _folded(self, word: str) -> str:
        """The token of a raw word; of one that is two both, with a blank between them."""
        parts = [token for part in parted(word) if (token := fold(part, dates=False))]
        found = " ".join(parts)
        if len(parts) > 1:
            self._several.add(found)
        return found

    def _hash(self, word: str) -> bytes:
        raw = alone(word)
        if raw in MONTHS:
            self._months.add(word)
        return _packed(raw)

    def _forget(self) -> None:
        """Forget all when it is too much, so that a library of any size is read in bounded memory."""
        known = (self._tokens, self._tokens_raw, self._hashes, self._hashes_raw)
        if sum(len(one) for one in known) > _MEMORY or sum(one.letters for one in known) > _MEMORY_LETTERS:
            self._months.clear()
            self._several.clear()
            for one in known:
                one.clear()
                one.letters = 0


def _packed(word: str) -> bytes:
    """The hashes of the tokens that a raw word stands for, as they lie in an array; b"" for the empty one."""
    parts = parted(word)
    if len(parts) > 1:
        return b"".join(map(_packed, parts))
    token = fold(word)
    return hashed(token).to_bytes(8, sys.byteorder) if token else b""


def sheet(hashes: Hashes) -> bytes:
    """16 bytes that name a text as it is without case, accents, punctuation, blanks; b"": no words."""
    return xxhash.xxh3_128_digest(hashes.tobytes()) if len(hashes) else b""


def hashed(token: str) -> int:
    """A token's 64-bit hash, the same in every process and version; 0 for the empty one.

    Its lowest bits tell its kind, see `features.KIND`.
    """
    if not token:
        return 0
    number = not token.isalpha() and has_digit(token)
    kind = NUMBER if number else SHORT if len(token) < TELLING else 0
    return xxhash.xxh3_64_intdigest(token.encode()) & ~KIND | kind
