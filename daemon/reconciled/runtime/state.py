"""Where the daemon keeps its ledger: one rule, used by the daemon and by the command line on its machine.

What the config says comes first, then what systemd gives (`StateDirectory=`), then the place that
fits the user. The command line runs without systemd's environment and as root finds the same
folder that `StateDirectory=reconciled` makes.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from reconciled.config import Settings

LEDGER, TOKEN, TRANSFERS = "ledger.db", "token", "transfers"
"""What is in it: the ledger, the token that the daemon makes when none is configured, files that travel."""
OF_ROOT = Path("/var/lib/reconciled")


def state_folder(settings: Settings, environ: Mapping[str, str], *, uid: int | None = None) -> Path:
    """The folder, which need not exist yet. `uid` is the user's, by default that of this process."""
    if settings.daemon.state is not None:
        return settings.daemon.state
    given = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    if (os.geteuid() if uid is None else uid) == 0:
        return OF_ROOT
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    base = Path(environ.get("XDG_STATE_HOME", ""))
    return (base if base.is_absolute() else home / ".local" / "state") / "reconciled"
