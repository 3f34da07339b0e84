"""Commands for mirrors: how far they are, what became of which file, and sending again what stopped."""

import os
import sys
from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

from reconciled.cli.client import Client, ask
from reconciled.cli.consent import can_ask, consent, yes_option
from reconciled.cli.options import as_json, limited, with_daemon
from reconciled.cli.place import Target, find
from reconciled.cli.text import Column, Row, counts, field, plain, say, show_fact, show_json, show_table, when
from reconciled.cli.trouble import FAILED
from reconciled.units import say_size

COMMANDLINE = ParameterSource.COMMANDLINE
STATUSES = ("pending", "processing", "synced", "duplicate", "failed", "missing", "refused", "removed")
RETRIED = ("failed", "missing", "refused")
LARGEST = 10**18
"""Ids beyond this are nobody's."""


def _rate(row: Row) -> str:
    rates = row.get("rates") or {}
    files, size = rates.get("files_per_minute"), rates.get("bytes_per_second")
    parts = [] if files is None else [f"{files:.1f} files/min"]
    return ", ".join(parts if size is None else [*parts, f"{say_size(size)}/s"])


def _size(row: Row) -> str:
    return "" if row.get("size") is None else say_size(row["size"])


def _target_key(row: Row) -> str:
    return f"{row.get('target_kind')} {row.get('target_key')}" if row.get("target_key") else ""


MIRRORS: tuple[Column, ...] = (
    ("mirror", field("name")),
    ("from", field("source")),
    ("to", lambda row: ", ".join(row.get("targets") or ())),
    ("mode", field("mode")),
    ("copies", counts("statuses")),
    ("last complete", when("last_complete.finished")),
    ("running", field("running.run")),
    ("rate", _rate),
    ("trouble", lambda row: "; ".join(row.get("trouble") or ())),
)
COPIES: tuple[Column, ...] = (
    ("copy", field("id")),
    ("status", field("status")),
    ("how", field("how")),
    ("kind", field("kind")),
    ("id", field("key")),
    ("title", field("title")),
    ("size", _size),
    ("to", field("target")),
    ("as", _target_key),
    ("tries", field("tries")),
    ("next try", when("next_try")),
    ("reason", field("reason")),
)


@click.group("mirrors", invoke_without_command=True)
@with_daemon
@as_json
@click.pass_context
def mirrors(context: click.Context, target: Target, json_: bool) -> None:
    """Mirrors: policies that bring files of a source to other places. Lists them."""
    if context.invoked_subcommand is not None:
        said = [name for name in context.params if context.get_parameter_source(name) is COMMANDLINE]
        if said:
            raise click.UsageError(f"options of {context.invoked_subcommand} stand behind it")
        return
    found = ask(find(target, os.environ), lambda client: client.listing("mirrors", limit=None))
    if json_:
        show_json(found)
        return
    show_table(found["items"], MIRRORS)
    if not found["items"]:
        say("no mirror is in the config; a policy with `mirror:` is one")


