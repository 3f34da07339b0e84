"""Whatever is ordered in whatever sequence, of each group one paper stays, with the text that was shown.

Two apps with groups of papers; a person orders (also what was shown long ago, also what stays as what goes),
undoes and restores, while apps fail, cut calls off, change texts, forget and die. A witness sits inside the
call: when a deletion reaches the app, what was to stay for it is there at that very moment, as it was shown.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.daemon.engine.conftest import Crash, World
from tests.daemon.engine.outbox.papers_kept import LABEL, NOW, Desk, Shelf

from reconciled.config import Mode
from reconciled.duplicates.words import Band
from reconciled.engine.duplicates.acting import Do, Wanted, order, preview
from reconciled.engine.outbox.by_hand import CannotAct
from reconciled.engine.outbox.shown import Told, text_print
from reconciled.engine.outbox.undo import undo
from reconciled.errors import BadResponse, Unreachable
from reconciled.ledger import groups, judgements, papers
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.judgements import Answer
from reconciled.model import Key

GROUPS = (("1", "2", "3"), ("4", "other/1"), ("5", "6"), ("6", "7", "other/2"))
"""The last one is of the other band, and shares a paper with the one before."""
Step: TypeAlias = tuple[str, int]
WHAT = [
    "delete", "delete", "delete", "merge_delete", "merge_delete", "tag", "look", "late", "late", "undo",
    "down",
    "cut_off", "took_effect", "mute", "heal", "heal", "edit", "rewrite", "compare", "trash", "untrash",
    "different", "crash", "turn", "turn", "time", "scan", "dry_run", "restart",
]  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(WHAT), st.integers(0, 5039)), min_size=4, max_size=14)
EXAMPLES = int(os.environ.get("RECONCILED_EXAMPLES", "12"))
MOMENTS = ("before sending", "sending committed", "called", "done committed")


class House:
    """The two apps, the truth about them, and a person who does not look twice."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.world = desk, desk.world
        self.kept: list[tuple[list[Wanted], str]] = []
        self.lost: set[tuple[str, Key]] = set()
        self.wrong: list[str] = []
        self.deleted: list[tuple[str, str]] = []

    async def begin(self) -> None:
        await self.desk.open(documents=8)
        for number, members in enumerate(GROUPS):
            await self.desk.group(*members, band=Band.REVIEW if number == 3 else Band.DUPLICATE)
        for name, app in self.world.apps.items():
            app.during_act = self._witness_of(name)

    def _witness_of(self, name: str) -> Callable[[tuple[str, ...]], Awaitable[None]]:
        async def watch(what: tuple[str, ...]) -> None:
            if what[0] == "delete":
                await self._witness(name, what[1])

        return watch

    async def _witness(self, name: str, what: str) -> None:
        """A deletion took effect just now."""
        kind, _, key = what.partition(" ")
        rows = await self.world.rows(
            "SELECT * FROM action WHERE state = 'sending' AND target = ? AND kind = ? AND key = ?",
            name,
            kind,
            key,
        )
        self.deleted.append((name, key))
        if len(rows) != 1 or rows[0]["keeper_told"] is None:
            self.wrong.append(f"{what} of {name} went without a keeper: {rows}")
            return
        told = msgspec.json.decode(rows[0]["keeper_told"], type=Told)
        app = self.app(told.primary.source)
        there = app.items.get(told.primary.key)
        if there is None or there.title != told.primary.title:
            self.wrong.append(f"{what} went, and {told.primary.key} of {told.primary.source} is not there")
        elif text_print(app.texts[told.primary.key]) != told.primary.text:
            self.wrong.append(f"{what} went, and {told.primary.key} says something else")
        elif text_print(self.app(name).texts[Key(kind, key)]) != told.others[0].text:
            self.wrong.append(f"{what} went, and says something else than was shown")

    def app(self, name: str) -> Shelf:
        found = self.world.apps[name]
        assert isinstance(found, Shelf)
        return found

    def named(self, name: str) -> tuple[Shelf, Key, str]:
        source, slash, key = name.rpartition("/")
        source = source if slash else "paperless"
        return self.app(source), Key("document", key), source

    async def step(self, what: str, at: int) -> None:
        match what:
            case "delete" | "merge_delete" | "tag":
                await self.orders(Do(what), at)
            case "look":
                await self.looks(at)
            case "late":
                await self.late(at)
            case "undo":
                await self.undoes(at)
            case (
                "heal" | "compare" | "different" | "crash" | "turn" | "time" | "scan" | "dry_run" | "restart"
            ):
                await self.time(what, at)
            case _:
                await self.in_an_app(what, at)

    async def in_an_app(self, what: str, at: int) -> None:
        members = GROUPS[at % 4]
        app, key, source = self.named(members[at // 4 % len(members)])
        match what:
            case "down":
                app.trouble = Unreachable(f"{source}: refused")
            case "cut_off" | "took_effect":
                app.act_trouble, app.act_effect = BadResponse(f"{source}: 500"), what == "took_effect"
            case "mute":
                app.mute.add(key)
            case "edit" | "rewrite":
                app.texts[key] = f"words {at % 3}"
                if what == "rewrite":
                    await self.read()
            case "trash" if key in app.items:
                app.trash[key] = app.items.pop(key)
                self.lost.add((source, key))
            case "untrash" if key in app.trash:
                app.items[key] = app.trash.pop(key)

    async def time(self, what: str, at: int) -> None:
        match what:
            case "heal":
                await self.heal()
            case "compare":
                await self.compare()
            case "different":
                one, other = GROUPS[at % 4][:2]
                pair = (await self.desk.id(one), await self.desk.id(other))
                said = [pair]
                await self.world.ledger.write(
                    lambda tx: judgements.say(tx, said, Answer.DIFFERENT, by="owner", at=NOW)
                )
            case "crash":
                self.world.crash_at = MOMENTS[at % 4]
                await self.turn()
                await self.reborn()
            case "restart":
                await self.reborn()
            case "dry_run":
                await self.world.decide(mode=Mode.DRY_RUN)
                await self.turn()
                await self.world.decide(mode=Mode.ASK)
            case "turn":
                await self.turn()
            case "time":
                await self.world.pass_time(300)
            case "scan":
                with contextlib.suppress(Exception):
                    await self.world.scan_and_settle(("paperless", "other")[at % 2])

    async def turn(self) -> None:
        with contextlib.suppress(Crash):
            await self.world.turn()

    async def reborn(self) -> None:
        for app in self.world.apps.values():
            app.trouble = None
        await self.world.restart()

    async def read(self) -> None:
        with contextlib.suppress(StopIteration):  # what left the ledger is not read
            await self.desk.read()

    async def compare(self) -> None:
        """The groups are made anew of the texts as they are read."""
        await self.read()

        def write(tx: Tx) -> None:
            for group, members in groups.members(tx).items():
                now = papers.prints(tx, members)
                groups.put_members(
                    tx,
                    group,
                    {one: replace(row, print=now[one]) for one, row in members.items() if one in now},
                )

        await self.world.ledger.write(write)

    async def wanted(self, do: Do, at: int) -> list[Wanted]:
        """One or two groups, with their own primary or another."""
        found = []
        for number in sorted({at % 4, at // 4 % 4}):
            members = GROUPS[number]
            primary = members[at // 16 % len(members)] if at % 3 else None
            found.append(
                Wanted(number + 1, do, primary=await self.desk.id(primary) if primary is not None else None)
            )
        return found

    async def orders(self, do: Do, at: int) -> None:
        wanted = await self.wanted(do, at)
        with contextlib.suppress(CannotAct, StopIteration):
            seen = await preview(self.world.outbox, wanted, label=LABEL)
            await order(self.world.outbox, wanted, shown=seen.print, by="owner", label=LABEL)

    async def looks(self, at: int) -> None:
        wanted = await self.wanted(Do.DELETE, at)
        self.kept.append((wanted, (await preview(self.world.outbox, wanted, label=LABEL)).print))

    async def late(self, at: int) -> None:
        """What was shown some time ago, in another tab."""
        if not self.kept:
            return await self.looks(at)
        wanted, shown = self.kept[at % len(self.kept)]
        with contextlib.suppress(CannotAct):
            await order(self.world.outbox, wanted, shown=shown, by="owner", label=LABEL)
        return None

    async def undoes(self, at: int) -> None:
        done = await self.world.rows("SELECT id FROM action WHERE state = 'done' ORDER BY id")
        if done:
            with contextlib.suppress(CannotAct):
                await undo(self.world.outbox, done[at % len(done)]["id"], by="owner")

    async def heal(self) -> None:
        for name, app in self.world.apps.items():
            assert isinstance(app, Shelf)
            app.trouble = app.act_trouble = None
            app.mute.clear()
            with contextlib.suppress(Exception):
                await self.world.engine.probe(name)

    async def end(self) -> None:
        """All is well again, and what waits goes out or does not."""
        await self.heal()
        await self.world.pass_time(2 * 3600, step=600)
        for members in GROUPS:
            named = [self.named(one) for one in members]
            if not any((source, key) in self.lost for _, key, source in named):
                assert any(key in app.items for app, key, _ in named), f"nothing is left of {members}"
        assert not self.wrong, self.wrong


async def play(steps: Sequence[Step]) -> int:
    """A person's day. Returns how many papers were deleted."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = await Ledger.open(Path(folder) / "ledger.db")
        world = World(ledger)
        house = House(Desk(world))
        try:
            await house.begin()
            for what, at in steps:
                await house.step(what, at)
                assert not house.wrong, house.wrong
            await house.end()
        finally:
            await world.outbox.stop()
            await world.engine.stop()
            await ledger.close()
        return len(house.deleted)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="RECONCILED_EXAMPLES" not in os.environ,
)
@given(STEPS)
def test_of_each_group_one_paper_stays(steps: list[Step]) -> None:
    asyncio.run(play(steps))


def test_the_play_deletes_at_all() -> None:
    """Else the property would hold of nothing."""
    assert asyncio.run(play([("merge_delete", 0), ("turn", 0), ("delete", 1), ("turn", 0), ("turn", 0)])) >= 3
