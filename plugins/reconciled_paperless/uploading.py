"""Files into Paperless: handing them over, and what became of them.

A receipt is the task's id and the marker of the upload, so that both can be told whoever asks later,
and a file that was refused because an earlier upload of ours arrived after all is known as ours.
Paperless makes the document, its tags and its fields in one transaction and says "success" after it,
so what it says was made can be looked at at once. A newer file of a document makes the document no more
ours than it was.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from reconciled.errors import BadResponse, Refused, Unsupported
from reconciled.http import FormFile, Response
from reconciled.model import Absent, Item
from reconciled.source import Context, Failed, Kept, Outcome, Pending, Receipt, Upload
from reconciled_paperless.connection import Connection
from reconciled_paperless.fates import IN_THE_TRASH, Fate, Hidden, root_of
from reconciled_paperless.fields import Fields
from reconciled_paperless.holding import Holding, Itemised, title_of
from reconciled_paperless.items import key_of, newest_checksum
from reconciled_paperless.listing import FILES, these
from reconciled_paperless.names import Names
from reconciled_paperless.payloads import Document
from reconciled_paperless.tasks import Task, Tasks
from reconciled_paperless.trash import Trash

_MODERN = 3
_LABELLED = 16
"""So much of a newer file's sha256 people see as the label of that version."""
_RECENT = timedelta(days=1)
_TASK = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NAMED = frozenset({"tags", "correspondent", "document_type", "custom_fields"})
_NOT_BY_TRYING = ("Unsupported mime type",)
_POST = "/api/documents/post_document/"

Look: TypeAlias = Callable[[int], Awaitable[Item | Fate]]
"""What a document is now, or what became of it."""


