"""The mirror pass: the files of a source to its targets, fileset by fileset, once, whole and resumable.

What is to be done is asked of the ledger, not of the apps: a run without anything new asks nobody. A
fileset that fails does not stop the others, nor a target the other targets. The checkpoint names the last
fileset before which all are done; a run that was cut off is gone on with from there.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from reconciled.clock import Clock
from reconciled.config import Mirror
from reconciled.engine.engine import Engine
from reconciled.engine.live import LiveSource
from reconciled.engine.mirror import straying
from reconciled.engine.mirror.backwards import (
    Partner,
    ask_about_copies,
    opposite,
    partners_of,
    settle,
    turned,
)
from reconciled.engine.mirror.bringing import Bringing
from reconciled.engine.mirror.decoding import Decoder
from reconciled.engine.mirror.following import Following
from reconciled.engine.mirror.footing import why_not, why_not_to
from reconciled.engine.mirror.handing import Handing
from reconciled.engine.mirror.originals import fileset_attr
from reconciled.engine.mirror.sweeping import sweep
from reconciled.engine.runs import Run
from reconciled.engine.suspicion import Desk
from reconciled.errors import ReconciledError, Unreachable
from reconciled.ledger import copies, journeys, mirrors
from reconciled.ledger.connection import Tx
from reconciled.model import Json


@dataclass(frozen=True, slots=True)
class Fileset:
    """The originals of one fileset that have something to be done about: their rows, and their bytes."""

    name: str
    item_ids: tuple[int, ...]
    sizes: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What every run of a mirror stands on. `at` is told each moment at which a crash would matter."""

    engine: Engine
    following: Following
    folder: Path
    log: logging.Logger
    at: Callable[[str], None] = lambda _: None


