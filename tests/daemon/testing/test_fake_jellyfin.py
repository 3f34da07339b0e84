"""The fake Jellyfin answers, forgets and announces as 10.11 and 12 do, over real sockets."""

import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.jellyfin_model import item_id
from reconciled.testing.fakes.titles import Work, films, series
from reconciled.testing.receiver import Receiver

MOVIES = "/Items?recursive=true&includeItemTypes=Movie&collapseBoxSetItems=false&excludeLocationTypes=Virtual"


@pytest.fixture(params=["10.11.11", "12.0.0"])
async def jellyfin(request: pytest.FixtureRequest) -> AsyncIterator[FakeJellyfin]:
    fake = FakeJellyfin(version=request.param)
    for work in films(8):
        fake.put_movie(work)
    for work in series(3):
        fake.put_series(work)
    async with fake:
        yield fake


@pytest.fixture
async def client(jellyfin: FakeJellyfin) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f'MediaBrowser Token="{jellyfin.api_key}", Client="t", DeviceId="t"'}
    async with aiohttp.ClientSession(jellyfin.url, headers=headers) as session:
        yield session


@pytest.fixture
async def receiver(jellyfin: FakeJellyfin) -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        jellyfin.add_webhook(receiver.url)
        yield receiver


async def get(client: aiohttp.ClientSession, path: str) -> Any:
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.content_type == "application/json"
        return await answer.json()


async def names(client: aiohttp.ClientSession, path: str) -> list[str]:
    return [item["Name"] for item in (await get(client, path))["Items"]]


def any_of(jellyfin: FakeJellyfin, kind: str) -> str:
    return next(i.id for i in jellyfin.state.items.values() if i.kind == kind)


# keys


@pytest.mark.parametrize(
    ("query", "header", "value", "legacy"),
    [
        ("", "Authorization", 'MediaBrowser Client="x", Token="KEY"', False),
        ("", "Authorization", "MediaBrowser Token=KEY", False),
        ("?apikey=KEY", "X-Nothing", "", False),
        ("", "X-Emby-Token", "KEY", True),
        ("", "X-MediaBrowser-Token", "KEY", True),
        ("", "Authorization", 'Emby Token="KEY"', True),
        ("", "X-Emby-Authorization", 'MediaBrowser Token="KEY"', True),
        ("?api_key=KEY", "X-Nothing", "", True),
    ],
)
async def test_legacy_keys_end_with_12(
    jellyfin: FakeJellyfin, query: str, header: str, value: str, legacy: bool
) -> None:
    url = f"{jellyfin.url}/System/Info{query}".replace("KEY", jellyfin.api_key)
    async with aiohttp.ClientSession() as session:
        async with session.get(url, headers={header: value.replace("KEY", jellyfin.api_key)}) as answer:
            assert answer.status == (401 if legacy and jellyfin.modern else 200)
        async with session.get(f"{jellyfin.url}/Items", headers={header: value}) as answer:
            assert (answer.status, await answer.read()) == (401, b"")
        async with session.get(f"{jellyfin.url}/System/Info/Public") as answer:
            assert (await answer.json())["Id"] == jellyfin.state.server_id
        async with session.get(f"{jellyfin.url}/System/Ping") as answer:
            assert await answer.json() == "Jellyfin Server"


# listing


async def test_an_id_is_made_of_type_and_path(jellyfin: FakeJellyfin) -> None:
    # a library named Movies has this id on every server in the world
    assert item_id("CollectionFolder", "root\\default\\Movies") == "f137a2dd21bbc1b99aa5c0f6bf02a805"
    assert jellyfin.state.libraries["Movies"].id == "f137a2dd21bbc1b99aa5c0f6bf02a805"


async def test_pages_and_totals(jellyfin: FakeJellyfin, client: aiohttp.ClientSession) -> None:
    whole = await get(client, MOVIES)
    assert (whole["TotalRecordCount"], len(whole["Items"])) == (8, 8)
    page = await get(client, f"{MOVIES}&startIndex=6&limit=5&enableTotalRecordCount=false")
    assert (page["TotalRecordCount"], page["StartIndex"], len(page["Items"])) == (2, 6, 2)
    assert page["Items"] == whole["Items"][6:]
    assert "Path" not in whole["Items"][0]
    full = await get(client, f"{MOVIES}&fields=Path,ProviderIds&enableImages=false")
    assert set(full["Items"][0]) >= {"Path", "ProviderIds", "Id", "ServerId", "Type", "LocationType"}
    assert "ImageTags" not in full["Items"][0]


