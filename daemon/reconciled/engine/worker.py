"""The worker of one source: it takes keys that are due, asks about them, and writes what follows.

One key failing is that key's failure. While the app is in trouble, reorganises its library, or is
not the installation we know, keys wait; none of these is an answer.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from reconciled.clock import wait_for
from reconciled.engine import probing, suspicion
from reconciled.engine.chunks import in_chunks
from reconciled.engine.conclude import conclude_all
from reconciled.engine.displaced import conclude_by_find, displaced, find_between_yeses, oldest_doubt
from reconciled.engine.ends import End
from reconciled.engine.live import LiveSource
from reconciled.engine.proof import prove
from reconciled.engine.suspicion import Desk
from reconciled.engine.verdict import Testimony, needs_yes, unknown
from reconciled.errors import SourceError
from reconciled.ledger import items, parts, suspects, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import ItemRow
from reconciled.ledger.work import Work
from reconciled.model import Key, Presence
from reconciled.source import Finds

AT_ONCE = 400
WAIT_BUSY = 60.0
SCAN_AGAIN, LONGEST_SCAN = 900.0, 6 * 3600.0
"""While what answers is not the world we know and keys wait for it, it is read again after so long."""


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
        self._scan_at = 0.0
        self._patience = SCAN_AGAIN

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
            try:
                while rows := await self._ledger.write(
                    work.due, self._live.id, now=self._live.clock.reckoned(), limit=AT_ONCE
                ):
                    ends += await self._look(rows)
                    if not self._live.answers:
                        break
            except asyncio.CancelledError:
                await asyncio.shield(self._ledger.write(work.put_all_down, self._live.id))
                raise
        self._ended(ends)
        return ends

    async def look_at(self, key: Key) -> tuple[Testimony, list[End]]:
        """Ask about one key now, by hand; what follows goes through the engine as always."""
        live = self._live
        async with live.asking:
            by_hand = Work(
                key, due=0.0, settled=0.0, version=0, tries=0, by_event=False, event=None, why="by hand"
            )
            row = next(iter(await self._ledger.read(work.of, live.id, [key])), by_hand)
            if reason := await self._must_wait([row]):
                return unknown(key, reason), []
            told = await self._prove([key])
            if reason := await self._must_wait([row], told):
                return unknown(key, reason), []
            ends = await self._write([(row, told[key])])
        self._ask_for_scan(ends)
        live.due.set()
        self._ended(ends)
        return told[key], ends

    async def _look(self, rows: Sequence[Work]) -> list[End]:
        live = self._live
        rows = await self._ledger.write(_besides_waiting, live, rows)
        keys = [row.key for row in rows]
        if not rows or await self._put_off(rows):
            return []
        waiting = await self._ledger.read(displaced, live.id, keys)
        told = await self._prove(keys)
        if await self._put_off(rows, told):  # the app may be another one now, or its disk away
            return []
        ends = await self._write(
            [(row, told.get(row.key) or unknown(row.key, "it was not asked")) for row in rows]
        )
        await self._prove_displaced(waiting)
        self._ask_for_scan(ends)
        return ends

    async def _put_off(self, rows: Sequence[Work], told: Mapping[Key, Testimony] | None = None) -> bool:
        """Whether nothing can be judged now; then the rows wait a minute."""
        reason = await self._must_wait(rows, told)
        if reason is None:
            return False
        until = self._live.clock.reckoned() + WAIT_BUSY
        await self._ledger.write(work.postpone_all, self._live.id, rows, until=until)
        self._live.log.debug("%s: %d keys wait: %s", self._live.name, len(rows), reason)
        return True

    def _ask_for_scan(self, ends: Sequence[End]) -> None:
        if End.REUSED in ends:
            self._order_scan("a key names another thing")

    async def _prove(self, keys: Sequence[Key]) -> dict[Key, Testimony]:
        asked, before = await self._ledger.read(_when_asked, self._live.id, keys)
        told = await prove(self._live, self._ledger, keys, before=before)
        lacking = {key.kind for key, one in told.items() if one.no_yes}
        if lacking:
            newcomers = await self._ledger.read(items.never_listed, self._live.id, lacking)
            if newcomers:
                self._ask_who_it_is("what is new there was never listed, so it vouches for nothing yet")
        return {key: replace(one, asked=asked) for key, one in told.items()}

    async def _must_wait(
        self, rows: Sequence[Work], told: Mapping[Key, Testimony] | None = None
    ) -> str | None:
        """Why suspects cannot be judged now, or None.

        When a loss was `told`, the roots are looked at once more after that: a disk that went away a
        moment ago takes nothing with it. So also without a yes, which a person may have waived.
        """
        live = self._live
        try:
            if live.stranger:
                await probing.probe(live, self._ledger)
        except SourceError as error:
            return str(error)
        if reason := live.stranger or live.awaited:
            self._ask_who_it_is(reason)
            return reason
        self._patience = SCAN_AGAIN
        if not await self._ledger.read(_any_suspicion, live.id, [row.key for row in rows]):
            return None
        try:
            losses = [one.asked for one in (told or {}).values() if needs_yes(one.answer)]
            await probing.probe_before_judging(live, self._ledger, max(losses, default=0))
        except SourceError as error:
            return str(error)
        return live.not_judged()

    def _ask_who_it_is(self, reason: str) -> None:
        """A scan must tell: at once when the reason is a new one, then ever more rarely."""
        now = self._live.clock.monotonic()
        if reason != self._scanned_for or now >= self._scan_at:
            self._patience = (
                SCAN_AGAIN if reason != self._scanned_for else min(self._patience * 2, LONGEST_SCAN)
            )
            self._scanned_for, self._scan_at = reason, now + self._patience
            self._order_scan(reason)

    async def _write(self, found: Sequence[tuple[Work, Testimony]]) -> list[End]:
        """Judge the groups, then write each end. A suspicion that begins meanwhile judges for itself."""
        live, crashed = self._live, list[Work]()

        def odd(one: tuple[Work, Testimony], error: Exception) -> None:
            live.log.error("%s: %s could not be judged", live.name, one[0].key, exc_info=error)
            crashed.append(one[0])

        await self._ledger.write(_judge, live, [row.key for row, _ in found])
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
            asked = await self._ledger.read(items.current_seq)
            shown = await find_between_yeses(live, self._ledger, finder, row)
            if shown is None:
                continue
            try:
                await probing.probe_before_judging(live, self._ledger, 0 if shown else asked)
            except SourceError:
                continue
            await self._ledger.write(conclude_by_find, live, row, shown)

    async def _until_due(self) -> None:
        live = self._live
        live.due.clear()
        at = await self._ledger.read(lambda tx: work.next_due(tx, live.id))
        wait = 3600.0 if at is None else at - live.clock.reckoned()
        await wait_for(live.due, wait, clock=live.clock)


def _besides_waiting(tx: Tx, live: LiveSource, rows: Sequence[Work]) -> list[Work]:
    """Without the parts of what has to be asked about first; they are woken when that is answered."""
    left = []
    for row in rows:
        current = parts.current_row(tx, live.id, row.key)
        if current is not None and current.presence is not Presence.GONE and parts.waits(tx, current):
            work.postpone(tx, live.id, row, until=live.clock.reckoned() + work.LONGEST_BACKOFF)
        else:
            left.append(row)
    return left


def _any_suspicion(tx: Tx, source_id: int, keys: Sequence[Key]) -> bool:
    """Whether there is a suspicion about any of the keys."""
    rows = (row for key in keys for row in items.by_key(tx, source_id, key))
    return any(suspects.get(tx, row.id) is not None for row in rows)


def _when_asked(tx: Tx, source_id: int, keys: Sequence[Key]) -> tuple[int, int | None]:
    """(Now, when the oldest suspicion about the keys began that no person released)."""
    return items.current_seq(tx), oldest_doubt(tx, source_id, keys)


def _judge(tx: Tx, live: LiveSource, keys: Sequence[Key]) -> None:
    rows = [row.id for key in keys for row in items.by_key(tx, live.id, key)]
    suspicion.judge(Desk.at(tx, live), suspects.groups_of(tx, rows))
