"""Why an item is, or is not, considered gone, as a table: what is told first when several things are true."""

from dataclasses import replace
from typing import Any

import pytest

from reconciled.engine.explaining import Facts, Grave, State, why
from reconciled.ledger.last_answers import LastAnswer
from reconciled.ledger.rows import Suspect
from reconciled.ledger.work import Work
from reconciled.model import Key, Presence, What

DOUBT = Suspect(1, What.ENTRY, 5, "T5", "scan")
WORK = Work(Key("movie", "1"), 1060.0, 0.0, 1, 0, by_event=False, event=None, why="still not listed")
NO = LastAnswer("unknown", "404; but 'X' was denied too", "T6")
GRAVE = Grave("entry", "T7", "T1", proof="404 of Radarr")
THERE = Facts("radarr", Presence.PRESENT, 1000.0, listed="T4")
LOST = replace(THERE, presence=Presence.UNLISTED, suspect=DOUBT, work=WORK, listed=None)


@pytest.mark.parametrize(
    ("facts", "state", "because", "then"),
    [
        (THERE, "present", "the scan T4 listed it", "the next scan or event"),
        (replace(THERE, listed=None), "present", "no scan has listed it yet", ""),
        (
            replace(THERE, answer=LastAnswer("present", "shown", "T5")),
            "present", "a lookup showed it T5", "",
        ),
        (replace(THERE, answer=LastAnswer("present", "shown", "T3")), "present", "the scan T4", ""),
        (replace(THERE, work=WORK), "present", "", "radarr is asked about it in 1 min (still not listed)"),
        (replace(THERE, current=False), "key_reused", "names another thing", ""),
        (
            replace(THERE, grave=replace(GRAVE, what="file"), fileless=True),
            "file_gone", "its entry stands, the loss of its file was proved T7: 404 of Radarr", "",
        ),
        (replace(THERE, grave=replace(GRAVE, what="file")), "present", "", ""),
        (
            replace(THERE, grave=replace(GRAVE, back=("T8", "movie 9"))),
            "returned", "it was gone (T7), and came back T8 as movie 9", "",
        ),
        # suspects, by what keeps them
        (LOST, "asked_soon", "whether it is gone is not proved; a scan no longer listed it T5", "in 1 min"),
        (replace(LOST, work=None), "asked_soon", "", "after the next scan"),
        (replace(LOST, work=replace(WORK, due=990.0)), "asked_soon", "", "asked about it now"),
        (replace(LOST, suspect=replace(DOUBT, released=1)), "asked_soon", "a person released it", ""),
        (replace(LOST, suspect=replace(DOUBT, what=What.FILE)), "asked_soon", "whether its file is gone", ""),
        (replace(LOST, work=replace(WORK, settled=1015.0)), "settling", "for a moment first (15 s more)", ""),
        (
            replace(LOST, work=replace(WORK, tries=3, why="timed out")),
            "no_answer", "3 tries without a plain answer: timed out", "in 1 min",
        ),
        (
            replace(LOST, suspect=replace(DOUBT, no_yes_since=900.0), answer=NO),
            "no_yes", "no yes beside it: 404; but 'X' was denied too", "after a day without a yes it is held",
        ),
        (replace(LOST, current=False, suspect=replace(DOUBT, noticed_by="reused")), "key_reused", "", "refs"),
        (
            replace(LOST, suspect=replace(DOUBT, what=What.FILE), root_odd="it is empty"),
            "root_odd", "its root is not as it was: it is empty", "",
        ),
        (replace(LOST, root_odd="it is empty"), "asked_soon", "", ""),  # an entry does not hang on its root
        # what is told before these
        (replace(LOST, unheard="trouble"), "unheard", "does not count as a witness now: trouble", ""),
        (replace(LOST, unheard="trouble: refused", stuck=True), "stuck", "crashed twice", "left alone"),
        (replace(LOST, above=Key("series", "5")), "with_parent", "series 5, which it is a part of", ""),
        (
            replace(LOST, hold=(3, "12 are gone at once"), unheard="trouble: refused"),
            "held", "in hold 3: 12 are gone at once", "`reconciled release 3`",
        ),
        (
            replace(LOST, hold=(3, "12 are gone"), above=Key("series", "5")),
            "held", "in hold 3 (with series 5, which it is a part of): 12 are gone", "",
        ),
        (replace(LOST, presence=Presence.FROZEN), "frozen", "out of scope", "until that is back"),
        # over
        (replace(LOST, presence=Presence.GONE, grave=GRAVE), "gone", "proved T7: 404 of Radarr", "come back"),
        (replace(THERE, presence=Presence.GONE), "gone", "", ""),
        (
            replace(THERE, presence=Presence.GONE, grave=replace(GRAVE, inside="series 5")),
            "gone_with_parent", "it ended with series 5, inside its tombstone (T7)", "",
        ),
        (replace(THERE, presence=None, grave=GRAVE), "forgotten", "only its tombstone is kept", ""),
        (
            replace(THERE, presence=None, grave=replace(GRAVE, seen_first=None)),
            "never_listed", "radarr never listed it", "no policy follows",
        ),
    ],
)  # fmt: skip
def test_what_is_told(facts: Facts, state: str, because: str, then: str) -> None:
    found = why(facts, lambda at: at)
    assert found.state == State(state)
    assert because in found.because
    assert then in found.then


@pytest.mark.parametrize("facts", [THERE, LOST, replace(LOST, work=None)])
def test_a_time_is_told_where_one_is_set(facts: Facts) -> None:
    expected: Any = facts.work.due if facts.work is not None else None
    assert why(facts, lambda at: at).due == expected
