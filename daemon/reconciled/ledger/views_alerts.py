"""What the daemon may have to tell of itself: the facts that stand in the ledger.

`about` of the messages on troubled sources is made and read here and in `notify.alerts` alone:
`trouble/SOURCE/SINCE`, and `well/SOURCE/SINCE` when that trouble is over. So are those on mirrors:
`threshold/FINDING/LEVEL/SINCE`, and `threshold/FINDING/over`.
"""

import msgspec

from reconciled.ledger import thresholds
from reconciled.ledger.connection import Tx
from reconciled.ledger.work import STUCK_AFTER

TOLD_WITHIN = 7 * 86400.0
"""A trouble that was last told longer ago is not said to be over."""


class Troubled(msgspec.Struct, frozen=True):
    """A source in trouble, or one that was, since that time."""

    source: str
    since: str


class StandingHold(msgspec.Struct, frozen=True):
    """A hold that stands, and how many items wait in it."""

    id: int
    source: str
    kind: str
    sentence: str
    opened: str
    count: int


class OpenDecision(msgspec.Struct, frozen=True):
    """A decision that nobody has answered, and how many actions wait for it."""

    id: int
    policy: str
    sentence: str
    opened: str
    count: int


class Stuck(msgspec.Struct, frozen=True):
    """What gets no answer: `of` is the source whose keys, or the target whose actions, are stuck.

    `since` is reckoned: since when the oldest has waited. `crashed` are skipped because judging them
    crashed.
    """

    of: str
    count: int
    since: float
    crashed: int = 0


class Loop(msgspec.Struct, frozen=True):
    """Something that was deleted and downloaded again, of which nobody was told yet."""

    finding: int
    source: str
    kind: str
    key: str
    title: str
    sentence: str


class CrossedThreshold(msgspec.Struct, frozen=True):
    """A mirror crossed a threshold, or one became critical, of which nobody was told yet."""

    finding: int
    mirror: str
    level: str
    since: str
    title: str
    sentence: str


class EasedThreshold(msgspec.Struct, frozen=True):
    """A threshold that people were told of is no longer crossed."""

    finding: int
    mirror: str
    title: str
    resolution: str


class Standing(msgspec.Struct, frozen=True):
    """All of it at one moment. `well` are troubles that people were told of and that are over."""

    troubled: list[Troubled] = []
    well: list[Troubled] = []
    holds: list[StandingHold] = []
    decisions: list[OpenDecision] = []
    keys: list[Stuck] = []
    actions: list[Stuck] = []
    loops: list[Loop] = []
    crossed: list[CrossedThreshold] = []
    eased: list[EasedThreshold] = []


def standing(tx: Tx, *, now: float, stuck: float) -> Standing:
    """What stands now (reckoned); stuck is what has waited for longer than so many seconds."""
    return Standing(
        troubled=_troubled(tx),
        well=_well(tx, since=now - TOLD_WITHIN),
        holds=_holds(tx),
        decisions=_decisions(tx),
        keys=_keys(tx, before=now - stuck),
        actions=_actions(tx, before=now - stuck),
        loops=_loops(tx, since=now - TOLD_WITHIN),
        crossed=_crossed(tx, since=now - TOLD_WITHIN),
        eased=_eased(tx, since=now - TOLD_WITHIN),
    )


def _troubled(tx: Tx) -> list[Troubled]:
    found = tx.execute(
        "SELECT name, troubled_since FROM source WHERE state = 'active' AND paused_by IS NULL AND troubled_since IS NOT NULL "
        "ORDER BY name"
    )
    return [Troubled(*row) for row in found]


def _well(tx: Tx, *, since: float) -> list[Troubled]:
    """The newest trouble told of each source that is well now, unless that was said already."""
    told: dict[str, str] = {}
    for (about,) in tx.execute(
        "SELECT DISTINCT about FROM message WHERE about >= 'trouble/' AND about < 'trouble0' AND state <> 'failed' AND created > ?",
        (since,),
    ):
        source, _, began = about.removeprefix("trouble/").rpartition("/")
        told[source] = max(told.get(source, ""), began)
    return [
        Troubled(source, began)
        for source, began in sorted(told.items())
        if tx.execute(
            "SELECT 1 FROM source WHERE name = ? AND state = 'active' AND troubled_since IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM message WHERE about = ?)",
            (source, f"well/{source}/{began}"),
        ).fetchone()
    ]


