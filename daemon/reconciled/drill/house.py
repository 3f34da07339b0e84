"""The daemon's parts over a copy of the ledger, with relays in front of the apps and a clock that is ours."""

import contextlib
import logging
import random
import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC
from functools import partial
from pathlib import Path
from types import MappingProxyType

from reconciled.config import Mode, Settings, SourceSettings
from reconciled.drill.findings import Lost, Meant, State
from reconciled.drill.relay import Relay
from reconciled.drill.wire import DrillWire
from reconciled.engine.engine import Engine
from reconciled.engine.outbox.gate import print_of
from reconciled.engine.outbox.outbox import Outbox
from reconciled.engine.outbox.words import act
from reconciled.http import Http, new_session
from reconciled.ledger import decisions, sources, views_drill
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.peeking import peek
from reconciled.runtime.sources import Built
from reconciled.runtime.stepping import Steps, StillSources
from reconciled.testing.clock import ManualClock

STEP = 120.0
"""Seconds between two looks of everybody; no more than what one good answer counts as watched."""


class DrillSources(StillSources):
    """Sources whose apps are reached through relays, and in which nothing can be changed."""

    relays: Mapping[str, Relay] = MappingProxyType({})

    def connections(self, settings: SourceSettings) -> Http:
        """A way to the relay of the source."""
        wire = partial(DrillWire, relay=self.relays[settings.name])
        return Http(new_session, self._clock, wire=wire)

    async def start(self, built: Built) -> None:
        """Follow the source; whatever would change something in its app is refused."""
        await super().start(built)
        self._engine.place(built.settings.name).live.rehearsed = True


class House:
    """What runs in a drill; made by `opened`."""

    def __init__(
        self, ledger: Ledger, settings: Settings, clock: ManualClock, relays: Mapping[str, Relay]
    ) -> None:
        self._ledger = ledger
        self._settings = settings
        self._clock = clock
        log = logging.getLogger("reconciled.drill")
        log.setLevel(logging.CRITICAL)  # every fault is one that was ordered
        chance = random.Random(1)  # noqa: S311 - jitter, no secret
        self._engine = Engine(ledger, clock, chance=chance, log=log)
        self._sources = DrillSources(self._engine, clock=clock, zone=UTC, chance=chance, log=log)
        self._sources.relays = relays
        self._outbox = Outbox(self._engine, log=log)
        self._steps = Steps(self._engine, self._outbox)

    async def start(self) -> None:
        """Follow all sources, under policies whose first batch counts as approved."""
        await self._engine.start()
        await self._outbox.configure(self._settings.policies, self._settings.mode)
        for settings in self._settings.sources.values():
            await self._sources.start(self._sources.build(settings))
        await self._ledger.write(self._trust)
        await self._outbox.start()

    async def stop(self) -> None:
        """End it."""
        await self._outbox.stop()
        await self._engine.stop()
        await self._sources.stop_all()

    def _trust(self, tx: Tx) -> None:
        known = sources.every(tx)
        for policy in self._settings.policies.values():
            mode = self._outbox.rules.mode_of(policy)
            if mode is not Mode.DRY_RUN:
                decisions.trust(tx, policy.name, print_of(policy, mode, known))

    async def scan(self, name: str) -> None:
        """Read a source to its end."""
        await self._steps.turn()
        await self._steps.scan(name)

    async def pass_time(self, seconds: float, *, every: float = STEP) -> None:
        """Time passes, and everybody looks as often as that."""
        left = seconds
        while left > 0:
            self._clock.advance(min(every, left))
            left -= every
            await self._steps.turn()

    def trouble_of(self, name: str) -> str | None:
        """Why a source does not answer, or None."""
        live = self._engine.place(name).live
        return None if live.answers else str(live.health.detail)

    async def state(self) -> State:
        """What the copy of the ledger holds now."""
        found = await self._ledger.read(views_drill.state)
        meant = frozenset(
            Meant(
                one.verb, one.target, one.kind, one.key,
                act(one.verb, one.target, one.kind, one.key, one.title, label=one.label, files=one.files,
                    exclude=one.exclude),
            )
            for one in found.meant
        )  # fmt: skip
        return State(
            suspects=found.suspects,
            holds=tuple(found.holds),
            lost=frozenset(Lost(*one) for one in found.lost),
            meant=meant,
        )


@contextlib.asynccontextmanager
async def opened(
    file: Path, settings: Settings, clock: ManualClock, relays: Mapping[str, Relay]
) -> AsyncIterator[House]:
    """A house over a ledger file, which it changes."""
    ledger = await Ledger.open(file)
    try:
        house = House(ledger, settings, clock, relays)
        try:
            await house.start()
            yield house
        finally:
            await house.stop()
    finally:
        await ledger.close()


def copied(source: Path, target: Path) -> None:
    """A copy of a ledger as it is at this moment, also while a daemon writes to it. It is left alone."""
    with contextlib.closing(sqlite3.connect(target)) as to:
        peek(source, lambda tx: tx.backup(to))


def armed(settings: Settings) -> Settings:
    """The same config as if everything stood on `mode: act`."""
    policies = {name: replace(policy, mode=Mode.ACT) for name, policy in settings.policies.items()}
    return replace(settings, mode=Mode.ACT, policies=MappingProxyType(policies))
