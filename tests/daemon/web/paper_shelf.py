"""A model of a Paperless with papers that were compared, for tests of the pages and calls of duplicates."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from tests.daemon.engine.duplicates.gallery import PDF, png
from tests.daemon.ledger.library import Library
from tests.daemon.web.conftest import WebSource, World

from reconciled.duplicates.words import Difference, Factor
from reconciled.errors import SourceError
from reconciled.ledger import items, papers, sources
from reconciled.ledger.connection import Tx
from reconciled.model import Absent, Item, Json, Key
from reconciled.source import Content, Text, Unchanged
from reconciled.testing.model_app import ModelApp

NASTY = "\u202e<script>alert(1)</script>"
INVOICE = "Invoice {n} of Smith & Sons\nfor repairs to the roof in the month of May\n\nTotal due: {sum} EUR\n"


class PaperSource(WebSource):
    """Shows its documents, and has their words."""

    app: ClassVar[str] = "paperless"
    kinds: ClassVar[tuple[str, ...]] = ("document",)
    words: ClassVar[dict[str, str]] = {}
    broken: ClassVar[SourceError | None] = None
    whole_type: ClassVar[bytes] = PDF

    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, Text]:
        return {key: Text(self.words[key.id]) for key in keys if key.id in self.words}

    @asynccontextmanager
    async def preview(
        self, key: Key, *, whole: bool = False, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        if self.broken is not None:
            raise self.broken
        body = self.whole_type if whole else png(int(key.id) % 200)
        tag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        if key.id == "404":
            yield Absent("404 of the model")
        elif etag == tag:
            yield Unchanged()
        else:
            yield Content(_pieces(body), 0, len(body), tag, "text/html")


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    yield body


class Shelf:
    """Papers by their numbers in the ledger, in an app named paperless."""

    def __init__(self, world: World, model: ModelApp) -> None:
        self.world = world
        self.model = model
        self.library = Library(world.ledger)
        self.library.now = world.clock.now()

    async def paper(
        self, number: int, title: str, text: str = "", *, about: Mapping[str, Json] | None = None, **more: Any
    ) -> int:
        """A document that is in the app, in the ledger, and compared. Returns its number there."""
        self.model.put(Item(Key("document", str(number)), title, attrs=more.pop("attrs", {})))
        await self.world.scan("paperless")

        def write(tx: Tx) -> int:
            row = sources.get(tx, "paperless")
            assert row is not None
            item = items.by_key(tx, row.id, Key("document", str(number)))[0].id
            self.library._read(tx, item, row.id, text or f"{title} {number}", about=about, **more)
            return item

        return await self.world.ledger.write(write)

    async def text(self, item: int) -> None:
        """Its text is not kept."""
        await self.world.ledger.write(
            lambda tx: tx.execute("UPDATE paper SET text = NULL WHERE item_id = ?", (item,))
        )

    async def prints(self, *all_: int) -> Any:
        return await self.world.ledger.read(papers.prints, all_)


async def make_shelf(world: World) -> Shelf:
    """The app, running, with nothing in it."""
    return Shelf(world, await world.follow("paperless", PaperSource))


async def invoices(shelf: Shelf) -> dict[str, int]:
    """Group 1: an invoice and two rescans; group 2: an invoice and its revision, to be reviewed.

    A letter stands alone.
    """
    made = {}
    about: dict[str, Json] = {
        "correspondent": "Smith & Sons",
        "document_type": "Invoice",
        "created": "2026-05-03",
        "pages": 2,
    }
    attrs: dict[str, Json] = {"tags": ["tax", "house"], "asn": 12}
    text = INVOICE.format(n=12, sum="120,00")
    made["a"] = await shelf.paper(1, "Invoice 12", text, about={**about, "size": 120_000}, attrs=attrs)
    made["b"] = await shelf.paper(2, f"Invoice 12 {NASTY}", text.replace("roof", "r00f"), about=about)
    made["c"] = await shelf.paper(3, "Scan 0003", text.replace("month", "mouth"), about=about)
    made["d"] = await shelf.paper(4, "Invoice 13", INVOICE.format(n=13, sum="120,00"))
    made["e"] = await shelf.paper(5, "Invoice 13 revised", INVOICE.format(n=13, sum="210,00"))
    made["f"] = await shelf.paper(6, "A letter")
    parts = {Factor.TEXT: 3.0, Factor.NUMBERS: 2.0, Factor.IMAGE: -1.0}
    await shelf.library.like(made["a"], made["b"], parts=parts, said="the same words")
    await shelf.library.like(made["a"], made["c"], parts=parts)
    await shelf.library.like(made["b"], made["c"], parts=parts)
    await shelf.library.like(
        made["d"], made["e"], parts={Factor.TEXT: 3.0, Factor.NUMBERS: -4.0}, vetoed=True,
        differences=[Difference("amount", "120,00", "210,00")], said="an amount differs",
    )  # fmt: skip
    await shelf.library.regroup()
    return made
