"""act and undo: something is done by hand, and what became of it is told.

A deletion, and whatever takes other apps along, is shown item by item and asked first; then exactly
what was shown is acted on. The command waits for the outcome, since the last look, the app and the
mode still have a say; Ctrl-C ends the waiting, not the action.
"""

import asyncio
import itertools
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import click

from reconciled.cli.client import Client, ask
from reconciled.cli.consent import can_ask, consent, yes_option
from reconciled.cli.named import DONE, OVER, Waiting
from reconciled.cli.options import as_json, with_daemon
from reconciled.cli.outbox import ACTIONS, ways
from reconciled.cli.place import Target, find
from reconciled.cli.text import Row, plain, say, show_json, show_table, when
from reconciled.cli.trouble import FAILED, INTERRUPTED, Failed, Refused

VERBS = ("delete", "tag", "untag", "monitor", "unmonitor", "restore")
GOOD = ("done", "undone")
SOON, LATER = 0.1, 1.0
"""Seconds between two looks at what became of an action: at first, and later on."""
_OPTIONS = {"`files: yes`": "`--files`", "`exclude`": "`--exclude`"}

wait_option = click.option(
    "--wait",
    type=click.FloatRange(0, 3600),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Wait so long for the outcome.",
)


@click.command("act")
@click.argument("verb", type=click.Choice(VERBS))
@click.argument("source")
@click.argument("kind")
@click.argument("id_", metavar="ID")
@click.option("--also", multiple=True, metavar="SOURCE", help="And to what belongs to it there.")
@click.option("--files", is_flag=True, help="delete: with its files.")
@click.option("--exclude", is_flag=True, help="delete: and keep it from coming back.")
@click.option("--label", default="", help="tag, untag: which tag.")
@yes_option
@wait_option
@with_daemon
@as_json
def act(target: Target, yes: bool, wait: float, json_: bool, **said: Any) -> None:
    """Do VERB to one item of SOURCE now, by hand.

    Your word stands for grace, agreement and approval. The item must still be what it was taken for,
    and in the mode dry-run nothing goes out. Policies leave the apps that you told alone. A delete, and
    anything with --also, shows first all that it would act on, and asks.
    """
    body = _order(**said)
    address = find(target, os.environ)
    delete = body["verb"] == "delete"
    if delete or body["also"]:
        can_ask(yes=yes)
        if not yes:
            shown = ask(address, lambda client: _preview(client, body))
            _show(shown)
            otherwise = "nothing was deleted" if delete else "nothing was done"
            consent("Delete this?" if delete else "Do this?", yes=yes, otherwise=otherwise)
            body = {**body, "shown": [one["print"] for one in shown]}

    async def send(client: Client) -> Sequence[Mapping[str, Any]]:
        return (await _order_it(client, body)).get("actions") or []

    carry_out(lambda work: ask(address, work), send, wait=wait, json_=json_)


@click.command("undo")
@click.argument("done", metavar="ID", type=DONE)
@click.option("--preview", is_flag=True, help="Only say what it would do.")
@yes_option
@wait_option
@with_daemon
@as_json
def undo(target: Target, done: Waiting, preview: bool, yes: bool, wait: float, json_: bool) -> None:
    """Undo what was done: an action (17 or a17), or all of a decision (d3).

    Says what that would be, what does not come back with it, and until when; then asks.
    """
    if not preview:
        can_ask(yes=yes)
    address = find(target, os.environ)
    what = "actions" if done.action else "decisions"
    plan = ask(address, lambda client: client.post(what, done.number, "undo", body={"preview": True}))
    if preview and json_:
        show_json(plan)
        return
    plans = [{**plan, "action": done.number}] if done.action else list(plan.get("plans") or [])
    for one in plans:
        _foretell(one)
    if not plan.get("possible"):
        raise Failed(_why_not(done, plans))
    if preview:
        return
    consent("Do this?", yes=yes, otherwise="nothing was undone")

    async def send(client: Client) -> Sequence[Mapping[str, Any]]:
        return (await client.post(what, done.number, "undo")).get("actions") or []

    carry_out(lambda work: ask(address, work), send, wait=wait, json_=json_)


def _foretell(plan: Row) -> None:
    """What undoing one action would do, and how far; or that it stays."""
    number, sentence = plan.get("action"), plan.get("sentence")
    if not plan.get("possible"):
        if plan.get("title") is not None:
            say(plain(f"a{number} ({plan['title']}) stays: {sentence}"))
        return
    say(plain(f"undoing a{number} would {sentence}"))
    for lack in plan.get("lacks") or []:
        say(plain(f"  but {lack}"))
    if plan.get("until"):
        say(f"  until {when('until')(plan)}")


