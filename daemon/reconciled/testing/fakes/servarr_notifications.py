"""Settings > Connect of a fake Radarr or Sonarr: connections over the API, and webhooks sent by them.

A connection sends only events that are ticked, and only of items with one of its tags. One that is
skipped because it failed sends nothing until a test of it arrives. Sonarr 5 masks passwords and has
the same under `connection` beside its deprecated `notification`.
"""

import json
from collections.abc import Iterable
from copy import deepcopy
from typing import Any, ClassVar

from aiohttp import web

from reconciled.testing.fakes.base import Sent, WebhookTarget
from reconciled.testing.fakes.servarr_answers import answer, body_of, invalid
from reconciled.testing.fakes.servarr_entries import ServarrEntries
from reconciled.testing.fakes.servarr_model import EntryT

MASKED = "********"
_COMMON = (
    "Grab", "Download", "Upgrade", "Rename", "HealthIssue", "HealthRestored", "ApplicationUpdate",
    "ManualInteractionRequired",
)  # fmt: skip
_OWN = {
    "movie": ("MovieAdded", "MovieDelete", "MovieFileDelete", "MovieFileDeleteForUpgrade"),
    "series": (
        "ImportComplete", "SeriesAdd", "SeriesDelete", "EpisodeFileDelete", "EpisodeFileDeleteForUpgrade",
    ),
}  # fmt: skip
_TICKS = {"Health": "HealthIssue"}
_JSON = "application/json; charset=utf-8"


