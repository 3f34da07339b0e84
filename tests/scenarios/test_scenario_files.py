"""Every scenario of `acting/*.yaml`: what is given, what happens, and what apps, ledger and people then have.

And of the language itself: a word that is not known is an error with its place, and every claim can fail.
"""

from pathlib import Path
from typing import Any

import pytest
from tests.conftest import registry_with_requests
from tests.scenarios.claims import CLAIMS
from tests.scenarios.deeds import DEEDS
from tests.scenarios.deeds_in_apps import APP_DEEDS
from tests.scenarios.script import BadScript, Given, Script, Step, read, words_of
from tests.scenarios.stage import Stage, play

from reconciled.plugins import Registry

FILES = sorted((Path(__file__).parent / "acting").glob("*.yaml"))
LARGE = 300
"""Seconds after which a `full` scenario hangs: 800 deletions are 15 s of work, more on a busy box."""
WORDS = words_of(DEEDS, APP_DEEDS, CLAIMS)
TABLES: dict[str, Any] = {"deeds": DEEDS, "app_deeds": APP_DEEDS, "claims": CLAIMS}


def _param(script: Script) -> Any:
    known = pytest.mark.xfail(reason=script.xfail or "", strict=True, raises=AssertionError)
    large = (pytest.mark.full, pytest.mark.timeout(LARGE)) if script.full else ()
    return pytest.param(script, id=script.name, marks=[*([known] if script.xfail else []), *large])


@pytest.fixture(scope="module")
def with_requests() -> Registry:
    return registry_with_requests()


async def perform(script: Script, folder: Path, registry: Registry) -> None:
    """Play a scenario from its beginning to its end."""
    async with Stage(script.given, folder, registry).open() as stage:
        for step in script.given.before:
            await play(stage, step, **TABLES)
        async with stage.started(script.config):
            for step in script.steps:
                await play(stage, step, **TABLES)


@pytest.mark.parametrize("script", [_param(script) for path in FILES for script in read(path, WORDS)])
async def test_scenario(script: Script, tmp_path: Path, with_requests: Registry) -> None:
    await perform(script, tmp_path, with_requests)


# --- the language ---------------------------------------------------------------------------------------

GOOD = """\
title: a film
given: {films: 3}
config: "mode: act"
when: [{jellyfin deletes: film 1}, {scan: jellyfin}, then: {effects: []}]
then: {effects: []}
"""
BAD = {
    "an unknown part": ("given:", "givn:", "unknown word 'givn'; did you mean 'given'?"),
    "an unknown deed": ("scan:", "scna:", "step 2 (scna): unknown word 'scna'; did you mean 'scan'?"),
    "an unknown deed of an app": ("jellyfin deletes", "jellyfin delets", "did you mean 'deletes'?"),
    "a deed of another app": ("jellyfin deletes", "jellyfin unmonitors", "unknown word 'unmonitors'"),
    "an unknown claim": ("\nthen: {effects", "\nthen: {effect", "then: unknown word 'effect'"),
    "a claim in mid-play": (
        "{scan: jellyfin}, then: {effects",
        "{scan: jellyfin}, then: {x",
        "step 3 (then)",
    ),
    "an unknown thing that is given": ("{films: 3}", "{film: 3}", "given: unknown word 'film'"),
    "an odd count": ("{films: 3}", "{films: many}", "films is how many there are"),
    "an unknown source": ("{films: 3}", "{sources: [plex]}", "sources: unknown word 'plex'"),
    "two things in one step": ("{scan: jellyfin}", "{scan: jellyfin, pass: 1m}", "a step says one thing"),
    "a name twice": ("{films: 3}", "{films: 3, films: 4}", "'films' stands twice"),
    "no claims": ("\nthen: {effects: []}", "", "'then' is missing"),
    "not YAML": ("{films: 3}", "{films: 3", "expected ',' or '}'"),
    "two of a name": (
        "then: {effects: []}\n",
        "then: {effects: []}\n---\n" + GOOD,
        "two scenarios are called",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cannot_be_understood(case: str, tmp_path: Path) -> None:
    old, new, said = BAD[case]
    path = tmp_path / "odd.yaml"
    path.write_text(GOOD)
    assert [script.title for script in read(path, WORDS)] == ["a film"]
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1) if case != "no claims" else GOOD.replace(old, new))
    with pytest.raises(BadScript) as told:
        read(path, WORDS)
    assert said in str(told.value)
    assert "odd.yaml" in str(told.value)


