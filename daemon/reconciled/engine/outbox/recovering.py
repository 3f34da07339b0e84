"""Finding out what became of a call whose end is not known: after a crash, a timeout, an odd answer.

Once the call must be over, the app is asked. The effect is there: done. Not there, and the same
thing still stands under the key: planned again, so that everything is asked anew before a second
call. No plain answer: asked again later.
"""

from collections.abc import Callable, Mapping, Sequence

from reconciled.config import Verb
from reconciled.engine.engine import Place
from reconciled.engine.live import LiveSource
from reconciled.engine.outbox.looking import has_effect, is_same
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.outbox.sending import MOST_TRIES, WAIT, finish, take_back
from reconciled.engine.proof import prove
from reconciled.engine.verdict import Testimony
from reconciled.ledger import actions, calls, items
from reconciled.ledger.actions import COPIED, OTHER_THING, UNKNOWN, UNWANTED, ActionRow
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Item, Verdict

GIVE_UP = 86400.0
"""Seconds of asking after which nobody will ever know what became of a call."""


async def recover(
    ledger: Ledger,
    place: Place | None,
    rows: Sequence[ActionRow],
    scene: Callable[[Tx], Scene],
    *,
    ended: Callable[[ActionRow, str], None],
) -> None:
    """Settle actions of one target in `sending` whose call is over."""
    for row in rows:
        if place is None:
            await ledger.write(_wait, scene, row, f"{row.target} left the config")
            continue
        if not place.live.answers or place.live.not_believable():
            await ledger.write(_put_off, scene, row)
            continue
        async with place.live.asking:
            told = (await prove(place.live, ledger, [row.key]))[row.key]
        state = await ledger.write_durably(_settle, scene, row, place.live, told)
        if state is not None:
            place.live.due.set()
            ended(row, state)


def wait_for_calls(tx: Tx, *, now: float, over: Mapping[str, float]) -> None:
    """After a restart: no call is over before its time has passed, counted from now if the clock stepped."""
    for row in actions.all_live(tx, "sending"):
        timeout = over.get(row.target, 120.0)
        sent = min(row.sent if row.sent is not None else now, now)
        calls.ask_later(
            tx, row.id, until=sent + timeout, reason="the daemon stopped during the call", at=row.created_at
        )


def _put_off(tx: Tx, scene: Callable[[Tx], Scene], row: ActionRow) -> None:
    """The app is not to be asked now; however long that lasts, it says nothing of the call."""
    now = scene(tx)
    said = "not known whether it reached the app, which does not answer"
    calls.ask_later(tx, row.id, until=now.now + WAIT, reason=said, at=now.stamp)


def _wait(tx: Tx, scene: Callable[[Tx], Scene], row: ActionRow, why: str) -> None:
    """No plain answer: asked ever more rarely, and given up a day after the first, however old the call."""
    now = scene(tx)
    end = calls.ask_until(tx, row.id, now.now + GIVE_UP)
    waited = now.now - (end - GIVE_UP)
    said = f"not known whether it reached the app: {why}"
    if waited > GIVE_UP:
        actions.end(tx, row.id, "failed", said, at=now.stamp, code=UNKNOWN)
        return
    calls.ask_later(tx, row.id, until=now.now + max(WAIT, waited / 4), reason=said, at=now.stamp)


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
    take_back(now, row)
    if current.code == COPIED:
        said = "it had no effect, and the ledger is a copy since; order it again"
        actions.end(tx, row.id, "dropped", said, at=now.stamp, code=UNWANTED)
        return "dropped"
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
    calls.plan_again(tx, row.id, until=now.now + wait, reason=f"no effect; {current.reason}", at=now.stamp)
    return "planned"
