"""The command line, `reconciled`: it runs the daemon, or asks a running one over HTTP.

Data goes to stdout, messages for people to stderr. Exit codes: 0 good, 1 failed, 2 usage, 3 the
daemon could not be reached, 65 its ledger is damaged or of a newer version, 78 bad config, 130
interrupted. What runs for a command is imported when it is called, so that `reconciled --help` stays
quick.
"""

import errno
import io
import os
import sys
from collections.abc import Sequence

import click

from reconciled import __version__
from reconciled.cli import (
    acts,
    answering,
    asking,
    box,
    copies,
    doctor,
    drill,
    duplicates,
    holds,
    listings,
    mirrors,
    new_plugin,
    outbox,
    passes,
    records,
    saying,
    settings,
)
from reconciled.cli.plugged import Commands
from reconciled.cli.trouble import FAILED, GOOD, INTERRUPTED
from reconciled.errors import ReconciledError

__all__ = ["commands", "main"]

_FULL = (errno.ENOSPC, errno.EDQUOT)


@click.group(
    name="reconciled",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="reconciled")
def commands() -> None:
    """Knows what each of your apps holds, notices what vanished, proves it, and says who did it."""


_MODULES = (
    box, listings, holds, passes, asking, outbox, answering, acts, saying, records, mirrors, duplicates,
    settings, doctor, drill, copies, new_plugin,
)  # fmt: skip
for module in _MODULES:
    for command in module.COMMANDS:
        commands.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point; ends the process with the exit code."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal may have no word for what stands in a title
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = commands.main(arguments, prog_name="reconciled", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ReconciledError as error:
        click.echo(f"reconciled: {error}", err=True)
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo(err=True)
        return INTERRUPTED
    except BrokenPipeError:  # `reconciled items | head`: nobody wants the rest
        _write_no_more()
        return FAILED
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _write_no_more()
        click.echo(f"reconciled: {error.strerror}: not all of it was written", err=True)
        return FAILED
    return code if isinstance(code, int) else GOOD


def _write_no_more() -> None:
    """What still waits for stdout goes nowhere, so that nothing fails once more at the very end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
