"""Mirrors over the API, on the pages and in the metrics: how far they are, and copies that are sent again."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.web.conftest import BEARER, JSON, Client, World, film
from tests.daemon.web.test_web_api import get, post
from tests.patience import PATIENCE

from reconciled.config import Mirror
from reconciled.engine.engine import Place
from reconciled.engine.runs import Run
from reconciled.errors import Unreachable
from reconciled.ledger import mirrors, tombstones
from reconciled.ledger.views_copies import CopyEnd, RecordEnd
from reconciled.model import Item, Json, Key
from reconciled.web.pages_mirrors import closes_when

NO_RATE = {"rate": None, "left": None, "stage": ""}
STATUSES = ("pending", "processing", "synced", "duplicate", "failed", "missing", "refused", "removed")


class Bringing:
    """A stand-in for the pass: how far it is, and how it ends, as a test says."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.stats: dict[str, Json] = {}
        self.error: str | None = None

    async def __call__(self, place: Place, run: Run) -> Mapping[str, Json]:
        run.progress.done, run.progress.total, run.progress.failed = 3, 10, 1
        run.progress.bytes, run.progress.bytes_total = 2**20, 2**22
        await self.go_on.wait()
        if self.error is not None:
            raise Unreachable(self.error)
        return self.stats


@pytest.fixture
async def mirrored(world: World) -> Bringing:
    """Films of radarr go to an archive and to a shelf; eight of them stand in one way each."""
    model = await world.follow("radarr")
    model.put(*(film(number) for number in range(1, 21)))
    await world.scan("radarr")
    for name in ("archive", "shelf"):
        await world.follow(name)
    mirror = Mirror("backup", "radarr", ("archive", "shelf"), frozenset({"movie"}))
    world.settings = replace(world.settings, mirrors={"backup": mirror})
    world.engine.passes["mirror"] = bringing = Bringing()
    for number, status in enumerate(STATUSES, 1):
        how = {"synced": "made", "duplicate": "found"}.get(status)
        await put_copy(
            world, number, "archive", status, how=how, reason=f"why {status}" if how is None else ""
        )
    await put_copy(world, 1, "shelf", "failed", reason="the disk is full")
    return bringing


async def put_copy(
    world: World,
    number: int,
    target: str,
    status: str,
    *,
    how: str | None = None,
    reason: str = "",
    **more: Any,
) -> int:
    """A copy of a film stands so; returns its id."""
    named = "".join(f", {name}" for name in more)
    marks = ", ?" * len(more)

    def write(tx: Any) -> int:
        (item,) = tx.execute(
            "SELECT id FROM item WHERE key = ? AND kind = 'movie'", (str(number),)
        ).fetchone()
        (copy,) = tx.execute(
            "INSERT INTO copy (mirror, item_id, source, kind, key, title, fileset, target, status, how, "
            f"reason, size, tries, created_at, changed_at{named}) VALUES ('backup', ?1, 'radarr', 'movie', "
            f"?2, ?3, ?2, ?4, ?5, ?6, ?7, 1000, 2, ?8, ?8{marks}) RETURNING id",
            (item, str(number), f"Film {number}", target, status, how, reason, world.stamp, *more.values()),
        ).fetchone()
        return int(copy)

    return await world.ledger.write(write)


async def refused(client: Client, path: str, status: int) -> Any:
    answer = await client.get(f"/api/v1/{path}")
    assert answer.status == status, await answer.text()
    return await answer.json()


