"""What happens next with an item, in a sentence or two. Says only what the engine has in store already."""

from datetime import timedelta

from reconciled.clock import Clock
from reconciled.ledger.rows import Suspect
from reconciled.ledger.views_items import Known
from reconciled.web.actions import next_of
from reconciled.web.house import House
from reconciled.web.render import ago

_NOTICED = {
    "scan": "a scan no longer listed it",
    "event": "its app said so",
    "lookup": "a lookup showed it",
    "reused": "its key names another thing now",
}


MOST = 5
"""How many actions are named; the others are counted."""


def what_next(house: House, known: Known) -> str:
    """What happens next with the item, and what is to be done in other apps because of it."""
    live = [said for said in (next_of(house, view) for view in known.actions) if said is not None]
    more = [f"And {len(live) - MOST} more."] if len(live) > MOST else []
    return " ".join([following(known, house.clock), *live[:MOST], *more])


def following(known: Known, clock: Clock) -> str:
    """The sentence about the item itself."""
    if known.hold is not None:
        return f"It is held and stays as it is: {known.hold[1]}. It leaves when seen again, or by a release."
    if known.waits_for is not None:
        return f"It is a part of {known.waits_for}, which is in doubt, and shares what comes of that."
    if known.suspect is not None:
        return _of_suspect(known, known.suspect, clock)
    match known.item.presence:
        case "gone":
            return "It is gone, and remembered. Should it come back, that is noted beside its tombstone."
        case "frozen":
            return "It is out of scope and waits until its source or library is back, or forgotten."
    if known.work is not None:
        return f"It is looked at {_when(known, clock)}: {known.work.why}."
    return "Nothing is suspected. The next scan or event looks at it."


def _of_suspect(known: Known, suspect: Suspect, clock: Clock) -> str:
    lost = "its file" if suspect.what == "file" else "it"
    doubt = f"Whether {lost} is gone is not proved ({_NOTICED[suspect.noticed_by]})"
    if known.stuck:
        return f"{doubt}. Asking crashed twice, so it is left alone until something new comes for it."
    if known.work is None:
        return f"{doubt}. It is asked after the next scan."
    tried = f", after {known.work.tries} tries without an answer" if known.work.tries else ""
    return f"{doubt}. Its app is asked {_when(known, clock)}{tried}: {known.work.why}."


def _when(known: Known, clock: Clock) -> str:
    due = known.work.due - clock.reckoned() if known.work is not None else 0.0
    return ago(clock.now() + timedelta(seconds=due), now=clock.now()) if due > 1.5 else "now"
