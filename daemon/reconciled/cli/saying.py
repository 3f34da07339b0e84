"""What people say to a running daemon: ignore a finding, these two are one thing, leave a source alone."""

import os
import sys
from typing import Any

import click

from reconciled.cli.client import Client, ask
from reconciled.cli.consent import can_ask, consent, yes_option
from reconciled.cli.named import DURATION, FINDING, ITEM
from reconciled.cli.options import as_json, with_daemon
from reconciled.cli.place import Target, find
from reconciled.cli.text import counts, say, show_json, show_table, when
from reconciled.cli.trouble import FAILED, Failed
from reconciled.units import parse_duration


@click.command("ignore")
@click.argument("finding", type=FINDING)
@click.option("--undo", is_flag=True, help="It counts again.")
@with_daemon
@as_json
def ignore(target: Target, finding: int, undo: bool, json_: bool) -> None:
    """Have nothing follow from FINDING any more: no policy acts on it."""
    found = _post(target, "findings", finding, "ignore", body={"ignored": not undo})
    _tell(
        found, f"{_named(found)} {'counts again' if undo else 'is ignored; nothing follows from it'}", json_
    )


@click.command("snooze")
@click.argument("finding", type=FINDING)
@click.argument("duration", type=DURATION)
@with_daemon
@as_json
def snooze(target: Target, finding: int, duration: str, json_: bool) -> None:
    """Have nothing follow from FINDING for DURATION, such as 12h or 3d; 0s ends it."""
    found = _post(target, "findings", finding, "snooze", body={"for": duration})
    until = when("snoozed_until")(found) if parse_duration(duration) else None
    _tell(found, f"{_named(found)} {f'is put off until {until}' if until else 'counts again'}", json_)


@click.command("link")
@click.argument("a", type=ITEM)
@click.argument("b", type=ITEM)
@with_daemon
@as_json
def link(target: Target, a: dict[str, str], b: dict[str, str], json_: bool) -> None:
    """Say that items A and B are one thing, whatever their ids say. Written like radarr:movie/812."""
    _link(target, a, b, same=True, json_=json_)


@click.command("unlink")
@click.argument("a", type=ITEM)
@click.argument("b", type=ITEM)
@with_daemon
@as_json
def unlink(target: Target, a: dict[str, str], b: dict[str, str], json_: bool) -> None:
    """Say that items A and B are two things, whatever their ids say. Written like radarr:movie/812."""
    _link(target, a, b, same=False, json_=json_)


@click.command("pause")
@click.argument("source", required=False)
@with_daemon
@as_json
def pause(target: Target, source: str | None, json_: bool) -> None:
    """Leave SOURCE alone until it is resumed: nothing is read there, nothing sent. Without it, all."""
    _rest(target, source, rests=True, json_=json_)


@click.command("resume")
@click.argument("source", required=False)
@with_daemon
@as_json
def resume(target: Target, source: str | None, json_: bool) -> None:
    """Go on with SOURCE, or with everything that was paused at once."""
    _rest(target, source, rests=False, json_=json_)


@click.command("forget")
@click.argument("source")
@yes_option
@with_daemon
@as_json
def forget(target: Target, source: str, yes: bool, json_: bool) -> None:
    """Drop SOURCE, which left the config, with all its items. What it lost stays remembered."""
    can_ask(yes=yes)
    address = find(target, os.environ)
    if not yes:
        held = ask(address, lambda client: _held(client, source))
        say(f"{source} leaves the ledger, with {held}; its deletions stay")
    consent(f"Forget {source}?", yes=yes, otherwise="nothing was forgotten")
    found = ask(address, lambda client: client.post("sources", source, "forget"))
    _tell(found, f"{source} is forgotten", json_)


@click.group("notify")
def notify() -> None:
    """Channels for messages: the phone, a chat, mail."""


@notify.command("test")
@click.argument("channel", required=False)
@with_daemon
@as_json
def notify_test(target: Target, channel: str | None, json_: bool) -> None:
    """Send a test message now to CHANNEL, or to every channel. Exit code 1 if any could not be sent."""
    address = find(target, os.environ)
    body = {"channel": channel}
    found = ask(address, lambda client: client.post("notify", "test", body=body, of_an_app=True))
    tried = found.get("channels") or {}
    if not tried:
        raise Failed("no channel is configured; add one to the config, below `notify:`")
    if json_:
        show_json(found)
    else:
        rows = [{"channel": name, "outcome": said} for name, said in tried.items()]
        show_table(rows, [("channel", lambda row: row["channel"]), ("outcome", lambda row: row["outcome"])])
    if any(said != "sent" for said in tried.values()):
        sys.exit(FAILED)


def _link(target: Target, a: dict[str, str], b: dict[str, str], *, same: bool, json_: bool) -> None:
    """Have two items be one thing, or two."""
    body = {"a": a, "b": b}
    found = ask(
        find(target, os.environ),
        lambda client: client.post("links", body=body) if same else client.delete("links", body=body),
    )
    _tell(found, f"{_item(a)} and {_item(b)} are {'one thing' if same else 'two things'} from now on", json_)


def _rest(target: Target, source: str | None, *, rests: bool, json_: bool) -> None:
    """Have a source rest, or go on; without one, everything."""
    found = _post(target, "pause" if rests else "resume", body={"source": source})
    if rests:
        said = f"{source} is left alone" if source else "everything rests: nothing is read and nothing sent"
        said += f" until `reconciled resume{f' {source}' if source else ''}`"
    elif found.get("paused") is not None:
        said = f"everything is still paused, by {found['paused']}, and {source} with it: `reconciled resume`"
    else:
        said = f"{source} goes on" if source else "it goes on; sources that were paused by themselves stay so"
    _tell(found, said, json_)


async def _held(client: Client, source: str) -> object:
    """How much a frozen source holds. Failed when it is not frozen, or not there."""
    found = await client.listing("sources", limit=None)
    mine = next((one for one in found["items"] if one.get("name") == source), None)
    if mine is None:
        raise Failed(f"there is no source {source!r}; `reconciled sources` lists them")
    if mine.get("health") != "frozen":
        raise Failed(f"{source} is in the config; take it out first")
    return counts("items")(mine) or "no items"


def _post(target: Target, *path: object, body: dict[str, Any]) -> dict[str, Any]:
    return ask(find(target, os.environ), lambda client: client.post(*path, body=body))


def _tell(found: dict[str, Any], said: str, json_: bool) -> None:
    if json_:
        show_json(found)
    say(said)


def _named(finding: dict[str, Any]) -> str:
    return f"finding {finding.get('id')} ({finding.get('code')}: {finding.get('title')})"


def _item(item: dict[str, str]) -> str:
    return f"{item['source']}:{item['kind']}/{item['id']}"


COMMANDS = (ignore, snooze, link, unlink, pause, resume, forget, notify)
