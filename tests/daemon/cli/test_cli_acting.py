"""Answers and acts against a stand-in: what exactly is sent, when nobody can be asked, and odd outcomes."""

import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import Result

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import StandIn

Invoke = Callable[..., Coroutine[Any, Any, Result]]


def _action(number: int, state: str = "waiting") -> dict[str, Any]:
    what = {
        "verb": "delete",
        "target": "radarr",
        "kind": "movie",
        "key": str(number),
        "title": f"Film {number}",
    }
    said = {"policy": "forget", "decision": 3, "sentence": f"would delete movie {number}"}
    return {**what, **said, "id": number, "state": state}


def _decision(*ids: int, count: int | None = None, **more: Any) -> dict[str, Any]:
    actions = [_action(one) for one in reversed(ids)]
    usual = {"id": 3, "policy": "forget", "sentence": "forget asks?", "shown": list(ids)}
    return {**usual, "count": len(ids) if count is None else count, "actions": actions, "next": None, **more}


@pytest.mark.parametrize(
    "command",
    [
        ["approve", "3"],
        ["reject", "a17"],
        ["undo", "17"],
        ["undo", "d3"],
        ["act", "delete", "radarr", "movie", "1"],
        ["act", "unmonitor", "radarr", "movie", "1", "--also", "radarr_4k"],
        ["forget", "old"],
    ],
)
async def test_without_a_terminal_nobody_is_asked_and_nothing_is_sent(
    stand_in: "StandIn", invoke: Invoke, command: list[str]
) -> None:
    said = await invoke(*command)
    assert said.exit_code == 2
    assert "--yes" in said.stderr
    assert [body for method, _, _, body in stand_in.asked if method != "GET"] == []


@pytest.mark.parametrize(
    "command",
    [
        ["approve"],
        ["approve", "x3"],
        ["approve", "-1"],
        ["undo", "x3"],
        ["act", "burn", "radarr", "movie", "1"],
        ["act", "tag", "radarr", "movie", "1"],
        ["act", "monitor", "radarr", "movie", "1", "--files"],
        ["act", "tag", "radarr", "movie", "1", "--label", "x", "--exclude"],
        ["act", "restore", "radarr", "movie", "1", "--label", "x"],
        ["ignore", "a3"],
        ["snooze", "3", "soon"],
        ["snooze", "3"],
        ["link", "radarr:movie/1"],
        ["link", "radarr:movie/1", "jellyfin"],
        ["unlink", "radarr/movie/1", "jellyfin:movie/2"],
        ["actions", "--state", "odd"],
    ],
)
async def test_usage_is_2_and_nothing_is_asked(
    stand_in: "StandIn", invoke: Invoke, command: list[str]
) -> None:
    assert (await invoke(*command)).exit_code == 2
    assert stand_in.asked == []


async def test_exactly_what_was_shown_is_sent(stand_in: "StandIn", invoke: Invoke) -> None:
    ids = list(range(1, 26))
    stand_in.answers["GET /api/v1/decisions/3"] = (200, _decision(*ids))
    stand_in.answers["POST /api/v1/decisions/3/approve"] = (200, {"approved": 25, "left": 2})
    said = await invoke("approve", "3", "--yes")
    assert said.exit_code == 0, said.output
    assert stand_in.asked[-1][3] == {"actions": ids}
    assert "25 actions:" in said.stderr
    assert "Film 20" in said.stderr
    assert "Film 21" not in said.stderr
    assert "and 5 more" in said.stderr
    assert "25 approved; 2 joined meanwhile and wait to be shown" in said.stderr


async def test_more_than_one_answer_can_hold_is_said(stand_in: "StandIn", invoke: Invoke) -> None:
    decision = _decision(1, 2, 3, 4)
    stand_in.answers["GET /api/v1/decisions/3"] = (200, {**decision, "shown": [1, 2]})
    stand_in.answers["POST /api/v1/decisions/3/reject"] = (200, {"rejected": 2, "left": 2})
    said = await invoke("reject", "d3", "--yes")
    assert stand_in.asked[-1][3] == {"actions": [1, 2]}
    assert "2 actions of 4:" in said.stderr
    assert "2 rejected; 2 of decision 3 still wait" in said.stderr


async def test_all_pages_of_a_decision_are_shown(stand_in: "StandIn", invoke: Invoke) -> None:
    first = {**_decision(1, 2), "actions": [_action(2)], "next": "more"}
    second = {**_decision(1, 2), "actions": [_action(1), _action(0, "done")]}
    stand_in.queues["GET /api/v1/decisions/3"] = [(200, first), (200, second)] * 2
    stand_in.answers["POST /api/v1/decisions/3/approve"] = (200, {"approved": 2, "left": 0})
    shown = json.loads((await invoke("decisions", "3", "--json")).stdout)
    assert [one["id"] for one in shown["actions"]] == [0, 1, 2]
    assert (await invoke("approve", "3", "--yes")).exit_code == 0
    assert stand_in.asked[-1][3] == {"actions": [1, 2]}


