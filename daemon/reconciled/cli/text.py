"""What is written to a terminal: tables, JSON and text that cannot garble it.

Titles come from apps and hold whatever somebody typed: control characters, escape sequences,
brackets that look like rich's markup. All of it passes through `plain` and is never markup.
Data goes to stdout, messages for people to stderr. Where stdout is no terminal a table is lines
with tabs, complete and uncut, for `cut` and `grep`.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

Row: TypeAlias = Mapping[str, Any]
Column: TypeAlias = tuple[str, Callable[[Row], object]]
"""A heading, and what a row says under it."""


def plain(value: object) -> str:
    """One line of printable text; what is not printable is shown as Python would write it."""
    text = "" if value is None else str(value)
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def out() -> Console:
    """Where data goes. NO_COLOR is respected by rich."""
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def say(message: str) -> None:
    """A message for people, of one or more lines."""
    for line in message.split("\n"):
        click.echo(plain(line), err=True)


def show_json(value: object) -> None:
    """The value as JSON; in ASCII, since some characters steer terminals."""
    click.echo(json.dumps(value, indent=2))


def show_table(rows: Sequence[Row], columns: Sequence[Column]) -> None:
    """A table, or lines with tabs when stdout is no terminal. No rows: nothing."""
    if not rows:
        return
    console = out()
    cells = [[plain(get(row)) for _, get in columns] for row in rows]
    if not console.is_terminal:
        click.echo("\t".join(name for name, _ in columns))
        for line in cells:
            click.echo("\t".join(line))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, _ in columns:
        table.add_column(name, overflow="fold")
    for line in cells:
        table.add_row(*map(Text, line))
    console.print(table)


def show_lines(lines: Iterable[str]) -> None:
    """Plain lines to stdout."""
    for line in lines:
        click.echo(plain(line))


def show_fact(name: str, value: object) -> None:
    """One fact in a line: `presence   gone`. Nothing when there is no value."""
    if value not in (None, "", [], {}):
        click.echo(f"{name:<12} {plain(value)}")


def field(name: str) -> Callable[[Row], object]:
    """What a row says under a name; nested names are joined by dots."""

    def get(row: Row) -> object:
        value: Any = row
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    return get


def when(name: str) -> Callable[[Row], object]:
    """A time for people: of this machine's clock, to the second."""
    get = field(name)

    def say_time(row: Row) -> object:
        value = get(row)
        try:
            return datetime.fromisoformat(str(value)).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        except ValueError:
            return value

    return say_time


def counts(name: str) -> Callable[[Row], object]:
    """A mapping of numbers in one cell: `movie 500, series 20`."""
    get = field(name)

    def say_counts(row: Row) -> object:
        value = get(row)
        return (
            ", ".join(f"{key} {n}" for key, n in value.items() if n and not isinstance(n, Mapping | list))
            if isinstance(value, Mapping)
            else value
        )

    return say_counts
