"""The contract's checks of answers that look well and are not: the app answers, and does not say all.

A page lacks an item although its own count has it, every page is the first one again, one question
among several fails, an answer is about another item. A source that believes such an answer calls a
listing complete that is not, or takes one item for another; one that remembers answers without asking
says what was true once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import msgspec
from aiohttp import web

from reconciled.errors import SourceError
from reconciled.model import Absent, Answer, Item, Key
from reconciled.source import Incremental, LooksUpMany, Tags
from reconciled.testing.contract_checks import (
    Checks,
    finding,
    first_of,
    other_than,
    some_of,
    unable,
)
from reconciled.testing.contract_scene import Scene, claim, fail, shown
from reconciled.testing.fakes.base import Fake
from reconciled.testing.faults import Fault

SOON = 10.0
"""Seconds within which a listing of a fake app ends, whatever it answers."""
SAMPLES = 6
LABEL = "reconciled-contract"

Tamper: TypeAlias = Callable[[web.BaseRequest, web.StreamResponse], web.StreamResponse]
Asking: TypeAlias = Callable[[], Awaitable[Any]]


class LieChecks(Checks):
    """A source does not believe what does not add up."""

    async def test_one_question_that_fails(self) -> None:
        """Each question of a listing alone in trouble: an error, or a listing that lacks nothing."""
        async with self.played() as scene:
            fake = self.http_of(scene)
            for kinds in dict.fromkeys((scene.source.kinds, *((kind,) for kind in scene.source.kinds))):
                whole = await scene.walk(*kinds)
                async for path in _each_failing(fake, partial(scene.walk, *kinds)):
                    got = await _tried(scene, scene.walk(*kinds))
                    claim(
                        isinstance(got, SourceError) or got.keys() == whole.keys(),
                        f"{path} alone fails, and the listing of {' and '.join(kinds)} is complete without "
                        f"{len(whole) - len(got) if isinstance(got, dict) else 0} of {len(whole)} items",
                    )

    async def test_one_question_of_others_that_fails(self) -> None:
        """The same of many lookups, changes and finds: nothing that is there is denied or left out."""
        async with self.played() as scene:
            fake = self.http_of(scene)
            items = await scene.walk()
            for name, asking, right in await _others(scene, items):
                async for path in _each_failing(fake, asking):
                    got = await _tried(scene, asking())
                    claim(
                        isinstance(got, SourceError) or right(got),
                        f"{path} alone fails, and {name} believes it: {shown(got)}",
                    )

    async def test_short_pages(self) -> None:
        """Each page lacks its last item, and its own count says so: nothing is denied or complete."""
        async with self.played() as scene:
            fake, source = self.http_of(scene), scene.source
            items = await scene.walk()
            others = await _others(scene, items, ids=True)
            with tampered(fake, _shortened):
                got = await _tried(scene, scene.walk())
                claim(
                    isinstance(got, SourceError) or got.keys() == items.keys(),
                    "pages lack an item that they count, and the listing is complete; compare with the count",
                )
                for key in some_of(items):
                    answer = await scene.asked(source.lookup(key))
                    claim(
                        not isinstance(answer, Absent),
                        f"{key} is missing from a list that counts it, and its lookup says {shown(answer)}",
                    )
                for name, asking, right in others:
                    told = await _tried(scene, asking())
                    claim(
                        isinstance(told, SourceError) or right(told),
                        f"pages lack an item that they count, and {name} believes them: {shown(told)}",
                    )

    async def test_the_same_page_again_and_again(self) -> None:
        """Every page is the first one: an error, or a listing that lacks nothing; and it ends."""
        async with self.played(crowded=True) as scene:
            fake = self.http_of(scene)
            for kind in scene.source.kinds:
                whole = await scene.walk(kind)
                with tampered(fake, _Stuck()):
                    try:
                        async with asyncio.timeout(SOON):
                            got = await _tried(scene, scene.walk(kind))
                    except TimeoutError:
                        fail(f"every page is the first one, and the listing of {kind} goes on for ever")
                claim(
                    isinstance(got, SourceError) or got.keys() == whole.keys(),
                    f"every page is the first one, and the listing of {kind} is complete without "
                    f"{len(whole) - len(got) if isinstance(got, dict) else 0} of {len(whole)} items",
                )

    async def test_an_answer_about_another(self) -> None:
        """What is answered about one item says nothing of the next."""
        async with self.played() as scene:
            fake, source = self.http_of(scene), scene.source
            items = await scene.walk()
            for kind in source.kinds:
                one = first_of(items, kind)
                other = other_than(one, items)
                heard = _Heard()
                with tampered(fake, heard):
                    await source.lookup(one)
                with tampered(fake, heard.again()):
                    answer = await scene.asked(source.lookup(other))
                claim(
                    not isinstance(answer, Item) or answer == items[other],
                    f"asked for {other}, the app answers about {one}, and the lookup says {shown(answer)}",
                )

    async def test_a_lookup_asks(self) -> None:
        """What was added since the listing is found, and what is asked for twice is asked for twice."""
        async with self.played() as scene:
            fake, source = self.http_of(scene), scene.source
            items = await scene.walk()
            key = await scene.stand.add()
            found = await scene.asked(source.lookup(key))
            claim(isinstance(found, Item), f"{key} was added since the listing, but is {shown(found)}")
            for key in some_of(items):
                before = len(fake.requests)
                await source.lookup(key)
                claim(len(fake.requests) > before, f"{key} is answered from memory, without asking the app")

    async def test_changes_tell_what_changed(self) -> None:
        """Beside new items those that became others: here, by a label."""
        async with self.played() as scene:
            source: Any = scene.source
            if not isinstance(source, Incremental):
                unable(scene, "Incremental")
            if not isinstance(source, Tags):
                unable(scene, "Tags, by which the contract could change an item")
            first = await source.changes(None)
            key = first_of({item.key: item for item in first.items}, scene.source.kinds[0])
            await source.tag(key, LABEL)
            now = {item.key: item for item in (await source.changes(first.mark)).items}
            claim(key in now, f"{key} was tagged, but is not among the items of changes(mark)")
            claim(now[key] == await scene.source.lookup(key), f"{key}: its lookup differs from its change")


@contextmanager
def tampered(fake: Fake, change: Tamper) -> Iterator[None]:
    """Whatever the app answers goes through `change` for as long as this is entered."""
    plain = fake.faults.answer

    async def answer(request: web.BaseRequest, proceed: Any) -> web.StreamResponse:
        return change(request, await plain(request, proceed))

    fake.faults.answer = answer  # type: ignore[method-assign]
    try:
        yield
    finally:
        fake.faults.answer = plain  # type: ignore[method-assign]


async def _each_failing(fake: Fake, asking: Asking) -> AsyncIterator[str]:
    """The questions that `asking` asks, some of them, each while it fails and nothing else does."""
    before = len(fake.requests)
    await asking()
    paths = [path for _, path in fake.requests[before:]]
    step = max(1, len(paths) // SAMPLES)
    for number in sorted({*range(0, len(paths), step), len(paths) - 1}):
        active = fake.faults.set(Fault.ERROR, after=number, times=1)
        try:
            yield paths[number]
        finally:
            fake.faults.clear(active)


async def _others(
    scene: Scene, items: Mapping[Key, Item], *, ids: bool = False
) -> list[tuple[str, Asking, Callable[[Any], bool]]]:
    """What else the source can be asked, and which answer denies nothing that is there.

    With `ids` only what names single items: a list of all ids need not be a page.
    """
    source: Any = scene.source
    found: list[tuple[str, Asking, Callable[[Any], bool]]] = []
    for kind in scene.source.kinds if isinstance(source, LooksUpMany) else ():
        keys = [key for key in items if key.kind == kind][-source.batch :]
        found.append(("lookup_many", partial(source.lookup_many, keys), _denies_none))
    if isinstance(source, Incremental) and not ids:
        found.append(("changes", partial(source.changes, None), lambda got: got.keys == items.keys()))
    for ref, key in (await finding(scene, items)).items():
        found.append((f"find({ref})", partial(scene.source.find, ref), partial(_has, key)))  # type: ignore[attr-defined]
    return found


def _denies_none(answers: Mapping[Key, Answer]) -> bool:
    return not any(isinstance(one, Absent) for one in answers.values())


def _has(key: Key, found: Iterable[Item]) -> bool:
    return key in {item.key for item in found}


async def _tried(scene: Scene, ask: Awaitable[Any]) -> Any:
    """The answer, or the trouble."""
    try:
        return await ask
    except SourceError as error:
        scene.hear(error)
        return error


def _json(answer: web.StreamResponse) -> Any:
    if not isinstance(answer, web.Response) or answer.status != 200 or not isinstance(answer.body, bytes):
        return None
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _like(answer: web.StreamResponse, body: bytes) -> web.Response:
    own = ("Content-Length", "Content-Encoding", "ETag")
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return web.Response(status=answer.status, headers=headers, body=body)


def _shortened(_request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
    """A page of objects without its last, where a count beside them says how many there are."""
    page = _json(answer)
    for name, rows in page.items() if isinstance(page, dict) else ():
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            continue
        if any(count >= len(rows) for count in _counts(page)):
            return _like(answer, msgspec.json.encode({**page, name: rows[:-1]}))
    return answer


def _counts(page: Mapping[str, Any]) -> Iterable[int]:
    for name, value in page.items():
        if isinstance(value, dict):
            yield from _counts(value)
        elif type(value) is int and any(word in name.lower() for word in ("total", "count", "results")):
            yield value


class _Stuck:
    """The first page of each address, whatever page of it is asked for."""

    def __init__(self) -> None:
        self._first: dict[str, bytes] = {}

    def __call__(self, request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
        if request.method != "GET" or not isinstance(_json(answer), dict):
            return answer
        assert isinstance(answer, web.Response), "it has a body"  # noqa: S101 - narrows the type
        body = answer.body
        first = self._first.setdefault(request.path, body if isinstance(body, bytes) else b"")
        return answer if first == body else _like(answer, first)


class _Heard:
    """Good answers as they came, to be given again to the next questions."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []

    def __call__(self, _request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
        known = _json(answer) is not None and isinstance(answer, web.Response)
        body = answer.body if known and isinstance(answer, web.Response) else b""
        self._bodies.append(body if isinstance(body, bytes) else b"")
        return answer

    def again(self) -> Tamper:
        """Each in its turn, in the place of another good answer."""
        bodies = iter(self._bodies)

        def replay(_request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
            body = next(bodies, b"")
            return _like(answer, body) if body and _json(answer) is not None else answer

        return replay
