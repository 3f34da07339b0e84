"""`reconciled new-plugin`: what it writes works as it is; a bad name or folder is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reconciled.cli import commands

ROOT = Path(__file__).parents[3]
TOOLS = Path(sys.executable).parent


def new_plugin(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["new-plugin", *map(str, arguments)])


def run(folder: Path, *command: object, **environ: str) -> str:
    """Run a tool in the new folder to its good end, with this checkout in reach."""
    paths = [ROOT / "daemon", ROOT / "plugins"]
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def its_tests(folder: Path) -> str:
    """What its tests say; the fixtures are loaded once, whether they are registered here or not."""
    plugins = ("-p", "no:reconciled", "-p", "reconciled.testing.pytest_plugin")
    return run(folder, sys.executable, "-m", "pytest", "-q", *plugins)


@pytest.mark.full
def test_it_writes_a_plugin_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = new_plugin("bookshelf")
    assert done.exit_code == 0, done.output
    folder = tmp_path / "reconciled-bookshelf"
    written = {str(path.relative_to(tmp_path)) for path in folder.rglob("*") if path.is_file()}
    assert written == set(done.stdout.split())
    assert written >= {
        f"reconciled-bookshelf/{name}"
        for name in (
            *("pyproject.toml", "README.md", "tests/fake_bookshelf.py", "tests/test_bookshelf_contract.py"),
            *("src/reconciled_bookshelf/source.py", "src/reconciled_bookshelf/py.typed"),
        )
    }
    assert "cd reconciled-bookshelf && pip install" in done.stderr
    said = its_tests(folder)
    assert " passed" in said
    assert "failed" not in said


@pytest.mark.full
def test_what_it_writes_is_typed_and_tidy(tmp_path: Path) -> None:
    assert new_plugin("bookshelf", "--folder", tmp_path / "new").exit_code == 0
    run(tmp_path / "new", TOOLS / "mypy", "--no-incremental", MYPYPATH=f"{ROOT / 'daemon'}")
    run(tmp_path / "new", TOOLS / "ruff", "check", "--no-cache", ".")
    run(tmp_path / "new", TOOLS / "ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.full
def test_any_good_name_works(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    assert new_plugin("photo_box2", "--folder", folder).exit_code == 0
    assert 'name = "reconciled-photo-box2"' in (folder / "pyproject.toml").read_text()
    assert (
        "class PhotoBox2(Source[PhotoBox2Config])"
        in (folder / "src/reconciled_photo_box2/source.py").read_text()
    )
    assert not [path for path in folder.rglob("*") if "ookshelf" in path.name or ".in" in path.suffixes]
    assert all("ookshelf" not in path.read_text() for path in folder.rglob("*") if path.is_file())
    assert " passed" in its_tests(folder)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "cannot name an app"),
        ("Bookshelf", "lower case letters"),
        ("book-shelf", "single underscores"),
        ("2books", "a letter first"),
        ("../books", "for example bookshelf"),
        ("books__2", "cannot name an app"),
        ("bücher", "cannot name an app"),
        ("b" * 41, "40 at most"),
        ("reconciled_books", "the package gets that by itself"),
        ("none", "a class named None would clash"),
        ("source", "a class named Source would clash"),
        ("book", "a class named Book would clash"),
        ("radarr", "installed already"),
        ("servarr", "installed already"),
    ],
)
def test_a_bad_name_is_refused(tmp_path: Path, name: str, said: str) -> None:
    done = new_plugin(name, "--folder", tmp_path / "new")
    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = new_plugin("bookshelf", "--folder", tmp_path)
    assert done.exit_code == 1
    assert f"{tmp_path} is there and not empty; choose another with --folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = new_plugin("bookshelf", "--folder", tmp_path / "file" / "new")
    assert done.exit_code == 1
    assert f"cannot write to {tmp_path / 'file'}" in done.stderr
    assert "Not a directory" in done.stderr


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    assert new_plugin("bookshelf", "--folder", tmp_path).exit_code == 0
    assert (tmp_path / "README.md").is_file()


@pytest.mark.full
@pytest.mark.timeout(600)
def test_it_installs_into_a_fresh_venv(tmp_path: Path) -> None:
    """As a stranger would: reconciled, the new plugin, its tests, and the list of plugins."""
    venv, folder = tmp_path / "venv", tmp_path / "reconciled-bookshelf"
    bare = {"PYTHONPATH": ""}
    run(tmp_path, sys.executable, "-m", "venv", venv, **bare)
    run(tmp_path, venv / "bin/pip", "install", "--quiet", ROOT, **bare)
    run(tmp_path, venv / "bin/reconciled", "new-plugin", "bookshelf", **bare)
    run(folder, venv / "bin/pip", "install", "--quiet", ".", "pytest>=8.3", "pytest-asyncio>=0.25", **bare)
    said = run(folder, venv / "bin/pytest", "-q", **bare)
    assert " passed" in said
    listed = run(tmp_path, venv / "bin/reconciled", "plugins", **bare)
    assert "bookshelf\t0.1.0\tbookshelf\t" in listed