async def wait_until_it_runs(world: World, run: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while not (world.engine.progress(run) or {}).get("done"):
            await asyncio.sleep(0.005)


# --- runs ---------------------------------------------------------------------------------------------


async def test_a_mirror_is_run_followed_and_told(world: World, client: Client, mirrored: Bringing) -> None:
    run = (await post(client, "runs", {"pass": "mirror"}, status=202))["id"]
    await wait_until_it_runs(world, run)
    again = await post(client, "runs", {"pass": "mirror", "policy": "backup"}, status=409)
    assert again["id"] == run
    told = await get(client, f"runs/{run}")
    assert told["progress"] == {
        "done": 3, "total": 10, "bytes": 2**20, "bytes_total": 2**22, "failed": 1,
        **NO_RATE,
    }  # fmt: skip
    assert (told["policy"], told["source"], told["resume_from"]) == ("backup", "radarr", None)
    shown = await get(client, "mirrors/backup")
    assert (shown["running"]["run"], shown["running"]["progress"]["done"]) == (run, 3)
    mirrored.stats = {"files": 10, "bytes": 2**22, "failed": 1, "filesets": 5, "seconds": 60.0}
    mirrored.go_on.set()
    ended = await get(client, f"runs/{run}?wait=5")
    assert (ended["state"], ended["progress"]) == (
        "complete",
        {"done": 3, "total": 10, "bytes": 2**22, "bytes_total": None, "failed": 1, **NO_RATE},
    )
    (listed,) = (await get(client, "runs?policy=backup"))["items"]
    assert listed == ended
    shown = await get(client, "mirrors/backup")
    assert shown["rates"] == {
        "files_per_minute": 10.0, "bytes_per_second": 69905.0, "seconds_per_fileset": 12.0,
        "errors_per_hundred": 10.0, "growth": None,
    }  # fmt: skip
    assert (shown["running"], shown["last_complete"]["id"], shown["trouble"]) == (None, run, [])


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"policy": "nobody"}, 404, "there are backup"),
        ({"policy": "backup", "source": "shelf"}, 422, "mirrors radarr"),
        ({"source": "shelf"}, 404, "no mirror brings files of shelf"),
        ({"source": "nowhere"}, 404, "no source 'nowhere'"),
        ({"pass": "scan", "policy": "backup"}, 422, "not of a policy"),
        ({"pass": "scan"}, 400, "say which"),
    ],
)
async def test_what_cannot_be_run_is_told(
    world: World, client: Client, mirrored: Bringing, body: dict[str, str], status: int, said: str
) -> None:
    told = await post(client, "runs", {"pass": "mirror", **body}, status=status)
    assert said in told["detail"]


async def test_of_several_mirrors_one_has_to_be_named(
    world: World, client: Client, mirrored: Bringing
) -> None:
    known = dict(world.settings.mirrors)
    other = replace(known["backup"], name="second")
    world.settings = replace(world.settings, mirrors={**known, "second": other})
    told = await post(client, "runs", {"pass": "mirror", "source": "radarr"}, status=422)
    assert "backup, second" in told["detail"]
    one = (await post(client, "runs", {"pass": "mirror", "policy": "second"}, status=202))["id"]
    two = (await post(client, "runs", {"pass": "mirror", "policy": "backup"}, status=202))["id"]
    assert one != two  # two mirrors of one source run at a time
    world.settings = replace(world.settings, mirrors={})
    assert "no mirror" in (await post(client, "runs", {"pass": "mirror"}, status=404))["detail"]


async def test_an_interrupted_run_is_resumed(world: World, client: Client, mirrored: Bringing) -> None:
    run = (await post(client, "runs", {"pass": "mirror"}, status=202))["id"]
    assert "under way" in (await post(client, f"runs/{run}/resume", status=409))["detail"]
    assert (await post(client, f"runs/{run}/cancel"))["state"] == "cancelled"
    words = world.settings.mirrors["backup"].words()
    await world.ledger.write(mirrors.set_checkpoint, "backup", "patient-7", words=words)
    assert (await get(client, "mirrors/backup"))["resume_from"] == "patient-7"
    mirrored.go_on.set()
    next_run = (await post(client, f"runs/{run}/resume", status=202))["id"]
    assert next_run > run
    assert (await get(client, f"runs/{next_run}?wait=5"))["state"] == "complete"
    assert "nothing is left" in (await post(client, f"runs/{next_run}/resume", status=409))["detail"]
    scan = await world.scan("radarr")
    assert "keeps no checkpoint" in (await post(client, f"runs/{scan}/resume", status=409))["detail"]


