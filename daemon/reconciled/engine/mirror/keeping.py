"""What becomes of copies: when the original went, when the copy went, and when either is back.

A copy that we made belongs to its originals: as long as one of them is not proved gone it is kept for
that one. A copy that was found there is somebody's own: it is let go of, and left. One that somebody else
deleted is not brought again; a person hears of it and decides. `fate` says all of this of one row, as a
pure function; everything is judged from the ledger as it stands, so a pass that was cut off loses nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from reconciled.engine.suspicion import Desk
from reconciled.ledger import (
    acted,
    actions,
    contents,
    copies,
    copies_of,
    findings,
    items,
    keepers,
    sources,
    suspects,
    tombstones,
)
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import CopyRow, CopyStatus, How
from reconciled.ledger.rows import ItemRow
from reconciled.model import Key, Presence

LEFT = "left"
"""The code of a removed copy that was found there: it stands."""
KEPT = "kept"
"""The code of a removed copy that another original has, too: it stands."""
ENDED = "ended"
"""The code of a copy that went after its original."""
DELETED = "deleted"
"""The code of a copy that we deleted while its original stands: it is not brought again."""
NEVER = "never"
"""The code of a copy whose original went before it was brought."""


class Spot(StrEnum):
    """What the target holds of a copy, as far as the ledger knows."""

    NOWHERE = "nowhere"
    """It never got there."""
    STANDS = "stands"
    GONE = "gone"
    UNKNOWN = "unknown"
    FORGOTTEN = "forgotten"
    """Its target was forgotten and added again: nobody knows whose what stands there is."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One row and what stands around it.

    `under_way`: an upload of which nobody knows the end. `made` is true of the copy itself. `gone`: the
    original is proved gone; `doubted`: it is a suspect. `by` says which act of ours deleted the copy (None:
    none), `after` that this act followed from a loss. `kept` says for whom else the copy is kept.
    """

    status: CopyStatus
    code: str
    how: How | None
    made: bool
    under_way: bool
    gone: bool
    doubted: bool
    spot: Spot
    target: str
    by: str | None = None
    after: bool = False
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What a row becomes, and why. Without a `code` it is as if nothing had happened."""

    status: CopyStatus
    reason: str
    code: str = ""


def fate(facts: Facts) -> Fate | None:
    """What becomes of a copy; None when it stays as it is."""
    return _without_original(facts) if facts.gone else _with_original(facts)


def _without_original(facts: Facts) -> Fate | None:
    if facts.status is CopyStatus.REMOVED or facts.status is CopyStatus.PROCESSING or facts.under_way:
        return None
    match facts.spot:
        case Spot.NOWHERE:
            return Fate(CopyStatus.REMOVED, "its original went before it was brought", NEVER)
        case Spot.GONE:
            return Fate(CopyStatus.REMOVED, facts.by or f"it was deleted in {facts.target}", ENDED)
        case Spot.FORGOTTEN:
            return Fate(CopyStatus.REMOVED, f"{facts.target} was forgotten, so what it has is left", LEFT)
        case _ if not facts.made:
            return Fate(CopyStatus.REMOVED, "found there, so it is left", LEFT)
        case _ if facts.kept is not None:
            return Fate(CopyStatus.REMOVED, facts.kept, KEPT)
        case _:
            return None


def _with_original(facts: Facts) -> Fate | None:
    back = CopyStatus.SYNCED if facts.how is How.MADE else CopyStatus.DUPLICATE
    match facts.status:
        case CopyStatus.REMOVED if facts.spot is Spot.STANDS and facts.code:
            return Fate(back, "it is there again, and so is its original")
        case CopyStatus.REMOVED if facts.code in (LEFT, KEPT):
            return Fate(back, "its original is back")
        case CopyStatus.REMOVED if facts.code in (ENDED, NEVER):
            return Fate(CopyStatus.PENDING, "its original is back")
        case CopyStatus.MISSING if facts.spot is Spot.STANDS:
            return Fate(back, "it is back")
        case CopyStatus.SYNCED | CopyStatus.DUPLICATE | CopyStatus.MISSING if facts.spot is Spot.FORGOTTEN:
            return Fate(CopyStatus.PENDING, f"{facts.target} was forgotten, and is asked what it has of it")
        case CopyStatus.SYNCED | CopyStatus.DUPLICATE if facts.spot is Spot.GONE and not facts.doubted:
            return _lost(facts)
        case _:
            return None


def _lost(facts: Facts) -> Fate:
    """The copy of something that stands is gone."""
    if facts.by is not None:
        return Fate(CopyStatus.REMOVED, facts.by, ENDED if facts.after else DELETED)
    said = f"it was deleted in {facts.target}, and is not brought again unless somebody asks for it"
    return Fate(CopyStatus.MISSING, said)


