"""Copies that are put into a folder, and how each is known again.

A copy carries its original's marker as an extended attribute. Where the file system keeps none, and to find
it quickly, the source's notes say where it was put and with which bytes; they are written before the file
has its name, so that after a crash it is found. What could carry the marker and does not is not ours for a
note alone: a person may have put it there. A name that is taken is never taken over: " (2)" it is, and where
very many are called the same, letters that nobody else has.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex

from reconciled.errors import BadResponse, Refused, SourceError, Unsupported
from reconciled.model import Json
from reconciled.source import Store, Upload
from reconciled_filesystem.below import open_file
from reconciled_filesystem.checksums import Checksums, Reader
from reconciled_filesystem.config import Folder
from reconciled_filesystem.landing import Landing, clear_old, marker_on
from reconciled_filesystem.spelling import read, spell
from reconciled_filesystem.walking import Found

MOST_NAMES = 100
"""So many names are tried by number; a camera has thousands of one name, and each try asks the disk."""
LONGEST = 255
RECEIVED = "received"
"""Whether anything was ever put here."""
_A_DAY = timedelta(days=1)


class Receiver:
    """Puts files into folders. `disk` asks the disk, `patiently` what may take long."""

    def __init__(
        self, store: Store, checksums: Checksums, disk: Reader, patiently: Reader, now: Callable[[], datetime]
    ) -> None:
        self._now = now
        self._cleared: datetime | None = None
        self._store = store
        self._checksums = checksums
        self._disk = disk
        self._patiently = patiently

    async def put(self, upload: Upload, folder: str, *, over: Folder, firm: Callable[[], None]) -> Found:
        """A copy in the folder, at or below `over`, under its own name or the next that is free and counts.

        `firm` raises unless what is mounted there is what should be; asked again when the folder is open.
        """
        top = over.path
        _check_counts(f"{folder}/{safe_name(upload.name)}", over)
        await self._disk(firm)
        landing = Landing(upload.path, folder, top=top, marker=upload.marker)
        try:
            await self._disk(partial(landing.begin, make=True))
            await self._disk(firm)
            await self._clear(folder, top)
            await self._land(landing, upload)
            await self._store.set(RECEIVED, True)
            for number in (*range(1, MOST_NAMES + 1), token_hex(8)):
                path = f"{folder}/{safe_name(upload.name, number)}"
                if await self._disk(partial(os.path.lexists, path)):
                    continue
                _check_counts(path, over)
                await self._note(upload, path, marked=landing.marked)
                found = await self._disk(partial(landing.publish, path.rpartition("/")[2]))
                if found is not None:
                    return await self._there(found, upload)
        finally:
            await self._close(landing)
        raise BadResponse(f"{spell(folder)}: every name for {upload.name!r} is taken; it is tried again")

    async def renew(
        self, upload: Upload, path: str, trash: Path, *, top: str, firm: Callable[[], None]
    ) -> tuple[Found, bool] | None:
        """Newer bytes in the place of a file, which is at `trash` then; None when there is no such file.

        Also says whether it is a copy of ours: newer bytes make it none, and it stays one. BadResponse when
        somebody writes it meanwhile.
        """
        await self._disk(firm)
        before = await self._disk(partial(_before, path, top))
        if before is None:
            await self._disk(firm)
            return None
        seen, marker = before
        if marker is None and await self._is_noted(upload.marker, path):
            marker = upload.marker
        folder, _, name = path.rpartition("/")
        landing = Landing(upload.path, folder, top=top, marker=marker)
        try:
            await self._disk(partial(landing.begin, make=False))
            await self._disk(firm)
            await self._land(landing, upload, like=seen)
            if marker == upload.marker:
                await self._note(upload, path, marked=landing.marked)
            replaced = await self._disk(partial(landing.replace, name, trash, was=seen))
            found = await self._there(replaced, upload)
            return found, marker is not None
        finally:
            await self._close(landing)

    async def noted(self, marker: str, *, top_of: Callable[[str], str | None]) -> tuple[Found, bool] | None:
        """The copy of that original, where it was put, if it is still there; and whether it is ours."""
        note = await self._store.get(_name(marker))
        return await self._at(note, marker, top_of)

    async def same_bytes(
        self, sha256: str, marker: str, *, top_of: Callable[[str], str | None]
    ) -> tuple[Found, bool] | None:
        """A file with these bytes, as far as checksums were read, and whether it is that original's copy."""
        path = await self._checksums.place_of(sha256)
        top = top_of(path) if path is not None else None
        if path is None or top is None:
            return None
        found = await self._disk(partial(_look, path, top))
        if found is None or (await self._checksums.known([found[0]])).get(path) != sha256:
            return None
        return found[0], found[1] == marker

    async def _is_noted(self, marker: str, path: str) -> bool:
        """Whether the copy of that original was put there by our notes alone: it could carry no marker."""
        match await self._store.get(_name(marker)):
            case {"path": str(spelled), "marked": False}:
                return spelled == spell(path)
        return False

    async def _at(
        self, note: Json, marker: str, top_of: Callable[[str], str | None]
    ) -> tuple[Found, bool] | None:
        match note:
            case {"path": str(spelled), "sha256": str(sha256), "marked": bool(marked)}:
                path = read(spelled)
            case _:
                return None
        top = top_of(path)
        found = await self._disk(partial(_look, path, top)) if top is not None else None
        if found is None:
            return None
        if found[1] == marker:
            return found[0], True
        known = await self._checksums.fresh(found[0], self._patiently)
        return (found[0], found[1] is None and not marked) if known == sha256 else None

    async def _land(self, landing: Landing, upload: Upload, *, like: os.stat_result | None = None) -> None:
        while await self._patiently(landing.go_on):
            continue
        await self._patiently(partial(landing.settle, upload.sha256, like=like))

    async def _close(self, landing: Landing) -> None:
        with suppress(SourceError):  # a disk that hangs lets go when it answers again
            await self._disk(landing.close)

    async def _clear(self, folder: str, top: str) -> None:
        """Once a day, what crashes left in the folder goes."""
        now = self._now()
        if self._cleared is not None and now - self._cleared < _A_DAY:
            return
        self._cleared = now
        with suppress(SourceError, OSError):  # tomorrow, then
            await self._patiently(partial(clear_old, folder, top=top, before=(now - _A_DAY).timestamp()))

    async def _note(self, upload: Upload, path: str, *, marked: bool) -> None:
        note: dict[str, Json] = {"path": spell(path), "sha256": upload.sha256, "marked": marked}
        await self._store.set(_name(upload.marker), note)

    async def _there(self, found: Found, upload: Upload) -> Found:
        await self._checksums.note(found, upload.sha256)
        return found


