"""What the daemon tells of itself: facts in, messages out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciled.config import AlertSettings
from reconciled.ledger.rows import stamp
from reconciled.ledger.views_alerts import OpenDecision, Standing, StandingHold, Stuck, Troubled
from reconciled.notify.alerts import Facts, alerts

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
SETTINGS = AlertSettings()


def ago(**span: float) -> str:
    return stamp(NOW - timedelta(**span))


HOLD = StandingHold(3, "jellyfin", "movie", "12 of 40 films are gone at once", ago(minutes=1), 12)
DECISION = OpenDecision(4, "forget_films", "The first batch: 2 actions", ago(minutes=1), 2)


def facts(free: int | None = 2_000_000_000, problems: tuple[str, ...] = (), **standing: Any) -> Facts:
    return Facts(NOW, NOW.timestamp(), Standing(**standing), free, problems)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (facts(), []),
        (facts(troubled=[Troubled("radarr", ago(minutes=59))]), []),
        (
            facts(troubled=[Troubled("radarr", ago(hours=2))]),
            [(f"trouble/radarr/{ago(hours=2)}", "radarr has been in trouble for 2 h", "/", False)],
        ),
        (
            facts(well=[Troubled("radarr", ago(hours=2))]),
            [(f"well/radarr/{ago(hours=2)}", "radarr is well again", "/", False)],
        ),
        (facts(holds=[HOLD]), [("hold/3", "A hold on jellyfin: 12 items", "/holds/3", False)]),
        (
            facts(decisions=[DECISION]),
            [("decision/4", "forget_films asks you: 2 actions", "/decisions/4", False)],
        ),
        (
            facts(keys=[Stuck("radarr", 1, NOW.timestamp() - 25200, 0)]),
            [("stuck/keys", "The queue is stuck: 1 key", "/", False)],
        ),
        (
            facts(actions=[Stuck("seerr", 3, NOW.timestamp() - 25200)]),
            [("stuck/actions", "The outbox is stuck: 3 actions", "/", False)],
        ),
        (facts(free=999_999_999), [("disk", "The disk is low: 1000.0 MB free", "/", True)]),
        (facts(free=1_000_000_000), []),
        (facts(free=0), [("disk", "The disk is low: 0 B free", "/", True)]),
        (facts(free=None), []),
    ],
)
def test_what_is_told(known: Facts, told: list[tuple[str, str, str, bool]]) -> None:
    found = alerts(known, SETTINGS)
    assert [(one.about, one.title, one.link, one.urgent) for one in found] == told
    assert all(one.body for one in found)


def test_the_bodies_name_what_a_person_needs() -> None:
    known = facts(
        holds=[HOLD],
        keys=[Stuck("radarr", 5, NOW.timestamp() - 25200, 2)],
        actions=[Stuck("seerr", 3, NOW.timestamp() - 86400)],
    )
    hold, keys, actions = (one.body for one in alerts(known, SETTINGS))
    assert hold.startswith("12 of 40 films are gone at once\n")
    assert "radarr: 5 keys, the oldest for 7 h; 2 skipped" in keys
    assert "on seerr: 3 actions, the oldest for 1 d" in actions


def test_what_waits_is_told_with_its_likely_cause() -> None:
    known = facts(holds=[HOLD], decisions=[DECISION])
    likely = {"hold/3": "The disk is likely away.", "decision/4": "anna likely deleted them."}
    hold, decision = (one.body.split("\n") for one in alerts(replace(known, likely=likely), SETTINGS))
    assert hold[:2] == ["12 of 40 films are gone at once", "The disk is likely away."]
    assert decision[:2] == ["The first batch: 2 actions", "anna likely deleted them."]
    assert [len(one.body.split("\n")) for one in alerts(known, SETTINGS)] == [2, 2]


def test_problems_of_the_config_are_told_anew_when_they_change() -> None:
    (one,) = alerts(facts(problems=("config.yaml:1:1: bad",)), SETTINGS)
    (same,) = alerts(facts(problems=("config.yaml:1:1: bad",)), SETTINGS)
    (other,) = alerts(facts(problems=tuple(f"config.yaml:{n}:1: bad" for n in range(7))), SETTINGS)
    assert one.about == same.about != other.about
    assert "config.yaml:1:1: bad" in one.body
    assert other.body.endswith("and 2 more")


def test_a_hold_or_decision_about_nothing_any_more_is_not_told() -> None:
    empty = facts(
        holds=[StandingHold(3, "jellyfin", "movie", "x", ago(), 0)],
        decisions=[OpenDecision(4, "p", "x", ago(), 0)],
    )
    assert alerts(empty, SETTINGS) == []
