"""`reconciled doctor`: what each source sees, can do and lacks, and the remedy; `webhook-test` beside it.

The running daemon looks, since it has the connections. When it is down, what the config alone tells
is said, and the exit code is that of a daemon that could not be reached. With `--fix` a person sees
what would be set up and says yes; only our own webhooks are.
"""

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import click

from reconciled.cli import bundle as bundling
from reconciled.cli.client import Client, ask
from reconciled.cli.consent import can_ask, consent, yes_option
from reconciled.cli.options import as_json, with_daemon
from reconciled.cli.place import Address, Target, find
from reconciled.cli.text import plain, say, show_json, show_lines
from reconciled.cli.trouble import FAILED, Failed, NoDaemon
from reconciled.config import blocked_plugins, load, report, summary
from reconciled.plugins import discover

Found: TypeAlias = dict[str, Any]
_SIGNS = {"wrong": "WRONG ", "advice": "advice", "good": "ok    "}
_INDENT = " " * 8
_START = re.compile(r"  \S+ {2,}| +-> ")
"""What a line begins with, before its sentence."""
_NARROWEST = 40


@click.command("doctor")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--fix", is_flag=True, help="Set up our own webhooks in the apps, after asking.")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a zip for a bug report: no secrets, no titles.",
)
@yes_option
@with_daemon
@as_json
def doctor(
    target: Target, sources: tuple[str, ...], fix: bool, bundle: Path | None, yes: bool, json_: bool
) -> None:
    """Look at the daemon and its sources: what they see, what they can do, what is wrong and what helps.

    Without SOURCE all of them. Exit code 1 if something is wrong or could not be set up, 3 if the
    daemon is down.
    """
    if fix:
        can_ask(yes=yes)
    if bundle is not None:
        bundling.check(bundle)
    address = find(target, os.environ)
    try:
        found, failed = _look(address, sources), False
        if fix and (plan := _plan(found)):
            failed = not _mend(address, plan, yes=yes)
            found = _look(address, sources)
        if bundle is not None:
            bundling.write(bundle, ask(address, lambda client: client.get("diagnostics")))
    except NoDaemon as error:
        _from_config_alone(target, error, bundle, json_=json_)
        raise
    if json_:
        show_json(found)
    else:
        show_lines(_fitted(_lines(found)))
    say(_summary(found))
    if bundle is not None:
        say(f"wrote {bundle}; look it through before you give it away: it names your sources and addresses")
    if found["wrong"] or failed:
        sys.exit(FAILED)


@click.command("webhook-test")
@click.argument("source")
@click.argument("file", type=click.File("rb"))
@with_daemon
@as_json
def webhook_test(target: Target, source: str, file: Any, json_: bool) -> None:
    """Say what FILE, a webhook's body, would be understood as by SOURCE; - is stdin. Nothing comes of it.

    Exit code 1 if it would not be understood.
    """
    body = file.read()
    found = ask(
        find(target, os.environ),
        lambda client: client.post_bytes("sources", source, "webhook-test", body=body),
    )
    if json_:
        show_json(found)
    elif not found.get("error"):
        show_lines(str(event.get("said")) for event in found.get("events") or [])
    if found.get("error"):
        raise Failed(f"{source} would not understand it: {found['error']}")
    if not found.get("events"):
        say("it is understood, and nothing follows from it")


def _look(address: Address, sources: Sequence[str]) -> Found:
    """The doctor's report; of several sources, theirs together."""

    async def work(client: Client) -> list[Found]:
        if not sources:
            return [await client.get("doctor")]
        names = dict.fromkeys(sources)
        return [await client.get("doctor", source=name) for name in names]

    first, *others = ask(address, work)
    for other in others:
        first = {
            **first,
            "sources": [*first["sources"], *other["sources"]],
            "wrong": first["wrong"] + other["wrong"],
            "advice": first["advice"] + other["advice"],
        }
    return first


# --- setting up ---------------------------------------------------------------------------------------


