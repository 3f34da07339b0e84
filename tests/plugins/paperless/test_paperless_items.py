"""Documents as items: what names them, what they carry, and that they keep it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from reconciled.model import Item, Ref
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless.items import item_of, key_of
from reconciled_paperless.payloads import Document, Version

ADDED = datetime(2026, 11, 20, 23, 28, 35, 592791, tzinfo=UTC)


async def test_a_document(running: Any, asking: Any) -> None:
    app: FakePaperless = await running(now=lambda: ADDED)
    app.put("An invoice", labels=["zoo", "keep"], asn=12, file_name="scan.pdf", pages=3)
    assert await asking(app).lookup(key_of(1)) == Item(
        key_of(1),
        "An invoice",
        refs=frozenset(
            {
                Ref("paperless-document", "1@2026-11-20T23:28:35.592Z"),
                Ref("sha256", app.state.documents[1].sha256),
            }
        ),
        attrs={
            "asn": 12,
            "created": "2026-01-01",
            "file_name": "scan.pdf",
            "mime_type": "application/pdf",
            "pages": 3,
            "tags": ["keep", "zoo"],
        },
        has_file=True,
    )


@pytest.mark.parametrize(
    "added",
    [
        ADDED,
        ADDED.astimezone(timezone(timedelta(hours=1))),
        ADDED.replace(microsecond=592000),  # what Paperless' own export keeps
    ],
)
def test_its_identity_survives_time_zones_and_exports(added: datetime) -> None:
    item = item_of(Document(12, "A", added=added), [])
    assert item.strong_refs == {Ref("paperless-document", "12@2026-11-20T23:28:35.592Z")}
    (ref,) = item.strong_refs
    assert Ref.parse(str(ref)) == ref


async def test_its_identity_survives_what_people_do(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    before = (await source.lookup(key_of(2))).refs
    await fake.edit(2, title="Another title")
    fake.delete(2)
    fake.restore(2)
    assert (await source.lookup(key_of(2))).refs == before


async def test_a_newer_file_has_other_bytes(fake: FakePaperless, asking: Any) -> None:
    """It is the same document, and what it hands out is named by the newest file's checksum."""
    source = asking(fake)
    before = await source.lookup(key_of(2))
    newer = fake.add_version(2)
    after = await source.lookup(key_of(2))
    assert after.strong_refs == before.strong_refs
    assert after.refs - before.refs == {Ref("sha256", newer.checksum)}


@pytest.mark.parametrize(
    ("checksum", "ref", "md5"),
    [
        ("A" * 64, Ref("sha256", "a" * 64), None),
        ("b" * 32, None, "b" * 32),
        ("", None, None),
        (None, None, None),
        ("z" * 64, None, None),
        ("c" * 40, None, None),
    ],
)
def test_a_checksum_is_told_by_its_length(checksum: str | None, ref: Ref | None, md5: str | None) -> None:
    versions = (Version(9, checksum), Version(1, "d" * 64, is_root=True))
    item = item_of(Document(1, "A", versions=versions), None)
    assert item.refs == ({ref} if ref else frozenset())
    assert item.attrs.get("md5") == md5
    assert "tags" not in item.attrs


async def test_a_tag_that_we_may_not_see_makes_the_labels_unreadable(running: Any, asking: Any) -> None:
    app: FakePaperless = await running()
    user = app.put_user("ann")
    hidden = app.put_tag("keep", owner=app.admin.id)
    app.put("Labelled", owner=None, labels=["open"])
    number = app.put("Secretly labelled", owner=None).id
    app._keep(replace(app.state.documents[number], tags=frozenset({hidden.id})))
    source = asking(app, token=user.token)
    found = await source.lookup_many([key_of(1), key_of(2)])
    assert found[key_of(1)].attrs["tags"] == ["open"]
    assert "tags" not in found[key_of(2)].attrs


@pytest.mark.parametrize(
    ("title", "file_name", "shown"), [("", "a.pdf", "a.pdf"), (None, None, "document 3")]
)
def test_without_a_title(title: str | None, file_name: str | None, shown: str) -> None:
    assert item_of(Document(3, title, original_file_name=file_name), []).title == shown
