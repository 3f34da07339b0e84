"""One whole file into one target: looked for first, uploaded once, and nothing forgotten by a crash.

That an upload begins is committed before the call (`intend`), and what the target gave for it after it.
When nobody heard the answer, the next try asks the target what became of it before it sends anything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from reconciled.config import Mirror
from reconciled.engine.engine import Place
from reconciled.engine.identity import is_another_thing
from reconciled.engine.live import PATIENCE, LiveSource
from reconciled.engine.mirror.backwards import ANSWERS, look_at, look_before
from reconciled.engine.mirror.conflict import Side, Way, told, way
from reconciled.engine.mirror.footing import why_not_to
from reconciled.engine.mirror.originals import changed_of, marker_of, sha256_of
from reconciled.engine.mirror.results import Ends, Holds, Is, Older, PutOff, Result, Stays, Word, why_gone
from reconciled.errors import RateLimited, Refused, SourceError, Unauthorized, Unsupported
from reconciled.ledger import copies, findings, items, journeys, leaving, pairs
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.copies import (
    BACK,
    CONFLICT,
    LATER,
    ROTTEN,
    TIMEOUT,
    WHATEVER,
    CopyRow,
    CopyStatus,
    How,
    Original,
)
from reconciled.ledger.rows import stamp
from reconciled.model import Absent, Item
from reconciled.source import Kept, Pending, Receipt, Revises, Upload, Uploads
from reconciled.units import say_duration

SLOWEST = 64 * 2**10
"""Bytes a second below which an upload is given up."""
FIRST_QUESTION = 1.0
"""Seconds after which a target is first asked what became of an upload."""
LEAVING = 30.0
CROSSING = 10.0
"""Seconds after which bytes that are just on their way in the other direction are looked for again."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file that was fetched and may travel: what is uploaded, and its app's name of these bytes."""

    item: Item
    original: Original
    upload: Upload
    etag: str | None