def _holds(tx: Tx) -> list[StandingHold]:
    found = tx.execute(
        "SELECT hold.id, source.name, hold.kind, hold.sentence, hold.opened_at, "
        "(SELECT count(*) FROM hold_item WHERE hold_id = hold.id AND left_at IS NULL) "
        "FROM hold JOIN source ON source.id = hold.source_id WHERE hold.closed_at IS NULL ORDER BY hold.id"
    )
    return [StandingHold(*row) for row in found]


def _decisions(tx: Tx) -> list[OpenDecision]:
    found = tx.execute(
        "SELECT id, policy, sentence, opened_at, "
        "(SELECT count(*) FROM action WHERE decision_id = decision.id AND state = 'waiting') "
        "FROM decision WHERE closed_at IS NULL ORDER BY id"
    )
    return [OpenDecision(*row) for row in found]


def _loops(tx: Tx, *, since: float) -> list[Loop]:
    """Each is told once, as `loop/FINDING`; a message leaves the ledger after a while, so only the new ones."""
    found = tx.execute(
        "SELECT id, source, kind, key, title, detail FROM finding WHERE code = 'redownload' AND resolved_at IS NULL "
        "AND ignored_by IS NULL AND snoozed_until IS NULL AND opened_at >= strftime('%Y-%m-%dT%H:%M:%fZ', ?, 'unixepoch') "
        "AND NOT EXISTS (SELECT 1 FROM message WHERE about = 'loop/' || finding.id AND state <> 'failed') ORDER BY id",
        (since,),
    )
    return [Loop(*row) for row in found]


def _crossed(tx: Tx, *, since: float) -> list[CrossedThreshold]:
    """Each is told once when it opens, and once whenever it became critical after that; old ones never, since
    a message leaves the ledger after a while.
    """
    (old,) = tx.execute("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ?, 'unixepoch')", (since,)).fetchone()
    return [
        CrossedThreshold(one.id, one.mirror, one.level, one.since, one.title, one.sentence)
        for one in thresholds.every_crossed(tx, unanswered=True)
        if one.since >= old
        and (one.level == "critical" or not one.risen)
        and not _said_of(tx, one.id, f"{one.level}/{one.since}")
    ]


def _eased(tx: Tx, *, since: float) -> list[EasedThreshold]:
    """Those that were told of and are over, unless that was said already."""
    told = tx.execute(
        "SELECT DISTINCT about FROM message WHERE about >= 'threshold/' AND about < 'threshold0' AND state <> 'failed' AND created > ?",
        (since,),
    )
    found = sorted({int(about.split("/")[1]) for (about,) in told})
    return [
        EasedThreshold(finding, *ended)
        for finding in found
        if (ended := thresholds.ended(tx, finding)) is not None and not _said_of(tx, finding, "over")
    ]


def _said_of(tx: Tx, finding: int, what: str) -> bool:
    (said,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM message WHERE about = ? AND state <> 'failed')",
        (f"threshold/{finding}/{what}",),
    ).fetchone()
    return bool(said)


def _keys(tx: Tx, *, before: float) -> list[Stuck]:
    """Keys whose settle was over by then. A source that is paused or in trouble is told of as such."""
    found = tx.execute(
        "SELECT source.name, count(*), min(CASE WHEN settled > 0 THEN settled ELSE due END), sum(stuck >= ?1) "
        "FROM work JOIN source ON source.id = work.source_id "
        "WHERE source.state = 'active' AND paused_by IS NULL AND troubled_since IS NULL "
        "AND (stuck >= ?1 OR CASE WHEN settled > 0 THEN settled ELSE due END <= ?2) GROUP BY source.name ORDER BY source.name",
        (STUCK_AFTER, before),
    )
    return [Stuck(*row) for row in found]


def _actions(tx: Tx, *, before: float) -> list[Stuck]:
    """Actions whose outcome is not known, and those that failed and are tried again, since before then."""
    found = tx.execute(
        "SELECT target, count(*), min(since) FROM ("
        "SELECT target, sent AS since FROM action WHERE state = 'sending' "
        "UNION ALL SELECT target, ifnull(due, sent) FROM action WHERE state = 'planned' AND code = 'again' AND tries > 0"
        ") WHERE since <= ? GROUP BY target ORDER BY target",
        (before,),
    )
    return [Stuck(*row) for row in found]
