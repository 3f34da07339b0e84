"""What makes an act that dry-run only said right or wrong: the decision table, and what a score says."""

import pytest
from tests.daemon.engine.conftest import policy

from reconciled.config import Step, Verb
from reconciled.engine.shadow import WATCHED, Facts, Judgement, judge, say, why_not_armed
from reconciled.ledger.shadow import Counts, Tally

BACK, NO, WANTED, DONE, DOUBT = "a has it again", "it was ignored", "b wants it", "somebody did it", "a left"
STILL = "it was still lost after 7 days in which jellyfin was watched"
DELETE, RESTORE, MONITOR, TAG = Verb.DELETE, Verb.RESTORE, Verb.MONITOR, Verb.TAG
TABLE: list[tuple[Verb, dict[str, object], tuple[str, str] | None]] = [
    (DELETE, {}, None),
    (DELETE, {"watched": WATCHED - 1}, None),
    (DELETE, {"watched": WATCHED}, ("right", STILL)),
    (DELETE, {"watched": WATCHED, "doubt": DOUBT}, None),
    (DELETE, {"watched": WATCHED, "back": BACK}, ("wrong", BACK)),
    (DELETE, {"watched": WATCHED, "refused": NO}, ("wrong", NO)),
    (DELETE, {"watched": WATCHED, "wanted": WANTED}, ("wrong", WANTED)),
    (DELETE, {"back": BACK, "doubt": DOUBT}, ("wrong", BACK)),
    (DELETE, {"back": BACK, "wanted": WANTED}, ("wrong", BACK)),
    (DELETE, {"done": DONE}, ("right", DONE)),
    (DELETE, {"done": DONE, "doubt": DOUBT}, ("right", DONE)),
    (DELETE, {"done": DONE, "back": BACK}, ("wrong", BACK)),
    (DELETE, {"done": DONE, "refused": NO}, ("wrong", NO)),
    (Verb.UNMONITOR, {"done": DONE, "wanted": WANTED}, ("wrong", WANTED)),
    (Verb.UNTAG, {"watched": WATCHED}, ("right", STILL)),
    (TAG, {"back": BACK}, ("wrong", BACK)),
    (TAG, {"done": DONE}, ("right", DONE)),
    # what brings a thing back is right when the thing is back
    (RESTORE, {"back": BACK}, ("right", f"{BACK}, which is what it was for")),
    (MONITOR, {"back": BACK, "wanted": WANTED}, ("right", f"{BACK}, which is what it was for")),
    (RESTORE, {"back": BACK, "done": DONE}, ("right", DONE)),
    (RESTORE, {"back": BACK, "refused": NO}, ("wrong", NO)),
    (RESTORE, {"watched": WATCHED}, ("right", STILL)),
    # what was right once
    (DELETE, {"was_right": True, "watched": WATCHED}, None),
    (DELETE, {"was_right": True, "done": DONE}, None),
    (DELETE, {"was_right": True, "refused": NO}, None),
    (DELETE, {"was_right": True, "wanted": WANTED}, None),
    (DELETE, {"was_right": True, "back": BACK}, ("wrong", f"{BACK}, after it had counted as right")),
    (RESTORE, {"was_right": True, "back": BACK}, None),
]


@pytest.mark.parametrize(("verb", "facts", "expected"), TABLE)
def test_the_judgement(verb: Verb, facts: dict[str, object], expected: tuple[str, str] | None) -> None:
    found = judge(Facts(verb, "jellyfin", **facts))  # type: ignore[arg-type]
    assert found == (Judgement(*expected) if expected else None)


def test_a_score_is_one_sentence_whose_numbers_add_up() -> None:
    assert say(Tally(None, {})) == "dry-run has had nothing to do for it so far"
    verbs = {"delete": Counts(7, 0, 2), "unmonitor": Counts(1, 1, 0)}
    assert say(Tally(None, verbs)).split("; ") == [
        "would have deleted 9: 7 right, 0 wrong, 2 open",
        "would have stopped monitoring 2: 1 right, 1 wrong, 0 open",
    ]
    assert Tally(None, verbs).whole == Counts(8, 1, 2)


ARMED: list[tuple[Verb, Counts | None, str | None]] = [
    (DELETE, None, "armed without a score: it has never been watched in dry-run"),
    (DELETE, Counts(), "armed without a score: it has never been watched in dry-run"),
    (
        DELETE,
        Counts(open=3),
        "armed without a score: what dry-run would have done (3 so far) is not judged yet",
    ),
    (DELETE, Counts(5, 2, 1), "armed with 2 of 7 wrong"),
    (DELETE, Counts(0, 1, 0), "armed with 1 of 1 wrong"),
    (DELETE, Counts(1, 0, 9), None),
    (TAG, None, None),
    (TAG, Counts(0, 5, 0), None),
]


@pytest.mark.parametrize(("verb", "counts", "said"), ARMED)
def test_what_speaks_against_arming(verb: Verb, counts: Counts | None, said: str | None) -> None:
    label = "x" if verb is TAG else ""
    tally = Tally(None, {verb: counts}) if counts is not None else None
    found = why_not_armed(policy("p", Step(verb, "radarr", label=label)), tally)
    assert (found or "").startswith(said or "")
    assert (found is None) == (said is None)


def test_right_tags_do_not_speak_for_a_delete() -> None:
    both = policy("p", Step(TAG, "radarr", label="x"), Step(DELETE, "radarr"))
    tagged: dict[str, Counts] = {TAG: Counts(right=9)}
    assert "never been watched" in str(why_not_armed(both, Tally(None, dict(tagged))))
    assert "(3 so far)" in str(why_not_armed(both, Tally(None, tagged | {DELETE: Counts(open=3)})))
    assert why_not_armed(both, Tally(None, tagged | {DELETE: Counts(right=1)})) is None
    assert "1 of 2 wrong" in str(
        why_not_armed(both, Tally(None, {str(TAG): Counts(0, 1), str(DELETE): Counts(1)}))
    )
