"""Why an item is, or is not, considered gone, and what happens next: pure functions on values.

Nothing is decided here. The engine has decided, and this says what stands in its way or what it waits
for, by the same facts and in the same order: what a person would otherwise have to guess from presences,
suspicions, holds and the work queue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from reconciled.ledger.last_answers import LastAnswer
from reconciled.ledger.rows import Suspect
from reconciled.ledger.work import Work
from reconciled.model import Key, Presence
from reconciled.units import say_duration


class State(StrEnum):
    """Where an item stands, for people and programs; finer than its presence."""

    PRESENT = "present"
    RETURNED = "returned"
    FILE_GONE = "file_gone"
    SETTLING = "settling"
    ASKED_SOON = "asked_soon"
    NO_ANSWER = "no_answer"
    NO_YES = "no_yes"
    UNHEARD = "unheard"
    """Its source is in trouble, paused, or not known to be the one we know; so nothing it says counts."""
    ROOT_ODD = "root_odd"
    HELD = "held"
    WITH_PARENT = "with_parent"
    KEY_REUSED = "key_reused"
    STUCK = "stuck"
    GONE = "gone"
    GONE_WITH_PARENT = "gone_with_parent"
    FROZEN = "frozen"
    NEVER_LISTED = "never_listed"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Grave:
    """The newest tombstone of an item. `inside`: what it was a part of, and ended with. `back`: when and
    under which key it came back.
    """

    what: str
    confirmed: str
    seen_first: str | None = None
    proof: str | None = None
    inside: str | None = None
    back: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one item. `presence` None: the ledger holds none, only its tombstone.

    `unheard` says why its source's word does not count now, `root_odd` why nothing below its root does;
    `listed` is when the last complete scan that showed it began; `above` is what it is a part of, where
    that is in doubt; `now` is reckoned.
    """

    source: str
    presence: Presence | None
    now: float
    current: bool = True
    suspect: Suspect | None = None
    hold: tuple[int, str] | None = None
    above: Key | None = None
    work: Work | None = None
    stuck: bool = False
    unheard: str | None = None
    root_odd: str | None = None
    answer: LastAnswer | None = None
    listed: str | None = None
    grave: Grave | None = None
    fileless: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """The state with its reason, and what comes next; `due` is reckoned, None: nothing is set for a time."""

    state: State
    because: str
    then: str
    due: float | None = None


Clockwork = Callable[[str], str]
"""Says a time of the ledger for people."""
_NOTICED = {
    "scan": "a scan no longer listed it",
    "event": "its app said so",
    "lookup": "a lookup showed it",
    "reused": "its key names another thing now",
}


def why(facts: Facts, at: Clockwork) -> Why:
    """Where the item stands, and why."""
    if facts.presence is None or facts.presence is Presence.GONE:
        return _ended(facts, at)
    if facts.presence is Presence.FROZEN:
        return Why(
            State.FROZEN,
            "it is out of scope, so nothing is known of it: its source or library left the config",
            "it waits until that is back, or forgotten",
        )
    if facts.hold is not None:
        return _held(facts.hold, facts.above)
    if facts.above is not None:
        return Why(
            State.WITH_PARENT,
            f"{facts.above}, which it is a part of, is in doubt itself",
            "it shares what comes of that",
        )
    if facts.suspect is not None:
        return _doubted(facts, facts.suspect, at)
    return _stands(facts, at)


def _ended(facts: Facts, at: Clockwork) -> Why:
    grave = facts.grave
    if grave is None:
        return Why(State.GONE, "it is gone", "should it come back, that is noted")
    when = at(grave.confirmed)
    if grave.inside is not None:
        return Why(
            State.GONE_WITH_PARENT,
            f"it ended with {grave.inside}, inside its tombstone ({when})",
            "should it come back, its app is asked about that one, too",
        )
    later = "should it come back, that is noted beside its tombstone"
    if facts.presence is None and grave.seen_first is None:
        return Why(
            State.NEVER_LISTED,
            f"{facts.source} never listed it: an event told of its deletion, and its app denied it ({when})",
            "no policy follows from it; " + later,
        )
    proved = f"its loss was proved {when}" + (f": {grave.proof}" if grave.proof else "")
    if facts.presence is None:
        return Why(State.FORGOTTEN, f"{proved}; only its tombstone is kept by now", later)
    return Why(State.GONE, proved, later)


