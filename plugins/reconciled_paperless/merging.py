"""Merging documents onto one: it gets their tags and notes, and a correspondent and a type if it has none.

Only ever something is added. What the one has another of already is said and left, and so is what Paperless
gives to one document only: an archive serial number, which even a document in the trash keeps. A note comes
with a line that names the note it is a copy of, so that it is known again and never copied twice, also
not when it goes on from copy to copy. As with labels, what counts is what the document shows afterwards.
"""

import asyncio
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reconciled.errors import Refused, Unsupported
from reconciled.source import Merging
from reconciled_paperless.acting import Acts
from reconciled_paperless.connection import Connection
from reconciled_paperless.labels import Lists
from reconciled_paperless.listing import BATCH, these
from reconciled_paperless.payloads import Author, Document, Note

_FIELDS = (
    "id,tags,correspondent,document_type,archive_serial_number,notes,custom_fields,root_document,deleted_at"
)
_ORIGIN = re.compile(r"\(copied from document (\d{1,18}), note (\d{1,18})[^()\n]*\)\s*$")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Words:
    """What the numbers are called, as far as we may see it."""

    tags: Mapping[int, str] = field(default_factory=dict)
    correspondents: Mapping[int, str] = field(default_factory=dict)
    types: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be added, by number, and how it is said. `notes` are whole texts."""

    tags: tuple[int, ...]
    correspondent: int | None
    document_type: int | None
    notes: tuple[str, ...]
    said: Merging


def plan(onto: Document, others: Sequence[Document], words: Words, without: Collection[str] = ()) -> Plan:
    """What the one gets of the others, `without` these tags; pure. Of two correspondents the first one's."""
    gains, conflicts = list[str](), list[str]()
    tags = [*_tags(onto, others, words.tags, without)]
    gains += [f"gets the tag {_named(tag, words.tags)}" for tag in tags]
    correspondent = _single(
        "correspondent", onto.correspondent, [(one.id, one.correspondent) for one in others],
        words.correspondents, gains, conflicts,
    )  # fmt: skip
    document_type = _single(
        "document type", onto.document_type, [(one.id, one.document_type) for one in others],
        words.types, gains, conflicts,
    )  # fmt: skip
    notes = dict(_notes(onto, others))
    gains += notes.values()
    for one in others:
        conflicts += _staying(onto, one)
    said = Merging(tuple(gains), tuple(conflicts))
    return Plan(tuple(tags), correspondent, document_type, tuple(notes), said)


def _tags(
    onto: Document, others: Sequence[Document], names: Mapping[int, str], without: Collection[str]
) -> Iterator[int]:
    """Those that it has neither by number nor by name, and that it may get."""
    there = {*(onto.tags or ())}
    labels = {names[tag].casefold() for tag in there if tag in names}
    labels |= {label.strip().casefold() for label in without}
    for tag in (tag for one in others for tag in one.tags or ()):
        label = names[tag].casefold() if tag in names else None
        if tag not in there and (label is None or label not in labels):
            there.add(tag)
            labels |= {label} if label is not None else set()
            yield tag


def _single(
    what: str,
    has: int | None,
    offered: Sequence[tuple[int, int | None]],
    names: Mapping[int, str],
    gains: list[str],
    conflicts: list[str],
) -> int | None:
    """The one to be set, if it has none; what is offered besides is a conflict."""
    wanted = None
    for document, number in offered:
        if number is None:
            continue
        if has is None:
            has = wanted = number
            gains.append(f"gets the {what} {_named(number, names)} of document {document}")
        elif not _same(number, has, names):
            conflicts.append(
                f"the {what} {_named(number, names)} of document {document} is not taken over: "
                f"{'it has' if wanted is None else 'it gets'} {_named(has, names)}"
            )
    return wanted


