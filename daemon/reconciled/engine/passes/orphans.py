"""The orphans pass: what depends on something that is gone, and what became of copies.

An orphan is an item that only refers (a request, a record) and all that it refers to is gone; a copy
that we made, and all its originals are gone; a fileset that is gone while its files stand; a blob that
nothing has to do with. All by the ledger; before anything is done, the apps are asked again. What an item
names and nobody ever held is `unmatched`: only shown.

Each is judged as things stand now, so every finding resolves by itself, and a pass that was cut off loses
nothing. Of copies it says `copy_gone`; see `reconciled.engine.mirror.keeping`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from reconciled.engine.chunks import in_chunks
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.live import LiveSource
from reconciled.engine.mirror import keeping
from reconciled.engine.mirror.telling import FAILED, REFUSED, UNMIRRORED
from reconciled.engine.outbox.belonging import is_over
from reconciled.engine.suspicion import Desk
from reconciled.ledger import copies_of, findings, items, leaving, sources, tombstones
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import ItemRow, stamp
from reconciled.model import Presence
from reconciled.source import Fetches

BLOB, FILESET = "blob", "fileset"
OF_JOURNEYS = (REFUSED, FAILED, UNMIRRORED)
"""What is told of an item's journey, or of its bytes, is over when it is gone."""
IDLE = timedelta(days=1)
"""A blob that nothing has to do with is shown after so long; what was just brought is told of soon."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is to be said of an item: a code, or None: nothing.

    `lost` are the rows whose end it depends on, `since` is when it was wanted last: a loss before that
    makes no orphan of it. `over` says why it is none any more.
    """

    code: str | None = None
    said: str = ""
    lost: Sequence[int] = ()
    since: int = 0
    over: str = "it is gone itself"


Files = dict[int, int]
"""Filesets that are gone, by their rows, with how many of their files stand."""


async def orphans(live: LiveSource, ledger: Ledger, unwritten: Callable[[str], float]) -> dict[str, int]:
    """Judge what depends on others in a source, and the copies of its items and in it.

    Returns how many are orphans, unmatched, or no longer so, and of how many copies something was said.
    `unwritten` gives the watched seconds of a source that are not in the ledger yet.
    """
    counts = {"seen": 0, "orphan": 0, "unmatched": 0, "resolved": 0, "copies": 0, "missing": 0}

    def write_copies(tx: Tx, chunk: Sequence[int]) -> None:
        desk = Desk.at(tx, live)
        for copy in chunk:
            became = keeping.judge(desk, copy, unwritten)
            counts["copies"] += became is not None
            counts["missing"] += became == "missing"

    def odd(row: int, error: Exception) -> None:
        live.log.error("%s: row %d could not be judged", live.name, row, exc_info=error)

    astir = await ledger.read(lambda tx: copies_of.astir(tx, live.id, live.name))
    await in_chunks(ledger, astir, write_copies, odd=odd)
    rows, files = await ledger.read(_candidates, live)
    counts["seen"] = len(rows)

    def write(tx: Tx, chunk: Sequence[int]) -> None:
        desk = Desk.at(tx, live)
        for item_id in chunk:
            for word in _judge(desk, item_id, files, unwritten):
                counts[word] += 1

    await in_chunks(ledger, rows, write, odd=odd)
    return counts


async def concern(live: LiveSource, ledger: Ledger) -> bool:
    """Whether the pass has anything to judge in a source."""

    def read(tx: Tx) -> bool:
        if items.any_referring(tx, live.id) or copies_of.any_at(tx, live.name):
            return True
        return bool(_candidates(tx, live)[0])

    return await ledger.read(read)


def _candidates(tx: Tx, live: LiveSource) -> tuple[list[int], Files]:
    """Everything of which something may be said, or was."""
    found = {*items.referring(tx, live.id), *copies_of.bereft(tx, live.name), *copies_of.told_of(tx, live.id)}
    files: Files = {}
    attr = live.source.fileset if isinstance(live.source, Fetches) else None
    if attr is not None and FILESET in live.kinds:
        files = copies_of.left_behind(tx, live.id, kind=FILESET, attr=attr)
    if _is_archive(live):
        before = stamp(live.clock.now() - IDLE)
        found |= {*copies_of.unnamed(tx, live.id, live.name, BLOB, before=before)}
    return sorted(found | files.keys()), files


def _is_archive(live: LiveSource) -> bool:
    return BLOB in live.kinds and live.source.by_content


