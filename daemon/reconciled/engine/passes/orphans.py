"""The orphans pass: items that only refer (a request, a record) to something that is gone.

A referring item is an `orphan` when everything that it refers to was seen once and is gone now, by
the ledger; before anything is done, the apps are asked again. What it names and nobody ever held is
`unmatched`: only shown.
"""

from collections.abc import Callable, Sequence

from reconciled.engine.chunks import in_chunks
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.live import LiveSource
from reconciled.engine.suspicion import Desk
from reconciled.ledger import findings, items, sources, tombstones
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Presence, Ref


async def orphans(live: LiveSource, ledger: Ledger, unwritten: Callable[[str], float]) -> dict[str, int]:
    """Judge every referring item of a source. Returns how many are orphans, unmatched, or no longer so.

    `unwritten` gives the watched seconds of a source that are not in the ledger yet.
    """
    rows = await ledger.read(items.referring, live.id)
    counts = {"seen": len(rows), "orphan": 0, "unmatched": 0, "resolved": 0}

    def write(tx: Tx, chunk: Sequence[int]) -> None:
        desk = Desk.at(tx, live)
        for item_id in chunk:
            for word in _judge(desk, item_id, unwritten):
                counts[word] += 1

    def odd(item_id: int, error: Exception) -> None:
        live.log.error("%s: the item %d could not be judged", live.name, item_id, exc_info=error)

    await in_chunks(ledger, rows, write, odd=odd)
    return counts


def _judge(desk: Desk, item_id: int, unwritten: Callable[[str], float]) -> list[str]:
    row = items.by_id(desk.tx, item_id)
    if row is None:
        return []
    stands = row.current and row.presence is Presence.PRESENT
    about = _about(desk, row) if stands else []
    code = None
    if stands and not about:
        code = "unmatched"
    elif about and all(other.presence is Presence.GONE for other in about):
        code = "orphan"
    done = []
    for known in ("orphan", "unmatched"):
        open_one = findings.open_orphan(desk.tx, item_id, known)
        if open_one is not None and known != code:
            tombstones.resolve_finding(desk.tx, open_one, _over(stands), at=desk.stamp)
            done.append("resolved")
        elif open_one is None and known == code and _opens(desk, row, code, about, unwritten):
            done.append(code)
    return done


def _over(stands: bool) -> str:
    return "what it refers to is there" if stands else "it is gone itself"


def _about(desk: Desk, row: ItemRow) -> list[ItemRow]:
    """What the item refers to, anywhere; items that only refer themselves say nothing."""
    found = [
        other
        for other in items.sharing(desk.tx, row.item.strong_refs)
        if not other.item.refers and compare(row.item.refs, other.item.refs) is Sameness.SAME
    ]
    for ref in row.item.strong_refs:
        found += _named(desk, ref)
    return found


def _named(desk: Desk, ref: Ref) -> list[ItemRow]:
    """The very item that an explicit ref names, such as `paperless:document/12`."""
    source, colon, kind = ref.space.partition(":")
    known = sources.get(desk.tx, source) if colon else None
    return [] if known is None else items.by_kind_and_id(desk.tx, known.id, kind, ref.value)[:1]


def _opens(
    desk: Desk, row: ItemRow, code: str, about: Sequence[ItemRow], unwritten: Callable[[str], float]
) -> bool:
    """Whether the finding could be opened; the newest loss says who lost it and since when it is watched.

    What came after that loss is wanted: a new request for a film that is gone is no orphan.
    """
    if code == "unmatched":
        _open(desk, row, code, None, desk.source.name, 0.0)
        return True
    graves = [grave for other in about if (grave := tombstones.newest_of(desk.tx, other.id)) is not None]
    if not graves:
        return False
    tombstone, losing = max(graves)
    source = sources.get(desk.tx, losing)
    since = max(row.key_seq, tombstones.last_return(desk.tx, row.id))
    if source is None or since > tombstones.seq_of(desk.tx, tombstone):
        return False
    _open(desk, row, code, tombstone, losing, source.watched + unwritten(losing))
    return True


def _open(desk: Desk, row: ItemRow, code: str, tombstone: int | None, losing: str, watched: float) -> None:
    said = "nobody ever held what it names" if tombstone is None else "what it refers to is gone"
    tombstones.open_finding(
        desk.tx, code, source=desk.source.name, item=row.item, item_id=row.id, seq=desk.seq, at=desk.stamp,
        tombstone=tombstone, detail=said, losing=losing, watched=watched,
    )  # fmt: skip
