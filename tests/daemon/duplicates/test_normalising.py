"""A sheet read twice gives nearly the same tokens, in every script; what differs in sense stays apart."""

import random
import sys
import unicodedata
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciled.duplicates import normalising
from reconciled.duplicates.normalising import Tokens, as_written, fold, has_digit, hashed, look, sheet
from reconciled.duplicates.splitting import words


def tokens(text: str) -> list[str]:
    return Tokens().tokens(text)


def name(text: str) -> bytes:
    return sheet(Tokens().hashes(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Größe", "GRÖSSE"),
        ("Größe", "Grosse"),
        ("naïve café", "NAIVE CAFE"),
        ("caf\u00e9", "cafe\u0301"),
        ("ﬁnal oﬀer", "final offer"),
        ("１２３ ＡＢＣ", "123 abc"),
        ("İstanbul ISPARTA ırmak", "istanbul isparta irmak"),
        ("Ørsted Łódź đ", "orsted lodz d"),
        ("«Invoice», [No. 12]!", "invoice no 12"),
        ("it’s it's", "its its"),
        ("Rech-\nnung", "Rechnung"),
        ("Rech-\r\nnung", "Rechnung"),
        ("Rech-\n   nung", "Rechnung"),
        ("Rech\u00ad\nnung Rech\u00adnung", "Rechnung Rechnung"),
        ("Rech\u2010\nnung Rech\u2011\nnung", "Rechnung Rechnung"),
        ("GrÃ¶ÃŸe fÃ¼r", "Größe für"),
        ("5 € 12°", "5 12"),
        ("a\0b\0", "ab"),
        ("Привет МИР", "привет мир"),
        ("ΑΘΗΝΑ Ελλάδα", "αθηνα ελλαδα"),
        ("العَرَبِيَّة كتـاب", "العربية كتاب"),
        ("שָׁלוֹם", "שלום"),
        ("ｱｲｳ", "アイウ"),
        ("क़लम", "क\u093cलम"),
        ("A\u0432\u0441", "Abc"),
    ],
)
def test_one_reading(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rechnung 12", "Rechnung 13"),
        ("2023-\n2024", "20232024"),
        ("की", "का"),
        ("কি", "কা"),
        ("தி", "தா"),
        ("ที", "ทู"),
        ("ကိ", "ကု"),
        ("日本", "日木"),
        ("한국", "한극"),
        ("שלום", "שלוט"),
        ("كتاب", "كتب"),
    ],
)
def test_two_readings(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("日本語の書類", ["日本語", "の", "書類"]),
        ("请付12元", ["请", "付", "12", "元"]),
        ("ไทยแลนด์", ["ไ", "ท", "ย", "แ", "ล", "น", "ด์"]),
        ("हिन्दी किताब", ["हिन्दी", "किताब"]),
        ("한국어 문서", [unicodedata.normalize("NFKD", word) for word in ("한국어", "문서")]),
        ("— … ! ½ ²", []),
        ("", []),
        ("😀 ok 😀", ["ok"]),
        ("\ud800x \udfff", ["x"]),
    ],
)
def test_every_script_has_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("word", "token"),
    [
        ("o12", "012"),
        ("l2,5o", "1250"),
        ("1o.50", "1050"),
        ("b1234", "81234"),
        ("he11o", "hello"),
        ("8ook", "book"),
        ("m0nth", "month"),
        ("de00-0000", "0e000000"),
        ("€120,00", "12000"),
        ("---", ""),
        ("١٢٣", "١٢٣"),
        ("12.03.2024", "12032024"),
    ],
)
def test_what_looks_alike_is_read_by_what_the_word_is(word: str, token: str) -> None:
    assert fold(word) == token


def test_dates_stay_as_they_are_written_where_two_texts_are_laid_over_each_other() -> None:
    assert tokens("12. März 2024") == ["12", "marz", "2024"]
    assert fold("12/03/24", dates=False) == "120324"


