"""Words that are looked at alone become what they become in their text; the others cannot be."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciled.duplicates.normalising import Tokens, fold, hashed
from reconciled.duplicates.splitting import Spans, alone, apart, parted, words

PIECES = [
    "Rech-\nnung", "12-\n13", "a- \nb", "x\u00ady", "e\u0301-\nn", "Ã¶", "Ã", "\u00a0", "A\u0303", "\u00b6",
    "日本", "ไทย", "ｱ", "½", "İ", "ß", "MÄRZ", "Ma\u0308rz", "12.", "3RD", "de", "2024", "may", "12.03.2024",
    "Datum:16.03.2024", "nr.", "Datum:", "=1234", "(12/3/24)", "x" * 999, "e\u0301" * 501, " ", "\n", "\x1c",
    "\0", "…", "O12", "क़",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).flatmap(
    lambda pieces: st.sampled_from(["", " ", "\n"]).map(lambda between: between.join(pieces))
)


@given(texts)
@example("A\u0303\u00a0")
@example("e\u0301-\nn")
@example("Ã\u00ad\nx 12 de MAYO de 2024")
def test_what_is_said_of_each_word_is_what_is_said_of_the_text(text: str) -> None:
    raw = words(text)
    assert Tokens().hashes(text).tolist() == [hashed(token) for word in split(raw) if (token := fold(word))]
    plain = words(text, dates=False)
    assert Tokens().tokens(text) == [token for word in split(plain) if (token := fold(word, dates=False))]
    try:
        assert [alone(word) for word in apart(text)] == plain
    except Spans:
        assert not text.isascii() or len(max(text.split(), key=len)) >= 500


def split(raw: list[str]) -> list[str]:
    return [part for word in raw for part in parted(word)]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("datum:16.03.2024", ["datum:", "16.03.2024"]),
        ("rechnungsnummer2145284/2019", ["rechnungsnummer", "2145284/2019"]),
        ("(nr.4711),", ["(nr.", "4711),"]),
        ("total1O23,50", ["total", "1o23,50"]),
        ("invoice123", ["invoice123"]),
        ("kxa4711", ["kxa4711"]),
        ("eur1234,56", ["eur1234,56"]),
        ("abc" + "=" * 100_000, ["abc" + "=" * 100_000]),
        ("re2558327", ["re2558327"]),
        ("de84442448", ["de84442448"]),
        ("room123", ["room123"]),
        ("a4711b", ["a4711b"]),
        ("hello", ["hello"]),
        ("4711hello", ["4711hello"]),
        ("x1234567", ["x1234567"]),
    ],
)
def test_a_number_written_to_its_label_is_a_word_of_its_own(word: str, parts: list[str]) -> None:
    assert [part.lower() for part in parted(word)] == parts
    assert Tokens().tokens(word) == Tokens().tokens(" ".join(parts))


@pytest.mark.parametrize("text", ["Invoice No. 12", "Rech-\nnung für März", "Ελλάδα МИР العربية", "", "\n"])
def test_most_texts_are_cut_at_their_blanks(text: str) -> None:
    assert [alone(word) for word in apart(text)] == words(text, dates=False)


@pytest.mark.parametrize("text", ["日本語", "Ã¶ffnen", "voilÃ\u00a0", "x" * 1001, "e\u0301-\nn"])
def test_what_the_text_around_decides_is_not_decided_alone(text: str) -> None:
    with pytest.raises(Spans):
        list(map(alone, apart(text)))
