"""`drill` beside a running daemon: what it prints, what it exits with, and that it changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from reconciled.drill import Rehearsal, Report


@pytest.mark.full
async def test_beside_a_running_daemon(house: Any, invoke: Any) -> None:
    home, config = house.home, str(house.config)

    said = await invoke("drill", "-c", config, "--source", "radarr", "--fault", "empty", "--fault", "error")
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert lines[0] == "source\tfault\tmoment\twhat came of it\tafterwards"
    assert "radarr\tempty\tbefore\theld (12 in doubt)\twell" in lines
    assert any(line.startswith("held: ") for line in lines)
    assert "calls that would change something: 0 stopped, 0 slipped through" in lines
    assert lines[-1] == "4 rehearsed: nothing would have been deleted by mistake"
    for fake in home.fakes:
        assert fake.api_key not in said.output


async def test_as_json(house: Any, invoke: Any) -> None:
    said = await invoke(
        "drill", "-c", str(house.config), "--source", "sonarr", "--fault", "not_found", "--json"
    )
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert [(cell["source"], cell["fault"], cell["moment"]) for cell in found["cells"]] == [
        ("sonarr", "not_found", "before"),
        ("sonarr", "not_found", "middle"),
    ]
    assert (found["mistakes"], found["slipped"], found["stopped"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (("--source", "radar"), 1, "no source 'radar' is in the config; there are: "),
        (("--fault", "flood"), 1, "there is no fault 'flood'; there are: refused, reset, hang"),
    ],
)
async def test_what_cannot_be_rehearsed(
    house: Any, invoke: Any, given: tuple[str, ...], code: int, words: str
) -> None:
    said = await invoke("drill", "-c", str(house.config), *given)
    assert said.exit_code == code
    assert words in said.output


async def test_a_bad_config_is_78(invoke: Any, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("sources: {radarr: {url: http://127.0.0.1:1, api_kay: 1}}\n")
    said = await invoke("drill", "-c", str(config))
    assert said.exit_code == 78
    assert "api_kay" in said.output


async def test_no_sources_no_drill(invoke: Any, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("mode: ask\n")
    said = await invoke("drill", "-c", str(config))
    assert said.exit_code == 1
    assert "names no sources" in said.output


async def test_what_slipped_through_is_no_success(
    house: Any, invoke: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the relay stopped it: a timer that only looks at the exit code has to hear of it."""

    async def run(*_: object) -> Report:
        return Report(slipped=1)

    monkeypatch.setattr(Rehearsal, "run", run)
    said = await invoke("drill", "-c", str(house.config))
    assert said.exit_code == 1
    assert "1 slipped through" in said.output
