"""What the plugin makes of a collection: items, what it believes, and what it takes out."""

from typing import Any

import pytest
from aiohttp import web
from msgspec import json
from pydantic import ValidationError
from tests.plugins.chroma.chroma_stands import ChromaStand
from tests.plugins.chroma.collections_of import Filler
from tests.plugins.chroma.conftest import Open
from tests.plugins.conftest import Notes

from reconciled.errors import BadResponse, SourceError, Unsupported
from reconciled.model import Absent, Item, Key, Ref
from reconciled.source import Deletion, Weight
from reconciled.testing.faults import Fault
from reconciled_chroma import Chroma


def vector(document: object) -> Key:
    return Key("vector", str(document))


@pytest.fixture
def filler(stand: ChromaStand) -> Filler:
    return stand.filler


async def items_of(source: Chroma) -> dict[str, Item]:
    pages = [page async for page in source.snapshot(frozenset({"vector"}))]
    assert pages[-1].complete
    return {item.key.id: item for page in pages for item in page.items}


async def test_all_entries_of_a_document_are_one_item(chroma: Chroma, filler: Filler) -> None:
    await filler.put(
        {
            "z": {"document_id": 12, "title": "Second page"},
            "other": {"document_id": "invoice/7"},
            "b": {"document_id": "12", "title": "  Invoice "},
            "a": {"document_id": 12.0, "title": 7},
        }
    )
    found = await items_of(chroma)
    assert found["12"] == Item(
        vector(12),
        "Invoice",
        frozenset({Ref("paperless:document", "12")}),
        {"entries": 3, "collection": filler.name},
        refers=True,
    )
    assert found["invoice/7"].title == "document invoice/7"
    assert {*found} == {"12", "invoice/7"}
    assert await chroma.lookup(vector(12)) == found["12"]


NAMELESS: list[Any] = [None, {"page": 1}, {"document_id": ""}, {"document_id": True}, {"document_id": 12.5},
                       {"document_id": [12]}, {"document_id": 2.0**60}]  # fmt: skip


async def test_entries_that_name_no_document_are_left_alone(chroma: Chroma, filler: Filler) -> None:
    await filler.put({str(number): metadata for number, metadata in enumerate(NAMELESS)})
    await filler.chunks(12)
    await filler.chunks("true")
    assert {*await items_of(chroma)} == {"12", "true"}
    matters = await chroma.examine(None)
    (said,) = [one for one in matters if "left alone" in one.said]
    assert (said.weight, said.said.split()[0]) == (Weight.ADVICE, str(len(NAMELESS)))
    for document in ("12", "true"):
        await chroma.delete(vector(document), Deletion())
    assert await items_of(chroma) == {}
    assert await filler.ids() == [str(number) for number in range(len(NAMELESS))]


async def test_an_id_that_names_nothing_refers_to_nothing(chroma: Chroma, filler: Filler) -> None:
    await filler.chunks(0)
    assert {name: item.refs for name, item in (await items_of(chroma)).items()} == {"0": frozenset()}


@pytest.mark.parametrize("document", [12, "12", 12.0, -3, "a/b", "ü ' \" {id}", "012", str(2**70), 2**53 + 1])
async def test_a_deletion_takes_its_own_and_nothing_else(
    chroma: Chroma, filler: Filler, document: Any
) -> None:
    await filler.chunks(document, 4)
    named = str(int(document)) if isinstance(document, float) else str(document)
    await filler.put(
        {"near": {"document_id": 12.5}, "text": {"document_id": f"{named} "}, "more": {"document_id": 120}}
    )
    await filler.put({"none": None, "there": {"document_id": f"{named}0"}, "title": {"title": named}})
    others = (await filler.ids())[4:]
    assert isinstance(await chroma.lookup(vector(named)), Item)
    await chroma.delete(vector(named), Deletion())
    assert await filler.ids() == others
    assert isinstance(await chroma.lookup(vector(named)), Absent)
    await chroma.delete(vector(named), Deletion())
    assert await filler.ids() == others


async def test_more_entries_than_fit_on_a_page(chroma: Chroma, filler: Filler) -> None:
    await filler.chunks(1, 700)
    await filler.chunks(2, 2)
    before = await items_of(chroma)
    assert {name: item.attrs["entries"] for name, item in before.items()} == {"1": 700, "2": 2}
    assert await chroma.lookup_many([vector(1), vector(2), vector(3)]) == {
        vector(1): before["1"],
        vector(2): before["2"],
        vector(3): await chroma.lookup(vector(3)),
    }
    await chroma.delete(vector(1), Deletion())
    assert await filler.ids() == ["2-0", "2-1"]


