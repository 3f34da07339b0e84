"""What a plugin does beside answering: its own work, and hearing which of its items are orphans.

Each is a loop of the source's, for every plugin that has the ability. News of orphans is the whole
set as it stands in the ledger, told at the start and when it changed: a crash loses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from reconciled.engine.attribution import attribute
from reconciled.engine.engine import Engine
from reconciled.engine.recalling import Recalling
from reconciled.ledger import views_records
from reconciled.ledger.views_losses import TombstoneView
from reconciled.model import Json, Key, Loss
from reconciled.runtime.contents import Targets, Tidying
from reconciled.source import HearsOfOrphans, Recalls, TakesContent, Works


def own_loops(
    engine: Engine, name: str, *, targets: Targets = lambda _: ()
) -> dict[str, Callable[[], Awaitable[None]]]:
    """The loops that a running source's plugin asks for by its abilities."""
    source = engine.place(name).live.source
    loops: dict[str, Callable[[], Awaitable[None]]] = {}
    if isinstance(source, Works):
        loops["own work"] = source.work
    if isinstance(source, Recalls):
        loops["memory"] = Recalling(engine, name).run
    if isinstance(source, HearsOfOrphans):
        loops["news of orphans"] = OrphanNews(engine, name, source).run
    if isinstance(source, TakesContent):
        loops["contents"] = Tidying(engine, name, source, targets=targets).run
    return loops


class OrphanNews:
    """Tells one source of its orphans."""

    def __init__(self, engine: Engine, name: str, hearer: HearsOfOrphans) -> None:
        self._engine = engine
        self._name = name
        self._hearer = hearer
        self._judged = asyncio.Event()
        self._known: dict[int, tuple[Key, Loss]] = {}

    async def run(self) -> None:
        """Tell what is so now, and whenever orphans were judged and are others than before. Runs for ever."""
        self._engine.listeners.append(self._hear)
        try:
            await self._tell(anew=True)
            while True:
                await self._judged.wait()
                self._judged.clear()
                await self._tell()
        finally:
            self._engine.listeners.remove(self._hear)

    def _hear(self, what: str, told: Mapping[str, Json]) -> None:
        mine = (told.get("source"), told.get("pass")) == (self._name, "orphans")
        if what == "run" and mine and told.get("state") != "running":
            self._judged.set()

    async def _tell(self, *, anew: bool = False) -> None:
        known = frozenset(self._known)
        found = await self._engine.ledger.read(lambda tx: views_records.orphans(tx, self._name, known=known))
        if not anew and found.keys() == self._known.keys():
            return
        losses = {finding: told for finding, told in self._known.items() if finding in found}
        losses |= {
            finding: (key, _loss(tombstone, self._engine))
            for finding, (key, tombstone) in found.items()
            if tombstone is not None
        }
        await self._hearer.orphans(dict(losses.values()))
        self._known = losses


def _loss(view: TombstoneView, engine: Engine) -> Loss:
    said = attribute(view.story_told, title=view.title, zone=engine.zone, now=engine.clock.now())
    key, at = Key(view.kind, view.key), datetime.fromisoformat(view.noticed)
    return Loss(view.source, key, view.title, said.cause, said.actor, said.sentence, at)
