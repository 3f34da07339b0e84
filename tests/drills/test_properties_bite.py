"""The properties bite: an engine with one guard taken out fails them.

Each mutation of `quiet_mutations` runs under the state machine that must notice it, with a bounded number
of examples that are always the same. Some guards stand behind others, so that nothing goes wrong when
one of them is out; `SECOND` says behind which.
"""

import contextlib
import io
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from tests.daemon.engine.test_engine_property import Apps
from tests.daemon.engine.test_outbox_property import Household
from tests.drills.quiet_mutations import MUTATIONS

ENGINE = {
    "a no needs no yes": 60,
    "any answer is a yes": 60,
    "trouble is a no": 200,
    "settle is ignored": 60,
    "an odd app is believed": 60,
    "an answer counts however old it is": 200,
    "an older answer ends a newer suspicion": 200,
    "a listing is believed": 60,
    "another world is no matter": 100,
    "replaced is not noticed": 60,
    "whatever stands under a key is the same": 60,
    "everything is the same": 60,
    "nothing is held": 60,
    "no count is too many": 60,
    "the newest are like others": 200,
    "any root will do": 60,
    "any account will do": 60,
    "a held suspect ends": 60,
    "parts end by themselves": 60,
}
"""Mutations that the engine's property must notice, within so many examples."""

OUTBOX = {
    "nobody is asked once more": 40,
    "everybody agrees, and nobody is asked once more": 40,
    "no grace": 40,
    "an outage counts as watched": 40,
    "any target will do": 60,
    "another thing under the target's key": 60,
    "what was being sent is sent again": 60,
    "nobody is asked first": 40,
    "the mode is no matter": 40,
    "an approval holds for ever": 80,
    "unless is not read": 80,
    "what we removed fires policies": 60,
    "a policy stays as it was": 40,
    "any number at once": 60,
}
"""Mutations that the outbox's property must notice."""

SECOND = {
    "a listing without its end is believed": "a listing only names suspects; a lookup shows each of them",
    "what came after the suspicion vouches too": "nothing vouches that no scan of the known world has listed",
    "a reused key ends the old item": "what the same scan shows under another key was replaced before",
    "parts share every end": "no app shows a season while it denies its series",
    "everybody agrees": "right before the call the apps themselves are asked once more",
    "another copy is no matter": "its key is asked once more, as every key of the thing is",
    "what is in doubt is gone": "its key is asked once more, and gives no plain no",
    "each finding is a new want": "the last look finds it done already",
}
"""Mutations that stay without consequences, and what stands behind that guard."""


FEW = {
    "a no needs no yes", "a listing is believed", "everything is the same", "nothing is held",
    "a held suspect ends", "no grace", "nobody is asked first",
}  # fmt: skip
"""Those that every full run plays; the others take minutes together (`script/test -m long`)."""


def marked(mutations: Mapping[str, int]) -> list[Any]:
    return [pytest.param(name, marks=() if name in FEW else pytest.mark.long) for name in mutations]


def test_every_mutation_has_its_place() -> None:
    assert sorted(MUTATIONS) == sorted([*ENGINE, *OUTBOX, *SECOND])


PATIENCE = 5
"""How many times as many examples are tried before a mutation counts as unnoticed: sets have no order, so the
same seed is not always the same life."""


def run(machine: type[RuleBasedStateMachine], examples: int) -> None:
    bounded = settings(
        machine.TestCase.settings,
        max_examples=PATIENCE * examples,
        phases=[Phase.generate],
        derandomize=True,
        report_multiple_bugs=False,
        print_blob=False,
        database=None,
    )
    with contextlib.redirect_stdout(io.StringIO()):
        run_state_machine_as_test(machine, settings=bounded)


@pytest.fixture(autouse=True)
def _quietly() -> Any:
    """What a broken engine logs is of no interest."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.full
@pytest.mark.no_cover
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", marked(ENGINE))
def test_the_engine_s_property_notices(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTATIONS[name](monkeypatch)
    with pytest.raises(AssertionError):
        run(Apps, ENGINE[name])


@pytest.mark.full
@pytest.mark.no_cover
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", marked(OUTBOX))
def test_the_outbox_s_property_notices(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTATIONS[name](monkeypatch)
    with pytest.raises(AssertionError):
        run(Household, OUTBOX[name])
