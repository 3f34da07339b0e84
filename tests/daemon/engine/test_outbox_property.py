"""The outbox as a property: whatever happens, no request is deleted whose film is still there.

Three apps (a shelf of files, a catalogue that monitors, requests for films) change, lie in the named
ways, lose webhooks and restart; a trusted policy acts. The witness sits inside the call: when an
act reaches an app, the truth at that very moment must allow it, and it must not be a second one.
"""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests.daemon.engine.conftest import Crash, World, movie, policy, request

from reconciled.config import Mode, Step, Verb
from reconciled.errors import BadResponse, Unauthorized, Unreachable
from reconciled.ledger.connection import Ledger
from reconciled.model import Item, Key
from reconciled.testing.model_app import ModelApp

T = TypeVar("T")
FILMS = st.integers(1, 12)
MEDIA = st.sampled_from(["jellyfin", "radarr"])
ANY = st.sampled_from(["jellyfin", "radarr", "requests"])
FORGET = policy("forget", Step(Verb.DELETE, "requests"), Step(Verb.UNMONITOR, "radarr"), max_actions=1000)


class Household(RuleBasedStateMachine):
    """Three model apps and the truth about them."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.truth: dict[str, dict[Key, Item]] = {"jellyfin": {}, "radarr": {}, "requests": {}}
        self.lying: set[str] = set()
        self.acted: Counter[Key] = Counter()
        self.next_key = 5000
        self.wrong: list[str] = []

    def do(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.loop.run_until_complete(run())

    # --- the house --------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        for n in range(1, 11):
            self.put("jellyfin", movie(n, attrs={"tags": []}))
            self.put("radarr", movie(n, key=str(800 + n), attrs={"monitored": True, "tags": []}))
            self.put("requests", request(n))
        self.apps = {name: ModelApp() for name in self.truth}
        self.apps["requests"].during_act = self.witness
        self.apps["radarr"].during_act = self.witness
        self.do(self.open())
        for name in self.apps:
            self.show(name)
            self.do(self.world.scan(name))
        self.arm()

    def put(self, name: str, item: Item) -> None:
        self.truth[name][item.key] = item

    async def open(self) -> None:
        before: World | None = getattr(self, "world", None)
        self.world = World(await Ledger.open(Path(self.folder.name) / "ledger.db"))
        if before is not None:
            self.world.clock = self.world.engine.clock = before.clock
            await self.world.engine.start()
        for name, app in self.apps.items():
            await self.world.follow(name, app, many=name == "jellyfin", max_gone=0.5)
        await self.world.outbox.configure({"forget": FORGET}, Mode.ACT)
        await self.world.outbox.start()

    def show(self, name: str) -> None:
        if name not in self.lying:
            self.apps[name].items = dict(self.truth[name])

    # --- the witness ------------------------------------------------------------------------------

    async def witness(self, what: tuple[str, ...]) -> None:
        kind, _, number = what[1].partition(" ")
        key = Key(kind, number)
        name = "requests" if kind == "request" else "radarr"
        item = self.truth[name].get(key)
        if item is None:
            return self.wrong.append(f"{what} of what is not there")
        self.acted[key] += what[0] == "delete"
        film = item.title
        shelf = [other for other in self.truth["jellyfin"].values() if other.title == film]
        files = [other for other in self.truth["radarr"].values() if other.title == film and other.has_file]
        if shelf or files:
            self.wrong.append(f"{what}: {film} stands: {[o.key for o in (*shelf, *files)]}")
        if what[0] == "delete":
            del self.truth[name][key]
        else:
            self.truth[name][key] = replace(item, attrs={**item.attrs, "monitored": False})
        return None

    # --- the world changes ------------------------------------------------------------------------

    @rule(name=MEDIA, n=FILMS)
    def add(self, name: str, n: int) -> None:
        self.next_key += 1
        if not any(item.title == f"Film {n}" for item in self.truth[name].values()):
            self.put(name, movie(n, key=str(self.next_key), attrs={"monitored": True, "tags": []}))
            self.show(name)

    @rule(name=MEDIA, n=FILMS, told=st.booleans(), own=st.booleans())
    def remove(self, name: str, n: int, told: bool, own: bool) -> None:
        for key in [key for key, item in self.truth[name].items() if item.title == f"Film {n}"]:
            if len(self.truth[name]) > 2:
                del self.truth[name][key]
                self.show(name)
                if told:
                    self.tell(name, key, own)

    @rule(n=FILMS)
    def file_goes_or_comes(self, n: int) -> None:
        for key, item in list(self.truth["radarr"].items()):
            if item.title == f"Film {n}":
                self.truth["radarr"][key] = replace(item, has_file=not item.has_file)
        self.show("radarr")

    @rule(n=FILMS)
    def lose_everywhere(self, n: int) -> None:
        """What the policy is made for: the film leaves the shelf, the catalogue has no file of it."""
        self.remove("jellyfin", n, True, True)
        for key, item in list(self.truth["radarr"].items()):
            if item.title == f"Film {n}":
                self.truth["radarr"][key] = replace(item, has_file=False)
        self.show("radarr")

    @rule(n=FILMS)
    def replace_on_the_shelf(self, n: int) -> None:
        for key in [key for key, item in self.truth["jellyfin"].items() if item.title == f"Film {n}"]:
            del self.truth["jellyfin"][key]
            self.next_key += 1
            better = movie(n, key=str(self.next_key), path=f"/films/{n} better.mkv", attrs={"tags": []})
            self.put("jellyfin", better)
        self.show("jellyfin")

    @rule(name=ANY, data=st.data(), n=st.integers(20, 30))
    def reuse(self, name: str, data: Any, n: int) -> None:
        keys = sorted(self.truth[name])
        if len(keys) > 2 and not any(item.title == f"Film {n}" for item in self.truth[name].values()):
            key = data.draw(st.sampled_from(keys))
            fresh = request(n) if name == "requests" else movie(n, attrs={"monitored": True, "tags": []})
            self.truth[name][key] = replace(fresh, key=key)
            self.show(name)

    @rule(name=MEDIA, data=st.data())
    def false_alarm(self, name: str, data: Any) -> None:
        if self.truth[name]:
            self.tell(name, data.draw(st.sampled_from(sorted(self.truth[name]))), data.draw(st.booleans()))

    def tell(self, name: str, key: Key, own: bool) -> None:
        self.do(self.world.tell(name, op="deleted", kind=key.kind, id=key.id, title="Told", own_act=own))

    # --- lies, trouble, cut-off calls -------------------------------------------------------------

    @rule(
        name=ANY,
        lie=st.sampled_from(["denies", "empty", "other", "hidden", "refused", "unauthorized", "html"]),
    )
    def lie(self, name: str, lie: str) -> None:
        self.honest(name)
        app = self.apps[name]
        if lie == "denies":
            app.deny = lambda _: True
        elif lie == "empty":
            self.lying.add(name)
            app.items = {}
        elif lie == "other":
            self.lying.add(name)
            keys = sorted(self.truth[name])
            app.items = {key: replace(movie(1000 + at), key=key) for at, key in enumerate(keys)}
        elif lie == "hidden":
            app.unlisted = set(sorted(self.truth[name])[::3])
        else:
            app.trouble = {
                "refused": Unreachable("x"),
                "unauthorized": Unauthorized("x"),
                "html": BadResponse("x"),
            }[lie]

    @rule(name=st.sampled_from(["radarr", "requests"]), effect=st.booleans())
    def calls_are_cut_off(self, name: str, effect: bool) -> None:
        self.apps[name].act_trouble, self.apps[name].act_effect = Unreachable("no answer"), effect

    @rule(name=ANY)
    def honest(self, name: str) -> None:
        app = self.apps[name]
        self.lying.discard(name)
        app.trouble, app.deny, app.unlisted, app.act_trouble = None, lambda _: False, set(), None
        self.show(name)

    # --- time -------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([1, 5, 12, 12, 25]))
    def pass_time(self, minutes: int) -> None:
        self.arm()
        self.do(self.turns(minutes))

    async def turns(self, minutes: int) -> None:
        try:
            await self.world.pass_time(60.0 * minutes)
        except Crash:
            await self.reopen()

    @rule(name=ANY)
    def scan(self, name: str) -> None:
        self.do(self.world.scan(name))

    @rule(hours=st.integers(-48, 48))
    def step_the_clock(self, hours: int) -> None:
        self.world.clock.step(timedelta(hours=hours))

    @rule(hours=st.sampled_from([1, 30]))
    def suspend(self, hours: int) -> None:
        self.world.clock.advance(3600.0 * hours)

    @rule(edit=st.booleans())
    def reload(self, edit: bool) -> None:
        rules = {} if edit else {"forget": FORGET}
        self.do(self.world.outbox.configure(rules, Mode.ACT))
        self.do(self.world.outbox.configure({"forget": FORGET}, Mode.ACT))

    @rule()
    def restart(self) -> None:
        self.do(self.reopen())

    async def reopen(self) -> None:
        await self.world.outbox.stop()
        await self.world.engine.stop()
        await self.world.ledger.close()
        await self.open()

    @precondition(lambda self: hasattr(self, "world"))
    @rule()
    def release(self) -> None:
        """A person releases only what is really so: here, when no app lies."""
        if not self.lying and all(app.trouble is None for app in self.apps.values()):
            for name in self.apps:
                if self.apps[name].deny(Key("movie", "1")) is False and not self.apps[name].unlisted:
                    self.do(self.world.release_all(name))

    def arm(self) -> None:
        self.do(self.world.trust(FORGET))
        self.do(self.world.approve_all())

    def check(self) -> None:
        assert not self.wrong, self.wrong
        assert all(count <= 1 for count in self.acted.values()), self.acted

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.check()
                for name in self.apps:
                    self.honest(name)
                self.do(self.turns(60))
                self.check()
            finally:
                self.do(self.world.outbox.stop())
                self.do(self.world.engine.stop())
                self.do(self.world.ledger.close())
        self.loop.close()
        self.folder.cleanup()


EXAMPLES = int(os.environ.get("RECONCILED_EXAMPLES", "15"))

Household.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="RECONCILED_EXAMPLES" not in os.environ,
)
TestOutbox = Household.TestCase
