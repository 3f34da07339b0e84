"""Policies, decisions and actions against a real daemon: what is answered here happens in the apps."""

import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import Result

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import House

Invoke = Callable[..., Coroutine[Any, Any, Result]]
TAG = "{mark: {when: gone, kind: movie, from: jellyfin, then: [{tag: radarr, label: left}]}}"


def _items(said: Result) -> list[dict[str, Any]]:
    assert said.exit_code == 0, said.output
    found: list[dict[str, Any]] = json.loads(said.stdout)["items"]
    return found


def _labels(house: "House", number: int) -> list[str]:
    """The tags of a film in Radarr."""
    radarr = house.home.radarr.state
    return [radarr.tags[tag] for tag in house.home.film(house.home.films[number]).tags]


async def test_a_decision_is_listed_shown_and_approved(house: "House", invoke: Invoke) -> None:
    await house.decide("ask", TAG)
    await house.lose(2, 3)
    await house.acted("waiting", 2)
    (decision,) = _items(await invoke("decisions", "--json"))
    number = str(decision["id"])
    assert decision["count"] == 2
    assert "mark asks before it acts" in (await invoke("decisions")).stdout
    assert _items(await invoke("policies", "--json"))[0]["open_decision"] == decision["id"]
    one = await invoke("decisions", f"d{number}")
    for film in (2, 3):
        assert house.home.films[film].title in one.stdout
    status = await invoke("status")
    assert "decisions    1" in status.stdout
    assert "outbox       2" in status.stdout
    assert "reconciled decisions" in status.stderr

    said = await invoke("approve", number, "--yes")
    assert said.exit_code == 0, said.output
    assert "2 actions:" in said.stderr
    assert "with the tag left" in said.stderr
    assert "2 approved" in said.stderr
    await house.acted("done", 2)
    assert _labels(house, 2) == _labels(house, 3) == ["left"]
    assert (await invoke("decisions")).stdout == ""
    assert [one["answer"] for one in _items(await invoke("decisions", "--all", "--json"))] == ["approved"]
    again = await invoke("approve", number, "--yes")
    assert again.exit_code == 1
    assert "is over since" in again.stderr


async def test_single_actions_are_answered_by_their_own_ids(house: "House", invoke: Invoke) -> None:
    await house.decide("ask", TAG)
    await house.lose(2, 3)
    await house.acted("waiting", 2)
    first, second = sorted(
        one["id"] for one in _items(await invoke("actions", "--state", "waiting", "--json"))
    )
    said = await invoke("approve", f"a{first}", "--yes", "--json")
    assert _items(said)[0]["approved"] == 1
    assert "1 approved; 1 of decision" in said.stderr
    said = await invoke("reject", f"a{second}", "--yes")
    assert said.stderr.splitlines()[-1] == "1 rejected"
    await house.acted("done", 1)
    states = {
        one["id"]: one["state"] for one in _items(await invoke("actions", "--json", "--policy", "mark"))
    }
    assert states == {first: "done", second: "rejected"}
    said = await invoke("approve", f"a{first}", "--yes")
    assert said.exit_code == 1
    assert "waits for no answer" in said.stderr


async def test_an_action_is_undone(house: "House", invoke: Invoke) -> None:
    await house.decide("ask", TAG)
    await house.lose(2)
    await house.acted("waiting", 1)
    assert (await invoke("approve", "1", "-y")).exit_code == 0
    await house.acted("done", 1)
    assert _labels(house, 2) == ["left"]
    said = await invoke("undo", "a1", "--preview")
    assert (said.exit_code, _labels(house, 2)) == (0, ["left"])
    assert "undoing a1 would take the tag left off" in said.stderr
    said = await invoke("undo", "a1", "--yes")
    assert said.exit_code == 0, said.output
    assert "undoing a1 would take the tag left off" in said.stderr
    assert _labels(house, 2) == []
    said = await invoke("undo", "1", "--yes")
    assert said.exit_code == 1
    assert "nothing to undo" in said.stderr
    assert (await invoke("undo", "99", "--yes")).exit_code == 1


