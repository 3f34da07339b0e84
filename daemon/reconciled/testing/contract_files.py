"""Checks of files that travel: what a source hands out, what it takes in, and what it says of both.

Bytes are whole or trouble, never cut short and called a file. What an upload made is known again, by
whoever asks; the same bytes of somebody else are found and never called ours.
"""

import hashlib
import tracemalloc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from reconciled.errors import BadResponse, SourceError, Unsupported
from reconciled.model import Absent, Item, Key
from reconciled.source import (
    Content,
    Failed,
    Fetches,
    Kept,
    Pending,
    ReadsBack,
    Receipt,
    Revises,
    Unchanged,
    Upload,
    Uploads,
)
from reconciled.testing.contract_acting import STRIKES
from reconciled.testing.contract_checks import Checks, some_of, unable
from reconciled.testing.contract_scene import Scene, claim, fail, shown

MIB = 2**20
CHUNK = MIB
"""The most bytes that come at a time."""
LARGE, SPARE = 16 * MIB, 6 * MIB
UNKNOWN = Receipt("00000000-0000-4000-8000-000000000000 contract/file/0")
_QUESTIONS = 20
_OUR_WORD = "contract/file/{number}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as it was handed out."""

    start: int
    data: bytes
    etag: str | None

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


class FileChecks(Checks):
    """A source hands files out and takes them in rightly."""

    # out

    async def test_a_fetch_gives_the_file(self) -> None:
        """All of its bytes, in pieces, as its item describes them; and twice the same."""
        async with self.played() as scene:
            for key, item in (await _files(scene)).items():
                first, again = await _fetched(scene, key), await _fetched(scene, key)
                claim(first == again, f"{key} was fetched twice, and is not the same file twice")
                _check_described(item, first)
                truth = scene.stand.content(key)
                claim(truth is None or truth == first.data, f"the bytes of {key} are not those of the app")

    async def test_a_version_that_is_known(self) -> None:
        """`Unchanged` for the very version, the bytes for any other."""
        async with self.played() as scene:
            for key in await _files(scene):
                etag = (await _fetched(scene, key)).etag
                if etag is None:
                    continue
                async with scene.source.fetch(key, etag=etag) as same:  # type: ignore[attr-defined]
                    claim(
                        isinstance(same, Unchanged),
                        f"{key} is still the version {etag}, and came {shown(same)}",
                    )
                other = await _fetched(scene, key, etag='"another-version"')
                claim(
                    other.start == 0,
                    f"{key}: of another version all bytes come, not those from {other.start}",
                )

    async def test_a_part_of_a_file(self) -> None:
        """From a byte on, or all of it: `start` says which, and the bytes are those of the file."""
        async with self.played() as scene:
            for key in await _files(scene):
                whole = await _fetched(scene, key)
                middle = len(whole.data) // 2
                for etag in {whole.etag, '"another-version"'} - {None}:
                    part = await _fetched(scene, key, start=middle, etag=etag)
                    allowed = (0, middle) if etag == whole.etag else (0,)
                    claim(
                        part.start in allowed and part.data == whole.data[part.start :],
                        f"{key} was asked for from byte {middle} on ({etag=}), and came "
                        f"{len(part.data)} bytes said to begin at {part.start}",
                    )

    async def test_a_fetch_of_what_is_gone(self) -> None:
        """The app's no, or trouble; no bytes."""
        async with self.played() as scene:
            for key in {key.kind: key for key in await _files(scene)}.values():
                if not await self.removed(scene, key):
                    continue
                try:
                    async with scene.source.fetch(key) as found:  # type: ignore[attr-defined]
                        claim(isinstance(found, Absent), f"{key} is gone, and its fetch gave {shown(found)}")
                except SourceError as error:
                    scene.hear(error)

    async def test_trouble_in_a_fetch(self) -> None:
        """It is trouble: no bytes, no "unchanged", no absence."""
        async with self.played() as scene:
            fake = self.http_of(scene)
            key = next(iter(await _files(scene)))
            etag = (await _fetched(scene, key)).etag
            for fault in STRIKES:
                if fault.value in scene.stand.excused:
                    continue
                fake.faults.set(fault)
                await scene.troubled(f"fetch with {fault}", _fetched(scene, key, etag=etag))
                fake.faults.clear()

    async def test_a_source_of_files_says_where_they_came_from(self) -> None:
        """As texts, without asking anybody."""
        async with self.played() as scene:
            for item in (await _files(scene)).values():
                kept = scene.source.origin(item)  # type: ignore[attr-defined]
                claim(
                    all(isinstance(one, str) and one for pair in kept.items() for one in pair),
                    f"what a copy keeps of {item.key} are names and texts, but this is {shown(kept)}",
                )

    # in

    async def test_an_upload_arrives(self) -> None:
        """It is not had, it is taken in, it is had; by its marker and by its bytes, and it can be fetched."""
        async with self.taking() as (scene, folder):
            source: Any = scene.source
            upload = _upload(scene, folder, 1)
            before = await source.had(upload)
            claim(before is None, f"nobody uploaded that file, and had() says {shown(before)}")
            made = await _ended(scene, await source.upload(upload))
            claim(made.ours, f"an upload of ours made it, but it is {shown(made)}")
            if not isinstance(made.item, Item):
                fail(f"it was taken in just now, so it can be shown: {shown(made)}")
            claim(
                await source.lookup(made.key) == made.item,
                f"{made.key} as it was kept is not what a lookup says",
            )
            for since in (None, datetime(2020, 1, 1, tzinfo=UTC)):
                known = await source.had(upload, since=since)
                claim(
                    isinstance(known, Kept) and known.key == made.key and known.ours,
                    f"it was uploaded as {made.key}, and had({since=}) says {shown(known)}",
                )
            other = await source.had(_upload(scene, folder, 1, marker=2))
            claim(
                isinstance(other, Kept) and other.key == made.key and other.ours == source.by_content,
                f"the same bytes of another original are found as {made.key}, and are ours only where "
                f"keys are bytes; had() says {shown(other)}",
            )
            if isinstance(source, Fetches):
                claim(
                    (await _fetched(scene, made.key)).sha256 == upload.sha256,
                    f"what was uploaded as {made.key} comes out as other bytes",
                )

    async def test_two_uploads_are_two_files(self) -> None:
        """At the same time, with other bytes each."""
        async with self.taking() as (scene, folder):
            source: Any = scene.source
            uploads = [_upload(scene, folder, number) for number in (1, 2)]
            made = [await _ended(scene, given) for given in await self.at_once(*map(source.upload, uploads))]
            claim(
                len({one.key for one in made}) == len(uploads) and all(one.ours for one in made),
                f"two files were uploaded, and these were kept: {shown(made)}",
            )

    async def test_bytes_that_are_there_already(self) -> None:
        """They are found, under another key than ours, and are not ours."""
        async with self.taking() as (scene, folder):
            source: Any = scene.source
            for key in [*await _files(scene)][:2]:
                data = (await _fetched(scene, key)).data
                found = await source.had(_upload(scene, folder, 9, data=data))
                claim(
                    isinstance(found, Kept) and found.ours == source.by_content,
                    f"{key} has these bytes, and had() says {shown(found)}",
                )

    async def test_newer_bytes_of_an_upload(self) -> None:
        """They are the same item's, and come out of it; twice the same is success."""
        async with self.taking() as (scene, folder):
            if not isinstance(scene.source, Revises):
                unable(scene, "Revises")
            source: Any = scene.source
            made = await _ended(scene, await source.upload(_upload(scene, folder, 1)))
            newer = _upload(scene, folder, 2, marker=1)
            for _ in range(2):
                try:
                    given = await source.revise(made.key, newer)
                except Unsupported as error:
                    pytest.skip(f"{scene.name}, in this version, takes no newer bytes: {error}")
                revised = await _ended(scene, given)
                claim(
                    revised.key == made.key and revised.ours,
                    f"{made.key} is ours and was given newer bytes, and this came of it: {shown(revised)}",
                )
            if isinstance(source, Fetches):
                claim(
                    (await _fetched(scene, made.key)).sha256 == newer.sha256,
                    f"{made.key} was given newer bytes, and hands out others",
                )

    async def test_bytes_that_are_read_back(self) -> None:
        """What is whole is said to be."""
        async with self.played() as scene:
            source: Any = scene.source
            if not isinstance(source, ReadsBack):
                unable(scene, "ReadsBack")
            for key in some_of(await scene.walk()):
                said = await source.read_back(key)
                claim(said is None, f"the bytes of {key} are whole, and it is said that its bytes {said}")

    async def test_a_receipt_of_nobody(self) -> None:
        """BadResponse, not "failed" and not "kept"."""
        async with self.taking() as (scene, _):
            source: Any = scene.source
            error = await scene.troubled("outcome of an unknown receipt", source.outcome(UNKNOWN))
            claim(isinstance(error, BadResponse), f"an unknown receipt is BadResponse, not {error!r}")

    async def test_trouble_in_an_upload(self) -> None:
        """It is trouble, and nothing was stored."""
        async with self.taking() as (scene, folder):
            fake, source = self.http_of(scene), scene.source
            upload = _upload(scene, folder, 1)
            there = set(await scene.walk())
            for fault in STRIKES:
                if fault.value in scene.stand.excused:
                    continue
                fake.faults.set(fault)
                await scene.troubled(f"had with {fault}", source.had(upload))  # type: ignore[attr-defined]
                await scene.troubled(f"upload with {fault}", source.upload(upload))  # type: ignore[attr-defined]
                fake.faults.clear()
            await scene.stand.settled()
            claim(set(await scene.walk()) == there, "all uploads failed, and something was stored")

    async def test_a_large_file_is_not_held_in_memory(self) -> None:
        """Neither on its way in nor on its way out."""
        async with self.taking() as (scene, folder):
            if scene.stand.fake is not None:
                pytest.skip("the app is played in this very process, so that its memory would count")
            source: Any = scene.source
            upload = _upload(scene, folder, 1, data=scene.stand.sample(1)[2].ljust(LARGE, b"\n"))
            tracemalloc.start()
            try:
                made = await _ended(scene, await source.upload(upload))
                if isinstance(source, Fetches):
                    async with source.fetch(made.key) as content:
                        assert isinstance(content, Content)  # noqa: S101
                        async for _ in content.chunks:
                            pass
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            claim(peak < SPARE, f"a file of {LARGE // MIB} MiB took {peak / MIB:.1f} MiB of memory")

    @asynccontextmanager
    async def taking(self) -> AsyncIterator[tuple[Scene, Path]]:
        """A scene with a source that takes files in, as its stand has set it up; and a folder for ours."""
        with TemporaryDirectory() as folder:
            async with self.played() as scene:
                if not isinstance(scene.source, Uploads):
                    unable(scene, "Uploads")
                try:
                    await scene.source.had(_upload(scene, Path(folder), 0))
                except Unsupported as error:
                    pytest.skip(f"{scene.name}, as this stand has set it up, takes no files in: {error}")
                yield scene, Path(folder)


