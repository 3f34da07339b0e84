"""The bytes of VSRX' files: whole, of one version, and from the bridge itself."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from reconciled.errors import BadResponse, SourceError, Unauthorized, Unreachable, Unsupported
from reconciled.model import Absent, Key
from reconciled.source import Content, Fetches, Unchanged
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled.testing.fakes.vsrx_content import Trick
from reconciled.testing.faults import Fault
from reconciled_vsrx import Vsrx

FILE = bytes(range(256)) * 1024  # 256 KiB
OTHER = FILE[::-1]
KEY = Key("file", "F-1")


@pytest.fixture
def file(fake: FakeVsrx) -> Any:
    found = fake.files["F-1"]
    found.content = FILE
    return found


async def got(source: Vsrx, *, start: int = 0, etag: str | None = None) -> tuple[Any, bytes]:
    async with source.fetch(KEY, start=start, etag=etag) as answer:
        body = b"".join([chunk async for chunk in answer.chunks]) if isinstance(answer, Content) else b""
        return answer, body


async def read(answer: Content, into: bytearray) -> None:
    async for chunk in answer.chunks:
        into += chunk


async def test_all_of_it(vsrx: Vsrx, file: Any) -> None:
    assert isinstance(vsrx, Fetches)
    answer, body = await got(vsrx)
    assert body == FILE
    assert (answer.start, answer.size, answer.etag) == (0, len(FILE), file.etag)
    assert answer.mime_type == "image/jpeg"
    listed = await vsrx.lookup(KEY)
    assert not isinstance(listed, Absent)
    assert listed.attrs["etag"] == answer.etag


@pytest.mark.parametrize("weak", [False, True])
async def test_unchanged(vsrx: Vsrx, fake: FakeVsrx, file: Any, weak: bool) -> None:
    fake.content.weak = weak
    answer, _ = await got(vsrx)
    again, _ = await got(vsrx, etag=answer.etag)
    assert isinstance(again, Unchanged)
    file.content = OTHER
    changed, body = await got(vsrx, etag=answer.etag)
    assert (changed.start, body) == (0, OTHER)


STRONG, WEAK, ODD = "{etag}", "W/{etag}", "no etag\r\nX-Evil: 1"


@pytest.mark.parametrize(
    ("etag", "start", "ranges", "changed", "begins"),
    [
        (STRONG, 1000, True, False, 1000),
        (STRONG, 1000, True, True, 0),
        (STRONG, 1000, False, False, 0),
        (STRONG, len(FILE) - 1, True, False, len(FILE) - 1),
        (STRONG, len(FILE), True, False, 0),
        (STRONG, 10 * len(FILE), True, False, 0),
        (WEAK, 1000, True, False, 0),
        (ODD, 1000, True, False, 0),
        (ODD, 0, True, False, 0),
        (None, 1000, True, False, 0),
    ],
)
async def test_a_part(
    vsrx: Vsrx, fake: FakeVsrx, file: Any, etag: str | None, start: int, ranges: bool, changed: bool,
    begins: int,
) -> None:  # fmt: skip
    fake.content.ranges = ranges
    shown = etag.format(etag=file.etag) if etag is not None else None
    file.content = OTHER if changed else FILE
    answer, body = await got(vsrx, start=start, etag=shown)
    assert (answer.start, answer.size) == (begins, len(FILE))
    assert body == file.content[begins:]


@pytest.mark.parametrize(
    ("how", "changed", "begins"),
    [
        ("careless", False, 1000),
        ("careless", True, 0),
        ("nameless", False, 0),
        ("nameless", True, 0),
        ("shifted", False, 0),
    ],
)
async def test_a_part_that_may_be_of_another_version(
    vsrx: Vsrx, fake: FakeVsrx, file: Any, how: str, changed: bool, begins: int
) -> None:
    """A bridge that does not look at If-Range: all of it comes instead, so no file is stuck for ever."""
    etag = file.etag
    fake.content.careless = True
    setattr(fake.content, how, True)
    file.content = OTHER if changed else FILE
    answer, body = await got(vsrx, start=1000, etag=etag)
    assert (answer.start, body) == (begins, file.content[begins:])


async def test_a_weak_one_is_no_ground_for_a_part(vsrx: Vsrx, fake: FakeVsrx, file: Any) -> None:
    fake.content.weak = True
    answer, _ = await got(vsrx)
    again, body = await got(vsrx, start=1000, etag=answer.etag)
    assert (again.start, body) == (0, FILE)


async def test_a_cut_is_no_end_and_goes_on(vsrx: Vsrx, fake: FakeVsrx, file: Any) -> None:
    fake.tricks["F-1"] = Trick(after=100_000, cut=True)
    body = bytearray()
    async with vsrx.fetch(KEY) as answer:
        assert isinstance(answer, Content)
        with pytest.raises(Unreachable, match=r"broke off after 100,000 of 262,144 bytes"):
            await read(answer, body)
    assert body == FILE[:100_000]
    rest, more = await got(vsrx, start=len(body), etag=answer.etag)
    assert rest.start == 100_000
    assert body + more == FILE
    assert fake.content.served["F-1"] == len(FILE)
    assert fake.count("/files/F-1/content") == 2


async def test_a_change_between_two_parts_begins_anew(vsrx: Vsrx, fake: FakeVsrx, file: Any) -> None:
    fake.tricks["F-1"] = Trick(after=100_000, cut=True, then=lambda: setattr(file, "content", OTHER))
    async with vsrx.fetch(KEY) as answer:
        assert isinstance(answer, Content)
        with pytest.raises(Unreachable):
            await read(answer, bytearray())
    again, body = await got(vsrx, start=100_000, etag=answer.etag)
    assert (again.start, body) == (0, OTHER)
    assert again.etag != answer.etag


async def test_a_change_in_mid_transfer_shows_in_its_etag(vsrx: Vsrx, fake: FakeVsrx, file: Any) -> None:
    """The bytes are of two versions then; that the version is another one afterwards tells."""
    fake.tricks["F-1"] = Trick(after=2**16, then=lambda: setattr(file, "content", OTHER))
    answer, body = await got(vsrx)
    assert body == FILE[: 2**16] + OTHER[2**16 :]
    after, _ = await got(vsrx, etag=answer.etag)
    assert isinstance(after, Content)


async def test_one_that_shrinks_in_mid_transfer_is_cut(vsrx: Vsrx, fake: FakeVsrx, file: Any) -> None:
    fake.tricks["F-1"] = Trick(after=2**16, then=lambda: setattr(file, "content", b"short"))
    with pytest.raises(Unreachable, match="65,536 of 262,144"):
        await got(vsrx)


@pytest.mark.parametrize(("said", "comes"), [(300_000, None), (1000, 1000)])
async def test_a_length_that_is_wrong(
    vsrx: Vsrx, fake: FakeVsrx, file: Any, said: int, comes: int | None
) -> None:
    """More than there is, is a cut; less is a size that the listed one contradicts."""
    fake.tricks["F-1"] = Trick(length=said)
    if comes is None:
        with pytest.raises(Unreachable, match="262,144 of 300,000"):
            await got(vsrx)
    else:
        answer, body = await got(vsrx)
        assert answer.size == len(body) == comes != len(file.content)


async def test_without_any_length(vsrx: Vsrx, fake: FakeVsrx, file: Any) -> None:
    """In chunks a cut is noticed all the same."""
    fake.content.sized = False
    answer, body = await got(vsrx)
    assert (answer.size, body) == (None, FILE)
    fake.tricks["F-1"] = Trick(after=100_000, cut=True)
    with pytest.raises(Unreachable, match="after 100,000 bytes"):
        await got(vsrx)


async def test_silence(open_vsrx: Callable[..., Vsrx], fake: FakeVsrx, file: Any) -> None:
    fake.tricks["F-1"] = Trick(after=2**16, pause=5)
    with pytest.raises(Unreachable, match="silent for 200 ms after 65,536"):
        await got(open_vsrx(timeout="200ms"))


async def test_denied_by_its_id(vsrx: Vsrx, fake: FakeVsrx, file: Any) -> None:
    fake.purge_file("F-1")
    answer, _ = await got(vsrx)
    assert isinstance(answer, Absent)
    assert "404 of VSRX 7.4.1" in answer.said


@pytest.mark.parametrize("served", [True, False])
async def test_a_flagged_file_may_be_served(vsrx: Vsrx, fake: FakeVsrx, file: Any, served: bool) -> None:
    """Only its row says whether it is there."""
    fake.flag("F-1")
    fake.content.of_deleted = served
    answer, _ = await got(vsrx)
    assert isinstance(answer, Content if served else Absent)
    assert isinstance(await vsrx.lookup(KEY), Absent)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.NOT_FOUND, BadResponse),
        (Fault.NOT_FOUND_APP, BadResponse),
        (Fault.HTML, BadResponse),
        (Fault.REDIRECT, BadResponse),
        (Fault.REDIRECT_AWAY, BadResponse),
        (Fault.UNAUTHORIZED, Unauthorized),
        (Fault.ERROR, BadResponse),
        (Fault.STARTING, Unreachable),
        (Fault.RESET, Unreachable),
        (Fault.OTHER_APP, BadResponse),
    ],
)
@pytest.mark.parametrize("start", [0, 1000])
async def test_trouble_is_no_file_and_no_absence(
    vsrx: Vsrx, fake: FakeVsrx, file: Any, fault: Fault, kind: type[SourceError], start: int
) -> None:
    etag = file.etag
    fake.faults.set(fault, path="*/content")
    with pytest.raises(kind):
        await got(vsrx, start=start, etag=etag)


async def test_without_the_mark_it_is_nobodys(vsrx: Vsrx, fake: FakeVsrx, file: Any) -> None:
    fake.marked = False
    for etag in (None, file.etag):
        with pytest.raises(BadResponse, match="X-VSRX-Version"):
            await got(vsrx, etag=etag)


async def test_a_page_is_a_file_like_any_other(vsrx: Vsrx, file: Any) -> None:
    file.mime, file.content = "text/html", b"<!doctype html><p>A letter"
    answer, body = await got(vsrx)
    assert (answer.mime_type, body) == ("text/html", file.content)


async def test_other_paths_and_names(open_vsrx: Callable[..., Vsrx], fake: FakeVsrx, file: Any) -> None:
    source = open_vsrx(map={"paths": {"content": "/files/{id}/other"}})
    with pytest.raises(BadResponse, match="does not name the id"):
        await got(source)
    assert fake.count("/files/F-1/other") == 1


@pytest.mark.parametrize("path", ["/files/content", "/files/{patientId}/content", "/files/{id}/{id}"])
def test_a_path_without_its_id_is_refused(open_vsrx: Callable[..., Vsrx], path: str) -> None:
    with pytest.raises(ValidationError, match="no such path"):
        open_vsrx(map={"paths": {"content": path}})


@pytest.mark.parametrize("header", ["Range", "If-Range"])
def test_headers_of_our_own_carry_no_token(open_vsrx: Callable[..., Vsrx], header: str) -> None:
    with pytest.raises(ValidationError, match="a meaning of its own"):
        open_vsrx(map={"header": header})


@pytest.mark.parametrize("key", [Key("fileset", "P-1"), Key("file", "../F-1"), Key("file", "a/b")])
async def test_what_has_no_bytes(vsrx: Vsrx, key: Key) -> None:
    with pytest.raises(Unsupported):
        async with vsrx.fetch(key):
            raise AssertionError


async def test_where_a_copy_is_from(vsrx: Vsrx, fake: FakeVsrx) -> None:
    good, bad = fake.put_file("P-1", path="notes/a//./b.jpg"), fake.put_file("P-1", path="/etc/passwd")
    items = [await vsrx.lookup(Key("file", one.id)) for one in (good, bad)]
    fileset = await vsrx.lookup(Key("fileset", "P-1"))
    assert [dict(vsrx.origin(item)) for item in (*items, fileset) if not isinstance(item, Absent)] == [
        {
            "clientFileId": good.id,
            "originalPath": "notes/a/b.jpg",
            "sourceSystem": "VSRX_SYNC",
            "groupingStatus": "ungrouped",
        },
        {"clientFileId": bad.id, "sourceSystem": "VSRX_SYNC", "groupingStatus": "ungrouped"},
        {},
    ]
    refused = items[1]
    assert not isinstance(refused, Absent)
    assert str(refused.attrs["refused"]).startswith("its path ")
    assert vsrx.fileset == "patient"
    assert refused.attrs[vsrx.fileset] == "P-1"
