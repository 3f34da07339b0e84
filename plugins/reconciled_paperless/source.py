"""A Paperless-ngx as a source: who it is, all it has, one document of it, and what it tells us.

**Absence** is a document's place in the trash, or Paperless' own 404 about that very document in a
question that tells purged from hidden (see `fates`). It stands between two lists of everything that
was asked for, so that what is known to be there is shown before and after, by the same Paperless.

Paperless has no id of its installation, so `About.instance` stays None; another database behind the
address shows by documents that were added at other moments.
"""

import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import ClassVar, Literal

from reconciled.errors import BadResponse, Refused, Unsupported
from reconciled.model import About, Absent, Answer, Event, Item, Json, Key, Op, Page
from reconciled.source import (
    Changes,
    Connected,
    Content,
    Context,
    Deletion,
    Hook,
    Kept,
    Matter,
    Merging,
    Outcome,
    Pending,
    Prospect,
    Receipt,
    Source,
    Text,
    TextPage,
    Unchanged,
    Upload,
)
from reconciled_paperless.acting import Acts
from reconciled_paperless.changes import Mark, read_changes, read_ids
from reconciled_paperless.config import PaperlessConfig
from reconciled_paperless.connection import Connection
from reconciled_paperless.examining import examine
from reconciled_paperless.fates import IN_THE_TRASH, Fate, fates, thrown_away
from reconciled_paperless.fetching import fetch, origin
from reconciled_paperless.following import follow
from reconciled_paperless.items import KIND, item_of, key_of
from reconciled_paperless.labels import Lists
from reconciled_paperless.listing import BATCH, these, trashed, walk
from reconciled_paperless.merging import Merger
from reconciled_paperless.payloads import Document
from reconciled_paperless.rights import Rights, read_rights, sees_everything
from reconciled_paperless.session import Session
from reconciled_paperless.showing import preview
from reconciled_paperless.texts import Reader
from reconciled_paperless.trash import Trash
from reconciled_paperless.uploading import Intake
from reconciled_paperless.webhooks import read_webhook
from reconciled_paperless.workflows import provision

_ID = re.compile(r"[1-9][0-9]{0,18}")
_LARGEST_ID = 2**63 - 1


