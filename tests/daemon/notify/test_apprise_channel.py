"""Sending through Apprise to a real server: what arrives, what a hanging one costs, what is never said."""

import asyncio
import logging
import sys

import pytest
from pydantic import SecretStr
from tests.daemon.notify.conftest import LIMIT, SECRET, Phone, landed

from reconciled.notify.apprise_channel import KEPT, MOST_HANGING, AppriseSender, CannotSend, StillUnderWay
from reconciled.notify.letters import LINES, letter
from reconciled.notify.messages import Message
from reconciled.testing.clock import ManualClock
from reconciled.testing.ports import unused_port


@pytest.fixture
def sender() -> AppriseSender:
    return AppriseSender(limit=5.0)


@pytest.mark.parametrize(("urgent", "kind"), [(False, "info"), (True, "warning")])
async def test_it_arrives_as_it_was_written(
    phone: Phone, sender: AppriseSender, urgent: bool, kind: str
) -> None:
    await sender.send(SecretStr(phone.address), "Ünïcode <b>", "two\nlines & *stars*", urgent)
    (told,) = phone.told
    assert (told["title"], told["message"], told["type"]) == ("Ünïcode <b>", "two\nlines & *stars*", kind)


async def test_what_is_too_long_for_a_service_arrives_in_parts(phone: Phone, sender: AppriseSender) -> None:
    messages = [Message(f"about/{n}", f"Film {n} is gone", "word " * 60) for n in range(LINES)]
    title, body = letter(messages, "http://box.lan:8787")
    port = phone.address.rpartition(":")[2].partition("/")[0]
    await sender.send(SecretStr(f"mmost://127.0.0.1:{port}/{SECRET}"), title, body, False)
    parts = [one["text"] for one in phone.told]
    assert max(map(len, parts)) <= 4000, "what Mattermost takes"
    whole = " ".join(parts)
    assert all(f"Film {n} is gone" in whole for n in range(LINES))
    phone.told.clear()
    await sender.send(SecretStr(f"mmost://127.0.0.1:{port}/{SECRET}?overflow=truncate"), title, body, False)
    assert len(phone.told) == 1


async def test_a_hanging_server_costs_the_limit(phone: Phone) -> None:
    phone.awake.clear()
    sender = AppriseSender(limit=LIMIT)
    with pytest.raises(CannotSend, match="no answer within"):
        await sender.send(SecretStr(phone.address), "T", "B", False)


async def test_hanging_deliveries_do_not_pile_up(phone: Phone) -> None:
    phone.awake.clear()
    sender = AppriseSender(limit=LIMIT)
    tries = [sender.send(SecretStr(phone.address), "T", f"B{n}", False) for n in range(MOST_HANGING)]
    await asyncio.gather(*tries, return_exceptions=True)
    asked = phone.asked
    with pytest.raises(CannotSend, match="earlier deliveries hang"):
        await sender.send(SecretStr(phone.address), "T", "B", False)
    assert phone.asked == asked
    with pytest.raises(CannotSend, match="no answer within"):  # the others have their own share
        await sender.send(SecretStr(f"{phone.address}/elsewhere"), "T", "B", False)


async def late(phone: Phone, sender: AppriseSender, body: str = "B") -> SecretStr:
    """A delivery that nobody waits for any more; the phone sleeps."""
    url = SecretStr(phone.address)
    phone.awake.clear()
    with pytest.raises(StillUnderWay, match="no answer within"):
        await sender.send(url, "T", body, False)
    return url


async def test_what_arrives_late_is_not_sent_again(phone: Phone) -> None:
    sender = AppriseSender(limit=LIMIT)
    url = await late(phone, sender)
    for _ in range(3):
        with pytest.raises(StillUnderWay, match="still under way"):
            await sender.send(url, "T", "B", False)
    phone.awake.set()
    await landed()
    await sender.send(url, "T", "B", False)
    assert (phone.asked, len(phone.told)) == (1, 1)
    await sender.send(url, "T", "B", False)  # the same once more is another message
    assert (phone.asked, len(phone.told)) == (2, 2)


