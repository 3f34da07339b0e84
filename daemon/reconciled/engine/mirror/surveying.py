"""What is to be done about the originals of one fileset: the ledger's rows against what the items are now.

An original without a row gets one for each target. One that changed is looked at anew: where its bytes
are the same by the app's word nothing travels, where they may be newer they are fetched and compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciled.config import Mirror
from reconciled.engine.mirror.originals import fileset_attr, original_of, sha256_of
from reconciled.engine.suspicion import Desk
from reconciled.ledger import copies, items, journeys, pairs
from reconciled.ledger.copies import CONFLICT, CopyRow, CopyStatus, Original
from reconciled.ledger.rows import ItemRow
from reconciled.model import Item, Presence


@dataclass(frozen=True, slots=True)
class Journey:
    """One original that is to travel, and the rows of the targets that wait for it.

    `etag` is the app's name of the bytes that all of these targets hold already, as far as they do: when the
    app says that they are still those, nothing travels.
    """

    row: ItemRow
    original: Original
    copies: tuple[CopyRow, ...]
    etag: str | None

    @property
    def item(self) -> Item:
        """The original."""
        return self.row.item


def survey(desk: Desk, mirror: Mirror, item_ids: Sequence[int], targets: Sequence[str]) -> list[Journey]:
    """The journeys of these originals to these targets. New rows are written."""
    attr = fileset_attr(desk.live.source)
    found: list[Journey] = []
    for item_id in item_ids:
        row = items.by_id(desk.tx, item_id)
        if row is None or not row.current or row.presence is not Presence.PRESENT:
            continue
        original = original_of(row, desk.source.name, attr)
        known = copies.of_original(desk.tx, item_id)
        wanting = [
            copy
            for target in targets
            if (copy := _wanting(desk, mirror, original, row.item, known.get(target), target)) is not None
        ]
        if wanting:
            found.append(Journey(row, original, tuple(wanting), _common_etag(wanting)))
    return found


def _wanting(
    desk: Desk, mirror: Mirror, original: Original, item: Item, copy: CopyRow | None, target: str
) -> CopyRow | None:
    """The row as it waits for the original's bytes; None when it does not."""
    if copy is None:
        return journeys.enroll(desk.tx, mirror.name, original, target, at=desk.stamp)
    if copy.status in (CopyStatus.PROCESSING, CopyStatus.REMOVED) or copy.twin is not None:
        return None
    if pairs.comes_back(desk.tx, copy) or not _is_there(desk, copy):
        return None
    if copy.code == CONFLICT and copy.sha256 is not None and copy.sha256 == sha256_of(item):
        return copy  # it is again what it was, so that it is in conflict no more
    same = copy.version == original.version or (copy.sha256 or "?") == sha256_of(item)
    looked_at = copy.print == original.print
    if copy.status is CopyStatus.PENDING:
        if copy.next_try > desk.now:
            return None
        anew = None if same else CopyStatus.PENDING
    elif copy.status in (CopyStatus.FAILED, CopyStatus.REFUSED):
        judged_anew = copy.print is None or not same
        anew = CopyStatus.PENDING if judged_anew else None
        if not judged_anew:
            journeys.look_anew(desk.tx, copy.id, original, at=desk.stamp)
            return None
    elif same or looked_at or copy.status is CopyStatus.MISSING:
        journeys.look_anew(desk.tx, copy.id, original, at=desk.stamp)
        return None
    else:
        return copy  # it stands in the target; whether its bytes are older ones, fetching tells
    journeys.look_anew(desk.tx, copy.id, original, at=desk.stamp, status=anew)
    return copies.get(desk.tx, copy.id)


def _is_there(desk: Desk, copy: CopyRow) -> bool:
    """Whether a copy that stands is there, as far as the ledger knows: else its loss is looked into first."""
    copied = items.by_id(desk.tx, copy.target_item) if copy.target_item is not None else None
    return not copy.status.stands or copied is None or copied.presence is Presence.PRESENT


def _common_etag(wanting: Sequence[CopyRow]) -> str | None:
    """The version of the bytes that every one of these targets holds."""
    etags = {copy.etag if copy.status.stands else None for copy in wanting}
    return etags.pop() if len(etags) == 1 else None
