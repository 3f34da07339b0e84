"""Discovery: good plugins are known, bad ones are shown with their error and harm nobody."""

import sys
from collections.abc import AsyncIterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from reconciled.hookspecs import hookimpl
from reconciled.model import About, Answer, Key, Page
from reconciled.plugins import GROUP, Plugin, Registry, discover
from reconciled.source import Source, SourceConfig


class Good(Source[SourceConfig]):
    app = "good"
    kinds = ("movie",)
    Config = SourceConfig

    async def probe(self) -> About:
        raise NotImplementedError

    def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        raise NotImplementedError

    async def lookup(self, key: Key) -> Answer:
        raise NotImplementedError


def variant(**changes: object) -> type[Source[Any]]:
    return type("Variant", (Good,), changes)


class Half(Source[SourceConfig]):
    app = "half"
    kinds = ("movie",)
    Config = SourceConfig


class NoApp(Source[SourceConfig]):
    kinds = ("movie",)
    Config = SourceConfig
    probe, snapshot, lookup = Good.probe, Good.snapshot, Good.lookup


@pytest.fixture
def point(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a module that brings these classes, and its entry point."""

    def make(name: str, *brings: object, raises: Exception | None = None, gives: object = None) -> EntryPoint:
        module = ModuleType(f"plugin_of_the_test_{name}")

        @hookimpl
        def source_types() -> Any:
            if raises is not None:
                raise raises
            return brings if gives is None else gives

        module.source_types = source_types  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return EntryPoint(name, module.__name__, GROUP)

    return make


def test_apps_by_name(point: Any) -> None:
    other = variant(app="other")
    registry = discover(entry_points=[point("good", Good), point("another", other)])
    assert registry.plugins == (Plugin("another", apps=("other",)), Plugin("good", apps=("good",)))
    assert registry.types == {"good": Good, "other": other}
    assert registry.errors == {}


NONSENSE: dict[str, list[object]] = {
    "brings NoApp, which names no app": [NoApp],
    "brings Variant, which names no app": [variant(app="")],
    "brings Variant, whose kinds are no tuple of names": [variant(app="x", kinds="movie")],
    "brings Variant, whose Config is no pydantic BaseModel": [variant(app="x", Config=dict)],
    "brings Half, which lacks lookup, probe, snapshot": [Half],
    "brings BaseModel, which is no Source class": [BaseModel],
    "brings int, which is no Source class": [7],
    "brings the app 'x' twice": [variant(app="x"), variant(app="x")],
    "brings the app 'good', which the plugin 'good' has already": [variant(app="x"), variant(app="good")],
}


@pytest.mark.parametrize("error", NONSENSE)
def test_nonsense(point: Any, error: str) -> None:
    registry = discover(entry_points=[point("a_bad_one", *NONSENSE[error]), point("good", Good)])
    assert registry.plugins == (Plugin("a_bad_one", error=error), Plugin("good", apps=("good",)))
    assert registry.types == {"good": Good}


def test_failures(point: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "plugin_that_raises.py").write_text("raise RuntimeError('a\\nb')")
    (tmp_path / "plugin_that_exits.py").write_text("raise SystemExit(3)")
    (tmp_path / "plugin_that_asks_more.py").write_text(
        "from reconciled.hookspecs import hookimpl\n@hookimpl\ndef source_types(config): return []\n"
    )
    (tmp_path / "plugin_that_wraps.py").write_text(
        "from reconciled.hookspecs import hookimpl\n"
        "@hookimpl(wrapper=True)\ndef source_types(): return (yield)\n"
    )
    (tmp_path / "plugin_of_tomorrow.py").write_text(
        "from reconciled.hookspecs import hookimpl\n@hookimpl\ndef pass_types(): return []\n"
    )
    registry = discover(
        entry_points=[
            EntryPoint("absent", "no_such_module_at_all", GROUP),
            EntryPoint("attribute", "json:nothing", GROUP),
            EntryPoint("exits", "plugin_that_exits", GROUP),
            EntryPoint("more", "plugin_that_asks_more", GROUP),
            EntryPoint("raises", "plugin_that_raises", GROUP),
            EntryPoint("tomorrow", "plugin_of_tomorrow", GROUP),
            EntryPoint("wraps", "plugin_that_wraps", GROUP),
            point("hook", raises=ValueError("no idea")),
            point("number", gives=7),
            point("text", gives="Good"),
            point("good", Good),
            point("good", Good),
        ]
    )
    errors = {plugin.name: plugin.error for plugin in registry.plugins if plugin.error}
    assert errors.pop("more", "").startswith("failed to register: PluginValidationError")
    assert errors.pop("good", "").startswith("failed to register: ValueError")
    assert errors == {
        "absent": "failed to import: ModuleNotFoundError: No module named 'no_such_module_at_all'",
        "attribute": "failed to import: AttributeError: module 'json' has no attribute 'nothing'",
        "exits": "failed to import: SystemExit: 3",
        "raises": "failed to import: RuntimeError: a b",
        "hook": "source_types() failed: ValueError: no idea",
        "number": "source_types() gave int, not a list of Source classes",
        "text": "source_types() gave str, not a list of Source classes",
        "wraps": "wraps source_types(); only plain implementations are called",
    }
    assert registry.types == {"good": Good}


def test_blocked_is_not_even_imported(point: Any) -> None:
    bad = EntryPoint("bad", "no_such_module_at_all", GROUP)
    registry = discover(blocked=["bad"], entry_points=[bad, point("good", Good)])
    assert registry.errors == {"bad": "is blocked by plugins.block"}
    assert set(registry.types) == {"good"}


def test_two_registries_know_nothing_of_each_other(point: Any) -> None:
    first = discover(entry_points=[point("good", Good)])
    assert discover(entry_points=[]) == Registry()
    assert set(first.types) == {"good"}


def test_with_types() -> None:
    registry = Registry.with_types(Good)
    assert registry.types == {"good": Good}
    assert registry.plugins == (Plugin("good", apps=("good",)),)
