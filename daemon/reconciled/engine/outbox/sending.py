"""Doing it: the last look, a commit, the call, a commit. No transaction spans the call.

`planned → sending` is committed before the call and its end after it, so that a crash at any moment
leaves a row that says what is not known. What is not known is asked of the app later (see
`recovering`); only its own plain no to the call itself is an end.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from reconciled.config import Verb
from reconciled.engine.engine import Place
from reconciled.engine.live import LiveSource
from reconciled.engine.outbox import keeper_facts
from reconciled.engine.outbox.images import draw, image_of
from reconciled.engine.outbox.looking import Look, Objection, look, objection
from reconciled.engine.outbox.rounds import may_go
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.shown import read_told
from reconciled.engine.outbox.weighed import Outcome, Weighed
from reconciled.engine.outbox.weighing import weigh
from reconciled.engine.suspicion import Desk, suspect
from reconciled.errors import BadResponse, RateLimited, Refused, SourceError, Unauthorized, Unsupported
from reconciled.ledger import acted, actions, calls, items, tombstones, work
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.tombstones import Evidence
from reconciled.model import Item, Json, Key, Verdict, What
from reconciled.source import Captures, Deletes, Deletion, Merges, Monitors, Restores, Tags

AT_ONCE = 10
"""So many actions share one look, which is good for a minute."""
WAIT = 60.0
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends actions to one target after another. `scene` opens an evaluation inside a transaction;
    `odd` hears of each action that could not be sent for a defect of ours or its plugin's, `at` is told
    each moment at which a crash would matter."""

    ledger: Ledger
    places: Mapping[str, Place]
    scene: Callable[[Tx], Scene]
    ended: Callable[[ActionRow, str], None]
    odd: Callable[[ActionRow, Exception], Awaitable[None]]
    at: Callable[[str], None] = lambda _: None

    async def send_all(self, ids: Sequence[int]) -> None:
        """Send these actions, in order; each is looked at once more before."""
        left = list(ids)
        while left:
            chunk, left = left[:AT_ONCE], left[AT_ONCE:]
            await self._send_some(chunk)

    async def _send_some(self, ids: Sequence[int]) -> None:
        weighed = await self.ledger.read(lambda tx: _weigh_again(self.scene(tx), ids))
        seen: Look | None = None
        for at, (row, found) in enumerate(weighed):
            clock = self.places[row.target].live.clock if row.target in self.places else None
            if clock is None:
                continue
            try:
                before = await self._capture(row, self.places[row.target].live)
                if seen is None or not seen.fresh(clock.monotonic()):
                    seen = await look(self.ledger, self.places, weighed[at:], now=clock.monotonic())
                await self._send(row, found, seen, before)
            except sqlite3.Error:
                raise
            except Exception as error:  # noqa: BLE001 - one row's failure; `odd` logs it
                await self.odd(row, error)

    async def _send(self, row: ActionRow, found: Weighed, seen: Look, before: Json) -> None:
        place = self.places.get(row.target)
        if place is None:
            return
        self.at("before sending")
        sending = await self.ledger.write_durably(
            lambda tx: _commit_sending(
                self.scene(tx), row.id, found, seen, before, over=place.live.source.acts_within
            )
        )
        if not sending:
            return
        self.at("sending committed")
        await self._call(row, place.live)

    async def _capture(self, row: ActionRow, live: LiveSource) -> Json:
        """What would be needed to bring it back; its lack keeps nothing from being done."""
        source = live.source
        if row.verb == Verb.RESTORE or not isinstance(source, Captures):
            return None
        try:
            image = await live.ask("ask", lambda: source.capture(row.key))
            msgspec.json.encode(image)
        except (SourceError, msgspec.MsgspecError, TypeError, ValueError) as error:
            live.log.info("%s: no image of %s could be had: %s", live.name, row.key, error)
            return None
        return image

    async def _call(self, row: ActionRow, live: LiveSource) -> None:
        clock = live.clock
        try:
            back = await live.ask("act", lambda: call(live.source, row))
        except (Refused, Unsupported) as error:
            end = _refused(row, str(error))
        except (RateLimited, Unauthorized) as error:  # the app did not even look at it
            wait = max(WAIT, getattr(error, "retry_after", None) or 0.0)
            end = _again(row, str(error), wait=wait)
        except (SourceError, asyncio.CancelledError) as error:
            said = str(error) or "the daemon stopped meanwhile"
            self.at("called")
            unknown = asyncio.ensure_future(
                self.ledger.write_durably(
                    _not_known, row, said, until=clock.reckoned() + WAIT, scene=self.scene
                )
            )
            await asyncio.shield(unknown)
            if isinstance(error, asyncio.CancelledError):
                raise
            return
        else:
            end = _done(row, live, back)
        self.at("called")
        await asyncio.shield(asyncio.ensure_future(self.ledger.write_durably(lambda tx: end(self.scene(tx)))))
        self.at("done committed")
        live.due.set()
        after = await self.ledger.read(actions.get, row.id)
        self.ended(row, after.state if after is not None else "gone")


