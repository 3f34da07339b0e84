"""Mirrors as the engine uses them: policies that bring the files of a source to other places.

`load` makes them. Two mirrors are equal when they mean the same, wherever they stand in the file;
`words` is what a checkpoint is good for.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from reconciled.config.mode import Mode
from reconciled.config.problems import Mark

MAX_SIZE = 200 * 2**20
TRANSFERS = 4
TASK_TIMEOUT = 30 * 60.0


class Conflict(StrEnum):
    """What counts when an original and its copy both changed since they were the same."""

    NEWEST = "newest"
    SOURCE = "source"
    ASK = "ask"


class Measure(StrEnum):
    """What a threshold is about."""

    SYNC_DURATION = "sync_duration"
    """Seconds that a run took."""
    ERROR_RATE = "error_rate"
    """The fraction of the files of a run that failed."""
    CONSECUTIVE_FAILURES = "consecutive_failures"
    """Runs that failed, one after the other."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which value on (that value too) a measure is worth a warning, and from which on it is critical."""

    warning: float
    critical: float


THRESHOLDS: Mapping[Measure, Threshold] = MappingProxyType(
    {
        Measure.SYNC_DURATION: Threshold(300, 600),
        Measure.ERROR_RATE: Threshold(0.05, 0.10),
        Measure.CONSECUTIVE_FAILURES: Threshold(3, 5),
    }
)


@dataclass(frozen=True, slots=True)
class Mirror:
    """One mirror: the files of `source` (of these kinds; none: all) go to each of `targets`.

    `types` are MIME types that may travel (none: all), `max_size` is in bytes. `decode`: the bytes of types
    that can be read are read whole, not only their beginning. `tag` labels the copies where an app has tags.
    `transfers` is how many files travel at a time, `task_timeout` how many seconds an app may take to finish
    with an upload. `mode` is its own, None when it says none; `conflict` None: nobody said (`ask` counts).
    """

    name: str
    source: str
    targets: tuple[str, ...]
    kinds: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    max_size: int = MAX_SIZE
    decode: bool = False
    tag: str | None = None
    correspondent: str | None = None
    document_type: str | None = None
    transfers: int = TRANSFERS
    task_timeout: float = TASK_TIMEOUT
    conflict: Conflict | None = None
    mode: Mode | None = None
    thresholds: Mapping[Measure, Threshold] = field(default_factory=lambda: THRESHOLDS)
    mark: Mark = field(default=Mark(Path("config.yaml"), 1, 1), compare=False, repr=False)

    def words(self) -> str:
        """A print of all that decides which files go where."""
        said = (
            self.name, self.source, sorted(self.targets), sorted(self.kinds), sorted(self.types),
            self.max_size, self.decode,
        )  # fmt: skip
        return hashlib.blake2b(repr(said).encode(), digest_size=12).hexdigest()

    def mode_under(self, daemon: Mode) -> Mode:
        """The mode that counts: its own or the daemon's, whichever is stricter."""
        return min(daemon, self.mode or daemon, key=list(Mode).index)
