"""A Jellyfin as a source.

**Absence** is a well-formed list, asked for by id, in which the id is not: Jellyfin has no other
"no such item" (`/Items/{id}` answers an API key with 400 for every id, there or not). Such a list
holds nothing that was not asked for, counts what it holds, and comes from the installation that
the last probe saw. A stranger's list or one with a mark missing is trouble.

Jellyfin 12 leaves a film out of every list, this one too, while it is a version of another (somebody
grouped the two, or they were so before the update). So a film that is not listed there is asked for by
its `/Ancestors` as well, which no list filters; one that is not denied by these is unknown, not gone.

**Deleting** always takes the files from the disk, so before it Jellyfin has to say that it is that
installation, and that the very item is there; afterwards its 404 counts as little as any.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar

from reconciled.errors import BadResponse, Refused, Unreachable, Unsupported
from reconciled.model import About, Absent, Answer, Event, Item, Key, Page
from reconciled.source import Connected, Context, Deletion, Hook, Matter, Source
from reconciled_jellyfin import examining, provisions
from reconciled_jellyfin.client import client_of, read, read_items
from reconciled_jellyfin.config import JellyfinConfig
from reconciled_jellyfin.items import KINDS, TYPES, item_of, plain_id
from reconciled_jellyfin.listing import asked_about, walk
from reconciled_jellyfin.payloads import Library, Record, SystemInfo
from reconciled_jellyfin.roots import is_busy, kinds_of, read_libraries, read_roots
from reconciled_jellyfin.seasons import Shows, without_files
from reconciled_jellyfin.stream import Known, Socket
from reconciled_jellyfin.webhooks import read_webhook

_PAGE = 250


class Jellyfin(Source[JellyfinConfig]):
    """One Jellyfin. `batch` keeps a request line of ids below Kestrel's 8 KiB."""

    app: ClassVar[str] = "jellyfin"
    kinds: ClassVar[tuple[str, ...]] = ("movie", "series", "season")
    Config: ClassVar = JellyfinConfig
    paged: ClassVar[bool] = True
    asked_by_post = frozenset({"/Environment/ValidatePath"})
    tagged: ClassVar[bool] = True
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True)})
    batch: int = 200

    def __init__(self, config: JellyfinConfig, context: Context) -> None:
        super().__init__(config, context)
        self.client = client_of(config, context.http, name=context.name)
        self._instance: str | None = None
        self._program = "Jellyfin"
        self._lists_versions = False
        self._libraries: tuple[Library, ...] | None = None
        self._known = Known()
        self._socket = Socket(config, context, self.client, self._known)
        self.acts_within = config.act_timeout

    async def probe(self) -> About:
        """Who answers, the libraries in scope and their locations. May wake disks."""
        info, instance = await self._who()
        self._instance, self._program = instance, f"Jellyfin {info.version}"
        self._lists_versions = info.version.startswith("10.")
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
        shows = Shows(self.client, instance=self._instance)
        seen: set[str] = set()
        walked: list[Key] = []
        for library in libraries:
            for kind in (kind for kind in kinds_of(library) if kind in kinds):
                async for records in walk(self.client, library, TYPES[kind], instance=self._instance):
                    fresh = [record for record in records if record.id not in seen]
                    seen.update(record.id for record in fresh)
                    shows.saw(fresh)
                    for start in range(0, len(fresh), _PAGE):
                        page = await self._page(fresh[start : start + _PAGE], libraries, shows)
                        walked += [item.key for item in page.items]
                        yield page
        self._known.walked(walked)
        yield Page((), complete=True, total=len(seen))

    async def lookup(self, key: Key) -> Answer:
        """This very item, or `Absent`. Refused for a film that may be there as a version of another."""
        found = (await self.lookup_many([key])).get(key)
        if found is None:
            raise Refused(f"Jellyfin: {key} is not listed and not denied; is it a version of another film?")
        return found

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        """These items, at most `batch`, by one request; another says which series the seasons are of.

        No answer for films that may be versions of others.
        """
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
        shows = await Shows(self.client, instance=self._instance).of(page.items)
        missing = await without_files(self.client, page.items, instance=self._instance)
        for record in page.items:
            item = item_of(record, libraries, shows, missing=record.id in missing)
            if asked.get(item.key.id) != item.key:
                raise BadResponse(f"Jellyfin: the answer is about {item.key}, which was not asked for")
            answers[item.key] = item
            self._known.saw(item.key)
        unsaid = {key for key, one in answers.items() if one is said and not await self._is_denied(key)}
        return {key: one for key, one in answers.items() if key not in unsaid}

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

    def listen(self) -> AsyncIterator[Event | Connected]:
        """Follow the websocket: library changes as a user, ends of library scans with the API key alone."""
        return self._socket.follow(lambda: self._instance)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:  # noqa: ARG002
        """What the webhook plugin says. Its content type is text/plain unless somebody changed it."""
        return read_webhook(body, instance=self._instance)

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        """How it is set up for us: its clock, folders and websocket, and the webhook plugin."""
        about = await self.probe()
        return await examining.examine(self.client, self.config, self.context, about, hook)

    async def provision(self, hook: Hook) -> Sequence[str]:
        """Make our destination in its webhook plugin, or mend it."""
        _, instance = await self._who()
        if self._instance not in (None, instance):
            raise BadResponse(f"{self.config.url}: another Jellyfin answers there now; nothing was set up")
        return await provisions.provision(self.client, self.context.name, hook)

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

    async def _is_denied(self, key: Key) -> bool:
        """Whether what is not listed is not there either. Before 12 the list says it all."""
        if key.kind != "movie" or self._lists_versions:
            return True
        answer = await self.client.request("GET", f"/Items/{key.id}/Ancestors", allow=(404, 500))
        return answer.status == 404 and not answer.is_html

    async def _read_libraries(self) -> tuple[Library, ...]:
        self._libraries = await read_libraries(self.client, self.config.libraries)
        return self._libraries

    @staticmethod
    async def _page(records: Sequence[Record], libraries: Sequence[Library], shows: Shows) -> Page:
        theirs = await shows.of(records)
        return Page.of(item_of(record, libraries, theirs) for record in records)

    def _check_scope(self, item: Item) -> None:
        if item.key.kind == "season" and item.path is None:
            raise Refused(f"Jellyfin: {item.key} has no folder, so nobody knows what would be deleted")
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
