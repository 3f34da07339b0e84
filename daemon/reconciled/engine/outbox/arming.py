"""Policies that may act although no score speaks for them: a warning with its place, never an error.

A policy is armed when its mode is ask or act. Its score says whether dry-run would have been right under
the same words; a person who approved its actions under these words has seen more than any score.
"""

from reconciled.config import Mode, Policy, Problem
from reconciled.engine.outbox.scene import Rulebook
from reconciled.engine.shadow import why_not_armed
from reconciled.ledger import decisions, shadow
from reconciled.ledger.connection import Tx


def warnings(tx: Tx | None, rules: Rulebook, *, before: Rulebook | None = None) -> list[Problem]:
    """What speaks against the policies that are armed under these rules, in the order of the config.

    Without a ledger (`tx` is None) nothing is known of any. With `before`, the rules in force until now, only
    of those that were not armed with the same words under them.
    """
    told = []
    for policy in rules.policies.values():
        if not _is_armed(policy, rules) or (before is not None and _was_armed(policy, before)):
            continue
        against = _against(tx, policy)
        if against is not None:
            told.append(Problem(policy.mark, f"policies.{policy.name}", against))
    return told


def _is_armed(policy: Policy, rules: Rulebook) -> bool:
    return rules.mode_of(policy) is not Mode.DRY_RUN


def _was_armed(policy: Policy, rules: Rulebook) -> bool:
    old = rules.policies.get(policy.name)
    return old is not None and old.words() == policy.words() and _is_armed(old, rules)


def _against(tx: Tx | None, policy: Policy) -> str | None:
    known = decisions.policy(tx, policy.name) if tx is not None else None
    if tx is None or known is None or known.words != policy.words():
        return why_not_armed(policy, None)
    if known.trusted is not None:
        return None
    return why_not_armed(policy, shadow.tally(tx, policy.name, known.since_seq))
