"""The hooks of a plugin: discovery and notification. The daily work goes through `Source` objects.

A plugin is a module (or object) named by an entry point in the group `reconciled.plugins`; its
functions carry `@hookimpl`. A hook that fails is shown with its error and harms nobody else.

A plugin may bring commands of its own, plain click commands. They are given the running daemon as
click's context object, a `Daemon`, and the options `-c` and `--url` that say which one is meant:

    @click.command()
    @click.argument("word")
    @click.pass_obj
    def greet(daemon: Daemon, word: str) -> None:
        daemon.out(daemon.get("status")["version"])
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import click
import pluggy

from reconciled.source import Source

PROJECT = "reconciled"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Problem(click.ClickException):
    """The daemon answered with an error: `message` is its sentence, `status` HTTP's, `body` the document."""

    status: int
    body: Mapping[str, Any]


class Daemon(Protocol):
    """The running daemon, and the person at the terminal, as a plugin's command is given them.

    Every trouble is a `click.ClickException` with the remedy, which a command need not catch: nobody
    is there, the token is wrong. `Problem` among them is an answer of the daemon.
    """

    def get(self, *path: object, **params: object) -> dict[str, Any]:
        """GET /api/v1/…: `daemon.get("items", "radarr", "movie", "812")`. Each part is quoted for you."""

    def post(self, *path: object, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """POST /api/v1/… with a JSON body."""

    def confirm(self, question: str, *, yes: bool, otherwise: str) -> None:
        """Ask for a yes, unless it was said (`yes`). A no ends the command with code 1 and says `otherwise`.

        Without a terminal, and without a yes, the command ends as a usage error that names `--yes`.
        """

    def say(self, message: str) -> None:
        """A message for people, on stderr; what would garble a terminal is shown and not sent."""

    def out(self, value: object) -> None:
        """What the command was run for, on stdout: a text as lines, anything else as JSON."""


class Hookspecs:
    """What a plugin may implement, all of it optional."""

    @hookspec
    def source_types(self) -> Iterable[type[Source[Any]]]:  # type: ignore[empty-body]  # a specification has no body
        """The `Source` classes that this plugin brings; each is known to the config by its `app`."""

    @hookspec
    def commands(self) -> Iterable[click.Command]:  # type: ignore[empty-body]  # a specification has no body
        """Commands for `reconciled`. Who brings several makes them a `click.Group` named like the plugin."""
