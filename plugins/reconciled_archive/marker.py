"""The marker: an object at the root of an archive that says which one it is.

An unmounted disk, an empty bucket and a wrong prefix look like an archive with nothing in it. So an
archive is given a marker with an id of its own when it is first used, the id is remembered, and from
then on nothing is absent, stored or removed unless that marker stands there.
"""

import asyncio
import secrets

import msgspec

from reconciled.clock import Clock
from reconciled.errors import BadResponse
from reconciled.source import Store
from reconciled_archive.items import MARKER
from reconciled_archive.vault import Vault

_REMEMBERED = "instance"
_LAYOUT = 1


class Written(msgspec.Struct, frozen=True):
    """What a marker says: that it is one, how the archive is laid out, which one it is, since when."""

    reconciled: str
    layout: int
    instance: str
    made: str


class Marker:
    """The marker of one archive. `name` is the source's, for messages."""

    def __init__(self, vault: Vault, store: Store, clock: Clock, *, name: str) -> None:
        self._vault = vault
        self._store = store
        self._clock = clock
        self._name = name
        self._known: str | None = None
        self._beginning = asyncio.Lock()

    async def begin(self) -> str:
        """The id of the archive; a place that was never used before is given one.

        BadResponse when the archive that is remembered does not lie there.
        """
        async with self._beginning:
            known = await self._remembered()
            return await self._same_as(known) if known is not None else await self._first_use()

    async def _first_use(self) -> str:
        written = await self._vault.read(MARKER)
        if written is None:
            await self._vault.prepare()
            made = f"{self._clock.now():%Y-%m-%dT%H:%M:%SZ}"
            fresh = Written("archive", _LAYOUT, secrets.token_hex(16), made)
            await self._vault.create(MARKER, msgspec.json.encode(fresh) + b"\n")
            written = await self._vault.read(MARKER)
        if written is None:
            raise BadResponse(f"{self._vault.said}: the marker {MARKER} was written, and is not there")
        self._known = self._instance(written)
        await self._store.set(_REMEMBERED, self._known)
        return self._known

    async def firm(self) -> None:
        """Whether the archive lies there. BadResponse, in words, when nothing can be said of its blobs."""
        known = await self._remembered()
        if known is None:
            await self.begin()
        else:
            await self._same_as(known)

    async def _same_as(self, known: str) -> str:
        written = await self._vault.read(MARKER)
        remedy = (
            "is the right disk mounted, and the url right? If this shall be a new archive, give the source "
            f"another name, or take it out, `reconciled forget {self._name}`, and put it back"
        )
        if written is None:
            raise BadResponse(
                f"{self._vault.said}: its marker {MARKER} is not there, so this is another archive, or an "
                f"unmounted one; {remedy}"
            )
        if (found := self._instance(written)) != known:
            raise BadResponse(
                f"{self._vault.said}: this is another archive ({found[:8]}…) than the one that was used "
                f"before ({known[:8]}…); {remedy}"
            )
        return known

    def _instance(self, written: bytes) -> str:
        try:
            marker = msgspec.json.decode(written, type=Written)
        except (msgspec.DecodeError, UnicodeDecodeError):
            marker = None
        if marker is None or marker.reconciled != "archive" or not marker.instance:
            raise BadResponse(
                f"{self._vault.said}: what stands there as {MARKER} is no marker of ours; did something else "
                "answer, or write it? It can be put back from any copy"
            )
        if marker.layout != _LAYOUT:
            raise BadResponse(
                f"{self._vault.said}: the archive is laid out in the way {marker.layout}, this version knows "
                f"{_LAYOUT} only; update reconciled"
            )
        return marker.instance

    async def _remembered(self) -> str | None:
        if self._known is None:
            kept = await self._store.get(_REMEMBERED)
            self._known = kept if isinstance(kept, str) and kept else None
        return self._known