async def test_a_library_a_series_and_the_root(jellyfin: FakeJellyfin, client: aiohttp.ClientSession) -> None:
    shows = jellyfin.state.libraries["Shows"].id
    within = await get(client, f"/Items?recursive=true&parentId={shows}&includeItemTypes=Series,Movie")
    assert {i["Type"] for i in within["Items"]} == {"Series"}
    one = any_of(jellyfin, "Series")
    assert [i["Type"] for i in (await get(client, f"/Items?parentId={one}"))["Items"]] == ["Season"]
    below = await get(client, f"/Items?recursive=true&parentId={one}&includeItemTypes=Episode")
    assert {i["SeriesId"] for i in below["Items"]} == {one}
    assert await names(client, "/Items") == await names(client, "/Items?ids=") == ["Movies", "Shows"]
    counts = await get(client, "/Items/Counts")
    assert (counts["MovieCount"], counts["SeriesCount"], counts["EpisodeCount"]) == (8, 3, 6)


async def test_what_ties_has_no_order(jellyfin: FakeJellyfin, client: aiohttp.ClientSession) -> None:
    twins = [Work("Zz Twin", 2000 + n, 50 + n) for n in range(6)]
    for work in twins:
        jellyfin.put_movie(work, created=datetime(2024, 1, work.year - 1999, tzinfo=UTC))
    orders = set()
    for _ in range(20):
        listed = (await get(client, f"{MOVIES}&sortBy=SortName&startIndex=8"))["Items"]
        orders.add(tuple(i["Id"] for i in listed))
    assert len(orders) > 1
    assert len({frozenset(o) for o in orders}) == 1
    steady = set()
    for _ in range(20):
        listed = (await get(client, f"{MOVIES}&sortBy=SortName,DateCreated&startIndex=8"))["Items"]
        steady.add(tuple(i["ProductionYear"] for i in listed))
    assert steady == {(2000, 2001, 2002, 2003, 2004, 2005)}


async def test_films_hide_behind_their_box_set_unless_told_otherwise(
    jellyfin: FakeJellyfin, client: aiohttp.ClientSession
) -> None:
    members = [i.id for i in jellyfin.state.items.values() if i.kind == "Movie"][:3]
    box = jellyfin.put_box_set("Trilogy", members)
    url = "/Items?recursive=true&includeItemTypes=Movie"
    collapsed = (await get(client, url))["Items"]
    assert len(collapsed) == 6
    assert box.id in {i["Id"] for i in collapsed}
    assert len((await get(client, f"{url}&collapseBoxSetItems=false"))["Items"]) == 8
    assert [i["Id"] for i in (await get(client, f"/Items?ids={members[0]}"))["Items"]] == members[:1]


async def test_virtual_items_are_listed_unless_excluded(
    jellyfin: FakeJellyfin, client: aiohttp.ClientSession
) -> None:
    jellyfin.put_virtual_episode(any_of(jellyfin, "Series"), season=1, number=9)
    url = "/Items?recursive=true&includeItemTypes=Episode&fields=Path"
    listed = (await get(client, url))["Items"]
    assert [("Path" in i) for i in listed if i["LocationType"] == "Virtual"] == [False]
    assert len(listed) == len((await get(client, f"{url}&excludeLocationTypes=Virtual"))["Items"]) + 1
    assert len((await get(client, f"{url}&isMissing=true"))["Items"]) == 1


async def test_other_versions_of_a_film(jellyfin: FakeJellyfin, client: aiohttp.ClientSession) -> None:
    first = any_of(jellyfin, "Movie")
    second = jellyfin.put_version(first, "other 2160p.mkv")
    shown = [i["Id"] for i in (await get(client, f"/Items?ids={first},{second.id}"))["Items"]]
    assert sorted(shown) == sorted([first] if jellyfin.modern else [first, second.id])
    jellyfin.delete_item(first)
    assert [i["Id"] for i in (await get(client, f"/Items?ids={second.id}"))["Items"]] == [second.id]


