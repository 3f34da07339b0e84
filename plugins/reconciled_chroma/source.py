"""A collection of Chroma as a source: one item for each document that entries were made of.

**Absence** is an empty answer at the address of the collection's own id, asked for the entries of that
very document, while the collection's name still means that id afterwards. A collection that is missing is
trouble; one that was deleted and made anew has another id, and so is another instance.

**Deleting** takes out entries by their own ids *and* by a filter for their document: nothing that was not
looked at, and nothing that has become another document's meanwhile. Then it looks again.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import ClassVar

from reconciled.errors import BadResponse, Unsupported
from reconciled.model import About, Absent, Answer, Item, Json, Key, Page, Ref
from reconciled.source import Context, Deletion, Hook, Matter, Prospect, Source
from reconciled_chroma.config import ChromaConfig
from reconciled_chroma.connection import PAGE, Connection
from reconciled_chroma.documents import Reference, asking_for
from reconciled_chroma.examining import examine
from reconciled_chroma.items import VECTOR
from reconciled_chroma.listing import asked, gathered

_KNOWN = "collection"
_ROUNDS = 3
_ITEMS = 250


class Chroma(Source[ChromaConfig]):
    """One collection."""

    app: ClassVar[str] = "chroma"
    kinds: ClassVar[tuple[str, ...]] = (VECTOR,)
    Config: ClassVar = ChromaConfig
    paged: ClassVar[bool] = True
    asked_by_post: ClassVar[frozenset[str]] = frozenset({"/get"})
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion()})
    batch: int = 50

    def __init__(self, config: ChromaConfig, context: Context) -> None:
        super().__init__(config, context)
        self.connection = Connection(config, context.http)
        self.reference = Reference.read(config.refers_to)
        self.unnamed: int | None = None
        self.acts_within = 3 * config.act_timeout

    # what every source can do

    async def probe(self) -> About:
        """Who answers, and which collection has the name: its id is the instance."""
        version = await self.connection.prove()
        me = await self.connection.identity()
        collection = await self.connection.collection()
        await self.context.store.set(_KNOWN, collection)
        return About(app="Chroma", version=version, instance=collection, account=me.user_id or None)

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """What was made of every document. Entries that name none are counted and passed over."""
        if VECTOR not in kinds:
            raise Unsupported(f"Chroma has the kind {VECTOR} only")
        collection = await self._collection()
        gathering = await gathered(self.connection, collection)
        await self._firm(collection)
        self.unnamed = gathering.unnamed
        items = [*gathering.items()]
        for start in range(0, len(items), _ITEMS):
            yield Page(tuple(items[start : start + _ITEMS]), total=len(items))
        yield Page((), complete=True, total=len(items))

    async def lookup(self, key: Key) -> Answer:
        """What was made of this document, or `Absent`."""
        return (await self.lookup_many([key]))[key]

    # what else this one can do

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        """The same of several, by one filter."""
        ids = {_document(key) for key in keys}
        collection = await self._collection()
        gathering, _ = await asked(self.connection, collection, ids)
        found: dict[Key, Answer] = {item.key: item for item in gathering.items()}
        if denied := [key for key in keys if key not in found]:
            await self._firm(collection)
            no = Absent(f"no entry of {self.config.collection} names it; the collection is there")
            found |= dict.fromkeys(denied, no)
        return found

    async def find(self, ref: Ref) -> Sequence[Item]:
        """What was made of the document that the ref names."""
        document = self.reference.document(ref)
        if document is None:
            raise Unsupported(f"this collection finds by {self.config.refers_to}, not by {ref}")
        answer = await self.lookup(Key(VECTOR, document))
        return [answer] if isinstance(answer, Item) else []

    async def delete(self, key: Key, how: Deletion) -> None:
        """Take out all entries that name the document. None there is success."""
        if how not in self.options:
            raise Unsupported("Chroma has no files, and no list of what is not to be added again")
        document = _document(key)
        collection = await self._collection()
        where = asking_for([document], self.config.field)
        last = self.context.clock.monotonic() + self.acts_within - self.config.act_timeout
        for _ in range(_ROUNDS):
            _, found = await asked(self.connection, collection, [document])
            if not found:
                return
            for ids in _parts(found[document]):
                if self.context.clock.monotonic() > last:
                    raise BadResponse(
                        f"{self.config.url}: the deletion of {key} takes too long; part of it is done"
                    )
                await self.connection.remove(collection, ids=ids, where=where)
        raise BadResponse(
            f"{self.config.url}: Chroma says that it has deleted the entries of {key}, and still has some; "
            "does a program put them in again?"
        )

    async def foresee(self, key: Key, image: Json) -> Prospect:
        """Nothing comes back: only the program that made the entries can make them."""
        del image
        _document(key)
        return Prospect(
            refused="the entries were made by another program out of the document; let it read that again"
        )

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:  # noqa: ARG002  # it has no webhooks
        """Whether the collection is there, and whether its entries name documents."""
        return await examine(self.connection, self.context, unnamed=self.unnamed)

    # which collection

    async def _collection(self) -> str:
        """The collection's id, the one that was there at the last probe. BadResponse: another is."""
        found = await self.connection.collection()
        known = await self.context.store.get(_KNOWN)
        if known is not None and found != known:
            raise BadResponse(
                f"{self.config.url}: the collection {self.config.collection} is another one ({found}) than "
                f"before ({known}); it was deleted and made anew, or another one was given its name"
            )
        return found

    async def _firm(self, collection: str) -> None:
        """BadResponse unless the name still means this collection: then what it denied is denied."""
        if (now := await self.connection.collection()) != collection:
            raise BadResponse(
                f"{self.config.url}: while it was asked, the collection {self.config.collection} became "
                f"another one ({now} instead of {collection})"
            )


def _document(key: Key) -> str:
    """The document's id in a key. Unsupported for what is none."""
    if key.kind != VECTOR:
        raise Unsupported(f"Chroma has no {key.kind}")
    if not key.id:
        raise Unsupported("an empty text is the id of no document")
    return key.id


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
