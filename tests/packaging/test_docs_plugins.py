"""docs/plugins.md: its code is that of a new plugin, or is put into one, whose tests are then green."""

import ast
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciled import errors, source
from reconciled.cli import commands
from reconciled.testing.contract_stand import Stand
from reconciled.testing.faults import Fault

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)([^\n]*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
LOADS = """
import pathlib, sys
from reconciled.config import load
from reconciled_bookshelf import Bookshelf
loaded = load(pathlib.Path(sys.argv[1]), {"bookshelf": Bookshelf}, environ={})
print(*loaded.problems, *loaded.warnings)
"""


def blocks(mark: str) -> list[tuple[str, str]]:
    """The files and texts of the blocks that are marked so: `python in=tests/fake_bookshelf.py`."""
    return [(what.partition("=")[2], text) for _, what, text in BLOCKS if what.strip().startswith(f"{mark}=")]


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    folder = tmp_path / "reconciled-bookshelf"
    done = CliRunner().invoke(commands, ["new-plugin", "bookshelf", "--folder", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def put(file: Path, block: str) -> None:
    """Put a block's imports and functions into the file, in the place of those they replace or at the end."""
    lines = block.splitlines(True)
    imports = "".join(line for line in lines if line.startswith(("from ", "import ")))
    body = "".join(line for line in lines if not line.startswith(("from ", "import "))).strip("\n") + "\n"
    text = file.read_text("utf-8")
    for function in ast.parse(textwrap.dedent(body)).body:
        assert isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef)
        begins = min([function, *function.decorator_list], key=lambda node: node.lineno).lineno
        new = body.splitlines(True)[begins - 1 : function.end_lineno]
        text = _with(text, function.name, "".join(new))
    first = re.search(r"^(from|import) ", text, re.MULTILINE)
    assert first is not None
    file.write_text(text[: first.start()] + imports + text[first.start() :], "utf-8")


def _with(text: str, name: str, new: str) -> str:
    lines = text.splitlines(True)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name == name:
            lines[node.lineno - 1 : node.end_lineno] = [new]
            return "".join(lines)
    return f"{text}\n{new}"


def run(folder: Path, *command: object) -> "subprocess.CompletedProcess[str]":
    paths = [ROOT / "daemon", ROOT / "plugins", folder / "src"]
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "MYPYPATH": str(ROOT / "daemon"),
    }
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def its_tests(folder: Path, *arguments: str) -> str:
    """What its tests say; the fixtures are loaded once, whether they are registered here or not."""
    plugins = ("-p", "no:reconciled", "-p", "reconciled.testing.pytest_plugin")
    done = run(folder, "-m", "pytest", "-q", "-rA", *plugins, *arguments)
    return done.stdout + done.stderr


def test_every_block_is_one_that_is_tried_here() -> None:
    for language, what, text in BLOCKS:
        assert language in ("sh", "text", "yml") or re.match(r" (of|in|wrong)=\S+$", what), text


def test_what_is_quoted_stands_in_a_new_plugin(plugin: Path) -> None:
    quoted = blocks("of")
    assert len(quoted) > 5
    for path, text in quoted:
        assert text in (plugin / path).read_text("utf-8"), f"{path} of a new plugin does not hold:\n{text}"


@pytest.mark.full
def test_what_is_added_works(plugin: Path) -> None:
    for path, text in blocks("in"):
        put(plugin / path, text)
    said = its_tests(plugin)
    assert re.search(r"^\d+ passed, \d+ skipped", said, re.MULTILINE), said
    for check in ("find_gives_the_item", "a_stream_connects_first", "a_stream_ends_with_trouble"):
        assert f"PASSED tests/test_bookshelf_contract.py::TestBookshelf::test_{check}" in said
    assert "PASSED tests/test_bookshelf.py::test_the_stream_tells_of_a_deletion" in said
    known = run(plugin, "-c", "import reconciled_bookshelf as it; print(it.commands()[0].name)")
    assert known.stdout == "bookshelf\n", known.stderr
    typed = run(plugin, "-m", "mypy", "--no-incremental")
    assert typed.returncode == 0, typed.stdout


@pytest.mark.full
def test_what_is_wrong_is_said_to_be(plugin: Path) -> None:
    ((path, text),) = blocks("wrong")
    put(plugin / path, text)
    said = its_tests(plugin, "-k", "not_found")
    ((_, _, sentence),) = [block for block in BLOCKS if block[0] == "text"]
    assert sentence.strip() in said
    assert (
        "FAILED tests/test_bookshelf_contract.py::TestBookshelf::test_trouble_is_never_absence[not_found]"
        in said
    )


def test_the_config_loads(plugin: Path, tmp_path: Path) -> None:
    ((_, _, shown),) = [block for block in BLOCKS if block[0] == "yml"]
    (tmp_path / "secrets.yaml").write_text("bookshelf: 0123456789abcdef\n")
    (tmp_path / "secrets.yaml").chmod(0o600)
    (tmp_path / "config.yaml").write_text(shown)
    done = run(plugin, "-c", LOADS, tmp_path / "config.yaml")
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_it_leaves_nothing_out() -> None:
    abilities = {name for name in source.__all__ if getattr(getattr(source, name), "_is_protocol", False)}
    rows = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[A-Z][^|]*) \|", PAGE, re.MULTILINE))))
    assert rows >= abilities - {"Shelf", "Store"}
    assert {str(fault) for fault in Fault if fault is not Fault.SLOW} <= set(re.findall(r"`(\w+)`", PAGE))
    named = {name for name, one in vars(errors).items() if isinstance(one, type)}
    assert rows >= named - {"ReconciledError", "SourceError"}
    stand = {name for name in vars(Stand) if not name.startswith("_")} - {"start", "stop"}
    assert {name for name in stand if f"`{name}" in PAGE} == stand
