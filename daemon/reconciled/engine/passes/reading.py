"""How a scan reads a source onto the stage: by walking it, or by all ids and what changed since a mark.

Of an `Incremental` source everything that exists is listed every time, so what is missing is a
suspect as ever; only what changed comes in full, and a key listed alone counts as it is known. The
mark moves only when a scan was applied whole and no hold stands. Without one everything is read in
full: the first time, after a change of the settings or of the installation, after an answer that
was not understood or that left something unsaid, while anything is held and after its release, and
once a week, since an app may change a thing without saying so.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from reconciled.engine.live import LiveSource
from reconciled.errors import RateLimited, SourceError, Unauthorized, Unreachable, Unsupported
from reconciled.ledger import runs, sources, stage
from reconciled.ledger.connection import Ledger
from reconciled.ledger.rows import SourceRow, dump
from reconciled.model import Absent, Item, Json, Key
from reconciled.source import Changes, Incremental

IN_FULL_AFTER = 7 * 86400.0
"""Seconds after which everything is read again in full."""
_ITEMS, _KEYS = 250, 1000


@dataclass(slots=True)
class Reading:
    """What one scan reads. `seen` counts the keys; `mark` is where the source is read to now, as JSON."""

    live: LiveSource
    ledger: Ledger
    run: int
    row: SourceRow
    held: bool
    """Whether a hold stood at the source when it began."""
    seen: int = 0
    mark: str | None = None
    in_full: bool = False
    deleted: dict[Key, Absent] = field(default_factory=dict)
    """What the listing says that the app itself deleted."""
    _from: Json = field(init=False)
    _bare: set[Key] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._from = self._mark_to_read_from()

    async def read(self) -> None:
        """Stage everything. SourceError when the listing is not whole."""
        self.seen = 0
        try:
            await self._list()
        except (Unreachable, RateLimited, Unauthorized):
            raise
        except SourceError:  # whatever it was, another look at the same mark may go wrong like this one
            await self.ledger.write(lambda tx: sources.set_state(tx, self.live.id, mark=None))
            raise

    async def again(self) -> None:
        """What the second reading of an unpaged list shows is listed after all.

        What it says of a key that stands on the stage already is not staged: the next scan goes on
        from where the first one did.
        """
        before = self.seen, self.mark, self.in_full
        await self._list()
        self.seen, self.mark, self.in_full = before

    async def unsaid(self) -> list[Key]:
        """The keys that are listed and of which nobody said, now or before, what stands there."""
        return sorted({*await self.ledger.write(stage.unknown, self.run), *self._bare})

    async def _list(self) -> None:
        source = self.live.source
        if isinstance(source, Incremental):
            try:
                await self._changes(source)
            except Unsupported as error:
                self.live.log.debug("%s: it is walked: %s", self.live.name, error)
            else:
                return
        self.in_full, self.mark = True, None
        await self._walk()

    async def _walk(self) -> None:
        """Every page. A total that disagrees with what came is a broken listing."""
        total: int | None = None
        async for page in self.live.pages(self.live.kinds):
            total = page.total if page.total is not None else total
            self._note_deleted(page.deleted)
            async for chunk in _chunks(page.items, _ITEMS):
                await self._add(chunk)
            await self.ledger.write(runs.progress, self.run, self.seen, total)
        if total is not None and self.seen < total:
            raise self.live.failed_scan(f"the listing says {total} items and shows {self.seen}")

    async def _changes(self, source: Incremental) -> None:
        """All ids. Read in full, only what is shown whole is listed: an id alone proves no identity."""
        kinds, since = self.live.kinds, self._from
        found = await self.live.changes(source, since)
        self.in_full = since is None
        self._note_deleted(found.deleted)
        async for chunk in _chunks([item for item in found.items if item.key.kind in kinds], _ITEMS):
            await self._add(chunk)
        if since is None:
            self._bare = await asyncio.to_thread(_not_shown, found, kinds)
        else:
            for keys in await asyncio.to_thread(_in_order, found.keys, kinds):
                self.seen += await self.ledger.write(stage.add_keys, self.run, self.live.id, keys)
        await self.ledger.write(runs.progress, self.run, self.seen, None)
        self.mark = dump(found.mark) if found.mark is not None else None

    def _note_deleted(self, deleted: Mapping[Key, Absent]) -> None:
        self.deleted.update({key: said for key, said in deleted.items() if key.kind in self.live.kinds})

    async def _add(self, items: Sequence[Item]) -> None:
        self.seen += await self.ledger.write(stage.add, self.run, self.live.id, items)

    def _mark_to_read_from(self) -> Json:
        """None reads everything."""
        row, live = self.row, self.live
        if row.mark is None or row.walked is None or self.held:
            return None
        if row.baseline or row.foreign_world or live.stranger:
            return None
        if not 0 <= live.clock.reckoned() - row.walked < IN_FULL_AFTER:
            return None
        mark: Json = msgspec.json.decode(row.mark)
        return mark


def _not_shown(found: Changes, kinds: frozenset[str]) -> set[Key]:
    """The keys of these kinds that are listed alone."""
    shown = {item.key for item in found.items}
    return {key for key in found.keys if key.kind in kinds and key not in shown}


def _in_order(keys: Collection[Key], kinds: frozenset[str]) -> list[list[Key]]:
    """Chunks of the keys of these kinds, in the stage's own order: that is several times as fast to write."""
    mine = sorted((key for key in keys if key.kind in kinds), key=lambda key: (key.kind, key.id))
    return [mine[at : at + _KEYS] for at in range(0, len(mine), _KEYS)]


async def _chunks(rows: Sequence[Item], size: int) -> AsyncIterator[Sequence[Item]]:
    for at in range(0, len(rows), size):
        yield rows[at : at + size]
