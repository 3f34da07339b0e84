"""The set written by hand is whole: enough papers, four languages, every trap, and each trap is what it says.

Nothing here knows a program that looks for duplicates: the texts are held against the answers alone.
"""

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from tests.duplicates.papers import (
    EXPECTED,
    FOLDER,
    Answer,
    BadExpectation,
    Expected,
    Pair,
    Paper,
    read_expected,
    read_papers,
)

PAPERS = read_papers()
KNOWN = read_expected(PAPERS)

TRAPS = {
    "same invoice two months apart": [Answer.DIFFERENT],
    "fixed-price subscription": [Answer.DIFFERENT] * 3,
    "same letter to two people": [Answer.DIFFERENT],
    "receipt photographed twice": [Answer.DUPLICATE],
    "two receipts of one shop": [Answer.DIFFERENT] * 2,
    "contract and its signed scan": [Answer.DUPLICATE],
    "page one missing": [Answer.DUPLICATE],
    "last page missing": [Answer.DUPLICATE],
    "received stamp": [Answer.DUPLICATE],
    "rescan with errors throughout": [Answer.DUPLICATE],
    "the same in capitals": [Answer.DUPLICATE] * 2,
    "exact copy": [Answer.DUPLICATE],
    "columns read in another order": [Answer.DUPLICATE],
    "revised invoice": [Answer.REVIEW],
    "renewal of a policy": [Answer.NOT_DUPLICATE],
    "minutes in two versions": [Answer.NOT_DUPLICATE],
    "later mail quotes the earlier": [Answer.NOT_DUPLICATE],
    "reminder for an invoice": [Answer.DIFFERENT],
    "two people with nearly one name": [Answer.NOT_DUPLICATE],
    "two reports of one patient": [Answer.DIFFERENT],
    "page with little text": [Answer.NOT_DUPLICATE],
    "four copies of one sheet": [Answer.DUPLICATE] * 6,
    "leaflet without anything of its own": [Answer.DUPLICATE],
    "bilingual form": [Answer.DIFFERENT, Answer.DIFFERENT, Answer.DUPLICATE],
    "letter in another script": [Answer.DUPLICATE],
}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def lost(fewer: Paper, more: Paper) -> float:
    """The share of `fewer`'s words that `more` does not have."""
    ours, theirs = Counter(words(fewer.text)), Counter(words(more.text))
    return (ours - theirs).total() / ours.total()


def changed(pair: Pair) -> tuple[set[str], set[str]]:
    """The lines that only the first has, and those that only the second has."""
    first, second = (set(paper.text.splitlines()) for paper in (pair.first, pair.second))
    return first - second, second - first


def of_trap(trap: str) -> list[Pair]:
    return [pair for pair in KNOWN.pairs if pair.trap == trap]


def test_there_are_about_fifty_papers_numbered_without_a_gap() -> None:
    assert [paper.id for paper in PAPERS] == list(range(1, len(PAPERS) + 1))
    assert 50 <= len(PAPERS) <= 60
    assert all(paper.created is None for paper in PAPERS)


def test_every_language_has_its_share() -> None:
    share = Counter(KNOWN.languages.values())
    assert all(share[language] >= 8 for language in ("english", "german", "french", "italian"))
    assert share["german and italian"] >= 2
    assert share["greek"] == 2
    assert share["none"] == 1


def test_most_are_a_page_long_some_are_receipts_one_is_empty_and_one_has_three_pages() -> None:
    lengths = {paper.title: len(paper.text.split()) for paper in PAPERS}
    assert sum(50 <= count <= 400 for count in lengths.values()) >= 0.8 * len(PAPERS)
    assert sum(15 <= count <= 40 for count in lengths.values()) >= 5
    assert [paper.title for paper in PAPERS if not paper.text.strip()] == ["54-blank-page"]
    assert "Page 3 of 3" in next(paper.text for paper in PAPERS if paper.title == "07-pension-letter")
    assert max(lengths.values()) == lengths["07-pension-letter"]


def test_every_trap_is_there_with_its_answers() -> None:
    found: dict[str, list[Answer]] = {}
    for pair in KNOWN.pairs:
        found.setdefault(pair.trap, []).append(pair.same)
    assert {trap: sorted(answers) for trap, answers in found.items()} == TRAPS


def test_every_answer_has_its_reason_in_a_sentence() -> None:
    for pair in KNOWN.pairs:
        assert len(pair.because.split()) >= 5, pair.because
        assert pair.because[0].isupper(), pair.because
        assert pair.because.endswith("."), pair.because


