"""Plugins that lie in ways which look well: each is red, by the check that is there for it.

They are the Requests app's plugin, or VSRX' where two kinds are needed, with one thing wrong each.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from tests.daemon.testing.test_contract import KEY, Requests, Whole, WholeStand, red, signed, watched
from tests.plugins.vsrx.test_vsrx_contract import VsrxStand

from reconciled.errors import Forged, SourceError
from reconciled.model import About, Absent, Answer, Event, Item, Json, Key, Op, Page, Ref
from reconciled.source import Changes, Deletion
from reconciled.testing import Stand
from reconciled.testing.contract_trouble import SHAPES
from reconciled.testing.faults import Fault
from reconciled_vsrx import Vsrx

API = "/api/v1/request"
SOON = aiohttp.ClientTimeout(total=0.3)
TROUBLE = "trouble_is_never_absence"


# from memory


class Remembering(Whole):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.listed: dict[Key, Item] = {}

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        self.listed = {}
        async for page in super().snapshot(kinds):
            self.listed |= {item.key: item for item in page.items}
            yield page


class AnswersFromItsListing(Remembering):
    async def lookup(self, key: Key) -> Answer:
        return self.listed.get(key) or await super().lookup(key)


class DeniesFromItsListing(Remembering):
    """It was not in the last listing, so it is not there."""

    async def lookup(self, key: Key) -> Answer:
        if self.listed and key not in self.listed:
            return Absent("not listed")
        return await super().lookup(key)


class RemembersWhoAnswers(Whole):
    about: About | None = None

    async def probe(self) -> About:
        if self.about is None:
            self.about = await super().probe()
        return self.about


# one of several


class SwallowsTheFiles(Vsrx):
    """A patient whose files cannot be read has none."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        read = self._listing.files

        async def files(*of: Any, **more: Any) -> Any:
            try:
                return await read(*of, **more)
            except SourceError:
                return ()

        self._listing.files = files  # type: ignore[method-assign]


class SwallowsTheFilesets(Vsrx):
    """The first kind fails, and the second is read all the same."""

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        for kind in sorted(kinds, reverse=True):
            try:
                async for page in super().snapshot(frozenset({kind})):
                    yield replace(page, complete=False)
            except SourceError:
                if kind == "file":
                    raise
        yield Page((), complete=True)


class AbsentOnAnyTroubleWithFiles(Vsrx):
    """The first kind is asked about with care."""

    async def lookup(self, key: Key) -> Answer:
        try:
            return await super().lookup(key)
        except SourceError:
            if key.kind == "file":
                return Absent("no answer")
            raise


class LooksAtIdsOnly(Vsrx):
    async def lookup(self, key: Key) -> Answer:
        answer = await super().lookup(key)
        if isinstance(answer, Absent):
            (other,) = {*self.kinds} - {key.kind}
            with suppress(SourceError):
                return await super().lookup(Key(other, key.id))
        return answer


class FillsWhatFailed(Whole):
    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        answers: dict[Key, Answer] = {}
        for key in keys:
            try:
                answers[key] = await self.lookup(key)
            except SourceError:
                answers[key] = Absent("not answered")
        return answers


# lists


class FillsWhatIsNotShown(Whole):
    """Asks for a list, and takes what is not in it for absent, whatever the list says of itself."""

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        answer = await self._ask("GET", API, params={"page": 1, "size": 100})
        body = await self.client.decode(dict[str, Any], answer)
        shown = {str(row["id"]) for row in body["records"]}
        return {key: await self.lookup(key) if key.id in shown else Absent("not shown") for key in keys}


class IgnoresTotal(Whole):
    """A page that is not full is the last."""

    async def _walk(self, **query: str) -> AsyncIterator[Page]:
        number, seen = 1, set[int]()
        while True:
            answer = await self._ask("GET", API, params={"page": number, "size": 100, **query})
            body = await self.client.decode(dict[str, Any], answer)
            keys = [Key("request", str(row["id"])) for row in body["records"] if row["id"] not in seen]
            seen |= {int(key.id) for key in keys}
            items = [item for key in keys if isinstance(item := await Requests.lookup(self, key), Item)]
            last = len(body["records"]) < 100 or not keys
            yield Page.of(items, complete=last)
            if last:
                return
            number += 1


