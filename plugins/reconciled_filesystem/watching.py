"""What happens in the folders, while it happens, told by the kernel (inotify) through watchfiles.

A file that goes is told as deleted, by someone else than an app. A folder that goes (or is moved
away) takes files with it that nobody names one by one: all is read again then. What came and went
between two walks was never an item, and is not told.

Setting up a watch reads the whole tree, so all of it happens in a thread. A watch stays with what
was mounted when it began: when that changes it is ended, to be begun anew.
"""

import asyncio
import stat
import threading
from collections.abc import AsyncIterator, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import watchfiles
from watchfiles import Change

from reconciled.errors import Unreachable
from reconciled.model import Event, Key, Op
from reconciled.source import Connected
from reconciled_filesystem.config import Folder
from reconciled_filesystem.ground import standing
from reconciled_filesystem.items import KIND
from reconciled_filesystem.spelling import spell

Batch: TypeAlias = set[tuple[Change, str]]

MANY = 5000
"""From so many changes at once on, reading everything again is cheaper, and says more."""
_TURN = 1000


class Watcher:
    """Follows folders. `listed` has the folders that were walked, `fresh` the files seen since."""

    def __init__(self, folders: Sequence[Folder], threads: ThreadPoolExecutor, *, turn: int = _TURN) -> None:
        self._folders = folders
        self._threads = threads
        self._turn = turn
        self.listed: set[str] = set()
        self.fresh: set[str] = set()
        self._other: set[str] = set()
        """What is, or was when it was last seen, no file: a folder, a link."""

    async def follow(self) -> AsyncIterator[Event | Connected]:
        """`Connected` when the kernel watches, then events. Unreachable at its end."""
        top, stop = self._folders[0].path, threading.Event()
        turns = self._turns(stop)
        connected = False
        try:
            while True:
                turn = await asyncio.get_running_loop().run_in_executor(self._threads, next, turns, None)
                if turn is None:
                    raise Unreachable(f"{top}: the watch ended; what is mounted there may have changed")
                if not connected:
                    connected = True
                    yield Connected()
                batch, no_files = turn
                self._other |= no_files
                for event in self.read({one for one in batch if one[1] not in no_files}):
                    yield event
        except OSError as error:
            raise Unreachable(
                f"{top}: it cannot be watched ({error}); are there enough watches "
                "(fs.inotify.max_user_watches)?"
            ) from error
        except RuntimeError as error:  # what the watcher raises for a folder that is not there
            raise Unreachable(f"{top}: it cannot be watched ({error})") from error
        finally:
            stop.set()
            with suppress(ValueError):  # a turn is under way in its thread, and ends by itself
                turns.close()

    def _turns(self, stop: threading.Event) -> Generator[tuple[Batch, set[str]], None, None]:
        """Changes, and which of them are of no file, until the ground is another. Blocking."""
        before = standing(self._folders)
        changing = watchfiles.watch(
            *(folder.path for folder in self._folders), watch_filter=None, debounce=400, recursive=True,
            rust_timeout=self._turn, yield_on_timeout=True, stop_event=stop, raise_interrupt=False,
            ignore_permission_denied=True,
        )  # fmt: skip
        for batch in changing:
            shown = {path for change, path in batch if change is not Change.deleted}
            yield batch, {path for path in shown if not _is_file(path)}
            if standing(self._folders) != before:
                return

    def read(self, batch: Batch) -> list[Event]:
        """What a batch of changes means."""
        if len(batch) > MANY:
            return [Event(Op.SCAN, reason=f"{len(batch)} changes at once")]
        events: list[Event] = []
        for change, path in sorted(batch, key=lambda one: one[1]):
            if change is Change.deleted and path in self.listed:
                return [Event(Op.SCAN, reason=f"the folder {spell(path)} is gone")]
            if path in self._other:  # whatever stood there; from now on it may be a file
                self._other.discard(path)
                if change is Change.deleted:
                    continue
            if self._counts(path):
                events.append(self._event(change, path))
        return events

    def walked(self, folders: set[str]) -> None:
        """What a whole walk has entered. A folder that it found gone was told by it, and is no file."""
        self.listed, self._other = folders, (self.listed | self._other) - folders

    def _event(self, change: Change, path: str) -> Event:
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
        return folder.counts(path[len(folder.path) + 1 :])


def _is_file(path: str) -> bool:
    """Whether it is worth a look: a folder or a link is no item, whatever happens to it. Blocking."""
    try:
        return stat.S_ISREG(Path(path).lstat().st_mode)
    except OSError:
        return True  # gone again, or nobody knows: a look will tell
