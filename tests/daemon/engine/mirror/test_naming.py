"""Names that trip nobody over, whatever an app calls its files."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.engine.mirror.naming import ENDINGS, LONGEST, LONGEST_TITLE, safe_name, title_of
from reconciled.model import Item, Key

PDF, JPEG, TEXT = "application/pdf", "image/jpeg", "text/plain"


@pytest.mark.parametrize(
    ("title", "mime", "name"),
    [
        ("IMG001.jpg", JPEG, "IMG001.jpg"),
        ("IMG001.JPEG", JPEG, "IMG001.JPEG"),
        ("IMG001", JPEG, "IMG001.jpg"),
        ("IMG001.jpg", PDF, "IMG001.jpg.pdf"),
        ("Report 3.5", PDF, "Report 3.5.pdf"),
        ("Report", None, "Report"),
        ("Report", "video/x-odd", "Report"),
        ("notes.log", TEXT, "notes.log"),
        ("Ärztebrief – Müller", PDF, "Ärztebrief – Müller.pdf"),
        ("A\u0308rztebrief", PDF, "Ärztebrief.pdf"),
        ("../../etc/passwd", TEXT, "_.._etc_passwd.txt"),
        ("..", PDF, "file.pdf"),
        ("", PDF, "file.pdf"),
        ("   ", None, "file"),
        (".htaccess", None, "htaccess"),
        (".pdf", PDF, "pdf.pdf"),
        ("a\x00b\nc\td", None, "ab c d"),
        ("C:\\temp\\a.pdf", PDF, "C__temp_a.pdf"),
        ('what?*<>|".pdf', PDF, "what______.pdf"),
        ("CON", PDF, "_CON.pdf"),
        ("con.pdf", PDF, "_con.pdf"),
        ("lpt1.tar.pdf", PDF, "_lpt1.tar.pdf"),
        ("COM¹", None, "_COM¹"),
        ("CONTENT.pdf", PDF, "CONTENT.pdf"),
        ("bill. . .", None, "bill"),
        ("bill.pdf. ", PDF, "bill.pdf"),
        ("bill .pdf", PDF, "bill.pdf"),
        ("evil\u202efdp.exe", PDF, "evilfdp.exe.pdf"),
        ("a\ud800b", None, "ab"),
        ("a\u2044b\uff0fc", None, "a_b_c"),
    ],
)
def test_safe_names(title: str, mime: str | None, name: str) -> None:
    assert safe_name(title, mime) == name


def test_a_long_name_is_cut_at_a_letter_and_keeps_its_ending() -> None:
    name = safe_name("ä" * 300 + ".jpeg", JPEG)
    assert name == "ä" * 97 + ".jpeg"
    assert len(name.encode()) <= LONGEST
    accents = safe_name("x" * 195 + "q\u0323\u0307" * 9, PDF)  # composes to nothing shorter
    assert accents == "x" * 195 + "q" * 0 + ".pdf"


@given(st.text(max_size=400), st.sampled_from([None, "x/y", *ENDINGS]))
def test_every_name_is_safe(title: str, mime: str | None) -> None:
    name = safe_name(title, mime)
    stem = name.partition(".")[0]
    assert 0 < len(name.encode()) <= LONGEST
    assert not set(name) & set('/\\<>:"|?*\0')
    assert name[0] not in ". "
    assert name[-1] not in ". "
    assert not any(unicodedata.category(letter).startswith("C") for letter in name)
    assert stem.strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    assert safe_name(name, mime) == name
    if mime is not None and mime in ENDINGS:
        assert name.rpartition(".")[2].lower() in ENDINGS[mime]


@given(
    st.sampled_from(["CON", "nul", "Aux", "com1", "LPT²", ".", "..", " ", "_"]),
    st.text(alphabet=". /\\\u202e\x00aé", max_size=220),
    st.sampled_from([None, PDF, TEXT]),
)
def test_devices_and_dots(device: str, rest: str, mime: str | None) -> None:
    test_every_name_is_safe.hypothesis.inner_test(device + rest, mime)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("title", "path", "shown"),
    [
        ("IMG001.jpg", None, "IMG001"),
        ("notes/2024/IMG001.jpg", "notes/2024/IMG001.jpg", "IMG001"),
        ("AC/DC bill", None, "AC/DC bill"),
        ("AC/DC bill.pdf", "/scans/7.pdf", "AC/DC bill"),
        ("Report 3.5", None, "Report 3.5"),
        ("two\nlines\u202e", None, "two lines"),
        ("", None, "file 81"),
        (".pdf", None, ".pdf"),
        ("x" * 500, None, "x" * LONGEST_TITLE),
    ],
)
def test_titles(title: str, path: str | None, shown: str) -> None:
    assert title_of(Item(Key("file", "81"), title, path=path)) == shown
