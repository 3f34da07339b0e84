"""Entries and files of a fake Radarr or Sonarr: its DELETE and PUT routes, and operations on one entry.

Operations that the real app would announce are coroutines and send their webhooks before they return,
as the app does (it handles them in the thread of the request), unless `notify=False`. What the app
announces to nobody (a restored backup, another database) is a plain method, and so are `put` and
`remove`, which build libraries quickly.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol, TypeVar

from aiohttp import web

from reconciled.testing.fakes.servarr_answers import answer, body_of, error, indented, stamp
from reconciled.testing.fakes.servarr_http import ServarrHttp
from reconciled.testing.fakes.servarr_model import Edit, Entry, EntryT, HistoryRow, MediaFile
from reconciled.testing.fakes.titles import Work

_HISTORY_REASON = {
    "missingFromDisk": "MissingFromDisk",
    "manual": "Manual",
    "upgrade": "Upgrade",
    "manualOverride": "ManualOverride",
}
_DEFAULTS = {"movieId": 0, "seriesId": 0, "size": 0, "dateAdded": "0001-01-01T00:00:00Z"}
"""What the hub is told of a deleted file beside its id."""


SubjectT = TypeVar("SubjectT", bound=Entry, contravariant=True)


class Bodies(Protocol[SubjectT]):
    """Builds the own fields of each webhook."""

    def added(self, entry: SubjectT, labels: Sequence[str], /) -> dict[str, Any]: ...
    def deleted(self, entry: SubjectT, labels: Sequence[str], /, *, files: bool) -> dict[str, Any]: ...
    def file_deleted(self, entry: SubjectT, file: MediaFile, labels: Sequence[str], /) -> dict[str, Any]: ...
    def download(
        self, entry: SubjectT, new: MediaFile, old: MediaFile | None, /, *, labels: Sequence[str]
    ) -> dict[str, Any]: ...
    def renamed(
        self, entry: SubjectT, old: MediaFile, new: MediaFile, /, *, labels: Sequence[str]
    ) -> dict[str, Any]: ...
    def grab(self, entry: SubjectT, labels: Sequence[str], /) -> dict[str, Any]: ...
    def manual(self, entry: SubjectT, labels: Sequence[str], /) -> dict[str, Any]: ...
    def test(self) -> dict[str, Any]: ...


class ServarrEntries(ServarrHttp[EntryT]):
    """Entries and files of a fake Radarr or Sonarr; `ServarrFake` adds disks, databases and the rest.

    `deletes` counts the DELETEs of each entry that took effect, `edits` lists those of the editor,
    `erased` the folders whose files were to go with their entry. `ever` has each entry that was taken out,
    by its outer id, and `left_on_disk` those whose files stayed, by their folder.
    """

    added_event: ClassVar[str]
    entry_deleted_event: ClassVar[str]
    file_deleted_event: ClassVar[str]
    ids_field: ClassVar[str]
    exclusion_param: ClassVar[str]

    def __init__(self, **options: Any) -> None:
        """`deletes`, `edits` and `erased` keep what was done, whatever database is put back later."""
        super().__init__(**options)
        self.deletes: Counter[int] = Counter()
        self.edits: list[Edit] = []
        self.erased: list[str] = []
        self.ever: dict[int, EntryT] = {}
        self.left_on_disk: dict[str, EntryT] = {}

    @property
    @abstractmethod
    def bodies(self) -> Bodies[EntryT]:
        """The bodies of this app's webhooks."""

    @abstractmethod
    def put(self, work: Work, *, root: str | None = None, has_file: bool = True) -> EntryT:
        """Add an entry at once and tell nobody. `root` is the first root folder unless given."""

    @abstractmethod
    def unknown_entry(self, entry_id: int) -> web.Response:
        """What a DELETE of an unknown entry answers."""

    @abstractmethod
    def exclusion(self, entry: EntryT) -> dict[str, Any]:
        """The import list exclusion of an entry, without its id."""

    # routes

    def api_routes(self, api: str) -> Iterable[web.AbstractRouteDef]:
        """Reading and changing."""
        yield web.put(f"{api}/{self.kind}/editor", self._edit)
        yield web.delete(f"{api}/{self.kind}/editor", self._delete_many)
        yield web.delete(f"{api}/{self.kind}/{{id:\\d+}}", self._delete_entry)
        yield web.delete(f"{api}/{self.file_kind}/{{id:\\d+}}", self._delete_file)
        yield from super().api_routes(api)

    async def _delete_entry(self, request: web.Request) -> web.Response:
        wanted = int(request.match_info["id"])
        if wanted not in self.state.entries:
            return self.unknown_entry(wanted)
        files, exclude = _flag(request, "deleteFiles"), _flag(request, self.exclusion_param)
        self.deletes[wanted] += 1
        await self.delete(wanted, files=files, exclude=exclude)
        return web.Response(status=204 if "/api/v5/" in request.path else 200)

    async def _delete_many(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        ids = body.get(self.ids_field, [])
        if any(i not in self.state.entries for i in ids):
            return _wrong_rows(len(ids), sum(i in self.state.entries for i in ids))
        for each in ids:
            self.deletes[each] += 1
            await self.delete(
                each, files=bool(body.get("deleteFiles")), exclude=bool(body.get(self.exclusion_param))
            )
        return web.Response(status=204) if "/api/v5/" in request.path else answer({})

    async def _edit(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        ids = body.get(self.ids_field, [])
        if any(i not in self.state.entries for i in ids):
            return _wrong_rows(len(ids), sum(i in self.state.entries for i in ids))
        for each in ids:
            entry = self.state.entries[each]
            if body.get("monitored") is not None:
                entry.monitored = bool(body["monitored"])
            if body.get("tags") is not None:
                entry.tags = _tags_after(entry.tags, body["tags"], body.get("applyTags", "add"))
            self.changed(each)
            await self.say_updated(self.state.entries[each])
        change = {name: value for name, value in body.items() if name != self.ids_field}
        self.edits.append(Edit(tuple(ids), change))
        status = 200 if "/api/v5/" in request.path else 202
        return answer([self.record(self.state.entries[i]) for i in ids], status=status)

    async def _delete_file(self, request: web.Request) -> web.Response:
        found = self.find_file(int(request.match_info["id"]))
        if found is None:
            return error(404, f"{self.kind.title()} file not found")
        entry, file = found
        root = self.root(entry.root)
        if not root.accessible or root.empty:
            what = "is empty" if root.accessible else "doesn't exist"
            return error(409, f"{self.kind.title()} root folder ({root.path}) {what}.")
        await self.delete_file(entry.id, file_id=file.id)
        return web.Response(status=204 if "/api/v5/" in request.path else 200)

    # entries

    def remove(self, entry_id: int) -> EntryT:
        """Take an entry out at once and tell nobody; its history goes with it."""
        entry = self.state.entries.pop(entry_id)
        self.ever[self.outer_id(entry)] = entry
        self.state.history = [r for r in self.state.history if r.entry_id != entry_id]
        self.changed(entry_id)
        return entry

    async def delete(
        self, entry_id: int, *, files: bool = True, exclude: bool = False, notify: bool = True
    ) -> EntryT:
        """Delete an entry as a person or a list would: one webhook, none for its files."""
        entry = self.remove(entry_id)
        if exclude:
            self._exclude(entry)
        if files:
            self.erased.append(entry.path)
            self.left_on_disk.pop(entry.path, None)
        else:
            self.left_on_disk[entry.path] = entry
        if notify:
            await self.say(self.kind, "deleted", self.deleted_resource(entry))
            body = self.bodies.deleted(entry, self.labels(entry), files=files)
            await self.tell(self.entry_deleted_event, body)
        return entry

    async def say_updated(self, entry: EntryT) -> None:
        """Tell the hub what an entry is now; its API says of a new one, too, that it was updated."""
        await self.say(self.kind, "updated", self.record(entry))

    def deleted_resource(self, entry: EntryT) -> dict[str, Any]:
        """What the hub is told of a deleted entry: its id, and defaults that look real."""
        return {"id": entry.id, "monitored": True, "tmdbId": 0, "year": 0, "minimumAvailability": "released"}

    def parts_in(self, _entry: EntryT, _file: MediaFile) -> Sequence[dict[str, Any]]:
        """What the hub is told of the episodes in a file; a film has none."""
        return ()

    async def _say_lost(self, file: MediaFile, parts: Sequence[dict[str, Any]]) -> None:
        """A file went: its own message has the id alone, whoever deleted it."""
        await self.say(self.file_kind, "deleted", {"id": file.id, **_DEFAULTS})
        for part in parts:
            await self.say("episode", "updated", {**part, "episodeFileId": 0, "hasFile": False})

    async def _say_came(self, entry: EntryT, file: MediaFile) -> None:
        await self.say(self.file_kind, "updated", self.file_record(entry, file))
        for part in self.parts_in(entry, file):
            await self.say("episode", "updated", {**part, "episodeFileId": file.id, "hasFile": True})
        await self.say_updated(entry)

    async def refresh(self) -> None:
        """A refresh of everything: each entry is said to be updated, and is as it was."""
        for entry in tuple(self.state.entries.values()):
            await self.say_updated(entry)

    def _exclude(self, entry: EntryT) -> None:
        """Keep lists from adding it again; what is excluded already stays as it is."""
        own = self.exclusion(entry)
        if not any(own.items() <= known.items() for known in self.state.exclusions):
            self.state.exclusions.append({"id": len(self.state.exclusions) + 1, **own})

    async def announce(self, entry: EntryT) -> EntryT:
        """Say that an entry was added."""
        await self.say_updated(entry)
        await self.tell(self.added_event, self.bodies.added(entry, self.labels(entry)))
        return entry

    def unmonitor(self, entry_id: int) -> None:
        """Stop monitoring an entry."""
        self.state.entries[entry_id].monitored = False
        self.changed(entry_id)

    def tag(self, entry_id: int, label: str) -> None:
        """Give an entry a tag."""
        entry = self.state.entries[entry_id]
        entry.tags = sorted({*entry.tags, self.tag_id(label)})
        self.changed(entry_id)

    # files

    async def delete_file(
        self, entry_id: int, *, file_id: int | None = None, reason: str = "manual", notify: bool = True
    ) -> MediaFile:
        """Lose a file (the first unless `file_id`), for one of the webhook's reasons (camelCase)."""
        entry = self.state.entries[entry_id]
        file = next(f for f in entry.files() if file_id in (None, f.id))
        body = self.bodies.file_deleted(entry, file, self.labels(entry))
        parts = self.parts_in(entry, file)
        self._lose(entry, file, reason)
        if notify:
            await self._say_lost(file, parts)
            await self.say_updated(entry)
            await self.tell(self.file_deleted_event, {**body, "deleteReason": reason})
        return file

    async def import_file(self, entry_id: int, *, notify: bool = True) -> MediaFile:
        """Import a file for an entry that lacks one."""
        entry = self.state.entries[entry_id]
        file = self.new_file(entry, "Bluray-1080p")
        entry.put_file(None, file)
        self.changed(entry_id)
        if notify:
            await self._say_came(entry, file)
            await self.tell("Download", self.bodies.download(entry, file, None, labels=self.labels(entry)))
        return file

    async def upgrade(self, entry_id: int, *, notify: bool = True) -> MediaFile:
        """Replace a file by a better one: a file deletion for the reason upgrade, then a Download."""
        entry = self.state.entries[entry_id]
        old = entry.files()[0]
        lost = self.bodies.file_deleted(entry, old, self.labels(entry))
        parts = self.parts_in(entry, old)
        self._record_loss(entry, old, "upgrade")
        new = self._better(entry, old)
        entry.put_file(old, new)
        self.changed(entry_id)
        if notify:
            await self._say_lost(old, parts)
            await self.tell(self.file_deleted_event, {**lost, "deleteReason": "upgrade"})
            await self._say_came(entry, new)
            await self.tell("Download", self.bodies.download(entry, new, old, labels=self.labels(entry)))
        return new

    async def rename(self, entry_id: int, name: str | None = None, *, notify: bool = True) -> MediaFile:
        """Rename a file within its folder; its id stays."""
        entry = self.state.entries[entry_id]
        old = entry.files()[0]
        new = replace(old, relative=name or f"Renamed {old.relative.rsplit('/', 1)[-1]}")
        entry.put_file(old, new)
        self.changed(entry_id)
        if notify:
            await self.say_updated(entry)
            await self.tell("Rename", self.bodies.renamed(entry, old, new, labels=self.labels(entry)))
        return new

    def _better(self, entry: EntryT, old: MediaFile) -> MediaFile:
        new = self.new_file(entry, "Bluray-2160p")
        return replace(new, relative=old.relative.replace(old.quality, new.quality), size=old.size * 2)

    def new_file(self, entry: EntryT, quality: str) -> MediaFile:
        """A file with the next free id, not yet put anywhere."""
        number, self.state.next_file = self.state.next_file, self.state.next_file + 1
        size = 4_000_000_000 + entry.work.tmdb * 1_000
        name = f"{entry.work.folder} {quality}.mkv"
        return MediaFile(number, name, size, stamp(self.now()), quality)

    def _lose(self, entry: EntryT, file: MediaFile, reason: str) -> None:
        self._record_loss(entry, file, reason)
        entry.put_file(file, None)
        self.changed(entry.id)

    def _record_loss(self, entry: EntryT, file: MediaFile, reason: str) -> None:
        """Write history, as far as the app does: no row for files without episodes."""
        if (said := _HISTORY_REASON.get(reason)) is None:
            return
        for episode_id in self.episode_ids(entry, file):
            row = HistoryRow(
                id=max((r.id for r in self.state.history[-1:]), default=0) + 1,
                entry_id=entry.id,
                episode_id=episode_id,
                event=self.deleted_event,
                date=stamp(self.now()),
                source_title=entry.full_path(file),
                file=file,
                data={"reason": said, "releaseGroup": "GROUP", "size": str(file.size), "indexerFlags": "0"},
            )
            self.state.history.append(row)

    def episode_ids(self, _entry: EntryT, _file: MediaFile) -> Sequence[int]:
        """The episodes that a file holds, one history row each; films have one row without."""
        return (0,)

    def has_url(self, _event: str) -> bool:
        """Whether this event carries applicationUrl."""
        return True

    async def tell(self, event: str, own: dict[str, Any]) -> None:
        """Send an event: its own fields first, then those that all have."""
        last = {"eventType": event, "instanceName": self.instance_name}
        if self.has_url(event):
            last["applicationUrl"] = ""
        body = indented({**own, **last})
        await self.deliver(event, body, content_type="application/json; charset=utf-8")

    def labels(self, entry: EntryT) -> Sequence[str]:
        """The names of its tags."""
        return [self.state.tags[t] for t in entry.tags if t in self.state.tags]


def _flag(request: web.Request, name: str) -> bool:
    return {k.lower(): v for k, v in request.query.items()}.get(name.lower(), "").lower() == "true"


def _tags_after(before: list[int], given: list[int], how: str) -> list[int]:
    match how:
        case "remove":
            return sorted(set(before) - set(given))
        case "replace":
            return sorted(set(given))
        case _:
            return sorted({*before, *given})


def _wrong_rows(wanted: int, found: int) -> web.Response:
    """500 of both apps when a list of ids names an unknown one; then nothing was done."""
    return error(500, f"Expected query to return {wanted} rows but returned {found}")
