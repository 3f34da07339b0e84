"""A Seerr as a source: its requests, and what it keeps of films and series.

**Absence** is a part of Seerr's own list around the item's number, without it (see `listing`); of a
request, its own "Request not found." before and after that as well, for it is also what a database
says that fails for a moment, and not every request is listed.

Clearing a medium takes its requests with it. Neither deletion touches a file: what Seerr calls
"remove from Radarr" is Radarr's to do, and a policy says so there.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar

from reconciled.errors import BadResponse, Unsupported
from reconciled.model import About, Absent, Answer, Event, Item, Json, Key, Page
from reconciled.source import Context, Deletion, Hook, Matter, Prospect, Source
from reconciled_seerr.config import SeerrConfig
from reconciled_seerr.connection import Connection
from reconciled_seerr.examining import SEES_REQUESTS, examine
from reconciled_seerr.items import MEDIA, REQUEST, media_of, request_of
from reconciled_seerr.listing import Rows
from reconciled_seerr.payloads import Account, Media, Public, Request
from reconciled_seerr.provisions import provision
from reconciled_seerr.webhooks import read_webhook

LARGEST_ID = 2**31 - 1


class Seerr(Source[SeerrConfig]):
    """One Seerr, Jellyseerr or Overseerr."""

    app: ClassVar[str] = "seerr"
    kinds: ClassVar[tuple[str, ...]] = (REQUEST, MEDIA)
    Config: ClassVar = SeerrConfig
    paged: ClassVar[bool] = True
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion()})

    def __init__(self, config: SeerrConfig, context: Context) -> None:
        super().__init__(config, context)
        self.connection = Connection(config, context.http)
        self._requests = Rows(self.connection, "/request", Request)
        self._media = Rows(self.connection, "/media", Media)
        self.acts_within = config.act_timeout

    # what every source can do

    async def probe(self) -> About:
        """Who answers, and as whom we are there."""
        status = await self.connection.prove()
        public = await self.connection.read(Public, "/settings/public")
        me = await self.connection.read(Account, "/auth/me")
        return About(
            app="Seerr",
            version=status.version,
            instance=public.vapid_public or None,
            account=me.display_name or str(me.id),
            sees_everything=bool(me.permissions & SEES_REQUESTS),
        )

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """The requests, then the media."""
        _check_kinds(kinds)
        if REQUEST in kinds:
            async for requests, total in self._requests.walk():
                yield Page.of(map(request_of, requests), total=total)
        if MEDIA in kinds:
            async for media, total in self._media.walk():
                yield Page.of(map(media_of, media), total=total)
        yield Page((), complete=True)

    async def lookup(self, key: Key) -> Answer:
        """This very item, or `Absent`."""
        number = number_of(key)
        if key.kind == MEDIA:
            media = await self._media.find(number)
            return Absent(_NOT_LISTED) if media is None else media_of(media)
        if (found := await self._request(number)) is not None:
            return found
        if await self._requests.find(number) is not None:
            raise BadResponse(
                f"{self.config.url}: Seerr says of {key} that it is not found, and lists it; "
                "its log says what it could not read (the user who asked was removed?)"
            )
        # Of a blocklisted film no request is listed; it may have been the database that failed above.
        if (found := await self._request(number)) is not None:
            return found
        return Absent(f"Seerr: Request not found; {_NOT_LISTED}")

    async def _request(self, number: int) -> Item | None:
        """The request by its own address; None for Seerr's "not found", which alone proves nothing."""
        found = await self.connection.read_if_there(Request, f"/request/{number}")
        if found is not None and found.id != number:
            raise BadResponse(
                f"{self.config.url}: asked for request {number}, the answer is about {found.id}"
            )
        return None if found is None else request_of(found)

    # what else this one can do

    async def delete(self, key: Key, how: Deletion) -> None:
        """Delete the request, or clear what Seerr keeps of a film or series, its requests too."""
        if how not in self.options:
            raise Unsupported("Seerr has no files, and no list of what is not to be added again")
        if await self.connection.remove(f"/{key.kind}/{number_of(key)}"):
            return
        if not isinstance(await self.lookup(key), Absent):
            raise BadResponse(
                f"{self.config.url}: Seerr answered 404 to the deletion of {key}, and still has it; "
                "its log says what failed"
            )

    async def foresee(self, key: Key, image: Json) -> Prospect:
        """Nothing comes back: made anew it would be another request, and one that is done at once."""
        del image
        number_of(key)
        if key.kind == MEDIA:
            return Prospect(
                refused="Seerr makes this entry anew by itself when somebody asks for the title again"
            )
        return Prospect(
            refused="made anew by us, Seerr would approve this request at once and have it downloaded; "
            "whoever wants it asks for it there again"
        )

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:  # noqa: ARG002
        """What Seerr's webhook says; it signs nothing, so the headers do not matter."""
        return read_webhook(body)

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        """Whether we may do what we want to there, and what else changes its entries."""
        return await examine(self.connection, self.context, hook)

    async def provision(self, hook: Hook) -> Sequence[str]:
        """Set up Seerr's webhook, unless it is somebody else's."""
        return await provision(self.connection, self.context.name, hook)


_NOT_LISTED = "in Seerr's list its number is missing between its neighbours"


def number_of(key: Key) -> int:
    """The number in a key. Unsupported for what is none: another path is another question."""
    _check_kinds(frozenset({key.kind}))
    good = key.id.isascii() and key.id.isdigit() and key.id[0] != "0" and len(key.id) <= 10
    if not good or int(key.id) > LARGEST_ID:
        raise Unsupported(f"{key.id[:100]!r} is no number of a {key.kind} in Seerr")
    return int(key.id)


def _check_kinds(kinds: frozenset[str]) -> None:
    if other := kinds - {REQUEST, MEDIA}:
        raise Unsupported(f"Seerr has no {', '.join(sorted(other))}")
