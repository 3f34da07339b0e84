"""Values against a pydantic model, told as problems with places and in words for people.

Before pydantic sees them, values that came through a tag are looked at: `!secret` and
`!credential` are refused where the setting is not a secret one (it would be stored and shown),
and a secret written in the open is a warning. pydantic itself gets plain text throughout.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from reconciled.config.complaints import Complaints
from reconciled.config.document import Value
from reconciled.config.fields import is_secret, names_at
from reconciled.config.problems import Where, did_you_mean

ModelT = TypeVar("ModelT", bound=BaseModel)

_MAPPING = "a mapping of settings belongs here, such as {url: http://box.lan:7878}"
_LIST = "a list belongs here, such as [one, two]"
_SAID = {
    "missing": "is missing",
    "string_type": "text belongs here",
    "int_type": "a whole number belongs here",
    "int_parsing": "a whole number belongs here",
    "int_from_float": "a whole number belongs here",
    "float_type": "a number belongs here",
    "float_parsing": "a number belongs here",
    "bool_type": "yes or no belongs here",
    "bool_parsing": "yes or no belongs here",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "path_type": "a path belongs here",
}


def validate(
    model: type[ModelT], values: Mapping[str, Value], at: Where, *, complaints: Complaints
) -> ModelT | None:
    """The model of these values, which stand at `at`; None when there was a problem, which is then told."""
    before = len(complaints.problems)
    broken = any(complaints.broken((*at, name)) for name in values)
    plain = {
        name: _plain(model, value, (name,), at=at, complaints=complaints) for name, value in values.items()
    }
    try:
        made = model.model_validate(plain)
    except ValidationError as error:
        _tell(error, model, at, complaints=complaints)
        return None
    except Exception as error:  # noqa: BLE001  # a plugin's own validator: its fault is this source's alone
        if not broken:
            said = f"its plugin failed to check the settings ({type(error).__name__})"
            complaints.problem(at, said, on_name=True)
        return None
    return made if len(complaints.problems) == before and not broken else None


def validate_each(
    model: type[ModelT], values: Mapping[str, Value], at: Where, *, complaints: Complaints
) -> tuple[ModelT, frozenset[str]]:
    """The settings that are good by themselves, the rest left at their defaults, and the names of the bad.

    For a model that requires nothing: one mistake then hides no other.
    """
    whole, bad = model(), set()
    for name, value in values.items():
        made = validate(model, {name: value}, at, complaints=complaints)
        if made is None:
            bad.add(name)
        else:
            whole = whole.model_copy(update={one: getattr(made, one) for one in made.model_fields_set})
    return whole, frozenset(bad)


def warn_open(value: str, where: Where, *, complaints: Complaints) -> None:
    """A secret that is written in the config itself; no message will hold it."""
    complaints.secrets.add(value)
    if value:
        said = "a secret in the open; put it in secrets.yaml and write `!secret NAME` here"
        complaints.warning(where, said)


def _plain(model: type[BaseModel], value: Value, where: Where, *, at: Where, complaints: Complaints) -> Any:
    """The value without `SecretStr`, with what is to be said about secrets said."""
    match value:
        case dict():
            return {
                name: _plain(model, inner, (*where, name), at=at, complaints=complaints)
                for name, inner in value.items()
            }
        case list():
            return [
                _plain(model, inner, (*where, number), at=at, complaints=complaints)
                for number, inner in enumerate(value)
            ]
        case SecretStr():
            _check_tag(model, where, at=at, complaints=complaints)
            return value.get_secret_value()
        case str() | int() | float() if is_secret(model, where):
            warn_open(str(value), (*at, *where), complaints=complaints)
    return value


def _check_tag(model: type[BaseModel], where: Where, *, at: Where, complaints: Complaints) -> None:
    tag, place = complaints.document.tags.get((*at, *where)), (*at, *where)
    if tag in ("secret", "credential") and where[0] in names_at(model, ()) and not is_secret(model, where):
        complaints.problem(place, f"this setting is not kept secret; write it here or use !env, not !{tag}")
        complaints.document.broken.add(place)  # enough is said about it


def _tell(error: ValidationError, model: type[BaseModel], at: Where, *, complaints: Complaints) -> None:
    """One problem a place; the members of a union each bring their own error."""
    said: dict[tuple[Where, bool], list[str]] = {}
    found = error.errors(include_url=False, include_context=True)
    for details in found:
        if details["type"] == "too_short" and any(_is_inside(one["loc"], details["loc"]) for one in found):
            continue  # pydantic has left out what is wrong in the list, which is said by itself
        where = _where(details, at, complaints)
        on_name = details["type"] in ("missing", "extra_forbidden")
        message = _message(details, model, where[len(at) :], where=where, complaints=complaints)
        said.setdefault((where, on_name), []).append(message)
    for (where, on_name), messages in said.items():
        complaints.problem(where, "; or ".join(dict.fromkeys(messages)), on_name=on_name)


def _is_inside(where: Where, outer: Where) -> bool:
    return len(where) > len(outer) and where[: len(outer)] == outer


def _where(details: ErrorDetails, at: Where, complaints: Complaints) -> Where:
    """Where the error is, without what pydantic adds to the way (the members of a union, functions)."""
    where: Where = (*at, *details["loc"])
    known = complaints.document.places
    end = len(where)
    while end > len(at) and where[:end] not in known:
        end -= 1
    return (*where[:end], where[-1]) if details["type"] == "missing" and end < len(where) else where[:end]


def _message(
    details: ErrorDetails, model: type[BaseModel], inside: Where, *, where: Where, complaints: Complaints
) -> str:
    if details["type"] == "extra_forbidden":
        return f"unknown setting{did_you_mean(str(inside[-1]), names_at(model, inside[:-1]))}"
    message = _words(details, secret=is_secret(model, inside))
    text = str(details["input"])
    if text and text in message and (where in complaints.document.tags or is_secret(model, inside)):
        return "the value is not of the kind that belongs here"
    return message


def _words(details: ErrorDetails, *, secret: bool) -> str:
    kind, given, context = details["type"], details["input"], details.get("ctx", {})
    match kind:
        case "enum" | "literal_error":
            expected = str(context.get("expected", ""))
            near = did_you_mean(str(given), expected.replace("'", "").replace(" or ", ", ").split(", "))
            return f"must be one of {expected}{'' if secret else near}"
        case "value_error":
            return str(context.get("error", "is not valid"))
        case "too_short" if context.get("min_length") == 1:
            return "at least one belongs here"
        case "string_type" if isinstance(given, int | float):
            return "text belongs here; put it in quotes"
    default = details["msg"][:1].lower() + details["msg"][1:]
    return _SAID.get(kind, default)
