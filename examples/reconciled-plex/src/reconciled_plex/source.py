"""A Plex Media Server as a source.

**Absence** is Plex's own answer to a question for these very ids: the others come and this one does
not, or, when none of them is there, a 404 with its mark; each from the server that the last probe
saw. That a listing lacks an item says nothing.

Plex is only read: its DELETE takes the files from the disk, and what is in it follows the disk anyway.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar

from reconciled.errors import BadResponse, Unsupported
from reconciled.model import About, Absent, Answer, Event, Key, Page, Root
from reconciled.source import Connected, Context, Hook, Matter, Source

from reconciled_plex.config import PlexConfig
from reconciled_plex.connection import Connection
from reconciled_plex.examining import examine, is_owner
from reconciled_plex.items import KINDS, item_of
from reconciled_plex.listing import read_sections, walk
from reconciled_plex.payloads import Record, Records, Section
from reconciled_plex.stream import Known, follow


class Plex(Source[PlexConfig]):
    """One server."""

    app: ClassVar[str] = "plex"
    kinds: ClassVar[tuple[str, ...]] = ("movie", "series")
    Config: ClassVar = PlexConfig
    paged: ClassVar[bool] = True
    batch: int = 100

    def __init__(self, config: PlexConfig, context: Context) -> None:
        super().__init__(config, context)
        self.connection = Connection(config, context.http)
        self._sections: tuple[Section, ...] | None = None
        self._known = Known()

    # what every source can do

    async def probe(self) -> About:
        """Which server answers, its libraries, and whether it goes through one of them just now."""
        identity = await self.connection.introduce()
        sections = await self._read_sections()
        folders = sorted({location.path for section in sections for location in section.locations})
        return About(
            app="Plex",
            version=identity.version,
            instance=identity.machine_identifier,
            sees_everything=await is_owner(self.connection),
            roots=tuple(map(Root, folders)),
            busy=any(section.refreshing for section in sections),
        )

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """Every library in scope; an id that comes twice is handed on once."""
        self._check_kinds(kinds)
        sections = await self._read_sections()
        seen: dict[str, Key] = {}
        for section in (one for one in sections if KINDS[one.type] in kinds):
            async for records in walk(self.connection, section):
                items = [item_of(one, sections) for one in records if one.rating_key not in seen]
                seen |= {item.key.id: item.key for item in items}
                yield Page.of(items)
        if kinds >= (self.context.kinds or {*self.kinds}):
            self._known.walked(seen.values())
        yield Page((), complete=True, total=len(seen))

    async def lookup(self, key: Key) -> Answer:
        """This very item, or `Absent`."""
        return (await self.lookup_many([key]))[key]

    # what else this one can do

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        """These items, at most `batch`, by one question."""
        asked = {self._id(key): key for key in keys}
        if len(asked) > self.batch:
            raise Unsupported(f"{len(asked)} items at once; {self.batch} are asked for at most")
        sections = self._sections if self._sections is not None else await self._read_sections()
        records = await self._records([*asked])
        if len(records) < len(asked):
            await self.connection.check()
        said = Absent(f"asked for by its id, {self.connection.program} has no such item")
        answers: dict[Key, Answer] = dict.fromkeys(asked.values(), said)
        for record in records:
            key = asked.get(record.rating_key)
            if key is None or KINDS.get(record.type) != key.kind:
                raise BadResponse(
                    f"{self.config.url}: the answer is about {record.type} {record.rating_key}, "
                    "which was not asked for"
                )
            answers[key] = item_of(record, sections)
            self._known.saw(key)
        return answers

    def listen(self) -> AsyncIterator[Event | Connected]:
        """Follow Plex's notifications."""
        return follow(self.connection.client, self._known, self._scope, wanted=self.config.stream)

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:  # it takes no webhooks
        """Whether the token sees all, and whether Plex forgets by itself."""
        await self.connection.introduce()
        return await examine(self.connection, await self._read_sections())

    # how it is asked

    async def _records(self, ids: list[str]) -> Sequence[Record]:
        """The records under these ids; those that there are."""
        if not ids:
            return ()
        answer = await self.connection.ask(
            f"/library/metadata/{','.join(ids)}", params={"includeGuids": 1}, allow=(404,)
        )
        if answer.status == 404:
            return ()
        found = await self.connection.decode(Records, answer)
        if found.size != len(found.metadata):
            raise BadResponse(
                f"{answer.where}: {len(found.metadata)} items, where there should be {found.size}"
            )
        return found.metadata

    async def _read_sections(self) -> tuple[Section, ...]:
        self._sections = await read_sections(self.connection, self.config.libraries)
        return self._sections

    def _scope(self) -> frozenset[str] | None:
        """The keys of the libraries that the config names; None when it names none."""
        if self.config.libraries is None or self._sections is None:
            return None
        return frozenset(section.key for section in self._sections)

    def _check_kinds(self, kinds: frozenset[str]) -> None:
        if other := kinds - {*self.kinds}:
            raise Unsupported(f"Plex has no {', '.join(sorted(other))} here")

    def _id(self, key: Key) -> str:
        """The id. What is none would be another question, and its absence mean nothing."""
        self._check_kinds(frozenset({key.kind}))
        if not (key.id.isascii() and key.id.isdigit() and key.id[0] != "0" and len(key.id) <= 18):
            raise Unsupported(f"{key.id[:100]!r} is no id of Plex")
        return key.id
