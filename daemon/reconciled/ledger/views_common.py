"""What the suspects of a hold, or the losses behind a decision, share: facts, counted in SQL.

A value counts by how many of them have it and by how many others of the same source and kind have it
too, those that still stand: what everything shares explains nothing. What the facts come to is said by
`reconciled.engine.common`. A hold of 10,000 items is read in less than 100 ms, so each fact is an
aggregate over the members' rows, never a query an item.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from reconciled.ledger import sources
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import RootRow, dump
from reconciled.ledger.views_around import Beside, Elsewhere, Trouble, beside, elsewhere, troubles
from reconciled.ledger.views_shared import ENOUGH, Spot, beside_them, device_of, most_share, whereabouts

FIRST_EVENTS = 20
"""The most kinds of testimony that are read."""


@dataclass(frozen=True, slots=True)
class Testimony:
    """Evidence of the same words: about how many items, from when to when, whom it names."""

    how: str
    said: str
    cause: str | None
    actor: str | None
    count: int
    first: str
    last: str
    deed: str | None = None


@dataclass(frozen=True, slots=True)
class CommonFacts:
    """All that was gathered. `of` is how many they are, `others` how many stand beside them.

    `named` are those that somebody is named for, by whom and where, whatever the words were.
    `reason` is the hold's, None for a decision. `files`: only their files went. `newest`: all of them
    came later than all others; `first` and `last` is when they were noticed.
    """

    source: str
    kind: str
    of: int
    others: int | None = None
    reason: str | None = None
    files: bool = False
    first: str = ""
    last: str = ""
    by_scan: bool = False
    newest: bool = False
    added: str = ""
    root: str = ""
    root_row: RootRow | None = None
    roots_known: bool = False
    spots: Sequence[Spot] = ()
    testimony: Sequence[Testimony] = ()
    named: Sequence[Testimony] = ()
    elsewhere: Sequence[Elsewhere] = ()
    troubles: Sequence[Trouble] = ()
    beside: Sequence[Beside] = ()


def hold(tx: Tx, hold_id: int) -> CommonFacts | None:
    """What the suspects share that wait in a hold; None when it is over."""
    found = tx.execute("SELECT reason FROM hold WHERE id = ? AND closed_at IS NULL", (hold_id,)).fetchone()
    members = tx.execute(
        "SELECT item_id FROM hold_item WHERE hold_id = ? AND left_at IS NULL", (hold_id,)
    ).fetchall()
    if not found or not members:
        return None
    ids = dump([item for (item,) in members])
    said = _waiting(tx, ids)
    facts = _gather(tx, ids, own_hold=hold_id)
    facts = replace(facts, reason=found[0], testimony=said.words, named=said.names)
    return _since(tx, ids, facts)


def decision(tx: Tx, decision_id: int) -> CommonFacts | None:
    """What the losses share after which the actions of a decision would be done; None when it is over."""
    found = tx.execute(
        "SELECT DISTINCT coalesce(finding.item_id, tombstone.item_id), tombstone.id, "
        "ifnull(tombstone.noticed, finding.opened_at), ifnull(finding.what, 'entry'), "
        "EXISTS (SELECT 1 FROM evidence WHERE tombstone_id = tombstone.id AND how = 'event') "
        "FROM action CROSS JOIN finding ON finding.id = action.finding_id "
        "LEFT JOIN tombstone ON tombstone.id = finding.tombstone_id WHERE decision_id = ? AND action.state = 'waiting'",
        (decision_id,),
    ).fetchall()
    kept = [row for row in found if row[0] is not None]
    if not kept:
        return None
    facts = _gather(tx, dump(sorted({row[0] for row in kept})), own_hold=0)
    said = _beside_graves(tx, dump([row[1] for row in kept if row[1] is not None]))
    return replace(
        facts,
        files=all(row[3] == "file" for row in kept),
        first=min(row[2] for row in kept),
        last=max(row[2] for row in kept),
        by_scan=not any(row[4] for row in kept),
        testimony=said.words,
        named=said.names,
    )


def _gather(tx: Tx, ids: str, *, own_hold: int) -> CommonFacts:
    """What holds for both; `ids` are the ledger's rows, as JSON."""
    where, of = whereabouts(tx, ids)
    source = sources.by_id(tx, where.source_id)
    others, newer, spots = beside_them(tx, "" if own_hold else ids, where, most_share(tx, ids, where, of))
    root = next((one.value for one in spots if one.what == "root"), "")
    device = device_of(where.rows.get(root))
    devices = frozenset({device} if device else ())
    host = urlsplit(str(source.scope.get("url") or "")).hostname or ""
    around, held = elsewhere(tx, ids, own=where.source_id)
    return CommonFacts(
        source=source.name,
        kind=where.kind,
        of=of,
        others=others,
        newest=bool(others) and newer == 0,
        added=where.first_at,
        root=root,
        root_row=where.rows.get(root),
        roots_known=bool(where.rows),
        spots=spots,
        elsewhere=around,
        troubles=troubles(tx, ids, own=where.source_id, host=host, devices=devices),
        beside=beside(tx, held, own_hold=own_hold, devices=devices, root=root),
    )