# --- mirrors and copies -------------------------------------------------------------------------------


async def test_mirrors_are_listed_with_their_counts(world: World, client: Client, mirrored: Bringing) -> None:
    (told,) = (await get(client, "mirrors"))["items"]
    one_each = dict.fromkeys(STATUSES, 1)
    assert told["counts"] == {"archive": one_each, "shelf": {"failed": 1}}
    assert told["statuses"] == {**one_each, "failed": 2}
    assert (told["files"], told["bytes"], told["made"]["archive"]) == (2, 2000, {"files": 1, "bytes": 1000})
    assert (told["mode"], told["targets"], told["last_run"]) == ("dry-run", ["archive", "shelf"], None)
    measures = [(one["measure"], one["warning"], one["level"]) for one in told["thresholds"]]
    assert measures == [
        ("sync_duration", 300, None),
        ("error_rate", 0.05, None),
        ("consecutive_failures", 3, None),
    ]
    assert told == await get(client, "mirrors/backup")
    assert "there are backup" in (await refused(client, "mirrors/nobody", 404))["detail"]


async def test_a_run_that_failed_is_trouble(world: World, client: Client, mirrored: Bringing) -> None:
    mirrored.error = "radarr: cannot connect"
    mirrored.go_on.set()
    await world.engine.perform("mirror", "radarr", asked_by="a test", policy="backup")
    told = await get(client, "mirrors/backup")
    assert (told["trouble"], told["last_complete"]) == (["its last run failed: radarr: cannot connect"], None)


async def test_copies_are_looked_through(world: World, client: Client, mirrored: Bringing) -> None:
    everything = (await get(client, "mirrors/backup/copies"))["items"]
    assert [one["status"] for one in everything] == [*STATUSES, "failed"]
    first = (await get(client, "mirrors/backup/copies?limit=4"))["next"]
    rest = await get(client, f"mirrors/backup/copies?limit=5&cursor={first}")
    assert ([one["id"] for one in rest["items"]], rest["next"]) == (
        [one["id"] for one in everything[4:]],
        None,
    )
    for query, wanted in (
        ("status=failed", ["5", "1"]),
        ("status=failed&target=shelf", ["1"]),
        ("q=disk+is", ["1"]),
        ("q=Film+3", ["3"]),
        ("target=nowhere", []),
    ):
        found = (await get(client, f"mirrors/backup/copies?{query}"))["items"]
        assert [one["key"] for one in found] == wanted, query
    failed = (await get(client, "mirrors/backup/copies?status=failed&target=shelf"))["items"][0]
    assert (failed["reason"], failed["tries"], failed["next_try"]) == ("the disk is full", 2, None)
    assert "status" in (await refused(client, "mirrors/backup/copies?status=lost", 400))["detail"]
    csv = await client.get("/api/v1/mirrors/backup/copies?status=missing", headers={"Accept": "text/csv"})
    assert (await csv.text()).splitlines()[1].split(",")[:9] == [
        "6", "backup", "radarr", "movie", "6", "Film 6", "6", "archive", "missing",
    ]  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
async def test_only_what_stopped_travels_again(
    world: World, client: Client, mirrored: Bringing, status: str
) -> None:
    number = STATUSES.index(status) + 1
    stopped = status in ("failed", "missing", "refused")
    told = await post(client, f"mirrors/backup/copies/{number}/retry", status=200 if stopped else 409)
    (after,) = await world.rows("SELECT status, tries, reason FROM copy WHERE id = ?", number)
    if stopped:
        assert (told["status"], after) == ("pending", ("pending", 0, ""))
        asked = await world.rows("SELECT what FROM audit ORDER BY id DESC LIMIT 1")
        assert asked == [
            (f"POST /api/v1/mirrors/backup/copies/{number}/retry movie {number} to archive, {status}",)
        ]
    else:
        assert f"is {status}" in told["detail"]
        assert after[0] == status


