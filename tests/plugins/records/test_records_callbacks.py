"""Callbacks over a real socket: signed as the docs check it, tried until taken, never in each other's way."""

import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.plugins.conftest import Notes
from tests.plugins.records.verifying import callbacks_of_the_docs

from reconciled.errors import Unsupported
from reconciled.http import Http, new_session
from reconciled.model import Key, Letter, Loss, Record, Ref, SyncStatus
from reconciled.source import Context, Weight
from reconciled.testing.clock import ManualClock
from reconciled.testing.program import Program
from reconciled.testing.shelf import MemoryShelf
from reconciled_records import Records, RecordsConfig
from reconciled_records.callbacks import LEAST_TRIES, LONGEST, backoff

SECRET = "a-secret-to-sign-with-0123"
LOSS = Loss(
    "paperless",
    Key("document", "12"),
    "Invoice",
    "paperless",
    "ann",
    "Invoice: paperless said that it was deleted",
    datetime(2026, 1, 1, 10, tzinfo=UTC),
)
DAY = 86400.0


class Sources:
    """A source of records as the daemon makes it, and the time it lives in."""

    def __init__(self, program: Program) -> None:
        self.clock = ManualClock()
        self.shelf = MemoryShelf(self.clock)
        self.program = program
        self.http = Http(new_session, self.clock)
        self.source = self.open()

    def open(self, **config: Any) -> Records:
        callback = {"url": self.program.url, "secret": SECRET, "timeout": "2s", **config}
        made = RecordsConfig.model_validate({"callback": callback})
        return self.made_of(made)

    def made_of(self, config: RecordsConfig) -> Records:
        log = logging.getLogger("library")
        return Records(config, Context("library", self.http, self.clock, log, Notes(), shelf=self.shelf))

    async def lose(self, *ids: str) -> None:
        """All of these refer to something that is gone; no others do."""
        await self.source.orphans({Key("record", name): LOSS for name in ids})

    async def deliver(self, seconds: float = 0.0) -> float:
        self.clock.advance(seconds)
        return await self.source._callbacks.deliver()  # one round of work(), which never ends

    def states(self) -> list[str]:
        return [state for _, state in self.shelf.letters.values()]


@pytest.fixture
async def world() -> AsyncIterator[Sources]:
    async with Program() as program:
        made = Sources(program)
        for number in range(12, 15):
            about = frozenset({Ref("paperless:document", str(number))})
            await made.shelf.keep(Record(f"inv/{number}", f"Invoice {number}", about, {"n": number}))
        yield made
        await made.http.close()


async def test_what_is_told(world: Sources) -> None:
    await world.lose("inv/12", "unknown")
    assert await world.deliver() == 3600.0
    (call,) = world.program.calls
    assert call.told == {
        "event": "missing",
        "delivery": call.headers["X-Reconciled-Delivery"],
        "source": "library",
        "id": "inv/12",
        "title": "Invoice 12",
        "refs": ["paperless:document/12"],
        "sync_status": "missing",
        "tombstone": {
            "source": "paperless",
            "kind": "document",
            "id": "12",
            "title": "Invoice",
            "cause": "paperless",
            "actor": "ann",
            "sentence": "Invoice: paperless said that it was deleted",
            "when": "2026-01-01T10:00:00.000Z",
        },
    }
    assert call.headers["Content-Type"] == "application/json"
    assert world.states() == ["delivered"]
    await world.lose("inv/12")  # as before: nothing is new
    await world.deliver()
    assert len(world.program.calls) == 1


async def test_what_is_back_is_told_too(world: Sources) -> None:
    (known,) = [one for one in await world.shelf.page("", 9) if one.id == "inv/13"]
    await world.shelf.keep(Record(known.id, known.title, known.refs, {}, SyncStatus.FAILED))
    await world.lose("inv/12", "inv/13")
    await world.deliver()
    await world.lose("inv/12")
    await world.deliver()
    told = [(call["event"], call["id"], call["sync_status"]) for call in world.program.taken]
    assert sorted(told[:2]) == [("missing", "inv/12", "missing"), ("missing", "inv/13", "missing")]
    assert told[2:] == [("returned", "inv/13", "failed")]
    assert world.program.taken[-1]["tombstone"] is None


async def test_the_docs_tell_a_genuine_callback(world: Sources) -> None:
    await world.lose("inv/12")
    await world.deliver()
    (call,) = world.program.calls
    checker, now = callbacks_of_the_docs(SECRET), world.clock.now().timestamp()
    told = checker.check(call.headers["X-Reconciled-Signature"], call.body, now + 2)
    assert told == call.told
    checker.done(told)


