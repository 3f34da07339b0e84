"""The findings about an original's journey: what was refused, could not be uploaded, or is an older version.

Level-triggered: they are made equal to what the rows of its copies say, in the transaction that changed
these. A finding is about the original, however many targets it concerns.
"""

from collections.abc import Iterable, Mapping

from reconciled.engine.suspicion import Desk
from reconciled.ledger import contents, copies, findings, items, tombstones
from reconciled.ledger.copies import CHANGED, CONFLICT, CopyRow, CopyStatus
from reconciled.model import Presence

REFUSED, FAILED, UNMIRRORED = "refused", "upload_failed", "unmirrored"


def tell(desk: Desk, item_ids: Iterable[int]) -> None:
    """Bring the findings about these originals (and a record's status) to what their copies say."""
    for item_id in dict.fromkeys(item_ids):
        contents.records_follow(desk.tx, item_id)
        row = items.by_id(desk.tx, item_id)
        stands = row is not None and row.presence is not Presence.GONE
        said = wanted(copies.of_original(desk.tx, item_id).values()) if stands else {}
        for code in (REFUSED, FAILED, UNMIRRORED):
            known = findings.open_one(desk.tx, item_id, code)
            detail = said.get(code)
            if known is not None and detail is None:
                over = "it travels" if stands else "the original is gone"
                tombstones.resolve_finding(desk.tx, known, over, at=desk.stamp)
            elif known is not None and detail is not None:
                findings.say(desk.tx, known, detail)
            elif row is not None and detail is not None:
                tombstones.open_finding(
                    desk.tx, code, source=desk.source.name, item=row.item, item_id=item_id, seq=desk.seq,
                    at=desk.stamp, detail=detail,
                )  # fmt: skip


def wanted(rows: Iterable[CopyRow]) -> Mapping[str, str]:
    """The findings that an original's copies call for: code and sentence. Pure."""
    said: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda one: one.target):
        if row.status is CopyStatus.REFUSED:
            said.setdefault(REFUSED, []).append(row.reason)
        elif row.status is CopyStatus.FAILED:
            said.setdefault(FAILED, []).append(f"{row.target}: {row.reason}")
        elif row.status.stands and row.code in (CHANGED, CONFLICT):
            said.setdefault(UNMIRRORED, []).append(f"{row.target}: {row.reason}")
    return {code: "; ".join(dict.fromkeys(lines)) for code, lines in said.items()}