async def _files(scene: Scene) -> Mapping[Key, Item]:
    """Some items whose bytes can be fetched."""
    source: Any = scene.source
    if not isinstance(source, Fetches):
        unable(scene, "Fetches")
    found: dict[Key, Item] = {}
    for key, item in some_of(await scene.walk()).items():
        try:
            async with source.fetch(key):
                found[key] = item
        except Unsupported as error:
            scene.hear(error)
    return found or fail("fetch is Unsupported for items of every kind; leave the ability out")


async def _fetched(scene: Scene, key: Key, *, start: int = 0, etag: str | None = None) -> Fetched:
    source: Any = scene.source
    async with source.fetch(key, start=start, etag=etag) as content:
        if not isinstance(content, Content):
            fail(f"{key} is there, and its fetch ({start=}, {etag=}) gave {shown(content)}")
        parts = [bytes(part) async for part in content.chunks]
    sizes = [len(part) for part in parts]
    claim(max(sizes, default=0) <= CHUNK, f"{key} came in pieces of up to {max(sizes, default=0)} bytes")
    end = content.start + sum(sizes)
    claim(
        content.size is None or content.size == end,
        f"{key} is said to have {content.size} bytes, and ended after {end}",
    )
    return Fetched(content.start, b"".join(parts), content.etag)