async def test_a_user_sees_copies_as_one(jellyfin: FakeJellyfin, client: aiohttp.ClientSession) -> None:
    jellyfin.add_library("Movies 4K", "/data/media/movies4k", "movies")
    jellyfin.put_movie(films(8)[0], library="Movies 4K")
    assert len((await get(client, MOVIES))["Items"]) == 9
    assert len((await get(client, f"{MOVIES}&userId={'0' * 32}"))["Items"]) == 8


# lookups and deletions


async def test_gone_ids_are_simply_absent(jellyfin: FakeJellyfin, client: aiohttp.ClientSession) -> None:
    first, second = [i.id for i in jellyfin.state.items.values() if i.kind == "Movie"][:2]
    dashed = f"{first[:8]}-{first[8:12]}-{first[12:16]}-{first[16:20]}-{first[20:]}"
    async with client.delete(f"/Items/{dashed}") as answer:
        assert answer.status == 204
    async with client.delete(f"/Items/{first}") as answer:
        assert answer.status == 404
    assert [i["Id"] for i in (await get(client, f"/Items?ids={first},{second}"))["Items"]] == [second]
    for key in (first, second):
        async with client.get(f"/Items/{key}") as answer:
            assert answer.status == 400


async def test_deleting_several_stops_at_the_first_unknown(
    jellyfin: FakeJellyfin, client: aiohttp.ClientSession
) -> None:
    first, second = [i.id for i in jellyfin.state.items.values() if i.kind == "Movie"][:2]
    async with client.delete(f"/Items?ids={first},{'0' * 32},{second}") as answer:
        assert answer.status == 404
    assert first not in jellyfin.state.items
    assert second in jellyfin.state.items


async def test_a_deleted_series_is_announced_alone_or_with_all_below(
    jellyfin: FakeJellyfin, receiver: Receiver
) -> None:
    jellyfin.delete_item(any_of(jellyfin, "Series"))
    assert receiver.received == []
    await jellyfin.flush_webhooks()
    told = [b["ItemType"] for b in receiver.bodies]
    assert told == (["Episode", "Episode", "Season", "Series"] if jellyfin.modern else ["Series"])
    assert "Provider_tvdb" in receiver.bodies[-1]
    if jellyfin.modern:
        assert "SeriesName" not in receiver.bodies[0]
    assert await jellyfin.flush_webhooks() == 0


async def test_send_all_escapes_quotes_twice_and_is_plain_text(
    jellyfin: FakeJellyfin, receiver: Receiver
) -> None:
    film = jellyfin.put_movie(Work('The "Last" One', 2001, 5, "tt0000005"))
    jellyfin.delete_item(film.id)
    await jellyfin.flush_webhooks()
    (hook,) = receiver.received
    assert hook.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert hook.headers["User-Agent"] == f"Jellyfin-Server/{jellyfin.version}"
    assert hook.body["Name"] == 'The \\"Last\\" One'
    assert hook.body["ItemId"] == film.id
    assert (hook.body["NotificationType"], hook.body["Provider_tmdb"]) == ("ItemDeleted", "5")
    assert hook.body["ServerId"] == jellyfin.state.server_id


async def test_a_template_prints_dashes(jellyfin: FakeJellyfin) -> None:
    async with Receiver() as receiver:
        jellyfin.add_webhook(receiver.url, headers={"content-type": "application/json"})
        jellyfin.webhook_style = "template"
        episode = any_of(jellyfin, "Episode")
        series_id = jellyfin.state.items[episode].series or ""
        jellyfin.delete_item(episode)
        await jellyfin.flush_webhooks()
        (hook,) = receiver.received
    assert hook.headers.getall("Content-Type") == ["application/json"]
    assert hook.body["item_id"].replace("-", "") == episode != hook.body["item_id"]
    assert hook.body["series_id"].replace("-", "") == series_id
    assert hook.body["imdb"] == ""


# changes


