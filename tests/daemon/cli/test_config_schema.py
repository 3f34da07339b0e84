"""The JSON Schema and the loader agree about policies, channels and alerts; editors go by the schema."""

import importlib
from typing import Any

import pytest
import yaml

from reconciled.cli.schema import schema_of
from reconciled.plugins import discover


@pytest.fixture(scope="module")
def validator() -> Any:
    kind = importlib.import_module("jsonschema").Draft202012Validator
    schema = schema_of(discover().types)
    kind.check_schema(schema)
    return kind(schema)


GOOD = [
    "policies: {p: {when: gone, then: [{notify: phone}]}}",
    "policies: {p: {when: gone, kind: movie, from: [radarr], then: [{tag: radarr, label: x}]}}",
    "policies: {p: {when: gone, agree: none, unless: {tag: x}, then: [{delete: [a], files: true}]}}",
    "policies: {p: {mirror: vsrx, to: [archive]}}",
    "notify: {phone: text, tv: {url: text, digest: 1h, rate: 3, quiet: '22:00-07:00'}}",
    "alerts: {to: [], trouble: 1h, disk: 1GB}",
    "keep: {actions: 365d}",
]
BAD = [
    "policies: {P: {when: gone, then: [{notify: phone}]}}",
    "policies: {p: {when: lost, then: [{notify: phone}]}}",
    "policies: {p: {when: gone}}",
    "policies: {p: {when: gone, then: []}}",
    "policies: {p: {when: gone, kind: moive, then: [{notify: phone}]}}",
    "policies: {p: {when: gone, from: [], then: [{notify: phone}]}}",
    "policies: {p: {when: gone, then: [{delete: a, unmonitor: b}]}}",
    "policies: {p: {when: gone, then: [{files: true}]}}",
    "policies: {p: {when: gone, max_actions: 0, then: [{notify: phone}]}}",
    "policies: {p: [a]}",
    "notify: {phone: {digest: 1h}}",
    "alerts: {disc: 1GB}",
]


@pytest.mark.parametrize("text", GOOD)
def test_good(validator: Any, text: str) -> None:
    assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize("text", BAD)
def test_bad(validator: Any, text: str) -> None:
    assert not validator.is_valid(yaml.safe_load(text))