class ServarrNotifications(ServarrEntries[EntryT]):
    """The part of a fake Radarr or Sonarr that people set up to be told."""

    webhook_headers: ClassVar[bool] = True
    """Whether its webhooks can have headers; older versions only have a user and a password."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.skipped: set[int] = set()

    def api_routes(self, api: str) -> Iterable[web.AbstractRouteDef]:
        """Connections, under the name that this API has for them."""
        path = f"{api}/{'connection' if api.endswith('v5') else 'notification'}"
        yield web.get(f"{path}/schema", self._schema)
        yield web.get(path, self._connections)
        yield web.post(path, self._create)
        yield web.post(f"{path}/test", self._test)
        yield web.put(f"{path}/{{id:\\d+}}", self._update)
        yield web.delete(f"{path}/{{id:\\d+}}", self._drop)
        yield from super().api_routes(api)

    # what people and their days do

    def add_notification(self, name: str, url: str, **more: Any) -> dict[str, Any]:
        """A webhook that somebody made by hand, every event ticked."""
        made = {**self._template(), "name": name, "tags": []}
        made |= {f"on{event}": True for event in self._events()} | more
        made["id"] = max(self.state.notifications, default=0) + 1
        self.state.notifications[made["id"]] = made
        self.set_field(made, "url", url)
        return made

    @staticmethod
    def set_field(one: dict[str, Any], name: str, value: Any) -> None:
        """Give a field of a connection a value."""
        for field in one["fields"]:
            if field["name"] == name:
                field["value"] = value

    def skip(self, number: int) -> None:
        """It failed too often: nothing is sent by it for a while, and the health says so."""
        self.skipped.add(number)
        names = ", ".join(self.state.notifications[one]["name"] for one in sorted(self.skipped))
        told = f"Notifications unavailable due to failures: {names}"
        if self.skipped >= set(self.state.notifications):
            told = "All notifications are unavailable due to failures"
        self._clear_health()
        wiki = f"https://wiki.servarr.com/{self.app_name.lower()}/system"
        found = {"source": "NotificationStatusCheck", "type": "warning", "message": told, "wikiUrl": wiki}
        self.state.health.append({"id": len(self.state.health) + 1, **found})

    def _clear_health(self) -> None:
        self.state.health = [one for one in self.state.health if one["source"] != "NotificationStatusCheck"]

    # sending

    async def deliver(self, event: str, body: bytes, *, content_type: str) -> None:
        """To those added in code, then to the connections that want it."""
        await super().deliver(event, body, content_type=content_type)
        for one in list(self.state.notifications.values()):
            if one["id"] not in self.skipped and self._wants(one, event, json.loads(body)):
                self.sent.append(Sent(event, await self._post(_target(one), body, content_type)))

    def _wants(self, one: dict[str, Any], event: str, body: dict[str, Any]) -> bool:
        labels = {self.state.tags.get(tag) for tag in one.get("tags") or []}
        thing = body.get(self.kind)
        if labels and isinstance(thing, dict) and not labels & set(thing.get("tags") or []):
            return False
        if event == "Download" and body.get("isUpgrade"):
            return bool(one.get("onUpgrade"))
        if body.get("deleteReason") == "upgrade" and not one.get(f"on{event}ForUpgrade"):
            return False
        return event == "Test" or bool(one.get(f"on{_TICKS.get(event, event)}"))

    # over the API

    def _events(self) -> tuple[str, ...]:
        return (*_COMMON, *_OWN[self.kind])

    def _template(self) -> dict[str, Any]:
        fields: list[dict[str, Any]] = [
            {"name": "url", "label": "Webhook URL", "type": "url"},
            {"name": "method", "label": "Method", "type": "select", "value": 1},
            {"name": "username", "label": "Username", "type": "textbox", "privacy": "userName"},
            {"name": "password", "label": "Password", "type": "password", "privacy": "password"},
        ]
        if self.webhook_headers:
            fields.append(
                {"name": "headers", "label": "Headers", "type": "keyValueList", "value": [], "advanced": True}
            )
        defaults = {"advanced": False, "privacy": "normal", "isFloat": False}
        switches = {f"on{event}": False for event in self._events()}
        return {
            **switches,
            **{f"supportsOn{event}": True for event in self._events()},
            "includeHealthWarnings": False,
            "name": "",
            "fields": [{"order": order, **defaults, **field} for order, field in enumerate(fields)],
            "implementationName": "Webhook",
            "implementation": "Webhook",
            "configContract": "WebhookSettings",
            "infoLink": f"https://wiki.servarr.com/{self.app_name.lower()}/supported#webhook",
            "tags": [],
        }

    def _shown(self, one: dict[str, Any]) -> dict[str, Any]:
        shown = deepcopy(one)
        for field in shown["fields"]:
            if self.modern and field.get("privacy") == "password" and field.get("value"):
                field["value"] = MASKED
        return shown

    async def _schema(self, _request: web.Request) -> web.Response:
        script = {**self._template(), "implementationName": "Custom Script", "fields": []}
        script |= {"implementation": "CustomScript", "configContract": "CustomScriptSettings", "presets": []}
        return answer([script, {**self._template(), "presets": []}])

    async def _connections(self, _request: web.Request) -> web.Response:
        return answer([self._shown(one) for one in self.state.notifications.values()])

    async def _create(self, request: web.Request) -> web.Response:
        one = await body_of(request)
        one["id"] = max(self.state.notifications, default=0) + 1
        return await self._save(request, one, status=201)

    async def _update(self, request: web.Request) -> web.Response:
        number = int(request.match_info["id"])
        if number not in self.state.notifications:
            return self.not_found()
        one = {**await body_of(request), "id": number}
        self._unmask(one)
        return await self._save(request, one, status=202)

    async def _save(self, request: web.Request, one: dict[str, Any], *, status: int) -> web.Response:
        others = [each for each in self.state.notifications.values() if each["id"] != one["id"]]
        if any(each["name"] == one.get("name") for each in others):
            return invalid("Name", "Should be unique", value=one.get("name"))
        if request.query.get("forceSave", "").lower() != "true" and (said := await self._tried(one)):
            return said
        self.state.notifications[one["id"]] = one
        return answer(self._shown(one), status=status)

    async def _drop(self, request: web.Request) -> web.Response:
        self.state.notifications.pop(int(request.match_info["id"]), None)
        return answer({})

    async def _test(self, request: web.Request) -> web.Response:
        one = await body_of(request)
        self._unmask(one)
        if said := await self._tried(one):
            return said
        self.skipped.discard(one.get("id", 0))
        self._clear_health()
        return answer("{}")

    def _unmask(self, one: dict[str, Any]) -> None:
        before = self.state.notifications.get(one.get("id", 0), {"fields": []})
        known = {field["name"]: field.get("value") for field in before["fields"]}
        for field in one["fields"]:
            if field.get("value") == MASKED:
                field["value"] = known.get(field["name"])

    async def _tried(self, one: dict[str, Any]) -> web.Response | None:
        """None when the test arrived, else what the validation says."""
        last = {"eventType": "Test", "instanceName": self.instance_name, "applicationUrl": ""}
        body = json.dumps({**self.bodies.test(), **last}, indent=2).encode()
        status = await self._post(_target(one), body, _JSON)
        if status is not None and status < 400:
            return None
        why = "Connection refused" if status is None else f"HTTP request failed: [{status}]"
        return invalid("Url", f"Unable to send test message: {why}", value=_fields(one).get("url"))


def _fields(one: dict[str, Any]) -> dict[str, Any]:
    return {field["name"]: field.get("value") for field in one["fields"]}


def _target(one: dict[str, Any]) -> WebhookTarget:
    fields = _fields(one)
    headers = {header["key"]: header["value"] for header in fields.get("headers") or []}
    auth = (fields.get("username") or "", fields["password"]) if fields.get("password") else None
    return WebhookTarget(str(fields.get("url")), headers, auth)
