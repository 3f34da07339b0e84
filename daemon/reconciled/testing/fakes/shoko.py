"""`FakeShoko`: Shoko 5.3 or 6.0 with its event hub.

`put_…` and the disk's own accidents tell nobody; what people do in Shoko is told over the hub, in the
words of the version, before it is done. Shoko sends no webhooks.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from reconciled.testing.fakes import shoko_bodies as bodies
from reconciled.testing.fakes.shoko_http import ShokoHttp, feeds_of
from reconciled.testing.fakes.shoko_model import EpisodeKind, File, Folder, Location, Series, ShokoState
from reconciled.testing.fakes.titles import Work

_OLD = {
    "file:deleted": "ShokoEvent:FileDeleted",
    "file:hashed": "ShokoEvent:FileHashed",
    "file:relocated": "ShokoEvent:FileMoved",
    "metadata:series.added": "ShokoEvent:SeriesUpdated",
    "metadata:series.removed": "ShokoEvent:SeriesUpdated",
    "metadata:series.updated": "ShokoEvent:SeriesUpdated",
}


class FakeShoko(ShokoHttp):
    """A Shoko with the folder Anime on `/anime`, its own disk."""

    def __init__(
        self,
        *,
        version: str = "5.3.3",
        port: int = 0,
        api_key: str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        url_base: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """`version` below 6 plays 5.3, else 6.0. As `Fake` else."""
        super().__init__(version=version, port=port, api_key=api_key, url_base=url_base, now=now)
        self._last = {"folder": 0, "series": 56, "file": 1233, "place": 1300}
        self.put_folder("Anime", "/anime")

    # what there is, told to nobody

    def put_folder(self, name: str, path: str, *, drop: str = "Destination") -> Folder:
        """Add a managed folder on a disk of its own."""
        folder = Folder(self._next("folder"), name, path, drop)
        self.state.folders[folder.id] = folder
        return folder

    def put_series(
        self,
        work: Work,
        *,
        episodes: int = 2,
        specials: int = 0,
        total: int | None = None,
        folder: int = 1,
        **more: Any,
    ) -> Series:
        """Add a series with a file for so many of its episodes. `total`: that there are; `more`: ids."""
        ids: dict[str, Any] = {"shows": (work.tmdb,), "tvdb": (work.tvdb,) if work.tvdb else ()}
        ids["imdb"] = (work.imdb,) if work.imdb else ()
        number = self._next("series")
        of = {"Episodes": max(episodes, total or 0), "Specials": specials}
        one = Series(number, 10_000 + number, work.title, **(ids | {"episodes": of} | more))
        self.state.series[one.id] = one
        for kind, count in (("Episodes", episodes), ("Specials", specials)):
            for episode in range(1, count + 1):
                self.put_file(one, number=episode, kind=kind, folder=folder)  # type: ignore[arg-type]
        return one

    def put_file(
        self,
        series: Series | None = None,
        *,
        number: int = 1,
        kind: EpisodeKind = "Episodes",
        folder: int = 1,
        **more: Any,
    ) -> File:
        """Add a file, of an episode or of none. `more`: ignored, limbo."""
        ident = self._next("file")
        home = series.name.replace("/", "-").replace(":", " -") if series else "unsorted"
        path = f"{home}/{kind[:1]}{number:02} [{ident}].mkv"
        place = Location(self._next("place"), folder, path)
        one = File(ident, 1_400_000_000 + ident, [place], series.id if series else None, kind, number, **more)
        self.state.files[one.id] = one
        return one

    def put_place(self, number: int, *, folder: int) -> Location:
        """The same file at another place too."""
        file = self.state.files[number]
        place = Location(self._next("place"), folder, f"copies/{file.id}.mkv")
        file.locations.append(place)
        return place

    def files_of(self, series: int) -> list[File]:
        """The files of a series."""
        return [one for one in self.state.files.values() if series in one.owners]

    # disks

    def remove_from_disk(self, number: int) -> None:
        """Somebody deletes the file from the disk, at all its places; Shoko is told nothing."""
        for place in self.state.files[number].locations:
            place.on_disk = False

    def unmount(self, folder: int = 1, how: Literal["empty", "missing"] = "empty") -> None:
        """The disk of a folder is away: an empty mount point is left, or not even that."""
        self.state.folders[folder].mounted = False
        self.state.folders[folder].present = how != "missing"

    def mount(self, folder: int = 1) -> None:
        """The disk is back."""
        self.state.folders[folder].mounted = self.state.folders[folder].present = True

    # what people do

    async def add_series(self, work: Work, *, episodes: int = 2) -> Series:
        """A series is imported."""
        one = self.put_series(work, episodes=episodes)
        await self._tell("metadata:series.added", bodies.told_series(one, source="Shoko", reason="Added"))
        for file in self.files_of(one.id):
            await self._tell_file("file:hashed", file)
        return one

    async def delete_file(self, number: int, *, from_disk: bool = True) -> None:
        """Delete a file, from the disk or from the database alone: an event a place, then it is done."""
        file = self.state.files[number]
        await self._tell_file("file:deleted", file)
        if from_disk:
            self.remove_from_disk(number)
        del self.state.files[number]

    async def delete_place(self, number: int, place: int) -> None:
        """Delete one place of a file; the file goes with its last one."""
        file = self.state.files[number]
        (gone,) = (one for one in file.locations if one.id == place)
        await self._tell_place("file:deleted", file, gone)
        file.locations.remove(gone)
        if not file.locations:
            del self.state.files[number]

    async def delete_series(self, number: int, *, files: bool = False) -> None:
        """Delete a series. 6.0 goes through its files once an episode, and tells of each every time."""
        one = self.state.series[number]
        own = self.files_of(number)
        rounds = max(1, len(own)) if self.modern else 1
        for _ in range(rounds if files else 0):
            for file in own:
                await self._tell_file("file:deleted", file)
        del self.state.series[number]
        for file in own:
            if files:
                self.remove_from_disk(file.id)
                del self.state.files[file.id]
            else:
                file.series = None
        await self._tell("metadata:series.removed", bodies.told_series(one, source="Shoko", reason="Removed"))

    async def move_file(self, number: int, path: str) -> None:
        """Move or rename a file within its folder."""
        file = self.state.files[number]
        before, file.locations[0].path = file.locations[0].path, path
        await self._tell_file("file:relocated", file, Moved=True, PreviousRelativePath=f"/{before}")

    async def refresh_series(self, number: int, *, source: str = "AniDB", reason: str = "Updated") -> None:
        """A provider changed its data about a series, or dropped it; Shoko's own stays."""
        told = bodies.told_series(self.state.series[number], source=source, reason=reason)
        await self._tell(f"metadata:series.{reason.lower()}", told)

    async def remove_missing_files(self) -> None:
        """The button *Remove Missing Files*: every place that cannot be read goes, mounted or not."""
        for file in [*self.state.files.values()]:
            for place in [one for one in file.locations if not self.state.readable(one)]:
                await self.delete_place(file.id, place.id)

    async def scan_folder(self, folder: int = 1) -> None:
        """6.0 drops what is missing in a folder, unless it finds no file there at all; 5.3 drops nothing."""
        if not self.modern or not self.state.on_disk(folder):
            return
        for file in [*self.state.files.values()]:
            for place in [
                one for one in file.locations if one.folder == folder and not self.state.readable(one)
            ]:
                await self.delete_place(file.id, place.id)

    async def remove_folder(self, folder: int) -> None:
        """Stop managing a folder; its files go from the database without a word about each."""
        del self.state.folders[folder]
        for file in [*self.state.files.values()]:
            file.locations = [place for place in file.locations if place.folder != folder]
            if not file.locations:
                del self.state.files[file.id]
        if self.modern:
            await self._tell("managedfolder:removed", {"FolderID": folder})

    # servers

    def set_signalr(self, on: bool) -> None:
        """6.0 can be told not to have a hub."""
        self.signalr = on
        self.hub.refusing = None if on else 404

    def snapshot_state(self) -> ShokoState:
        """A copy of all that the server holds."""
        return self.state.clone()

    def restore_state(self, before: ShokoState) -> None:
        """Put a copy back."""
        self.state = before.clone()

    # telling

    async def _tell_file(self, name: str, file: File, **more: Any) -> None:
        for place in file.locations:
            await self._tell_place(name, file, place, **more)

    async def _tell_place(self, name: str, file: File, place: Location, **more: Any) -> None:
        told = bodies.told_file(file, place, self.state, modern=self.modern)
        await self._tell(name, {**more, **told})

    async def _tell(self, name: str, told: dict[str, Any]) -> None:
        """To everybody who asked for that feed; 5.3 has one for all."""
        feed, target = (name.partition(":")[0], name) if self.modern else ("shoko", _OLD[name])
        for client in tuple(self.hub.clients):
            if feed in feeds_of(client):
                await client.send({"type": 1, "target": target, "arguments": [told]})

    def _next(self, what: str) -> int:
        self._last[what] += 1
        return self._last[what]
