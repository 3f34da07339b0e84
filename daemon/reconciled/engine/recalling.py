"""Asking apps what they remember of a loss, once it is proved: it makes evidence, and nothing else.

An app that keeps a history or a trash is asked about what it lost, and about what it holds of a thing
that another one lost. The questions are durable rows, so a crash forgets none; they wait while the
app is read or in trouble, are asked again a few times, and then given up with a note. What is
remembered stands beside the tombstone, at its own time where that can be believed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from reconciled.clock import wait_for
from reconciled.engine.deeds import Deed, believed, deed_of, names_its_app
from reconciled.engine.engine import Engine, Place
from reconciled.engine.live import LiveSource
from reconciled.engine.suspicion import Desk
from reconciled.errors import BadResponse, SourceError, Unsupported
from reconciled.ledger import recall, tombstones
from reconciled.ledger.connection import Tx
from reconciled.ledger.recall import Question
from reconciled.ledger.rows import stamp
from reconciled.ledger.tombstones import Evidence
from reconciled.model import Event, Json, Op
from reconciled.source import Recalls, Source

AFTER = 30.0
"""Seconds after a loss before it is asked about: the losses of one moment are asked about together."""
AGAIN = (60.0, 600.0, 3600.0, 6 * 3600.0)
"""Seconds after which an app that gave no answer is asked again; then it is given up."""
NAP = 60.0
AT_ONCE = 500


class Recalling:
    """Puts the questions to one source that remembers."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Go on for ever; a loss anywhere is news."""
        self._engine.listeners.append(self._hear)
        try:
            while True:
                self._wake.clear()
                await self._place.live.health.until_ok()
                await self.look_once()
                await self._until_due()
        finally:
            self._engine.listeners.remove(self._hear)

    async def look_once(self) -> int:
        """Take in what was lost, and ask what is due, unless the app is busy otherwise.

        Returns how many answers came.
        """
        engine, clock = self._engine, self._engine.clock

        def take(tx: Tx) -> int:
            now, due = clock.now(), clock.reckoned() + AFTER
            return recall.take_in(tx, self._name, when=now, due=due, limit=AT_ONCE)

        while await engine.ledger.write(take):
            pass
        answered = 0
        while not self._must_wait():
            questions = await engine.ledger.write(self._due)
            if not questions:
                break
            answered += await self._ask_all(questions)
        return answered

    def _due(self, tx: Tx) -> list[Question]:
        now = self._engine.clock.reckoned()
        while recall.let_be(tx, self._name, now=now, limit=AT_ONCE):
            pass
        return recall.due(tx, self._name, now=now, limit=AT_ONCE)

    @property
    def _place(self) -> Place:
        return self._engine.place(self._name)

    def _hear(self, what: str, _told: Mapping[str, Json]) -> None:
        if what == "tombstone":
            self._wake.set()

    def _must_wait(self) -> bool:
        """Scans go first, and what is not the app that we know remembers another world."""
        live = self._place.live
        scans = self._engine.running("scan", self._name) is not None
        return scans or not live.answers or live.not_believable() is not None

    async def _until_due(self) -> None:
        clock = self._engine.clock
        at = await self._engine.ledger.read(lambda tx: recall.next_due(tx, self._name))
        left = 3600.0 if at is None else at - clock.reckoned()
        await wait_for(self._wake, max(left, 0.0) if not self._must_wait() else NAP, clock=clock)

    async def _ask_all(self, questions: Sequence[Question]) -> int:
        """One after the other; the first reaches back farthest, so that one look at the app may serve all."""
        answered = 0
        for question in questions:
            if self._must_wait():
                break
            answered += await self._ask(question)
        return answered

    async def _ask(self, question: Question) -> bool:
        live, ledger = self._place.live, self._engine.ledger
        source = live.source
        try:
            told = await live.ask("ask", lambda: _remembering(source).recall(question.item, question.since))
            events = _checked(live, question, told)
        except Unsupported as error:
            await ledger.write(recall.answered, question.id, str(error))
            return True
        except SourceError as error:
            await ledger.write(self._no_answer, question, str(error))
            return False
        if await ledger.write(_note, live, question, events):
            self._engine.tell("tombstone", source=self._name)
        return True

    def _no_answer(self, tx: Tx, question: Question, said: str) -> None:
        if question.tries >= len(AGAIN):
            log, key = self._place.live.log, question.item.key
            log.info("%s: asked in vain who lost %s: %s", self._name, key, said)
            recall.give_up(tx, question.id, said)
        else:
            until = self._engine.clock.reckoned() + AGAIN[question.tries]
            recall.put_off(tx, question.id, said, until=until)


def _remembering(source: Source[Any]) -> Recalls:
    """A reload may have put another object under the name. Unsupported when that remembers nothing."""
    if not isinstance(source, Recalls):
        raise Unsupported("it remembers nothing (any more)")
    return source


def _checked(live: LiveSource, question: Question, told: object) -> list[Event]:
    """Only losses of that very item, with their time, before the loss was proved: what was deleted later (the
    answer may come days after) was something else. A time to come is no time, but of a clock that is off.
    BadResponse for what is no list of events.
    """
    if not isinstance(told, Sequence) or not all(isinstance(one, Event) for one in told):
        raise BadResponse(f"{live.name}: the plugin's recall() gave {type(told).__name__}, no list of events")
    losses, now = (Op.DELETED, Op.FILE_DELETED), live.clock.now()
    mine = (one for one in told if one.op in losses and one.key == question.item.key)
    return [one for one in mine if one.occurred and not question.until < one.occurred - recall.SLACK <= now]


def _note(tx: Tx, live: LiveSource, question: Question, events: Sequence[Event]) -> bool:
    """What the app remembers stands beside the tombstone. Whether there was anything new."""
    desk = Desk.at(tx, live)
    new = 0
    for event in events:
        evidence = _evidence(desk, question, event)
        if not recall.known_already(tx, question.tombstone, evidence):
            tombstones.add_evidence(tx, live.name, question.item.key, evidence, tombstone=question.tombstone)
            new += 1
    recall.answered(tx, question.id, f"{len(events)} remembered" if events else "nothing remembered")
    return new > 0


def _evidence(desk: Desk, question: Question, event: Event) -> Evidence:
    name, how = desk.live.name, str(desk.live.source.remembers_in)
    deed = Deed.TRASHED if how == "trash" else deed_of(event)
    cause = name if names_its_app(deed) else None
    moment = _moment(desk, question, event.occurred)
    place = recall.first_notice(desk.tx, question.tombstone, name) if moment is None else None
    occurred = stamp(event.occurred) if event.occurred else None
    said = f"{name}'s {how} says: {event.reason or deed}"
    return Evidence(
        desk.seq, desk.stamp, how, said, cause, event.actor, occurred, deed, moment, name,
        place=None if place is None else place - 1,
    )  # fmt: skip


def _moment(desk: Desk, question: Question, occurred: datetime | None) -> str | None:
    """The app's own time, if it lies between when the thing was last seen and now."""
    seen = question.since + recall.SLACK
    good = believed(occurred, told=desk.when, since=seen)
    return stamp(occurred) if occurred is not None and good else None


__all__ = ["Recalling"]
