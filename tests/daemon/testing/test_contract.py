"""The contract itself: a source with every ability keeps it, and each mistake that one can make is red.

The mutants are the made-up Requests app's plugin with one thing wrong each. What has to be red is
named; a mutant that the contract no longer notices fails here.
"""

import asyncio
import hashlib
import hmac
import inspect
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any, ClassVar, TypeVar

import aiohttp
import pytest
from tests.conftest import requests_plugin

from reconciled.errors import BadResponse, Forged, SourceError, Unreachable
from reconciled.model import Absent, Answer, Event, Item, Json, Key, Loss, Op, Page, Ref
from reconciled.source import Changes, Connected, Deletion, Hook, Matter, Prospect, Text, Weight
from reconciled.testing import Letter, Mailbox, SourceContract, Stand
from reconciled.testing.contract_trouble import SHAPES
from reconciled.testing.fakes.requests_app import FakeRequests
from reconciled.testing.faults import Fault

Requests: Any = requests_plugin().Requests

KEY = "9e15f407bd2c81ad3e6f708192031425"
SIGN = b"a secret for signatures"
AnswerT = TypeVar("AnswerT", Item, Answer)


class Whole(Requests):  # type: ignore[misc]  # it is imported from where it stands
    """The example's source with every ability that it lacks, each as small as can be."""

    batch: int = 4
    ours: ClassVar[set[str]] = set()

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        return {key: await self.lookup(key) for key in keys}

    async def changes(self, mark: Json) -> Changes:
        items = {item.key: item async for page in self.snapshot(frozenset(self.kinds)) for item in page.items}
        known = mark if isinstance(mark, dict) else {}
        new = tuple(item for key, item in items.items() if known.get(key.id) != repr(item.attrs))
        return Changes(frozenset(items), new, {key.id: repr(item.attrs) for key, item in items.items()})

    async def listen(self) -> AsyncIterator[Event | Connected]:
        await self.probe()
        yield Connected()
        while True:
            await self.context.clock.sleep(0.005)
            await self.probe()

    async def work(self) -> None:
        while True:
            await self.context.clock.sleep(3600)

    async def orphans(self, found: Mapping[Key, Loss]) -> None:
        for key in found:
            assert isinstance(await self.lookup(key), Item)

    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, Text]:
        return {key: Text(answer.title) for key in keys if isinstance(answer := await self.lookup(key), Item)}

    async def monitor(self, key: Key, wanted: bool) -> None:
        await (self.untag if wanted else self.tag)(key, "unwatched")

    async def lookup(self, key: Key) -> Answer:
        answer: Answer = await super().lookup(key)
        return watched(answer)

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        async for page in super().snapshot(kinds):
            yield replace(page, items=tuple(watched(item) for item in page.items))

    async def find(self, ref: Ref) -> Sequence[Item]:
        return [watched(item) for item in await super().find(ref)]

    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> None:
        shown = headers.get("x-signature", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, signed(body).encode()):
            raise Forged("the signature is missing or wrong")

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        await self.probe()
        if hook is None or hook.url in self.ours:
            return [Matter(Weight.GOOD, "all is well")]
        return [Matter(Weight.WRONG, "our webhook is not there", "set it up", mended_by_us=True)]

    async def provision(self, hook: Hook) -> Sequence[str]:
        await self.probe()
        if hook.url in self.ours:
            return []
        self.ours.add(hook.url)
        return ["made our webhook"]


def watched(answer: AnswerT) -> AnswerT:
    """The item with what `Monitors` shows, which this app keeps as a label."""
    if isinstance(answer, Absent):
        return answer
    tags = answer.attrs["tags"]
    assert isinstance(tags, list)
    shown: list[Json] = [tag for tag in tags if tag != "unwatched"]
    attrs = {**answer.attrs, "tags": shown, "monitored": "unwatched" not in tags}
    return replace(answer, attrs=attrs)


def signed(body: bytes) -> str:
    return hmac.new(SIGN, body, hashlib.sha256).hexdigest()


