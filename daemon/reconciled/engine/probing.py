"""Asking a source who it is, and keeping what it said: its roots, its installation, its account."""

from reconciled.engine.live import LiveSource
from reconciled.ledger import items, sources
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import About

FRESH = 60.0
"""Seconds for which what a probe said of roots and business is good, if nothing was denied since."""


async def probe(live: LiveSource, ledger: Ledger) -> About:
    """Probe, note the roots, and notice a stranger behind the address. Raises SourceError."""
    about = await live.probe()

    def note(tx: Tx) -> tuple[int, str | None]:
        sources.probed(tx, live.id, about.roots)
        row = sources.by_id(tx, live.id)
        if row.instance is not None and about.instance != row.instance:
            return items.next_seq(tx), f"the instance is {about.instance} instead of {row.instance}"
        return items.next_seq(tx), "the last scan showed another world" if row.foreign_world else None

    live.probed_seq, live.stranger = await ledger.write(note)
    return about


async def probe_before_judging(live: LiveSource, ledger: Ledger, since: int) -> None:
    """Probe unless that was done after `since` and within a minute: no loss is believed on an older view.

    `since` is the sequence number at which the app was asked for what it denies.

    A busy app is always asked again, so that the waiting ends when it does.
    """
    old = live.clock.monotonic() - live.probed_at > FRESH
    if old or live.probed_seq <= since or live.busy_since is not None:
        await probe(live, ledger)