@mirrors.command("show")
@click.argument("name")
@click.option("--status", type=click.Choice(STATUSES), help="Only copies that stand like this.")
@click.option("--target", "place", help="Only copies in this target.")
@click.option("--query", "-q", help="Only copies with this in title, id or reason.")
@with_daemon
@as_json
@limited
def show(target: Target, name: str, json_: bool, limit: int, **only: Any) -> None:
    """Show the mirror NAME and its copies."""
    params = {"status": only["status"], "target": only["place"], "q": only["query"]}

    async def work(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
        mirror = await client.get("mirrors", name)
        return mirror, await client.listing("mirrors", name, "copies", limit=limit, **params)

    mirror, copies = ask(find(target, os.environ), work)
    if json_:
        show_json({"mirror": mirror, **copies})
        return
    _show_mirror(mirror)
    click.echo()
    show_table(copies["items"], COPIES)
    if not copies["items"]:
        say("no copy is like that" if any(params.values()) else "nothing was to be copied so far")
    if copies["next"] is not None:
        say(f"there are more than these {limit}; --limit shows more")


def _show_mirror(mirror: Row) -> None:
    show_fact("mirror", mirror.get("name"))
    show_fact("brings", f"{mirror.get('source')} to {', '.join(mirror.get('targets') or ())}")
    show_fact("mode", mirror.get("mode"))
    for target, statuses in (mirror.get("counts") or {}).items():
        show_fact(plain(target), ", ".join(f"{n} {status}" for status, n in statuses.items()))
    show_fact("running", f"run {mirror['running']['run']}" if mirror.get("running") else None)
    show_fact("complete", when("last_complete.finished")(mirror))
    show_fact("rate", _rate(mirror))
    show_fact("goes on after", mirror.get("resume_from"))
    for one in mirror.get("thresholds") or ():
        show_fact(one.get("measure"), f"{one.get('level') or 'good'}: {one.get('sentence')}")
    for said in mirror.get("trouble") or ():
        say(str(said))


@mirrors.command("suggest")
@click.argument("name")
@click.option("--fileset", help="Only files of this fileset (a patient).")
@click.option("--target", "place", help="Among the copies in this target; by default the mirror's first.")
@with_daemon
@as_json
def suggest(target: Target, name: str, fileset: str | None, place: str | None, json_: bool) -> None:
    """Say which files of the mirror NAME may be pages of one document. Nothing is grouped by this."""
    params = {"fileset": fileset, "target": place}
    found = ask(find(target, os.environ), lambda client: client.get("mirrors", name, "suggestions", **params))
    if json_:
        show_json(found)
        return
    for one in found["items"]:
        click.echo(plain(f"{one['fileset']}: {one['why']}"))
        for file in one["files"]:
            click.echo(plain(f"  {file['name']}  {file['target_kind']} {file['target_id']}"))
    if not found["items"]:
        say("no files look like pages of one document")
    if found["more"]:
        say("there are more than these; --fileset shows those of one fileset")


@mirrors.command("retry")
@click.argument("name")
@click.argument("ids", metavar="[ID...]", nargs=-1, type=click.IntRange(1, LARGEST))
@click.option("--status", type=click.Choice(RETRIED), help="All copies that stand like this.")
@click.option("--target", "place", help="Only those in this target, with --status.")
@yes_option
@with_daemon
@as_json
def retry(
    target: Target,
    name: str,
    ids: tuple[int, ...],
    yes: bool,
    json_: bool,
    **only: Any,
) -> None:
    """Have copies of the mirror NAME travel again: those with these IDs, or all with a status.

    Only what failed, went missing or was refused does. All with a status are shown first.
    """
    if bool(ids) == bool(only["status"]):
        raise click.UsageError("say which copies: either their ids, or --status")
    if only["place"] and ids:
        raise click.UsageError("--target goes with --status; an id names one copy already")
    if ids:
        told = _post(target, name, {"ids": list(ids)})
    else:
        told = _by_status(target, name, {"status": only["status"], "target": only["place"]}, yes=yes)
    if json_:
        show_json(told)
    left = (
        f"; {told['left']} stay as they are: under way, there, or of another mirror" if told["left"] else ""
    )
    say(f"{told['count']} {'copy travels' if told['count'] == 1 else 'copies travel'} again{left}")
    if ids and not told["count"]:
        sys.exit(FAILED)


@mirrors.command("take-back")
@click.argument("name")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.IntRange(1, LARGEST))
@with_daemon
@as_json
def take_back(target: Target, name: str, ids: tuple[int, ...], json_: bool) -> None:
    """Have the bytes of copies in conflict, of the mirror NAME, count.

    The mirror of the other direction brings them to their originals. `retry` says the contrary.
    """

    async def work(client: Client) -> list[dict[str, Any]]:
        return [await client.post("mirrors", name, "copies", number, "take-back") for number in ids]

    told = ask(find(target, os.environ), work)
    if json_:
        show_json({"items": told, "next": None})
    for copy in told:
        say(f"copy {copy['id']} counts: its bytes are brought back to {copy['source']} {copy['key']}")


def _by_status(target: Target, name: str, body: Mapping[str, Any], *, yes: bool) -> dict[str, Any]:
    """Show what it would be, ask, and have exactly that done."""
    can_ask(yes=yes)
    shown = _post(target, name, body)
    if not shown["count"]:
        return shown
    for title in shown["titles"]:
        say(f"  {plain(title)}")
    if (more := shown["count"] - len(shown["titles"])) > 0:
        say(f"  and {more} more")
    these = "this copy" if shown["count"] == 1 else f"these {shown['count']} copies"
    consent(f"Have {these} of {name} travel again?", yes=yes, otherwise="nothing was changed")
    return _post(target, name, {**body, "preview": False, "shown": shown["shown"]})


def _post(target: Target, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return ask(
        find(target, os.environ), lambda client: client.post("mirrors", name, "copies", "retry", body=body)
    )


COMMANDS = (mirrors,)
