"""Commands about the config and what reads it: check, reload, schema, plugins, the token."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from reconciled.cli.client import Client, ask
from reconciled.cli.options import as_json, with_config, with_daemon
from reconciled.cli.place import CONFIG, Target, find, settings_of, token_of
from reconciled.cli.schema import schema_of
from reconciled.cli.text import field, say, show_json, show_lines, show_table
from reconciled.cli.trouble import BAD_CONFIG, Failed, Refused
from reconciled.config import blocked_plugins, load, report, summary
from reconciled.plugins import Registry, discover


@click.command("check")
@click.option("--diff", is_flag=True, help="Also ask the running daemon what a reload would change.")
@with_daemon
@as_json
def check(target: Target, diff: bool, json_: bool) -> None:
    """Look the config through; every problem is a line with its place. Exit code 78 if there is one.

    Warnings are printed and do no harm to the exit code. A policy that may act although dry-run never proved
    it right is one, as far as the ledger on this machine, or with --diff the daemon, can tell.
    """
    path = target.path
    registry = _registry(path)
    loaded = load(path, registry.types, environ=os.environ, broken=registry.errors)
    if loaded.settings is not None and not diff:
        from reconciled.cli.armed import arming  # it knows the outbox, which takes a while

        armed = arming(loaded.settings, os.environ)
        loaded = replace(loaded, warnings=(*loaded.warnings, *armed))
    problems, warnings = ([str(one) for one in some] for some in (loaded.problems, loaded.warnings))
    told: dict[str, Any] = {"ok": loaded.settings is not None, "problems": problems, "warnings": warnings}
    if not json_:
        show_lines(report(loaded))
    if loaded.settings is not None:
        say(f"{path}: {summary(loaded)}")
        told |= _changes(target, json_=json_) if diff else {}
    if json_:
        show_json(told)
    if not told["ok"]:
        sys.exit(BAD_CONFIG)


def _changes(target: Target, *, json_: bool) -> dict[str, Any]:
    """What a reload of the daemon's own file would do: `changes`, `arming` and `path`, or its `problems`."""
    used, answer = ask(find(target, os.environ), _preview)
    if Path(used).resolve() != target.path.resolve():
        say(f"the daemon uses {used}, not {target.path}; this is about its own file")
    lines = answer.get("problems") or answer.get("changes") or []
    armed = [str(warning) for warning in answer.get("warnings") or []]
    if not json_:
        show_lines([*map(str, lines), *armed])
    if answer.get("problems"):
        say("the file of the daemon has problems; the last good config stays in force")
        return {"ok": False, "problems": lines, "path": used}
    return {"changes": lines, "arming": armed, "path": used}


async def _preview(client: Client) -> tuple[str, dict[str, Any]]:
    """The daemon's file, and what a reload of it would change, or its problems."""
    status = await client.get("status")
    try:
        answer = await client.post("reload", body={"preview": True})
    except Refused as refused:
        if refused.status != 422 or not isinstance(refused.body.get("problems"), list):
            raise
        answer = {"problems": refused.body["problems"]}
    return str((status.get("config") or {}).get("path")), answer


@click.command("reload")
@with_daemon
def reload(target: Target) -> None:
    """Have the daemon read its config again. With problems in it, exit code 78 and nothing changes."""
    try:
        answer = ask(find(target, os.environ), lambda client: client.post("reload"))
    except Refused as refused:
        problems = refused.body.get("problems")
        if refused.status != 422 or not isinstance(problems, list):
            raise
        show_lines(map(str, problems))
        say("the config has problems; the last good one stays in force")
        sys.exit(BAD_CONFIG)
    say("the config was taken over")
    for warning in answer.get("warnings") or []:
        say(str(warning))


@click.command("schema")
@with_config
def schema(config: Path | None) -> None:
    """Print the JSON Schema of the config, with the settings of the installed plugins."""
    show_json(schema_of(_registry(config or CONFIG).types))


@click.command("plugins")
@with_config
@as_json
def plugins(config: Path | None, json_: bool) -> None:
    """Show the installed plugins with the apps they bring, and what is wrong with them."""
    found = [
        {"name": plugin.name, "version": plugin.version, "apps": list(plugin.apps), "error": plugin.error}
        for plugin in _registry(config or CONFIG).plugins
    ]
    if json_:
        show_json({"items": found, "next": None})
        return
    show_table(
        found,
        [
            ("plugin", field("name")),
            ("version", field("version")),
            ("apps", lambda row: ", ".join(row["apps"])),
            ("error", field("error")),
        ],
    )


@click.group("token")
def token() -> None:
    """The token that opens the page and the API."""


@token.command("show")
@with_config
def token_show(config: Path | None) -> None:
    """Print the token: the configured one, or the one that the daemon made in its state folder."""
    target = Target(config)
    found, why = token_of(target, settings_of(target, os.environ), os.environ)
    if found is None:
        raise Failed(f"there is no token to show: {why}")
    click.echo(found)


def _registry(path: Path) -> Registry:
    return discover(blocked=blocked_plugins(path, environ=os.environ))


COMMANDS = (check, reload, schema, plugins, token)
