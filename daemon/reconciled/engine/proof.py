"""Asking an app about suspects so that its no can be believed: between two yeses.

Where the app answers several lookups in one request, the control stands in the same request.
Elsewhere it is asked before and after, at most 60 s apart. The control is an item of the same
source and kind that is no suspect, the one first seen last; that one denied, one at random. What
was first seen after a suspicion began, or that no scan of the world we know has listed, cannot vouch:
another instance, or a restored backup that people go on with, would vouch for itself.
"""

import asyncio
from collections.abc import Mapping, Sequence

from reconciled.engine.live import LiveSource
from reconciled.engine.verdict import Testimony, is_yes, needs_yes, testify, unknown
from reconciled.errors import SourceError
from reconciled.ledger import items
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Answer, Item, Key
from reconciled.source import LooksUpMany

MOST = 50
"""The most lookups between two yeses."""


async def prove(
    live: LiveSource, ledger: Ledger, keys: Sequence[Key], *, before: int | None = None
) -> dict[Key, Testimony]:
    """Ask about every key once. Never raises for trouble: that is the verdict `unknown`, with the reason.

    `before` is when the oldest suspicion about them began; None takes any control.
    """
    found: dict[Key, Testimony] = {}
    for kind in sorted({key.kind for key in keys}):
        mine = [key for key in keys if key.kind == kind]
        while mine:
            many = live.looks_up_many
            size = max(1, many.batch - 1) if many else live.bracket
            group, mine = mine[:size], mine[size:]
            controls = await controls_for(live, ledger, kind, besides=group, before=before)
            found |= await (
                _together(live, many, group, controls) if many else _in_turn(live, group, controls)
            )
            if not live.answers:
                found |= {key: unknown(key, live.health.detail) for key in mine}
                break
    return found


async def has_a_yes(live: LiveSource, ledger: Ledger, kind: str, *, before: int | None = None) -> bool:
    """Whether any control of that kind is shown now."""
    for control in await controls_for(live, ledger, kind, besides=[], before=before):
        try:
            if is_yes(control, await live.lookup(control.key)):
                return True
        except SourceError:
            return False
    return False


async def shows_all(live: LiveSource, ledger: Ledger, kinds: Sequence[str]) -> bool:
    """Whether a control of each of these kinds is shown now; asked in one request where the app can."""
    many = live.looks_up_many
    if many is None or len(kinds) > many.batch:
        for kind in kinds:
            if not await has_a_yes(live, ledger, kind):
                return False
        return True
    left = list(kinds)
    for most in (1, 2):  # the one first seen last; that one denied, one at random
        asked = await ledger.read(_controls_of, live.id, left, most)
        if len(asked) < len(left):
            return False
        try:
            answers = await live.lookup_many(many, [control.key for control in asked.values()])
        except SourceError:
            return False
        left = [kind for kind, control in asked.items() if not is_yes(control, answers.get(control.key))]
        if not left:
            return True
    return False


def _controls_of(tx: Tx, source_id: int, kinds: Sequence[str], most: int) -> dict[str, Item]:
    """The `most`-th control of each kind, where there are so many."""
    known = {kind: items.controls(tx, source_id, kind, besides=[], before=None, most=most) for kind in kinds}
    return {kind: rows[most - 1].item for kind, rows in known.items() if len(rows) >= most}


async def controls_for(
    live: LiveSource, ledger: Ledger, kind: str, *, besides: Sequence[Key], before: int | None
) -> list[Item]:
    """The controls to use, in order."""
    rows = await ledger.read(lambda tx: items.controls(tx, live.id, kind, besides=besides, before=before))
    return [row.item for row in rows]


async def _together(
    live: LiveSource, many: LooksUpMany, keys: Sequence[Key], controls: Sequence[Item]
) -> dict[Key, Testimony]:
    control: Item | None = None
    answers: dict[Key, Answer] = {}
    for control in _or_none(controls):
        try:
            answers = await live.lookup_many(many, [*keys, *([control.key] if control is not None else [])])
        except SourceError as error:
            return {key: unknown(key, str(error)) for key in keys}
        if control is None or is_yes(control, answers.get(control.key)):
            break
    yes = control is not None and is_yes(control, answers.get(control.key))
    return {
        key: testify(key, answers.get(key), yes=yes, seconds=0.0, control=control, trouble={}) for key in keys
    }


async def _in_turn(live: LiveSource, keys: Sequence[Key], controls: Sequence[Item]) -> dict[Key, Testimony]:
    """One bracket with the first control; another with the next when that one was denied."""
    found: dict[Key, Testimony] = {}
    for control in _or_none(controls):
        left = [key for key in keys if key not in found or found[key].no_yes]
        found |= await _bracket(live, left, control)
        if not live.answers or not any(found[key].no_yes for key in keys):
            break
    return found


async def _bracket(live: LiveSource, keys: Sequence[Key], control: Item | None) -> dict[Key, Testimony]:
    trouble: dict[Key, str] = {}
    before = None if control is None else await _ask(live, control.key, trouble)
    if control is not None and control.key in trouble:
        return {key: unknown(key, trouble[control.key]) for key in keys}
    began = live.clock.monotonic()
    answers = dict(zip(keys, await asyncio.gather(*(_ask(live, key, trouble) for key in keys)), strict=True))
    after = before
    if control is not None and is_yes(control, before) and any(map(needs_yes, answers.values())):
        after = await _ask(live, control.key, trouble)
        if control.key in trouble:
            return _presences(keys, answers, trouble[control.key])
    seconds = live.clock.monotonic() - began
    if seconds > 30:
        live.bracket = max(1, live.bracket // 2)
    elif seconds < 10:
        live.bracket = min(MOST, live.bracket * 2)
    yes = control is not None and is_yes(control, before) and is_yes(control, after)
    return {
        key: testify(key, answer, yes=yes, seconds=seconds, control=control, trouble=trouble)
        for key, answer in answers.items()
    }


def _presences(
    keys: Sequence[Key], answers: Mapping[Key, Answer | None], reason: str
) -> dict[Key, Testimony]:
    """What was shown is shown; every no is worth nothing without the second yes."""
    shown = {key: answer for key, answer in answers.items() if isinstance(answer, Item)}
    return {
        key: testify(key, shown[key], yes=False, seconds=0.0, control=None, trouble={})
        if key in shown
        else unknown(key, reason)
        for key in keys
    }


def _or_none(controls: Sequence[Item]) -> list[Item | None]:
    """The controls to try in turn; None alone where nothing else is known."""
    return [*controls] or [None]


async def _ask(live: LiveSource, key: Key, trouble: dict[Key, str]) -> Answer | None:
    try:
        return await live.lookup(key)
    except SourceError as error:
        trouble[key] = str(error)
        return None
