"""The daemon's own token, made where the config names none: for the command line on this machine."""

import os
import secrets
from pathlib import Path

from reconciled.runtime.state import TOKEN

SHORTEST = 16
"""A shorter one is the rest of a write that was cut off; a new one is made."""


def own_token(folder: Path) -> str:
    """The token in the state folder, made anew if there is none that is whole. OSError, ValueError."""
    file = folder / TOKEN
    if file.exists():
        token = file.read_text("ascii").strip()
        if len(token) >= SHORTEST:
            return token
    token = secrets.token_urlsafe(32)
    fresh = file.with_name(f".{TOKEN}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(token)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    return token
