"""Scores on the command line: `policies`, and what `check` and `reload` say of policies that are armed."""

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.daemon.cli.conftest import Invoke, StandIn

from reconciled.config import load
from reconciled.ledger import decisions, shadow
from reconciled.ledger.connection import Ledger
from reconciled.ledger.migrate import steps
from reconciled.plugins import discover

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import House

SCORE: dict[str, Any] = {
    "would": 9, "right": 6, "wrong": 1, "open": 2, "since": "2026-01-01T00:00:00.000Z",
    "sentence": "would have deleted 9: 6 right, 1 wrong, 2 open",
    "mistakes": [{"does": "delete request 17 (Alien) in seerr", "why": "radarr has a file of it again"}],
    "before": {"until": "2026-01-01T00:00:00.000Z", "sentence": "would have deleted 3: 3 right, 0 wrong"},
}  # fmt: skip
EMPTY: dict[str, Any] = {
    **SCORE,
    "would": 0,
    "right": 0,
    "wrong": 0,
    "open": 0,
    "mistakes": [],
    "before": None,
}
SOURCES = "sources:\n  radarr: {url: http://box.lan:7878, api_key: !env KEY}\n"
FORGET = "policies:\n  forget: {when: gone, from: radarr, agree: none, then: [{unmonitor: radarr}]}\n"
NEVER = "policies.forget: armed without a score: it has never been watched in dry-run"


async def test_policies_show_their_scores(stand_in: StandIn, invoke: Invoke) -> None:
    policy: dict[str, Any] = {"mode": "dry-run", "summary": "when …", "counts": {}, "open_decision": None}
    listed = [{**policy, "name": "forget", "score": SCORE}, {**policy, "name": "new", "score": EMPTY}]
    stand_in.answers["GET /api/v1/policies"] = (200, {"items": listed, "next": None})
    said = await invoke("policies")
    head, *rows = (line.split("\t") for line in said.stdout.splitlines())
    assert [dict(zip(head, row, strict=True))["score"] for row in rows] == ["6 right, 1 wrong, 2 open", ""]
    assert (
        "forget: to delete request 17 (Alien) in seerr would have been wrong: "
        "radarr has a file of it again" in said.stderr
    )
    assert "forget: before the edit on 2026-01-01" in said.stderr
    assert "would have deleted 3: 3 right" in said.stderr
    as_json = await invoke("policies", "--json")
    assert json.loads(as_json.stdout)["items"][0]["score"] == SCORE


