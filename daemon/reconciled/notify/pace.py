"""When what goes out: a channel's rules as a pure function of what waits and what was sent.

Urgent messages go at once. The others wait for the end of the quiet hours, for their digest, and
for room under the rate; what was held back together goes out together. Nothing is dropped here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from reconciled.config import ChannelSettings

HOUR = 3600.0
WAITS = (60.0, 300.0, 900.0, *[HOUR] * 23)
"""Seconds between the tries of a message that cannot be delivered; after them, a day, it has failed."""
HELD = 120.0
"""What waited longer was held back (by the night, the rate, a failing server) and goes out as one."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits. Times are reckoned; `due` is when it may be tried (again)."""

    id: int
    created: float
    due: float
    urgent: bool = False
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """What goes out now, each group as one message, and when to look again if nothing new comes."""

    groups: tuple[tuple[int, ...], ...] = ()
    again: float | None = None


def due(
    waiting: Sequence[Waiting],
    sent: Sequence[float],
    rules: ChannelSettings,
    *,
    now: float,
    local: datetime,
) -> Round:
    """What of a channel's messages goes out now.

    `sent` are the times at which something went out there, `now` is reckoned, and `local` is the
    same moment on the clock that the quiet hours are written in. What was never tried goes first:
    one message that the other side does not take must not keep back the rest.
    """
    ready = sorted((one for one in waiting if _ready(one, now)), key=lambda one: (one.tries, one.id))
    later = [one.due for one in waiting if not _ready(one, now)]
    urgent = [(one.id,) for one in ready if one.urgent]
    calm = [one for one in ready if not one.urgent]
    groups: list[tuple[int, ...]] = []
    if calm:
        used = [at for at in sent if abs(now - at) < HOUR] + [now] * len(urgent)
        opens = max(
            now + quiet_left(rules.quiet, local), _digest_opens(calm, rules, now), _room_opens(used, rules)
        )
        if opens > now:
            later.append(opens)
        else:
            groups = _groups(calm, rules, room=max(1, rules.rate - len(used)), now=now)
    return Round((*urgent, *groups), min(later, default=None))


def keep_together(
    groups: Sequence[tuple[int, ...]], late: Sequence[tuple[int, ...]]
) -> tuple[tuple[int, ...], ...]:
    """The groups, but what once went out as one and may still arrive (`late`) stays that one.

    Such a one is tried when any of its messages is, and last: it may take its time once more.
    """
    going = {message for group in groups for message in group}
    again = [group for group in late if not going.isdisjoint(group)]
    bound = {message for group in again for message in group}
    fresh = [tuple(message for message in group if message not in bound) for group in groups]
    return (*(group for group in fresh if group), *again)


def quiet_left(quiet: tuple[time, time] | None, local: datetime) -> float:
    """Seconds until the quiet hours end, 0 outside them. A span may cross midnight; an empty one is none."""
    if quiet is None:
        return 0.0
    start, end = quiet
    at = local.time()
    inside = start <= at < end if start <= end else at >= start or at < end
    if not inside:
        return 0.0
    day = local if at < end else local + timedelta(days=1)
    ends = day.replace(hour=end.hour, minute=end.minute, second=end.second, microsecond=end.microsecond)
    return max(1.0, (ends.astimezone(UTC) - local.astimezone(UTC)).total_seconds())


def _ready(one: Waiting, now: float) -> bool:
    """Due, or due so late that a clock must have been wrong when it was written down."""
    return one.due <= now or one.due > now + HOUR


def _digest_opens(calm: Sequence[Waiting], rules: ChannelSettings, now: float) -> float:
    oldest = min(one.created for one in calm)
    return oldest + rules.digest if oldest <= now else now


def _room_opens(used: Sequence[float], rules: ChannelSettings) -> float:
    rate = max(1, rules.rate)
    return 0.0 if len(used) < rate else sorted(used)[-rate] + HOUR


def _groups(
    calm: Sequence[Waiting], rules: ChannelSettings, *, room: int, now: float
) -> list[tuple[int, ...]]:
    """All in one for a digest; else one by one, save what was held back, and what is too many."""
    if rules.digest > 0:
        return [_together(calm)]
    held = _together([one for one in calm if not one.tries and now - one.created > HELD])
    groups = [held] if held else []
    groups += [(one.id,) for one in calm if one.id not in set(held)]
    if len(groups) > room:
        beyond = [message for group in groups[room - 1 :] for message in group]
        groups = [*groups[: room - 1], tuple(sorted(beyond))]
    return groups


def _together(some: Sequence[Waiting]) -> tuple[int, ...]:
    return tuple(sorted(one.id for one in some))
