"""Files into an archive and out of it, whatever it lies in."""

import asyncio
import os

import pytest
from tests.plugins.archive.stands import ArchiveStand, File, Open, sha256_of

from reconciled.errors import BadResponse, Refused, SourceError, Unsupported
from reconciled.model import Absent, Item, Key, Ref
from reconciled.source import Content, Deletion, Kept, Receipt, Unchanged, Weight
from reconciled_archive import Archive
from reconciled_archive.items import MARKER, name_of

FILES = Deletion(files=True)
SIZES = [0, 1, 2**20, 5 * 2**20 - 1, 5 * 2**20, 5 * 2**20 + 1, 12 * 2**20 + 17]


@pytest.fixture
async def archive(stand: ArchiveStand, open_archive: Open) -> Archive:
    source = open_archive(**stand.options())
    await source.probe()
    return source


async def fetched(archive: Archive, key: Key, **how: object) -> bytes:
    async with archive.fetch(key, **how) as content:  # type: ignore[arg-type]
        assert isinstance(content, Content)
        chunks = [chunk async for chunk in content.chunks]
    assert all(0 < len(chunk) <= 2**20 for chunk in chunks)
    return b"".join(chunks)


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_stored_comes_back(archive: Archive, file: File, size: int) -> None:
    upload = file(os.urandom(size))
    assert await archive.had(upload) is None
    kept = await archive.upload(upload)
    assert isinstance(kept, Kept)
    assert kept.ours
    assert kept.key == Key("blob", upload.sha256)
    assert kept.item == await archive.lookup(kept.key)
    assert await archive.had(upload) == kept
    assert await fetched(archive, kept.key) == upload.path.read_bytes()
    assert await archive.read_back(kept.key) is None


async def test_what_an_item_says(archive: Archive, file: File) -> None:
    upload = file(b"a scan")
    item = (await archive.upload(upload)).item
    assert item is not None
    assert item.refs == {Ref("blob", upload.sha256), Ref("sha256", upload.sha256)}
    assert item.strong_refs == {Ref("blob", upload.sha256)}
    assert (item.attrs["size"], item.attrs["etag"]) == (6, upload.sha256)
    assert str(item.attrs["stored"]).endswith("+00:00")
    assert list(await archive.find(Ref("sha256", upload.sha256))) == [item]
    assert list(await archive.find(Ref("sha256", "0" * 64))) == []
    assert archive.origin(item) == {"sha256": upload.sha256}


@pytest.mark.parametrize(
    ("start", "etag", "begins"),
    [(0, None, 0), (7, None, 7), (7, "this", 7), (7, "another", 0), (2_000_000, "this", 2_000_000)],
)
async def test_a_fetch_goes_on_where_it_ended(
    archive: Archive, file: File, start: int, etag: str | None, begins: int
) -> None:
    content = os.urandom(2_000_000)
    key = (await archive.upload(file(content))).key
    etag = key.id if etag == "this" else etag
    async with archive.fetch(key, start=start, etag=etag) as found:
        assert isinstance(found, Content)
        assert (found.start, found.size, found.etag) == (begins, len(content), key.id)
        assert b"".join([chunk async for chunk in found.chunks]) == content[begins:]


async def test_a_fetch_of_what_is_known_or_gone(archive: Archive, file: File) -> None:
    key = (await archive.upload(file(b"known"))).key
    async with archive.fetch(key, etag=key.id) as found:
        assert isinstance(found, Unchanged)
    async with archive.fetch(Key("blob", "1" * 64)) as found:
        assert isinstance(found, Absent)


async def test_the_same_bytes_are_one_blob(archive: Archive, file: File) -> None:
    upload = file(os.urandom(6 * 2**20))
    kept = await asyncio.gather(*(archive.upload(upload) for _ in range(4)))
    assert len({one.key for one in kept}) == 1
    pages = [page async for page in archive.snapshot(frozenset({"blob"}))]
    assert [item.key for page in pages for item in page.items] == [kept[0].key]


async def test_a_deleted_blob_is_gone_and_comes_again(archive: Archive, file: File) -> None:
    upload = file(b"to and fro")
    key = (await archive.upload(upload)).key
    for _ in range(2):
        await archive.delete(key, FILES)
        assert isinstance(await archive.lookup(key), Absent)
        assert await archive.read_back(key) == "are gone"
    await archive.upload(upload)
    assert isinstance(await archive.lookup(key), Item)