def _since(tx: Tx, ids: str, facts: CommonFacts) -> CommonFacts:
    """The same, with when they became suspects, and whether only their files would be gone."""
    first, last, entries, told = tx.execute(
        "SELECT min(since_at), max(since_at), sum(what = 'entry'), sum(noticed_by <> 'scan') "
        "FROM (SELECT value AS member FROM json_each(?)) CROSS JOIN suspect ON item_id = member",
        (ids,),
    ).fetchone()
    return replace(facts, first=first or "", last=last or "", files=entries == 0, by_scan=not told)


@dataclass(frozen=True, slots=True)
class _Said:
    """Evidence by its words, and by whom it names."""

    words: list[Testimony]
    names: list[Testimony]


def _waiting(tx: Tx, ids: str) -> _Said:
    """What speaks for losses that are not proved."""
    return _said(
        tx,
        "SELECT item.id AS what, how, said, evidence.cause, evidence.actor, ifnull(moment, at) AS at, deed "
        "FROM (SELECT value AS member FROM json_each(?)) CROSS JOIN item ON item.id = member CROSS JOIN source ON source.id = item.source_id "
        "CROSS JOIN evidence ON evidence.source = source.name AND evidence.kind = item.kind AND evidence.key = item.key "
        "AND tombstone_id IS NULL",
        ids,
    )


def _beside_graves(tx: Tx, tombstones: str) -> _Said:
    """What stands beside tombstones and those that share their stories."""
    return _said(
        tx,
        "SELECT its.id AS what, how, said, evidence.cause, evidence.actor, ifnull(moment, at) AS at, deed "
        "FROM (SELECT value AS member FROM json_each(?)) CROSS JOIN tombstone AS its ON its.id = member "
        "CROSS JOIN tombstone AS grave ON grave.story_id = its.story_id "
        "CROSS JOIN evidence ON evidence.tombstone_id = grave.id",
        tombstones,
    )


def _said(tx: Tx, evidence: str, ids: str) -> _Said:
    """A scan's own words name the scan and tell nothing; neither do those of a proof."""
    found = [
        Testimony(*row)
        for row in tx.execute(
            "SELECT how, CASE WHEN how = 'action' THEN '' ELSE said END AS words, cause, actor, "  # noqa: S608 - constant parts
            f"count(DISTINCT what) AS n, min(at), max(at), deed FROM ({evidence}) "
            "WHERE how <> 'lookup' AND (how <> 'scan' OR cause IS NOT NULL) "
            "GROUP BY how, words, cause, actor, deed ORDER BY n DESC, min(at) LIMIT ?",
            (ids, FIRST_EVENTS),
        )
    ]
    naming = [one for one in found if one.cause or one.actor]
    if len(found) == FIRST_EVENTS or len({(one.cause, one.actor, one.deed) for one in naming}) < len(naming):
        naming = [  # the same is named in several words, for the same items or for others
            Testimony("", "", *row)
            for row in tx.execute(
                "SELECT cause, actor, count(DISTINCT what) AS n, min(at), max(at), deed "  # noqa: S608 - constant parts
                f"FROM ({evidence}) WHERE cause IS NOT NULL OR actor IS NOT NULL "
                "GROUP BY cause, actor, deed ORDER BY n DESC, min(at) LIMIT ?",
                (ids, FIRST_EVENTS),
            )
        ]
    return _Said([one for one in found if one.said], naming)


__all__ = ["ENOUGH", "Beside", "CommonFacts", "Elsewhere", "Spot", "Testimony", "Trouble", "decision", "hold"]
