"""The outbox as it runs: from new findings to actions, from due actions to calls, apart for each target.

One step derives what is new, settles what a crash or a timeout left open, looks at what is due and
puts it on its way. What goes out is sent by a task of its target's own: an app that hangs delays
nobody else. Anything that raises is one row's failure, or is logged and tried again.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from reconciled.clock import wait_for
from reconciled.config import Mode, Policy
from reconciled.engine import probing
from reconciled.engine.chunks import in_chunks
from reconciled.engine.ending import end_tasks
from reconciled.engine.engine import Engine
from reconciled.engine.outbox import arming, gate, recovering, rounds
from reconciled.engine.outbox.deriving import derive
from reconciled.engine.outbox.scene import Rulebook, Scene
from reconciled.engine.outbox.sending import Sender
from reconciled.engine.outbox.weighed import Weighed
from reconciled.engine.outbox.witness import Witness
from reconciled.engine.watch import write_down
from reconciled.errors import SourceError
from reconciled.ledger import actions, calls, decisions, findings, items, shadow, sources
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Json

SCAN_AGAIN = 900.0
"""A source that an action waits for is read again at most this often, in seconds."""
ANEW = 3600.0
"""Everything is derived anew this often: what a policy excepts may lapse without any news."""
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
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._crashed: list[int] = []
        self._news = False
        self._stopping = False
        self._anew_at = 0.0
        self.posted: Callable[[], None] = lambda: None
        """Called when messages may have been queued."""
        self._sender = Sender(engine.ledger, engine.places, self.scene, self._ended, self._odd_act, at)
        self._witness = Witness(engine, self.scene, log=log)
        engine.listeners.append(self._hear)

    # --- the config -------------------------------------------------------------------------------

    async def configure(self, policies: Mapping[str, Policy], mode: Mode) -> None:
        """Take over the policies and the daemon's mode; everything that waits is derived anew."""
        rules = Rulebook(mode, dict(policies))
        await self.engine.ledger.write(self._note_policies, rules)
        for warning in await self.arming(rules, before=self.rules):
            self._log.warning("%s", warning)
        self.rules = rules
        self._all_anew = True
        self._due.set()

    def _note_policies(self, tx: Tx, rules: Rulebook) -> None:
        """What was asked, trusted or approved under other words, or before a dry-run, holds no more."""
        scene = self.scene(tx)
        decisions.forget_policies(tx, rules.policies)
        for decision in decisions.all_open(tx):
            policy = rules.policies.get(decision.policy)
            known = decisions.policy(tx, decision.policy)
            edited = policy is None or known is None or known.words != policy.words()
            if edited or (policy is not None and rules.mode_of(policy) is Mode.DRY_RUN):
                decisions.let_go(tx, decision.id, now=scene.now, at=scene.stamp, reason="the config changed")
        everyone = sources.every(tx)
        for policy in rules.policies.values():
            decisions.note_policy(tx, policy.name, policy.words(), seq=scene.seq)
            mode = rules.mode_of(policy)
            actions.disapprove(tx, policy.name, besides=gate.print_of(policy, mode, everyone))
            if mode is Mode.DRY_RUN:
                decisions.trust(tx, policy.name, None)
        shadow.note_since(tx, at=scene.stamp)

    async def arming(self, rules: Rulebook, *, before: Rulebook | None = None) -> list[str]:
        """What speaks against the policies that are armed under these rules, a line each; see `arming`."""
        found = await self.engine.ledger.read(lambda tx: arming.warnings(tx, rules, before=before))
        return [str(problem) for problem in found]

    def scene(self, tx: Tx) -> Scene:
        """A moment for an evaluation inside this transaction."""
        clock = self.engine.clock
        return Scene(
            tx, self.rules, dict(self.engine.places), items.current_seq(tx), clock.now(), clock.reckoned(),
            self.engine.zone,
        )  # fmt: skip

    # --- running ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """After a restart: calls that were cut off are settled once their time is over."""
        over = {name: place.live.source.acts_within for name, place in self.engine.places.items()}
        now = self.engine.clock.reckoned()
        await self.engine.ledger.write(actions.after_restart, now=now)
        await self.engine.ledger.write_durably(lambda tx: recovering.wait_for_calls(tx, now=now, over=over))

    async def run(self) -> None:
        """Work for ever."""
        while True:
            self._due.clear()
            await self.step()
            at = await self.engine.ledger.read(actions.next_look)
            wait = 3600.0 if at is None else max(1.0, at - self.engine.clock.reckoned())
            wait = min(wait, max(1.0, self._witness.wait))
            await wait_for(self._due, wait, clock=self.engine.clock)

    async def work_once(self) -> None:
        """Two steps, and everything that they set going has come to an end (for whoever moves the clock)."""
        self._due.clear()
        for _ in range(2):
            await self.step()
            while self._jobs:
                await asyncio.wait(self._jobs.values())

    async def stop(self) -> None:
        """End what is being sent, and begin nothing more; what was cut off is found out at the next start."""
        self._stopping = True
        await end_tasks(list(self._jobs.values()), log=self._log)

    @property
    def is_due(self) -> bool:
        """Whether something changed since it last looked."""
        return self._due.is_set()

    def wake(self) -> None:
        """Something changed: look now."""
        self._due.set()

    async def step(self) -> None:
        """Derive, weigh, put on its way; see the module. No app is asked anything in here.

        The shadow score is judged when all that is ready is on its way: it delays nothing.
        """
        ledger = self.engine.ledger
        for place in list(self.engine.places.values()):
            await write_down(place.live, ledger)
        await ledger.write(self._end_what_is_over)
        await self._derive()
        if self._news:
            self._news = False
            await ledger.write(lambda tx: actions.hurry_waiting(tx, now=self.engine.clock.reckoned()))
            await self._reconsider()
        cut_off = await ledger.read(lambda tx: calls.to_recover(tx, now=self.engine.clock.reckoned()))
        unseen, ready = await self._weigh()
        go = await ledger.write(lambda tx: rounds.pass_or_wait(self.scene(tx), ready)) if ready else []
        await ledger.write(lambda tx: decisions.close_emptied(tx, at=stamp(self.engine.clock.now())))
        going = set(go)
        self._set_going(cut_off, unseen, [row for row, _ in ready if row.id in going])
        await self._witness.remember([row.id for row, _ in ready])
        if ready:
            self.engine.tell("action", changed=len(ready))
        await self._witness.look()

    def _end_what_is_over(self, tx: Tx) -> None:
        scene = self.scene(tx)
        actions.drop_resolved(tx, at=scene.stamp)
        actions.expire(tx, now=scene.now, at=scene.stamp)

    async def _reconsider(self) -> None:
        """What waits for an answer, or was said in dry-run, is asked or said only while it is so."""
        rows = await self.engine.ledger.read(actions.said_ready)
        await in_chunks(
            self.engine.ledger,
            rows,
            lambda tx, chunk: rounds.reconsider(self.scene(tx), chunk),
            odd=self._odd_row,
        )

    async def _derive(self) -> None:
        """New findings since the last time; all of them after a change of the config or of the sources."""
        ledger, now = self.engine.ledger, self.engine.clock.monotonic()
        anew = self._all_anew or now >= self._anew_at
        self._all_anew = False
        try:
            await self._derive_from(0 if anew else self._derived, anew=anew)
        except BaseException:
            self._all_anew = self._all_anew or anew
            raise
        if anew:
            self._anew_at = now + ANEW
            await ledger.write(lambda tx: actions.hurry(tx, now=self.engine.clock.reckoned()))

    async def _derive_from(self, after: int, *, anew: bool) -> None:
        ledger = self.engine.ledger
        newest = await ledger.read(findings.newest)
        standing = await ledger.read(lambda tx: findings.standing(tx, after=after))
        if anew:
            standing = sorted({*standing, *await ledger.read(actions.findings_waiting)})
        new = await in_chunks(
            ledger, standing, lambda tx, chunk: derive(self.scene(tx), chunk), odd=self._odd_finding
        )
        self._derived = newest
        if any(new):
            self.posted()

    async def _weigh(self) -> tuple[set[str], list[tuple[ActionRow, Weighed]]]:
        """Look at all that is due before anything is put on its way: too many together are seen together.

        Returns the targets whose roots have to be seen first, and what is ready.
        """
        ledger, now = self.engine.ledger, self.engine.clock.reckoned()
        rows = await ledger.read(
            lambda tx: actions.to_look_at(tx, now=now, limit=AT_ONCE, besides=list(self._jobs))
        )
        unseen = {row.target for row in rows if row.files and self._roots_are_old(row.target)}
        rows = [row for row in rows if not (row.files and row.target in unseen)]
        self._crashed.clear()
        found = await in_chunks(
            ledger, rows, lambda tx, chunk: rounds.weigh_due(self.scene(tx), chunk), odd=self._odd_row
        )
        if self._crashed:
            await self._put_off(self._crashed, "judging it crashed; the log has the traceback")
        for name in {name for _, scans in found for name in scans}:
            self._order_scan(name)
        return unseen, [pair for ready, _ in found for pair in ready]

    def _roots_are_old(self, target: str) -> bool:
        """Whether files are to go where nobody has looked for a minute."""
        place = self.engine.places.get(target)
        if place is None or not place.live.answers:
            return False
        return self.engine.clock.monotonic() - place.live.probed_at > probing.FRESH

    def _odd_row(self, row: ActionRow, error: Exception) -> None:
        self._log.error("action %d could not be judged", row.id, exc_info=error)
        self._crashed.append(row.id)

    def _order_scan(self, name: str) -> None:
        place, now = self.engine.places.get(name), self.engine.clock.monotonic()
        if place is not None and now >= self._orders.get(name, 0.0):
            self._orders[name] = now + SCAN_AGAIN
            self.engine.order_scan(place.live, "an action waits for it")

    def _set_going(
        self, cut_off: Sequence[ActionRow], unseen: Collection[str], rows: Sequence[ActionRow]
    ) -> None:
        """Each target's part in a task of its own: who hangs delays nobody else."""
        for target in sorted({row.target for row in (*cut_off, *rows)} | set(unseen)):
            if target in self._jobs or self._stopping:
                continue
            ids = [row.id for row in rows if row.target == target]
            open_ends = [row for row in cut_off if row.target == target]
            work = self._work_for(target, open_ends, ids, probe=target in unseen)
            self._jobs[target] = asyncio.create_task(work, name=f"the outbox of {target}")

    async def _work_for(
        self, target: str, cut_off: Sequence[ActionRow], ids: Sequence[int], *, probe: bool
    ) -> None:
        ledger, place = self.engine.ledger, self.engine.places.get(target)
        try:
            await recovering.recover(ledger, place, cut_off, self.scene, ended=self._ended)
            if probe and place is not None:
                with contextlib.suppress(SourceError):  # its health knows; the action waits for it
                    await probing.probe(place.live, ledger)
            await self._sender.send_all(ids)
        except Exception:  # noqa: BLE001 - these actions' failure; they are tried again
            self._log.exception("the outbox of %s crashed; its actions are looked at again", target)
            await self._put_off(ids, "sending it crashed; the log has the traceback")
        finally:
            self._jobs.pop(target, None)
            self._due.set()

    async def _odd_act(self, row: ActionRow, error: Exception) -> None:
        self._log.error("action %d could not be sent", row.id, exc_info=error)
        await self._put_off([row.id], "sending it crashed; the log has the traceback")

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
        if what == "finding":
            self._all_anew = True
        if what in ("tombstone", "hold", "sources", "finding") or (
            what == "run" and told.get("state") == "complete"
        ):
            self._news = self._witness.news = True
            self._due.set()
