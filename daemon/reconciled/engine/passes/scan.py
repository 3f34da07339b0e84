"""The scan: one complete walk of a source, staged; then a set difference.

Nothing changes before a page says that the listing is complete. Then what is new or changed is
written, in short transactions so that waiting webhooks commit in between; last come the suspects:
a listing only names them. When the listing shows another world (most keys name other things, or
after a change of the installation too little of what is known is found) it is not applied at all.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from reconciled.engine import probing, suspicion
from reconciled.engine.chunks import in_chunks
from reconciled.engine.displaced import conclude_by_scan
from reconciled.engine.ends import End
from reconciled.engine.holds import MANY, root_trouble
from reconciled.engine.identity import is_another_thing, was_reidentified
from reconciled.engine.live import LiveSource
from reconciled.engine.replaced import replace_one
from reconciled.engine.seeing import seen
from reconciled.engine.suspicion import Desk
from reconciled.ledger import items, runs, sources, stage, suspects, tombstones, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import ItemRow, SourceRow
from reconciled.ledger.tombstones import Evidence
from reconciled.model import About, Item, Key, Page, Presence, What

T = TypeVar("T")

FOUND_AGAIN = 0.9
"""A baseline that finds at least this share of what is known goes on as if nothing had happened."""
ROOT_IS_NEW = 48 * 3600.0
"""After so many seconds of good scans a changed root is the new one: the apps read their disks daily."""
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
    """One scan of one source, as run `run`. `began` is the ledger's sequence number at its start."""

    live: LiveSource
    ledger: Ledger
    run: int
    began: int
    stats: Stats = field(default_factory=Stats)
    _row: SourceRow = field(init=False)

    async def __call__(self) -> Stats:
        """Walk, compare, write. SourceError when the listing is not whole; then nothing has changed."""
        before = self.live.requests()
        try:
            about = await probing.probe(self.live, self.ledger)
            self._row = await self.ledger.read(lambda tx: sources.by_id(tx, self.live.id))
            await self._read()
            await self._compare(about)
            self.live.health.fine("scan")
        finally:
            self.stats.requests = self.live.requests() - before
            await self.ledger.write(lambda tx: stage.clear(tx, self.run))
        return self.stats

    # --- reading ----------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Stage every page. A total that disagrees with what came is a broken listing."""
        total: int | None = None
        async for page in self.live.pages(self.live.kinds):
            total = page.total if page.total is not None else total
            async for chunk in _chunks(page):
                self.stats.seen += await self.ledger.write(stage.add, self.run, self.live.id, chunk)
            await self.ledger.write(runs.progress, self.run, self.stats.seen, total)
        if total is not None and self.stats.seen < total:
            raise self.live.failed_scan(f"the listing says {total} items and shows {self.stats.seen}")

    async def _read_again(self) -> None:
        """What the second reading of an unpaged list shows is listed after all."""
        async for page in self.live.pages(self.live.kinds):
            async for chunk in _chunks(page):
                await self.ledger.write(stage.add, self.run, self.live.id, chunk)

    # --- comparing --------------------------------------------------------------------------------

    async def _compare(self, about: About) -> None:
        await self._rescope(about)
        missing = await self._missing()
        if len(missing) >= READ_AGAIN and not self.live.source.paged:
            await self._read_again()
            missing = await self._missing()
        reused = await self._reused()
        if reason := await self._another_world(missing, reused):
            await self._refuse([*missing, *reused], reason)
            return
        await self._write_listed()
        displaced = await self.ledger.read(lambda tx: suspects.displaced_waiting(tx, self.live.id))
        missing = await self._replace([*missing, *displaced])
        held = await self._suspect(missing)
        self.stats.held += held
        await self._finish(about, good=held == 0)

    async def _rescope(self, about: About) -> None:
        """After a change of scope, or a return: freeze what lies outside, thaw what lies inside."""
        if self._row.baseline:
            roots = frozenset(root.path for root in about.roots)
            await self.ledger.write(
                lambda tx: sources.rescope(tx, self.live.id, kinds=self.live.kinds, roots=roots)
            )

    async def _missing(self) -> list[int]:
        """The rows that are known, in scope, and not listed."""
        missing: list[int] = []
        for kind in sorted(self.live.kinds):
            after: str | None = ""
            while after is not None:
                found, after = await self.ledger.write(
                    stage.unlisted, self.run, self.live.id, kind, began=self.began, after=after, limit=2000
                )
                missing += found
        return missing

    async def _reused(self) -> list[int]:
        """The rows whose key names another thing now, besides those that a person released."""
        released = await self.ledger.read(lambda tx: suspects.released_in(tx, self.live.id))
        reused: list[int] = []
        async for listed in self._differing():
            reused += await self.ledger.read(_reused_among, listed, released)
        return reused

    async def _another_world(self, missing: Sequence[int], reused: Sequence[int]) -> str | None:
        """Why the listing is not of the world we know, or None."""
        released = await self.ledger.read(lambda tx: suspects.released_in(tx, self.live.id))
        known = await self.ledger.read(lambda tx: items.count_standing(tx, self.live.id)) - len(released)
        if len(reused) > MANY and len(reused) > self.live.rules.max_gone * known:
            return f"{len(reused)} of {known} known keys name other things now"
        if not (self.live.stranger or self._row.baseline) or known <= 0:
            return None
        new_refs = set[tuple[str, str]]()
        async for listed in self._differing():
            new_refs |= {
                (ref.space, ref.value)
                for new in listed
                if new.item_id is None
                for ref in new.item.strong_refs
            }
        lost = [item_id for item_id in missing if item_id not in released]
        moved = await self.ledger.read(
            lambda tx: sum(items.claims_any(tx, item_id, new_refs) for item_id in lost)
        )
        found_again = known - len(reused) - len(lost) + moved
        if found_again >= FOUND_AGAIN * known:
            return None
        because = self.live.stranger or "after a change of its settings"
        return f"{because}, and only {found_again} of {known} known items are found again"

    async def _refuse(self, doubted: Sequence[int], reason: str) -> None:
        """Hold what this world does not show, and believe nothing else that it says."""
        live = self.live

        def one(desk: Desk, item_id: int) -> None:
            row = items.by_id(desk.tx, item_id)
            if row is not None and row.confirmed < self.began and suspects.get(desk.tx, item_id) is None:
                self._doubt(desk, row, reason)

        def judge(tx: Tx) -> int:
            sources.set_state(tx, live.id, foreign_world=1)
            return suspicion.judge(Desk.at(tx, live), suspects.groups_in(tx, live.id), foreign=reason)

        live.stranger = reason
        self.stats.unlisted = len(doubted)
        await self._in_chunks(doubted, one)
        self.stats.held = await self.ledger.write(judge)
        live.log.warning("%s: %s; nothing of this scan is believed", live.name, reason)

    # --- writing ----------------------------------------------------------------------------------

    async def _differing(self) -> AsyncIterator[list[stage.Staged]]:
        after: Key | None = None
        while found := await self.ledger.write(
            stage.differing, self.run, self.live.id, after=after, limit=500
        ):
            after = found[-1].item.key
            yield found

    async def _write_listed(self) -> None:
        back = await self.ledger.write(lambda tx: stage.returned(tx, self.run, self.live.id))
        await self._in_chunks(back, self._came_back)
        async for found in self._differing():
            await self._in_chunks(found, self._listed)

    def _came_back(self, desk: Desk, item_id: int) -> None:
        """Listed just as it was, though the ledger did not hold it as present."""
        row = items.by_id(desk.tx, item_id)
        if row is not None and row.confirmed < self.began:
            end = seen(desk, [row], row.item, mark=self.began, by_scan=True)
            self.stats.returned += end in (End.SEEN, End.CHANGED)

    def _listed(self, desk: Desk, found: stage.Staged) -> None:
        rows = items.by_key(desk.tx, self.live.id, found.item.key)
        if any(row.current and row.confirmed >= self.began for row in rows):
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
                self.stats.replaced += replace_one(desk, item_id, gone)

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
        suspicion.suspect(desk, row, What.ENTRY, noticed_by="scan", run_id=self.run, why=said)
        evidence = Evidence(desk.seq, desk.stamp, "scan", said, None, None, None)
        tombstones.add_evidence(desk.tx, desk.source.name, row.item.key, evidence)

    async def _finish(self, about: About, *, good: bool) -> None:
        """The scan is applied. It is a good one if it shows something and no hold stands at the source."""
        live = self.live

        def write(tx: Tx) -> bool:
            desk = Desk.at(tx, live)
            calm = good and not suspects.open_holds(tx, live.id)
            sources.set_state(tx, live.id, scanned=self.began)
            sources.take_identity(tx, live.id, about, account=calm)
            good_one = good and items.any_listed(tx, live.id)
            if good_one:
                sources.set_state(tx, live.id, good=self.began)
                _believe_roots(desk, about)
                conclude_by_scan(desk, self.run, self.began)
            return good_one

        live.stranger = live.awaited = None
        if await self.ledger.write(write):
            live.watched.good_answer()

    async def _in_chunks(self, rows: Sequence[T], one: Callable[[Desk, T], None]) -> None:
        """Write row by row, many in a transaction."""

        def write(tx: Tx, chunk: Sequence[T]) -> None:
            desk = Desk.at(tx, self.live)
            for row in chunk:
                one(desk, row)

        def odd(row: T, error: Exception) -> None:
            self.live.log.error(
                "%s: one item of scan %d is odd: %r", self.live.name, self.run, row, exc_info=error
            )

        await in_chunks(self.ledger, rows, write, odd=odd)


async def _chunks(page: Page, size: int = 250) -> AsyncIterator[Sequence[Item]]:
    for at in range(0, len(page.items), size):
        yield page.items[at : at + size]


def _reused_among(tx: Tx, listed: Sequence[stage.Staged], released: Collection[int]) -> list[int]:
    reused = []
    for found in listed:
        row = (
            items.by_id(tx, found.item_id)
            if found.item_id is not None and found.item_id not in released
            else None
        )
        if row is None or row.presence not in (Presence.PRESENT, Presence.UNLISTED):
            continue
        if is_another_thing(row.item, found.item) and not was_reidentified(row.item, found.item):
            reused.append(row.id)
    return reused


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
        if root_trouble(row, root.path, known=True) is None or (
            row.odd_since is not None and desk.now - row.odd_since > ROOT_IS_NEW
        ):
            sources.believe_root(desk.tx, desk.live.id, root.path)
        else:
            sources.doubt_root(desk.tx, desk.live.id, root.path, now=desk.now)