async def test_check_diff_and_reload_pass_the_warnings_on(
    stand_in: StandIn, invoke: Invoke, tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("mode: dry-run\n")
    stand_in.answers["GET /api/v1/status"] = (200, {"config": {"path": str(config), "warnings": [NEVER]}})
    answer = {"ok": True, "changes": ["~ mode: counts at once"], "warnings": [f"config.yaml:1:1: {NEVER}"]}
    stand_in.answers["POST /api/v1/reload"] = (200, answer)
    said = await invoke("check", "--diff", "-c", str(config))
    assert said.exit_code == 0
    assert said.stdout.splitlines()[-2:] == ["~ mode: counts at once", f"config.yaml:1:1: {NEVER}"]
    told = json.loads((await invoke("check", "--diff", "--json", "-c", str(config))).stdout)
    assert (told["changes"], told["arming"]) == (["~ mode: counts at once"], answer["warnings"])
    said = await invoke("reload", "-c", str(config))
    assert (said.exit_code, NEVER in said.stderr) == (0, True)
    assert NEVER in (await invoke("status", "-c", str(config))).stderr


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config that arms a policy; its ledger would lie in `state`."""
    monkeypatch.setenv("KEY", "0123456789")
    path = tmp_path / "config.yaml"
    path.write_text(f"mode: act\ndaemon: {{state: {tmp_path / 'state'}}}\n{SOURCES}{FORGET}")
    return path


async def armed(invoke: Invoke, config: Path) -> list[str]:
    said = await invoke("check", "-c", str(config))
    assert said.exit_code == 0, said.output
    return [line.partition(" warning: ")[2] for line in said.stdout.splitlines() if "armed" in line]


async def test_check_warns_of_what_no_ledger_knows(invoke: Invoke, config: Path) -> None:
    said = await invoke("check", "-c", str(config))
    assert f"{config}:6:3: warning: {NEVER}" in said.stdout
    assert said.exit_code == 0
    assert "warning" in said.stderr
    told = json.loads((await invoke("check", "--json", "-c", str(config))).stdout)
    assert any(NEVER in warning for warning in told["warnings"])
    config.write_text(config.read_text().replace("mode: act", "mode: dry-run"))
    assert await armed(invoke, config) == []


async def test_check_looks_into_the_ledger_and_changes_nothing(invoke: Invoke, config: Path) -> None:
    state = config.parent / "state"
    state.mkdir()
    ledger = await Ledger.open(state / "ledger.db")
    policies = await _words(config)
    try:
        assert [one[: len(NEVER)] for one in await armed(invoke, config)] == [NEVER]

        def trust(tx: Any) -> None:
            decisions.note_policy(tx, "forget", policies["forget"], seq=3)
            decisions.trust(tx, "forget", "what was shown")

        await ledger.write(trust)
        assert await armed(invoke, config) == [], "a person approved its first batch"
        await ledger.write(lambda tx: decisions.trust(tx, "forget", None))
        assert len(await armed(invoke, config)) == 1
    finally:
        await ledger.close()
    before = sorted(path.name for path in state.iterdir())
    assert len(await armed(invoke, config)) == 1, "the daemon need not run"
    assert sorted(path.name for path in state.iterdir()) == before, "and no file is left beside its ledger"


@pytest.mark.parametrize("shape", [0, 2])
async def test_what_the_ledger_does_not_say_is_not_warned_of(
    invoke: Invoke, config: Path, shape: int
) -> None:
    """Another version's ledger, or a file that is none: nothing can be told, and nothing is claimed."""
    state = config.parent / "state"
    state.mkdir()
    if shape:
        db = sqlite3.connect(state / "ledger.db")
        for _, sql in steps()[:shape]:
            db.executescript(sql)
        db.execute("INSERT INTO policy VALUES ('forget', 1, ?, NULL)", ((await _words(config))["forget"],))
        db.commit()
        db.close()
    else:
        (state / "ledger.db").write_text("no ledger at all, but long enough to be looked at" * 100)
    assert await armed(invoke, config) == []


async def _words(config: Path) -> dict[str, str]:
    loaded = load(config, discover().types, environ={"KEY": "0123456789"})
    assert loaded.settings is not None, loaded.problems
    return {name: policy.words() for name, policy in loaded.settings.policies.items()}


async def test_a_daemon_foretells_what_a_reload_would_arm(
    house: "House", invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = "{forget: {when: gone, kind: movie, from: jellyfin, then: [{unmonitor: radarr}]}}"
    await house.decide("dry-run", rule)

    async def hold_still() -> tuple[str, ...]:
        return ()

    monkeypatch.setattr(house.daemon.reloader, "reload", hold_still)  # the watch would take the edit over
    house.config.write_text(house.config.read_text().replace("mode: dry-run", "mode: act"))
    said = await invoke("check", "--diff")
    assert said.exit_code == 0, said.output
    mode, warning = said.stdout.splitlines()[-2:]
    assert mode == "~ mode: counts at once"
    assert warning.startswith(f"{house.config}:")
    assert NEVER in warning
    house.config.write_text(house.config.read_text().replace("mode: act", "mode: dry-run"))
    assert (await invoke("check", "--diff")).stdout.splitlines()[-1] == "nothing changes"
    score = json.loads((await invoke("policies", "--json")).stdout)["items"][0]["score"]
    assert (score["would"], score["mistakes"]) == (0, [])
    assert await house.daemon.engine.ledger.read(lambda tx: shadow.current(tx, "forget")) is not None
