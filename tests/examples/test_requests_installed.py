"""The example plugin as a package: it is discovered, configured, and imports the public face only."""

import ast
import re
from pathlib import Path

import pytest
from tests.conftest import REQUESTS, registry_with_requests, requests_plugin

from reconciled.config import load
from reconciled.plugins import Plugin

PUBLIC = {"source", "hookspecs", "http", "model", "errors", "units", "clock"}


def test_it_is_discovered_beside_the_others() -> None:
    registry = registry_with_requests()
    assert registry.types["requests"] is requests_plugin().Requests
    assert registry.types.keys() >= {"radarr", "sonarr", "jellyfin", "requests"}
    assert (registry.errors, Plugin("requests", apps=("requests",)) in registry.plugins) == ({}, True)


def test_it_imports_only_what_a_plugin_may() -> None:
    tree = ast.parse((REQUESTS / "reconciled_requests.py").read_text("utf-8"))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    named |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    ours = {name.split(".")[1] for name in named if name.startswith("reconciled.")}
    assert ours <= PUBLIC


def test_the_config_of_its_page_loads(tmp_path: Path) -> None:
    page = (REQUESTS / "README.md").read_text("utf-8")
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    secrets = tmp_path / "secrets.yaml"
    secrets.write_text("requests: 0123456789abcdef\nrequests_hook: 0123456789abcdef\n")
    secrets.chmod(0o600)
    config = tmp_path / "config.yaml"
    config.write_text(shown)
    loaded = load(config, registry_with_requests().types, environ={})
    assert (loaded.problems, loaded.warnings) == ((), ())


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("api_key: ''", "the key is empty"),
        ("api_key: abc, timeout: 0s", "timeout"),
        ("api_key: abc, act_timeout: 5", "no duration"),
        ("api_key: abc, apikey: abc", "did you mean 'api_key'"),
    ],
)
def test_a_bad_config_says_where(tmp_path: Path, setting: str, said: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"sources:\n  requests: {{url: http://127.0.0.1:1, {setting}}}\n")
    loaded = load(config, registry_with_requests().types, environ={})
    assert any(said in str(problem) and ":2:" in str(problem) for problem in loaded.problems), loaded.problems
