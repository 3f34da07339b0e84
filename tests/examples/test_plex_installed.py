"""examples/reconciled-plex: a distribution of its own, installed, and reached by its entry point only."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLEX = ROOT / "examples" / "reconciled-plex"
PUBLIC = {"source", "hookspecs", "http", "model", "errors", "units", "clock"}
NAMED = re.compile(r"^(?:from|import) reconciled\.(\w+)", re.MULTILINE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what pip leaves of it: the package, and what its pyproject declares."""
    folder = tmp_path_factory.mktemp("site")
    project = tomllib.loads((PLEX / "pyproject.toml").read_text("utf-8"))["project"]
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PLEX / "src" / "reconciled_plex", folder / "reconciled_plex", ignore=ignored)
    about = folder / f"reconciled_plex-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in project["entry-points"].items()
    ]
    (about / "entry_points.txt").write_text("\n".join(lines))
    return folder


def run(site: Path, *command: object, cwd: Path = PLEX) -> "subprocess.CompletedProcess[str]":
    """Run Python where it is installed."""
    paths = (site, ROOT / "daemon", ROOT / "plugins")
    environ = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.full
@pytest.mark.timeout(300)
def test_its_own_tests_are_green(site: Path) -> None:
    """The contract among them, on the class that the daemon finds."""
    plugins = ("-p", "no:reconciled", "-p", "reconciled.testing.pytest_plugin", "-p", "no:cacheprovider")
    done = run(site, "-m", "pytest", "-q", "-rA", *plugins)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    for check in ("a_deleted_item_is_absent", "trouble_is_never_absence", "a_stream_connects_first"):
        assert f"PASSED tests/test_plex_contract.py::TestPlex::test_{check}" in said


@pytest.mark.full
def test_it_is_listed_and_its_page_is_a_config(site: Path, tmp_path: Path) -> None:
    assert re.search(
        r"^plex\s+0\.1\.0\s+plex\s*$", run(site, "-m", "reconciled", "plugins").stdout, re.MULTILINE
    )
    (shown,) = re.findall(
        r"^```yaml\n(.*?)^```", (PLEX / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    secrets = tmp_path / "secrets.yaml"
    secrets.write_text("plex: 0123456789abcdef\n")
    secrets.chmod(0o600)
    config = tmp_path / "config.yaml"
    config.write_text(f"{shown}daemon: {{state: {tmp_path / 'state'}}}\n")
    done = run(site, "-m", "reconciled", "check", "-c", config)
    assert done.returncode == 0, done.stdout + done.stderr
    config.write_text(config.read_text().replace("token:", "tokn:"))
    done = run(site, "-m", "reconciled", "check", "-c", config)
    assert done.returncode != 0
    assert "did you mean 'token'" in done.stdout + done.stderr


def test_it_imports_only_what_a_plugin_may() -> None:
    """And its tests, besides, what is there for authors of plugins."""
    for file in PLEX.glob("src/**/*.py"):
        assert set(NAMED.findall(file.read_text("utf-8"))) <= PUBLIC, file
    for file in PLEX.glob("tests/*.py"):
        assert set(NAMED.findall(file.read_text("utf-8"))) <= PUBLIC | {"testing", "plugins"}, file


@pytest.mark.full
@pytest.mark.timeout(300)
def test_pip_installs_it(tmp_path: Path) -> None:
    """As its page says; needs what builds it."""
    done = run(tmp_path, "-m", "pip", "install", "--quiet", "--no-deps", "--target", tmp_path / "there", PLEX)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^plex\s", run(tmp_path / "there", "-m", "reconciled", "plugins").stdout, re.MULTILINE)
