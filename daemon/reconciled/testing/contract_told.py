"""The contract's checks of what an app tells: webhooks, signed or not, strange ones, and streams.

A webhook is read without asking anybody, and whatever a stranger sends is a `BadEvent` or events,
never another exception. A stream is one connection: `Connected` first, its end an error of ours,
and nothing of it left when nobody listens any more.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeAlias

import msgspec
import pytest

from reconciled.errors import BadEvent, Forged, SourceError, Unsupported
from reconciled.model import Event, Key, Loss, Op
from reconciled.source import (
    Connected,
    HearsOfOrphans,
    Listens,
    Recalls,
    ReceivesWebhooks,
    VerifiesWebhooks,
    Works,
)
from reconciled.testing.contract_checks import Checks, first_of, unable
from reconciled.testing.contract_scene import Scene, claim, fail, shown
from reconciled.testing.contract_stand import Letter
from reconciled.testing.faults import Fault

SOON = 5.0
"""Seconds within which a stream of a fake app says something."""
STRANGE: tuple[bytes, ...] = (
    b"", b" ", b"\x00", b"\xff\xfe", b"[]", b"{}", b"null", b"true", b"0", b'""', b"[null]", b"[[]]", b"[{}]",
    b"{", b'{"', b'"a', b"<html></html>", b"a=1&b=2", b"\xef\xbb\xbf{}", b"1e999", b"NaN",
    b"[" * 20_000, b'{"a":' * 20_000, b'{"a":1,"a":2}', b'{"\\u0000":"\\ud800"}', b"9" * 5000,
)  # fmt: skip
STRANGE_VALUES = ("", " ", "=", "sha256=", "ä", "\udcff", "x" * 10_000)
"""Values of headers; the last but one is how a byte comes that is no UTF-8."""
_OTHERS: tuple[object, ...] = (
    *(None, True, 0, 7, -1, 1.5, "", "x" * 300, "\x00", "../1"),
    *([], {}, [[]], [None], {"id": None}),
)
_PLACES = 200
Place: TypeAlias = tuple[str | int, ...]
_HUGE = "a number beyond 64 bits"


class ToldChecks(Checks):
    """A source understands what its app tells."""

    async def test_webhooks_say_what_they_say(self) -> None:
        """Each sample of the stand gives events of its op, which name an item wherever they are about one."""
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, ReceivesWebhooks):
                unable(scene, "ReceivesWebhooks")
            for body, headers, op in await _letters(scene):
                told = [*source.parse_webhook(body, _lower(headers))]
                ops = [event.op for event in told]
                claim(
                    {*ops} == ({op} - {None}),
                    f"this webhook tells {op or 'nothing'}, not {ops}: {shown(body)}",
                )
                _check_events(scene, told)

    async def test_what_it_recalls(self) -> None:
        """Of a loss what is about that very item and came since, and no more; of what is there, nothing."""
        async with self.played() as scene:
            source: Any = scene.source
            if not isinstance(source, Recalls):
                unable(scene, "Recalls")
            since = scene.stand.clock.now() - timedelta(hours=1)
            for kind in scene.source.kinds:
                if f"remove {kind}" in scene.stand.excused:
                    continue
                key = first_of(items := await scene.walk(), kind)
                told = [*await source.recall(items[key], since)]
                claim(not told, f"{key} is there, and is recalled as lost: {shown(told)}")
                await scene.stand.remove(key)
                for event in await source.recall(items[key], since):
                    scene.hear(repr(event))
                    claim(event.key == key, f"asked about {key}, it recalls {event.key}")
                    claim(event.op in (Op.DELETED, Op.FILE_DELETED), f"{event.op} of {key} is no loss")
                    claim(
                        event.occurred is not None and event.occurred >= since,
                        f"what is recalled of {key} came at {event.occurred}, not since {since}",
                    )

    async def test_strange_webhooks(self) -> None:
        """Bodies that no app sends, and samples bent out of shape: events or BadEvent."""
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, ReceivesWebhooks):
                unable(scene, "ReceivesWebhooks")
            letters = await _letters(scene)
            every: list[tuple[bytes, Mapping[str, str]]] = [(body, {}) for body in STRANGE]
            for body, headers, _ in letters:
                every += [(body, {}), *((bent, _lower(headers)) for bent in (*STRANGE, *_bent(body)))]
                every += [(body, dict.fromkeys(_lower(headers), value)) for value in STRANGE_VALUES]
            for body, headers in every:
                try:
                    told = [*source.parse_webhook(body, headers)]
                except BadEvent as error:
                    scene.hear(error)
                    continue
                _check_events(scene, told)

    async def test_forged_webhooks(self) -> None:
        """Where the source itself looks for a signature: a true one passes, no other does."""
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, VerifiesWebhooks):
                unable(scene, "VerifiesWebhooks")
            for body, headers, _ in await _letters(scene):
                source.verify_webhook(body, _lower(headers))
                named = _lower(headers)
                odd = [dict.fromkeys(named, value) for value in STRANGE_VALUES]
                for forged, shown_ in (
                    (body, {}),
                    (body + b" ", named),
                    (b"", named),
                    *((body, one) for one in odd),
                ):
                    with pytest.raises(Forged) as caught:
                        source.verify_webhook(forged, shown_)
                    scene.hear(caught.value)

    async def test_a_stream_connects_first(self) -> None:
        """`Connected`, then events; when nobody listens any more, nothing is left; and it can begin again."""
        async with self.played() as scene:
            for _ in range(2):
                listening = _listening(scene)
                await _connected(scene, listening)
                await listening.aclose()
            listening = _listening(scene)
            await _connected(scene, listening)
            waiting = asyncio.ensure_future(anext(listening))
            await asyncio.sleep(0.01)
            waiting.cancel()  # as the daemon does when it stops
            with suppress(asyncio.CancelledError, SourceError):
                await waiting
            await listening.aclose()

    async def test_a_stream_ends_with_trouble(self) -> None:
        """The app goes away: an error of ours, or the end; and trouble while it is away or refuses us."""
        async with self.played() as scene:
            fake = self.http_of(scene)
            listening = _listening(scene)
            await _connected(scene, listening)
            await fake.down()
            with suppress(SourceError, StopAsyncIteration):
                async with asyncio.timeout(SOON):
                    while True:
                        event = await anext(listening)
                        claim(
                            isinstance(event, Event | Connected), f"a stream gives events, not {shown(event)}"
                        )
            await listening.aclose()
            await scene.troubled("listen while nobody is there", anext(_listening(scene)))
            await fake.up()
            for fault in (Fault.UNAUTHORIZED, Fault.NOT_FOUND, Fault.HTML):
                if fault.value in scene.stand.excused:
                    continue
                fake.faults.set(fault)
                await scene.troubled(f"listen with {fault}", anext(_listening(scene)))
                fake.faults.clear()

    async def test_its_own_work_can_be_ended(self) -> None:
        """What it does for as long as it is followed ends at once when it is not, and leaves nothing."""
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, Works):
                unable(scene, "Works")
            working = asyncio.ensure_future(source.work())
            await asyncio.sleep(0.05)
            claim(not working.done(), "work() goes on for ever, but it ended in a world where all is well")
            working.cancel()
            ended, _ = await asyncio.wait([working], timeout=SOON)
            claim(ended and working.cancelled(), "work() was cancelled, and does not end with CancelledError")

    async def test_orphans_are_heard_of_again_and_again(self) -> None:
        """All of them are told each time: the same twice, and none, are no trouble."""
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, HearsOfOrphans):
                unable(scene, "HearsOfOrphans")
            items = await scene.walk()
            now, gone = scene.stand.clock.now(), Key("movie", "1")
            loss = Loss("jellyfin", gone, "A film", "radarr", "ann", "ann deleted it in Radarr", now)
            found = dict.fromkeys([*items][:2], loss)
            for told in ({}, found, found, {}):
                await source.orphans(told)


async def _letters(scene: Scene) -> list[Letter]:
    letters = [*await scene.stand.events()]
    claim(
        letters, "the source receives webhooks, so events() of the stand has to give some that the app sends"
    )
    return letters


def _check_events(scene: Scene, told: Iterable[object]) -> None:
    for event in told:
        if not isinstance(event, Event):
            fail(f"a webhook gives Events, but this is {shown(event)}")
        about_one = event.op not in (Op.SCAN, Op.TEST)
        claim(
            (event.key is not None) == about_one, f"{event.op} has {'no' if about_one else 'a'} key: {event}"
        )
        claim(
            event.occurred is None or event.occurred.tzinfo is not None,
            f"{event.op} occurred at a time without a time zone: {event}",
        )
        scene.hear(repr(event))
        if event.key is not None:
            good = event.key.kind in scene.source.kinds and event.key == Key(
                event.key.kind, str(event.key.id)
            )
            claim(good, f"a webhook names {event.key!r}, which can be no item here")


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    """As the daemon hands them on."""
    return {name.lower(): value for name, value in headers.items()}


def _bent(body: bytes) -> Iterable[bytes]:
    """A sample cut short, with other types, and with each of its fields another thing."""
    yield from (body[: len(body) // 2], body[:-1], body + body, b"[" + body + b"]", body[::-1])
    try:
        whole = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    for other in _OTHERS:
        yield msgspec.json.encode(_with_strings(whole, other))
    for place in [*_places(whole)][:_PLACES]:
        yield msgspec.json.encode(_with(whole, place, msgspec.UNSET))
        for other in _OTHERS:
            yield msgspec.json.encode(_with(whole, place, other))
        huge = msgspec.json.encode(_with(whole, place, _HUGE))
        yield huge.replace(f'"{_HUGE}"'.encode(), str(2**70).encode())


def _places(value: Any, above: Place = ()) -> Iterable[Place]:
    """Where something stands in it, at any depth, the outermost first."""
    inner: Iterable[tuple[str | int, Any]] = ()
    match value:
        case dict():
            inner = value.items()
        case list():
            inner = enumerate(value)
    found = [((*above, name), one) for name, one in inner]
    yield from (place for place, _ in found)
    for place, one in found:
        yield from _places(one, place)


def _with(value: Any, place: Place, other: object) -> Any:
    """The same with another thing in that place; UNSET leaves it out."""
    if not place:
        return other
    name, *rest = place
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    made = {key: _with(one, (*rest,), other) if key == name else one for key, one in pairs}
    left = {key: one for key, one in made.items() if one is not msgspec.UNSET}
    return left if isinstance(value, dict) else [*left.values()]


def _with_strings(value: Any, other: object) -> Any:
    """The same with every text replaced."""
    match value:
        case str():
            return other
        case list():
            return [_with_strings(one, other) for one in value]
        case dict():
            return {name: _with_strings(one, other) for name, one in value.items()}
        case _:
            return value


def _listening(scene: Scene) -> AsyncGenerator[Event | Connected, None]:
    source = scene.source
    if not isinstance(source, Listens):
        unable(scene, "Listens")
    listening = source.listen()
    if not isinstance(listening, AsyncGenerator):
        fail("listen() is an async generator, so that it can be closed")
    return listening


async def _connected(scene: Scene, listening: AsyncGenerator[Event | Connected, None]) -> None:
    """Wait for the first word of a stream."""
    try:
        first = await asyncio.wait_for(anext(listening), SOON)
    except Unsupported as error:
        scene.hear(error)
        pytest.skip(f"{scene.name}, so configured, has no stream: {error}")
    except TimeoutError:
        fail(f"the stream said nothing for {SOON:g} s; it says Connected as soon as it is open")
    claim(isinstance(first, Connected), f"a stream says Connected first, not {shown(first)}")
