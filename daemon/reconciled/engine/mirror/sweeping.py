"""What is left on our disk of transfers that nobody goes on with: taken away as soon as a run may look.

A life that was killed leaves files, and so does a transfer that broke off; each is used again only if its
file still travels. Another may have brought the same bytes meanwhile, the original may be gone or the copy
there: then no later transfer would take it away. What waits for a person is kept for a while.
"""

import asyncio
import math
from collections.abc import Mapping
from pathlib import Path

from reconciled.config import Mirror
from reconciled.engine.live import LiveSource
from reconciled.engine.mirror.backwards import Partner, turned
from reconciled.engine.mirror.originals import fileset_attr
from reconciled.engine.mirror.part import clean, left_in, name_of
from reconciled.ledger import copies, items
from reconciled.ledger.connection import Ledger, Tx

STALE = 86400.0
"""Seconds after which what is left of a transfer is thrown away, even if a person may want it to go on."""


async def sweep(
    ledger: Ledger, mirror: Mirror, live: LiveSource, folder: Path, partners: Mapping[str, Partner]
) -> None:
    """Clean the folder of a mirror while none of its files travels. `live` is its source."""
    if not await asyncio.to_thread(left_in, folder):
        return

    def read(tx: Tx) -> tuple[set[Path], set[Path]]:
        attr, kinds = fileset_attr(live.source), mirror.kinds or live.kinds
        due = copies.wanted(tx, live.id, kinds=kinds, targets=mirror.targets, attr=attr, now=math.inf)
        wanted = {one.item_id for one in (*due, *turned(tx, live, mirror, partners))}
        keys = items.keys_of(tx, wanted | copies.failed(tx, mirror.name))
        paths = {item_id: folder / name_of(live.name, key) for item_id, key in keys.items()}
        return {paths[one] for one in wanted & paths.keys()}, set(paths.values())

    travels, may_travel = await ledger.read(read)
    await asyncio.to_thread(clean, folder, may_travel, -math.inf)  # however odd the times of files are
    await asyncio.to_thread(clean, folder, travels, STALE)
