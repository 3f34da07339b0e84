"""The filter of deletions by cause is SQL: it says the same as `attribute`, whatever the evidence."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drills.quiet_ledger import QuietLedger

from reconciled.engine.attribution import attribute
from reconciled.engine.deeds import BY_HAND, EXTERNAL, OURS, Deed
from reconciled.ledger import tombstones, views_losses
from reconciled.ledger.connection import Tx
from reconciled.ledger.tombstones import Evidence, Loss
from reconciled.model import Item, Key, Ref, What

APPS = ("jellyfin", "radarr", "requests")
HOWS = ("event", "scan", "lookup", "action", "action", "history", "trash")
DEEDS = (None, Deed.REMOVED, Deed.REMOVED, Deed.DELETED, Deed.MISSING)
CAUSES = (*APPS, OURS, BY_HAND, EXTERNAL)
Told = tuple[str, str, Evidence]
"""Beside whose loss it stands, whose word it is, and what it says."""


@st.composite
def told(draw: st.DrawFn) -> Told:
    """One thing that speaks for a loss."""
    source = draw(st.sampled_from(APPS))
    how = draw(st.sampled_from(HOWS))
    named = [OURS, OURS, BY_HAND] if how == "action" else [None, "", source, source, BY_HAND]
    cause = draw(st.sampled_from(named))
    seq, minute = draw(st.integers(1, 6)), draw(st.integers(0, 6))
    moment = f"2026-11-03T21:0{minute}:00.000Z" if draw(st.booleans()) else None
    evidence = Evidence(
        seq,
        f"2026-11-03T21:0{seq}:30.000Z",
        how,
        f"words {seq}",
        cause,
        draw(st.sampled_from([None, None, "anna"])),
        moment,
        draw(st.sampled_from(DEEDS)),
        moment,
    )
    return draw(st.sampled_from(APPS)), source, evidence


async def _causes(folder: Path, stories: Sequence[Sequence[Told]]) -> tuple[dict[int, str], dict[int, str]]:
    """The cause of each story as the filter says it, and as `attribute` does."""
    ledger = await QuietLedger.open(folder / "ledger.db")

    def write(tx: Tx) -> None:
        for number, found in enumerate(stories, start=1):
            stones = {name: _bury(tx, name, number) for name in APPS}
            for lost_by, source, one in sorted(found, key=lambda told: told[2].seq):
                key = Key("movie", str(number))
                tombstones.add_evidence(tx, source, key, one, tombstone=stones[lost_by])

    def read(tx: Tx) -> tuple[dict[int, str], dict[int, str]]:
        views = views_losses.tombstones(tx, limit=1000).items
        listed = {
            view.story: cause
            for cause in CAUSES
            for view in views_losses.tombstones(tx, cause=cause, limit=1000).items
        }
        return listed, {view.story: attribute(view.story_told, title="Film").cause for view in views}

    try:
        await ledger.write(write)
        return await ledger.read(read)
    finally:
        await ledger.close()


def _bury(tx: Tx, source: str, number: int) -> int:
    at = "2026-11-03T21:00:00.000Z"
    item = Item(Key("movie", str(number)), "Film", frozenset({Ref("tmdb:movie", str(number))}))
    loss = Loss(source, source, item, None, What.ENTRY, at, at, at, counted=False)
    return tombstones.bury(tx, loss, seq=1, story_since="2026-01-01")


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(stories=st.lists(st.lists(told(), min_size=2, max_size=5), min_size=20, max_size=30))
def test_the_filter_by_cause_says_what_attribute_says(stories: list[list[Told]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        listed, judged = asyncio.run(_causes(Path(folder), stories))
    assert listed == judged
    assert len(judged) == len(stories)
