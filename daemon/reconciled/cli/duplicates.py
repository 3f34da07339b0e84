"""Commands for duplicates: which papers are taken for one sheet and why, and what you say of them.

Answers are kept and nothing is done by them in any app; what acts is in `duplicates_acting`. A group is
answered as it was when the command looked, or not at all.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from reconciled.cli.client import Client, ask
from reconciled.cli.duplicates_acting import ACTING
from reconciled.cli.duplicates_words import GROUPS, MEMBERS, as_csv, facts, key, reasons, share
from reconciled.cli.named import GROUP, ITEM
from reconciled.cli.options import as_json, limited, with_daemon
from reconciled.cli.place import Target, find
from reconciled.cli.text import Row, plain, say, show_fact, show_json, show_table
from reconciled.cli.trouble import FAILED, Failed, Refused

STATES = ("open", "ignored", "resolved", "all")
LARGEST = 10**18
"""Numbers beyond this are nobody's."""


@click.group("duplicates")
def duplicates() -> None:
    """Duplicates: papers that are the same sheet, or may be. `passes run duplicates` looks for them."""


@duplicates.command("list")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True, help="Only those.")
@click.option("--band", type=click.Choice(["duplicate", "review"]), help="Only those that are, or may be.")
@click.option("--source", help="Only groups with a paper of this source.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), help="Only from this confidence on, 0 to 1.")
@click.option("--tag", help="Only groups with a paper that a dry run tagged so.")
@click.option("--query", "--q", "-q", help="Only groups with this in a title.")
@click.option("--csv", "csv_", is_flag=True, help="CSV, a line for each paper.")
@with_daemon
@as_json
@limited
def list_groups(target: Target, json_: bool, csv_: bool, limit: int, **only: Any) -> None:
    """List groups of papers that are one sheet, or may be, newest first."""
    if json_ and csv_:
        raise click.UsageError("either --json or --csv")
    state = None if only["state"] == "all" else only["state"]
    params = {
        "state": state, "band": only["band"], "source": only["source"], "tag": only["tag"],
        "min_confidence": only["min_confidence"], "q": only["query"],
    }  # fmt: skip

    async def work(client: Client) -> dict[str, Any]:
        told = await client.listing("duplicates", limit=limit, **params)
        return {**told, "items": [await _whole(client, one) for one in told["items"]]} if csv_ else told

    found = ask(find(target, os.environ), work)
    if json_:
        show_json(found)
    elif csv_:
        click.echo(as_csv(found["items"]), nl=False)
    else:
        show_table(found["items"], GROUPS)
    if not found["items"] and not json_:
        say("no group is like that; `reconciled passes run duplicates --follow` looks for some")
    if found["next"] is not None and not json_:
        say(f"there are more than these {limit}; --limit shows more")


async def _whole(client: Client, group: dict[str, Any]) -> dict[str, Any]:
    """A group with all its members, of which a list has the first; as it was listed when it is no more."""
    if int(group.get("count") or 0) <= len(group.get("members") or ()):
        return group
    try:
        return await client.get("duplicates", group["id"])
    except Refused:
        return group


@duplicates.command("show")
@click.argument("group", type=GROUP)
@with_daemon
@as_json
def show(target: Target, group: int, json_: bool) -> None:
    """Show one GROUP: its papers, which of them stays, and why each is taken for the same sheet."""
    found = ask(find(target, os.environ), lambda client: client.get("duplicates", group))
    if json_:
        show_json(found)
        return
    for name, value in facts(found):
        show_fact(name, value)
    click.echo()
    show_table(found["members"], MEMBERS)
    for one in found["members"]:
        if not one.get("primary"):
            click.echo()
            click.echo(plain(f"{one.get('title')} ({key(one)}), {share(one.get('confidence'))}"))
            for line in reasons(one):
                click.echo(plain(line))
    if found.get("state") == "open" and not found.get("over"):
        say(f"`reconciled duplicates delete {group}` or `tag` acts; `ignore`, `not` or `resolve` answers")


@duplicates.command("explain")
@click.argument("items", metavar="A B", nargs=-1, required=True)
@with_daemon
@as_json
def explain(target: Target, items: tuple[str, ...], json_: bool) -> None:
    """Say how like two papers are, and why: each factor, each difference, what was said of them.

    Each of A and B is an item's number, or paperless:document/12, or SOURCE KIND ID.
    """
    a, b = _two(items)
    found = ask(find(target, os.environ), lambda client: client.get("duplicates", "explain", a=a, b=b))
    if json_:
        show_json(found)
        return
    for name in ("a", "b"):
        one = found.get(name) or {}
        show_fact(name, f"{one.get('title')} ({key(one)}), {one.get('words')} words")
    alike = found.get("likeness") or {}
    show_fact("band", alike.get("band"))
    show_fact("confidence", share(alike.get("confidence")))
    said = found.get("judgement") or {}
    if said:
        late = "" if said.get("counts") else "; a text changed since, so it is asked again"
        show_fact("said", f"{said.get('answer')}, by {said.get('by')}{late}")
    show_fact("groups", ", ".join(map(str, found.get("groups") or ())))
    click.echo()
    for line in reasons({**found, "said": found.get("why"), "vetoed": alike.get("vetoed")}):
        click.echo(plain(line))


@duplicates.command("ignore")
@click.argument("groups", metavar="GROUP...", nargs=-1, required=True, type=GROUP)
@with_daemon
@as_json
def ignore(target: Target, groups: tuple[int, ...], json_: bool) -> None:
    """Leave each GROUP as it is; nobody is asked about it again unless a text in it changes."""
    _decide(target, groups, {"decision": "ignore"}, json_=json_)


@duplicates.command("not")
@click.argument("group", type=GROUP)
@click.argument("items", metavar="[ITEM]...", nargs=-1)
@with_daemon
@as_json
def not_(target: Target, group: int, items: tuple[str, ...], json_: bool) -> None:
    """Say that ITEMs of GROUP are not the same sheet as the others of it; without ITEMs, that none is."""
    _decide(target, [group], {"decision": "not_duplicate"}, items=items, json_=json_)


@duplicates.command("resolve")
@click.argument("groups", metavar="GROUP...", nargs=-1, required=True, type=GROUP)
@with_daemon
@as_json
def resolve(target: Target, groups: tuple[int, ...], json_: bool) -> None:
    """Say that each GROUP is settled, whatever you did about it elsewhere."""
    _decide(target, groups, {"decision": "resolve"}, json_=json_)


@duplicates.command("reopen")
@click.argument("group", type=GROUP)
@click.argument("items", metavar="[ITEM]...", nargs=-1)
@with_daemon
@as_json
def reopen(target: Target, group: int, items: tuple[str, ...], json_: bool) -> None:
    """Take the last answer to GROUP back; with ITEMs, all that was said of these."""
    _decide(target, [group], {"decision": "reopen"}, items=items, json_=json_)


@duplicates.command("primary")
@click.argument("group", type=GROUP)
@click.argument("item")
@with_daemon
@as_json
def primary(target: Target, group: int, item: str, json_: bool) -> None:
    """Have ITEM be the one of GROUP that stays, also after the next search; `policy`: as the config says."""
    if item == "policy":
        _decide(target, [group], {"primary": item}, json_=json_)
    else:
        _decide(target, [group], {}, items=(item,), primary=True, json_=json_)


def _decide(
    target: Target,
    groups: Sequence[int],
    body: dict[str, Any],
    *,
    items: Sequence[str] = (),
    primary: bool = False,
    json_: bool,
) -> None:
    """Give an answer to each of these groups as it stands, and tell what it changed."""
    wanted, numbers = [_named(one) for one in items], list(dict.fromkeys(groups))

    async def answer(client: Client, group: int) -> dict[str, Any]:
        known = await client.get("duplicates", group)
        rows = [_member(known, one) for one in wanted]
        said = {"primary": rows[0]} if primary else {"members": rows} if rows else {}
        return await client.post("duplicates", group, body={**body, **said, "shown": known.get("shown")})

    async def work(client: Client) -> list[dict[str, Any]]:
        told = []
        for group in numbers:
            try:
                told.append(await answer(client, group))
            except (Refused, Failed) as error:
                if len(numbers) == 1:
                    raise
                say(f"group {group}: {error.message}")
        return told

    told = ask(find(target, os.environ), work)
    if json_:
        show_json({"items": told, "next": None} if len(numbers) > 1 else told[0])
    for one in told:
        say(str(one.get("said")))
    if len(told) < len(numbers):
        sys.exit(FAILED)


def _two(words: Sequence[str]) -> tuple[str, str]:
    """Two items out of the words, each as the API takes it. UsageError."""
    found, rest = [], list(words)
    while rest:
        size = 1 if rest[0].isdecimal() or ":" in rest[0] else 3
        taken, rest = rest[:size], rest[size:]
        found.append(taken[0] if size == 1 else "{}:{}/{}".format(*taken) if len(taken) == size else "")
    if len(found) != 2 or not all(found):
        raise click.UsageError(
            "two papers are wanted, each as a number, as paperless:document/12 or as SOURCE KIND ID",
            click.get_current_context(silent=True),
        )
    for one in found:
        _named(one)
    return found[0], found[1]


def _named(word: str) -> int | dict[str, str]:
    """An item by its number, or by its key. UsageError."""
    if word.isdecimal() and int(word) <= LARGEST:
        return int(word)
    found: dict[str, str] = ITEM.convert(word, None, click.get_current_context(silent=True))
    return found


def _member(group: Row, wanted: int | dict[str, str]) -> int:
    """The number of a member of a group. Failed."""
    for one in group["members"]:
        if wanted == one["item"] or wanted == {name: one[name] for name in ("source", "kind", "id")}:
            return int(one["item"])
    named = wanted if isinstance(wanted, int) else key(wanted)
    raise Failed(
        f"{named} is not in group {group['id']}; `reconciled duplicates show {group['id']}` lists them"
    )


for _command in ACTING:
    duplicates.add_command(_command)

COMMANDS = (duplicates,)
