"""The JSON Schema of the config, from the same pydantic models that judge it, the plugins' included.

For editors: it knows names, types and choices. What settings mean together only `check` knows.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from pydantic import BaseModel

from reconciled.cli.schema_words import WORDS
from reconciled.config.written import Common, Daemon, Defaults, Keep, Passes, Plugins, Top
from reconciled.config.written_channels import Alerts, Channel
from reconciled.config.written_duplicates import WrittenDuplicates
from reconciled.config.written_mirrors import WrittenMirror
from reconciled.config.written_policies import WrittenPolicy
from reconciled.source import Source

Schema: TypeAlias = dict[str, Any]
_OURS = "reconciled.config."
_NAME = r"^[a-z][a-z0-9_]*$"
_SECTIONS: Mapping[str, type[BaseModel]] = {
    "alerts": Alerts,
    "daemon": Daemon,
    "defaults": Defaults,
    "duplicates": WrittenDuplicates,
    "keep": Keep,
    "passes": Passes,
    "plugins": Plugins,
}


def schema_of(types: Mapping[str, type[Source[Any]]]) -> Schema:
    """The schema of a config in which these apps may be used."""
    definitions: Schema = {}
    top = _take(Top, definitions)
    sections = {name: _take(model, definitions) for name, model in _SECTIONS.items()}
    for app, kind in types.items():
        definitions[f"source-{app}"] = one = _source(kind, definitions)
        definitions[f"named-{app}"] = _named(one)
    named = {app: {"anyOf": [_ref(f"source-{app}"), *_others(types, app)]} for app in types}
    sources = {
        "description": "The apps that are followed, by names of yours; `app:` where a name is not the app's.",
        "type": "object",
        "properties": named,
        "additionalProperties": {"anyOf": _others(types, None) or [{"not": {}}]},
    }
    sections |= {
        "policies": {**_policies(types, definitions), "description": "What is done about what was found."},
        "notify": {**_channels(definitions), "description": "Channels for messages, by name."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The config of reconciled",
        "type": "object",
        "properties": {**top["properties"], **sections, "sources": sources},
        "additionalProperties": False,
        "$defs": definitions,
    }


def _policies(types: Mapping[str, type[Source[Any]]], definitions: Schema) -> Schema:
    """Policies by name, with the kinds of the installed apps; one that says `mirror` brings files."""
    policy, mirror = _take(WrittenPolicy, definitions), _take(WrittenMirror, definitions)
    fetching = [one for one in types.values() if callable(getattr(one, "fetch", None))]
    _offer_kinds(policy, types.values())
    _offer_kinds(mirror, fetching or types.values())
    return _by_name({"if": {"required": ["mirror"]}, "then": mirror, "else": policy})


def _offer_kinds(schema: Schema, types: Iterable[type[Source[Any]]]) -> None:
    """A kind, or a list of them, of those that these apps have."""
    kinds: Schema = {"enum": sorted({kind for one in types for kind in one.kinds})}
    schema["properties"]["kind"] |= {"anyOf": [kinds, {"type": "array", "items": kinds, "minItems": 1}]}


def _channels(definitions: Schema) -> Schema:
    """Channels by name: an address, or a mapping with one."""
    channel = _take(Channel, definitions)
    return _by_name({"anyOf": [channel["properties"]["url"], channel]})


def _by_name(one: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"pattern": _NAME}, "additionalProperties": one}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _others(types: Iterable[str], name: str | None) -> list[Schema]:
    """The apps that a source of this name can be about when it says so."""
    return [_ref(f"named-{app}") for app in types if app != name]


def _named(one: Schema) -> Schema:
    """A source under a name that is not its app's says `app:`."""
    return {**one, "required": [*one.get("required", ()), "app"]}


def _source(kind: type[Source[Any]], definitions: Schema) -> Schema:
    """What all sources can say and what this app's can, as one object."""
    common, own = _take(Common, definitions), _take(kind.Config, definitions)
    kinds = {"type": "array", "items": {"enum": list(kind.kinds)}, "minItems": 1}
    words = WORDS["Common"]
    named = {
        "app": {"const": kind.app, "description": words["app"]},
        "kinds": {**kinds, "description": words["kinds"]},
    }
    properties = {**common["properties"], **own["properties"], **named}
    strict = kind.Config.model_config.get("extra") != "allow"
    return {**own, "title": kind.app, "properties": properties, "additionalProperties": not strict}


def _take(model: type[BaseModel], definitions: Schema) -> Schema:
    """A model's schema; what it defines apart goes to `definitions`, under names that no other app uses."""
    prefix = f"{model.__module__}.{model.__qualname__}".replace(".", "-")
    found = model.model_json_schema(ref_template=f"#/$defs/{prefix}-{{model}}")
    definitions.update(
        {f"{prefix}-{name}": _without_defaults(one) for name, one in found.pop("$defs", {}).items()}
    )
    found.setdefault("properties", {})
    own: Schema = _without_defaults(found)
    if model.__module__.startswith(_OURS):
        for name in (one for one in WORDS if f"{prefix}-{one}" in definitions):
            _describe(definitions[f"{prefix}-{name}"], WORDS[name])
        _describe(own, WORDS.get(model.__name__, {}))
    return own


def _describe(schema: Schema, words: Mapping[str, str]) -> None:
    """Say what each setting means."""
    if "" in words:
        schema["description"] = words[""]
    for name, one in schema["properties"].items():
        if name in words:
            one["description"] = words[name]


def _without_defaults(value: Any) -> Any:
    """Defaults are written as the daemon holds them (seconds, not `6h`), which no editor should offer."""
    match value:
        case dict():
            return {name: _inner(name, one) for name, one in value.items() if name != "default"}
        case list():
            return [_without_defaults(one) for one in value]
    return value


def _inner(name: str, value: Any) -> Any:
    """Below these names stand settings, of which one may be called `default`."""
    if name in ("properties", "$defs") and isinstance(value, dict):
        return {setting: _without_defaults(one) for setting, one in value.items()}
    return _without_defaults(value)
