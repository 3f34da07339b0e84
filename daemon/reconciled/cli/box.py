"""Commands that run something here: the daemon, the demo."""

import os
import sys
from pathlib import Path

import click

from reconciled.cli.options import with_config
from reconciled.cli.place import CONFIG


@click.command("run")
@with_config
def run(config: Path | None) -> None:
    """Run the daemon until SIGTERM or Ctrl-C; SIGHUP reads the config again."""
    from reconciled import process

    sys.exit(process.run(config or CONFIG, environ=os.environ))


@click.command("demo")
@click.option("--port", type=click.IntRange(0, 65535), help="Where the page is; else a port that is free.")
def demo(port: int | None) -> None:
    """Run made-up apps and a daemon that watches them, and delete things there. Needs nothing else."""
    from reconciled import demo as demonstration

    sys.exit(demonstration.run(port))


COMMANDS = (run, demo)
