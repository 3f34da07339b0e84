"""The doors of a Paperless-ngx through which files come and go: uploads, tasks, names, fields, downloads."""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from unicodedata import normalize

from aiohttp import BodyPartReader, web

from reconciled.testing.fakes import paperless_lists as lists
from reconciled.testing.fakes.paperless_doors import PaperlessDoors, body_of, forbidden, json_of, refusal
from reconciled.testing.fakes.paperless_model import CustomField, Tag, User, may_see, owns
from reconciled.testing.fakes.paperless_tasks import task_row

_STRING = 128
_TYPES = ("string", "url", "date", "boolean", "integer", "float", "monetary", "documentlink", "select")
_NAMED = {"tags": "tag", "correspondents": "correspondent", "document_types": "documenttype"}


class PaperlessIntake(PaperlessDoors):
    """The receiving half of the fake."""

    def intake_routes(self) -> Iterable[web.AbstractRouteDef]:
        """What is asked of it."""
        api = f"{self.url_base}/api"
        one = rf"{api}/documents/{{id:\d{{1,18}}}}"
        yield web.post(f"{api}/documents/post_document/", self.needs("", self._post_document))
        yield web.get(f"{one}/download/", self.needs("view_document", self._download))
        if self.modern:
            yield web.post(f"{one}/update_version/", self.needs("", self._update_version))
        yield web.get(f"{api}/tasks/", self.needs("view_paperlesstask", self._tasks))
        for path, right in _NAMED.items():
            yield web.get(f"{api}/{path}/", self.needs(f"view_{right}", partial(self._names, path)))
            yield web.post(f"{api}/{path}/", self.needs(f"add_{right}", partial(self._new_name, path)))
        yield web.get(f"{api}/custom_fields/", self.needs("view_customfield", self._fields))
        yield web.post(f"{api}/custom_fields/", self.needs("add_customfield", self._new_field))

    # files in

    async def _post_document(self, request: web.Request, user: User) -> web.Response:
        if not user.may("add_document"):
            return forbidden()

        async def take(name: str, data: bytes, fields: dict[str, list[str]]) -> str:
            overrides = {
                "filename": name,
                "title": _last(fields, "title"),
                "correspondent_id": _number(fields, "correspondent"),
                "document_type_id": _number(fields, "document_type"),
                "tag_ids": [int(each) for each in fields.get("tags", ())],
                "created": _day(fields),
                "owner_id": user.id,
                "custom_fields": json.loads(_last(fields, "custom_fields") or "null"),
                "skip_asn_if_exists": False,
            }
            kind = mime_type_of(data)
            task = await self.take(name, data, mime_type=kind, owner=user.id, overrides=overrides)
            return task.task_id

        return await self._received(request, take)

    async def _update_version(self, request: web.Request, user: User) -> web.Response:
        root = self.state.document_of(int(request.match_info["id"]))
        if root is None:
            return refusal(404, "Not found.")
        if not (user.may("change_document") and owns(user, root)):
            return forbidden()

        async def take(name: str, data: bytes, fields: dict[str, list[str]]) -> str:
            overrides = {"version_label": _last(fields, "version_label"), "actor_id": user.id}
            kind = mime_type_of(data)
            task = await self.take(
                name, data, mime_type=kind, owner=user.id, overrides=overrides, root=root.id
            )
            return task.task_id

        return await self._received(request, take)

    async def _received(
        self, request: web.Request, take: Callable[[str, bytes, dict[str, list[str]]], Awaitable[str]]
    ) -> web.Response:
        if self.stopped_by_proxy(request):
            async for _ in request.content.iter_any():
                pass
            return web.Response(status=413, text="<html>Too Large</html>", content_type="text/html")
        if not request.content_type.startswith("multipart/"):
            return refusal(415, f'Unsupported media type "{request.content_type}" in request.')
        fields: dict[str, list[str]] = {}
        document: tuple[str, bytes] | None = None
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.filename is not None and part.name == "document":
                document = normalize("NFC", part.filename), bytes(await part.read())
            else:
                fields.setdefault(part.name or "", []).append(await part.text())
        complaints = {**_complaints_of_file(document), **self._complaints(fields)}
        if complaints or document is None:
            return json_of(complaints, status=400)
        return json_of(await take(*document, fields))

    def _complaints(self, fields: dict[str, list[str]]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        if "title" in fields and not fields["title"][-1].strip():
            found["title"] = ["This field may not be blank."]
        for name, known in (
            ("tags", self.state.tags),
            ("correspondent", self.state.correspondents),
            ("document_type", self.state.document_types),
        ):
            for each in fields.get(name, ()):
                if not each.isdigit():
                    found[name] = ["Incorrect type. Expected pk value, received str."]
                elif int(each) not in known:
                    found[name] = [f'Invalid pk "{each}" - object does not exist.']
        try:
            _day(fields)
        except ValueError:
            found["created"] = ["Datetime has wrong format."]
        if said := self._complaint_of_fields(_last(fields, "custom_fields")):
            found["custom_fields"] = [said]
        return found

    def _complaint_of_fields(self, text: str | None) -> str | None:
        try:
            asked = json.loads(text or "null")
        except ValueError:
            return "Value must be valid JSON."
        for number, value in (asked or {}).items():
            field = self.state.custom_fields.get(int(number))
            if field is None:
                return f"Custom field with id {number} does not exist"
            if field.data_type == "integer" and not str(value).isdigit():
                return "Enter a valid integer."
            if field.data_type == "string" and len(value) > _STRING:
                return f"Ensure this value has at most {_STRING} characters (it has {len(value)})."
        return None

    # files out

    async def _download(self, request: web.Request, user: User) -> web.Response:
        """From the trash, too; the newest file. It knows no ranges and gives no ETag."""
        number = int(request.match_info["id"])
        document = self.state.document_of(number) or self.state.trash.get(number)
        if document is None:
            return refusal(404, "Not found.")
        if not may_see(user, document):
            return forbidden()
        headers = {"Content-Disposition": f'attachment; filename="{document.created} {document.id}.pdf"'}
        return web.Response(body=document.newest, content_type=document.mime_type, headers=headers)

    # tasks

    async def _tasks(self, request: web.Request, user: User) -> web.Response:
        """The newest first; own ones and nobody's. A plain list up to API version 9."""
        asked = request.query
        api = int(self.version_asked(request) or "0")
        seen = [one for one in self.state.tasks.values() if user.superuser or one.owner in (None, user.id)]
        if "task_id" in asked:
            seen = [one for one in seen if one.task_id == asked["task_id"]]
        if asked.get("task_name", "consume_file") != "consume_file":
            seen = []
        if asked.get("is_complete") == "false" and api > 9:
            seen = [one for one in seen if one.status in ("pending", "started")]
        seen.sort(key=lambda one: (one.created, one.id), reverse=True)
        if api <= 9:
            return json_of([task_row(one, self.state, api=api, modern=self.modern) for one in seen])
        most = {} if self.tasks_a_page is None else {"page_size": str(self.tasks_a_page)}
        page = lists.cut(seen, {**asked, **most})
        rows = [task_row(one, self.state, api=api, modern=True) for one in page.rows]
        return self.page(request, page, rows, [one.id for one in seen])

    # names and fields

    def _named(self, path: str) -> dict[int, Tag]:
        found: dict[int, Tag] = getattr(self.state, path)
        return found

    async def _names(self, path: str, request: web.Request, user: User) -> web.Response:
        every = self._named(path).values()
        seen = [one for one in every if user.superuser or one.owner in (None, user.id)]
        page = lists.cut(sorted(seen, key=lambda one: one.name), request.query)
        return self.page(request, page, [*map(_name_row, page.rows)], [one.id for one in seen])

    async def _new_name(self, path: str, request: web.Request, user: User) -> web.Response:
        asked, known = await body_of(request), self._named(path)
        owner = asked.get("owner", user.id)
        if len(asked["name"]) > _STRING:
            return json_of({"name": ["Ensure this field has no more than 128 characters."]}, status=400)
        if any((one.name, one.owner) == (asked["name"], owner) for one in known.values()):
            return json_of({"error": "Object violates owner / name unique constraint"}, status=400)
        made = known[max(known, default=0) + 1] = Tag(max(known, default=0) + 1, asked["name"], owner)
        return json_of(_name_row(made), status=201)

    async def _fields(self, request: web.Request, _user: User) -> web.Response:
        every = [*self.state.custom_fields.values()]
        page = lists.cut(every, request.query)
        return self.page(request, page, [*map(_field_row, page.rows)], [one.id for one in every])

    async def _new_field(self, request: web.Request, _user: User) -> web.Response:
        asked = await body_of(request)
        longtext = tuple(int(part) for part in self.version.split(".")[:2]) >= (2, 19)
        if asked["data_type"] not in (*_TYPES, *(["longtext"] if longtext else [])):
            return json_of({"data_type": [f'"{asked["data_type"]}" is not a valid choice.']}, status=400)
        if any(one.name == asked["name"] for one in self.state.custom_fields.values()):
            return json_of({"error": "Object violates name unique constraint"}, status=400)
        return json_of(_field_row(self.put_field(asked["name"], asked["data_type"])), status=201)

    def page(
        self, request: web.Request, page: lists.Cut, rows: Sequence[Any], ids: Sequence[int]
    ) -> web.Response:
        """A page of anything. The ids of all that match are in it up to API version 9."""
        if page.missing:
            return refusal(404, "Invalid page.")
        query = {**request.query, "page": str(page.number + 1)}
        following = str(request.url.with_query(query)) if page.more else None
        made: dict[str, Any] = {"count": page.count, "next": following, "previous": None}
        if int(self.version_asked(request) or "0") <= 9:
            made["all"] = ids[self.forgets :]
        return json_of({**made, "results": rows})


def mime_type_of(data: bytes) -> str:
    """What the bytes look like."""
    for start, kind in ((b"%PDF", "application/pdf"), (b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg")):
        if data.startswith(start):
            return kind
    if data.startswith(b"MZ"):
        return "application/x-dosexec"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain"


def _complaints_of_file(document: tuple[str, bytes] | None) -> dict[str, list[str]]:
    if document is None:
        return {"document": ["No file was submitted."]}
    if not document[1]:
        return {"document": ["The submitted file is empty."]}
    kind = mime_type_of(document[1])
    if kind in ("application/x-dosexec", "application/octet-stream"):
        return {"document": [f"File type {kind} not supported"]}
    return {}


def _last(fields: dict[str, list[str]], name: str) -> str | None:
    return fields[name][-1] if fields.get(name) else None


def _number(fields: dict[str, list[str]], name: str) -> int | None:
    said = _last(fields, name)
    return None if said is None else int(said)


def _day(fields: dict[str, list[str]]) -> str | None:
    """The day of `created`. ValueError when it is no time."""
    said = _last(fields, "created")
    return None if said is None else datetime.fromisoformat(said).date().isoformat()


def _name_row(one: Tag) -> dict[str, Any]:
    return {"id": one.id, "slug": one.name, "name": one.name, "owner": one.owner}


def _field_row(one: CustomField) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "data_type": one.data_type, "extra_data": {}, "document_count": 0}
