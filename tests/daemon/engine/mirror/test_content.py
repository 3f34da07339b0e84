"""What may travel, as tables: by what is declared, then by the real bytes."""

from typing import Any

import pytest

from reconciled.config import Mirror
from reconciled.engine.mirror.content import OLE, agree, corrupt, refusal, refusal_of_bytes, the_type
from reconciled.model import Item, Key

PDF, JPEG, PNG, TEXT, CSV, HTML = (
    "application/pdf", "image/jpeg", "image/png", "text/plain", "text/csv", "text/html",
)  # fmt: skip
ZIP, HEIC, HEIF, DOC, XML = (
    "application/zip", "image/heic", "image/heif", "application/msword", "application/xml",
)  # fmt: skip
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"


def mirror(*types: str, most: int = 1000) -> Mirror:
    return Mirror("mirror_vsrx", "vsrx", ("paperless",), types=frozenset(types), max_size=most)


def item(**attrs: Any) -> Item:
    return Item(Key("file", "1"), "IMG001.jpg", attrs=attrs)


@pytest.mark.parametrize(
    ("types", "attrs", "code"),
    [
        ([], {}, None),
        ([PDF], {}, None),
        ([PDF], {"size": 1000, "mime_type": PDF}, None),
        ([PDF], {"size": 1001, "mime_type": PDF}, "size"),
        ([PDF], {"size": 0}, "empty"),
        ([PDF], {"size": -1}, None),
        ([PDF], {"size": True}, None),
        ([PDF], {"size": "5000"}, None),
        ([PDF], {"mime_type": JPEG}, "type"),
        ([PDF], {"mime_type": "Application/PDF; charset=binary"}, None),
        ([PDF], {"mime_type": "application/octet-stream"}, None),
        ([PDF], {"mime_type": ""}, None),
        ([PDF], {"mime_type": None}, None),
        ([JPEG], {"mime_type": "image/jpg"}, None),
        (["image/*"], {"mime_type": PNG}, None),
        (["image/*"], {"mime_type": PDF}, "type"),
        ([HEIC], {"mime_type": HEIF}, None),
        ([CSV], {"mime_type": "application/csv"}, None),
        ([], {"mime_type": "video/mp4"}, None),
        ([PDF], {"refused": "its path climbs out of notes/", "size": 0, "mime_type": JPEG}, "path"),
    ],
)
def test_by_what_is_declared(types: list[str], attrs: dict[str, Any], code: str | None) -> None:
    found = refusal(mirror(*types), item(**attrs))
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("types", "declared", "real", "code"),
    [
        # Both say the same, or the same by another name.
        ([PDF], PDF, PDF, None),
        ([JPEG], "image/jpg", JPEG, None),
        ([JPEG], "image/pjpeg; q=1", JPEG, None),
        (["image/*"], PNG, PNG, None),
        # Only one of them says anything.
        ([PDF], None, PDF, None),
        ([PDF], "application/octet-stream", PDF, None),
        ([PDF], None, JPEG, "type"),
        ([PDF], None, None, "type"),
        ([PDF], PDF, None, "corrupt"),
        ([DOCX], DOCX, None, "corrupt"),
        (["audio/x-odd"], "audio/x-odd", None, None),
        ([PDF], "audio/x-odd", None, "type"),
        # Bytes that cannot show all that is declared.
        ([CSV], CSV, TEXT, None),
        (["message/rfc822"], "message/rfc822", TEXT, None),
        (["application/json"], "application/json", TEXT, None),
        (["image/svg+xml"], "image/svg+xml", XML, None),
        ([DOCX], DOCX, ZIP, None),
        ([ODT], ODT, ZIP, None),
        ([DOC], DOC, OLE, None),
        ([HEIC], HEIC, HEIF, None),
        ([HEIF], HEIF, HEIC, None),
        # Bytes that show more than is declared: what they show has to be allowed.
        ([ZIP, DOCX], ZIP, DOCX, None),
        ([ZIP], ZIP, DOCX, "type"),
        ([TEXT, CSV], TEXT, CSV, None),
        # They contradict each other.
        ([PDF, JPEG], JPEG, PDF, "type"),
        ([PDF], PDF, HTML, "type"),
        ([TEXT, HTML], TEXT, HTML, "type"),
        ([HTML], HTML, TEXT, "type"),
        ([PDF], PDF, TEXT, "type"),
        ([DOCX, ODT], DOCX, ODT, "type"),
        ([DOCX], DOCX, OLE, "type"),
        ([JPEG, PNG], JPEG, PNG, "type"),
        # No types: all travel.
        ([], JPEG, PDF, None),
        ([], None, None, None),
        ([], PDF, None, None),
    ],
)  # fmt: skip
def test_by_the_real_bytes(
    types: list[str], declared: str | None, real: str | None, code: str | None
) -> None:
    found = refusal_of_bytes(mirror(*types), declared, real, 10)
    assert (found.code if found else None) == code
    if found and code != "corrupt":
        assert ";" in found.said, "a remedy follows"


@pytest.mark.parametrize(("size", "code"), [(0, "empty"), (1, None), (1000, None), (1001, "size")])
def test_the_real_size_counts(size: int, code: str | None) -> None:
    found = refusal_of_bytes(mirror(PDF), PDF, PDF, size)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("declared", "real", "taken_for"),
    [
        (CSV, TEXT, CSV), (None, PDF, PDF), (PDF, None, PDF), ("image/jpg", JPEG, JPEG), (DOCX, ZIP, DOCX),
        (ZIP, DOCX, DOCX), (JPEG, PDF, PDF), (HEIF, HEIC, HEIC), (None, None, "application/octet-stream"),
        (DOC, OLE, DOC),
    ],
)  # fmt: skip
def test_the_type_that_a_file_is_taken_for(declared: str | None, real: str | None, taken_for: str) -> None:
    assert the_type(declared, real) == taken_for


def test_agreeing_has_no_order_of_its_own() -> None:
    kinds = [PDF, JPEG, TEXT, CSV, HTML, ZIP, DOCX, ODT, HEIC, HEIF, OLE, DOC, XML]
    for one in kinds:
        assert agree(one, one)
        for other in kinds:
            assert agree(one, other) == agree(other, one)


def test_sentences_name_the_remedy() -> None:
    said = refusal(mirror(PDF), item(size=5 * 2**20))
    assert said is not None
    assert said.said == (
        "it is 5 MiB, and mirror_vsrx takes files of 1000 B at most; "
        "raise its `max_size` if this one shall travel"
    )
    wrong = refusal(mirror(PDF, PNG), item(mime_type="image/jpeg"))
    assert wrong is not None
    assert wrong.said == (
        "it is declared to be image/jpeg, and mirror_vsrx takes application/pdf, image/png only; "
        "add it to its `types` if such files shall travel"
    )
    assert corrupt("corrupt: the image ends too early").said.startswith(
        "its bytes are corrupt: the image ends too early; "
    )
