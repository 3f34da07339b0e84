"""Commands about one thing: lookup asks its app now, explain tells what is known, release believes a hold."""

import asyncio
import os
import sys
from typing import Any

import click

from reconciled.cli import story
from reconciled.cli.client import Client, ask
from reconciled.cli.listings import DELETIONS, ITEMS
from reconciled.cli.options import as_json, with_daemon
from reconciled.cli.place import Target, find
from reconciled.cli.text import plain, say, show_fact, show_json, show_table
from reconciled.cli.trouble import FAILED, Failed, Refused

FEW = 20
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


@click.command("explain")
@click.argument("words", nargs=-1, required=True)
@with_daemon
@as_json
def explain(target: Target, words: tuple[str, ...], json_: bool) -> None:
    """Tell what is known of an item or a lost thing: WORDS of its title, or SOURCE KIND ID.

    Where it is and was, who deleted it and how that is known, and what happens next.
    """
    found = ask(find(target, os.environ), lambda client: _known(client, words))
    if json_:
        show_json(found)
    elif found["items"] and "next" in found["items"][0]:
        story.tell_item(found["items"][0])
    elif found["stories"]:
        story.tell_story(found["stories"][0], found["items"])
    else:
        show_table(found["items"], ITEMS)
        show_table(found["tombstones"], DELETIONS)
        say("more than one thing is like that; `reconciled explain SOURCE KIND ID` takes one of these")


async def _known(client: Client, words: tuple[str, ...]) -> dict[str, Any]:
    """`{"items", "tombstones", "stories"}`: an item in full, or one story in full, or what fits the words."""
    if len(words) == 3 and (exact := await _exact(client, *words)) is not None:
        return exact
    said = " ".join(words)
    items, lost = await asyncio.gather(
        client.listing("items", limit=FEW, q=said), client.listing("tombstones", limit=FEW, q=said)
    )
    found, stones = items["items"], lost["items"]
    if not found and not stones:
        raise Failed(
            f"nothing that is like {said!r} is known; `reconciled lookup SOURCE KIND ID` asks an app"
        )
    stories = sorted({stone["story"] for stone in stones})
    if len(stories) == 1 and all(_same_title(item, stones) for item in found):
        return {"items": found, "tombstones": stones, "stories": [await _story(client, stories[0])]}
    if len(found) == 1 and not stones:
        found = [await client.get("items", found[0]["source"], found[0]["kind"], found[0]["id"])]
    return {"items": found, "tombstones": stones, "stories": []}


async def _exact(client: Client, source: str, kind: str, id_: str) -> dict[str, Any] | None:
    """What stands, or stood, under a key; None when these words are no key."""
    try:
        item = await client.get("items", source, kind, id_)
    except Refused as refused:
        if refused.status != 404:
            raise
    else:
        return {"items": [item], "tombstones": item.get("tombstones") or [], "stories": []}
    lost = await client.listing("tombstones", limit=FEW, source=source, kind=kind, q=id_)
    stones = [stone for stone in lost["items"] if stone.get("key") == id_]
    if not stones:
        return None
    return {"items": [], "tombstones": stones, "stories": [await _story(client, stones[0]["story"])]}


async def _story(client: Client, number: int) -> dict[str, Any]:
    """A story, with the `actions` that follow from what it lost."""
    found = await client.get("stories", number)
    actions: dict[int, dict[str, Any]] = {}
    for stone in (found.get("tombstones") or [])[:FEW]:
        try:
            item = await client.get("items", stone["source"], stone["kind"], stone["key"])
        except Refused as refused:
            if refused.status != 404:  # after a while the ledger keeps only the tombstone
                raise
        else:
            actions |= {int(one["id"]): one for one in item.get("actions") or []}
    return {**found, "actions": [actions[number] for number in sorted(actions, reverse=True)]}


def _same_title(item: dict[str, Any], stones: list[dict[str, Any]]) -> bool:
    return any(item.get("title") == stone.get("title") for stone in stones)


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
    say(f"released {answer.get('released')}; each is asked about now")


def _show_hold(hold: dict[str, Any]) -> None:
    say(f"hold {hold.get('id')} of {hold.get('source')}: {hold.get('sentence')}")
    items = hold.get("items") or []
    for item in items:
        say(f"  {item.get('kind')} {item.get('id')}  {plain(item.get('title'))}")
    more = int(hold.get("count") or 0) - len(items)
    if more > 0:
        say(f"  and {more} more")


COMMANDS = (lookup, explain, release)
