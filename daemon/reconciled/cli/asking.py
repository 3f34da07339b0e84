"""Commands about one thing: lookup asks its app now, explain tells what is known, release believes a hold."""

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from reconciled.cli import story
from reconciled.cli.client import Client, ask
from reconciled.cli.options import as_json, with_daemon
from reconciled.cli.place import Target, find
from reconciled.cli.sharing import common_lines
from reconciled.cli.text import Column, field, plain, say, show_fact, show_json, show_table
from reconciled.cli.trouble import FAILED, Failed, Refused

SHOWN = 1000


@click.command("lookup")
@click.argument("source")
@click.argument("kind")
@click.argument("id_", metavar="ID")
@with_daemon
@as_json
def lookup(target: Target, source: str, kind: str, id_: str, json_: bool) -> None:
    """Ask the app of SOURCE about one item now. If it says no, the daemon proves that as always."""
    body = {"source": source, "kind": kind, "id": id_}
    found = ask(find(target, os.environ), lambda client: client.post("lookups", body=body, of_an_app=True))
    if json_:
        show_json(found)
        return
    item = found.get("item") or {}
    show_fact("verdict", found.get("verdict"))
    show_fact("reason", found.get("reason"))
    show_fact("title", item.get("title"))
    show_fact("path", item.get("path"))
    show_fact("refs", ", ".join(item.get("refs") or ()))


MATCHES: Sequence[Column] = (
    ("source", field("source")),
    ("kind", field("kind")),
    ("id", field("id")),
    ("title", field("title")),
    ("presence", lambda row: row.get("presence") or "only its tombstone is known"),
    ("also in", lambda row: ", ".join(map(str, row.get("also") or ()))),
)


@click.command("explain")
@click.argument("words", nargs=-1, required=True)
@with_daemon
@as_json
def explain(target: Target, words: tuple[str, ...], json_: bool) -> None:
    """Tell all that is known of one thing: WORDS of its title, a ref, or SOURCE KIND ID.

    Whether it is gone and why, what happens next, who deleted it, what each app said of it last, and how
    all that is known. No secret is in it, so it is fit for a bug report (--json).
    """
    found = ask(find(target, os.environ), lambda client: _known(client, words))
    if json_:
        show_json(found)
    elif found.get("thing") is not None:
        story.tell(found["thing"])
    else:
        show_table(found.get("matches") or [], MATCHES)
        say("more than one thing is like that; `reconciled explain SOURCE KIND ID` takes one of these")


async def _known(client: Client, words: tuple[str, ...]) -> dict[str, Any]:
    """The thing under a key, else what fits the words. Failed when nothing does."""
    said = " ".join(words)
    try:
        if len(words) == 3:
            with contextlib.suppress(_Unknown):
                return await _ask(client, "explain", *words)
        return await _ask(client, "explain", q=said)
    except _Unknown:
        raise Failed(
            f"nothing that is like {said!r} is known; `reconciled lookup SOURCE KIND ID` asks an app"
        ) from None


class _Unknown(Exception):
    """Nothing is known of it."""


async def _ask(client: Client, *path: str, **params: str) -> dict[str, Any]:
    try:
        return await client.get(*path, **params)
    except Refused as refused:
        if refused.status != 404:
            raise
        raise _Unknown from refused


@click.command("release")
@click.argument("hold", type=int)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@with_daemon
@as_json
def release(target: Target, hold: int, yes: bool, json_: bool) -> None:
    """Believe the losses in HOLD after all. Each is asked about afresh; what its app still has stays.

    Exactly what is shown is released, not what joins meanwhile. On a terminal it asks first.
    """
    address = find(target, os.environ)
    found = ask(address, lambda client: client.get("holds", hold, limit=SHOWN))
    if found.get("closed"):
        raise Failed(f"hold {hold} is over since {found['closed']}")
    _show_hold(found)
    if not yes and sys.stdin.isatty() and not click.confirm("Release these?", err=True):
        say("nothing was released")
        sys.exit(FAILED)
    body = {"shown": found.get("shown")}
    answer = ask(address, lambda client: client.post("holds", hold, "release", body=body))
    if json_:
        show_json(answer)
    if not answer.get("released"):
        raise Failed(f"nothing was released: hold {hold} is no longer what was shown, look at it again")
    say(f"released {answer.get('released')}; each is asked about now")


def _show_hold(hold: dict[str, Any]) -> None:
    say(f"hold {hold.get('id')} of {hold.get('source')}: {hold.get('sentence')}")
    for line in common_lines(hold):
        say(line)
    items = hold.get("items") or []
    for item in items:
        say(f"  {item.get('kind')} {item.get('id')}  {plain(item.get('title'))}")
    more = int(hold.get("count") or 0) - len(items)
    if more > 0:
        say(f"  and {more} more")


COMMANDS = (lookup, explain, release)
