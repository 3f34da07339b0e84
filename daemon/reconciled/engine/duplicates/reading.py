"""The text mirror: the words of all items in which duplicates are looked for, kept current in the ledger.

A source that lists its texts is asked for what changed since a mark, which is kept after each page; one that
only answers by key is asked for items that are new or changed. Items without words are known by their
checksums. A text whose item the ledger does not know yet is asked for when it does. Trouble of one source
harms no other, and leaves what is known of it as it is.

Prints, words and normalised texts are made by a worker process; the event loop only passes them on.
"""

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from reconciled.config import DuplicateSettings
from reconciled.engine.chunks import in_chunks
from reconciled.engine.duplicates.search.meter import Meter
from reconciled.engine.duplicates.search.workers import Crew
from reconciled.engine.engine import Engine, Place
from reconciled.engine.live import LiveSource
from reconciled.errors import BadResponse, SourceError
from reconciled.ledger import items, papers, sheets, sources
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.papers import Reading
from reconciled.ledger.rows import dump, fingerprint, stamp
from reconciled.ledger.sheets import Due
from reconciled.model import Json, Key
from reconciled.source import ListsTexts, Previews, Text, TextPage, Texts

MARK = "duplicates.texts"
"""Under this name a source's own notes hold where its texts were read to."""
BATCH = 100
"""How many texts are asked for by their keys at once."""
PAGE = 2000
"""How many items of the ledger are looked at at once."""
LEAVING = 64


@dataclass(slots=True)
class Counts:
    """What came of reading one source. `changed` are the items whose words are new or others."""

    read: int = 0
    changed: set[int] = field(default_factory=set)
    unknown: int = 0
    trouble: str | None = None

    def as_json(self) -> dict[str, Json]:
        """For the run."""
        told: dict[str, Json] = {"read": self.read, "changed": len(self.changed)}
        if self.unknown:
            told["waiting"] = self.unknown
        if self.trouble is not None:
            told["trouble"] = self.trouble
        return told


def chosen(places: Mapping[str, Place], settings: DuplicateSettings) -> list[Place]:
    """The sources in which duplicates are looked for: those that are named, or all with words or pictures."""
    if settings.sources is not None:
        return [places[name] for name in settings.sources if name in places]
    return [
        place
        for _, place in sorted(places.items())
        if isinstance(place.live.source, Texts | ListsTexts | Previews)
    ]