@pytest.mark.parametrize("after", [3, 4, 5])
async def test_a_listing_misses_nothing_that_stays(
    chroma: Chroma, stand: ChromaStand, filler: Filler, after: int
) -> None:
    """While it is read, entries before the reader go, and others come."""
    for number in range(1, 10):
        await filler.chunks(number, 100)

    async def meanwhile() -> None:
        await filler.take_out(where={"document_id": {"$in": [1, 2]}})
        await filler.chunks(99, 1)

    stand.fake.faults.in_the_middle(meanwhile, after=after)
    found = await items_of(chroma)
    staying = {name: item.attrs["entries"] for name, item in found.items() if name not in ("1", "2", "99")}
    assert staying == {str(number): 100 for number in range(3, 10)}


@pytest.mark.parametrize("after", [2, 3])
async def test_lookups_miss_nothing_that_stays(
    chroma: Chroma, stand: ChromaStand, filler: Filler, after: int
) -> None:
    await filler.chunks(1, 550)
    await filler.chunks(2, 10)
    await filler.chunks(3, 400)

    async def meanwhile() -> None:
        await filler.take_out(where={"document_id": 1})

    stand.fake.faults.in_the_middle(meanwhile, after=after)
    found = await chroma.lookup_many([vector(1), vector(2), vector(3)])
    assert isinstance(found[vector(2)], Item)
    three = found[vector(3)]
    assert isinstance(three, Item)
    assert three.attrs["entries"] == 400


async def test_what_is_put_in_during_a_deletion_goes_too(
    chroma: Chroma, stand: ChromaStand, filler: Filler
) -> None:
    await filler.chunks(12, 3)

    async def meanwhile() -> None:
        await filler.put({"late": {"document_id": "12"}})

    stand.fake.faults.in_the_middle(meanwhile, after=2)  # looked at, not yet deleted
    await chroma.delete(vector(12), Deletion())
    assert await filler.ids() == []


async def test_what_becomes_anothers_during_a_deletion_stays(
    chroma: Chroma, stand: ChromaStand, filler: Filler
) -> None:
    await filler.chunks(12, 3)

    async def meanwhile() -> None:
        await filler.put({"12-1": {"document_id": 13}}, how="update")

    stand.fake.faults.in_the_middle(meanwhile, after=2)
    await chroma.delete(vector(12), Deletion())
    assert await filler.ids() == ["12-1"]


async def test_a_deletion_that_leaves_entries_is_none(
    chroma: Chroma, stand: ChromaStand, filler: Filler
) -> None:
    await filler.chunks(12, 3)
    stand.fake.faults.set(Fault.OTHER_APP, "*/delete")
    with pytest.raises(BadResponse, match="still has some"):
        await chroma.delete(vector(12), Deletion())
    assert len(await filler.ids()) == 3


async def test_another_collection_denies_nothing(
    open_chroma: Open, stand: ChromaStand, filler: Filler
) -> None:
    notes = Notes()
    source = open_chroma(notes)
    await filler.chunks(12)
    first = await source.probe()
    await filler.drop()
    with pytest.raises(BadResponse, match="was it not deleted or renamed"):
        await source.lookup(vector(12))
    await filler.make()
    for later in (source, open_chroma(notes)):  # as after a restart
        with pytest.raises(BadResponse, match="another one"):
            await later.lookup(vector(12))
        with pytest.raises(BadResponse, match="another one"):
            await items_of(later)
        with pytest.raises(BadResponse, match="another one"):
            await later.delete(vector(12), Deletion())
    about = await source.probe()
    assert about.instance not in (None, first.instance)
    assert isinstance(await source.lookup(vector(12)), Absent)


async def test_a_collection_that_changes_while_it_is_asked_denies_nothing(
    chroma: Chroma, stand: ChromaStand, filler: Filler
) -> None:
    await filler.chunks(12)
    await chroma.probe()

    async def meanwhile() -> None:
        await filler.drop()
        await filler.make()

    for after in (1, 2):
        stand.fake.faults.in_the_middle(meanwhile, after=after)
        with pytest.raises(SourceError):
            await chroma.lookup(vector(13))
        await chroma.probe()


