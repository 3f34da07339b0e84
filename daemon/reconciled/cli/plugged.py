"""The commands that plugins bring, beside our own.

Plugins are imported only when a command is asked for that is not ours, or when all are listed, and
never a plugin that `plugins.block` names. Ours keep their names: a plugin's command of the same name
is left out. A command of a plugin gets the options that say which daemon is meant, and a `Daemon`. One
that crashes is said to have, with the place for its author; no traceback meets who only ran it.
"""

import os
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from reconciled.cli import consent as asking
from reconciled.cli.client import Client, ask
from reconciled.cli.place import CONFIG, Target, find
from reconciled.cli.text import say, show_json, show_lines
from reconciled.cli.trouble import Failed, Refused
from reconciled.config import blocked_plugins
from reconciled.errors import ReconciledError
from reconciled.hookspecs import Problem
from reconciled.plugins import discover

_FLAGS = {"config": ("-c", "--config"), "url": ("--url",)}


class ProblemSaid(Failed, Problem):
    """A `Problem` that is shown as all our trouble is."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.status, self.body = refused.status, refused.body


class Line:
    """A `Daemon`: the one that the options name, found when it is first asked for something."""

    def __init__(self) -> None:
        self.config: Path | None = None
        self.url: str | None = None

    def get(self, *path: object, **params: object) -> dict[str, Any]:
        """GET /api/v1/…"""

        async def work(client: Client) -> dict[str, Any]:
            return await client.get(*path, **params)

        return self._ask(work)

    def post(self, *path: object, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """POST /api/v1/…"""

        async def work(client: Client) -> dict[str, Any]:
            return await client.post(*path, body=body)

        return self._ask(work)

    def confirm(self, question: str, *, yes: bool, otherwise: str) -> None:
        """A person's yes."""
        asking.consent(question, yes=yes, otherwise=otherwise)

    def say(self, message: str) -> None:
        """To people."""
        say(message)

    def out(self, value: object) -> None:
        """Data."""
        if isinstance(value, str):
            show_lines(value.splitlines())
        else:
            show_json(value)

    def _ask(self, work: Any) -> dict[str, Any]:
        try:
            found: dict[str, Any] = ask(find(Target(self.config, self.url), os.environ), work)
        except Refused as refused:
            raise ProblemSaid(refused) from None
        return found


class Commands(click.Group):
    """Our commands, and those of the plugins."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._plugged: dict[str, click.Command] | None = None
        self._path = CONFIG

    def invoke(self, ctx: click.Context) -> Any:
        """Have a line to the daemon ready for whatever runs."""
        ctx.obj = Line()
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit, ReconciledError, OSError):
            raise
        except Exception as error:
            if ctx.invoked_subcommand in self.commands:
                raise
            raise Failed(_crash(str(ctx.invoked_subcommand), error)) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The config says which plugins are blocked, so its option is looked for before they are imported."""
        self._plugged, self._path = None, _config_in(args)
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Ours, else a plugin's."""
        return super().get_command(ctx, cmd_name) or self._of_plugins().get(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them."""
        return sorted({*super().list_commands(ctx), *self._of_plugins()})

    def _of_plugins(self) -> dict[str, click.Command]:
        if self._plugged is None:
            registry = discover(blocked=blocked_plugins(self._path, environ=os.environ))
            self._plugged = {
                name: opened(command)
                for name, command in registry.commands.items()
                if name not in self.commands
            }
        return self._plugged


def _crash(command: str, error: Exception) -> str:
    """What is said of a plugin's command that raised what no command may."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
    return (
        f"the command {command!r} of a plugin crashed: {said} ({last.filename}:{last.lineno}); "
        "tell its author, `reconciled plugins` says which plugins are installed"
    )


def opened(command: click.Command) -> click.Command:
    """The command, and all below it, with the options that say which daemon is meant."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            opened(inner)
        return command
    taken = {flag for param in command.params for flag in (*param.opts, *param.secondary_opts)}
    if not any(isinstance(param, WhichDaemon) for param in command.params):
        for name, flags in _FLAGS.items():
            if free := [flag for flag in flags if flag not in taken]:
                command.params.append(WhichDaemon(name, free))
    return command


class WhichDaemon(click.Option):
    """An option that puts its value into the line; the command does not see it."""

    def __init__(self, name: str, flags: Sequence[str]) -> None:
        said = f"The config; else $RECONCILED_CONFIG, else {CONFIG}." if name == "config" else None
        super().__init__(
            [*flags, f"of_daemon_{name}"],
            type=click.Path(path_type=Path) if name == "config" else str,
            envvar=f"RECONCILED_{name.upper()}",
            help=said or "Where the daemon is; else $RECONCILED_URL, else as the config says.",
            expose_value=False,
            callback=lambda context, _, value: _take(context, name, value),
        )


def _take(context: click.Context, name: str, value: Any) -> Any:
    line = context.find_object(Line)
    if line is not None and value is not None:
        setattr(line, name, value)
    return value


def _config_in(args: Sequence[str]) -> Path:
    """The config that the words of a command name, before they are parsed."""
    for at, word in enumerate(args):
        flag, is_said, value = word.partition("=")
        if flag in _FLAGS["config"] and (is_said or at + 1 < len(args)):
            return Path(value if is_said else args[at + 1])
        if word.startswith("-c") and len(word) > len("-c"):
            return Path(word.removeprefix("-c"))
    said = os.environ.get("RECONCILED_CONFIG")
    return Path(said) if said else CONFIG
