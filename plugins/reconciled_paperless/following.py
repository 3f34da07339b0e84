"""Following a Paperless: its event stream where we can sign in, and a cheap look from time to time.

The stream says less than it seems: a document deleted alone, by a workflow, or purged is told to
nobody, and a restored one neither. So beside it, or instead of it, the number of documents and the
newest change are asked for every so often (one small answer), and a scan is ordered when they
differ. What went to the trash is named at once, with the trash's own word for it: that is how a
document that Paperless says it deleted itself is told from one that merely disappeared.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import msgspec

from reconciled.errors import BadResponse, SourceError, Unauthorized, Unsupported
from reconciled.http import Stream
from reconciled.model import Event, Op, refs
from reconciled.source import Connected, Context
from reconciled_paperless.connection import Connection
from reconciled_paperless.items import identity, key_of
from reconciled_paperless.listing import trashed
from reconciled_paperless.payloads import Document, Documents
from reconciled_paperless.session import Session

IN_THE_TRASH = "it lies in the trash"
REOPENED_AFTER = 6 * 3600.0
"""A stream that said nothing for so long may be dead without anybody having noticed."""
_LATE = timedelta(seconds=10)


class _Payload(msgspec.Struct, frozen=True):
    documents: tuple[int, ...] = ()
    document_id: int | None = None
    status: str | None = None


class _Message(msgspec.Struct, frozen=True):
    type: str
    data: _Payload = _Payload()


async def follow(
    connection: Connection, session: Session | None, context: Context
) -> AsyncIterator[Event | Connected]:
    """`Connected`, then what happens. Unsupported when we can neither sign in nor are to look.

    `session` is None where only a token is known.
    """
    poll = connection.config.poll
    async with AsyncExitStack() as stack:
        stream = await _opened(session, stack, context, alone=poll is None)
        if stream is None and poll is None:
            raise Unsupported(
                "Paperless tells a token nothing by itself: set user and password instead, or poll: 60s"
            )
        watch = Watch(connection)
        await watch.begin()
        yield Connected()
        turns = Turns(stream, poll, context)
        try:
            async for text in turns:
                for event in await watch.look() if text is None else await watch.read(text):
                    yield event
        finally:
            await turns.close()


async def _opened(
    session: Session | None, stack: AsyncExitStack, context: Context, *, alone: bool
) -> Stream | None:
    """The stream, with a session that is good. None: looking has to do; `alone` says that it is not to."""
    if session is None:
        return None
    try:
        return await _signed_in(session, stack)
    except (Unsupported, BadResponse) as error:
        if alone:
            raise
        context.log.warning("%s: no event stream, so it is looked at only: %s", context.name, error)
        return None


async def _signed_in(session: Session, stack: AsyncExitStack) -> Stream:
    """The stream; a session that is refused may merely have ended, so there is a second try."""
    try:
        return await stack.enter_async_context(await session.stream())
    except Unauthorized:
        if not session.forget():
            raise
    opening = await session.stream()
    try:
        return await stack.enter_async_context(opening)
    except Unauthorized as error:
        session.forget()
        said = f"{error} If PAPERLESS_COOKIE_PREFIX is set there, cookie_prefix has to say it here."
        raise Unauthorized(said) from error


class Turns:
    """What comes next: a text of the stream, or None when it is time to look. Ends with a stale stream."""

    def __init__(self, stream: Stream | None, poll: float | None, context: Context) -> None:
        self._stream = stream
        self._poll = poll
        self._clock = context.clock
        self._said: asyncio.Task[str] | None = None
        self._due: asyncio.Task[None] | None = None
        self._heard = self._clock.monotonic()

    def __aiter__(self) -> "Turns":
        return self

    async def __anext__(self) -> str | None:
        wait = self._poll if self._poll is not None else REOPENED_AFTER
        if self._stream is not None and self._said is None:
            self._said = asyncio.ensure_future(self._stream.receive())
        if self._due is None:
            self._due = asyncio.ensure_future(self._clock.sleep(wait))
        both = [task for task in (self._said, self._due) if task is not None]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if self._said is not None and self._said.done():
            said, self._said, self._heard = self._said, None, self._clock.monotonic()
            return said.result()
        self._due = None
        if self._stream is not None and self._clock.monotonic() - self._heard >= REOPENED_AFTER:
            raise StopAsyncIteration
        return None

    async def close(self) -> None:
        """Wait for nothing any more."""
        waiting = [task for task in (self._said, self._due) if task is not None]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


class Watch:
    """What was last known of the documents as a whole, and of the trash."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._print: tuple[object, ...] | None = None
        self._count = 0
        self._since: datetime | None = None
        self._told: dict[int, datetime] = {}

    async def begin(self) -> None:
        """Note how things stand: what went before is for the scan that follows."""
        self._print, self._count = await self._fingerprint()
        told_at = self._connection.told_at
        self._since = None if told_at is None else told_at - _LATE

    async def look(self) -> list[Event]:
        """What a look tells: nothing; or a scan, and before it what went to the trash."""
        found, count = await self._fingerprint()
        if found == self._print:
            return []
        fewer, before = count < self._count, self._count
        self._print, self._count = found, count
        lost = await self._new_in_trash() if fewer else []
        said = f"{before} documents are {count}" if count != before else "a document changed"
        return [*lost, Event(Op.SCAN, reason=said)]

    async def read(self, text: str) -> list[Event]:
        """What a message of the stream tells; a kind that is not known says nothing."""
        try:
            message = msgspec.json.decode(text, type=_Message)
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadResponse(f"Paperless' stream: not what it sends: {error}") from None
        match message:
            case _Message("documents_deleted", data):
                return await self._deleted(data.documents)
            case _Message("document_updated", _Payload(document_id=int(number))):
                return [Event(Op.CHANGED, key_of(number), reason="updated")]
            case _Message("status_update", _Payload(document_id=int(number), status="SUCCESS")):
                return [Event(Op.CHANGED, key_of(number), reason="added")]
            case _:
                return []

    async def _fingerprint(self) -> tuple[tuple[object, ...], int]:
        answer = await self._connection.ask(
            "/api/documents/",
            params={"page_size": 1, "ordering": "-modified", "fields": "id,modified"},
            newest=True,
        )
        found = await self._connection.decode(Documents, answer)
        return (found.count, *((one.id, one.modified) for one in found.results)), found.count

    async def _deleted(self, numbers: Collection[int]) -> list[Event]:
        """A bulk deletion, by the stream's word; what the trash shows, by the trash's own."""
        try:
            trash = await trashed(self._connection, wanted=numbers) or {}
        except SourceError:
            trash = {}  # the hint counts without it
        lost = self._thrown_away(trash[number] for number in numbers if number in trash)
        return [
            *lost,
            *(
                Event(Op.DELETED, key_of(number), reason="deleted with others")
                for number in numbers
                if number not in trash
            ),
        ]

    async def _new_in_trash(self) -> list[Event]:
        """Nothing when the app does not say what time it is: then nobody knows what is new."""
        since = self._since
        if since is None:
            return []
        trash = await trashed(self._connection) or {}
        self._told = {number: at for number, at in self._told.items() if number in trash}
        return self._thrown_away(
            one for one in trash.values() if one.deleted_at is not None and one.deleted_at >= since
        )

    def _thrown_away(self, documents: Iterable[Document]) -> list[Event]:
        """Each once, and only documents: their later files lie in the trash as rows of their own."""
        events = []
        for one in documents:
            at = one.deleted_at
            if at is None or one.root_document is not None or self._told.get(one.id) == at:
                continue
            self._told[one.id] = at
            claims, said = refs(identity(one)), IN_THE_TRASH
            events.append(
                Event(Op.DELETED, key_of(one.id), one.title, claims, occurred=at, reason=said, own_act=True)
            )
        return events
