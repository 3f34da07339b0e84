"""The likely cause of many losses at once: a table of rules over facts, the first that fits counts.

Each rule names what it goes by in its one sentence, and none says more than "likely". Another world
behind the address comes first, since nothing it says counts; then who is named, then disks, other apps
that miss the same, trouble before, and what they alone share. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciled.engine.deeds import Deed
from reconciled.ledger.rows import RootRow
from reconciled.ledger.views_common import ENOUGH, CommonFacts, Testimony
from reconciled.units import say_duration

_DONE = frozenset({Deed.DELETED, Deed.FILE_DELETED, Deed.TRASHED})
MANY = 3
"""From so many on, that they share something is no chance."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The likely cause in one sentence, and what to do."""

    sentence: str
    advice: str


def cause_of(facts: CommonFacts) -> Cause | None:
    """The likely cause, or None when nothing fits."""
    return next((cause for rule in _RULES if (cause := rule(facts)) is not None), None)


def they(count: int, of: int) -> str:
    """What so many of them are called: `all 40`, `38 of 40`, `both`, `it`."""
    if count < of:
        return f"{count} of {of}"
    return {1: "it", 2: "both"}.get(of, f"all {of}")


def them(facts: CommonFacts) -> str:
    """What they are called as the ones that something is done to."""
    return "it" if facts.of == 1 else "them"


def verb(word: str, count: int) -> str:
    """A verb for one or for many: lie, lies."""
    odd = {"have": "has", "were": "was", "are": "is"}
    return word if count != 1 else odd.get(word, f"{word}s")


