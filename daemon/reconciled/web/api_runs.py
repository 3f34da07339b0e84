"""API: runs of passes, and asking an app about one item now."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from reconciled.engine.engine import PASSES
from reconciled.ledger import views_status
from reconciled.ledger.views import Listing
from reconciled.ledger.views_status import RunView
from reconciled.model import Item, Key
from reconciled.web.calls import Asked, Nothing, Paged
from reconciled.web.problems import Problem, no_such

LONGEST_WAIT = 60.0


class RunsQuery(Paged, frozen=True, kw_only=True, rename={"pass_": "pass"}):
    """Which runs."""

    pass_: str | None = None
    source: str | None = None
    state: Literal["running", "complete", "failed", "cancelled"] | None = None


class WaitQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long to wait for a run's end."""

    wait: Annotated[float, Meta(ge=0, le=LONGEST_WAIT, description="seconds")] = 0.0


class NewRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"pass_": "pass"}):
    """A pass to start at a source."""

    pass_: str
    source: str


class Begun(msgspec.Struct, frozen=True):
    """A run that was started."""

    id: int
    state: str


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item to ask about."""

    source: str
    kind: str
    id: str


class Shown(msgspec.Struct, frozen=True):
    """An item as its app shows it now."""

    kind: str
    id: str
    title: str
    has_file: bool | None
    path: str | None
    root: str | None
    refs: list[str]


class Looked(msgspec.Struct, frozen=True):
    """The verdict, why, and the item when there is one."""

    verdict: str
    reason: str
    item: Shown | None


async def list_runs(asked: Asked[RunsQuery, Nothing]) -> Listing[RunView]:
    """Runs, newest first."""
    query = asked.query
    return await asked.house.ledger.read(
        lambda tx: views_status.runs(
            tx,
            pass_=query.pass_,
            source=query.source,
            state=query.state,
            limit=query.limit,
            cursor=query.cursor,
        )
    )


async def start_run(asked: Asked[Nothing, NewRun]) -> Begun:
    """Start a pass at a source."""
    body = asked.body
    asked.note(f"{body.pass_} of {body.source}")
    if body.pass_ not in PASSES:
        raise Problem(404, f"there is no pass {body.pass_!r}; there are {', '.join(PASSES)}")
    place = asked.house.engine.place(body.source)
    place.live.health.try_now()
    return Begun(await asked.house.engine.begin(body.pass_, body.source, asked_by="api"), "running")


async def get_run(asked: Asked[WaitQuery, Nothing]) -> RunView:
    """One run; waits for its end if asked to."""
    run = asked.number("id", "run")
    if asked.query.wait:
        await asked.house.engine.wait(run, asked.query.wait)
    return await _run(asked, run)


async def cancel_run(asked: Asked[Nothing, Nothing]) -> RunView:
    """Stop a run; what it had read is forgotten."""
    run = asked.number("id", "run")
    found = await _run(asked, run)
    if not await asked.house.engine.cancel(run):
        raise Problem(409, f"run {run} is over: {found.state}")
    return await _run(asked, run)


async def resume_run(asked: Asked[Nothing, Nothing]) -> RunView:
    """Go on with a run that was interrupted; no pass of today keeps a checkpoint, so this is a conflict."""
    found = await _run(asked, asked.number("id", "run"))
    raise Problem(
        409, f"a {found.pass_} keeps no checkpoint, it starts again: POST /api/v1/runs", run=found.id
    )


async def look_up(asked: Asked[Nothing, Wanted]) -> Looked:
    """Ask an app about one item now; an absent one goes through the engine as always."""
    body = asked.body
    asked.note(f"{body.source} {body.kind} {body.id}")
    kinds = asked.house.engine.place(body.source).live.kinds
    if body.kind not in kinds:
        raise Problem(404, f"{body.source} has no kind {body.kind!r}; there are {', '.join(sorted(kinds))}")
    if not body.id:
        raise Problem(400, "the id is empty")
    told, _ = await asked.house.engine.lookup(body.source, Key(body.kind, body.id))
    item = told.answer if isinstance(told.answer, Item) else None
    return Looked(str(told.verdict), told.reason, _shown(item) if item is not None else None)


def _shown(item: Item) -> Shown:
    refs = sorted(map(str, item.refs))
    return Shown(item.key.kind, item.key.id, item.title, item.has_file, item.path, item.root, refs)


async def _run(asked: Asked[WaitQuery, Nothing] | Asked[Nothing, Nothing], run: int) -> RunView:
    found = await asked.house.ledger.read(lambda tx: views_status.run(tx, run))
    if found is None:
        raise no_such("run", run)
    return found
