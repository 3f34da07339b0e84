"""What goes on around suspects and losses: the same things elsewhere, trouble, and other holds.

A loss that no other app shares, or one that came right after trouble, is likely none. Places count as
the same when a probe named the same device for them or they have the same path; a device of `/` says
nothing, since every container has one.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import dump, stamp

BEFORE = timedelta(hours=1)
"""Trouble within so long before a loss was noticed counts."""
TOGETHER = timedelta(days=1)
"""What went elsewhere longer before has nothing to do with it; as long as losses share a story."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same things in another source: how many are there (with a file, or as entries), doubted, or gone.

    Each counts once, by the best that the source has of it.
    """

    source: str
    files: int = 0
    entries: int = 0
    doubted: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source that could not be read shortly before. `same`: "source" (it itself), "host" or "mount"."""

    source: str
    same: str
    error: str
    lasts: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """Another hold that stands: how many wait there, how many of the same things, and whether on the same disk."""

    id: int
    source: str
    count: int
    same: int
    mount: bool


_STATES = ("gone", "doubted", "entries", "files")


def elsewhere(tx: Tx, ids: str, *, own: int) -> tuple[list[Elsewhere], dict[int, int]]:
    """What other sources hold of the same things, and how many of these wait in which hold."""
    names = dict(tx.execute("SELECT id, name FROM source WHERE state = 'active'").fetchall())
    noticed = _noticed(tx, ids)
    lately = stamp(noticed - TOGETHER) if noticed is not None else ""
    found = tx.execute(
        "SELECT source_id, state, hold_id, count(*) FROM ("
        "SELECT other.source_id, max(CASE WHEN other.presence = 'gone' THEN 0 "
        "WHEN suspect.item_id IS NOT NULL OR other.presence = 'unlisted' THEN 1 "
        "WHEN other.has_file = 1 THEN 3 ELSE 2 END) AS state, max(suspect.hold_id) AS hold_id "
        "FROM (SELECT value AS member FROM json_each(?)) CROSS JOIN ref AS mine ON mine.item_id = member "
        "CROSS JOIN ref AS its ON its.space = mine.space AND its.value = mine.value AND its.item_id <> member "
        "CROSS JOIN item AS other ON other.id = its.item_id LEFT JOIN suspect ON suspect.item_id = other.id "
        "WHERE mine.space NOT IN ('path', 'sha256') AND other.source_id <> ? AND other.refers = 0 "
        "AND other.current = 1 AND other.presence <> 'frozen' AND (other.presence <> 'gone' OR other.changed_at >= ?) "
        "GROUP BY member, other.source_id) GROUP BY 1, 2, 3",
        (ids, own, lately),
    )
    states: dict[str, Counter[str]] = {}
    holds: Counter[int] = Counter()
    for source, state, hold, n in found:
        if source in names:
            states.setdefault(names[source], Counter())[_STATES[state]] += n
        if hold is not None:
            holds[hold] += n
    return [Elsewhere(source, **counts) for source, counts in sorted(states.items())], holds


def _noticed(tx: Tx, ids: str) -> datetime | None:
    """When the first of them was missed."""
    (since,) = tx.execute(
        "SELECT min(ifnull(suspect.since_at, item.changed_at)) FROM (SELECT value AS member FROM json_each(?)) "
        "CROSS JOIN item ON item.id = member LEFT JOIN suspect ON suspect.item_id = item.id",
        (ids,),
    ).fetchone()
    return datetime.fromisoformat(since) if since is not None else None


def troubles(tx: Tx, ids: str, *, own: int, host: str, devices: Collection[str]) -> list[Trouble]:
    """Sources in trouble now, and those whose scans failed within the hour before the first was noticed."""
    noticed = _noticed(tx, ids)
    if noticed is None:
        return []
    since, before = stamp(noticed), stamp(noticed - BEFORE)
    found = tx.execute(
        "SELECT source.id, name, json_extract(scope, '$.url'), troubled_since, "
        "(SELECT error FROM run WHERE run.source = name AND pass = 'scan' AND run.state = 'failed' "
        "AND finished BETWEEN ? AND ? ORDER BY run.id DESC LIMIT 1) AS error FROM source "
        "WHERE source.state = 'active' AND (troubled_since IS NOT NULL OR error IS NOT NULL) ORDER BY source.id <> ?, name",
        (before, since, own),
    ).fetchall()
    near = _on_devices(tx, devices)
    told = []
    for source, name, url, lasts, error in found:
        there = urlsplit(url or "").hostname
        same = "source" if source == own else "mount" if source in near else "host" if there == host else ""
        if same and (same != "host" or host):
            told.append(Trouble(name, same, error or "", lasts is not None))
    return told


def beside(
    tx: Tx, same: Mapping[int, int], *, own_hold: int, devices: Collection[str], root: str
) -> list[Beside]:
    """The other holds that stand, of the `same` things (so many in each) or on the same disk."""
    found = tx.execute(
        "SELECT hold.id, source.name, (SELECT count(*) FROM hold_item WHERE hold_id = hold.id AND left_at IS NULL), "
        "ifnull((hold.root <> '' AND hold.root = ?) OR ifnull(base_device, device) IN (SELECT value FROM json_each(?)), 0) "
        "FROM hold JOIN source ON source.id = hold.source_id "
        "LEFT JOIN root ON root.source_id = hold.source_id AND root.path = hold.root "
        "WHERE hold.closed_at IS NULL AND hold.id <> ? ORDER BY hold.id",
        (root, _telling(devices), own_hold),
    )
    told = [Beside(hold, name, n, same.get(hold, 0), bool(mount)) for hold, name, n, mount in found]
    return [one for one in told if one.count and (one.same or one.mount)]


def _on_devices(tx: Tx, devices: Collection[str]) -> set[int]:
    found = tx.execute(
        "SELECT source_id FROM root WHERE ifnull(base_device, device) IN (SELECT value FROM json_each(?))",
        (_telling(devices),),
    )
    return {source for (source,) in found}


def _telling(devices: Collection[str]) -> str:
    return dump([one for one in devices if one != "/"])
