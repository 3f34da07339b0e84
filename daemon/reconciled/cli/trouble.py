"""How a command fails: a sentence with the remedy on stderr, and an exit code that scripts can tell apart."""

from typing import IO, Any

import click

from reconciled.cli.text import plain

GOOD, FAILED, USAGE, UNREACHABLE, BAD_CONFIG, INTERRUPTED = 0, 1, 2, 3, 78, 130


class Failed(click.ClickException):
    """The command could not do what it was asked."""

    exit_code = FAILED

    def show(self, file: IO[Any] | None = None) -> None:
        """The sentence, on stderr."""
        click.echo(f"reconciled: {plain(self.message)}", file=file, err=file is None)


class NoDaemon(Failed):
    """Nobody answers where the daemon should be."""

    exit_code = UNREACHABLE


class BadConfig(Failed):
    """The config has problems."""

    exit_code = BAD_CONFIG


class Refused(Failed):
    """The daemon answered with an error; `status` is HTTP's, `body` its problem document."""

    def __init__(self, message: str, *, status: int, body: dict[str, Any]) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
