"""The alarm on a real ledger: what is told once, once a day, and when it is over."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.notify.conftest import LOG, Office, fill_the_disk, going, make_room

from reconciled.config import AlertSettings
from reconciled.ledger.rows import stamp
from reconciled.notify.messages import Message
from reconciled.notify.watch import Alarm, free_bytes

DAY, HOUR = 86400.0, 3600.0


class Watch:
    """An alarm over an office, and the world that it looks at."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.free = 10**12
        self.problems: tuple[str, ...] = ()
        self.alarm = self.another()

    def another(self, **more: Any) -> Alarm:
        office = self.office
        alarm = Alarm(
            office.ledger, office.clock, office.postman, LOG, free=self._free, problems=lambda: self.problems,
            **more,
        )  # fmt: skip
        office.serve(office.channel(), office.channel("mail"))
        alarm.configure(AlertSettings(to=("phone",)), ["phone", "mail"])
        return alarm

    def _free(self, folder: Path) -> int:
        return self.free

    async def sql(self, statement: str, *values: Any) -> None:
        await self.office.ledger.write(lambda tx: tx.execute(statement, values))

    async def source(self, name: str = "radarr") -> None:
        await self.sql("INSERT INTO source (name, app) VALUES (?, 'radarr')", name)

    async def trouble(self, since: str | None, name: str = "radarr") -> None:
        await self.sql("UPDATE source SET troubled_since = ? WHERE name = ?", since, name)

    def now(self) -> str:
        return stamp(self.office.clock.now())

    async def look(self, after: float = 0.0) -> list[str]:
        """The titles that are new."""
        before = len(await self.office.rows())
        self.office.clock.advance(after)
        await self.alarm.look_once()
        rows = await self.office.rows("channel, title")
        assert {channel for channel, _ in rows} <= {"phone"}
        return [title for _, title in rows[before:]]


@pytest.fixture
def watch(office: Office) -> Watch:
    return Watch(office)


async def test_a_source_in_trouble_is_told_once_a_day_and_when_it_is_well(watch: Watch) -> None:
    await watch.source()
    await watch.trouble(watch.now())
    assert await watch.look(HOUR - 1) == []
    assert await watch.look(1) == ["radarr has been in trouble for 1 h"]
    assert await watch.look(HOUR) == []
    watch.alarm = watch.another()  # a restart
    assert await watch.look(DAY - HOUR - 1) == []
    assert await watch.look(1) == ["radarr has been in trouble for 1 d 1 h"]
    await watch.trouble(None)
    assert await watch.look(60) == ["radarr is well again"]
    assert await watch.look(2 * DAY) == []


async def test_a_short_trouble_is_not_said_to_be_over(watch: Watch) -> None:
    await watch.source()
    await watch.trouble(watch.now())
    assert await watch.look(60) == []
    await watch.trouble(None)
    assert await watch.look(60) == []


async def test_each_trouble_is_one_of_its_own_and_only_the_last_ends(watch: Watch) -> None:
    await watch.source()
    await watch.trouble(watch.now())
    assert len(await watch.look(HOUR)) == 1
    await watch.trouble(watch.now())  # well for a moment, and again
    assert await watch.look(60) == []
    assert len(await watch.look(HOUR)) == 1
    await watch.trouble(None)
    assert await watch.look() == ["radarr is well again"]
    assert await watch.look(DAY) == []


@pytest.mark.parametrize("column", ["state = 'frozen'", "paused_by = 'me'"])
async def test_a_source_that_is_out_of_play_is_not_told_of(watch: Watch, column: str) -> None:
    await watch.source()
    await watch.trouble(watch.now())
    await watch.sql("INSERT INTO work (source_id, kind, key, due) VALUES (1, 'movie', '1', 1.0)")
    await watch.sql(f"UPDATE source SET {column}")
    assert await watch.look(DAY) == []


async def a_hold(watch: Watch) -> None:
    await watch.source()
    await watch.sql(
        "INSERT INTO hold (source_id, kind, root, reason, sentence, opened_seq, opened_at) "
        "VALUES (1, 'movie', '', 'many', 'too many at once', 1, ?)",
        watch.now(),
    )
    await watch.sql(
        "INSERT INTO item (source_id, kind, key, title, print, presence, first_seq, first_at, confirmed, "
        "changed_at) VALUES (1, 'movie', '1', 'Alien', x'00', 'unlisted', 1, '', 1, '')"
    )
    await watch.sql("INSERT INTO hold_item (hold_id, item_id, joined_seq) VALUES (1, 1, 1)")


async def test_a_hold_is_told_with_its_likely_cause_which_is_asked_only_then(watch: Watch) -> None:
    await a_hold(watch)
    asked: list[int] = []

    def cause(_tx: object, hold: int) -> str:
        asked.append(hold)
        return "The disk is likely away."

    watch.alarm = watch.another(of_hold=cause)
    assert await watch.look() == ["A hold on radarr: 1 item"]
    assert await watch.look(DAY - 1) == []
    assert asked == [1]
    ((body,),) = await watch.office.rows("body")
    assert body.split("\n")[:2] == ["too many at once", "The disk is likely away."]


async def test_a_hold_is_told_when_it_opens_and_once_a_day(watch: Watch) -> None:
    await a_hold(watch)
    assert await watch.look() == ["A hold on radarr: 1 item"]
    assert await watch.look(DAY - 1) == []
    assert await watch.look(1) == ["A hold on radarr: 1 item"]
    await watch.sql("UPDATE hold SET closed_at = ?", watch.now())
    assert await watch.look(DAY) == []