@dataclass(slots=True)
class MirrorRun:
    """One run. `brings` is False where the mode only lets it say what it would bring."""

    ground: Ground
    mirror: Mirror
    run: Run
    brings: bool
    filesets: int = 0
    broken: int = 0
    _done: set[int] = field(default_factory=set)
    _clock: Clock | None = None
    _began: float = 0.0
    _bringing: Bringing | None = None

    async def go(self) -> Mapping[str, Json]:
        """Bring what is to be brought. Raises what ends the whole run; what it counted is returned."""
        ledger, mirror = self.ground.engine.ledger, self.mirror
        live = self._live()
        self._clock, self._began = live.clock, live.clock.monotonic()
        targets = self._targets()
        partners = self._partners(targets)
        if self.brings:
            await ask_about_copies(ledger, live, mirror, partners)
        checkpoint = await ledger.write(self._begin, live, partners) if self.brings else None
        wanted = await ledger.read(
            lambda tx: wanted_by(tx, mirror, live, now=live.clock.reckoned(), partners=partners)
        )
        left = [one for one in wanted if checkpoint is None or one.name > checkpoint] or wanted
        progress, sizes = self.run.progress, [size for one in left for size in one.sizes]
        progress.total = len(sizes)
        progress.bytes_total = None if None in sizes else sum(size or 0 for size in sizes)
        stats: dict[str, Json] = {"wanted": progress.total, "wanted_bytes": progress.bytes_total}
        if checkpoint is not None:
            stats["resumed_after"] = checkpoint
        missing = sorted(set(mirror.targets) - set(targets))
        if missing:
            stats["left_out"] = [*missing]
        if self.brings and left and not targets:
            raise Unreachable(f"none of {', '.join(missing)} is well, so there is nowhere to bring the files")
        await self._sweep(live)  # a disk that is full may be full of it
        if self.brings:
            known = self.ground.following.mirrors().keys()
            await straying.settle(self.ground.engine, mirror, live, self._folder, known=known)
            await self._bring_all(live, left, targets)
            await self._sweep(live)
        return stats | self.counted()

    @property
    def _folder(self) -> Path:
        """Where its files lie while they travel."""
        return self.ground.folder / self.mirror.name

    async def _sweep(self, live: LiveSource) -> None:
        """Take away what is left of transfers that nobody goes on with, whichever targets are well now."""
        partners = self._partners(self.mirror.targets)
        await sweep(self.ground.engine.ledger, self.mirror, live, self._folder, partners)

    def _live(self) -> LiveSource:
        place = self.ground.engine.places.get(self.mirror.source)
        if place is None or not place.live.answers:
            raise Unreachable(f"{self.mirror.source} is not well, so nothing can be fetched from it")
        return place.live

    def _targets(self) -> list[str]:
        """The targets that can be given something now."""
        places = self.ground.engine.places
        return [
            name
            for name in self.mirror.targets
            if (place := places.get(name)) is not None and why_not_to(place.live) is None
        ]

    async def _ready(self, targets: Collection[str]) -> list[str]:
        """Those of the targets that can be given more now. Raises what ends the run: nothing can travel."""
        for target in targets:
            await self.ground.following.room(target)
        if (why := why_not(self._live())) is not None:
            raise Unreachable(f"{why}, so nothing is fetched from it")
        ready = [name for name in self._targets() if name in targets]
        if not ready:
            raise Unreachable(f"none of {', '.join(sorted(targets))} is well any more; the rest waits")
        return ready

    def _partners(self, targets: Collection[str]) -> Mapping[str, Partner]:
        ground = self.ground
        return partners_of(ground.following.mirrors(), self.mirror, ground.engine.places, targets)

    def _begin(self, tx: Tx, live: LiveSource, partners: Mapping[str, Partner]) -> str | None:
        """The fileset after which this run goes on. What other rules refused is looked at again, and so is
        what goes back from copies at the mirror's source.
        """
        mirror, words = self.mirror, self.mirror.words()
        before = mirrors.get(tx, mirror.name)
        if before is not None and before.words != words:
            journeys.refused_anew(tx, mirror.name)
        desk, configured = Desk.at(tx, live), self.ground.following.mirrors()
        if settle(desk, mirror, partners, configured):
            self.ground.engine.tell("changed", source=mirror.source)
        return mirrors.begin(tx, mirror.name, words=words)

    async def _bring_all(self, live: LiveSource, filesets: Sequence[Fileset], targets: list[str]) -> None:
        """All filesets, a few at a time."""
        ground = self.ground
        handing = Handing(
            ground.engine.ledger, ground.engine.places, at=ground.at, sent=ground.following.woken.set,
            both_ways=lambda source, target: opposite(ground.following.mirrors(), source, target) is not None,
        )  # fmt: skip
        decoder = Decoder()
        bringing = Bringing(
            self.mirror, live, ground.engine.ledger, ground.engine.places, handing, folder=self._folder,
            decoder=decoder, progress=self.run.progress, log=ground.log,
        )  # fmt: skip
        self._bringing = bringing
        try:
            await self._share_out(bringing, filesets, targets)
        finally:
            await decoder.close()

    async def _share_out(
        self, bringing: Bringing, filesets: Sequence[Fileset], targets: Collection[str]
    ) -> None:
        """A few workers take one fileset after the other."""
        numbered = iter(enumerate(filesets))

        async def work() -> None:
            for number, fileset in numbered:
                ready = await self._ready(targets)
                await self._bring(bringing, filesets, number, fileset, ready)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.mirror.transfers, len(filesets))):
                    group.create_task(work())
        except* (ReconciledError, OSError, sqlite3.OperationalError) as several:
            raise first_of(several) from None

    async def _bring(
        self,
        bringing: Bringing,
        filesets: Sequence[Fileset],
        number: int,
        fileset: Fileset,
        targets: list[str],
    ) -> None:
        """One fileset; a crash of ours is its failure and stops no other."""
        checkpoint = self._reached(filesets, number)

        def with_end(tx: Tx) -> None:
            if checkpoint is not None:
                mirrors.set_checkpoint(tx, self.mirror.name, checkpoint, words=self.mirror.words())

        try:
            await bringing.bring(fileset.item_ids, targets, with_end=with_end)
        except* (ReconciledError, OSError, sqlite3.OperationalError) as several:
            raise first_of(several) from None
        except* Exception:
            self.broken += 1
            self.run.progress.failed += len(fileset.item_ids)
            self.ground.log.exception(
                "mirror %s: the fileset %s crashed; the others go on", self.mirror.name, fileset.name
            )
        self._done.add(number)
        self.filesets += 1
        self.ground.at("fileset committed")

    def _reached(self, filesets: Sequence[Fileset], number: int) -> str | None:
        """The fileset up to which all are done, once this one is; None: the first is not."""
        done, low = self._done | {number}, -1
        while low + 1 in done:
            low += 1
        return filesets[low].name if low >= 0 else None

    def counted(self) -> dict[str, Json]:
        """What it came to so far, by target."""
        seconds = self._clock.monotonic() - self._began if self._clock is not None else 0.0
        counts = self._bringing.counts if self._bringing is not None else {}
        by_target: dict[str, Json] = {
            target: {word: n for (name, word), n in sorted(counts.items()) if name == target}
            for target in sorted({name for name, _ in counts})
        }
        progress = self.run.progress
        return {
            "files": progress.done, "failed": progress.failed,
            "bytes": self._bringing.bytes if self._bringing is not None else 0,
            "filesets": self.filesets, "seconds": round(seconds, 3), "targets": by_target,
        }  # fmt: skip


def wanted_by(
    tx: Tx, mirror: Mirror, live: LiveSource, *, now: float, partners: Mapping[str, Partner]
) -> list[Fileset]:
    """The filesets of a mirror with something to be done about, in order."""
    rows = copies.wanted(
        tx, live.id, kinds=mirror.kinds or live.kinds, targets=mirror.targets,
        attr=fileset_attr(live.source), now=now,
    )  # fmt: skip
    both = sorted({*rows, *turned(tx, live, mirror, partners)}, key=lambda one: (one.fileset, one.item_id))
    grouped = ((name, list(found)) for name, found in groupby(both, key=lambda one: one.fileset))
    return [
        Fileset(name, tuple(one.item_id for one in found), tuple(one.size for one in found))
        for name, found in grouped
    ]


def first_of(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error in a group, however deep."""
    error: BaseException = several
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
