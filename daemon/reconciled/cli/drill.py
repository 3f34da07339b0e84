"""`drill`: the faults rehearsed on a copy of this ledger, in front of these apps; nothing is changed."""

import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from reconciled.cli.options import as_json, with_config
from reconciled.cli.place import CONFIG
from reconciled.cli.text import Column, Row, field, plain, say, show_json, show_lines, show_table
from reconciled.cli.trouble import BAD_CONFIG, FAILED, Failed
from reconciled.config import Settings, blocked_plugins, load, report
from reconciled.plugins import discover
from reconciled.runtime.state import LEDGER, state_folder

if TYPE_CHECKING:
    from pathlib import Path

    from reconciled.drill import Cell, Report

CELLS: list[Column] = [
    ("source", field("source")),
    ("fault", field("fault")),
    ("moment", field("moment")),
    ("what came of it", field("came")),
    ("afterwards", field("after")),
]


@click.command("drill")
@with_config
@click.option("--source", "sources", multiple=True, help="Only at this source; may be given several times.")
@click.option("--fault", "faults", multiple=True, help="Only this fault; may be given several times.")
@click.option("--all", "every", is_flag=True, help="Every fault that is known, not only the ten usual ones.")
@click.option("--armed", is_flag=True, help="As if everything stood on `mode: act`.")
@as_json
def drill(
    config: "Path | None",
    sources: tuple[str, ...],
    faults: tuple[str, ...],
    every: bool,
    armed: bool,
    json_: bool,
) -> None:
    """Rehearse what would happen if your apps, their network or their proxy went wrong.

    Your apps are asked how things are, each question once. Then every fault is played against their
    answers, on a copy of your ledger, with a clock that runs through a day in a second. Nothing is
    changed in any app, and nothing can be: only questions are let through. The daemon may go on running.

    Exit code 1 when anything would have been called gone, or acted on, by mistake, when a call that would
    change something was stopped by nothing but the last guard, and when the drill cannot be held.
    """
    settings = _settings(config or CONFIG)
    if unknown := sorted(set(sources) - set(settings.sources)):
        known = ", ".join(settings.sources) or "none"
        raise Failed(f"no source {unknown[0]!r} is in the config; there are: {known}")
    found = asyncio.run(_held(settings, faults, sources, every=every, armed=armed))
    if json_:
        show_json(_json(found))
    else:
        _show(found)
    if found.mistakes or found.slipped:
        sys.exit(FAILED)


def _settings(path: "Path") -> Settings:
    registry = discover(blocked=blocked_plugins(path, environ=os.environ))
    loaded = load(path, registry.types, environ=os.environ, broken=registry.errors)
    if loaded.settings is None:
        show_lines(report(loaded))
        sys.exit(BAD_CONFIG)
    if not loaded.settings.sources:
        raise Failed(f"{path} names no sources, so there is nothing to rehearse")
    return loaded.settings


async def _held(
    settings: Settings, faults: tuple[str, ...], sources: tuple[str, ...], *, every: bool, armed: bool
) -> "Report":
    from reconciled.drill import NAMED, Rehearsal
    from reconciled.drill.rehearsal import ALL

    if unknown := sorted(set(faults) - set(ALL)):
        raise Failed(f"there is no fault {unknown[0]!r}; there are: {', '.join(map(str, ALL))}")
    ledger, now = state_folder(settings, os.environ) / LEDGER, datetime.now(UTC)
    async with Rehearsal(settings, ledger, now, as_if_armed=armed, said=say) as one:
        return await one.run(faults or (ALL if every else NAMED), sources)


def _show(found: "Report") -> None:
    for lost in found.real:
        said = f"{lost.source} {lost.kind} {lost.id}, {lost.title}"
        click.echo(plain(f"really gone since the daemon last looked: {said}"))
    for meant in found.would:
        click.echo(plain(f"what follows from that: {meant.sentence}"))
    show_table([asdict(cell) | {"came": cell.noticed, "after": _after(cell)} for cell in found.cells], CELLS)
    show_lines(sorted({f"held: {sentence}" for cell in found.cells for sentence in cell.holds}))
    show_lines(line for cell in found.cells for line in _mistakes(cell))
    show_lines(f"{name} was left out: {why}" for name, why in found.aside.items())
    asked = ", ".join(f"{name} {n}" for name, n in found.requests.items())
    click.echo(f"requests to your apps: {asked}")
    click.echo(f"calls that would change something: {found.stopped} stopped, {found.slipped} slipped through")
    verdict = f"{found.mistakes} MISTAKES" if found.mistakes else "nothing would have been deleted by mistake"
    click.echo(f"{len(found.cells)} rehearsed: {verdict}")


def _after(cell: "Cell") -> str:
    return f"{cell.left} still in doubt or held" if cell.left else "well"


def _mistakes(cell: "Cell") -> Iterator[str]:
    where = f"MISTAKE: {cell.fault} at {cell.source}"
    for lost in cell.lost:
        yield f"{where}: {lost.kind} {lost.id} of {lost.source} ({lost.title}) would be called gone"
    for meant in cell.meant:
        yield f"{where}: reconciled would {meant.sentence}"


def _json(found: "Report") -> Row:
    return {
        "real": [asdict(one) for one in found.real],
        "would": [asdict(one) for one in found.would],
        "cells": [
            {**asdict(cell), "mistakes": cell.mistakes, "noticed": cell.noticed} for cell in found.cells
        ],
        "requests": found.requests,
        "stopped": found.stopped,
        "slipped": found.slipped,
        "aside": found.aside,
        "mistakes": found.mistakes,
    }


COMMANDS = (drill,)
