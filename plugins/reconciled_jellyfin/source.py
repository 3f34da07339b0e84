"""A Jellyfin as a source.

**Absence** is a well-formed list, asked for by id, in which the id is not: Jellyfin has no other
"no such item" (`/Items/{id}` answers an API key with 400 for every id, there or not). Such a list
holds nothing that was not asked for, counts what it holds, and comes from the installation that
the last probe saw. A stranger's list or one with a mark missing is trouble.

**Deleting** always takes the files from the disk, so before it Jellyfin has to say that it is that
installation, and that the very item is there; afterwards its 404 counts as little as any.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar

from reconciled.errors import BadResponse, Refused, Unreachable, Unsupported
from reconciled.model import About, Absent, Answer, Event, Item, Key, Page
from reconciled.source import Context, Deletion, Source
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
    tagged: ClassVar[bool] = True
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True)})
    batch: int = 200

    def __init__(self, config: JellyfinConfig, context: Context) -> None:
        super().__init__(config, context)
        self.client = client_of(config, context.http, name=context.name)
        self._instance: str | None = None
        self._program = "Jellyfin"
        self._libraries: tuple[Library, ...] | None = None
        self.acts_within = config.act_timeout

    async def probe(self) -> About:
        """Who answers, the libraries in scope and their locations. May wake disks."""
        info, instance = await self._who()
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

    async def delete(self, key: Key, how: Deletion) -> None:
        """Delete the item and its files. Unsupported for a deletion that is to leave the files."""
        self._id(key)
        if how not in self.options:
            raise Unsupported("Jellyfin's delete always takes the files, and it has no list of exclusions")
        try:
            async with asyncio.timeout(self.acts_within):
                await self._delete(key)
        except TimeoutError:
            raise Unreachable(
                f"Jellyfin: {key} was not deleted after {self.acts_within:g} s, "
                "so nobody knows whether it will be"
            ) from None

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:  # noqa: ARG002
        """What the webhook plugin says. Its content type is text/plain unless somebody changed it."""
        return read_webhook(body, instance=self._instance)

    async def _delete(self, key: Key) -> None:
        _, instance = await self._who()
        if self._instance not in (None, instance):
            raise BadResponse(f"{self.config.url}: another Jellyfin answers there now; nothing was deleted")
        self._instance = instance
        item = await self.lookup(key)
        if isinstance(item, Absent):
            return
        self._check_scope(item)
        answer = await self.client.request(
            "DELETE", f"/Items/{key.id}", allow=(404,), timeout=self.acts_within
        )
        if answer.status == 404 and isinstance(await self.lookup(key), Absent):
            return
        if answer.status != 204:
            raise BadResponse(f"{answer.where}: {answer.status}, which does not say that {key} was deleted")

    async def _who(self) -> tuple[SystemInfo, str]:
        """Who answers, and the id of that installation. BadResponse when it is no Jellyfin."""
        info = await read(self.client, "/System/Info", SystemInfo)
        instance = plain_id(info.id)
        if instance is None or "jellyfin" not in (info.product_name or "").lower():
            name = info.product_name or "something else (Emby?)"
            raise BadResponse(f"{self.config.url}: this is {name}, configured as Jellyfin")
        return info, instance

    async def _read_libraries(self) -> tuple[Library, ...]:
        self._libraries = await read_libraries(self.client, self.config.libraries)
        return self._libraries

    @staticmethod
    def _page(records: Sequence[Record], libraries: Sequence[Library]) -> Page:
        return Page.of(item_of(record, libraries) for record in records)

    def _check_scope(self, item: Item) -> None:
        if self.config.libraries is not None and item.root is None:
            raise Refused(f"Jellyfin: {item.key} lies in none of the libraries that this source is about")

    def _check_kinds(self, kinds: frozenset[str]) -> None:
        if other := kinds - set(self.kinds):
            raise Unsupported(f"Jellyfin has no {', '.join(sorted(other))} here")

    def _id(self, key: Key) -> str:
        """The id. What is none would be left out of the question, and its absence mean nothing."""
        self._check_kinds(frozenset({key.kind}))
        if key.id != plain_id(key.id):
            raise Unsupported(f"{key.id!r} is no id of Jellyfin")
        return key.id