def span(first: str, last: str) -> float:
    """Seconds between two times as the ledger writes them."""
    return abs((datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds())


def disk_trouble(facts: CommonFacts) -> tuple[str, str] | None:
    """What is likely wrong with the root that they share, and by what that is known; or None."""
    row, away = facts.root_row, f"the disk behind {facts.root} is likely not mounted"
    if not facts.root or not facts.roots_known:
        return None
    if row is None or not row.listed:
        return f"the root {facts.root} was likely taken out of {facts.source}", "it names it no more"
    if row.accessible is False:
        return away, f"{facts.source} cannot reach it"
    if row.empty:
        return away, "it is empty"
    if row.device and row.base_device and row.device != row.base_device:
        return away, f"it lies on {row.device} instead of {row.base_device}"
    return None


def place_of(facts: CommonFacts) -> str:
    """What they lie below; "" when they share no place."""
    return facts.root or next((one.value for one in facts.spots if one.what == "mount"), "")


def _another_world(facts: CommonFacts) -> Cause | None:
    if facts.reason == "instance":
        said = f"Another installation, or an older copy, likely answers as {facts.source}"
        return _fault(facts, f"{said}: what it shows is another world.", "check its address and its data")
    if facts.reason == "account":
        said = f"The account that reads {facts.source} likely sees less than before"
        return _fault(facts, f"{said}: its name or its rights changed.", "give it its rights back")
    return None


def _somebody(facts: CommonFacts) -> Cause | None:
    """Events that name a person. A disk that is away at the same time is told with it."""
    one = next((one for one in facts.named if one.actor and one.count >= ENOUGH * facts.of), None)
    if one is None:
        return None
    where = f" in {one.cause}" if one.cause else ""
    events = "its event names" if one.count == 1 else f"the events of {they(one.count, facts.of)} name"
    said = f"{one.actor} likely deleted {them(facts)}{where}: {events} {one.actor}{_within(one)}."
    if facts.reason is not None and (wrong := disk_trouble(facts)):
        return Cause(said, f"Check the mount first, though: {wrong[0]} ({wrong[1]}).")
    return Cause(said, _if_meant(facts))


def _on_purpose(facts: CommonFacts) -> Cause | None:
    """The app says that it did it, and not merely that they are gone."""
    done = (one for one in facts.named if one.deed in _DONE and one.count >= ENOUGH * facts.of)
    one = next(done, None)
    if one is None:
        return None
    who = "Their files were" if facts.files else "It was" if facts.of == 1 else "They were"
    of = they(one.count, facts.of)
    said = f"{who} likely deleted through {one.cause}: it says so of {of}{_within(one)} and names nobody."
    wrong = disk_trouble(facts) if facts.reason is not None else None
    return Cause(
        said, f"Check the mount first, though: {wrong[0]} ({wrong[1]})." if wrong else _if_meant(facts)
    )


def _proved_of_somebody(facts: CommonFacts) -> bool:
    """Proved losses that somebody is named for: what a disk is like now says nothing of them."""
    return facts.reason is None and bool(facts.named)


def _disk(facts: CommonFacts) -> Cause | None:
    wrong = disk_trouble(facts)
    if wrong is None or _proved_of_somebody(facts):
        return None
    said = f"{_begun(wrong[0])} ({wrong[1]}): {_lie(facts)} there{_missed_too(facts)}."
    return _fault(facts, said, "check the mount")


def _begun(words: str) -> str:
    """The words as a sentence begins."""
    return words[:1].upper() + words[1:]


def _missed_too(facts: CommonFacts) -> str:
    other = _missing_most(facts)
    return f", and {other[0]} misses {_the_same(other[1], facts.of)}, too" if other else ""


def _missing_most(facts: CommonFacts) -> tuple[str, int] | None:
    """The other source that misses the most of the same things, when that is most of them."""
    missed = {one.source: one.doubted for one in facts.elsewhere}
    for one in facts.beside:
        missed[one.source] = max(missed.get(one.source, 0), one.same)
    best = max(missed, key=lambda name: missed[name], default=None)
    return (best, missed[best]) if best is not None and missed[best] >= ENOUGH * facts.of else None


def _the_same(count: int, of: int) -> str:
    return "the same" if count >= of else f"{count} of the same"


def _missed_together(facts: CommonFacts) -> Cause | None:
    """Two apps that miss the same at once have a disk, a box or a deletion in common."""
    other, place = _missing_most(facts), place_of(facts)
    on_disk = next((one for one in facts.beside if one.mount and facts.reason is not None), None)
    if other is not None and _looks_well(facts.root_row):
        said = f"Their files likely went from the disk: {place} itself looks well{_missed_too(facts)}."
    elif other is not None and place:
        said = f"The disk behind {place} is likely away: {_lie(facts)} there{_missed_too(facts)}."
    elif other is not None:
        said = f"What {facts.source} shares with {other[0]} is likely away: {other[0]} misses "
        said += f"{_the_same(other[1], facts.of)}, too."
    elif on_disk is not None and facts.of >= MANY:
        said = f"The disk behind {place} is likely away: {_lie(facts)} there, and {on_disk.count} of "
        said += f"{on_disk.source} on the same disk are held, too."
    else:
        return None
    return _fault(facts, said, "check the mount")


def _looks_well(row: RootRow | None) -> bool:
    """Whether the app can reach a root and finds something there."""
    return row is not None and row.accessible is True and row.empty is False


def _lie(facts: CommonFacts) -> str:
    """How many of them lie below what they share."""
    count = next((one.count for one in facts.spots if one.value == place_of(facts)), facts.of)
    return f"{they(count, facts.of)} {verb('lie', count)}"


def _went_elsewhere(facts: CommonFacts) -> Cause | None:
    """Another app's loss of the same things is proved already."""
    one = next((one for one in facts.elsewhere if one.gone and one.gone >= ENOUGH * facts.of), None)
    if one is None or facts.reason is None:
        return None
    said = (
        f"They likely went with what {one.source} lost: of the same things, {one.gone} are proved gone there."
    )
    if facts.of == 1:
        said = f"It likely went with what {one.source} lost: there it is proved gone."
    return Cause(said, _if_meant(facts))


def _trouble(facts: CommonFacts) -> Cause | None:
    one = next(iter(facts.troubles), None)
    if one is None or _proved_of_somebody(facts):
        return None
    state = "is in trouble" if one.lasts else "was in trouble shortly before"
    said = f"{facts.source} had likely not recovered: it {state}."
    if one.same != "source":
        said = (
            f"The {one.same} of {facts.source} was likely in trouble: {one.source}, which shares it, {state}."
        )
    return _fault(facts, said, "wait until it is well")


def _restored(facts: CommonFacts) -> Cause | None:
    """Only of what is held: what was released or proved is no news of a backup."""
    newest = facts.newest or facts.reason == "newest"
    if facts.reason is None or not newest or facts.of < MANY or facts.files or facts.named:
        return None
    said = (
        f"A restored backup of {facts.source} is likely: {they(facts.of, facts.of)} are the newest that it "
        f"had, and nobody is named for them{_still_there(facts)}."
    )
    return Cause(said, "If it was restored, add them there again; release them if they are not wanted.")


def _emptied(facts: CommonFacts) -> Cause | None:
    if facts.others != 0 or facts.of < MANY:
        return None
    said = f"The database or library of {facts.source} was likely emptied: no other {facts.kind} stands there"
    return _fault(facts, f"{said}{_still_there(facts)}.", "look into it")


def _still_there(facts: CommonFacts) -> str:
    one = max(facts.elsewhere, key=lambda one: one.files, default=None)
    if one is None or not one.files:
        return ""
    return f"; {one.source} still has files of {they(min(one.files, facts.of), facts.of)}"


def _out_of_sight(facts: CommonFacts) -> Cause | None:
    """Their files are there, says another app: the strongest hint that it is a fault."""
    one = max(facts.elsewhere, key=lambda one: one.files, default=None)
    if one is None or one.files < ENOUGH * facts.of:
        return None
    of = "a file of it" if facts.of == 1 else f"files of {they(min(one.files, facts.of), facts.of)}"
    said = f"{facts.source} likely lost sight of {them(facts)} only: {one.source} still has {of}."
    return _fault(facts, said, "check its libraries, rights and mounts")


_ALONE = {
    "root": "What lies below {value} was likely unmounted, moved or emptied",
    "mount": "The disk {value} is likely away",
    "folder": "The folder {value} was likely moved, renamed or emptied",
    "library": "The library “{value}” was likely removed, or its disk is away",
    "tag": "Something that goes by the tag “{value}” likely removed them",
}


def _theirs_alone(facts: CommonFacts) -> Cause | None:
    """What all of them share and nothing that still stands."""
    if facts.of < MANY or not facts.others or facts.others < MANY:
        return None
    alone = {one.what: one for one in facts.spots if one.elsewhere == 0 and one.count == facts.of}
    spot = next((alone[what] for what in _ALONE if what in alone), None)
    if spot is None:
        return None
    where, nothing = {"library": ("are in it", "is"), "tag": ("have it", "has it")}.get(
        spot.what, ("lay there", "does")
    )
    said = f"{_ALONE[spot.what].format(value=spot.value)}: {they(facts.of, facts.of)} {where}, and nothing "
    said += f"else of {facts.source} {nothing}."
    return _fault(facts, said, "check the mount" if spot.what in ("root", "mount") else "check that")


def _by_their_word(facts: CommonFacts) -> Cause | None:
    """What the app itself said, and that it named nobody."""
    events = (one for one in facts.testimony if one.how == "event" and one.count >= ENOUGH * facts.of)
    told = next(events, None)
    if told is None or facts.of < MANY:
        return None
    of = they(told.count, facts.of)
    if told.cause is None:
        said = f"Their files likely went from the disk: of {of}, {told.said}{_within(told)}."
        return _fault(facts, said, "check the disk")
    said = (
        f"{told.cause} likely dropped them itself: it said so of {of}{_within(told)} and named nobody; "
        "a person does that, and so does a library that misses its disk."
    )
    return _fault(facts, said, "check its mounts")


def _within(one: Testimony) -> str:
    lasted = span(one.first, one.last)
    return f" within {say_duration(lasted)}" if lasted >= 1 else ""


def _fault(facts: CommonFacts, said: str, check: str) -> Cause:
    """Likely a fault: look there first."""
    do = _begun(check)
    if facts.reason is None:
        return Cause(said, f"{do} before you answer.")
    return Cause(said, f"{do}, then scan {facts.source} again; release {them(facts)} if it was meant.")


def _if_meant(facts: CommonFacts) -> str:
    return f"{'Release' if facts.reason is not None else 'Approve'} {them(facts)} if it was meant."


_RULES: Sequence[Callable[[CommonFacts], Cause | None]] = (
    _another_world,
    _somebody,
    _on_purpose,
    _disk,
    _missed_together,
    _went_elsewhere,
    _trouble,
    _restored,
    _emptied,
    _out_of_sight,
    _theirs_alone,
    _by_their_word,
)