class ReadsForEver(Whole):
    """The end is an empty page."""

    async def _walk(self, **query: str) -> AsyncIterator[Page]:
        number, seen = 1, set[int]()
        while True:
            answer = await self._ask("GET", API, params={"page": number, "size": 100, **query})
            body = await self.client.decode(dict[str, Any], answer)
            fresh = [row["id"] for row in body["records"] if row["id"] not in seen]
            seen |= {*fresh}
            found = [await Requests.lookup(self, Key("request", str(one))) for one in fresh]
            yield Page.of([one for one in found if isinstance(one, Item)], complete=not body["records"])
            if not body["records"]:
                return
            number += 1


class ClaimsOneForAll(Whole):
    """An empty field of the app became a ref."""

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        async for page in super().snapshot(kinds):
            yield replace(page, items=tuple(claiming(item) for item in page.items))


def claiming(item: Item) -> Item:
    return replace(item, refs=item.refs | {Ref("imdb", "tt")})


class ChangesOnlyNew(Whole):
    async def changes(self, mark: Json) -> Changes:
        found: Changes = await super().changes(mark)
        before = mark if isinstance(mark, dict) else {}
        return replace(found, items=tuple(item for item in found.items if item.key.id not in before))


class FindsNothingInTrouble(Whole):
    async def find(self, ref: Ref) -> Sequence[Item]:
        try:
            return await super().find(ref)
        except SourceError:
            return []


# answers that are none


class BelievesAnyRecord(Whole):
    async def lookup(self, key: Key) -> Answer:
        answer = await self._ask("GET", f"{API}/{key.id}", allow=(404,))
        if answer.status == 404:
            return await super().lookup(key)
        row = await self.client.decode(dict[str, Any], answer)
        if row.get("trash"):
            return await super().lookup(key)
        found = await Requests.lookup(self, Key("request", str(row["id"])))
        return watched(replace(found, key=key)) if isinstance(found, Item) else found


class FollowsToTheLogin(Remembering):
    """Its own session follows redirects, and a 200 is a yes."""

    async def lookup(self, key: Key) -> Answer:
        headers = {"X-Api-Key": KEY}
        url = f"{self.config.url}{API}/{key.id}"
        with suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=SOON) as session,
                session.get(url, headers=headers) as said,
            ):
                if said.status == 200 and said.content_type == "text/html" and key in self.listed:
                    return self.listed[key]
        return await super().lookup(key)


class DeletesAtTheLogin(Whole):
    async def delete(self, key: Key, how: Deletion) -> None:
        url = f"{self.config.url}{API}/{key.id}"
        headers = {"X-Api-Key": KEY}
        with suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=SOON) as session,
                session.delete(url, headers=headers) as said,
            ):
                if said.status == 200:
                    return
        await super().delete(key, how)


class DeletesLater(Whole):
    """Returns before the app has done it."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.later: set[asyncio.Task[None]] = set()

    async def delete(self, key: Key, how: Deletion) -> None:
        self.later.add(asyncio.create_task(super().delete(key, how)))

    async def close(self) -> None:
        await asyncio.gather(*self.later, return_exceptions=True)
        self.later.clear()


class LeaksInAnItem(Whole):
    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        async for page in super().snapshot(kinds):
            yield replace(page, items=tuple(postered(item) for item in page.items))


def postered(item: Item) -> Item:
    return replace(item, attrs={**item.attrs, "poster": f"http://box/poster?key={KEY}"})


# webhooks


class CrashesOnUnknownEvents(Whole):
    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        with suppress(ValueError):
            found = json.loads(body)
            if isinstance(found, dict) and isinstance(found.get("event"), str):
                {"request.created": 1, "request.deleted": 2, "test": 3}[found["event"]]
        events: Sequence[Event] = super().parse_webhook(body, headers)
        return events


class CrashesDeepInside(Whole):
    """Believes what stands in a list."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        with suppress(ValueError, RecursionError):
            found = json.loads(body)
            if isinstance(found, dict) and found.get("event") == "request.created":
                refs = found.get("refs")
                [one.split("/") for one in (refs if isinstance(refs, list) else [])]
        events: Sequence[Event] = super().parse_webhook(body, headers)
        return events


