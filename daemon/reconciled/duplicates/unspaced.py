"""Scripts without blanks between their words: Japanese and Chinese, Thai, Lao, Khmer and Burmese.

Without a dictionary nobody can tell where each word ends, but where the script changes one does, and before
and after a numeral, a title behind a name, and, in Chinese, a particle. So a name is the same word wherever
it stands. The other scripts are taken letter by letter.
"""

import re
import unicodedata
from functools import lru_cache

VOWELS = "".join(
    chr(code)
    for first, last in ((0x900, 0xDFF), (0xE00, 0xEFF), (0x1000, 0x109F), (0x1780, 0x17FF))
    for code in range(first, last + 1)
    if unicodedata.category(chr(code)) in ("Mn", "Mc")
    and unicodedata.combining(chr(code)) not in (7, 107, 122)  # the dot below, tones of Thai and Lao
)
"""Signs that are as much as letters in the scripts of India and its neighbours: vowels, but not tones."""
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTER_BY_LETTER = f"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff][{VOWELS}]*"
"""Scripts of which nobody can tell without a dictionary where a word ends."""
_UNSPACED = re.compile(f"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\uff66-\uff9f{_HAN}]")
_KANA_SHARE = 20
"""In Japanese there is a hiragana to each so many ideographs, and more."""
_LETTERS_APART = re.compile(f"(?:[{_HAN}\u3041-\u30ff] ){{3,}}[{_HAN}\u3041-\u30ff](?![{_HAN}\u3041-\u30ff])")
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
_IDEOGRAPH = re.compile(f"[{_HAN}]")


def is_unspaced(word: str) -> bool:
    """Whether there is a letter of such a script in a word."""
    return _UNSPACED.search(word) is not None


def spaced(text: str) -> str:
    """The text with blanks between its words, if it has such letters; in compatibility form then."""
    if text.isascii() or not is_unspaced(text):
        return text
    text = unicodedata.normalize("NFKC", text)
    text = _LETTERS_APART.sub(lambda found: found[0].replace(" ", ""), text)
    return " ".join((_JAPANESE if _is_japanese(text) else _CHINESE).split(text))


def _is_japanese(text: str) -> bool:
    """Whether there is kana between the ideographs, and more than a letter that was read for another."""
    return _KANA_SHARE * len(_HIRAGANA.findall(text)) >= len(_IDEOGRAPH.findall(text))


@lru_cache(maxsize=1 << 15)
def is_han(word: str) -> bool:
    """Whether a word has ideographs, of which a few are as much as a word of letters."""
    return not word.isascii() and _IDEOGRAPH.search(word) is not None