class Intake:
    """Brings files into one Paperless."""

    def __init__(
        self, connection: Connection, context: Context, *, trash: Trash, look: Look, items: Itemised
    ) -> None:
        self._connection = connection
        self._clock = context.clock
        self._look = look
        self._fields = Fields(connection, context.clock, context.log)
        self._tasks = Tasks(connection, context.clock)
        self._holding = Holding(connection, self._fields, self._tasks, trash=trash, items=items)
        self._tags = Names(connection, context.clock, "tag")
        self._correspondents = Names(connection, context.clock, "correspondent")
        self._types = Names(connection, context.clock, "document type")

    async def had(self, upload: Upload, since: datetime | None) -> Kept | Pending | None:
        """Whether Paperless holds it. What a task made of an upload is ours, though it may not show so."""
        known = await self._holding.had(upload, since)
        if since is None or isinstance(known, Pending) or (known is not None and known.ours):
            return known
        number = await self._holding.made(upload, since)
        if number is None:
            return known
        told = await self._unshown(number, Failed(f"Paperless made document {number} of it"), ours=True)
        return known if isinstance(told, Failed) else told

    async def upload(self, upload: Upload) -> Receipt:
        """Hand it over. A name that went since we read it is asked for once more: nothing was taken then."""
        file = FormFile("document", upload.path, upload.name, upload.mime_type)
        for last in (False, True):
            fields = await self._form(upload)
            answer = await self._connection.send(_POST, fields=fields, file=file, allow=(400, 403))
            if answer.status != 400 or last or not _NAMED & _complaints(answer).keys():
                break
            for each in (self._fields, self._tags, self._correspondents, self._types):
                each.forget()
        return self._receipt(answer, upload, "add documents; give it add_document")

    async def revise(self, number: int, upload: Upload) -> Receipt | Kept:
        """Hand newer bytes of a document over. Unsupported before 3.0, which keeps one file a document."""
        await self._fields.marker()  # the first answer says which version it is
        if self._connection.major < _MODERN:
            raise Unsupported(
                f"{self._connection.name} keeps one file a document; 3.0 and later keep newer ones"
            )
        document = await self._document(number)
        if document is None:
            raise Refused(
                f"Paperless: document {number} is not there to take a newer file: {await self._look(number)}"
            )
        if newest_checksum(document) == upload.sha256:
            ours = await self._is_ours(document, upload.marker)
            return await self._holding.kept(document, ours=ours)
        label = f"sha256 {upload.sha256[:_LABELLED]} for document {number}"
        if (going := await self._on_its_way(label)) is not None:
            return Receipt(f"{going.id} {upload.marker}")
        file = FormFile("document", upload.path, upload.name, upload.mime_type)
        path = f"/api/documents/{number}/update_version/"
        fields = [("version_label", label)]
        answer = await self._connection.send(path, fields=fields, file=file, allow=(400, 403))
        return self._receipt(
            answer, upload, f"change document {number}; give it change_document, and the document"
        )

    async def outcome(self, receipt: Receipt) -> Outcome:
        """How the task of an upload stands, and the document that it made."""
        task_id, _, marker = receipt.id.partition(" ")
        if not _TASK.fullmatch(task_id):
            raise BadResponse(f"{receipt.id[:100]!r} is no receipt of Paperless")
        task = await self._tasks.one(task_id)
        if task is None:
            raise BadResponse(
                f"{self._connection.name} knows no task {task_id} (any more): were its tasks cleared, is it "
                "another database, or another user's?"
            )
        if not task.finished:
            begun = "reads it" if task.status == "started" else "has not begun with it"
            return Pending(f"Paperless {begun}")
        if task.status == "success":
            return await self._made(task, marker)
        if task.duplicate_of is not None:
            return await self._refused(task.duplicate_of, marker)
        if task.status == "revoked":
            return Failed("its task was ended in Paperless' queue", again=True)
        said = task.said or "Paperless says no reason; its log does"
        return Failed(said, again=not any(each in said for each in _NOT_BY_TRYING))

    # handing over

    async def _on_its_way(self, label: str) -> Task | None:
        """An earlier call for the same bytes, whose answer nobody heard: its task bears the same label."""
        recent = await self._tasks.since(self._clock.now() - _RECENT, unfinished=True)
        going = (one for one in recent if not one.finished and one.consumes)
        return next((one for one in going if (one.overrides or {}).get("version_label") == label), None)

    async def _form(self, upload: Upload) -> list[tuple[str, str]]:
        """What is said beside the file. Names and fields are made first."""
        fields: list[tuple[str, str]] = []
        if title := title_of(upload):
            fields.append(("title", title))
        if upload.created is not None:
            fields.append(("created", upload.created.isoformat()))
        if upload.correspondent:
            fields.append(("correspondent", str(await self._correspondents.number(upload.correspondent))))
        if upload.document_type:
            fields.append(("document_type", str(await self._types.number(upload.document_type))))
        tags = {await self._tags.number(label) for label in upload.labels}
        fields += [("tags", str(tag)) for tag in sorted(tags)]
        values = {str(number): value for number, value in (await self._fields.values(upload)).items()}
        return [*fields, ("custom_fields", msgspec.json.encode(values).decode())]

    def _receipt(self, answer: Response, upload: Upload, right: str) -> Receipt:
        if answer.status == 403:
            raise self._connection.error(Refused, answer, f"the user of this source may not {right}")
        if answer.status == 400:
            said = "; ".join(f"{name}: {text}" for name, text in _complaints(answer).items())
            raise self._connection.error(
                Refused, answer, f"Paperless refused the file: {said or 'no reason given'}"
            )
        try:
            task = msgspec.json.decode(answer.body, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            task = ""
        if not _TASK.fullmatch(task):
            raise BadResponse(
                f"{answer.where}: what came is no id of a task, so nobody knows what became of the file"
            )
        return Receipt(f"{task} {upload.marker}")

    # afterwards

    async def _made(self, task: Task, marker: str) -> Outcome:
        """The document of a task that ended well."""
        if task.made is None:
            why = task.said or "no reason given"
            return Failed(f"Paperless took it and made no document of its own of it: {why}")
        number, document = await self._found(task.made)
        if document is None:
            return await self._unshown(number, Failed(f"Paperless made document {number} of it"), ours=True)
        if number != task.made:
            return await self._holding.kept(document, ours=await self._is_ours(document, marker))
        if marker:
            await self._fields.mark(document, marker)
        return await self._holding.kept(document, ours=True)

    async def _refused(self, other: int, marker: str) -> Outcome:
        """What Paperless refused as a duplicate, of a document or of a later file of one."""
        number, document = await self._found(other)
        said = f"Paperless refused it as a duplicate of document {number}"
        if document is None:
            return await self._unshown(number, Failed(said, again=True), ours=False)
        return await self._holding.kept(document, ours=await self._is_ours(document, marker), said=said)

    async def _is_ours(self, document: Document, marker: str) -> bool:
        field = await self._fields.marker()
        return bool(marker) and field is not None and Fields.is_marked(document, field, marker)

    async def _found(self, number: int) -> tuple[int, Document | None]:
        """The document of a number, which may be that of a later file; None when it is in no list."""
        if (document := await self._document(number)) is not None:
            return number, document
        root = await root_of(self._connection, number)
        return root, await self._document(root) if root != number else None

    async def _unshown(self, number: int, purged: Failed, *, ours: bool) -> Outcome:
        """What became of a document that is in no list. Where it is gone for good, nothing holds the file."""
        match await self._look(number):
            case Item() as item:
                return Kept(item.key, item, ours)
            case Absent(said=said) if said != IN_THE_TRASH:
                return replace(purged, said=f"{purged.said}, which is gone for good since ({said})")
            case Absent(said=said):
                return Kept(key_of(number), None, ours, said)
            case Hidden() as said:
                return Kept(key_of(number), None, ours, str(said))
            case said:
                return Pending(said)

    async def _document(self, number: int) -> Document | None:
        return next(iter(await these(self._connection, [number], fields=FILES)), None)


def _complaints(answer: Response) -> dict[str, str]:
    """What Paperless says of each field, or of the whole."""
    try:
        body = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = " ".join(answer.body[:200].decode(errors="replace").split())
        return {"answer": text} if text else {}
    told = body.items() if isinstance(body, dict) else [("answer", body)]
    return {
        str(name): " ".join(map(str, said)) if isinstance(said, list) else str(said) for name, said in told
    }
