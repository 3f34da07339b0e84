"""Commands that start passes and follow them to their end.

On a terminal a bar moves; elsewhere each change is a plain line. Both go to stderr, since the
result is the table of the runs on stdout. Ctrl-C ends the watching, not the runs.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from reconciled.cli.client import Client, ask
from reconciled.cli.listings import RUNS
from reconciled.cli.options import as_json, with_daemon
from reconciled.cli.place import Target, find
from reconciled.cli.speed import DUPLICATES, Speed, carried, summary, things
from reconciled.cli.text import Column, Row, field, plain, say, show_json, show_table
from reconciled.cli.trouble import FAILED, INTERRUPTED, Failed, Refused

MIRROR = "mirror"
LIVE, QUIET = 1, 30
"""Seconds that one question waits for a run's end: with a bar that moves, and without."""

follow_option = click.option("--follow", "-f", is_flag=True, help="Wait for the end and show how far it is.")


@click.command("scan")
@click.argument("source", required=False)
@follow_option
@with_daemon
@as_json
def scan(target: Target, source: str | None, follow: bool, json_: bool) -> None:
    """Read everything that SOURCE holds again, or every source."""
    _start(target, "scan", source, follow=follow, json_=json_)


@click.group("passes")
def passes() -> None:
    """Passes: kinds of work that the daemon does, such as scan and verify."""


@passes.command("run")
@click.argument("pass_", metavar="PASS")
@click.option("--source", help="Only at this source; else at every source, or for every mirror.")
@click.option("--mirror", help="Only this mirror, with PASS mirror.")
@follow_option
@with_daemon
@as_json
def passes_run(target: Target, pass_: str, follow: bool, json_: bool, **only: str | None) -> None:
    """Start PASS now: scan, verify, mirror, duplicates and others."""
    _start(target, pass_, only["source"], mirror=only["mirror"], follow=follow, json_=json_)


def _start(
    target: Target,
    pass_: str,
    source: str | None,
    *,
    mirror: str | None = None,
    follow: bool,
    json_: bool,
) -> None:
    if mirror is not None and pass_ != MIRROR:
        raise click.UsageError(f"--mirror is for the pass {MIRROR}; {pass_} takes --source")

    async def work(client: Client) -> list[dict[str, Any]]:
        started = await _begin_all(client, pass_, source, mirror)
        if not follow:
            return started
        ended = await _follow(client, [run["id"] for run in started if run["id"] is not None])
        return ended + [run for run in started if run["id"] is None]

    try:
        runs = ask(find(target, os.environ), work)
    except KeyboardInterrupt:
        say("no longer watching; what was started goes on: `reconciled runs`")
        sys.exit(INTERRUPTED)
    if json_:
        show_json({"items": runs, "next": None})
    else:
        show_table(runs, _columns(pass_, follow=follow))
        for run in runs:
            for line in summary(run):
                say(line)
    if any(run.get("state") in ("failed", "cancelled") for run in runs):
        sys.exit(FAILED)


def _columns(pass_: str, *, follow: bool) -> Sequence[Column]:
    columns = RUNS if follow else RUNS[:4]
    return [
        ("mirror", field("policy")) if name == "source" and pass_ == MIRROR else (name, get)
        for name, get in columns
    ]


async def _begin_all(
    client: Client, pass_: str, source: str | None, mirror: str | None
) -> list[dict[str, Any]]:
    """Start a pass wherever it is meant; a single one that cannot be started is an error."""
    if pass_ == MIRROR:
        names = [mirror] if mirror is not None else await _mirrors(client, source)
        bodies: list[dict[str, str]] = [{"pass": pass_, "policy": name} for name in names]
        if source is not None:
            bodies = [{**body, "source": source} for body in bodies]
        alone = len(bodies) == 1
    elif pass_ == DUPLICATES and source is None:
        bodies, alone = [{"pass": pass_}], True  # one run is about all of them
    else:
        bodies = [{"pass": pass_, "source": name} for name in ([source] if source else await _names(client))]
        alone = source is not None
    if alone:
        return [await _begin(client, bodies[0])]
    return [await _try_begin(client, body) for body in bodies]


async def _mirrors(client: Client, source: str | None) -> list[str]:
    """The mirrors of the config, of that source if one is named."""
    found = await client.listing("mirrors", limit=None)
    names = [str(one.get("name")) for one in found["items"] if source in (None, one.get("source"))]
    if not names:
        of = f" of {source}" if source is not None else ""
        raise Failed(f"there is no mirror{of} in the config; a policy with `mirror:` is one")
    return names


