"""Here ledgers are really made, by all migrations."""

import pytest
from tests.conftest import make_ledger

from reconciled.ledger import connection


@pytest.fixture(autouse=True)
def _really_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_make", make_ledger)
