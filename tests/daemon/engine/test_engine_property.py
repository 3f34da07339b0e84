"""The engine as a property: whatever happens, nothing that stands in the app is called gone.

A state machine changes a model app (see `quiet_truth`: adds, deletes, copies, replaced and reused keys,
files that go and come, series with their seasons), lets it lie in the named ways, sends true and false
letters (lost, doubled, reordered, late, in the middle of an answer), reloads the source, takes it out of
the config and back, restarts the engine, kills it, and steps the clock. The truth is kept beside. At the
end the lies stop, holds are released, and the ledger must equal the truth.

That these rules reach the engine's guards is a test of its own: see `test_properties_bite`.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.daemon.engine.conftest import World
from tests.drills.quiet_ledger import QuietLedger, quiet_folder
from tests.drills.quiet_truth import CHANGES, LIES, Told, Truth, changed, film, gone

from reconciled.model import Item, Json, Key
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelApp

T = TypeVar("T")
AT = st.integers(0, 839)  # divisible by many: a choice is this modulo how many there are
WAYS = st.sampled_from(["one", "many", "incremental"])
POST = st.sampled_from(["lost", "lost", "now", "now", "twice", "backwards", "late"])
TIMES = st.sampled_from(["scan", "20", "60", "3600", "30000", "scan 20", "scan 20", "20 scan"])
IN_FLIGHT = [
    Truth.add,
    Truth.delete,
    Truth.delete_another,
    Truth.replace_film,
    Truth.reuse,
    Truth.delete_series,
]
"""What may happen while an answer is on its way, and leave the answer right when it was given."""
MAX_GONE = 0.2


class Apps(RuleBasedStateMachine):
    """One model app, followed; the truth beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World
        self.loop = asyncio.new_event_loop()
        self.folder = quiet_folder()
        self.truth = Truth(ModelApp())
        self.post: list[list[Told]] = []
        self.lost: dict[Key, Item] = {}
        self.scope = 0
        self.past = False
        self.judged = 0
        self.known: set[str] = set()
        self.ended: set[tuple[int, int]] = set()

    def do(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.loop.run_until_complete(run())

    @initialize(way=WAYS)
    def begin(self, way: str) -> None:
        self.way: dict[str, Any] = {"many": way == "many", "incremental": way == "incremental"}
        self.do(self.open())
        self.truth.begin()
        self.do(self.follow())
        self.do(self.world.scan("app"))

    async def open(self) -> None:
        before: World | None = getattr(self, "world", None)
        self.world = World(await QuietLedger.open(Path(self.folder.name) / "ledger.db"))
        if before is not None:
            self.world.clock = self.world.engine.clock = before.clock  # one time goes on

    async def follow(self) -> None:
        scope: dict[str, Json] = {"libraries": self.scope}
        await self.world.follow("app", self.truth.app, max_gone=MAX_GONE, scope=scope, **self.way)

    # --- the world changes, and letters tell of it ------------------------------------------------

    @rule(what=st.sampled_from(CHANGES), at=AT, post=POST, then=TIMES)
    def change(self, what: Callable[[Truth, int], list[Told]], at: int, post: str, then: str) -> None:
        before = dict(self.truth.items)
        told = what(self.truth, at)
        self.truth.show()
        self.lost |= {key: item for key, item in before.items() if key not in self.truth.items}
        self.do(self.send(told, post))
        self.go_on(then)

    @rule(what=st.sampled_from(CHANGES), at=AT, post=POST)
    def change_more(self, what: Callable[[Truth, int], list[Told]], at: int, post: str) -> None:
        self.change(what, at, post, "")

    @rule(at=AT, post=POST, then=TIMES)
    def come_back(self, at: int, post: str, then: str) -> None:
        """What was deleted stands again, under its old key."""
        self.do(self.send(self.bring_back(at), post))
        self.go_on(then)

    def bring_back(self, at: int, *, besides: Collection[Key] = ()) -> list[Told]:
        films = sorted(
            key for key, item in self.lost.items()
            if key.kind == "movie" and key not in besides and key not in self.truth.items
            and not self.truth.titled(item.title)
        )  # fmt: skip
        if not films:
            return []
        key = films[at % len(films)]
        self.truth.put(self.lost.pop(key))
        self.truth.show()
        return [changed(key)]

    async def send(self, told: Sequence[Told], post: str) -> None:
        letters = list(reversed(told)) if post == "backwards" else list(told)
        if post == "late":
            self.post.append(letters)
        elif post != "lost":
            for _ in range(2 if post == "twice" else 1):
                for letter in letters:
                    await self.world.tell("app", **self.sincere(letter))

    def sincere(self, letter: Told) -> Told:
        """Who hides things does not say as well that it deleted them: then it would be believed."""
        return letter | {"own_act": False} if self.truth.hidden and "own_act" in letter else letter

    @rule(at=AT, then=TIMES)
    def late_letters_arrive(self, at: int, then: str) -> None:
        """What was true hours ago, in any order."""
        if self.post and not self.past:
            self.do(self.send(self.post.pop(at % len(self.post)), "backwards" if at % 2 else "now"))
        self.go_on(then)

    @rule(at=AT, many=st.integers(1, 3), own=st.booleans(), then=TIMES)
    def false_alarm(self, at: int, many: int, own: bool, then: str) -> None:
        self.do(self.alarm(at, many, own))
        self.go_on(then)

    async def alarm(self, at: int, many: int, own: bool) -> None:
        keys = sorted(self.truth.items)
        if keys and not self.past:
            told = [gone(keys[(at + 7 * n) % len(keys)], own_act=own) for n in range(many)]
            await self.send(told, "now")

    # --- the app lies -----------------------------------------------------------------------------

    @rule(how=st.sampled_from(sorted(LIES)), at=AT, then=TIMES)
    def lie(self, how: str, at: int, then: str) -> None:
        self.end_lies()
        if how != "narrowed" or self.do(self.knows_its_rights()):
            self.truth.lie(how, at=at)
            self.truth.hidden -= self.do(self.claimed())
            self.truth.show()
        self.go_on(then)

    @rule(
        how=st.sampled_from(["denies", "empty", "other", "fails", "narrowed", "unmounted"]),
        at=AT,
        own=st.booleans(),
    )
    def lie_and_alarm(self, how: str, at: int, own: bool) -> None:
        """The app lies just when it is asked about what stands; mostly after a time of peace."""
        if at % 3:
            self.end_lies()
            self.go_on("scan 20")
        self.do(self.alarm(at, 2, own))
        self.lie(how, at, "")
        self.go_on(("20", "scan 20", "60", "20 scan 20 scan")[at % 4])
        if self.truth.lying:
            self.go_on_living(at)

    def go_on_living(self, at: int) -> None:
        """In the other world, too, films are added; they are no witnesses against what was there before."""
        new = film(2000 + at, key=self.truth.new_key())
        self.truth.app.put(new)
        self.do(self.send([changed(new.key)], "now"))
        self.go_on("60 60")

    @rule(at=AT, newest=st.booleans())
    def show_another_past(self, at: int, newest: bool) -> None:
        """Most films are not there, or the newest: a library that was lost, an old backup. A scan sees it."""
        self.end_lies()
        if newest:
            self.truth.add_some(3 + at % 3, root=at % 2)
        self.go_on("scan")
        self.truth.hidden = self.do(self.most_or_newest(f"/{('films', 'more')[at % 2]}", at, newest=newest))
        self.past = bool(self.truth.hidden)
        self.truth.show()
        self.go_on(("scan", "scan 20", "scan 3600")[at % 3])

    async def most_or_newest(self, root: str, at: int, *, newest: bool) -> set[Key]:
        rows = await self.world.rows(
            "SELECT key, first_seq FROM item "
            "WHERE kind = 'movie' AND root = ? AND presence = 'present' AND current = 1 "
            "AND NOT EXISTS (SELECT 1 FROM suspect WHERE item_id = item.id) ORDER BY first_seq DESC, id",
            root,
        )
        rows = [row for row in rows if Key("movie", row["key"]) in self.truth.items]
        if not newest:
            chosen = rows[:: 2 if len(rows) >= 12 else 1]
            return {Key("movie", row["key"]) for row in chosen} if len(chosen) > 5 else set()
        since = sorted({row["first_seq"] for row in rows[2:]})
        chosen = [row for row in rows if since and row["first_seq"] >= since[-1 - at % len(since)]]
        return {Key("movie", row["key"]) for row in chosen}

    async def knows_its_rights(self) -> bool:
        """Only what is known can be narrowed."""
        row = (await self.world.rows("SELECT account, sees_everything FROM source"))[0]
        return bool(row["account"] == "owner" and row["sees_everything"])

    async def claimed(self) -> set[Key]:
        """What the app said that it deleted itself: when it denies that, too, it is believed."""
        rows = await self.world.rows(
            "SELECT kind, key FROM item JOIN suspect ON item_id = item.id WHERE own_act = 1"
        )
        return {Key(row["kind"], row["key"]) for row in rows}

    @rule()
    def be_honest(self) -> None:
        self.end_lies()

    def end_lies(self) -> None:
        self.truth.end_lies()
        self.past = False

    @rule(at=AT, seconds=st.sampled_from([5.0, 15.0, 1200.0]))
    def take_away_for_a_moment(self, at: int, seconds: float) -> None:
        """An upgrade: away for seconds, or for as long as the app says that its library is being read."""
        key = self.truth.pick("movie", at)
        if key is None or self.past or self.truth.lying or self.do(self.claimed()):
            return
        app, hidden = self.truth.app, set(self.truth.hidden)
        self.truth.hide([key])
        self.truth.show()
        app.busy = seconds > 20
        self.do(self.send([gone(key, own_act=at % 3 == 0 and not app.busy and not hidden)], "now"))
        self.go_on(f"scan {seconds}" if app.busy or at % 2 else f"{seconds}")
        self.judge()
        self.truth.hidden, app.busy = hidden, False
        self.truth.show()
        self.go_on("60" if seconds > 20 else "")

    @rule(
        what=st.sampled_from(["alarm", "change", "back"]),
        at=AT,
        when=st.sampled_from(["lookup", "page"]),
        n=st.integers(0, 3),
    )
    def meanwhile(self, what: str, at: int, when: str, n: int) -> None:
        """It happens while an answer is on its way, and is told at once."""
        left = [n]
        if at % 3:
            self.end_lies()
            self.go_on("scan 20")
        known = set(self.lost)
        if what == "back":
            self.change(Truth.delete, at, "now", "")

        async def happen(where: str) -> None:
            left[0] -= where == when
            if left[0] >= 0 or where != when:
                return
            self.truth.app.in_flight = None
            if what == "alarm":
                await self.alarm(at, 2, bool(at % 2))
            elif what == "back":
                await self.judge_all()  # what was gone till now was rightly called so
                await self.send(self.bring_back(at, besides=known), "now")
            else:
                await self.judge_all()
                told = IN_FLIGHT[at % len(IN_FLIGHT)](self.truth, at)
                self.truth.show()
                await self.send(told, "now")

        if when == "lookup" and not self.past:
            self.do(self.alarm(at, 2, False))
        self.truth.app.in_flight = happen
        self.go_on("scan 20" if when == "page" else "20")
        self.truth.app.in_flight = None

    @rule(at=AT, post=st.sampled_from(["lost", "now", "late"]))
    def replace_and_scan(self, at: int, post: str) -> None:
        """What a complete scan shows under a new key was never gone."""
        self.end_lies()
        self.go_on("scan 20")
        old = self.truth.items.get(self.truth.pick("movie", at) or Key("movie", ""))
        told = self.truth.replace_film(at)
        self.truth.show()
        self.do(self.send(told[1:], post))
        self.go_on("scan 20 60")
        graves = self.do(
            self.world.rows(
                "SELECT kind || ' ' || key AS key, title FROM tombstone WHERE id > ?", self.judged
            )
        )
        buried = {(grave["key"], grave["title"]) for grave in graves}
        assert old is None or (str(old.key), old.title) not in buried, f"{old} was replaced"

    # --- time, scans, restarts --------------------------------------------------------------------

    @rule(then=TIMES)
    def time_passes(self, then: str) -> None:
        self.go_on(then)

    def go_on(self, then: str) -> None:
        for word in then.split():
            if word == "scan":
                self.do(self.world.scan("app"))
            else:
                self.do(self.world.settle(float(word)))

    @rule(hours=st.integers(-48, 48))
    def step_the_clock(self, hours: int) -> None:
        self.world.clock.step(timedelta(hours=hours))

    @rule(how=st.sampled_from(["orderly", "killed", "rebooted"]))
    def restart(self, how: str) -> None:
        if how == "orderly":
            self.do(self.world.engine.remove("app", freeze=False))
        self.do(self.world.ledger.close())
        if how == "rebooted":  # what is reckoned begins with the wall clock, wherever that stepped
            self.world.clock = ManualClock(self.world.clock.now())
        self.do(self.open())
        self.do(self.world.engine.start())
        self.do(self.follow())

    @rule(
        what=st.sampled_from(["same", "scope", "away"]),
        changes=st.lists(st.sampled_from(CHANGES), max_size=3),
        at=AT,
    )
    def reload(self, what: str, changes: list[Callable[[Truth, int], list[Told]]], at: int) -> None:
        """The source is followed anew: as it was, in another scope, or after it had left the config."""
        self.do(self.world.engine.remove("app", freeze=what == "away"))
        if what == "away":
            for change in changes:
                change(self.truth, at)
            self.truth.show()
        self.scope += what == "scope"
        self.do(self.follow())

    # --- what must hold ---------------------------------------------------------------------------

    @invariant()
    def nothing_that_stands_is_called_gone(self) -> None:
        if hasattr(self, "world"):
            self.judge()
            rows = self.do(
                self.world.rows("SELECT title FROM item WHERE kind = 'movie' AND presence = 'present'")
            )
            self.known |= {row["title"] for row in rows if not row["title"].endswith("another world")}

    def judge(self) -> None:
        self.do(self.judge_all())

    async def judge_all(self) -> None:
        graves = await self.world.rows("SELECT * FROM tombstone WHERE id > ? ORDER BY id", self.judged)
        for grave in graves:
            self.judged = grave["id"]
            self.judge_one(grave)
        ended = await self.world.rows(
            "SELECT part.item_id, tombstone_id, item.kind, item.key, item.title, t.what FROM part "
            "JOIN item ON item.id = part.item_id JOIN tombstone AS t ON t.id = tombstone_id"
        )
        for end in ended:
            if (end["item_id"], end["tombstone_id"]) not in self.ended:
                self.ended.add((end["item_id"], end["tombstone_id"]))
                self.judge_one(end)

    def judge_one(self, end: dict[str, Any]) -> None:
        stands = self.truth.items.get(Key(end["kind"], end["key"]))
        if stands is None or stands.title != end["title"]:
            return
        assert end["what"] == "file", f"{end['title']} stands under {end['key']}"
        assert stands.has_file is False, f"{end['title']} has its file"

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.do(self.come_to_rest())
        finally:
            if hasattr(self, "world"):
                self.do(self.world.engine.stop())
                self.do(self.world.ledger.close())
            self.loop.close()
            self.folder.cleanup()

    async def come_to_rest(self) -> None:
        self.end_lies()
        for _ in range(6):  # where nothing else is left to vouch, a day passes before a hold, and then a scan
            await self.world.scan_and_settle("app")
            if await self.difference() == (set(), set()) and not await self.world.suspects():
                break
            await self.world.settle(7 * 3600.0)
            await self.world.release_all("app")
            await self.world.settle(7 * 3600.0)
        assert (left := await self.difference()) == (set(), set()), left
        await self.remember()

    async def remember(self) -> None:
        """Every film that was known and does not stand has a tombstone, however it went."""
        buried = {row["title"] for row in await self.world.rows("SELECT title FROM tombstone")}
        gone = {title for title in self.known if title.startswith("Film") and not self.truth.titled(title)}
        assert gone <= buried, f"nobody remembers {sorted(gone - buried)}"

    async def difference(self) -> tuple[set[Any], set[Any]]:
        """What only the ledger holds, and what only the world."""
        found = await self.world.rows(
            "SELECT kind, key, title, has_file FROM item WHERE presence = 'present' AND current = 1"
        )
        ledger = {(row["kind"], row["key"], row["title"], bool(row["has_file"])) for row in found}
        truth = {
            (key.kind, key.id, item.title, bool(item.has_file)) for key, item in self.truth.items.items()
        }
        return ledger - truth, truth - ledger


FEW = 10
"""Examples of the quick size; they are the first of those of the full one."""
EXAMPLES = int(os.environ.get("RECONCILED_EXAMPLES", "50"))
"""With the variable they are others each time."""

Apps.TestCase.settings = settings(
    max_examples=min(FEW, EXAMPLES),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="RECONCILED_EXAMPLES" not in os.environ,
)
TestEngine = Apps.TestCase


@pytest.mark.full
def test_the_same_at_length() -> None:
    run_state_machine_as_test(Apps, settings=settings(Apps.TestCase.settings, max_examples=EXAMPLES))