class WholeStand(Stand):
    """Eight requests; 250 where a listing takes pages. Its webhooks are signed."""

    source_type = Whole
    secrets = (KEY,)

    def __init__(self) -> None:
        super().__init__()
        Whole.ours.clear()
        self.fake: FakeRequests = FakeRequests(api_key=KEY)
        self._numbers = count(603)

    def options(self) -> Mapping[str, Json]:
        return {"url": self.fake.url, "api_key": KEY}

    async def fill(self) -> None:
        for number in range(8):
            self.fake.put(f"Film {number}", [f"tmdb:movie/{next(self._numbers)}"])

    async def crowd(self) -> None:
        for number in range(250):
            self.fake.put(f"Film {number}", [f"tmdb:movie/{next(self._numbers)}"])

    async def remove(self, key: Key) -> None:
        await self.fake.delete(int(key.id))

    async def add(self) -> Key:
        return Key("request", str(self.fake.put("A film", [f"tmdb:movie/{next(self._numbers)}"]).id))

    async def events(self) -> Sequence[Letter]:
        async with Mailbox() as box:
            self.fake.add_webhook(box.url)
            number = (await self.fake.add("A film", ["tmdb:movie/602"])).id
            await self.fake.delete(number)
            await self.fake.send_test()
            ops = (Op.CHANGED, Op.DELETED, Op.TEST)
            return [
                (body, {**headers, "x-signature": signed(body)}, op)
                for (body, headers), op in zip(box.letters, ops, strict=True)
            ]

    def troubles(self) -> Mapping[str, Any]:
        async def away() -> None:
            await self.fake.down()

        return {"the app is gone": away}


async def red(stand: type[Stand], *only: str) -> dict[str, str]:
    """The checks that a stand's source fails, with what they say; `only` those that begin like this."""

    class Contract(SourceContract):
        pass

    Contract.stand = stand
    contract, said = Contract(), dict[str, str]()
    for name, check in inspect.getmembers(contract, inspect.iscoroutinefunction):
        if not name.startswith(tuple(f"test_{one}" for one in only or ("",))):
            continue
        for arguments in [[shape] for shape in SHAPES] if name == "test_trouble_is_never_absence" else [[]]:
            try:
                await check(*arguments)
            except pytest.skip.Exception:
                continue
            except (pytest.fail.Exception, Exception) as error:  # noqa: BLE001  # any is red
                said[" ".join([name.removeprefix("test_"), *map(str, arguments)])] = str(error)
    return said


async def test_a_source_with_every_ability_keeps_it() -> None:
    assert await red(WholeStand) == {}


# mutants: one thing wrong each


class SwallowsListings(Whole):
    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        try:
            async for page in super().snapshot(kinds):
                yield page
        except SourceError:
            yield Page((), complete=True)


class SwallowsLookups(Whole):
    async def lookup(self, key: Key) -> Answer:
        try:
            return await super().lookup(key)
        except SourceError:
            return Absent("nothing came")


class SwallowsTexts(Whole):
    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, Text]:
        with suppress(SourceError):
            return await super().texts(keys)
        return {}


class AbsentOnAny404(Whole):
    async def lookup(self, key: Key) -> Answer:
        answer = await self.client.request("GET", f"/api/v1/request/{key.id}", allow=(404,))
        return Absent("404") if answer.status == 404 else await super().lookup(key)


class DeniesAllButOne(Whole):
    async def lookup(self, key: Key) -> Answer:
        try:
            return await super().lookup(key)
        except BadResponse:
            if key.id == "1":
                raise
            return Absent("404 of something")


