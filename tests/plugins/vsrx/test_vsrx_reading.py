"""What a VSRX lists and says of single items, and which answers are believed."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from aiohttp import web

from reconciled.errors import BadResponse, Unsupported
from reconciled.model import Absent, Item, Key, Ref
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled.testing.faults import Fault
from reconciled_vsrx import Vsrx

Walked = Callable[..., Any]


def by_key(items: list[Item]) -> dict[str, Item]:
    return {item.key.id: item for item in items}


async def test_files_and_filesets(fake: FakeVsrx, vsrx: Vsrx, walked: Walked) -> None:
    fake.checksums = True
    items = by_key(await walked(vsrx))
    assert sorted(items) == sorted([*fake.patients, *fake.files])
    image, file = items["F-1"], fake.files["F-1"]
    assert (image.title, image.path, image.parent) == ("IMG001.jpg", "notes/2024/IMG001.jpg", None)
    assert {ref.space for ref in image.refs} == {"vsrx-file", "path", "sha256"}
    assert image.attrs["patient"] == "P-0"
    assert image.attrs["etag"] == file.etag
    assert items["P-0"].refs == {Ref("vsrx-patient", "P-0")}
    assert items["P-0"].attrs["files"] == 4


async def test_a_flagged_file_is_not_listed_and_is_absent_since_its_flag(
    fake: FakeVsrx, vsrx: Vsrx, walked: Walked
) -> None:
    file = fake.flag("F-2")
    assert "F-2" not in by_key(await walked(vsrx, "file"))
    answer = await vsrx.lookup(Key("file", "F-2"))
    assert isinstance(answer, Absent)
    assert answer.said == "flagged deleted in VSRX"
    assert answer.at is not None
    assert abs((answer.at - file.modified).total_seconds()) < 0.01
    fake.flag("F-2", deleted=False)
    assert isinstance(await vsrx.lookup(Key("file", "F-2")), Item)


@pytest.mark.parametrize("key", [Key("file", "F-1"), Key("fileset", "P-0")])
async def test_what_was_purged_is_absent(fake: FakeVsrx, vsrx: Vsrx, key: Key) -> None:
    assert isinstance(await vsrx.lookup(key), Item)
    fake.purge_patient("P-0")
    answer = await vsrx.lookup(key)
    assert isinstance(answer, Absent)
    assert "404 of VSRX 7.4.1" in answer.said


@pytest.mark.parametrize("key", [Key("file", "F-999"), Key("fileset", "nobody")])
async def test_a_404_without_the_mark_says_nothing(fake: FakeVsrx, vsrx: Vsrx, key: Key) -> None:
    fake.marked = False
    with pytest.raises(BadResponse, match="X-VSRX-Version"):
        await vsrx.lookup(key)


LACKS: list[dict[str, object]] = [{}, {"id": None}, {"id": "F-998"}, {"id": "f-999"}, {"id": 999}]


@pytest.mark.parametrize("named", LACKS, ids=str)
async def test_a_404_that_does_not_name_the_id_says_nothing(vsrx: Vsrx, named: dict[str, object]) -> None:
    async def lack(_request: web.Request) -> web.Response:
        body = {"title": "no such file", "status": 404, **named}
        return web.json_response(body, status=404, headers={"X-VSRX-Version": "7"})

    async with other(lack) as url:
        source = Vsrx(vsrx.config.model_copy(update={"url": url}), vsrx.context)
        with pytest.raises(BadResponse, match="does not name the id"):
            await source.lookup(Key("file", "F-999"))


async def test_a_fileset_that_is_neither_listed_nor_denied_is_unknown(fake: FakeVsrx, vsrx: Vsrx) -> None:
    """A bridge that answers an empty list for a patient that it does not know."""
    fake.put_patient("P-9").listed = False
    with pytest.raises(BadResponse, match="neither lists"):
        await vsrx.lookup(Key("fileset", "P-9"))


@pytest.mark.parametrize("bad", ["", ".", "..", "a/b", "a\\b", "0", " x", "x" * 201, "a\x00"])
async def test_ids_that_would_ask_for_something_else(fake: FakeVsrx, vsrx: Vsrx, bad: str) -> None:
    for kind in vsrx.kinds:
        with pytest.raises(Unsupported):
            await vsrx.lookup(Key(kind, bad))
    assert fake.requests == []


# rebooked patients


async def test_a_rebooked_patient_is_one_thing_with_its_old_self(
    fake: FakeVsrx, vsrx: Vsrx, walked: Walked
) -> None:
    from reconciled.engine.identity import Sameness, compare

    await fake.rebook("P-0", "P-0b")
    await fake.rebook("P-0b", "P-0c")
    items = by_key(await walked(vsrx, "fileset"))
    for one in ("P-0", "P-0b", "P-0c"):
        assert compare(items["P-0c"].refs, items[one].refs) is Sameness.SAME
        assert compare(items["P-0c"].refs, items["P-1"].refs) is Sameness.OTHER
        assert items[one].key in {item.key for item in await vsrx.find(Ref("vsrx-patient", one))}
        assert await vsrx.lookup(items[one].key) == items[one]


async def test_the_files_of_an_id_that_is_not_listed_any_more(
    fake: FakeVsrx, vsrx: Vsrx, walked: Walked
) -> None:
    await fake.rebook("P-0", "P-0b")
    before = by_key(await walked(vsrx, "file"))
    fake.patients["P-0"].listed = False
    assert by_key(await walked(vsrx, "file")) == before
    assert isinstance(await vsrx.lookup(Key("fileset", "P-0")), Item)
    fake.purge_patient("P-0")
    assert by_key(await walked(vsrx, "file")).keys() == before.keys() - {"F-1", "F-2", "F-3", "F-4"}
    assert isinstance(await vsrx.lookup(Key("fileset", "P-0")), Absent)


async def test_previous_ids_that_are_none_are_left_out(fake: FakeVsrx, vsrx: Vsrx, walked: Walked) -> None:
    fake.patients["P-0"].previous = ("", "..", "0", "a/b", "P-0", "P-old")
    item = by_key(await walked(vsrx))["P-0"]
    assert item.refs == {Ref("vsrx-patient", "P-0"), Ref("vsrx-patient", "P-old")}
    assert item.attrs["previous"] == ["P-old"]


# lists


async def test_etags_spare_the_lists(fake: FakeVsrx, vsrx: Vsrx, walked: Walked) -> None:
    before = await walked(vsrx, "file")
    sent: list[int] = []
    plain = fake.faults.answer

    async def counted(request: web.BaseRequest, proceed: Any) -> web.StreamResponse:
        answer = await plain(request, proceed)
        sent.append(answer.status)
        return answer

    fake.faults.answer = counted  # type: ignore[method-assign]
    assert await walked(vsrx, "file") == before
    assert sent == [200, 304, 304, 304]
    fake.flag("F-5")
    sent.clear()
    assert len(await walked(vsrx, "file")) == len(before) - 1
    assert sent == [200, 304, 200, 304]


async def test_another_installation_gets_no_old_etags(fake: FakeVsrx, vsrx: Vsrx, walked: Walked) -> None:
    await walked(vsrx, "file")
    fake.instance = "another"
    await vsrx.probe()
    fake.faults.set(Fault.ERROR, lambda request: "If-None-Match" in request.headers)
    assert len(await walked(vsrx, "file")) == 12


@pytest.mark.parametrize("fields", [{"total": 4}, {"total": 2}, {"items": []}, {"next": "again"}], ids=str)
async def test_a_list_that_does_not_add_up(vsrx: Vsrx, fields: dict[str, Any]) -> None:
    rows = [{"patientId": f"P-{number}", "previousPatientIds": []} for number in range(3)]
    with pytest.raises(BadResponse):
        await _filesets(vsrx, lambda _cursor: {"items": rows, "next": None, "total": 3, **fields})


async def test_a_cursor_that_skips_one_while_another_comes_is_read_again(vsrx: Vsrx, walked: Walked) -> None:
    """Offsets for cursors: a patient deleted between two pages shifts the next one out of sight."""
    patients = ["P-1", "P-2", "P-3", "P-4"]

    def page(cursor: str | None) -> dict[str, Any]:
        start = int(cursor or 0)
        rows = [{"patientId": one} for one in patients[start : start + 2]]
        more = str(start + 2) if start + 2 < len(patients) else None
        answer = {"items": rows, "next": more, "total": len(patients)}
        if patients[0] == "P-1":
            del patients[0]
        return answer

    assert await _filesets(vsrx, page) == ["P-2", "P-3", "P-4"]


async def test_a_list_of_files_that_was_cut_off(fake: FakeVsrx, vsrx: Vsrx) -> None:
    fake.purge_file("F-1")
    fake.patients["P-0"].files["ghost"] = fake.files["F-2"]  # counted, and listed twice
    with pytest.raises(BadResponse, match="listed twice"):
        [page async for page in vsrx.snapshot(frozenset({"file"}))]


async def test_files_of_another_patient_are_not_believed(fake: FakeVsrx, vsrx: Vsrx) -> None:
    fake.files["F-1"].patient = "P-2"
    with pytest.raises(BadResponse, match="another patient"):
        [page async for page in vsrx.snapshot(frozenset({"file"}))]


async def test_fewer_rows_than_the_count(vsrx: Vsrx) -> None:
    def answer(request: web.Request) -> dict[str, Any]:
        if request.path == "/filesets":
            row = {"patientId": "P", "fileCount": 2}
            return {"items": [row], "next": None, "total": 1}
        return {"items": []}

    async def serve(request: web.Request) -> web.Response:
        return web.json_response(answer(request), headers={"X-VSRX-Version": "7"})

    async with other(serve) as url:
        source = Vsrx(vsrx.config.model_copy(update={"url": url}), vsrx.context)
        with pytest.raises(BadResponse, match="fileCount says 2"):
            [page async for page in source.snapshot(frozenset({"file"}))]


# paths


async def test_a_refused_path(
    fake: FakeVsrx, vsrx: Vsrx, walked: Walked, caplog: pytest.LogCaptureFixture
) -> None:
    made = fake.put_file("P-0", path="notes/../../etc/passwd")
    for _ in range(2):
        item = by_key(await walked(vsrx, "file"))[made.id]
    assert (item.title, item.path) == (f"file {made.id}", None)
    assert item.attrs["refused"] == "its path climbs with .."
    assert not [ref for ref in item.refs if ref.space == "path"]
    assert Ref("vsrx-file", made.id) in item.refs
    assert await vsrx.lookup(item.key) == item
    assert len([one for one in caplog.records if made.id in one.getMessage()]) == 1
    assert "passwd" not in caplog.text


class other:  # noqa: N801  # reads as a verb where it is used
    """A server that answers everything by one function; `async with other(f) as url`."""

    def __init__(self, answer: Any) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.03)

    async def __aenter__(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


async def _filesets(vsrx: Vsrx, page: Callable[[str | None], dict[str, Any]]) -> list[str]:
    """The patients that a bridge with these pages lists."""

    async def serve(request: web.Request) -> web.Response:
        body = msgspec.json.encode(page(request.query.get("cursor")))
        return web.Response(body=body, content_type="application/json", headers={"X-VSRX-Version": "7"})

    async with other(serve) as url:
        source = Vsrx(vsrx.config.model_copy(update={"url": url}), vsrx.context)
        pages = [one async for one in source.snapshot(frozenset({"fileset"}))]
        return [item.key.id for one in pages for item in one.items]
