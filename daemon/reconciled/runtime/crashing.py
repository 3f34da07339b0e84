"""Dying at a named moment, so that tests can prove what a crash there leaves behind.

`RECONCILED_CRASH_AT="sending committed"` kills the process (SIGKILL) when it first gets there,
`"sending committed@3"` when it gets there for the third time. Not set, which is always but in tests,
nothing happens. `MOMENTS` are all that there are.
"""

import os
import signal
from collections.abc import Callable, Mapping

VARIABLE = "RECONCILED_CRASH_AT"
OF_MIRRORS = (
    "upload committed",  # a mirror is about to hand a file over
    "file called",  # the target answered, and nobody has written that down
    "receipt committed",
    "fileset committed",
)
"""Those that only a daemon with a mirror gets to."""
OF_SEARCHES = (
    "chunk read",  # the features of some papers stand in their file
    "pairs picked",
    "pairs chained",  # which more pairs chains lead to stands in a file
    "batch compared",  # what was found of some pairs is committed, and that they were compared
)
"""Those that only a search for duplicates gets to."""
MOMENTS = (
    "migrating",  # a step of the ledger's shape was taken and is not committed
    "letter committed",  # a webhook is kept and not yet acknowledged
    "scan half applied",  # what a scan listed is written, what it missed is not
    "tombstone committed",
    "before sending",  # the last look at an action is over
    "sending committed",
    "called",  # the app answered, and nobody has written that down
    "done committed",
    *OF_MIRRORS,
    *OF_SEARCHES,
)


def crash_at(environ: Mapping[str, str]) -> Callable[[str], None]:
    """What is told each moment at which a crash would matter."""
    moment, _, nth = environ.get(VARIABLE, "").partition("@")
    left = int(nth or 1)

    def reach(name: str) -> None:
        nonlocal left
        if name == moment:
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reach
