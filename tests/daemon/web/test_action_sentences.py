"""What an action is called at each place where it can stand, and what a policy says: tables of sentences."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from tests.daemon.web.conftest import forget

from reconciled.config import Agree, Mode, Policy, Step, Verb, When
from reconciled.ledger.views_actions import ActionView
from reconciled.web.actions import Moment, describe, summary

NOW = Moment(datetime(2026, 1, 1, 17, 0, tzinfo=UTC), timezone(timedelta(hours=2)))
LATER, TOMORROW = "2026-01-01T19:30:00.000Z", "2026-01-01T22:30:00.000Z"
THING = "request 17 (The Matrix) in requests"
SINCE = "since The Matrix is gone from jellyfin"


def action(**more: Any) -> ActionView:
    usual: dict[str, Any] = dict.fromkeys(ActionView.__struct_fields__) | {
        "id": 1, "state": "planned", "verb": "delete", "target": "requests", "kind": "request", "key": "17",
        "title": "The Matrix", "label": "", "files": False, "exclude": False, "reason": "", "code": "",
        "since": "The Matrix is gone from jellyfin", "policy": "forget", "tries": 0, "others": [],
        "created": "2026-01-01T16:00:00.000Z", "changed": "2026-01-01T16:00:00.000Z",
    }  # fmt: skip
    return ActionView(**(usual | more))


def test_a_merge_names_what_it_takes_from() -> None:
    merge = {"verb": "merge", "kind": "document", "key": "1", "target": "paperless", "title": "Invoice"}
    said = describe(
        action(**merge, state="dropped", others=["document 2", "document 3"], reason="so"), Mode.ASK, NOW
    )
    assert said == "merge document 2 and document 3 onto document 1 (Invoice) in paperless: not done, so"


WAITS = {"code": "agreement", "reason": "radarr has a file of it"}
GRACE = {"code": "grace", "reason": "its grace: 2.5 h of watched time are left", "due": LATER}


@pytest.mark.parametrize(
    ("mode", "stands", "sentence"),
    [
        (Mode.DRY_RUN, GRACE, f"would delete {THING} at 21:30, {SINCE}"),
        (Mode.DRY_RUN, {}, f"would delete {THING}, {SINCE}"),
        (Mode.DRY_RUN, {**GRACE, "due": TOMORROW}, f"would delete {THING} on 2026-01-02 at 00:30, {SINCE}"),
        (Mode.DRY_RUN, WAITS, f"would delete {THING}, {SINCE}; it waits: radarr has a file of it"),
        (
            Mode.DRY_RUN,
            {"code": "would", "reason": "the mode is dry-run", "would_at": "2026-01-01T16:20:00.000Z"},
            f"would delete {THING} (nothing spoke against it at 18:20), {SINCE}",
        ),
        (Mode.ACT, GRACE, f"will delete {THING} at 21:30, if everybody agrees, {SINCE}"),
        (
            Mode.ACT,
            {**WAITS, "due": LATER},
            f"will delete {THING} at 21:30, if everybody agrees, {SINCE}; it waits: radarr has a file of it",
        ),
        (
            Mode.ACT,
            {**WAITS, "due": "2026-01-01T16:00:00.000Z"},
            f"will delete {THING}, if everybody agrees, {SINCE}; it waits: radarr has a file of it",
        ),
        (Mode.ASK, GRACE, f"will ask you at 21:30 whether to delete {THING}, {SINCE}"),
        (
            Mode.ASK,
            {"approved_by": "owner", "reason": "approved by owner"},
            f"will delete {THING}, {SINCE}: approved by owner",
        ),
        (
            Mode.ASK,
            {"approved_by": "owner", **WAITS},
            f"will delete {THING}, if everybody agrees, {SINCE}; it waits: radarr has a file of it",
        ),
        (
            Mode.ASK,
            {"policy": None, "since": "owner asked for it by hand"},
            f"will delete {THING}, since owner asked for it by hand",
        ),
        (
            Mode.ACT,
            {"code": "again", "reason": "radarr: 500", "tries": 1},
            f"will delete {THING}, if everybody agrees, {SINCE}; the last try: radarr: 500",
        ),
        (Mode.ACT, {"verb": "tag", "label": "lost"}, f"will tag {THING} with lost, {SINCE}"),
        (
            Mode.ASK,
            {"state": "waiting", "decision": 3},
            f"would delete {THING}, {SINCE}: waits for your answer in decision 3",
        ),
        (
            Mode.ACT,
            {"state": "sending", "sent": "2026-01-01T16:59:00.000Z", "reason": "sent"},
            f"delete {THING}: sent at 18:59",
        ),
        (
            Mode.ACT,
            {"state": "sending", "reason": "not known whether it reached the app: timeout"},
            f"delete {THING}: sent at 18:00; not known whether it reached the app: timeout",
        ),
        (
            Mode.ACT,
            {"state": "done", "sent": "2025-12-31T12:00:00.000Z", "reason": "the app took it"},
            f"delete {THING}: done on 2025-12-31 at 14:00, {SINCE}",
        ),
        (
            Mode.ACT,
            {"state": "done", "verb": "notify", "target": "phone", "kind": "", "key": ""},
            f"tell phone of The Matrix: done at 18:00, {SINCE}",
        ),
        (Mode.ACT, {"state": "dropped", "reason": "it is back"}, f"delete {THING}: not done, it is back"),
        (
            Mode.ACT,
            {"state": "expired", "reason": "it waited for 30 days: radarr has a file of it"},
            f"delete {THING}: given up, it waited for 30 days: radarr has a file of it",
        ),
        (Mode.ACT, {"state": "failed", "reason": "500"}, f"delete {THING}: failed, 500"),
        (
            Mode.ACT,
            {"state": "refused", "reason": "only admins may"},
            f"delete {THING}: requests refused, only admins may",
        ),
        (
            Mode.ACT,
            {"state": "rejected", "reason": "rejected by owner"},
            f"delete {THING}: rejected by owner",
        ),
        (Mode.ACT, {"state": "undone", "reason": "undone by owner"}, f"delete {THING}: undone by owner"),
    ],
)
def test_where_an_action_stands(mode: Mode, stands: dict[str, Any], sentence: str) -> None:
    assert describe(action(**stands), mode, NOW) == sentence


WHEN, WHICH = (f"when {kinds} is gone from jellyfin" for kinds in ("anything", "movie or series"))
TAG = Step(Verb.TAG, "radarr", label="lost")


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (
            forget(),
            "when anything is gone from jellyfin, delete it in radarr after 10 min, if everybody agrees",
        ),
        (
            forget("x", Step(Verb.DELETE, "radarr", files=True, exclude=True), agree=Agree.NONE),
            f"{WHEN}, delete it with its files in radarr, for good after 10 min, whoever disagrees",
        ),
        (
            forget("x", kinds=frozenset({"movie", "series"}), agree=frozenset({"sonarr", "radarr"})),
            f"{WHICH}, delete it in radarr after 10 min, if radarr and sonarr agree",
        ),
        (
            Policy("x", when=When.ORPHAN, sources=frozenset({"requests"}), then=(TAG,)),
            "when anything is an orphan in requests, tag it with lost in radarr",
        ),
        (
            Policy("x", when=When.REPLACED, then=(Step(Verb.NOTIFY, "phone"), Step(Verb.MONITOR, "radarr"))),
            "when anything was replaced, tell phone and monitor it in radarr",
        ),
    ],
)
def test_what_a_policy_says(policy: Policy, said: str) -> None:
    assert summary(policy) == said
