"""The postman between a real ledger and a real server: what arrives when, and what is never lost."""

import asyncio
import logging
import sqlite3
from dataclasses import replace
from datetime import time, timedelta, timezone
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.daemon.notify.conftest import SECRET, URL, Office, going

from reconciled.ledger import messages
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.rows import stamp
from reconciled.notify.letters import LINES
from reconciled.notify.messages import Message
from reconciled.notify.pace import HOUR, WAITS
from reconciled.notify.postman import Postman


async def test_a_message_arrives_once(office: Office) -> None:
    office.serve(office.channel())
    await office.post("Alien")
    assert await office.postman.deliver_once() == 1
    assert await office.later(HOUR) == 0
    assert office.phone.titles == ["Alien"]
    assert office.phone.bodies == ["about Alien"]
    assert await office.rows() == [("Alien", "sent", None)]


async def test_it_links_to_our_page_when_there_is_an_address(office: Office) -> None:
    office.serve(office.channel(), url=URL)
    await office.post("Alien")
    await office.postman.deliver_once()
    assert office.phone.bodies == ["about Alien\nhttp://box.lan:8787/decisions/3"]


async def test_the_same_is_said_once_a_day_to_each_channel(office: Office) -> None:
    office.serve(office.channel(), office.channel("mail"))
    assert await office.post("Alien", "Alien") == [1, None]
    assert await office.post("Alien", channel="mail") == [2]
    office.clock.advance(86399)
    assert await office.post("Alien") == [None]
    office.clock.advance(1)
    assert await office.post("Alien") == [3]


async def test_what_could_not_be_told_was_not_told(office: Office) -> None:
    office.serve(office.channel("mail"))
    await office.post("Alien")
    await office.postman.deliver_once()
    assert await office.post("Alien") == [2]


async def test_it_is_queued_with_its_cause_or_not_at_all(office: Office) -> None:
    def cause(tx: Tx) -> None:
        assert office.put(tx, "phone", Message("x", "Alien", "")) is not None
        raise ValueError("the cause did not come about")

    with pytest.raises(ValueError, match="the cause"):
        await office.ledger.write(cause)
    assert await office.rows() == []


