"""What a Paperless-ngx shows of a document to people: its picture, the document as a browser opens it, notes.

Whether a version is known already is judged before anybody looks whether the user may see it: a 304 comes
for a hidden document, too. What lies in the trash is still served (3.x), without saying which version it is.
"""

from collections.abc import Iterable
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from aiohttp import web

from reconciled.testing.fakes import paperless_bodies as bodies
from reconciled.testing.fakes.paperless_doors import body_of, forbidden, json_of, refusal
from reconciled.testing.fakes.paperless_intake import PaperlessIntake
from reconciled.testing.fakes.paperless_model import Document, User, may_see, owns
from reconciled.testing.fakes.paperless_pictures import page

_AS_TEXT = frozenset({"text/csv", "application/csv"})


class PaperlessShowing(PaperlessIntake):
    """The showing half of the fake."""

    def showing_routes(self) -> Iterable[web.AbstractRouteDef]:
        """What is asked of it."""
        one = rf"{self.url_base}/api/documents/{{id:\d{{1,18}}}}"
        yield web.get(f"{one}/thumb/", self.needs("view_document", self._thumb))
        yield web.get(f"{one}/preview/", self.needs("view_document", self._preview))
        yield web.get(f"{one}/notes/", self.needs("view_note", self._notes))
        yield web.post(f"{one}/notes/", self.needs("add_note", self._add_note))
        yield web.delete(f"{one}/notes/", self.needs("delete_note", self._delete_note))

    # pictures and whole documents

    async def _thumb(self, request: web.Request, user: User) -> web.Response:
        """Always called WebP. 2.20 knows it by its time only, and not from the trash."""
        alive = self.state.documents.get(int(request.match_info["id"]))
        version: dict[str, str] = {}
        if alive is not None and alive.picture != b"":
            version["Last-Modified"] = format_datetime(alive.modified, usegmt=True)
            if self.modern:
                version["ETag"] = f'"{_newest_checksum(alive)}"'
        if _is_known(request, version):
            return web.Response(status=304, headers=version)
        document = alive or (self._in_trash(request) if self.modern else None)
        if document is None:
            return refusal(404, "Not found.")
        if not may_see(user, document):
            return forbidden()
        if document.picture == b"":  # its file is missing
            return refusal(404, "Not found.")
        picture = document.picture or page(document.content or document.title)
        return web.Response(body=picture, content_type="image/webp", headers=version)

    async def _preview(self, request: web.Request, user: User) -> web.Response:
        """The PDF that was made of the file, which has a checksum of its own; else the file itself."""
        alive = self.state.documents.get(int(request.match_info["id"]))
        version: dict[str, str] = {}
        if alive is not None:
            version["Last-Modified"] = format_datetime(alive.modified, usegmt=True)
            if alive.archive is not None:
                version["ETag"] = f'"{bodies.checksum(alive.archive, modern=self.modern)}"'
        if _is_known(request, version):
            return web.Response(status=304, headers=version)
        document = alive or self._in_trash(request)
        if document is None:
            return refusal(404, "Not found.")
        if not may_see(user, document):
            return forbidden()
        headers = {**version, "Content-Disposition": f'inline; filename="{document.id}.pdf"'}
        if document.archive is not None:
            return web.Response(body=document.archive, content_type="application/pdf", headers=headers)
        kind = "text/plain" if document.mime_type in _AS_TEXT else document.mime_type
        return web.Response(body=document.newest, content_type=kind, headers=headers)

    def _in_trash(self, request: web.Request) -> Document | None:
        return self.state.trash.get(int(request.match_info["id"]))

    # notes

    async def _notes(self, request: web.Request, user: User) -> web.Response:
        found = self._noted(request, user)
        return found if isinstance(found, web.Response) else _listed(found)

    async def _add_note(self, request: web.Request, user: User) -> web.Response:
        """An error in it is still a 200."""
        found = self._noted(request, user)
        if isinstance(found, web.Response):
            return found
        if not owns(user, found):
            return web.Response(
                status=403, text="Insufficient permissions to create notes", content_type="text/html"
            )
        text: Any = (await body_of(request)).get("note")
        if text is None:
            return json_of({"error": "Error saving note, check logs for more detail."})
        self.put_note(found.id, str(text), user=user.id)
        return _listed(self.state.documents[found.id])

    async def _delete_note(self, request: web.Request, user: User) -> web.Response:
        found = self._noted(request, user)
        if isinstance(found, web.Response):
            return found
        if not owns(user, found):
            return forbidden()
        number = request.query.get("id", "")
        if number not in {str(one.id) for one in found.notes}:
            return refusal(404, "No Note matches the given query.")
        await self.edit(found.id, notes=tuple(one for one in found.notes if str(one.id) != number))
        return _listed(self.state.documents[found.id])

    def _noted(self, request: web.Request, user: User) -> Document | web.Response:
        """Looks at the living document before it looks at the rights."""
        document = self.state.documents.get(int(request.match_info["id"]))
        if document is None:
            return refusal(404, "Not found.")
        if not may_see(user, document):
            return web.Response(
                status=403, text="Insufficient permissions to view notes", content_type="text/html"
            )
        return document


def _newest_checksum(document: Document) -> str:
    return document.versions[-1].checksum if document.versions else document.sha256


def _listed(document: Document) -> web.Response:
    return json_of([bodies.note_row(one) for one in document.notes])


def _is_known(request: web.Request, version: dict[str, str]) -> bool:
    """Whether the asker has this version: by its ETag if it names one, else by its time."""
    named = request.headers.get("If-None-Match")
    if named is not None:
        known = {one.strip().removeprefix("W/") for one in named.split(",")}
        return "ETag" in version and version["ETag"] in known
    since = request.headers.get("If-Modified-Since")
    if since is None or "Last-Modified" not in version:
        return False
    try:
        return parsedate_to_datetime(version["Last-Modified"]) <= parsedate_to_datetime(since)
    except ValueError:
        return False