# --- whose copy it is, for whoever wants to delete it -------------------------------------------------


def why_kept(tx: Tx, copied: ItemRow, *, besides: int | None = None) -> str | None:
    """Why a copy that we made does not go with the original `besides`, as a sentence; None: it does."""
    if (other := kept_for(tx, copied, besides=besides)) is not None:
        return other
    if copies_of.was_changed(copied, copies_of.naming(tx, copied.id)):
        return "its copy was changed since we brought it, so only a person deletes it"
    if (gone := keepers.kept_for(tx, copied.id)) is not None:
        return f"it stays for “{gone.title}”, its duplicate (a{gone.id}), so only a person deletes it"
    return None


def kept_for(tx: Tx, copied: ItemRow, *, besides: int | None = None) -> str | None:
    """For which other original a copy is kept, one that has it or would have it; None: for none."""
    rows = copies_of.sharing(tx, copied)
    for row in rows:
        if row.item_id == besides:
            continue
        if not copies_of.is_gone(tx, row.item_id) or copies_of.is_back(tx, row):
            return f"kept for {_name(tx, row)}"
    for other in copies_of.alike(tx, rows):
        if other.id not in (besides, copied.id):
            source = sources.by_id(tx, other.source_id).name
            return f"kept for {source} {other.item.key} ({other.item.title}), which has the same bytes"
    return None


def other_originals(tx: Tx, copied: ItemRow, *, besides: int | None = None) -> tuple[tuple[str, Key], ...]:
    """The keys under which a copy's other originals, all gone, must still be denied: source and key.

    What left the config cannot be asked, so it is waited for until it is forgotten.
    """
    found: dict[tuple[str, Key], None] = {}
    for row in copies_of.sharing(tx, copied):
        source = sources.get(tx, row.source)
        if row.item_id == besides or source is None:
            continue
        original = items.by_id(tx, row.item_id)
        key = original.item.key if original is not None else row.original
        named = items.by_key(tx, source.id, key)  # a key that names another thing says nothing of this one
        if original.current if original is not None else all(one.presence is Presence.GONE for one in named):
            found[source.name, key] = None
    return tuple(found)


def _name(tx: Tx, row: CopyRow) -> str:
    original = items.by_id(tx, row.item_id)
    key = original.item.key if original is not None else row.original
    return f"{row.source} {key} ({row.title})"


# --- judging rows -------------------------------------------------------------------------------------


def judge(desk: Desk, copy: int, unwritten: Callable[[str], float]) -> str | None:
    """Bring a row, and the finding about it, to what is so. Returns its new status (None: as before).

    `unwritten` gives the watched seconds of a source that are not in the ledger yet.
    """
    tx, row = desk.tx, copies.get(desk.tx, copy)
    if row is None:
        return None
    row = _tied(tx, row)
    facts = _facts(tx, row)
    now = fate(facts)
    if now is not None and now.status is CopyStatus.PENDING:
        copies_of.begin_anew(tx, row.id, reason=now.reason, at=desk.stamp)
    elif now is not None:
        copies_of.become(tx, row.id, now.status, reason=now.reason, code=now.code, at=desk.stamp)
    if now is not None:
        contents.records_follow(tx, row.item_id)
    status = now.status if now is not None else row.status
    _find(desk, row, facts, status, unwritten)
    return str(status) if now is not None else None


def resolve_copy_gone(tx: Tx, item_id: int, target: str, resolution: str, *, at: str) -> None:
    """An original's copy in a target is no longer missing, or was asked for again."""
    known = copies_of.open_copy_gone(tx, item_id, target)
    if known is not None:
        tombstones.resolve_finding(tx, known, resolution, at=at)


def _find(
    desk: Desk, row: CopyRow, facts: Facts, status: CopyStatus, unwritten: Callable[[str], float]
) -> None:
    """The finding `copy_gone` about an original stands as long as its copy is missing."""
    tx, known = desk.tx, copies_of.open_copy_gone(desk.tx, row.item_id, row.target)
    if status is not CopyStatus.MISSING:
        if known is not None:
            tombstones.resolve_finding(tx, known, _why_over(facts, status), at=desk.stamp)
        return
    original = items.by_id(tx, row.item_id)
    if known is not None or original is None:
        return
    grave = tombstones.newest_of(tx, row.target_item) if row.target_item is not None else None
    target, copied = sources.get(tx, row.target), row.copied
    named = f"{copied} of {row.target}" if copied is not None else f"what {row.target} held of it"
    tombstones.open_finding(
        tx, "copy_gone", source=row.source, item=original.item, item_id=original.id, seq=desk.seq,
        at=desk.stamp, tombstone=grave[0] if grave is not None else None,
        detail=f"its copy, {named}, was deleted there; it is not brought again unless somebody asks for it",
        losing=row.target, watched=(target.watched if target is not None else 0.0) + unwritten(row.target),
    )  # fmt: skip