CANNOT_BE_PLAYED = {
    "a film that there is not": ("jellyfin deletes", "jellyfin", "film 4", "jellyfin never had 'film 4'"),
    "no film at all": ("jellyfin deletes", "jellyfin", "the film", "names nothing"),
    "no duration": ("pass", None, "10", "is no duration"),
    "a state that no app has": ("radarr is", "radarr", "asleep", "an app is down, up"),
    "nothing to approve": ("approve", None, "all", "no decision is open"),
    "a source that does not run": ("scan", None, "sonarr", "no source 'sonarr' runs"),
    "a config with a problem": ("config", None, "mode: maybe", "config.yaml:1"),
}


@pytest.mark.parametrize("case", CANNOT_BE_PLAYED)
async def test_a_step_that_cannot_be_played(case: str, tmp_path: Path, with_requests: Registry) -> None:
    said, app, value, error = CANNOT_BE_PLAYED[case]
    step = Step("odd.yaml:1 (a film), when, step 1", said.removeprefix(f"{app} "), value, app)
    async with Stage(Given(films=3), tmp_path, with_requests).open() as stage, stage.started("mode: act"):
        with pytest.raises(BadScript) as told:
            await play(stage, step, **TABLES)
    assert str(told.value).startswith("odd.yaml:1 (a film), when, step 1: ")
    assert error in str(told.value)


TRUE_AND_FALSE: dict[str, tuple[Any, Any]] = {
    "effects": (["radarr deleted film 2"], ["radarr deleted film 2", "radarr deleted film 2"]),
    "attempts": ({"radarr": 1}, {"radarr": 2}),
    "still there": (["radarr film 1"], ["radarr film 2"]),
    "not there": (["radarr film 2"], ["radarr film 1"]),
    "asked again": (["jellyfin", "jellyfin"], ["jellyfin"]),
    "actions": ({"done": 2, "dropped": 1}, {"done": 2}),
    "would": (["unmonitor radarr film 2"], []),
    "score": (["open unmonitor radarr film 2"], {"open unmonitor radarr film 2": "it came back"}),
    "reasons": ({"delete radarr film 2": "took it"}, "took it"),
    "since": ({"delete radarr film 2": "gone from jellyfin"}, {"delete radarr film 2": "gone from radarr"}),
    "decisions": ([], ["forget first 1"]),
    "findings": (["gone jellyfin film 2", "gone radarr film 2"], ["gone jellyfin film 2"]),
    "tombstones": (["jellyfin film 2", "radarr film 2"], ["jellyfin film 2"]),
    "causes": ({"jellyfin film 2": "external"}, {"jellyfin film 2": "radarr"}),
    "held": ({}, {"jellyfin": 1}),
    "presence": ({"radarr film 2": "gone"}, {"radarr film 2": "present"}),
    "messages": (["film 2 is gone from jellyfin"], []),
}
PLAYED = """\
mode: act
notify: {phone: "json://127.0.0.1:9/"}
policies:
  forget: {when: gone, from: jellyfin, agree: none, grace: 10m, then: [{delete: radarr}, {notify: phone}]}
  only_say: {when: gone, from: jellyfin, agree: none, mode: dry-run, grace: 10m, then: [{unmonitor: radarr}]}
"""


async def test_every_claim_can_fail(tmp_path: Path, with_requests: Registry) -> None:
    assert set(TRUE_AND_FALSE) == set(CLAIMS)
    given = Given(films=6, trusted=("forget", "only_say"))
    async with Stage(given, tmp_path, with_requests).open() as stage, stage.started(PLAYED):
        for name, app, value in (("deletes", "jellyfin", "film 2"), ("scan", None, "jellyfin")):
            await play(stage, Step("when", name, value, app), **TABLES)
        for _ in range(8):
            await play(stage, Step("when", "pass", "2m"), **TABLES)
        for name, (true, false) in TRUE_AND_FALSE.items():
            await play(stage, Step("then", "then", {name: true}), **TABLES)
            with pytest.raises(AssertionError):
                await play(stage, Step("then", "then", {name: false}), **TABLES)
