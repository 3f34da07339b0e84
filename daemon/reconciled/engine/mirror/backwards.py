"""Copies that were changed where they lie, and a mirror of the other direction that brings that back.

Between two sources that mirror each other a copy is no dead end: when it alone changed, its bytes go to its
original, as newer bytes of it; when both changed, the setting decides or a person does. What is to be done is
decided from the ledger, `turn` being a pure function; right before the original is written over it is looked
at, and it has to be what it was then. Nothing here deletes anything, nor brings back what was deleted.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciled.config import Conflict, Mirror
from reconciled.engine.engine import Place
from reconciled.engine.identity import is_another_thing
from reconciled.engine.live import LiveSource
from reconciled.engine.mirror.conflict import Side, Way, told, way
from reconciled.engine.mirror.opening import opened
from reconciled.engine.mirror.originals import (
    changed_of,
    fileset_attr,
    fileset_of,
    original_of,
    sha256_of,
    size_of,
    version_of,
)
from reconciled.engine.mirror.results import PutOff, take_in
from reconciled.engine.mirror.telling import tell
from reconciled.engine.suspicion import Desk
from reconciled.errors import SourceError
from reconciled.ledger import journeys, pairs, work
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.copies import BACK, CHANGED, CONFLICT, Bytes, CopyRow, CopyStatus, How, Wanted
from reconciled.ledger.pairs import Pair
from reconciled.model import Absent, Item, Key, Presence
from reconciled.source import Content, Fetches, Kept, Revises, Unchanged

ANSWERS = "; bring the original's again, or take the copy's back"
"""What a person may answer."""


class Turn(StrEnum):
    """What becomes of a copy that may have changed, for the mirror that could bring its bytes back."""

    NOTHING = "nothing"
    BACK = "back"
    """Its bytes go to the original."""
    AGREE = "agree"
    """Both have the same bytes again."""
    APART = "apart"
    """It was found there and never made: with other bytes it is no copy."""
    FORWARD = "forward"
    """It is what it was: nothing speaks against its original's bytes any more."""
    ASK = "ask"
    CANNOT = "cannot"
    """Its bytes would go back, and the source of the original takes none."""


@dataclass(frozen=True, slots=True)
class Partner:
    """The other end of a pair: the source of the originals, whose mirror goes to where the copies are."""

    live: LiveSource


def opposite(mirrors: Mapping[str, Mirror], source: str, target: str) -> Mirror | None:
    """The mirror that brings files of that target to that source, if one is configured."""
    return next((one for one in mirrors.values() if one.source == target and source in one.targets), None)


def partners_of(
    mirrors: Mapping[str, Mirror],
    mirror: Mirror,
    places: Mapping[str, Place],
    targets: Collection[str],
) -> Mapping[str, Partner]:
    """Those of a mirror's targets whose own files are mirrored to its source."""
    return {
        name: Partner(places[name].live)
        for name in targets
        if name in places and opposite(mirrors, mirror.source, name) is not None
    }


def turn(pair: Pair, setting: Conflict | None, *, revises: bool) -> Turn:
    """What is to be done about a pair, by what the ledger knows. Pure.

    `setting` is that of the mirror whose source has the copies; `revises`: the source of the originals takes
    newer bytes.
    """
    forward = pair.forward
    there = sha256_of(pair.copied.item)
    if there is None or (not forward.held_sha256 and forward.code != BACK):
        return Turn.NOTHING  # nobody says whether it changed, or a person said that its original counts
    here, sure = _here(pair)
    if here == there:
        return Turn.AGREE if forward.sha256 != there or forward.code else Turn.NOTHING
    if forward.code == BACK and _is_what_was_shown(pair):
        return Turn.BACK if revises else Turn.CANNOT
    if there == forward.held_sha256:
        return Turn.FORWARD if forward.code in (CONFLICT, BACK) else Turn.NOTHING
    if forward.how is not How.MADE:
        return Turn.APART
    if not sure:
        return Turn.FORWARD if forward.code == BACK else Turn.NOTHING  # its own mirror looks at it first
    copied = Side(forward.held_sha256, there, changed_of(pair.copied.item))
    original = Side(_base(forward), here, changed_of(pair.original.item))
    match way(copied, original, setting, both_ways=False):
        case Way.FORWARD:
            return Turn.BACK if revises else Turn.CANNOT
        case Way.ASK:
            return Turn.ASK
    return Turn.FORWARD if forward.code == BACK else Turn.NOTHING


