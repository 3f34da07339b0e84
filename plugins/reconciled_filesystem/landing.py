"""One file on its way into a folder: beside its place first, whole and flushed, then there, or not at all.

Nothing that stands there is ever written over: a taken name is taken. Until it has its name the file is
called `.reconciled-incoming-…`, which no folder counts. It is locked as long as somebody writes it: one that
is not was left behind by a crash, and is taken away when the same file comes again. Blocking.
"""

import errno
import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from reconciled.errors import BadResponse, Refused, SourceError, Unreachable, Unsupported
from reconciled_filesystem.below import folder_below
from reconciled_filesystem.fetching import version_of
from reconciled_filesystem.patterns import UNFINISHED
from reconciled_filesystem.spelling import spell
from reconciled_filesystem.walking import Found

MARKER = "user.reconciled.marker"
"""The extended attribute that says whose copy a file is, where the file system keeps such."""

_STEP, _CHUNK = 2**26, 2**20
_TAKE = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class Landing:
    """A copy of `source` that is being made in the folder `path`, below `top`.

    `marker` names its original; None: it is going to be no copy of ours. `marked`: it carries its marker.
    """

    def __init__(self, source: Path, path: str, *, top: str, marker: str | None) -> None:
        self._source_path = source
        self._path = path
        self._top = top
        self._marker = marker
        mark = (marker or str(source)).encode("utf-8", "surrogateescape")
        self._name = f"{UNFINISHED}{hashlib.blake2b(mark, digest_size=12).hexdigest()}"
        self._digest = hashlib.sha256()
        self._held = ExitStack()
        self._lock = threading.Lock()  # closing waits for a step that nobody waits for any more
        self._closed = False
        self.marked = False
        self._folder = self._file = -1
        self._source: BinaryIO | None = None

    def begin(self, *, make: bool) -> None:
        """Open what is read and written. `make`: folders that lack are made."""
        with self._step():
            names = [name for name in self._path[len(self._top) + 1 :].split("/") if name]
            self._folder = self._held.enter_context(folder_below(self._top, names, make=make))
            self._source = self._held.enter_context(self._source_path.open("rb", buffering=0))
            _clear(self._name, self._folder)
            self._file = os.open(self._name, _WRITE, 0o666, dir_fd=self._folder)
            self._held.callback(os.close, self._file)
            if not _is_held(self._file, self._name, self._folder):
                raise _under_way(self._name)
            self._held.callback(self._away)

    def go_on(self) -> bool:
        """Copy the next part. False at the end."""
        assert self._source is not None, "it has begun"  # noqa: S101 - narrows the type
        with self._step():
            for _ in range(_STEP // _CHUNK):
                if not (chunk := self._source.read(_CHUNK)):
                    return False
                self._digest.update(chunk)
                _write(self._file, chunk)
        return True

    def settle(self, sha256: str, *, like: os.stat_result | None = None) -> None:
        """Make it last, with its marker. BadResponse when the bytes are not those that were meant."""
        if self._digest.hexdigest() != sha256:
            raise BadResponse(f"{self._source_path.name}: its bytes changed on our disk; nothing was copied")
        with self._step():
            if like is not None:
                os.fchmod(self._file, like.st_mode & 0o777)
            if self._marker is not None:
                with suppress(OSError):  # without it the copy is known by its bytes
                    os.setxattr(self._file, MARKER, self._marker.encode())
                    self.marked = True
            os.fsync(self._file)

    def publish(self, name: str) -> Found | None:
        """Give it that name. None when something has it."""
        with self._step():
            try:
                os.link(self._name, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            except FileExistsError:
                return None
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                if not self._claim(name):
                    return None
            os.fsync(self._folder)
            return self._found(name)

    def replace(self, name: str, trash: Path, *, was: os.stat_result) -> Found:
        """Put it in the place of the file of that name, which is at `trash` from then on.

        BadResponse when that is not the file any more that it `was`: what somebody wrote meanwhile stays.
        """
        with self._step():
            trash.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                os.link(name, trash, src_dir_fd=self._folder, follow_symlinks=False)
            except OSError as error:
                raise _no_trash(error, trash) from error
            if version_of(trash.lstat()) != version_of(was):
                trash.unlink()
                raise BadResponse(f"{spell(self._path)}/{name}: it changed just now, and is left as it is")
            os.rename(self._name, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            os.fsync(self._folder)
            return self._found(name)

    def close(self) -> None:
        """Let everything go; what has no name by now is taken away."""
        with self._lock:
            self._closed = True
            self._held.close()

    def _claim(self, name: str) -> bool:
        """Where there are no links: take the name, then put the file in its place. False when it is taken."""
        try:
            os.close(os.open(name, _WRITE, 0o666, dir_fd=self._folder))
        except FileExistsError:
            return False
        os.rename(self._name, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        return True

    def _found(self, name: str) -> Found:
        return Found.of(f"{self._path}/{name}", os.fstat(self._file))

    def _away(self) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self._name, dir_fd=self._folder)

    @contextmanager
    def _step(self) -> Iterator[None]:
        """One step at a time; the disk's troubles become the project's."""
        with self._lock:
            if self._closed:
                raise Unreachable(f"{spell(self._path)}: the disk took too long, so the copy was given up")
            try:
                yield
            except OSError as error:
                raise _trouble(error, self._path) from error


def marker_on(file: int) -> str | None:
    """The marker of an open file; None when it has none, or the file system keeps none."""
    try:
        return os.getxattr(file, MARKER).decode("utf-8", "replace")
    except OSError:
        return None


def clear_old(path: str, *, top: str, before: float) -> None:
    """Take away what crashes left in a folder since before that time (Unix): not all of it comes again."""
    names = [name for name in path[len(top) + 1 :].split("/") if name]
    with folder_below(top, names) as folder, os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(UNFINISHED) or not entry.is_file(follow_symlinks=False):
                continue
            with suppress(OSError, Unreachable):  # somebody is writing it, or it is somebody else's
                if entry.stat(follow_symlinks=False).st_mtime < before:
                    _clear(entry.name, folder)


def _clear(name: str, folder: int) -> None:
    """Take away what a crash left under that name. Unreachable while somebody writes it."""
    try:
        file = os.open(name, _TAKE, dir_fd=folder)
    except FileNotFoundError:
        return
    try:
        if not _is_held(file, name, folder):
            raise _under_way(name)
        os.unlink(name, dir_fd=folder)
    finally:
        os.close(file)


def _is_held(file: int, name: str, folder: int) -> bool:
    """Whether the open file of that name is locked for us now, against other daemons and threads."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks: there, too, it has to be the file of that name
    try:
        return os.path.samestat(os.fstat(file), os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _under_way(name: str) -> Unreachable:
    return Unreachable(f"{name}: the same file is on its way there already; it is tried again")


def _write(file: int, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[os.write(file, left) :]


def _trouble(error: OSError, path: str) -> SourceError:
    said = f"{spell(path)}: it cannot be written to ({error.strerror or type(error).__name__})"
    if error.errno in _FORBIDDEN:
        return Refused(f"{said}; may the daemon's user write there?")
    if error.errno in _FULL:
        return Unreachable(f"{said}; make room on that disk")
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return Refused(f"{said}; a link or a file stands where a folder belongs")
    return Unreachable(said)


def _no_trash(error: OSError, trash: Path) -> Exception:
    if error.errno == errno.EXDEV:
        return Refused(f"the trash {trash} is on another file system; nothing was replaced")
    if error.errno in _NO_LINKS:
        return Unsupported(
            f"the file system there knows no hard links, so nothing is replaced safely ({error.strerror})"
        )
    return error
