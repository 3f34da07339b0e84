"""Texts for comparing: from the ledger, and where they are not kept there from their source, once more.

What is asked for again is used and forgotten. A text that is another one by now than the paper's print says
is none: the paper is read again, and compared then. A source that is paused, or not well, is not asked.
"""

import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from reconciled.engine.duplicates.reading import BATCH, texts_of
from reconciled.engine.live import LiveSource
from reconciled.ledger import sheets
from reconciled.ledger.connection import Ledger
from reconciled.ledger.papers import print_of
from reconciled.ledger.sheets import Packed
from reconciled.source import Texts


@dataclass(frozen=True, slots=True)
class Fetching:
    """Where texts come from. `live_of` gives a running source by its row's id."""

    ledger: Ledger
    live_of: Callable[[int], LiveSource | None]

    async def papers(self, items: Collection[int]) -> dict[int, Packed]:
        """These papers with their texts; one whose text cannot be had now is left out.

        SourceError when a source that was well fails.
        """
        found = await self.ledger.read(sheets.packed, items)
        lacking: dict[int, list[Packed]] = {}
        for paper in found.values():
            if paper.text is None:
                lacking.setdefault(paper.source_id, []).append(paper)
        for source_id, papers in lacking.items():
            found |= await self._asked(self.live_of(source_id), papers)
        return {one: paper for one, paper in found.items() if paper.text is not None}

    async def _asked(self, live: LiveSource | None, papers: list[Packed]) -> Mapping[int, Packed]:
        if live is None or not isinstance(live.source, Texts):
            return {}
        if not live.answers or live.not_believable() is not None:
            return {}
        found: dict[int, Packed] = {}
        for at in range(0, len(papers), BATCH):
            batch = {paper.key: paper for paper in papers[at : at + BATCH]}
            texts = await texts_of(live, live.source, list(batch))
            for key, text in texts.items():
                paper = batch.get(key)
                if paper is not None and print_of(text.words, paper.checksum) == paper.print:
                    packed = zlib.compress(text.words.encode("utf-8", "surrogatepass"), 1)
                    found[paper.item_id] = replace(paper, text=packed)
        return found
