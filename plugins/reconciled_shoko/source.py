"""A Shoko as a source.

**Absence** is Shoko's own 404, in its words, about that very series or file, while it is started
(see `connection`). A season is absent when its series is, or when the series counts other episodes,
none of which is hidden, and none of it.

**Deleting** a series or a file can leave the files or take them, and needs an administrator's key. A
season cannot be deleted, nor a series with a file that belongs to another one too.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from typing import ClassVar

from reconciled.errors import BadEvent, BadResponse, Refused, Unauthorized, Unreachable, Unsupported
from reconciled.http import Call, Params, hub
from reconciled.model import About, Absent, Answer, Event, Item, Key, Op, Page, Ref
from reconciled.source import Connected, Context, Deletion, Hook, Matter, Source
from reconciled_shoko.config import ShokoConfig
from reconciled_shoko.connection import API, Connection, said
from reconciled_shoko.events import FEEDS, read_call
from reconciled_shoko.examining import examine, listens_at_all
from reconciled_shoko.items import file_item, season_answer, season_items, series_item
from reconciled_shoko.listing import SHOWN, all_files, all_series
from reconciled_shoko.payloads import File, Listed, Series, User
from reconciled_shoko.roots import Roots, paths_of, read_folders, read_states, summary
from reconciled_shoko.sight import Sight

HUB = "/signalr/aggregate"
NO_SERIES = "No Series entry for the given seriesID"
NO_FILE = "No File entry for the given fileID"
NO_SERIES_OF_ANIDB = "No Series entry for the given anidbID"
NO_FILE_OF_HASH = "No File entry for the given hash and file size"
_LARGEST_ID = 2**31 - 1


class Shoko(Source[ShokoConfig]):
    """One Shoko."""

    app: ClassVar[str] = "shoko"
    kinds: ClassVar[tuple[str, ...]] = ("series", "season", "file")
    Config: ClassVar = ShokoConfig
    paged: ClassVar[bool] = True
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=False), Deletion(files=True)})

    def __init__(self, config: ShokoConfig, context: Context) -> None:
        super().__init__(config, context)
        key = config.api_key.get_secret_value()
        self.client = context.http.at(
            config.url, headers={"apikey": key}, secrets=(key,), timeout=config.timeout
        )
        self.connection = Connection(self.client, context.clock)
        self.acts_within = config.act_timeout
        self._odd = set[str]()
        self._sight = Sight(context.store, context.clock)
        self._roots: Roots | None = None

    async def probe(self) -> About:
        """Who answers, who we are there, and the folders. May wake disks."""
        word = await self.connection.running()
        user = await self.connection.read("/User/Current", User)
        folders = await read_folders(self.connection, modern=word.modern)
        states = await read_states(self.connection, folders, modern=word.modern)
        await self.connection.still(word)
        self._roots = Roots(paths_of(folders), states)
        roots = await summary(folders, states, whole=self._roots.whole, store=self.context.store)
        return About(
            app="Shoko",
            version=word.version,
            account=user.username,
            sees_everything=not user.restricted_tags,
            roots=roots,
        )

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """All series with their seasons, then all files; only while Shoko is started."""
        self._check_kinds(kinds)
        await self.connection.running()
        roots, count = await self._known_roots(), 0
        if kinds & {"series", "season"}:
            async for records in all_series(self.connection):
                items = [item for one in records for item in _of_series(one, roots) if item.key.kind in kinds]
                count += len(items)
                yield Page.of(items)
        if "file" in kinds:
            look = await self._sight.begin()
            async for files in all_files(self.connection):
                count += len(files)
                yield Page.of(file_item(one, roots, has_file=look.has_file(one)) for one in files)
            await self._sight.end(look)
        await self.connection.running()
        yield Page((), complete=True, total=count)

    async def lookup(self, key: Key) -> Answer:
        """This very series, season or file, or `Absent`."""
        number, season = self._number(key)
        if key.kind == "file":
            return await self._file(f"/File/{number}", number, no=NO_FILE)
        before = await self.connection.lately()
        found = await self._series(f"/Series/{number}", no=NO_SERIES)
        if isinstance(found, Absent):
            return found
        if found.ids.id != number:
            raise BadResponse(f"Shoko: asked for series {number}, the answer is about {found.ids.id}")
        roots = await self._known_roots()
        answer = series_item(found, roots) if season is None else season_answer(found, season, roots)
        if isinstance(answer, Absent) or answer.has_file is False:
            await self.connection.still(before)
        return answer

    async def find(self, ref: Ref) -> Sequence[Item]:
        """The series of an AniDB id, or the file of an ED2K hash and size; by nothing else."""
        match ref.space, *ref.value.partition("-"):
            case "anidb", value, "", "" if _is_number(value):
                series = await self._series(f"/Series/AniDB/{value}/Series", no=NO_SERIES_OF_ANIDB)
                roots = await self._known_roots()
                found: Answer = series if isinstance(series, Absent) else series_item(series, roots)
            case "ed2k", hash_, "-", size if _is_hash(hash_) and _is_number(size):
                params = {"hash": hash_.upper(), "size": size}
                found = await self._file("/File/Hash/ED2K", None, no=NO_FILE_OF_HASH, **params)
            case _:
                raise Unsupported(f"Shoko finds by anidb and ed2k, not by {ref}")
        if isinstance(found, Item) and ref not in found.refs:
            raise BadResponse(f"Shoko: asked for {ref}, the answer is about {found.key}")
        return [found] if isinstance(found, Item) else []

    async def delete(self, key: Key, how: Deletion) -> None:
        """Delete the record, and its files if so asked. Refused when the key's user is no administrator."""
        number, season = self._number(key)
        if how not in self.options or season is not None:
            raise Unsupported("Shoko deletes a series or a file, and has no list of exclusions")
        try:
            async with asyncio.timeout(self.acts_within):
                await self._delete(key, number, files=how.files)
        except TimeoutError:
            raise Unreachable(
                f"Shoko: {key} was not deleted after {self.acts_within:g} s, "
                "so nobody knows whether it will be"
            ) from None

    async def listen(self) -> AsyncGenerator[Event | Connected, None]:
        """What the hub tells. Unsupported when the config or Shoko's settings switch it off."""
        if not self.config.stream:
            raise Unsupported("its stream is switched off (stream: false)")
        connected = False
        try:
            async with hub(self.client, HUB, params={"feeds": FEEDS}) as calls:
                connected = True
                yield Connected()
                async for call in calls:
                    for event in self._heard(call):
                        yield event
        except BadResponse:
            if connected or await listens_at_all(self.connection):
                raise
            raise Unsupported("SignalR is switched off in Shoko's settings (Web: EnableSignalR)") from None

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:  # noqa: ARG002
        """Whether it runs, tells, shows all, and may be changed; it sends no webhooks."""
        about = await self.probe()
        return await examine(self.connection, about, hub_at=HUB if self.config.stream else None)

    def _heard(self, call: Call) -> Sequence[Event]:
        """The events of a call; of one that cannot be read, that all is to be read again.

        Each kind of odd call is logged once: a Shoko that changed its words says them all day.
        """
        try:
            return read_call(call)
        except BadEvent as error:
            level = logging.DEBUG if call.target in self._odd else logging.WARNING
            self._odd.add(call.target)
            self.context.log.log(level, "%s: %s", self.context.name, error)
            return [Event(Op.SCAN, reason="an event that could not be read")]

    async def _series(self, path: str, *, no: str) -> Series | Absent:
        answer = await self.connection.about(path, no=no)
        return answer if isinstance(answer, Absent) else await self.client.decode(Series, answer)

    async def _file(self, path: str, number: int | None, *, no: str, **params: str) -> Answer:
        answer = await self.connection.about(path, no=no, params={"include": SHOWN, **params})
        if isinstance(answer, Absent):
            return answer
        record = await self.client.decode(File, answer)
        if number is not None and record.id != number:
            raise BadResponse(f"{answer.where}: asked for {number}, the answer is about {record.id}")
        return file_item(record, await self._known_roots(), has_file=await self._sight.note(record))

    async def _delete(self, key: Key, number: int, *, files: bool) -> None:
        word = await self.connection.running()
        found = await self.lookup(key)
        if isinstance(found, Absent):
            return
        if key.kind == "series":
            await self._check_alone(number, some=bool(found.attrs["files"]))
        path, no, params = _deletion(key, number, files=files)
        answer = await self.client.request(
            "DELETE", f"{API}{path}", params=params, allow=(403, 404), timeout=self.acts_within, expect="any"
        )
        if answer.status == 403:
            raise self._not_allowed(answer.is_html, answer.where)
        if answer.status == 404:
            await self.connection.absent(answer, no=no, before=word)
        elif answer.is_html or not _is_plain_yes(answer.body):
            raise BadResponse(f"{answer.where}: {said(answer) or 'an answer'} is not Shoko's yes")

    async def _check_alone(self, number: int, *, some: bool) -> None:
        """Refused for a series with a file that is another's as well: Shoko takes it from both.

        So it does when the files are to be left: the disk keeps them, its records of them go. BadResponse
        when the list cannot be whole; `some`: there are any.
        """
        path = f"/Series/{number}/File"
        asked: Params = {"pageSize": 0, "include": "XRefs,Ignored"}
        files = await self.connection.read(path, Listed[File], params=asked)
        whole = len(files.items) >= files.total and bool(files.items) >= some
        if not whole or any(file.series is None for file in files.items):
            raise BadResponse(f"Shoko: {path} does not tell whose every file is; nothing was deleted")
        owners = {one.series.id for file in files.items for one in file.series or () if one.series}
        if others := sorted(one for one in owners if one and one != number):
            raise Refused(
                f"Shoko: files of series {number} belong to series {', '.join(map(str, others))} too, which "
                "would lose them with it; nothing was deleted"
            )

    @staticmethod
    def _not_allowed(by_a_page: bool, where: str) -> Refused | Unauthorized:
        if by_a_page:
            return Unauthorized(f"{where}: 403 with a web page; a proxy in between?")
        return Refused(f"{where}: 403; only the key of an administrator may delete")

    async def _known_roots(self) -> Roots:
        """The folders as the last probe saw them; before the first one their paths alone."""
        if self._roots is None:
            word = await self.connection.lately()
            known = Roots(paths_of(await read_folders(self.connection, modern=word.modern)))
            await self.connection.still(word)
            if self._roots is None:  # no probe came meanwhile, which knows more
                self._roots = known
        return self._roots

    def _number(self, key: Key) -> tuple[int, int | None]:
        """The id in a key, and the season's number. What is none would ask for something else."""
        self._check_kinds(frozenset({key.kind}))
        number, slash, season = key.id.partition("/")
        good = season in ("0", "1") if key.kind == "season" else not slash
        if not (good and _is_number(number) and int(number) <= _LARGEST_ID):
            raise Unsupported(f"{key.id[:100]!r} is no {key.kind} of Shoko")
        return int(number), int(season) if slash else None

    def _check_kinds(self, kinds: frozenset[str]) -> None:
        if other := kinds - set(self.kinds):
            raise Unsupported(f"Shoko has no {', '.join(sorted(other))} here")


def _of_series(record: Series, roots: Roots) -> Iterator[Item]:
    yield series_item(record, roots)
    yield from season_items(record, roots)


def _deletion(key: Key, number: int, *, files: bool) -> tuple[str, str, Mapping[str, bool]]:
    """The path of a DELETE, Shoko's words when there is no such thing, and the parameters.

    Each is said, since Shoko's own defaults differ: a file goes from the disk, a series does not.
    """
    if key.kind == "file":
        return f"/File/{number}", NO_FILE, {"removeFiles": files, "removeFolder": files}
    return f"/Series/{number}", NO_SERIES, {"deleteFiles": files, "completelyRemove": False}


def _is_plain_yes(body: bytes) -> bool:
    """Whether a 200 is Shoko's, which says nothing beside it."""
    return not body.strip()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and text[0] != "0" and len(text) < 20


def _is_hash(text: str) -> bool:
    return len(text) == 32 and text.isascii() and text.isalnum()
