"""The plugins of a fake Jellyfin over the API, of which one is real: Webhook, with its configuration.

The configuration is one JSON object that is read and written whole. Members that the plugin does
not know are dropped; destinations that are enabled get what they ask for.
"""

import json
from collections.abc import Iterable
from copy import deepcopy
from typing import Any, ClassVar

from aiohttp import web

from reconciled.testing.fakes.base import Sent, WebhookTarget
from reconciled.testing.fakes.jellyfin_http import JellyfinHttp

WEBHOOK = "71552a5a5c5c4350a2aeebe451a30173"
_KINDS = (
    "DiscordOptions", "GenericOptions", "GenericFormOptions", "GotifyOptions", "PushbulletOptions",
    "PushoverOptions", "SlackOptions", "SmtpOptions", "MqttOptions",
)  # fmt: skip
_FLAGS = (
    "EnableMovies", "EnableEpisodes", "EnableSeries", "EnableSeasons", "EnableAlbums", "EnableSongs",
    "EnableVideos", "SendAllProperties", "TrimWhitespace", "SkipEmptyMessageBody",
)  # fmt: skip
_BLANK: dict[str, Any] = {
    "NotificationTypes": [],
    "WebhookName": None,
    "WebhookUri": None,
    **dict.fromkeys(_FLAGS, False),
    "EnableWebhook": True,
    "Template": None,
    "UserFilter": [],
    "Headers": [],
    "Fields": [],
}
_TICKS = {
    "Movie": "EnableMovies", "Series": "EnableSeries", "Season": "EnableSeasons", "Episode": "EnableEpisodes",
}  # fmt: skip


class JellyfinPlugins(JellyfinHttp):
    """The part of a fake Jellyfin in which plugins are installed and set up."""

    webhook_versions: ClassVar[str] = "21.0.0.0"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.webhook_plugin: str | None = "Active"
        """The state of the webhook plugin; None: it is not installed."""
        self.webhook_configuration: dict[str, Any] = {"ServerUrl": "", **{kind: [] for kind in _KINDS}}
        self.may_list_plugins = True
        self.deletions_run = True
        """Whether the task that sends deletions has its trigger."""

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Those of plugins, beside all others."""
        yield from super().routes()
        path = f"{self.url_base}/Plugins"
        yield web.get(f"{self.url_base}/ScheduledTasks", self._tasks)
        yield web.get(path, self._plugins)
        yield web.get(f"{path}/{{plugin}}/Configuration", self._configuration)
        yield web.post(f"{path}/{{plugin}}/Configuration", self._configure)

    def add_destination(self, **more: Any) -> dict[str, Any]:
        """A generic destination that somebody made by hand."""
        made = {**deepcopy(_BLANK), **more}
        self.webhook_configuration["GenericOptions"].append(made)
        return made

    async def deliver(self, event: str, body: bytes, *, content_type: str) -> None:
        """To those added in code, then to the destinations that want it."""
        await super().deliver(event, body, content_type=content_type)
        for one in self.webhook_configuration["GenericOptions"] if self.webhook_plugin == "Active" else ():
            if _wants(one, event, json.loads(body)):
                headers = {header["Key"]: header["Value"] for header in one["Headers"]}
                target = WebhookTarget(one["WebhookUri"], headers)
                self.sent.append(Sent(event, await self._post(target, body, content_type)))

    async def _plugins(self, _request: web.Request) -> web.Response:
        if not self.may_list_plugins:
            return web.Response(status=403)
        found = [_info("Studio Images", "872a78491171458da6fb3de3d442ad30", "1.0.0.0", "Active")]
        if self.webhook_plugin is not None:
            found.append(_info("Webhook", WEBHOOK, self.webhook_versions, self.webhook_plugin))
        return web.json_response(found)

    async def _tasks(self, _request: web.Request) -> web.Response:
        every = [{"Type": "IntervalTrigger", "IntervalTicks": 300_000_000}]
        found = [_task("Scan Media Library", "RefreshLibrary", every)]
        if self.webhook_plugin == "Active":
            name = "Webhook Item Deleted Notifier"
            found.append(_task(name, "WebhookItemDeleted", every if self.deletions_run else []))
        return web.json_response(found)

    async def _configuration(self, request: web.Request) -> web.Response:
        return web.json_response(self.webhook_configuration) if self._is_there(request) else _missing()

    async def _configure(self, request: web.Request) -> web.Response:
        if not self._is_there(request):
            return _missing()
        told = json.loads(await request.read())
        kept = {name: told.get(name, value) for name, value in self.webhook_configuration.items()}
        kept["GenericOptions"] = [
            {name: one.get(name, value) for name, value in _BLANK.items()} for one in kept["GenericOptions"]
        ]
        self.webhook_configuration = kept
        return web.Response(status=204)

    def _is_there(self, request: web.Request) -> bool:
        named = request.match_info["plugin"].replace("-", "").lower()
        return named == WEBHOOK and self.webhook_plugin == "Active"


def _wants(one: dict[str, Any], event: str, body: dict[str, Any]) -> bool:
    kind = body.get("ItemType") or body.get("item_type")
    ticked = kind is None or bool(one.get(_TICKS.get(kind, "")))
    return bool(one["EnableWebhook"]) and event in one["NotificationTypes"] and ticked


def _info(name: str, key: str, version: str, status: str) -> dict[str, Any]:
    return {
        "Name": name,
        "Version": version,
        "ConfigurationFileName": f"Jellyfin.Plugin.{name.replace(' ', '')}.xml",
        "Description": "",
        "Id": key,
        "CanUninstall": True,
        "HasImage": False,
        "Status": status,
    }


def _task(name: str, key: str, triggers: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Name": name,
        "State": "Idle",
        "Id": WEBHOOK[::-1],
        "Key": key,
        "Triggers": triggers,
        "Description": "",
        "Category": "Webhook",
        "IsHidden": False,
    }


def _missing() -> web.Response:
    return web.Response(status=404)
