"""approve and reject: a person's answer to what waits, exactly as it was shown.

What is sent are the ids of the actions that were counted and named here. What joins a decision
while somebody reads is in no answer; it is said that it waits to be shown.
"""

import os
import sys
from dataclasses import dataclass, field
from typing import Any

import click

from reconciled.cli.client import Client, ask
from reconciled.cli.consent import can_ask, consent, yes_option
from reconciled.cli.named import WAITING, Waiting
from reconciled.cli.options import as_json, with_daemon
from reconciled.cli.outbox import read_decision, ways
from reconciled.cli.place import Target, find
from reconciled.cli.sharing import common_lines
from reconciled.cli.text import Row, plain, say, show_json
from reconciled.cli.trouble import FAILED, Failed, Refused

TITLES = 20
"""How many actions are named when a yes was said beforehand; whoever is asked sees them all."""
_DONE = {"approve": "approved", "reject": "rejected"}


@dataclass(slots=True)
class _Shown:
    """A decision, and those of its actions that an answer is for."""

    decision: dict[str, Any]
    actions: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return int(self.decision["id"])

    @property
    def others(self) -> int:
        """How many more wait in it."""
        return max(0, int(self.decision.get("count") or 0) - len(self.actions))


@click.command("approve")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=WAITING)
@yes_option
@with_daemon
@as_json
def approve(target: Target, ids: tuple[Waiting, ...], yes: bool, json_: bool) -> None:
    """Have what waits done: all of a decision (3 or d3), or single actions (a17).

    Shows what it is and asks first. Exactly what is shown is approved, not what joins meanwhile; each
    action is looked at once more before it is sent.
    """
    _answer(target, "approve", ids, yes=yes, json_=json_)


@click.command("reject")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=WAITING)
@yes_option
@with_daemon
@as_json
def reject(target: Target, ids: tuple[Waiting, ...], yes: bool, json_: bool) -> None:
    """Have what waits not done: all of a decision (3 or d3), or single actions (a17).

    Shows what it is and asks first. The policy's next actions are asked again.
    """
    _answer(target, "reject", ids, yes=yes, json_=json_)


def _answer(target: Target, answer: str, ids: tuple[Waiting, ...], *, yes: bool, json_: bool) -> None:
    can_ask(yes=yes)
    address = find(target, os.environ)
    shown = ask(address, lambda client: _read(client, ids))
    for one in shown:
        _show(one, most=TITLES if yes else len(one.actions))
    count = sum(len(one.actions) for one in shown)
    these = "this action" if count == 1 else f"these {count} actions"
    consent(f"{answer.capitalize()} {these}?", yes=yes, otherwise=f"nothing was {_DONE[answer]}")
    told = ask(address, lambda client: _tell(client, answer, shown))
    if json_:
        show_json({"items": told, "next": None})
    if len(told) < len(shown):
        sys.exit(FAILED)


async def _read(client: Client, ids: tuple[Waiting, ...]) -> list[_Shown]:
    """What is asked about, each decision once."""
    shown: dict[int, _Shown] = {}
    for one in dict.fromkeys(ids):
        wanted: set[int] | None = None
        number = one.number
        if one.action:
            wanted, number = {one.number}, await _decision_of(client, one.number)
        if number not in shown:
            shown[number] = _Shown(await _open(client, number))
        mine = shown[number]
        waiting = set(mine.decision.get("shown") or ())
        mine.actions |= {
            action["id"]: action
            for action in mine.decision["actions"]
            if action["id"] in (waiting if wanted is None else wanted) and action.get("state") == "waiting"
        }
    if any(not one.actions for one in shown.values()):
        raise Failed("what waited changed meanwhile; look again: `reconciled decisions`")
    return list(shown.values())


async def _open(client: Client, number: int) -> dict[str, Any]:
    found = await read_decision(client, number)
    if found.get("closed"):
        who = f" by {found['answered_by']}" if found.get("answered_by") else ""
        raise Failed(f"decision {number} is over since {found['closed']}: {found.get('answer')}{who}")
    return found


async def _decision_of(client: Client, action: int) -> int:
    found = await client.get("actions", action)
    if found.get("state") != "waiting" or found.get("decision") is None:
        raise Failed(f"action a{action} waits for no answer: {found.get('sentence')}")
    return int(found["decision"])


async def _tell(client: Client, answer: str, shown: list[_Shown]) -> list[dict[str, Any]]:
    """Send the answers; one that is refused is said, and stops no other."""
    told = []
    for one in shown:
        try:
            body = {"actions": sorted(one.actions)}
            said = await client.post("decisions", one.number, answer, body=body)
        except Refused as refused:
            say(f"decision {one.number}: {refused.message}")
            continue
        say(_outcome(one, answer, said))
        told.append({"decision": one.number, **said})
    return told


def _outcome(one: _Shown, answer: str, said: Row) -> str:
    left = int(said.get("left") or 0)
    known = min(left, one.others)
    parts = [f"{said.get(_DONE[answer])} {_DONE[answer]}"]
    if left > known:
        parts.append(f"{left - known} joined meanwhile and {_wait(left - known)} to be shown")
    if known:
        parts.append(f"{known} of decision {one.number} still {_wait(known)}")
    return "; ".join(parts)


def _wait(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _show(one: _Shown, *, most: int) -> None:
    decision, count = one.decision, len(one.actions)
    say(f"decision {one.number} of {decision.get('policy')}: {decision.get('sentence')}")
    for line in common_lines(decision):
        say(line)
    said = "1 action:" if count == 1 else f"{count} actions:"
    say(said if not one.others else f"{said[:-1]} of {decision.get('count')}:")
    for action in list(one.actions.values())[:most]:
        say(plain(f"  a{action.get('id')}  {_line(action)}"))
    if count > most:
        say(f"  and {count - most} more")


def _line(action: Row) -> str:
    """`delete movie 812 in radarr with its files  The Matrix`: what it does, and to what."""
    what = f"{action.get('verb')} {action.get('kind')} {action.get('key')} in {action.get('target')}"
    return f"{what}{ways(action)}  {action.get('title')}"


COMMANDS = (approve, reject)