async def test_a_whole_decision_is_undone(house: "House", invoke: Invoke) -> None:
    await house.decide("ask", TAG)
    await house.lose(2, 3)
    await house.acted("waiting", 2)
    assert (await invoke("approve", "1", "-y")).exit_code == 0
    await house.acted("done", 2)
    said = await invoke("undo", "d1", "--preview", "--json")
    assert [one["possible"] for one in json.loads(said.stdout)["plans"]] == [True, True]
    assert _labels(house, 2) == _labels(house, 3) == ["left"]
    said = await invoke("undo", "d1", "--yes")
    assert said.exit_code == 0, said.output
    assert "undoing a1 would take the tag left off" in said.stderr
    assert "undoing a2 would take the tag left off" in said.stderr
    assert _labels(house, 2) == _labels(house, 3) == []
    said = await invoke("undo", "d1", "--yes")
    assert said.exit_code == 1
    assert "nothing of decision 1 can be undone" in said.stderr
    said = await invoke("undo", "d99", "--yes")
    assert said.exit_code == 1
    assert "there is no decision 99" in said.stderr


@pytest.mark.parametrize(
    ("mode", "policy", "state"),
    [
        ("dry-run", TAG, "dry-run"),
        ("ask", TAG, "asks"),
        ("act", TAG, "acts"),
        ("act", TAG.replace("tag: radarr, label: left", "unmonitor: radarr"), "first batch"),
    ],
)
async def test_policies_say_how_far_they_go(
    house: "House", invoke: Invoke, mode: str, policy: str, state: str
) -> None:
    await house.decide(mode, policy)
    said = await invoke("policies")
    head, row = [line.split("\t") for line in said.stdout.splitlines()]
    assert dict(zip(head, row, strict=True))["state"] == state


async def test_explain_says_what_waits(house: "House", invoke: Invoke) -> None:
    await house.decide("ask", TAG)
    await house.lose(2)
    await house.acted("waiting", 1)
    lost = house.home.item(house.home.films[3]).id
    assert "action " not in (await invoke("explain", "jellyfin", "movie", lost)).stdout
    title = house.home.films[2].title
    said = await invoke("explain", *title.split())
    assert said.exit_code == 0, said.output
    assert "a1 waiting: would tag" in said.stdout
    film = house.home.film(house.home.films[2])
    said = await invoke("explain", "radarr", "movie", str(film.id))
    assert "a1 waiting: would tag" in said.stdout
    assert "waits for your answer in decision 1" in said.stdout


async def test_nothing_goes_out_by_hand_in_dry_run(house: "House", invoke: Invoke) -> None:
    film = house.home.film(house.home.films[0])
    said = await invoke("act", "unmonitor", "radarr", "movie", str(film.id))
    assert said.exit_code == 1
    assert "the mode is dry-run" in said.stderr
    assert house.home.film(house.home.films[0]).monitored


async def test_act_by_hand_waits_for_the_outcome(house: "House", invoke: Invoke) -> None:
    await house.decide("ask")
    number = str(house.home.film(house.home.films[0]).id)
    said = await invoke("act", "unmonitor", "radarr", "movie", number, "--json")
    assert [one["state"] for one in _items(said)] == ["done"]
    assert not house.home.film(house.home.films[0]).monitored
    said = await invoke("act", "tag", "radarr", "movie", number, "--label", "keep")
    assert said.exit_code == 0, said.output
    assert "done" in said.stdout
    assert _labels(house, 0) == ["keep"]
    said = await invoke("act", "delete", "radarr", "movie", number, "--yes", "--also", "jellyfin", "--files")
    assert said.exit_code == 0, said.output
    work = house.home.films[0]
    assert work not in [film.work for film in house.home.radarr.state.entries.values()]
    assert work.title not in [item.name for item in house.home.jellyfin.state.items.values()]


async def test_what_cannot_be_done_by_hand_says_why(house: "House", invoke: Invoke) -> None:
    await house.decide("ask")
    lost = house.home.item(house.home.films[0]).id
    said = await invoke("act", "delete", "jellyfin", "movie", lost, "--yes")
    assert said.exit_code == 1
    assert "`--files`" in said.stderr
    assert (await invoke("act", "unmonitor", "jellyfin", "movie", lost)).exit_code == 1
    said = await invoke("act", "unmonitor", "radarr", "movie", "999999")
    assert said.exit_code == 1
    assert "999999" in said.stderr


async def test_an_action_that_the_app_refuses_is_exit_code_1(house: "House", invoke: Invoke) -> None:
    await house.decide("ask")
    film = house.home.film(house.home.films[0])
    await house.home.radarr.delete(film.id, files=False, notify=False)  # nobody has told us
    said = await invoke("act", "unmonitor", "radarr", "movie", str(film.id))
    assert said.exit_code == 1
    assert "dropped" in said.stdout or "done" not in said.stdout


