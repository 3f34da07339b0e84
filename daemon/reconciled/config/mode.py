"""How far the daemon goes."""

from enum import StrEnum


class Mode(StrEnum):
    """How far the daemon goes: it only says what it would do, it waits for a yes, or it acts."""

    DRY_RUN = "dry-run"
    ASK = "ask"
    ACT = "act"
