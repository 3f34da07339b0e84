"""A household for the outbox as a property: three model apps, the truth about them, and a person.

The shelf (`jellyfin`) shows files, the catalogue (`radarr`) monitors films, `requests` remembers who asked.
Every act that reaches an app is seen by the witness, inside the call, and followed by the app's own letter.
"""

import asyncio
import contextlib
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from tests.daemon.engine.conftest import Crash, World, movie, request
from tests.drills.quiet_ledger import QuietLedger, quiet_folder
from tests.drills.quiet_witness import CLEAN, FORGET, SINGLE, Person, Witness, edited

from reconciled.config import Mode
from reconciled.engine.outbox.answers import NoSuchDecision, NotAsShown, approve, reject
from reconciled.errors import BadResponse, SourceError, Unauthorized, Unreachable
from reconciled.ledger import decisions
from reconciled.model import Item, Key
from reconciled.testing.model_app import ModelApp

T = TypeVar("T")
MOMENTS = ("before sending", "sending committed", "called", "done committed")
POOL = {policy.name: policy for policy in (FORGET, SINGLE, CLEAN)}
BLIND = ("denies", "empty", "other", "refused", "unauthorized", "html")
"""While an app lies so, it shows nothing that is there."""


def catalogued(n: int, key: str) -> Item:
    """A film as the catalogue holds it."""
    return movie(n, key=key, attrs={"monitored": True, "tags": []})


