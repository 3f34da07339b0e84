"""Re-download loops: something was deleted on purpose, and an app that still looks for it gets it again.

A loop needs a deletion that was meant (by a person, by an app, by us), an app that monitors the thing,
and a sign that a file came: the app's own word that it downloads, or a file where the ledger held a
lost one. An upgrade, a rename, an item that came back from an outage or out of a hold, and what somebody
wanted again since (a restore of ours, a new request) are none. `loop` decides that, purely.

A person is told once: a second sign within the window after the first opens nothing, whatever they
answered. The finding stands at the item of the app that downloads, since the remedy is there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reconciled.engine.attribution import BY_HAND, EXTERNAL, OURS, Deed, attribute
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.suspicion import Desk
from reconciled.ledger import items, links, redownloads, sources, tombstones
from reconciled.ledger.redownloads import CODE, Lost
from reconciled.ledger.rows import ItemRow, stamp
from reconciled.model import Presence
from reconciled.units import say_duration

WINDOW = 7 * 86400.0
"""Seconds after a deletion within which a download undoes it, and within which a loop is told once."""
_ON_PURPOSE = (Deed.DELETED, Deed.FILE_DELETED, Deed.TRASHED)
_DAY = 86400.0


class Sign(StrEnum):
    """Why we think that a file came: the app says that it downloads it, or one stands where none was."""

    GRABBED = "grabbed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Removal:
    """A loss of the thing, and who stands behind it.

    `ours`: an act of ours took it. `on_purpose`: its app says that it was deleted there, and did not merely
    miss it. `held`: it was in a hold that a person released. `upgraded`: it made room for a better one.
    `spared`: its source holds an older copy still. `downloader`: its source looks for files itself.
    """

    tombstone: int
    story: int
    title: str
    source: str
    cause: str
    actor: str | None
    seq: int
    at: datetime
    ours: bool = False
    on_purpose: bool = False
    held: bool = False
    upgraded: bool = False
    spared: bool = False
    downloader: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """A sign at an item of `source`. `monitored` is None where the app looks for nothing by itself;
    `wanted` is when somebody last wanted the thing (again), as a sequence number.
    """

    sign: Sign
    source: str
    monitored: bool | None
    now: datetime
    removals: Sequence[Removal] = ()
    wanted: int = 0


def loop(facts: Facts) -> Removal | None:
    """The deletion that the download undoes: the first loss of the newest story; None: this is no loop.

    What is not monitored was asked for by a person.
    """
    if facts.monitored is not True:
        return None
    fitting = [one for one in facts.removals if _undone(one, facts)]
    return max(fitting, key=lambda one: (one.story, -one.seq), default=None)


def _undone(removal: Removal, facts: Facts) -> bool:
    if (facts.now - removal.at).total_seconds() > WINDOW or facts.wanted > removal.seq:
        return False
    if removal.spared or (removal.downloader and removal.source != facts.source):
        return False  # another copy stands, or the one of another downloader was meant
    return _meant(removal, facts.sign)


def _meant(removal: Removal, sign: Sign) -> bool:
    """An app that merely misses it may have seen an accident: then only a true download tells a loop."""
    if removal.upgraded:
        return False
    if removal.ours or removal.on_purpose or removal.actor or removal.cause in (OURS, BY_HAND):
        return True
    return removal.cause != EXTERNAL and not removal.held and sign is Sign.GRABBED


def sentence(removal: Removal, facts: Facts) -> str:
    """The loop in one sentence, without its full stop."""
    later = (facts.now - removal.at).total_seconds()
    then = f"{_say(later)} later" if later >= 60.0 else "at once"
    did = "grabbed it again" if facts.sign is Sign.GRABBED else "has a file of it again"
    day = f"{removal.at.day} {removal.at:%B}"
    return (
        f"{removal.title} was deleted in {_where(removal)}{_by(removal)} on {day}; "
        f"{facts.source}, which still monitors it, {did} {then}"
    )


def _where(removal: Removal) -> str:
    return removal.source if removal.cause in (EXTERNAL, OURS, BY_HAND) else removal.cause


def _by(removal: Removal) -> str:
    if removal.cause == BY_HAND:
        return f" by {removal.actor or 'hand'}"
    if removal.cause in (EXTERNAL, OURS):
        return " by us"
    return f" by {removal.actor}" if removal.actor else ""


def _say(seconds: float) -> str:
    """In whole hours or days where it is long: nobody counts the minutes of yesterday."""
    unit = _DAY if seconds >= 2 * _DAY else 3600.0 if seconds >= 2 * 3600.0 else 60.0
    return say_duration(seconds // unit * unit)


# --- where it is noticed ----------------------------------------------------------------------------


def grabbed(desk: Desk, row: ItemRow) -> bool:
    """The app of this item says that it downloads a file for it. Returns whether that is a loop."""
    return _weigh(desk, Sign.GRABBED, row, _same(desk, row))


def returned(desk: Desk, item_id: int) -> bool:
    """A file stands where one was lost: who monitors the thing, and may have it, got it. Of several who look
    for it, none is named that had a file of its own all the while: another one may have got this one.
    """
    row = items.by_id(desk.tx, item_id)
    if row is None:
        return False
    same = _same(desk, row)
    able = [row] if _downloads(row) else [one for one in same if _downloads(one)]
    if len(able) > 1:
        able = [one for one in able if not _stood(one, _lost(desk, one))]
    got = [one for one in able if one.item.has_file is not False]
    loops = [_weigh(desk, Sign.RETURNED, one, [row, *same]) for one in got]
    return True in loops


def _downloads(row: ItemRow) -> bool:
    """Whether its app looks for files itself, and for this one."""
    stands = row.presence is Presence.PRESENT and row.current and not row.item.refers
    return stands and row.item.attrs.get("monitored") is True


def broken(desk: Desk, item_id: int, why: str) -> None:
    """The loop at this item is at its end."""
    tombstones.resolve(desk.tx, item_id, CODE, why, at=desk.stamp)


def _weigh(desk: Desk, sign: Sign, row: ItemRow, same: Iterable[ItemRow]) -> bool:
    tx, known = desk.tx, {one.id: one for one in (row, *same)}
    if not _downloads(row) or _told(desk, row, known.values()):
        return False
    mine = _lost(desk, row)
    if not mine:
        return False
    wanted = [one.first_seq for one in items.sharing(tx, row.item.strong_refs) if one.item.refers]
    facts = Facts(
        sign,
        sources.by_id(tx, row.source_id).name,
        monitored=True,
        now=desk.when,
        removals=[_removal(desk, one, known.values()) for one in mine],
        wanted=max(redownloads.wanted_back(tx, known), *wanted, 0),
    )
    removal = loop(facts)
    if removal is not None:
        _tell(desk, row, removal, facts)
    return removal is not None


def _lost(desk: Desk, row: ItemRow) -> list[Lost]:
    """What was lost lately of the thing that the item is."""
    since = stamp(datetime.fromtimestamp(desk.when.timestamp() - WINDOW, desk.when.tzinfo))
    lost = redownloads.lost_since(desk.tx, row.item.strong_refs, [row.id], since=since)
    return [one for one in lost if one.item_id == row.id or _alike(one, row)]


def _stood(row: ItemRow, lost: Iterable[Lost]) -> bool:
    """Whether the item has had its file since before the first of these losses, and was in none of them."""
    own = any(one.item_id == row.id for one in lost)
    return row.item.has_file is True and not own and all(row.first_seq < one.seq for one in lost)


def _alike(lost: Lost, row: ItemRow) -> bool:
    return compare(lost.refs, row.item.refs) is Sameness.SAME


def _removal(desk: Desk, lost: Lost, known: Iterable[ItemRow]) -> Removal:
    evidence = tombstones.of_story(desk.tx, lost.story)
    own = [one for one in evidence if one.stone == lost.tombstone]
    who = attribute(evidence, title=lost.title)
    source = sources.get(desk.tx, lost.source)
    return Removal(
        lost.tombstone,
        lost.story,
        lost.title,
        lost.source,
        who.cause,
        who.actor,
        lost.seq,
        datetime.fromisoformat(lost.noticed),
        ours=any(one.how == "action" for one in own),
        on_purpose=any(one.cause == who.cause and one.deed in _ON_PURPOSE for one in evidence),
        held=lost.held,
        upgraded=any(one.deed == Deed.REPLACED for one in own),
        spared=any(
            one.id != lost.item_id
            and source is not None
            and one.source_id == source.id
            and one.first_seq < lost.seq
            and one.presence is not Presence.GONE
            and one.item.has_file is not False
            for one in known
        ),
        downloader=lost.downloader,
    )


def _same(desk: Desk, row: ItemRow) -> list[ItemRow]:
    """The same thing elsewhere: by refs, or because somebody said so."""
    said = links.of(desk.tx, row.id)
    found = {
        other.id: other
        for other in items.sharing(desk.tx, row.item.strong_refs)
        if said.get(other.id) != "apart" and compare(row.item.refs, other.item.refs) is Sameness.SAME
    }
    linked = (items.by_id(desk.tx, other) for other, word in said.items() if word == "same")
    found |= {other.id: other for other in linked if other is not None}
    return [other for other in found.values() if other.id != row.id]


def _told(desk: Desk, row: ItemRow, known: Iterable[ItemRow]) -> bool:
    """Whether a person was told of it within the window, or still is. What they did not answer stands."""
    told = redownloads.newest_told(desk.tx, [one.id for one in known if one.source_id == row.source_id])
    if told is None:
        return False
    age = (desk.when - datetime.fromisoformat(told.opened_at)).total_seconds()
    return age <= WINDOW or not (told.resolved or told.ignored)


def _tell(desk: Desk, row: ItemRow, removal: Removal, facts: Facts) -> None:
    said = sentence(removal, facts)
    broken(desk, row.id, "it was downloaded once more")  # an old one that somebody ignored
    tombstones.open_finding(
        desk.tx, CODE, source=facts.source, item=row.item, item_id=row.id, seq=desk.seq, at=desk.stamp,
        tombstone=removal.tombstone, detail=said, losing=removal.source,
    )  # fmt: skip
    items.note(desk.tx, row.id, "downloaded again", said, seq=desk.seq, at=desk.stamp)
    desk.live.log.warning("%s: %s", facts.source, said)
