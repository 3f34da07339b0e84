"""A threshold is told when it is crossed, when it becomes critical, and when it is over: once each."""

import pytest
from tests.daemon.notify.conftest import LOG, Office

from reconciled.config import AlertSettings
from reconciled.ledger import findings, thresholds
from reconciled.ledger.rows import stamp
from reconciled.ledger.tombstones import resolve_finding
from reconciled.ledger.views_alerts import CrossedThreshold, EasedThreshold, Standing
from reconciled.notify.alerts import Facts, alerts
from reconciled.notify.watch import Alarm

DAY = 86400.0
TITLE = "practice: files fail"
WARNED, CRITICAL, OVER = f"{TITLE} (warning)", f"{TITLE} (critical)", f"{TITLE} no more"


class Told:
    """A finding about a mirror and what the alarm says of it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.alarm = self._another()

    def _another(self) -> Alarm:
        alarm = Alarm(self.office.ledger, self.office.clock, self.office.postman, LOG, free=lambda _: 10**12)
        self.office.serve(self.office.channel())
        alarm.configure(AlertSettings(), ["phone"])
        return alarm

    @property
    def now(self) -> str:
        return stamp(self.office.clock.now())

    async def crosses(self, level: str) -> None:
        await self.office.ledger.write(
            thresholds.open_, "practice", "error_rate", level, source="vsrx", title=TITLE,
            sentence="9 of 100 files failed", seq=1, at=self.now,
        )  # fmt: skip

    async def stands(self, level: str) -> None:
        self.office.clock.advance(60)
        (known,) = (await self.office.ledger.read(thresholds.crossed, "practice")).values()
        await self.office.ledger.write(
            thresholds.update, known, level, sentence="10 of 100 files failed", at=self.now
        )

    async def ends(self) -> None:
        self.office.clock.advance(60)
        await self.office.ledger.write(resolve_finding, 1, "no file failed in the last run", at=self.now)

    async def hears(self, *, days: float = 0) -> list[str]:
        """The titles that are new, with a restart between."""
        before = len(await self.office.rows())
        self.office.clock.advance(60 + days * DAY)
        await self.alarm.look_once()
        self.alarm = self._another()
        await self.alarm.look_once()
        return [title for (title,) in (await self.office.rows("title"))[before:]]


@pytest.fixture
def told(office: Office) -> Told:
    return Told(office)


def test_what_is_said(office: Office) -> None:
    at = stamp(office.clock.now())
    known = Standing(
        crossed=[
            CrossedThreshold(3, "my practice", "warning", at, TITLE, "9 of 100 files failed"),
            CrossedThreshold(4, "other", "critical", at, TITLE, "the last 5 runs failed"),
        ],
        eased=[EasedThreshold(5, "other", TITLE, "the last run did not fail")],
    )
    warned, critical, over = alerts(Facts(office.clock.now(), 0.0, known), AlertSettings())
    assert (warned.about, warned.title, warned.link) == (
        f"threshold/3/warning/{at}",
        WARNED,
        "/mirrors/my%20practice",
    )
    assert warned.body == (
        "9 of 100 files failed.\nYou are told of this once, and again when it becomes critical or is over."
    )
    assert (critical.about, critical.title) == (f"threshold/4/critical/{at}", CRITICAL)
    assert critical.body == "The last 5 runs failed.\nYou are told of this once, and again when it is over."
    assert (over.about, over.title, over.body) == ("threshold/5/over", OVER, "The last run did not fail.")
    assert not any(one.urgent for one in (warned, critical, over))


async def test_each_step_is_told_once(told: Told) -> None:
    await told.crosses("warning")
    assert await told.hears() == [WARNED]
    assert await told.hears(days=2) == []
    await told.stands("warning")
    assert await told.hears() == []
    await told.stands("critical")
    assert await told.hears() == [CRITICAL]
    await told.stands("critical")
    assert await told.hears(days=2) == []
    await told.stands("warning")
    assert await told.hears() == [], "it is no news that it is less bad"
    await told.stands("critical")
    assert await told.hears() == [CRITICAL], "it rose again"
    await told.ends()
    assert await told.hears() == [OVER]
    assert await told.hears(days=2) == []


async def test_what_is_critical_at_once_is_told_as_that(told: Told) -> None:
    await told.crosses("critical")
    assert await told.hears() == [CRITICAL]
    await told.ends()
    assert await told.hears() == [OVER]


async def test_of_what_rose_before_anybody_looked_only_the_last_is_told(told: Told) -> None:
    await told.crosses("warning")
    await told.stands("critical")
    assert await told.hears() == [CRITICAL]


async def test_what_nobody_heard_of_is_not_said_to_be_over(told: Told) -> None:
    await told.crosses("warning")
    await told.ends()
    assert await told.hears() == []


async def test_what_was_set_aside_is_told_no_more(told: Told) -> None:
    await told.crosses("warning")
    assert await told.hears() == [WARNED]
    await told.office.ledger.write(findings.ignore, 1, by="owner")
    await told.stands("critical")
    assert await told.hears() == []
    await told.ends()
    assert await told.hears() == []


async def test_a_mirror_that_left_the_config_is_not_told_of(told: Told) -> None:
    await told.crosses("warning")
    assert await told.hears() == [WARNED]
    await told.office.ledger.write(thresholds.forget_others, (), at=told.now)
    assert await told.hears() == []


async def test_an_old_one_is_not_told_again_when_its_message_has_left(told: Told) -> None:
    await told.crosses("critical")
    assert await told.hears() == [CRITICAL]
    await told.office.ledger.write(lambda tx: tx.execute("DELETE FROM message"))
    assert await told.hears(days=30) == []
    await told.ends()
    assert await told.hears() == []