def _here(pair: Pair) -> tuple[str | None, bool]:
    """The original's checksum, and whether that is all that is to be known of it now."""
    forward, item = pair.forward, pair.original.item
    if (said := sha256_of(item)) is not None:
        return said, True
    if version_of(item) == forward.version and forward.code not in (CHANGED, CONFLICT):
        return _base(forward), True
    return None, pair.original.print == forward.print


def _is_what_was_shown(pair: Pair) -> bool:
    """Whether the original has the bytes that it had when its copy was said to count, by whatever name."""
    return pair.original.print == pair.forward.print or version_of(pair.original.item) == pair.forward.version


def _base(forward: CopyRow) -> str | None:
    """The checksum of what both had when they were last the same."""
    return forward.sha256 or forward.held_sha256 or None


# --- before a run -------------------------------------------------------------------------------------


async def ask_about_copies(
    ledger: Ledger, live: LiveSource, mirror: Mirror, partners: Collection[str]
) -> None:
    """Look up the copies of which the last scan did not say what bytes they have."""
    for name in partners:
        for pair in await ledger.read(pairs.astir, source=name, target=live.name, kinds=mirror.kinds):
            if sha256_of(pair.copied.item) is None:
                await _look_up(ledger, live, pair.copied.item)


async def _look_up(ledger: Ledger, live: LiveSource, item: Item) -> None:
    try:
        shown = await live.lookup(item.key)
    except SourceError:
        return
    if isinstance(shown, Absent):
        await ledger.write(look_at, live, item.key, "it is a copy, and was looked up")
        live.due.set()
    elif sha256_of(shown) is not None:
        await ledger.write(take_in, live, Kept(item.key, shown, ours=False))


def turned(tx: Tx, live: LiveSource, mirror: Mirror, partners: Mapping[str, Partner]) -> list[Wanted]:
    """The copies at a mirror's source (`live`) whose bytes are to go back, and have not set out yet."""
    found = (
        (pair.copied, pair.copied.item)
        for partner in partners.values()
        for pair, what in _turns(tx, live.name, mirror, partner)
        if what is Turn.BACK and pair.back is None
    )
    attr = fileset_attr(live.source)
    return [Wanted(fileset_of(item, attr), row.id, size_of(item)) for row, item in found]


def has_news(tx: Tx, live: LiveSource, mirror: Mirror, partners: Mapping[str, Partner]) -> bool:
    """Whether a run would find something to do about a copy."""
    for partner in partners.values():
        for pair, what in _turns(tx, live.name, mirror, partner):
            told_already = what in (Turn.ASK, Turn.CANNOT) and pair.forward.code in (CONFLICT, CHANGED)
            sets_out = pair.back is None if what is Turn.BACK else what is not Turn.NOTHING
            if (sets_out and not told_already) or sha256_of(pair.copied.item) is None:
                return True
    return False


def settle(
    desk: Desk, mirror: Mirror, partners: Mapping[str, Partner], mirrors: Mapping[str, Mirror]
) -> bool:
    """See to all copies at a mirror's source (the desk's) whose originals are in one of its targets.

    What goes back sets out, as long as both directions are configured; of what is in conflict a person hears.
    Returns whether the mirror of the other direction has something to do now.
    """
    tx, source, stirs = desk.tx, mirror.source, False
    for target in mirror.targets:
        if opposite(mirrors, source, target) is None:
            pairs.dissolve(tx, source=source, target=target)
        tell(desk, pairs.forget_echoes(tx, source=source, target=target))
    for partner in partners.values():
        home, begun = Desk.at(tx, partner.live), set[int]()
        for pair, what in _turns(tx, source, mirror, partner):
            if what is not Turn.BACK:
                stirs |= _settle(desk, home, pair, what, partner)
            elif pair.back is None and pair.copied.id not in begun:  # of several originals the first gets it
                begun.add(pair.copied.id)
                original = original_of(pair.copied, source, fileset_attr(desk.live.source))
                pairs.begin(tx, mirror.name, original, pair.forward, at=desk.stamp)
    return stirs


def _turns(tx: Tx, source: str, mirror: Mirror, partner: Partner) -> Iterator[tuple[Pair, Turn]]:
    """The pairs of which something can be said, and what: both stand, and nothing of them is under way."""
    revises = isinstance(partner.live.source, Revises)
    for pair in pairs.astir(tx, source=partner.live.name, target=source, kinds=mirror.kinds):
        back = pair.back if pair.forward.how is How.MADE else None
        busy = back is not None and (
            back.status is CopyStatus.PROCESSING or back.sent is not None or not back.goes_back
        )
        if pair.original.current and pair.original.presence is Presence.PRESENT and not busy:
            yield pair, turn(pair, mirror.conflict, revises=revises)