def safe_name(name: str, number: int | str = 1) -> str:
    """A bare, visible name of at most 255 bytes; but for the first with its number before the extension."""
    plain = "".join("_" if char == "/" or not char.isprintable() else char for char in name)
    plain = plain.strip(" ").lstrip(".") or "file"
    stem, dot, extension = plain.rpartition(".")
    if not dot or len(extension.encode()) > 16:
        stem, extension = plain, ""
    tail = (f" ({number})" if number != 1 else "") + (f".{extension}" if extension else "")
    room = LONGEST - len(tail.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip() + tail


def _check_counts(path: str, over: Folder) -> None:
    """What does not count there would be known to nobody afterwards."""
    if not over.counts(path[len(over.path) + 1 :]):
        raise Refused(f"{path}: it is not among the files that count in {over.path}; widen its patterns")


def no_place() -> Unsupported:
    """The error of a source that was not told where copies go."""
    return Unsupported(
        "no folder for copies is configured; set receive: to one below a folder of this source"
    )


def _name(marker: str) -> str:
    return f"copy {marker}"


def _before(path: str, top: str) -> tuple[os.stat_result, str | None] | None:
    """What stands there, and the marker that it carries."""
    if (opened := open_file(path, top=top)) is None:
        return None
    file, seen = opened
    try:
        return seen, marker_on(file)
    finally:
        os.close(file)


def _look(path: str, top: str) -> tuple[Found, str | None] | None:
    before = _before(path, top)
    return (Found.of(path, before[0]), before[1]) if before is not None else None
