"""Commands that show the acting half: policies, decisions that wait for an answer, actions."""

import os
from collections.abc import Sequence
from typing import Any

import click

from reconciled.cli.client import Client, ask
from reconciled.cli.listings import show_listing
from reconciled.cli.named import DECISION, STATES
from reconciled.cli.options import as_json, limited, with_daemon
from reconciled.cli.place import Target, find
from reconciled.cli.sharing import common_lines
from reconciled.cli.text import (
    Column,
    Row,
    counts,
    field,
    say,
    show_fact,
    show_json,
    show_lines,
    show_table,
    when,
)

PAGE = 1000


def standing(policy: Row) -> str:
    """Whether a policy's next actions are done, asked, or only said."""
    mode = policy.get("mode")
    if mode == "dry-run":
        return "dry-run"
    if mode == "ask":
        return "asks"
    if not policy.get("destructive"):
        return "acts"
    return "trusted" if policy.get("trusted") else "first batch"


def whose(action: Row) -> object:
    """Who wants an action: a policy, or a person."""
    return action.get("policy") or f"by hand ({action.get('asked_by')})"


def ways(action: Row) -> str:
    """How it is done, as it follows what it does: ` with its files and keep it from coming back`."""
    said = [f"with the tag {action['label']}"] if action.get("label") else []
    said += ["with its files"] if action.get("files") else []
    said += ["and keep it from coming back"] if action.get("exclude") else []
    return "".join(f" {one}" for one in said)


def score(policy: Row) -> str:
    """How right a policy would have been in dry-run: `7 right, 0 wrong, 2 open`."""
    found = policy.get("score") or {}
    said = [f"{found.get(name, 0)} {name}" for name in ("right", "wrong", "open")]
    return ", ".join(said) if found.get("would") else ""


def mistakes(policies: Sequence[Row]) -> None:
    """What each policy would have done wrong, and what it would have done before its last edit."""
    for policy in policies:
        found, name = policy.get("score") or {}, policy.get("name")
        for one in found.get("mistakes") or []:
            say(f"{name}: to {one.get('does')} would have been wrong: {one.get('why')}")
        if before := found.get("before"):
            say(f"{name}: before the edit on {when('until')(before)}: {before.get('sentence')}")


POLICIES: Sequence[Column] = (
    ("policy", field("name")),
    ("mode", field("mode")),
    ("state", standing),
    ("decision", field("open_decision")),
    ("actions", counts("counts")),
    ("score", score),
    ("what", field("summary")),
)
DECISIONS: Sequence[Column] = (
    ("decision", field("id")),
    ("policy", field("policy")),
    ("actions", field("count")),
    ("since", when("opened")),
    ("answer", field("answer")),
    ("what", field("sentence")),
    ("likely", field("likely")),
)
ACTIONS: Sequence[Column] = (
    ("action", lambda row: f"a{row.get('id')}"),
    ("state", field("state")),
    ("policy", whose),
    ("changed", when("changed")),
    ("what", field("sentence")),
)


@click.command("policies")
@with_daemon
@as_json
def policies(target: Target, json_: bool) -> None:
    """List the policies: what each says, its mode, whether its next actions are asked, what became of others.

    The state is `dry-run` (only says), `asks` (waits for a yes each time), `first batch` (its next
    actions are asked), `trusted` (they are not), or `acts` (takes nothing away, so nothing is asked).
    The score says how right dry-run would have been; what would have been wrong follows, with why.
    """
    mistakes(
        show_listing(target, "policies", POLICIES, json_=json_, limit=None, nothing="there is no policy")
    )


@click.command("decisions")
@click.argument("id_", metavar="[ID]", required=False, type=DECISION)
@click.option("--all", "all_", is_flag=True, help="Those that are over, too.")
@click.option("--policy", help="Only decisions of this policy.")
@with_daemon
@as_json
@limited
def decisions(
    target: Target, json_: bool, limit: int, id_: int | None, all_: bool, policy: str | None
) -> None:
    """List decisions, which wait for your answer; or show one with everything that waits in it."""
    if id_ is not None:
        _show_decision(target, id_, json_=json_)
        return
    show_listing(
        target,
        "decisions",
        DECISIONS,
        json_=json_,
        limit=limit,
        nothing="there is no such decision" if all_ or policy else "nothing waits for your answer",
        open="null" if all_ else "true",
        policy=policy,
    )


@click.command("actions")
@click.option("--state", multiple=True, type=click.Choice(STATES), help="Only those; may be repeated.")
@click.option("--policy", help="Only actions of this policy.")
@click.option("--target", "app", metavar="SOURCE", help="Only actions on this app.")
@with_daemon
@as_json
@limited
def actions(target: Target, json_: bool, limit: int, **others: Any) -> None:
    """List actions, newest first: what would be done, will be, or was, and why."""
    params = {"state": ",".join(others["state"]) or None, "policy": others["policy"], "target": others["app"]}
    show_listing(
        target, "actions", ACTIONS, json_=json_, limit=limit, nothing="there is no such action", **params
    )


async def read_decision(client: Client, number: int) -> dict[str, Any]:
    """One decision with all its actions, oldest first, however many pages that takes."""
    found = page = await client.get("decisions", number, limit=PAGE)
    actions = list(found.get("actions") or [])
    while page.get("next") is not None:
        page = await client.get("decisions", number, limit=PAGE, cursor=page["next"])
        actions += page.get("actions") or []
    actions.sort(key=lambda action: int(action.get("id") or 0))
    return {**found, "actions": actions, "next": None}


def _show_decision(target: Target, number: int, *, json_: bool) -> None:
    found = ask(find(target, os.environ), lambda client: read_decision(client, number))
    if json_:
        show_json(found)
        return
    show_fact("decision", found.get("id"))
    show_fact("policy", found.get("policy"))
    show_fact("what", found.get("sentence"))
    show_fact("since", when("opened")(found))
    show_fact("closed", when("closed")(found))
    show_fact(
        "answer", " by ".join(str(one) for one in (found.get("answer"), found.get("answered_by")) if one)
    )
    show_lines(common_lines(found))
    click.echo()
    show_table(found["actions"], ACTIONS)
    if not found.get("closed"):
        say(f"`reconciled approve {number}` has them done; `reconciled reject {number}` does not")


COMMANDS = (policies, decisions, actions)
