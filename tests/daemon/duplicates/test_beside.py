"""What names, metadata and pictures say of a pair: hints, each of them small."""

import pytest

from reconciled.duplicates.metadata import MOST, beside, known
from reconciled.duplicates.words import Factor, Paper, weigh


@pytest.mark.parametrize(
    ("a", "b", "sign"),
    [
        ("Invoice 12.pdf", "invoice 12.PDF", 1),
        ("folder/Invoice 12.pdf", "C:\\x\\Invoice 12.pdf", 1),
        ("lease.pdf", "lease (1).pdf", 1),
        ("lease.pdf", "lease - Copy.pdf", 1),
        ("lease.pdf", "lease_2.pdf", 1),
        ("Invoice 12.pdf", "Invoice 13.pdf", -1),
        ("scan0001.pdf", "scan0001.pdf", 0),
        ("IMG_20240101.jpg", "IMG_20240101.jpg", 0),
        ("lease.pdf", "insurance.pdf", 0),
        ("", "lease.pdf", None),
    ],
)
def test_names(a: str, b: str, sign: int | None) -> None:
    parts, alike = beside(Paper(1, file_name=a), Paper(2, file_name=b))
    back, _ = beside(Paper(1, file_name=b), Paper(2, file_name=a))
    assert parts == back
    if sign is None:
        assert Factor.NAME not in parts
    else:
        assert (parts[Factor.NAME] > 0) - (parts[Factor.NAME] < 0) == sign
        assert 0 <= alike[Factor.NAME] <= 1


@pytest.mark.parametrize(
    ("a", "b", "sign"),
    [
        ({"created": "2024-05-01"}, {"created": "2024-05-01"}, 1),
        ({"created": "2024-05-01"}, {"created": "2025-05-01"}, -1),
        ({"created": "2024-05-01"}, {"created": "no day"}, None),
        ({"created": "2024-05-01"}, {}, None),
        ({"correspondent": "Acme"}, {"correspondent": "ACME"}, 1),
        ({"correspondent": "Acme"}, {"correspondent": "Umbrella"}, -1),
        ({"document_type": "Invoice"}, {"document_type": "Letter"}, -1),
        ({"size": 1000}, {"size": 1000}, 1),
        ({"size": 1000}, {"size": 1100}, 0),
        ({"size": 1000}, {"size": 100_000}, -1),
        ({"size": 1000}, {"size": -1}, None),
        ({"size": -1}, {"size": -1}, None),
        ({"size": 1000}, {"size": 0}, None),
        ({"pages": 2}, {"pages": 3}, -1),
    ],
)
def test_metadata(a: dict[str, object], b: dict[str, object], sign: int | None) -> None:
    parts, alike = beside(Paper(1, **a), Paper(2, **b))  # type: ignore[arg-type]
    if sign is None:
        assert Factor.METADATA not in parts
        return
    assert (parts[Factor.METADATA] > 0) - (parts[Factor.METADATA] < 0) == sign
    assert 0 <= alike[Factor.METADATA] <= 1


def test_all_of_it_together_proves_nothing() -> None:
    """By the usual weights it does not count at all; with full ones it alone makes no duplicate."""
    told = {"created": "2024-05-01", "correspondent": "a", "document_type": "b", "size": 5, "pages": 1}
    parts, alike = beside(
        Paper(1, page_hash=7, **told), Paper(2, page_hash=7, **told)  # type: ignore[arg-type]
    )  # fmt: skip
    assert parts[Factor.METADATA] <= MOST
    assert alike[Factor.IMAGE] == 1.0
    assert 0 < parts[Factor.IMAGE] <= 0.5
    assert weigh(parts, vetoed=False)[0] == 0.5


def test_other_pages_speak_against() -> None:
    parts, _ = beside(Paper(1, page_hash=0), Paper(2, page_hash=2**64 - 1))
    assert parts[Factor.IMAGE] < -1


def test_what_an_app_says_is_taken_as_it_should_be_only() -> None:
    said = {"file_name": 5, "created": "2024-01-01", "size": True, "pages": "2", "notes": 3}
    assert known(said) == {"created": "2024-01-01"}
