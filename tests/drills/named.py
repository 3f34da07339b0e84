"""The faults by name: what each is, the end that it has to have, and why.

`unknown`: it passes, and nothing was believed; once it is over all heals without a restart, and what was
really lost is not missed. `held`: the app tells the truth of another world, or a listing that nobody can
see to be short; nothing is remembered as lost until the world is back or a person releases it, and then
all is right. `believed`: the app's own plain word about a few things; they are remembered as lost, and as
returned when they are back, and no action came of it, since the others disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.drills.lying import more_than_there_are, same_page, short_from_here
from tests.drills.striking import (
    Befallen,
    ClockStep,
    Down,
    Lie,
    Shifting,
    Struck,
    Trouble,
)

from reconciled.testing.faults import Fault


class End(StrEnum):
    """What a fault ends in."""

    UNKNOWN = "unknown"
    HELD = "held"
    BELIEVED = "believed"


class Moment(StrEnum):
    """When a fault begins: before the listing, in the middle of it, or after a good one."""

    BEFORE = "before"
    MIDDLE = "middle"
    AFTER = "after"


BEFORE, MIDDLE, AFTER = Moment


@dataclass(frozen=True, slots=True)
class Named:
    """A fault. `mute`: while it lasts the app can say nothing, so not even the real loss may be proved.

    `doubled`: it is also played with a second source failing at once, for three scans.
    """

    trouble: Trouble
    end: End
    why: str
    mute: bool = True
    doubled: bool = False
    moments: tuple[Moment, ...] = (BEFORE, MIDDLE, AFTER)
    released: bool = False
    """Whether nothing brings back what was: a person releases the hold, and the new world is the truth."""
    but: "But" = field(default_factory=dict)
    """Sources (and moments; None: all) where it ends otherwise, and why."""

    def end_at(self, source: str, moment: Moment) -> tuple[End, str]:
        """The end it has to have, and why."""
        for known in ((source, moment), (source, None)):
            if known in self.but:
                return self.but[known]
        return self.end, self.why


But = Mapping[tuple[str, Moment | None], tuple[End, str]]
U, H, B = End.UNKNOWN, End.HELD, End.BELIEVED
NOBODY = "nobody of the app answers"
SOFT_GROUND: But = {("filesystem", BEFORE): (U, "a walk over ground that is not firm is no listing")}
HALF_A_LIST = (H, "a whole JSON list without half of its rows: only that so much is missing shows it")

NAMED: Mapping[str, Named] = {
    # what networks, proxies and apps do to every question
    "refused": Named(Down(), U, NOBODY, doubled=True),
    "reset": Named(Struck(Fault.RESET), U, NOBODY),
    "hang": Named(Struck(Fault.HANG), U, NOBODY, doubled=True),
    "slow": Named(Struck(Fault.SLOW, delay=0.01), U, "the answers are right, only late", mute=False),
    "401": Named(
        Struck(Fault.UNAUTHORIZED), U, "our key is refused, which says nothing of items", doubled=True
    ),
    "403": Named(Struck(Fault.FORBIDDEN), U, "a proxy refuses us"),
    "404 of a proxy": Named(Struck(Fault.NOT_FOUND), U, "the answer lacks the app's own words", doubled=True),
    "404 with the app's headers": Named(
        Struck(Fault.NOT_FOUND_APP), U, "it denies the controls, too: no yes beside the no", doubled=True
    ),
    "429": Named(Struck(Fault.RATE_LIMITED, retry_after=30), U, "it asks us to wait"),
    "429 without Retry-After": Named(Struck(Fault.RATE_LIMITED, retry_after=None), U, "it asks us to wait"),
    "500": Named(Struck(Fault.ERROR), U, "it failed", doubled=True),
    "503 starting up": Named(Struck(Fault.STARTING), U, "it is not ready", doubled=True),
    "200 with HTML": Named(Struck(Fault.HTML), U, "a page, not the app's JSON", doubled=True),
    "redirect to a login": Named(Struck(Fault.REDIRECT), U, "a sign-in page in front of the app"),
    "empty list": Named(
        Struck(Fault.EMPTY),
        H,
        "everything would be gone at once: too much to be believed",
        mute=False,
        doubled=True,
    ),
    "cut-off JSON": Named(Struck(Fault.CUT_JSON), U, "the answer is not whole"),
    "wrong shape": Named(Struck(Fault.WRONG_SHAPE), U, "no answer that this app gives"),
    "another app": Named(Struck(Fault.OTHER_APP), U, "the app does not know itself"),
    # listings that look well and are not
    "truncated at a page": Named(
        Lie(short_from_here),
        U,
        "the pages hold less than they count",
        mute=False,
        but={("radarr", None): HALF_A_LIST, ("sonarr", None): HALF_A_LIST},
    ),
    "repeated pages": Named(Lie(same_page), U, "a page that came before is no page", mute=False),
    "items shift between pages": Named(
        Shifting(), U, "a listing only names suspects: each is asked about", mute=False, moments=(MIDDLE,)
    ),
    "a total that disagrees": Named(
        Lie(more_than_there_are),
        U,
        "it shows less than it counts",
        mute=False,
        but={("paperless", AFTER): (H, "it counts more than it shows us, as if some were hidden from us")},
    ),
    # what befalls the app's own world
    "restored from an old backup": Named(
        Befallen("restored from an old backup"),
        H,
        "all that is missing is the newest",
        mute=False,
        released=True,
    ),
    "ids reused": Named(
        Befallen("ids reused"), H, "the newest are missing, and others stand under their keys", mute=False
    ),
    "another instance": Named(
        Befallen("another instance"),
        H,
        "most keys name other things, or it says so itself",
        mute=False,
        doubled=True,
    ),
    "clock skew": Named(ClockStep(), U, "no wall time orders any fact", mute=False),
    "rights narrowed": Named(Befallen("rights narrowed"), H, "what is hidden may still be there", mute=False),
    "root inaccessible": Named(
        Befallen("root inaccessible"), H, "nothing below it can be judged", mute=False, but=SOFT_GROUND
    ),
    "root empty": Named(
        Befallen("root empty"), H, "an empty mount point has no files", mute=False, but=SOFT_GROUND
    ),
    "partial mount": Named(
        Befallen("partial mount"),
        B,
        "few files are missing below a root that is well",
        mute=False,
        but={
            ("shoko", None): (U, "what cannot be read is news once a day; by then the disk is back"),
            ("filesystem", None): (H, "a mount below the folder is a root of its own, and it is not there"),
        },
    ),
    "its own ground fails": Named(Befallen("its own ground fails"), U, "the shelf cannot be read"),
}
