"""From what a scanner read to its raw words: line ends and broken letters are mended, labels taken off.

Most texts are cut at their blanks and need nothing more than one look at each word that was never seen
before: `apart` and `alone`. What both cannot do takes `words`, which looks at the whole text several times;
where both can, they say the same.
"""

import re
import unicodedata
from collections.abc import Sequence

from reconciled.duplicates.dates import numeric
from reconciled.duplicates.unspaced import is_unspaced, spaced

_BREAKS = "\u00c2\u00c3\u00c4\u00c5"
_BROKEN = re.compile(
    f"[{_BREAKS}]"
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_WRITTEN_TO = re.compile(
    r"(\W{0,4}(?:[^\W\d_]{5,}|[^\W\d_]{2,}[.:=#]{1,2}))(\d(?:[\d.,/:-]|[^\W\d_](?![^\W\d_]))*\W{0,4})"
)
"""`Date:16.03.2024`, `invoice4711`; single letters among the digits are misread ones. A few letters right
before digits are a part of a code."""
_WHOLE, _FEW_DIGITS = 64, 4
_LONG = 1000
_ENDLESS = re.compile(rf"(\S{{{_LONG}}})")
"""A word that nobody wrote; broken up, for composing its accents takes the square of its length."""
_HYPHEN = "[-\u00ad\u2010\u2011]"
_HYPHENS = re.compile(rf"{_HYPHEN}(?<=[^\W\d_]{_HYPHEN})[^\S\n]*\n\s*(?=[^\W\d_])")


def parted(word: str) -> Sequence[str]:
    """A raw word; it is two if it is a label and a number of four digits and more, with no blank between."""
    if word.isalpha() or len(word) > _WHOLE:
        return (word,)
    found = _WRITTEN_TO.fullmatch(word)
    return found.groups() if found and sum(map(str.isdecimal, found[2])) >= _FEW_DIGITS else (word,)


class Spans(Exception):
    """A word that cannot be looked at alone, for what it becomes depends on the text around it."""


def words(text: str, *, dates: bool = True, lower: bool = True) -> list[str]:
    """The raw words of a text in lower case, or as they are; hyphens at line ends taken back.

    With `dates` one that is written with a month's name is one word of digits.
    """
    if not text.isascii():
        if len(max(text.split(), key=len, default="")) > _LONG:
            text = _ENDLESS.sub(r"\1 ", text)
        text = unicodedata.normalize("NFC", text)
        if _may_be_broken(text):
            text = _BROKEN.sub(_mend, text)
    if _is_hyphenated(text):
        text = _HYPHENS.sub("", text)
    text = text.casefold() if lower else text
    found = spaced(text).split()
    return numeric(found) if dates else found


def apart(text: str) -> list[str]:
    """The words of a text as they are written, each to be made a raw word by `alone`. `Spans`.

    Hyphens at line ends are taken back, dates are not put together.
    """
    if _is_hyphenated(text):
        if not unicodedata.is_normalized("NFC", text) or _may_be_broken(text):
            raise Spans
        text = _HYPHENS.sub("", text)
    return text.split()


def alone(word: str) -> str:
    """The raw word, in lower case, that a written one is in every text; `Spans` if it is not one in all."""
    if len(word) > _LONG:
        raise Spans
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFC", word)
    if _BROKEN.search(word) or word[-1] in _BREAKS:
        raise Spans
    word = word.casefold()
    if is_unspaced(word):
        raise Spans
    return word


def _may_be_broken(text: str) -> bool:
    return "\u00c3" in text or "\u00c2" in text


def _is_hyphenated(text: str) -> bool:
    return "-\n" in text or "-\r" in text or "\u00ad" in text or "\u2010" in text or "\u2011" in text


def _mend(found: re.Match[str]) -> str:
    """A letter whose two bytes in UTF-8 were read as two letters."""
    try:
        return found[0].encode("cp1252").decode()
    except UnicodeError:
        return found[0]
