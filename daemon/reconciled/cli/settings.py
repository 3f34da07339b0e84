"""Commands about the config and what reads it: check, reload, schema, plugins, the token."""

import os
import sys
from pathlib import Path

import click

from reconciled.cli.client import ask
from reconciled.cli.options import as_json, with_config, with_daemon
from reconciled.cli.place import CONFIG, Target, find, settings_of, token_of
from reconciled.cli.schema import schema_of
from reconciled.cli.text import field, say, show_json, show_lines, show_table
from reconciled.cli.trouble import BAD_CONFIG, Failed, Refused
from reconciled.config import blocked_plugins, load, report, summary
from reconciled.plugins import Registry, discover


@click.command("check")
@with_config
@as_json
def check(config: Path | None, json_: bool) -> None:
    """Look the config through; every problem is a line with its place. Exit code 78 if there is one.

    Warnings are printed and do no harm to the exit code.
    """
    path = config or CONFIG
    registry = _registry(path)
    loaded = load(path, registry.types, environ=os.environ, broken=registry.errors)
    if json_:
        problems, warnings = ([str(one) for one in some] for some in (loaded.problems, loaded.warnings))
        show_json({"ok": loaded.settings is not None, "problems": problems, "warnings": warnings})
    else:
        show_lines(report(loaded))
    if loaded.settings is None:
        sys.exit(BAD_CONFIG)
    say(f"{path}: {summary(loaded)}")


@click.command("reload")
@with_daemon
def reload(target: Target) -> None:
    """Have the daemon read its config again. With problems in it, exit code 78 and nothing changes."""
    try:
        ask(find(target, os.environ), lambda client: client.post("reload"))
    except Refused as refused:
        problems = refused.body.get("problems")
        if refused.status != 422 or not isinstance(problems, list):
            raise
        show_lines(map(str, problems))
        say("the config has problems; the last good one stays in force")
        sys.exit(BAD_CONFIG)
    say("the config was taken over")


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
    found, why = token_of(settings_of(Target(config), os.environ), os.environ)
    if found is None:
        raise Failed(f"no token is configured, and {why}")
    click.echo(found)


def _registry(path: Path) -> Registry:
    return discover(blocked=blocked_plugins(path, environ=os.environ))


COMMANDS = (check, reload, schema, plugins, token)
