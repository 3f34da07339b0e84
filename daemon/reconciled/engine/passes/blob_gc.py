"""The blob_gc pass: bytes in an archive that no copy refers to leave it, after a grace.

They are left by an upload whose row was never written, and by originals that changed. What no upload of this
ledger's put there was found: the ledger may be new, or an old copy of itself, or another daemon uses the
archive, too. That leaves, as does more than a little at once, only when a person asks. That an item leaves
is committed first, and no new copy is tied to it from then on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciled.engine.live import LiveSource
from reconciled.engine.runs import Run
from reconciled.errors import ReconciledError, SourceError, Unsupported
from reconciled.ledger import copies_of, items, leaving, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Absent, Item, Json, Key
from reconciled.source import Deletes, Deletion

GRACE = 7 * 86400.0
"""Seconds for which bytes that nobody refers to stay, counted from when they were stored."""
MANY, SHARE = 25, 0.10
"""More than this many, and more than this share of all, leave only when a person asks for it."""
PAGE = 500


class TooMany(ReconciledError):
    """Too much of an archive would leave; the message says how to have it so."""


class NotNow(ReconciledError):
    """The archive is to be left alone; the message says why."""


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
        self._refuse_now()
        old, young, found = await self._garbage()
        leave = [*old, *found] if self.by_person else old
        self._refuse_too_many(len(leave), await self.ledger.read(items.count_standing, self.live.id))
        self.run.progress.total = len(leave)
        left = 0
        for key in leave if self.acts else ():
            self._refuse_now()
            left += await self._take_out(key)
            self.run.progress.done += 1
        unused = len(old) + len(young) + len(found)
        return {
            "unused": unused, "young": len(young), "old": len(old), "found": len(found), "left": left,
        }  # fmt: skip

    async def _garbage(self) -> tuple[list[Key], list[Key], list[Key]]:
        """What nobody refers to: older than the grace; younger; and what was found there, older, too."""
        old, young, found, after = list[Key](), list[Key](), list[Key](), 0
        while page := await self.ledger.read(self._page, after):
            after = page[-1][0]
            for _, row, ours in page:
                if row is not None:
                    kind = young if not self._is_old(row.item) else old if ours else found
                    kind.append(row.item.key)
        return old, young, found

    def _page(self, tx: Tx, after: int) -> list[tuple[int, ItemRow | None, bool]]:
        """The next rows that may be garbage, each with its item if it is, and whether we put it there."""
        live = self.live
        some = leaving.unreferenced(tx, live.id, live.name, after=after, limit=PAGE)
        return [
            (
                row,
                None if copies_of.needed(tx, live.id, Key(kind, key)) else items.by_id(tx, row),
                leaving.stored(tx, live.id, key),
            )
            for row, kind, key in some
        ]

    def _refuse_now(self) -> None:
        """Nothing leaves an archive that is paused, or that may be another one than it was."""
        if reason := self.live.not_believable():
            raise NotNow(f"nothing is taken out of {self.live.name}: {reason}")

    def _is_old(self, item: Item) -> bool:
        """Whether it was stored longer ago than the grace; what does not say when is young."""
        stored = _stored(item)
        return stored is not None and self.live.clock.now() - stored > timedelta(seconds=GRACE)

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

        def leave(tx: Tx) -> bool:
            return not copies_of.needed(tx, live.id, key) and leaving.leave(tx, live.name, key, since=since)

        if not await self.ledger.write_durably(leave):
            return False
        try:
            shown = await live.lookup(key)
            if isinstance(shown, Absent) or not self._is_old(shown):
                await self.ledger.write(leaving.left, live.name, key)
                return False
            await live.ask("act", lambda: source.delete(key, Deletion(files=True)))
        except SourceError as error:
            live.log.warning("%s: %s could not be taken out: %s", live.name, key, error)
            return False  # what is not known is found out by `settle` when the call is over

        def write(tx: Tx) -> None:
            leaving.left(tx, live.name, key)
            work.ask_once(tx, live.id, key, now=since, why="blob_gc took it out")

        await self.ledger.write(write)
        live.due.set()
        return True


def _stored(item: Item) -> datetime | None:
    """When the archive took the bytes; None when it does not say, or not where that is."""
    try:
        stored = datetime.fromisoformat(str(item.attrs.get("stored")))
    except ValueError:
        return None
    return stored if stored.tzinfo is not None else None


async def settle(live: LiveSource, ledger: Ledger) -> None:
    """What was being taken out when a call was cut off: when its time is over, the item is looked at."""

    def write(tx: Tx) -> None:
        now = live.clock.reckoned()
        for target, key in leaving.leaving(tx, before=now - live.source.acts_within):
            if target == live.name:
                leaving.left(tx, target, key)
                work.ask_once(tx, live.id, key, now=now, why="blob_gc was cut off")

    await ledger.write(write)
