"""Who did it: pure functions over the evidence of a story.

The cause is that of the earliest evidence that names an app or a person; with none it is
`external`: only a scan, or an app that found a file missing, noticed it. What a policy of ours
deleted in consequence is no cause: only a story that our act began is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciled.ledger.tombstones import Evidence

EXTERNAL = "external"
OURS = "reconciled"


@dataclass(frozen=True, slots=True)
class Attribution:
    """A cause (an app's name, `dashboard`, `reconciled`, `external`), the actor if known, and a sentence."""

    cause: str
    actor: str | None
    sentence: str


def attribute(evidence: Sequence[Evidence], *, title: str) -> Attribution:
    """Judge a story's evidence, given in the ledger's order."""
    ordered = sorted(evidence, key=lambda found: found.seq)
    consequences = [found for found in ordered[1:] if found.how == "action" and found.cause == OURS]
    naming = next((found for found in ordered if found.cause and found not in consequences), None)
    proof = next((found.said for found in evidence if found.how == "lookup"), None)
    proved = f"; proved by {proof}" if proof else ""
    if naming is None:
        noticed = next(
            (found.said for found in evidence if found.how != "lookup"), "a scan no longer lists it"
        )
        return Attribution(EXTERNAL, None, f"System (external detection): {title}: {noticed}{proved}")
    by = f", by {naming.actor}" if naming.actor else ""
    return Attribution(naming.cause or EXTERNAL, naming.actor, f"{title}: {naming.said}{by}{proved}")
