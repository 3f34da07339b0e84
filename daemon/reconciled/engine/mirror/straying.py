"""Uploads of which nobody heard the end, and which no run brings any more: their targets are asked.

That is so when the original went meanwhile, or the mirror left the config. What the target has is tied to the
row that it belongs to, and goes the way of any copy whose original is gone; who waited for it waits no more.
"""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from reconciled.config import Mirror
from reconciled.engine.engine import Engine
from reconciled.engine.live import PATIENCE, LiveSource
from reconciled.engine.mirror.footing import why_not_to
from reconciled.engine.mirror.naming import safe_name
from reconciled.engine.mirror.results import Holds, PutOff
from reconciled.engine.suspicion import Desk
from reconciled.errors import SourceError
from reconciled.ledger import copies
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import CopyRow
from reconciled.source import Kept, Pending, Upload, Uploads

NOTHING = "nothing"
"""A file without bytes: what is only asked about is not uploaded."""
WAIT = 60.0


async def settle(
    engine: Engine, mirror: Mirror, home: LiveSource, folder: Path, *, known: Collection[str]
) -> int:
    """Ask about each stray of a mirror once, and about those of mirrors that are not among `known`, the
    configured ones, once their calls are surely over. Returns how many came to an end.
    """
    now = home.clock.reckoned()
    rows = await engine.ledger.read(copies.strays, mirror.name, now=now)
    rows += await engine.ledger.read(copies.ownerless, known, now=now, before=now - PATIENCE)
    if not rows:
        return 0
    nothing = folder / NOTHING
    await asyncio.to_thread(_touch, nothing)
    return sum([await _ask(engine, home, row, nothing) for row in rows])


def _touch(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch()


async def _ask(engine: Engine, home: LiveSource, row: CopyRow, nothing: Path) -> bool:
    place = engine.places.get(row.target)
    if place is None or not isinstance(place.live.source, Uploads) or why_not_to(place.live) is not None:
        return False  # another installation knows nothing of it, which says nothing
    live = place.live
    result = await _result(live, place.live.source, row, nothing)

    def write(tx: Tx) -> None:
        result.write(Desk.at(tx, home), live)

    await engine.ledger.write(write)
    over = not isinstance(result, PutOff) or result.heard
    if over:
        for name in {row.source, row.target} & engine.places.keys():
            engine.places[name].wants_orphans.set()
    return over


async def _result(live: LiveSource, source: Uploads, row: CopyRow, nothing: Path) -> Holds | PutOff:
    """What became of it, by the target."""
    upload, since = _upload(row, nothing), datetime.fromtimestamp(row.sent or 0.0, UTC)
    try:
        known = await live.ask("ask", lambda: source.had(upload, since=since))
    except SourceError as error:
        return PutOff(row.id, str(error), tried=False, heard=False)
    match known:
        case Kept():
            return Holds(row.id, known)
        case Pending():
            return PutOff(row.id, known.said, wait=WAIT, tried=False, heard=False)
    return PutOff(row.id, "nothing of it came there, and nobody brings it any more", tried=False)


def _upload(row: CopyRow, nothing: Path) -> Upload:
    """The file as it was about to be uploaded, as far as its row tells."""
    mime = row.mime_type or "application/octet-stream"
    return Upload(
        path=nothing, name=safe_name(row.title, mime), title=row.title, mime_type=mime, size=row.size or 0,
        sha256=row.sha256 or "", marker=f"{row.source}/{row.kind}/{row.key}",
    )  # fmt: skip
