"""Suspects come and go: transitions inside one transaction, shared by scans, events and lookups."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reconciled.engine import holds
from reconciled.engine.live import LiveSource
from reconciled.ledger import items, parts, sources, suspects, tombstones, work
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow, SourceRow, Suspect, stamp
from reconciled.ledger.suspects import Group
from reconciled.model import Presence, What

RECENT = timedelta(hours=24)
"""What happened within this time counts together, and shares a story."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a transition is written: the transaction, the source, and one moment in all its forms."""

    tx: Tx
    live: LiveSource
    source: SourceRow
    seq: int
    when: datetime
    now: float

    @classmethod
    def at(cls, tx: Tx, live: LiveSource) -> "Desk":
        """A desk for this transaction, with a sequence number of its own."""
        clock = live.clock
        return cls(tx, live, sources.by_id(tx, live.id), items.next_seq(tx), clock.now(), clock.reckoned())

    @property
    def stamp(self) -> str:
        """The moment as the ledger writes it."""
        return stamp(self.when)

    @property
    def recently(self) -> str:
        """The beginning of what counts as recent."""
        return stamp(self.when - RECENT)


def suspect(
    desk: Desk,
    row: ItemRow,
    what: What,
    *,
    noticed_by: str,
    own_act: bool = False,
    settle: float | None = None,
    run_id: int | None = None,
    why: str,
) -> None:
    """Begin (or weigh anew) a suspicion. The ledger keeps the item as it was until the loss is proved."""
    tx = desk.tx
    known = suspects.get(tx, row.id)
    if known is None:
        items.confirm(tx, row.id, desk.source.scanned)
        suspects.put(tx, Suspect(row.id, what, desk.seq, desk.stamp, noticed_by, run_id, own_act))
    else:
        worse = What.ENTRY if What.ENTRY in (what, known.what) else What.FILE
        released = known.released if worse is known.what else 0  # who believed its file gone meant no more
        suspects.put(tx, replace(known, what=worse, own_act=known.own_act or own_act, released=released))
        if worse is not known.what and known.hold_id is not None:
            suspects.join_anew(tx, row.id, seq=desk.seq)
    if what is What.ENTRY and row.presence in (Presence.PRESENT, Presence.FROZEN):
        items.set_presence(tx, row.id, Presence.UNLISTED)
    if known is None or known.hold_id is None:
        wait = desk.live.rules.settle if settle is None else settle
        work.order(
            tx, desk.live.id, row.item.key, now=desk.now, settle=wait if known is None else 0.0, why=why
        )
        if known is None and noticed_by in ("event", "lookup"):
            _ask_parent_first(desk, row, settle=wait)


def _ask_parent_first(desk: Desk, row: ItemRow, *, settle: float) -> None:
    """Nobody said anything of what it is a part of: that one is asked first. (A scan has just done so.)"""
    parent = parts.parent_of(desk.tx, row)
    if parent is not None and parent.presence is Presence.PRESENT and parent.item.key.kind in desk.live.kinds:
        why = f"{row.item.key}, a part of it, may be gone"
        work.ask_once(desk.tx, desk.live.id, parent.item.key, now=desk.now, settle=settle, why=why)


def clear(desk: Desk, row: ItemRow, how: str) -> None:
    """The suspicion is over and nothing was lost. Its parts are judged for themselves."""
    end(desk, row, how)
    wake_parts(desk, row)


def end(desk: Desk, row: ItemRow, how: str) -> None:
    """The suspicion is over, and what speaks for a loss speaks for nothing."""
    suspects.end(desk.tx, row.id, at=desk.stamp, how=how)
    tombstones.dismiss(desk.tx, desk.source.name, row.item.key)


