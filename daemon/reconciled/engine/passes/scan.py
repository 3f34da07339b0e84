"""The scan: one complete listing of a source, staged; then a set difference.

Nothing changes before the listing is known to be complete. Then what is new or changed is written,
in short transactions so that waiting webhooks commit in between; last come the suspects: a listing
only names them. Everywhere parents come before their parts. When the listing shows another world
(see `world`) it is not applied at all. How a source is read is `reading`'s business.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from reconciled.engine import probing, suspicion
from reconciled.engine.chunks import in_chunks
from reconciled.engine.deeds import Deed, own_word
from reconciled.engine.displaced import conclude_by_scan
from reconciled.engine.ends import End
from reconciled.engine.holds import root_trouble
from reconciled.engine.live import LiveSource
from reconciled.engine.passes.reading import Reading
from reconciled.engine.passes.world import Found, Reused, another_world, new_refs
from reconciled.engine.replaced import replace_one
from reconciled.engine.seeing import seen
from reconciled.engine.suspicion import Desk
from reconciled.ledger import items, parts, recall, sources, stage, suspects, tombstones, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import ItemRow, RootRow, SourceRow, fingerprint, pack
from reconciled.ledger.stage import Returned, Unlisted
from reconciled.ledger.tombstones import Evidence
from reconciled.model import About, Key, Presence, What

T = TypeVar("T")

ROOT_IS_NEW = 48 * 3600.0
"""After so many seconds of good scans a changed root is the new one: the apps read their disks daily."""
UNREAD = 24 * 3600.0
"""So many seconds between two scans count for that at most: a daemon that is off sees nothing."""
CUT_OFF = "a scan was cut off before what it missed was counted"
READ_AGAIN = 200
"""From this many suspects of an unpaged list on, the list is read once more first."""


@dataclass(slots=True)
class Stats:
    """What a scan did, in the API's words."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    unlisted: int = 0
    returned: int = 0
    replaced: int = 0
    held: int = 0
    requests: int = 0

    def as_dict(self) -> dict[str, int]:
        """For the run's row."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Scan:
    """One scan of one source, as run `run`. `began` is the ledger's sequence number at its start; `at` is
    told the moment at which a crash would matter.
    """

    live: LiveSource
    ledger: Ledger
    run: int
    began: int
    stats: Stats = field(default_factory=Stats)
    at: Callable[[str], None] = lambda _: None
    _row: SourceRow = field(init=False)
    _reading: Reading = field(init=False)
    _whole: bool = True
    """Whether every row of it could be written."""

    async def __call__(self) -> Stats:
        """Read, compare, write. SourceError when the listing is not whole; then nothing has changed."""
        before = self.live.requests()
        try:
            about = await probing.probe(self.live, self.ledger)
            self._row = await self.ledger.read(lambda tx: sources.by_id(tx, self.live.id))
            held = await self.ledger.read(lambda tx: bool(suspects.open_holds(tx, self.live.id)))
            self._reading = Reading(self.live, self.ledger, self.run, self._row, held)
            await self._reading.read()
            self.stats.seen = self._reading.seen
            await self._compare(about)
            self.live.health.fine("scan")
        finally:
            self.stats.requests = self.live.requests() - before
            while await self.ledger.write(stage.clear, self.run):
                pass
        return self.stats

    # --- comparing --------------------------------------------------------------------------------

    async def _compare(self, about: About) -> None:
        await self._rescope(about)
        missing = await self._missing()
        if len(missing) >= READ_AGAIN and not self.live.source.paged:
            await self._reading.again()
            missing = await self._missing()
        reused = await self._reused()
        if reason := await self._another_world(missing, reused):
            await self._refuse([row.item_id for row in (*missing, *reused)], reason)
            return
        unsaid, held = await self._apply(missing)
        self.stats.held += held
        await self._finish(about, good=held == 0 and not unsaid and self._whole)

    async def _apply(self, missing: Sequence[Unlisted]) -> tuple[int, int]:
        """Write it all down. Nothing is believed of the first suspect before all are counted; when this is
        cut off, not before the next scan has counted them.
        """
        self.live.counting = True
        try:
            await self._write_listed()
            self.at("scan half applied")
            unsaid = await self._ask_about_unsaid()
            displaced = await self.ledger.read(lambda tx: suspects.displaced_waiting(tx, self.live.id))
            left = await self._replace([*(row.item_id for row in missing), *displaced])
            return unsaid, await self._suspect(left)
        except BaseException:
            self.live.awaited = CUT_OFF
            raise
        finally:
            self.live.counting = False

    async def _rescope(self, about: About) -> None:
        """After a change of scope, or a return: freeze what lies outside, thaw what lies inside."""
        if self._row.baseline:
            roots = frozenset(root.path for root in about.roots)
            await self.ledger.write(
                lambda tx: sources.rescope(tx, self.live.id, kinds=self.live.kinds, roots=roots)
            )

    async def _missing(self) -> list[Unlisted]:
        """The rows that are known, in scope, and not listed."""
        missing: list[Unlisted] = []
        for kind in self.live.ordered_kinds:
            after: str | None = ""
            while after is not None:
                found, after = await self.ledger.write(
                    stage.unlisted, self.run, self.live.id, kind, began=self.began, after=after, limit=2000
                )
                missing += found
        return missing

    async def _reused(self) -> list[Unlisted]:
        """The rows whose key names another thing now, besides those that a person released."""
        reused = Reused(await self.ledger.read(lambda tx: parts.released_in(tx, self.live.id)))
        async for listed in self._differing():
            await self.ledger.read(reused.look_at, listed)
        return reused.rows

    async def _another_world(self, missing: Sequence[Unlisted], reused: Sequence[Unlisted]) -> str | None:
        """Why the listing is not of the world we know, or None."""
        doubt = self.live.stranger or ("after a change of its settings" if self._row.baseline else None)
        refs = set[tuple[str, str]]()
        if doubt is not None:
            async for listed in self._differing():
                refs |= new_refs(listed)
        released = await self.ledger.read(lambda tx: parts.released_in(tx, self.live.id))
        found = Found(missing, reused, released, refs)
        most = self.live.rules.max_gone
        return await self.ledger.read(
            lambda tx: another_world(tx, self.live.id, found, doubt=doubt, max_gone=most)
        )

    async def _refuse(self, doubted: Sequence[int], reason: str) -> None:
        """Hold what this world does not show, and believe nothing else that it says."""
        live = self.live

        def one(desk: Desk, item_id: int) -> None:
            row = items.by_id(desk.tx, item_id)
            if row is not None and row.confirmed < self.began and suspects.get(desk.tx, item_id) is None:
                self._doubt(desk, row, reason)

        def judge(tx: Tx) -> int:
            sources.set_state(tx, live.id, foreign_world=1, mark=None)
            return suspicion.judge(Desk.at(tx, live), suspects.groups_in(tx, live.id), foreign=reason)

        live.stranger = reason
        self.stats.unlisted = len(doubted)
        await self._in_chunks(doubted, one)
        self.stats.held = await self.ledger.write(judge)
        live.log.warning("%s: %s; nothing of this scan is believed", live.name, reason)

    # --- writing ----------------------------------------------------------------------------------

    async def _differing(self) -> AsyncIterator[list[stage.Staged]]:
        for kind in self.live.ordered_kinds:
            after = ""
            while found := await self.ledger.write(
                stage.differing, self.run, self.live.id, kind, after=after, limit=500
            ):
                after = found[-1].item.key.id
                yield found

    async def _write_listed(self) -> None:
        back = await self.ledger.write(lambda tx: stage.returned(tx, self.run, self.live.id))
        order = self.live.ordered_kinds
        known = [row for row in back if row.kind in order]
        await self._in_chunks(sorted(known, key=lambda row: order.index(row.kind)), self._came_back)
        async for found in self._differing():
            await self._in_chunks(found, self._listed)

    def _came_back(self, desk: Desk, back: Returned) -> None:
        """Listed just as it was, though the ledger did not hold it as present."""
        row = items.by_id(desk.tx, back.item_id)
        if row is None or row.confirmed >= self.began:
            if row is not None and row.presence is Presence.GONE:  # proved while it was being listed
                why = "a lookup denied it while a scan listed it"
                work.ask_once(desk.tx, self.live.id, row.item.key, now=desk.now, why=why)
            return
        if back.alone and self._says_too_little(desk, row):
            return
        end = seen(desk, [row], row.item, mark=self.began, by_scan=True)
        self.stats.returned += end in (End.SEEN, End.CHANGED)

    def _says_too_little(self, desk: Desk, row: ItemRow) -> bool:
        """Only its key is listed: no word of its file, nor whether what was gone is the same thing."""
        doubt = suspects.get(desk.tx, row.id)
        if row.presence is Presence.GONE:
            work.ask_once(desk.tx, self.live.id, row.item.key, now=desk.now, why="its key is listed again")
        elif doubt is not None and doubt.what is What.FILE:
            work.keep_asking(desk.tx, self.live.id, row.item.key, now=desk.now)
        else:
            return row.presence is Presence.FROZEN
        return True

    async def _ask_about_unsaid(self) -> int:
        """Listed keys of which nobody said what they are are looked at. Returns how many."""
        unsaid = await self._reading.unsaid()

        def one(desk: Desk, key: Key) -> None:
            work.ask_once(desk.tx, self.live.id, key, now=desk.now, why="listed, and not known")

        await self._in_chunks(unsaid, one)
        return len(unsaid)

    def _listed(self, desk: Desk, found: stage.Staged) -> None:
        rows = items.by_key(desk.tx, self.live.id, found.item.key)
        newer = next((row for row in rows if row.current and row.confirmed >= self.began), None)
        if newer is not None:
            if newer.print != fingerprint(pack(found.item)):  # nobody knows which is the later word
                why = "a lookup and a scan showed it otherwise at the same time"
                work.ask_once(desk.tx, self.live.id, found.item.key, now=desk.now, why=why)
            return
        away = any(row.presence is not Presence.PRESENT for row in rows if row.current)
        end = seen(desk, rows, found.item, mark=self.began, by_scan=True)
        self.stats.new += end is End.NEW
        self.stats.changed += end is End.CHANGED
        self.stats.returned += away and end in (End.SEEN, End.CHANGED)

    async def _replace(self, missing: Sequence[int]) -> list[int]:
        """Take out of `missing` what the same listing shows under a new key."""
        gone = set(missing)

        def one(desk: Desk, item_id: int) -> None:
            if item_id in gone:
                self.stats.replaced += len(replace_one(desk, item_id, gone))

        await self._in_chunks(missing, one)
        return [item_id for item_id in missing if item_id in gone]

    async def _suspect(self, missing: Sequence[int]) -> int:
        """Begin the suspicions, then judge their groups before anything is looked up."""

        def one(desk: Desk, item_id: int) -> None:
            row = items.by_id(desk.tx, item_id)
            if row is None or row.confirmed >= self.began:
                return
            if suspects.get(desk.tx, item_id) is None:
                self._doubt(desk, row, f"not listed by scan {self.run}")
            else:
                work.keep_asking(desk.tx, self.live.id, row.item.key, now=desk.now)

        self.stats.unlisted = len(missing)
        await self._in_chunks(missing, one)  # those that are suspects already stay as they are
        return await self.ledger.write(
            lambda tx: suspicion.judge(Desk.at(tx, self.live), suspects.groups_in(tx, self.live.id))
        )

    def _doubt(self, desk: Desk, row: ItemRow, said: str) -> None:
        known_world = self.live.stranger is None and row.current
        own = self._reading.deleted.get(row.item.key) if known_world else None
        suspicion.suspect(
            desk, row, What.ENTRY, noticed_by="scan", run_id=self.run, own_act=own is not None, why=said
        )
        if parts.waits(desk.tx, row):
            return  # what it is a part of speaks for it
        key, name = row.item.key, desk.source.name
        if own is not None:
            word = own_word(
                name, own, seq=desk.seq, told=desk.when, since=recall.last_complete_scan(desk.tx, name)
            )
            tombstones.add_evidence(desk.tx, name, key, word)
        evidence = Evidence(desk.seq, desk.stamp, "scan", said, None, None, None, Deed.UNLISTED)
        tombstones.add_evidence(desk.tx, name, key, evidence)

    async def _finish(self, about: About, *, good: bool) -> None:
        """The scan is applied. It is a good one if it shows something and no hold stands at the source."""
        live = self.live

        def write(tx: Tx) -> bool:
            desk = Desk.at(tx, live)
            calm = good and not suspects.open_holds(tx, live.id)
            sources.set_state(tx, live.id, scanned=self.began)
            sources.take_identity(tx, live.id, about, account=calm)
            self._keep_mark(tx, calm=calm)
            good_one = good and items.any_listed(tx, live.id)
            if good_one:
                sources.set_state(tx, live.id, good=self.began)
                _believe_roots(desk, about)
                conclude_by_scan(desk, self.run, self.began)
            return good_one

        live.stranger = live.awaited = None
        if await self.ledger.write(write):
            live.watched.good_answer()

    def _keep_mark(self, tx: Tx, *, calm: bool) -> None:
        """The next scan goes on from here, if nothing of this one is left in doubt, and nobody
        wanted everything read again meanwhile.
        """
        reading, live = self._reading, self.live
        forgotten = self._row.mark is not None and sources.by_id(tx, live.id).mark is None
        sound = calm and self._whole and (reading.in_full or not forgotten)
        sources.set_state(tx, live.id, mark=reading.mark if sound else None)
        if reading.in_full:
            sources.set_state(tx, live.id, walked=live.clock.reckoned())

    async def _in_chunks(self, rows: Sequence[T], one: Callable[[Desk, T], None]) -> None:
        """Write row by row, many in a transaction."""

        def write(tx: Tx, chunk: Sequence[T]) -> None:
            desk = Desk.at(tx, self.live)
            for row in chunk:
                one(desk, row)

        def odd(row: T, error: Exception) -> None:
            self._whole = False
            self.live.log.error(
                "%s: one item of scan %d is odd: %r", self.live.name, self.run, row, exc_info=error
            )

        await in_chunks(self.ledger, rows, write, odd=odd)


def _believe_roots(desk: Desk, about: About) -> None:
    """A root that is as before stays believed. A changed one is not, merely because nothing is missing
    yet: the app may not have looked at its disk. It is after two days, or when a person releases a hold.
    """
    known = sources.roots(desk.tx, desk.live.id)
    held = {hold.group.root for hold in suspects.open_holds(desk.tx, desk.live.id)}
    for root in about.roots:
        row = known.get(root.path)
        if row is None or not root.usable or root.path in held:
            continue
        since = _odd_since(desk, row)
        if root_trouble(row, root.path, known=True) is None or desk.now - since > ROOT_IS_NEW:
            sources.believe_root(desk.tx, desk.live.id, root.path)
        else:
            sources.doubt_root(desk.tx, desk.live.id, root.path, since=since)


def _odd_since(desk: Desk, row: RootRow) -> float:
    """Since when a root is another one (reckoned), later by the time in which nobody read its app."""
    before = recall.last_complete_scan(desk.tx, desk.source.name)
    if row.odd_since is None or before is None:
        return desk.now
    unread = (desk.when - before).total_seconds() - UNREAD
    return min(row.odd_since + max(0.0, unread), desk.now)