async def test_what_ends_badly_after_the_limit_is_sent_again(phone: Phone) -> None:
    sender = AppriseSender(limit=LIMIT)
    phone.status = 500
    url = await late(phone, sender)
    phone.awake.set()
    await landed()
    phone.status = 200
    await sender.send(url, "T", "B", False)
    assert (phone.asked, len(phone.told)) == (2, 1)


@pytest.mark.parametrize(
    ("path", "title", "body"), [("", "T", "B2"), ("", "T2", "B"), ("/2", "T", "B"), ("", "", "TB")]
)
async def test_only_the_very_same_is_taken_for_it(phone: Phone, path: str, title: str, body: str) -> None:
    sender = AppriseSender(limit=LIMIT)
    await late(phone, sender)
    phone.awake.set()
    await landed()
    await sender.send(SecretStr(phone.address + path), title, body, False)
    assert len(phone.told) == 2


async def test_a_delivery_that_was_given_up_on_otherwise_is_known_too(phone: Phone) -> None:
    sender = AppriseSender(limit=5.0)
    url = SecretStr(phone.address)
    phone.awake.clear()
    sending = asyncio.create_task(sender.send(url, "T", "B", False))
    while not phone.asked:
        await asyncio.sleep(0.002)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    phone.awake.set()
    await landed()
    await sender.send(url, "T", "B", False)
    assert len(phone.told) == 1


async def test_late_deliveries_are_remembered_for_a_day_and_not_without_bounds(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciled.notify.apprise_channel.MOST_KEPT", 1)
    clock = ManualClock()
    sender = AppriseSender(limit=LIMIT, clock=clock)
    url = await late(phone, sender, "old")
    await late(phone, sender, "new")
    phone.awake.set()
    await landed()
    await sender.send(url, "T", "new", False)
    assert len(phone.told) == 2
    await sender.send(url, "T", "old", False)
    assert len(phone.told) == 3
    await late(phone, sender, "third")
    phone.awake.set()
    await landed()
    clock.advance(KEPT)
    await sender.send(url, "T", "third", False)
    assert len(phone.told) == 5


@pytest.mark.parametrize("case", ["good", "500", "401", "refused", "mail", "nonsense", "no host", "hangs"])
async def test_no_log_and_no_error_holds_the_secret(
    case: str, phone: Phone, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    addresses = {
        "refused": f"json://me:{SECRET}@127.0.0.1:{unused_port()}/{SECRET}",
        "mail": f"mailto://me:{SECRET}@example.invalid:{unused_port()}?smtp=127.0.0.1&to=you@example.invalid",
        "nonsense": f"nonsense://{SECRET}",
        "no host": f"json://:{SECRET}@",
    }
    phone.status = int(case) if case.isdigit() else 200
    if case == "hangs":
        phone.awake.clear()
    said = ""
    try:
        sender = AppriseSender(limit=LIMIT if case == "hangs" else 5.0)
        await sender.send(SecretStr(addresses.get(case, phone.address)), "T", "B", False)
    except CannotSend as error:
        said = repr(error) + repr(error.__cause__) + repr(error.__context__)
    assert bool(said) == (case != "good")
    out, err = capfd.readouterr()
    for text in (said, caplog.text, out, err):
        assert SECRET not in text


async def test_without_apprise_the_remedy_is_named(
    phone: Phone, sender: AppriseSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(CannotSend, match=r"pip install \"reconciled\[notify\]\""):
        await sender.send(SecretStr(phone.address), "T", "B", False)


async def test_what_a_service_blurts_out_when_it_crashes_is_not_repeated(
    phone: Phone, sender: AppriseSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: object, **kwargs: object) -> None:
        raise KeyError(phone.address)

    monkeypatch.setattr("apprise.Apprise.notify", crash)
    with pytest.raises(CannotSend, match=r"^it could not be delivered \(KeyError\)$"):
        await sender.send(SecretStr(phone.address), "T", "B", False)
