"""Mirrors on the command line: followed to their end, looked through, sent again."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.daemon.cli.conftest import Invoke

from reconciled.cli.speed import Speed, carried, summary

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import StandIn

MIB = 2**20


def run(state: str = "running", **progress: Any) -> dict[str, Any]:
    known = {"done": 0, "total": None, "bytes": 0, "bytes_total": None, "failed": 0, **progress}
    named = {"id": 7, "pass": "mirror", "policy": "backup", "source": "vsrx"}
    return {**named, "state": state, "progress": known}


STATS = {
    "files": 12, "bytes": 3 * MIB, "failed": 1, "seconds": 61.5, "filesets": 3,
    "targets": {"archive": {"made": 10, "waits": 1}, "paperless": {"sent": 9, "refused": 2, "failed": 1}},
}  # fmt: skip


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_how_fast_it_goes_and_how_long_it_takes() -> None:
    clock = Clock()
    speed = Speed(clock)
    told: dict[str, Any] = {"total": 100, "bytes_total": 100 * MIB}
    assert carried(run(done=0, **told), speed) == "0 B of 100 MiB"
    clock.now += 1
    assert carried(run(done=1, bytes=MIB, **told), speed) == "1 MiB of 100 MiB"  # too early to tell
    clock.now += 9
    said = carried(run(done=20, bytes=10 * MIB, failed=2, **told), speed)
    assert said == "10 MiB of 100 MiB, 1 MiB/s, 120 files/min, 1 min 30 s left, 2 failed"
    clock.now += 30
    stuck = carried(run(done=20, bytes=10 * MIB, **told), speed)
    assert stuck == "10 MiB of 100 MiB, 0 B/s, 0 files/min"  # an old hurry is forgotten
    assert carried(run("complete", done=100, bytes=100 * MIB, **told), speed) == "100 MiB of 100 MiB"


def test_time_left_is_by_files_where_no_app_says_its_bytes() -> None:
    clock = Clock()
    speed = Speed(clock)
    carried(run(done=0, total=60), speed)
    clock.now += 10
    assert (
        carried(run(done=20, total=60, bytes=5 * MIB), speed) == "5 MiB, 512 KiB/s, 120 files/min, 20 s left"
    )
    assert carried({"pass": "scan", "source": "vsrx", "progress": {"done": 3}}, speed) == ""


@pytest.mark.parametrize(
    ("over", "lines"),
    [
        (
            {"state": "complete", "stats": STATS},
            [
                "backup: 12 files, 3 MiB in 1 min 2 s, 1 failed",
                "  archive: 10 made, 1 wait",
                "  paperless: 9 sent, 2 refused, 1 failed",
            ],
        ),
        (
            {
                "state": "failed", "error": "vsrx: cannot connect",
                "stats": {"files": 1, "bytes": 0, "failed": 0},
            },
            ["backup: 1 file, 0 B, 0 failed", "  vsrx: cannot connect"],
        ),
        (
            {"state": "complete", "stats": {"wanted": 30, "files": 0, "targets": {}}},
            ["backup: 30 files would be brought; this run only says so"],
        ),
        (
            {"state": "complete", "stats": {"files": 0, "left_out": ["paperless"]}},
            ["backup: 0 files, 0 B, 0 failed", "  left out, since not well: paperless"],
        ),
        ({"state": "running", "stats": {}}, []),
        ({"policy": None, "state": "complete", "stats": {"files": 3}}, []),
    ],
)  # fmt: skip
def test_what_a_run_came_to(over: dict[str, Any], lines: list[str]) -> None:
    assert summary({**run(), **over}) == lines


async def test_a_mirror_is_followed_to_its_end(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["POST /api/v1/runs"] = (202, {"id": 7, "state": "running"})
    stand_in.queues["GET /api/v1/runs/7"] = [
        (200, run(done=3, total=12, bytes=MIB, bytes_total=4 * MIB)),
        (200, {**run("complete", done=12, total=12, bytes=3 * MIB, failed=1), "stats": STATS, "error": None}),
    ]
    said = await invoke("passes", "run", "mirror", "--mirror", "backup", "--follow")
    assert said.exit_code == 0, said.output
    assert stand_in.asked[0][3] == {"pass": "mirror", "policy": "backup"}
    assert said.stderr.splitlines() == [
        "mirror backup: running, 3 of 12 files, 1 MiB of 4 MiB",
        "mirror backup: complete, 12 of 12 files, 3 MiB, 1 failed",
        "backup: 12 files, 3 MiB in 1 min 2 s, 1 failed",
        "  archive: 10 made, 1 wait",
        "  paperless: 9 sent, 2 refused, 1 failed",
    ]
    head, line = said.stdout.splitlines()
    assert (head.split("\t")[:4], line.split("\t")[:4]) == (
        ["run", "pass", "mirror", "state"],
        ["7", "mirror", "backup", "complete"],
    )


async def test_a_run_that_failed_gives_exit_code_1(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["POST /api/v1/runs"] = (409, {"id": 7, "detail": "it runs already, as run 7"})
    ended = {**run("failed", done=3), "stats": {"files": 3}, "error": "vsrx: cannot connect"}
    stand_in.answers["GET /api/v1/runs/7"] = (200, ended)
    said = await invoke("passes", "run", "mirror", "--mirror", "backup", "-f")
    assert said.exit_code == 1
    assert "mirror of backup runs already, as run 7" in said.stderr
    assert "vsrx: cannot connect" in said.stderr


async def test_without_a_name_every_mirror_runs(stand_in: "StandIn", invoke: Invoke) -> None:
    found = [{"name": "one", "source": "vsrx"}, {"name": "two", "source": "paperless"}]
    stand_in.answers["GET /api/v1/mirrors"] = (200, {"items": found, "next": None})
    stand_in.queues["POST /api/v1/runs"] = [(202, {"id": 1, "state": "running"}), (404, {"detail": "no"})]
    said = await invoke("passes", "run", "mirror")
    assert (said.exit_code, "mirror of two could not be started: no" in said.stderr) == (1, True)
    stand_in.queues["POST /api/v1/runs"] = [(202, {"id": 3, "state": "running"})]
    said = await invoke("passes", "run", "mirror", "--source", "paperless")
    assert said.exit_code == 0
    assert stand_in.asked[-1][3] == {"pass": "mirror", "policy": "two", "source": "paperless"}
    said = await invoke("passes", "run", "mirror", "--source", "radarr")
    assert (said.exit_code, "no mirror of radarr" in said.stderr) == (1, True)
    assert (await invoke("passes", "run", "scan", "--mirror", "one")).exit_code == 2


MIRROR = {
    "name": "backup", "source": "vsrx", "targets": ["archive", "paperless"], "mode": "act",
    "statuses": {"synced": 10, "failed": 2},
    "counts": {"archive": {"synced": 10}, "paperless": {"failed": 2}},
    "running": None, "last_complete": {"finished": "2026-05-01T10:00:00.000Z"}, "resume_from": None,
    "rates": {"files_per_minute": 80.0, "bytes_per_second": 3.0 * MIB},
    "thresholds": [{"measure": "error_rate", "level": "critical", "sentence": "2 of 12 files failed"}],
    "trouble": ["paperless: it does not answer"],
}  # fmt: skip


async def test_mirrors_are_listed_and_shown(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/mirrors"] = (200, {"items": [MIRROR], "next": None})
    said = await invoke("mirrors")
    assert said.stdout.splitlines()[1].split("\t") == [
        "backup", "vsrx", "archive, paperless", "act", "synced 10, failed 2", "2026-05-01 10:00:00", "",
        "80.0 files/min, 3 MiB/s", "paperless: it does not answer",
    ]  # fmt: skip
    assert json.loads((await invoke("mirrors", "--json")).stdout)["items"] == [MIRROR]
    copy = {
        "id": 5, "status": "failed", "how": None, "kind": "file", "key": "81", "title": "X-ray", "size": MIB,
        "target": "paperless", "target_kind": None, "target_key": None, "tries": 5, "next_try": None,
        "reason": "the task failed",
    }  # fmt: skip
    stand_in.answers["GET /api/v1/mirrors/backup"] = (200, MIRROR)
    stand_in.answers["GET /api/v1/mirrors/backup/copies"] = (200, {"items": [copy], "next": None})
    said = await invoke("mirrors", "show", "backup", "--status", "failed")
    assert said.exit_code == 0, said.output
    assert "status=failed" in stand_in.asked[-1][1]
    assert "error_rate   critical: 2 of 12 files failed" in said.stdout
    assert "5\tfailed\t\tfile\t81\tX-ray\t1 MiB\tpaperless\t\t5\t\tthe task failed" in said.stdout
    assert "it does not answer" in said.stderr
    both = json.loads((await invoke("mirrors", "show", "backup", "--json")).stdout)
    assert (both["mirror"]["name"], both["items"]) == ("backup", [copy])
    assert (await invoke("mirrors", "--json", "show", "backup")).exit_code == 2


async def test_copies_are_sent_again(stand_in: "StandIn", invoke: Invoke) -> None:
    call = "POST /api/v1/mirrors/backup/copies/retry"
    told = {"mirror": "backup", "preview": False, "count": 2, "left": 1, "titles": [], "shown": "then"}
    stand_in.answers[call] = (200, told)
    said = await invoke("mirrors", "retry", "backup", "5", "6", "7")
    assert "2 copies travel again; 1 stay as they are" in said.stderr
    assert stand_in.asked[-1][3] == {"ids": [5, 6, 7]}
    shown = {**told, "preview": True, "count": 30, "titles": ["X-ray to paperless: why"], "left": 0}
    stand_in.queues[call] = [(200, shown), (200, {**told, "count": 30, "left": 0})]
    said = await invoke("mirrors", "retry", "backup", "--status", "failed", "--yes")
    assert "X-ray to paperless: why" in said.stderr
    assert "and 29 more" in said.stderr
    assert "30 copies travel again" in said.stderr
    assert stand_in.asked[-1][3] == {"status": "failed", "target": None, "preview": False, "shown": "then"}
    asked = await invoke("mirrors", "retry", "backup", "--status", "failed")
    assert (asked.exit_code, "--yes" in asked.stderr) == (2, True)
    for wrong in ([], ["5", "--status", "failed"], ["5", "--target", "archive"]):
        assert (await invoke("mirrors", "retry", "backup", *wrong)).exit_code == 2
    stand_in.answers[call] = (200, {**told, "count": 0, "left": 1})
    assert (await invoke("mirrors", "retry", "backup", "9")).exit_code == 1


async def test_the_bytes_of_a_copy_are_taken_back(stand_in: "StandIn", invoke: Invoke) -> None:
    told = {"id": 5, "source": "vsrx", "key": "F-5"}
    stand_in.answers["POST /api/v1/mirrors/backup/copies/5/take-back"] = (200, told)
    said = await invoke("mirrors", "take-back", "backup", "5")
    assert (said.exit_code, "brought back to vsrx F-5" in said.stderr) == (0, True)
    assert (await invoke("mirrors", "take-back", "backup")).exit_code == 2
    assert (await invoke("mirrors", "retry", "backup", str(10**20))).exit_code == 2


def test_where_the_next_run_goes_on() -> None:
    lines = summary({**run("cancelled"), "stats": {}, "resume_from": "patient-7"})
    assert lines[-1] == "  the next run goes on after patient-7"
