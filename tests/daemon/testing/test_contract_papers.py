"""The checks of texts, pictures and merges: a source that keeps them is green, and each mistake is red."""

import inspect
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest

from reconciled.errors import Refused
from reconciled.model import About, Absent, Answer, Item, Json, Key, Page
from reconciled.source import Content, Merging, Source, SourceConfig, Text, TextPage, Unchanged
from reconciled.testing import Stand
from reconciled.testing.contract_merging import MergeChecks
from reconciled.testing.contract_papers import PaperChecks

PAGE = 5


@dataclass
class Sheet:
    """A sheet on the desk; `at` is when it was put there or changed."""

    words: str
    at: int
    tags: set[str] = field(default_factory=set)


@dataclass
class Desk:
    """Sheets by number."""

    sheets: dict[int, Sheet] = field(default_factory=dict)
    now: int = 0

    def put(self) -> int:
        self.now += 1
        self.sheets[self.now] = Sheet(f"words {self.now}", self.now)
        return self.now


class Papers(Source[SourceConfig]):
    """Every ability of papers, over a desk."""

    app: ClassVar[str] = "desk"
    kinds: ClassVar[tuple[str, ...]] = ("sheet",)
    Config: ClassVar = SourceConfig
    tagged: ClassVar[bool] = True
    desk: ClassVar[Desk]

    async def probe(self) -> About:
        return About("desk", "1")

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        del kinds
        yield Page(tuple(map(self.item, self.desk.sheets)), complete=True)

    async def lookup(self, key: Key) -> Answer:
        return self.item(int(key.id)) if int(key.id) in self.desk.sheets else Absent("no such sheet")

    def item(self, number: int) -> Item:
        tags: list[Json] = [*sorted(self.desk.sheets[number].tags)]
        return Item(Key("sheet", str(number)), f"sheet {number}", frozenset(), {"tags": tags})

    def text(self, number: int) -> Text:
        return Text(self.desk.sheets[number].words, {"created": "2026-05-01", "pages": 1})

    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, Text]:
        return {key: self.text(int(key.id)) for key in keys if int(key.id) in self.desk.sheets}

    async def texts_since(self, mark: Json) -> AsyncIterator[TextPage]:
        assert mark is None or isinstance(mark, int)
        since = 0 if mark is None else mark
        while True:
            left = sorted((one.at, number) for number, one in self.desk.sheets.items() if one.at > since)
            page = left[:PAGE]
            since = page[-1][0] if page else since
            yield TextPage({Key("sheet", str(number)): self.text(number) for _, number in page}, since)
            if len(left) <= PAGE:
                return

    @asynccontextmanager
    async def preview(
        self, key: Key, *, whole: bool = False, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        sheet = self.desk.sheets.get(int(key.id))
        version = f"version {sheet.words}" if sheet is not None else None
        if sheet is None:
            yield Absent("no such sheet")
        elif etag == version:
            yield Unchanged()
        else:
            data = f"{sheet.words} {whole}".encode()
            kind = "application/pdf" if whole else "image/png"
            yield Content(self.chunks(data), 0, len(data), version, kind)

    async def chunks(self, data: bytes) -> AsyncIterator[bytes]:
        yield data[:3]
        yield data[3:]

    async def tag(self, key: Key, label: str) -> None:
        self.desk.sheets[int(key.id)].tags.add(label)

    async def untag(self, key: Key, label: str) -> None:
        self.desk.sheets[int(key.id)].tags.discard(label)

    def sheet(self, key: Key) -> Sheet:
        if int(key.id) not in self.desk.sheets:
            raise Refused(f"no {key} here")
        return self.desk.sheets[int(key.id)]

    async def foresee_merge(
        self, onto: Key, others: Sequence[Key], *, without: Collection[str] = ()
    ) -> Merging:
        lacking = {tag for one in others for tag in self.sheet(one).tags} - self.sheet(onto).tags
        return Merging(tuple(f"gets the tag {tag}" for tag in sorted(lacking - {*without})))

    async def merge(self, onto: Key, others: Sequence[Key], *, without: Collection[str] = ()) -> None:
        tags = {tag for one in others for tag in self.sheet(one).tags}
        self.sheet(onto).tags.update(tags - {*without})


class DeskStand(Stand):
    """Eight sheets; forty of them, where texts take pages."""

    source_type = Papers

    def options(self) -> Mapping[str, Json]:
        return {}

    async def fill(self) -> None:
        self.source_type.desk = Desk()
        for _ in range(8):
            self.desk.put()
        self.desk.sheets[2].tags.add("tax")

    async def crowd(self) -> None:
        for _ in range(32):
            self.desk.put()

    @property
    def desk(self) -> Desk:
        desk: Desk = self.source_type.desk
        return desk

    async def remove(self, key: Key) -> None:
        del self.desk.sheets[int(key.id)]

    async def add(self) -> Key:
        return Key("sheet", str(self.desk.put()))


async def red(source: type[Papers]) -> set[str]:
    """The checks that it fails."""

    class TheStand(DeskStand):
        source_type = source

    class Contract(PaperChecks, MergeChecks):
        stand = TheStand

    found = set[str]()
    contract = Contract()
    for name, check in inspect.getmembers(contract, inspect.iscoroutinefunction):
        if not name.startswith("test_"):
            continue
        try:
            await check()
        except pytest.skip.Exception:
            continue
        except (pytest.fail.Exception, Exception):  # noqa: BLE001  # any is red
            found.add(name.removeprefix("test_"))
    return found


class SpeaksOfNothing(Papers):
    def text(self, number: int) -> Text:
        return replace(super().text(number), about={"correspondent": ""})


class SpeaksOfNoDay(Papers):
    def text(self, number: int) -> Text:
        return replace(super().text(number), about={"created": "1 May"})


class CountsInWords(Papers):
    def text(self, number: int) -> Text:
        return replace(super().text(number), about={"pages": "one"})


class RemembersTheDead(Papers):
    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, Text]:
        found = await super().texts(keys)
        return {key: found.get(key, Text("")) for key in keys}


