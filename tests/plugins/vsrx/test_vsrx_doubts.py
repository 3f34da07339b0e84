"""A bridge that contradicts itself, or answers for another: nothing of it is believed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from tests.patience import PATIENCE
from tests.plugins.conftest import Notes
from tests.plugins.vsrx.test_vsrx_flags import flagged, hearing, walk
from tests.plugins.vsrx.test_vsrx_reading import other

from reconciled.errors import BadResponse, SourceError
from reconciled.model import Absent, Event, Item, Key, Op
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled.testing.faults import Fault
from reconciled_vsrx import Vsrx, listing

Opened = Callable[..., Vsrx]


# a patient who is listed and denied


def deny_files(fake: FakeVsrx, monkeypatch: pytest.MonkeyPatch, *patients: str) -> None:
    """The bridge's own 404 for the files of patients that it lists."""
    plain = fake.faults.answer

    async def answer(request: web.BaseRequest, proceed: Any) -> web.StreamResponse:
        parts = request.path.split("/")
        if parts[-1] == "files" and parts[-2] in patients:
            body = {"title": "no such patient", "status": 404, "id": parts[-2]}
            return web.json_response(body, status=404, headers={"X-VSRX-Version": "7.4.1"})
        return await plain(request, proceed)

    monkeypatch.setattr(fake.faults, "answer", answer)


async def test_a_patient_who_is_listed_is_not_absent(
    fake: FakeVsrx, vsrx: Vsrx, monkeypatch: pytest.MonkeyPatch
) -> None:
    deny_files(fake, monkeypatch, "P-1")
    with pytest.raises(BadResponse, match="lists the patient P-1, and denies"):
        await vsrx.lookup(Key("fileset", "P-1"))
    assert isinstance(await vsrx.lookup(Key("fileset", "P-2")), Item)


async def test_a_listing_without_the_files_of_somebody_listed_is_not_whole(
    fake: FakeVsrx, vsrx: Vsrx, monkeypatch: pytest.MonkeyPatch
) -> None:
    deny_files(fake, monkeypatch, "P-0", "P-1", "P-2")
    with pytest.raises(BadResponse, match="denies"):
        await walk(vsrx)


