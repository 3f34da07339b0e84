"""Channels of messages, and what the daemon tells of itself, as the rest of the house uses them."""

from dataclasses import dataclass
from datetime import time

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One channel: an Apprise address, and when it may be used.

    `digest` gathers messages for that many seconds (0: each at once); `rate` is the most messages
    an hour, what is beyond it goes into one digest; `quiet` is a span of the local clock in which
    only urgent messages go out, the others wait for its end.
    """

    name: str
    url: SecretStr
    digest: float = 0.0
    rate: int = 20
    quiet: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """What the daemon tells of itself. `to` names channels, None means all; durations in seconds.

    `trouble`: a source in trouble for longer; `stuck`: work or an action due for longer without an
    answer; `disk`: less room (bytes) than this where the ledger lies.
    """

    to: tuple[str, ...] | None = None
    trouble: float = 3600.0
    stuck: float = 6 * 3600.0
    disk: int = 1_000_000_000
