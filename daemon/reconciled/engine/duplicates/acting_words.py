"""What acting on duplicates does, in sentences for people: what goes where, what stays, who will notice."""

from collections.abc import Collection, Iterator
from typing import Any

from reconciled.config import Verb
from reconciled.engine.outbox.belonging import itself
from reconciled.engine.outbox.outlook import NO, TRASH, outlook
from reconciled.engine.outbox.shown import Paper
from reconciled.engine.outbox.standing import Sources
from reconciled.ledger import copies_of, items
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Presence
from reconciled.source import Deletion, Source


def count_of(papers: Collection[Paper]) -> str:
    """How many there are of what: `2 documents`."""
    kinds = {paper.kind for paper in papers}
    what = kinds.pop() if len(kinds) == 1 else "item"
    return f"{len(papers)} {what}{'' if len(papers) == 1 else 's'}"


def delete_words(source: Source[Any] | None, goes: Paper, stays: Paper, how: Deletion) -> str:
    """What deleting one does, what stays for it, and whether it can be undone where that is not plain."""
    undone = outlook(source, goes.source, Verb.DELETE, files=how.files) or NO
    if TRASH in undone:
        return f"move {goes.name} to the trash of {goes.source}; {stays.name} stays"
    files = " with its files" if how.files else ""
    return f"delete {goes.name} in {goes.source}{files}; {stays.name} stays; this {undone}"


def about(tx: Tx, row: ItemRow, paper: Paper) -> Iterator[str]:
    """Who has to do with what goes: files that were mirrored to it, and what refers to it."""
    for copy in copies_of.naming(tx, row.id):
        if copy.status.stands and not copies_of.is_gone(tx, copy.item_id):
            named = f"{copy.source}/{copy.original}"
            yield f"{named} was mirrored to {paper.name}: it will not be uploaded again"
    known = Sources(tx)
    for other in items.sharing(tx, {itself(row, known), *row.item.strong_refs}):
        if other.item.refers and other.id != row.id and other.presence is not Presence.GONE:
            source, _ = known.of(other.source_id)
            yield f"{source}/{other.item.key} refers to {paper.name}"