def _settle(desk: Desk, home: Desk, pair: Pair, what: Turn, partner: Partner) -> bool:
    """Write down what is to be done where nothing travels back. Returns whether something travels then."""
    tx, forward = desk.tx, pair.forward
    comes = pair.back is not None and pair.back.goes_back
    if pair.back is not None and comes:
        pairs.forget(tx, pair.back.id)
        tell(desk, [pair.copied.id])
    there = sha256_of(pair.copied.item)
    match what:
        case Turn.NOTHING:
            return comes
        case Turn.AGREE:
            carried = Bytes(there or "", forward.size or 0, forward.mime_type or "", None)
            version, mark = version_of(pair.original.item), pair.original.print
            pairs.agree(
                tx, forward.id, carried, held=there or "", version=version, print_=mark, at=desk.stamp
            )
        case Turn.APART:
            pairs.part_from(tx, forward.id, at=desk.stamp)
        case Turn.FORWARD:
            pairs.look_again(tx, forward.id)
        case Turn.ASK | Turn.CANNOT:
            _ask_a_person(desk, pair, what, partner)
    tell(home, [forward.item_id])
    return what in (Turn.FORWARD, Turn.APART)


def _ask_a_person(desk: Desk, pair: Pair, what: Turn, partner: Partner) -> None:
    """A person is shown both sides."""
    forward, (here, _) = pair.forward, _here(pair)
    if what is Turn.ASK and forward.code == CONFLICT and here is None:
        return  # what was said when its bytes were looked at tells more
    code = CONFLICT if what is Turn.ASK else CHANGED
    why = "both changed since they were the same"
    if what is Turn.CANNOT:
        why = f"the copy changed, and {partner.live.name} takes no newer bytes"
    original = told(partner.live.name, pair.original.item, here)
    copied = told(desk.source.name, pair.copied.item, sha256_of(pair.copied.item))
    reason = f"{why}: {original}; {copied}{ANSWERS if what is Turn.ASK else ''}"
    if (forward.code, forward.reason) != (code, reason):
        journeys.older(desk.tx, forward.id, base=_base(forward), reason=reason, code=code, at=desk.stamp)


# --- right before an original is written over ---------------------------------------------------------


async def look_before(
    ledger: Ledger, live: LiveSource, mirror: Mirror, row: CopyRow, pair: Pair, sha256: str
) -> Item | PutOff | Kept:
    """The original as it is now, if it still is to get these bytes: a scan may have seen it change since.

    `Kept`: it has them. `live` is its source, `mirror` the one that brings them. Raises a `SourceError`.
    """
    key = pair.original.item.key
    shown = await live.lookup(key)
    if isinstance(shown, Absent):
        await ledger.write(look_at, live, key, "it was to be given newer bytes")
        live.due.set()
        return PutOff(row.id, f"{live.name} does not show {key} now", tried=False, heard=row.sent is None)
    if is_another_thing(pair.original.item, shown):
        return PutOff(row.id, f"{live.name} shows another thing as {key} ({shown.title})", tried=False)
    if sha256_of(shown) == sha256:
        return Kept(key, shown, ours=False)
    if await _is_as_it_was(live, pair, shown):
        now = await ledger.read(pairs.of_journey, row)  # a scan may have been quicker than the answer
        if now is not None and turn(now, mirror.conflict, revises=True) is Turn.BACK:
            return shown
        said = "one of the two, or what was said of them, changed meanwhile; it is decided anew"
        return PutOff(row.id, said, tried=False, wait=0.0)

    def write(tx: Tx) -> None:
        take_in(tx, live, Kept(key, shown, ours=False))
        pairs.look_again(tx, pair.forward.id)

    await ledger.write(write)
    return PutOff(row.id, f"{live.name} {key} changed just now, too", tried=False, wait=0.0)


async def _is_as_it_was(live: LiveSource, pair: Pair, shown: Item) -> bool:
    """Whether the ledger knows this very version of the original; by its ETag, where nothing else tells."""
    known, now = sha256_of(pair.original.item), sha256_of(shown)
    if known is not None and now is not None:
        return known == now
    if version_of(shown) != version_of(pair.original.item):
        return False
    etag, source = pair.forward.etag, live.source
    if etag is None or not isinstance(source, Fetches):
        return True
    async with opened(live, source, shown.key, etag=etag) as answer:
        return isinstance(answer, Unchanged) or (isinstance(answer, Content) and answer.etag == etag)


def look_at(tx: Tx, live: LiveSource, key: Key, why: str) -> None:
    """The engine is to look at the item, as at any of which it hears."""
    work.ask_once(tx, live.id, key, now=live.clock.reckoned(), why=why)
