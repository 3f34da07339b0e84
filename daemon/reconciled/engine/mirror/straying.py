"""Uploads of which nobody heard the end, and whose original went meanwhile: their targets are asked.

No run brings such a file any more, so nobody else would find out. What the target has is tied to the row
that it belongs to, and goes the way of any copy whose original is gone.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from reconciled.config import Mirror
from reconciled.engine.engine import Engine
from reconciled.engine.live import LiveSource
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


async def settle(engine: Engine, mirror: Mirror, home: LiveSource, folder: Path) -> int:
    """Ask about each stray of a mirror once. Returns how many came to an end."""
    rows = await engine.ledger.read(copies.strays, mirror.name, now=home.clock.reckoned())
    if not rows:
        return 0
    nothing = folder / NOTHING
    await asyncio.to_thread(nothing.touch)
    return sum([await _ask(engine, home, row, nothing) for row in rows])


async def _ask(engine: Engine, home: LiveSource, row: CopyRow, nothing: Path) -> bool:
    place = engine.places.get(row.target)
    if place is None or not place.live.answers or not isinstance(place.live.source, Uploads):
        return False
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
    return PutOff(row.id, "its original went before it was brought", tried=False)


def _upload(row: CopyRow, nothing: Path) -> Upload:
    """The file as it was about to be uploaded, as far as its row tells."""
    mime = row.mime_type or "application/octet-stream"
    return Upload(
        path=nothing, name=safe_name(row.title, mime), title=row.title, mime_type=mime, size=row.size or 0,
        sha256=row.sha256 or "", marker=f"{row.source}/{row.kind}/{row.key}",
    )  # fmt: skip
