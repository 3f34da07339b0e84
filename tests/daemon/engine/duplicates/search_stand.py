"""A library of letters in memory, the engine that follows it, and the search for duplicates over it.

Letters are made of a seeded vocabulary; a `rescan` of one has a few wrong characters. Workers are real
processes, kept from one test to the next only by the machine's cache.
"""

import asyncio
import hashlib
import json
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from reconciled.config import DuplicateSettings
from reconciled.engine.engine import Engine
from reconciled.engine.live import Rules
from reconciled.errors import Unreachable
from reconciled.http import Http
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import About, Absent, Answer, Item, Json, Key, Page, Ref
from reconciled.runtime.duplicates import Duplicates
from reconciled.source import Context, Source, SourceConfig, Text, TextPage
from reconciled.testing.clock import ManualClock

_SYLLABLES = "ka-lo-mi-ter-ven-sal-dor-quin-bra-fel-zu-nor-pid-hex-wal-ost".split("-")  # noqa: SIM905


def letter(number: int, *, words: int = 90) -> str:
    """A letter that no other number has."""
    chance = random.Random(number)
    made = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(words)]
    return f"Letter {number * 7919} of {1900 + number % 120}\n{' '.join(made)}\nTotal {number * 13}.50"


def rescan(text: str, *, seed: int = 1, errors: int = 4) -> str:
    """The same sheet, read again with some wrong characters in its words."""
    chance, found = random.Random(seed), list(text)
    places = [at for at, one in enumerate(found) if one.isalpha()]
    for at in chance.sample(places, min(errors, len(places))):
        found[at] = chance.choice("abcdefghij")
    return "".join(found)


class Books(Source[SourceConfig]):
    """Papers by their ids: words, and what is told beside them. `words` None: one without any text.

    It answers by key. `asked` counts the keys it was asked for, `down` lets nothing through.
    """

    app = "books"
    kinds = ("document",)
    Config = SourceConfig

    def __init__(self, context: Context) -> None:
        super().__init__(SourceConfig(), context)
        self.papers: dict[str, str] = {}
        self.about: dict[str, dict[str, Json]] = {}
        self.attrs: dict[str, dict[str, Json]] = {}
        self.refs: dict[str, frozenset[Ref]] = {}
        self.asked: Counter[str] = Counter()
        self.down = False

    def put(self, number: int | str, words: str, *, sha256: str = "", **about: Json) -> str:
        """A paper is there, or has other words."""
        key = str(number)
        self.papers[key] = words
        self.about[key] = about
        digest = hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8)
        self.attrs.setdefault(key, {})["version"] = digest.hexdigest()
        self.refs[key] = frozenset({Ref("sha256", sha256)} if sha256 else ())
        return key

    def _up(self) -> None:
        if self.down:
            raise Unreachable("books: connection refused")

    async def probe(self) -> About:
        self._up()
        return About("books", "1")

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        self._up()
        yield Page.of((self.item(key) for key in self.papers), complete=True)

    async def lookup(self, key: Key) -> Answer:
        self._up()
        return self.item(key.id) if key.id in self.papers else Absent("404")

    def item(self, key: str) -> Item:
        return Item(
            Key("document", key), f"Paper {key}", self.refs.get(key, frozenset()), self.attrs.get(key, {})
        )


class Shelf(Books):
    """The same, with texts by key."""

    app = "shelf"

    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, Text]:
        self._up()
        self.asked.update(key.id for key in keys)
        return {
            key: Text(self.papers[key.id], self.about.get(key.id, {}))
            for key in keys
            if key.id in self.papers
        }


class Journal(Shelf):
    """The same, and lists what changed, `size` a page. `stop_after` pages it is no longer there."""

    app = "journal"
    size = 20

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.lines: list[str] = []
        self.pages = 0
        self.stop_after: int | None = None

    def put(self, number: int | str, words: str, *, sha256: str = "", **about: Json) -> str:
        key = super().put(number, words, sha256=sha256, **about)
        self.lines.append(key)
        return key

    async def texts_since(self, mark: Json) -> AsyncIterator[TextPage]:
        at = mark if isinstance(mark, int) else 0
        total = len(self.lines) - at
        while at < len(self.lines):
            self._up()
            if self.stop_after is not None and self.pages >= self.stop_after:
                raise Unreachable("books: connection reset")
            some = self.lines[at : at + self.size]
            at += len(some)
            self.pages += 1
            there = [key for key in some if key in self.papers]
            texts = {Key("document", key): Text(self.papers[key], self.about[key]) for key in there}
            yield TextPage(texts, at, total)
        yield TextPage({}, at, total)


