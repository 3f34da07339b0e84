"""A stand for the mirror, on a ledger of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.daemon.engine.mirror.mirror_stand import Stand
from tests.drills.quiet_ledger import QuietLedger


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    ledger = await QuietLedger.open(tmp_path / "ledger.db")
    ledger.any_chance()
    made = Stand(ledger, tmp_path / "transfers")
    await made.begin()
    yield made
    await made.engine.stop()
    await ledger.close()
