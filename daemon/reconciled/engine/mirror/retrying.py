"""A person's word that a copy is to travel (again) after all: failed, missing or refused ones wait then."""

from collections.abc import Sequence

from reconciled.config import Mirror
from reconciled.engine.chunks import in_chunks
from reconciled.engine.engine import Engine
from reconciled.engine.mirror.keeping import resolve_copy_gone
from reconciled.engine.mirror.telling import tell
from reconciled.engine.suspicion import Desk
from reconciled.ledger import copies, items
from reconciled.ledger.connection import Tx


async def retry(engine: Engine, mirror: Mirror, wanted: Sequence[int]) -> list[int]:
    """Have these copies of a mirror travel again. Returns those that now wait: whatever is under way, there,
    or another mirror's stays as it is. NoSuchSource when its source does not run.
    """
    live = engine.place(mirror.source).live

    def write(tx: Tx, chunk: Sequence[int]) -> list[int]:
        desk = Desk.at(tx, live)
        rows = [copies.get(tx, copy) for copy in chunk]
        mine = [row for row in rows if row is not None and row.mirror == mirror.name]
        begun = [row for row in mine if copies.bring_again(tx, row.id, at=desk.stamp)]
        for row in begun:
            resolve_copy_gone(tx, row.item_id, row.target, "it is brought again", at=desk.stamp)
        tell(desk, [row.item_id for row in begun])
        return [row.id for row in begun]

    def odd(copy: int, error: Exception) -> None:
        live.log.error("%s: copy %d could not be begun anew", mirror.name, copy, exc_info=error)

    done = await in_chunks(engine.ledger, wanted, write, odd=odd)
    await engine.ledger.write_durably(items.next_seq)  # what was committed before goes to the disk with it
    begun = [copy for chunk in done for copy in chunk]
    if begun:
        engine.tell("changed", source=mirror.source)
    return begun
