"""Whether an action could be undone, in few words, from what its target's class can do: pure.

Said with every action before it is done, so that whoever answers for it knows. What became of the one
item is asked of the app only when it is to be undone (see `undo`).
"""

from typing import Any

from reconciled.config import Verb
from reconciled.engine.outbox.by_hand import Order, cannot
from reconciled.model import Key
from reconciled.source import Captures, Restores, Source

NO = "cannot be undone"
YES = "can be undone"
TRASH = "in its trash"


def undoing(verb: Verb) -> Verb | None:
    """The verb that undoes another; None where none does."""
    return Verb.RESTORE if verb is Verb.DELETE else verb.opposite


def can_undo(source: Source[Any], name: str, verb: Verb, *, label: str = "") -> bool:
    """Whether its class can do what would undo it."""
    back = undoing(verb)
    return back is not None and cannot(source, Order(back, name, Key("", ""), label=label), name) is None


def outlook(
    source: Source[Any] | None, name: str, verb: Verb, *, files: bool = False, label: str = ""
) -> str | None:
    """Such as "can be undone, without its files"; None for what changes nothing in any app."""
    if verb.telling:
        return None
    if source is None or not can_undo(source, name, verb, label=label):
        return NO
    if verb is not Verb.DELETE:
        return YES
    if isinstance(source, Restores) and not isinstance(source, Captures):
        return f"{YES} while {name} keeps it {TRASH}"
    return f"{YES}, without its files" if files else YES
