"""`FakePaperless`: a Paperless-ngx over a real socket, 3.0.5 or 2.20.15, as far as it is asked.

Rights, marks and errors are those of the real ones: a document that a user may not see is left out
of every list and answers 404 like a deleted one, and only some questions tell the two apart.
100,000 documents are cheap.
"""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from reconciled.testing.fakes import paperless_bodies as bodies
from reconciled.testing.fakes import paperless_lists as lists
from reconciled.testing.fakes.paperless_doors import (
    LOGIN,
    body_of,
    forbidden,
    json_of,
    no_match,
    refusal,
)
from reconciled.testing.fakes.paperless_model import Document, User, may_see, owns
from reconciled.testing.fakes.paperless_showing import PaperlessShowing

EXCHANGES = 5
"""Exchanges of a password for the token, a minute."""
_SETS = {"set_correspondent": "correspondent", "set_document_type": "document_type"}


class FakePaperless(PaperlessShowing):
    """`async with FakePaperless() as app: … app.put("A letter"); app.delete(1)`.

    `version` tells 2.20 from 3.x; `api_versions` are those it takes, the last is its default. How it
    takes files in is said at `PaperlessConsuming`.
    """

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """What is asked of it."""
        api = f"{self.url_base}/api"
        one = rf"{api}/documents/{{id:\d{{1,18}}}}"
        yield web.get(f"{api}/documents/", self.needs("view_document", self._documents))
        yield web.post(f"{api}/documents/delete/", self.needs("delete_document", self._bulk_delete))
        yield web.post(f"{api}/documents/bulk_edit/", self.needs("change_document", self._bulk_edit))
        yield web.get(f"{one}/", self.needs("view_document", self._document))
        yield web.delete(f"{one}/", self.needs("delete_document", self._delete))
        if self.modern:
            yield web.get(f"{one}/root/", self.needs("view_document", self._root))
        yield web.get(f"{one}/metadata/", self.needs("view_document", self._metadata))
        yield web.get(f"{api}/trash/", self.needs("delete_document", self._trash))
        yield web.post(f"{api}/trash/", self.needs("delete_document", self._from_trash))
        yield web.get(f"{api}/workflows/", self.needs("view_workflow", self._workflows))
        yield web.post(f"{api}/workflows/", self.needs("add_workflow", self._write_workflow))
        yield web.put(rf"{api}/workflows/{{id:\d+}}/", self.needs("change_workflow", self._write_workflow))
        yield web.get(f"{api}/ui_settings/", self.needs("view_uisettings", self._ui_settings))
        yield web.get(f"{api}/statistics/", self.needs("", self._statistics))
        yield web.post(f"{api}/token/", self._token)
        if self.headless:
            yield web.post(f"{self.url_base}{LOGIN}", self._sign_in)
        yield web.get(f"{self.url_base}/ws/status/", self.stream)
        yield from self.intake_routes()
        yield from self.showing_routes()

    # documents

    async def _documents(self, request: web.Request, user: User) -> web.Response:
        query = {
            name: value
            for name, value in request.query.items()
            if self.filters_known or ("__" not in name and name != "custom_field_query")
        }
        try:
            page, every = lists.documents(self.state, user, query, self.in_order())
        except lists.BadQuery as error:
            return json_of({"custom_field_query": {"0": [error.complaint]}}, status=400)
        fields = request.query.get("fields")
        wanted = None if fields is None else frozenset(fields.split(","))
        rows = [bodies.row(one, user, modern=self.modern, fields=wanted) for one in page.rows]
        return self.page(request, page, rows, [one.id for one in every])

    async def _document(self, request: web.Request, user: User) -> web.Response:
        document = self._visible(request, user)
        return no_match() if document is None else json_of(bodies.row(document, user, modern=self.modern))

    async def _delete(self, request: web.Request, user: User) -> web.Response:
        document = self._visible(request, user)
        if document is None:
            return no_match()
        if not owns(user, document):
            return refusal(403, "You do not have permission to perform this action.")
        self.deletes[document.id] += 1
        self.delete(document.id)
        return web.Response(status=204)

    async def _bulk_delete(self, request: web.Request, user: User) -> web.Response:
        ids = (await body_of(request)).get("documents", [])
        if any(one not in self.state.documents for one in ids):
            return json_of(
                {"documents": ["Some documents in documents don't exist or were specified twice."]},
                status=400,
            )
        if any(not owns(user, self.state.documents[one]) for one in ids):
            return forbidden()
        await self.bulk_delete(*ids)
        return json_of({"result": "OK"})

    async def _bulk_edit(self, request: web.Request, user: User) -> web.Response:
        asked = await body_of(request)
        ids, method = asked.get("documents", []), asked.get("method")
        known = ("add_tag", "remove_tag", "modify_custom_fields", *_SETS)
        if any(one not in self.state.documents for one in ids) or method not in known:
            return json_of({"documents": ["Some documents don't exist or were specified twice."]}, status=400)
        if any(not owns(user, self.state.documents[one]) for one in ids):
            return forbidden()
        if method == "modify_custom_fields":
            added = asked.get("parameters", {}).get("add_custom_fields", {})
            values = {int(number): value for number, value in added.items()}
            for one in ids:
                await self.edit(one, fields={**self.state.documents[one].fields, **values})
            return json_of({"result": "OK"})
        if method in _SETS:
            return await self._set_name(ids, _SETS[method], asked.get("parameters", {}))
        tag = asked.get("parameters", {}).get("tag")
        for one in ids:
            tags = self.state.documents[one].tags
            await self.edit(one, tags=tags | {tag} if method == "add_tag" else tags - {tag})
        return json_of({"result": "OK"})

    async def _set_name(self, ids: list[int], what: str, parameters: dict[str, Any]) -> web.Response:
        """Whatever was set before is lost; what has it already is left as it is."""
        known = self.state.correspondents if what == "correspondent" else self.state.document_types
        name = parameters.get(what)
        if what not in parameters or (name is not None and name not in known):
            said = f"{what.replace('_', ' ').capitalize()} does not exist"
            return json_of({"non_field_errors": [said]}, status=400)
        for one in ids:
            if getattr(self.state.documents[one], what) != name:
                await self.edit(one, **{what: name})
        return json_of({"result": "OK"})

    async def _root(self, request: web.Request, user: User) -> web.Response:
        """Looks at the document before it looks at the rights, in the trash too."""
        number = int(request.match_info["id"])
        document = self.state.document_of(number) or self.state.trash.get(number)
        if document is None:
            return refusal(404, "Not found.")
        return json_of({"root_id": document.id}) if may_see(user, document) else forbidden()

    async def _metadata(self, request: web.Request, user: User) -> web.Response:
        """Looks at the living document before it looks at the rights."""
        document = self.state.documents.get(int(request.match_info["id"]))
        if document is None:
            return refusal(404, "Not found.")
        if not may_see(user, document):
            return forbidden()
        return json_of(bodies.metadata(document, modern=self.modern))

    # the trash, workflows

    async def _trash(self, request: web.Request, user: User) -> web.Response:
        """Own and everybody's; filters, fields and orders are ignored."""
        mine = [one for one in self.state.trash.values() if owns(user, one)]
        rows = [
            each
            for one in sorted(mine, key=lambda one: (one.created, one.id), reverse=True)
            for each in (bodies.row(one, user, modern=self.modern), *bodies.version_rows(one, user))
        ]
        for root, version, went in self.state.trashed_files.values():
            document = self.state.documents.get(root) or self.state.trash[root]
            if owns(user, document):
                rows.append(bodies.file_row(document, version, user, went=went))
        page = lists.cut(rows, request.query)
        return self.page(request, page, page.rows, [each["id"] for each in rows])

    async def _from_trash(self, request: web.Request, user: User) -> web.Response:
        asked = await body_of(request)
        ids = asked.get("documents") or [one.id for one in self.state.trash.values() if owns(user, one)]
        files = {each.id: one for one in self.state.trash.values() for each in one.versions}
        alone = self.state.trashed_files
        if any(one not in {*self.state.trash, *files, *alone} for one in ids):
            return json_of(
                {"documents": ["Some documents in the list have not yet been deleted."]}, status=400
            )
        if any(not owns(user, self.state.trash[one]) for one in ids if one in self.state.trash):
            return forbidden()
        for one in ids:
            if one in self.state.trash and asked.get("action") == "restore":
                self.restore(one, *ids)
            elif one in alone and asked.get("action") == "restore":
                self.restore_file(one)
            elif one not in files:
                self.purge(one)
        return json_of({"result": "OK", "doc_ids": ids})

    async def _workflows(self, request: web.Request, _user: User) -> web.Response:
        rows = [*self.state.workflows.values()]
        page = lists.cut(rows, request.query)
        return self.page(request, page, page.rows, [each["id"] for each in rows])

    async def _write_workflow(self, request: web.Request, _user: User) -> web.Response:
        asked = await body_of(request)
        known = request.match_info.get("id")
        if known is not None and int(known) not in self.state.workflows:
            return no_match()
        if any(one.get("type") not in (1, 2, 3, 4) for one in asked.get("triggers", ())):
            return json_of({"triggers": [{"type": ["not a valid choice."]}]}, status=400)
        number = int(known) if known is not None else max(self.state.workflows, default=0) + 1
        made = self.state.workflows[number] = {**asked, "id": number}
        return json_of(made, status=200 if known is not None else 201)

    # the rest

    async def _ui_settings(self, _request: web.Request, user: User) -> web.Response:
        return json_of(bodies.ui_settings(user, version=self.version, audited=self.audited))

    async def _statistics(self, _request: web.Request, user: User) -> web.Response:
        every = self.state.documents.values()
        if user.may("view_global_statistics"):
            return json_of({"documents_total": len(every), "documents_inbox": None})
        total = sum(may_see(user, one) for one in every)
        return json_of({"documents_total": total, "documents_inbox": None})

    async def _token(self, request: web.Request) -> web.Response:
        """Throttled: five a minute, whoever asks."""
        now = self.now().timestamp()
        while self.exchanges and self.exchanges[0] <= now - 60:
            self.exchanges.popleft()
        if len(self.exchanges) >= EXCHANGES:
            wait = int(self.exchanges[0] + 60 - now) + 1
            throttled = refusal(429, f"Request was throttled. Expected available in {wait} seconds.")
            throttled.headers["Retry-After"] = str(wait)
            return throttled
        self.exchanges.append(now)
        asked = await body_of(request)
        user = self.known(asked.get("username", ""), asked.get("password", ""))
        if user is None:
            return json_of({"non_field_errors": ["Unable to log in with provided credentials."]}, status=400)
        return json_of({"token": user.token})

    async def _sign_in(self, request: web.Request) -> web.Response:
        asked = await body_of(request)
        name, password = asked.get("username", ""), asked.get("password", "")
        user = self.known(name, password)
        if user is not None:
            key = f"session{len(self.signed_in):025}"
            self.signed_in.append(user.name)
            self.state.sessions[key] = user.id
            meta = {"is_authenticated": True, "session_token": key, "access_token": user.token}
            return json_of({"status": 200, "data": {"user": {"username": user.name}}, "meta": meta})
        if any((one.name, one.password) == (name, password) for one in self.state.users.values()):
            flows = [{"id": "login"}, {"id": "mfa_authenticate", "is_pending": True}]
            return json_of(
                {"status": 401, "data": {"flows": flows}, "meta": {"is_authenticated": False}}, status=401
            )
        said = "The username and/or password you specified are not correct."
        error = {"message": said, "code": "username_password_mismatch", "param": "password"}
        return json_of({"status": 400, "errors": [error]}, status=400)

    def _visible(self, request: web.Request, user: User) -> Document | None:
        document = self.state.documents.get(int(request.match_info["id"]))
        return document if document is not None and may_see(user, document) else None
