"""Files out of Paperless: the newest file's original, named by its checksum; nothing of what is gone."""

from typing import Any

import pytest

from reconciled.errors import BadResponse, Refused, SourceError, Unreachable
from reconciled.model import Absent
from reconciled.source import Content, Unchanged
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.faults import Fault
from reconciled_paperless.items import key_of

DATA = b"%PDF " + bytes(range(256)) * 20_000


@pytest.fixture(params=["3.0.5", "2.20.15"])
async def fake(request: pytest.FixtureRequest, running: Any) -> FakePaperless:
    app: FakePaperless = await running(version=request.param)
    app.put("A scan", data=DATA, file_name="scan.pdf", mime_type="application/pdf")
    app.put("A page", data=b"<html>", file_name="page.html", mime_type="text/html")
    return app


async def read(source: Any, number: int, **asked: Any) -> tuple[Any, bytes]:
    async with source.fetch(key_of(number), **asked) as found:
        if not isinstance(found, Content):
            return found, b""
        return found, b"".join([chunk async for chunk in found.chunks])


async def test_the_file(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    found, data = await read(source, 1)
    assert data == DATA
    assert (found.start, found.size, found.mime_type) == (0, len(DATA), "application/pdf")
    document = fake.state.documents[1]
    assert found.etag == (document.sha256 if fake.modern else document.md5)
    assert (await read(source, 1, etag=found.etag))[0] == Unchanged()
    assert (await read(source, 1, start=1000, etag=found.etag))[1] == DATA  # it knows no parts
    assert (await read(source, 1, etag="another"))[1] == DATA


async def test_a_page_is_a_file_too(fake: FakePaperless, asking: Any) -> None:
    assert (await read(asking(fake), 2))[1] == b"<html>"


async def test_the_newest_file(running: Any, asking: Any) -> None:
    app: FakePaperless = await running()
    app.put("A scan", data=DATA)
    source = asking(app)
    before, _ = await read(source, 1)
    newer = app.add_version(1, b"%PDF newer")
    after, data = await read(source, 1, etag=before.etag)
    assert (data, after.etag) == (b"%PDF newer", newer.checksum)
    item = await source.lookup(key_of(1))
    assert {ref.value for ref in item.refs if ref.space == "sha256"} == {after.etag}


async def test_what_lies_in_the_trash_is_absent_though_it_is_served(fake: FakePaperless, asking: Any) -> None:
    fake.delete(1)
    found, _ = await read(asking(fake), 1)
    assert isinstance(found, Absent)
    assert found.said == "in the trash"


async def test_what_was_purged(fake: FakePaperless, asking: Any) -> None:
    fake.purge(1)
    found, _ = await read(asking(fake), 1)
    assert isinstance(found, Absent)


async def test_what_is_hidden_is_not_absent(fake: FakePaperless, asking: Any) -> None:
    ann = fake.put_user("ann")
    with pytest.raises(Refused, match="hidden"):
        await read(asking(fake, token=ann.token), 1)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RESET, Unreachable),
        (Fault.ERROR, BadResponse),
        (Fault.HTML, BadResponse),
        (Fault.NOT_FOUND, BadResponse),
        (Fault.UNAUTHORIZED, SourceError),
        (Fault.FORBIDDEN, SourceError),
    ],
)
@pytest.mark.parametrize("path", ["*/metadata/", "*/download/"])
async def test_trouble_on_the_way(
    fake: FakePaperless, asking: Any, fault: Fault, error: type[SourceError], path: str
) -> None:
    fake.faults.set(fault, path=path)
    with pytest.raises(error):
        await read(asking(fake), 1)


async def test_where_it_came_from(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    assert source.origin(await source.lookup(key_of(1))) == {
        "sourceSystem": "PAPERLESS",
        "documentId": "1",
        "originalFileName": "scan.pdf",
        "created": "2026-01-01",
    }