class Home:
    """The apps, the daemon that follows them, and the person who has the say."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World
        self.loop = asyncio.new_event_loop()
        self.folder = quiet_folder()
        self.truth: dict[str, dict[Key, Item]] = {"jellyfin": {}, "radarr": {}, "requests": {}}
        self.apps = {name: ModelApp() for name in self.truth}
        self.lies: dict[str, str] = {}
        self.person = Person()
        self.witness = Witness(self.person, self.truth)
        self.shown: list[tuple[int, str, list[int]]] = []
        self.post: list[tuple[str, Key, bool]] = []
        self.next_key = 5000
        self.judged = 0

    def do(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.loop.run_until_complete(run())

    # --- the house --------------------------------------------------------------------------------

    def begin(self, rules: tuple[str, ...]) -> None:
        for n in range(1, 11):
            self.truth["jellyfin"] |= {one.key: one for one in [movie(n, attrs={"tags": []})]}
            self.truth["radarr"] |= {one.key: one for one in [catalogued(n, str(800 + n))]}
            self.truth["requests"] |= {one.key: one for one in [request(n)]}
        for name in ("requests", "radarr"):
            self.apps[name].during_act = lambda what, name=name: self.see(name, what)
        self.person.configure({name: POOL[name] for name in rules}, Mode.ACT)
        self.do(self.open())
        for name in self.apps:
            self.show(name)
            self.do(self.world.scan(name))
        self.arm()

    async def open(self) -> None:
        before: World | None = getattr(self, "world", None)
        self.world = World(await QuietLedger.open(Path(self.folder.name) / "ledger.db"))
        if before is not None:
            self.world.clock = self.world.engine.clock = before.clock
            await self.world.engine.start()
        for name, app in self.apps.items():
            await self.world.follow(name, app, many=name == "jellyfin", max_gone=0.5)
        await self.world.outbox.configure(self.person.rules, self.person.mode)
        await self.world.outbox.start()

    def show(self, name: str) -> None:
        if self.lies.get(name) not in ("empty", "other"):
            self.apps[name].items = dict(self.truth[name])

    async def see(self, name: str, what: tuple[str, ...]) -> None:
        """An act is taking effect. The app sends its own letter about that before it answers."""
        kind, _, number = what[1].partition(" ")
        key = Key(kind, number)
        rows = await self.world.rows(
            "SELECT id, policy FROM action "
            "WHERE state = 'sending' AND verb = ? AND target = ? AND kind = ? AND key = ?",
            what[0], name, kind, number,
        )  # fmt: skip
        self.witness.act(name, what, rows, now=self.world.clock.reckoned())
        item = self.truth[name].get(key)
        if item is not None and what[0] == "delete":
            self.change(name, {one: it for one, it in self.truth[name].items() if one != key})
            await self.world.tell(name, op="deleted", kind=kind, id=number, title=item.title, own_act=True)
        elif item is not None:
            self.truth[name][key] = replace(item, attrs={**item.attrs, "monitored": False})

    def change(self, name: str, after: dict[Key, Item]) -> None:
        self.witness.note(name, self.truth[name], after)
        self.truth[name].clear()
        self.truth[name].update(after)
        self.show(name)

    def keys_of(self, name: str, n: int) -> list[Key]:
        return sorted(key for key, item in self.truth[name].items() if item.title == f"Film {n}")

    # --- the person ---------------------------------------------------------------------------------

    def edit(self, name: str, how: str, mode: Mode | None) -> None:
        known = self.person.rules.get(name)
        rules = self.person.rules | {name: edited(known, how) if known is not None else POOL[name]}
        self.configure(rules, mode or self.person.mode)

    def take_out_of_the_config(self, name: str) -> None:
        self.configure(
            {one: rule for one, rule in self.person.rules.items() if one != name}, self.person.mode
        )

    def begin_anew(self, rules: tuple[str, ...]) -> None:
        self.configure({name: POOL[name] for name in rules}, Mode.ACT)
        self.arm()

    def configure(self, rules: dict[str, Any], mode: Mode) -> None:
        self.person.configure(rules, mode)
        self.do(self.world.outbox.configure(rules, mode))

    def arm(self) -> None:
        """The first batches were seen and approved."""
        for name, rule_ in self.person.rules.items():
            if rule_.mode_under(self.person.mode) is not Mode.DRY_RUN:
                self.do(self.world.trust(rule_))
                self.person.trusted[name] = self.person.words(name)

    def look_at_the_page(self) -> None:
        """What waits is shown; it may be answered later, when it is no longer so."""
        self.shown = self.do(self.waiting())

    async def waiting(self) -> list[tuple[int, str, list[int]]]:
        opened = await self.world.open_decisions()
        return [
            (one["id"], one["policy"], await self.world.ledger.read(decisions.waiting_in, one["id"]))
            for one in opened
        ]

    def answer(self, late: bool, yes: bool, then: int) -> None:
        for decision, policy, shown in self.shown if late else self.do(self.waiting()):
            with contextlib.suppress(NoSuchDecision, NotAsShown):
                if yes:
                    _, left = self.do(approve(self.world.outbox, decision, shown, by="owner"))
                    words = self.person.words(policy)
                    self.person.approved |= dict.fromkeys(shown, words)
                    if not left:
                        self.person.trusted[policy] = words
                else:
                    self.do(reject(self.world.outbox, decision, shown, by="owner"))
                    self.person.rejected |= set(shown)
                    self.person.trusted.pop(policy, None)
        self.turn(then)

    def release(self) -> None:
        """A person releases only what is really so: here, when no app lies."""
        if not self.lies:
            for name in self.apps:
                self.do(self.world.release_all(name))

    # --- lies, trouble, cut-off calls -------------------------------------------------------------

    def lie(self, name: str, how: str, scanned: bool, then: int) -> None:
        self.be_honest(name)
        self.lies[name] = how
        app = self.apps[name]
        match how:
            case "denies":
                app.deny = lambda _: True
            case "empty":
                app.items = {}
            case "other":
                keys = sorted(self.truth[name])
                app.items = {key: replace(movie(1000 + at), key=key) for at, key in enumerate(keys)}
            case "unlisted":
                app.unlisted = set(sorted(self.truth[name])[::3])
            case _:
                errors = {"refused": Unreachable, "unauthorized": Unauthorized, "html": BadResponse}
                app.trouble = errors[how]("x")
        if scanned:
            self.do(self.world.scan(name))
        self.turn(then)

    def calls_are_cut_off(self, name: str, effect: bool, then: int) -> None:
        self.apps[name].act_trouble, self.apps[name].act_effect = Unreachable("no answer"), effect
        self.turn(then)

    def honest(self, name: str) -> None:
        self.be_honest(name)

    def be_honest(self, name: str) -> None:
        app = self.apps[name]
        self.lies.pop(name, None)
        app.trouble, app.deny, app.unlisted, app.act_trouble = None, lambda _: False, set(), None
        self.show(name)

    # --- time -------------------------------------------------------------------------------------

    def pass_time(self, minutes: int) -> None:
        self.turn(minutes)

    def turn(self, minutes: int) -> None:
        """Time passes; whoever shows what is there can be watched. What is in trouble is probed."""
        for _ in range(minutes):
            self.count(60.0)
            for name, place in list(self.world.engine.places.items()):
                if not place.live.answers:
                    with contextlib.suppress(SourceError):
                        self.do(self.world.engine.probe(name))
            self.do(self.world.pass_time(60.0))

    def count(self, seconds: float) -> None:
        for name in self.truth:
            if self.lies.get(name) not in BLIND:
                self.witness.watchable[name] += seconds

    def crash(self, moment: str, minutes: int) -> None:
        """The daemon dies as soon as it gets to that moment."""
        self.world.crash_at = moment
        for _ in range(minutes):
            with contextlib.suppress(Crash):
                self.turn(1)
            if self.world.moments and self.world.moments[-1] == moment:
                break
        self.world.crash_at = None
        self.do(self.reopen())

    def scan(self, name: str, then: int) -> None:
        self.do(self.world.scan(name))
        self.turn(then)

    def step_the_clock(self, hours: int) -> None:
        self.world.clock.step(timedelta(hours=hours))

    def suspend(self, hours: int) -> None:
        """What lies between two answers counts for two minutes at most."""
        self.count(120.0)
        self.world.clock.advance(3600.0 * hours)

    def restart(self) -> None:
        self.do(self.reopen())

    async def reopen(self) -> None:
        await self.world.outbox.stop()
        await self.world.engine.stop()
        await self.world.ledger.close()
        await self.open()
