"""What takes too long: a message that arrives late is not repeated, a channel that hangs delays no other."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest
from pydantic import SecretStr
from tests.daemon.notify.conftest import Office, going, landed
from tests.patience import PATIENCE

from reconciled.config import ChannelSettings
from reconciled.notify.pace import HOUR, Round, Waiting
from reconciled.notify.postman import Postman


async def test_what_arrived_late_is_sent_and_not_repeated(office: Office) -> None:
    office.serve(office.channel())
    office.phone.awake.clear()
    await office.post("Alien")
    assert await office.postman.deliver_once() == 0
    assert await office.later(60) == 0
    assert await office.rows() == [
        ("Alien", "new", "an earlier try is still under way; it is looked at again")
    ]
    office.phone.awake.set()
    await landed()
    assert await office.later(HOUR) == 1
    assert await office.rows() == [("Alien", "sent", None)]
    assert office.phone.titles == ["Alien"]


async def test_a_digest_that_arrived_late_is_known_beside_what_came_meanwhile(office: Office) -> None:
    office.serve(office.channel(digest=600))
    office.phone.awake.clear()
    await office.post("Alien", "Brazil")
    await office.later(600)
    await office.post("Cube")
    await office.later(60)
    office.phone.awake.set()
    await landed()
    while ("new",) in await office.rows("state"):
        await office.later(HOUR)
        await landed()
    assert office.phone.titles == ["2 messages", "Cube"]


class Post:
    """Sends to a phone, save to the channel with this address, which takes for ever."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.hanging = 0

    async def send(self, url: SecretStr, title: str, body: str, urgent: bool) -> None:
        if url.get_secret_value() != "bad://":
            self.taken.append(title)
            return
        self.hanging += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.hanging -= 1

    async def until(self, taken: list[str], hanging: int, office: Office) -> None:
        async with asyncio.timeout(PATIENCE):
            while (self.taken, self.hanging) != (taken, hanging):
                await asyncio.sleep(0.002)
                office.clock.advance(0.01)


def _two(office: Office, post: Post) -> Postman:
    """A postman with a good channel and one that hangs; each has something to tell."""
    postman = Postman(
        office.ledger, office.clock, zone=office.zone, log=logging.getLogger("post"), send=post.send
    )
    channels = [replace(office.channel(name), url=SecretStr(f"{name}://")) for name in ("bad", "good")]
    postman.configure({one.name: one for one in channels}, None)
    return postman


async def test_a_channel_that_hangs_keeps_no_other_back_and_ends_with_the_postman(office: Office) -> None:
    post = Post()
    postman = _two(office, post)
    await office.post("Alien", channel="bad")
    before = asyncio.all_tasks()
    async with going(postman.run()):
        await post.until([], 1, office)
        for number, title in enumerate("ABC", start=1):
            await office.post(title, channel="good")
            postman.wake()
            await post.until(list("ABC")[:number], 1, office)
    assert post.hanging == 0
    assert asyncio.all_tasks() == before


async def test_a_hanging_channel_that_leaves_the_config_ends_and_what_waits_is_given_up(
    office: Office,
) -> None:
    post = Post()
    postman = _two(office, post)
    await office.post("Alien", channel="bad")
    async with going(postman.run()):
        await post.until([], 1, office)
        postman.configure({"good": replace(office.channel("good"), url=SecretStr("good://"))}, None)
        await post.until([], 0, office)
        await office.post("B", channel="good")
        postman.wake()
        await post.until(["B"], 0, office)
        while ("new",) in await office.rows("state"):
            await asyncio.sleep(0.002)
    assert await office.rows("title, state") == [("Alien", "failed"), ("B", "sent")]


async def test_a_channel_whose_delivery_crashes_keeps_no_other_back(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    postman = _two(office, post)
    monkeypatch.setattr("reconciled.notify.carrier.due", _crash_for_bad)
    await office.post("Alien", channel="bad")
    async with going(postman.run()):
        for number in range(1, 4):
            await office.post(f"B{number}", channel="good")
            office.clock.advance(600)
            postman.wake()
            await post.until([f"B{n + 1}" for n in range(number)], 0, office)
    assert [record.getMessage() for record in caplog.records] == [
        "the channel bad: its delivery crashed; it is tried again"
    ]


def _crash_for_bad(waiting: Sequence[Waiting], sent: object, rules: ChannelSettings, **_: object) -> Round:
    if rules.name == "bad":
        raise ZeroDivisionError
    return Round(tuple((one.id,) for one in waiting))
