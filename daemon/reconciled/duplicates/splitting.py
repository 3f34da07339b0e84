"""From what a scanner read to its raw words: line ends, broken letters and scripts without blanks are mended.

Most texts are cut at their blanks and need nothing more than one look at each word that was never seen
before: `apart` and `alone`. What both cannot do takes `words`, which looks at the whole text several times;
where both can, they say the same.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from reconciled.duplicates.dates import numeric

VOWELS = "".join(
    chr(code)
    for first, last in ((0x900, 0xDFF), (0xE00, 0xEFF), (0x1000, 0x109F), (0x1780, 0x17FF))
    for code in range(first, last + 1)
    if unicodedata.category(chr(code)) in ("Mn", "Mc")
    and unicodedata.combining(chr(code)) not in (7, 107, 122)  # the dot below, tones of Thai and Lao
)
"""Signs that are as much as letters in the scripts of India and its neighbours: vowels, but not tones."""
_BREAKS = "\u00c2\u00c3\u00c4\u00c5"
_BROKEN = re.compile(
    f"[{_BREAKS}]"
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTER_BY_LETTER = f"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff][{VOWELS}]*"
"""Scripts of which nobody can tell without a dictionary where a word ends."""
_UNSPACED = re.compile(f"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\uff66-\uff9f{_HAN}]")
_KANA_SHARE = 20
"""In Japanese there is a hiragana to each so many ideographs, and more."""
_SPACED = re.compile(f"(?:[{_HAN}\u3041-\u30ff] ){{3,}}[{_HAN}\u3041-\u30ff](?![{_HAN}\u3041-\u30ff])")
"""Some scanners put a blank behind each letter."""
_HIRAGANA = re.compile("[\u3041-\u309f]")
_CALLED = "様|殿|御中|先生|女士|小姐"
"""What stands after a name, as a word of its own: so a name is the same word wherever it stands."""
_NUMERALS = "〇零一二三四五六七八九十百千万億亿壱弐参壹贰貳叁參肆伍陆陸柒捌玖拾佰仟"
"""A number, and the name of none: as a word of its own another one is seen."""
_PARTICLES = "的了是在和与與及或为為对對以将將由从從到于於有之其请請已未"


def _runs(particles: str) -> re.Pattern[str]:
    """What is a word of a text without blanks: a run of one script, of Han as far as the next particle."""
    han = f"(?:(?!{_CALLED})(?![{_NUMERALS}{particles}])[{_HAN}])+"
    return re.compile(
        f"({_CALLED}|[{_NUMERALS}]+|[\u3041-\u309f]+|[\u30a0-\u30ff]+|{han}|[{_HAN}]|{_LETTER_BY_LETTER})"
    )


_JAPANESE, _CHINESE = _runs(""), _runs(_PARTICLES)
"""In Japanese, which has kana between its words, a particle of Chinese is a part of a word."""
_WRITTEN_TO = re.compile(
    r"(\W{0,4}(?:[^\W\d_]{5,}|[^\W\d_]{2,}[.:=#]{1,2}))(\d(?:[\d.,/:-]|[^\W\d_](?![^\W\d_]))*\W{0,4})"
)
"""`Date:16.03.2024`, `invoice4711`; single letters among the digits are misread ones. A few letters right
before digits are a part of a code."""
_WHOLE, _FEW_DIGITS = 64, 4
_IDEOGRAPH = re.compile(f"[{_HAN}]")
_LONG = 1000
_ENDLESS = re.compile(rf"(\S{{{_LONG}}})")
"""A word that nobody wrote; broken up, for composing its accents takes the square of its length."""
_HYPHEN = "[-\u00ad\u2010\u2011]"
_HYPHENS = re.compile(rf"{_HYPHEN}(?<=[^\W\d_]{_HYPHEN})[^\S\n]*\n\s*(?=[^\W\d_])")


@lru_cache(maxsize=1 << 15)
def is_han(word: str) -> bool:
    """Whether a word has ideographs, of which a few are as much as a word of letters."""
    return not word.isascii() and _IDEOGRAPH.search(word) is not None


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
    if not text.isascii() and _UNSPACED.search(text):
        text = unicodedata.normalize("NFKC", text)
        text = _SPACED.sub(lambda found: found[0].replace(" ", ""), text)
        text = " ".join((_JAPANESE if _is_japanese(text) else _CHINESE).split(text))
    found = text.split()
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


def _is_japanese(text: str) -> bool:
    """Whether there is kana between the ideographs, and more than a letter that was read for another."""
    return _KANA_SHARE * len(_HIRAGANA.findall(text)) >= len(_IDEOGRAPH.findall(text))


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
    if _UNSPACED.search(word):
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
