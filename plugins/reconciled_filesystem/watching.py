"""What happens in the folders, while it happens, told by the kernel (inotify) through watchfiles.

A file that goes is told as deleted, by someone else than an app. A folder that goes (or is moved
away) takes files with it that nobody names one by one: all is read again then. What came and went
between two walks was never an item, and is not told.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing

import watchfiles
from watchfiles import Change

from reconciled.errors import Unreachable
from reconciled.model import Event, Key, Op
from reconciled.source import Connected
from reconciled_filesystem.config import Folder
from reconciled_filesystem.items import KIND
from reconciled_filesystem.patterns import chosen, left_out
from reconciled_filesystem.spelling import spell

MANY = 5000
"""From so many changes at once on, reading everything again is cheaper, and says more."""
_TURN = 1000


class Watcher:
    """Follows folders. `listed` has the folders that were walked, `fresh` the files seen since."""

    def __init__(self, folders: Sequence[Folder], *, turn: int = _TURN) -> None:
        self._tests: dict[str, Callable[[str], bool]] = {
            folder.path: chosen(folder.patterns, folder.exclude) for folder in folders
        }
        self._folders = folders
        self._turn = turn
        self.listed: set[str] = set()
        self.fresh: set[str] = set()

    async def follow(self) -> AsyncIterator[Event | Connected]:
        """`Connected` when the kernel watches, then events. Unreachable at its end."""
        paths = [folder.path for folder in self._folders]
        try:
            changing = watchfiles.awatch(
                *paths, watch_filter=None, debounce=400, rust_timeout=self._turn,
                yield_on_timeout=True, recursive=True,
            )  # fmt: skip
            async with aclosing(changing) as changes:
                connected = False
                async for batch in changes:
                    if not connected:
                        connected = True
                        yield Connected()
                    for event in self.read(batch):
                        yield event
        except OSError as error:
            raise Unreachable(
                f"{paths[0]}: it cannot be watched ({error}); are there enough watches "
                "(fs.inotify.max_user_watches)?"
            ) from error
        except RuntimeError as error:  # what the watcher raises for a folder that is not there
            raise Unreachable(f"{paths[0]}: it cannot be watched ({error})") from error
        raise Unreachable(f"{paths[0]}: the watch ended")

    def read(self, batch: set[tuple[Change, str]]) -> list[Event]:
        """What a batch of changes means."""
        if len(batch) > MANY:
            return [Event(Op.SCAN, reason=f"{len(batch)} changes at once")]
        events: list[Event] = []
        for change, path in sorted(batch, key=lambda one: one[1]):
            if change is Change.deleted and path in self.listed:
                return [Event(Op.SCAN, reason=f"the folder {spell(path)} is gone")]
            if self._counts(path) and (event := self._event(change, path)) is not None:
                events.append(event)
        return events

    def walked(self, folders: set[str]) -> None:
        """A walk begins to stand for these folders; what is seen from now on is fresh."""
        self.listed = folders

    def _event(self, change: Change, path: str) -> Event | None:
        key = Key(KIND, spell(path))
        if change is not Change.deleted:
            if change is Change.added:
                self.fresh.add(path)
            return Event(Op.CHANGED, key)
        if path in self.fresh:
            self.fresh.discard(path)
            return Event(Op.CHANGED, key)  # never listed: if anybody knows it after all, it is looked at
        return Event(Op.DELETED, key, title=key.id.rpartition("/")[2], reason="on the disk", external=True)

    def _counts(self, path: str) -> bool:
        folder = next((one for one in self._folders if path.startswith(f"{one.path}/")), None)
        if folder is None:
            return False
        relative = path[len(folder.path) + 1 :]
        return (
            relative != folder.marker
            and not left_out(folder.exclude, relative)
            and self._tests[folder.path](relative)
        )
