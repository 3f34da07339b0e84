"""What people and Paperless itself do there: add, change, throw away, restore, purge, hide, sign out.

What is a plain function is told to nobody, as in the real one; a coroutine sends what Paperless
sends, over its stream and by its workflows.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from reconciled.testing.fakes import paperless_bodies as bodies
from reconciled.testing.fakes.paperless_model import (
    ALL_RIGHTS,
    CustomField,
    Document,
    Note,
    PaperlessState,
    Tag,
    User,
    Version,
)
from reconciled.testing.fakes.paperless_told import ADDED, UPDATED, PaperlessTold

ADMIN = 2


class PaperlessDeeds(PaperlessTold):
    """The doing half of the fake. `deletes` counts, by number, the DELETE calls that took effect.

    `filters_known` False: it ignores the filters of its lists, as it does with names it does not know.
    `forgets` is how many ids it leaves out of the list of all.
    """

    def __init__(
        self,
        *,
        version: str = "3.0.5",
        headless: bool = True,
        port: int = 0,
        api_key: str = "0123456789abcdef0123456789abcdef01234567",
        url_base: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """As `Fake`; `api_key` is the token of `admin`, a superuser with the password `secret-admin`.

        `headless` False: it has no sign-in for apps.
        """
        super().__init__(port=port, api_key=api_key, url_base=url_base, now=now)
        self.version = version
        self.headless = headless
        self.audited = True
        self.filters_known = True
        self.forgets = 0
        self.api_versions = ("9", "10") if self.modern else tuple(map(str, range(1, 10)))
        self.deletes: Counter[int] = Counter()
        self.exchanges: deque[float] = deque()
        self.signed_in: list[str] = []
        self._in_order: list[Document] | None = None
        self.state = PaperlessState()
        self.admin = User(ADMIN, "admin", "secret-admin", api_key, superuser=True)
        self.state.users[ADMIN] = self.admin

    def in_order(self) -> Sequence[Document]:
        """All documents by id."""
        if self._in_order is None:
            self._in_order = sorted(self.state.documents.values(), key=lambda one: one.id)
        return self._in_order

    # told to nobody

    def put(self, title: str = "Letter", **more: Any) -> Document:
        """A document that is there, from `admin` unless `owner` says otherwise; `labels` are its tags."""
        labels: Iterable[str] = more.pop("labels", ())
        tags = frozenset(self.tag_named(name).id for name in labels)
        now = self.now()
        made = {"added": now, "modified": now, "owner": ADMIN, "tags": tags, **more}
        document = Document(self.state.new_id(), title, **made)
        return self._keep(document)

    def put_many(self, number: int) -> list[Document]:
        """So many letters."""
        return [self.put(f"Letter {each}") for each in range(number)]

    def put_tag(self, name: str, *, owner: int | None = None) -> Tag:
        """A new tag, whatever others are called."""
        return self._put_name(self.state.tags, name, owner)

    def put_correspondent(self, name: str, *, owner: int | None = None) -> Tag:
        """A new correspondent."""
        return self._put_name(self.state.correspondents, name, owner)

    def put_type(self, name: str, *, owner: int | None = None) -> Tag:
        """A new document type."""
        return self._put_name(self.state.document_types, name, owner)

    def put_note(self, number: int, text: str, *, user: int | None = ADMIN) -> Note:
        """A note on a document, which gets a new time of change."""
        document, now = self.state.documents[number], self.now()
        by = "" if user is None else self.state.users[user].name
        note = Note(self.state.next_note, text, now, user, by)
        self.state.next_note += 1
        self._keep(replace(document, notes=(note, *document.notes), modified=now))
        return note

    def tag_named(self, name: str) -> Tag:
        """The tag of that name, made when there is none."""
        known = (one for one in self.state.tags.values() if one.name == name)
        return next(known, None) or self.put_tag(name)

    def put_field(self, name: str, data_type: str = "string") -> CustomField:
        """A custom field."""
        made = CustomField(max(self.state.custom_fields, default=0) + 1, name, data_type)
        self.state.custom_fields[made.id] = made
        return made

    def rename_tag(self, name: str, new: str) -> None:
        """Its documents keep their times of change."""
        tag = self.tag_named(name)
        self.state.tags[tag.id] = replace(tag, name=new)

    def label(self, number: int, *labels: str) -> Document:
        """Put tags on a document, behind the back of its time of change."""
        document = self.state.documents[number]
        tags = document.tags | {self.tag_named(name).id for name in labels}
        return self._keep(replace(document, tags=tags))

    def put_user(self, name: str, **more: Any) -> User:
        """A user with a password and token of its own, and all rights; no superuser."""
        number = max(self.state.users) + 1
        made = {"rights": ALL_RIGHTS, **more}
        user = User(number, name, f"secret-{name}", f"{number:040x}", **made)
        self.state.users[number] = user
        return user

    def delete(self, number: int) -> Document:
        """Into the trash, as the page of a document does it: no message, no webhook, no new time."""
        document = replace(self.state.documents.pop(number), deleted_at=self.now())
        self._in_order = None
        self.state.trash[number] = document
        return document

    def restore(self, number: int, *later: int) -> Document:
        """Out of the trash, under the same number, with a new time of change.

        Later files are rows of their own there: those that are not named stay.
        """
        document = self.state.trash.pop(number)
        back = tuple(one for one in document.versions if one.id in later)
        for one in document.versions:
            if one.id not in later:
                self.state.trashed_files[one.id] = (number, one, document.deleted_at or self.now())
        return self._keep(replace(document, deleted_at=None, modified=self.now(), versions=back))

    def restore_file(self, number: int) -> Document:
        """A later file out of the trash, whose document is there."""
        root, version, _ = self.state.trashed_files.pop(number)
        document = self.state.documents[root]
        versions = sorted((*document.versions, version), key=lambda one: one.id)
        return self._keep(replace(document, versions=tuple(versions), modified=self.now()))

    def delete_file(self, number: int, version: int) -> None:
        """A later file of a document into the trash; the document stays (3.x)."""
        document = self.state.documents[number]
        (gone,) = (one for one in document.versions if one.id == version)
        self.state.trashed_files[version] = (number, gone, self.now())
        kept = tuple(one for one in document.versions if one is not gone)
        self._keep(replace(document, versions=kept, modified=self.now()))

    def purge(self, number: int) -> None:
        """Out of the trash for good, or past it."""
        self.state.trash.pop(number, None)
        self.state.documents.pop(number, None)
        self.state.trashed_files = {
            key: one for key, one in self.state.trashed_files.items() if number not in (key, one[0])
        }
        self._in_order = None

    def hide(self, number: int, *, owner: int) -> Document:
        """Give a document to somebody else; others no longer see it. Its time of change stays."""
        return self._keep(replace(self.state.documents[number], owner=owner, viewers=frozenset()))

    def show(self, number: int, user: int) -> Document:
        """Let a user see a document."""
        document = self.state.documents[number]
        return self._keep(replace(document, viewers=document.viewers | {user}))

    def add_version(self, number: int, data: bytes | None = None, *, file_name: str = "") -> Version:
        """A later file of a document (3.x)."""
        document, now = self.state.documents[number], self.now()
        data = document.bytes + b" changed" if data is None else data
        version = Version(self.state.new_id(), sha256(data).hexdigest(), now, data, file_name)
        self._keep(replace(document, versions=(*document.versions, version), modified=now))
        return version

    def empty_database(self) -> PaperlessState:
        """Start over with the same users and nothing else. Returns what was."""
        before = self.state
        self.state = PaperlessState(users=before.users, sessions=before.sessions)
        self._in_order = None
        return before

    # told

    async def add(self, title: str = "Letter", **more: Any) -> Document:
        """Upload a document: progress over the stream, and workflows."""
        return await self.told_of(self.put(title, **more))

    async def told_of(self, document: Document) -> Document:
        """What is told of a new document."""
        for status, message, percent in (("STARTED", "new_file", 0), ("WORKING", "parsing_document", 20)):
            progress = bodies.progress(document, status=status, message=message, percent=percent)
            await self.say(progress, about=document)
        await self.run_workflows(document, ADDED)
        done = bodies.progress(document, status="SUCCESS", message="finished", percent=100)
        await self.say(done, about=document)
        return document

    async def edit(self, number: int, **changes: Any) -> Document:
        """Change a document: a message since 3.0, and workflows."""
        document = self._keep(replace(self.state.documents[number], modified=self.now(), **changes))
        if self.modern:
            await self.say(bodies.updated(document), about=document)
        await self.run_workflows(document, UPDATED)
        return document

    async def bulk_delete(self, *numbers: int) -> None:
        """Into the trash, as the list of documents does it: one message with all ids, versions' too."""
        ids = [*numbers]
        for number in numbers:
            ids += [one.id for one in self.delete(number).versions]
        await self.say({"type": "documents_deleted", "data": {"documents": ids}})

    def _put_name(self, names: dict[int, Tag], name: str, owner: int | None) -> Tag:
        made = names[max(names, default=0) + 1] = Tag(max(names, default=0) + 1, name, owner)
        return made

    def _keep(self, document: Document) -> Document:
        self.state.documents[document.id] = document
        self._in_order = None
        return document
