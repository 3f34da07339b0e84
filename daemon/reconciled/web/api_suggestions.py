"""API: which files of a mirror may be pages of one document. Only said; nothing is ever grouped by us."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from reconciled.engine.mirror.suggesting import Filed, Suggestion, suggest
from reconciled.ledger.views_filesets import FiledView, filed
from reconciled.model import Key
from reconciled.web.api_runs import the_mirror
from reconciled.web.calls import Asked, Nothing
from reconciled.web.problems import Problem

MOST = 1000


class SuggestionsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to look: among the copies in this target (by default the first), in this fileset (all)."""

    target: str | None = None
    fileset: str | None = None


class Page(msgspec.Struct, frozen=True):
    """A file that may be a page: in its source, and its copy in the target."""

    name: str
    kind: str
    id: str
    target_kind: str
    target_id: str


class Pages(msgspec.Struct, frozen=True):
    """Files that may be pages of one document, in order, and why."""

    fileset: str
    why: str
    files: list[Page]


class Suggestions(msgspec.Struct, frozen=True):
    """What may belong together. `more`: there are more than are shown; name a fileset."""

    mirror: str
    target: str
    items: Annotated[list[Pages], Meta(max_length=MOST)]
    more: bool


async def list_suggestions(asked: Asked[SuggestionsQuery, Nothing]) -> Suggestions:
    """Files of one fileset and day whose names are numbered one after the other."""
    mirror = the_mirror(asked.house, asked.path("name"))
    target = asked.query.target or mirror.targets[0]
    if target not in mirror.targets:
        targets = ", ".join(mirror.targets)
        raise Problem(404, f"{mirror.name} brings nothing to {target!r}; it does to {targets}")
    rows = await asked.house.ledger.read(filed, mirror.name, target, fileset=asked.query.fileset)
    found = await asyncio.to_thread(_suggested, rows)  # seconds, for very many files
    shown = [
        Pages(
            one.fileset,
            one.why,
            [Page(f.name, f.key.kind, f.key.id, f.copied.kind, f.copied.id) for f in one.files],
        )
        for one in found[:MOST]
    ]
    return Suggestions(mirror.name, target, shown, more=len(found) > MOST)


def _suggested(rows: Sequence[FiledView]) -> list[Suggestion]:
    return suggest(
        Filed(row.fileset, Key(row.kind, row.key), row.name, row.day, Key(row.target_kind, row.target_key))
        for row in rows
    )
