"""The engine as a property: whatever happens, nothing that stands in the app is called gone.

A state machine changes a model app (adds, deletes, replaced and reused keys, files that go and
come), lets it lie in the named ways (denies everything, an empty database, another instance,
hidden listings, trouble), sends true, false, doubled and late webhooks, restarts the engine and
steps the clock. The truth is kept beside. At the end the lies stop, holds are released, and the
ledger must equal the truth.
"""

import asyncio
import os
import tempfile
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.daemon.engine.conftest import World, movie

from reconciled.errors import BadResponse, Unauthorized, Unreachable
from reconciled.ledger.connection import Ledger
from reconciled.model import Item, Key

T = TypeVar("T")
NUMBERS = st.integers(1, 30)
MANY = st.booleans()


class Apps(RuleBasedStateMachine):
    """One model app, followed; the truth beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.truth: dict[Key, Item] = {}
        self.lying = False
        self.next_key = 1000
        self.judged = 0

    def do(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.loop.run_until_complete(run())

    @initialize(many=MANY)
    def begin(self, many: bool) -> None:
        self.many = many
        self.do(self.open())
        self.app = self.do(self.world.follow("app", many=many, max_gone=0.2))
        self.truth = {item.key: item for item in (movie(n) for n in range(1, 21))}
        self.show()
        self.do(self.world.scan("app"))

    async def open(self) -> None:
        before: World | None = getattr(self, "world", None)
        ledger = await Ledger.open(Path(self.folder.name) / "ledger.db")
        self.world = World(ledger)
        if before is not None:
            self.world.clock = self.world.engine.clock = before.clock  # one time goes on

    def show(self) -> None:
        """The app shows the truth, unless it lies."""
        if not self.lying:
            self.app.items = dict(self.truth)

    # --- the world changes ------------------------------------------------------------------------

    @rule(n=NUMBERS)
    def add(self, n: int) -> None:
        self.next_key += 1
        if not any(item.title == f"Film {n}" for item in self.truth.values()):
            item = movie(n, key=str(self.next_key))
            self.truth[item.key] = item
            self.show()

    @precondition(lambda self: len(self.truth) > 1)
    @rule(data=st.data(), told=st.sampled_from(["no", "own", "noticed", "twice"]))
    def delete(self, data: Any, told: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.truth)))
        del self.truth[key]
        self.show()
        for _ in range({"no": 0, "own": 1, "noticed": 1, "twice": 2}[told]):
            self.tell(key, own_act=told != "noticed")

    @precondition(lambda self: self.truth)
    @rule(data=st.data())
    def false_alarm(self, data: Any) -> None:
        self.tell(data.draw(st.sampled_from(sorted(self.truth))), own_act=data.draw(st.booleans()))

    @precondition(lambda self: self.truth)
    @rule(data=st.data(), told=st.booleans())
    def replace(self, data: Any, told: bool) -> None:
        old = self.truth.pop(data.draw(st.sampled_from(sorted(self.truth))))
        self.next_key += 1
        number = int(old.title.removeprefix("Film "))
        new = movie(number, key=str(self.next_key), path=f"/films/{number} better.mkv")
        self.truth[new.key] = new
        self.show()
        if told:
            self.tell(old.key, own_act=False)
            self.do(self.world.tell("app", op="changed", kind="movie", id=new.key.id))

    @precondition(lambda self: len(self.truth) > 1)
    @rule(data=st.data(), n=st.integers(31, 60))
    def reuse(self, data: Any, n: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.truth)))
        if not any(item.title == f"Film {n}" for item in self.truth.values()):
            self.truth[key] = movie(n, key=key.id)
            self.show()

    @precondition(lambda self: self.truth)
    @rule(data=st.data(), told=st.booleans())
    def file_goes_or_comes(self, data: Any, told: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.truth)))
        item = self.truth[key]
        number = int(item.title.removeprefix("Film "))
        self.truth[key] = movie(number, key=key.id, path=item.path, has_file=not item.has_file)
        self.show()
        if told and item.has_file:
            self.do(self.world.tell("app", op="file_deleted", kind="movie", id=key.id))

    def tell(self, key: Key, *, own_act: bool) -> None:
        self.do(self.world.tell("app", op="deleted", kind="movie", id=key.id, title="Told", own_act=own_act))

    # --- the app lies -----------------------------------------------------------------------------

    @rule(lie=st.sampled_from(["denies", "empty", "other", "hidden", "trouble", "unauthorized", "html"]))
    def lie(self, lie: str) -> None:
        self.be_honest()
        if lie == "denies":
            self.app.deny = lambda _: True
        elif lie == "empty":
            self.lying, self.app.items = True, {}
        elif lie == "other":
            others = (movie(1000 + n, key=str(n)) for n in range(1, 25))
            self.lying, self.app.items = True, {item.key: item for item in others}
        elif lie == "hidden":
            self.app.unlisted = set(list(self.truth)[::3])
        else:
            self.app.trouble = {
                "trouble": Unreachable("x"),
                "unauthorized": Unauthorized("x"),
                "html": BadResponse("x"),
            }[lie]

    @rule()
    def be_honest(self) -> None:
        self.lying, self.app.trouble, self.app.deny = False, None, lambda _: False
        self.app.unlisted = set()
        self.show()

    # --- time, scans, restarts --------------------------------------------------------------------

    @rule()
    def scan(self) -> None:
        self.do(self.world.scan("app"))

    @rule(seconds=st.sampled_from([0.0, 20.0, 60.0, 3600.0, 30000.0]))
    def settle(self, seconds: float) -> None:
        self.do(self.world.settle(seconds))

    @rule(hours=st.integers(-48, 48))
    def step_the_clock(self, hours: int) -> None:
        self.world.clock.step(timedelta(hours=hours))

    @rule()
    def restart(self) -> None:
        self.do(self.world.engine.remove("app", freeze=False))
        self.do(self.world.ledger.close())
        self.do(self.open())
        self.do(self.world.engine.start())
        self.do(self.world.follow("app", self.app, many=self.many, max_gone=0.2))

    # --- what must hold ---------------------------------------------------------------------------

    @invariant()
    def nothing_that_stands_is_called_gone(self) -> None:
        if not hasattr(self, "world"):
            return
        graves = self.do(self.world.tombstones())
        for grave in graves[self.judged :]:
            stands = self.truth.get(Key(grave["kind"], grave["key"]))
            same = stands is not None and stands.title == grave["title"]
            if grave["what"] == "entry":
                assert not same, f"{grave['title']} stands under {grave['key']}"
            else:
                assert not same or stands is None or stands.has_file is False, (
                    f"{grave['title']} has its file"
                )
        self.judged = len(graves)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.do(self.come_to_rest())
            self.do(self.world.engine.stop())
            self.do(self.world.ledger.close())
        self.loop.close()
        self.folder.cleanup()

    async def come_to_rest(self) -> None:
        self.be_honest_quietly()
        for _ in range(4):
            await self.world.scan_and_settle("app")
            await self.world.settle(7 * 3600.0)
            await self.world.release_all("app")
            await self.world.settle(7 * 3600.0)
        found = await self.world.rows(
            "SELECT key, title, has_file FROM item WHERE presence = 'present' AND current = 1"
        )
        ledger = {(row["key"], row["title"], bool(row["has_file"])) for row in found}
        truth = {(key.id, item.title, bool(item.has_file)) for key, item in self.truth.items()}
        assert ledger == truth, (ledger - truth, truth - ledger)

    def be_honest_quietly(self) -> None:
        self.lying, self.app.trouble, self.app.deny = False, None, lambda _: False
        self.app.unlisted = set()
        self.show()


EXAMPLES = int(os.environ.get("RECONCILED_EXAMPLES", "60"))
"""The full tests look at more, and at others each time."""

Apps.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="RECONCILED_EXAMPLES" not in os.environ,
)
TestEngine = Apps.TestCase
