"""What Paperless tells while we listen, by its stream and by looking, and what it leaves out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from tests.patience import PATIENCE

from reconciled.errors import BadResponse, Unauthorized, Unreachable, Unsupported
from reconciled.model import Event, Op
from reconciled.source import Connected
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless.following import Watch
from reconciled_paperless.items import key_of

BY_PASSWORD = {"user": "admin", "password": "secret-admin"}
SIGN_IN = "*/auth/login"


class Ear:
    """Listens, and lets time pass where the test says so."""

    def __init__(self, source: Any, clock: ManualClock) -> None:
        self.clock = clock
        self.stream = source.listen()

    async def __call__(self) -> Any:
        """The next thing that is told."""
        async with asyncio.timeout(PATIENCE):
            return await anext(self.stream)

    async def after(self, seconds: float) -> Any:
        """The next thing, told once so much time has passed."""
        waiting = asyncio.ensure_future(self())
        await asyncio.sleep(0.01)
        self.clock.advance(seconds)
        return await waiting


@pytest.fixture
async def ear(asking: Any) -> AsyncIterator[Callable[..., Ear]]:
    ears: list[Ear] = []

    def listen(app: FakePaperless, **options: Any) -> Ear:
        clock = ManualClock()
        ears.append(Ear(asking(app, clock=clock, **options), clock))
        return ears[-1]

    yield listen
    for one in ears:
        await one.stream.aclose()


@pytest.mark.parametrize("who", [BY_PASSWORD, {}], ids=["stream", "token"])
async def test_connected_comes_first(fake: FakePaperless, ear: Any, who: dict[str, str]) -> None:
    assert await ear(fake, **who)() == Connected()
    assert fake.count(SIGN_IN) == bool(who)


async def test_a_bulk_deletion_is_told_with_the_trash_as_witness(fake: FakePaperless, ear: Any) -> None:
    """Also the numbers of later files are told; they are no documents."""
    fake.add_version(3)
    hear = ear(fake, **BY_PASSWORD)
    await hear()
    await fake.bulk_delete(3, 5)
    told = [await hear(), await hear()]
    assert [(one.op, one.key, one.title, one.own_act) for one in told] == [
        (Op.DELETED, key_of(3), "Letter 2", True),
        (Op.DELETED, key_of(5), "Letter 4", True),
    ]
    assert [one.occurred for one in told] == [fake.state.trash[each].deleted_at for each in (3, 5)]
    assert all(one.refs for one in told)
    assert (await hear.after(61)).op is Op.SCAN


async def test_a_message_that_the_trash_does_not_bear_out(fake: FakePaperless, ear: Any) -> None:
    """A hint all the same, but nobody says any more that Paperless did it itself."""
    hear = ear(fake, **BY_PASSWORD)
    await hear()
    await fake.say({"type": "documents_deleted", "data": {"documents": [4]}})
    told = await hear()
    assert (told.op, told.key, told.own_act) == (Op.DELETED, key_of(4), False)


@pytest.mark.parametrize("deed", ["add", "edit"])
async def test_changes_are_told(fake: FakePaperless, ear: Any, deed: str) -> None:
    hear = ear(fake, **BY_PASSWORD)
    await hear()
    document = await (fake.add("New") if deed == "add" else fake.edit(4, title="Other"))
    told = await hear()
    assert (told.op, told.key) == (Op.CHANGED, key_of(document.id))


@pytest.mark.parametrize("who", [BY_PASSWORD, {}], ids=["stream", "token"])
@pytest.mark.parametrize(
    ("deed", "thrown_away"),
    [
        (lambda app: app.delete(3), [3]),
        (lambda app: [app.delete(3), app.put("New")], []),
        (lambda app: app.purge(3), []),
        (lambda app: app.put("Silently"), []),
    ],
    ids=["deleted alone", "deleted, another added", "purged", "added"],
)
async def test_what_the_stream_leaves_out_is_noticed_by_looking(
    fake: FakePaperless, ear: Any, who: dict[str, str], deed: Any, thrown_away: list[int]
) -> None:
    hear = ear(fake, **who)
    await hear()
    deed(fake)
    told = [await hear.after(61)]
    for _ in thrown_away:
        told.append(await hear())  # noqa: PERF401
    assert [one.key for one in told[:-1]] == [key_of(each) for each in thrown_away]
    assert all(one.op is Op.DELETED and one.own_act for one in told[:-1])
    assert told[-1].op is Op.SCAN


async def test_a_restored_document_is_noticed_by_looking(fake: FakePaperless, ear: Any) -> None:
    fake.delete(3)
    hear = ear(fake)
    await hear()
    fake.restore(3)
    assert await hear.after(61) == Event(Op.SCAN, reason="6 documents are 7")


async def test_what_was_in_the_trash_before_is_not_told(fake: FakePaperless, ear: Any) -> None:
    """It is for the scan that follows the connection."""
    moment = fake.now().replace(year=2020)
    fake.state.trash[3] = replace(fake.delete(3), deleted_at=moment)
    hear = ear(fake)
    await hear()
    fake.delete(4)
    told = await hear.after(61)
    assert (told.op, told.key) == (Op.DELETED, key_of(4))
    assert (await hear()).op is Op.SCAN


async def test_nothing_happens_and_nothing_is_told(fake: FakePaperless, ear: Any) -> None:
    hear = ear(fake)
    await hear()
    waiting = asyncio.ensure_future(hear())
    for _ in range(3):
        await asyncio.sleep(0.01)
        hear.clock.advance(61)
    async with asyncio.timeout(PATIENCE):
        while fake.count("/api/documents/[?]*modified*") < 2:
            hear.clock.advance(61)
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_session_that_ended_is_opened_again(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake, **BY_PASSWORD)
    for times in (1, 1, 2):
        if times == 2:
            fake.state.sessions.clear()
        stream = source.listen()
        assert await anext(stream) == Connected()
        await stream.aclose()
        assert len(fake.signed_in) == times


async def test_signed_out_while_listening(fake: FakePaperless, ear: Any) -> None:
    hear = ear(fake, **BY_PASSWORD)
    await hear()
    waiting = asyncio.ensure_future(hear())
    await asyncio.sleep(0.01)
    await fake.end_sessions()
    with pytest.raises(Unreachable, match="closed the stream"):
        await waiting


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"poll": "off"}, Unsupported, "set user and password"),
        ({"user": "admin", "password": "wrong"}, Unauthorized, "user and password were refused"),
        ({"user": "ann", "password": "secret-ann"}, Unauthorized, "a second factor"),
        ({**BY_PASSWORD, "cookie_prefix": "other_"}, Unauthorized, "PAPERLESS_COOKIE_PREFIX"),
    ],
)
async def test_what_cannot_be_followed(
    fake: FakePaperless, ear: Any, options: dict[str, str], error: type[Exception], said: str
) -> None:
    fake.put_user("ann", second_factor=True)
    with pytest.raises(error, match=said) as caught:
        await ear(fake, **options)()
    assert not any(secret in str(caught.value) for secret in ("wrong", "secret-"))


@pytest.mark.parametrize("poll", ["60s", "off"])
async def test_without_a_sign_in_for_apps_looking_has_to_do(running: Any, ear: Any, poll: str) -> None:
    app: FakePaperless = await running(headless=False)
    app.put_many(3)
    hear = ear(app, **BY_PASSWORD, poll=poll)
    if poll == "off":
        with pytest.raises(Unsupported, match="no sign-in for apps"):
            await hear()
        return
    assert await hear() == Connected()
    app.delete(2)
    assert (await hear.after(61)).op is Op.DELETED


async def test_a_cookie_prefix(fake: FakePaperless, ear: Any) -> None:
    fake.cookie = "other_sessionid"
    assert await ear(fake, **BY_PASSWORD, cookie_prefix="other_")() == Connected()


async def test_a_stream_that_says_nothing_for_hours_is_opened_anew(fake: FakePaperless, ear: Any) -> None:
    hear = ear(fake, **BY_PASSWORD, poll="off")
    await hear()
    with pytest.raises(StopAsyncIteration):
        await hear.after(6 * 3600 + 1)


@pytest.mark.parametrize(
    "text", ['{"type": "something_new", "data": {"documents": []}}', '{"type": "status_update", "data": {}}']
)
async def test_messages_that_say_nothing(fake: FakePaperless, ear: Any, text: str) -> None:
    hear = ear(fake, **BY_PASSWORD)
    await hear()
    await fake.say(msgspec.json.decode(text))
    await fake.say({"type": "document_updated", "data": {"document_id": 4}})
    assert (await hear()).key == key_of(4)


async def test_a_message_of_something_else(fake: FakePaperless, ear: Any) -> None:
    hear = ear(fake, **BY_PASSWORD)
    await hear()
    await fake.say({"type": 7})
    with pytest.raises(BadResponse, match="not what it sends"):
        await hear()


async def test_an_app_that_does_not_say_what_time_it_is(
    fake: FakePaperless, ear: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a proxy that spoils it: what is new in the trash cannot be told, that something changed can."""
    said = FakePaperless.app_headers
    monkeypatch.setattr(
        FakePaperless, "app_headers", lambda self, request: {**said(self, request), "Date": "noon"}
    )
    hear = ear(fake)
    assert await hear() == Connected()
    fake.delete(3)
    assert (await hear.after(61)).op is Op.SCAN


async def test_what_left_the_trash_is_forgotten(fake: FakePaperless, asking: Any) -> None:
    """For months of deletions, only what lies there now is kept in mind; nothing is told twice."""
    watch = Watch(asking(fake).connection)
    await watch.begin()
    for number in (1, 2):
        fake.delete(number)
        assert [one.key for one in await watch.look()] == [key_of(number), None]
    fake.purge(1)
    fake.delete(3)
    assert [one.key for one in await watch.look()] == [key_of(3), None]
    assert watch._told.keys() == {2, 3}
