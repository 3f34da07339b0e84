"""What is compared after all with all: papers that a chain of likenesses joins, each with each.

Which pairs that are is read from the ledger once all else was compared, and kept in a file beside the others,
so a search that is cut off goes on with the same.
"""

import asyncio
from array import array
from collections.abc import Sequence

from reconciled.duplicates.closing import unseen
from reconciled.engine.duplicates.search.ground import Ground
from reconciled.engine.duplicates.search.lessons import HABITS, whole
from reconciled.ledger import chains

CHAINED = "chained.u64"
"""As the file of the candidates: a pair has 64 bits, a paper's number in each half."""


def forget(ground: Ground) -> None:
    """What an earlier search left of it, and of what it learned, is of no use to one that begins."""
    for name in (CHAINED, HABITS):
        (ground.search / name).unlink(missing_ok=True)


async def chain(ground: Ground, firsts: Sequence[int], began: str) -> None:
    """Write which pairs these are, unless that stands. `firsts` are the items by number."""
    path = ground.search / CHAINED
    if await asyncio.to_thread(path.exists):
        return
    links = await ground.ledger.read(chains.links, since=began)
    known = await ground.ledger.read(chains.among, {one for a, b, _ in links for one in (a, b)}, since=began)

    def write() -> None:
        numbers = {item: number for number, item in enumerate(firsts)}
        pairs = unseen((link for link in links if numbers.keys() >= set(link[:2])), known)
        whole(path, array("Q", [numbers[a] << 32 | numbers[b] for a, b in pairs]).tobytes())

    await asyncio.to_thread(write)