@dataclass(slots=True)
class TextMirror:
    """Reads texts. `crew` makes of them what the ledger keeps."""

    engine: Engine
    settings: DuplicateSettings
    crew: Crew
    log: logging.Logger

    @property
    def ledger(self) -> Ledger:
        """Where they are kept."""
        return self.engine.ledger

    # --- all of a source ------------------------------------------------------------------------------

    async def read(self, live: LiveSource, meter: Meter) -> Counts:
        """Read what is new or changed of one source. Its trouble is in what is returned."""
        counts = Counts()
        try:
            if (why := await self._why_not(live)) is not None:
                counts.trouble = why
                return counts
            if isinstance(live.source, ListsTexts):
                await self._listed(live, live.source, counts, meter)
            await self._due(live, counts, meter)
        except SourceError as error:
            counts.trouble = str(error)
            self.log.warning("duplicates: the texts of %s were read only in part: %s", live.name, error)
        return counts

    async def _why_not(self, live: LiveSource) -> str | None:
        """Why nothing is read of a source now, or None."""
        if not live.answers:
            return f"{live.name} is not well"
        if (why := live.not_believable()) is not None:
            return f"{live.name}: {why}"
        row = await self.ledger.read(sources.by_id, live.id)
        return None if row.scanned else f"{live.name}: its first scan is not complete"

    async def _listed(self, live: LiveSource, source: ListsTexts, counts: Counts, meter: Meter) -> None:
        of = await self.ledger.read(self._of, live)
        kept = await self.ledger.read(sources.store_get, live.name, MARK)
        mark = kept["mark"] if isinstance(kept, dict) and kept.get("of") == of else None
        keeps = True
        pages = source.texts_since(mark)
        try:
            while (page := await live.ask("scan", partial(anext, pages, None))) is not None:
                if not isinstance(page, TextPage):
                    raise live.failed_scan("a page of its texts is no TextPage")
                if page.total is not None:
                    meter.resize(page.total)
                keeps &= await self._page(live, page, counts) or isinstance(source, Texts)
                if page.mark is not None and keeps:
                    note: Json = {"of": of, "mark": page.mark}
                    await self.ledger.write(sources.store_set, live.name, MARK, note)
                meter.step(len(page.texts))
        finally:
            if isinstance(pages, AsyncGenerator):
                await pages.aclose()

    def _of(self, tx: Tx, live: LiveSource) -> str:
        """What a mark is good for: the installation, what we see of it, and whether texts are kept."""
        row = sources.by_id(tx, live.id)
        told: list[Json] = [row.generation, row.instance, dict(row.scope), self.settings.keep_text]
        return fingerprint(dump(told).encode()).hex()

    async def _page(self, live: LiveSource, page: TextPage, counts: Counts) -> bool:
        """Keep a page. Whether the ledger knows all of its items."""
        known = await self.ledger.read(sheets.by_key, live.id, list(page.texts))
        await self.keep(
            live, [(known[key], text) for key, text in page.texts.items() if key in known], counts
        )
        counts.unknown += len(page.texts) - len(known)
        return len(known) == len(page.texts)

    async def _due(self, live: LiveSource, counts: Counts, meter: Meter) -> None:
        """Items without a paper, and those that changed since theirs was read."""
        source, last = live.source, 0
        lists = isinstance(source, ListsTexts)
        again = self.settings.keep_text and not lists and await self.ledger.read(sheets.any_unkept, live.id)
        due = partial(sheets.due, source_id=live.id, kinds=live.kinds, limit=PAGE, all_=again)
        while found := await self.ledger.read(due, last=last):
            last = found[-1].item_id
            if lists:
                stale = [one for one in found if one.stale]
                await in_chunks(self.ledger, stale, sheets.refresh, odd=self._odd)
                found = [one for one in found if not one.known]
            if isinstance(source, Texts):
                await self.ask(live, source, found, counts, meter)
            elif not lists:
                shows = self.settings.images is not None and isinstance(source, Previews)
                plain = [one for one in found if shows or one.checksum or one.known]
                await self.keep(live, [(one, Text("", {})) for one in plain], counts)

    # --- some of a source -----------------------------------------------------------------------------

    async def ask(
        self,
        live: LiveSource,
        source: Texts,
        found: Sequence[Due],
        counts: Counts,
        meter: Meter | None = None,
    ) -> None:
        """Ask for the texts of these items and keep them. SourceError."""
        for at in range(0, len(found), BATCH):
            batch = {one.key: one for one in found[at : at + BATCH]}
            texts = await texts_of(live, source, list(batch))
            await self.keep(live, [(batch[key], text) for key, text in texts.items() if key in batch], counts)
            if meter is not None:
                meter.step(len(batch))

    async def keep(self, live: LiveSource, found: Sequence[tuple[Due, Text]], counts: Counts) -> None:
        """Write what was read of items."""
        if not found:
            return
        made = await self.crew.do(
            "texts",
            texts=[text.words.encode("utf-8", "surrogatepass") for _, text in found],
            checksums=[item.checksum for item, _ in found],
            keep=self.settings.keep_text,
        )
        readings = [
            Reading(
                item.item_id, live.id, text, words, mark, sheet, item.checksum, _about(item, told), item.print
            )
            for (item, told), (text, words, mark, sheet) in zip(found, made, strict=True)
        ]
        at = stamp(self.engine.clock.now())

        def write(tx: Tx, chunk: Sequence[Reading]) -> set[int]:
            return papers.put(tx, chunk, seq=items.current_seq(tx), at=at)

        for changed in await in_chunks(self.ledger, readings, write, odd=self._odd):
            counts.changed |= changed
        counts.read += len(found)

    # --- what leaves ----------------------------------------------------------------------------------

    async def let_go(self, of: Sequence[int]) -> int:
        """Papers of gone items and of other sources leave; texts, where they are not to be kept."""
        left = set[int]()
        while gone := set(await self.ledger.read(sheets.leaving, of, limit=PAGE)) - left:
            await in_chunks(self.ledger, sorted(gone), sheets.leave, odd=self._odd)
            left |= gone
        if not self.settings.keep_text and await self.ledger.read(sheets.any_kept):
            while await self.ledger.write(papers.drop_texts, limit=LEAVING):
                pass
        return len(left)

    def _odd(self, row: object, error: Exception) -> None:
        self.log.error("duplicates: a text could not be kept: %r", row, exc_info=error)


async def texts_of(live: LiveSource, source: Texts, keys: Sequence[Key]) -> Mapping[Key, Text]:
    """Ask a source for texts by their keys. SourceError; what is no text is a BadResponse."""
    if not keys:
        return {}
    found: object = await live.ask("ask", lambda: source.texts(keys))
    if not isinstance(found, Mapping) or not all(isinstance(one, Text) for one in found.values()):
        raise BadResponse(f"{live.name}: the plugin's texts() gave no texts")
    return found


def _about(item: Due, told: Text) -> dict[str, Json]:
    """What its app says beside the words; its size also where only its item tells it."""
    about = dict(told.about)
    if item.size is not None:
        about.setdefault("size", item.size)
    return about
