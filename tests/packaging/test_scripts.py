"""The scripts can be run, and CI runs the one that does everything."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ["setup", "demo", "test", "lint", "bench", "lib/packages", "lib/servers"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_short_sound_and_executable(name: str) -> None:
    script = ROOT / "script" / name
    assert os.access(script, os.X_OK)
    text = script.read_text()
    assert text.startswith("#!/bin/sh\n")
    assert "\nset -eu\n" in text
    assert len(text.splitlines()) < 50
    subprocess.run(["sh", "-n", script], check=True)


def test_ci_runs_the_full_tests_and_nothing_else() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    assert text.splitlines()[-1] == 'exec "$(dirname "$0")/../script/test" --full'
    assert len(text.splitlines()) == 3


def test_setup_names_what_is_missing(tmp_path: Path) -> None:
    for tool in ("sh", "dirname", "cksum", "tr", "cat"):
        (tmp_path / tool).symlink_to(
            subprocess.run(["which", tool], capture_output=True, text=True, check=True).stdout.strip()
        )
    done = subprocess.run(
        ["sh", ROOT / "script" / "setup"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Python 3.11 or later is needed" in done.stderr
