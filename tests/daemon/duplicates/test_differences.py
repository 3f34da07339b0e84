"""What differs is said in the words that stand in the papers, as far as a person can read them."""

import pytest

from reconciled.duplicates.differences import MOST
from reconciled.duplicates.steps import compare
from reconciled.duplicates.words import Band, Difference, Likeness, Paper, Weights

LETTER = """Stadtwerke Nordau – Kundenservice. Sehr geehrte Frau Velten, vielen Dank für Ihren Auftrag vom
Frühjahr. Wie besprochen haben wir den Zähler im Keller getauscht und die Leitung bis zur Straße erneuert; die
Arbeiten wurden von unserem Meister abgenommen. Bitte überweisen Sie den Betrag von 120,00 Euro bis zum
12.03.2024 unter Angabe der Nummer 4481207 auf das Ihnen bekannte Konto. Für Fragen steht Ihnen Herr
Brandner gern zur Verfügung, am besten vormittags zwischen acht und zwölf. Mit freundlichen
Grüßen, Ihre Stadtwerke Nordau am Marktplatz.
"""
ALL = Weights(duplicate=0.8, review=0.0)
"""Whatever the model says, the pair is shown."""


def between(one: str, other: str) -> Likeness:
    (found,) = compare({1: Paper(1, one), 2: Paper(2, other)}, [(1, 2)], weights=ALL)
    return found


@pytest.mark.parametrize(
    ("old", "new", "expected", "said"),
    [
        ("120,00", "210,00", Difference("amount", "120,00", "210,00"), "1 amount"),
        ("12.03.2024", "19.07.2025", Difference("date", "12.03.2024", "19.07.2025"), "1 date"),
        ("4481207", "9963518", Difference("number", "4481207", "9963518"), "1 number"),
        ("Velten,", "Oßwald,", Difference("word", "Velten", "Oßwald"), "1 word"),
    ],
)  # fmt: skip
def test_one_difference(old: str, new: str, expected: Difference, said: str) -> None:
    found = between(LETTER, LETTER.replace(old, new))
    assert found.differences == (expected,)
    assert found.said == f"{said} differs: {expected.a} → {expected.b}"
    back = between(LETTER.replace(old, new), LETTER)
    assert back.differences == (Difference(expected.what, expected.b, expected.a),)
    assert (back.confidence, back.band) == (found.confidence, found.band)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("120,00", "210,00"), ("€120.00", "€210.00"), ("1.120,00", "1.210,00"), ("1,120.00", "1,210.00"),
        ("1’120.00", "1’210.00"), ("1'120.00", "1'210.00"), ("120,00-", "210,00-"),
    ],
)  # fmt: skip
def test_amounts_in_many_manners(one: str, other: str) -> None:
    found = between(LETTER.replace("120,00", one), LETTER.replace("120,00", other))
    assert [difference.what for difference in found.differences] == ["amount"]


def test_several_are_counted_and_the_first_is_shown() -> None:
    other = LETTER.replace("120,00", "210,00").replace("4481207", "9963518").replace("Velten", "Oßwald")
    found = between(LETTER, other)
    assert {one.what for one in found.differences} == {"amount", "number", "word"}
    assert found.said.count(";") == 2


def test_a_passage_that_only_one_has_is_shown_at_its_beginning() -> None:
    more = "Nachtrag: " + " ".join(f"wort{chr(97 + at)}" for at in range(20))
    found = between(LETTER, f"{LETTER}\n{more}")
    (passage,) = [one for one in found.differences if one.what == "passage"]
    assert passage.a == ""
    assert passage.b.startswith("Nachtrag: worta wortb")
    assert passage.b.endswith("… (21 words)")
    assert found.contained == 1
    assert "one has all of the other and 21 words more" in found.said


def test_errors_of_reading_are_not_named() -> None:
    found = between(LETTER, LETTER.replace("Leitung", "Leitvng").replace("Kundenservice", "Kundenservlce"))
    assert found.differences == ()
    assert found.said.startswith("all that differs are errors of reading, ")


def test_the_same_text_says_so() -> None:
    found = between(LETTER, LETTER.upper())
    assert (found.said, found.differences, found.band) == ("the same text", (), Band.DUPLICATE)


def test_blocks_in_another_order_are_said() -> None:
    lines = LETTER.splitlines()
    assert "parts stand in another order" in between(LETTER, "\n".join(lines[3:] + lines[:3])).said


def test_no_more_are_kept_than_a_person_reads() -> None:
    head = " ".join(
        f"zeile{chr(97 + at % 26)}{chr(97 + at // 26)} Betrag {1000 + 37 * at},00" for at in range(60)
    )
    other = " ".join(
        f"zeile{chr(97 + at % 26)}{chr(97 + at // 26)} Betrag {9000 - 53 * at},00" for at in range(60)
    )
    found = between(head, other)
    assert len(found.differences) == MOST


def test_endless_words_are_cut() -> None:
    left, right = "x" * 100_000, "y" * 100_000
    found = between(LETTER.replace("Brandner", left), LETTER.replace("Brandner", right))
    assert found.differences
    assert all(len(side) < 1500 for one in found.differences for side in (one.a, one.b))
    plain = between(f"{'alpha beta ' * 40}{left}", f"{'alpha beta ' * 40}{right}")
    assert plain.differences
    assert all(len(side) < 100 for one in plain.differences for side in (one.a, one.b))
    passages = between(LETTER, LETTER + " ".join(chr(97 + at) * 9000 for at in range(12)))
    assert all(len(one.b) < 1500 for one in passages.differences)


def test_weights_change_the_band_and_never_the_differences() -> None:
    papers = {1: Paper(1, LETTER), 2: Paper(2, LETTER.replace("4481207", "9963518"))}
    shown = [
        compare(papers, [(1, 2)], weights=weights) for weights in (ALL, Weights(duplicate=1.0, review=0.0))
    ]
    assert shown[0][0].differences == shown[1][0].differences != ()
    assert shown[1][0].band is not Band.DUPLICATE
