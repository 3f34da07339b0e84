"""The quiet year: a calendar of a household, the person who looks at the page each evening, and the figures.

`live(days=365)` lets it pass and returns what was measured. Every act is judged at the moment when it
reaches its app; every hold by whether anything was wrong around it; what should have been done and was
not is counted at the end.
"""

import heapq
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.drills.quiet_daemon import DAY, QuietDaemon, Tally
from tests.drills.quiet_house import KINDS, House

from reconciled.config import Policy, Step, Verb
from reconciled.config.policies import When
from reconciled.engine import watch
from reconciled.engine.outbox import outbox
from reconciled.engine.outbox.answers import approve
from reconciled.ledger import decisions
from reconciled.model import Key
from reconciled.runtime import scheduler
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelApp

MINUTE, HOUR = 60.0, 3600.0
FILMS, SHOWS = 400, 60
GRACE = 12 * HOUR
POLICIES = {
    "films": Policy(
        "films", When.GONE, (Step(Verb.DELETE, "requests"), Step(Verb.UNMONITOR, "radarr")),
        kinds=frozenset({"movie"}), sources=frozenset({"jellyfin"}), grace=GRACE,
    ),
    "shows": Policy(
        "shows", When.GONE, (Step(Verb.DELETE, "requests"), Step(Verb.UNMONITOR, "sonarr")),
        kinds=frozenset({"series"}), sources=frozenset({"jellyfin"}), grace=GRACE,
    ),
}  # fmt: skip


@dataclass(slots=True)
class Figures:
    """What was measured."""

    days: int
    acts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    tombstones_of_what_stood: list[str] = field(default_factory=list)
    holds: Counter[str] = field(default_factory=Counter)
    without_cause: list[str] = field(default_factory=list)
    decisions: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    busiest: dict[str, tuple[int, int]] = field(default_factory=dict)
    """For each source its busiest day and how many requests that were."""
    words: dict[str, Counter[str]] = field(default_factory=dict)
    scans: Counter[str] = field(default_factory=Counter)
    probes: Counter[str] = field(default_factory=Counter)
    recoveries: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)

    def said(self) -> str:
        """For people."""
        lines = [
            f"quiet year: {self.days} days; "
            + ", ".join(f"{n} {what}" for what, n in sorted(self.happened.items())),
            f"  acts {dict(self.acts)}: {len(self.wrong)} wrong, {len(self.missed)} missed",
            f"  {self.decisions} decisions",
            f"  holds {dict(self.holds)}, without cause {len(self.without_cause)}",
        ]
        for name, (day, most) in sorted(self.busiest.items()):
            lines.append(
                f"  {name}: at most {most} requests a day (day {day}); {self.scans[name]} scans, "
                f"{self.probes[name]} probes, {self.recoveries[name]} recoveries, {self.losses[name]} losses"
            )
        return "\n".join(lines)


def hurry(patch: pytest.MonkeyPatch) -> None:
    """Let what nobody waits for happen more rarely, so that a year takes a minute.

    The idle watch's requests are counted all the same (see `Year.sum_up`); the wall clock does not step
    here, and no policy excepts anything by its age.
    """
    patch.setattr(watch, "IDLE", 6 * HOUR)
    patch.setattr(scheduler, "NAP", 6 * HOUR)
    patch.setattr(outbox, "ANEW", DAY)