def signed(body: bytes, sent: object, secret: str = SECRET) -> str:
    mark = hmac.new(secret.encode(), f"{sent}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={sent},v1={mark}"


BODY = json.dumps({"delivery": "d1"}).encode()
FORGED: Mapping[str, tuple[str, bytes, float]] = {
    "another body": (signed(BODY, 1000), BODY + b" ", 1000),
    "another secret": (signed(BODY, 1000, "guessed"), BODY, 1000),
    "another time": (signed(BODY, 1000).replace("1000", "1001"), BODY, 1000),
    "too old": (signed(BODY, 1000), BODY, 1301),
    "of the future": (signed(BODY, 1000), BODY, 699),
    "no signature": ("", BODY, 1000),
    "no time": (signed(BODY, ""), BODY, 1000),
    "nonsense": ("v1=,t=", BODY, 1000),
    "not ASCII": ("t=1000,v1=é", BODY, 1000),
}


@pytest.mark.parametrize("case", FORGED.values(), ids=FORGED)
def test_the_docs_refuse_what_is_not_ours(case: tuple[str, bytes, float]) -> None:
    with pytest.raises(ValueError, match=r"forged|replayed|int"):
        callbacks_of_the_docs(SECRET).check(*case)


def test_the_docs_refuse_a_replay_and_know_a_second_try() -> None:
    checker = callbacks_of_the_docs(SECRET)
    first = signed(BODY, 1000)
    told = checker.check(first, BODY, 1000)
    with pytest.raises(ValueError, match="replayed"):
        checker.check(first, BODY, 1001)
    assert checker.check(signed(BODY, 1100), BODY, 1100) == told  # our answer was lost before it was handled
    checker.done(told)
    assert checker.check(signed(BODY, 1200), BODY, 1200) is None
    for at in (1299, 1301):
        with pytest.raises(ValueError, match="replayed"):
            checker.check(first, BODY, at)


async def test_each_try_is_signed_anew_and_is_the_same_delivery(world: Sources) -> None:
    statuses = iter([500, 301, 204])
    world.program.answer = lambda _, __: next(statuses)
    await world.lose("inv/12")
    assert await world.deliver() == 10.0
    assert await world.deliver(9.0) == 1.0  # not before
    assert await world.deliver(1.0) == 20.0
    await world.deliver(20.0)
    first, second, third = world.program.calls
    assert first.body == second.body == third.body
    assert len({call.headers["X-Reconciled-Delivery"] for call in world.program.calls}) == 1
    assert len({call.headers["X-Reconciled-Signature"] for call in world.program.calls}) == 3
    checker = callbacks_of_the_docs(SECRET)
    at = world.clock.now().timestamp()
    assert checker.check(third.headers["X-Reconciled-Signature"], third.body, at) is not None
    assert world.states() == ["delivered"]


async def test_a_refused_letter_keeps_no_other_back(world: Sources) -> None:
    def answer(_: Mapping[str, str], body: bytes) -> int:
        return 422 if b"inv/12" in body else 204

    world.program.answer = answer
    await world.lose("inv/12", "inv/13", "inv/14")
    await world.deliver()
    assert sorted(call["id"] for call in world.program.taken) == ["inv/13", "inv/14"]
    (letter,) = await world.shelf.waiting()
    assert "422" in (letter.error or "")
    (matter,) = await world.source.examine(None)
    assert (matter.weight, "422" in matter.said) == (Weight.WRONG, True)


async def test_while_nobody_is_there_one_try_stands_for_all(world: Sources) -> None:
    await world.program.down()
    await world.lose("inv/12", "inv/13", "inv/14")
    assert await world.deliver() == 10.0
    assert [letter.tries for letter in await world.shelf.waiting()] == [1, 0, 0]
    assert await world.deliver() == 10.0
    assert await world.deliver(10.0) == 20.0
    assert sum(letter.tries for letter in await world.shelf.waiting()) == 2
    await world.program.up()
    await world.deliver(20.0)
    await world.deliver(40.0)
    assert sorted(call["id"] for call in world.program.taken) == ["inv/12", "inv/13", "inv/14"]
    assert (await world.source.examine(None))[0].weight is Weight.GOOD


async def test_a_restart_loses_nothing(world: Sources) -> None:
    await world.program.down()
    await world.lose("inv/12")
    await world.deliver()
    await world.program.up()
    world.source = world.open()
    await world.deliver(10.0)
    assert [call["id"] for call in world.program.taken] == ["inv/12"]


async def test_only_the_newest_word_of_a_record_is_sent(world: Sources) -> None:
    await world.program.down()
    await world.lose("inv/12")
    await world.deliver()
    await world.lose()
    await world.program.up()
    await world.deliver(60.0)
    assert [(call["event"], call["id"]) for call in world.program.taken] == [("returned", "inv/12")]
    assert world.states() == ["dropped", "delivered"]


async def test_a_word_that_grew_old_while_others_were_sent_is_not_sent(
    world: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program takes the first, and says meanwhile that the others are about something else."""
    about, settled = frozenset({Ref("paperless:document", "99")}), MemoryShelf.settled

    async def meanwhile(shelf: MemoryShelf, letter: Letter, *, error: str | None) -> None:
        await settled(shelf, letter, error=error)
        for number in (13, 14):
            await shelf.keep(Record(f"inv/{number}", "another", about))

    monkeypatch.setattr(MemoryShelf, "settled", meanwhile)
    await world.lose("inv/12", "inv/13", "inv/14")
    await world.deliver()
    assert [call["id"] for call in world.program.taken] == ["inv/12"]
    assert world.states() == ["delivered", "dropped", "dropped"]


async def test_a_key_of_another_kind_is_no_record(world: Sources) -> None:
    with pytest.raises(Unsupported):
        await world.source.lookup(Key("movie", "inv/12"))
    movie, record = Key("movie", "inv/12"), Key("record", "inv/12")
    assert set(await world.source.lookup_many([movie, record])) == {record}


async def test_it_is_given_up_after_days_and_enough_tries(
    world: Sources, caplog: pytest.LogCaptureFixture
) -> None:
    world.program.answer = lambda _, __: 500
    await world.lose("inv/12")
    for _ in range(LEAST_TRIES - 1):
        await world.deliver(4 * DAY)
    assert world.states() == ["waiting"]
    await world.deliver(4 * DAY)
    assert world.states() == ["failed"]
    assert "was not told of inv/12" in caplog.text
    assert SECRET not in caplog.text
    await world.deliver(DAY)
    assert len(world.program.calls) == LEAST_TRIES
    await world.lose()  # but of what comes next it is told
    world.program.answer = lambda _, __: 200
    await world.deliver()
    assert [call["event"] for call in world.program.taken] == ["returned"]


async def test_a_program_that_asks_for_patience_gets_it(world: Sources) -> None:
    world.program.answer = lambda _, __: 429
    await world.lose("inv/12", "inv/13")
    assert await world.deliver() == 10.0
    assert len(world.program.calls) == 1


async def test_without_a_callback_records_are_marked_all_the_same(world: Sources) -> None:
    world.program.answer = lambda _, __: 500
    await world.lose("inv/12")
    await world.deliver()
    world.source = world.made_of(RecordsConfig())
    await world.lose("inv/12", "inv/13")
    assert [one.id for one in await world.shelf.missing()] == ["inv/12", "inv/13"]
    await world.deliver()
    assert world.states() == ["failed"]
    assert (await world.source.examine(None))[0].weight is Weight.ADVICE


async def test_a_clock_that_was_wrong_delays_nothing_for_long(world: Sources) -> None:
    world.program.answer = lambda _, __: 500
    await world.lose("inv/12")
    await world.deliver()
    (letter,) = await world.shelf.waiting()
    await world.shelf.tried(letter, error="x", due=world.clock.reckoned() + 400 * DAY)
    await world.deliver()
    assert len(world.program.calls) == 2


def test_the_wait_doubles_up_to_an_hour() -> None:
    assert [backoff(tries) for tries in (0, 1, 2, 8, 9, 1000)] == [10, 20, 40, 2560, LONGEST, LONGEST]


@pytest.mark.parametrize(
    ("callback", "said"),
    [
        ({"url": "box.lan/hook", "secret": SECRET}, "no address to call"),
        ({"url": "http://ann:pw@box.lan/", "secret": SECRET}, "user or password"),
        ({"url": "http://box.lan/?key=1", "secret": SECRET}, "before any"),
        ({"url": "http://box.lan/a/../b", "secret": SECRET}, r"no \. or \.\."),
        ({"url": "http://box.lan/", "secret": "short"}, "at least 16"),
        ({"url": "http://box.lan/"}, "secret"),
        ({"url": "http://box.lan/", "secret": SECRET, "keep_trying": "0s"}, "keep_trying"),
        ({"url": "http://box.lan/", "secret": SECRET, "colour": 1}, "colour"),
    ],
)
def test_settings_that_are_wrong(callback: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RecordsConfig.model_validate({"callback": callback})


def test_a_slash_at_the_end_counts() -> None:
    made = RecordsConfig.model_validate({"callback": {"url": "http://box.lan/hook/", "secret": SECRET}})
    assert made.callback is not None
    assert made.callback.url == "http://box.lan/hook/"


def test_a_context_without_a_shelf() -> None:
    context = Context("library", Http.__new__(Http), ManualClock(), logging.getLogger("x"), Notes())
    with pytest.raises(ValueError, match="shelf"):
        Records(RecordsConfig(), context)