class RemembersYesterday(Whole):
    """Answers from its memory when the app does not."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.known: dict[Key, Answer] = {}

    async def lookup(self, key: Key) -> Answer:
        with suppress(SourceError):
            self.known[key] = await super().lookup(key)
        if key in self.known:
            return self.known[key]
        raise Unreachable("no answer")


class ForgetsComplete(Whole):
    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        async for page in super().snapshot(kinds):
            yield replace(page, complete=False)


class CompleteTooEarly(Whole):
    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        async for page in super().snapshot(kinds):
            yield replace(page, complete=True)


class StopsAtTrouble(Whole):
    """Takes a page that fails for the end of the listing."""

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        pages = []
        try:
            async for page in super().snapshot(kinds):
                pages.append(page)  # noqa: PERF401
        except SourceError:
            if not pages:
                raise
        for page in pages[:-1]:
            yield replace(page, complete=False)
        yield replace(pages[-1], complete=True)


class ListsTwice(Whole):
    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        async for page in super().snapshot(kinds):
            yield replace(page, items=(*page.items, *page.items[:1]))


class ListsLess(Whole):
    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        async for page in super().snapshot(kinds):
            yield replace(page, items=tuple(replace(item, refs=frozenset()) for item in page.items))


class Crashes(Whole):
    async def lookup(self, key: Key) -> Answer:
        try:
            return await super().lookup(key)
        except SourceError as error:
            raise KeyError(key) from error


class LeaksInTheLog(Whole):
    async def lookup(self, key: Key) -> Answer:
        self.context.log.debug("asking about %s with %s", key, self.config.api_key.get_secret_value())
        return await super().lookup(key)


class LeaksInAnError(Whole):
    async def lookup(self, key: Key) -> Answer:
        try:
            return await super().lookup(key)
        except Unreachable as error:
            raise Unreachable(f"{error}; the key was {self.config.api_key.get_secret_value()}") from None


class LeavesATask(Whole):
    async def lookup(self, key: Key) -> Answer:
        self.task = asyncio.create_task(asyncio.sleep(3600), name="watching")
        return await super().lookup(key)


class LeavesASession(Whole):
    async def lookup(self, key: Key) -> Answer:
        self.session = aiohttp.ClientSession()
        return await super().lookup(key)


class FindsOthers(Whole):
    async def find(self, ref: Ref) -> Sequence[Item]:
        return [item async for page in self.snapshot(frozenset(self.kinds)) for item in page.items]


class DeletesOnce(Whole):
    async def delete(self, key: Key, how: Deletion) -> None:
        if isinstance(await self.lookup(key), Absent):
            raise BadResponse("it is not there")
        await super().delete(key, how)


class DeletesInWords(Whole):
    """Takes no answer for a yes."""

    async def delete(self, key: Key, how: Deletion) -> None:
        with suppress(SourceError):
            await super().delete(key, how)


class DeletesAnyHow(Whole):
    async def delete(self, key: Key, how: Deletion) -> None:
        await super().delete(key, Deletion())


class TagsNothing(Whole):
    async def tag(self, key: Key, label: str) -> None:
        await self.lookup(key)


class UntagsOnce(Whole):
    async def untag(self, key: Key, label: str) -> None:
        if label not in str(await self.lookup(key)):
            raise BadResponse("there is no such label")
        await super().untag(key, label)


class RestoresAnother(Whole):
    async def restore(self, key: Key, image: Json) -> Key:
        await super().restore(key, image)
        return Key("request", "2")


class RestoresBare(Whole):
    """Brings it back without its labels."""

    async def restore(self, key: Key, image: Json) -> Key:
        back: Key = await super().restore(key, image)
        item = await self.lookup(back)
        tags = item.attrs["tags"] if isinstance(item, Item) else []
        for label in tags if isinstance(tags, list) else []:
            await self.untag(back, str(label))
        return back


class RestoresTheUnheard(Whole):
    async def restore(self, key: Key, image: Json) -> Key:
        with suppress(SourceError):
            await super().restore(key, image)
        return key


class PromisesAll(Whole):
    async def foresee(self, key: Key, image: Json) -> Prospect:
        return Prospect()


class ForeseesByDoing(Whole):
    async def foresee(self, key: Key, image: Json) -> Prospect:
        found: Prospect = await super().foresee(key, image)
        if found.refused is None:
            await super().restore(key, image)
        return found


class ManyWithoutOne(Whole):
    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        answers = await super().lookup_many(keys)
        return {key: Absent("not in the list") if key == keys[0] else one for key, one in answers.items()}


class ChangesForget(Whole):
    async def changes(self, mark: Json) -> Changes:
        found = await super().changes(mark)
        return replace(found, keys=frozenset(sorted(found.keys)[1:]))


class ChangesSwallow(Whole):
    async def changes(self, mark: Json) -> Changes:
        try:
            return await super().changes(mark)
        except SourceError:
            return Changes(frozenset(), (), mark)


class TrustsBodies(Whole):
    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        super().parse_webhook(body, headers)
        return [Event(Op.CHANGED, Key("request", str(int(eval(body)["id"]))))]  # noqa: S307  # a bad one


class TellsNothing(Whole):
    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        super().parse_webhook(body, headers)
        return []


class TakesUnsigned(Whole):
    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> None:
        if "x-signature" in headers:
            super().verify_webhook(body, headers)


class NeverConnected(Whole):
    async def listen(self) -> AsyncIterator[Event | Connected]:
        async for one in super().listen():
            yield Event(Op.SCAN) if isinstance(one, Connected) else one


class ListensOn(Whole):
    async def listen(self) -> AsyncIterator[Event | Connected]:
        self.reading = asyncio.create_task(self.context.clock.sleep(3600), name="reading")
        async for one in super().listen():
            yield one


class NeverEnds(Whole):
    """Takes the end of its stream, and a refused start, for nothing to say."""

    async def listen(self) -> AsyncIterator[Event | Connected]:
        yield Connected()
        with suppress(SourceError):
            async for one in super().listen():
                yield one


class WorksOnce(Whole):
    async def work(self) -> None:
        await self.probe()


class WorksOn(Whole):
    async def work(self) -> None:
        with suppress(asyncio.CancelledError):
            await super().work()


class HearsOfOrphansOnce(Whole):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.heard = list[Mapping[Key, Loss]]()

    async def orphans(self, found: Mapping[Key, Loss]) -> None:
        if found in self.heard:
            raise BadResponse("told already")
        self.heard.append(found)


class ProvisionsAgain(Whole):
    async def provision(self, hook: Hook) -> Sequence[str]:
        await super().provision(hook)
        return ["made our webhook"]


class SaysTheSecret(Whole):
    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        found = await super().examine(hook)
        return [replace(one, remedy=f"with the secret {hook.secret}" if hook else None) for one in found]


class NotesMonitoring(Whole):
    async def monitor(self, key: Key, wanted: bool) -> None:
        await self.probe()


TROUBLE = "trouble_is_never_absence"
MUTANTS: list[tuple[Any, set[str], str]] = [
    (
        SwallowsListings,
        {f"{TROUBLE} {fault}" for fault in SHAPES if fault is not Fault.EMPTY}
        | {"nobody_there_is_never_absence", "a_walk_cut_in_the_middle"},
        "listing",
    ),
    (
        SwallowsLookups,
        {f"{TROUBLE} {fault}" for fault in SHAPES if fault not in (Fault.EMPTY, Fault.NOT_FOUND_APP)}
        | {"nobody_there_is_never_absence"},
        "Absent",
    ),
    (AbsentOnAny404, {f"{TROUBLE} not_found"}, "Absent"),
    (DeniesAllButOne, {f"{TROUBLE} {fault}" for fault in (Fault.HTML, Fault.NOT_FOUND)}, "Absent"),
    (RemembersYesterday, {"nobody_there_is_never_absence", f"{TROUBLE} html"}, "Item("),
    (ForgetsComplete, {"a_listing_is_whole_and_stable", "pages_make_a_whole"}, "complete"),
    (CompleteTooEarly, {"pages_make_a_whole", "shifting_pages"}, "complete"),
    (StopsAtTrouble, {"a_walk_cut_in_the_middle"}, "is complete without"),
    (ListsTwice, {"a_listing_is_whole_and_stable", "pages_make_a_whole"}, "listed twice"),
    (ListsLess, {"a_lookup_agrees_with_the_listing"}, "looked up as"),
    (Crashes, {f"{TROUBLE} {fault}" for fault in (Fault.HTML, Fault.HANG)}, "request"),
    (
        LeaksInTheLog,
        {"a_lookup_agrees_with_the_listing", f"{TROUBLE} error"},
        "a secret stands in a log record",
    ),
    (
        LeaksInAnError,
        {f"{TROUBLE} {fault}" for fault in (Fault.RESET, Fault.STARTING)},
        "a secret stands in an error",
    ),
    (LeavesATask, {"a_lookup_agrees_with_the_listing", "close_leaves_nothing_open"}, "watching"),
    (LeavesASession, {"close_leaves_nothing_open"}, "Unclosed client session"),
    (FindsOthers, {"find_gives_the_item"}, "without it"),
    (DeletesOnce, {"a_delete_deletes"}, "it is not there"),
    (DeletesInWords, {"trouble_in_a_change_is_trouble"}, "trouble has to raise"),
    (DeletesAnyHow, {"a_delete_that_it_cannot_do"}, "DID NOT RAISE"),
    (TagsNothing, {"labels_come_and_go"}, "was put on"),
    (UntagsOnce, {"labels_come_and_go"}, "no such label"),
    (NotesMonitoring, {"monitoring_ends_and_begins"}, "monitored"),
    (RestoresAnother, {"what_was_deleted_comes_back"}, "came back"),
    (RestoresBare, {"what_was_deleted_comes_back"}, "came back, but attrs['tags']"),
    (RestoresTheUnheard, {"what_never_was_does_not_come_back"}, "DID NOT RAISE"),
    (PromisesAll, {"to_foresee_changes_nothing", "what_never_was_does_not_come_back"}, "cannot be restored"),
    (ForeseesByDoing, {"to_foresee_changes_nothing"}, "it is Item("),
    (ManyWithoutOne, {"many_lookups_agree_with_single_ones"}, "among many"),
    (ChangesForget, {"changes_agree_with_the_listing"}, "missing"),
    (ChangesSwallow, {"trouble_in_other_questions"}, "trouble has to raise"),
    (SwallowsTexts, {"trouble_in_reading_texts"}, "trouble has to raise"),
    (TrustsBodies, {"strange_webhooks"}, ""),
    (TellsNothing, {"webhooks_say_what_they_say"}, "this webhook tells"),
    (TakesUnsigned, {"forged_webhooks"}, "DID NOT RAISE"),
    (NeverConnected, {"a_stream_connects_first"}, "Connected first"),
    (ListensOn, {"a_stream_connects_first", "a_stream_ends_with_trouble"}, "reading"),
    (NeverEnds, {"a_stream_ends_with_trouble"}, "trouble has to raise"),
    (WorksOnce, {"its_own_work_can_be_ended"}, "for ever"),
    (WorksOn, {"its_own_work_can_be_ended"}, "CancelledError"),
    (HearsOfOrphansOnce, {"orphans_are_heard_of_again_and_again"}, "told already"),
    (ProvisionsAgain, {"examining_and_provisioning"}, "twice"),
    (SaysTheSecret, {"examining_and_provisioning"}, "a secret stands in"),
]


@pytest.mark.parametrize(("mutant", "checks", "words"), MUTANTS, ids=[m[0].__name__ for m in MUTANTS])
async def test_a_mistake_is_red(mutant: type[Any], checks: set[str], words: str) -> None:
    class MutantStand(WholeStand):
        source_type = mutant

    said = await red(MutantStand, *{check.partition(" ")[0] for check in checks})
    assert said.keys() >= checks
    assert all(words in said[check] for check in checks), said


async def test_an_excuse_skips_with_its_reason() -> None:
    class Excused(WholeStand):
        source_type = SwallowsLookups
        excused: ClassVar[Mapping[str, str]] = dict.fromkeys(map(str, SHAPES), "this app has no such trouble")

    assert await red(Excused, TROUBLE) == {}


async def test_a_stand_that_makes_too_little_is_told_so() -> None:
    class Sparse(WholeStand):
        async def fill(self) -> None:
            self.fake.put("Film", ["tmdb:movie/1"])

    said = await red(Sparse, "a_listing", "a_deleted")
    assert "make 6 or more" in said["a_listing_is_whole_and_stable"]
    assert "no second request" in said["a_deleted_item_is_absent"]
