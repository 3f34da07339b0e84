"""A person's word about copies: that some are to travel (again) after all, or whose bytes count.

Failed, missing or refused ones wait then. Of one in conflict `retry` says that its original counts, and
`take_back` that it does itself.
"""

from collections.abc import Callable, Mapping, Sequence

from reconciled.config import Mirror
from reconciled.engine.chunks import in_chunks
from reconciled.engine.engine import Engine
from reconciled.engine.mirror.backwards import opposite
from reconciled.engine.mirror.keeping import resolve_copy_gone
from reconciled.engine.mirror.originals import version_of
from reconciled.engine.mirror.telling import tell
from reconciled.engine.suspicion import Desk
from reconciled.errors import Unsupported
from reconciled.ledger import copies, items, journeys
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import CopyRow


async def retry(engine: Engine, mirror: Mirror, wanted: Sequence[int]) -> list[int]:
    """Have these copies of a mirror travel again. Returns those that now wait: whatever is under way, there,
    or another mirror's stays as it is. NoSuchSource when its source does not run.
    """
    live = engine.place(mirror.source).live

    def write(tx: Tx, chunk: Sequence[int]) -> list[int]:
        desk = Desk.at(tx, live)
        rows = [copies.get(tx, copy) for copy in chunk]
        mine = [row for row in rows if row is not None and row.mirror == mirror.name]
        begun = [row for row in mine if journeys.bring_again(tx, row.id, at=desk.stamp)]
        for row in begun:
            resolve_copy_gone(tx, row.item_id, row.target, "it is brought again", at=desk.stamp)
        tell(desk, [row.item_id for row in begun])
        return [row.id for row in begun]

    return await _begun(engine, mirror, wanted, write)


async def take_back(
    engine: Engine, mirror: Mirror, mirrors: Mapping[str, Mirror], wanted: Sequence[int]
) -> list[int]:
    """Have the bytes of these copies of a mirror, which are in conflict, count: they go to their originals.

    Returns those of which that holds now; whatever is in no conflict, or another mirror's, stays as it is.
    `mirrors` are all that are configured. Unsupported when none of them brings files back from there;
    NoSuchSource when the mirror's source does not run.
    """
    live = engine.place(mirror.source).live
    ways = {name for name in mirror.targets if opposite(mirrors, mirror.source, name) is not None}
    if not ways:
        there = " or ".join(mirror.targets)
        raise Unsupported(f"no mirror brings files of {there} back to {mirror.source}; write one that does")

    def write(tx: Tx, chunk: Sequence[int]) -> list[int]:
        desk = Desk.at(tx, live)
        rows = [row for copy in chunk if (row := copies.get(tx, copy)) is not None]
        mine = [row for row in rows if row.mirror == mirror.name and row.target in ways]
        begun = [row for row in mine if _counts(tx, row, at=desk.stamp)]
        tell(desk, [row.item_id for row in begun])
        return [row.id for row in begun]

    return await _begun(engine, mirror, wanted, write)


def _counts(tx: Tx, row: CopyRow, *, at: str) -> bool:
    original = items.by_id(tx, row.item_id)
    version = version_of(original.item) if original is not None else ""
    return journeys.take_back(tx, row.id, version=version, at=at)


async def _begun(
    engine: Engine, mirror: Mirror, wanted: Sequence[int], write: Callable[[Tx, Sequence[int]], list[int]]
) -> list[int]:
    """The rows of which a person's word is written down; their mirrors hear of it."""
    log = engine.place(mirror.source).live.log

    def odd(copy: int, error: Exception) -> None:
        log.error("%s: copy %d could not be begun anew", mirror.name, copy, exc_info=error)

    done = await in_chunks(engine.ledger, wanted, write, odd=odd)
    await engine.ledger.write_durably(items.next_seq)  # what was committed before goes to the disk with it
    begun = [copy for chunk in done for copy in chunk]
    if begun:
        engine.tell("changed", source=mirror.source)
    return begun
