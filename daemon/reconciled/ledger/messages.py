"""The messages that wait for their channels, and what became of them.

A message is queued in the transaction of its cause, so it is as durable as that. Due times are
reckoned unix seconds (see `reconciled.clock`); a due time is when a message is tried next, not
when its channel's rules let it out: those are decided when they are looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciled.ledger.connection import Tx


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that waits. `tries` counts how often its sending was begun."""

    id: int
    channel: str
    about: str
    title: str
    body: str
    link: str | None
    urgent: bool
    created: float
    due: float
    tries: int


def queue(
    tx: Tx,
    channel: str,
    *,
    about: str,
    title: str,
    body: str,
    link: str | None,
    urgent: bool,
    at: str,
    now: float,
    repeat: float,
    action_id: int | None,
) -> int | None:
    """Have a message sent; None when the channel was told the same within the last `repeat` seconds.

    What could not be delivered was not told.
    """
    if told(tx, channel, about, now=now, repeat=repeat):
        return None
    (message,) = tx.execute(
        "INSERT INTO message (channel, about, title, body, link, urgent, created_at, created, due, action_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (channel, about, title, body, link, int(urgent), at, now, now, action_id),
    ).fetchone()
    return int(message)


def told(tx: Tx, channel: str, about: str, *, now: float, repeat: float) -> bool:
    """Whether the channel was told the same within the last `repeat` seconds, or is about to be."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM message WHERE channel = ? AND about = ? AND state <> 'failed' "
        "AND created > ? AND created < ?)",
        (channel, about, now - repeat, now + repeat),
    ).fetchone()
    return bool(found)


def waiting(tx: Tx) -> list[Queued]:
    """All that waits, oldest first."""
    found = tx.execute(
        "SELECT id, channel, about, title, body, link, urgent, created, due, tries FROM message "
        "WHERE state = 'new' ORDER BY id"
    )
    return [
        Queued(message, channel, about, title, body, link, bool(urgent), created, due, tries)
        for message, channel, about, title, body, link, urgent, created, due, tries in found
    ]


def sent_since(tx: Tx, channel: str, since: float) -> list[float]:
    """When something went out there after that time; what went out as one counts once."""
    found = tx.execute(
        "SELECT DISTINCT sent FROM message WHERE channel = ? AND state = 'sent' AND sent > ? ORDER BY sent",
        (channel, since),
    )
    return [at for (at,) in found]


def begin(tx: Tx, tries: Iterable[tuple[int, float]]) -> None:
    """The sending of these begins; each is tried again at its time unless it is known to be over by then."""
    tx.executemany(
        "UPDATE message SET tries = tries + 1, due = ? WHERE id = ? AND state = 'new'",
        [(until, message) for message, until in tries],
    )


def sent(tx: Tx, ids: Sequence[int], *, at: str, now: float) -> None:
    """These went out, as one."""
    tx.executemany(
        "UPDATE message SET state = 'sent', sent_at = ?, sent = ?, error = NULL WHERE id = ? AND state = 'new'",
        [(at, now, message) for message in ids],
    )


def not_sent(tx: Tx, ids: Sequence[int], *, error: str) -> None:
    """These could not be delivered; they are tried again when they are due."""
    tx.executemany(
        "UPDATE message SET error = ? WHERE id = ? AND state = 'new'", [(error, message) for message in ids]
    )


def give_up(tx: Tx, ids: Sequence[int], *, error: str) -> None:
    """These are not tried again."""
    tx.executemany(
        "UPDATE message SET state = 'failed', error = ? WHERE id = ? AND state = 'new'",
        [(error, message) for message in ids],
    )


def forget_before(tx: Tx, at: str) -> int:
    """Let go of what was sent or given up and was queued before that time. Returns how many."""
    return tx.execute("DELETE FROM message WHERE state <> 'new' AND created_at < ?", (at,)).rowcount
