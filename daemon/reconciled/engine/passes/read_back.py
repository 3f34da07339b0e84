"""Reading back: whether the bytes that a source keeps for us are still what they were.

Asked for by a person (`verify` of an archive). A blob that rotted is a finding, and what it is a copy of
travels again: the same bytes are put in its place as soon as an original shows them, if one is left.
"""

from collections.abc import Mapping

from reconciled.engine.live import LiveSource
from reconciled.engine.runs import Run
from reconciled.engine.suspicion import Desk
from reconciled.errors import SourceError, Unsupported
from reconciled.ledger import copies_of, findings, items, journeys, tombstones
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Json
from reconciled.source import ReadsBack

PAGE = 200
ROTTEN = "refused"


async def read_back(live: LiveSource, ledger: Ledger, run: Run) -> Mapping[str, Json]:
    """Read all that the source keeps. Returns how many are sound, rotten, and could not be read."""
    source = live.source
    if not isinstance(source, ReadsBack):
        raise Unsupported(f"{live.name} cannot read its bytes back")
    counts = {"sound": 0, "rotten": 0, "unread": 0}
    run.progress.total, _ = await ledger.read(items.count_standing, live.id)
    after = 0
    while rows := await ledger.read(items.standing_after, live.id, after=after, limit=PAGE):
        for row in rows:
            after = row.id
            counts[await _one(live, ledger, source, row)] += 1
            run.progress.done += 1
    return dict(counts)


async def _one(live: LiveSource, ledger: Ledger, source: ReadsBack, row: ItemRow) -> str:
    key = row.item.key
    try:
        wrong = await live.ask("ask", lambda: source.read_back(key), patience=86400.0)
    except SourceError as error:
        live.log.warning("%s: %s could not be read back: %s", live.name, key, error)
        return "unread"

    def write(tx: Tx) -> None:
        desk = Desk.at(tx, live)
        known = findings.open_one(tx, row.id, ROTTEN)
        if wrong is None and known is not None:
            tombstones.resolve_finding(tx, known, "its bytes are sound", at=desk.stamp)
        elif wrong is not None:
            journeys.rotten(tx, live.name, key, reason=f"its bytes in {live.name} {wrong}", at=desk.stamp)
            if known is None:
                tombstones.open_finding(
                    tx, ROTTEN, source=live.name, item=row.item, item_id=row.id, seq=desk.seq, at=desk.stamp,
                    detail=f"corrupt: its bytes {wrong}; {_remedy(tx, row)}",
                )  # fmt: skip

    await ledger.write(write)
    return "sound" if wrong is None else "rotten"


def _remedy(tx: Tx, row: ItemRow) -> str:
    """What puts it right."""
    if any(not copies_of.is_gone(tx, copy.item_id) for copy in copies_of.naming(tx, row.id)):
        return "its originals travel again"
    return "no original of it stands, so only a backup of the archive puts it right"
