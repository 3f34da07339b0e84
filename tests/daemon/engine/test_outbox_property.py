"""The outbox as a property: whatever happens, no request is deleted whose film is still there.

Three apps (a shelf of files, a catalogue that monitors, requests for films) change, lie in the named
ways, lose letters, cut calls off and restart; a person edits policies, arms and disarms them, approves
and rejects (see `quiet_home` and `quiet_traps`). The witness sits inside the call (see `quiet_witness`):
when an act reaches an app, the truth and the person's word at that very moment must allow it, and it
must not be a second one.

That these rules reach the outbox's guards is a test of its own: see `test_properties_bite`.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.drills.quiet_home import BLIND, MOMENTS, POOL
from tests.drills.quiet_traps import HAPPENINGS, TRAPS, Traps
from tests.drills.quiet_witness import EDITS

from reconciled.config import Mode
from reconciled.model import Key

AT = st.integers(0, 839)  # divisible by many: a choice is this modulo how many there are
FILMS = st.integers(1, 12)
MEDIA = st.sampled_from(["jellyfin", "radarr"])
APPS = ("jellyfin", "radarr", "requests")
POST = st.sampled_from(["lost", "now", "own", "twice", "late"])
MINUTES = st.sampled_from([0, 1, 5, 12, 12, 25])


class Household(Traps, RuleBasedStateMachine):
    """Three model apps and the truth about them, and a person."""

    @initialize(rules=st.sampled_from([("forget",), ("forget",), ("forget", "single", "clean")]))
    def first(self, rules: tuple[str, ...]) -> None:
        self.begin(rules)

    @rule(what=st.sampled_from(HAPPENINGS), name=MEDIA, n=FILMS, at=AT, post=POST, then=MINUTES)
    def something_happens(self, what: str, name: str, n: int, at: int, post: str, then: int) -> None:
        getattr(self, f"happens_{what}")(name, n, at, post)
        self.turn(then)

    @rule(n=FILMS, trap=st.sampled_from(TRAPS), at=AT, after=st.sampled_from([1, 8, 10]), post=POST)
    def a_trap(self, n: int, trap: str, at: int, after: int, post: str) -> None:
        self.lose_into_a_trap(n, trap, at, after, post)

    @rule(n=FILMS, trap=st.sampled_from(TRAPS), at=AT, after=st.sampled_from([8, 10]), post=POST)
    def another_trap(self, n: int, trap: str, at: int, after: int, post: str) -> None:
        self.lose_into_a_trap(n, trap, at, after, post)

    @rule(what=st.sampled_from(["edit", "edit", "remove", "anew", "look", "release"]), at=AT)
    def the_person_says(self, what: str, at: int) -> None:
        name = sorted(POOL)[at % 3]
        match what:
            case "edit":
                modes = [None, None, *Mode]
                self.edit(name, EDITS[at // 3 % len(EDITS)], modes[at % len(modes)])
            case "remove":
                self.take_out_of_the_config(name)
            case "anew":
                self.begin_anew([("forget",), ("forget", "single"), ("forget", "clean", "single")][at % 3])
            case "look":
                self.look_at_the_page()
            case _:
                self.release()

    @rule(late=st.booleans(), yes=st.sampled_from([True, True, False]), then=MINUTES)
    def the_person_answers(self, late: bool, yes: bool, then: int) -> None:
        self.answer(late, yes, then)

    @rule(
        name=st.sampled_from(APPS),
        how=st.sampled_from([*BLIND, "unlisted", "cut off", "honest", "honest"]),
        at=AT,
        then=MINUTES,
    )
    def an_app_lies(self, name: str, how: str, at: int, then: int) -> None:
        if how == "cut off":
            self.calls_are_cut_off(("radarr", "requests")[at % 2], at % 4 < 2, then)
        elif how == "honest":
            self.be_honest(name)
        else:
            self.lie(name, how, at % 2 == 0, then)

    @rule(
        what=st.sampled_from(["minutes", "scan", "crash", "step", "suspend", "restart"]), at=AT, then=MINUTES
    )
    def time_goes_on(self, what: str, at: int, then: int) -> None:
        match what:
            case "scan":
                self.scan(APPS[at % 3], 0)
            case "crash":
                self.crash(MOMENTS[at % 4], 12)
            case "step":
                self.step_the_clock(at % 97 - 48)
            case "suspend":
                self.suspend(1 + at % 30)
            case "restart":
                self.do(self.reopen())
        self.turn(then)

    # --- what must hold ---------------------------------------------------------------------------

    @invariant()
    def every_act_was_right(self) -> None:
        assert not self.witness.wrong, self.witness.wrong

    @invariant()
    def nothing_that_stands_is_called_gone(self) -> None:
        if not hasattr(self, "world"):
            return
        for grave in self.do(
            self.world.rows("SELECT * FROM tombstone WHERE id > ? ORDER BY id", self.judged)
        ):
            self.judged = grave["id"]
            stands = self.truth[grave["source"]].get(Key(grave["kind"], grave["key"]))
            same = stands is not None and stands.title == grave["title"]
            if grave["what"] == "entry":
                assert not same, f"{grave['title']} stands under {grave['key']} in {grave['source']}"

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                for name in self.apps:
                    self.be_honest(name)
                self.turn(40)
                self.every_act_was_right()
                self.nothing_that_stands_is_called_gone()
        finally:
            if hasattr(self, "world"):
                self.do(self.world.outbox.stop())
                self.do(self.world.engine.stop())
                self.do(self.world.ledger.close())
            self.loop.close()
            self.folder.cleanup()


FEW = 6
"""Examples of the quick size; they are the first of those of the full one."""
EXAMPLES = int(os.environ.get("RECONCILED_EXAMPLES", "15"))
"""With the variable they are others each time."""

Household.TestCase.settings = settings(
    max_examples=min(FEW, EXAMPLES),
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="RECONCILED_EXAMPLES" not in os.environ,
)
TestOutbox = Household.TestCase


@pytest.mark.full
def test_the_same_at_length() -> None:
    run_state_machine_as_test(
        Household, settings=settings(Household.TestCase.settings, max_examples=EXAMPLES)
    )
