"""What the daemon tells of itself, as a pure function of the facts.

Each message has an `about` that stays the same while the matter does, so a channel is told when it
begins and once a day while it lasts, however often we look. What hides behind something else that
is told (keys of a source in trouble) is not told twice.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from reconciled.config import AlertSettings
from reconciled.ledger.views_alerts import (
    CrossedThreshold,
    EasedThreshold,
    Loop,
    OpenDecision,
    Standing,
    StandingHold,
    Stuck,
    Troubled,
)
from reconciled.notify.messages import Message
from reconciled.units import say_duration

PROBLEMS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one moment; `now` is the wall time, `reckoned` the same for stored times.

    `free` is the room in bytes where the ledger lies, None when nobody could tell; `problems` are
    those of a config that was not taken over, as the page shows them. `likely` has, by what a message
    is about, the likely cause of a hold's suspects or of the losses behind a decision.
    """

    now: datetime
    reckoned: float
    standing: Standing = field(default_factory=Standing)
    free: int | None = None
    problems: tuple[str, ...] = ()
    likely: Mapping[str, str] = field(default_factory=dict)


def alerts(facts: Facts, settings: AlertSettings) -> list[Message]:
    """All that is worth telling now, whether it was told before or not."""
    standing = facts.standing
    told = [_disk(facts.free, settings), *(_trouble(one, facts.now, settings) for one in standing.troubled)]
    told += [_well(one) for one in standing.well]
    told += [_hold(one, facts.likely) for one in standing.holds if one.count]
    told += [_decision(one, facts.likely) for one in standing.decisions if one.count]
    told += [_stuck_keys(standing.keys, facts.reckoned), _stuck_actions(standing.actions, facts.reckoned)]
    told += [_loop(one) for one in standing.loops]
    told += [*map(_crossed, standing.crossed), *map(_eased, standing.eased)]
    told.append(_config(facts.problems))
    return [message for message in told if message is not None]


def _trouble(one: Troubled, now: datetime, settings: AlertSettings) -> Message | None:
    since = datetime.fromisoformat(one.since)
    lasted = (now - since).total_seconds()
    if lasted < settings.trouble:
        return None
    body = (
        f"{one.source} has given no usable answer since {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC. "
        "Until it does, nothing in it is taken for gone, and what needs its answer waits."
    )
    about = f"trouble/{one.source}/{one.since}"
    return Message(about, f"{one.source} has been in trouble for {say_duration(lasted)}", body, "/")


def _well(one: Troubled) -> Message:
    body = f"{one.source} answers again. What waited for it goes on."
    return Message(f"well/{one.source}/{one.since}", f"{one.source} is well again", body, "/")


def _hold(one: StandingHold, likely: Mapping[str, str]) -> Message:
    title = f"A hold on {one.source}: {_count(one.count, 'item')}"
    rest = "Nothing is done about them until they are seen again or you release them."
    about = f"hold/{one.id}"
    return Message(about, title, _with_cause(one.sentence, likely.get(about), rest), f"/holds/{one.id}")


def _decision(one: OpenDecision, likely: Mapping[str, str]) -> Message:
    title = f"{one.policy} asks you: {_count(one.count, 'action')}"
    rest = "Nothing of it is done until you approve it."
    about = f"decision/{one.id}"
    return Message(about, title, _with_cause(one.sentence, likely.get(about), rest), f"/decisions/{one.id}")


def _with_cause(sentence: str, likely: str | None, rest: str) -> str:
    return "\n".join(filter(None, (sentence, likely, rest)))


def _loop(one: Loop) -> Message:
    where = "/".join(quote(part, safe="") for part in (one.source, one.kind, one.key))
    body = (
        f"{one.sentence}.\nIf it is to stay away, have {one.source} stop looking for it: "
        "the page offers that. You are told of this once."
    )
    return Message(f"loop/{one.finding}", f"{one.title} was downloaded again", body, f"/items/{where}")


def _crossed(one: CrossedThreshold) -> Message:
    later = "is over" if one.level == "critical" else "becomes critical or is over"
    body = f"{_sentence(one.sentence)}\nYou are told of this once, and again when it {later}."
    about = f"threshold/{one.finding}/{one.level}/{one.since}"
    return Message(about, f"{one.title} ({one.level})", body, _mirror(one.mirror))


def _eased(one: EasedThreshold) -> Message:
    title = f"{one.title} no more"
    return Message(f"threshold/{one.finding}/over", title, _sentence(one.resolution), _mirror(one.mirror))


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."


def _mirror(name: str) -> str:
    return f"/mirrors/{quote(name, safe='')}"


def _stuck_keys(stuck: list[Stuck], now: float) -> Message | None:
    if not stuck:
        return None
    lines = [
        f"{one.of}: {_count(one.count, 'key')}, the oldest for {_age(one, now)}"
        + (f"; {one.crashed} skipped, since judging crashed: see the log" if one.crashed else "")
        for one in stuck
    ]
    title = f"The queue is stuck: {_count(sum(one.count for one in stuck), 'key')}"
    return Message("stuck/keys", title, "\n".join(["These get no answer:", *lines]), "/")


def _stuck_actions(stuck: list[Stuck], now: float) -> Message | None:
    if not stuck:
        return None
    lines = [f"on {one.of}: {_count(one.count, 'action')}, the oldest for {_age(one, now)}" for one in stuck]
    title = f"The outbox is stuck: {_count(sum(one.count for one in stuck), 'action')}"
    return Message("stuck/actions", title, "\n".join(["These come to no end:", *lines]), "/")


def _disk(free: int | None, settings: AlertSettings) -> Message | None:
    if free is None or free >= settings.disk:
        return None
    body = (
        f"{_bytes(free)} are free where the ledger lies; {_bytes(settings.disk)} are wanted. "
        "With a full disk no event can be kept, and nothing is decided. Make room there."
    )
    return Message("disk", f"The disk is low: {_bytes(free)} free", body, "/", urgent=True)


def _config(problems: tuple[str, ...]) -> Message | None:
    if not problems:
        return None
    lines = list(problems[:PROBLEMS_SHOWN])
    if len(problems) > PROBLEMS_SHOWN:
        lines.append(f"and {len(problems) - PROBLEMS_SHOWN} more")
    print_ = hashlib.blake2b("\n".join(problems).encode(errors="replace"), digest_size=6).hexdigest()
    body = "\n".join(["The last good config stays in force.", *lines])
    return Message(f"config/{print_}", "The config has problems", body, "/")


def _age(one: Stuck, now: float) -> str:
    return say_duration(max(0.0, now - one.since))


def _count(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


def _bytes(size: int) -> str:
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} B"