class CrashesOnOddHeaders(Whole):
    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> None:
        if headers.get("x-signature", "").encode() != signed(body).encode():
            raise Forged("the signature is missing or wrong")


class LeavesOutTheZone(Whole):
    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        found: Iterable[Event] = super().parse_webhook(body, headers)
        return [
            replace(one, occurred=one.occurred.replace(tzinfo=None) if one.occurred else None)
            for one in found
            if one.op is not Op.SCAN
        ]


LIARS: list[tuple[type[Any], type[Stand], set[str], str]] = [
    (AnswersFromItsListing, WholeStand, {"a_lookup_asks", "a_deleted_item_is_absent"}, ""),
    (
        DeniesFromItsListing,
        WholeStand,
        {"a_lookup_asks", *(f"{TROUBLE} {fault}" for fault in (Fault.ERROR, Fault.HTML))},
        "Absent",
    ),
    (
        RemembersWhoAnswers,
        WholeStand,
        {f"{TROUBLE} {fault}" for fault in SHAPES if fault is not Fault.EMPTY},
        "a probe with",
    ),
    (SwallowsTheFiles, VsrxStand, {"one_question_that_fails"}, "is complete without"),
    (SwallowsTheFilesets, VsrxStand, {"one_question_that_fails"}, "the listing of fileset"),
    (AbsentOnAnyTroubleWithFiles, VsrxStand, {f"{TROUBLE} html", f"{TROUBLE} not_found"}, "file F-"),
    (LooksAtIdsOnly, VsrxStand, {"an_unknown_id_is_no_item"}, "and no file"),
    (FillsWhatFailed, WholeStand, {"one_question_of_others_that_fails"}, "lookup_many believes it"),
    (FillsWhatIsNotShown, WholeStand, {"short_pages"}, "lookup_many"),
    (IgnoresTotal, WholeStand, {"short_pages", "the_same_page_again_and_again"}, "complete"),
    (ReadsForEver, WholeStand, {"the_same_page_again_and_again"}, "goes on for ever"),
    (ClaimsOneForAll, WholeStand, {"a_listing_is_whole_and_stable"}, "all of them are one thing"),
    (ChangesOnlyNew, WholeStand, {"changes_tell_what_changed"}, "was tagged, but"),
    (FindsNothingInTrouble, WholeStand, {"trouble_in_other_questions"}, "find("),
    (BelievesAnyRecord, WholeStand, {"an_answer_about_another"}, "the app answers about"),
    (FollowsToTheLogin, WholeStand, {f"{TROUBLE} redirect", f"{TROUBLE} html"}, "Item("),
    (DeletesAtTheLogin, WholeStand, {"trouble_in_a_change_is_trouble"}, "trouble has to raise"),
    (DeletesLater, WholeStand, {"a_delete_deletes"}, "was deleted"),
    (LeaksInAnItem, WholeStand, {"a_listing_is_whole_and_stable"}, "a secret stands in"),
    (CrashesOnUnknownEvents, WholeStand, {"strange_webhooks"}, "x"),
    (CrashesDeepInside, WholeStand, {"strange_webhooks"}, "split"),
    (CrashesOnOddHeaders, WholeStand, {"forged_webhooks"}, "surrogates"),
    (LeavesOutTheZone, WholeStand, {"webhooks_say_what_they_say"}, "without a time zone"),
]


@pytest.mark.parametrize(("liar", "on", "checks", "words"), LIARS, ids=[liar[0].__name__ for liar in LIARS])
@pytest.mark.full
async def test_a_lie_is_red(
    liar: type[Any], on: type[Stand], checks: set[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if liar is ReadsForEver:  # nobody else has to end within so little on a busy machine
        monkeypatch.setattr("reconciled.testing.contract_lies.SOON", 0.5)
    stand = type("LiarStand", (on,), {"source_type": liar})
    said = await red(stand, *{check.partition(" ")[0] for check in checks})
    assert said.keys() >= checks
    assert all(words in said[check] for check in checks), said