async def test_a_patient_who_went_while_we_read_is_no_trouble(
    fake: FakeVsrx, vsrx: Vsrx, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = fake.faults.answer

    async def answer(request: web.BaseRequest, proceed: Any) -> web.StreamResponse:
        if request.path.endswith("/P-1/files") and "P-1" in fake.patients:
            fake.purge_patient("P-1")
        return await plain(request, proceed)

    monkeypatch.setattr(fake.faults, "answer", answer)
    await walk(vsrx)
    assert isinstance(await vsrx.lookup(Key("fileset", "P-1")), Absent)


# lists that are cut off, or have no end


async def test_flagged_rows_do_not_hide_that_a_list_was_cut_off(fake: FakeVsrx, vsrx: Vsrx) -> None:
    rows = [
        {"id": f"F-{n}", "patientId": "P", "path": "notes/a", "modifiedAt": at, "deleted": n < 5}
        for n, at in enumerate(["2026-01-01T00:00:00Z"] * 7)
    ]

    async def serve(request: web.Request) -> web.Response:
        row = {"patientId": "P", "fileCount": 5, "updatedAt": "2026-02-01T00:00:00Z"}
        files = {"items": rows}
        found = {"items": [row], "next": None, "total": 1} if request.path == "/filesets" else files
        return web.json_response(found, headers={"X-VSRX-Version": "7"})

    async with other(serve) as url:
        source = Vsrx(vsrx.config.model_copy(update={"url": url}), vsrx.context)
        with pytest.raises(BadResponse, match="fileCount says 5"):
            await walk(source)
        for row in rows[2:5]:  # flagged since the filesets were read: no contradiction
            row["modifiedAt"] = "2026-02-01T00:00:01Z"
        await walk(source)


async def test_a_bridge_that_does_not_know_its_own_cursor(fake: FakeVsrx, vsrx: Vsrx) -> None:
    """It gives the first page again and again, each time with a new cursor."""
    asked = 0

    async def serve(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        body = {"items": [{"patientId": "P"}], "next": f"c{asked}", "total": 2}
        return web.json_response(body, headers={"X-VSRX-Version": "7"})

    async with other(serve) as url:
        source = Vsrx(vsrx.config.model_copy(update={"url": url}), vsrx.context)
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(BadResponse, match="did not add up"):
                await walk(source)
    assert asked < 10


async def test_what_an_etag_kept_wrongly_is_read_again(fake: FakeVsrx, vsrx: Vsrx) -> None:
    """The bridge's ETag did not change with the rows."""
    await walk(vsrx)
    fake.put_file("P-0")
    plain = fake.faults.answer
    before: dict[str, str] = {}

    async def answer(request: web.BaseRequest, proceed: Any) -> web.StreamResponse:
        if (tag := request.headers.get("If-None-Match")) and before.setdefault(request.path, tag) == tag:
            return web.Response(status=304, headers={"X-VSRX-Version": "7", "X-VSRX-Instance": "practice-1"})
        return await plain(request, proceed)

    fake.faults.answer = answer  # type: ignore[method-assign]
    pages = [page async for page in vsrx.snapshot(frozenset({"file"}))]
    assert sum(len(page.items) for page in pages) == 13


async def test_a_304_of_another_installation_keeps_nothing(fake: FakeVsrx, vsrx: Vsrx) -> None:
    """The address leads to a test system from one request to the next, and its ETags are the same."""
    await walk(vsrx)
    plain = fake.faults.answer

    async def answer(request: web.BaseRequest, proceed: Any) -> web.StreamResponse:
        if "If-None-Match" in request.headers:
            fake.instance = "a-test-system"
            fake.files["F-1"].path = "notes/elsewhere.jpg"
            headers = {"X-VSRX-Version": "7", "X-VSRX-Instance": "a-test-system"}
            return web.Response(status=304, headers=headers)
        return await plain(request, proceed)

    fake.faults.answer = answer  # type: ignore[method-assign]
    pages = [page async for page in vsrx.snapshot(frozenset({"file"}))]
    shown = {item.key.id: item for page in pages for item in page.items}
    assert shown["F-1"].path == "notes/elsewhere.jpg"


# ids


@pytest.mark.parametrize("odd", ["a?b", "a#b", "a%2Fb", "a%b", "a b", "ä", "a;b", "a+b", "a&b=c"])
async def test_any_id_is_asked_about_as_it_is(fake: FakeVsrx, vsrx: Vsrx, odd: str) -> None:
    fake.put_patient(odd)
    made = fake.put_file(odd)
    del fake.patients[odd].files[made.id]
    made.id = odd
    fake.patients[odd].files[odd] = made
    for kind in vsrx.kinds:
        found = await vsrx.lookup(Key(kind, odd))
        assert isinstance(found, Item)
        assert found.key == Key(kind, odd)
    fake.purge_patient(odd)
    for kind in vsrx.kinds:
        assert isinstance(await vsrx.lookup(Key(kind, odd)), Absent)


@pytest.mark.parametrize("odd", ["{id}", "x{id}", "{patientId}"])
async def test_an_id_that_looks_like_a_place_is_one_all_the_same(vsrx: Vsrx, odd: str) -> None:
    asked: list[str] = []

    async def serve(request: web.Request) -> web.Response:
        asked.append(request.path)
        body = {"title": "no such thing", "status": 404, "id": odd}
        if request.path == "/filesets":
            return web.json_response({"items": [], "next": None, "total": 0}, headers={"X-VSRX-Version": "7"})
        return web.json_response(body, status=404, headers={"X-VSRX-Version": "7"})

    async with other(serve) as url:
        source = Vsrx(vsrx.config.model_copy(update={"url": url}), vsrx.context)
        for kind in vsrx.kinds:
            assert isinstance(await source.lookup(Key(kind, odd)), Absent)
    assert {f"/filesets/{odd}/files", f"/files/{odd}"} <= {*asked}


# flags


async def test_flags_that_were_found_are_told_after_trouble(open_vsrx: Opened, fake: FakeVsrx) -> None:
    """Reading on failed before they could be told: they are told when it listens again."""
    clock = ManualClock()
    source = open_vsrx(clock=clock)
    async with hearing(source, clock) as ear:
        await walk(source)
        fake.flag("F-1")
        fake.flag("F-9")
        fake.faults.set(Fault.ERROR, "/filesets/P-2/files*")
        with pytest.raises(SourceError):
            await ear.told()
    fake.faults.clear()
    async with hearing(source, clock) as ear:
        reading = asyncio.ensure_future(walk(source))
        said: list[Event] = []
        while flagged(said) != ["F-1", "F-9"]:
            said += await ear.told(until=Op.DELETED)
        reading.cancel()


async def test_flags_of_another_installation_are_no_news(
    open_vsrx: Opened, fake: FakeVsrx, notes: Notes
) -> None:
    """A test system's flags say nothing of the practice's files under the same ids."""
    clock = ManualClock()
    first = open_vsrx(clock=clock)
    async with hearing(first, clock):
        fake.flag("F-1")
        await walk(first)
    fake.instance = "a-test-system"
    fake.flag("F-3")
    later = open_vsrx(clock=clock)
    async with hearing(later, clock) as ear:
        await walk(later)
        fake.put_file("P-1")
        assert flagged(await ear.told()) == []


async def test_a_reading_looks_through_the_patients_once(
    fake: FakeVsrx, vsrx: Vsrx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not once for each: with ten thousand of them the loop would stand still for a minute."""
    looked = 0
    plain = listing.unlisted

    def counted(filesets: Any) -> list[str]:
        nonlocal looked
        looked += 1
        return plain(filesets)

    for number in range(40):
        fake.put_patient(f"Q-{number}", files=1)
    await walk(vsrx)
    monkeypatch.setattr(listing, "unlisted", counted)
    await walk(vsrx)
    assert looked <= 2
