"""What may happen at our side in a scenario: time, scans, edits of the config, a person's answers.

One function a deed, found by its words (`pass: 12m`).
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from tests.scenarios.deeds_in_apps import fields
from tests.scenarios.naming import names_in
from tests.scenarios.script import BadScript
from tests.scenarios.stage import Stage

from reconciled.config import Verb
from reconciled.engine import said
from reconciled.engine.outbox import answers, by_hand, undo
from reconciled.engine.outbox.by_hand import CannotAct, Order
from reconciled.ledger import decisions
from reconciled.units import parse_duration

Deed: TypeAlias = Callable[[Stage, Any], Awaitable[None]]
DEEDS: dict[str, Deed] = {}


def deed(name: str) -> Callable[[Deed], Deed]:
    """This is what happens at these words."""

    def keep(made: Deed) -> Deed:
        DEEDS[name] = made
        return made

    return keep


def seconds(value: Any) -> float:
    """A duration such as 12m."""
    try:
        return parse_duration(value)
    except ValueError as error:
        raise BadScript(str(error)) from error


@deed("scan")
async def _scan(stage: Stage, value: Any) -> None:
    for app in [value] if isinstance(value, str) else value:
        if app not in stage.engine.places:
            raise BadScript(f"no source {app!r} runs")
        await stage.scan(app)


@deed("pass")
async def _pass(stage: Stage, value: Any) -> None:
    """`12m`, or `{time: 2d, every: 1h}` for spans in which nothing has to be watched closely."""
    if isinstance(value, dict):
        given = fields(value, "time", "every")
        await stage.pass_time(seconds(given.get("time")), every=seconds(given.get("every")))
    else:
        await stage.pass_time(seconds(value))


@deed("sleep")
async def _sleep(stage: Stage, value: Any) -> None:
    """The box is suspended: time passes, and nobody looks."""
    stage.clock.advance(seconds(value))
    await stage.turn()


@deed("restart after")
async def _restart(stage: Stage, value: Any) -> None:
    await stage.restart(after=seconds(value))


@deed("config")
async def _config(stage: Stage, value: Any) -> None:
    await stage.reload(str(value))


@deed("show the decisions")
async def _show(stage: Stage, _: Any) -> None:
    """A person reads the page; `approve: what was shown` answers exactly that."""
    stage.shown = [action for _, shown in await _open(stage) for action in shown]


@deed("approve")
async def _approve(stage: Stage, value: Any) -> None:
    for decision, waiting in await _open(stage):
        shown = [action for action in waiting if value == "all" or action in stage.shown]
        if value not in ("all", "what was shown"):
            raise BadScript(f"{value!r}: approve is `all` or `what was shown`")
        await answers.approve(stage.outbox, decision, shown, by="owner")
    await stage.turn()


@deed("reject")
async def _reject(stage: Stage, value: Any) -> None:
    if value != "all":
        raise BadScript(f"{value!r}: reject is `all`")
    for decision, _ in await _open(stage):
        await answers.reject(stage.outbox, decision, None, by="owner")
    await stage.turn()


async def _open(stage: Stage) -> list[tuple[int, list[int]]]:
    found = await stage.rows("SELECT id FROM decision WHERE closed_at IS NULL ORDER BY id")
    if not found:
        raise BadScript("no decision is open")
    return [(row["id"], await stage.ledger.read(decisions.waiting_in, row["id"])) for row in found]


@deed("ignore")
async def _ignore(stage: Stage, value: Any) -> None:
    for number in await _findings(stage, value):
        await said.ignore(stage.engine, number, by="owner")
    await stage.turn()


@deed("snooze")
async def _snooze(stage: Stage, value: Any) -> None:
    given = fields(value, "finding", "time")
    for number in await _findings(stage, given.get("finding")):
        await said.snooze(stage.engine, number, seconds(given.get("time")))


@deed("say same")
async def _say_same(stage: Stage, value: Any) -> None:
    """`[jellyfin film 1, radarr film 2]`: a person says that these are one thing, whatever their ids are."""
    await said.link(stage.engine, *_two(stage, value), same=True, by="owner")


@deed("say apart")
async def _say_apart(stage: Stage, value: Any) -> None:
    """The same two are not one thing."""
    await said.link(stage.engine, *_two(stage, value), same=False, by="owner")


def _two(stage: Stage, value: Any) -> tuple[said.Named, said.Named]:
    if not isinstance(value, list) or len(value) != 2:
        raise BadScript("two items belong here: [jellyfin film 1, radarr film 2]")
    one, other = (
        said.Named(app, stage.names.key(app, name)) for app, _, name in (v.partition(" ") for v in value)
    )
    return one, other


async def _findings(stage: Stage, value: Any) -> list[int]:
    wanted = set(names_in(value))
    found = await stage.rows("SELECT id, source, key FROM finding WHERE resolved_at IS NULL")
    ids = [row["id"] for row in found if stage.names.of_key(row["source"], row["key"]) in wanted]
    if not ids:
        raise BadScript(f"there is no open finding of {value}")
    return ids


@deed("release")
async def _release(stage: Stage, value: Any) -> None:
    found = await stage.rows(
        "SELECT hold.id FROM hold JOIN source ON source.id = source_id WHERE name = ? AND closed_at IS NULL",
        value,
    )
    if not found:
        raise BadScript(f"{value} has no open hold")
    for row in found:
        await stage.engine.release(value, row["id"])
    await stage.turn()


@deed("by hand")
async def _by_hand(stage: Stage, value: Any) -> None:
    """`{delete: film 1, in: jellyfin, also: [requests], files: yes}`; `refused` is what it must answer."""
    verbs = [verb for verb in Verb if isinstance(value, dict) and verb in value]
    given = fields(value, *Verb, "in", "also", "files", "exclude", "label", "refused")
    if len(verbs) != 1 or "in" not in given:
        raise BadScript("an order by hand says one verb with its film, and `in` which app")
    wanted = Order(
        verbs[0], given["in"], stage.names.key(given["in"], given[verbs[0]]), tuple(given.get("also", ())),
        files=given.get("files", False), exclude=given.get("exclude", False), label=given.get("label", ""),
    )  # fmt: skip
    await _ordered(by_hand.order(stage.outbox, wanted, by="owner"), given.get("refused"))
    await stage.turn()


@deed("undo")
async def _undo(stage: Stage, value: Any) -> None:
    """`{action: unmonitor radarr film 1}`, as `then: actions` calls it; `refused` is what it must answer."""
    given = fields(value, "action", "refused")
    found = await stage.rows("SELECT * FROM action")
    ids = [row["id"] for row in found if stage.said(row) == given.get("action")]
    if len(ids) != 1:
        raise BadScript(f"there are {len(ids)} actions {given.get('action')!r}")
    await _ordered(undo.undo(stage.outbox, ids[0], by="owner"), given.get("refused"))
    await stage.turn()


@deed("undo the decision")
async def _undo_decision(stage: Stage, value: Any) -> None:
    """All that was done of the last decision; `left` is how much of it cannot be undone."""
    given = fields(value, "left", "refused")
    (row,) = await stage.rows("SELECT max(id) AS id FROM decision")
    left: list[undo.Plan] = []

    async def order() -> None:
        _, found = await undo.undo_decision(stage.outbox, row["id"], by="owner")
        left.extend(found)

    await _ordered(order(), given.get("refused"))
    assert len(left) == given.get("left", 0), f"left: {left}"
    await stage.turn()


async def _ordered(order: Awaitable[Any], refused: str | None) -> None:
    answer = None
    try:
        await order
    except CannotAct as error:
        answer = str(error)
    wrong = f"refused: {refused!r} expected, found {answer!r}"
    assert (answer is None) is (refused is None), wrong
    assert (refused or "") in (answer or ""), wrong