def test_what_is_one_sheet_with_a_third_is_one_sheet() -> None:
    """Answers that contradict each other could be met by nobody."""
    for one, two, three in combinations((paper.id for paper in PAPERS), 3):
        given = [KNOWN.of(one, two), KNOWN.of(one, three), KNOWN.of(two, three)]
        assert given.count(Answer.DUPLICATE) != 2, (one, two, three)


def test_two_papers_of_which_nothing_is_said_have_little_in_common() -> None:
    """Else a pair was forgotten, and `different` by default would be an accident."""
    related = {pair.ids for pair in KNOWN.pairs}
    for one, two in combinations((paper for paper in PAPERS if paper.text), 2):
        if {one.id, two.id} not in related:
            assert min(lost(one, two), lost(two, one)) > 0.5, (one.title, two.title)


@pytest.mark.parametrize("trap", ["exact copy", "the same in capitals"])
def test_copies_agree_when_case_is_no_matter(trap: str) -> None:
    pair = of_trap(trap)[0]
    assert pair.first.text.upper() == pair.second.text.upper()
    assert (pair.first.text == pair.second.text) == (trap == "exact copy")


@pytest.mark.parametrize(
    ("trap", "marks"),
    [
        ("page one missing", ("Page 1 of 3", "Dear Mr Winstanley")),
        ("last page missing", ("page 2/2", "Cuisine")),
    ],
)
def test_a_missing_page_is_missing_and_the_rest_is_there(trap: str, marks: tuple[str, ...]) -> None:
    (pair,) = of_trap(trap)
    assert all(mark in pair.first.text and mark not in pair.second.text for mark in marks)
    assert lost(pair.second, pair.first) < 0.06
    assert lost(pair.first, pair.second) > 0.25


@pytest.mark.parametrize("trap", ["contract and its signed scan", "received stamp"])
def test_what_was_added_later_is_added_to_the_whole_text(trap: str) -> None:
    (pair,) = of_trap(trap)
    assert lost(pair.first, pair.second) < 0.06
    assert len(words(pair.second.text)) > len(words(pair.first.text))


def test_a_rescan_is_misread_throughout_but_can_be_read() -> None:
    for trap in ("rescan with errors throughout", "letter in another script"):
        (pair,) = of_trap(trap)
        assert pair.first.text != pair.second.text
        assert 0.05 < lost(pair.second, pair.first) < 0.35
    (letter,) = of_trap("letter in another script")
    assert sum("Ͱ" <= sign <= "Ͽ" for sign in letter.first.text) > 500


def test_the_columns_hold_the_same_words_in_another_order() -> None:
    (pair,) = of_trap("columns read in another order")
    assert lost(pair.first, pair.second) < 0.03
    assert words(pair.first.text)[:60] != words(pair.second.text)[:60]


@pytest.mark.parametrize(
    ("trap", "ours", "theirs"),
    [
        ("revised invoice", {"Montant à régler : 120,00 €"}, {"Montant à régler : 210,00 €"}),
        (
            "renewal of a policy",
            {"La copertura scade alle ore 24 del 31/03/2025.", "Premio annuo, imposte comprese: € 412,00"},
            {"La copertura scade alle ore 24 del 31/03/2026.", "Premio annuo, imposte comprese: € 438,50"},
        ),
        (
            "page with little text",
            {"Orchestre rang F place 12", "n° 004417"},
            {"Orchestre rang F place 14", "n° 004418"},
        ),
    ],
)
def test_what_differs_is_only_what_makes_the_answer(trap: str, ours: set[str], theirs: set[str]) -> None:
    (pair,) = of_trap(trap)
    assert changed(pair) == (ours, theirs)


def test_in_a_subscription_only_the_number_and_the_date_differ() -> None:
    for pair in of_trap("fixed-price subscription"):
        for lines in changed(pair):
            assert {line.partition(":")[0] for line in lines} == {"Rechnungsnummer", "Rechnungsdatum"}


def test_the_later_mail_holds_every_line_of_the_earlier() -> None:
    (pair,) = of_trap("later mail quotes the earlier")
    body = pair.first.text.partition("\n\n")[2]
    assert " ".join(words(body)) in " ".join(words(pair.second.text))


def test_the_difference_of_the_revised_invoice_is_named() -> None:
    assert {pair.difference for pair in KNOWN.pairs if pair.same is Answer.REVIEW} == {"120,00 → 210,00"}


