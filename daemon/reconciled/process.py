"""One daemon as a process: started from its config file, ended by signals, with an exit code for systemd."""

import asyncio
import logging
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from reconciled.app import Daemon
from reconciled.config import blocked_plugins, load, report
from reconciled.errors import ReconciledError
from reconciled.ledger.migrate import BadLedger
from reconciled.plugins import discover
from reconciled.runtime.logs import log_to_stderr

GOOD, FAILED, BAD_LEDGER, BAD_CONFIG = 0, 1, 65, 78


def run(config_path: Path, *, environ: Mapping[str, str]) -> int:
    """Run the daemon of a config file until a signal ends it. Returns the exit code."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
    log_to_stderr(environ)
    blocked = blocked_plugins(config_path, environ=environ)
    registry = discover(blocked=blocked)
    for name, error in registry.errors.items():
        if name not in blocked:
            logging.getLogger("reconciled").warning("the plugin %s %s", name, error)
    loaded = load(config_path, registry.types, environ=environ, broken=registry.errors)
    for line in report(loaded):
        logging.getLogger("reconciled").log(logging.WARNING if loaded.settings else logging.ERROR, "%s", line)
    if loaded.settings is None:
        return BAD_CONFIG
    logging.getLogger("reconciled").setLevel(loaded.settings.daemon.log_level.upper())
    daemon = Daemon(loaded.settings, config_path, registry=registry, environ=environ, files=loaded.files)
    return asyncio.run(serve(daemon))


async def serve(daemon: Daemon) -> int:
    """Run a daemon until SIGTERM or SIGINT; SIGHUP reloads. Returns the exit code."""
    loop, log = asyncio.get_running_loop(), logging.getLogger("reconciled")
    reloads: set[asyncio.Future[Sequence[str]]] = set()
    code = GOOD

    def reload() -> None:
        task = asyncio.ensure_future(daemon.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, daemon.stop)
    try:
        async with daemon:
            loop.add_signal_handler(signal.SIGHUP, reload)
            await daemon.run()
    except ReconciledError as error:
        log.error("%s", error)  # noqa: TRY400 - the sentence is for people; below is for us
        log.debug("the cause", exc_info=error.__cause__)
        code = BAD_LEDGER if isinstance(error, BadLedger) else FAILED
    _leave_behind(code, log)
    return code


def _leave_behind(code: int, log: logging.Logger) -> None:
    """The ledger is closed. What still ignores its cancellation (a plugin's task) cannot keep us."""
    left = [
        task.get_name()
        for task in asyncio.all_tasks()
        if task is not asyncio.current_task() and task.cancelling()
    ]
    if left:
        log.warning("left behind: %s", ", ".join(left))
        logging.shutdown()
        os._exit(code)
