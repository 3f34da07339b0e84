"""What can be said of a source of records: whether its program is told, and what waits to be told."""

from collections.abc import Sequence

from reconciled.model import Letter
from reconciled.source import Matter, Weight
from reconciled_records.config import CallbackConfig


def matters(callback: CallbackConfig | None, waiting: Sequence[Letter]) -> list[Matter]:
    """One matter: how its program is told."""
    if callback is None:
        said = "no callback is configured: its program is not told when what a record refers to is gone"
        return [Matter(Weight.ADVICE, said, "set callback: {url: …, secret: !secret …}, or ask the API")]
    failing = [letter for letter in waiting if letter.error is not None]
    if failing:
        newest = failing[-1].error
        said = f"{len(waiting)} callbacks wait for {callback.url}; the last try failed: {newest}"
        return [Matter(Weight.WRONG, said, "see that the program answers 2xx there; they are tried again")]
    return [Matter(Weight.GOOD, f"its program is told at {callback.url}")]