class SearchStand:
    """Sources by name, the engine, and `duplicates`."""

    def __init__(self, ledger: Ledger, state: Path, settings: DuplicateSettings) -> None:
        self.clock = ManualClock()
        self.ledger = ledger
        self.state = state
        self.log = logging.getLogger("search")
        self.engine = Engine(ledger, self.clock, chance=random.Random(1), log=self.log)
        self.duplicates = Duplicates(self.engine, state, log=self.log)
        self.settings = settings

    async def follow(self, name: str, maker: type[Books], *, scan: bool = True) -> Any:
        context = Context(name, Http.__new__(Http), self.clock, logging.getLogger(name), Notes())
        source = maker(context)
        await self.engine.add(name, source, rules=Rules(1.0, 1.0), kinds=frozenset(source.kinds), scope={})
        await self.engine.probe(name)
        await self.duplicates.configure(self.settings)
        return source

    async def scan(self, name: str) -> None:
        run = await self.engine.perform("scan", name, asked_by="test")
        assert await self.run_of(run) == ("complete", None)

    async def search(self, *, asked_by: str = "schedule") -> dict[str, Any]:
        """Run the pass to its end; what it counted."""
        run = await self.duplicates.begin(asked_by=asked_by)
        await self.engine.wait(run)
        state, error = await self.run_of(run)
        assert state == "complete", error
        return await self.stats(run)

    async def run_of(self, run: int) -> tuple[str, str | None]:
        found = await self.rows(f"SELECT state, error FROM run WHERE id = {run}")
        return found[0][0], found[0][1]

    async def stats(self, run: int) -> dict[str, Any]:
        found = await self.rows(f"SELECT stats FROM run WHERE id = {run}")
        stats: dict[str, Any] = json.loads(found[0][0])
        return stats

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        def read(tx: Tx) -> list[tuple[Any, ...]]:
            return tx.execute(sql).fetchall()

        return await self.ledger.read(read)

    async def becomes(self, key: str, presence: str) -> None:
        """The ledger takes an item for gone, or frozen."""

        def write(tx: Tx) -> None:
            tx.execute("UPDATE item SET presence = ? WHERE key = ?", (presence, key))

        await self.ledger.write(write)

    async def pairs(self, band: str = "duplicate") -> set[frozenset[str]]:
        """The pairs that are stored, by their keys."""
        found = await self.rows(
            "SELECT one.key, other.key FROM likeness JOIN item AS one ON one.id = a "
            f"JOIN item AS other ON other.id = b WHERE band = '{band}' AND vetoed = 0"
        )
        return {frozenset(pair) for pair in found}

    async def groups(self) -> set[frozenset[str]]:
        """The groups of duplicates that stand, by their members' keys."""
        found = await self.rows(
            "SELECT duplicate_group.id, key FROM duplicate_group JOIN duplicate_member "
            "ON group_id = duplicate_group.id JOIN item ON item.id = item_id "
            "WHERE band = 'duplicate' AND over IS NULL"
        )
        made: dict[int, set[str]] = {}
        for group, key in found:
            made.setdefault(group, set()).add(key)
        return {frozenset(members) for members in made.values()}

    async def once(self) -> None:
        """What came as news is read and compared."""
        task = asyncio.create_task(self.duplicates.follow())
        try:
            while not self.duplicates.is_idle:
                await asyncio.sleep(0.005)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        await self.engine.stop()
        await self.duplicates.close()


class Notes:
    """A source's store, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, name: str) -> Json:
        return self.kept.get(name)

    async def set(self, name: str, value: Json) -> None:
        self.kept[name] = value


@asynccontextmanager
async def standing(folder: Path, **settings: Any) -> AsyncIterator[SearchStand]:
    """A stand on a ledger of its own; `settings` are of `DuplicateSettings`."""
    settings.setdefault("images", None)
    ledger = await Ledger.open(folder / "ledger.db")
    stand = SearchStand(ledger, folder, DuplicateSettings(**settings))
    await stand.engine.start()
    try:
        yield stand
    finally:
        await stand.close()
        await ledger.close()
