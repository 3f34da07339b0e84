"""What every test starts from: the daemon's logger as it was, whatever a daemon did to it.

And what some share: the plugins with the example of a third party's among them, a new ledger, which is a
copy of one that the migrations made, and templates, which are compiled once. What tests write lies in memory,
where there is plenty: thousands of them wait for a disk else, whose syncs prove nothing here.
"""

import importlib.util
import logging
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

import jinja2
import pytest
from jinja2.bccache import Bucket

from reconciled.ledger import connection
from reconciled.plugins import GROUP, Registry, discover
from reconciled.testing.ports import unused_port
from reconciled.web import render, server

REQUESTS = Path(__file__).parents[1] / "examples" / "plugins" / "reconciled_requests"
make_ledger = connection._make
"""How a ledger is really made."""

MEMORY = Path("/dev/shm")
PLENTY = 8 * 2**30
"""Bytes of memory from which on what tests write lies there; no test at a time writes more than 3 GiB."""


def _is_plenty() -> bool:
    """Whether there is a folder in memory, and memory for it."""
    try:
        said = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        room = [int(said["MemAvailable"].split()[0]) * 1024]
        found = os.statvfs(MEMORY)
        most = Path("/sys/fs/cgroup/memory.max")
        if most.exists() and (limit := most.read_text("ascii").strip()) != "max":
            room.append(int(limit))
    except (OSError, ValueError, KeyError):
        return False
    usable = os.access(MEMORY, os.W_OK) and not found.f_flag & os.ST_NOEXEC
    return usable and min([*room, found.f_bavail * found.f_frsize]) >= PLENTY


if "TMPDIR" not in os.environ and _is_plenty():  # workers and all that tests start inherit it
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None

sys.dont_write_bytecode = False  # else every worker of every run rewrites all asserts anew, for 10 s


def pytest_xdist_auto_num_workers() -> int:
    """With `-n auto`, as in full, more than twice the cores: most of its tests wait for processes, clocks."""
    return 2 * len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longer repeats the same lines with more and other numbers: counting them costs half as much
    again, and 90 % of the lines are run without it.
    """
    for item in items:
        if item.get_closest_marker("full") is not None:
            item.add_marker(pytest.mark.no_cover)


def requests_plugin() -> ModuleType:
    """The example plugin's module, imported from where it stands: nothing installs it here."""
    if (known := sys.modules.get(REQUESTS.name)) is not None:
        return known
    spec = importlib.util.spec_from_file_location(REQUESTS.name, REQUESTS / f"{REQUESTS.name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[REQUESTS.name] = module  # msgspec and pydantic look their types up there
    spec.loader.exec_module(module)
    return module


def registry_with_requests() -> Registry:
    """What `discover` finds when the example, too, is installed: by the entry points of its own pyproject."""
    requests_plugin()
    project = tomllib.loads((REQUESTS / "pyproject.toml").read_text("utf-8"))["project"]
    own = [EntryPoint(name, value, GROUP) for name, value in project["entry-points"][GROUP].items()]
    return discover(entry_points=[*entry_points(group=GROUP), *own])


@pytest.fixture(scope="session", autouse=True)
def _ledgers_are_copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Thousands of tests need a ledger, and migrations take 20 ms. In tests/daemon/ledger they are done."""
    whole = tmp_path_factory.mktemp("made") / "ledger.db"

    def make(path: Path, at: Callable[[str], None]) -> None:
        if not whole.exists():
            make_ledger(whole, at)
        new = path.with_name(f"{path.name}.new")
        connection._set_log_aside(path)
        shutil.copyfile(whole, new)
        new.replace(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "_make", make)
        yield


class _Compiled(jinja2.BytecodeCache):
    """Templates by name and text, in memory."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := self._known.get((bucket.key, bucket.checksum))) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def _templates_are_compiled_once() -> Iterator[None]:
    """Hundreds of tests open a page of a daemon of their own, and to compile one's templates takes 20 ms."""
    compiled = _Compiled()

    def environment() -> jinja2.Environment:
        made = render.environment()
        made.bytecode_cache = compiled
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "environment", environment)
        yield


@pytest.fixture
def tmp_path(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The folder of one test, which goes with it; that of one that failed stays."""
    before = request.session.testsfailed
    yield tmp_path
    if request.session.testsfailed == before:
        shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def unused_tcp_port() -> int:
    """A port that stays unused till the test takes it; pytest-asyncio's may become that of a connection."""
    return unused_port()


@pytest.fixture(autouse=True)
def _logger_as_it_was() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("reconciled", "aiohttp", "asyncio")]
    before = [
        (logger, logger.level, logger.propagate, logger.handlers[:], logger.filters[:]) for logger in loggers
    ]
    yield
    for logger, level, propagate, handlers, filters in before:
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers[:], logger.filters[:] = handlers, filters