async def test_a_replaced_file_is_another_item(
    jellyfin: FakeJellyfin, client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    old = jellyfin.state.items[any_of(jellyfin, "Movie")]
    new = jellyfin.replace_file(old.id, "better.mkv")
    assert new.provider_ids == old.provider_ids
    assert [i["Id"] for i in (await get(client, f"/Items?ids={old.id},{new.id}"))["Items"]] == [new.id]
    await jellyfin.flush_webhooks()
    told = [(b["NotificationType"], b["ItemId"]) for b in receiver.bodies]
    assert told == [("ItemDeleted", old.id), ("ItemAdded", new.id)]


async def test_identify_changes_what_it_is_not_where(
    jellyfin: FakeJellyfin, client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    key = any_of(jellyfin, "Movie")
    path = jellyfin.state.items[key].path
    jellyfin.identify(key, tmdb=4711)
    (item,) = (await get(client, f"/Items?ids={key}&fields=Path,ProviderIds"))["Items"]
    assert (item["ProviderIds"], item["Path"]) == ({"Tmdb": "4711"}, path)
    assert await jellyfin.flush_webhooks() == 0
    assert receiver.received == []


async def test_a_moved_library_changes_every_id(
    jellyfin: FakeJellyfin, client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    before = {i.id for i in jellyfin.state.in_library("Shows")}
    moved = jellyfin.move_library("Shows", "/mnt/new/tv")
    assert not before & {i.id for i in moved}
    assert {i.id for i in moved} == {i.id for i in jellyfin.state.in_library("Shows")}
    home = jellyfin.state.libraries["Shows"].id
    url = f"/Items?recursive=true&parentId={home}&includeItemTypes=Episode&fields=Path"
    listed = (await get(client, url))["Items"]
    assert all(i["Path"].startswith("/mnt/new/tv/") for i in listed)
    assert {i["SeriesId"] for i in listed} <= {i.id for i in moved}
    assert await jellyfin.flush_webhooks() == 2 * len(moved)


# disks and servers


async def disk(client: aiohttp.ClientSession, path: str) -> tuple[int, list[str], str]:
    """ValidatePath's status, the directory's names, the library's device."""
    async with client.post("/Environment/ValidatePath", json={"Path": path, "IsFile": False}) as answer:
        valid = answer.status
    inside: list[str] = []
    if valid == 204:
        url = f"/Environment/DirectoryContents?path={path}&includeFiles=true&includeDirectories=true"
        inside = [entry["Name"] for entry in await get(client, url)]
    libraries = (await get(client, "/System/Info/Storage"))["Libraries"]
    return valid, inside, libraries[0]["Folders"][0]["DeviceId"]


@pytest.mark.parametrize(
    ("mode", "valid", "inside", "device", "left"),
    [
        ("protected", 204, [], "/", 8),
        ("missing", 404, [], "", 8),
        ("items_removed", 204, ["lost+found"], "/", 0),
    ],
)
async def test_a_mount_that_vanishes_and_returns(
    jellyfin: FakeJellyfin,
    client: aiohttp.ClientSession,
    receiver: Receiver,
    *,
    mode: Any,
    valid: int,
    inside: list[str],
    device: str,
    left: int,
) -> None:
    path = "/data/media/movies"
    before = await disk(client, path)
    assert (before[0], len(before[1]), before[2]) == (204, 8, path)
    known = {i["Id"] for i in (await get(client, MOVIES))["Items"]}
    jellyfin.mount_vanishes("Movies", mode)
    assert await disk(client, path) == (valid, inside, device)
    assert len((await get(client, MOVIES))["Items"]) == left
    assert await jellyfin.flush_webhooks() == 8 - left
    jellyfin.mount_returns("Movies")
    assert await disk(client, path) == before
    assert {i["Id"] for i in (await get(client, MOVIES))["Items"]} == known
    await jellyfin.flush_webhooks()
    told = [b["NotificationType"] for b in receiver.bodies]
    assert told == ["ItemDeleted"] * (8 - left) + ["ItemAdded"] * (8 - left)


async def test_deletes_that_took_effect_are_counted(
    jellyfin: FakeJellyfin, client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    one, two, three = [item.id for item in jellyfin.state.items.values() if item.kind == "Movie"][:3]
    said = []
    for path in (f"/Items/{one}", f"/Items/{one}", f"/Items?ids={two},{'e' * 32},{three}"):
        async with client.delete(path) as answer:
            said.append(answer.status)
    assert said == [204, 404, 404]
    assert jellyfin.deletes == {one: 1, two: 1}
    assert three in jellyfin.state.items
    await jellyfin.flush_webhooks()
    assert [body["ItemId"] for body in receiver.bodies] == [one, two]


async def test_tags_are_told_when_asked_for(jellyfin: FakeJellyfin, client: aiohttp.ClientSession) -> None:
    film = any_of(jellyfin, "Movie")
    jellyfin.tag(film, "keep")
    jellyfin.tag(film, "4K")
    found = (await get(client, f"{MOVIES}&fields=Tags"))["Items"]
    assert {item["Id"]: item["Tags"] for item in found if item["Tags"]} == {film: ["keep", "4K"]}
    assert all("Tags" not in item for item in (await get(client, MOVIES))["Items"])


async def test_a_refreshing_library_says_so(jellyfin: FakeJellyfin, client: aiohttp.ClientSession) -> None:
    jellyfin.set_refreshing("Movies", progress=12.5)
    libraries = await get(client, "/Library/VirtualFolders")
    assert [(v["Name"], v["RefreshStatus"]) for v in libraries] == [("Movies", "Active"), ("Shows", "Idle")]
    jellyfin.set_refreshing("Movies", "Idle")
    assert "RefreshProgress" not in (await get(client, "/Library/VirtualFolders"))[0]


async def test_another_server_and_an_empty_one(jellyfin: FakeJellyfin, client: aiohttp.ClientSession) -> None:
    own = jellyfin.state.server_id
    listed = sorted(await names(client, MOVIES))
    before = jellyfin.replace_with_other_instance(films=4)
    assert (await get(client, "/System/Info"))["Id"] != own
    assert len(await names(client, MOVIES)) == 4
    jellyfin.restore_state(before)
    assert (await get(client, "/System/Info"))["Id"] == own
    before = jellyfin.empty_database()
    assert await names(client, MOVIES) == []
    assert (await get(client, "/System/Info"))["Id"] == own
    jellyfin.restore_state(before)
    assert sorted(await names(client, MOVIES)) == listed


async def test_a_scan_that_ends_is_told_at_once(jellyfin: FakeJellyfin, receiver: Receiver) -> None:
    await jellyfin.scan_completed()
    assert receiver.bodies[0]["ResultKey"] == "RefreshLibrary"


# against Jellyfin's own documents


def document_of(version: str) -> dict[str, Any]:
    path = Path(os.environ["RECONCILED_SPECS"], f"jellyfin-openapi-{version}.json")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


@pytest.mark.skipif("RECONCILED_SPECS" not in os.environ, reason="RECONCILED_SPECS names no folder")
async def test_answers_keep_to_the_openapi_document(
    jellyfin: FakeJellyfin, client: aiohttp.ClientSession
) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = document_of(jellyfin.version)
    jellyfin.put_virtual_episode(any_of(jellyfin, "Series"), season=1, number=9)
    jellyfin.put_box_set("Some", [any_of(jellyfin, "Movie")])
    jellyfin.set_refreshing("Movies", progress=3.0)
    jellyfin.mount_vanishes("Shows", "missing")
    fields = "Path,ProviderIds,DateCreated,SortName,ParentId,Overview,Tags"
    everything = f"/Items?recursive=true&collapseBoxSetItems=false&fields={fields}"
    for path in (
        "/System/Ping",
        "/System/Info",
        "/System/Info/Public",
        "/System/Info/Storage",
        "/Library/VirtualFolders",
        "/Items/Counts",
        "/Plugins",
        "/ScheduledTasks",
        everything,
        "/Items",
        "/Environment/DirectoryContents?path=/data/media/movies&includeDirectories=true",
    ):
        known_as = path.partition("?")[0]
        content = document["paths"][known_as]["get"]["responses"]["200"]["content"]
        schema = {"allOf": [content["application/json"]["schema"]], "components": document["components"]}
        jsonschema.Draft4Validator(schema).validate(await get(client, path))
