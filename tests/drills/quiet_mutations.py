"""The engine with one of its guards taken out, for tests that must notice it.

Each mutation is a function that patches: `everywhere` replaces a function in every module of the
engine that imported it.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reconciled.config import Mode
from reconciled.engine import (
    holds,
    identity,
    live,
    losing,
    proof,
    suspicion,
    verdict,
    watched,
    worker,
)
from reconciled.engine.outbox import (
    agreement,
    belonging,
    gate,
    looking,
    policy,
    recovering,
    rounds,
    scene,
    thing,
    weighing,
)
from reconciled.engine.outbox import standing as standing_module
from reconciled.engine.outbox.standing import Standing
from reconciled.engine.passes import scan
from reconciled.errors import SourceError
from reconciled.ledger import acted, actions, calls, parts, stage, suspects, work
from reconciled.model import Absent, Verdict, What

Patch = pytest.MonkeyPatch
MUTATIONS: dict[str, Callable[[Patch], None]] = {}


def mutation(name: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """Put a mutation into the table."""

    def put(made: Callable[[Patch], None]) -> Callable[[Patch], None]:
        MUTATIONS[name] = made
        return made

    return put


def everywhere(patch: Patch, original: Any, instead: Any) -> None:
    """Replace a function wherever the engine imported it by its name."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("reconciled.engine", "reconciled.ledger", "tests.daemon.engine.conftest")):
            for known, value in list(vars(module).items()):
                if value is original:
                    patch.setattr(module, known, instead)


# --- proving ----------------------------------------------------------------------------------------


@mutation("a no needs no yes")
def _(patch: Patch) -> None:
    def testify(key: Any, answer: Any, **_: Any) -> Any:
        if isinstance(answer, Absent):
            return verdict.Testimony(key, Verdict.ABSENT, answer.said, answer, vouched=True)
        return replace(verdict.testify(key, answer, **_), vouched=True, no_yes=False)

    patch.setattr(proof, "testify", testify)


@mutation("any answer is a yes")
def _(patch: Patch) -> None:
    everywhere(patch, identity.vouches, lambda *_: True)


@mutation("what came after the suspicion vouches too")
def _(patch: Patch) -> None:
    known = proof.controls_for

    async def controls(*args: Any, besides: Any, before: Any) -> Any:
        del before
        return await known(*args, besides=besides, before=None)

    patch.setattr(proof, "controls_for", controls)


@mutation("trouble is a no")
def _(patch: Patch) -> None:
    async def ask(source: Any, key: Any, trouble: Any) -> Any:
        try:
            return await source.lookup(key)
        except SourceError:
            return Absent("it did not answer")

    async def together(source: Any, many: Any, keys: Any, controls: Any) -> Any:
        try:
            answers = await source.lookup_many(many, [*keys, *(control.key for control in controls)])
        except SourceError:
            answers = {key: Absent("it did not answer") for key in keys}
        return {
            key: verdict.testify(
                key, answers.get(key), yes=True, seconds=0.0, control=next(iter(controls), None), trouble={}
            )
            for key in keys
        }

    patch.setattr(proof, "_ask", ask)
    patch.setattr(proof, "_together", together)


@mutation("settle is ignored")
def _(patch: Patch) -> None:
    order, once = work.order, work.ask_once
    patch.setattr(work, "order", lambda *args, **more: order(*args, **(more | {"settle": 0.0})))
    patch.setattr(work, "ask_once", lambda *args, **more: once(*args, **(more | {"settle": 0.0})))


@mutation("an odd app is believed")
def _(patch: Patch) -> None:
    patch.setattr(live.LiveSource, "not_believable", lambda _: None)

    async def never(*_: Any) -> None:
        return None

    patch.setattr(worker.Worker, "_must_wait", never)


@mutation("an answer counts however old it is")
def _(patch: Patch) -> None:
    patch.setattr(work, "unchanged", lambda *_: True)


@mutation("an older answer ends a newer suspicion")
def _(patch: Patch) -> None:
    async def prove(self: Any, keys: Any) -> Any:
        _, before = await self._ledger.read(worker._when_asked, self._live.id, keys)
        told = await proof.prove(self._live, self._ledger, keys, before=before)
        return {key: replace(one, asked=2**60) for key, one in told.items()}

    patch.setattr(worker.Worker, "_prove", prove)


# --- listings ---------------------------------------------------------------------------------------


@mutation("a listing is believed")
def _(patch: Patch) -> None:
    def doubt(self: Any, desk: Any, row: Any, said: str) -> None:
        suspicion.suspect(desk, row, What.ENTRY, noticed_by="scan", run_id=self.run, why=said)
        known = suspects.get(desk.tx, row.id)
        if known is not None:
            losing.lose(desk, row, known, What.ENTRY, said)

    patch.setattr(scan.Scan, "_doubt", doubt)


@mutation("a listing without its end is believed")
def _(patch: Patch) -> None:
    async def pages(self: Any, kinds: Any) -> Any:
        walk = self.source.snapshot(kinds)
        while (page := await self.ask("scan", lambda: anext(walk, None))) is not None:
            yield page

    patch.setattr(live.LiveSource, "pages", pages)


@mutation("another world is no matter")
def _(patch: Patch) -> None:
    patch.setattr(scan, "another_world", lambda *_, **__: None)


@mutation("replaced is not noticed")
def _(patch: Patch) -> None:
    patch.setattr(scan, "replace_one", lambda *_: [])
    patch.setattr(losing, "replaced_by_event", lambda *_: False)


@mutation("a reused key ends the old item")
def _(patch: Patch) -> None:
    patch.setattr(stage, "holds_refs", lambda *_: set())

    async def none(*_: Any) -> list[Any]:
        return []

    patch.setattr(worker, "find_between_yeses", none)