def _why_over(facts: Facts, status: CopyStatus) -> str:
    if facts.gone:
        return "the original is gone, too"
    return "the copy is there again" if status.stands else "the copy was asked for again"


def _tied(tx: Tx, row: CopyRow) -> CopyRow:
    """The row with the item that its copy is by now: under another key, or seen for the first time."""
    copied = items.by_id(tx, row.target_item) if row.target_item is not None else None
    if copied is not None and copied.presence is not Presence.GONE:
        return row
    heir = copies_of.heir_of(tx, row.target_item) if row.target_item is not None else None
    if heir is None and (row.target_item is None or (copied is None and row.target_key == row.sha256)):
        heir = _under_its_key(tx, row)  # the ledger never saw it, or its bytes are its key
    if heir is None or not heir.current or heir.id == row.target_item:
        return row
    copies_of.tie(tx, row.id, heir)
    return copies.get(tx, row.id) or row


def _under_its_key(tx: Tx, row: CopyRow) -> ItemRow | None:
    """What stands under the copy's key, if it shows the very bytes: a key may name another thing by now."""
    source, key = sources.get(tx, row.target), row.copied
    if source is None or key is None or row.sha256 is None:
        return None
    found = next(iter(items.by_key(tx, source.id, key)), None)
    same = found is not None and any(
        (ref.space, ref.value) == ("sha256", row.sha256) for ref in found.item.refs
    )
    return found if found is not None and same and found.current else None


def _facts(tx: Tx, row: CopyRow) -> Facts:
    gone = copies_of.is_gone(tx, row.item_id)
    copied = items.by_id(tx, row.target_item) if row.target_item is not None else None
    spot = _spot(tx, row, copied)
    made = row.target_item is not None and copies_of.is_made(tx, row.target_item)
    ours = _ours(tx, copied) if copied is not None and spot is Spot.GONE else None
    kept = kept_for(tx, copied, besides=row.item_id) if gone and made and copied is not None else None
    return Facts(
        status=row.status, code=row.code, how=row.how, made=made,
        under_way=row.sent is not None, gone=gone, doubted=suspects.get(tx, row.item_id) is not None,
        spot=spot, target=row.target, by=_said(ours) if ours is not None else None,
        after=ours is not None and _follows(tx, ours, row),
        kept=kept,
    )  # fmt: skip


def _spot(tx: Tx, row: CopyRow, copied: ItemRow | None) -> Spot:
    if copied is None:
        if row.target_item is not None and copies_of.is_gone(tx, row.target_item):
            return Spot.GONE
        if row.target_item is not None and row.sent is None and _is_there(tx, row.target):
            return Spot.FORGOTTEN
        return Spot.NOWHERE if row.target_key is None else Spot.UNKNOWN
    if copied.presence is Presence.GONE:
        return Spot.GONE if copies_of.is_gone(tx, copied.id) else Spot.UNKNOWN
    return Spot.STANDS if copied.presence is Presence.PRESENT and copied.current else Spot.UNKNOWN


def _is_there(tx: Tx, target: str) -> bool:
    """Whether the target was read to its end since it was added (again)."""
    source = sources.get(tx, target)
    return source is not None and source.state == "active" and source.scanned > 0


def _ours(tx: Tx, copied: ItemRow) -> ActionRow | None:
    """The act of ours that ended this life of the copy."""
    return acted.ours(tx, copied.id, since=max(copied.first_seq, tombstones.last_return(tx, copied.id)))


def _said(ours: ActionRow) -> str:
    if ours.policy is None:
        return f"deleted by {ours.asked_by} by hand"
    return f"deleted by reconciled, as {ours.policy} says"


def _follows(tx: Tx, ours: ActionRow, row: CopyRow) -> bool:
    """Whether the act followed from the loss of an original: of this very one, which is back since, or of
    another one, when this was tied to the copy while it was on its way out.
    """
    originals = {one.item_id for one in copies_of.naming(tx, row.target_item or 0)}
    finding = findings.get(tx, ours.finding_id) if ours.finding_id is not None else None
    if finding is not None:
        return finding.code == "orphan" or finding.item_id in originals
    first = actions.get(tx, ours.order_id) if ours.order_id is not None else None
    return first is not None and first.item_id in originals - {row.item_id}
