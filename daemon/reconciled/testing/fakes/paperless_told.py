"""What a Paperless-ngx tells: messages over its stream, and the webhooks of its workflows.

The stream opens to a session's cookie only, and tells of bulk deletions, of changes (3.x) and of
uploads; of a single deletion, the trash or a purge it says nothing, and neither does any webhook.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import WSMsgType, web

from reconciled.testing.fakes.base import Fake, Sent, WebhookTarget
from reconciled.testing.fakes.paperless_bodies import moment
from reconciled.testing.fakes.paperless_model import Document, PaperlessState, User, may_see

ADDED, UPDATED = 2, 3
WEBHOOK = 4
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class PaperlessTold(Fake):
    """The telling half of the fake; `cookie` is what it calls the cookie of a session."""

    state: PaperlessState
    version: str
    headless: bool
    cookie: str = "sessionid"

    def __init__(self, **settings: Any) -> None:
        """As `Fake`."""
        super().__init__(**settings)
        self.listeners: list[tuple[web.WebSocketResponse, User]] = []

    @property
    def modern(self) -> bool:
        """Whether it is 3.x."""
        return not self.version.startswith("2.")

    @property
    def user_agent(self) -> str:
        """What its webhooks come from."""
        return "python-httpx/0.28.1"

    # the stream

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """`/ws/status/`."""
        user = self.of_session(request)
        if user is None:
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.listeners.append((socket, user))
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
        finally:
            self.listeners = [each for each in self.listeners if each[0] is not socket]
        return socket

    def of_session(self, request: web.BaseRequest) -> User | None:
        """Who signed in with the cookie that the request carries."""
        key = request.cookies.get(self.cookie, "")
        return self.state.users.get(self.state.sessions.get(key, 0))

    async def say(self, message: Mapping[str, Any], *, about: Document | None = None) -> None:
        """Send a message to all that listen; about a document, to those who may see it."""
        text = msgspec.json.encode(message).decode()
        for socket, user in tuple(self.listeners):
            if not socket.closed and (about is None or may_see(user, about)):
                await socket.send_str(text)

    async def drop_all(self) -> None:
        """End all streams, as a restart does."""
        for socket, _ in tuple(self.listeners):
            await socket.close()

    async def end_sessions(self) -> None:
        """Sign everybody out; streams end."""
        self.state.sessions.clear()
        await self.drop_all()

    # webhooks

    async def run_workflows(self, document: Document, trigger: int) -> None:
        """Run the enabled workflows with that trigger; each webhook is sent once."""
        for workflow in tuple(self.state.workflows.values()):
            kinds = {each.get("type") for each in workflow.get("triggers", ())}
            if not workflow.get("enabled", True) or trigger not in kinds:
                continue
            for action in workflow.get("actions", ()):
                if action.get("type") == WEBHOOK and action.get("webhook"):
                    await self._send(action["webhook"], document, workflow["name"])

    async def _send(self, webhook: Mapping[str, Any], document: Document, name: str) -> None:
        values = self._placeholders(document)
        texts = {**(webhook.get("params") or {}), "": webhook.get("body") or ""}
        used = {found for text in texts.values() for found in _PLACEHOLDER.findall(str(text))}
        if not used <= values.keys():
            return  # an unknown placeholder: the action fails, and nothing is sent
        headers = {key: str(value) for key, value in (webhook.get("headers") or {}).items()}
        body, kind = self._body(webhook, values)
        status = await self._post(WebhookTarget(webhook["url"], headers), body, kind)
        self.sent.append(Sent(name, status))

    def _placeholders(self, document: Document) -> dict[str, str]:
        """What the templates know; the number since 3.0 only."""
        values = {
            "doc_title": document.title,
            "doc_url": f"{self.url}/documents/{document.id}/",
            "original_filename": document.file_name.rpartition(".")[0] or document.title,
            "filename": f"{document.id:07}",
            "added": moment(document.added) or "",
            "correspondent": "",
            "document_type": "",
            "owner_username": "",
        }
        return values | ({"doc_id": str(document.id)} if self.modern else {})

    @staticmethod
    def _body(webhook: Mapping[str, Any], values: Mapping[str, str]) -> tuple[bytes, str]:
        def rendered(text: object) -> str:
            return _PLACEHOLDER.sub(lambda found: values[found[1]], str(text))

        if webhook.get("use_params"):
            params = {key: rendered(text) for key, text in (webhook.get("params") or {}).items()}
            if webhook.get("as_json"):
                return msgspec.json.encode(params), "application/json"
            return urlencode(params).encode(), "application/x-www-form-urlencoded"
        text = rendered(webhook.get("body") or "")
        return (
            (msgspec.json.encode(text), "application/json") if webhook.get("as_json") else (text.encode(), "")
        )
