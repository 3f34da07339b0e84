"""The engine as a property: whatever happens, nothing that stands in the app is called gone.

A state machine changes a model app (adds, deletes, replaced and reused keys, files that go and
come), of films and of series whose seasons vanish with them or apart, lets it lie in the named ways
(denies everything, an empty database, another instance, hidden listings, trouble), sends true,
false, doubled and late webhooks, restarts the engine and steps the clock. The truth is kept beside.
At the end the lies stop, holds are released, and the ledger must equal the truth.
"""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.daemon.engine.conftest import World, movie, season, series

from reconciled.errors import BadResponse, Unauthorized, Unreachable
from reconciled.ledger.connection import Ledger
from reconciled.model import Item, Key

T = TypeVar("T")
NUMBERS = st.integers(1, 30)
WAYS = st.sampled_from(["one", "many", "incremental"])
TOLD = st.sampled_from(["no", "own", "noticed", "twice"])


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
        self.ended: set[tuple[int, int]] = set()

    def do(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.loop.run_until_complete(run())

    @initialize(way=WAYS)
    def begin(self, way: str) -> None:
        self.way: dict[str, Any] = {"many": way == "many", "incremental": way == "incremental"}
        self.do(self.open())
        self.app = self.do(self.world.follow("app", max_gone=0.2, **self.way))
        self.truth = {item.key: item for item in (movie(n) for n in range(1, 21))}
        for n in range(1, 7):
            self.put_series(n, str(n), seasons=range(1 + n % 4))
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

    def titled(self, title: str) -> bool:
        return any(item.title == title for item in self.truth.values())

    def all_of(self, kind: str) -> list[Key]:
        return sorted(key for key in self.truth if key.kind == kind)

    def parts_of(self, key: Key) -> list[Key]:
        return sorted(part for part, item in self.truth.items() if item.parent == key)

    def put_series(self, n: int, key: str, *, seasons: Iterable[int], files: bool = True) -> None:
        parent = series(n, key=key)
        self.truth[parent.key] = parent
        for number in seasons:
            item = season(parent, number, has_file=files)
            self.truth[item.key] = item
        self.count_files(parent.key)

    def count_files(self, key: Key) -> None:
        """An app counts a series' files by those of its seasons."""
        below = self.parts_of(key)
        some = any(self.truth[part].has_file for part in below) or not below
        self.truth[key] = replace(self.truth[key], has_file=some)

    @rule(n=NUMBERS)
    def add(self, n: int) -> None:
        self.next_key += 1
        if not self.titled(f"Film {n}"):
            item = movie(n, key=str(self.next_key))
            self.truth[item.key] = item
            self.show()

    @rule(n=st.integers(1, 12), seasons=st.integers(0, 4))
    def add_series(self, n: int, seasons: int) -> None:
        self.next_key += 1
        if not self.titled(f"Series {n}"):
            self.put_series(n, str(self.next_key), seasons=range(seasons))
            self.show()

    @precondition(lambda self: self.all_of("series"))
    @rule(data=st.data(), number=st.integers(0, 6), told=st.booleans())
    def add_season(self, data: Any, number: int, told: bool) -> None:
        parent = self.truth[data.draw(st.sampled_from(self.all_of("series")))]
        item = season(parent, number)
        self.truth.setdefault(item.key, item)
        self.count_files(parent.key)
        self.show()
        if told:
            self.do(self.world.tell("app", op="changed", kind="season", id=item.key.id))

    @precondition(lambda self: len(self.all_of("movie")) > 1)
    @rule(data=st.data(), told=TOLD)
    def delete(self, data: Any, told: str) -> None:
        key = data.draw(st.sampled_from(self.all_of("movie")))
        del self.truth[key]
        self.show()
        self.tell_so([key], told)

    @precondition(lambda self: self.all_of("series"))
    @rule(
        data=st.data(),
        told=TOLD,
        order=st.sampled_from(["alone", "parts first", "parts only", "itself first"]),
    )
    def delete_series(self, data: Any, told: str, order: str) -> None:
        key = data.draw(st.sampled_from(self.all_of("series")))
        below = self.parts_of(key)
        for gone in (key, *below):
            del self.truth[gone]
        self.show()
        orders = {
            "alone": [key],
            "parts first": [*below, key],
            "parts only": below,
            "itself first": [key, *below],
        }
        self.tell_so(orders[order], told)

    @precondition(lambda self: self.all_of("season"))
    @rule(data=st.data(), told=TOLD)
    def delete_season(self, data: Any, told: str) -> None:
        key = data.draw(st.sampled_from(self.all_of("season")))
        parent = self.truth.pop(key).parent
        assert parent is not None
        self.count_files(parent)
        self.show()
        self.tell_so([key], told)

    def tell_so(self, keys: list[Key], told: str) -> None:
        for _ in range({"no": 0, "own": 1, "noticed": 1, "twice": 2}[told]):
            for key in keys:
                self.tell(key, own_act=told != "noticed")

    @precondition(lambda self: self.truth)
    @rule(data=st.data())
    def false_alarm(self, data: Any) -> None:
        self.tell(data.draw(st.sampled_from(sorted(self.truth))), own_act=data.draw(st.booleans()))

    @precondition(lambda self: self.all_of("movie"))
    @rule(data=st.data(), told=st.booleans())
    def replace(self, data: Any, told: bool) -> None:
        old = self.truth.pop(data.draw(st.sampled_from(self.all_of("movie"))))
        self.next_key += 1
        number = int(old.title.removeprefix("Film "))
        new = movie(number, key=str(self.next_key), path=f"/films/{number} better.mkv")
        self.truth[new.key] = new
        self.show()
        if told:
            self.tell(old.key, own_act=False)
            self.do(self.world.tell("app", op="changed", kind="movie", id=new.key.id))

    @precondition(lambda self: self.all_of("series"))
    @rule(data=st.data(), told=st.sampled_from(["no", "old", "new", "both"]), fewer=st.booleans())
    def replace_series(self, data: Any, told: str, fewer: bool) -> None:
        """It stands under another key, as do its seasons; perhaps without one of them."""
        key = data.draw(st.sampled_from(self.all_of("series")))
        below = self.parts_of(key)
        numbers = [int(part.id.partition("/")[2]) for part in below][int(fewer) :]
        n = int(self.truth[key].title.removeprefix("Series "))
        for gone in (key, *below):
            del self.truth[gone]
        self.next_key += 1
        self.put_series(n, str(self.next_key), seasons=numbers)
        self.show()
        if told in ("old", "both"):
            self.tell(key, own_act=False)
        if told in ("new", "both"):
            self.do(self.world.tell("app", op="changed", kind="series", id=str(self.next_key)))

    @precondition(lambda self: len(self.all_of("movie")) > 1)
    @rule(data=st.data(), n=st.integers(31, 60))
    def reuse(self, data: Any, n: int) -> None:
        key = data.draw(st.sampled_from(self.all_of("movie")))
        if not self.titled(f"Film {n}"):
            self.truth[key] = movie(n, key=key.id)
            self.show()

    @precondition(lambda self: self.all_of("series"))
    @rule(data=st.data(), n=st.integers(31, 40), seasons=st.integers(0, 4))
    def reuse_series(self, data: Any, n: int, seasons: int) -> None:
        key = data.draw(st.sampled_from(self.all_of("series")))
        if not self.titled(f"Series {n}"):
            for gone in (key, *self.parts_of(key)):
                del self.truth[gone]
            self.put_series(n, key.id, seasons=range(seasons))
            self.show()

    @precondition(lambda self: self.all_of("series"))
    @rule(data=st.data(), n=st.integers(41, 50))
    def identify_series(self, data: Any, n: int) -> None:
        """Other refs at the same place; what its seasons claim goes with that."""
        key = data.draw(st.sampled_from(self.all_of("series")))
        known, other = self.truth[key], series(n)
        self.truth[key] = replace(known, refs=other.refs)
        for part in self.parts_of(key):
            number = int(part.id.partition("/")[2])
            self.truth[part] = replace(self.truth[part], refs=season(self.truth[key], number).refs)
        self.show()

    @precondition(lambda self: self.all_of("season"))
    @rule(data=st.data(), whole=st.booleans(), told=st.booleans())
    def season_files_go_or_come(self, data: Any, whole: bool, told: bool) -> None:
        key = data.draw(st.sampled_from(self.all_of("season")))
        parent, has_file = self.truth[key].parent, not self.truth[key].has_file
        assert parent is not None
        for part in self.parts_of(parent) if whole else [key]:
            self.truth[part] = replace(self.truth[part], has_file=has_file)
        self.count_files(parent)
        self.show()
        if told:
            for one in (parent, key):
                self.do(self.world.tell("app", op="changed", kind=one.kind, id=one.id))

    @precondition(lambda self: self.all_of("movie"))
    @rule(data=st.data(), told=st.booleans())
    def file_goes_or_comes(self, data: Any, told: bool) -> None:
        key = data.draw(st.sampled_from(self.all_of("movie")))
        item = self.truth[key]
        number = int(item.title.removeprefix("Film "))
        self.truth[key] = movie(number, key=key.id, path=item.path, has_file=not item.has_file)
        self.show()
        if told and item.has_file:
            self.do(self.world.tell("app", op="file_deleted", kind="movie", id=key.id))

    def tell(self, key: Key, *, own_act: bool) -> None:
        self.do(self.world.tell("app", op="deleted", kind=key.kind, id=key.id, title="Told", own_act=own_act))

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
        self.do(self.world.follow("app", self.app, max_gone=0.2, **self.way))

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
        ended = self.do(
            self.world.rows(
                "SELECT part.item_id, tombstone_id, item.kind, item.key, item.title, t.what FROM part "
                "JOIN item ON item.id = part.item_id JOIN tombstone AS t ON t.id = tombstone_id"
            )
        )
        for end in ended:
            if (end["item_id"], end["tombstone_id"]) in self.ended:
                continue
            self.ended.add((end["item_id"], end["tombstone_id"]))
            stands = self.truth.get(Key(end["kind"], end["key"]))
            same = stands is not None and stands.title == end["title"]
            assert not same or (end["what"] == "file" and stands is not None and not stands.has_file), (
                f"{end['title']} stands under {end['key']}"
            )

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.do(self.come_to_rest())
            self.do(self.world.engine.stop())
            self.do(self.world.ledger.close())
        self.loop.close()
        self.folder.cleanup()

    async def come_to_rest(self) -> None:
        self.be_honest_quietly()
        for _ in range(6):  # where nothing else is left to vouch, a day passes before a hold, and then a scan
            await self.world.scan_and_settle("app")
            await self.world.settle(7 * 3600.0)
            await self.world.release_all("app")
            await self.world.settle(7 * 3600.0)
        found = await self.world.rows(
            "SELECT kind, key, title, has_file FROM item WHERE presence = 'present' AND current = 1"
        )
        ledger = {(row["kind"], row["key"], row["title"], bool(row["has_file"])) for row in found}
        truth = {(key.kind, key.id, item.title, bool(item.has_file)) for key, item in self.truth.items()}
        assert ledger == truth, (ledger - truth, truth - ledger)

    def be_honest_quietly(self) -> None:
        self.lying, self.app.trouble, self.app.deny = False, None, lambda _: False
        self.app.unlisted = set()
        self.show()


EXAMPLES = int(os.environ.get("RECONCILED_EXAMPLES", "60"))
"""The full tests look at more, and at others each time."""

Apps.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=45,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="RECONCILED_EXAMPLES" not in os.environ,
)
TestEngine = Apps.TestCase