def wake_parts(desk: Desk, row: ItemRow) -> None:
    """What waited below an item, and does no longer, is looked at by itself, and counted before it ends."""
    for child in parts.astir(desk.tx, row):
        if parts.waits(desk.tx, child):
            continue
        doubt = suspects.get(desk.tx, child.id)
        if doubt is not None and doubt.hold_id is None:
            why = f"{row.item.key}, which it is a part of, was looked at"
            work.ask_once(desk.tx, desk.live.id, child.item.key, now=desk.now, why=why)
        work.make_due(desk.tx, desk.live.id, child.item.key, now=desk.now)


def judge(desk: Desk, groups: Iterable[Group], *, foreign: str | None = None) -> int:
    """Hold the suspects of these groups where they are not to be believed. Returns how many joined a hold.

    `foreign` says why the source looks like another world, when a scan has just seen that.
    """
    return sum(_judge(desk, group, foreign) for group in groups)


def _judge(desk: Desk, group: Group, foreign: str | None) -> int:
    tx = desk.tx
    if not suspects.any_unheld(tx, group):
        return 0
    hold = suspects.open_hold(tx, group)
    facts = _facts(desk, group, foreign, counts=hold is None)
    judgement = holds.judge(facts) if hold is None else holds.judge_world(facts)
    if hold is None:
        if judgement is None:
            return 0
        said = judgement.sentence
        hold = suspects.open_a_hold(tx, group, judgement.reason, said, seq=desk.seq, at=desk.stamp)
        desk.live.log.warning("%s: hold: %s", desk.source.name, said)
    elif judgement is not None and judgement.reason.outweighs(holds.Reason(hold.reason)):
        suspects.restate(tx, hold.id, judgement.reason, judgement.sentence, seq=desk.seq)
    reason = judgement.reason if judgement is not None else holds.Reason(hold.reason)
    joined = suspects.join(
        tx, hold, seq=desk.seq, spare_own_acts=reason.spares_own_acts, waiting_since=desk.now - holds.NO_YES
    )
    suspects.close_if_empty(tx, hold.id, at=desk.stamp)
    return joined


def _facts(desk: Desk, group: Group, foreign: str | None, *, counts: bool) -> holds.Facts:
    """What is known of a group; `counts` also what stands there, which takes a walk over it."""
    tx, source = desk.tx, desk.source
    roots = sources.roots(tx, source.id)
    found = suspects.in_group(tx, group)
    counted = [row for row in found if row[0].counted]
    waits = [desk.now - known.no_yes_since for known, *_ in found if known.no_yes_since is not None]
    since = desk.recently
    went, ended, files_went = tombstones.counted_since(tx, source.name, group.kind, group.root, since=since)
    newest: int | None = 0
    stood = files_stood = 0
    if counts and (len(counted) >= holds.NEWEST or len(counted) + went > holds.MANY):  # else it matters not
        stood, files_stood = suspects.standing(tx, group)
    if counts and len(counted) >= holds.NEWEST:
        newest = suspects.newest_before(tx, group, max(confirmed for _, _, confirmed, _ in counted) + 1)
    return holds.Facts(
        source=source.name,
        kind=group.kind,
        root=group.root,
        first_seen=[first for _, first, *_ in counted],
        went=went,
        stood=stood + ended,
        newest_other=newest,
        max_gone=desk.live.rules.max_gone,
        root_row=roots.get(group.root),
        roots_known=bool(roots),
        foreign=foreign or ("the last scan showed another world" if source.foreign_world else None),
        account=_account_trouble(desk),
        no_yes_for=max(waits, default=0.0),
        only_files=all(known.what is What.FILE for known, *_ in counted),
        doubted=len([known for known, *_ in found if not known.released]),
        files=sum(has_file for *_, has_file in counted),
        files_went=files_went,
        files_stood=files_stood + files_went,
    )


def _account_trouble(desk: Desk) -> str | None:
    about, source = desk.live.about, desk.source
    if about is None or source.sees_everything is None:
        return None
    if source.sees_everything and not about.sees_everything:
        return f"the account {about.account or 'that we use'} no longer sees everything in {source.name}"
    if source.account is not None and about.account != source.account:
        return f"the account in {source.name} changed from {source.account} to {about.account}"
    return None
