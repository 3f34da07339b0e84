"""Finding out what became of a call whose end is not known: after a crash, a timeout, an odd answer.

Once the call must be over, the app is asked. The effect is there: done. Not there, and the same
thing still stands under the key: planned again, so that everything is asked anew before a second
call. No plain answer: asked again later.
"""

from collections.abc import Callable, Mapping

from reconciled.config import Verb
from reconciled.engine.engine import Place
from reconciled.engine.live import LiveSource
from reconciled.engine.outbox.looking import has_effect, is_same
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.sending import MOST_TRIES, WAIT, finish
from reconciled.engine.proof import prove
from reconciled.engine.verdict import Testimony
from reconciled.ledger import actions, items, tombstones
from reconciled.ledger.actions import OTHER_THING, ActionRow
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Item, Verdict


async def recover(
    ledger: Ledger,
    places: Mapping[str, Place],
    scene: Callable[[Tx], Scene],
    *,
    ended: Callable[[ActionRow, str], None],
) -> int:
    """Look at every action in `sending` whose call is over. Returns how many were settled."""
    rows = await ledger.read(lambda tx: actions.to_recover(tx, now=scene(tx).now))
    settled = 0
    for row in rows:
        place = places.get(row.target)
        if place is None or not place.live.answers or place.live.not_believable():
            await ledger.write(_wait, scene, row, "the app does not answer")
            continue
        async with place.live.asking:
            told = (await prove(place.live, ledger, [row.key]))[row.key]
        state = await ledger.write_durably(_settle, scene, row, place.live, told)
        if state is not None:
            settled += 1
            place.live.due.set()
            ended(row, state)
    return settled


def wait_for_calls(tx: Tx, *, now: float, over: Mapping[str, float]) -> None:
    """After a restart: no call is over before its time has passed, counted from now if the clock stepped."""
    for row in actions.all_live(tx, "sending"):
        timeout = over.get(row.target, 120.0)
        sent = min(row.sent if row.sent is not None else now, now)
        actions.ask_later(
            tx, row.id, until=sent + timeout, reason="the daemon stopped during the call", at=row.created_at
        )


def _wait(tx: Tx, scene: Callable[[Tx], Scene], row: ActionRow, why: str) -> None:
    now = scene(tx)
    actions.ask_later(
        tx, row.id, until=now.now + WAIT, reason=f"not known whether it reached the app: {why}", at=now.stamp
    )


def _settle(
    tx: Tx, scene: Callable[[Tx], Scene], row: ActionRow, live: LiveSource, told: Testimony
) -> str | None:
    now, known = scene(tx), items.by_id(tx, row.item_id or 0)
    current = actions.get(tx, row.id)
    if current is None or current.state != "sending":
        return None
    if told.verdict is Verdict.UNKNOWN:
        _wait(tx, scene, row, told.reason)
        return None
    if isinstance(told.answer, Item) and (known is None or not is_same(known.item, told.answer)):
        said = f"{row.key} of {row.target} is another thing now: {told.answer.title}"
        actions.end(tx, row.id, "dropped", said, at=now.stamp, code=OTHER_THING)
        return "dropped"
    there = has_effect(row, told.answer) if told.answer is not None else None
    if there:
        finish(now, row, live, "found done after the call was cut off")
        return "done"
    if there is None:
        _wait(tx, scene, row, "the app does not tell")
        return None
    if row.verb != Verb.RESTORE and told.verdict is Verdict.ABSENT:
        actions.end(
            tx, row.id, "dropped", f"{row.target} no longer has {row.key}", at=now.stamp, code="already"
        )
        return "dropped"
    tombstones.take_back(tx, row.target, row.key)
    if current.tries + 1 >= MOST_TRIES:
        actions.end(
            tx,
            row.id,
            "failed",
            f"{MOST_TRIES} calls had no effect; the last: {current.reason}",
            at=now.stamp,
        )
        return "failed"
    wait = WAIT * 2**current.tries
    actions.plan_again(tx, row.id, until=now.now + wait, reason=f"no effect; {current.reason}", at=now.stamp)
    return "planned"
