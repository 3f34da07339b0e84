"""Copies as a property: no document is ever deleted but one that we made of files that are all gone.

Files come, go, come back unseen and have the same bytes as others; documents are somebody's own or ours,
are changed and thrown away by people. The witness stands inside the call and judges by what is true. In
the end, when all is quiet, exactly the documents are left that have a reason to stand.
"""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.daemon.engine.conftest import World
from tests.daemon.engine.outbox.mirrored import (
    GRACE,
    brought,
    document,
    everywhere,
    file,
    fileset,
    follow,
    judge,
)
from tests.drills.quiet_ledger import QuietLedger

from reconciled.config import When
from reconciled.model import Key

FILES, BYTES = 6, 3
"""File n has the bytes n modulo `BYTES`, so that each has a twin. Documents from 101 on are people's own."""
OWN = 100

Step = tuple[str, int]
BROUGHT = st.permutations([0, 1, 2, 4, 5])
"""These are brought first, in any order: each document of ours is the copy of two files by then."""
STEPS = st.tuples(
    st.sampled_from(["lose", "lose", "lose", "lose", "come back", "bring", "edit", "trash", "scan", "wait"]),
    st.sampled_from([1, 4, 1, 4, 2, 5, 0, 3]),
)


@dataclass
class Truth:
    """What is so, by no word of the ledger. `of`: whose copy each document is."""

    world: World
    bytes_: dict[int, int] = field(default_factory=dict)
    ours: set[int] = field(default_factory=set)
    edited: set[int] = field(default_factory=set)
    of: dict[int, set[int]] = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def stands(self, n: int) -> bool:
        return Key("file", str(n)) in self.world.apps["vsrx"].items

    def has_reason(self, doc: int) -> bool:
        """Whether a document must not be deleted."""
        kept = any(self.stands(n) for n in self.of.get(doc, ()))
        return doc not in self.ours or doc in self.edited or kept

    def may_stand(self, doc: int) -> bool:
        """Whether a document may be left: also for a file that merely has, or had, the same bytes."""
        bytes_ = {n % BYTES for n in self.of.get(doc, ())}
        return self.has_reason(doc) or any(n % BYTES in bytes_ and self.stands(n) for n in range(FILES))

    async def witness(self, act: tuple[str, ...]) -> None:
        doc = int(act[1].partition(" ")[2])
        if act[0] == "delete" and self.has_reason(doc):
            self.wrong.append(f"{act[1]} was deleted: ours {doc in self.ours}, of {self.of.get(doc)}")

    async def do(self, what: str, n: int) -> None:
        vsrx, paperless, world = self.world.apps["vsrx"], self.world.apps["paperless"], self.world
        key = Key("file", str(n))
        docs = sorted(doc for doc in self.bytes_ if document(doc, of=0).key in paperless.items)
        match what:
            case "lose" if key in vsrx.items:
                vsrx.remove(key)
            case "come back":
                vsrx.put(file(n, same_as=n % BYTES, declared=n % 2 == 0))
            case "bring":
                await self._bring(n, docs)
            case "edit" if docs:
                doc = docs[n % len(docs)]
                paperless.put(document(doc, of=1000 + doc))
                self.bytes_[doc] = 1000 + doc
                self.edited.add(doc)
                await world.scan_and_settle("paperless")
            case "trash" if docs:
                paperless.remove(document(docs[n % len(docs)], of=0).key)
            case "scan":
                await world.scan_and_settle(("vsrx", "paperless")[n % 2])
            case "wait":
                await world.pass_time(GRACE / 2, step=120)

    async def _bring(self, n: int, docs: Sequence[int]) -> None:
        """What a mirror does: a file has one document, that of the same bytes if there is one."""
        await self.world.scan_and_settle("vsrx")
        await self.world.scan_and_settle("paperless")
        if (
            not self.stands(n)
            or n in self.rows
            or (await self.world.presence("vsrx"))[f"file {n}"] != "present"
        ):
            return
        there = next((doc for doc in docs if self.bytes_[doc] == n % BYTES), None)
        doc, how = (there, "found") if there is not None else (max(docs, default=OWN) + 50 + n, "made")
        if there is None:
            self.ours.add(doc)
            self.bytes_[doc] = n % BYTES
            self.world.apps["paperless"].put(document(doc, of=n % BYTES))
            await self.world.scan("paperless")
        self.rows.add(n)
        self.of.setdefault(doc, set()).add(n)
        await brought(self.world, n, "paperless", Key("document", str(doc)), how=how, bytes_=n % BYTES)


async def live_through(first: Sequence[int], steps: Sequence[Step], folder: Path) -> None:
    ledger = await QuietLedger.open(folder / "ledger.db")
    world = World(ledger)
    truth = Truth(world)
    try:
        await follow(world, "vsrx", "paperless")
        world.apps["vsrx"].put(fileset("p1"), *(file(50 + n) for n in range(2)))
        world.apps["vsrx"].put(*(file(n, same_as=n % BYTES, declared=n % 2 == 0) for n in range(FILES)))
        truth.bytes_ = {OWN + 1: 0, OWN + 2: 500}
        world.apps["paperless"].put(*(document(doc, of=of) for doc, of in truth.bytes_.items()))
        world.apps["paperless"].during_act = truth.witness
        for name in ("vsrx", "paperless"):
            await world.scan(name)
        await world.decide(
            everywhere("everywhere", "paperless", max_actions=1000),
            everywhere(
                "tidy", "paperless", when=When.ORPHAN, sources=frozenset({"paperless"}), max_actions=1000
            ),
        )
        for what, n in [*(("bring", n) for n in first), *steps]:
            await truth.do(what, n)
            assert not truth.wrong, truth.wrong
        for _ in range(3):
            for name in ("vsrx", "paperless"):
                await world.scan_and_settle(name)
                await world.release_all(name)
            await world.settle()
            await judge(world, "vsrx", "paperless")
            await world.pass_time(4000, step=250)
        assert not truth.wrong, truth.wrong
        left = {int(key.id) for key in world.apps["paperless"].items}
        assert all(truth.may_stand(doc) for doc in left), (left, truth.of, await world.reasons())
    finally:
        await world.outbox.stop()
        await world.engine.stop()
        await ledger.close()


@settings(
    max_examples=int(os.environ.get("RECONCILED_EXAMPLES", "6")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="RECONCILED_EXAMPLES" not in os.environ,
)
@example([1, 4], [("lose", 1), ("wait", 0), ("scan", 0), ("wait", 0), ("wait", 0), ("lose", 4)])
@example([2], [("lose", 2), ("scan", 0), ("wait", 0), ("come back", 5), ("wait", 0), ("wait", 0)])
@example([1, 4], [("lose", 1), ("lose", 4), ("scan", 0), ("wait", 0), ("come back", 1), ("wait", 0)])
@given(BROUGHT, st.lists(STEPS, min_size=5, max_size=10))
def test_only_what_we_made_of_what_is_gone_is_deleted(first: list[int], steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live_through(first, steps, Path(folder)))