class Handing:
    """Hands files over to the targets of a mirror. `at` is told each moment at which a crash would matter."""

    def __init__(
        self,
        ledger: Ledger,
        places: Mapping[str, Place],
        *,
        at: Callable[[str], None] = lambda _: None,
        sent: Callable[[], None] = lambda: None,
        both_ways: Callable[[str, str], bool] = lambda _source, _target: False,
    ) -> None:
        """`sent` is called when a target has taken a file and is to be asked what became of it.

        `both_ways` says whether a mirror brings files of that target back to that source.
        """
        self._ledger = ledger
        self._places = places
        self._at = at
        self._sent = sent
        self._both_ways = both_ways

    async def intend(
        self, mirror: Mirror, rows: Sequence[CopyRow], parcel: Parcel
    ) -> tuple[list[CopyRow], list[Result]]:
        """Write down that this file is about to be uploaded.

        Returns the rows whose targets are to be called, and what became of the others.
        """
        clock = self._places[mirror.source].live.clock
        can = {row.target: _can(self._places.get(row.target)) for row in rows}

        def write(tx: Tx) -> tuple[list[CopyRow], list[Result]]:
            going, results = list[CopyRow](), list[Result]()
            for row in rows:
                now, at = clock.reckoned(), stamp(clock.now())
                found = _intend(tx, row, parcel, can[row.target], now=now, at=at)
                if isinstance(found, CopyRow):
                    going.append(found)
                else:
                    results.append(found)
            return going, results

        decided = await self._ledger.write_durably(write)
        self._at("upload committed")
        return decided

    async def hand_over(self, mirror: Mirror, row: CopyRow, parcel: Parcel) -> Result:
        """Bring the file there. Whatever goes wrong is this copy's failure."""
        place = self._places.get(row.target)
        if place is None:
            return PutOff(row.id, f"{row.target} does not run", tried=False)
        live, source = place.live, place.live.source
        if not isinstance(source, Uploads):
            return Ends(row.id, CopyStatus.FAILED, f"{row.target} takes no files in", "unsupported")
        if (why := why_not_to(live)) is not None:
            return PutOff(row.id, why, tried=False, heard=row.sent is None)
        try:
            if row.goes_back:
                return await self._give_back(mirror, live, row, parcel)
            if row.copied is not None and row.how is How.MADE and not source.by_content:
                return await self._revise(mirror, live, row, parcel)
            return await self._upload(mirror, live, source, row, parcel)
        except _Unheard as error:
            return PutOff(row.id, str(error), wait=max(1.0, source.acts_within), heard=False)
        except (RateLimited, Unauthorized) as error:
            wait = max(60.0, getattr(error, "retry_after", None) or 0.0)
            return PutOff(row.id, str(error), wait=wait, tried=False, heard=row.sent is None)
        except (Refused, Unsupported) as error:
            return Ends(row.id, CopyStatus.FAILED, str(error), "refused", heard=row.sent is None)
        except SourceError as error:
            return PutOff(row.id, str(error), heard=row.sent is None)

    async def _upload(
        self, mirror: Mirror, live: LiveSource, source: Uploads, row: CopyRow, parcel: Parcel
    ) -> Result:
        """Look for it, then upload it. `row.sent`: an earlier upload began then, unanswered."""
        since = datetime.fromtimestamp(row.sent, UTC) if row.sent is not None else None
        known = await live.ask("ask", lambda: source.had(parcel.upload, since=since))
        match known:
            case Kept() if not await self._is_rotten(live, row, known):
                return replace(_held(row, known, parcel), gone=await why_gone(live, known))
            case Pending():
                said = known.said or f"{row.target} may be working on an earlier upload of it"
                if row.sent is not None and live.clock.reckoned() - row.sent > mirror.task_timeout:
                    most = say_duration(mirror.task_timeout)
                    said = f"{said}; that is so for {most} by now: look at its list of tasks, then retry"
                    return Ends(row.id, CopyStatus.FAILED, said, TIMEOUT, heard=False)
                return PutOff(row.id, said, tried=False, heard=False, wait=10.0)
        if live.source.by_content:  # what was there before was found, and may be another daemon's
            await self._ledger.write(leaving.stores, live.id, parcel.upload.sha256)
        return await self._called(live, row, lambda: source.upload(parcel.upload), parcel)

    async def _is_rotten(self, live: LiveSource, row: CopyRow, known: Kept) -> bool:
        """Whether the bytes there were found to be bad, whoever asked: they are replaced."""
        if not live.source.by_content:
            return row.code == ROTTEN and row.sent is None
        return row.code == ROTTEN or await self._ledger.read(findings.is_refused, live.id, known.key)

    async def _called(
        self, live: LiveSource, row: CopyRow, call: Callable[[], Awaitable[Receipt | Kept]], parcel: Parcel
    ) -> Result:
        """The one call that gives a file away."""
        patience = PATIENCE + parcel.upload.size / SLOWEST
        try:
            given: object = await live.ask("act", call, patience=patience)
        except (Refused, Unsupported, RateLimited, Unauthorized):
            raise
        except SourceError as error:
            raise _Unheard(str(error)) from error
        except asyncio.CancelledError:
            await self._leave_open(live, row)
            raise
        finally:
            self._at("file called")
        match given:
            case Receipt():
                clock = live.clock
                at, now = stamp(clock.now()), clock.reckoned()
                await self._ledger.write_durably(
                    lambda tx: journeys.received(
                        tx, row.id, given.id, now=now, next_try=now + FIRST_QUESTION, at=at
                    )
                )
                self._at("receipt committed")
                self._sent()
                return Stays(row.id, Word.SENT)
            case Kept():
                return Holds(row.id, given)
        raise _Unheard(f"{row.target}: the plugin's upload() gave {type(given).__name__}")

    async def _leave_open(self, live: LiveSource, row: CopyRow) -> None:
        """The run ends in mid-call: what became of it is asked when the call is surely over."""
        over, at = live.clock.reckoned() + live.source.acts_within, stamp(live.clock.now())
        said = "the run ended in the middle of its upload"
        writing = asyncio.ensure_future(
            self._ledger.write_durably(
                lambda tx: journeys.ask_again(tx, row.id, next_try=over, reason=said, at=at)
            )
        )
        await asyncio.shield(writing)

    async def _revise(self, mirror: Mirror, live: LiveSource, row: CopyRow, parcel: Parcel) -> Result:
        """Newer bytes for a copy that we made, unless somebody else changed it, too."""
        key, source = row.copied, live.source
        assert key is not None, "the caller looked"  # noqa: S101 - narrows the type
        shown = await live.lookup(key)
        if isinstance(shown, Absent):
            await self._ledger.write(look_at, live, key, "it was to be given newer bytes")
            live.due.set()
            return Older(row.id, row.sha256, f"{row.target} does not show {key} now", LATER)
        known = await self._ledger.read(items.by_id, row.target_item) if row.target_item is not None else None
        if known is None or is_another_thing(known.item, shown):
            said = f"{row.target} shows another thing as {key} ({shown.title}), so it is left as it is"
            return Ends(row.id, CopyStatus.FAILED, said, "another")
        there = sha256_of(shown)
        if there == parcel.upload.sha256:
            return Holds(row.id, Kept(key, shown, ours=True))
        older = _conflict(mirror, row, parcel, shown, both_ways=self._both_ways(mirror.source, row.target))
        if older is not None:
            return older
        if not isinstance(source, Revises):
            return Older(row.id, row.sha256, _cannot(row))
        try:
            return await self._called(live, row, lambda: source.revise(key, parcel.upload), parcel)
        except Unsupported as error:
            return Older(row.id, row.sha256, f"it changed since it was copied, and {error}")

    async def _give_back(self, mirror: Mirror, live: LiveSource, row: CopyRow, parcel: Parcel) -> Result:
        """The bytes of a copy for its original, which is looked at before it is written over."""
        pair, source = await self._ledger.read(pairs.of_journey, row), live.source
        if pair is None or not isinstance(source, Revises):
            return Stays(row.id, Word.WAITS)
        found = await look_before(self._ledger, live, mirror, row, pair, parcel.upload.sha256)
        if isinstance(found, PutOff):
            return found
        if isinstance(found, Kept):
            return Holds(row.id, found, back=True)
        upload = replace(parcel.upload, marker=marker_of(live.name, found))  # it stays an original
        given = await self._called(live, row, lambda: source.revise(found.key, upload), parcel)
        return replace(given, back=True) if isinstance(given, Holds) else given