async def test_rotten_bytes_are_told_and_mended(archive: Archive, stand: ArchiveStand, file: File) -> None:
    upload = file(b"sound bytes")
    key = (await archive.upload(upload)).key
    await stand.put(name_of(key.id), b"rotten byte")
    assert (
        await archive.read_back(key) == f"are others: 11 of them, with the sha256 {sha256_of(b'rotten byte')}"
    )
    await stand.put(name_of(key.id), b"cut")
    assert "3 of them" in str(await archive.read_back(key))
    assert await archive.had(upload) is None  # so that it is stored anew
    await archive.upload(upload)
    assert await archive.read_back(key) is None


@pytest.mark.parametrize("size", [10, 11 * 2**20])
async def test_other_bytes_than_were_told_are_not_stored(archive: Archive, file: File, size: int) -> None:
    upload = file(os.urandom(size), sha256="ab" * 32)
    with pytest.raises(BadResponse, match="not the ones that were fetched"):
        await archive.upload(upload)
    assert isinstance(await archive.lookup(Key("blob", upload.sha256)), Absent)


async def test_a_file_of_ours_that_vanished(archive: Archive, file: File) -> None:
    upload = file(b"gone from the state folder")
    upload.path.unlink()
    with pytest.raises(BadResponse, match="cannot be read"):
        await archive.upload(upload)


async def test_without_the_marker_nothing_is_done(archive: Archive, stand: ArchiveStand, file: File) -> None:
    upload = file(b"kept")
    key = (await archive.upload(upload)).key
    await stand.drop(MARKER)
    for asked in (
        archive.probe(),
        archive.lookup(key),
        archive.lookup(Key("blob", "2" * 64)),
        archive.had(file(b"new")),
        archive.upload(file(b"new")),
        archive.delete(key, FILES),
        archive.read_back(key),
        archive.sweep(),
    ):
        with pytest.raises(BadResponse, match="another archive, or an unmounted one"):
            await asked
    with pytest.raises(BadResponse, match="another archive"):
        _ = [page async for page in archive.snapshot(frozenset({"blob"}))]
    assert [one.weight for one in await archive.examine(None)].count(Weight.ADVICE) >= 1


async def test_what_others_put_there_is_left_alone(
    archive: Archive, stand: ArchiveStand, file: File, caplog: pytest.LogCaptureFixture
) -> None:
    key = (await archive.upload(file(b"ours"))).key
    theirs = [
        f"blobs/{key.id}",
        "blobs/zz/notes.txt",
        f"blobs/00/{key.id}",
        "readme.txt",
        f"blobs/{key.id[:2]}/X",
    ]
    for name in theirs:
        await stand.put(name, b"theirs")
    caplog.set_level("INFO")
    for _ in range(2):
        pages = [page async for page in archive.snapshot(frozenset({"blob"}))]
        assert [item.key for page in pages for item in page.items] == [key]
    told = [record.getMessage() for record in caplog.records if "passed over" in record.getMessage()]
    assert len(told) == 1
    assert "4 objects below blobs have names that no blob has" in told[0]
    await archive.sweep()
    await archive.delete(key, FILES)
    for name in theirs:
        assert await stand.has(name)


@pytest.mark.parametrize(
    "odd", ["", "..", "../../etc/passwd", "AB" * 32, "ab" * 31, "é" * 64, "ab" * 32 + "\n"]
)
async def test_a_key_that_names_no_blob(archive: Archive, odd: str) -> None:
    for asked in (archive.lookup(Key("blob", odd)), archive.delete(Key("blob", odd), FILES)):
        with pytest.raises(Unsupported, match="names nothing"):
            await asked


async def test_a_receipt_is_none_of_ours(archive: Archive) -> None:
    with pytest.raises(BadResponse, match="gives no receipts"):
        await archive.outcome(Receipt("12"))


async def test_a_place_that_is_public_or_open_is_told(archive: Archive, stand: ArchiveStand) -> None:
    said = [matter.said for matter in await archive.examine(None)]
    assert said
    assert not any("in the clear" in one for one in said)  # it never leaves this box


async def test_who_takes_another_archive_for_his_own(
    archive: Archive, stand: ArchiveStand, open_archive: Open
) -> None:
    """A second source on the same place is the same archive; its id is the marker's."""
    other = open_archive(**stand.options())
    assert (await other.probe()).instance == (await archive.probe()).instance


async def test_trouble_of_an_upload_is_trouble(archive: Archive, stand: ArchiveStand, file: File) -> None:
    if stand.fake is None:
        pytest.skip("a folder has troubles of its own")
    upload = file(os.urandom(6 * 2**20))
    await stand.fake.down()
    with pytest.raises(SourceError) as caught:
        await archive.upload(upload)
    assert not isinstance(caught.value, Refused)
    await stand.fake.up()
    assert isinstance(await archive.upload(upload), Kept)