async def call(source: Any, row: ActionRow) -> Key | None:
    """The one call into the plugin; of a restored item the key that it has now. Unsupported: it cannot."""
    key = row.key
    match Verb(row.verb):
        case Verb.DELETE if isinstance(source, Deletes):
            await source.delete(key, Deletion(files=row.files, exclude=row.exclude))
        case (Verb.MONITOR | Verb.UNMONITOR) as verb if isinstance(source, Monitors):
            await source.monitor(key, verb is Verb.MONITOR)
        case Verb.TAG if isinstance(source, Tags):
            await source.tag(key, row.label)
        case Verb.UNTAG if isinstance(source, Tags):
            await source.untag(key, row.label)
        case Verb.MERGE if isinstance(source, Merges):
            told = read_told(row.keeper_told)
            await source.merge(key, row.merged, without=told.without if told is not None else ())
        case Verb.RESTORE if isinstance(source, Restores):
            image = image_of(row)
            return await _brought_back(source, key, image.record if image is not None else None)
        case _:
            raise Unsupported(f"{row.target} cannot {row.verb}")
    return None


async def _brought_back(source: Restores, key: Key, record: Json) -> Key:
    back: object = await source.restore(key, record)
    if not isinstance(back, Key):
        raise BadResponse(
            f"the plugin's restore({key}) gave {type(back).__name__}, not the key that it has now"
        )
    return back


def _weigh_again(scene: Scene, ids: Sequence[int]) -> list[tuple[ActionRow, Weighed]]:
    rows = [row for one in ids if (row := actions.get(scene.tx, one)) is not None and row.state == "planned"]
    weighed = [(row, weigh(scene, row)) for row in rows]
    return [(row, found) for row, found in weighed if found.outcome is Outcome.READY]


def _commit_sending(
    scene: Scene, action: int, before_look: Weighed, seen: Look, image: Json, *, over: float
) -> bool:
    """Everything once more, from the ledger as it is now and from what the apps just said."""
    tx = scene.tx
    row = actions.get(tx, action)
    if row is None or row.state != "planned":
        return False
    if row.target in scene.places and not seen.fresh(scene.places[row.target].live.clock.monotonic()):
        said = "the apps took too long to answer; what they said is no longer good"
        actions.postpone(tx, action, until=scene.now + WAIT, reason=said, code="trouble", at=scene.stamp)
        return False
    now = weigh(scene, row)
    if now.outcome is Outcome.DROP:
        actions.end(tx, action, "dropped", now.reason, at=scene.stamp, code=now.code)
        return False
    if now.outcome is Outcome.LATER or set(now.keys) - set(before_look.keys):
        reason, code = (
            (now.reason, now.code) if now.outcome is Outcome.LATER else ("its thing changed", "agreement")
        )
        actions.postpone(tx, action, until=scene.now + WAIT, reason=reason, code=code, at=scene.stamp)
        return False
    if not may_go(scene, row, now):
        actions.postpone(
            tx, action, until=scene.now, reason="it has to be asked first", code="ready", at=scene.stamp
        )
        return False
    target = items.by_id(tx, row.item_id or 0)
    against = objection(row, now, seen, target.item) if target is not None else None
    if target is None or against is not None:
        _object(scene, row, now, seen, against)
        return False
    shown = seen.targets.get((row.target, row.key))
    kept = draw(shown if isinstance(shown, Item) else target.item, image)
    calls.send(
        tx, action, now=scene.now, seq=scene.seq, at=scene.stamp, over=scene.now + over,
        before=kept if row.verb != Verb.RESTORE else None,
    )  # fmt: skip
    if row.verb == Verb.DELETE:
        _speak_for(scene, row)
    return True


