"""The daemon's own parts for a drill: engine, worker, outbox over a real ledger, and no loops.

What the loops would do is done by `turn`, step by step, on a clock that stands still between two turns:
hours pass in no time, and every cell goes the same way each time.
"""

import logging
import random
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from tests.drills.quiet_ledger import QuietLedger

from reconciled.config import Mode, Policy
from reconciled.engine.engine import Engine
from reconciled.engine.live import Rules
from reconciled.engine.outbox.answers import approve
from reconciled.engine.outbox.gate import print_of
from reconciled.engine.outbox.outbox import Outbox
from reconciled.http import Http
from reconciled.ledger import decisions, sources, suspects
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Json, Key
from reconciled.runtime.sources import LedgerStore
from reconciled.runtime.stepping import Steps
from reconciled.source import Source, Store
from reconciled.testing.clock import ManualClock


@dataclass(frozen=True, slots=True)
class Grave:
    """A thing that is remembered as lost: its file alone or all of it; `back` when it was seen again."""

    key: Key
    title: str
    what: str
    back: bool = False

    def __str__(self) -> str:
        return f"{self.key} ({self.what}) {self.title!r}"


class Believer(ABC):
    """Whoever believes apps, and acts on what it believes: our engine, or another in its place."""

    asks: ClassVar[bool] = True
    """Whether it asks the apps between two scans."""

    @abstractmethod
    def store(self, name: str) -> Store:
        """A source's own notes."""

    @abstractmethod
    async def follow(self, name: str, source: Source[Any], http: Http | None) -> None:
        """Begin to follow a source."""

    @abstractmethod
    async def decide(self, policy: Policy) -> None:
        """The policy is in force, armed and trusted."""

    @abstractmethod
    async def scan(self, name: str) -> None:
        """Read a source, as its schedule does; a listing that fails is no error here."""

    @abstractmethod
    async def turn(self) -> None:
        """Everything that is due, once."""

    @abstractmethod
    async def graves(self, name: str) -> list[Grave]:
        """What was ever remembered as lost in a source."""

    @abstractmethod
    async def doubts(self, name: str) -> list[str]:
        """What is in doubt at a source, in words: suspects, holds, items that are not simply there."""

    @abstractmethod
    async def there(self, name: str) -> frozenset[Key]:
        """What it holds as present."""

    @abstractmethod
    async def holds(self, name: str) -> list[str]:
        """The sentences of the holds that stand."""

    @abstractmethod
    async def release_all(self, name: str) -> None:
        """A person believes what is held."""

    @abstractmethod
    async def approve_all(self) -> None:
        """A person says yes to whatever is asked."""

    @abstractmethod
    async def stop(self) -> None:
        """The end."""


class Parts(Believer):
    """Our own."""

    def __init__(self, clock: ManualClock, ledger: Ledger) -> None:
        self.clock = clock
        self.ledger = ledger
        log = logging.getLogger("drill")
        self.engine = Engine(ledger, clock, chance=random.Random(1), log=log)
        self.outbox = Outbox(self.engine, log=log)
        self._steps = Steps(self.engine, self.outbox)

    @classmethod
    async def open(cls, clock: ManualClock, folder: Path, *, pattern: Path | None = None) -> "Parts":
        """Over a new ledger in the folder; with `pattern` it is a copy of that one, which is quicker."""
        file = folder / "ledger.db"
        if pattern is not None:
            shutil.copyfile(pattern, file)
        parts = cls(clock, await QuietLedger.open(file))
        await parts.engine.start()
        return parts

    def store(self, name: str) -> Store:
        return LedgerStore(self.ledger, name)

    async def follow(self, name: str, source: Source[Any], http: Http | None) -> None:
        requests: Callable[[], int] = (lambda: http.requests) if http is not None else (lambda: 0)
        place = await self.engine.add(
            name, source, rules=Rules(), kinds=frozenset(source.kinds), scope={}, requests=requests
        )
        place.wants_scan.set()
        await self._steps.turn()

    async def decide(self, policy: Policy) -> None:
        await self.outbox.configure({policy.name: policy}, Mode.ACT)

        def trust(tx: Tx) -> None:
            decisions.trust(tx, policy.name, print_of(policy, Mode.ACT, sources.every(tx)))

        await self.ledger.write(trust)

    async def scan(self, name: str) -> None:
        await self._steps.scan(name, asked_by="schedule")

    async def turn(self) -> None:
        await self._steps.turn()

    async def graves(self, name: str) -> list[Grave]:
        rows = await self._rows(
            "SELECT t.kind, t.key, t.title, t.what, r.at AS back FROM tombstone AS t "
            "LEFT JOIN revival AS r ON r.tombstone_id = t.id WHERE t.source = ? ORDER BY t.id",
            name,
        )
        return [
            Grave(Key(row["kind"], row["key"]), row["title"], row["what"], row["back"] is not None)
            for row in rows
        ]

    async def doubts(self, name: str) -> list[str]:
        rows = await self._rows(
            "SELECT kind, item.key, presence FROM item JOIN source ON source.id = source_id "
            "WHERE name = ? AND current = 1 AND presence NOT IN ('present', 'gone')",
            name,
        )
        doubted = await self._rows(
            "SELECT kind, item.key FROM suspect JOIN item ON item.id = item_id "
            "JOIN source ON source.id = source_id WHERE name = ?",
            name,
        )
        return [
            *(f"{row['kind']} {row['key']} is {row['presence']}" for row in rows),
            *(f"{row['kind']} {row['key']} is a suspect" for row in doubted),
            *(f"a hold stands: {hold}" for hold in await self.holds(name)),
        ]

    async def there(self, name: str) -> frozenset[Key]:
        rows = await self._rows(
            "SELECT kind, item.key FROM item JOIN source ON source.id = source_id "
            "WHERE name = ? AND current = 1 AND presence = 'present'",
            name,
        )
        return frozenset(Key(row["kind"], row["key"]) for row in rows)

    async def holds(self, name: str) -> list[str]:
        live = self.engine.place(name).live
        return [hold.sentence for hold in await self.ledger.read(suspects.open_holds, live.id)]

    async def release_all(self, name: str) -> None:
        live = self.engine.place(name).live
        for hold in await self.ledger.read(suspects.open_holds, live.id):
            await self.engine.release(name, hold.id)

    async def approve_all(self) -> None:
        for decision in await self.ledger.read(decisions.all_open):
            shown = await self.ledger.read(decisions.waiting_in, decision.id)
            await approve(self.outbox, decision.id, shown, by="owner")

    async def stop(self) -> None:
        await self.outbox.stop()
        await self.engine.stop()
        await self.ledger.close()

    async def _rows(self, sql: str, *values: Json) -> list[Mapping[str, Any]]:
        def read(tx: Tx) -> list[Mapping[str, Any]]:
            found = tx.execute(sql, values)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        return await self.ledger.read(read)