def _judge(desk: Desk, item_id: int, files: Files, unwritten: Callable[[str], float]) -> list[str]:
    row = items.by_id(desk.tx, item_id)
    if row is None:
        return []
    ground = _ground(desk, row, files)
    done = []
    for known in ("orphan", "unmatched", *(OF_JOURNEYS if row.presence is Presence.GONE else ())):
        open_one = findings.open_one(desk.tx, item_id, known)
        if open_one is not None and known != ground.code:
            tombstones.resolve_finding(desk.tx, open_one, ground.over, at=desk.stamp)
            done.append("resolved")
        elif open_one is not None:
            findings.say(desk.tx, open_one, ground.said)
        elif known == ground.code and _opens(desk, row, ground, unwritten):
            done.append(known)
    return done


def _ground(desk: Desk, row: ItemRow, files: Files) -> Ground:
    """What is to be said of an item as the ledger stands."""
    if row.item.key.kind == FILESET and not row.item.refers:
        return _of_fileset(row, files)
    if not row.current or row.presence is not Presence.PRESENT:
        return Ground()
    if row.item.refers:
        return _of_referring(desk, row)
    if copies_of.is_made(desk.tx, row.id):
        return _of_copy(desk, row)
    return _of_blob(desk, row)


def _of_referring(desk: Desk, row: ItemRow) -> Ground:
    about, there = _about(desk, row), "what it refers to is there"
    if not about:
        return Ground("unmatched", "nobody ever held what it names", over=there)
    if not all(is_over(desk.tx, other) for other in about):
        return Ground(over=there)
    if copies_of.names_unknown(desk.tx, row.item.strong_refs):
        return Ground(over="nobody has looked at all that it refers to yet")
    since = max(row.key_seq, tombstones.last_return(desk.tx, row.id))
    return Ground("orphan", "what it refers to is gone", [other.id for other in about], since, there)


def _about(desk: Desk, row: ItemRow) -> list[ItemRow]:
    """What the item refers to, anywhere; items that only refer themselves say nothing."""
    found = [
        other
        for other in items.sharing(desk.tx, row.item.strong_refs)
        if not other.item.refers and compare(row.item.refs, other.item.refs) is Sameness.SAME
    ]
    return found + [one for ref in row.item.strong_refs if (one := copies_of.named_by(desk.tx, ref))]


def _of_copy(desk: Desk, row: ItemRow) -> Ground:
    """A copy that we made. What was restored since its originals went is wanted."""
    if (kept := keeping.kept_for(desk.tx, row)) is not None:
        return Ground(over=f"it is {kept}")
    originals = [copy.item_id for copy in copies_of.sharing(desk.tx, row)]
    since = tombstones.last_return(desk.tx, row.id)
    return Ground("orphan", "what it is a copy of is gone", originals, since)


def _of_fileset(row: ItemRow, files: Files) -> Ground:
    count = files.get(row.id)
    if count is None:
        there = row.presence is not Presence.GONE
        return Ground(over="it is there" if there else "none of its files is left without it")
    said = "1 file of it still stands" if count == 1 else f"{count} files of it still stand"
    return Ground("orphan", f"it is gone, and {said}", [row.id])


def _of_blob(desk: Desk, row: ItemRow) -> Ground:
    if row.item.key.kind != BLOB or not _is_archive(desk.live):
        return Ground(over="it depends on nothing that is gone")
    before = stamp(desk.when - IDLE)
    if row.id not in copies_of.unnamed(
        desk.tx, desk.live.id, desk.live.name, BLOB, before=before, only=row.id
    ) or copies_of.needed(desk.tx, row.source_id, row.item.key):
        return Ground(over="it is the copy of something")
    said = "no copy has to do with it"
    if not leaving.stored(desk.tx, row.source_id, row.item.key.id):
        return Ground("orphan", f"{said}, and it lay there before; blob_gc takes it out when you run it")
    return Ground("orphan", f"{said}; the pass blob_gc takes it out")


def _opens(desk: Desk, row: ItemRow, ground: Ground, unwritten: Callable[[str], float]) -> bool:
    """Whether the finding could be opened; the newest loss says who lost it and since when it is watched.

    What came after that loss is wanted: a new request for a film that is gone is no orphan.
    """
    if not ground.lost:
        _open(desk, row, ground, None, desk.source.name, 0.0)
        return True
    graves = [grave for one in ground.lost if (grave := tombstones.newest_of(desk.tx, one)) is not None]
    if not graves:
        return False
    tombstone, losing = max(graves)
    source = sources.get(desk.tx, losing)
    if source is None or ground.since > tombstones.seq_of(desk.tx, tombstone):
        return False
    _open(desk, row, ground, tombstone, losing, source.watched + unwritten(losing))
    return True


def _open(
    desk: Desk, row: ItemRow, ground: Ground, tombstone: int | None, losing: str, watched: float
) -> None:
    tombstones.open_finding(
        desk.tx, ground.code or "", source=desk.source.name, item=row.item, item_id=row.id, seq=desk.seq,
        at=desk.stamp, tombstone=tombstone, detail=ground.said, losing=losing, watched=watched,
    )  # fmt: skip
