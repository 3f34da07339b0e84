"""Commands for records, which other programs register with us: list them, take in a database, clean up."""

import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import click

from reconciled.cli.client import Client, ask
from reconciled.cli.consent import can_ask, consent, yes_option
from reconciled.cli.listings import SINCE, show_listing
from reconciled.cli.options import as_json, limited, with_daemon
from reconciled.cli.place import Address, Target, find
from reconciled.cli.text import Column, counts, field, plain, say, show_json, show_table, when
from reconciled.cli.trouble import FAILED, Failed

STATUSES = ("synced", "pending", "processing", "failed", "missing", "duplicate")
AT_ONCE = 20_000
MOST_BYTES = 16 * 2**20
"""A file is sent in parts of so many lines, or bytes, so that each is answered soon."""
SHELVES: tuple[Column, ...] = (
    ("source", field("source")),
    ("records", field("records")),
    ("by status", counts("statuses")),
)
RECORDS: tuple[Column, ...] = (
    ("id", field("id")),
    ("status", field("sync_status")),
    ("title", field("title")),
    ("about", lambda row: ", ".join(row.get("refs") or ())),
    ("in step", when("last_sync_at")),
    ("told", field("callback.state")),
)
WRONG: tuple[Column, ...] = (("line", field("line")), ("id", field("id")), ("error", field("error")))


@click.group("records")
def records() -> None:
    """Records: what other programs registered."""


@records.command("list")
@click.argument("source", required=False)
@click.option("--status", type=click.Choice(STATUSES), help="Only records that fare like this.")
@click.option("--since", type=SINCE, help="Only what changed since then: 7d, 12h, 2026-05-01.")
@with_daemon
@as_json
@limited
def list_records(target: Target, source: str | None, json_: bool, limit: int, **others: Any) -> None:
    """List the records of SOURCE; without it, the sources that take records, and how many they hold."""
    if source is None:
        show_listing(target, "records", SHELVES, json_=json_, limit=None, nothing=_NOBODY)
        return
    params = {"sync_status": others["status"], "since": others["since"]}
    found = ask(
        find(target, os.environ), lambda client: client.listing("records", source, limit=limit, **params)
    )
    if json_:
        show_json(found)
        return
    show_table(found["items"], RECORDS)
    if not found["items"]:
        say("no record is like that")
    if found["next"] is not None:
        say(f"there are more than these {limit}; --limit shows more")


_NOBODY = "no source takes records yet; one with `app: records` does"


@records.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--source", help="Whose records they are; needed where more than one source takes records.")
@click.option("--dry-run", is_flag=True, help="Only say what is new, what would change, and what is wrong.")
@with_daemon
@as_json
def import_records(target: Target, file: BinaryIO, source: str | None, dry_run: bool, json_: bool) -> None:
    """Take in the records in FILE (- is stdin): a line of JSON each, with id, title and refs.

    Each line is judged by itself: good ones are kept, wrong ones are listed. Exit code 1 if any is wrong.
    """
    address = find(target, os.environ)
    name = source or _only_source(address)
    report = _empty(name, dry_run)
    for first, part in _parts(file):
        _add(report, _send(address, name, part, dry_run), before=first)
    if json_:
        show_json(report)
    else:
        _tell(report)
    if report["wrong"]:
        sys.exit(FAILED)


@records.command("cleanup")
@click.argument("source")
@click.option(
    "--status",
    type=click.Choice([status for status in STATUSES if status != "synced"]),
    default="failed",
    show_default=True,
    help="What they have in common.",
)
@yes_option
@with_daemon
@as_json
def cleanup(target: Target, source: str, status: str, yes: bool, json_: bool) -> None:
    """Remove the records of SOURCE that failed. They are shown first; what changes meanwhile stays."""
    can_ask(yes=yes)
    address = find(target, os.environ)
    body: dict[str, Any] = {"sync_status": status}
    shown = ask(address, lambda client: client.post("records", source, "cleanup", body=body))
    if not shown["count"]:
        _tell_gone(shown, f"no record of {source} is {status}", json_)
        return
    for title in shown["titles"]:
        say(f"  {plain(title)}")
    if (more := shown["count"] - len(shown["titles"])) > 0:
        say(f"  and {more} more")
    consent(f"Remove these {shown['count']} records of {source}?", yes=yes, otherwise="nothing was removed")
    body |= {"preview": False, "shown": shown["shown"]}
    gone = ask(address, lambda client: client.post("records", source, "cleanup", body=body, of_an_app=True))
    left = shown["count"] - gone["count"]
    changed = f"; {left} changed meanwhile and stay" if left > 0 else ""
    _tell_gone(gone, f"{gone['count']} records of {source} are removed{changed}", json_)


def _tell_gone(found: dict[str, Any], said: str, json_: bool) -> None:
    if json_:
        show_json(found)
    say(said)


def _only_source(address: Address) -> str:
    """The one source that takes records. Failed when there is none, or more than one."""

    async def shelves(client: Client) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await client.listing("records", limit=None))["items"]
        return items

    names = [str(one["source"]) for one in ask(address, shelves)]
    if len(names) != 1:
        raise Failed(f"say whose records they are with --source: {', '.join(names)}" if names else _NOBODY)
    return names[0]


def _send(address: Address, source: str, part: bytes, dry_run: bool) -> dict[str, Any]:
    params = {"dry_run": "true"} if dry_run else {}
    return ask(address, lambda client: client.put_lines("records", source, lines=part, **params))


def _parts(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The file in parts, each with the number of lines before it; an empty file is one empty part."""
    before, size, part = 0, 0, list[bytes]()
    for line in lines:
        part.append(line)
        size += len(line)
        if len(part) >= AT_ONCE or size >= MOST_BYTES:
            yield before, b"".join(part)
            before, size, part = before + len(part), 0, []
    if part or not before:
        yield before, b"".join(part)


def _empty(source: str, dry_run: bool) -> dict[str, Any]:
    numbers = dict.fromkeys(("lines", "new", "changed", "same", "wrong"), 0)
    return {"source": source, "dry_run": dry_run, **numbers, "errors": []}


def _add(report: dict[str, Any], part: dict[str, Any], *, before: int) -> None:
    for name in ("lines", "new", "changed", "same", "wrong"):
        report[name] += part[name]
    report["errors"] += [{**wrong, "line": wrong["line"] + before} for wrong in part["errors"]]


def _tell(report: dict[str, Any]) -> None:
    show_table(report["errors"], WRONG)
    if (more := report["wrong"] - len(report["errors"])) > 0:
        say(f"and {more} more lines are wrong")
    would = "would be " if report["dry_run"] else ""
    say(
        f"{report['source']}: of {report['lines']} lines {report['new']} {would}new, {report['changed']} "
        f"{would}changed, {report['same']} as they were, {report['wrong']} wrong"
    )


COMMANDS = (records,)
