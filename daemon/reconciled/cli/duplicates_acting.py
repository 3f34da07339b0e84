"""Commands that act on duplicates: a dry run's tag, merging, deleting. Shown in words first, and asked.

Exactly what was shown is ordered, or nothing; what becomes of it is waited for and told. What deletes many
has to be meant: above 25 the number is typed, or given with --count where nobody can be asked.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import click

from reconciled.cli.acts import carry_out, wait_option
from reconciled.cli.client import Client, ask
from reconciled.cli.consent import can_ask, consent, yes_option
from reconciled.cli.named import GROUP
from reconciled.cli.options import Command, as_json, with_daemon
from reconciled.cli.place import Address, Target, find
from reconciled.cli.text import Row, plain, say
from reconciled.cli.trouble import FAILED, Failed

AT_ONCE = 500
"""So many groups in one order."""

_groups = click.argument("groups", metavar="GROUP...", nargs=-1, required=True, type=GROUP)
_label = click.option("--label", default="", help="Which tag; else the config's `duplicates.tag`.")


def _acting(command: Command) -> Command:
    """What all of them take."""
    for option in (as_json, with_daemon, wait_option, yes_option, _groups):
        command = option(command)
    return command


@click.command("tag")
@_acting
@_label
def tag(target: Target, groups: tuple[int, ...], label: str, **how: Any) -> None:
    """Dry run: tag all papers of each GROUP but the primary, in their own app. Nothing else is done."""
    _act(target, "tag", groups, label=label, **how)


@click.command("untag")
@_acting
@_label
def untag(target: Target, groups: tuple[int, ...], label: str, **how: Any) -> None:
    """Take the dry run's tag off the papers of each GROUP again."""
    _act(target, "untag", groups, label=label, **how)


@click.command("merge")
@_acting
def merge(target: Target, groups: tuple[int, ...], **how: Any) -> None:
    """Give the primary of each GROUP the others' tags, correspondent and notes. They keep theirs."""
    _act(target, "merge", groups, **how)


@click.command("delete")
@_acting
@click.option("--merge", "merge_", is_flag=True, help="Merge them onto the primary first.")
@click.option("--count", type=click.IntRange(1), help="How many that deletes: with --yes, above 25.")
def delete(target: Target, groups: tuple[int, ...], merge_: bool, count: int | None, **how: Any) -> None:
    """Delete all papers of each GROUP but the primary.

    Each goes to the trash where its app has one, and is looked at once more right before: the primary has
    to be there, and both texts have to be what they were.
    """
    _act(target, "merge_delete" if merge_ else "delete", groups, count=count, **how)


def _act(
    target: Target,
    action: str,
    groups: Sequence[int],
    *,
    yes: bool,
    wait: float,
    json_: bool,
    label: str = "",
    count: int | None = None,
) -> None:
    """Say what it would be, ask, have exactly that done, and tell what became of it."""
    can_ask(yes=yes)
    if len(numbers := list(dict.fromkeys(groups))) > AT_ONCE:
        raise click.UsageError(f"{len(numbers)} groups at once; one order is for at most {AT_ONCE}")
    address = find(target, os.environ)
    body: dict[str, Any] = {"groups": numbers, "action": action, "label": label}
    shown = _foreseen(address, body)
    _show(shown)
    if not shown.get("acts"):
        raise Failed(str(shown.get("sentence")))
    meant = _meant(shown, yes=yes, count=count)

    async def send(client: Client) -> Sequence[Mapping[str, Any]]:
        order = {**body, "preview": False, "shown": shown["shown"], "count": meant}
        return (await client.post("duplicates", "actions", body=order)).get("actions") or []

    carry_out(lambda work: ask(address, work), send, wait=wait, json_=json_)


def _foreseen(address: Address, body: Mapping[str, Any]) -> dict[str, Any]:
    """What would be done, in words. Failed when the daemon does not say."""
    told = ask(
        address,
        lambda client: client.post("duplicates", "actions", body={**body, "preview": True}, of_an_app=True),
    )
    outlook = told.get("outlook")
    if not isinstance(outlook, dict) or not outlook.get("shown"):
        raise Failed("the daemon did not say what it would do; is its version another one?")
    return outlook


def _show(outlook: Row) -> None:
    """Group by group what would be done, and why nothing would."""
    for one in outlook.get("groups") or ():
        title = f": {one['title']}" if one.get("title") else ""
        say(plain(f"group {one.get('group')}{title}"))
        if one.get("refused"):
            say(plain(f"  nothing is done: {one['refused']}"))
        for line in one.get("lines") or ():
            say(plain(f"  {line}"))
        for line in one.get("gains") or ():
            say(plain(f"    + {line}"))
        for line in one.get("conflicts") or ():
            say(plain(f"    ! {line}"))
        if one.get("unasked"):
            say(plain(f"    ? {one['unasked']}"))


def _meant(outlook: Row, *, yes: bool, count: int | None) -> int | None:
    """A person's yes, and the number that is deleted. Ends the command without one."""
    deletes, sentence = int(outlook.get("deletes") or 0), str(outlook.get("sentence"))
    if count is not None and count != deletes:
        raise Failed(f"this deletes {deletes}, and not {count}; nothing was done")
    otherwise = "nothing was deleted" if deletes else "nothing was done"
    if not outlook.get("counted") or (yes and count is not None):
        consent(f"{sentence[:1].upper()}{sentence[1:]}?", yes=yes, otherwise=otherwise)
    elif yes:
        raise Failed(f"this deletes {deletes}; --count {deletes} beside --yes says that it is meant")
    else:
        say(plain(sentence))
        typed = click.prompt("Type the number that is deleted", default="", show_default=False, err=True)
        if typed.strip() != str(deletes):
            say(otherwise)
            raise SystemExit(FAILED)
    return deletes if outlook.get("counted") else count


ACTING = (tag, untag, merge, delete)