class _Unheard(SourceError):
    """Nobody knows whether the target has the file."""


class _Can(NamedTuple):
    """What a target can: its keys are the bytes; it takes newer bytes of what it holds."""

    by_content: bool
    revises: bool


def _can(place: Place | None) -> _Can:
    if place is None:
        return _Can(by_content=False, revises=False)
    source = place.live.source
    return _Can(source.by_content, isinstance(source, Revises))


def _cannot(row: CopyRow) -> str:
    return f"it changed since it was copied; {row.target} takes no newer bytes, so {row.copied} is older"


def _intend(tx: Tx, row: CopyRow, parcel: Parcel, can: _Can, *, now: float, at: str) -> CopyRow | Result:
    """The row as the call goes out with it; a result when none does."""
    upload, known = parcel.upload, copies.get(tx, row.id)
    if known is None or known.status in (CopyStatus.PROCESSING, CopyStatus.REMOVED):
        return Stays(row.id, Word.WAITS)
    carried = copies.Bytes(upload.sha256, upload.size, upload.mime_type, parcel.etag)
    base = (known.sha256 if known.status.stands else None) or known.held_sha256 or None
    if (crossed := _crossed(tx, known, upload.sha256)) is not None:
        return crossed
    revised = known.copied is not None and known.how is How.MADE and not can.by_content
    if known.status.stands:
        if known.sha256 == upload.sha256:
            journeys.same_bytes(tx, row.id, parcel.original, etag=parcel.etag)
            return Stays(row.id, Word.SAME)
        journeys.look_anew(tx, row.id, parcel.original, at=at, status=CopyStatus.PENDING)
        if revised and not can.revises:
            return Older(row.id, base, _cannot(known))
    if can.by_content and leaving.leaves(tx, row.target, upload.sha256):
        return PutOff(row.id, "the same bytes are just being taken out", tried=False, wait=LEAVING)
    if known.sent is None and not revised and not known.goes_back:
        twin = _same_bytes_there(tx, row, carried, at=at)
        if twin is not None:
            return twin
    journeys.sending(tx, row.id, carried, sent=now, at=at)
    found = copies.get(tx, row.id)
    assert found is not None, "it was just written"  # noqa: S101 - narrows the type
    return replace(found, sent=known.sent, code=known.code, sha256=base)


