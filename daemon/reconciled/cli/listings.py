"""Commands that list what the daemon knows."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from reconciled.cli.client import ask
from reconciled.cli.options import as_json, limited, with_daemon
from reconciled.cli.place import Target, find
from reconciled.cli.text import Column, Row, counts, field, say, show_fact, show_json, show_table, when
from reconciled.units import parse_duration


def _last_scan(source: Row) -> object:
    """When it ended; and how, unless it was whole."""
    state, ended = field("last_scan.state")(source), when("last_scan.finished")(source)
    return ended if state in (None, "complete") else f"{state} {ended or ''}".rstrip()


SOURCES: Sequence[Column] = (
    ("source", field("name")),
    ("app", field("app")),
    ("health", field("health")),
    ("items", counts("items")),
    ("unlisted", field("unlisted")),
    ("held", field("held")),
    ("gone", field("gone")),
    ("last scan", _last_scan),
    ("stream", field("stream")),
    ("paused by", field("paused")),
    ("detail", field("detail")),
)
RUNS: Sequence[Column] = (
    ("run", field("id")),
    ("pass", field("pass")),
    ("source", field("source")),
    ("state", field("state")),
    ("started", when("started")),
    ("stats", counts("stats")),
    ("error", field("error")),
)
ITEMS: Sequence[Column] = (
    ("source", field("source")),
    ("kind", field("kind")),
    ("id", field("id")),
    ("title", field("title")),
    ("presence", field("presence")),
    ("file", lambda row: {True: "yes", False: "no"}.get(row.get("has_file"), "")),  # type: ignore[arg-type]  # JSON: True, False or None
)


def _set_aside(finding: Row) -> object:
    """Why nothing follows from a finding, if so."""
    if finding.get("ignored_by"):
        return f"ignored by {finding['ignored_by']}"
    return f"until {when('snoozed_until')(finding)}" if finding.get("snoozed_until") else ""


FINDINGS: Sequence[Column] = (
    ("finding", field("id")),
    ("code", field("code")),
    ("what", field("what")),
    ("source", field("source")),
    ("kind", field("kind")),
    ("id", field("key")),
    ("title", field("title")),
    ("opened", when("opened")),
    ("resolved", when("resolved")),
    ("set aside", _set_aside),
)
DELETIONS: Sequence[Column] = (
    ("noticed", when("noticed")),
    ("story", field("story")),
    ("source", field("source")),
    ("kind", field("kind")),
    ("id", field("key")),
    ("title", field("title")),
    ("what", field("what")),
    ("cause", field("cause")),
    ("who", field("actor")),
    ("revived", lambda row: "yes" if row.get("revived") else ""),
)


@click.command("status")
@with_daemon
@as_json
def status(target: Target, json_: bool) -> None:
    """Show how the daemon and its sources fare."""
    found = ask(find(target, os.environ), lambda client: client.get("status"))
    if json_:
        show_json(found)
        return
    config = found.get("config") or {}
    show_fact("version", found.get("version"))
    show_fact("mode", found.get("mode"))
    show_fact("paused", f"by {found['paused']}; nothing is read or sent" if found.get("paused") else None)
    show_fact("started", when("started")(found))
    show_fact("config", config.get("path"))
    show_fact("queue", counts("queue")(found))
    show_fact("outbox", (found.get("queue") or {}).get("outbox"))
    show_fact("decisions", found.get("decisions"))
    show_fact("holds", found.get("holds"))
    click.echo()
    show_table(found.get("sources") or [], SOURCES)
    for problem in config.get("problems") or []:
        say(str(problem))
    if config.get("problems"):
        say("the config has problems; the last good one stays in force")
    for note in (*(config.get("notes") or []), *(config.get("warnings") or [])):
        say(str(note))
    for plugin in found.get("plugins") or []:
        if plugin.get("error"):
            say(f"the plugin {plugin.get('name')} {plugin['error']}")
    if found.get("holds"):
        say("something is held back and needs you: `reconciled holds` says why")
    if found.get("decisions"):
        say("something waits for your answer: `reconciled decisions` says what")
    if found.get("paused"):
        say("everything is paused: `reconciled resume` goes on")


def show_listing(
    target: Target,
    path: str,
    columns: Sequence[Column],
    /,
    *,
    json_: bool,
    limit: int | None,
    nothing: str,
    **params: object,
) -> list[dict[str, Any]]:
    """What a list of the API has, as a table or as JSON. Returns what stands in the table."""
    found: dict[str, Any] = ask(
        find(target, os.environ), lambda client: client.listing(path, limit=limit, **params)
    )
    if json_:
        show_json(found)
        return []
    show_table(found["items"], columns)
    if not found["items"]:
        say(nothing)
    if found["next"] is not None:
        say(f"there are more than these {limit}; --limit shows more")
    return list(found["items"])


@click.command("sources")
@with_daemon
@as_json
def sources(target: Target, json_: bool) -> None:
    """List the sources: health, what they hold, what is gone from them."""
    show_listing(target, "sources", SOURCES, json_=json_, limit=None, nothing="there is no source yet")


@click.command("runs")
@click.option("--pass", "pass_", help="Only runs of this pass, such as scan.")
@click.option("--source", help="Only runs at this source.")
@click.option(
    "--state",
    type=click.Choice(["running", "complete", "failed", "cancelled"]),
    help="Only runs in this state.",
)
@with_daemon
@as_json
@limited
def runs(target: Target, json_: bool, limit: int, **others: Any) -> None:
    """List what ran, newest first: scans and other passes."""
    params = {"pass": others["pass_"], "source": others["source"], "state": others["state"]}
    show_listing(target, "runs", RUNS, json_=json_, limit=limit, nothing="nothing ran yet", **params)


@click.command("items")
@click.argument("query", nargs=-1)
@click.option("--source", help="Only items of this source.")
@click.option("--kind", help="Only items of this kind, such as movie.")
@click.option(
    "--presence", type=click.Choice(["present", "unlisted", "gone", "frozen"]), help="Only items like this."
)
@with_daemon
@as_json
@limited
def items(target: Target, json_: bool, limit: int, **others: Any) -> None:
    """List items whose title or id has QUERY in it, of every source."""
    params = {"q": " ".join(others.pop("query")) or None, **others}
    show_listing(target, "items", ITEMS, json_=json_, limit=limit, nothing="no item is like that", **params)


@click.command("findings")
@click.option("--code", help="Only findings of this code, such as gone or replaced.")
@click.option("--all", "all_", is_flag=True, help="Those that resolved, too.")
@click.option("--ignored", is_flag=True, help="Only those that somebody said to ignore.")
@with_daemon
@as_json
@limited
def findings(target: Target, json_: bool, limit: int, **others: Any) -> None:
    """List open findings, newest first."""
    params = {
        "code": others["code"],
        "open": None if others["all_"] else "true",
        "ignored": "true" if others["ignored"] else None,
    }
    shown = show_listing(
        target, "findings", FINDINGS, json_=json_, limit=limit, nothing="there is no such finding", **params
    )
    _say_remedies(shown)


def _say_remedies(found: Sequence[Row]) -> None:
    """What a person can have done about a finding, as the commands that do it."""
    for finding in found:
        if remedies := finding.get("remedies"):
            say(f"finding {finding.get('id')}: {finding.get('detail')}. To end that:")
            for remedy in remedies:
                say(f"  {remedy.get('command')}")
            say(f"  reconciled ignore {finding.get('id')}  if it is meant to be there")


class _Since(click.ParamType[str]):
    """A time, or how long ago it was."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            moment = _moment(value).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time; write it like 7d, 12h or 2026-05-01", param, ctx)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


SINCE = _Since()


def _moment(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return datetime.now(UTC) - timedelta(seconds=parse_duration(value))


@click.command("deletions")
@click.argument("query", nargs=-1)
@click.option("--source", help="Only what this source lost.")
@click.option("--kind", help="Only items of this kind, such as movie.")
@click.option("--cause", help="Only what this app (or dashboard, or external) did.")
@click.option("--since", type=SINCE, help="Only what was noticed since then: 7d, 12h, 2026-05-01.")
@with_daemon
@as_json
@limited
def deletions(target: Target, json_: bool, limit: int, **others: Any) -> None:
    """List what is gone, newest first, with who did it; those with QUERY in the title or id."""
    params = {"q": " ".join(others.pop("query")) or None, **others}
    show_listing(
        target,
        "tombstones",
        DELETIONS,
        json_=json_,
        limit=limit,
        nothing="no such deletion is known",
        **params,
    )


COMMANDS = (status, sources, runs, items, findings, deletions)
