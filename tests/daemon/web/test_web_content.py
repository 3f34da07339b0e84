"""Contents of records over the API: whole or not at all, checked, and never more in memory than a piece."""

import asyncio
import base64
import errno
import gzip
import hashlib
import io
import logging
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from tests.daemon.web.conftest import BEARER, Client, Notes, World
from tests.patience import PATIENCE

from reconciled.engine import contents
from reconciled.engine.contents import ALGORITHMS
from reconciled.engine.live import Rules
from reconciled.http import Http
from reconciled.ledger.contents import delivered, records_follow
from reconciled.model import Key
from reconciled.runtime.contents import Tidying
from reconciled.runtime.shelf import LedgerShelf
from reconciled.source import Content, Context, Unchanged
from reconciled.web import api_records_content
from reconciled.web.api_records_content import _announced
from reconciled.web.problems import Problem
from reconciled_records import Records, RecordsConfig

PDF = b"%PDF-1.7 an invoice"
ADDRESS = "/api/v1/records/library/{}/content"


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.fixture
async def library(world: World, tmp_path: Path) -> Records:
    """A source of records with two of them, whose contents lie in `inbox`."""
    shelf = LedgerShelf(world.engine, "library")
    context = Context(
        "library", Http.__new__(Http), world.clock, logging.getLogger("library"), Notes(), shelf=shelf
    )
    said = {"max_size": "3MiB", "folder": str(tmp_path / "inbox"), "keep": False}
    source = Records(RecordsConfig.model_validate({"content": said}), context)
    await world.engine.add("library", source, rules=Rules(), kinds=frozenset(source.kinds), scope={})
    await world.scan("library")
    return source


@pytest.fixture
async def client(client: Client, library: Records) -> Client:
    for key in ("12", "folder/13"):
        answer = await client.put(f"/api/v1/records/library/{key}", json={"title": key}, headers=BEARER)
        assert answer.status == 201
    return client