def _object(scene: Scene, row: ActionRow, weighed: Weighed, seen: Look, against: Objection | None) -> None:
    if against is None:
        actions.end(
            scene.tx, row.id, "dropped", "the ledger no longer holds it", at=scene.stamp, code="unwanted"
        )
    elif against.code:
        actions.end(scene.tx, row.id, "dropped", against.reason, at=scene.stamp, code=against.code)
        work.order(  # the ledger learns what the app said
            scene.tx,
            scene.places[row.target].live.id,
            row.key,
            now=scene.now,
            why="an action found it changed",
        )
        stays = weighed.told.primary if weighed.told is not None else None
        if stays is not None and stays.source in scene.places:
            why = "a deletion found it changed that it was to stay for"
            work.order(scene.tx, scene.places[stays.source].live.id, stays.key, now=scene.now, why=why)
    else:
        for source, key in weighed.keys:  # the ledger learns what the apps showed
            told, place = seen.told.get((source, key)), scene.places.get(source)
            if told is not None and told.verdict is Verdict.PRESENT and place is not None:
                why = "an action found it there"
                work.order(scene.tx, place.live.id, key, now=scene.now, why=why)
        until = scene.now + WAIT * 5
        actions.postpone(
            scene.tx, row.id, until=until, reason=against.reason, code="agreement", at=scene.stamp
        )


def _speak_for(scene: Scene, row: ActionRow) -> None:
    """Our own act stands as evidence before anybody tells of it: the echo of our delete names us."""
    if row.policy is None:
        said, cause, actor = "deleted by hand in reconciled", "dashboard", row.asked_by
    else:
        said, cause, actor = f"deleted by reconciled, as {row.policy} says", "reconciled", row.policy
    evidence = Evidence(scene.seq, scene.stamp, "action", said, cause, actor, None)
    tombstones.add_evidence(scene.tx, row.target, row.key, evidence)


def _done(row: ActionRow, live: LiveSource, back: Key | None) -> Callable[[Scene], None]:
    def write(scene: Scene) -> None:
        moved = back is not None and back != row.key
        finish(scene, row, live, f"the app took it; it is {back} there now" if moved else "the app took it")
        if back is not None and moved:
            work.order(scene.tx, live.id, back, now=scene.now, why=f"{row.key} was brought back as this")

    return write


def finish(scene: Scene, row: ActionRow, live: LiveSource, said: str) -> None:
    """It is done: what was deleted is a suspect of our own making, to be proved like any other."""
    tx = scene.tx
    if not actions.end(tx, row.id, "done", said, at=scene.stamp):
        return
    if row.undo_of is not None:
        acted.undone(tx, row.undo_of, by=row.asked_by or "", at=scene.stamp)
    keeper_facts.settle(scene, row)
    desk = Desk.at(tx, live)
    item = items.by_id(tx, row.item_id or 0)
    if item is None:
        return
    items.note(tx, item.id, row.verb, row.label or said, seq=scene.seq, at=scene.stamp)
    if row.verb == Verb.DELETE and item.current and item.presence == "present":
        suspect(desk, item, What.ENTRY, noticed_by="event", own_act=True, settle=0.0, why="we deleted it")
    else:
        work.order(tx, live.id, row.key, now=scene.now, why=f"we did {row.verb} it")


def _refused(row: ActionRow, said: str) -> Callable[[Scene], None]:
    def write(scene: Scene) -> None:
        actions.end(scene.tx, row.id, "refused", said, at=scene.stamp)
        take_back(scene, row)

    return write


def _again(row: ActionRow, said: str, *, wait: float) -> Callable[[Scene], None]:
    def write(scene: Scene) -> None:
        calls.plan_again(scene.tx, row.id, until=scene.now + wait, reason=said, at=scene.stamp, counts=False)
        take_back(scene, row)

    return write


def take_back(scene: Scene, row: ActionRow) -> None:
    """A delete without effect speaks for no loss."""
    if row.verb == Verb.DELETE:
        tombstones.take_back(scene.tx, row.target, row.key)


def _not_known(tx: Tx, row: ActionRow, said: str, *, until: float, scene: Callable[[Tx], Scene]) -> None:
    over = (actions.get(tx, row.id) or row).next_try or until
    calls.ask_later(
        tx,
        row.id,
        until=max(until, over),
        reason=f"not known whether it reached the app: {said}",
        at=scene(tx).stamp,
    )
