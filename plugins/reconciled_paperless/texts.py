"""The words in documents: of these very ones, or of all that changed since a mark.

A reading goes by the time of the last change, which does not drift: a document that is changed meanwhile
moves ahead and comes (again), and one that goes is only not there any more. Each page begins at the moment
at which the one before ended, so what shares that moment is asked for again. Where one moment holds more
than a page (a bulk edit of thousands), its documents are asked for by their numbers.

Two things have no new time of change. What somebody let us see lately is known by its number, so a mark
holds those that were there. And a change may be written long after its time (a whole import is one
transaction), so the next reading begins a little before the newest change that this one began with. The
mark of a page in the middle goes on exactly there. The page that comes last brings the next reading's mark.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from datetime import UTC, timedelta

import msgspec
from msgspec.structs import replace

from reconciled.errors import BadResponse
from reconciled.model import Json, Key
from reconciled.source import Text, TextPage
from reconciled_paperless.by_time import newest, numbers_of, page_since
from reconciled_paperless.changes import OVERLAP, TICK, read_ids, write_ids
from reconciled_paperless.connection import Connection
from reconciled_paperless.items import identity, key_of
from reconciled_paperless.labels import Lists
from reconciled_paperless.listing import every_id, ids_by_pages, these
from reconciled_paperless.payloads import Document, Moment

PAGE = 250
"""Documents in one answer: more save hardly any time, and a small box holds all their words at once."""
_INSTANT = timedelta(microseconds=1)
_FIELDS = (
    "id,content,modified,created,original_file_name,correspondent,document_type,page_count,notes,"
    "root_document,deleted_at"
)


class TextMark(msgspec.Struct, frozen=True):
    """Where to read on.

    `since`: what changed from then on is to be read, None: everything; of that moment the `crowd` was read.
    `newest` and `witness` are when the newest change was, and whose, as the reading began; `ids` those
    that were there. `under_way`: the reading is not at its end.
    """

    since: Moment | None
    newest: Moment | None
    witness: str
    ids: str
    crowd: str = ""
    under_way: bool = False

    @classmethod
    def of(cls, value: Json) -> "TextMark | None":
        """What `json` made; None for anything else."""
        try:
            return msgspec.convert(value, cls)
        except msgspec.ValidationError:
            return None

    @property
    def json(self) -> Json:
        """As the ledger keeps it."""
        made: Json = msgspec.to_builtins(self)
        return made


class Reader:
    """Reads the words of one Paperless."""

    def __init__(self, connection: Connection, lists: Lists) -> None:
        self._connection = connection
        self._lists = lists

    async def texts(self, numbers: Sequence[int]) -> Mapping[Key, Text]:
        """Those of these documents, as far as they are shown."""
        found: dict[Key, Text] = {}
        for part in _parts(numbers):
            found.update(await self._texts(await these(self._connection, part, fields=_FIELDS)))
        return found

    async def since(self, mark: Json) -> AsyncIterator[TextPage]:
        """All that changed since the mark, page by page; the last page may be empty."""
        last = await newest(self._connection)
        begun = reading = await self._begun(TextMark.of(mark), last)
        known, met, total = read_ids(begun.ids), set[int](), None
        async for documents, reading, left in self._changed(begun, last):
            total = left if total is None else total
            met.update(one.id for one in documents if one.id not in known)
            yield TextPage(await self._texts(documents), reading.json, total)
        ids = await self._ids()
        unmet = ids - known - met
        for part in _parts(unmet):
            shown = await these(self._connection, part, fields=_FIELDS)
            ids -= set(part) - {one.id for one in shown}
            yield TextPage(await self._texts(shown), reading.json, total)
        again = None if reading.newest is None else reading.newest - OVERLAP
        ended = TextMark(again, reading.newest, reading.witness, write_ids(ids))
        yield TextPage({}, ended.json, total)

    async def _begun(self, mark: TextMark | None, last: Document | None) -> TextMark:
        """The mark, or a new one where it is about another world, with what there is now."""
        if mark is not None and not await self._stands(mark, last):
            mark = None
        if mark is not None and mark.under_way:
            return mark
        ids = write_ids(await self._ids()) if mark is None else mark.ids
        since = None if mark is None else mark.since
        if last is None or last.modified is None:
            return TextMark(since, None, "", ids, under_way=True)
        return TextMark(since, last.modified.astimezone(UTC), _named(last), ids, under_way=True)

    async def _stands(self, mark: TextMark, last: Document | None) -> bool:
        """Whether the witness is what it was, no older, or gone, and no clock was set back since."""
        if mark.newest is None:
            return True
        now = self._connection.told_at
        if now is not None and mark.newest - OVERLAP > now + TICK:
            return False
        if last is not None and (_named(last), last.modified) == (mark.witness, mark.newest):
            return True
        number = int(mark.witness.partition("@")[0])
        for one in await these(self._connection, [number], fields="id,modified,added"):
            return _named(one) == mark.witness and one.modified is not None and one.modified >= mark.newest
        return True

    async def _changed(
        self, reading: TextMark, newest_now: Document | None
    ) -> AsyncIterator[tuple[Sequence[Document], TextMark, int]]:
        """The documents by the time of their change, each page with the mark behind it and what was left."""
        until = None if newest_now is None else newest_now.modified
        border: dict[int, Moment | None] = {}
        while True:
            since = reading.since
            page, left = await page_since(self._connection, since, PAGE, fields=_FIELDS)
            if not page and until is not None and (since is None or since <= until):
                said = f"no change since {since or 'ever'} is listed, and there is one of {until}"
                raise BadResponse(f"{self._connection.name}: {said}")
            last = page[-1].modified if page else since
            if left > len(page) and last == since and since is not None:
                async for part, so_far in self._crowd(reading, since):
                    yield part, so_far, left
                reading, border = replace(reading, since=since + _INSTANT, crowd=""), {}
                continue
            if last is not None:
                reading = replace(reading, since=last.astimezone(UTC), crowd="")
            fresh = [one for one in page if one.id not in border or border[one.id] != one.modified]
            yield fresh, reading, left
            if left == len(page):
                return
            border = {one.id: last for one in page if one.modified == last}

    async def _crowd(
        self, reading: TextMark, moment: Moment
    ) -> AsyncIterator[tuple[Sequence[Document], TextMark]]:
        """All documents of one moment that holds more than a page. One that was changed since comes, too."""
        given = read_ids(reading.crowd)
        for part in _parts(await numbers_of(self._connection, moment) - given):
            given |= set(part)
            shown = await these(self._connection, part, fields=_FIELDS)
            yield shown, replace(reading, crowd=write_ids(given))

    async def _ids(self) -> frozenset[int]:
        ids = await every_id(self._connection)
        return ids if ids is not None else await ids_by_pages(self._connection)

    async def _texts(self, documents: Sequence[Document]) -> dict[Key, Text]:
        await self._lists.refresh(documents)
        return {key_of(one.id): self._text(one) for one in documents}

    def _text(self, document: Document) -> Text:
        if document.content is None:
            raise BadResponse(
                f"{self._connection.name}: document {document.id} came without its content; "
                "does this version know `fields`?"
            )
        about: dict[str, Json] = {
            "correspondent": self._lists.correspondents.name(document.correspondent),
            "document_type": self._lists.types.name(document.document_type),
            "file_name": document.original_file_name,
            "created": None if document.created is None else document.created[:10],
            "pages": document.page_count,
            "notes": None if document.notes is None else len(document.notes),
        }
        return Text(document.content, {name: value for name, value in about.items() if value is not None})


def _parts(numbers: Collection[int]) -> Iterator[list[int]]:
    """So many as fit in one question, smallest first."""
    every = sorted(set(numbers))
    for start in range(0, len(every), PAGE):
        yield every[start : start + PAGE]


def _named(document: Document) -> str:
    """Its number with the moment at which it was added."""
    claim = identity(document)
    return f"{document.id}@" if claim is None else claim.value
