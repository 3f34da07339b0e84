"""The doctor's look at the daemon itself: its address, its ledger, its disk, its config, its plugins.

The address is tried as an app would use it: `daemon.url` is asked for /healthz, and a redirect or
somebody else's page there is as wrong as silence. The ledger is checked on a connection of its
own that only reads, and for a limited time, so that nothing waits for it.
"""

import asyncio
import json
import platform
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from reconciled.clock import Clock
from reconciled.config import Settings
from reconciled.config.addresses import is_loopback
from reconciled.plugins import Plugin
from reconciled.runtime.reload import ConfigState
from reconciled.source import Matter, ReceivesWebhooks, Weight
from reconciled.units import say_duration

REACHING = 10.0
"""Seconds that our own address may take to answer."""
CHECKING = 20.0
"""Seconds that the check of the ledger may take."""
_MOST = 64 * 1024
_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Ourselves:
    """What is looked at: the config in force, the plugins, where the ledger lies."""

    version: str
    config: ConfigState
    plugins: Sequence[Plugin]
    ledger: Path
    clock: Clock
    duplicates: str | None = None
    """Why duplicates are not looked for though they should be, with its remedy."""
    trouble: str | None = None
    """Why the ledger cannot be written now, with the remedy."""


async def examine(ourselves: Ourselves) -> tuple[Matter, ...]:
    """Everything that matters about the daemon."""
    settings = ourselves.config.settings
    address, ledger = await asyncio.gather(_address(settings), asyncio.to_thread(_ledger, ourselves))
    python = f"reconciled {ourselves.version} on Python {platform.python_version()}"
    said = [Matter(Weight.GOOD, python), *_config(ourselves.config)]
    said += _plugins(ourselves.plugins, settings.plugins.block)
    if ourselves.duplicates is not None:
        why, _, remedy = ourselves.duplicates.partition("; ")
        said.append(Matter(Weight.ADVICE, why, remedy or None))
    return (*said, *address, *ledger)


# --- how we are reached -------------------------------------------------------------------------------


async def _address(settings: Settings) -> list[Matter]:
    url = settings.daemon.url
    hearing = [name for name, one in settings.sources.items() if issubclass(one.type, ReceivesWebhooks)]
    if url is None:
        return _no_address(settings, hearing)
    host = urlsplit(url).hostname or ""
    elsewhere = _elsewhere(settings, hearing)
    if is_loopback(host) and elsewhere:
        said = (
            f"daemon.url is {url}, which on another machine means that machine: "
            f"{', '.join(elsewhere)} cannot reach us there"
        )
        return [Matter(Weight.WRONG, said, "set daemon.url to the name or address of this box")]
    if error := await reach(url):
        said = f"daemon.url ({url}) does not lead to this daemon: {error}"
        return [Matter(Weight.WRONG, said, _remedy(settings, host))]
    return [Matter(Weight.GOOD, f"daemon.url ({url}) leads here")]


def _no_address(settings: Settings, hearing: Sequence[str]) -> list[Matter]:
    if not hearing:
        return [Matter(Weight.GOOD, "no app of yours sends webhooks, so nobody needs our address")]
    said = f"daemon.url is not set, so {', '.join(hearing)} cannot be told where to send webhooks"
    remedy = "set daemon.url to how apps reach this box, like http://box.lan:8787"
    if is_loopback(settings.daemon.host):
        remedy += "; and daemon.listen (0.0.0.0:8787) with daemon.token, since only this box can connect now"
    return [Matter(Weight.ADVICE, said, remedy)]


def _elsewhere(settings: Settings, names: Iterable[str]) -> list[str]:
    """The sources whose app is not on this box, as far as its url tells."""
    hosts = {name: urlsplit(settings.sources[name].url or "").hostname for name in names}
    return [name for name, host in hosts.items() if host and not is_loopback(host)]


def _remedy(settings: Settings, host: str) -> str:
    daemon = settings.daemon
    if is_loopback(daemon.host) and not is_loopback(host):
        return (
            f"it listens on {daemon.host}:{daemon.port} only: set daemon.listen to 0.0.0.0:{daemon.port} "
            "with daemon.token, or have a proxy on this box pass requests on"
        )
    return "look at the name, the port, the firewall and the proxy; webhooks are never followed to elsewhere"