async def put(client: Client, body: Any, *, key: str = "12", status: int = 200, **headers: str) -> Any:
    sent = {**BEARER, "Content-Type": "application/pdf"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await client.put(ADDRESS.format(key), data=body, headers=sent)
    assert answer.status == status, await answer.text()
    return await answer.json()


def files(tmp_path: Path) -> list[bytes]:
    folder, found = tmp_path / "inbox", list[bytes]()
    for one in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # what is let go of on another thread at this moment
            found.append(one.read_bytes())
    return sorted(found)


async def bytes_of(source: Records, key: str, **asked: Any) -> bytes:
    async with source.fetch(Key("record", key), **asked) as found:
        assert isinstance(found, Content)
        return b"".join([chunk async for chunk in found.chunks])


async def settled(tmp_path: Path, *wanted: bytes) -> None:
    """What is let go of on other threads is gone soon."""
    async with asyncio.timeout(PATIENCE):
        while files(tmp_path) != sorted(wanted):
            await asyncio.sleep(0.005)


async def test_bytes_come_with_a_record_and_go_out_again(
    world: World, client: Client, library: Records, tmp_path: Path
) -> None:
    told = await put(client, PDF, status=201, X_Filename="Rechnung 12.pdf")
    assert told["content"] == {
        "name": "Rechnung 12.pdf", "mime_type": "application/pdf", "size": len(PDF), "sha256": sha256(PDF),
        "put": world.stamp, "let_go": None,
    }  # fmt: skip
    item = await (await client.get("/api/v1/items/library/record/12")).json()
    assert item["attrs"] == {
        "size": len(PDF), "mime_type": "application/pdf", "etag": sha256(PDF), "file_name": "Rechnung 12.pdf",
        "sync_status": "synced",
    }  # fmt: skip
    assert await bytes_of(library, "12") == PDF
    assert await bytes_of(library, "12", start=5, etag=sha256(PDF)) == PDF[5:]
    assert await bytes_of(library, "12", start=5, etag="of-another-version") == PDF
    async with library.fetch(Key("record", "12"), etag=sha256(PDF)) as same:
        assert isinstance(same, Unchanged)
    asked = await world.rows("SELECT what FROM audit ORDER BY id DESC LIMIT 1")
    assert asked == [(f"PUT /api/v1/records/library/12/content new, {len(PDF)} bytes",)]


async def test_other_bytes_take_the_place_of_what_was_there(
    world: World, client: Client, library: Records, tmp_path: Path
) -> None:
    await put(client, PDF, status=201)
    told = await put(client, b"newer", Content_Type="text/plain")
    assert (told["content"]["sha256"], told["content"]["mime_type"]) == (sha256(b"newer"), "text/plain")
    await settled(tmp_path, b"newer")
    changed = told["changed"]
    world.clock.advance(60)
    assert (await put(client, b"newer", Content_Type="text/plain"))["changed"] == changed
    await settled(tmp_path, b"newer")
    assert await bytes_of(library, "12") == b"newer"


async def test_an_id_with_slashes_has_a_content_too(client: Client, library: Records) -> None:
    told = await put(client, PDF, key="folder/13", status=201)
    assert (told["id"], told["content"]["name"]) == ("folder/13", "13")


def sent(**headers: str) -> web.Request:
    """A request with these headers, without its body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("PUT", "/", headers={"Content-Type": "application/pdf", **named})


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"X_Filename": "a.pdf"}, "a.pdf"),
        ({"X_Filename": "../../etc/passwd"}, "passwd"),
        ({"X_Filename": r"C:\scans\b.pdf"}, "b.pdf"),
        ({"X_Filename": ".."}, "12"),
        ({"X_Filename": "Rücken.pdf"}, "Rücken.pdf"),
        ({"X_Filename": "x" * 300 + ".pdf"}, "x" * 196 + ".pdf"),
        ({"X_Filename": "ä" * 300}, "ä" * 100),
        ({"Content_Disposition": 'attachment; filename="c d.pdf"'}, "c d.pdf"),
        ({"Content_Disposition": "attachment; filename*=UTF-8''na%C3%AFve.pdf"}, "naïve.pdf"),
        ({"Content_Disposition": "attachment; filename*=nonsense''%FF"}, "ÿ"),
        ({"Content_Disposition": ";;;"}, "12"),
        ({"Content_Disposition": "a;filename*0*=x;filename*=y;filename*1*=z"}, "12"),
        ({}, "12"),
    ],
)
def test_what_the_file_is_called(headers: dict[str, str], name: str) -> None:
    assert _announced(sent(**headers), "folder/12", most=99).name == name


def digest(algorithm: str, body: bytes) -> str:
    return base64.b64encode(hashlib.new(algorithm, body).digest()).decode()


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Content_Digest", f"sha-256=:{digest('sha256', PDF)}:", 201),
        ("Content_Digest", f"sha-512=:{digest('sha512', PDF)}:, sha-256=:{digest('sha256', PDF)}:", 201),
        ("Digest", f"SHA-256={digest('sha256', PDF)}", 201),
        ("Digest", f"md5=abc, sha-256={digest('sha256', PDF)}", 201),
        ("Digest", f"sha-256={digest('sha256', b'other')}, SHA-256={digest('sha256', PDF)}", 400),
        ("Content_Digest", "sha-256=:not base64:", 400),
        ("Content_Digest", f"sha-256={digest('sha256', PDF)}", 400),
        ("Content_Digest", "md5=:abc=:", 400),
        ("Digest", "nonsense", 400),
    ],
)
def test_which_checksums_are_checked(header: str, value: str, status: int) -> None:
    if status == 201:
        digests = _announced(sent(**{header: value}), "12", most=99).digests
        assert digests
        assert all(hashlib.new(ALGORITHMS[one], PDF).digest() == wanted for one, wanted in digests.items())
    else:
        with pytest.raises(Problem, match=r"checksum|written|base64") as told:
            _announced(sent(**{header: value}), "12", most=99)
        assert told.value.status == 400


async def test_a_checksum_is_checked(client: Client, library: Records, tmp_path: Path) -> None:
    right, wrong = (f"sha-512=:{digest('sha512', one)}:" for one in (PDF, b"other"))
    await put(client, PDF, status=201, Content_Digest=right)
    told = await put(client, b"more", status=400, Content_Digest=wrong)
    assert "sha-512" in told["detail"]
    await settled(tmp_path, PDF)


async def test_nothing_is_taken_in_place_of_what_cannot_be_kept(
    client: Client, library: Records, tmp_path: Path
) -> None:
    await put(client, PDF, status=201)
    assert "register it first" in (await put(client, PDF, key="14", status=404))["detail"]
    nobody = await client.put(
        "/api/v1/records/nobody/1/content", data=PDF, headers={**BEARER, "Content-Type": "a/b"}
    )
    assert nobody.status == 404
    assert "Content-Type" in (await put(client, PDF, status=415, Content_Type="nonsense"))["detail"]
    bare = client.put(ADDRESS.format("12"), data=PDF, headers=BEARER, skip_auto_headers=["Content-Type"])
    assert (await bare).status == 415
    assert (
        "as it is" in (await put(client, gzip.compress(PDF), status=415, Content_Encoding="gzip"))["detail"]
    )
    assert "at most 3 MiB" in (await put(client, io.BytesIO(bytes(3 * 2**20 + 1)), status=413))["detail"]

    async def too_much() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield bytes(2**20)

    assert "max_size" in (await put(client, too_much(), status=413))["detail"]
    await settled(tmp_path, PDF)
    assert (await (await client.get("/api/v1/records/library/12")).json())["content"]["size"] == len(PDF)


async def test_a_sender_needs_the_token(client: Client, library: Records, tmp_path: Path) -> None:
    answer = await client.put(ADDRESS.format("12"), data=PDF, headers={"Content-Type": "application/pdf"})
    assert (answer.status, files(tmp_path)) == (401, [])
    page = {**BEARER, "Content-Type": "text/plain", "Origin": "https://evil.example"}
    assert (await client.put(ADDRESS.format("12"), data=PDF, headers=page)).status == 403


async def test_the_largest_that_is_taken_goes_through_in_pieces(
    client: Client, library: Records, tmp_path: Path
) -> None:
    body = os.urandom(3 * 2**20)
    told = await put(client, io.BytesIO(body), status=201)
    assert told["content"]["sha256"] == sha256(body)
    async with library.fetch(Key("record", "12")) as found:
        assert isinstance(found, Content)
        sizes = [len(chunk) async for chunk in found.chunks]
    assert sizes == [2**20] * 3


async def test_only_one_at_a_time_for_a_record(client: Client, library: Records, tmp_path: Path) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield PDF
        begun.set()
        await go_on.wait()
        yield b"!"

    first = asyncio.create_task(put(client, slowly(), status=201))
    await begun.wait()
    async with asyncio.timeout(PATIENCE):
        while not (tmp_path / "inbox").is_dir():
            await asyncio.sleep(0.005)
    assert "on its way" in (await put(client, b"second", status=409))["detail"]
    await put(client, b"another", key="folder/13", status=201)
    go_on.set()
    assert (await first)["content"]["size"] == len(PDF) + 1
    await settled(tmp_path, PDF + b"!", b"another")


async def test_what_breaks_off_leaves_nothing(client: Client, library: Records, tmp_path: Path) -> None:
    await put(client, PDF, status=201)
    server = client.server
    _, writer = await asyncio.open_connection(str(server.host), server.port)
    head = (
        f"PUT {ADDRESS.format('12')} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 2000000\r\n"
    )
    head += f"Content-Type: a/b\r\nAuthorization: {BEARER['Authorization']}\r\n\r\n"
    writer.write(head.encode() + bytes(1_500_000))
    await writer.drain()
    async with asyncio.timeout(PATIENCE):
        while len(list((tmp_path / "inbox").iterdir())) < 2:
            await asyncio.sleep(0.005)
    writer.close()
    await settled(tmp_path, PDF)
    assert (await (await client.get("/api/v1/records/library/12")).json())["content"]["size"] == len(PDF)
    await put(client, b"again", status=200)


async def test_a_silent_sender_is_given_up(
    client: Client, library: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_records_content, "SILENCE", 0.02)
    stop = asyncio.Event()

    async def falls_silent() -> AsyncIterator[bytes]:
        yield PDF
        await stop.wait()

    assert "nothing came" in (await put(client, falls_silent(), status=408))["detail"]
    stop.set()
    await settled(tmp_path)


@pytest.mark.parametrize(("code", "status"), [(errno.ENOSPC, 507), (errno.EROFS, 503)])
async def test_a_full_disk_is_told(
    client: Client, library: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, status: int
) -> None:
    await put(client, PDF, status=201)

    def refuse(file: int, piece: bytes) -> int:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        broken.setattr("reconciled.engine.contents.os.write", refuse)
        told = await put(client, b"more", status=status)
    assert os.strerror(code) in told["detail"]
    await settled(tmp_path, PDF)
    assert await bytes_of(library, "12") == PDF


async def test_a_record_that_is_removed_meanwhile_gets_nothing(
    client: Client, library: Records, tmp_path: Path
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield PDF
        begun.set()
        await go_on.wait()

    sending = asyncio.create_task(put(client, slowly(), status=404))
    await begun.wait()
    headers = {**BEARER, "Content-Type": "application/json"}
    assert (await client.delete("/api/v1/records/library/12", headers=headers)).status == 200
    go_on.set()
    await sending
    await settled(tmp_path)


async def test_what_was_taken_off_comes_back_with_its_content_and_what_is_new_has_none(
    client: Client, library: Records, tmp_path: Path
) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    await put(client, PDF, status=201)
    assert (await client.delete("/api/v1/records/library/12", headers=headers)).status == 200
    await library.restore(Key("record", "12"), None)
    assert await bytes_of(library, "12") == PDF
    assert (await client.delete("/api/v1/records/library/12", headers=headers)).status == 200
    again = await client.put("/api/v1/records/library/12", json={"title": "another"}, headers=BEARER)
    assert (await again.json())["content"] is None


# --- what is left behind, and what is let go ----------------------------------------------------------


def tidying(world: World, library: Records, *targets: str) -> Tidying:
    return Tidying(world.engine, "library", library, targets=lambda _: targets)


async def test_what_no_row_names_is_swept_and_nothing_else(
    world: World, client: Client, library: Records, tmp_path: Path
) -> None:
    await put(client, PDF, status=201)
    (mine,) = (tmp_path / "inbox").iterdir()
    mark = mine.name.partition("-")[0]
    (tmp_path / "inbox" / f"{mark}-{'0' * 32}").write_bytes(b"left by a crash")
    others = ["holiday.jpg", f"{'f' * 8}-{'0' * 32}", f"{mark}-{'0' * 31}"]
    for name in others:
        (tmp_path / "inbox" / name).write_bytes(b"somebody's")
    in_hand = contents._Incoming(tmp_path / "inbox", mark, ())
    in_hand.open()
    in_hand.write(b"on its way")
    assert await tidying(world, library).sweep() == 1
    assert {one.name for one in (tmp_path / "inbox").iterdir()} == {*others, mine.name, in_hand.name}
    in_hand.close()


async def test_a_folder_that_is_not_there_loses_nothing(
    world: World, client: Client, library: Records, tmp_path: Path
) -> None:
    await put(client, PDF, status=201)
    (tmp_path / "inbox").rename(tmp_path / "elsewhere")
    assert await tidying(world, library, "archive").sweep() == 0
    with pytest.raises(Exception, match="is that mounted"):
        await bytes_of(library, "12")
    (tmp_path / "elsewhere").rename(tmp_path / "inbox")
    assert await bytes_of(library, "12") == PDF


async def copy(
    world: World,
    target: str,
    status: str,
    *,
    body: bytes = PDF,
    key: str = "12",
    held: bytes | None = None,
    shown: bool = True,
) -> None:
    """A copy of a record stands so in a target. `held`: that shows other bytes; `shown`: as a present item.

    Any present item will do for that.
    """

    def write(tx: Any) -> None:
        (item,) = tx.execute("SELECT id FROM item WHERE key = ?", (key,)).fetchone()
        tx.execute(
            "INSERT INTO copy (mirror, item_id, source, kind, key, title, fileset, target, status, sha256, "
            "created_at, changed_at, held_sha256, target_item) "
            "VALUES ('m', ?1, 'library', 'record', ?2, 't', ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8) "
            "ON CONFLICT (item_id, target) DO UPDATE SET status = ?4, sha256 = ?5, held_sha256 = ?7, "
            "target_item = ?8",
            (
                item,
                key,
                target,
                status,
                sha256(body),
                world.stamp,
                None if held is None else sha256(held),
                item if shown else None,
            ),
        )
        records_follow(tx, item)

    await world.ledger.write(write)


async def status(client: Client, key: str = "12") -> str:
    return str((await (await client.get(f"/api/v1/records/library/{key}")).json())["sync_status"])


async def test_bytes_are_let_go_when_every_target_has_them(
    world: World, client: Client, library: Records, tmp_path: Path
) -> None:
    await put(client, PDF, status=201)
    tidy = tidying(world, library, "paperless", "archive")
    await copy(world, "paperless", "duplicate")
    assert await tidy.let_go() == 0
    await copy(world, "archive", "synced", body=b"older bytes")
    assert await tidy.let_go() == 0
    await copy(world, "archive", "processing")
    assert await tidy.let_go() == 0
    await copy(world, "archive", "synced")
    assert await tidying(world, library).let_go() == 0  # nobody mirrors it
    assert await tidy.let_go() == 1
    assert (files(tmp_path), await tidy.let_go()) == ([], 0)
    told = await (await client.get("/api/v1/records/library/12")).json()
    assert (told["content"]["let_go"], told["sync_status"]) == (world.stamp, "duplicate")
    with pytest.raises(Exception, match="let go"):
        await bytes_of(library, "12")
    async with library.fetch(Key("record", "12"), etag=sha256(PDF)) as known:
        assert isinstance(known, Unchanged)  # whoever has them is not told of trouble
    await put(client, PDF)
    assert await bytes_of(library, "12") == PDF


@pytest.mark.parametrize(
    ("how", "let_go"),
    [
        ({}, 1),
        ({"held": PDF}, 1),
        ({"held": b"older bytes"}, 0),  # what the target showed when it took ours is not this
        ({"shown": False}, 0),  # it lies in a trash, which forgets it in time, or is hidden
    ],
)
async def test_bytes_are_not_let_go_before_they_stand(
    world: World, client: Client, library: Records, tmp_path: Path, how: Any, let_go: int
) -> None:
    await put(client, PDF, status=201)
    await copy(world, "archive", "synced", **how)
    assert await tidying(world, library, "archive").let_go() == let_go
    assert files(tmp_path) == [PDF] * (1 - let_go)


async def test_a_copy_that_goes_at_the_last_moment_keeps_the_bytes(
    world: World, client: Client, library: Records, tmp_path: Path
) -> None:
    await put(client, PDF, status=201)
    await copy(world, "archive", "synced")
    tidy, source_id = tidying(world, library, "archive"), world.engine.place("library").live.id
    (outgoing,) = await world.ledger.read(lambda tx: delivered(tx, source_id, ["archive"]))
    await copy(world, "archive", "missing")
    assert not await tidy._let_go(outgoing, source_id, ["archive"])
    assert files(tmp_path) == [PDF]


async def test_a_record_follows_its_copies(world: World, client: Client, library: Records) -> None:
    await copy(world, "archive", "failed")
    assert await status(client) == "synced"  # it has no bytes of ours: its program says how it fares
    await put(client, PDF, status=201)
    assert await status(client) == "failed"
    for said in ("pending", "processing", "synced", "duplicate"):
        await copy(world, "archive", said)
        assert await status(client) == said
    await copy(world, "paperless", "processing")
    assert await status(client) == "processing"
    item = await (await client.get("/api/v1/items/library/record/12")).json()
    assert item["attrs"]["sync_status"] == "processing"
    await copy(world, "paperless", "synced")
    before = await world.rows("SELECT print FROM item")
    await world.scan("library")
    assert await world.rows("SELECT print FROM item") == before
    await put(client, b"newer")
    assert await status(client) == "pending"
