"""Options that commands share: which daemon is meant, JSON or a table, how much."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

from reconciled.cli.place import CONFIG, Target

Command: TypeAlias = Callable[..., Any]

with_config = click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    envvar="RECONCILED_CONFIG",
    help=f"The config; else $RECONCILED_CONFIG, else {CONFIG}.",
)
_with_url = click.option(
    "--url",
    envvar="RECONCILED_URL",
    help="Where the daemon is; else $RECONCILED_URL, else as the config says.",
)
as_json = click.option("--json", "json_", is_flag=True, help="JSON, as the API answers it.")
limited = click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="At most so many."
)


def with_daemon(command: Command) -> Command:
    """Give a command `-c` and `--url` as one argument `target`."""

    @with_config
    @_with_url
    @functools.wraps(command)
    def with_target(*, config: Path | None, url: str | None, **others: Any) -> Any:
        return command(target=Target(config, url), **others)

    return with_target
