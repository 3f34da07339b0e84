"""The shadow score: what dry-run would have done, judged by what the world turned out to be.

An act that would have been sent is `wrong` when what was lost shows up again, or a person says no to it;
`right` when the loss still stands after seven days in which its source was watched, or somebody did the
same by hand; `open` until then. What is right still becomes wrong when the thing comes back within 30 days.
All of this is pure: `engine.outbox.witness` keeps what would have been done and reads the ledger for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from reconciled.config import Policy, Verb
from reconciled.ledger.rows import ItemRow
from reconciled.ledger.shadow import Counts, Tally
from reconciled.model import Item, Presence, Ref, What

WATCHED = 7 * 86400.0
"""A loss that still stands after so many seconds of watched time was one."""
COMES_BACK = 30 * 86400.0
"""What was judged right is looked at for so many seconds more."""
MAKING = (Verb.MONITOR, Verb.RESTORE)
"""Verbs that are there to bring a thing back."""
TAKING = frozenset(verb for verb in Verb if verb.destructive)
"""Verbs that a policy's score has to speak for."""
_DID = {
    Verb.DELETE: "deleted",
    Verb.UNMONITOR: "stopped monitoring",
    Verb.UNTAG: "untagged",
    Verb.TAG: "tagged",
    Verb.MONITOR: "monitored",
    Verb.RESTORE: "restored",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the world says of an act that would have been done; each text is a sentence without its stop.

    `refused`: a person said no. `back`: what was lost shows again. `wanted`: what it would have acted on is
    wanted after all. `done`: somebody did the same. `doubt`: why nothing can be told yet. `watched`: for how
    many seconds `losing` was watched since.
    """

    verb: Verb
    losing: str
    refused: str | None = None
    back: str | None = None
    wanted: str | None = None
    done: str | None = None
    doubt: str | None = None
    watched: float = 0.0
    was_right: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """`right` or `wrong`, and why."""

    verdict: str
    why: str


def judge(facts: Facts) -> Judgement | None:
    """What the world says of it; None while it says nothing, or nothing new."""
    if facts.was_right:
        if facts.back is None or facts.verb in MAKING:
            return None
        return Judgement("wrong", f"{facts.back}, after it had counted as right")
    if facts.refused is not None:
        return Judgement("wrong", facts.refused)
    if facts.verb in MAKING and facts.done is None and facts.back is not None:
        return Judgement("right", f"{facts.back}, which is what it was for")
    if facts.verb not in MAKING:
        against = facts.back or facts.wanted
        if against is not None:
            return Judgement("wrong", against)
    if facts.done is not None:
        return Judgement("right", facts.done)
    if facts.doubt is None and facts.watched >= WATCHED:
        return Judgement("right", f"it was still lost after 7 days in which {facts.losing} was watched")
    return None


# --- what is looked at -----------------------------------------------------------------------------


class Was(msgspec.Struct, frozen=True):
    """What would have been acted on, as it was then; None: its app does not say."""

    file: bool | None = None
    monitored: bool | None = None
    tagged: bool | None = None


def as_it_is(item: Item, label: str) -> Was:
    monitored = item.attrs.get("monitored")
    return Was(
        file=item.has_file,
        monitored=monitored if isinstance(monitored, bool) else None,
        tagged=label.casefold() in labels_of(item.attrs) if label else None,
    )


def shows(row: ItemRow, what: str, path: str | None) -> bool:
    """Whether a row of the ledger shows that the thing is there: for a lost file, its file."""
    item = row.item
    if item.refers or not row.current or row.presence is not Presence.PRESENT:
        return False
    if path is not None and item.path != path and Ref("path", path) not in item.refs:
        return False
    return what == What.ENTRY or item.has_file is not False


def labels_of(attrs: Mapping[str, object]) -> frozenset[str]:
    """The tags of an item, in small letters; none where they cannot be read."""
    tags = attrs.get("tags")
    return frozenset(str(tag).casefold() for tag in tags) if isinstance(tags, list) else frozenset()


# --- what a score says ----------------------------------------------------------------------------


def say(tally: Tally) -> str:
    """A score in one sentence: "would have deleted 9: 7 right, 0 wrong, 2 open"."""
    if not tally.verbs:
        return "dry-run has had nothing to do for it so far"
    return "; ".join(
        f"would have {_DID[Verb(verb)]} {_counted(counts)}" for verb, counts in tally.verbs.items()
    )


def _counted(counts: Counts) -> str:
    return f"{counts.would}: {counts.right} right, {counts.wrong} wrong, {counts.open} open"


def why_not_armed(policy: Policy, tally: Tally | None) -> str | None:
    """What speaks against a policy that may act, judging by its score; None when nothing does.

    That its tags were right says nothing of what it takes away.
    """
    if not policy.destructive:
        return None
    tally = tally or Tally(None, {})
    whole, counts = tally.whole, tally.among(TAKING)
    if whole.wrong:
        return f"armed with {whole.wrong} of {whole.judged} wrong; `reconciled policies` says which, and why"
    if counts.judged:
        return None
    if counts.open:
        known = f"what dry-run would have done ({counts.open} so far) is not judged yet"
    else:
        known = "it has never been watched in dry-run"
    return (
        f"armed without a score: {known}; `mode: dry-run` for a week shows what it would do, "
        "and its first actions are asked in any case"
    )
