"""What a hold's suspects, or the losses behind a decision, have in common, in words.

Pure but for the two readers at the end. A thing is told as shared when enough of them have it, with
how exclusive it is: what everything else of the source has too explains nothing. The likely cause is
one sentence by the table of `engine.likely`; where nothing fits there is none, and that is said. A
person decides by this, so no sentence claims more than the evidence that it names.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciled.engine.likely import cause_of, span, they, verb
from reconciled.ledger import views_common
from reconciled.ledger.connection import Tx
from reconciled.ledger.views_common import ENOUGH, CommonFacts, Spot
from reconciled.units import say_duration

AT_ONCE = 3600.0
"""What was noticed within so many seconds was noticed at once."""
CALLED = {"by": "requester", "document_type": "document type"}
"""What people call an attribute that plugins call otherwise."""
FEW = 2
"""Of fewer nothing is "shared" but who did it and what stands elsewhere."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A thing that `count` of `of` share, and `elsewhere` others of the source (null: not counted).

    `what` is one of mount, root, folder, tag, library, … (what plugins tell), user, word, noticed, added,
    hold, present, trouble; `said` is the whole in words.
    """

    what: str
    value: str
    count: int
    of: int
    elsewhere: int | None
    said: str


@dataclass(frozen=True, slots=True)
class Common:
    """What they share; the likely cause in one sentence, or None; and what a person had best do."""

    common: tuple[Shared, ...] = ()
    likely: str | None = None
    advice: str | None = None


def in_common(facts: CommonFacts) -> Common:
    """Judge what was gathered."""
    shared = tuple(_shared(facts))
    cause = cause_of(facts)
    return Common(shared, *((cause.sentence, cause.advice) if cause else (None, _nothing(facts, shared))))


def _shared(facts: CommonFacts) -> Iterable[Shared]:
    """All of it, the most telling kind first."""
    yield from _elsewhere(facts)
    if facts.of >= FEW:
        yield from (
            _spot(facts, one) for one in facts.spots if (one.what, one.value) != ("mount", facts.root)
        )
    yield from _named(facts)
    yield from _times(facts)
    yield from _around(facts)


def _spot(facts: CommonFacts, spot: Spot) -> Shared:
    """A place, a tag, a library: how many, and what else is there."""
    who = they(spot.count, facts.of)
    if spot.what in ("mount", "root", "folder"):
        said = f"{who} {verb('lie', spot.count)} {'on' if spot.what == 'mount' else 'below'} {spot.value}"
    else:
        said = f"{who} {verb('have', spot.count)} the {CALLED.get(spot.what, spot.what)} “{spot.value}”"
    return Shared(spot.what, spot.value, spot.count, facts.of, spot.elsewhere, said + _exclusive(facts, spot))


def _exclusive(facts: CommonFacts, spot: Spot) -> str:
    if spot.elsewhere is None or facts.others is None:
        return ""
    if not facts.others:
        return f", and no other {facts.kind} stands in {facts.source}"
    if not spot.elsewhere:
        return f", and nothing else of {facts.source} does"
    if spot.elsewhere == facts.others:
        return f", and so does everything else of {facts.source}"
    return f", and so do {spot.elsewhere} of {facts.others} others of {facts.source}"


def _named(facts: CommonFacts) -> Iterable[Shared]:
    """Whom the evidence names, and what the app itself said."""
    for one in facts.named:
        if one.actor and one.count >= ENOUGH * facts.of:
            said = f"{one.actor} is named for {they(one.count, facts.of)}"
            yield _told("user", one.actor, one.count, facts, said)
    for one in facts.testimony:
        if one.said and one.count >= ENOUGH * facts.of:
            yield _told("word", one.said, one.count, facts, f"of {they(one.count, facts.of)}: {one.said}")
    if not facts.named:
        yield _told("user", "", facts.of, facts, "nobody is named")


def _times(facts: CommonFacts) -> Iterable[Shared]:
    """When they were noticed, and whether they are the newest."""
    if facts.first and (lasted := span(facts.first, facts.last)) <= AT_ONCE:
        how = "at once" if lasted < 1 else f"within {say_duration(lasted)}"
        said = f"{they(facts.of, facts.of)} {verb('were', facts.of)} noticed {how}"
        yield _told("noticed", facts.first, facts.of, facts, said + (", by a scan" if facts.by_scan else ""))
    if facts.newest and facts.of >= FEW:
        yield Shared(
            "added", facts.added, facts.of, facts.of, 0,
            f"{they(facts.of, facts.of)} came later than everything else of {facts.source}",
        )  # fmt: skip


def _elsewhere(facts: CommonFacts) -> Iterable[Shared]:
    """The same things in other apps."""
    for one in facts.elsewhere:
        for count, has in ((one.files, "still has a file of"), (one.entries, "still lists")):
            if count:
                said = f"{one.source} {has} {_of_them(count, facts.of)}"
                yield _told("present", one.source, count, facts, said)
        for count, misses in ((one.doubted, "misses"), (one.gone, "lost")):
            if count:
                said = f"{one.source} {misses} {_of_them(count, facts.of)}, too"
                yield _told("missed" if misses == "misses" else "gone", one.source, count, facts, said)


def _around(facts: CommonFacts) -> Iterable[Shared]:
    """Other holds, and trouble before."""
    for one in facts.beside:
        what = f"{one.same} of the same things" if one.same else f"{one.count} on the same disk"
        said = f"also held in {one.source}: {what}"
        yield _told("hold", str(one.id), one.same, facts, said)
    for trouble in facts.troubles:
        why = {"source": "", "host": ", on the same host,", "mount": ", on the same disk,"}[trouble.same]
        said = (
            f"{trouble.source}{why} {'is in trouble' if trouble.lasts else 'was in trouble shortly before'}"
        )
        yield _told("trouble", trouble.source, facts.of, facts, said)


def _told(what: str, value: str, count: int, facts: CommonFacts, said: str) -> Shared:
    """Something that others of the source cannot share."""
    return Shared(what, value, min(count, facts.of), facts.of, None, said)


def _of_them(count: int, of: int) -> str:
    return they(count, of) if count >= of else f"{count} of them"


def _nothing(facts: CommonFacts, shared: tuple[Shared, ...]) -> str:
    """What is said where no cause is likelier than another."""
    if facts.of < FEW:
        return "It is one alone, and nothing tells why: look at it before you answer."
    words = {"folder": "the folder {}", "root": "the root {}", "mount": "the disk {}", "noticed": "the time"}
    known = {one.what: words[one.what].format(one.value) for one in shared if one.what in words}
    beyond = [known.get("folder") or known.get("root") or known.get("mount"), known.get("noticed")]
    said = " and ".join(filter(None, beyond)) or f"{facts.source} itself"
    return f"Nothing in common was found beyond {said}: look through them before you answer."


def of_hold(tx: Tx, hold_id: int) -> Common:
    """What the suspects of a hold have in common; of one that is over, nothing."""
    facts = views_common.hold(tx, hold_id)
    return in_common(facts) if facts is not None else Common()


def of_decision(tx: Tx, decision_id: int) -> Common:
    """What the losses behind a decision's actions have in common; of one that is over, nothing."""
    facts = views_common.decision(tx, decision_id)
    return in_common(facts) if facts is not None else Common()


__all__ = ["Common", "Shared", "in_common", "of_decision", "of_hold"]