@pytest.mark.parametrize(
    ("one", "other"), [("corner", "comer"), ("clay", "day"), ("hell0", "heuo"), ("vvest", "west")]
)
def test_letters_that_scanners_take_for_each_other_look_alike(one: str, other: str) -> None:
    assert look(one) == look(other)


@pytest.mark.parametrize(
    ("token", "digit"), [("12", True), ("a1", True), ("٣", True), ("१", True), ("ab", False), ("", False)]
)
def test_digits_of_every_script(token: str, digit: bool) -> None:
    assert has_digit(token) is digit


@given(st.text(max_size=60))
def test_there_is_a_written_word_for_each_token(text: str) -> None:
    assert len(as_written(text)) == len(tokens(text))


def test_there_is_one_whatever_the_letter_is() -> None:
    for start in range(0, sys.maxunicode, 4096):
        text = " ".join(
            f"x{chr(code)}y {chr(code)}" for code in range(start, min(start + 4096, sys.maxunicode), 31)
        )
        assert len(as_written(text)) == len(tokens(text)), hex(start)


plain = st.lists(st.from_regex(r"[a-zäöüéßñ]{1,9}|[1-9][0-9]{0,5}", fullmatch=True), min_size=1, max_size=30)


@given(plain, st.randoms(use_true_random=False))
def test_case_blanks_and_punctuation_keep_the_sheet(found: list[str], chance: random.Random) -> None:
    touched = "".join(
        f"{chance.choice(['', '(', '„', '* '])}{chance.choice([word.upper(), word.title(), word])}"
        f"{chance.choice(['', '.', ',', '!', ' –', ')'])}"
        f"{chance.choice([' ', chr(10), '  ', chr(0xA0), chr(12)])}"
        for word in found
    )
    assert name(touched) == name(" ".join(found)) != b""


@given(plain, plain)
def test_other_words_are_another_sheet(one: list[str], other: list[str]) -> None:
    assert (name(" ".join(one)) == name(" ".join(other))) == (
        [fold(word) for word in words(" ".join(one))] == [fold(word) for word in words(" ".join(other))]
    )


@given(st.text(max_size=80))
@settings(max_examples=60)
def test_composed_or_not_is_one_sheet(text: str) -> None:
    assert name(unicodedata.normalize("NFC", text)) == name(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize("text", ["", "   ", "… — !", "\0", "😀"])
def test_a_paper_without_words_has_no_sheet(text: str) -> None:
    assert name(text) == b""


def test_hashes_are_the_same_in_every_process_and_release() -> None:
    assert hashed("invoice") == 0xA18CCE1B6DCB04A8
    assert hashed("") == 0
    assert Tokens().hashes("Invoice — 12").tolist() == [hashed("invoice"), hashed("12")]


@pytest.mark.parametrize("method", [Tokens.tokens, Tokens.hashes])
def test_what_is_remembered_is_bounded_and_forgetting_changes_nothing(
    method: Callable[[Tokens, str], Iterable[str | int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, first = Tokens(), list(method(Tokens(), "one two three"))
    monkeypatch.setattr(normalising, "_MEMORY", 20)
    for round_ in range(20):
        method(made, " ".join(f"w{round_}x{at}" for at in range(10)))
        assert len(made._tokens) <= 31
        assert len(made._hashes) <= 31
    monkeypatch.setattr(normalising, "_MEMORY_LETTERS", 500)
    for round_ in range(20):
        method(made, f"{round_}" * 400)
        assert sum(map(len, (*made._tokens, *made._hashes))) <= 1400
    assert list(method(made, "one two three")) == first


def test_an_endless_token_is_itself_or_another() -> None:
    one, other = "x" * 2000, "x" * 1999 + "y"
    assert len(tokens(one)[0]) < 100
    assert tokens(one) == tokens(one.upper())
    assert tokens(one) != tokens(other)
    assert list(as_written(one)) == [one]