async def test_actions_of_one_decision_go_in_one_answer(stand_in: "StandIn", invoke: Invoke) -> None:
    for number in (1, 2):
        stand_in.answers[f"GET /api/v1/actions/{number}"] = (200, _action(number))
    stand_in.answers["GET /api/v1/decisions/3"] = (200, _decision(1, 2, 4))
    stand_in.answers["POST /api/v1/decisions/3/approve"] = (200, {"approved": 2, "left": 1})
    said = await invoke("approve", "a1", "a2", "--yes")
    assert stand_in.asked[-1][3] == {"actions": [1, 2]}
    assert "2 approved; 1 of decision 3 still waits" in said.stderr


async def test_what_changed_meanwhile_is_refused_and_stops_no_other(
    stand_in: "StandIn", invoke: Invoke
) -> None:
    stand_in.answers["GET /api/v1/decisions/3"] = (200, _decision(1))
    stand_in.answers["GET /api/v1/decisions/4"] = (200, _decision(2, id=4))
    stand_in.answers["POST /api/v1/decisions/3/approve"] = (409, {"detail": "no longer as it was shown"})
    stand_in.answers["POST /api/v1/decisions/4/approve"] = (200, {"approved": 1, "left": 0})
    said = await invoke("approve", "3", "4", "--yes", "--json")
    assert said.exit_code == 1
    assert "decision 3: no longer as it was shown" in said.stderr
    assert json.loads(said.stdout)["items"] == [{"decision": 4, "approved": 1, "left": 0}]


@pytest.mark.parametrize(
    ("states", "code", "said"),
    [
        (["done"], 0, ""),
        (["sending", "done"], 0, ""),
        (["planned", "sending", "refused"], 1, ""),
        (["failed"], 1, ""),
        (["dropped"], 1, ""),
        (["sending"], 0, "not over yet: a17"),
    ],
)
async def test_act_tells_how_it_ended(
    stand_in: "StandIn", invoke: Invoke, states: list[str], code: int, said: str
) -> None:
    stand_in.answers["POST /api/v1/actions"] = (202, {"actions": [_action(17, "planned")]})
    stand_in.queues["GET /api/v1/actions/17"] = [(200, _action(17, state)) for state in states]
    result = await invoke("act", "monitor", "radarr", "movie", "1", "--wait", "1")
    assert result.exit_code == code, result.output
    assert states[-1] in result.stdout
    assert said in result.stderr


async def test_no_wait_is_one_look(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["POST /api/v1/actions"] = (202, {"actions": [_action(17, "planned")]})
    stand_in.answers["GET /api/v1/actions/17"] = (200, _action(17, "sending"))
    options = ("--also", "seerr", "--files", "--exclude", "--wait", "0", "-y")
    said = await invoke("act", "delete", "radarr", "movie", "a/1", *options)
    assert said.exit_code == 0, said.output
    assert [method for method, *_ in stand_in.asked] == ["POST", "GET"]
    order = {"verb": "delete", "source": "radarr", "kind": "movie", "id": "a/1", "label": ""}
    assert stand_in.asked[0][3] == {**order, "also": ["seerr"], "files": True, "exclude": True}


async def test_with_a_yes_said_beforehand_nothing_is_previewed(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["POST /api/v1/actions"] = (202, {"actions": [_action(17, "planned")]})
    stand_in.answers["GET /api/v1/actions/17"] = (200, _action(17, "done"))
    options = ("--also", "radarr_4k", "--label", "keep", "--yes")
    assert (await invoke("act", "tag", "radarr", "movie", "1", *options)).exit_code == 0
    (body,) = [body for method, *_, body in stand_in.asked if method == "POST"]
    assert not {"preview", "shown"} & set(body)


async def test_ids_with_slashes_in_links(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["DELETE /api/v1/links"] = (200, {"said": "apart"})
    assert (await invoke("unlink", "files:file/a/b:c", "radarr:movie/812")).exit_code == 0
    one, other = (
        {"source": "files", "kind": "file", "id": "a/b:c"},
        {"source": "radarr", "kind": "movie", "id": "812"},
    )
    assert stand_in.asked[0][3] == {"a": one, "b": other}


async def test_notify_test_fails_when_any_channel_does(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["POST /api/v1/notify/test"] = (200, {"channels": {"phone": "sent", "mail": "refused"}})
    said = await invoke("notify", "test")
    assert said.exit_code == 1
    assert "mail\trefused" in said.stdout
    stand_in.answers["POST /api/v1/notify/test"] = (200, {"channels": {"phone": "sent"}})
    assert (await invoke("notify", "test", "phone")).exit_code == 0
    assert stand_in.asked[-1][3] == {"channel": "phone"}


async def test_check_diff_without_a_daemon_is_3(invoke: Invoke, tmp_path: Path, unused_tcp_port: int) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"daemon: {{listen: 127.0.0.1:{unused_tcp_port}}}\n")
    assert (await invoke("check", "-c", str(config))).exit_code == 0
    said = await invoke("check", "--diff", "-c", str(config))
    assert said.exit_code == 3
    assert "could not be reached" in said.stderr
