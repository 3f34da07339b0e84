"""Sending through Apprise to a real server: what arrives, what a hanging one costs, what is never said."""

import asyncio
import logging
import socket
import sys

import pytest
from pydantic import SecretStr
from tests.daemon.notify.conftest import LIMIT, SECRET, Phone

from reconciled.notify.apprise_channel import MOST_HANGING, AppriseSender, CannotSend


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


async def test_a_hanging_server_costs_the_limit(phone: Phone) -> None:
    phone.awake.clear()
    sender = AppriseSender(limit=LIMIT)
    with pytest.raises(CannotSend, match="no answer within"):
        await sender.send(SecretStr(phone.address), "T", "B", False)


async def test_hanging_deliveries_do_not_pile_up(phone: Phone) -> None:
    phone.awake.clear()
    sender = AppriseSender(limit=LIMIT)
    tries = [sender.send(SecretStr(phone.address), "T", "B", False) for _ in range(MOST_HANGING)]
    await asyncio.gather(*tries, return_exceptions=True)
    asked = phone.asked
    with pytest.raises(CannotSend, match="earlier deliveries hang"):
        await sender.send(SecretStr(phone.address), "T", "B", False)
    assert phone.asked == asked


def _closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize("case", ["good", "500", "401", "refused", "mail", "nonsense", "no host", "hangs"])
async def test_no_log_and_no_error_holds_the_secret(
    case: str, phone: Phone, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    addresses = {
        "refused": f"json://me:{SECRET}@127.0.0.1:{_closed_port()}/{SECRET}",
        "mail": f"mailto://me:{SECRET}@example.invalid:{_closed_port()}?smtp=127.0.0.1&to=you@example.invalid",
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
