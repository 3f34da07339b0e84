"""Texts that nobody wrote in good faith: they are read in bounded memory, and keep nobody waiting.

What took minutes or gigabytes when it was written here would run into the time limit of the tests.
"""

import random

import pytest

from reconciled.duplicates.search import find
from reconciled.duplicates.words import Band, Likeness, Paper

MIB = 1 << 20
CHANCE = random.Random(1)
BLOB = "".join(CHANCE.choices("abcdefgh", k=MIB))
NUMBERS = " ".join(str(CHANCE.randint(0, 10**6)) for _ in range(5000))
LETTER = (
    "Dear Ms Arden, your boiler was serviced on Monday and the next visit is due in May. Kind regards, Tom. "
)


def between(one: str, other: str) -> list[Likeness]:
    return list(find([Paper(1, one), Paper(2, other)]))


HOSTILE = {
    "a mebibyte without blanks": (BLOB, f"{BLOB[: MIB // 2]}x{BLOB[MIB // 2 :]}"),
    "the same within a letter": (LETTER * 2 + BLOB[:200_000], LETTER * 2 + BLOB[1:200_000]),
    "a label without end": ("abc" + "=" * MIB, "abcde" + "." * MIB),
    "a number without end": ("abcde1234" + "-" * MIB, "abcde1234" + "-" * MIB + "xx"),
    "ideographs without end": ("請" * 200_000, "请求" * 100_000),
    "digits without blanks": ("1" * 200_000, "1" * 199_999),
    "only numbers": (NUMBERS, NUMBERS[::-1]),
    "only emoji": ("😀" * 40_000, "😀 " * 40_000),
    "only punctuation": ("!?,." * 40_000, "— … " * 40_000),
    "nul": ("\0" * 200_000, "a\0" * 40_000),
    "one word, again and again": ("word " * 10_000, "word " * 9_990),
    "two words, again and again": ("ab cd " * 8_000, "cd ab " * 8_000),
    "blank lines after a hyphen": ("a-" + "\n" * 200_000 + "5", "a-" + "\n" * 200_000 + "6"),
    "many such": ("a- \n" * 40_000 + "5", "a- \n" * 40_000 + "6"),
    "accents without end": ("a" + "\u0301\u0316" * 12_000, "a" + "\u0316\u0301" * 12_000),
    "letters that become eighteen": ("\ufdfa" * 20_000, "\ufdfa" * 19_999),
    "lone surrogates": ("\ud800\udfff " * 50_000 + "x", "\udc00 " * 50_000 + "y"),
    "letters without blanks that are words": ("書" * 30_000, "書類" * 15_000),
    "month names": ("12 march de 2024 " * 10_000, "march 12 of " * 10_000),
    "mojibake": ("Ã¼Â" * 50_000, "Ã" * 40_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_read_to_its_end(name: str) -> None:
    one, other = HOSTILE[name]
    for found in between(one, other):
        assert 0 <= found.confidence <= 1
        assert len(found.said) < 1000
        assert sum(len(each.a) + len(each.b) for each in found.differences) < 20_000


@pytest.mark.parametrize(
    "name", ["a mebibyte without blanks", "lone surrogates", "accents without end", "nul"]
)
def test_beside_itself_it_is_the_same_text_or_none(name: str) -> None:
    text = f"{HOSTILE[name][1]} a"
    assert [(one.band, one.said) for one in between(text, text)] == [(Band.DUPLICATE, "the same text")]


@pytest.mark.full
def test_two_hundred_thousand_words_that_differ_at_their_ends() -> None:
    words = ["".join(CHANCE.choices("abcdefghinoprstu", k=5)) for _ in range(200_000)]
    other = [*words[:190_000], *("".join(CHANCE.choices("abcdefghinoprstu", k=5)) for _ in range(10_000))]
    found = between(" ".join(words), " ".join(other))
    assert all(one.band is not Band.DUPLICATE for one in found)
    (copy,) = between(" ".join(words), " ".join([*words[:100_000], "stamp", *words[100_000:]]))
    assert copy.alike
    assert copy.errors < 0.001


def test_a_paper_of_which_each_third_word_is_another_is_no_duplicate() -> None:
    """However badly it was read: so many words in place of others are another text."""
    chance = random.Random(3)
    words = ["".join(chance.choices("abcdefghijklmnop", k=8)) for _ in range(300)]
    other = [
        word if at % 3 else "".join(chance.choices("abcdefghijklmnop", k=8)) for at, word in enumerate(words)
    ]
    found = find([Paper(1, " ".join(words)), Paper(2, " ".join(other))])
    assert all(one.band is not Band.DUPLICATE for one in found)
