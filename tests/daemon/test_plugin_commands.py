"""Commands of plugins: good ones are known by name, bad ones are shown and take no app away."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import click
import pytest

from reconciled.hookspecs import hookimpl
from reconciled.plugins import GROUP, discover


@pytest.fixture
def point(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a module that brings no app and these commands, and its entry point."""

    def make(name: str, *brings: object, gives: object = None, raises: Exception | None = None) -> EntryPoint:
        module = ModuleType(f"plugin_with_commands_{name}")

        @hookimpl
        def commands() -> Any:
            if raises is not None:
                raise raises
            return brings if gives is None else gives

        module.commands = commands  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return EntryPoint(name, module.__name__, GROUP)

    return make


def test_commands_by_name(point: Any) -> None:
    shelf, books = click.Command("shelf"), click.Group("books")
    registry = discover(entry_points=[point("one", shelf), point("two", books)])
    assert registry.commands == {"books": books, "shelf": shelf}
    assert registry.errors == {}


WRONG: dict[str, dict[str, Any]] = {
    "commands() gave int, not a list of click commands": {"gives": 7},
    "commands() gave str, not a list of click commands": {"gives": "shelf"},
    "commands() failed: ValueError: no idea": {"raises": ValueError("no idea")},
    "brings str as a command, which is no click command with a name": {"gives": ["shelf"]},
    "brings Command as a command, which is no click command with a name": {"gives": [click.Command(None)]},
    "brings the command 'x' twice": {"gives": [click.Command("x"), click.Command("x")]},
}


@pytest.mark.parametrize("error", WRONG)
def test_nonsense(point: Any, error: str) -> None:
    good = click.Command("good")
    registry = discover(entry_points=[point("bad", **WRONG[error]), point("good", good)])
    assert registry.errors == {"bad": error}
    assert registry.commands == {"good": good}


def test_two_with_one_name(point: Any) -> None:
    first, second = click.Command("shelf"), click.Command("shelf")
    registry = discover(entry_points=[point("a", first), point("b", second, click.Command("more"))])
    assert registry.commands == {"shelf": first}
    assert registry.errors == {"b": "brings the command 'shelf', which the plugin 'a' has already"}


def test_bad_commands_take_no_app_away() -> None:
    """An installed plugin that brings an app, too."""
    import reconciled_vsrx

    module = ModuleType("plugin_with_an_app_and_bad_commands")

    @hookimpl
    def commands() -> Any:
        raise RuntimeError("no")

    module.source_types = reconciled_vsrx.source_types  # type: ignore[attr-defined]
    module.commands = commands  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    try:
        registry = discover(entry_points=[EntryPoint("vsrx", module.__name__, GROUP)])
    finally:
        del sys.modules[module.__name__]
    assert set(registry.types) == {"vsrx"}
    assert registry.errors == {"vsrx": "commands() failed: RuntimeError: no"}
    assert registry.commands == {}
