"""One fileset on its way: each file fetched once, checked, and handed to every target that waits for it.

Whatever becomes of one file is that file's alone. What became of all of them is written in one
transaction at the end, with the findings that follow and the place at which the next run goes on; only a
very large fileset is brought in parts. A disk that is full ends the run, and what came before is not lost.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciled.config import Mirror
from reconciled.engine.engine import Place
from reconciled.engine.live import LiveSource
from reconciled.engine.mirror import content
from reconciled.engine.mirror.content import Refusal
from reconciled.engine.mirror.decoding import Decoder
from reconciled.engine.mirror.fetching import ChangedMeanwhile, Fetched, discard, fetch_file
from reconciled.engine.mirror.footing import why_not_to
from reconciled.engine.mirror.handing import Handing, Parcel
from reconciled.engine.mirror.naming import safe_name, title_of
from reconciled.engine.mirror.originals import created_of, marker_of
from reconciled.engine.mirror.results import Ends, Older, PutOff, Result, Stays, Word
from reconciled.engine.mirror.sniffing import sniff
from reconciled.engine.mirror.surveying import Journey, survey
from reconciled.engine.mirror.telling import tell
from reconciled.engine.runs import Progress
from reconciled.engine.suspicion import Desk
from reconciled.errors import ReconciledError, SourceError
from reconciled.ledger import journeys, work
from reconciled.ledger.condition import is_outside
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.copies import CopyStatus
from reconciled.model import Absent, Item
from reconciled.source import Fetches, Unchanged, Upload

AT_ONCE = 500
"""Files of one fileset that are brought and written down together."""


class Bringing:
    """Brings the filesets of one run. `files` is the gate for as many files as may travel at a time."""

    def __init__(
        self,
        mirror: Mirror,
        live: LiveSource,
        ledger: Ledger,
        places: Mapping[str, Place],
        handing: Handing,
        *,
        folder: Path,
        decoder: Decoder,
        progress: Progress,
        log: logging.Logger,
    ) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        """How many journeys ended how, by target and `Word`."""
        self.bytes = 0
        self._mirror = mirror
        self._live = live
        self._ledger = ledger
        self._places = places
        self._handing = handing
        self._folder = folder
        self._decoder = decoder
        self._progress = progress
        self._log = log
        self._gate = asyncio.Semaphore(mirror.transfers)

    async def bring(
        self, item_ids: Sequence[int], targets: Sequence[str], *, with_end: Callable[[Tx], None]
    ) -> None:
        """Bring these originals to these targets; `with_end` is written with what became of the last of them.

        Raises what ends the whole run, after what became of the others was written down.
        """
        parts = [item_ids[at : at + AT_ONCE] for at in range(0, len(item_ids), AT_ONCE)] or [item_ids]
        for number, part in enumerate(parts, 1):
            await self._part(part, targets, with_end if number == len(parts) else _nothing)

    async def _part(
        self, item_ids: Sequence[int], targets: Sequence[str], with_end: Callable[[Tx], None]
    ) -> None:
        journeys = await self._ledger.write(
            lambda tx: survey(Desk.at(tx, self._live), self._mirror, item_ids, targets)
        )
        ends = _Ends()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._guarded(journey, ends)) for journey in journeys]
        results = [result for task in tasks for result in task.result()]
        target_of = {row.id: row.target for journey in journeys for row in journey.copies}
        lives = {name: self._places[name].live for name in targets if name in self._places}

        def write(tx: Tx) -> None:
            desk = Desk.at(tx, self._live)
            for result in results:
                result.write(desk, lives.get(target_of[result.copy]))
            tell(desk, [journey.row.id for journey in journeys])
            if ends.error is None:
                with_end(tx)

        await self._ledger.write(write)
        self._progress.done += len(item_ids)
        for result in results:
            self.counts[target_of[result.copy], result.word] += 1
        failed = {r.copy for r in results if r.word is Word.FAILED}
        self._progress.failed += sum(any(row.id in failed for row in one.copies) for one in journeys)
        if ends.error is not None:
            raise ends.error

    async def _guarded(self, journey: Journey, ends: "_Ends") -> list[Result]:
        """One file. What would end the run is kept until the others are written down; none sets out then."""
        try:
            return await self._one(journey, ends)
        except Exception as error:  # noqa: BLE001 - one file's crash is its own
            if isinstance(error, ReconciledError | OSError) or is_outside(error):
                ends.error = ends.error or error
                return []
            self._log.exception("mirror %s: %s crashed", self._mirror.name, journey.item.key)
            said = f"it crashed ({type(error).__name__}); the log has the traceback"
            return [self._later(row.id, said, tried=True) for row in journey.copies]

    def _kept_back(self, journey: Journey) -> list[Result]:
        """That it does not set out, where none of its targets can be given anything now."""
        why = {}
        for row in journey.copies:
            place = self._places.get(row.target)
            why[row.id] = f"{row.target} does not run" if place is None else why_not_to(place.live)
        if None in why.values():
            return []
        return [self._later(copy, said or "", tried=False) for copy, said in why.items()]

    async def _one(self, journey: Journey, ends: "_Ends") -> list[Result]:
        """One file to all targets that wait for it."""
        refusal = content.refusal(self._mirror, journey.item)
        if refusal is not None:
            return self._refused(journey, refusal)
        async with self._gate:
            if ends.error is not None:
                return []
            if kept_back := self._kept_back(journey):
                return kept_back
            try:
                return await self._travel(journey)
            except ChangedMeanwhile as error:
                await self._look_at(journey, "it is not what was listed")
                return [self._later(row.id, str(error), tried=True, changed=True) for row in journey.copies]
            except SourceError as error:
                return [self._later(row.id, str(error), tried=True) for row in journey.copies]

    def _later(self, copy: int, why: str, *, tried: bool, changed: bool = False) -> Result:
        """Nothing of it reached a target in this run; whether an earlier call did stays as it was."""
        return PutOff(copy, why, tried=tried, heard=False, changed=changed)

    async def _travel(self, journey: Journey) -> list[Result]:
        source = self._live.source
        assert isinstance(source, Fetches), "the config was checked"  # noqa: S101 - narrows the type
        got = await fetch_file(
            self._live, source, journey.item, self._folder, known_etag=journey.etag,
            most=self._mirror.max_size, clock=self._live.clock, passed=self._passed,
        )  # fmt: skip
        match got:
            case Refusal():
                return self._refused(journey, got)
            case Unchanged():
                return await self._unchanged(journey)
            case Absent():
                return await self._absent(journey, got)
        self.bytes += got.size
        try:
            return await self._checked(journey, got, source)
        finally:
            await asyncio.to_thread(discard, got.path)

    def _passed(self, size: int) -> None:
        self._progress.bytes += size

    async def _checked(self, journey: Journey, got: Fetched, source: Fetches) -> list[Result]:
        """The file is here: judged by its bytes, then handed over."""
        declared = content.declared_type(journey.item) or got.mime_type
        real = await asyncio.to_thread(sniff, got.path)
        refusal = content.refusal_of_bytes(self._mirror, declared, real, got.size)
        mime = content.the_type(declared, real)
        if refusal is None and self._mirror.decode:
            wrong = await self._decoder.wrong_with(got.path, mime)
            refusal = content.corrupt(wrong) if wrong is not None else None
        if refusal is not None:
            return self._refused(journey, refusal)
        upload = self._upload(journey.item, got, mime, source)
        parcel = Parcel(journey.item, journey.original, upload, got.etag)
        going, results = await self._handing.intend(self._mirror, journey.copies, parcel)
        handed = [self._handing.hand_over(self._mirror, row, parcel) for row in going]
        ended = await asyncio.gather(*handed, return_exceptions=True)  # the file lies here until all are over
        for one in ended:
            if isinstance(one, BaseException):
                raise one
            results.append(one)
        return results

    def _upload(self, item: Item, got: Fetched, mime: str, source: Fetches) -> Upload:
        mirror, title = self._mirror, title_of(item)
        return Upload(
            path=got.path, name=safe_name(item.title, mime), title=title, mime_type=mime, size=got.size,
            sha256=got.sha256, marker=marker_of(mirror.source, item), created=created_of(item.attrs),
            kept=source.origin(item), labels=(mirror.tag,) if mirror.tag else (),
            correspondent=mirror.correspondent, document_type=mirror.document_type,
        )  # fmt: skip

    def _refused(self, journey: Journey, refusal: Refusal) -> list[Result]:
        """The rules keep it; a target that holds an earlier version of it keeps that."""
        return [
            Older(
                row.id,
                row.sha256,
                f"it changed since it was copied, and {refusal.said}",
                word=Word.REFUSED,
                original=journey.original,
            )
            if row.status.stands
            else Ends(row.id, CopyStatus.REFUSED, refusal.said, refusal.code, heard=row.sent is None)
            for row in journey.copies
        ]

    async def _unchanged(self, journey: Journey) -> list[Result]:
        """The app says that the bytes are those that every target holds."""

        def write(tx: Tx) -> None:
            for row in journey.copies:
                journeys.same_bytes(tx, row.id, journey.original, etag=row.etag)

        await self._ledger.write(write)
        return [Stays(row.id, Word.SAME) for row in journey.copies]

    async def _absent(self, journey: Journey, said: Absent) -> list[Result]:
        """The app denies it."""
        await self._look_at(journey, "it could not be fetched")
        said_so = f"{self._live.name}: {said.said}"
        return [self._later(row.id, said_so, tried=True, changed=True) for row in journey.copies]

    async def _look_at(self, journey: Journey, why: str) -> None:
        """The engine looks at the item, as at any."""
        live = self._live

        def look(tx: Tx) -> None:
            work.ask_once(tx, live.id, journey.item.key, now=live.clock.reckoned(), why=why)

        await self._ledger.write(look)
        live.due.set()


@dataclass(slots=True)
class _Ends:
    """Whether the run ends with these files, and by what."""

    error: Exception | None = None


def _nothing(_: Tx) -> None:
    """More is to come of the fileset."""