class ListsOtherWords(Papers):
    async def texts_since(self, mark: Json) -> AsyncIterator[TextPage]:
        async for page in super().texts_since(mark):
            yield replace(page, texts={key: Text(text.words[:7]) for key, text in page.texts.items()})


class MarksTooFar(Papers):
    async def texts_since(self, mark: Json) -> AsyncIterator[TextPage]:
        async for page in super().texts_since(mark):
            yield replace(page, mark=self.desk.now)


class MarksNothing(Papers):
    async def texts_since(self, mark: Json) -> AsyncIterator[TextPage]:
        async for page in super().texts_since(mark):
            yield replace(page, mark=None)


class GoesByPages(Papers):
    """Which shift when something goes."""

    async def texts_since(self, mark: Json) -> AsyncIterator[TextPage]:
        at = mark if isinstance(mark, int) else 0
        while at < len(self.desk.sheets):
            page = [*self.desk.sheets][at : at + PAGE]
            at += PAGE
            yield TextPage({Key("sheet", str(number)): self.text(number) for number in page}, at)


class GivesNoPage(Papers):
    async def texts_since(self, mark: Json) -> AsyncIterator[TextPage]:
        async for page in super().texts_since(mark):
            if page.texts and mark is None:
                yield page


class ShowsPages(Papers):
    @asynccontextmanager
    async def preview(self, key: Key, *, whole: bool = False, etag: str | None = None) -> AsyncIterator[Any]:
        async with super().preview(key, whole=whole, etag=etag) as found:
            yield replace(found, mime_type="text/html") if isinstance(found, Content) else found


class ShowsAPart(Papers):
    async def chunks(self, data: bytes) -> AsyncIterator[bytes]:
        yield data[:3]


