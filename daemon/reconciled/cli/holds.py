"""The command that shows holds: losses that are not believed, why, and what they have in common."""

import os
from collections.abc import Sequence

import click

from reconciled.cli.client import ask
from reconciled.cli.listings import show_listing
from reconciled.cli.options import as_json, limited, with_daemon
from reconciled.cli.place import Target, find
from reconciled.cli.sharing import common_lines
from reconciled.cli.text import Column, field, say, show_fact, show_json, show_lines, show_table, when

HELD: Sequence[Column] = (
    ("kind", field("kind")),
    ("id", field("id")),
    ("title", field("title")),
    ("lost", field("what")),
    ("left", field("how")),
)
HOLDS: Sequence[Column] = (
    ("hold", field("id")),
    ("source", field("source")),
    ("kind", field("kind")),
    ("root", field("root")),
    ("items", field("count")),
    ("since", when("opened")),
    ("why", field("sentence")),
    ("likely", field("likely")),
)


@click.command("holds")
@click.argument("id_", metavar="[ID]", required=False, type=int)
@click.option("--over", is_flag=True, help="Those that are over, instead of those that stand.")
@with_daemon
@as_json
@limited
def holds(target: Target, json_: bool, limit: int, id_: int | None, over: bool) -> None:
    """List holds: losses that are not believed, each with the reason in a sentence and the likely cause.

    With ID: that one, with all that its losses have in common and what waits in it.
    """
    if id_ is not None:
        _show_hold(target, id_, json_=json_, limit=limit)
        return
    params = {"open": "false" if over else "true"}
    show_listing(target, "holds", HOLDS, json_=json_, limit=limit, nothing="nothing is held back", **params)


def _show_hold(target: Target, number: int, *, json_: bool, limit: int) -> None:
    found = ask(find(target, os.environ), lambda client: client.get("holds", number, limit=limit))
    if json_:
        show_json(found)
        return
    show_fact("hold", found.get("id"))
    show_fact("source", found.get("source"))
    show_fact("why", found.get("sentence"))
    show_fact("since", when("opened")(found))
    show_fact("closed", when("closed")(found))
    show_lines(common_lines(found))
    click.echo()
    show_table(found.get("items") or [], HELD)
    if found.get("next") is not None:
        say(f"there are more than these {limit}; --limit shows more")
    if not found.get("closed"):
        say(f"`reconciled release {number}` believes them after all; each is asked about once more")


COMMANDS = (holds,)
