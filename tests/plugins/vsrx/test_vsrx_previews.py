"""What is shown of a VSRX' files: images as they are, PDFs whole, and nothing that could run in a page."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciled.errors import SourceError, Unsupported
from reconciled.model import Absent, Key
from reconciled.source import Content, Previews, Unchanged
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled.testing.faults import Fault
from reconciled_vsrx import Vsrx, fetching

IMAGE = b"\xff\xd8\xff\xe0 an image"


async def shown(vsrx: Vsrx, file: str, **asked: Any) -> tuple[Any, bytes]:
    async with vsrx.preview(Key("file", file), **asked) as found:
        if not isinstance(found, Content):
            return found, b""
        return found, b"".join([chunk async for chunk in found.chunks])


@pytest.fixture
def put(fake: FakeVsrx) -> Callable[..., str]:
    return lambda content=IMAGE, mime="image/jpeg": fake.put_file("P-0", content=content, mime=mime).id


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("mime", ["image/jpeg", "image/png", "image/webp"])
async def test_an_image_is_its_own_picture(
    vsrx: Vsrx, put: Callable[..., str], mime: str, whole: bool
) -> None:
    assert isinstance(vsrx, Previews)
    file = put(mime=mime)
    found, data = await shown(vsrx, file, whole=whole)
    assert (data, found.mime_type, found.size) == (IMAGE, mime, len(IMAGE))
    assert (await shown(vsrx, file, whole=whole, etag=found.etag))[0] == Unchanged()
    assert (await shown(vsrx, file, whole=whole, etag='"another"'))[1] == IMAGE


async def test_a_pdf_is_shown_whole_only(vsrx: Vsrx, put: Callable[..., str]) -> None:
    file = put(b"%PDF", "application/pdf")
    assert (await shown(vsrx, file, whole=True))[1] == b"%PDF"
    with pytest.raises(Unsupported, match="as application/pdf: there is no picture of it"):
        await shown(vsrx, file)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/dicom"])
async def test_what_no_browser_is_given(vsrx: Vsrx, put: Callable[..., str], mime: str, whole: bool) -> None:
    with pytest.raises(Unsupported, match=f"as {mime.replace('+', '.')}"):
        await shown(vsrx, put(b"<svg/>", mime), whole=whole)


async def test_a_very_large_image(vsrx: Vsrx, put: Callable[..., str], monkeypatch: Any) -> None:
    """It is no small picture, and can be opened whole."""
    monkeypatch.setattr(fetching, "LARGEST_PICTURE", 1000)
    file = put(IMAGE * 1000)
    with pytest.raises(Unsupported, match="no small picture"):
        await shown(vsrx, file)
    assert (await shown(vsrx, file, whole=True))[1] == IMAGE * 1000


async def test_what_is_gone(vsrx: Vsrx, put: Callable[..., str], fake: FakeVsrx) -> None:
    """Also when the bridge still serves what a user deleted, and when the version is known."""
    file, other = put(), put()
    known = (await shown(vsrx, file))[0].etag
    fake.flag(file)
    fake.purge_file(other)
    for served in (False, True):
        fake.content.of_deleted = served
        for etag in (None, known):
            assert isinstance((await shown(vsrx, file, etag=etag))[0], Absent)
    assert isinstance((await shown(vsrx, other))[0], Absent)


async def test_a_fileset_has_no_picture(vsrx: Vsrx) -> None:
    with pytest.raises(Unsupported, match="has no picture"):
        vsrx.preview(Key("fileset", "P-0"))


@pytest.mark.parametrize(
    "fault",
    [
        Fault.RESET, Fault.ERROR, Fault.FORBIDDEN, Fault.NOT_FOUND, Fault.UNAUTHORIZED, Fault.HTML,
        Fault.REDIRECT, Fault.OTHER_APP, Fault.STARTING,
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["*/files/*", "*/content"])
async def test_trouble(vsrx: Vsrx, put: Callable[..., str], fake: FakeVsrx, fault: Fault, path: str) -> None:
    file = put()
    known = (await shown(vsrx, file))[0].etag
    fake.faults.set(fault, path)
    for etag in (None, known):
        with pytest.raises(SourceError):
            await shown(vsrx, file, etag=etag)