class _Bars(Progress):
    """A bar a run, and below them a line for each that carries bytes: beside the bar there is no room."""

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bars, then the lines."""
        yield from super().get_renderables()
        for task in self.tasks:
            if task.fields["carried"]:
                said = task.fields["carried"]
                yield Text(f"  {task.description}: {said}" if len(self.tasks) > 1 else f"  {said}")


async def _names(client: Client) -> list[str]:
    """The sources of the config; a frozen one left it, so nothing runs there."""
    found = await client.listing("sources", limit=None)
    names = [str(one.get("name")) for one in found["items"] if one.get("health") != "frozen"]
    if not names:
        raise Failed("there is no source yet, so nothing to run at")
    return names


async def _try_begin(client: Client, body: Mapping[str, str]) -> dict[str, Any]:
    """Start a pass at one of many; if it cannot be started there, the others go on."""
    try:
        return await _begin(client, body)
    except Refused as refused:
        say(f"{_of(body)} could not be started: {refused.message}")
        return {"id": None, **body, "state": "failed", "error": refused.message}


async def _begin(client: Client, body: Mapping[str, str]) -> dict[str, Any]:
    """Start a pass; the same one that runs already will do."""
    try:
        run = await client.post("runs", body=body)
    except Refused as refused:
        if refused.status != 409 or "id" not in refused.body:
            raise
        say(f"{_of(body)} runs already, as run {refused.body['id']}")
        run = {"id": refused.body["id"], "state": "running"}
    return {**body, **run}


async def _follow(client: Client, runs: Sequence[int]) -> list[dict[str, Any]]:
    """Watch runs until all are over; returns them as they ended."""
    console = Console(stderr=True, markup=False, highlight=False)
    if not (console.is_terminal and sys.stdout.isatty()):
        return list(await asyncio.gather(*(_watch(client, run) for run in runs)))
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with _Bars(*columns, console=console) as progress:
        bars = [progress.add_task(f"run {run}", total=None, carried="") for run in runs]
        return list(
            await asyncio.gather(
                *(_move(client, run, progress, bar) for run, bar in zip(runs, bars, strict=True))
            )
        )


async def _ask_after(client: Client, run: int, *, wait: int) -> dict[str, Any]:
    """How a run fares; one that cannot be asked about counts as failed, and the others are watched on."""
    try:
        return await client.get("runs", run, wait=wait)
    except Refused as refused:
        return {"id": run, "state": "failed", "error": refused.message}


async def _move(client: Client, run: int, progress: Progress, bar: TaskID) -> dict[str, Any]:
    speed = Speed(time.monotonic)
    while True:
        found = await _ask_after(client, run, wait=LIVE)
        done, total = _progress(found)
        progress.update(
            bar, description=_described(found), completed=done, total=total, carried=carried(found, speed)
        )
        if found.get("state") != "running":
            whole = max(total or done, 1)
            good = found.get("state") == "complete"
            progress.update(bar, total=whole, completed=whole if good else done)
            progress.stop_task(bar)
            return found


async def _watch(client: Client, run: int) -> dict[str, Any]:
    last, speed = "", Speed(time.monotonic)
    while True:
        found = await _ask_after(client, run, wait=QUIET)
        done, total = _progress(found)
        line = f"{_named(found)}: {found.get('state')}, {done}{'' if total is None else f' of {total}'}"
        if more := carried(found, speed):
            line += f"{things(found)}, {more}"
        if line != last:
            say(line)
        last = line
        if found.get("state") != "running":
            return found


def _of(body: Mapping[str, str]) -> str:
    subject = body.get("policy") or body.get("source")
    return f"{body['pass']} of {subject}" if subject else body["pass"]


def _described(run: dict[str, Any]) -> str:
    state = run.get("state")
    return _named(run) if state in ("running", "complete") else f"{_named(run)} {plain(state)}"


def _named(run: Row) -> str:
    subject = "" if run.get("pass") == DUPLICATES else run.get("policy") or run.get("source") or ""
    return plain(f"{run.get('pass')} {subject}".strip())


def _progress(run: dict[str, Any]) -> tuple[int, int | None]:
    found = run.get("progress") or {}
    total = found.get("total")
    return int(found.get("done") or 0), None if total is None else int(total)


COMMANDS = (scan, passes)
