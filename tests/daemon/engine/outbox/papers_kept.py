"""Document apps in memory whose papers were compared: groups of one sheet, and what may be done to them."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.daemon.engine.conftest import SETTLE, Notes, World

from reconciled.config import Mode
from reconciled.duplicates.words import Band
from reconciled.engine.duplicates.acting import Do, Wanted, order, preview
from reconciled.engine.live import Rules
from reconciled.errors import Refused, SourceError
from reconciled.http import Http
from reconciled.ledger import groups, items, papers, sources
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx
from reconciled.ledger.groups import MemberRow
from reconciled.ledger.rows import ItemRow
from reconciled.model import Item, Json, Key, Ref
from reconciled.source import Context, Deletion, Merging, SourceConfig, Text
from reconciled.testing.model_app import ModelApp, ModelSource

NOW = "2026-01-01T00:00:00.000Z"
LABEL = "duplicate"


@dataclass(slots=True)
class Shelf(ModelApp):
    """A document app: what its documents say, and whether it tells."""

    texts: dict[Key, str] = field(default_factory=dict)
    mute: set[Key] = field(default_factory=set)
    """Documents of which it hands out no text."""
    text_trouble: SourceError | None = None
    merging_trouble: SourceError | None = None


class Documents(ModelSource):
    """Follows a `Shelf`, whose delete is its trash."""

    kinds: ClassVar[tuple[str, ...]] = ("document",)
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True)})
    capture = None  # type: ignore[assignment]  # the trash keeps all of it
    model: Shelf

    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, Text]:
        """The words of each."""
        self._ask("texts", *map(str, keys))
        if self.model.text_trouble is not None:
            raise self.model.text_trouble
        told = self.model.texts
        return {
            key: Text(told[key]) for key in keys if key in self.model.items and key not in self.model.mute
        }

    async def foresee_merge(
        self, onto: Key, others: Sequence[Key], *, without: Collection[str] = ()
    ) -> Merging:
        """The tags that the one lacks."""
        if self.model.merging_trouble is not None:
            raise self.model.merging_trouble
        gains = sorted(self._tags(*others) - self._tags(onto) - {*without})
        return Merging(tuple(f"gets the tag “{tag}”" for tag in gains), ("it has a correspondent already",))

    async def merge(self, onto: Key, others: Sequence[Key], *, without: Collection[str] = ()) -> None:
        """All their tags, and its own."""
        if gone := [key for key in (onto, *others) if key not in self.model.items]:
            raise Refused(f"there is no {gone[0]}")
        more = self._tags(*others) - {*without}
        said = ("merge", str(onto), " ".join(map(str, others)))
        await self._act(said, lambda: self._label(onto, add=more, remove=set()))

    def _tags(self, *keys: Key) -> set[str]:
        found: set[str] = set()
        for key in keys:
            tags: Json = self.model.items[key].attrs["tags"]
            assert isinstance(tags, list)
            found |= set(map(str, tags))
        return found


def document(n: int, *tags: str, title: str = "", added: int = 2025, bytes_: int | None = None) -> Item:
    """A document by number."""
    refs = {Ref("paperless-document", f"{n}@{added}"), Ref("sha256", f"{bytes_ or n:064x}")}
    return Item(
        Key("document", str(n)), title or f"Paper {n}", frozenset(refs), {"tags": [*tags]}, has_file=True
    )


class Desk:
    """A world with document apps: `paperless` and `other`, and a person who acts on groups."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.follow = self._follow  # type: ignore[method-assign]  # also when the world restarts

    async def _follow(self, name: str, app: Any = None, **_: Any) -> Any:
        model = self.world.apps[name] = app or self.world.apps.get(name) or Shelf()
        context = Context(name, Http.__new__(Http), self.world.clock, logging.getLogger(name), Notes())
        source = Documents(model, SourceConfig(), context)
        kinds = frozenset(Documents.kinds)
        await self.world.engine.add(name, source, rules=Rules(SETTLE, 1.0), kinds=kinds, scope={})
        return model

    @property
    def app(self) -> Shelf:
        """The first app."""
        found = self.world.apps["paperless"]
        assert isinstance(found, Shelf)
        return found

    @property
    def other(self) -> Shelf:
        """The second app."""
        found = self.world.apps["other"]
        assert isinstance(found, Shelf)
        return found

    async def open(self, *, documents: int = 9, mode: Mode = Mode.ASK, twin: bool = False) -> None:
        """Documents 1, 2, … of the first app and 1 to 3 of the second; all say the same of themselves.

        `twin`: the second is the first under another name.
        """
        for name, many in (("paperless", documents), ("other", 3)):
            app = await self._follow(name)
            added = 2025 if name == "paperless" or twin else 2020
            app.put(
                *(
                    document(n, f"t{n}", added=added, bytes_=n + 100 * (name == "other"))
                    for n in range(1, many + 1)
                )
            )
            app.texts |= dict.fromkeys(app.items, "the very same words")
            await self.world.scan(name)
        await self.world.decide(mode=mode)
        await self.read()

    async def read(self) -> None:
        """The ledger learns all the texts."""

        def write(tx: Tx) -> None:
            for name, app in self.world.apps.items():
                assert isinstance(app, Shelf)
                for key in app.items:
                    row = row_of(tx, name, key)
                    text = app.texts[key]
                    papers.put(
                        tx, [papers.read(row.id, row.source_id, text, checksum=str(key))], seq=1, at=NOW
                    )

        await self.world.ledger.write(write)

    async def group(self, *members: str, band: Band = Band.DUPLICATE) -> int:
        """A group of these documents (such as `1`, or `other/1`), the first of which is the primary."""

        def write(tx: Tx) -> int:
            rows = [self._named(tx, one) for one in members]
            made = groups.create(tx, band, rows[0].id, at=NOW)
            prints = papers.prints(tx, [row.id for row in rows])
            inside = {row.id: MemberRow(row.id, 1.0, prints[row.id]) for row in rows}
            groups.put_members(tx, made.id, inside)
            return made.id

        return await self.world.ledger.write(write)

    async def id(self, name: str) -> int:
        """A document's row."""
        return await self.world.ledger.read(lambda tx: self._named(tx, name).id)

    def _named(self, tx: Tx, name: str) -> ItemRow:
        source, slash, key = name.rpartition("/")
        return row_of(tx, source if slash else "paperless", Key("document", key))

    async def order(self, do: Do, *wanted: int, count: int | None = None, **more: Any) -> list[ActionRow]:
        """Look at what would be done to these groups, and order it."""
        asked = [Wanted(group, do, **more) for group in wanted]
        seen = await preview(self.world.outbox, asked, label=LABEL)
        return await order(self.world.outbox, asked, shown=seen.print, by="owner", label=LABEL, count=count)

    async def lines(self, do: Do, *wanted: int, **more: Any) -> list[str]:
        """What would be done to these groups."""
        seen = await preview(self.world.outbox, [Wanted(one, do, **more) for one in wanted], label=LABEL)
        return [line for one in seen.groups for line in (*one.lines, *([one.refused] if one.refused else []))]

    async def put(self, table: str, **values: Any) -> None:
        """A row of the ledger, as nothing here would write it."""
        marks = ", ".join("?" * len(values))
        said = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"
        await self.world.ledger.write(lambda tx: tx.execute(said, tuple(values.values())))

    async def judged(self) -> list[tuple[str, str]]:
        """What was said of pairs: the answer and by whom."""
        found = await self.world.rows("SELECT answer, said_by FROM judgement ORDER BY a, b")
        return [(row["answer"], row["said_by"]) for row in found]


def row_of(tx: Tx, name: str, key: Key) -> ItemRow:
    """What the ledger holds under a key."""
    source = sources.get(tx, name)
    assert source is not None
    return next(row for row in items.by_key(tx, source.id, key) if row.current)
