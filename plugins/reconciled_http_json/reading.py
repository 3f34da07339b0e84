"""From the app's answers to items, by what the config says of them."""

from reconciled.errors import BadResponse
from reconciled.model import Item, Json, Key, Ref, refs
from reconciled_http_json.config import Absence, Fields, HttpJsonConfig
from reconciled_http_json.places import MISSING, at, text_at

KIND = "item"
_NOTHING = frozenset({"-", "-1", "?", "n/a", "na", "nan", "nil", "none", "null", "undefined", "unknown"})
"""What apps write where they know nothing: a ref of it would make one thing of all such items."""


def item_of(record: Json, config: HttpJsonConfig, *, where: str) -> Item:
    """The record as an item. BadResponse when it has no id, or `has_file` is neither true nor false."""
    fields = config.item
    name = text_at(record, fields.id)
    if not name:
        raise BadResponse(f"{where}: an item without an id at {fields.id}")
    path = text_at(record, fields.path)
    return Item(
        key=Key(KIND, name),
        title=text_at(record, fields.title) or f"{KIND} {name}",
        refs=refs(
            *(Ref.of(space, _named(record, place)) for space, place in fields.refs.items()),
            Ref.of("path", path),
        ),
        attrs={label: _shown(record, place) for label, place in fields.attrs.items()},
        has_file=_has_file(record, fields, where),
        path=path,
        refers=config.refers,
    )


def says_no(answer: Json, absence: Absence) -> bool:
    """Whether these are the app's own words for "no such item"; the status was looked at before."""
    said = at(answer, absence.path)
    return type(said) is type(absence.value) and said == absence.value


def _has_file(record: Json, fields: Fields, where: str) -> bool | None:
    if fields.has_file is None:
        return None
    match at(record, fields.has_file):
        case bool() as said:
            return said
        case None:
            return None
        case said if said is MISSING:
            return None
        case said:
            raise BadResponse(f"{where}: {fields.has_file} is {str(said)[:50]!r}, neither true nor false")


def _named(record: Json, place: str) -> str | None:
    text = text_at(record, place)
    return None if text is None or text.strip().casefold() in _NOTHING else text


def _shown(record: Json, place: str) -> Json:
    found = at(record, place)
    return found if isinstance(found, str | int | float | bool) else None
