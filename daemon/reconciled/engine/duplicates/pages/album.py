"""Pictures on our disk, as many as a limit allows; what was not looked at for longest leaves first.

One file a picture, written whole or not at all, named by a hash, so that no id of an app is ever a path. A
file's modification time is when its app last said that it is current, its access time when somebody looked.
What else lies in the folder is left alone; a file of ours that is not whole any more counts as none. Blocks,
so it is called in threads. Everything here can be fetched again: nothing is synced, nothing is missed.
"""

import contextlib
import hashlib
import os
import re
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from reconciled.model import Key

LARGEST = 8 * 2**20
"""Bytes of one picture that is kept."""
_BLOCK = 4096
_HEAD = 8192
_NAME = re.compile(r"[0-9a-f]{32}")
_NEW = ".new"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture. `etag` is its version as the app calls it, `asked` when it last said so, in unix seconds."""

    body: bytes = field(repr=False)
    etag: str | None
    asked: float


class _Head(msgspec.Struct, frozen=True):
    """The first line of a file; the picture follows."""

    size: int
    digest: str
    etag: str | None


class Album:
    """The folder. `most` is how many bytes it may hold, counted in blocks as a disk does; 0: none."""

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder
        self._most = most
        self._lock = threading.Lock()
        self._sizes: OrderedDict[str, int] | None = None
        self._held = 0

    def get(self, name: str) -> Photo | None:
        """The picture, if it is there and whole; it is the last to leave then."""
        with self._lock:
            sizes = self._known()
            try:
                photo = _read(self._folder / name)
            except (OSError, ValueError, msgspec.MsgspecError):
                self._drop(name)
                return None
            if name in sizes:
                sizes.move_to_end(name)
                with contextlib.suppress(OSError):
                    os.utime(self._folder / name, (time.time(), photo.asked))  # as files tell the time
            return photo

    def put(self, name: str, photo: Photo) -> None:
        """Keep it in place of what had that name, and let others go for it. OSError: the disk does not."""
        head = _Head(len(photo.body), digest(photo.body), photo.etag)
        file = msgspec.json.encode(head) + b"\n" + photo.body
        size = _on_disk(len(file))
        with self._lock:
            sizes = self._known()
            if size > self._most or len(photo.body) > LARGEST or len(file) - len(photo.body) > _HEAD:
                self._drop(name)
                return
            self._write(name, file, photo.asked)
            self._held += size - sizes.pop(name, 0)
            sizes[name] = size
            while self._held > self._most:
                self._drop(next(iter(sizes)))

    def confirm(self, name: str, asked: float) -> None:
        """Its app said at that time that it is still current."""
        with self._lock, contextlib.suppress(OSError):
            os.utime(self._folder / name, (time.time(), asked), follow_symlinks=False)

    def drop(self, name: str) -> None:
        """Take it away, if it is there."""
        with self._lock:
            self._known()
            self._drop(name)

    def _known(self) -> OrderedDict[str, int]:
        """What is in the folder, that which was not looked at for longest first; reads it once."""
        if self._sizes is None:
            found = sorted(_files(self._folder))
            self._sizes = OrderedDict((name, size) for _, name, size in found)
            self._held = sum(self._sizes.values())
            while self._held > self._most and self._sizes:
                self._drop(next(iter(self._sizes)))
        return self._sizes

    def _drop(self, name: str) -> None:
        """What cannot go now is found again after the next start."""
        if self._sizes is not None and name in self._sizes:
            self._held -= self._sizes.pop(name)
            with contextlib.suppress(OSError):
                (self._folder / name).unlink()

    def _write(self, name: str, file: bytes, asked: float) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._folder / f"{name}{_NEW}"
        try:
            new.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with os.fdopen(os.open(new, flags, 0o600), "wb") as out:
                out.write(file)
            os.utime(new, (time.time(), asked))
            new.replace(self._folder / name)
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink()
            raise


def name_of(source: str, key: Key, item: int) -> str:
    """The name of an item's picture. `item` is its number in the ledger: another thing has another picture,
    also when an app gives it the same key.
    """
    said = f"{source}\0{key.kind}\0{key.id}\0{item}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def digest(body: bytes) -> str:
    """What names these very bytes: 32 hex digits."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _read(path: Path) -> Photo:
    """A file of ours. OSError, ValueError or MsgspecError when it is not there, not ours or not whole."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST + _HEAD:
            raise ValueError("no file of ours")
        line, _, body = file.read().partition(b"\n")
    head = msgspec.json.decode(line, type=_Head)
    if len(body) != head.size or digest(body) != head.digest:
        raise ValueError("it is not whole")
    return Photo(body, head.etag, about.st_mtime)


def _files(folder: Path) -> Iterator[tuple[float, str, int]]:
    """When each file of ours was looked at last, its name, and its size; half-written ones are taken away."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            stem = entry.name.removesuffix(_NEW)
            if _NAME.fullmatch(stem) is None:
                continue
            with contextlib.suppress(OSError):
                if not entry.is_file(follow_symlinks=False):
                    continue
                if entry.name == stem:
                    about = entry.stat(follow_symlinks=False)
                    yield about.st_atime, stem, _on_disk(about.st_size)
                else:
                    Path(entry.path).unlink()


def _on_disk(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK
