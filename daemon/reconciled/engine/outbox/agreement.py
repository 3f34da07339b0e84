"""Whether every source that is asked agrees: pure. "I don't know" is not agreement.

A source agrees when each key that it has for the thing is denied (for a lost file: or has none), or
when it has no key and a good scan begun after the loss shows none of its refs. Being a target
excuses only from what the verb needs: the target of `delete` is not asked, that of any other verb is
asked for its file and not for its entry.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reconciled.config import Agree, Copies, Policy, Step, Verb
from reconciled.engine.outbox.policy import effective_what
from reconciled.engine.outbox.thing import Copy, Standing, Thing
from reconciled.model import Key, What


@dataclass(frozen=True, slots=True)
class Asked:
    """A source as the ledger knows it. `good` is when its last good scan began, 0: there was none."""

    name: str
    frozen: bool
    scanned: int
    good: int
    spaces: frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who does not agree, each with why; whose scan is awaited; and which keys must be denied once more.

    `keys` are pairs of a source and a key that was denied or has no file: both must still be true.
    """

    against: tuple[str, ...] = ()
    scans: frozenset[str] = frozenset()
    keys: tuple[tuple[str, Key], ...] = ()


def asked(policy: Policy, thing: Thing, *, losing: str, known: Collection[Asked]) -> list[Asked]:
    """Whom the policy asks about the thing, besides the source that lost it."""
    others = [source for source in known if source.name != losing]
    if policy.agree is Agree.NONE:
        return []
    if not isinstance(policy.agree, Agree):
        return [source for source in others if source.name in policy.agree]
    holders = {copy.source for copy in thing.others}
    return [
        source
        for source in others
        if source.spaces & thing.spaces or source.name in holders or not source.scanned
    ]


def agreement(
    policy: Policy, step: Step, thing: Thing, *, losing: str, since: int, known: Collection[Asked]
) -> Agreement:
    """Whether the sources agree that the step may be done. `since` is when the finding opened."""
    narrowed = thing.at(thing.lost.path or "") if policy.copies is Copies.EACH else thing
    what = effective_what(policy, thing)
    against: list[str] = []
    scans: set[str] = set()
    keys: list[tuple[str, Key]] = []
    for source in asked(policy, thing, losing=losing, known=known):
        if source.name == step.target and step.verb is Verb.DELETE:
            continue
        need = What.FILE if source.name == step.target else what
        if source.frozen:
            against.append(f"{source.name} left the config, so what it holds is not known")
        elif not source.scanned:
            against.append(f"{source.name} was never read to its end")
        else:
            copies = narrowed.of(source.name)
            against += _objections(source.name, copies, need)
            keys += [(source.name, copy.item.key) for copy in copies if copy.row.current]
            if source.good <= since and all(copy.standing is Standing.GONE for copy in copies):
                scans.add(source.name)  # under a key that nobody has read it may still hold it
    keys += [(losing, copy.item.key) for copy in narrowed.of(losing) if copy.row.current]
    return Agreement(tuple(against), frozenset(scans), tuple(keys))


def _objections(source: str, copies: Sequence[Copy], need: What) -> list[str]:
    """Why each copy that does not agree does not."""
    said = []
    for copy in copies:
        match copy.standing:
            case Standing.GONE:
                continue
            case Standing.FILELESS if need is What.FILE:
                continue
            case Standing.PRESENT | Standing.FILELESS:
                has = "has a file of it" if copy.item.has_file else "still has it"
                said.append(f"{source} {has} ({copy.item.key})")
            case Standing.DISPUTED:
                said.append(
                    f"{source} holds {copy.item.title!r} ({copy.item.key}) under refs that contradict it"
                )
            case _:
                said.append(f"{copy.item.key} of {source} is {copy.standing}")
    return said
