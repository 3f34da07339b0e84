"""A date is one token, in whatever language and manner it was written; what is none stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.duplicates.dates import MONTHS, is_day, iso, numeric
from reconciled.duplicates.normalising import fold
from reconciled.duplicates.splitting import words


def tokens(text: str) -> list[str]:
    return [token for word in words(text) if (token := fold(word))]


@pytest.mark.parametrize(
    "written",
    [
        "12032024",
        "2024-03-12",
        "2024.03.12",
        "2024/3/12",
        "12.03.2024",
        "12.3.2024",
        "12/03/24",
        "12-03-2024",
        "(12.03.2024),",
        "12 March 2024",
        "12th of March, 2024",
        "March 12, 2024",
        "March 12th 2024",
        "MAR 12 2024",
        "Mar. 12, 2024",
        "12. März 2024",
        "12. MÄRZ 2024",
        "12. Ma\u0308rz 2024",
        "12 Maerz 2024",
        "12 mars 2024",
        "12 de marzo de 2024",
        "12 de marzo del 2024",
        "12 marzo 2024",
        "12 maart 2024",
        "12 de março de 2024",
        "12 MARÇO 2024",
        "12 marca 2024",
        "12 марта 2024",
        "12 МАРТА 2024",
        "12 Μαρτίου 2024",
        "12 ΜΑΡΤΙΟΥ 2024",
    ],
)
def test_the_twelfth_of_march(written: str) -> None:
    assert tokens(written) == ["12032024"]


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("1er janvier 2024", "01012024"),
        ("1º de enero de 2024", "01012024"),
        ("1. Jänner 2024", "01012024"),
        ("3 février 2024", "03022024"),
        ("3 FÉVRIER 2024", "03022024"),
        ("3 febbraio 2024", "03022024"),
        ("3 Φεβρουαρίου 2024", "03022024"),
        ("3 Μαΐου 2024", "03052024"),
        ("3 ΜΑΪΟΥ 2024", "03052024"),
        ("3 ΜΑΙΟΥ 2024", "03052024"),
        ("31 mei 2024", "31052024"),
        ("31 maggio 2024", "31052024"),
        ("22nd June 2024", "22062024"),
        ("2 juillet 2024", "02072024"),
        ("3rd August 2024", "03082024"),
        ("15 AOÛT 2024", "15082024"),
        ("9 września 2024", "09092024"),
        ("9 Sept. 2024", "09092024"),
        ("9 октября 2024", "09102024"),
        ("24. Dez. 2024", "24122024"),
        ("24 décembre 2024", "24122024"),
        ("24 de diciembre de 2024", "24122024"),
    ],
)
def test_days_in_many_tongues(written: str, token: str) -> None:
    assert tokens(written) == [token]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("in March we met", ["in", "march", "we", "met"]),
        ("you may 5 times", ["you", "may", "5", "times"]),
        ("March 2024", ["march", "2024"]),
        ("12 March", ["12", "march"]),
        ("Signed 12 March 2024 in Aue", ["signed", "12032024", "in", "aue"]),
        ("am 12. März 2024 um 9", ["am", "12032024", "um", "9"]),
        ("del 3 de mayo de 2024 de nuevo", ["del", "03052024", "de", "nuevo"]),
        ("March 12, 2024 April 13, 2024", ["12032024", "13042024"]),
        ("12 March 2024 13 April 2024", ["12032024", "13042024"]),
        ("March", ["march"]),
    ],
)
def test_only_what_is_a_date_becomes_one(written: str, expected: list[str]) -> None:
    assert tokens(written) == expected


@pytest.mark.parametrize(
    "word",
    ["", "1.2", "12.03", "1203.2024", "12.23.2024", "99.03.2024", "1850-01-01", "12,03,2024", "a.b.cdef"],
)
def test_what_is_no_date_in_digits(word: str) -> None:
    assert iso(word) is None


@given(st.integers(1, 31), st.integers(1, 12), st.integers(2000, 2099))
def test_every_day_is_the_same_in_every_manner(day: int, month: int, year: int) -> None:
    name = next(name for name, number in MONTHS.items() if number == month)
    manners = [
        f"{day}.{month}.{year}", f"{day:02}/{month:02}/{year}", f"{year}-{month:02}-{day:02}",
        f"{day:02}.{month:02}.{year % 100:02}", f"{name.title()} {day}, {year}",
        f"{day} {name.upper()} {year}",
    ]  # fmt: skip
    assert {tuple(tokens(written)) for written in manners} == {(f"{day:02}{month:02}{year}",)}
    assert is_day(f"{day:02}{month:02}{year}")


@given(
    st.lists(
        st.sampled_from(["12", "12.", "march", "mai", "2024", "de", "of", "3rd", "word", ","]), max_size=12
    )
)
def test_a_date_takes_its_own_words_only(found: list[str]) -> None:
    made = numeric(found)
    assert len(made) <= len(found)
    assert [word for word in made if word == "word"] == [word for word in found if word == "word"]
    assert numeric(made) == made, "what is left is no date"


def test_every_month_has_names_in_every_tongue() -> None:
    for number in range(1, 13):
        assert sum(one == number for one in MONTHS.values()) >= 8 * 3


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("12032024", True),
        ("03122024", True),
        ("20240312", True),
        ("31121999", True),
        ("32132024", False),
        ("00002024", False),
        ("12342150", False),
        ("99999999", False),
    ],
)
def test_days_of_a_calendar(digits: str, day: bool) -> None:
    assert is_day(digits) is day
