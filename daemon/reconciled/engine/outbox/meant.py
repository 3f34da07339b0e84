"""What a done action was about, and whether an item still is that: asked before the action is undone.

A row of the ledger can be re-identified: the same file, another film. An order by hand keeps the strong
refs that its item had; what a policy did was about the thing that was lost. Only where neither says
anything does the title have to, since nothing else names what has no strong refs.
"""

from reconciled.engine.identity import Sameness, compare
from reconciled.ledger import findings, views_losses
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow, unpack
from reconciled.model import Ref


def still_is(tx: Tx, row: ItemRow, acted: ActionRow) -> bool:
    """Whether the item is what the action was about."""
    if row.id != acted.item_id:
        return False
    meant = {ref for one in acted.refs.split("\n") if one and (ref := Ref.parse(one)).strong}
    if meant:
        return not meant.isdisjoint(row.item.strong_refs)
    sameness = compare(_lost(tx, acted), row.item.refs)
    if sameness is Sameness.UNRELATED:
        return row.item.title == acted.title
    return sameness is not Sameness.OTHER


def _lost(tx: Tx, acted: ActionRow) -> frozenset[Ref]:
    """The refs of what a policy acted for, as it was when it was lost; none when nothing tells."""
    finding = findings.get(tx, acted.finding_id) if acted.finding_id is not None else None
    if finding is not None and finding.image:
        return unpack(finding.image.encode()).refs
    tombstones = views_losses.of_story(tx, acted.story_id) if acted.story_id is not None else []
    return frozenset(Ref.parse(ref) for tombstone in tombstones for ref in tombstone.refs)
