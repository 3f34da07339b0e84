"""What every test starts from: the daemon's logger as it was, whatever a daemon did to it.

And what some share: the plugins with the example of a third party's among them.
"""

import importlib.util
import logging
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

import pytest

from reconciled.plugins import GROUP, Registry, discover
from reconciled.testing.ports import unused_port

REQUESTS = Path(__file__).parents[1] / "examples" / "plugins" / "reconciled_requests"


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