async def test_a_server_that_fails_is_asked_again_later_each_time(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    office.serve(office.channel())
    office.phone.status = 500
    await office.post("Alien")
    await office.postman.deliver_once()
    for tries, wait in enumerate((60, 300, 900, 3600, 3600), start=1):
        assert office.phone.asked == tries
        await office.later(wait - 1)
        assert office.phone.asked == tries
        await office.later(1)
    assert await office.rows() == [("Alien", "new", "it could not be delivered")]
    office.phone.status = 200
    assert await office.later(HOUR) == 1
    assert await office.rows() == [("Alien", "sent", None)]
    assert [record.getMessage() for record in caplog.records] == [
        "the channel phone: it could not be delivered; its messages are tried again",
        "the channel phone delivers again",
    ]


async def test_after_a_day_it_is_given_up(office: Office) -> None:
    assert 23 * HOUR < sum(WAITS) <= 24 * HOUR
    office.serve(office.channel())
    office.phone.status = 500
    await office.post("Alien")
    await office.postman.deliver_once()
    for wait in WAITS:
        await office.later(wait)
    assert office.phone.asked == len(WAITS) + 1
    assert await office.rows() == [("Alien", "failed", "given up after a day: it could not be delivered")]
    assert await office.later(HOUR) == 0


async def test_a_channel_that_fails_rests_however_much_waits(office: Office) -> None:
    office.serve(office.channel())
    office.phone.status = 500
    await office.post(*"ABCDEFGH")
    await office.postman.deliver_once()
    await office.later(30)
    assert office.phone.asked == 1
    office.phone.status = 200
    assert await office.later(30) == 8


@pytest.mark.parametrize("status", [500, 401, 0])
async def test_no_secret_is_written_down(
    office: Office, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office.phone.status = status or 200
    if not status:
        office.phone.awake.clear()
    office.serve(office.channel())
    await office.post("Alien")
    await office.postman.deliver_once()
    ((error,),) = await office.rows("error")
    assert error
    assert SECRET not in error + caplog.text + str(await office.postman.try_out())


async def test_what_a_sender_blurts_out_is_not_repeated(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    async def send(url: SecretStr, title: str, body: str, urgent: bool) -> None:
        raise ValueError(url.get_secret_value())

    postman = Postman(office.ledger, office.clock, zone=office.zone, log=logging.getLogger("post"), send=send)
    postman.configure({"phone": office.channel()}, None)
    await office.post("Alien")
    await postman.deliver_once()
    assert await office.rows("error") == [("it could not be delivered (ValueError)",)]
    assert SECRET not in caplog.text


async def test_quiet_hours_hold_all_but_what_is_urgent(office: Office) -> None:
    office.zone = timezone(timedelta(hours=1))
    office.postman = office.another()
    office.serve(office.channel(quiet=(time(22), time(7))))  # it is 01:00 there
    await office.post("Alien", "Brazil")
    await office.post("Fire", urgent=True)
    assert await office.postman.deliver_once() == 1
    assert await office.later(6 * HOUR - 1) == 0
    assert await office.later(1) == 2
    assert office.phone.titles == ["Fire", "2 messages"]
    assert office.phone.told[0]["type"] == "warning"
    assert office.phone.bodies[1] == "- Alien: about Alien\n- Brazil: about Brazil"


async def test_a_digest_gathers(office: Office) -> None:
    office.serve(office.channel(digest=600))
    await office.post("Alien")
    assert await office.later(590) == 0
    await office.post(*(f"Film {n}" for n in range(40)))
    assert await office.later(10) == 41
    (body,) = office.phone.bodies
    assert body.split("\n")[0] == "- Alien: about Alien"
    assert len(body.split("\n")) == LINES + 1
    assert body.endswith("and 11 more")


async def test_beyond_the_rate_all_waits_for_one_digest(office: Office) -> None:
    office.serve(office.channel(rate=3))
    for title in "ABC":
        await office.post(title)
        await office.postman.deliver_once()
    await office.post("D", "E")
    assert await office.later(HOUR - 10) == 0
    assert await office.later(11) == 2
    assert office.phone.titles == ["A", "B", "C", "2 messages"]


async def test_a_flood_is_told_within_the_rate(office: Office) -> None:
    office.serve(office.channel(rate=3))
    await office.post(*"ABCDEFG")
    assert await office.postman.deliver_once() == 7
    assert office.phone.titles == ["A", "B", "5 messages"]
    await office.post("H")
    assert await office.later(60) == 0


async def test_a_restart_keeps_what_waits(office: Office, tmp_path: Path) -> None:
    office.phone.status = 500
    office.serve(office.channel())
    await office.post("Alien", "Brazil")
    await office.postman.deliver_once()
    await office.ledger.close()
    office.ledger = await Ledger.open(tmp_path / "ledger.db")
    try:
        office.phone.status = 200
        office.postman = office.another()
        office.serve(office.channel())
        assert await office.later(60) == 2
        assert sorted(office.phone.titles) == ["Alien", "Brazil"]
    finally:
        await office.ledger.close()
        office.ledger = await Ledger.open(tmp_path / "other.db")  # the fixture closes it


async def test_a_crash_after_sending_repeats_it_rather_than_losing_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.serve(office.channel())
    await office.post("Alien")

    with monkeypatch.context() as patched:
        patched.setattr(messages, "sent", _crash)
        with pytest.raises(RuntimeError):
            await office.postman.deliver_once()
    assert office.phone.titles == ["Alien"]
    office.postman = office.another()
    office.serve(office.channel())
    assert await office.postman.deliver_once() == 0
    assert await office.later(60) == 1
    assert office.phone.titles == ["Alien", "Alien"]


def _crash(*args: object, **kwargs: object) -> None:
    raise RuntimeError("the power went")


async def test_a_channel_that_is_no_more_fails_with_the_reason(office: Office) -> None:
    await office.post("Alien", channel="pager")
    assert await office.postman.deliver_once() == 0
    assert await office.rows() == [("Alien", "new", None)]  # not configured yet
    office.serve(office.channel())
    await office.postman.deliver_once()
    assert await office.rows() == [("Alien", "failed", "there is no channel 'pager' in the config any more")]


async def test_while_nothing_can_be_written_down_nothing_goes_out(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(tx: Tx, tries: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    office.serve(office.channel())
    await office.post("Alien", "Brazil")
    async with going(office.postman.run()):
        with monkeypatch.context() as patched:
            patched.setattr(messages, "begin", full)
            for _ in range(20):
                await asyncio.sleep(0.002)
                office.clock.advance(60)
            assert office.phone.asked == 0
            assert len(caplog.records) == 1
        while await office.rows("state") != [("sent",), ("sent",)]:
            await asyncio.sleep(0.002)
            office.clock.advance(60)
    assert office.phone.titles == ["2 messages"]


async def test_it_runs_by_itself_when_woken_and_when_it_is_time(office: Office) -> None:
    office.serve(office.channel(digest=30))
    async with going(office.postman.run()):
        await asyncio.sleep(0.01)
        await office.post("Alien")
        office.postman.wake()
        while not office.phone.told:
            office.clock.advance(1)
            await asyncio.sleep(0.002)
    assert office.phone.titles == ["Alien"]


async def test_trying_out_goes_past_the_queue_and_the_pace(office: Office) -> None:
    office.serve(
        office.channel(quiet=(time(22), time(7)), digest=600),
        replace(office.channel("broken"), url=SecretStr(f"nonsense://{SECRET}")),
        url=URL,
    )
    assert await office.postman.try_out() == {
        "phone": "sent",
        "broken": "Apprise does not understand the address",
    }
    assert await office.postman.try_out("phone") == {"phone": "sent"}
    assert await office.postman.try_out("pager") == {
        "pager": "there is no such channel; there are: broken, phone"
    }
    assert office.phone.titles == ["A test message"] * 2
    assert office.phone.bodies[0].startswith("This is reconciled at 00:00:00. ")
    assert office.phone.bodies[0].endswith("\nhttp://box.lan:8787/")
    assert await office.rows() == []


async def test_what_is_old_and_over_is_forgotten(office: Office) -> None:
    office.serve(office.channel())
    await office.post("Alien")
    await office.postman.deliver_once()
    office.clock.advance(86400)
    await office.post("Brazil")
    now = stamp(office.clock.now() + timedelta(seconds=1))
    assert await office.ledger.write(messages.forget_before, now) == 1
    assert await office.rows("title") == [("Brazil",)]