class Paperless(Source[PaperlessConfig]):
    """One Paperless-ngx. Its delete moves a document to the trash, and its file with it."""

    app: ClassVar[str] = "paperless"
    kinds: ClassVar[tuple[str, ...]] = (KIND,)
    Config: ClassVar = PaperlessConfig
    paged: ClassVar[bool] = True
    asked_by_post = frozenset({"/api/token/"})
    tagged: ClassVar[bool] = True
    remembers_in: ClassVar[Literal["history", "trash"]] = "trash"
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True)})
    batch: int = BATCH
    fileset: ClassVar[str | None] = None

    def __init__(self, config: PaperlessConfig, context: Context) -> None:
        super().__init__(config, context)
        self.connection = Connection(config, context.http, context.clock)
        self.lists = Lists.of(self.connection, context.clock)
        self.labels = self.lists.tags
        self.acts_within = config.act_timeout
        self._acts = Acts(self.connection, self.labels, seconds=config.act_timeout)
        self._merger = Merger(self.connection, self.lists, self._acts)
        self._reader = Reader(self.connection, self.lists)
        self._session = Session(self.connection) if config.credentials.can_sign_in else None
        self._rights = Rights(config.user)
        self._trash = Trash(self.connection, context.clock)
        self._intake = Intake(self.connection, context, trash=self._trash, look=self._look, items=self._items)

    async def probe(self) -> About:
        """Who answers, and whether we may see every document there."""
        self._rights = await read_rights(self.connection)
        everything = await sees_everything(self.connection, self._rights)
        return About(
            app="Paperless-ngx",
            version=self.connection.program or "unknown",
            account=self._rights.user,
            sees_everything=everything,
        )

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """Every document, page by page; at the end those that slipped through between two pages."""
        _check_kinds(kinds)
        await self.labels.read()
        total = 0
        async for part in walk(self.connection):
            total += len(part)
            yield Page.of(await self._items(part))
        yield Page((), complete=True, total=total)

    async def changes(self, mark: Json) -> Changes:
        """The ids of all, from one answer; in full what is new or changed since the mark."""
        tags = await self.labels.read()
        ids, documents, now = await read_changes(self.connection, Mark.of(mark), tags)
        items = tuple(await self._items(documents))
        return Changes(
            frozenset(map(key_of, ids)),
            items,
            None if now is None else now.json,
            deleted=await self._thrown_away(Mark.of(mark), ids),
        )

    async def lookup(self, key: Key) -> Answer:
        """This very document, or `Absent`. Refused when it is hidden from us."""
        found = (await self._ask([key]))[key]
        if isinstance(found, str):
            raise Refused(f"Paperless: {found}")
        return found

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        """These documents, at most `batch`; without those that are hidden from us."""
        found = await self._ask(keys)
        return {key: answer for key, answer in found.items() if not isinstance(answer, str)}

    async def recall(self, item: Item, since: datetime) -> Sequence[Event]:
        """When it went to the trash, as far as we may see it.

        Who threw it away, Paperless tells nobody before it is restored; of a purged one it forgets it all.
        """
        thrown = (await self._trash.read()).get(_number(item.key))
        at = thrown.deleted_at if thrown is not None and thrown.root_document is None else None
        if at is None or at < since:
            return []
        return [Event(Op.DELETED, item.key, item.title, occurred=at, reason=IN_THE_TRASH, own_act=True)]

    def listen(self) -> AsyncIterator[Event | Connected]:
        """Its stream, if we can sign in, and a cheap look from time to time. Unsupported: neither."""
        return follow(self.connection, self._session, self.context)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        """What a workflow's webhook says."""
        return read_webhook(body, headers)

    async def delete(self, key: Key, how: Deletion) -> None:
        """Move it to the trash. Unsupported for a deletion that is to leave the file."""
        number = _number(key)
        if how not in self.options:
            raise Unsupported(
                "Paperless' delete takes the file along into the trash, and it excludes nothing"
            )
        if isinstance(await self.lookup(key), Absent):
            return
        if not await self._acts.throw_away(number) and not isinstance(await self.lookup(key), Absent):
            raise BadResponse(f"Paperless: it says that there is no {key} to delete, and shows it")

    async def tag(self, key: Key, label: str) -> None:
        """Put the label there."""
        await self._acts.tag(_number(key), label)

    async def untag(self, key: Key, label: str) -> None:
        """Take the label off."""
        await self._acts.untag(_number(key), label)

    async def foresee_merge(
        self, onto: Key, others: Sequence[Key], *, without: Collection[str] = ()
    ) -> Merging:
        """What the document would get of the others, and what stays with them."""
        return await self._merger.foresee(_number(onto), [_number(key) for key in others], without)

    async def merge(self, onto: Key, others: Sequence[Key], *, without: Collection[str] = ()) -> None:
        """Tags, notes, and a correspondent and a document type where it has none."""
        await self._merger.merge(_number(onto), [_number(key) for key in others], without)

    async def restore(self, key: Key, image: Json) -> Key:  # noqa: ARG002  # the trash keeps all of it
        """Take it out of the trash, under the number that it had, with all files that went with it."""
        number = _number(key)
        if not await self._acts.take_out(number, later=await self._trash.with_it(number)):
            found = await self.lookup(key)
            if isinstance(found, Absent):
                raise Refused(f"Paperless: {key} cannot be restored; {found.said}")
        return key

    async def foresee(self, key: Key, image: Json) -> Prospect:  # noqa: ARG002  # the trash keeps all of it
        """Until when the trash keeps it; what was purged is gone for good."""
        try:
            found = await self.lookup(key)
        except Refused as error:
            return Prospect(refused=str(error))
        if isinstance(found, Item):
            return Prospect(refused=f"Paperless has {key} already: {found.title}")
        if found.said != IN_THE_TRASH:
            return Prospect(refused=f"{key} is in Paperless' trash no more; {found.said}")
        return Prospect(until=found.restorable_until)

    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, Text]:
        """The words that Paperless read in each, and what it says about it."""
        return await self._reader.texts([_number(key) for key in keys])

    def texts_since(self, mark: Json) -> AsyncIterator[TextPage]:
        """Those of all documents that changed since the mark, or that we may see since then."""
        return self._reader.since(mark)

    def fetch(
        self,
        key: Key,
        *,
        start: int = 0,
        etag: str | None = None,
    ) -> AbstractAsyncContextManager[Content | Unchanged | Absent]:
        """The original of its newest file. Who has a part of it gets all of it again."""
        known = None if start else etag
        return fetch(self.connection, _number(key), known, lambda: self.lookup(key))

    def preview(
        self, key: Key, *, whole: bool = False, etag: str | None = None
    ) -> AbstractAsyncContextManager[Content | Unchanged | Absent]:
        """Its thumbnail, or the PDF (or picture) that a browser shows. Unsupported for other files."""
        return preview(self.connection, _number(key), etag, lambda: self.lookup(key), whole=whole)

    def origin(self, item: Item) -> Mapping[str, str]:
        """Its number, and what its file was called."""
        return origin(item)

    async def had(self, upload: Upload, *, since: datetime | None = None) -> Kept | Pending | None:
        """Whether there is a document of ours, or one with these bytes; the trash counts."""
        return await self._intake.had(upload, since)

    async def upload(self, upload: Upload) -> Receipt:
        """Hand a file over, with all that is known about it."""
        return await self._intake.upload(upload)

    async def outcome(self, receipt: Receipt) -> Outcome:
        """How its task stands."""
        return await self._intake.outcome(receipt)

    async def revise(self, key: Key, upload: Upload) -> Receipt | Kept:
        """Newer bytes of a document (3.x)."""
        return await self._intake.revise(_number(key), upload)

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        """What is set up well there and what is not."""
        return await examine(self.connection, self.context, hook)

    async def provision(self, hook: Hook) -> Sequence[str]:
        """Make or mend the workflow that sends us its webhooks."""
        return await provision(self.connection, self.context.name, hook)

    async def _look(self, number: int) -> Item | Fate:
        """One document, or what became of it."""
        return (await self._ask([key_of(number)]))[key_of(number)]

    async def _ask(self, keys: Sequence[Key]) -> dict[Key, Item | Fate]:
        """What is shown, and what became of the rest, between two lists of all that was asked for."""
        asked = {_number(key): key for key in keys}
        if not asked:
            return {}
        if len(asked) > self.batch:
            raise Unsupported(f"{len(asked)} documents at once; {self.batch} fit in one question")
        shown = {one.id: one for one in await these(self.connection, asked)}
        told: dict[int, Fate] = {}
        if missing := asked.keys() - shown.keys():
            told = await fates(self.connection, missing, trash_delay=self._rights.trash_delay)
            before = shown.keys()
            shown = {one.id: one for one in await these(self.connection, asked)}
            told |= dict.fromkeys(before - shown.keys(), "it was shown, and a moment later no more")
        items = {item.key: item for item in await self._items(shown.values())}
        return {key: items.get(key) or told[number] for number, key in asked.items()}

    async def _thrown_away(self, mark: Mark | None, ids: frozenset[int]) -> dict[Key, Absent]:
        """What was there at the mark, is not any more, and lies in the trash, as far as we may see it."""
        gone = read_ids(mark.ids) - ids if mark is not None else frozenset[int]()
        trash = (await trashed(self.connection, wanted=gone) if gone else None) or {}
        told = {one: thrown_away(trash[one], self._rights.trash_delay) for one in gone & trash.keys()}
        return {key_of(one): fate for one, fate in told.items() if isinstance(fate, Absent)}

    async def _items(self, documents: Iterable[Document]) -> list[Item]:
        found = list(documents)
        await self.labels.refresh({tag for one in found for tag in one.tags or ()})
        return [item_of(one, self.labels.named(one.tags)) for one in found]


def _check_kinds(kinds: frozenset[str]) -> None:
    if other := kinds - {KIND}:
        raise Unsupported(f"Paperless has no {', '.join(sorted(other))}")


def _number(key: Key) -> int:
    """The id as a number. Others match no route, and Paperless' answer would be about the address."""
    _check_kinds(frozenset({key.kind}))
    if not (_ID.fullmatch(key.id) and int(key.id) <= _LARGEST_ID):
        raise Unsupported(f"{key.id[:100]!r} is no id of Paperless")
    return int(key.id)
