"""`ServarrFake`: what happens to the disks and the database of a fake Radarr or Sonarr, and its other events.

What the app announces to nobody (a restored backup, another database) is a plain method.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from reconciled.testing.fakes.servarr_adding import ServarrAdding
from reconciled.testing.fakes.servarr_model import EntryT, RootFolder, State
from reconciled.testing.fakes.titles import Work


class ServarrFake(ServarrAdding[EntryT]):
    """A fake Radarr or Sonarr, whole."""

    @abstractmethod
    def other_works(self, count: int, seed: int) -> Sequence[Work]:
        """Works of this app's kind for another instance's library."""

    # disks

    async def root_vanishes(self, path: str, *, notify: bool = True) -> None:
        """The root folder is not there any more (unmounted, directory gone): no file is marked."""
        root = self.root(path)
        root.accessible = root.mounted = False
        await self._root_trouble(root, notify=notify)

    async def root_emptied(self, path: str, *, marks: bool = True, notify: bool = True) -> None:
        """The directory is there, but not the disk.

        With `marks`, something else still lies in it, so that the app's guard does not hold: every file
        below is lost as missingFromDisk. Without, it is wholly empty and the app marks nothing.
        """
        root = self.root(path)
        root.mounted, root.empty = False, not marks
        if not marks:
            return
        below = [e for e in self.state.entries.values() if e.root == path]
        self.state.lost[path] = [e.clone() for e in below]
        for entry in below:
            for file in list(entry.files()):
                await self.delete_file(entry.id, file_id=file.id, reason="missingFromDisk", notify=notify)

    async def root_returns(self, path: str, *, notify: bool = True) -> None:
        """Undo both: the disk is back, and a rescan finds the files again."""
        root = self.root(path)
        root.accessible, root.mounted, root.empty = True, True, False
        for before in self.state.lost.pop(path, []):
            if before.id in self.state.entries:
                self.state.entries[before.id] = before
                self.changed(before.id)
        known = [h for h in self.state.health if h["message"].endswith(path)]
        self.state.health = [h for h in self.state.health if h not in known]
        if notify:
            for each in known:
                await self.health_restored(each["message"])

    async def _root_trouble(self, root: RootFolder, *, notify: bool) -> None:
        message = f"Missing root folder: {root.path}"
        wiki = f"https://wiki.servarr.com/{self.app_name.lower()}/system#missing-root-folder"
        problem = {"source": "RootFolderCheck", "type": "error", "message": message, "wikiUrl": wiki}
        self.state.health.append({"id": len(self.state.health) + 1, **problem})
        if notify:
            await self.health(message)

    # databases: announced to nobody

    def snapshot_state(self) -> State[EntryT]:
        """A copy of all that the database and the disks hold."""
        return self.state.clone()

    def restore_state(self, before: State[EntryT]) -> None:
        """Put a copy back (a restored backup, whole). The app restarts for it."""
        self.state = before.clone()
        self._restarted()

    def restore_backup(self, *, drop_newest: int) -> Sequence[EntryT]:
        """Restore an older database: the newest entries are gone, later ones take over their ids."""
        newest = sorted(self.state.entries)[len(self.state.entries) - drop_newest :]
        gone = [self.remove(i) for i in newest]
        self.state.next_id = max(self.state.entries, default=0) + 1
        self._restarted()
        return gone

    def empty_database(self) -> State[EntryT]:
        """Start over with a new database under the same key. Returns the old one, for `restore_state`."""
        before = self.state
        self.state = State()
        self._restarted()
        return before

    def replace_with_other_instance(self, *, seed: int = 99, count: int | None = None) -> State[EntryT]:
        """Another household's library under overlapping ids. Returns the old one, for `restore_state`."""
        before = self.state
        self.state = State(roots=[replace(r) for r in before.roots])
        for work in self.other_works(len(before.entries) if count is None else count, seed):
            self.put(work)
        self._restarted()
        return before

    def _restarted(self) -> None:
        self.started_at = max(self.now(), self.started_at + timedelta(seconds=1))
        self.changed()

    # further events

    async def send_test(self) -> None:
        """Test, as the button in the settings sends it."""
        await self.tell("Test", self.bodies.test())

    async def grab(self, entry_id: int) -> None:
        """Grab."""
        entry = self.state.entries[entry_id]
        await self.tell("Grab", self.bodies.grab(entry, self.labels(entry)))

    async def manual_interaction(self, entry_id: int) -> None:
        """ManualInteractionRequired."""
        entry = self.state.entries[entry_id]
        await self.tell("ManualInteractionRequired", self.bodies.manual(entry, self.labels(entry)))

    async def health(self, message: str, *, check: str = "RootFolderCheck") -> None:
        """Health."""
        await self.tell("Health", self._health_body(message, check))

    async def health_restored(self, message: str, *, check: str = "RootFolderCheck") -> None:
        """HealthRestored, with the level and message of before."""
        await self.tell("HealthRestored", self._health_body(message, check))

    async def application_update(self, to: str) -> None:
        """ApplicationUpdate; the app runs the new version from now on."""
        before, self.version = self.version, to
        said = f"{self.app_name} updated from {before} to {to}"
        self._restarted()
        await self.tell("ApplicationUpdate", {"message": said, "previousVersion": before, "newVersion": to})

    def _health_body(self, message: str, check: str) -> dict[str, Any]:
        wiki = f"https://wiki.servarr.com/{self.app_name.lower()}/system#missing-root-folder"
        return {"level": "error", "message": message, "type": check, "wikiUrl": wiki}
