"""Pictures of items for people and for hashing: small ones kept on our disk, whole documents passed through.

What an app gives is shown as it is or not at all: only WebP, PNG and JPEG (and PDF for a whole document), by
their bytes, whatever the app calls them. A picture is asked for once however many want it; after a while the
app is asked whether it is still current. An app in trouble costs a picture its freshness, and a note says so;
it is never an exception. Works over any source with `Previews`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from reconciled.clock import Clock
from reconciled.engine.duplicates.pages import picturing
from reconciled.engine.duplicates.pages.album import LARGEST, Album, Photo, digest, name_of
from reconciled.engine.duplicates.pages.picturing import (
    NoPicture,
    Whole,
    Why,
    absent,
    cannot_ask,
    no_picture,
    not_asked,
    open_preview,
    picture_type,
    small,
)
from reconciled.engine.live import LiveSource
from reconciled.errors import SourceError
from reconciled.model import Absent, Key
from reconciled.source import Unchanged
from reconciled.units import say_duration, say_size

__all__ = ["FOLDER", "FRESH", "NoPicture", "Picture", "Thumbnails", "Whole", "Why"]

FOLDER = "previews"
"""Where the pictures lie, beside the ledger."""
FRESH = 3600.0
"""Seconds after which an app is asked again whether a picture is current."""
PATIENCE = 30.0
"""Seconds within which an app has to give a small picture."""
AT_ONCE = 4
"""How many pictures are fetched at the same time; an app has more to do than to show itself."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture of the first page. `version` names these very bytes (32 hex digits; good as an ETag).

    `note` is for people: why it may be of another version than the app has now.
    """

    body: bytes = field(repr=False)
    mime_type: str
    version: str
    note: str | None = None


class Thumbnails:
    """All pictures of all sources, in a folder of their own that holds at most `most` bytes."""

    def __init__(
        self, folder: Path, most: int, *, clock: Clock, log: logging.Logger, patience: float = PATIENCE
    ) -> None:
        self._album = Album(folder, most)
        self._folder = folder
        self._clock = clock
        self._log = log
        self._patience = patience
        self._room = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[tuple[str, float], asyncio.Task[Picture | NoPicture]] = {}
        self._disk_well = True

    async def picture(
        self, live: LiveSource, key: Key, *, item: int, fresh: float = FRESH
    ) -> Picture | NoPicture:
        """The picture of an item; the app is not asked for one that it confirmed `fresh` seconds ago.

        `item` is the item's number in the ledger.
        """
        wanted = (name_of(live.name, key, item), fresh)
        if (task := self._under_way.get(wanted)) is None:
            task = asyncio.create_task(self._found(live, key, *wanted), name=f"preview {wanted[0]}")
            task.add_done_callback(lambda _: self._under_way.pop(wanted, None))
            self._under_way[wanted] = task
        await asyncio.wait([task])  # who gives up waiting takes the picture from nobody else
        if task.cancelled():
            return NoPicture(Why.TROUBLE, "the daemon is stopping")
        return task.result()

    @asynccontextmanager
    async def whole(
        self, live: LiveSource, key: Key, *, etag: str | None = None
    ) -> AsyncIterator[Whole | Unchanged | NoPicture]:
        """The document as a browser shows it, straight from its app. `Unchanged`: it still is that `etag`."""
        async with AsyncExitStack() as stack:
            shown: Whole | Unchanged | NoPicture | None = cannot_ask(live)
            if shown is None:
                try:
                    shown = await picturing.whole(live, key, etag, stack)
                except SourceError as error:
                    shown = no_picture(error)
            yield shown

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _found(self, live: LiveSource, key: Key, name: str, fresh: float) -> Picture | NoPicture:
        """What lies here if it is fresh, else what the app says."""
        photo = await asyncio.to_thread(self._album.get, name)
        if photo is not None and picture_type(photo.body) is None:
            photo = None
        if photo is not None and 0 <= self._clock.reckoned() - photo.asked < fresh:
            return _shown(photo)
        if (cannot := cannot_ask(live)) is not None:
            return _instead(photo, cannot, self._clock)
        return await self._renewed(live, key, name, photo)

    async def _renewed(
        self, live: LiveSource, key: Key, name: str, photo: Photo | None
    ) -> Picture | NoPicture:
        """Ask the app, and keep what it says."""
        async with self._room:
            if (cannot := cannot_ask(live)) is not None:  # since it waited
                return _instead(photo, cannot, self._clock)
            try:
                async with asyncio.timeout(self._patience):
                    got = await self._asked(live, key, photo)
            except SourceError as error:
                got = no_picture(error)
            except TimeoutError:
                late = f"{live.name}: no picture within {say_duration(self._patience)}"
                got = NoPicture(Why.TROUBLE, late)
            except Exception:  # noqa: BLE001 - a plugin's oddity spoils no page
                self._log.exception("%s: the picture of %s", live.name, key)
                got = NoPicture(Why.TROUBLE, f"{live.name}: its picture is odd; the log has the traceback")
        if isinstance(got, Photo):
            await self._keep(name, got, known=photo)
            return _shown(got)
        if got.why is Why.ABSENT:
            await asyncio.to_thread(self._album.drop, name)
            return got
        return _instead(photo, got, self._clock)

    async def _asked(self, live: LiveSource, key: Key, photo: Photo | None) -> Photo | NoPicture:
        """What the app gives: the picture that is known, another one, or none. SourceError."""
        etag = None if photo is None else photo.etag
        async with open_preview(live, key, etag, whole=False) as answer:
            now = self._clock.reckoned()
            if isinstance(answer, Absent):
                return absent(live, answer)
            if isinstance(answer, Unchanged) or (etag is not None and answer.etag == etag):
                if photo is None or etag is None:
                    raise not_asked(live, key)
                return Photo(photo.body, etag, now)
            body = await small(live, answer)
            if body is None:
                said = f"the picture has more than {say_size(LARGEST)}, so it is not shown"
                return NoPicture(Why.UNFIT, said)
            if picture_type(body) is None:
                return NoPicture(Why.UNFIT, f"what {live.name} gave is no WebP, PNG or JPEG")
            return Photo(body, answer.etag, now)

    async def _keep(self, name: str, photo: Photo, *, known: Photo | None) -> None:
        """A disk that does not take it is said once; the picture is shown all the same."""
        if known is not None and (known.body, known.etag) == (photo.body, photo.etag):
            await asyncio.to_thread(self._album.confirm, name, photo.asked)
            return
        try:
            await asyncio.to_thread(self._album.put, name, photo)
            self._disk_well = True
        except OSError as error:
            if self._disk_well:
                self._log.warning(
                    "previews cannot be kept in %s (%s); they are fetched each time until they can",
                    self._folder,
                    error.strerror or error,
                )
            self._disk_well = False


def _shown(photo: Photo, note: str | None = None) -> Picture:
    mime_type = picture_type(photo.body)
    assert mime_type is not None, "nothing else is taken"  # noqa: S101 - narrows the type
    return Picture(photo.body, mime_type, digest(photo.body), note)


def _instead(photo: Photo | None, no: NoPicture, clock: Clock) -> Picture | NoPicture:
    """The picture that is known, with a note, where the app gives none now."""
    if photo is None or no.why is Why.UNSUPPORTED:
        return no
    ago = clock.reckoned() - photo.asked
    when = f"{say_duration(ago)} ago" if ago >= 1 else "earlier"
    return _shown(photo, f"as it was {when}; {no.said}")
