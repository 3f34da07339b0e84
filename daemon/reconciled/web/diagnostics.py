"""What a bug report needs, and nothing that is nobody's business: no secret, and no title of an item.

The config is shown as it is in force, made of the checked settings: what a model calls secret is
masked there, what is merely named like one too, and at the end every secret that we know, wherever
it stands. Errors of runs are told as they are; they may name addresses and ids.
"""

import importlib.metadata
import platform
import sqlite3
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import msgspec
from pydantic import BaseModel, SecretBytes, SecretStr

from reconciled.config import Settings
from reconciled.http.redaction import Redaction
from reconciled.ledger import views_doctor, views_status
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import stamp
from reconciled.ledger.views_status import RunView
from reconciled.web.blanking import is_named_secret, secrets_of
from reconciled.web.house import House
from reconciled.web.spellings import MASK, Spellings, spellings
from reconciled.web.status import Status, gather

RUNS = 100
_LIBRARIES = ("aiohttp", "msgspec", "pydantic", "PyYAML", "watchfiles", "pluggy")
_NOT_SHOWN = frozenset({"mark", "type"})


class Diagnostics(msgspec.Struct, frozen=True):
    """All of it. `tallies` count what comes and goes, by name and state."""

    at: str
    versions: dict[str, str]
    config: dict[str, Any]
    status: Status
    doctor: dict[str, Any]
    runs: list[RunView]
    tallies: dict[str, dict[str, int]]


async def diagnose(house: House, report: dict[str, Any]) -> Diagnostics:
    """Gather it; `report` is the doctor's."""

    def read(tx: Tx) -> tuple[list[RunView], dict[str, dict[str, int]]]:
        return [_nameless(run) for run in views_status.runs(tx, limit=RUNS).items], views_doctor.tallies(tx)

    runs, tallies = await house.ledger.read(read)
    settings = house.config().settings
    whole = Diagnostics(
        at=stamp(house.clock.now()),
        versions=versions(house.version),
        config=shown(settings),
        status=await gather(house),
        doctor=report,
        runs=runs,
        tallies=tallies,
    )
    known = spellings(secrets_of(settings, house.token))
    return msgspec.convert(_blanked(msgspec.to_builtins(whole), known), type=Diagnostics)


def _nameless(run: RunView) -> RunView:
    """A run without the name of the fileset at which a mirror stopped: it may be that of a patient."""
    stats = {name: value for name, value in run.stats.items() if name != "resumed_after"}
    stopped = MASK if run.resume_from is not None else None
    return msgspec.structs.replace(run, stats=stats, resume_from=stopped)


def _blanked(value: Any, known: Spellings) -> Any:
    """A mask for every secret in a text. Names and numbers stay: a weak secret is like one of them."""
    match value:
        case str():
            return known.blank(value)
        case dict():
            return {name: _blanked(one, known) for name, one in value.items()}
        case list():
            return [_blanked(one, known) for one in value]
    return value


def versions(own: str) -> dict[str, str]:
    """What this daemon is made of and runs on."""
    found = {"reconciled": own, "python": platform.python_version(), "system": platform.platform()}
    found["sqlite"] = sqlite3.sqlite_version
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def shown(settings: Settings) -> dict[str, Any]:
    """The config in force, with a mask wherever a secret stands."""
    plain: dict[str, Any] = _plain(settings, Redaction())
    return plain


def _plain(value: Any, redact_url: Redaction) -> Any:
    """Plain values for JSON."""
    match value:
        case None | bool() | int() | float():
            return value
        case SecretStr() | SecretBytes():
            return MASK
        case Enum():
            return str(value.value)
        case str():
            return redact_url(value)
        case BaseModel():
            return {
                name: _member(name, getattr(value, name), redact_url) for name in type(value).model_fields
            }
        case Mapping():
            return {str(name): _member(str(name), one, redact_url) for name, one in value.items()}
        case list() | tuple() | Set():
            found = [_plain(one, redact_url) for one in value]
            return sorted(found, key=str) if isinstance(value, Set) else found
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _members(value, redact_url)
    return redact_url(str(value))


def _members(value: Any, redact_url: Redaction) -> dict[str, Any]:
    names = [one.name for one in fields(value) if one.name not in _NOT_SHOWN]
    return {name: _member(name, getattr(value, name), redact_url) for name in names}


def _member(name: str, value: Any, redact_url: Redaction) -> Any:
    """What stands under a name like `password` is one, whatever its type says."""
    return _masked(value, redact_url) if is_named_secret(name) else _plain(value, redact_url)


def _masked(value: Any, redact_url: Redaction) -> Any:
    """A mask for every text and number; what has settings of its own is judged by their names."""
    match value:
        case None | bool() | Enum() | BaseModel():
            return _plain(value, redact_url)
        case Mapping():
            return {str(name): _masked(one, redact_url) for name, one in value.items()}
        case list() | tuple() | Set():
            return [_masked(one, redact_url) for one in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _plain(value, redact_url)
    return MASK
