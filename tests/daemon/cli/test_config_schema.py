"""The JSON Schema and the loader agree about policies, channels and alerts; editors go by the schema."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from reconciled.cli.schema import _without_defaults, schema_of
from reconciled.cli.schema_words import WORDS
from reconciled.config import written, written_channels, written_duplicates, written_mirrors, written_policies
from reconciled.plugins import discover

EXAMPLE = Path(__file__).parents[3] / "config.example.yaml"


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
    "policies: {p: {mirror: vsrx, kind: file, to: archive, types: [pdf, image/*], max_size: 1GiB}}",
    "policies: {p: {mirror: vsrx, to: archive, decode: true}}",
    "policies: {p: {mirror: vsrx, to: a, tag: t, correspondent: null, transfers: 32, mode: act}}",
    "policies: {p: {mirror: vsrx, to: a, conflict: ask}}",
    "policies: {p: {mirror: v, to: a, thresholds: {error_rate: {warning: 5%, critical: 10%}}}}",
    "policies: {p: {mirror: v, to: a, task_timeout: 30m}}",
    "policies: {p: {when: copy_gone, then: [{notify: phone}]}}",
    "notify: {phone: text, tv: {url: text, digest: 1h, rate: 3, quiet: '22:00-07:00'}}",
    "alerts: {to: [], trouble: 1h, disk: 1GB}",
    "keep: {actions: 365d}",
    "duplicates: {sources: [paperless], keep_text: false, workers: 2, tag: twice, primary: oldest}",
    "duplicates: {factors: {image: 0.5, name: true}, bands: {duplicate: 90%, review: 0.2}, images: false}",
    "duplicates: {images: {hashes: [dct, average], thumbnails: 1GiB}}",
    "passes: {duplicates: 0 3 * * 6}",
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
    "duplicates: {workers: 0}",
    "duplicates: {primary: newest}",
    "duplicates: {factors: {image: 3}}",
    "duplicates: {images: {hashes: [phash]}}",
    "policies: {p: {mirror: vsrx}}",
    "policies: {p: {mirror: vsrx, to: []}}",
    "policies: {p: {mirror: vsrx, to: archive, then: [{notify: phone}]}}",
    "policies: {p: {mirror: vsrx, to: archive, kind: moive}}",
    "policies: {p: {mirror: vsrx, to: archive, transfers: 33}}",
    "policies: {p: {mirror: vsrx, to: archive, conflict: never}}",
    "policies: {p: {mirror: vsrx, to: archive, thresholds: {error_rate: {warning: 5%}}}}",
    "policies: {p: {mirror: vsrx, to: archive, thresholds: {errors: {warning: 5%, critical: 10%}}}}",
    "notify: {phone: {digest: 1h}}",
    "alerts: {disc: 1GB}",
]


@pytest.mark.parametrize("text", GOOD)
def test_good(validator: Any, text: str) -> None:
    assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize("text", BAD)
def test_bad(validator: Any, text: str) -> None:
    assert not validator.is_valid(yaml.safe_load(text))


class Loader(yaml.SafeLoader):
    """Reads `!secret NAME` and its like as the text that they stand for."""


Loader.add_multi_constructor("!", lambda _, suffix, node: f"{suffix} {node.value}")


def test_the_example_keeps_to_it(validator: Any) -> None:
    config = yaml.load(EXAMPLE.read_text("utf-8"), Loader)  # noqa: S506 - a safe loader
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(config)] == []


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("sources: {radarr: {url: http://box, api_key: k}}", True),
        ("sources: {radarr_4k: {app: radarr, url: http://box, api_key: k, kinds: [movie]}}", True),
        ("sources: {radarr: {app: sonarr, url: http://box, api_key: k}}", True),
        ("sources: {library: {app: records}}", True),
        ("sources: {radarr_4k: {url: http://box, api_key: k}}", False),
        ("sources: {radarr: {url: http://box}}", False),
        ("sources: {radarr: {url: http://box, api_key: k, kinds: [series]}}", False),
        ("sources: {radarr: {url: http://box, api_key: k, pol: 1h}}", False),
        ("sources: {other: {app: nobody, url: http://box}}", False),
    ],
)
def test_sources_by_name_and_by_app(validator: Any, text: str, good: bool) -> None:
    assert validator.is_valid(yaml.safe_load(text)) == good


def test_every_installed_app_is_there_with_its_words(validator: Any) -> None:
    sources = validator.schema["properties"]["sources"]["properties"]
    types = discover().types
    assert set(sources) == set(types)
    for app, kind in types.items():
        own = validator.schema["$defs"][f"source-{app}"]
        assert own["title"] == app
        assert own["description"]
        assert own["properties"]["kinds"]["items"]["enum"] == list(kind.kinds)


def test_every_setting_of_ours_is_described() -> None:
    models = {
        name: one
        for module in (written, written_channels, written_duplicates, written_mirrors, written_policies)
        for name, one in vars(module).items()
        if isinstance(one, type) and issubclass(one, written.Written) and one is not written.Written
    }
    assert set(WORDS) == set(models)
    for name, model in models.items():
        settings = {str(field.validation_alias or each) for each, field in model.model_fields.items()}
        assert set(WORDS[name]) - {""} == settings, name


def described(schema: Any) -> Iterator[str]:
    for name, one in schema["properties"].items():
        if "description" not in one:
            yield name


def test_the_words_arrive(validator: Any) -> None:
    schema = validator.schema
    assert list(described(schema)) == []
    for section in ("alerts", "daemon", "defaults", "keep", "plugins"):
        assert list(described(schema["properties"][section])) == []
    policy = schema["properties"]["policies"]["additionalProperties"]["else"]
    assert list(described(policy)) == []
    assert list(described(schema["$defs"]["source-radarr"])) == []


class Defaulting(BaseModel):
    """A model of a plugin's with a setting of an unlucky name."""

    default: int | None = 3
    other: str = "x"


def test_a_setting_called_default_is_no_default() -> None:
    found = _without_defaults(Defaulting.model_json_schema())
    assert set(found["properties"]) == {"default", "other"}
    assert "default" not in found["properties"]["other"]
    assert "default" not in found["properties"]["default"]