async def test_all_of_a_status_travel_again_as_shown(
    world: World, client: Client, mirrored: Bringing
) -> None:
    call = "mirrors/backup/copies/retry"
    shown = await post(client, call, {"status": "failed"})
    assert (shown["count"], shown["preview"]) == (2, True)
    assert shown["titles"] == ["Film 5 to archive: why failed", "Film 1 to shelf: the disk is full"]
    assert await world.rows("SELECT count(*) FROM copy WHERE status = 'failed'") == [(2,)]
    world.clock.advance(1)
    await put_copy(world, 9, "archive", "failed")
    only = {"status": "failed", "preview": False, "shown": shown["shown"]}
    assert (await post(client, call, {**only, "target": "shelf"}))["count"] == 1
    done = await post(client, call, only)
    assert (done["count"], done["left"]) == (1, 0)
    assert await world.rows("SELECT key FROM copy WHERE status = 'failed'") == [("9",)]
    assert (await post(client, call, {"ids": [6, 7, 3, 99]}))["count"] == 2
    for body in ({}, {"ids": [1], "status": "failed"}):
        assert "either" in (await post(client, call, body, status=400))["detail"]
    other = replace(world.settings.mirrors["backup"], name="other")
    world.settings = replace(world.settings, mirrors={**world.settings.mirrors, "other": other})
    assert (await post(client, "mirrors/other/copies/retry", {"ids": [5]}))["left"] == 1


async def test_a_finding_ends_when_a_person_asks_again(
    world: World, client: Client, mirrored: Bringing
) -> None:
    def find(tx: Any) -> None:
        item = Item(Key("movie", "5"), "Film 5")
        (number,) = tx.execute("SELECT item_id FROM copy WHERE id = 5").fetchone()
        tombstones.open_finding(
            tx, "upload_failed", source="radarr", item=item, item_id=number, seq=99, at=world.stamp,
            detail="archive: why failed",
        )  # fmt: skip

    await world.ledger.write(find)
    await post(client, "mirrors/backup/copies/5/retry")
    assert (await get(client, "findings?code=upload_failed&open=true"))["items"] == []


# --- pages and metrics --------------------------------------------------------------------------------


async def text_of(client: Client, path: str, *, status: int = 200) -> str:
    answer = await client.get(path, headers={"Accept": "text/html"})
    text = await answer.text()
    assert answer.status == status, text
    return text


async def test_the_pages_of_mirrors(world: World, client: Client, mirrored: Bringing, sign_in: Any) -> None:
    for path in ("/", "/mirrors"):
        text = await text_of(client, path)
        assert '<a href="/mirrors/backup">backup</a>' in text
        assert "radarr → archive, shelf" in text
    text = await text_of(client, "/mirrors/backup?status=failed")
    assert "The disk is full." in text
    assert "Film 2" not in text
    assert "Try again" not in text  # nobody signed in
    await sign_in(client)
    text = await text_of(client, "/mirrors/backup?status=failed")
    assert "Try all 2 again" in text
    assert text.count(">Try again<") == 2
    assert "there are backup" in await text_of(client, "/mirrors/nobody", status=404)
    run = await world.engine.begin("mirror", "radarr", asked_by="a test", policy="backup")
    await wait_until_it_runs(world, run)
    text = await text_of(client, "/mirrors/backup")
    assert '<progress class="run" max="4194304" value="1048576"' in text
    assert "3 files of 10, 1 MiB of 4 MiB, <strong>1 failed</strong>" in text


async def form(client: Client, path: str, fields: Mapping[str, object], *, status: int = 303) -> str:
    page = await text_of(client, "/mirrors/backup")
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
    answer = await client.post(path, data={"csrf": csrf, **fields}, allow_redirects=False)
    assert answer.status == status, await answer.text()
    return answer.headers.get("Location", "")


