"""The moments at which a test may let the daemon die: all are named, and reached as often as was said."""

import os
import re
import signal
from pathlib import Path

import pytest

import reconciled
from reconciled.runtime.crashing import MOMENTS, OF_MIRRORS, VARIABLE, crash_at

HOUSE = Path(reconciled.__file__).parent
_TOLD = re.compile(r"""\b(?:_?at|reached)\(["']([a-z ]+)["']\)""")


@pytest.mark.parametrize(
    ("said", "reached", "dies"),
    [
        ("", ["called"] * 3, False),
        ("called", ["before sending", "done committed"], False),
        ("called", ["before sending", "called"], True),
        ("called@3", ["called", "called"], False),
        ("called@3", ["called", "before sending", "called", "called"], True),
    ],
)
def test_it_dies_when_it_gets_there(
    said: str, reached: list[str], dies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda process, number: killed.append((process, number)))
    reach = crash_at({VARIABLE: said})
    for moment in reached:
        assert not killed
        reach(moment)
    assert killed == ([(os.getpid(), signal.SIGKILL)] if dies else [])


def test_the_moments_are_those_that_the_daemon_tells_of() -> None:
    told = {moment for path in HOUSE.rglob("*.py") for moment in _TOLD.findall(path.read_text("utf-8"))}
    assert told == set(MOMENTS)


def test_what_a_mirror_gets_to_is_told_by_mirrors_alone() -> None:
    mirrors = [HOUSE / "engine" / "passes" / "mirror.py", *(HOUSE / "engine" / "mirror").glob("*.py")]
    assert set(OF_MIRRORS) == {m for path in mirrors for m in _TOLD.findall(path.read_text("utf-8"))}
