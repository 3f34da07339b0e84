"""An app of the family as a source: who it is, all it has, one thing of it, and what it tells us.

**Absence** is a 404 on `/{resource}/{id}` with the app's own mark, from the version that said it
is this app (see `connection`). These apps have no id of their installation, so `About.instance`
stays None and another database behind the same address is for the engine to notice.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Generic

from reconciled.errors import BadResponse, Unsupported
from reconciled.http import Params
from reconciled.model import About, Absent, Answer, Event, Item, Key, Page, Ref
from reconciled.source import Connected, Context, Hook, Matter
from reconciled_servarr import examining
from reconciled_servarr.config import ServarrConfig
from reconciled_servarr.history import FILE_DELETED, History, Row, losses
from reconciled_servarr.payloads import RecordT, RootFolder
from reconciled_servarr.provisions import Webhooks
from reconciled_servarr.restoring import Restoring
from reconciled_servarr.roots import read_roots
from reconciled_servarr.stream import Listener
from reconciled_servarr.webhooks import Words, read_webhook

_PAGE = 250


class Servarr(Restoring, Generic[RecordT]):
    """What an app of the family is asked; a subclass names the app and reads its records.

    `found_by` is the ref space that the list can be filtered by, and the name of that parameter;
    `remembers` is what a row of its history is asked to bring,
    `newer_api` a major version and the API that it has beside `api`, asked only for the roots.
    """

    tagged: ClassVar[bool] = True
    newer_api: ClassVar[tuple[int, str]] = (0, "")
    listing: ClassVar[Params] = {}
    remembers: ClassVar[Mapping[str, str]] = {}
    found_by: ClassVar[tuple[str, str]]
    words: ClassVar[Words]
    record: type[RecordT]

    def __init__(self, config: ServarrConfig, context: Context) -> None:
        super().__init__(config, context)
        self.listener = Listener(self.words, self.record, self.api)
        self.history = History(
            self.connection, context.clock, event=FILE_DELETED[self.words.noun], also=self.remembers
        )
        self.webhooks = Webhooks(self.connection, self.words, source=context.name, timeout=config.act_timeout)

    @abstractmethod
    def item(self, record: RecordT, labels: Sequence[str] | None) -> Item:
        """The record as an item; `labels` are those of its tags, None when they cannot be told."""

    def items(self, record: RecordT, labels: Sequence[str] | None, kinds: frozenset[str]) -> Sequence[Item]:  # noqa: ARG002
        """All that the record holds of these kinds: itself, and its parts."""
        return [self.item(record, labels)]

    def count(self, records: Sequence[RecordT], kinds: frozenset[str]) -> int:  # noqa: ARG002
        """How many items `items` makes of these records."""
        return len(records)

    async def probe(self) -> About:
        """Who answers, and the roots. May wake disks. BadResponse when it is another app."""
        version = await self.connection.prove()
        folders = await self._folders(version)
        roots = await read_roots(self.client, folders=folders, api=self.api, timeout=self.config.timeout)
        return About(app=self.title, version=version, roots=roots)

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """All records: one list without pages (Sonarr 4.0, Radarr 6.1), handed on in parts.

        The tags are read after the list, so that one made in between has its label.
        """
        self._check_kinds(kinds)
        answer = await self.connection.ask(self.address, params=self.listing)
        records = await self.client.decode(list[self.record], answer)  # type: ignore[name-defined]
        await self.labels.read()
        total = self.count(records, kinds)
        for start in range(0, max(len(records), 1), _PAGE):
            found = [
                item
                for one in records[start : start + _PAGE]
                for item in self.items(one, self.labels.named(one.tags), kinds)
            ]
            yield Page.of(found, complete=start + _PAGE >= len(records), total=total)
        self.listener.known.read_all(records)

    async def lookup(self, key: Key) -> Answer:
        """This very record, or `Absent`."""
        record = await self.read(self._number(key))
        return record if isinstance(record, Absent) else self.item(record, await self.labels.of(record.tags))

    async def read(self, number: int) -> RecordT | Absent:
        """The record of that number, or `Absent`."""
        answer = await self.connection.ask(f"{self.address}/{number}", allow=(404,))
        if answer.status == 404:
            return await self.connection.absent(answer)
        record = await self.client.decode(self.record, answer)
        if record.id != number:
            raise BadResponse(f"{answer.where}: asked for {number}, the answer is about {record.id}")
        self.listener.known.read(record)
        return record

    async def find(self, ref: Ref) -> Sequence[Item]:
        """The records that claim the ref; by the app's own space only."""
        space, parameter = self.found_by
        if ref.space != space or not (ref.value.isascii() and ref.value.isdigit()):
            raise Unsupported(f"{self.title} finds by {space} and a number, not by {ref}")
        answer = await self.connection.ask(self.address, params={**self.listing, parameter: ref.value})
        records = await self.client.decode(list[self.record], answer)  # type: ignore[name-defined]
        found = [self.item(record, await self.labels.of(record.tags)) for record in records]
        if any(ref not in item.refs for item in found):
            raise BadResponse(f"{answer.where}: asked for {ref}, the answer is about others too")
        return found

    async def recall(self, item: Item, since: datetime) -> Sequence[Event]:
        """What its history says of the item's files. The rows of a deleted item went with it."""
        rows = await self.history.since(since)
        return losses(item, [row for row in rows if self.concerns(row, item.key)])

    def concerns(self, row: Row, key: Key) -> bool:
        """Whether a row of history is about the item under a key."""
        return str(row.series_id if self.words.noun == "series" else row.movie_id) == key.id

    def listen(self) -> AsyncIterator[Event | Connected]:
        """Follow the app's SignalR hub: one connection. Unsupported when it is switched off."""
        return self.listener.follow(self.client, wanted=self.config.stream)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:  # noqa: ARG002
        """What the app's webhook says; the app signs nothing, so the headers do not matter."""
        return read_webhook(body, words=self.words)

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        """How it is set up for us: its clock, roots and stream, and our webhook."""
        about = await self.probe()
        return [
            *await examining.who(self.connection, self.context.clock.now()),
            *examining.roots(about.roots),
            *examining.stream(self.title, wanted=self.config.stream),
            await examining.webhook(self.webhooks, self.title, self.context.name, hook),
        ]

    async def provision(self, hook: Hook) -> Sequence[str]:
        """Make our webhook, or mend it, and have the app try it."""
        return await self.webhooks.provision(hook)

    async def _folders(self, version: str) -> list[RootFolder]:
        """The root folders, from the newer API where this version has it and it has the list."""
        major, newer = self.newer_api
        answer = None
        if major and version.partition(".")[0] == str(major):
            answer = await self.connection.ask(f"{newer}/rootfolder", allow=(404,))
        if answer is None or answer.status == 404:
            answer = await self.connection.ask(f"{self.api}/rootfolder")
        return await self.client.decode(list[RootFolder], answer)