async def test_the_forms_of_a_mirror(world: World, client: Client, mirrored: Bringing, sign_in: Any) -> None:
    await sign_in(client)
    retry = "/mirrors/backup/retry"
    assert await form(client, retry, {"copy": 6, "status": "missing"}) == "/mirrors/backup?status=missing"
    fields = {"status": "failed", "target": "shelf", "shown": world.stamp}
    assert await form(client, retry, fields) == "/mirrors/backup?status=failed&target=shelf"
    left = await world.rows("SELECT id FROM copy WHERE status IN ('failed', 'missing') ORDER BY id")
    assert left == [(5,)]
    for wrong in ({"copy": "x"}, {"status": "synced", "shown": world.stamp}, {"status": "failed"}, {}):
        await form(client, retry, wrong, status=400)
    forged = await client.post(retry, data={"copy": 5}, allow_redirects=False)
    assert forged.status == 403
    await form(client, "/mirrors/backup/run", {})
    await form(client, "/mirrors/backup/run", {})  # it runs already, which is no trouble
    assert len((await get(client, "runs?policy=backup"))["items"]) == 1


async def test_what_no_form_of_ours_sends_is_refused_in_words(
    world: World, client: Client, mirrored: Bringing, sign_in: Any
) -> None:
    await sign_in(client)
    await form(client, "/mirrors/backup/retry", {"status": "failed", "shown": "9" * 50}, status=400)
    told = await post(client, "mirrors/backup/copies/retry", {"ids": [10**20]}, status=400)
    assert "ids" in told["detail"]
    await form(client, "/mirrors/backup/take-back", {"copy": "x"}, status=400)
    await form(client, "/mirrors/backup/take-back", {"copy": "999"}, status=404)


async def in_conflict(world: World) -> None:
    """The second film and its copy in the archive both changed, and there is a way back."""
    back = Mirror("back", "archive", ("radarr",))
    world.settings = replace(world.settings, mirrors={**world.settings.mirrors, "back": back})
    await world.ledger.write(
        lambda tx: tx.execute(
            "UPDATE copy SET code = 'conflict', reason = 'both changed', sha256 = 'aa', held_sha256 = 'bb' "
            "WHERE status = 'synced'"
        ).close()
    )


async def test_a_person_says_which_side_of_a_conflict_counts(
    world: World, client: Client, mirrored: Bringing, sign_in: Any
) -> None:
    (copy,) = (await get(client, "mirrors/backup/copies?status=synced"))["items"]
    path = f"mirrors/backup/copies/{copy['id']}/take-back"
    assert "no mirror brings files" in (await post(client, path, status=409))["detail"]
    await in_conflict(world)
    await sign_in(client)
    page = await text_of(client, "/mirrors/backup?status=synced")
    assert "The original counts" in page
    assert "The copy counts" in page
    told = await post(client, path)
    assert (told["code"], told["status"]) == ("back", "synced")
    assert "is in no conflict" in (await post(client, path, status=409))["detail"]
    await in_conflict(world)
    await form(client, "/mirrors/backup/take-back", {"copy": copy["id"]})
    assert (await get(client, "mirrors/backup/copies?status=synced"))["items"][0]["code"] == "back"
    await in_conflict(world)
    await form(client, "/mirrors/backup/retry", {"copy": copy["id"]})
    assert (await get(client, "mirrors/backup/copies?status=synced"))["items"][0]["code"] == ""


async def test_how_fast_it_goes_is_told_by_runs_that_brought_something(
    world: World, client: Client, mirrored: Bringing
) -> None:
    """In mode ask each scan has it say what it would bring; that is no speed."""
    mirrored.go_on.set()
    counted: tuple[dict[str, Json], ...] = (
        {"files": 10, "seconds": 60.0, "filesets": 5, "failed": 0},
        {"files": 15, "seconds": 60.0, "filesets": 5, "failed": 3},
        {"files": 0, "seconds": 0.01, "filesets": 0, "wanted": 45, "targets": {}},
        {"files": 0, "seconds": 0.01, "filesets": 0, "wanted": 0},
    )
    for stats in counted:
        mirrored.stats = stats
        await world.engine.perform("mirror", "radarr", asked_by="a test", policy="backup")
    rates = (await get(client, "mirrors/backup"))["rates"]
    assert (rates["files_per_minute"], rates["errors_per_hundred"], rates["growth"]) == (15.0, 20.0, 0.5)


