"""Who has to be asked before an action goes out: the mode, the first batch, too many at once.

Pure: it is told what is true, and `rounds` carries out what it says. In dry-run nothing goes. A policy
is trusted with exactly what was approved: its words, its mode, and the sources as they stood
(`print_of`); anything else is a first batch. More than `max_actions` done or due within 24 h wait
together, never a trickle.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from reconciled.config import Agree, Mode, Policy
from reconciled.ledger.rows import SourceRow


class Way(StrEnum):
    """Where an action that is ready goes from here."""

    GO = "go"
    WOULD = "would"
    FIRST = "first"
    MANY = "many"
    ASK = "ask"

    @property
    def waits(self) -> bool:
        """Whether somebody has to be asked."""
        return self in (Way.FIRST, Way.MANY, Way.ASK)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate looks at. `count` is how many destructive ones were done or come due within 24 h,
    `print` what an approval given now would be for."""

    mode: Mode
    destructive: bool
    approved: bool
    trusted: bool
    asked_already: bool
    nameless: bool
    count: int
    most: int
    print: str = ""


def judge(facts: Facts) -> Way:
    """The way of one action that is ready. An approval lifts the asking, and nothing else."""
    if facts.mode is Mode.DRY_RUN:
        return Way.WOULD
    if facts.approved:
        return Way.GO
    if facts.mode is Mode.ASK or (facts.destructive and facts.nameless):
        return Way.ASK
    if not facts.destructive:
        return Way.GO
    if not facts.trusted:
        return Way.FIRST
    if facts.count > facts.most or facts.asked_already:
        return Way.MANY
    return Way.GO


def print_of(policy: Policy, mode: Mode, known: Iterable[SourceRow]) -> str:
    """What an approval is given for: the policy's words, the mode, and the sources that it has to do with."""
    named = {step.target for step in policy.then} | policy.sources
    named |= set() if isinstance(policy.agree, Agree) else policy.agree
    everyone = policy.agree is Agree.ALL or not policy.sources
    with_it = [
        (source.id, source.name, source.generation)
        for source in known
        if source.state == "active" and (everyone or source.name in named)
    ]
    said = repr((policy.words(), str(mode), sorted(with_it)))
    return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()