def _why_not(done: Waiting, plans: Sequence[Row]) -> str:
    if done.action:
        return str(plans[0].get("sentence"))
    return f"nothing of decision {done.number} can be undone"


def _order(*, verb: str, also: tuple[str, ...], label: str, **others: Any) -> dict[str, Any]:
    """The body of an order. UsageError for options that do not go with the verb."""
    context = click.get_current_context(silent=True)
    tags = verb in ("tag", "untag")
    if tags and not label.strip():
        raise click.UsageError(f"{verb} needs --label", context)
    if label and not tags:
        raise click.UsageError(f"--label goes with tag and untag, not with {verb}", context)
    for name in ("files", "exclude"):
        if others[name] and verb != "delete":
            raise click.UsageError(f"--{name} goes with delete, not with {verb}", context)
    return {
        "verb": verb,
        "source": others["source"],
        "kind": others["kind"],
        "id": others["id_"],
        "also": list(also),
        "files": others["files"],
        "exclude": others["exclude"],
        "label": label,
    }


async def _order_it(client: Client, body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return await client.post("actions", body=body)
    except Refused as refused:
        raise Failed(_in_options(refused.message)) from None


async def _preview(client: Client, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the order would act on, the item itself first. Failed when the daemon does not say."""
    found = (await _order_it(client, {**body, "preview": True})).get("items")
    if not isinstance(found, list) or not found or not all(one.get("print") for one in found):
        raise Failed("the daemon did not say what it would act on; is its version another one?")
    return found


def _show(items: Sequence[Row]) -> None:
    """Every item that would be acted on: the one that was named, then what belongs to it, app by app."""
    first, *others = items
    _line(f"{first.get('verb')} {_thing(first)} in {first.get('source')}{ways(first)}: ", first, path="  ")
    for source, belonging in itertools.groupby(others, lambda one: one.get("source")):
        for at, one in enumerate(belonging):
            if at == 0:
                say(plain(f"and what belongs to it in {source}{ways(one)}"))
            _line(f"  {_thing(one)}: ", one, path="    ")


def _line(what: str, item: Row, *, path: str) -> None:
    say(plain(f"{what}{item.get('title')}"))
    if item.get("path"):
        say(plain(f"{path}{item['path']}"))


def _thing(item: Row) -> str:
    return f"{item.get('kind')} {item.get('key')}"


def carry_out(
    run: Callable[[Callable[[Client], Awaitable[Any]]], Any],
    send: Callable[[Client], Awaitable[Sequence[Mapping[str, Any]]]],
    *,
    wait: float,
    json_: bool,
) -> None:
    """Order something and tell what became of it. Exit code 1 when any of it was not done."""

    async def work(client: Client) -> list[dict[str, Any]]:
        ordered = await send(client)
        return await _outcomes(client, [int(one["id"]) for one in ordered], wait)

    try:
        found = run(work)
    except KeyboardInterrupt:
        say("no longer waiting; what was ordered goes on: `reconciled actions`")
        sys.exit(INTERRUPTED)
    if json_:
        show_json({"items": found, "next": None})
    else:
        show_table(found, ACTIONS)
    open_ = [f"a{one['id']}" for one in found if one.get("state") not in OVER]
    if open_:
        say(f"not over yet: {', '.join(open_)}; `reconciled actions` shows what becomes of it")
    if any(one.get("state") in OVER and one.get("state") not in GOOD for one in found):
        sys.exit(FAILED)


async def _outcomes(client: Client, ids: Sequence[int], wait: float) -> list[dict[str, Any]]:
    """The actions as they ended, or as they stand when the time is over."""
    loop = asyncio.get_running_loop()
    end, pause = loop.time() + wait, SOON
    while True:
        found = [await client.get("actions", one) for one in ids]
        left = end - loop.time()
        if left <= 0 or all(one.get("state") in OVER for one in found):
            return found
        await asyncio.sleep(min(pause, left))
        pause = min(LATER, pause * 1.5)


def _in_options(message: str) -> str:
    """The daemon speaks of settings; here they are options."""
    for setting, option in _OPTIONS.items():
        message = message.replace(setting, option)
    return message


COMMANDS = (act, undo)