async def test_an_items_page_shows_its_copies_and_originals(
    world: World, client: Client, mirrored: Bringing
) -> None:
    blob = Item(Key("movie", "500"), "a blob")
    world.apps["archive"].put(blob)
    await world.scan("archive")
    await put_copy(world, 12, "archive", "synced", how="made", target_kind="movie", target_key="500")
    text = await text_of(client, "/items/radarr/movie/12")
    assert '<a href="/items/archive/movie/500">archive: movie 500</a>' in text
    assert "synced, made" in text
    text = await text_of(client, "/items/archive/movie/500")
    assert '<a href="/items/radarr/movie/12">radarr: Film 12</a>' in text
    assert "made by our upload" in text


def ending(gone: bool = True, **copy: Any) -> tuple[RecordEnd, CopyEnd]:
    usual: dict[str, Any] = {
        "target": "archive", "kind": "blob", "key": "ab", "status": "synced", "how": "made", "reason": "",
        "code": "", "changed": "",
    }  # fmt: skip
    one = CopyEnd(**(usual | copy))
    return RecordEnd(1, "vsrx", "file", "7", "x", gone, False, ["archive"], [one]), one


@pytest.mark.parametrize(
    ("copy", "said"),
    [
        ({"gone": False}, ""),
        ({"status": "removed"}, ""),
        ({}, "by a policy, or by you"),
        ({"how": "found"}, "it is left there"),
        ({"how": None, "status": "processing"}, "what became of its upload"),
        ({"action": 4, "action_verb": "delete", "action_state": "planned", "action_reason": "grace"},
         "action 4 is planned, grace"),
        ({"action": 4, "action_verb": "tag", "action_state": "done"}, "by a policy, or by you"),
    ],
)  # fmt: skip
def test_when_a_copy_closes(copy: dict[str, Any], said: str) -> None:
    told = closes_when(*ending(**copy))
    assert said in told if said else not told


async def test_metrics_of_mirrors(world: World, client: Client, mirrored: Bringing) -> None:
    mirrored.go_on.set()
    await world.engine.perform("mirror", "radarr", asked_by="a test", policy="backup")
    text = await text_of(client, "/metrics")
    shown = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("reconciled_mirror_"))
    for name, value in (
        ('copies{mirror="backup",status="failed",target="shelf"}', 1),
        ('files_total{mirror="backup",target="archive"}', 1),
        ('bytes_total{mirror="backup",target="archive"}', 1000),
        ('last_complete_timestamp_seconds{mirror="backup"}', world.clock.now().timestamp()),
        ('running{mirror="backup"}', 0),
        ('failures{mirror="backup"}', 0),
    ):
        assert float(shown[f"reconciled_mirror_{name}"]) == value


async def test_without_mirrors_nothing_is_said_of_them(world: World, client: Client) -> None:
    assert "Mirrors" not in await text_of(client, "/")
    assert "No mirror is in the config" in await text_of(client, "/mirrors")
    assert (await get(client, "mirrors"))["items"] == []


async def test_a_change_needs_the_token(client: Client, mirrored: Bringing) -> None:
    answer = await client.post("/api/v1/mirrors/backup/copies/5/retry", json={})
    assert answer.status == 401
    answer = await client.post("/api/v1/mirrors/backup/copies/x/retry", headers={**BEARER, **JSON})
    assert answer.status == 404


async def test_a_bug_report_names_no_fileset(world: World, client: Client, mirrored: Bringing) -> None:
    run = (await post(client, "runs", {"pass": "mirror"}, status=202))["id"]
    await post(client, f"runs/{run}/cancel")
    words = world.settings.mirrors["backup"].words()
    await world.ledger.write(mirrors.set_checkpoint, "backup", "Ann-Example-1970", words=words)
    assert (await get(client, f"runs/{run}"))["resume_from"] == "Ann-Example-1970"
    told = await client.get("/api/v1/diagnostics")
    assert told.status == 200
    assert "Ann-Example" not in await told.text()