@mutation("whatever stands under a key is the same")
def _(patch: Patch) -> None:
    everywhere(patch, identity.is_another_thing, lambda *_: False)


@mutation("everything is the same")
def _(patch: Patch) -> None:
    everywhere(patch, identity.compare, lambda *_: identity.Sameness.SAME)


# --- holds ------------------------------------------------------------------------------------------


@mutation("nothing is held")
def _(patch: Patch) -> None:
    patch.setattr(holds, "judge", lambda _: None)
    patch.setattr(holds, "judge_world", lambda _: None)


@mutation("no count is too many")
def _(patch: Patch) -> None:
    patch.setattr(holds, "MANY", 10**9)
    patch.setattr(holds, "NEWEST", 10**9)


@mutation("any root will do")
def _(patch: Patch) -> None:
    everywhere(patch, holds.root_trouble, lambda *_, **__: None)


@mutation("any account will do")
def _(patch: Patch) -> None:
    patch.setattr(suspicion, "_account_trouble", lambda _: None)


@mutation("a held suspect ends")
def _(patch: Patch) -> None:
    patch.setattr(suspects, "join", lambda *_, **__: 0)


@mutation("the newest are like others")
def _(patch: Patch) -> None:
    patch.setattr(holds, "NEWEST", 10**9)


@mutation("parts end by themselves")
def _(patch: Patch) -> None:
    patch.setattr(parts, "doubt_above", lambda *_: None)
    patch.setattr(parts, "asked_first", lambda *_: False)
    patch.setattr(parts, "waits", lambda *_: False)


@mutation("parts share every end")
def _(patch: Patch) -> None:
    patch.setattr(losing, "_last_seen", lambda *_: 0)
    known = losing.end_parts

    def all_of_them(desk: Any, parent: Any, what: Any, tombstone: int, *, until: int) -> None:
        known(desk, parent, what, tombstone, until=2**60)

    patch.setattr(losing, "end_parts", all_of_them)


# --- acting -----------------------------------------------------------------------------------------


@mutation("everybody agrees")
def _(patch: Patch) -> None:
    known = agreement.agreement

    def agreed(*args: Any, **more: Any) -> Any:
        return replace(known(*args, **more), against=(), scans=frozenset())

    patch.setattr(weighing, "agreement", agreed)


@mutation("nobody is asked once more")
def _(patch: Patch) -> None:
    patch.setattr(looking, "_others", lambda *_: None)


@mutation("everybody agrees, and nobody is asked once more")
def _(patch: Patch) -> None:
    MUTATIONS["everybody agrees"](patch)
    MUTATIONS["nobody is asked once more"](patch)


@mutation("no grace")
def _(patch: Patch) -> None:
    patch.setattr(losing, "watched_so_far", lambda _: -1e12)


@mutation("an outage counts as watched")
def _(patch: Patch) -> None:
    patch.setattr(watched, "MOST", 1e12)


@mutation("any target will do")
def _(patch: Patch) -> None:
    patch.setattr(looking, "_target", lambda *_: None)
    patch.setattr(weighing, "against_target", lambda *_: None)


@mutation("another thing under the target's key")
def _(patch: Patch) -> None:
    patch.setattr(looking, "is_same", lambda *_: True)
    patch.setattr(looking, "_contradicted", lambda *_: None)


@mutation("what was being sent is sent again")
def _(patch: Patch) -> None:
    def settle(tx: Any, where: Any, row: Any, *_: Any) -> str:
        now = where(tx)
        calls.plan_again(tx, row.id, until=now.now, reason="again", at=now.stamp)
        return "planned"

    patch.setattr(recovering, "_settle", settle)
    patch.setattr(looking, "_target", lambda *_: None)


@mutation("nobody is asked first")
def _(patch: Patch) -> None:
    patch.setattr(
        rounds, "judge", lambda facts: gate.Way.WOULD if facts.mode is Mode.DRY_RUN else gate.Way.GO
    )


@mutation("the mode is no matter")
def _(patch: Patch) -> None:
    patch.setattr(rounds, "judge", lambda _: gate.Way.GO)


@mutation("an approval holds for ever")
def _(patch: Patch) -> None:
    everywhere(patch, gate.print_of, lambda *_: "any")


@mutation("each finding is a new want")
def _(patch: Patch) -> None:
    patch.setattr(actions, "live", lambda *_: None)
    patch.setattr(acted, "decided_since", lambda *_, **__: False)


@mutation("unless is not read")
def _(patch: Patch) -> None:
    patch.setattr(policy, "excepted", lambda *_: None)


@mutation("another copy is no matter")
def _(patch: Patch) -> None:
    patch.setattr(policy, "_last_copy", lambda *_: None)


@mutation("what we removed fires policies")
def _(patch: Patch) -> None:
    patch.setattr(scene.Scene, "_ours", lambda *_: None)


@mutation("a policy stays as it was")
def _(patch: Patch) -> None:
    patch.setattr(policy, "why_not", lambda *_: None)


@mutation("any number at once")
def _(patch: Patch) -> None:
    known = gate.judge
    patch.setattr(rounds, "judge", lambda facts: known(replace(facts, most=10**9, asked_already=False)))


@mutation("what is in doubt is gone")
def _(patch: Patch) -> None:
    known = standing_module.standing

    def standing(*args: Any, **more: Any) -> Any:
        found = known(*args, **more)
        return Standing.GONE if found in (Standing.DOUBTED, Standing.HELD) else found

    patch.setattr(thing, "standing", standing)
    patch.setattr(belonging, "standing", standing)
