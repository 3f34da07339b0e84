"""How people name things: decisions `3` or `d3`, actions `a17` (to undo: `17`), items `radarr:movie/812`."""

import re
from dataclasses import dataclass
from typing import Any

import click

from reconciled.units import parse_duration

STATES = (
    "planned",
    "waiting",
    "sending",
    "done",
    "failed",
    "refused",
    "rejected",
    "dropped",
    "expired",
    "undone",
)
OVER = frozenset(STATES[3:])
"""States in which nothing more happens with an action."""
_NUMBER = re.compile(r"([ad]?)([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an answer or an undoing is about: a decision, or one action."""

    number: int
    action: bool


def _read(value: str, letters: str) -> tuple[str, int] | None:
    match = _NUMBER.fullmatch(value.strip().lower())
    return (match[1], int(match[2])) if match and match[1] in ("", *letters) else None


class _Waiting(click.ParamType[Waiting]):
    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Waiting:
        found = _read(str(value), "ad")
        if found is None:
            self.fail(f"{value!r} is no id; a decision's is like 3 or d3, an action's like a17", param, ctx)
        return Waiting(found[1], found[0] == "a")


class _Done(click.ParamType[Waiting]):
    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Waiting:
        found = _read(str(value), "ad")
        if found is None:
            self.fail(f"{value!r} is no id; an action's is like 17 or a17, a decision's like d3", param, ctx)
        return Waiting(found[1], found[0] != "d")


class _Number(click.ParamType[int]):
    name = "id"

    def __init__(self, what: str, letter: str) -> None:
        self._what, self._letter = what, letter

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = _read(str(value), self._letter)
        if found is None:
            good = f"3 or {self._letter}3" if self._letter else "3"
            self.fail(f"{value!r} is no id; {self._what} is like {good}", param, ctx)
        return found[1]


class _Item(click.ParamType[dict[str, str]]):
    name = "item"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:
        source, _, key = str(value).partition(":")
        kind, _, id_ = key.partition("/")
        if not (source and kind and id_):
            self.fail(f"{value!r} is no item; write it like radarr:movie/812", param, ctx)
        return {"source": source, "kind": kind, "id": id_}


class _Duration(click.ParamType[str]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


WAITING, ITEM, DURATION = _Waiting(), _Item(), _Duration()
DECISION, DONE = _Number("a decision's", "d"), _Done()
FINDING, GROUP = _Number("a finding's", ""), _Number("a group's", "")
