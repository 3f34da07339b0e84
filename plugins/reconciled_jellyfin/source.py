"""A Jellyfin as a source.

**Absence** is a well-formed list, asked for by id, in which the id is not: Jellyfin has no other
"no such item" (`/Items/{id}` answers an API key with 400 for every id, there or not). Such a list
holds nothing that was not asked for, counts what it holds, and comes from the installation that
the last probe saw. A stranger's list or one with a mark missing is trouble.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar

from reconciled.errors import BadResponse, Unsupported
from reconciled.model import About, Absent, Answer, Event, Key, Page
from reconciled.source import Context, Source
from reconciled_jellyfin.client import client_of, read, read_items
from reconciled_jellyfin.config import JellyfinConfig
from reconciled_jellyfin.items import KINDS, TYPES, item_of, plain_id
from reconciled_jellyfin.listing import asked_about, walk
from reconciled_jellyfin.payloads import Library, Record, SystemInfo
from reconciled_jellyfin.roots import is_busy, kinds_of, read_libraries, read_roots
from reconciled_jellyfin.webhooks import read_webhook

_PAGE = 250


class Jellyfin(Source[JellyfinConfig]):
    """One Jellyfin. `batch` keeps a request line of ids below Kestrel's 8 KiB."""

    app: ClassVar[str] = "jellyfin"
    kinds: ClassVar[tuple[str, ...]] = ("movie", "series")
    Config: ClassVar = JellyfinConfig
    paged: ClassVar[bool] = True
    batch: int = 200

    def __init__(self, config: JellyfinConfig, context: Context) -> None:
        super().__init__(config, context)
        self.client = client_of(config, context.http, name=context.name)
        self._instance: str | None = None
        self._program = "Jellyfin"
        self._libraries: tuple[Library, ...] | None = None

    async def probe(self) -> About:
        """Who answers, the libraries in scope and their locations. May wake disks."""
        info = await read(self.client, "/System/Info", SystemInfo)
        instance = plain_id(info.id)
        if instance is None or "jellyfin" not in (info.product_name or "").lower():
            name = info.product_name or "something else (Emby?)"
            raise BadResponse(f"{self.config.url}: this is {name}, configured as Jellyfin")
        self._instance, self._program = instance, f"Jellyfin {info.version}"
        libraries = await self._read_libraries()
        return About(
            app="Jellyfin",
            version=info.version,
            instance=instance,
            roots=await read_roots(self.client, libraries),
            busy=is_busy(libraries),
        )

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """Every library in scope, type by type; an id that comes twice is handed on once."""
        self._check_kinds(kinds)
        libraries = await self._read_libraries()
        seen: set[str] = set()
        for library in libraries:
            for kind in (kind for kind in kinds_of(library) if kind in kinds):
                async for records in walk(self.client, library, TYPES[kind], instance=self._instance):
                    fresh = [record for record in records if record.id not in seen]
                    seen.update(record.id for record in fresh)
                    for start in range(0, len(fresh), _PAGE):
                        yield self._page(fresh[start : start + _PAGE], libraries)
        yield Page((), complete=True, total=len(seen))

    async def lookup(self, key: Key) -> Answer:
        """This very item, or `Absent`."""
        return (await self.lookup_many([key]))[key]

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        """These items, at most `batch`, by one request."""
        asked = {self._id(key): key for key in keys}
        if not asked:
            return {}
        if len(asked) > self.batch:
            raise Unsupported(f"{len(asked)} items at once; Jellyfin takes {self.batch}")
        libraries = self._libraries if self._libraries is not None else await self._read_libraries()
        params = asked_about([*asked])
        page = await read_items(self.client, params, types=KINDS, instance=self._instance)
        if page.total_record_count > len(page.items) or page.start_index != 0:
            raise BadResponse("Jellyfin: the list of the items asked for is not whole")
        said = Absent(f"not among the items of {self._program}, asked for by id")
        answers: dict[Key, Answer] = dict.fromkeys(asked.values(), said)
        for record in page.items:
            item = item_of(record, libraries)
            if asked.get(item.key.id) != item.key:
                raise BadResponse(f"Jellyfin: the answer is about {item.key}, which was not asked for")
            answers[item.key] = item
        return answers

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:  # noqa: ARG002
        """What the webhook plugin says. Its content type is text/plain unless somebody changed it."""
        return read_webhook(body, instance=self._instance)

    async def _read_libraries(self) -> tuple[Library, ...]:
        self._libraries = await read_libraries(self.client, self.config.libraries)
        return self._libraries

    @staticmethod
    def _page(records: Sequence[Record], libraries: Sequence[Library]) -> Page:
        return Page.of(item_of(record, libraries) for record in records)

    def _check_kinds(self, kinds: frozenset[str]) -> None:
        if other := kinds - set(self.kinds):
            raise Unsupported(f"Jellyfin has no {', '.join(sorted(other))} here")

    def _id(self, key: Key) -> str:
        """The id. What is none would be left out of the question, and its absence mean nothing."""
        self._check_kinds(frozenset({key.kind}))
        if key.id != plain_id(key.id):
            raise Unsupported(f"{key.id!r} is no id of Jellyfin")
        return key.id