class Year:
    """One household, one daemon, one calendar."""

    def __init__(self, folder: Path, *, days: int, seed: int, scan: str) -> None:
        self.days, self.chance = days, random.Random(seed)
        self.clock = ManualClock()
        self.apps = {name: ModelApp() for name in KINDS}
        self.tallies = {name: Tally(self.clock, app) for name, app in self.apps.items()}
        for name, app in self.apps.items():
            app.asked, app.page_size, app.account = self.tallies[name], 250, "owner"
            app.during_act = lambda what, name=name: self.witness(name, what)
        self.house = House(self.apps, self.chance, self.post)
        self.daemon = QuietDaemon(
            self.apps, KINDS, clock=self.clock, folder=folder, policies=POLICIES, scan=scan
        )
        self.figures = Figures(days)
        self.odd_until: dict[str, float] = {}
        self._seen: set[int] = set()
        self._judged = 0
        self._order = count()
        self._calendar: list[tuple[float, int, Callable[[], Awaitable[None]]]] = []
        self._next_film = FILMS

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self.clock.monotonic() - 1000.0

    async def post(self, name: str, event: dict[str, object]) -> None:
        """A letter arrives, if the daemon runs."""
        if name in self.daemon.engine.places:
            await self.daemon.engine.receive(name, json.dumps(event).encode(), {})

    # --- the calendar -----------------------------------------------------------------------------

    def at(self, moment: float, what: Callable[[], Awaitable[None]]) -> None:
        """It happens then."""
        heapq.heappush(self._calendar, (moment, next(self._order), what))

    def plan(self) -> None:
        """The whole year."""
        chance = self.chance
        for day in range(self.days):
            noon = day * DAY
            self.at(noon + 4 * HOUR, self.reboot)
            self.at(noon + 20 * HOUR, self.evening)
            for what, a_week in (
                (self.add, 4.5),
                (self.delete_one, 1.2),
                (self.upgrade, 2.0),
                (self.rename, 1.0),
            ):
                if chance.random() < a_week / 7:
                    self.at(noon + chance.uniform(8, 23) * HOUR, what)
        for day in range(6, self.days, 15):
            self.at(day * DAY + chance.uniform(0, 20) * HOUR, self.outage)
        sprees = (
            (4,) if self.days < 60 else (int(self.days * 0.2), int(self.days * 0.5), int(self.days * 0.8))
        )
        for day in sprees:
            self.at(day * DAY + 15 * HOUR, self.spree)
        self.at(int(self.days * 0.62) * DAY + 2 * HOUR, self.move)

    async def live(self) -> Figures:
        """Let it pass."""
        self.house.furnish(FILMS, SHOWS)
        self.plan()
        await self.daemon.start()
        try:
            while self._calendar:
                moment, _, what = heapq.heappop(self._calendar)
                if moment > self.days * DAY:
                    break
                await self.daemon.until(moment)
                await what()
                await self.daemon.settle_down()
            await self.daemon.until(self.days * DAY)
            await self.look_at_holds()
            await self.judge()
            await self.sum_up()
        finally:
            await self.daemon.stop()
        return self.figures

    # --- what people and programs do --------------------------------------------------------------

    async def add(self) -> None:
        """A film that was not there, or that was deleted long ago."""
        self.figures.happened["adds"] += 1
        old = sorted(
            t for t, at in self.house.deleted.items() if t.startswith("Film") and self.now - at > 20 * DAY
        )
        n = self._next_film
        if old and self.chance.random() < 0.2:
            n = int(self.chance.choice(old).removeprefix("Film "))
        else:
            self._next_film += 1
        await self.house.add_film(n, requested=self.chance.random() < 0.2)

    async def delete_one(self) -> None:
        """A film, or now and then a series."""
        await self.delete("series" if self.chance.random() < 0.15 else "movie")

    async def delete(self, kind: str) -> None:
        self.figures.happened["deletions"] += 1
        title = self.chance.choice(self.house.titles(kind))
        await self.house.delete(title, self.now)
        self.at(self.now + self.chance.uniform(0.2, 14) * HOUR, lambda: self.house.notice(title))

    async def spree(self) -> None:
        """Forty deletions within twenty minutes."""
        self.figures.happened["sprees"] += 1
        self.odd("spree", "jellyfin", "radarr", hours=48)
        for n in range(40):
            self.at(self.now + n * 30.0, lambda: self.delete("movie"))

    async def upgrade(self) -> None:
        """The file goes, minutes later a better one is there."""
        self.figures.happened["upgrades"] += 1
        title, take = self.chance.choice(self.house.titles("movie")), 2 + int(self.now) % 1000
        await self.house.begin_upgrade(title)
        self.at(self.now + self.chance.uniform(1, 6) * MINUTE, lambda: self.house.end_upgrade(title, take))

    async def rename(self) -> None:
        """Another path, so another key in Jellyfin."""
        self.figures.happened["renames"] += 1
        await self.house.end_upgrade(
            self.chance.choice(self.house.titles("movie")), 1002 + int(self.now) % 1000
        )

    async def move(self) -> None:
        """The library lies elsewhere."""
        self.figures.happened["moves"] += 1
        self.odd("move", *KINDS, hours=96)
        await self.house.move()

    # --- what goes wrong --------------------------------------------------------------------------

    def odd(self, why: str, *names: str, hours: float) -> None:
        """Holds of these sources have a cause for so long."""
        del why
        for name in names:
            self.odd_until[name] = max(self.odd_until.get(name, 0.0), self.now + hours * HOUR)

    async def reboot(self) -> None:
        """Everything is away for three minutes; on Mondays the daemon, too."""
        self.figures.happened["reboots"] += 1
        up = [name for name in self.apps if name not in self.house.down]
        for name in up:
            self.house.fail(name, "down")
        if int(self.now // DAY) % 7 == 0:
            await self.daemon.stop()
            await self.daemon.start()
        await self.daemon.tidy()

        async def back() -> None:
            for name in up:
                self.figures.recoveries[name] += 1
                self.house.mend(name)

        self.at(self.now + 3 * MINUTE, back)

    async def outage(self) -> None:
        """Hours of trouble of one app."""
        self.figures.happened["outages"] += 1
        name = self.chance.choice([one for one in self.apps if one not in self.house.down])
        how = self.chance.choice(["down", "500", "html", "empty", "unmounted"])
        how = "empty" if name == "requests" and how == "unmounted" else how
        hours = self.chance.uniform(1, 9)
        self.house.fail(name, how)
        self.odd(how, name, hours=hours + 24)

        async def back() -> None:
            self.figures.recoveries[name] += 1
            self.house.mend(name)

        self.at(self.now + hours * HOUR, back)

    # --- the person -------------------------------------------------------------------------------

    async def evening(self) -> None:
        """Decisions are approved as shown; a hold is released when all of it is really gone."""
        await self.look_at_holds()
        await self.judge()
        ledger = self.daemon.ledger
        for row in await self.rows("SELECT id FROM decision WHERE closed_at IS NULL"):
            shown = await ledger.read(decisions.waiting_in, row["id"])
            self.figures.decisions += 1
            await approve(self.daemon.outbox, row["id"], shown, by="owner")
        for row in await self.rows(
            "SELECT hold.id, source.name FROM hold JOIN source ON source.id = source_id "
            "WHERE closed_at IS NULL"
        ):
            if row["name"] not in self.house.down and await self.all_gone(row["id"], row["name"]):
                await self.daemon.engine.release(row["name"], row["id"])

    async def all_gone(self, hold: int, name: str) -> bool:
        """Whether nothing of a hold stands (with its file)."""
        held = await self.rows(
            "SELECT item.kind, item.key, suspect.what FROM suspect JOIN item ON item.id = item_id "
            "WHERE hold_id = ?",
            hold,
        )
        for row in held:
            stands = self.house.stands[name].get(Key(row["kind"], row["key"]))
            if stands is not None and (row["what"] == "entry" or stands.has_file):
                return False
        return True

    async def look_at_holds(self) -> None:
        """Count those that are new, and those for which nothing happened."""
        for row in await self.rows(
            "SELECT hold.id, name, reason, sentence FROM hold JOIN source ON source.id = source_id"
        ):
            if row["id"] in self._seen:
                continue
            self._seen.add(row["id"])
            self.figures.holds[f"{row['name']} {row['reason']}"] += 1
            if self.odd_until.get(row["name"], 0.0) < self.now - DAY:
                self.figures.without_cause.append(
                    f"day {self.now / DAY:.1f} {row['name']}: {row['sentence']}"
                )

    # --- judging ----------------------------------------------------------------------------------

    async def witness(self, name: str, what: tuple[str, ...]) -> None:
        """An act is taking effect; it must be right at this very moment."""
        verb, key = what[0], Key(*what[1].split(" ", 1))
        self.figures.acts[verb] += 1
        item = self.house.stands[name].get(key)
        if item is None:
            self.figures.wrong.append(f"{what} of what is not there")
            return
        title = item.title
        shelf = self.house.of("jellyfin", title)
        files = [
            one for manager in ("radarr", "sonarr") for one in self.house.of(manager, title) if one.has_file
        ]
        if shelf or files or title not in self.house.deleted:
            self.figures.wrong.append(f"day {self.now / DAY:.2f}: {what}, and {title} stands")
        elif self.now - self.house.deleted[title] < GRACE:
            self.figures.wrong.append(
                f"day {self.now / DAY:.2f}: {what} of {title}, before its grace was over"
            )
        if verb == "delete":
            self.house.drop(name, [key])
            await self.house.tell(name, "deleted", item, own_act=True)
        else:
            self.house.put(name, replace(item, attrs={**item.attrs, "monitored": False}))

    async def judge(self) -> None:
        """No tombstone for what stands and stood all the time under that key."""
        for row in await self.rows("SELECT * FROM tombstone WHERE id > ? ORDER BY id", self._judged):
            self._judged = row["id"]
            stands = self.house.stands[row["source"]].get(Key(row["kind"], row["key"]))
            if stands is not None and (row["what"] == "entry" or stands.has_file):
                self.figures.tombstones_of_what_stood.append(
                    f"{row['source']} {row['kind']} {row['key']} {row['title']}"
                )

    async def sum_up(self) -> None:
        """What was not done, and what it cost."""
        for title, when in sorted(self.house.deleted.items()):
            if self.now - when < 4 * DAY:
                continue
            left = self.house.of("requests", title)
            manager = "radarr" if title.startswith("Film") else "sonarr"
            wanted = [one for one in self.house.of(manager, title) if one.attrs.get("monitored") is True]
            self.figures.missed += [
                f"{one.key} of {title}, deleted on day {when / DAY:.1f}" for one in (*left, *wanted)
            ]
        idle = DAY / 900.0 if watch.IDLE > 900.0 else 0.0  # what a year does not ask for want of time
        for name, tally in self.tallies.items():
            day, most = max(tally.days.items(), key=lambda one: one[1])
            self.figures.busiest[name] = (day, int(most + idle * len(KINDS[name])))
            self.figures.words[name] = tally.words
            self.figures.probes[name], self.figures.scans[name] = tally.words["probe"], tally.scans
        for row in await self.rows("SELECT source, count(*) AS n FROM tombstone GROUP BY source"):
            self.figures.losses[row["source"]] = row["n"]

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """What the ledger holds."""

        def read(tx: Any) -> list[dict[str, Any]]:
            found = tx.execute(sql, values)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        return await self.daemon.ledger.read(read)
