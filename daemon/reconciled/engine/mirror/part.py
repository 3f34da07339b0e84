"""A file that is on its way, on our disk: `<name>.part`, and beside it `<name>.json` that says what it is of.

Bytes are hashed while they are written. What is left behind by an interrupted transfer is used again when it
is of a version that has a strong ETag, as far as it surely is on the disk: all of it when the machine has run
since, else what was synced. Everything here blocks and runs in threads; a lock keeps a call that nobody
waits for any more from meeting the next one.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from reconciled.errors import ReconciledError
from reconciled.model import Key
from reconciled.units import say_size

SYNC_EVERY = 64 * 2**20
"""Bytes after which what came is put on the disk for good."""
RESERVE = 64 * 2**20
"""Bytes that stay free on the disk of the transfers, on which the ledger usually lies, too."""
BLOCK = 2**20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class NoRoom(ReconciledError):
    """The disk cannot take the file: nothing more is fetched in this run. The message names the remedy."""


class Of(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a part is of: the version, and how much of it is on the disk whatever happened since `boot`."""

    etag: str
    size: int | None = None
    safe: int = 0
    boot: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """What is there already: so many bytes of that version."""

    etag: str
    length: int


class Part:
    """One file on its way into `folder`. One at a time a file: a folder belongs to one mirror."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.part"
        self._beside = folder / f"{name}.json"
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._digest = hashlib.sha256()
        self._of: Of | None = None
        self._size: int | None = None
        self._synced = 0
        self._begun = False
        self.length = 0

    def left(self) -> Left | None:
        """What an earlier transfer left of a version that can be named; its last byte is asked for again.

        So there is always something to ask for, and the answer says whether it is still that version.
        """
        try:
            of = msgspec.json.decode(self._beside.read_bytes(), type=Of)
            length = self.path.stat().st_size
        except (OSError, msgspec.MsgspecError):
            return None
        sure = length if of.boot and of.boot == _boot() else min(length, of.safe)
        if of.size is not None:
            sure = min(sure, of.size)
        return Left(of.etag, sure - 1) if sure > 1 else None

    def open(self, *, keep: int, etag: str | None, size: int | None) -> None:
        """Begin, or go on after the first `keep` bytes, which are hashed first.

        `etag` is strong, or None: then nothing of it will be used again. NoRoom when the rest has no room.
        """
        with self._lock, _judged(self.path):
            self._close()
            self._begun = True
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._size = size
            self._room((size or 0) - keep)
            if not keep:
                self._beside.unlink(missing_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._descriptor = os.open(self.path, flags, 0o600)
            os.ftruncate(self._descriptor, keep)
            self._digest = _hashed(self._descriptor, keep)
            self.length = keep
            self._synced = 0
            self._of = None if etag is None else Of(etag, size, boot=_boot())
            self._mark()

    def add(self, data: bytes) -> None:
        """Hash these bytes and write them at the end."""
        with self._lock, _judged(self.path):
            if self._descriptor is None:
                return
            self._digest.update(data)
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
            self.length += len(data)
            if self.length - self._synced >= SYNC_EVERY:
                self._sync()
                self._room(1 if self._size is None else self._size - self.length)

    def finish(self) -> str:
        """Put all of it on the disk, close it; the sha256 in hex. It stays usable until it is discarded."""
        with self._lock, _judged(self.path):
            self._sync()
            self._close()
            return self._digest.hexdigest()

    def leave(self) -> None:
        """Close it; what can be used again is put on the disk, anything else is taken away."""
        with self._lock:
            if not self._begun:
                return  # what an earlier transfer left is as good as it was
            if self._of is None or self.length == 0:
                self._discard()
                return
            with contextlib.suppress(OSError):
                self._sync()
            self._close()

    def discard(self) -> None:
        """Close it and take it away."""
        with self._lock:
            self._discard()

    def _discard(self) -> None:
        self._close()
        discard(self.path)

    def _sync(self) -> None:
        if self._descriptor is not None:
            os.fsync(self._descriptor)
            self._synced = self.length
            self._mark()

    def _mark(self) -> None:
        """Say beside it what it is of; whole or not at all."""
        if self._of is None:
            return
        self._of = msgspec.structs.replace(self._of, safe=self._synced)
        new = self._beside.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(self._of))
        new.replace(self._beside)

    def _room(self, needed: int) -> None:
        """NoRoom when so many more bytes would leave less than the reserve."""
        if needed > 0 and (free := shutil.disk_usage(self.path.parent).free) < needed + RESERVE:
            raise NoRoom(
                _no_room(self.path, f"{say_size(needed)} more is to come and {say_size(free)} is free")
            )

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def discard(path: Path) -> None:
    """Take a fetched file away, with what stands beside it; what cannot go now is left for `clean`."""
    for one in (path.with_suffix(".json"), path):
        with contextlib.suppress(OSError):
            one.unlink()


def name_of(source: str, key: Key) -> str:
    """The stable name of an item's file, which says nothing to whoever reads the folder."""
    said = f"{source}\0{key.kind}\0{key.id}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def clean(folder: Path, keep: Collection[Path], older_than: float) -> list[Path]:
    """Take away files that were last written more than `older_than` seconds ago and are not among `keep`.

    Says which fetched files went. Nothing but our own names is touched; a folder that is not there is clean.
    """
    before = time.time() - older_than  # as files tell the time, whatever clock the daemon goes by
    kept = {path.stem for path in keep}
    gone: list[Path] = []
    for name, paths in left_in(folder).items():
        if name in kept:
            continue
        with contextlib.suppress(OSError):
            if max(path.lstat().st_mtime for path in paths) < before:
                for path in sorted(paths):  # what stands beside it goes first
                    path.unlink()
                    gone += [path] if path.suffix == ".part" else []
    return sorted(gone)


def left_in(folder: Path) -> dict[str, list[Path]]:
    """The files in a folder by the name of what they are of; nothing but our own names."""
    found: dict[str, list[Path]] = {}
    for path in folder.glob("*"):
        if path.suffix in (".part", ".json", ".new") and _is_ours(path.stem):
            found.setdefault(path.stem, []).append(path)
    return found


def _is_ours(name: str) -> bool:
    return len(name) == 32 and all(letter in "0123456789abcdef" for letter in name)


def _hashed(descriptor: int, length: int) -> "hashlib._Hash":
    """The hash of the first `length` bytes; the place to write at is behind them."""
    digest = hashlib.sha256()
    os.lseek(descriptor, 0, os.SEEK_SET)
    left = length
    while left:
        data = os.read(descriptor, min(BLOCK, left))
        if not data:
            raise OSError(errno.EIO, "the file is shorter than it was")
        digest.update(data)
        left -= len(data)
    return digest


@contextlib.contextmanager
def _judged(path: Path) -> Iterator[None]:
    """A disk that does not take the bytes is NoRoom, with the remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom(_no_room(path, str(error.strerror).lower())) from error
        raise NoRoom(
            f"{path.parent} cannot be written to ({error.strerror or error}); nothing more is fetched until "
            "the daemon may write there again"
        ) from error


def _no_room(path: Path, why: str) -> str:
    return (
        f"no room in {path.parent} for a file that is fetched: {why}, and {say_size(RESERVE)} stays free; "
        "make room, or move the daemon's state folder to a larger disk"
    )


def _boot() -> str:
    """What tells this run of the machine from the one before; empty where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