async def test_a_listing_that_is_cut_short_is_none(
    chroma: Chroma, stand: ChromaStand, filler: Filler
) -> None:
    await filler.chunks(12, 5)
    for change in (_without_last, _without_all):
        active = stand.fake.faults.tamper(change, "*/get")
        with pytest.raises(BadResponse, match="cut short"):
            await items_of(chroma)
        stand.fake.faults.clear(active)
    for change in (_with_other_lists, _with_twice, _with_documents):
        active = stand.fake.faults.tamper(change, "*/get")
        for ask in (items_of(chroma), chroma.lookup(vector(12)), chroma.delete(vector(12), Deletion())):
            with pytest.raises(BadResponse):
                await ask
        stand.fake.faults.clear(active)
    assert len(await filler.ids()) == 5


def _changed(answer: Any, **change: Any) -> Any:
    return web.json_response({**json.decode(answer.body), **change})


def _entries(answer: Any) -> tuple[list[str], list[Any]]:
    body = json.decode(answer.body)
    return body["ids"], body["metadatas"]


def _without_last(_request: Any, answer: Any) -> Any:
    ids, metadatas = _entries(answer)
    return _changed(answer, ids=ids[:-1], metadatas=metadatas[:-1])


def _without_all(_request: Any, answer: Any) -> Any:
    return _changed(answer, ids=[], metadatas=[])


def _with_other_lists(_request: Any, answer: Any) -> Any:
    return _changed(answer, ids=_entries(answer)[0][:-1])


def _with_twice(_request: Any, answer: Any) -> Any:
    ids, _ = _entries(answer)
    return _changed(answer, ids=[ids[0]] * len(ids))


def _with_documents(_request: Any, answer: Any) -> Any:
    return _changed(answer, include=["documents"])


async def test_it_finds_by_what_it_refers_to(open_chroma: Open, filler: Filler) -> None:
    source = open_chroma(refers_to="vsrx-file:scan-{id}.pdf")
    await filler.chunks(12)
    item = await source.lookup(vector(12))
    assert isinstance(item, Item)
    assert item.refs == {Ref("vsrx-file", "scan-12.pdf")}
    assert await source.find(Ref("vsrx-file", "scan-12.pdf")) == [item]
    assert await source.find(Ref("vsrx-file", "scan-13.pdf")) == []
    for other in (Ref("vsrx-file", "12"), Ref("vsrx-file", "scan-.pdf"), Ref("paperless:document", "12")):
        with pytest.raises(Unsupported):
            await source.find(other)


async def test_other_metadata(open_chroma: Open, filler: Filler) -> None:
    source = open_chroma(field="source", title_field="file name")
    await filler.put({"a": {"source": "letters/1.pdf", "file name": "Letter", "document_id": 3}})
    assert {name: item.title for name, item in (await items_of(source)).items()} == {
        "letters/1.pdf": "Letter"
    }


async def test_what_the_doctor_says(open_chroma: Open, filler: Filler) -> None:
    await filler.put({"a": {"source": "x"}, "b": None})
    said = {one.said: one for one in await open_chroma().examine(None)}
    (wrong,) = [one for one in said.values() if one.weight is Weight.WRONG]
    assert wrong.said == "none of its first 2 entries names a document in document_id; they have source"
    assert wrong.remedy == "name the right metadata: sources.chroma.field"
    (fine,) = [one for one in await open_chroma(field="source").examine(None) if "left alone" in one.said]
    assert fine.said.startswith("1 entries")
    await filler.drop()
    (gone,) = [one for one in await open_chroma().examine(None) if one.weight is Weight.WRONG]
    assert "does not exist" in gone.said
    assert gone.remedy is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("collection", "ab"),
        ("collection", "a/b"),
        ("collection", "../docs"),
        ("tenant", "a/b"),
        ("database", ".."),
        ("field", "$and"),
        ("field", ""),
        ("refers_to", "paperless:document/12"),
        ("refers_to", "paperless"),
        ("refers_to", "paperless:{id}/document"),
        ("refers_to", "path:/documents/{id}"),
        ("refers_to", "paperless:document/{id}/{page}"),
        ("token_header", "Cookie"),
    ],
)
def test_settings_that_are_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        Chroma.Config.model_validate({"url": "http://box.lan:8000", "collection": "documents", name: value})


def test_a_token_may_go_into_either_header() -> None:
    good = {"url": "http://box.lan:8000", "collection": "documents", "token": "hush-0123"}
    for header in ("X-Chroma-Token", "Authorization"):
        assert "hush" not in repr(Chroma.Config.model_validate({**good, "token_header": header}))
