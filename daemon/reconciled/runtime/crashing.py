"""Dying at a named moment, so that tests can prove what a crash there leaves behind.

`RECONCILED_CRASH_AT="sending committed"` kills the process (SIGKILL) when it first gets there. Not
set, which is always but in tests, nothing happens.
"""

import os
import signal
from collections.abc import Callable, Mapping

VARIABLE = "RECONCILED_CRASH_AT"


def crash_at(environ: Mapping[str, str]) -> Callable[[str], None]:
    """What is told each moment at which a crash would matter."""
    moment = environ.get(VARIABLE, "")

    def reach(name: str) -> None:
        if name == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    return reach
