"""Questions to a pydantic model about a way into it: is this setting a secret, which names are there?

Answers from the annotations alone, so they hold for values that are missing or wrong.
"""

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel, Secret, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from reconciled.config.problems import Where


def is_secret(model: type[BaseModel], where: Where) -> bool:
    """Whether what stands there is kept secret."""
    return any(_secret(kind) for kind in _kinds_at(model, where))


def names_at(model: type[BaseModel], where: Where) -> frozenset[str]:
    """The settings that a mapping there may hold; none when it is no model."""
    models = [inner for kind in _kinds_at(model, where) if (inner := _model(kind)) is not None]
    return frozenset(name for inner in models for name in names_of(inner))


def names_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The names under which a model's settings are written."""
    fields = model.model_fields.items()
    return tuple(written for name, found in fields for written in _written(name, found, model))


def _written(name: str, found: FieldInfo, model: type[BaseModel]) -> tuple[str, ...]:
    alias = found.validation_alias
    match alias:
        case str():
            names: tuple[str, ...] = (alias,)
        case AliasChoices():
            names = tuple(choice for choice in alias.choices if isinstance(choice, str))
        case _:
            return (name,)
    by_name = model.model_config.get("populate_by_name") or model.model_config.get("validate_by_name")
    return (*names, name) if by_name else names


def _secret(kind: Any) -> bool:
    if get_origin(kind) is Secret:
        return True
    return isinstance(kind, type) and issubclass(kind, SecretStr | SecretBytes | Secret)


def _model(kind: Any) -> type[BaseModel] | None:
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _kinds_at(model: type[BaseModel], where: Where) -> list[Any]:
    kinds: list[Any] = [model]
    for part in where:
        kinds = [inner for kind in kinds for inner in _step(kind, part)]
    return kinds


def _step(kind: Any, part: str | int) -> Iterator[Any]:
    model = _model(kind)
    if model is not None:
        for name, found in model.model_fields.items():
            if part in _written(name, found, model):
                yield from _flat(found.annotation)
        return
    arguments = [argument for argument in get_args(kind) if argument is not Ellipsis]
    if not arguments:
        return
    origin = get_origin(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        arguments = arguments[1:]
    for argument in arguments:
        yield from _flat(argument)


def _flat(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows, without Optional, unions, Annotated and type aliases."""
    value = getattr(annotation, "__value__", None)
    if value is not None:
        yield from _flat(value)
        return
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _flat(get_args(annotation)[0])
    elif origin is Union or origin is types.UnionType:
        for argument in get_args(annotation):
            yield from _flat(argument)
    else:
        yield annotation
