"""Asking a source who it is, and keeping what it said: its roots, its installation, its account."""

from reconciled.engine.live import LiveSource
from reconciled.ledger import items, sources
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import About


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


async def probe_since(live: LiveSource, ledger: Ledger, seq: int) -> None:
    """Probe unless that was done after `seq`: no loss is believed on an older view of the roots."""
    if live.probed_seq <= seq:
        await probe(live, ledger)