def _crossed(tx: Tx, known: CopyRow, sha256: str) -> Result | None:
    """Something of the same pair is on its way in the other direction, so that this does not go out now."""
    if known.goes_back:
        return None if pairs.of_journey(tx, known) is not None else Stays(known.id, Word.WAITS)
    if pairs.comes_back(tx, known) or pairs.is_copy(tx, known):
        return Stays(known.id, Word.WAITS)
    if known.sent is None and pairs.opposite_under_way(tx, known, sha256):
        said = "the same bytes are just on their way in the other direction"
        return PutOff(known.id, said, tried=False, wait=CROSSING)
    return None


def _same_bytes_there(tx: Tx, row: CopyRow, carried: copies.Bytes, *, at: str) -> Result | None:
    """The same bytes of another original are in the target, or on their way there."""
    if (other := copies.under_way(tx, row.target, carried.sha256, besides=row.id)) is not None:
        journeys.wait_for_twin(tx, row.id, other.id, carried, at=at)
        return Stays(row.id, Word.WAITS)
    if (other := copies.standing(tx, row.target, carried.sha256, besides=row.id)) is not None:
        journeys.carries(tx, row.id, carried)
        return Is(row.id, other.id)
    return None


def _held(row: CopyRow, known: Kept, parcel: Parcel) -> Holds:
    """The target has it already. A copy of ours may be of older bytes; the next run brings the newer ones."""
    there = sha256_of(known.item) if known.item is not None else None
    if known.ours and there is not None and there != parcel.upload.sha256:
        return Holds(row.id, replace(known, said="its bytes are older ones; the newer ones follow"))
    return Holds(row.id, known)


def _conflict(mirror: Mirror, row: CopyRow, parcel: Parcel, shown: Item, *, both_ways: bool) -> Older | None:
    """Why the newer bytes of the original are not taken over, both sides shown; None when they are.

    `row.sha256` is of what both had when they were last the same.
    """
    if row.held_sha256 == WHATEVER:
        return None  # a person said that the original counts
    sha256, there = parcel.upload.sha256, sha256_of(shown)
    original = Side(row.sha256 or "", sha256, changed_of(parcel.item))  # it did change, since it travels
    copy = Side(row.held_sha256, there, changed_of(shown))
    code, more = CONFLICT, ""
    match way(original, copy, mirror.conflict, both_ways=both_ways):
        case Way.FORWARD:
            return None
        case Way.BACKWARD:
            code, said = BACK, "the copy is the newer one, and is brought back"
        case Way.ASK:
            said, more = "both changed since they were the same", ANSWERS if both_ways else ""
            if row.held_sha256 is None or there is None:
                said = f"it changed, and {row.target} does not tell whether its copy did, too"
        case _:
            said = "the copy is the newer one"
    sides = told(mirror.source, parcel.item, sha256, size=parcel.upload.size), told(row.target, shown, there)
    return Older(row.id, row.sha256, f"{said}: {'; '.join(sides)}{more}", code)
