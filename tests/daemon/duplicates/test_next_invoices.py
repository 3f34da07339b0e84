"""Invoices of one customer that differ in a few digits, all of which look alike: they are no duplicates."""

import pytest

from reconciled.duplicates.digits import later
from reconciled.duplicates.slots import Slot
from reconciled.duplicates.steps import compare
from reconciled.duplicates.words import Band, Paper

INVOICE = """Stadtwerke Seeheim GmbH
Bahnhofstrasse 12, 12345 Seeheim
Telefon 030 5551234
Frau Erika Winter
Lindenweg 45
12345 Seeheim
Rechnung Nr. {number}
Datum {day}
Kundennummer 4711998
Sehr geehrte Frau Winter,
fuer den Zeitraum {month} berechnen wir Ihnen fuer unsere Dienstleistungen den vereinbarten Betrag.
Grundgebuehr Internet 100 Mbit 24,90
Telefonie Flatrate 9,95
Summe netto 29,29
Mehrwertsteuer 19 % 5,56
Gesamtbetrag {total} EUR
Der Betrag wird am {due} von Ihrem Konto DE84 4424 4800 0747 1992 abgebucht.
Mit freundlichen Gruessen
Ihre Stadtwerke Seeheim
Amtsgericht Darmstadt HRB 23419 USt-IdNr. DE123456789"""
FIRST = {"number": "2024-0011", "day": "11.03.2024", "month": "März", "total": "34,85", "due": "21.03.2024"}


@pytest.mark.parametrize(
    "other",
    [
        {"number": "2024-0017", "day": "17.03.2024", "due": "27.03.2024"},
        {"number": "2024-0012", "day": "12.03.2024", "due": "22.03.2024"},
        {"number": "2024-0077", "day": "11.08.2024", "due": "21.08.2024"},
        {"number": "2024-0071", "total": "34,35"},
        {"number": "2024-0071", "day": "17.03.2024", "total": "34,35", "due": "27.03.2024"},
        {"number": "2024-0018", "total": "34,86"},
        {"day": "11.08.2024", "month": "August", "due": "21.08.2024"},
        {"total": "84,35"},
        {"total": "34,35"},
        {"number": "KXA4711"},
        {"number": "2025-0011", "day": "11.03.2025", "due": "21.03.2025"},
    ],
    ids=lambda other: ", ".join(other.values()),
)
def test_the_next_invoice_is_no_copy(other: dict[str, str]) -> None:
    papers = {0: Paper(0, INVOICE.format(**FIRST)), 1: Paper(1, INVOICE.format(**(FIRST | other)))}
    assert all(one.band is not Band.DUPLICATE for one in compare(papers, [(0, 1)]))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("11032024", "17032024", (0, 6, 0)),
        ("20112024", "21112024", (0, 1, 0)),
        ("20240311", "20250411", (1, 1, 0)),
        ("11032024", "11032024", (0, 0, 0)),
        ("11032024", "99032024", None),
        ("1103", "1203", None),
    ],
)
def test_how_much_later_a_date_is(one: str, other: str, apart: tuple[int, int, int] | None) -> None:
    assert later(Slot(one, other, 1)) == apart