async def reach(url: str) -> str | None:
    """Why nobody like us answers at this address, in words; None when somebody does."""
    where = f"{url.rstrip('/')}/healthz"
    timeout = aiohttp.ClientTimeout(total=REACHING)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(where, allow_redirects=False) as answer,
        ):
            body = await answer.content.read(_MOST)
            status = answer.status
    except TimeoutError:
        return f"no answer within {say_duration(REACHING)}"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return str(error) or type(error).__name__
    if 300 <= status < 400:
        return f"it answers {status}, a redirect, which apps turn into another request"
    return None if status == 200 and _is_ours(body) else f"something else answers there, with {status}"


def _is_ours(body: bytes) -> bool:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("status") == "ok"


# --- config and plugins -------------------------------------------------------------------------------


def _config(state: ConfigState) -> list[Matter]:
    remedy = f"mend {state.path}; until then the last good config stays in force"
    found = [Matter(Weight.WRONG, problem, remedy) for problem in state.problems]
    found += [Matter(Weight.ADVICE, note) for note in state.notes]
    return found or [Matter(Weight.GOOD, f"the config {state.path} is in force")]


def _plugins(plugins: Iterable[Plugin], blocked: Collection[str]) -> list[Matter]:
    """Those that are wanted and not there."""
    remedy = "update or remove it; `plugins.block` keeps it from being imported"
    return [
        Matter(Weight.WRONG, f"the plugin {one.name} {one.error}", remedy)
        for one in plugins
        if one.error is not None and one.name not in blocked
    ]


# --- the ledger and its disk --------------------------------------------------------------------------


def _ledger(ourselves: Ourselves) -> list[Matter]:
    """The check of the file and of the room around it; on a thread."""
    wanted = ourselves.config.settings.alerts.disk
    found = [_integrity(ourselves.ledger, ourselves.clock), _room(ourselves.ledger.parent, wanted)]
    if ourselves.trouble is not None:  # the file may be read, and be whole, all the same
        why, _, remedy = ourselves.trouble.partition("; ")
        said = f"{why}; until it can be written no event is accepted and nothing is done"
        found.insert(0, Matter(Weight.WRONG, said, remedy or None))
    return found


def _integrity(path: Path, clock: Clock) -> Matter:
    end = clock.monotonic() + CHECKING
    try:
        size = sum(one.stat().st_size for one in (path, Path(f"{path}-wal")) if one.exists())
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            db.set_progress_handler(lambda: clock.monotonic() > end, _STEPS)
            said = _first(db, "PRAGMA quick_check(1)")
            if said != "ok":  # SQLite 3.40 sees NULLs in a WITHOUT ROWID table that are none
                said = _first(db, "PRAGMA integrity_check(1)")
        finally:
            db.close()
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            said = (
                f"the ledger ({say_bytes(size)}) was not checked to its end within {say_duration(CHECKING)}"
            )
            return Matter(Weight.ADVICE, said, "`reconciled backup FILE` reads all of it")
        return Matter(Weight.WRONG, f"the ledger {path} cannot be checked: {error}")
    except (sqlite3.Error, OSError) as error:
        return Matter(Weight.WRONG, f"the ledger {path} cannot be read: {error}", _RESTORE)
    if said != "ok":
        return Matter(Weight.WRONG, f"the ledger {path} is damaged: {said}", _RESTORE)
    return Matter(Weight.GOOD, f"the ledger is whole ({say_bytes(size)}, {path})")


def _first(db: sqlite3.Connection, sql: str) -> str:
    (said,) = db.execute(sql).fetchone()
    return str(said)


_RESTORE = "stop the daemon, restore a backup with `reconciled restore FILE`, and scan anew"


def _room(folder: Path, wanted: int) -> Matter:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Matter(Weight.ADVICE, f"how much room is left at {folder} cannot be told: {error.strerror}")
    if free < wanted:
        said = f"{say_bytes(free)} are free where the ledger lies; {say_bytes(wanted)} are wanted"
        return Matter(Weight.WRONG, said, "make room there: with a full disk no event can be kept")
    return Matter(Weight.GOOD, f"{say_bytes(free)} are free where the ledger lies")


def say_bytes(size: int) -> str:
    """A size as a person would say it."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} B"
