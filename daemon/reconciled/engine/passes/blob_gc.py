"""The blob_gc pass: bytes in an archive that no copy refers to leave it, after a grace.

They are left by an upload whose row was never written, and by originals that changed. An archive that
seems to have become garbage altogether is left alone unless a person asks: then it is our ledger that is
odd. That an item leaves is committed first, and no new copy is tied to it from then on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciled.engine.live import LiveSource
from reconciled.engine.runs import Run
from reconciled.errors import ReconciledError, SourceError, Unsupported
from reconciled.ledger import copies, items, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Absent, Item, Json, Key
from reconciled.source import Deletes, Deletion

GRACE = 7 * 86400.0
"""Seconds for which bytes that nobody refers to stay, counted from when they were stored."""
MANY, SHARE = 25, 0.10
"""More than this many, and more than this share of all, leave only when a person asks for it."""
PAGE = 500


class TooMany(ReconciledError):
    """Too much of an archive would leave; the message says how to have it so."""


@dataclass(slots=True)
class BlobGc:
    """One run at one archive. `acts` is False where the mode only lets it say what would leave."""

    live: LiveSource
    ledger: Ledger
    run: Run
    acts: bool
    by_person: bool

    async def go(self) -> Mapping[str, Json]:
        """Take out what is garbage. Returns how much there was and how much left."""
        source = self.live.source
        if not source.by_content or not isinstance(source, Deletes):
            raise Unsupported(f"{self.live.name} is no archive, so there are no blobs to collect")
        old, young = await self._garbage()
        self._refuse_too_many(len(old), await self.ledger.read(items.count_standing, self.live.id))
        self.run.progress.total = len(old)
        left = 0
        for key in old if self.acts else ():
            left += await self._take_out(key)
            self.run.progress.done += 1
        return {"unused": len(old) + len(young), "young": len(young), "old": len(old), "left": left}

    async def _garbage(self) -> tuple[list[Key], list[Key]]:
        """What nobody refers to: older than the grace, and younger."""
        old, young, after = list[Key](), list[Key](), 0
        while found := await self.ledger.read(
            copies.unreferenced, self.live.id, self.live.name, after=after, limit=PAGE
        ):
            after = found[-1][0]
            for row_id, kind, key in found:
                row = await self.ledger.read(items.by_id, row_id)
                is_old = row is not None and self._is_old(row.item)
                (old if is_old else young).append(Key(kind, key))
        return old, young

    def _is_old(self, item: Item) -> bool:
        """Whether it was stored longer ago than the grace; what does not say when is young."""
        try:
            stored = datetime.fromisoformat(str(item.attrs.get("stored")))
            return self.live.clock.now() - stored > timedelta(seconds=GRACE)
        except (ValueError, TypeError):
            return False

    def _refuse_too_many(self, old: int, standing: tuple[int, int]) -> None:
        if old > MANY and old > SHARE * standing[0] and not self.by_person:
            raise TooMany(
                f"{old} of {standing[0]} blobs in {self.live.name} are referred to by nothing, which is too "
                "many to be believed; if that is so (a mirror was taken away?), run "
                f"`reconciled passes run blob_gc --source {self.live.name}`"
            )

    async def _take_out(self, key: Key) -> bool:
        """Delete one, if it is still garbage by the ledger and by the archive."""
        live, source = self.live, self.live.source
        assert isinstance(source, Deletes), "the caller looked"  # noqa: S101 - narrows the type
        since = live.clock.reckoned()
        if not await self.ledger.write_durably(lambda tx: copies.leave(tx, live.name, key, since=since)):
            return False
        try:
            shown = await live.lookup(key)
            if isinstance(shown, Absent) or not self._is_old(shown):
                await self.ledger.write(copies.left, live.name, key)
                return False
            await live.ask("act", lambda: source.delete(key, Deletion(files=True)))
        except SourceError as error:
            live.log.warning("%s: %s could not be taken out: %s", live.name, key, error)
            return False  # what is not known is found out by `settle` when the call is over

        def write(tx: Tx) -> None:
            copies.left(tx, live.name, key)
            work.ask_once(tx, live.id, key, now=since, why="blob_gc took it out")

        await self.ledger.write(write)
        live.due.set()
        return True


async def settle(live: LiveSource, ledger: Ledger) -> None:
    """What was being taken out when a call was cut off: when its time is over, the item is looked at."""

    def write(tx: Tx) -> None:
        now = live.clock.reckoned()
        for target, key in copies.leaving(tx, before=now - live.source.acts_within):
            if target == live.name:
                copies.left(tx, target, key)
                work.ask_once(tx, live.id, key, now=now, why="blob_gc was cut off")

    await ledger.write(write)