def test_accounts_and_addresses_are_nobodys() -> None:
    """Check digits 00 belong to no account, and .example to no host."""
    for paper in PAPERS:
        assert all(digits == "00" for digits in re.findall(r"\b[A-Z]{2}(\d\d) 0000", paper.text)), paper.title
        assert all(host.endswith(".example") for host in re.findall(r"@([\w.-]+\w)", paper.text)), paper.title


@pytest.mark.parametrize(
    ("answer", "given", "right"),
    [
        (Answer.DUPLICATE, "duplicate", True),
        (Answer.DUPLICATE, "review", False),
        (Answer.REVIEW, "review", True),
        (Answer.REVIEW, "duplicate", False),
        (Answer.REVIEW, "different", False),
        (Answer.DIFFERENT, "different", True),
        (Answer.DIFFERENT, "review", False),
        (Answer.NOT_DUPLICATE, "review", True),
        (Answer.NOT_DUPLICATE, "different", True),
        (Answer.NOT_DUPLICATE, "duplicate", False),
    ],
)
def test_which_answers_are_right(answer: Answer, given: str, right: bool) -> None:
    assert answer.allows(given) is right


def test_a_pair_is_found_in_either_order_and_all_others_are_different() -> None:
    assert KNOWN.of(30, 31) is KNOWN.of(31, 30) is Answer.REVIEW
    assert KNOWN.of(1, 55) is KNOWN.of(54, 1) is Answer.DIFFERENT


def small(folder: Path, pairs: str, languages: str = "{english: [01-a, 02-b]}") -> Expected:
    for name in ("01-a", "02-b"):
        (folder / f"{name}.txt").write_text("text", "utf-8")
    (folder / "expected.yaml").write_text(f"languages: {languages}\npairs: [{pairs}]\n", "utf-8")
    return read_expected(read_papers(folder), folder / "expected.yaml")


GOOD = "{papers: [01-a, 02-b], trap: t, same: duplicate, because: B.}"
PLACE = r"expected.yaml: pairs.0 \(01-a and 02-b\): "


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (GOOD.replace("02-b", "02-c"), r"pairs.0 \(01-a and 02-c\): there is no papers/02-c.txt"),
        (GOOD.replace("02-b", "01-a"), "a paper and itself are no pair"),
        (f"{GOOD}, {GOOD}", r"pairs.1 \(01-a and 02-b\): this pair is named twice"),
        (f"{GOOD}, {GOOD.replace('01-a, 02-b', '02-b, 01-a')}", "this pair is named twice"),
        (GOOD.replace("duplicate", "review"), f"{PLACE}write `difference` where the answer is `review`"),
        (GOOD.replace("because", "difference: x, because"), f"{PLACE}write `difference`"),
        (GOOD.replace("duplicate", "the same"), "expected.yaml: pairs.0.same: "),
        (GOOD.replace(", because: B.", ""), "expected.yaml: pairs.0.because: "),
        (GOOD.replace("because: B.", "because: ''"), "expected.yaml: pairs.0.because: "),
        (GOOD.replace("trap", "tarp"), "expected.yaml: pairs.0."),
        (GOOD.replace("[01-a, 02-b]", "[01-a]"), "expected.yaml: pairs.0.papers"),
    ],
)
def test_a_bad_pair_is_refused(tmp_path: Path, pairs: str, said: str) -> None:
    with pytest.raises(BadExpectation, match=said):
        small(tmp_path, pairs)


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        ("{english: [01-a]}", "languages: write 02-b under a language"),
        ("{english: [01-a, 02-b], french: [01-a]}", "languages.french: 01-a stands under english already"),
        ("{english: [01-a, 02-b, 03-c]}", "languages.english: there is no papers/03-c.txt"),
    ],
)
def test_a_paper_has_one_language(tmp_path: Path, languages: str, said: str) -> None:
    with pytest.raises(BadExpectation, match=said):
        small(tmp_path, GOOD, languages)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("letter", "letter.txt: name it NN-what-it-is.txt"),
        ("1-b", "01-a has number 1 too|1-b has number 01 too"),
    ],
)
def test_a_paper_has_a_number_of_its_own(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / f"{name}.txt").write_text("text", "utf-8")
    with pytest.raises(BadExpectation, match=said):
        small(tmp_path, GOOD)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "expected.yaml").write_text("", "utf-8")
    with pytest.raises(BadExpectation, match=r"expected\.yaml: the file: "):
        read_expected((), tmp_path / "expected.yaml")


def test_nothing_else_lies_among_the_papers() -> None:
    assert EXPECTED.is_file()
    assert {path.suffix for path in FOLDER.iterdir()} == {".txt"}
