"""The example plugin changes its app, undoes it, and understands what the app tells."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciled.errors import (
    BadEvent,
    BadResponse,
    Refused,
    SourceError,
    Unauthorized,
    Unreachable,
    Unsupported,
)
from reconciled.model import Absent, Event, Key, Op, Ref
from reconciled.source import Captures, Deletes, Deletion, Finds, Monitors, ReceivesWebhooks, Restores, Tags
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.requests_app import FakeRequests
from reconciled.testing.faults import Fault
from reconciled.testing.receiver import Receiver

ONE = Key("request", "1")
PLAIN = Deletion()


def test_its_abilities(requests: Any) -> None:
    for ability in (Captures, Deletes, Finds, ReceivesWebhooks, Restores, Tags):
        assert isinstance(requests, ability)
    assert not isinstance(requests, Monitors)
    assert requests.options == {PLAIN}


def test_how_long_it_acts(make: Any) -> None:
    assert make("http://box.lan", act_timeout="7s").acts_within == 7
    assert make("http://box.lan").acts_within == 60


async def test_delete(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film")
    await requests.delete(ONE, PLAIN)
    assert (fake.entries, [*fake.trash], fake.deletes) == ({}, [1], {1: 1})
    await requests.delete(ONE, PLAIN)  # in the trash already
    await requests.delete(Key("request", "99"), PLAIN)  # never there
    assert ([*fake.trash], fake.deletes) == ([1], {1: 1})


@pytest.mark.parametrize("how", [Deletion(files=True), Deletion(exclude=True), Deletion(True, True)])
async def test_what_it_cannot_do(fake: FakeRequests, requests: Any, how: Deletion) -> None:
    fake.put("A film")
    with pytest.raises(Unsupported):
        await requests.delete(ONE, how)
    assert [*fake.entries] == [1]


async def test_the_app_says_no(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film").locked = True
    with pytest.raises(Refused, match="locked"):
        await requests.delete(ONE, PLAIN)
    assert ([*fake.entries], fake.deletes.total()) == ([1], 0)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RESET, Unreachable),
        (Fault.STARTING, Unreachable),
        (Fault.UNAUTHORIZED, Unauthorized),
        (Fault.NOT_FOUND, BadResponse),  # a proxy's 404 is no "already gone"
        (Fault.HTML, BadResponse),
        (Fault.OTHER_APP, BadResponse),
        (Fault.REDIRECT, BadResponse),
        (Fault.ERROR, BadResponse),
    ],
)
async def test_trouble_is_no_success(
    fake: FakeRequests, requests: Any, fault: Fault, error: type[SourceError]
) -> None:
    fake.put("A film")
    fake.faults.set(fault)
    for act in (
        requests.delete(ONE, PLAIN),
        requests.tag(ONE, "keep"),
        requests.untag(ONE, "keep"),
        requests.restore(ONE, None),
        requests.capture(ONE),
    ):
        with pytest.raises(error):
            await act
    assert ([*fake.entries], fake.entries[1].labels, fake.deletes.total()) == ([1], set(), 0)


async def test_an_act_has_its_own_timeout(fake: FakeRequests, make: Any) -> None:
    fake.put("A film")
    fake.faults.set(Fault.HANG, method="DELETE")
    with pytest.raises(Unreachable):
        await make(fake.url, timeout="60s", act_timeout="50ms").delete(ONE, PLAIN)


async def test_labels(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film")
    for _ in range(2):
        await requests.tag(ONE, "to keep")
        assert (await requests.lookup(ONE)).attrs["tags"] == ["to keep"]
    for _ in range(2):
        await requests.untag(ONE, "to keep")
        assert (await requests.lookup(ONE)).attrs["tags"] == []
    with pytest.raises(Refused):
        await requests.tag(Key("request", "2"), "keep")


@pytest.mark.parametrize(
    "label", ["..", ".", "", " ", "a/b", "a/../..", "../../1", "%2e%2e", "a?b", "x" * 65]
)
async def test_a_label_that_would_be_another_question(fake: FakeRequests, requests: Any, label: str) -> None:
    fake.put("A film")
    for act in (requests.tag, requests.untag):
        with pytest.raises(Unsupported):
            await act(ONE, label)
    assert ([*fake.entries], fake.count()) == ([1], 0)


async def test_there_and_back(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film", ["tmdb:movie/603"], by="ann")
    fake.label(1, "family")
    before = await requests.lookup(ONE)
    image = await requests.capture(ONE)
    assert json.loads(json.dumps(image)) == image
    await requests.delete(ONE, PLAIN)
    assert isinstance(await requests.lookup(ONE), Absent)
    assert await requests.restore(ONE, image) == ONE
    assert await requests.lookup(ONE) == before
    assert await requests.restore(ONE, image) == ONE  # there already
    assert (fake.trash, fake.count("*/restore")) == ({}, 1)


async def test_without_an_image(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film")
    await fake.delete(1)
    assert await requests.restore(ONE, None) == ONE
    assert [*fake.entries] == [1]


async def test_the_trash_was_emptied(fake: FakeRequests, requests: Any, clock: ManualClock) -> None:
    fake.put("A film")
    image = await requests.capture(ONE)
    await fake.delete(1)
    clock.advance(30 * 86400)
    with pytest.raises(Refused, match="not in the trash"):
        await requests.restore(ONE, image)


async def test_the_trash_is_emptied_meanwhile(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film")
    await fake.delete(1)
    fake.faults.set(Fault.NOT_FOUND_APP, method="POST")
    with pytest.raises(Refused, match="just now"):
        await requests.restore(ONE, None)


async def test_another_request_has_the_number_now(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film", ["tmdb:movie/603"])
    image = await requests.capture(ONE)
    fake.replace(1, "Another film", ["tmdb:movie/604"])
    with pytest.raises(Refused, match="another request"):
        await requests.restore(ONE, image)
    await fake.delete(1)
    with pytest.raises(Refused, match="another request"):
        await requests.restore(ONE, image)
    assert [*fake.trash] == [1]


@pytest.mark.parametrize("image", [[], "x", 5, {"title": "no number"}])
async def test_an_image_of_something_else(fake: FakeRequests, requests: Any, image: Any) -> None:
    fake.put("A film")
    await fake.delete(1)
    with pytest.raises(Refused, match="no record"):
        await requests.restore(ONE, image)


async def test_nothing_to_capture(fake: FakeRequests, requests: Any) -> None:
    with pytest.raises(Refused):
        await requests.capture(ONE)
    fake.put("A film")
    await fake.delete(1)
    with pytest.raises(Refused):
        await requests.capture(ONE)


KEY = Key("request", "17")
MOMENT = datetime(2026, 5, 1, 20, 15, tzinfo=UTC)
REFS = frozenset({Ref("tmdb:movie", "603")})


@pytest.mark.parametrize(
    ("body", "events"),
    [
        ({"event": "test"}, [Event(Op.TEST)]),
        ({"event": "request.deleted", "id": 17}, [Event(Op.DELETED, KEY, own_act=True)]),
        (
            {"event": "request.deleted", "id": 17, "title": "A film", "refs": ["tmdb:movie/603"]},
            [Event(Op.DELETED, KEY, "A film", REFS, own_act=True)],
        ),
        (
            {"event": "request.deleted", "id": 17, "by": "ann", "at": "2026-05-01T22:15:00+02:00"},
            [Event(Op.DELETED, KEY, actor="ann", occurred=MOMENT, own_act=True)],
        ),
        ({"event": "request.created", "id": 17, "new": 1}, [Event(Op.CHANGED, KEY)]),
        ({"event": "request.changed", "id": 17}, [Event(Op.CHANGED, KEY)]),
        ({"event": "request.restored", "id": 17, "by": "ben"}, [Event(Op.CHANGED, KEY, actor="ben")]),
    ],
)
def test_webhooks(requests: Any, body: dict[str, Any], events: list[Event]) -> None:
    assert requests.parse_webhook(json.dumps(body).encode(), {}) == events


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b"{}",
        b'{"event": "request.deleted"}',
        b'{"event": "request.deleted", "id": 0}',
        b'{"event": "request.deleted", "id": "17"}',
        b'{"event": "request.deleted", "id": 17, "at": "2026-05-01T20:15:00"}',
        b'{"event": "request.exploded", "id": 17}',
        b'{"eventType": "MovieDelete", "movie": {"id": 17}}',
    ],
)
def test_what_is_no_webhook_of_it(requests: Any, body: bytes) -> None:
    with pytest.raises(BadEvent):
        requests.parse_webhook(body, {})


async def test_what_the_app_sends_is_understood(fake: FakeRequests, requests: Any) -> None:
    async with Receiver() as receiver:
        fake.add_webhook(receiver.url)
        await fake.add("A film", ["tmdb:movie/603"], by="ann")
        await requests.tag(ONE, "keep")
        await requests.tag(ONE, "keep")
        await fake.delete(1, by="ben")
        await requests.restore(ONE, None)
        await requests.delete(ONE, PLAIN)
        await fake.send_test()
        told = [
            event
            for body in receiver.bodies
            for event in requests.parse_webhook(json.dumps(body).encode(), {})
        ]
    assert [(event.op, event.actor) for event in told] == [
        (Op.CHANGED, "ann"),
        (Op.CHANGED, "api"),
        (Op.DELETED, "ben"),
        (Op.CHANGED, "api"),
        (Op.DELETED, "api"),
        (Op.TEST, None),
    ]
    assert {event.refs for event in told[:-1]} == {REFS}