def _plan(found: Found) -> dict[str, list[Found]]:
    """What could be set up, by source; empty, and said so, when there is nothing."""
    mendable = {
        one["name"]: [each for each in one["matters"] if each["mended_by_us"]] for one in found["sources"]
    }
    plan = {name: matters for name, matters in mendable.items() if matters}
    if not plan:
        say("there is nothing that could be set up from here")
    return plan


def _mend(address: Address, plan: Mapping[str, Sequence[Found]], *, yes: bool) -> bool:
    """Show what would be set up, ask, do it. Returns whether all of it could be."""
    names = list(plan)
    for name in names:
        for matter in plan[name]:
            say(f"{name}: {matter['said']}")
    question = f"Set up our own webhook in {', '.join(names)}? Nothing else there is touched."
    consent(question, yes=yes, otherwise="nothing was set up")
    body = {"sources": names}
    done = ask(address, lambda client: client.post("doctor", "fix", body=body, of_an_app=True))
    for one in done["sources"]:
        for did in one["did"]:
            say(f"{one['name']}: {did}")
        if one["error"]:
            say(f"{one['name']}: not set up: {one['error']}")
        elif not one["did"]:
            say(f"{one['name']}: there was nothing left to do")
    return not any(one["error"] for one in done["sources"])


# --- telling ------------------------------------------------------------------------------------------


def _lines(found: Found) -> Iterator[str]:
    if found["daemon"]:
        yield f"the daemon, {found['version']}"
        yield from _matters(found["daemon"])
    for source in found["sources"]:
        version = f" {source['version']}" if source["version"] else ""
        yield f"{source['name']} ({source['app']}{version}): {source['health']}"
        yield f"  sees    {_sight(source)}"
        yield f"  can     {'; '.join(source['can'])}"
        yield from _matters(source["matters"])


def _sight(source: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{kind} {n}" for kind, n in source["items"].items()) or "nothing yet"
    roots = ", ".join(_root(root) for root in source["roots"])
    return f"{counts}; below {roots}" if roots else counts


def _root(root: Mapping[str, Any]) -> str:
    wrong = "not accessible" if root["accessible"] is False else "empty" if root["empty"] else ""
    return f"{root['path']} ({wrong})" if wrong else str(root["path"])


def _matters(matters: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for matter in matters:
        yield f"  {_SIGNS.get(matter['weight'], matter['weight'])}  {matter['said']}"
        if matter["mended_by_us"]:
            yield f"{_INDENT}  -> `reconciled doctor --fix` does that"
        elif matter["remedy"]:
            yield f"{_INDENT}  -> {matter['remedy']}"


def _fitted(lines: Iterable[str]) -> Iterator[str]:
    """On a terminal broken between words, and further lines indented; elsewhere uncut, for `grep`."""
    if not sys.stdout.isatty():
        yield from lines
        return
    width = max(_NARROWEST, shutil.get_terminal_size().columns)
    for line in map(plain, lines):
        start = _START.match(line)
        indent = " " * (start.end() if start else 2)
        yield from textwrap.wrap(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )


def _summary(found: Found) -> str:
    wrong, advice = found["wrong"], found["advice"]
    if not wrong and not advice:
        return "all is well"
    return f"{wrong} wrong, {advice} could be better"


# --- without a daemon ---------------------------------------------------------------------------------


def _from_config_alone(target: Target, error: NoDaemon, bundle: Path | None, *, json_: bool) -> None:
    """What can be said while nobody answers; of a daemon elsewhere nothing."""
    if target.url is not None:
        return
    registry = discover(blocked=blocked_plugins(target.path, environ=os.environ))
    loaded = load(target.path, registry.types, environ=os.environ, broken=registry.errors)
    lines = [*report(loaded), *(f"the plugin {name}: {said}" for name, said in registry.errors.items())]
    if json_:
        show_json({"config": {"problems": lines}, "daemon": {"error": error.message}})
    else:
        show_lines(lines)
    if loaded.settings is not None:
        say(f"{target.path}: {summary(loaded)}; more can only be said by the daemon")
    if bundle is not None:
        bundling.write(bundle, {"config": {"problems": lines}, "daemon": {"error": error.message}})
        say(f"wrote {bundle}, with what could be told without the daemon")


COMMANDS = (doctor, webhook_test)
