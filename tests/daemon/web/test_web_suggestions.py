"""What a mirror's files suggest, over the API: only said, whatever becomes of it."""

from dataclasses import replace

import pytest
from tests.daemon.web.conftest import BEARER, Client, World
from tests.daemon.web.test_web_api import get

from reconciled.config import Mirror
from reconciled.ledger.connection import Tx
from reconciled.model import Item, Json, Key


@pytest.fixture
async def practice(world: World) -> None:
    """Three files of one patient and one of another, with their documents."""
    model = await world.follow("radarr")
    await world.follow("shelf")
    files = {
        "1": ("P-1", "IMG001.jpg"),
        "2": ("P-1", "IMG002.jpg"),
        "3": ("P-1", "letter.jpg"),
        "4": ("P-2", "IMG003.jpg"),
    }
    day = "2024-05-01T10:00:00+00:00"
    for key, (patient, name) in files.items():
        attrs: dict[str, Json] = {"patient": patient, "modified": day}
        model.put(Item(Key("movie", key), name, attrs=attrs, path=f"notes/{name}"))
    await world.scan("radarr")
    mirror = Mirror("backup", "radarr", ("shelf",), frozenset({"movie"}))
    world.settings = replace(world.settings, mirrors={"backup": mirror})

    def write(tx: Tx) -> None:
        for key, (patient, name) in files.items():
            tx.execute(
                "INSERT INTO copy (mirror, item_id, source, kind, key, title, fileset, target, status, "
                "target_kind, target_key, created_at, changed_at) SELECT 'backup', id, 'radarr', kind, key, "
                "?, ?, 'shelf', 'synced', 'document', ?, '', '' FROM item WHERE key = ?",
                (name, patient, f"9{key}", key),
            )

    await world.ledger.write(write)


async def test_pages_of_one_document_are_suggested(client: Client, practice: None) -> None:
    found = await get(client, "mirrors/backup/suggestions", headers=BEARER)
    (one,) = found["items"]
    assert (one["fileset"], one["why"]) == ("P-1", "IMG, 2024-05-01, 1 to 2")
    assert [(file["name"], file["target_id"]) for file in one["files"]] == [
        ("IMG001.jpg", "91"),
        ("IMG002.jpg", "92"),
    ]
    assert (found["target"], found["more"]) == ("shelf", False)


@pytest.mark.parametrize(("query", "count"), [("fileset=P-1", 1), ("fileset=P-2", 0), ("target=shelf", 1)])
async def test_one_fileset_or_target(client: Client, practice: None, query: str, count: int) -> None:
    found = await get(client, f"mirrors/backup/suggestions?{query}", headers=BEARER)
    assert len(found["items"]) == count


async def test_an_unknown_target_is_told(client: Client, practice: None) -> None:
    answer = await client.get("/api/v1/mirrors/backup/suggestions?target=nowhere", headers=BEARER)
    assert answer.status == 404
    assert "it does to shelf" in (await answer.json())["detail"]
