"""The keeper: a duplicate is deleted only while the paper that stays for it stands, and is what was shown.

Asked twice. `against` is what the ledger says, in the transaction that sends; `against_seen` what the apps
say a moment before: the keeper is shown, as the same thing with the same file, and the texts of both are
still those that a person compared; what has no words has to say which bytes it has. Trouble makes the
deletion wait; a definite no drops it. Both are pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciled.engine.outbox.shown import Paper, Told, is_still, tells_bytes
from reconciled.engine.outbox.standing import Standing
from reconciled.model import Absent, Answer, Item

KEEPER = "keeper"
"""The code of a deletion that is dropped because of what was to stay for it."""


@dataclass(frozen=True, slots=True)
class Against:
    """What speaks against a deletion because of its keeper. `waits`: it may pass by itself."""

    reason: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ledger says of a victim and its keeper now.

    `item` is the keeper (None: forgotten), `victim` what is to go. `runs`: the keeper's source is in the
    config. `trouble` is why nobody can be asked there. `one` says why both are one thing in their app,
    `along` why the keeper would go with the victim. `deleting` is what deletes the keeper, `keeping` what
    the victim itself is kept for. `different` said that they are not the same, `left` since the order that
    nothing is to be done about them, `chosen` that the victim stays. `texts` are the prints of the texts now.
    """

    shown: Told | None
    item: Item | None
    victim: Item | None
    standing: Standing = Standing.PRESENT
    current: bool = True
    runs: bool = True
    trouble: str | None = None
    one: str | None = None
    along: str | None = None
    deleting: str | None = None
    keeping: str | None = None
    different: str | None = None
    left: str | None = None
    chosen: str | None = None
    texts: Mapping[int, str | None] = field(default_factory=dict)


def against(facts: Facts) -> Against | None:
    """What the ledger has against the deletion: what is definite first, then what may pass."""
    if facts.shown is None or facts.item is None or facts.victim is None:
        return Against("the ledger no longer knows what was to stay for it")
    stays = facts.shown.primary
    definite = (
        _not_there(facts, stays)
        or facts.one
        or facts.along
        or facts.deleting
        or facts.keeping
        or (f"{facts.different} said that it is no duplicate of {stays.name}" if facts.different else None)
        or (f"{facts.left} answered since that nothing is to be done about it" if facts.left else None)
        or (f"{facts.chosen} chose since that it stays" if facts.chosen else None)
        or _changed(facts)
    )
    if definite:
        return Against(definite)
    if facts.trouble:
        return Against(facts.trouble, waits=True)
    if facts.standing is not Standing.PRESENT:
        return Against(f"{stays.name}, which stays for it, is {facts.standing}", waits=True)
    return None


def _not_there(facts: Facts, stays: Paper) -> str | None:
    if not facts.runs:
        return f"{stays.source}, which has what stays for it, left the config"
    if facts.standing is Standing.GONE:
        return f"{stays.name}, which was to stay for it, is gone from {stays.source}"
    if not facts.current:
        return f"{stays.key} of {stays.source} names another thing now than {stays.name}"
    if facts.standing is Standing.FILELESS:
        return f"{stays.name}, which was to stay for it, has no file"
    return None


def _changed(facts: Facts) -> str | None:
    """What of the two is no longer as it was shown."""
    assert facts.shown is not None  # noqa: S101 - narrows the type
    for paper, item in ((facts.shown.primary, facts.item), (facts.shown.others[0], facts.victim)):
        assert item is not None  # noqa: S101 - narrows the type
        if (odd := is_still(paper, item)) is not None:
            return odd
        if facts.texts.get(paper.item) != paper.text:
            return f"{paper.name} has another text than was shown"
    return None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the apps said just now: the keeper and the victim as they are shown, and the prints of the texts.

    A text that was asked for and not told is not in `texts`. `trouble` is why somebody could not be asked.
    """

    keeper: Answer | None
    victim: Answer | None = None
    texts: Mapping[int, str] = field(default_factory=dict)
    trouble: str | None = None


def against_seen(shown: Told, seen: Seen) -> Against | None:
    """What the apps have against the deletion: what is definite first, then what may pass."""
    stays = shown.primary
    if definite := _gone(stays, seen.keeper) or _other(shown, seen):
        return Against(definite)
    if seen.trouble is not None:
        return Against(seen.trouble, waits=True)
    if not isinstance(seen.keeper, Item):
        return Against(f"{stays.source} gave no answer about {stays.name}", waits=True)
    for paper, answer in ((stays, seen.keeper), (shown.others[0], seen.victim)):
        if paper.words and paper.item not in seen.texts:
            return Against(f"{paper.source} did not hand out the text of {paper.name}", waits=True)
        if not paper.words and isinstance(answer, Item) and not tells_bytes(paper, answer):
            said = f"{paper.source} does not say which bytes {paper.name} has now"
            return Against(said, waits=True)
    return None


def _gone(stays: Paper, answer: Answer | None) -> str | None:
    """How the keeper is shown not to stay."""
    if isinstance(answer, Absent):
        return f"{stays.source} no longer has {stays.name}, which was to stay for it: {answer.said}"
    if isinstance(answer, Item) and answer.has_file is False:
        return f"{stays.name}, which was to stay for it, has no file"
    return None


def _other(shown: Told, seen: Seen) -> str | None:
    """What of the two is shown to be another thing than it was, or the same."""
    stays, goes = shown.primary, shown.others[0]
    for paper, answer in ((stays, seen.keeper), (goes, seen.victim)):
        if isinstance(answer, Item) and (odd := is_still(paper, answer)) is not None:
            return odd
        if seen.texts.get(paper.item, paper.text) != paper.text:
            return f"{paper.name} has another text than was shown"
    if (stays.source, stays.key) == (goes.source, goes.key):
        return f"{stays.name} and {goes.name} are one and the same in {stays.source}"
    return None