def _check_described(item: Item, fetched: Fetched) -> None:
    """What the item says of its bytes without fetching them has to be so."""
    size = item.attrs.get("size")
    claim(
        size in (None, len(fetched.data)),
        f'attrs["size"] of {item.key} is {size!r}, and it has {len(fetched.data)} bytes',
    )
    etag = item.attrs.get("etag")
    claim(
        etag is None or fetched.etag is None or etag == fetched.etag,
        f'attrs["etag"] of {item.key} is {etag!r}, and its fetch calls it {fetched.etag!r}',
    )
    sums = {ref.value for ref in item.refs if ref.space == "sha256"}
    claim(
        not sums or sums == {fetched.sha256},
        f"{item.key} names its bytes {sorted(sums)}, and they are {fetched.sha256}",
    )


def _upload(
    scene: Scene, folder: Path, number: int, *, marker: int | None = None, data: bytes | None = None
) -> Upload:
    """A file of ours on the disk; `marker` is the number of another original with the same bytes."""
    name, mime_type, sample = scene.stand.sample(number)
    data = sample if data is None else data
    path = folder / f"{number}.part"
    path.write_bytes(data)
    return Upload(
        path=path,
        name=name,
        title=Path(name).stem,
        mime_type=mime_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        marker=_OUR_WORD.format(number=number if marker is None else marker),
        created=datetime(2026, 3, 1, 12, tzinfo=UTC),
        kept={"clientFileId": str(number), "originalPath": f"notes/{'deep/' * 60}{name}"},
        labels=("contract",),
    )


async def _ended(scene: Scene, given: object) -> Kept:
    """How an upload ended, which it has to do well."""
    source: Any = scene.source
    for _ in range(_QUESTIONS):
        if not isinstance(given, Receipt):
            break
        await scene.stand.settled()
        outcome = await source.outcome(given)
        if isinstance(outcome, Failed | Kept):
            given = outcome
        else:
            claim(isinstance(outcome, Pending), f"no outcome of an upload: {shown(outcome)}")
    if not isinstance(given, Kept):
        fail(f"an upload of a good file has to end as Kept, but this is {shown(given)}")
    scene.hear(given.said)
    return given
