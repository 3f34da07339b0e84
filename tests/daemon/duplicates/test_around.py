"""The template is learned from the papers around two: what they too have proves nothing, what varies does."""

import random

import pytest

from reconciled.duplicates.around import ALONE, Around, Standing, Template
from reconciled.duplicates.search import find
from reconciled.duplicates.slots import Slot
from reconciled.duplicates.touching import touching
from reconciled.duplicates.words import Band, Paper

LETTER = "dear {name} your order {order} of {day} was sent to {town} and costs {sum} euro thank you for it"


def letter(**slots: str) -> list[str]:
    return LETTER.format(**slots).split()


MINE = letter(name="anna", order="4711", day="03052024", town="ulm", sum="1250")
OTHERS = [
    letter(name=name, order=str(5000 + at), day=f"{at + 10}062024", town="ulm", sum=str(2000 + 7 * at))
    for at, name in enumerate(("bert", "carla", "dora", "emil"))
]


def around(papers: list[list[str]], others: int) -> Template:
    """The template of the first two papers, with so many of the others beside the first."""
    pairs = [(0, 1), *((0, 2 + at) for at in range(others))]
    return Around(pairs, papers.__getitem__).template(0, 1)


def slot(there: list[str], word: str) -> Slot:
    at = MINE.index(word)
    return Slot(MINE[at], there[at], 2, at_a=at, at_b=at)


def test_what_those_around_have_too_says_nothing_and_what_varies_does() -> None:
    template = around([MINE, list(MINE), *OTHERS], 4)
    own = template.own(MINE, [(0, 0, len(MINE))])
    assert set(own) == {"anna", "4711", "03052024", "1250"}
    assert all(1 < bits <= 3 for bits in own.values())


def test_where_nobody_is_around_nothing_is_said() -> None:
    assert around([MINE, list(MINE)], 0) is ALONE
    assert ALONE.own(MINE, [(0, 0, len(MINE))]) == {}
    assert ALONE.stands(MINE, slot(MINE, "anna"), others=True) is Standing.UNKNOWN


def test_pairs_that_touch_none_of_those_asked_show_nothing_around_them() -> None:
    papers = [MINE, list(MINE), *OTHERS, list(MINE)]
    pairs = [(3, 4), (1, 2), (0, 1), (5, 0), (4, 6), (6, 2)]
    some = touching(pairs, [(0, 1)])
    assert some == [(1, 2), (0, 1), (5, 0)], "in their order"
    all_, fewer = (Around(those, papers.__getitem__).template(0, 1) for those in (pairs, some))
    runs = [(0, 0, len(MINE))]
    assert fewer.papers == all_.papers == 2
    assert fewer.own(MINE, runs) == all_.own(MINE, runs)


def test_a_paper_of_another_template_is_not_around() -> None:
    minutes = "minutes of the meeting in ulm your order was discussed and closed"
    stranger = minutes.split()
    assert around([MINE, list(MINE), stranger], 1).papers == 0


@pytest.mark.parametrize(
    ("mine", "read", "others", "standing"),
    [
        ("ulm", "u1m", 4, Standing.SETTLED),
        ("ulm", "u1m", 2, Standing.SETTLED),
        ("ulm", "u1m", 1, Standing.UNKNOWN),
        ("anna", "otto", 4, Standing.VARIES),
        ("1250", "1280", 4, Standing.VARIES),
        ("1250", "1280", 0, Standing.UNKNOWN),
    ],
)
def test_a_place_is_settled_varies_or_is_unknown(
    mine: str, read: str, others: int, standing: Standing
) -> None:
    other = [read if word == mine else word for word in MINE]
    template = around([MINE, other, *OTHERS], others)
    assert template.stands(MINE, slot(other, mine), others=True) is standing


BODY = (
    "north water company invoice number {number} of {day} customer 88123 meter {meter} reading {reading} "
    "consumption {used} cubic metres amount due {sum} euro please pay within thirty days of the date of this "
    "invoice to the account named below and give the customer number as your reference the tariff for "
    "drinking water is set by the council each year complaints are answered in writing within two weeks"
)


def month(at: int) -> str:
    return BODY.format(
        number=70000 + 13 * at, day=f"{at + 1:02}{at + 1:02}2023", meter="5512", reading=1200 + 37 * at,
        used=20 + at, sum=f"{40 + 3 * at},{at + 10}",
    )  # fmt: skip


def scanned(text: str, chance: random.Random, rate: float = 0.02) -> str:
    """A scan with some letters and digits misread."""
    looks = {"0": "8", "1": "7", "6": "8", "e": "c", "i": "l", "n": "u", "t": "f"}
    return "".join(looks.get(letter, letter) if chance.random() < rate else letter for letter in text)


RECEIPT = (
    "rent receipt number {number} customer 4711829 for the flat on the second floor of the garden house "
    "received with thanks from {name} the sum of 840,00 euro as agreed in the contract "
    "for which this paper is the proof please keep it for your records signed at ulm by hand"
)


RECEIVED = {"number": "42619689", "name": "gertrude wolkenstein"}


@pytest.mark.parametrize(
    "other", [{"number": "25721498"}, {"name": "barnabas quendler"}], ids=["number", "name"]
)
@pytest.mark.parametrize("copies", [1, 3, 4, 8])
@pytest.mark.parametrize("rate", [0.005, 0.01, 0.02, 0.03])
def test_copies_of_one_paper_do_not_make_its_only_sibling_one_of_them(
    other: dict[str, str], copies: int, rate: float
) -> None:
    chance = random.Random(copies)
    mine, sibling = RECEIPT.format(**RECEIVED), RECEIPT.format(**RECEIVED | other)
    texts = [*(scanned(mine, chance, rate) for _ in range(copies)), scanned(sibling, chance, rate)]
    found = find(Paper(number, text) for number, text in enumerate(texts))
    assert [one for one in found if one.band is Band.DUPLICATE and one.b == copies] == []


@pytest.mark.parametrize("seed", range(6))
def test_however_often_one_month_was_scanned_the_next_one_is_no_duplicate_of_it(seed: int) -> None:
    chance = random.Random(seed)
    texts = [scanned(month(3), chance) for _ in range(7)]
    texts += [scanned(month(at), chance) for at in (0, 1, 2, 4, 5)]
    papers = [Paper(number, text) for number, text in enumerate(texts)]
    chance.shuffle(papers)
    found = [(one.a, one.b) for one in find(papers) if one.band is Band.DUPLICATE]
    assert [pair for pair in found if max(pair) > 6] == []
    assert len({paper for pair in found for paper in pair}) >= 5