async def test_a_decision_is_told_when_it_opens_and_once_a_day(watch: Watch) -> None:
    await watch.sql(
        "INSERT INTO decision (policy, why, sentence, opened_seq, opened_at) "
        "VALUES ('films', 'first', 'the first', 1, ?)",
        watch.now(),
    )
    await _action(watch, "waiting", decision_id=1)
    assert await watch.look() == ["films asks you: 1 action"]
    assert await watch.look(60) == []
    assert await watch.look(DAY) == ["films asks you: 1 action"]
    await watch.sql("UPDATE decision SET closed_at = ?, answer = 'approved'", watch.now())
    assert await watch.look(DAY) == []


async def _action(watch: Watch, state: str, **columns: Any) -> None:
    made = {
        "policy": "films", "verb": "delete", "target": "seerr", "title": "Alien", "since": "x",
        "state": state, "created_seq": 1, "created_at": "", "changed_at": "", **columns,
    }  # fmt: skip
    marks = ", ".join("?" * len(made))
    await watch.sql(f"INSERT INTO action ({', '.join(made)}) VALUES ({marks})", *made.values())


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"due": 0.0}, True),
        ({"due": 0.0, "settled": 1.0, "tries": 9}, True),
        ({"due": 4e9, "settled": 1.0, "tries": 9}, True),  # backing off, for long
        ({"due": 4e9}, False),
        ({"due": 4e9, "stuck": 2}, True),
        ({"due": 4e9, "stuck": 1}, False),
    ],
)
async def test_keys_that_get_no_answer(watch: Watch, columns: dict[str, float], told: bool) -> None:
    await watch.source()
    names = ", ".join(["source_id", "kind", "key", *columns])
    marks = ", ".join("?" * (3 + len(columns)))
    await watch.sql(f"INSERT INTO work ({names}) VALUES ({marks})", 1, "movie", "1", *columns.values())
    assert await watch.look() == (["The queue is stuck: 1 key"] if told else [])
    await watch.trouble(watch.now())
    assert await watch.look(DAY) == (["radarr has been in trouble for 1 d"])


@pytest.mark.parametrize(
    ("state", "columns", "told"),
    [
        ("sending", {"sent": 0.0}, True),
        ("sending", {"sent": 4e9}, False),
        ("planned", {"due": 0.0, "code": "again", "tries": 3}, True),
        ("planned", {"due": 4e9, "code": "again", "tries": 3}, False),
        ("planned", {"due": 0.0, "code": "agreement"}, False),  # it waits as it should
        ("planned", {"due": 0.0, "code": "would"}, False),
        ("done", {"sent": 0.0}, False),
    ],
)
async def test_actions_that_come_to_no_end(
    watch: Watch, state: str, columns: dict[str, Any], told: bool
) -> None:
    await _action(watch, state, **columns)
    assert await watch.look() == (["The outbox is stuck: 1 action"] if told else [])


async def test_a_low_disk_and_a_bad_config_are_told(watch: Watch) -> None:
    watch.free = 5
    watch.problems = ("config.yaml:1:1: bad",)
    assert await watch.look() == ["The disk is low: 5 B free", "The config has problems"]
    assert await watch.look(60) == []


async def test_a_disk_that_nobody_can_ask_is_no_alert(office: Office) -> None:
    def broken(folder: Path) -> int:
        raise OSError("no such device")

    alarm = Alarm(office.ledger, office.clock, office.postman, LOG, free=broken)
    alarm.configure(AlertSettings(), ["phone"])
    assert await alarm.look_once() == 0


async def test_without_a_channel_nothing_is_queued(watch: Watch) -> None:
    watch.free = 5
    watch.alarm.configure(AlertSettings(to=("pager",)), ["phone", "mail"])
    assert await watch.look() == []


async def test_a_full_disk_is_logged_once_and_told_past_the_ledger(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    office = watch.office
    await office.post(*(f"{n}" * 3000 for n in range(30)))
    await fill_the_disk(office.ledger)
    watch.free = 5
    watch.problems = ("x" * 60_000,)  # more than fits into what is left of the last pages
    for _ in range(3):
        assert await watch.look(60) == []
    assert office.phone.titles == ["The disk is low: 5 B free"]
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1
    assert await watch.look(DAY) == []
    assert len(office.phone.titles) == 2
    await make_room(office.ledger)
    assert await watch.look(60) == ["The disk is low: 5 B free", "The config has problems"]


async def test_it_looks_every_minute_and_wakes_the_postman(watch: Watch) -> None:
    posted = watch.office.postman.posted
    posted.clear()
    async with going(watch.alarm.run()):
        watch.free = 5
        while not posted.is_set():
            watch.office.clock.advance(1)
            await asyncio.sleep(0.002)
    assert len(await watch.office.rows()) == 1


def test_the_room_is_that_of_the_folder(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) > 0


async def test_what_was_told_is_a_message_like_any_other(watch: Watch) -> None:
    watch.free = 5
    await watch.look()
    assert await watch.office.postman.deliver_once() == 1
    (told,) = watch.office.phone.told
    assert told["type"] == "warning"
    assert Message("disk", told["title"], told["message"]).title == "The disk is low: 5 B free"
