"""A person's yes before something is changed: asked on a terminal, or said beforehand with --yes.

Without a terminal nobody can be asked, and silence is no yes: then the command ends as a usage
error, before it has asked the daemon for anything.
"""

import sys

import click

from reconciled.cli.text import plain, say
from reconciled.cli.trouble import FAILED

yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


def can_ask(*, yes: bool) -> None:
    """Whether a yes can be had at all. UsageError that names the remedy."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError(
            "there is no terminal on which you could be asked; with --yes it is done without asking",
            click.get_current_context(silent=True),
        )


def consent(question: str, *, yes: bool, otherwise: str) -> None:
    """Ask, unless yes was said already. A no ends the command with exit code 1 and says `otherwise`."""
    can_ask(yes=yes)
    if not yes and not click.confirm(plain(question), err=True):
        say(otherwise)
        sys.exit(FAILED)
