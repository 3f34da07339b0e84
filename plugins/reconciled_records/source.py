"""Records as a source: what stands on its shelf.

**Absence** is the shelf's own word about that very id: taken off by whom and when, or never
registered. Trouble with the ledger is an exception like any other and no word about a record.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar
from uuid import uuid4

from reconciled import __version__
from reconciled.errors import Refused, Unsupported
from reconciled.model import About, Absent, Answer, Item, Json, Key, Loss, Page, Record, Ref, Removed
from reconciled.source import (
    Content,
    ContentRules,
    Context,
    Deletion,
    Hook,
    Matter,
    Prospect,
    Source,
    Unchanged,
)
from reconciled_records import letters
from reconciled_records.callbacks import Callbacks
from reconciled_records.config import RecordsConfig
from reconciled_records.contents import opened
from reconciled_records.examining import matters

KIND = "record"
PAGE = 500


class Records(Source[RecordsConfig]):
    """What one program, or several, registered under one name."""

    app: ClassVar[str] = "records"
    kinds: ClassVar[tuple[str, ...]] = (KIND,)
    Config: ClassVar = RecordsConfig
    paged: ClassVar[bool] = True
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion()})
    batch: int = 200
    fileset: ClassVar[str | None] = None

    def __init__(self, config: RecordsConfig, context: Context) -> None:
        super().__init__(config, context)
        if context.shelf is None:
            raise ValueError("records stand on a shelf, and the context has none")
        self._shelf = context.shelf
        self._callbacks = Callbacks(config.callback, context, context.shelf)
        self._own_space = f"record:{context.name}"

    # what every source can do

    async def probe(self) -> About:
        """We ourselves; that the shelf can be read is all there is to see."""
        await self._shelf.page("", 1)
        return About(app=self.app, version=__version__)

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """All records by their ids."""
        after = ""
        while KIND in kinds and (found := await self._shelf.page(after, PAGE)):
            yield Page.of(map(self.item_of, found))
            after = found[-1].id
        yield Page((), complete=True)

    async def lookup(self, key: Key) -> Answer:
        """This very record, or that it was taken off or never registered."""
        if key.kind != KIND:
            raise Unsupported(f"{self.context.name} holds records; {key.kind} is none")
        return (await self.lookup_many([key]))[key]

    # what else this one can do

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        """The same about several, as they stood at one moment."""
        mine = [key for key in keys if key.kind == KIND]
        found = await self._shelf.get([key.id for key in mine])
        return {key: self._answer(found.get(key.id)) for key in mine}

    def _answer(self, found: Record | Removed | None) -> Answer:
        match found:
            case Record():
                return self.item_of(found)
            case Removed():
                said = f"removed by {found.by}"
                return Absent(said, at=found.at, actor=found.by, restorable_until=found.until)
            case None:
                return Absent("no program registered it")

    async def find(self, ref: Ref) -> Sequence[Item]:
        """The records about something, or the very one."""
        if ref.space == self._own_space:
            return [self.item_of(one) for one in await self._standing([ref.value])]
        return [self.item_of(one) for one in await self._shelf.find(ref)]

    def item_of(self, record: Record) -> Item:
        """A record only refers to what it is about; a ref of its own says which record it is."""
        return Item(
            Key(KIND, record.id),
            record.title,
            record.refs | {Ref(self._own_space, record.id)},
            {**_attrs(record), "sync_status": str(record.sync_status)},
            refers=True,
        )

    def content_rules(self) -> ContentRules:
        """What may be sent with a record."""
        said = self.config.content
        return ContentRules(said.max_size, said.folder, said.keep)

    @asynccontextmanager
    async def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        """The bytes that its program sent; `etag` is their sha256, also of those that were let go."""
        answer = await self.lookup(key)
        if isinstance(answer, Absent):
            yield answer
            return
        found = await self._shelf.content(key.id)
        if found is None and not start and etag is not None and etag == answer.attrs.get("etag"):
            yield Unchanged()
            return
        if found is None:
            raise Refused(f"{key} of {self.context.name}: {_why_not(answer)}")
        async with opened(*found, start=start, etag=etag) as content:
            yield content

    def origin(self, item: Item) -> Mapping[str, str]:
        """Which record a copy is of, and what its program calls the file."""
        kept = {"clientFileId": item.key.id, "sourceSystem": self.context.name}
        name = item.attrs.get("file_name")
        return {**kept, "originalPath": name} if isinstance(name, str) and name else kept

    async def delete(self, key: Key, how: Deletion) -> None:
        """Take it off the shelf."""
        if how not in self.options:
            raise Unsupported("a record has no files, and nothing keeps it from being registered again")
        await self._shelf.remove(key.id)

    async def restore(self, key: Key, image: Json) -> Key:
        """Put it back as it last stood."""
        del image  # the shelf keeps what was taken off, as a trash does
        match (await self._shelf.get([key.id])).get(key.id):
            case Removed(record=record):
                await self._shelf.keep(record)
            case None:
                raise Refused(f"{key} is not remembered any more, or was never registered")
        return key

    async def foresee(self, key: Key, image: Json) -> Prospect:
        """Whether the shelf still knows what was taken off."""
        del image
        match (await self._shelf.get([key.id])).get(key.id):
            case Removed():
                return Prospect()
            case None:
                return Prospect(refused=f"{key} is not remembered any more, or was never registered")
            case record:
                return Prospect(refused=f"{key} is on the shelf already: {record.title}")

    # its program

    async def orphans(self, found: Mapping[Key, Loss]) -> None:
        """Mark what is missing and what is so no more, and have its program told."""
        marked = {record.id: record for record in await self._shelf.missing()}
        lost = {key.id: loss for key, loss in found.items() if key.kind == KIND}
        for record in await self._standing([one for one in lost if one not in marked]):
            await self._mark(record, lost[record.id])
        for record in marked.values():
            if record.id not in lost:
                await self._mark(record, None)

    async def _mark(self, record: Record, loss: Loss | None) -> None:
        """With a loss it is missing, without one no more."""
        name, told, letter = self.context.name, uuid4().hex, None
        if self.config.callback is not None and loss is not None:
            letter = letters.gone(name, record, loss, delivery=told)
        elif self.config.callback is not None:
            letter = letters.back(name, record, delivery=told)
        if await self._shelf.mark(record.id, missing=loss is not None, name=told, letter=letter):
            self._callbacks.posted()

    async def work(self) -> None:
        """Deliver callbacks."""
        await self._callbacks.work()

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        """Whether its program is told, and what waits."""
        del hook  # programs use the API; nobody sends webhooks here
        return matters(self.config.callback, await self._shelf.waiting())

    async def _standing(self, ids: Sequence[str]) -> list[Record]:
        found = (await self._shelf.get(ids)).values()
        return [one for one in found if isinstance(one, Record)]


UNSENT = "its program has sent no content"


def _attrs(record: Record) -> dict[str, Json]:
    """What its program says of it, and what is known of its bytes, which counts where both say something."""
    content = record.content
    if content is None:
        return {**record.attrs, "has_bytes": False}
    said = {name: value for name, value in record.attrs.items() if name not in ("refused", "has_bytes")}
    known: dict[str, Json] = {"size": content.size, "mime_type": content.mime_type, "etag": content.sha256}
    return {**said, **known, "file_name": content.name}


def _why_not(item: Item) -> str:
    if item.attrs.get("has_bytes") is False:
        return f"{UNSENT}; PUT …/content does"
    return "its content was let go when every copy stood; its program can send it again"
