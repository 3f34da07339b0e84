"""Page hashes of papers, made of their thumbnails: only where they may tell something.

Papers with next to no words are hashed, and those of pairs that the words brought together; the others never
are. What is found is handed to `store` in batches, each of which stands: whoever is stopped goes on with the
rest. A picture is hashed again when its bytes, the hashes that are wanted or the way they are made change.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from reconciled.duplicates.images import MODEL, signed
from reconciled.engine.duplicates.pages.hasher import Hasher
from reconciled.engine.duplicates.pages.previews import FRESH, NoPicture, Thumbnails, Why
from reconciled.engine.live import LiveSource
from reconciled.model import Key

FEW = 20
"""A paper of fewer words is not told by them."""
BATCH = 64
"""How many papers are stored at once."""
FAILURES = 5
"""After so many failures on end the papers of a source wait for the next run."""
AT_ONCE = 4
"""How many pictures are in memory."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What has to be known of a paper. `item` is its number in the ledger, `words` how many it has.

    `mark` is what was stored with its hashes (paper.page_etag), None when it has none. `changed`: its app
    said that it changed since then, so its picture is asked for again.
    """

    item: int
    source: str
    key: Key
    words: int
    mark: str | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Hashed:
    """What is stored: paper.page_hash (the DCT hash, signed), .page_hashes (the others, 16 hex digits each)
    and .page_etag. Without a hash: the page is blank, or `wrong` says why its picture cannot be read.
    """

    item: int
    page_hash: int | None
    page_hashes: Mapping[str, str]
    page_etag: str
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many papers were hashed, had the very picture of before, have none, or wait for their app."""

    hashed: int = 0
    unchanged: int = 0
    without: int = 0
    waiting: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.hashed + other.hashed,
            self.unchanged + other.unchanged,
            self.without + other.without,
            self.waiting + other.waiting,
        )


def is_due(sheet: Sheet, *, in_pair: bool, names: Collection[str]) -> bool:
    """Whether a paper's picture is to be looked at. `in_pair`: its words are like those of another."""
    if not in_pair and sheet.words >= FEW:
        return False
    return sheet.mark is None or sheet.changed or not sheet.mark.startswith(_mark(names, ""))


def _mark(names: Collection[str], version: str) -> str:
    """What names the picture, the hashes that were made of it, and how they are made."""
    return f"{MODEL} {','.join(_wanted(names))} {version}"


def _wanted(names: Collection[str]) -> list[str]:
    """The hashes to make: the one that is compared always, and what else the config asks for."""
    return sorted({"dct", *names})


@dataclass(frozen=True, slots=True)
class Hashing:
    """All that it takes for a run. `live_of` gives a running source by name, `names` are the wanted hashes.

    `store` writes a batch; `passed` is told how many papers were dealt with. `failed` counts how often on
    end a source failed.
    """

    thumbnails: Thumbnails
    hasher: Hasher
    live_of: Callable[[str], LiveSource | None]
    names: Collection[str]
    store: Callable[[Sequence[Hashed]], Awaitable[None]]
    passed: Callable[[int], None] = field(default=lambda _: None)
    failed: Counter[str] = field(default_factory=Counter)

    async def hash_pages(self, sheets: Iterable[Sheet]) -> Tally:
        """Hash the papers, each of which is due. A source in trouble delays its own papers only.

        CannotRead when there is no worker to be had; what was stored until then is good.
        """
        tally = Tally()
        for batch in _batches(sheets):
            results = await self._all(batch)
            if found := [one for one in results if isinstance(one, Hashed)]:
                await self.store(found)
            tally += Tally(hashed=len(found))
            tally = sum((one for one in results if isinstance(one, Tally)), tally)
            self.passed(len(batch))
        return tally

    async def _all(self, batch: Sequence[Sheet]) -> list[Hashed | Tally]:
        room = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._one(sheet, room)) for sheet in batch]
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None  # the first one ended the others
        return [task.result() for task in tasks]

    async def _one(self, sheet: Sheet, room: asyncio.Semaphore) -> Hashed | Tally:
        """One paper. A source that failed several times on end is not asked again before the next run."""
        async with room:
            live = self.live_of(sheet.source)
            if live is None or self.failed[sheet.source] >= FAILURES:
                return Tally(waiting=1)
            fresh = 0.0 if sheet.changed or sheet.mark is None else FRESH
            picture = await self.thumbnails.picture(live, sheet.key, item=sheet.item, fresh=fresh)
            if isinstance(picture, NoPicture) and picture.why is not Why.TROUBLE:
                return Tally(without=1)
            if isinstance(picture, NoPicture) or picture.note is not None:  # nor of an older picture
                self.failed[sheet.source] += 1
                return Tally(waiting=1)
            self.failed[sheet.source] = 0
            mark = _mark(self.names, picture.version)
            if mark == sheet.mark:
                return Tally(unchanged=1)
            looked = await self.hasher.look(picture.body, _wanted(self.names))
        hashes = dict(looked.hashes)
        page_hash = hashes.pop("dct", None)
        return Hashed(
            sheet.item,
            None if page_hash is None else signed(page_hash),
            {name: f"{value:016x}" for name, value in hashes.items()},
            mark,
            looked.wrong,
        )


def _batches(sheets: Iterable[Sheet]) -> Iterator[list[Sheet]]:
    rest = iter(sheets)
    while batch := list(islice(rest, BATCH)):
        yield batch