def _held(hold: tuple[int, str], above: Key | None) -> Why:
    number, sentence = hold
    whose = f" (with {above}, which it is a part of)" if above is not None else ""
    return Why(
        State.HELD,
        f"its loss is not believed, in hold {number}{whose}: {sentence}",
        f"it stays as it is until it is seen again, or a person says `reconciled release {number}`",
    )


def _doubted(facts: Facts, suspect: Suspect, at: Clockwork) -> Why:
    lost = "its file" if suspect.what == "file" else "it"
    noticed = _NOTICED[suspect.noticed_by]
    doubt = f"whether {lost} is gone is not proved; {noticed} {at(suspect.since_at)}"
    if facts.stuck:
        return Why(
            State.STUCK,
            f"{doubt}; judging it crashed twice, see the log",
            "it is left alone until something new comes for it",
        )
    if facts.unheard is not None:
        return Why(
            State.UNHEARD,
            f"{doubt}; {facts.source} does not count as a witness now: {facts.unheard}",
            f"it is asked when {facts.source} can be believed again",
            facts.work.due if facts.work is not None else None,
        )
    return _asked(facts, suspect, doubt)


def _asked(facts: Facts, suspect: Suspect, doubt: str) -> Why:
    """A suspect whose source is well."""
    again, due = _again(facts)
    said = facts.answer.said if facts.answer is not None else None
    if facts.work is not None and facts.work.settled > facts.now:
        left = say_duration(facts.work.settled - facts.now)
        return Why(
            State.SETTLING, f"{doubt}; a loss is left alone for a moment first ({left} more)", again, due
        )
    if suspect.what == "file" and facts.root_odd is not None:
        return Why(State.ROOT_ODD, f"{doubt}; its root is not as it was: {facts.root_odd}", again, due)
    if suspect.no_yes_since is not None:
        reason = said or "nothing else is known there"
        return Why(
            State.NO_YES,
            f"{doubt}; the no of {facts.source} has no yes beside it: {reason}",
            f"{again}; after a day without a yes it is held",
            due,
        )
    if not facts.current:
        return Why(State.KEY_REUSED, doubt, "a good scan, or a search by its refs, tells", due)
    if facts.work is not None and facts.work.tries:
        tries = f"{facts.work.tries} tries" if facts.work.tries > 1 else "one try"
        return Why(State.NO_ANSWER, f"{doubt}; {tries} without a plain answer: {facts.work.why}", again, due)
    let_go = "; a person released it" if suspect.released else ""
    return Why(State.ASKED_SOON, f"{doubt}{let_go}", again, due)


def _again(facts: Facts) -> tuple[str, float | None]:
    if facts.work is None:
        return f"{facts.source} is asked about it after the next scan", None
    left = facts.work.due - facts.now
    when = f"in {say_duration(left)}" if left >= 1.0 else "now"
    return f"{facts.source} is asked about it {when}", facts.work.due


def _stands(facts: Facts, at: Clockwork) -> Why:
    later, due = "the next scan or event looks at it", None
    if facts.work is not None:
        again, due = _again(facts)
        later = f"{again} ({facts.work.why})"
    if not facts.current:
        return Why(State.KEY_REUSED, "its key names another thing now", later, due)
    grave = facts.grave
    if grave is not None and grave.back is None and grave.what == "file" and facts.fileless:
        proof = f": {grave.proof}" if grave.proof else ""
        return Why(
            State.FILE_GONE,
            f"its entry stands, the loss of its file was proved {at(grave.confirmed)}{proof}",
            later,
            due,
        )
    shown = seen(facts, at)
    if grave is not None and grave.back is not None:
        when, key = grave.back
        came = f"it was gone ({at(grave.confirmed)}), and came back {at(when)} as {key}"
        return Why(State.RETURNED, f"{came}; {shown}", later, due)
    return Why(State.PRESENT, f"nothing speaks against it; {shown}", later, due)


def seen(facts: Facts, at: Clockwork) -> str:
    """By what it was seen last."""
    answer = facts.answer if facts.answer is not None and facts.answer.verdict == "present" else None
    if answer is not None and (facts.listed is None or answer.at > facts.listed):
        return f"a lookup showed it {at(answer.at)}"
    if facts.listed is not None:
        return f"the scan {at(facts.listed)} listed it"
    return "no scan has listed it yet"
