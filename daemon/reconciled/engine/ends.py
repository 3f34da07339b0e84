"""How one look at a key can end, in words that metrics and pages use too."""

from enum import StrEnum


class End(StrEnum):
    """How one look at a key ended."""

    SEEN = "seen"
    CHANGED = "changed"
    NEW = "new"
    SUSPECT = "suspect"
    GONE = "gone"
    HELD = "held"
    REUSED = "reused"
    """The key names another thing now: a scan must tell whether that is one key or another world."""
    UNKNOWN = "unknown"
    NOTHING = "nothing"
