"""What `reconciled check` says of policies that may act, without asking a daemon: the ledger is looked into.

A config that was never run has no ledger, and so no score for any of its policies. What this user may
not read, or what another version wrote, says nothing.
"""

import sqlite3
from collections.abc import Mapping

from reconciled.config import Problem, Settings
from reconciled.engine.outbox.arming import warnings
from reconciled.engine.outbox.scene import Rulebook
from reconciled.ledger.peeking import peek
from reconciled.runtime.state import LEDGER, state_folder


def arming(settings: Settings, environ: Mapping[str, str]) -> list[Problem]:
    """The warnings about policies that are armed although no score speaks for them."""
    rules = Rulebook(settings.mode, dict(settings.policies))
    ledger = state_folder(settings, environ) / LEDGER
    try:
        if not ledger.is_file():
            return warnings(None, rules)
        return peek(ledger, lambda tx: warnings(tx, rules))
    except (OSError, sqlite3.Error):
        return []
