"""What a search stands on, and where its files lie."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reconciled.duplicates.words import Weights
from reconciled.engine.duplicates.search.fetching import Fetching
from reconciled.engine.duplicates.search.workers import Crew
from reconciled.ledger.connection import Ledger


@dataclass(frozen=True, slots=True)
class Ground:
    """What a search stands on. `at` is told the moments at which a crash would matter; `now` is a stamp."""

    ledger: Ledger
    folder: Path
    crew: Crew
    fetching: Fetching
    weights: Weights
    log: logging.Logger
    now: Callable[[], str]
    at: Callable[[str], None] = lambda _: None

    @property
    def search(self) -> Path:
        """Where the steps of a search lie."""
        return self.folder / "search"

    @property
    def index(self) -> Path:
        """Where a finished search is looked things up in."""
        return self.folder / "index"
