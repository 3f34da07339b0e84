"""What is built and installed is whole: wheel, sdist, a fresh venv, the systemd unit, a browser's page."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]


def run(*command: object, **options: object) -> str:
    """Run to its good end; returns what it printed."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return str(done.stdout)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    return folder


def files_of_the_packages() -> set[str]:
    """What the packages of the checkout hold, as paths inside a wheel."""
    roots = [ROOT / "daemon", ROOT / "plugins"]
    files = [file.relative_to(root) for root in roots for file in root.rglob("*") if file.is_file()]
    return {
        str(file) for file in files if not any(part.startswith((".", "__pycache__")) for part in file.parts)
    }


def test_the_wheel_holds_every_file_of_the_packages(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert files_of_the_packages() <= held
    for needed in (
        "reconciled/py.typed",
        "reconciled/ledger/migrations/0001_ledger.sql",
        "reconciled_radarr/__init__.py",
    ):
        assert needed in held
    assert any(name.startswith("reconciled/web/templates/") for name in held)
    assert any(name.startswith("reconciled/web/static/") for name in held)
    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert not any(name.startswith(("tests/", "daemon/", "plugins/")) for name in held)


def test_the_sdist_holds_what_a_checkout_needs(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    for needed in (
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "config.example.yaml",
        "script/test",
        "systemd/reconciled.service",
    ):
        assert needed in held
    assert "daemon/reconciled/web/server.py" in held


def test_it_installs_into_a_fresh_venv_and_works(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    run(tmp_path / "venv/bin/pip", "install", "--quiet", wheel)
    command = tmp_path / "venv/bin/reconciled"
    assert "radarr" in run(command, "plugins", cwd=tmp_path)
    assert "explain" in run(command, "--help", cwd=tmp_path)
    with Demo(command) as url:
        assert '"mode"' in run(command, "status", "--json", "--url", url, cwd=tmp_path)


def test_the_unit_is_sound_and_closed(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    unit = tmp_path / "reconciled.service"
    text = (ROOT / "systemd" / "reconciled.service").read_text()
    unit.write_text(
        text.replace("/usr/local/bin/reconciled", str(Path(sys.executable).parent / "reconciled"))
    )
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    security = run("systemd-analyze", "security", "--offline=true", unit)
    level = re.search(r"exposure level for \S+: ([\d.]+)", security)
    assert level is not None
    assert float(level[1]) <= 2.0


def test_the_page_is_drawn_by_a_browser(tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("there is no chromium here")
    flags = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1280,1200",
        f"--user-data-dir={tmp_path / 'profile'}",
    )
    with Demo(Path(sys.executable).parent / "reconciled") as url:
        run(browser, *flags, f"--screenshot={tmp_path / 'page.png'}", url, timeout=120)
        dom = run(browser, *flags, "--dump-dom", url, timeout=120)
    for name in ("radarr", "sonarr", "jellyfin"):
        assert name in dom.lower()
    picture = (tmp_path / "page.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 10_000, "an empty page"


class Demo:
    """The demo on a free port, as a process; gives its url, and its end must be clean."""

    def __init__(self, command: Path) -> None:
        self._command = command

    def __enter__(self) -> str:
        environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [self._command, "demo", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environ,
        )
        said = []
        for line in self._lines():
            said.append(line)
            found = re.search(r"page: *(http://\S+)", line)
            if found:
                return found[1]
        raise AssertionError("".join(said))

    def _lines(self) -> Iterator[str]:
        assert self._process.stdout is not None
        yield from self._process.stdout

    def __exit__(self, *_raised: object) -> None:
        self._process.send_signal(signal.SIGINT)
        rest, _ = self._process.communicate(timeout=30)
        assert self._process.returncode == 0, rest
        assert "Traceback" not in rest, rest
