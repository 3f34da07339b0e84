"""The worker of one source: it takes keys that are due, asks about them, and writes what follows.

One key failing is that key's failure. While the app is in trouble, reorganises its library, or is
not the installation we know, keys wait; none of these is an answer.
"""

from collections.abc import Callable, Sequence
from functools import partial

from reconciled.clock import wait_for
from reconciled.engine import probing
from reconciled.engine.chunks import in_chunks
from reconciled.engine.conclude import conclude_all
from reconciled.engine.displaced import conclude_by_find, displaced
from reconciled.engine.ends import End
from reconciled.engine.live import LiveSource
from reconciled.engine.proof import has_a_yes, prove
from reconciled.engine.suspicion import Desk
from reconciled.engine.verdict import Testimony, unknown
from reconciled.errors import SourceError
from reconciled.ledger import items, suspects, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import ItemRow
from reconciled.ledger.work import Work
from reconciled.model import Item, Key
from reconciled.source import Finds

AT_ONCE = 400
WAIT_BUSY = 60.0


class Worker:
    """Looks at the keys of one source. `ended` hears how each batch ended (for metrics and pages)."""

    def __init__(
        self,
        live: LiveSource,
        ledger: Ledger,
        *,
        order_scan: Callable[[str], None],
        ended: Callable[[Sequence[End]], None],
    ) -> None:
        self._live = live
        self._ledger = ledger
        self._order_scan = order_scan
        self._ended = ended
        self._scanned_for: str | None = None

    async def run(self) -> None:
        """Work for ever: what is due, when the source is well."""
        while True:
            await self._live.health.until_ok()
            if not await self.work_once():
                await self._until_due()

    async def work_once(self) -> list[End]:
        """Look once at everything that is due now. Returns how each ended; empty when nothing was due."""
        ends: list[End] = []
        async with self._live.asking:
            while rows := await self._ledger.write(
                lambda tx: work.due(tx, self._live.id, now=self._live.clock.reckoned(), limit=AT_ONCE)
            ):
                ends += await self._look(rows)
                if not self._live.answers:
                    break
        self._ended(ends)
        return ends

    async def look_at(self, key: Key) -> tuple[Testimony, list[End]]:
        """Ask about one key now, by hand; what follows goes through the engine as always."""
        live = self._live
        async with live.asking:
            by_hand = Work(
                key, due=0.0, settled=0.0, version=0, tries=0, by_event=False, event=None, why="by hand"
            )
            if reason := await self._must_wait([by_hand]):
                return unknown(key, reason), []
            told = (await self._prove([key]))[key]

            def write(tx: Tx) -> list[End]:
                row = next(iter(work.of(tx, live.id, [key])), by_hand)
                return conclude_all(Desk.at(tx, live), [(row, told)])

            ends = await self._ledger.write(write)
        self._ask_for_scan(ends)
        live.due.set()
        self._ended(ends)
        return told, ends

    async def _look(self, rows: Sequence[Work]) -> list[End]:
        live = self._live
        if reason := await self._must_wait(rows):
            until = live.clock.reckoned() + WAIT_BUSY
            await self._ledger.write(lambda tx: work.postpone_all(tx, live.id, rows, until=until))
            live.log.debug("%s: %d keys wait: %s", live.name, len(rows), reason)
            return []
        waiting = await self._ledger.read(lambda tx: displaced(tx, live.id, [row.key for row in rows]))
        told = await self._prove([row.key for row in rows])
        ends = await self._write(
            [(row, told.get(row.key) or unknown(row.key, "it was not asked")) for row in rows]
        )
        await self._prove_displaced(waiting)
        self._ask_for_scan(ends)
        return ends

    def _ask_for_scan(self, ends: Sequence[End]) -> None:
        if End.REUSED in ends:
            self._order_scan("a key names another thing")

    async def _prove(self, keys: Sequence[Key]) -> dict[Key, Testimony]:
        before = await self._ledger.read(lambda tx: _oldest_doubt(tx, self._live.id, keys))
        return await prove(self._live, self._ledger, keys, before=before)

    async def _must_wait(self, rows: Sequence[Work]) -> str | None:
        """Why suspects cannot be judged now, or None. Their roots are looked at afresh first."""
        live = self._live
        if live.stranger:
            if self._scanned_for != live.stranger:
                self._order_scan(live.stranger)
            self._scanned_for = live.stranger
            return live.stranger
        newest = await self._ledger.read(lambda tx: _newest_suspicion(tx, live.id, [row.key for row in rows]))
        if newest is None:
            return None
        try:
            await probing.probe_since(live, self._ledger, newest)
        except SourceError as error:
            return str(error)
        return live.not_believable()

    async def _write(self, found: Sequence[tuple[Work, Testimony]]) -> list[End]:
        live, crashed = self._live, list[Work]()

        def odd(one: tuple[Work, Testimony], error: Exception) -> None:
            live.log.error("%s: %s could not be judged", live.name, one[0].key, exc_info=error)
            crashed.append(one[0])

        chunks = await in_chunks(
            self._ledger, found, lambda tx, chunk: conclude_all(Desk.at(tx, live), chunk), odd=odd
        )
        why = "judging it crashed; the log has the traceback"
        for row in crashed:
            await self._ledger.write(work.back_off, live.id, row, now=live.clock.reckoned(), why=why)
        return [end for ends in chunks for end in ends]

    async def _prove_displaced(self, rows: Sequence[ItemRow]) -> None:
        """Suspects whose key was reused are proved by their refs, where the app can be asked by ref."""
        live, finder = self._live, self._live.source
        for row in rows:
            if not isinstance(finder, Finds):
                return
            shown = await self._find(finder, row)
            if shown is None:
                continue
            await self._ledger.write(conclude_by_find, live, row, shown)

    async def _find(self, finder: Finds, row: ItemRow) -> list[Item] | None:
        """What the app shows for the row's refs, between two yeses; None when that cannot be told."""
        live, kind = self._live, row.item.key.kind
        before = await self._ledger.read(lambda tx: _oldest_doubt(tx, live.id, [row.item.key]))
        try:
            if not await has_a_yes(live, self._ledger, kind, before=before):
                return None
            for ref in sorted(row.item.strong_refs):
                try:
                    found = await live.ask("find", partial(finder.find, ref))
                except SourceError:
                    continue
                if found or await has_a_yes(live, self._ledger, kind, before=before):
                    return list(found)
        except SourceError:
            return None
        return None

    async def _until_due(self) -> None:
        live = self._live
        live.due.clear()
        at = await self._ledger.read(lambda tx: work.next_due(tx, live.id))
        wait = 3600.0 if at is None else at - live.clock.reckoned()
        await wait_for(live.due, wait, clock=live.clock)


def _newest_suspicion(tx: Tx, source_id: int, keys: Sequence[Key]) -> int | None:
    """The sequence number of the newest suspicion among the keys that the app did not itself declare."""
    doubts = [suspects.get(tx, row.id) for key in keys for row in items.by_key(tx, source_id, key)]
    return max((doubt.since_seq for doubt in doubts if doubt is not None and not doubt.own_act), default=None)


def _oldest_doubt(tx: Tx, source_id: int, keys: Sequence[Key]) -> int | None:
    """When the oldest suspicion about the keys began that no person released."""
    doubts = [suspects.get(tx, row.id) for key in keys for row in items.by_key(tx, source_id, key)]
    return min(
        (doubt.since_seq for doubt in doubts if doubt is not None and not doubt.released), default=None
    )
