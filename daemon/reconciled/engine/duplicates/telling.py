"""The finding of a group of duplicates: one each, open as long as somebody is asked about the group."""

from collections.abc import Collection, Mapping
from datetime import datetime

from reconciled.duplicates.words import Band
from reconciled.ledger import findings, items, sources, tombstones
from reconciled.ledger.connection import Tx
from reconciled.ledger.groups import GroupRow, GroupState, MemberFacts
from reconciled.ledger.rows import stamp

CODE = "duplicate"
NAMED = 3
"""So many are named in a sentence."""


def show(
    tx: Tx,
    group: GroupRow,
    was: GroupState,
    members: Collection[int],
    facts: Mapping[int, MemberFacts],
    now: datetime,
) -> int | None:
    """Bring the group's finding to how it stands. Returns which it is. `was`: how the group stood before."""
    finding = findings.get(tx, group.finding_id) if group.finding_id is not None else None
    if finding is not None and finding.resolved_at is not None:
        finding = None
    if group.state is GroupState.RESOLVED:
        withdraw(tx, group, f"resolved by {group.answered_by}" if group.answered_by else "resolved", now)
        return group.finding_id
    if finding is not None and finding.item_id not in members:
        withdraw(tx, group, "another stands for them now", now)
        finding = None
    sentence = say(group, members, facts)
    if finding is None:
        finding_id = _open(tx, group, sentence, now)
    else:
        finding_id = finding.id
        findings.say(tx, finding_id, sentence)
    if finding_id is not None and group.state is GroupState.IGNORED:
        findings.ignore(tx, finding_id, by=group.answered_by or "")
    elif finding_id is not None and was is not GroupState.OPEN:
        findings.heed(tx, finding_id)
    return finding_id


def withdraw(tx: Tx, group: GroupRow, why: str, now: datetime) -> None:
    """Nobody is asked about the group any more."""
    if group.finding_id is not None:
        tombstones.resolve_finding(tx, group.finding_id, why, at=stamp(now))


def say(group: GroupRow, members: Collection[int], facts: Mapping[int, MemberFacts]) -> str:
    """Who is the same sheet as the primary, in words."""
    others = sorted(set(members) - {group.primary})
    names = [f"“{facts[one].title}”" for one in others[:NAMED]]
    rest = len(others) - len(names)
    named = ", ".join(names) + (f" and {rest} more" if rest else "")
    sheet = "seem to be" if group.band is Band.DUPLICATE else "may be"
    if len(others) == 1:
        sheet = "seems to be" if group.band is Band.DUPLICATE else sheet
    again = f"; {group.asked_again}" if group.asked_again else ""
    return f"{named} {sheet} the same sheet{again}"


def _open(tx: Tx, group: GroupRow, sentence: str, now: datetime) -> int | None:
    row = items.by_id(tx, group.primary)
    if row is None:
        return None
    return tombstones.open_finding(
        tx, CODE, source=sources.by_id(tx, row.source_id).name, item=row.item, item_id=row.id,
        seq=items.next_seq(tx), at=stamp(now), detail=sentence,
    )  # fmt: skip