async def test_findings_are_ignored_snoozed_and_heeded(house: "House", invoke: Invoke) -> None:
    await house.lose(2)
    (finding,) = _items(await invoke("findings", "--json", "--code", "gone"))
    number = str(finding["id"])
    assert (await invoke("findings", "--ignored")).stdout == ""
    said = await invoke("ignore", number)
    assert said.exit_code == 0, said.output
    assert "is ignored" in said.stderr
    assert "ignored by owner" in (await invoke("findings", "--ignored")).stdout
    assert "counts again" in (await invoke("ignore", number, "--undo")).stderr
    assert (await invoke("findings", "--ignored")).stdout == ""
    assert "is put off until 2" in (await invoke("snooze", number, "3d")).stderr
    assert "until 2" in (await invoke("findings")).stdout
    assert "counts again" in (await invoke("snooze", number, "0s")).stderr
    assert (await invoke("ignore", "999")).exit_code == 1


async def test_two_items_are_said_to_be_two_things(house: "House", invoke: Invoke) -> None:
    film, item = house.home.film(house.home.films[0]), house.home.item(house.home.films[0])
    pair = (f"radarr:movie/{film.id}", f"jellyfin:movie/{item.id}")
    said = await invoke("unlink", *pair)
    assert said.exit_code == 0, said.output
    assert json.loads((await invoke("unlink", *pair, "--json")).stdout) == {"said": "apart"}
    assert json.loads((await invoke("link", *pair, "--json")).stdout) == {"said": "same"}
    said = await invoke("link", pair[0], "radarr:movie/999999")
    assert said.exit_code == 1
    assert "999999" in said.stderr


async def test_a_source_rests_and_goes_on(house: "House", invoke: Invoke) -> None:
    assert (await invoke("pause", "radarr")).exit_code == 0
    paused = {one["name"]: one["paused"] for one in _items(await invoke("sources", "--json"))}
    assert paused == {"radarr": "owner", "sonarr": None, "jellyfin": None}
    assert (await invoke("pause")).exit_code == 0
    status = await invoke("status")
    assert "paused       by owner" in status.stdout
    assert "reconciled resume" in status.stderr
    assert "still paused" in (await invoke("resume", "radarr")).stderr
    assert (await invoke("resume")).exit_code == 0
    assert {one["paused"] for one in _items(await invoke("sources", "--json"))} == {None}
    assert (await invoke("pause", "radar")).exit_code == 1


async def test_a_source_that_left_the_config_is_forgotten(house: "House", invoke: Invoke) -> None:
    said = await invoke("forget", "sonarr", "--yes")
    assert said.exit_code == 1
    assert "take it out first" in said.stderr
    lines = house.config.read_text().splitlines(keepends=True)
    house.config.write_text("".join(line for line in lines if not line.startswith("  sonarr:")))
    assert (await invoke("reload")).exit_code == 0
    assert (await invoke("forget", "sonarr", "--yes")).exit_code == 0
    assert {one["name"] for one in _items(await invoke("sources", "--json"))} == {"radarr", "jellyfin"}


async def test_notify_test_tells_what_each_channel_said(house: "House", invoke: Invoke) -> None:
    said = await invoke("notify", "test")
    assert said.exit_code == 1
    assert "no channel is configured" in said.stderr
    await house.decide("ask", more="notify: {phone: 'json://127.0.0.1:9/'}\n")
    said = await invoke("notify", "test", "phone")
    assert said.exit_code == 1
    assert said.stdout.splitlines()[1].startswith("phone\t")
    said = await invoke("notify", "test", "fax")
    assert said.exit_code == 1
    assert "phone" in said.stderr


async def test_check_says_what_a_reload_would_change(house: "House", invoke: Invoke, tmp_path: Path) -> None:
    said = await invoke("check", "--diff")
    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines()[-1] == "nothing changes"
    good = house.config.read_text()
    other = tmp_path / "other.yaml"
    other.write_text(good)
    lines = good.splitlines(keepends=True)
    house.config.write_text("".join(line for line in lines if not line.startswith("  sonarr:")))
    said = await invoke("check", "--diff", "-c", str(other), "--json")
    assert said.exit_code == 0, said.output
    assert f"the daemon uses {house.config}, not {other}" in said.stderr
    answer = json.loads(said.stdout)
    assert answer["path"] == str(house.config)
    house.config.write_text(good.replace("sources:", "sauces:"))
    assert (await invoke("check", "--diff")).exit_code == 78
    said = await invoke("check", "--diff", "-c", str(other))
    assert said.exit_code == 78
    assert "sauces" in said.stdout
    assert "last good config stays" in said.stderr
