"""API: runs of passes, and asking an app about one item now."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from reconciled.config import Mirror
from reconciled.engine.engine import Engine
from reconciled.ledger import views_status
from reconciled.ledger.views import Listing
from reconciled.ledger.views_status import Progress, RunView
from reconciled.model import Item, Key
from reconciled.web.calls import Asked, Nothing, Paged
from reconciled.web.house import House
from reconciled.web.problems import Problem, no_such

LONGEST_WAIT = 60.0
MIRROR = "mirror"
DUPLICATES = "duplicates"


class RunsQuery(Paged, frozen=True, kw_only=True, rename={"pass_": "pass"}):
    """Which runs."""

    pass_: str | None = None
    source: str | None = None
    policy: Annotated[str | None, Meta(description="a mirror")] = None
    state: Literal["running", "complete", "failed", "cancelled"] | None = None


class WaitQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long to wait for a run's end."""

    wait: Annotated[float, Meta(ge=0, le=LONGEST_WAIT, description="seconds")] = 0.0


class NewRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"pass_": "pass"}):
    """A pass to start at a source. A `mirror` is started by its policy's name, which may be left out while
    there is only one (of that source). `duplicates` is about all sources, and needs none.
    """

    pass_: str
    source: str | None = None
    policy: str | None = None


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
    found = await asked.house.ledger.read(
        lambda tx: views_status.runs(
            tx,
            pass_=query.pass_,
            source=query.source,
            state=query.state,
            policy=query.policy,
            limit=query.limit,
            cursor=query.cursor,
        )
    )
    return Listing(items=[as_now(asked.house.engine, run) for run in found.items], next=found.next)


async def start_run(asked: Asked[Nothing, NewRun]) -> Begun:
    """Start a pass at a source, or a mirror by its policy's name."""
    body, engine = asked.body, asked.house.engine
    asked.note(f"{body.pass_} of {body.policy or body.source or 'the only one'}")
    if body.pass_ not in engine.passes:
        raise Problem(404, f"there is no pass {body.pass_!r}; there are {', '.join(engine.passes)}")
    if body.pass_ == DUPLICATES and body.source is None and body.policy is None:
        return Begun(await asked.house.duplicates.begin(asked_by="api"), "running")
    source, policy = _subject(asked.house, body)
    engine.place(source).live.health.try_now()
    return Begun(await engine.begin(body.pass_, source, asked_by="api", policy=policy), "running")


def _subject(house: House, body: NewRun) -> tuple[str, str | None]:
    """The source of a run, and its mirror. Problem 400, 404, 422."""
    if body.pass_ == MIRROR:
        mirror = the_mirror(house, body.policy, body.source)
        return mirror.source, mirror.name
    if body.policy is not None:
        raise Problem(422, f"a {body.pass_} is of a source, not of a policy; only a {MIRROR} is")
    if body.source is None:
        raise Problem(400, f"a {body.pass_} is of a source: say which in `source`")
    return body.source, None


def the_mirror(house: House, name: str | None, source: str | None = None) -> Mirror:
    """The mirror of that name, or the only one (of that source). Problem 404, 422."""
    known = house.config().settings.mirrors
    named = [one for one in known.values() if name in (None, one.name)]
    if not named:
        there_are = f"there are {', '.join(sorted(known))}" if known else "the config has none"
        raise Problem(404, f"there is no mirror {name!r}; {there_are}" if name else f"{there_are}: no mirror")
    fitting = [one for one in named if source in (None, one.source)]
    if name is not None and not fitting:
        raise Problem(422, f"{name} mirrors {named[0].source}, not {source}")
    if not fitting:
        house.engine.place(str(source))
        raise Problem(404, f"no mirror brings files of {source}; there are {', '.join(sorted(known))}")
    if len(fitting) > 1:
        names = ", ".join(sorted(one.name for one in fitting))
        raise Problem(422, f"there is more than one mirror: say which in `policy`: {names}")
    return fitting[0]


async def get_run(asked: Asked[WaitQuery, Nothing]) -> RunView:
    """One run; waits for its end if asked to."""
    run = asked.number("id", "run")
    if asked.query.wait:
        await asked.house.engine.wait(run, asked.query.wait)
    return await _run(asked, run)


async def cancel_run(asked: Asked[Nothing, Nothing]) -> RunView:
    """Stop a run; what it had read is forgotten. A mirror goes on there the next time."""
    run = asked.number("id", "run")
    found = await _run(asked, run)
    if not await asked.house.engine.cancel(run):
        raise Problem(409, f"run {run} is over: {found.state}")
    return await _run(asked, run)


async def resume_run(asked: Asked[Nothing, Nothing]) -> Begun:
    """Go on where a mirror's run was interrupted, as a new run; other passes keep no checkpoint."""
    found = await _run(asked, asked.number("id", "run"))
    if found.pass_ != MIRROR or found.policy is None:
        raise Problem(
            409, f"a {found.pass_} keeps no checkpoint, it starts again: POST /api/v1/runs", run=found.id
        )
    if found.state in ("running", "complete"):
        more = "nothing is left to resume" if found.state == "complete" else "it is under way"
        raise Problem(409, f"run {found.id} is {found.state}: {more}", run=found.id)
    mirror = the_mirror(asked.house, found.policy)
    asked.note(f"{MIRROR} of {mirror.name}")
    engine = asked.house.engine
    engine.place(mirror.source).live.health.try_now()
    return Begun(await engine.begin(MIRROR, mirror.source, asked_by="api", policy=mirror.name), "running")


def as_now(engine: Engine, run: RunView) -> RunView:
    """A run as far as it is this very moment, if it counts by itself; else as the ledger has it."""
    found = engine.progress(run.id) if run.state == "running" else None
    if found is None or (not found["done"] and found["total"] is None):
        return run
    return msgspec.structs.replace(run, progress=msgspec.convert(found, Progress))


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
    return as_now(asked.house.engine, found)
