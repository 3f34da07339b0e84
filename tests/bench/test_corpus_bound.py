"""Papers of many pages are bound of another library's sheets, each of them in one paper."""

import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.corpora.bound import bind  # noqa: E402 - the path had to be known first
from bench.corpora.sheets import Sheet  # noqa: E402

PAGES = 4


def library() -> list[Sheet]:
    """Sixty sheets that were scanned twice, four with a near one, two series, and single ones."""
    sheets = list[Sheet]()

    def add(kind: str, label: int, **told: object) -> None:
        number = len(sheets) + 1
        sheets.append(Sheet(number, f"sheet {label} as {kind} {number}", label, kind, language="en", **told))  # type: ignore[arg-type] # fields by name

    for label in range(60):
        add("original", label)
        add("light" if label % 2 else "medium", label)
    for at, kind in enumerate(("revision", "renewal", "twin", "version")):
        add("original", 100 + at)
        add(kind, 200 + at, near=100 + at)
    for label in range(300, 320):
        add("original", label, series=label % 2)
    for label in range(1000, 4100):
        add("original", label)
    return sheets


@pytest.fixture(scope="module")
def papers() -> list[Sheet]:
    """The long papers of the library, and single sheets after them."""
    return list(bind(library(), PAGES, seed=1))


def test_they_stand_two_by_two_and_the_second_says_what_it_is(papers: list[Sheet]) -> None:
    long = [one for one in papers if one.pages == PAGES]
    assert long == papers[: len(long)]
    twos = list(zip(long[::2], long[1::2], strict=True))
    assert all(here.kind == "original" for here, _ in twos)
    assert all((here.label == there.label) is (there.kind in ("light", "medium")) for here, there in twos)
    assert all((there.near == here.label) is (there.kind in ("revision", "renewal", "twin", "version"))
               for here, there in twos)  # fmt: skip
    kinds = Counter(there.kind for _, there in twos)
    assert kinds["original"] == 2
    assert all(kinds[one] == 1 for one in ("revision", "renewal", "twin", "version"))
    assert kinds["light"] + kinds["medium"] > 5


def test_a_version_has_one_page_exchanged_and_a_copy_none(papers: list[Sheet]) -> None:
    for here, there in zip(papers[::2], papers[1::2], strict=False):
        if here.pages != PAGES:
            break
        pages = [[line.split()[1] for line in one.text.splitlines()] for one in (here, there)]
        assert [len(one) for one in pages] == [PAGES, PAGES]
        same = sum(a == b for a, b in zip(*pages, strict=True))
        near = there.kind in ("revision", "renewal", "twin", "version")
        exchanged = sum(there.kind in line for line in there.text.splitlines()) if near else 0
        expected = (PAGES - 1, 1) if near else (0, 0) if there.kind == "original" else (PAGES, 0)
        assert (same, exchanged) == expected


def test_no_sheet_is_in_two_papers_and_numbers_are_one_by_one(papers: list[Sheet]) -> None:
    lines = Counter(line for one in papers for line in one.text.splitlines())
    assert max(lines.values()) == 1
    assert [one.id for one in papers] == list(range(1, len(papers) + 1))
