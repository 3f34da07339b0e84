"""Before-images: what a target was right before it was changed, kept with the action that changed it.

An image holds what the app showed at the last look, and the app's own record where its class hands one
out. Undoing asks it two things: is it of the thing that the action was about, and was the effect there
before the action already, so that taking it away would take what was not ours to take.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from reconciled.config import Verb
from reconciled.engine.identity import Sameness, compare
from reconciled.ledger.actions import ActionRow
from reconciled.model import Item, Json, Ref


@dataclass(frozen=True, slots=True)
class Image:
    """A target as it was. `record` is what the app handed out, None where it hands out nothing."""

    title: str
    refs: frozenset[Ref]
    attrs: Mapping[str, Json]
    has_file: bool | None
    record: Json


def draw(item: Item, record: Json) -> str:
    """The image of an item, as the ledger keeps it."""
    return msgspec.json.encode(
        {
            "title": item.title, "refs": sorted(map(str, item.refs)), "attrs": dict(item.attrs),
            "path": item.path, "root": item.root, "has_file": item.has_file, "record": record,
        }
    ).decode()  # fmt: skip


def image_of(row: ActionRow) -> Image | None:
    """What was kept before the action; None when nothing was, or nothing that can be read."""
    try:
        kept: Any = msgspec.json.decode(row.before) if row.before else None
        return Image(
            kept["title"], frozenset(map(Ref.parse, kept["refs"])), kept["attrs"], kept["has_file"],
            kept["record"],
        )  # fmt: skip
    except (msgspec.DecodeError, LookupError, TypeError, ValueError):
        return None


def is_of_another(image: Image, item: Item) -> bool:
    """Whether bringing back what was kept would bring back another thing than the item, or might."""
    return compare(image.refs, item.refs) in (Sameness.OTHER, Sameness.DISPUTED)


def wears(attrs: Mapping[str, Json], label: str) -> bool | None:
    """Whether an item with these attrs has the label, as apps compare them; None when it does not tell."""
    tags = attrs.get("tags")
    if not isinstance(tags, list):
        return None
    return label.strip().casefold() in {str(one).casefold() for one in tags}


def was_so_before(row: ActionRow) -> str | None:
    """A sentence when the target had before what the action gave it, so that there is nothing to undo."""
    image = image_of(row)
    if image is None:
        return None
    tagged, monitored = wears(image.attrs, row.label), image.attrs.get("monitored")
    match Verb(row.verb):
        case Verb.TAG if tagged is True:
            return f"it had the tag {row.label} before, so there is nothing to take off"
        case Verb.UNTAG if tagged is False:
            return f"it did not have the tag {row.label} before, so there is nothing to put back"
        case Verb.MONITOR if monitored is True:
            return "it was monitored before, so there is nothing to undo"
        case Verb.UNMONITOR if monitored is False:
            return "it was not monitored before either, so there is nothing to undo"
    return None
