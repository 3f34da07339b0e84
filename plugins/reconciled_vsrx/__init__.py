"""VSRX, a practice system, as a source: its patients' filesets and their files.

What makes it different: its own API is not public, so the plugin speaks a small contract
(`openapi.yaml` beside this file) that a site fulfils with a thin bridge; a deleted file stays as a row
with a flag; and a rebooked patient gets a new id while the old id's files stay where they are.
"""

from collections.abc import Iterable
from typing import Any

import click

from reconciled.hookspecs import hookimpl
from reconciled.source import Source
from reconciled_vsrx.config import VsrxConfig
from reconciled_vsrx.rebooking import vsrx
from reconciled_vsrx.source import Vsrx

__all__ = ["Vsrx", "VsrxConfig"]


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """VSRX."""
    return [Vsrx]


@hookimpl
def commands() -> Iterable[click.Command]:
    """`reconciled vsrx …`."""
    return [vsrx]