def _notes(onto: Document, others: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """The text of each note to be added, and how that is said."""
    origins = {_origin(onto.id, one) for one in onto.notes or ()}
    texts = {_plain(one.note) for one in onto.notes or ()}
    for document in others:
        for note in sorted(document.notes or (), key=lambda one: one.id):
            text, origin = _plain(note.note), _origin(document.id, note)
            if not text or text in texts or origin in origins:
                continue
            texts.add(text)
            origins.add(origin)
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            said = f"gets the note “{' '.join(shown.split())}” of document {document.id}"
            yield _copied(document.id, note), said


def _origin(document: int, note: Note) -> tuple[int, int]:
    """Which note of which document it is, or is a copy of."""
    found = _ORIGIN.search(note.note)
    return (document, note.id) if found is None else (int(found[1]), int(found[2]))


def _plain(text: str) -> str:
    """A note without the line that says what it is a copy of."""
    return _ORIGIN.sub("", text).strip()


def _copied(document: int, note: Note) -> str:
    """The note as it is added: a copy of a copy names the first."""
    if _ORIGIN.search(note.note):
        return note.note
    by = note.user.username if isinstance(note.user, Author) else ""
    day = "" if note.created is None else note.created.date().isoformat()
    more = "".join(f", {part}" for part in (re.sub(r"[()\s]+", " ", by).strip(), day) if part)
    return f"{note.note.rstrip()}\n\n(copied from document {document}, note {note.id}{more})"


def _staying(onto: Document, other: Document) -> Iterator[str]:
    """What stays with the other although the one does not have it."""
    if other.archive_serial_number is not None:
        yield (
            f"the archive serial number {other.archive_serial_number} stays with document {other.id}: "
            "Paperless gives a number to one document only, and lets one in the trash keep it"
        )
    has = {(one.field, str(one.value)) for one in onto.custom_fields or ()}
    filled = [one for one in other.custom_fields or () if one.value not in (None, "", [])]
    left = sum((one.field, str(one.value)) not in has for one in filled)
    if left:
        what = "1 custom field stays" if left == 1 else f"{left} custom fields stay"
        yield f"{what} with document {other.id}: custom fields are not merged"


def _same(one: int, other: int, names: Mapping[int, str]) -> bool:
    if one == other:
        return True
    return one in names and other in names and names[one].casefold() == names[other].casefold()


def _named(number: int, names: Mapping[int, str]) -> str:
    return f"“{names[number]}”" if number in names else f"number {number} (its name is hidden from this user)"


class Merger:
    """Merges documents of one Paperless, one merge after the other."""

    def __init__(self, connection: Connection, lists: Lists, acts: Acts) -> None:
        self._connection = connection
        self._lists = lists
        self._acts = acts
        self._turn = asyncio.Lock()

    async def foresee(self, onto: int, others: Sequence[int], without: Collection[str]) -> Merging:
        """What would be added, and what not."""
        return (await self._planned(onto, await self._read([*others], besides=onto), without)).said

    async def merge(self, onto: int, others: Sequence[int], without: Collection[str]) -> None:
        """Add it, but for these tags. Refused when it cannot be done, or does not show afterwards."""
        async with self._turn, self._acts.in_time(onto):
            given = await self._read([*others], besides=onto)
            planned = await self._planned(onto, given, without)
            if not planned.said.gains:
                return
            for tag in planned.tags:
                await self._acts.edit(onto, "add_tag", {"tag": tag})
            for note in planned.notes:
                await self._note(onto, note)
            await self._set(onto, given)
            left = (await self._planned(onto, given, without)).said.gains
            if left:
                raise Refused(f"Paperless said yes, but document {onto} still lacks it: it {'; '.join(left)}")

    async def _set(self, onto: int, given: Sequence[Document]) -> None:
        """Set what takes the place of what was there, if nothing is there at this moment."""
        for what in ("correspondent", "document_type"):
            number = getattr(await self._planned(onto, given), what)
            if number is not None:
                await self._acts.edit(onto, f"set_{what}", {what: number})

    async def _note(self, onto: int, text: str) -> None:
        path = f"/api/documents/{onto}/notes/"
        answer = await self._connection.ask(path, method="POST", json={"note": text}, allow=(403,))
        self._acts.check_right(answer, "add notes to this document")

    async def _planned(self, onto: int, others: Sequence[Document], without: Collection[str] = ()) -> Plan:
        """The plan as of now; an empty one without others."""
        (document,) = await self._read([onto])
        await self._lists.refresh([document, *others])
        lists = self._lists
        words = Words(lists.tags.known, lists.correspondents.known, lists.types.known)
        return plan(document, others, words, without)

    async def _read(self, numbers: Sequence[int], *, besides: int | None = None) -> list[Document]:
        """These documents, in this order. Refused when one of them is not shown."""
        wanted = [one for one in dict.fromkeys(numbers) if one != besides]
        if len(wanted) > BATCH:
            raise Unsupported(f"{len(wanted)} documents at once; {BATCH} can be merged onto one")
        if not wanted:
            return []
        shown = {one.id: one for one in await these(self._connection, wanted, fields=_FIELDS)}
        if lacking := [one for one in wanted if one not in shown]:
            said = ", ".join(map(str, lacking))
            raise Refused(f"Paperless does not show document {said}: deleted, or hidden from this user")
        return [shown[one] for one in wanted]
