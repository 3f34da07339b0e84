"""What one look at an action says: do it, drop it, or look again later."""

from dataclasses import dataclass
from enum import StrEnum

from reconciled.config import Policy
from reconciled.engine.outbox.policy import Case
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.shown import Told
from reconciled.ledger.actions import UNWANTED
from reconciled.model import Key

AGAIN, LONGEST = 300.0, 3600.0
"""What has to wait for others is looked at again after so long; news from an app makes it sooner."""


class Outcome(StrEnum):
    """What one look says."""

    DROP = "drop"
    LATER = "later"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one look says of an action, and why.

    `until` is when to look again (reckoned), `due` when its grace is over, as far as can be told;
    `scans` are sources to be read first; `keys` must be denied, or be without a file, once more. `told` is
    what was shown of a paper that stays for it: its app is asked once more, too.
    """

    outcome: Outcome
    reason: str
    code: str = ""
    until: float = 0.0
    due: float | None = None
    scans: frozenset[str] = frozenset()
    keys: tuple[tuple[str, Key], ...] = ()
    policy: Policy | None = None
    case: Case | None = None
    told: Told | None = None

    @property
    def nameless(self) -> bool:
        """No strong ref says which thing it is: only a person can want it."""
        return self.case is not None and not self.case.thing.spaces


def drop(reason: str, code: str = UNWANTED) -> Weighed:
    """It is not to be done."""
    return Weighed(Outcome.DROP, reason, code)


def later(scene: Scene, reason: str, code: str, *, wait: float = AGAIN) -> Weighed:
    """It has to wait."""
    return Weighed(Outcome.LATER, reason, code, until=scene.now + wait)
