"""What is shown of a document: its picture and the whole of it, whole bytes, of what is really there."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciled.errors import BadResponse, Refused, SourceError, Unsupported
from reconciled.model import Absent
from reconciled.source import Content, Previews, Unchanged
from reconciled.testing.fakes import paperless_pictures as pictures
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.faults import Fault
from reconciled_paperless.items import key_of

PDF = pictures.pdf("An invoice (of 12) for Mr Müller " * 9)
PNG = b"\x89PNG" + bytes(range(256)) * 9000


class Calendar:
    """The fake's clock."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture(params=["3.0.5", "2.20.15"])
async def fake(request: pytest.FixtureRequest, running: Any, calendar: Calendar) -> FakePaperless:
    """A scan with a PDF made of it, a picture, a text, a page for browsers."""
    app: FakePaperless = await running(version=request.param, now=calendar)
    app.put("A scan", content="some words", data=b"II*tiff", mime_type="image/tiff", archive=PDF)
    app.put("A photo", data=PNG, mime_type="image/png")
    app.put("A table", data=b"1,2", mime_type="text/csv")
    app.put("A page", data=b"<script>", mime_type="text/html")
    return app


async def shown(source: Any, number: int, **asked: Any) -> tuple[Any, bytes]:
    async with source.preview(key_of(number), **asked) as found:
        if not isinstance(found, Content):
            return found, b""
        return found, b"".join([chunk async for chunk in found.chunks])


async def test_the_picture(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    assert isinstance(source, Previews)
    found, data = await shown(source, 1)
    assert data == pictures.page("some words")
    assert (found.start, found.size, found.mime_type) == (0, len(data), "image/webp")
    assert (await shown(source, 1, etag=found.etag))[0] == Unchanged()
    assert (await shown(source, 1, etag='"another"'))[1] == data
    assert (await shown(source, 1, etag="nonsense\r\nX: y"))[1] == data
    weak = f"W/{found.etag}" if found.etag.startswith('"') else found.etag
    assert (await shown(source, 1, etag=weak))[0] == Unchanged()


async def test_the_whole(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    found, data = await shown(source, 1, whole=True)
    assert (data, found.mime_type, found.size) == (PDF, "application/pdf", len(PDF))
    assert (await shown(source, 1, whole=True, etag=found.etag))[0] == Unchanged()
    found, data = await shown(source, 2, whole=True)
    assert (data, found.mime_type) == (PNG, "image/png")
    assert (await shown(source, 2, whole=True, etag=found.etag))[0] == Unchanged()


@pytest.mark.parametrize(("number", "kind"), [(3, "text/plain"), (4, "text/html")])
async def test_what_no_browser_is_given(fake: FakePaperless, asking: Any, number: int, kind: str) -> None:
    """A script in a document would run in our page; its picture is harmless."""
    source = asking(fake)
    with pytest.raises(Unsupported, match=f"as {kind}, which is not shown"):
        await shown(source, number, whole=True)
    assert (await shown(source, number))[0].mime_type == "image/webp"


async def test_another_version(fake: FakePaperless, asking: Any, calendar: Calendar) -> None:
    source = asking(fake)
    known = (await shown(source, 1))[0].etag
    calendar.moment += timedelta(hours=1)
    if fake.modern:
        fake.add_version(1, b"newer")
    await fake.edit(1, content="other words")
    found, data = await shown(source, 1, etag=known)
    assert data == pictures.page("other words")
    assert found.etag != known


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("lost", ["trashed", "purged"])
async def test_what_is_gone(fake: FakePaperless, asking: Any, whole: bool, lost: str) -> None:
    """Although the trash is still served; and also when we name the version that we have."""
    source = asking(fake)
    known = (await shown(source, 1, whole=whole))[0].etag
    fake.delete(1) if lost == "trashed" else fake.purge(1)
    for etag in (None, known):
        assert isinstance((await shown(source, 1, whole=whole, etag=etag))[0], Absent)


@pytest.mark.parametrize("whole", [False, True])
async def test_what_was_hidden_is_trouble(running: Any, asking: Any, calendar: Calendar, whole: bool) -> None:
    """Never "unchanged", which Paperless says before it looks whether we may see the document."""
    app: FakePaperless = await running(now=calendar)
    ann = app.put_user("ann")
    app.put("Ann's", owner=ann.id, archive=PDF)
    source = asking(app, token=ann.token)
    known = (await shown(source, 1, whole=whole))[0].etag
    app.hide(1, owner=2)
    for etag in (None, known):
        with pytest.raises(Refused, match="hidden from this user"):
            await shown(source, 1, whole=whole, etag=etag)


async def test_a_picture_that_is_missing(fake: FakePaperless, asking: Any) -> None:
    """The document is there all the same."""
    fake.put("No thumbnail", picture=b"")
    with pytest.raises(BadResponse, match="is its file missing"):
        await shown(asking(fake), 5)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("path", ["*/documents/", "*/1/*"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault.RESET, Fault.ERROR, Fault.FORBIDDEN, Fault.NOT_FOUND, Fault.UNAUTHORIZED, Fault.HTML,
        Fault.REDIRECT, Fault.OTHER_APP, Fault.STARTING, Fault.CUT_JSON,
    ],
)  # fmt: skip
async def test_trouble(fake: FakePaperless, asking: Any, fault: Fault, path: str, whole: bool) -> None:
    """No bytes, no "unchanged", no absence."""
    source = asking(fake)
    known = (await shown(source, 1, whole=whole))[0].etag
    fake.faults.set(fault, path)
    for etag in (None, known):
        if fault is Fault.CUT_JSON and etag is not None and path == "*/1/*":
            continue  # of a 304 there is nothing to cut
        with pytest.raises(SourceError):
            await shown(source, 1, whole=whole, etag=etag)


def test_the_pictures_of_the_fake_are_pictures() -> None:
    image = pytest.importorskip("PIL.Image")
    with image.open(io.BytesIO(pictures.page("one two three"))) as page:
        page.load()
        assert (page.format, page.size) == ("WEBP", (pictures.WIDTH, pictures.HEIGHT))
        assert page.convert("L").getextrema() == (40, 250)
    assert pictures.page("one two three") != pictures.page("one two threesome")
    assert pictures.page("") == pictures.page(" ")


def test_the_pdfs_of_the_fake_are_pdfs() -> None:
    pypdf = pytest.importorskip("pypdf")
    (page,) = pypdf.PdfReader(io.BytesIO(PDF)).pages
    assert page.extract_text().startswith("An invoice (of 12) for Mr Müller")
