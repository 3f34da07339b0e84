"""Whether an app may be dealt with right now: asked before each file, since much may happen in mid-run.

An app that a person paused is left alone, and nothing is brought to, fetched from or asked of one that is
not (yet) known to be the installation that the ledger knows: its numbers name other things.
"""

from reconciled.engine.live import LiveSource


def why_not(live: LiveSource) -> str | None:
    """Why nothing is asked of it now, as a sentence; None: it is well, and the one that we know."""
    if not live.answers:
        return f"{live.name} is not well"
    if live.paused is not None:
        return f"{live.name} is paused by {live.paused}"
    unknown = live.stranger or live.awaited
    return f"{live.name}: {unknown}" if unknown else None


def why_not_to(live: LiveSource) -> str | None:
    """Why nothing is brought to it now: what reorganises its library takes nothing in, either."""
    if (why := why_not(live)) is not None:
        return why
    believed = live.not_believable()
    return f"{live.name}: {believed}" if believed else None
