"""Where the daemon's log goes, and what never gets into it.

Everything goes to standard error, a line for people each, and whoever runs the daemon keeps it: a terminal,
a container, the journal. The libraries below write there, too, but discreetly: what they quote of a
request that broke off may hold a token or a password.
"""

import logging
import sys
from collections.abc import Mapping

LIBRARIES = ("aiohttp", "asyncio")
PARTS = ("server", "web")
"""A filter does not hold for the loggers below: these are aiohttp's own that quote requests."""


def log_to_stderr(environ: Mapping[str, str]) -> None:
    """Lines for people; the journal adds the time itself."""
    journal = "JOURNAL_STREAM" in environ
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter("%(levelname)s %(message)s" if journal else "%(asctime)s %(levelname)s %(message)s")
    )
    logging.getLogger("reconciled").handlers[:] = [handler]
    logging.getLogger("reconciled").propagate = False
    logging.getLogger("reconciled").setLevel("INFO")
    for name in LIBRARIES:
        logging.getLogger(name).handlers[:] = [handler]
        logging.getLogger(name).propagate = False
        for logger in (name, *(f"{name}.{part}" for part in PARTS)):
            logging.getLogger(logger).addFilter(_discreet)


def _discreet(record: logging.LogRecord) -> bool:
    """A library's tracebacks quote raw requests, which may hold a secret: only the kind of error stays."""
    if record.exc_info and record.exc_info[0] is not None:
        record.msg, record.args = f"{record.name}: {record.exc_info[0].__name__}", ()
        record.exc_info = record.exc_text = None
    return True
