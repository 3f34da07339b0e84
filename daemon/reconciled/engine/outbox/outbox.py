"""The outbox as it runs: from new findings to actions, from due actions to calls, apart for each target.

One step derives what is new, settles what a crash or a timeout left open, looks at what is due and
puts it on its way. What goes out is sent by a task of its target's own: an app that hangs delays
nobody else. Anything that raises is one row's failure, or is logged and tried again.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from reconciled.clock import wait_for
from reconciled.config import Mode, Policy
from reconciled.engine import probing
from reconciled.engine.chunks import in_chunks
from reconciled.engine.ending import end_tasks
from reconciled.engine.engine import Engine
from reconciled.engine.outbox import gate, recovering
from reconciled.engine.outbox.deriving import derive
from reconciled.engine.outbox.scene import Rulebook, Scene
from reconciled.engine.outbox.sending import Sender
from reconciled.engine.outbox.weighing import Weighed
from reconciled.engine.watch import write_down
from reconciled.errors import SourceError
from reconciled.ledger import actions, decisions, findings, items
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Json

SCAN_AGAIN = 900.0
"""A source that an action waits for is read again at most this often, in seconds."""
AT_ONCE = 2000
WAIT_AFTER_CRASH = 3600.0


class Outbox:
    """What is intended, and how it is done. Everything here may be called from the event loop at any time."""

    def __init__(
        self, engine: Engine, *, log: logging.Logger, at: Callable[[str], None] = lambda _: None
    ) -> None:
        self.engine = engine
        self.rules = Rulebook()
        self._log = log
        self._due = asyncio.Event()
        self._derived = 0
        self._all_anew = True
        self._orders: dict[str, float] = {}
        self._senders: dict[str, asyncio.Task[None]] = {}
        self.posted: Callable[[], None] = lambda: None
        """Called when messages may have been queued."""
        self._news: set[asyncio.Future[None]] = set()
        self._sender = Sender(engine.ledger, engine.places, self.scene, self._ended, at)
        engine.listeners.append(self._hear)

    # --- the config -------------------------------------------------------------------------------

    async def configure(self, policies: Mapping[str, Policy], mode: Mode) -> None:
        """Take over the policies and the daemon's mode; everything that waits is derived anew."""
        self.rules = Rulebook(mode, dict(policies))
        await self.engine.ledger.write(self._note_policies)
        self._all_anew = True
        self._due.set()

    def _note_policies(self, tx: Tx) -> None:
        scene = self.scene(tx)
        decisions.forget_policies(tx, self.rules.policies)
        for decision in decisions.all_open(tx):
            policy = self.rules.policies.get(decision.policy)
            known = decisions.policy(tx, decision.policy)
            edited = policy is None or known is None or known.words != policy.words()
            if edited or (policy is not None and self.rules.mode_of(policy) is Mode.DRY_RUN):
                decisions.let_go(tx, decision.id, now=scene.now, at=scene.stamp, reason="the config changed")
        for policy in self.rules.policies.values():
            decisions.note_policy(tx, policy.name, policy.words(), seq=scene.seq)

    def scene(self, tx: Tx) -> Scene:
        """A moment for an evaluation inside this transaction."""
        clock = self.engine.clock
        return Scene(
            tx, self.rules, dict(self.engine.places), items.current_seq(tx), clock.now(), clock.reckoned()
        )

    # --- running ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """After a restart: calls that were cut off are settled once their time is over."""
        over = {name: place.live.source.acts_within for name, place in self.engine.places.items()}
        now = self.engine.clock.reckoned()
        await self.engine.ledger.write_durably(lambda tx: recovering.wait_for_calls(tx, now=now, over=over))

    async def run(self) -> None:
        """Work for ever."""
        while True:
            self._due.clear()
            await self.step()
            at = await self.engine.ledger.read(actions.next_look)
            wait = 3600.0 if at is None else max(1.0, at - self.engine.clock.reckoned())
            await wait_for(self._due, wait, clock=self.engine.clock)

    async def work_once(self) -> None:
        """One step, and everything that goes out by it has come to an end (for tests, and by hand)."""
        await self.step()
        while self._senders:
            await asyncio.wait(self._senders.values())

    async def stop(self) -> None:
        """End what is being sent; what was cut off is found out after the next start."""
        await end_tasks(list(self._senders.values()), log=self._log)

    def wake(self) -> None:
        """Something changed: look now."""
        self._due.set()

    async def step(self) -> None:
        """Derive, settle, weigh, send; see the module."""
        ledger = self.engine.ledger
        for place in list(self.engine.places.values()):
            await write_down(place.live, ledger)
        await self._derive()
        await recovering.recover(ledger, self.engine.places, self.scene, ended=self._ended)
        ready = await self._weigh()
        go = await ledger.write(lambda tx: gate.pass_or_wait(self.scene(tx), ready)) if ready else []
        await ledger.write(self._tidy)
        self._send([row for row, _ in ready if row.id in set(go)])
        if ready:
            self.engine.tell("action", changed=len(ready))

    def _tidy(self, tx: Tx) -> None:
        scene = self.scene(tx)
        actions.drop_resolved(tx, at=scene.stamp)
        actions.expire(tx, now=scene.now, at=scene.stamp)
        decisions.close_emptied(tx, at=scene.stamp)

    async def _derive(self) -> None:
        """New findings since the last time; all of them after a change of the config or of the sources."""
        ledger, anew = self.engine.ledger, self._all_anew
        self._all_anew = False
        after = 0 if anew else self._derived
        newest = await ledger.read(findings.newest)
        standing = await ledger.read(lambda tx: findings.standing(tx, after=after))
        if anew:
            standing = sorted({*standing, *await ledger.read(actions.findings_waiting)})
        new = await in_chunks(
            ledger, standing, lambda tx, chunk: derive(self.scene(tx), chunk), odd=self._odd_finding
        )
        if anew:
            await ledger.write(lambda tx: actions.hurry(tx, now=self.engine.clock.reckoned()))
        self._derived = newest
        if any(new):
            self.posted()

    async def _weigh(self) -> list[tuple[ActionRow, Weighed]]:
        """Look at all that is due before anything is put on its way: too many together are seen together."""
        ledger, now = self.engine.ledger, self.engine.clock.reckoned()
        rows = await ledger.read(lambda tx: actions.to_look_at(tx, now=now, limit=AT_ONCE))
        rows = [row for row in rows if row.target not in self._senders]
        await self._see_roots({row.target for row in rows if row.files})
        crashed: list[ActionRow] = []

        def odd(row: ActionRow, error: Exception) -> None:
            self._log.error("action %d could not be judged", row.id, exc_info=error)
            crashed.append(row)

        found = await in_chunks(
            ledger, rows, lambda tx, chunk: gate.weigh_due(self.scene(tx), chunk), odd=odd
        )
        if crashed:
            await self._put_off([row.id for row in crashed], "judging it crashed; the log has the traceback")
        for name in {name for _, scans in found for name in scans}:
            self._order_scan(name)
        return [pair for ready, _ in found for pair in ready]

    async def _see_roots(self, targets: Collection[str]) -> None:
        """Files are to go there: how their roots stand now, not as of the last scan."""
        for name in targets:
            place = self.engine.places.get(name)
            if place is not None and place.live.answers:
                try:
                    await probing.probe_before_judging(place.live, self.engine.ledger, 0)
                except SourceError:
                    continue  # its health knows; the action waits for it

    def _order_scan(self, name: str) -> None:
        place, now = self.engine.places.get(name), self.engine.clock.monotonic()
        if place is not None and now >= self._orders.get(name, 0.0):
            self._orders[name] = now + SCAN_AGAIN
            self.engine.order_scan(place.live, "an action waits for it")

    def _send(self, rows: Sequence[ActionRow]) -> None:
        """Each target's actions in a task of their own, in order."""
        for target in sorted({row.target for row in rows}):
            ids = [row.id for row in rows if row.target == target]
            if target not in self._senders:
                task = asyncio.create_task(self._send_to(target, ids), name=f"sending to {target}")
                self._senders[target] = task

    async def _send_to(self, target: str, ids: Sequence[int]) -> None:
        try:
            await self._sender.send_all(ids)
        except Exception:  # noqa: BLE001 - these actions' failure; they are tried again
            self._log.exception("sending to %s crashed; its actions are looked at again", target)
            await self._put_off(ids, "sending it crashed; the log has the traceback")
        finally:
            self._senders.pop(target, None)
            self._due.set()

    async def _put_off(self, ids: Sequence[int], reason: str) -> None:
        until, at = self.engine.clock.reckoned() + WAIT_AFTER_CRASH, stamp(self.engine.clock.now())
        await self.engine.ledger.write(lambda tx: actions.put_off(tx, ids, until=until, reason=reason, at=at))

    def _odd_finding(self, finding: int, error: Exception) -> None:
        self._log.error("what follows from finding %d could not be derived", finding, exc_info=error)

    # --- news -------------------------------------------------------------------------------------

    def _ended(self, row: ActionRow, state: str) -> None:
        self.engine.counts["action", row.verb, state] += 1
        self.engine.tell("action", id=row.id, state=state, verb=row.verb, target=row.target, title=row.title)

    def _hear(self, what: str, told: Mapping[str, Json]) -> None:
        """News from the engine make what waits for them due."""
        if what == "sources":
            self._all_anew = True
        if what in ("tombstone", "hold", "sources") or (what == "run" and told.get("state") == "complete"):
            self._hurry()

    def _hurry(self) -> None:
        task = asyncio.ensure_future(self._hurry_waiting())
        self._news.add(task)
        task.add_done_callback(self._news.discard)

    async def _hurry_waiting(self) -> None:
        now = self.engine.clock.reckoned()
        await self.engine.ledger.write(lambda tx: actions.hurry_waiting(tx, now=now))
        self._due.set()