class BelievesAnyEtag(Papers):
    @asynccontextmanager
    async def preview(self, key: Key, *, whole: bool = False, etag: str | None = None) -> AsyncIterator[Any]:
        async with super().preview(key, whole=whole) as found:
            yield Unchanged() if etag is not None else found


class NeverKnowsAVersion(Papers):
    @asynccontextmanager
    async def preview(self, key: Key, *, whole: bool = False, etag: str | None = None) -> AsyncIterator[Any]:
        del etag
        async with super().preview(key, whole=whole) as found:
            yield found


class ShowsTheDead(Papers):
    @asynccontextmanager
    async def preview(self, key: Key, *, whole: bool = False, etag: str | None = None) -> AsyncIterator[Any]:
        async with super().preview(key, whole=whole, etag=etag) as found:
            yield Content(self.chunks(b"")) if isinstance(found, Absent) else found


class MergesNothing(Papers):
    async def merge(self, onto: Key, others: Sequence[Key], **_: Any) -> None:
        return


class MovesInsteadOfMerging(Papers):
    async def merge(self, onto: Key, others: Sequence[Key], **more: Any) -> None:
        await super().merge(onto, others, **more)
        for one in others:
            self.sheet(one).tags.clear()


class ForgetsItsOwn(Papers):
    async def merge(self, onto: Key, others: Sequence[Key], **more: Any) -> None:
        self.sheet(onto).tags.clear()
        await super().merge(onto, others, **more)


class MergesWhileForeseeing(Papers):
    async def foresee_merge(self, onto: Key, others: Sequence[Key], **more: Any) -> Merging:
        said = await super().foresee_merge(onto, others, **more)
        await self.merge(onto, others)
        return said


class MergesWhatIsLeftOut(Papers):
    async def merge(self, onto: Key, others: Sequence[Key], **_: Any) -> None:
        await super().merge(onto, others)


class PassesOverTheGone(Papers):
    async def merge(self, onto: Key, others: Sequence[Key], **more: Any) -> None:
        await super().merge(onto, [one for one in others if int(one.id) in self.desk.sheets], **more)


async def test_a_source_that_keeps_its_papers() -> None:
    assert await red(Papers) == set()


@pytest.mark.parametrize(
    ("mutant", "check"),
    [
        (SpeaksOfNothing, "a_text_says_what_it_knows"),
        (SpeaksOfNoDay, "a_text_says_what_it_knows"),
        (CountsInWords, "a_text_says_what_it_knows"),
        (RemembersTheDead, "a_text_of_what_is_gone"),
        (ListsOtherWords, "all_texts_are_listed"),
        (MarksTooFar, "the_texts_go_on_at_any_mark"),
        (MarksNothing, "the_texts_go_on_at_any_mark"),
        (GoesByPages, "one_that_goes_while_texts_are_read"),
        (GivesNoPage, "a_new_text_comes_next_time"),
        (ShowsPages, "a_preview_is_a_picture"),
        (ShowsAPart, "a_preview_is_a_picture"),
        (BelievesAnyEtag, "a_preview_that_is_known"),
        (NeverKnowsAVersion, "a_preview_that_is_known"),
        (ShowsTheDead, "a_preview_of_what_is_gone"),
        (MergesNothing, "a_merge_is_what_was_foreseen"),
        (MovesInsteadOfMerging, "a_merge_is_what_was_foreseen"),
        (ForgetsItsOwn, "a_merge_is_what_was_foreseen"),
        (MergesWhileForeseeing, "a_merge_is_what_was_foreseen"),
        (MergesWhatIsLeftOut, "a_merge_is_what_was_foreseen"),
        (PassesOverTheGone, "a_merge_of_what_is_gone"),
    ],
)
async def test_a_mistake_is_red(mutant: type[Papers], check: str) -> None:
    assert check in await red(mutant)
