"""What the plugin relies on in Chroma: the fake says it, and so does Chroma's own server."""

from typing import Any

import pytest
from tests.plugins.chroma.chroma_stands import ChromaStand
from tests.plugins.chroma.collections_of import Filler

NOBODYS = "00000000-0000-4000-8000-00000000000f"


@pytest.fixture
def filler(stand: ChromaStand) -> Filler:
    return stand.filler


async def test_entries_stand_in_the_order_of_their_adding(filler: Filler) -> None:
    await filler.put({name: {"document_id": 1} for name in "mczab"})
    await filler.take_out(ids=["c"])
    await filler.put({"c": {"document_id": 2}})
    assert await filler.ids() == ["m", "z", "a", "b", "c"]
    await filler.put({"z": {"document_id": 3}, "new": {"document_id": 3}}, how="upsert")
    await filler.put({"m": {"document_id": "7"}, "nobody": {"document_id": "7"}}, how="update")
    await filler.put({"a": {"document_id": 9}})
    assert await filler.ids() == ["m", "z", "a", "b", "c", "new"]
    assert await filler.ids(limit=2, offset=3) == ["b", "c"]
    assert await filler.ids(ids=["b", "m", "unknown"]) == ["m", "b"]
    assert await filler.ids(where={"document_id": {"$in": [1, 3]}}) == ["z", "a", "b", "new"]
    assert await filler.ids(limit=0) == []


async def test_a_changed_entry_is_found_by_what_it_says_now(filler: Filler) -> None:
    await filler.put({"a": {"document_id": 7, "page": 1}})
    await filler.put({"a": {"document_id": "8"}}, how="update")
    assert [await filler.ids(where={"document_id": one}) for one in (7, "8")] == [[], ["a"]]
    status, said = await filler.get()
    assert (status, said["metadatas"], said["include"]) == (
        200,
        [{"document_id": "8", "page": 1}],
        ["metadatas"],
    )
    await filler.put({"a": {"document_id": None, "page": None}}, how="update")
    assert (await filler.get())[1]["metadatas"] == [None]


VALUES: dict[str, Any] = {
    "int": 12, "text": "12", "float": 12.0, "broken": 12.5, "yes": True, "one": 1, "list": [12, 13],
    "large": 2**53 + 1, "Text": "Abc", "none": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (12, ["int", "float"]),
        ("12", ["text"]),
        (12.0, ["int", "float"]),
        (12.5, ["int", "broken"]),  # the whole number below it, too
        (True, ["yes"]),
        (1, ["one"]),
        (2**53 + 1, ["large"]),
        (2**53, []),
        ("abc", []),
        ({"$in": [12, 1]}, ["int", "float", "one"]),
        ({"$in": ["12", "Abc"]}, ["text", "Text"]),
        ({"$in": [12.0]}, ["int", "float"]),
        ({"$ne": "12"}, [name for name in VALUES if name != "text"]),
        ({"$nin": ["12"]}, [name for name in VALUES if name != "text"]),
    ],
)
async def test_filters_know_types(filler: Filler, asked: object, found: list[str]) -> None:
    await filler.put(
        {name: None if value is None else {"document_id": value} for name, value in VALUES.items()}
    )
    assert await filler.ids(where={"document_id": asked}) == found


async def test_either_of_several_filters(filler: Filler) -> None:
    await filler.put({"a": {"document_id": 1}, "b": {"document_id": "1"}, "c": {"document_id": 2}})
    parts = [{"document_id": {"$in": [1]}}, {"document_id": {"$in": ["1"]}}, {"document_id": {"$in": [1.0]}}]
    assert await filler.ids(where={"$or": parts}) == ["a", "b"]
    assert await filler.ids(where={"$or": parts[1:2]}) == ["b"]
    assert await filler.ids(where={"$and": [{"document_id": 1}, {"document_id": "1"}]}) == []


@pytest.mark.parametrize(
    "where",
    [
        {},
        {"document_id": {"$in": [12, "12"]}},
        {"document_id": {"$in": [12, 12.5]}},
        {"document_id": {"$in": []}},
        {"document_id": 2**63},
        {"document_id": [1]},
        {"document_id": 1, "page": 2},
    ],
)
async def test_filters_that_it_refuses(filler: Filler, where: object) -> None:
    await filler.chunks(12)
    wanted = (400, {"error": "InvalidArgumentError", "message": "Invalid where clause"})
    assert await filler.get(where=where) == wanted
    assert await filler.ask("POST", f"/collections/{filler.id}/delete", {"where": where}) == wanted
    assert len(await filler.ids()) == 3


async def test_what_a_deletion_takes(filler: Filler) -> None:
    await filler.put({"a": {"document_id": 1}, "b": {"document_id": 1}, "c": {"document_id": 2}})
    assert await filler.take_out(ids=["a", "c"], where={"document_id": 1}) == 1  # both have to fit
    assert await filler.ids() == ["b", "c"]
    assert await filler.take_out(ids=[], where={"document_id": 1}) == 0
    assert await filler.take_out(where={"document_id": "nobody"}) == 0
    assert await filler.take_out() == 0
    status, _ = await filler.ask("POST", f"/collections/{filler.id}/delete", {"ids": []})
    assert (status, await filler.ids()) == (400, ["b", "c"])


async def test_a_collection_made_anew_is_another(filler: Filler) -> None:
    old = filler.id
    await filler.chunks(12)
    await filler.drop()
    gone = {"error": "NotFoundError", "message": f"Collection [{filler.name}] does not exist"}
    assert await filler.ask("GET", f"/collections/{filler.name}") == (404, gone)
    nowhere = {"error": "NotFoundError", "message": f"Collection [{old}] does not exist."}
    for method, path in (("GET", "count"), ("POST", "get"), ("POST", "delete")):
        body = {"ids": ["12-1"]} if method == "POST" else None
        assert await filler.ask(method, f"/collections/{old}/{path}", body) == (404, nowhere)
    assert await filler.make() != old
    assert await filler.ids() == []
    assert (await filler.ask("POST", f"/collections/{old}/get", {}))[0] == 404
    assert (await filler.ask("POST", "/collections", {"name": filler.name}))[0] == 409


async def test_a_name_is_no_address_of_entries(filler: Filler) -> None:
    for place, status in ((filler.name, 400), ("nope", 400), (NOBODYS, 404)):
        assert (await filler.ask("POST", f"/collections/{place}/get", {}))[0] == status


async def test_what_metadata_may_not_be(filler: Filler) -> None:
    for value in ({"a": 1}, None):
        body = {"ids": ["x"], "embeddings": [[1.0, 2.0]], "metadatas": [{"document_id": value}]}
        assert (await filler.ask("POST", f"/collections/{filler.id}/add", body))[0] == 422
    assert await filler.ids() == []
