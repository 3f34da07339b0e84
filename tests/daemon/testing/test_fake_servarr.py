"""The fake Radarr and Sonarr answer and announce as the real ones do, over real sockets."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from reconciled.testing.fakes.household import Household
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import Work, films, series
from reconciled.testing.faults import Fault
from reconciled.testing.receiver import Receiver

MOVIES = "/data/media/movies"


@pytest.fixture
async def radarr() -> AsyncIterator[FakeRadarr]:
    fake = FakeRadarr()
    for work in films(10):
        fake.put(work)
    async with fake:
        yield fake


@pytest.fixture
async def sonarr() -> AsyncIterator[FakeSonarr]:
    fake = FakeSonarr()
    for work in series(10):
        fake.put(work)
    async with fake:
        yield fake


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"X-Api-Key": "0123456789abcdef0123456789abcdef"}) as session:
        yield session


async def get(client: aiohttp.ClientSession, url: str, **kwargs: Any) -> Any:
    async with client.get(url, **kwargs) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.content_type == "application/json"
        return await answer.json()


async def status(client: aiohttp.ClientSession, method: str, url: str, **kwargs: Any) -> tuple[int, str]:
    async with client.request(method, url, **kwargs) as answer:
        return answer.status, await answer.text()


# keys and paths


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [
        ("", {}, 401),
        ("?apikey=KEY", {}, 200),
        ("?ApiKey=KEY", {}, 200),
        ("", {"X-Api-Key": "KEY"}, 200),
        ("", {"Authorization": "Bearer KEY"}, 200),
        ("?apikey=wrong", {"X-Api-Key": "KEY"}, 401),
        ("", {"X-Api-Key": "wrong", "Authorization": "Bearer KEY"}, 401),
        ("?apikey=KEY", {"X-Api-Key": "wrong"}, 200),
    ],
)
async def test_the_first_key_present_decides(
    radarr: FakeRadarr, query: str, headers: dict[str, str], expected: int
) -> None:
    sent = {k: v.replace("KEY", radarr.api_key) for k, v in headers.items()}
    async with aiohttp.ClientSession() as session:
        url = f"{radarr.url}/api/v3/system/status{query.replace('KEY', radarr.api_key)}"
        async with session.get(url, headers=sent) as answer:
            assert answer.status == expected
            assert answer.headers["X-Application-Version"] == radarr.version
            if expected == 401:
                assert await answer.read() == b""


async def test_outside_the_api_everything_is_the_web_page(
    radarr: FakeRadarr, client: aiohttp.ClientSession
) -> None:
    async with client.get(f"{radarr.url}/wrong/api/v3/movie") as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "X-Application-Version" not in answer.headers
    assert await status(client, "GET", f"{radarr.url}/api/v3/nothing") == (404, "")
    assert await status(client, "GET", f"{radarr.url}/api/v3/movie/abc") == (404, "")
    async with aiohttp.ClientSession() as keyless:
        assert await get(keyless, f"{radarr.url}/ping") == {"status": "OK"}


async def test_a_url_base_is_redirected_to(client: aiohttp.ClientSession) -> None:
    async with FakeRadarr(url_base="/radarr") as radarr:
        assert (await get(client, f"{radarr.url}/api/v3/system/status"))["urlBase"] == "/radarr"
        bare = radarr.url.removesuffix("/radarr")
        async with client.get(f"{bare}/api/v3/tag?x=1", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (307, "/radarr/api/v3/tag?x=1")


async def test_what_they_say_of_themselves(
    radarr: FakeRadarr, sonarr: FakeSonarr, client: aiohttp.ClientSession
) -> None:
    for fake in (radarr, sonarr):
        about = await get(client, f"{fake.url}/api/v3/system/status")
        assert (about["appName"], about["version"]) == (fake.app_name, fake.version)
        assert await get(client, f"{fake.url}/api") == {"current": "v3", "deprecated": []}


# reading


async def test_a_list_a_lookup_and_a_find(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    listed = await get(client, f"{radarr.url}/api/v3/movie")
    assert [m["id"] for m in listed] == list(range(1, 11))
    assert await get(client, f"{radarr.url}/api/v3/movie/4") == listed[3]
    found = await get(client, f"{radarr.url}/api/v3/movie?tmdbId={listed[3]['tmdbId']}")
    assert found == [listed[3]]
    assert await get(client, f"{radarr.url}/api/v3/movie?tmdbId=5") == []
    assert listed[0]["movieFile"]["path"].startswith(listed[0]["path"])


async def test_a_record_is_as_big_as_a_real_one(
    radarr: FakeRadarr, sonarr: FakeSonarr, client: aiohttp.ClientSession
) -> None:
    for url in (f"{radarr.url}/api/v3/movie", f"{sonarr.url}/api/v3/series"):
        listed = await get(client, url)
        size = len(json.dumps(listed)) / len(listed)
        assert 1_800 < size < 5_000


async def test_unknown_ids(radarr: FakeRadarr, sonarr: FakeSonarr, client: aiohttp.ClientSession) -> None:
    for url in (f"{radarr.url}/api/v3/movie/99", f"{sonarr.url}/api/v3/series/99"):
        code, text = await status(client, "GET", url)
        assert (code, json.loads(text)["title"]) == (404, "Not Found")
    assert (await status(client, "DELETE", f"{radarr.url}/api/v3/movie/99"))[0] == 404
    code, text = await status(client, "DELETE", f"{sonarr.url}/api/v3/series/99")
    assert (code, "Expected query to return 1 rows" in text) == (500, True)
    assert await get(client, f"{radarr.url}/api/v3/moviefile?movieId=99") == []
    assert (await status(client, "GET", f"{radarr.url}/api/v3/moviefile"))[0] == 400
    assert (await status(client, "GET", f"{sonarr.url}/api/v3/episodefile"))[0] == 400
    assert (await status(client, "GET", f"{sonarr.url}/api/v3/episodefile?seriesId=99"))[0] == 404
    assert (await status(client, "GET", f"{sonarr.url}/api/v3/episodefile?episodeFileIds=999"))[0] == 500


async def test_sonarr_5_denies_without_a_body(client: aiohttp.ClientSession) -> None:
    async with FakeSonarr(version="5.0.0.1") as sonarr:
        sonarr.put(series(1)[0])
        assert await status(client, "GET", f"{sonarr.url}/api/v3/series/99") == (404, "")
        assert await get(client, f"{sonarr.url}/api") == {"current": "v5", "deprecated": ["v3"]}
        assert (await get(client, f"{sonarr.url}/api/v5/rootfolder"))[0]["isEmpty"] is False
        assert "totalSpace" in (await get(client, f"{sonarr.url}/api/v3/rootfolder"))[0]
        assert await status(client, "DELETE", f"{sonarr.url}/api/v5/series/1") == (204, "")


async def test_sonarr_counts_files_and_has_no_statistics_without_episodes(
    sonarr: FakeSonarr, client: aiohttp.ClientSession
) -> None:
    bare = sonarr.put(Work("Nothing Yet", 2026, 5, None, 6), episodes=0)
    record = await get(client, f"{sonarr.url}/api/v3/series/{bare.id}")
    assert "statistics" not in record
    assert "imdbId" not in record
    assert (await get(client, f"{sonarr.url}/api/v3/series/1"))["statistics"]["episodeFileCount"] == 2
    await sonarr.delete_file(1)
    assert (await get(client, f"{sonarr.url}/api/v3/series/1"))["statistics"]["episodeFileCount"] == 1


# changing


async def test_editors(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    editor = f"{radarr.url}/api/v3/movie/editor"
    tag = json.loads((await status(client, "POST", f"{radarr.url}/api/v3/tag", json={"label": "keep"}))[1])
    code, text = await status(client, "PUT", editor, json={"movieIds": [1, 2], "tags": [tag["id"]]})
    assert (code, [m["tags"] for m in json.loads(text)]) == (202, [[1], [1]])
    code, _ = await status(client, "PUT", editor, json={"movieIds": [1], "tags": [1], "applyTags": "remove"})
    code, _ = await status(client, "PUT", editor, json={"movieIds": [2], "monitored": False})
    listed = await get(client, f"{radarr.url}/api/v3/movie")
    assert [(m["tags"], m["monitored"]) for m in listed[:2]] == [([], True), ([1], False)]
    assert (await status(client, "DELETE", editor, json={"movieIds": [3, 99]}))[0] == 500
    assert 3 in radarr.state.entries
    assert (await status(client, "DELETE", editor, json={"movieIds": [3, 4]}))[0] == 200
    assert not {3, 4} & set(radarr.state.entries)


async def test_tags_are_made_once_and_in_lower_case(
    sonarr: FakeSonarr, client: aiohttp.ClientSession
) -> None:
    url = f"{sonarr.url}/api/v3/tag"
    for _ in range(2):
        assert (await status(client, "POST", url, json={"label": "keep"}))[0] == 201
    assert (await status(client, "POST", url, json={"label": "Keep"}))[0] == 409
    assert await get(client, url) == [{"id": 1, "label": "keep"}]


@pytest.mark.parametrize("label", ["leaving soon", "a_b", "é", ""])
async def test_labels_that_are_not_taken(
    radarr: FakeRadarr, sonarr: FakeSonarr, client: aiohttp.ClientSession, label: str
) -> None:
    code, text = await status(client, "POST", f"{radarr.url}/api/v3/tag", json={"label": label})
    assert (code, [failed["propertyName"] for failed in json.loads(text)]) == (400, ["Label"])
    assert radarr.state.tags == {}
    code, _ = await status(client, "POST", f"{sonarr.url}/api/v3/tag", json={"label": label})
    assert code == (201 if label else 400)
    async with FakeSonarr(version="5.0.0.1") as modern:
        assert (await status(client, "POST", f"{modern.url}/api/v5/tag", json={"label": label}))[0] == 400


async def test_what_was_done_is_kept(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    """Only what took effect counts, and a database put back makes nothing undone."""
    before, path = radarr.snapshot_state(), radarr.state.entries[2].path
    movie = f"{radarr.url}/api/v3/movie"
    for address in ("/2?deleteFiles=true", "/2?deleteFiles=true", "/3", "/99"):
        await status(client, "DELETE", f"{movie}{address}")
    await status(client, "DELETE", f"{movie}/editor", json={"movieIds": [4, 99]})
    await status(client, "DELETE", f"{movie}/editor", json={"movieIds": [4, 5]})
    await status(client, "PUT", f"{movie}/editor", json={"movieIds": [6], "monitored": False})
    await status(client, "PUT", f"{movie}/editor", json={"movieIds": [6, 99], "monitored": True})
    radarr.restore_state(before)
    await status(client, "DELETE", f"{movie}/3")
    await radarr.delete(7, files=False)
    assert radarr.deletes == {2: 1, 3: 2, 4: 1, 5: 1}
    assert radarr.erased == [path]
    assert radarr.edits == [((6,), {"monitored": False})]


async def test_an_exclusion_is_there_once(sonarr: FakeSonarr, client: aiohttp.ClientSession) -> None:
    before = sonarr.snapshot_state()
    for _ in range(2):
        excluded, sonarr.state.exclusions = sonarr.state.exclusions, []
        sonarr.restore_state(before)
        sonarr.state.exclusions = excluded
        await status(client, "DELETE", f"{sonarr.url}/api/v3/series/1?addImportListExclusion=true")
    assert len(await get(client, f"{sonarr.url}/api/v3/importlistexclusion")) == 1


async def test_only_its_own_parameter_excludes(
    radarr: FakeRadarr, sonarr: FakeSonarr, client: aiohttp.ClientSession
) -> None:
    await status(client, "DELETE", f"{radarr.url}/api/v3/movie/1?addImportListExclusion=true")
    await status(client, "DELETE", f"{sonarr.url}/api/v3/series/1?addImportListExclusion=true")
    assert await get(client, f"{radarr.url}/api/v3/exclusions") == []
    assert len(await get(client, f"{sonarr.url}/api/v3/importlistexclusion")) == 1


async def test_a_delete_waits_for_its_webhook(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    async with Receiver() as receiver:
        radarr.add_webhook(receiver.url, headers={"X-Secret": "s"}, auth=("user", "pässword"))
        code = await status(client, "DELETE", f"{radarr.url}/api/v3/movie/2?deleteFiles=true")
        assert code == (200, "")
        (hook,) = receiver.received
        assert hook.body["eventType"] == "MovieDelete"
        assert hook.body["deletedFiles"] is True
        assert hook.body["movieFolderSize"] > 0
        assert hook.headers["User-Agent"] == "Radarr/6.1.0.10360 (ubuntu 22.04)"
        assert hook.headers["X-Secret"] == "s"
        assert hook.headers["Authorization"].startswith("Basic ")
    assert [(s.event, s.status) for s in radarr.sent] == [("MovieDelete", 202)]


async def test_a_failing_receiver_is_recorded_not_raised(radarr: FakeRadarr) -> None:
    async with Receiver(status=500) as receiver:
        radarr.add_webhook(receiver.url)
        await radarr.delete(1)
    await radarr.delete(2)
    assert [s.status for s in radarr.sent] == [500, None]


async def test_a_hanging_receiver_does_not_delay_the_end(client: aiohttp.ClientSession) -> None:
    async with FakeRadarr() as receiver:
        receiver.faults.set(Fault.HANG)
        radarr = await FakeRadarr().start()
        radarr.put(films(1)[0])
        radarr.add_webhook(f"{receiver.url}/hook")
        deleting = asyncio.create_task(status(client, "DELETE", f"{radarr.url}/api/v3/movie/1"))
        while receiver.count("/hook", method="POST") < 1:
            await asyncio.sleep(0.005)
        assert not deleting.done()
        await asyncio.wait_for(radarr.stop(), 50)  # the server itself would wait for a minute
        with pytest.raises(aiohttp.ClientConnectionError):
            await deleting
    assert 1 not in radarr.state.entries


async def test_gzip_when_asked(client: aiohttp.ClientSession) -> None:
    async with FakeRadarr(compress=True) as radarr:
        radarr.put(films(1)[0])
        async with client.get(f"{radarr.url}/api/v3/movie") as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert len(await answer.json()) == 1


async def test_every_event(sonarr: FakeSonarr, radarr: FakeRadarr) -> None:
    async with Receiver() as receiver:
        for fake in (radarr, sonarr):
            fake.add_webhook(receiver.url)
            fake.tag(1, "keep")
            await fake.send_test()
            await fake.grab(1)
            await fake.upgrade(1)
            await fake.rename(1)
            await fake.delete_file(1)
            await fake.import_file(1)
            await fake.manual_interaction(1)
            await fake.health("trouble")
            await fake.health_restored("trouble")
            await fake.application_update(fake.version)
        await radarr.add(Work("New", 2026, 77))
        await sonarr.add(Work("New", 2026, 77, None, 78))
        await sonarr.import_complete(2)
        got = [b["eventType"] for b in receiver.bodies]
    common = "Grab {f}FileDelete Download Rename {f}FileDelete Download ManualInteractionRequired"
    tail = "Health HealthRestored ApplicationUpdate"
    assert got == [
        *f"Test {common} {tail}".format(f="Movie").split(),
        *f"Test {common} {tail}".format(f="Episode").split(),
        "MovieAdded",
        "SeriesAdd",
        "Download",
    ]
    bodies = {i: b for i, b in enumerate(receiver.bodies) if b["eventType"] != "Test"}
    assert bodies[2]["deleteReason"] == "upgrade"
    assert bodies[2]["movie"]["tags"] == ["keep"]
    assert (bodies[3]["isUpgrade"], len(bodies[3]["deletedFiles"])) == (True, 1)
    assert (bodies[6]["isUpgrade"], "deletedFiles" in bodies[6]) == (False, False)
    assert "episodeFile" not in receiver.bodies[-1]
    assert receiver.bodies[-1]["fileCount"] == 2


async def test_notify_false_tells_nobody(radarr: FakeRadarr) -> None:
    async with Receiver() as receiver:
        radarr.add_webhook(receiver.url)
        await radarr.delete(1, notify=False)
        await radarr.upgrade(2, notify=False)
        await radarr.root_emptied(MOVIES, notify=False)
        assert receiver.received == []


# history


async def test_history_explains_lost_files_of_living_entries(
    sonarr: FakeSonarr, client: aiohttp.ClientSession
) -> None:
    await sonarr.delete_file(1, reason="missingFromDisk")
    await sonarr.delete_file(2)
    await sonarr.delete_file(3, reason="noLinkedEpisodes")
    url = f"{sonarr.url}/api/v3/history/since?date=2020-01-01T00:00:00Z&eventType=episodeFileDeleted"
    rows = await get(client, url)
    assert [(r["seriesId"], r["data"]["reason"]) for r in rows] == [(1, "MissingFromDisk"), (2, "Manual")]
    assert rows[0]["sourceTitle"].startswith("/data/media/tv/")
    await sonarr.delete(1)
    assert [r["seriesId"] for r in await get(client, url)] == [2]
    later = "/api/v3/history/since?date=2999-01-01T00:00:00Z"
    assert await get(client, f"{sonarr.url}{later}") == []


# disks and databases


async def test_a_root_that_vanishes_marks_no_file(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    before = await get(client, f"{radarr.url}/api/v3/diskspace")
    await radarr.root_vanishes(MOVIES)
    (root,) = await get(client, f"{radarr.url}/api/v3/rootfolder")
    assert (root["accessible"], "freeSpace" in root) == (False, False)
    assert await get(client, f"{radarr.url}/api/v3/diskspace") == before[:1]
    assert (await get(client, f"{radarr.url}/api/v3/health"))[0]["source"] == "RootFolderCheck"
    assert all(m["hasFile"] for m in await get(client, f"{radarr.url}/api/v3/movie"))
    assert (await status(client, "DELETE", f"{radarr.url}/api/v3/moviefile/1"))[0] == 409
    await radarr.root_returns(MOVIES)
    assert await get(client, f"{radarr.url}/api/v3/health") == []
    assert await get(client, f"{radarr.url}/api/v3/diskspace") == before
    assert (await status(client, "DELETE", f"{radarr.url}/api/v3/moviefile/1"))[0] == 200
    assert (await status(client, "DELETE", f"{radarr.url}/api/v3/moviefile/1"))[0] == 404


async def test_a_root_that_is_emptied_loses_every_file(
    radarr: FakeRadarr, client: aiohttp.ClientSession
) -> None:
    async with Receiver() as receiver:
        radarr.add_webhook(receiver.url)
        before = await get(client, f"{radarr.url}/api/v3/movie")
        await radarr.root_emptied(MOVIES)
        assert {b["deleteReason"] for b in receiver.bodies} == {"missingFromDisk"}
        assert len(receiver.bodies) == 10
        listed = await get(client, f"{radarr.url}/api/v3/movie")
        assert not any(m["hasFile"] or "movieFile" in m or m["movieFileId"] for m in listed)
        (root,) = await get(client, f"{radarr.url}/api/v3/rootfolder")
        assert root["accessible"]
        await radarr.root_returns(MOVIES)
        assert await get(client, f"{radarr.url}/api/v3/movie") == before


async def test_an_empty_mount_point_is_guarded(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    await radarr.root_emptied(MOVIES, marks=False)
    assert all(m["hasFile"] for m in await get(client, f"{radarr.url}/api/v3/movie"))
    (root,) = await get(client, f"{radarr.url}/api/v3/rootfolder")
    assert (root["accessible"], root["unmappedFolders"]) == (True, [])


async def test_a_restored_backup_reuses_ids(sonarr: FakeSonarr) -> None:
    started = sonarr.started_at
    gone = sonarr.restore_backup(drop_newest=3)
    assert [e.id for e in gone] == [8, 9, 10]
    assert sonarr.started_at > started
    assert (await sonarr.add(Work("Newer", 2026, 9, None, 9))).id == 8


async def test_other_databases_come_and_go(radarr: FakeRadarr, client: aiohttp.ClientSession) -> None:
    url = f"{radarr.url}/api/v3/movie"
    own = await get(client, url)
    before = radarr.replace_with_other_instance()
    other = await get(client, url)
    assert [m["id"] for m in other] == [m["id"] for m in own]
    assert not {m["tmdbId"] for m in other} & {m["tmdbId"] for m in own}
    radarr.restore_state(before)
    assert await get(client, url) == own
    before = radarr.empty_database()
    assert await get(client, url) == await get(client, f"{radarr.url}/api/v3/rootfolder") == []
    radarr.restore_state(before)
    saved = radarr.snapshot_state()
    await radarr.delete_file(1)
    radarr.restore_state(saved)
    assert await get(client, url) == own


async def test_a_household_agrees_and_is_built_quickly() -> None:
    began = time.process_time()
    home = Household(films=2000, series=2000)
    assert time.process_time() - began < 60  # seconds, where it was quadratic minutes
    work = home.films[5]
    assert home.film(work).path == (home.item(work).path or "").rpartition("/")[0]
    assert home.show(home.series[3]).path == home.item(home.series[3]).path
    async with home:
        assert all(fake.port for fake in home.fakes)


# against the apps' own documents

FAKES: dict[str, Callable[[], FakeRadarr | FakeSonarr]] = {
    "radarr-v3": FakeRadarr,
    "sonarr-v3": FakeSonarr,
    "sonarr-v5": lambda: FakeSonarr(version="5.0.0.1"),
}
PATHS = {
    "radarr-v3": ("movie", "moviefile?movieId=1", "exclusions", "notification", "notification/schema"),
    "sonarr-v3": (
        "series",
        "episodefile?seriesId=1",
        "episode?seriesId=1",
        "importlistexclusion",
        "notification",
        "notification/schema",
    ),
    "sonarr-v5": ("series", "episodefile?seriesId=1", "connection", "connection/schema"),
}
COMMON = ("system/status", "health", "rootfolder", "diskspace", "tag", "history/since?date=2020-01-01")


def document_of(app: str) -> dict[str, Any]:
    path = Path(os.environ["RECONCILED_SPECS"], f"{app}.openapi.json")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    # the documents spell out the class of wikiUrl, whose converter writes a plain string
    document["components"]["schemas"]["HttpUri"] = {"type": "string"}
    return document


def answer_schema(document: dict[str, Any], path: str) -> dict[str, Any]:
    content = document["paths"][path]["get"]["responses"]["200"]["content"]
    schema = next(v["schema"] for k, v in content.items() if k.endswith("json"))
    return {"allOf": [schema], "components": document["components"]}


@pytest.mark.skipif("RECONCILED_SPECS" not in os.environ, reason="RECONCILED_SPECS names no folder")
@pytest.mark.parametrize("app", list(FAKES))
async def test_answers_keep_to_the_openapi_document(app: str, client: aiohttp.ClientSession) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = document_of(app)
    api = f"/api/{app.partition('-')[2]}"
    async with FAKES[app]() as fake:
        for work in (films if isinstance(fake, FakeRadarr) else series)(3):
            fake.put(work)
        fake.tag(1, "keep")
        await fake.delete_file(2)
        await fake.delete(3, exclude=True)
        await fake.root_vanishes(fake.state.roots[0].path)
        fake.skip(fake.add_notification("mine", "http://127.0.0.1:9/")["id"])
        checked = {path: f"{api}/{path.partition('?')[0]}" for path in (*COMMON, *PATHS[app])}
        checked[f"{fake.kind}/1"] = f"{api}/{fake.kind}/{{id}}"
        checked["rootfolder/1"] = f"{api}/rootfolder/{{id}}"
        for path, known_as in checked.items():
            told = await get(client, f"{fake.url}{api}/{path}")
            if known_as in document["paths"]:
                jsonschema.Draft4Validator(answer_schema(document, known_as)).validate(told)
        for path, name, body in (
            (
                f"{fake.kind}/editor",
                f"{fake.kind.title()}Resource",
                {fake.ids_field: [1], "monitored": False},
            ),
            ("tag", "TagResource", {"label": "leaving"}),
        ):
            method = "PUT" if path.endswith("editor") else "POST"
            _, text = await status(client, method, f"{fake.url}{api}/{path}", json=body)
            schema = {"$ref": f"#/components/schemas/{name}"}
            whole = {"type": "array", "items": schema} if method == "PUT" else {"allOf": [schema]}
            checker = jsonschema.Draft4Validator({**whole, "components": document["components"]})
            checker.validate(json.loads(text))
        assert sum(known_as in document["paths"] for known_as in checked.values()) >= 8
