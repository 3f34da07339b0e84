"""Commands that start passes and follow them to their end.

On a terminal a bar moves; elsewhere each change is a plain line. Both go to stderr, since the
result is the table of the runs on stdout. Ctrl-C ends the watching, not the runs.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from reconciled.cli.client import Client, ask
from reconciled.cli.listings import RUNS
from reconciled.cli.options import as_json, with_daemon
from reconciled.cli.place import Target, find
from reconciled.cli.text import plain, say, show_json, show_table
from reconciled.cli.trouble import FAILED, INTERRUPTED, Failed, Refused

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
@click.option("--source", help="Only at this source; else at every source.")
@follow_option
@with_daemon
@as_json
def passes_run(target: Target, pass_: str, source: str | None, follow: bool, json_: bool) -> None:
    """Start PASS now."""
    _start(target, pass_, source, follow=follow, json_=json_)


def _start(target: Target, pass_: str, source: str | None, *, follow: bool, json_: bool) -> None:
    async def work(client: Client) -> list[dict[str, Any]]:
        if source is not None:
            started = [await _begin(client, pass_, source)]
        else:
            started = [await _try_begin(client, pass_, name) for name in await _names(client)]
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
        show_table(runs, RUNS if follow else RUNS[:4])
    if any(run.get("state") in ("failed", "cancelled") for run in runs):
        sys.exit(FAILED)


async def _names(client: Client) -> list[str]:
    """The sources of the config; a frozen one left it, so nothing runs there."""
    found = await client.listing("sources", limit=None)
    names = [str(one.get("name")) for one in found["items"] if one.get("health") != "frozen"]
    if not names:
        raise Failed("there is no source yet, so nothing to run at")
    return names


async def _try_begin(client: Client, pass_: str, source: str) -> dict[str, Any]:
    """Start a pass at one of many; if it cannot be started there, the others go on."""
    try:
        return await _begin(client, pass_, source)
    except Refused as refused:
        say(f"{pass_} of {source} could not be started: {refused.message}")
        return {"id": None, "pass": pass_, "source": source, "state": "failed", "error": refused.message}


async def _begin(client: Client, pass_: str, source: str) -> dict[str, Any]:
    """Start a pass; the same one that runs already will do."""
    try:
        run = await client.post("runs", body={"pass": pass_, "source": source})
    except Refused as refused:
        if refused.status != 409 or "id" not in refused.body:
            raise
        say(f"{pass_} of {source} runs already, as run {refused.body['id']}")
        run = {"id": refused.body["id"], "state": "running"}
    return {"pass": pass_, "source": source, **run}


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
    with Progress(*columns, console=console) as progress:
        bars = [progress.add_task(f"run {run}", total=None) for run in runs]
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
    while True:
        found = await _ask_after(client, run, wait=LIVE)
        done, total = _progress(found)
        progress.update(bar, description=_described(found), completed=done, total=total)
        if found.get("state") != "running":
            whole = max(total or done, 1)
            good = found.get("state") == "complete"
            progress.update(bar, total=whole, completed=whole if good else done)
            progress.stop_task(bar)
            return found


async def _watch(client: Client, run: int) -> dict[str, Any]:
    last = ""
    while True:
        found = await _ask_after(client, run, wait=QUIET)
        done, total = _progress(found)
        line = f"{_named(found)}: {found.get('state')}, {done}{'' if total is None else f' of {total}'}"
        if line != last:
            say(line)
        last = line
        if found.get("state") != "running":
            return found


def _described(run: dict[str, Any]) -> str:
    state = run.get("state")
    return _named(run) if state in ("running", "complete") else f"{_named(run)} {plain(state)}"


def _named(run: dict[str, Any]) -> str:
    return plain(f"{run.get('pass')} {run.get('source') or ''}".strip())


def _progress(run: dict[str, Any]) -> tuple[int, int | None]:
    found = run.get("progress") or {}
    total = found.get("total")
    return int(found.get("done") or 0), None if total is None else int(total)


COMMANDS = (scan, passes)
