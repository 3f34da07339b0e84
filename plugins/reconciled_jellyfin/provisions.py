"""Our destination in Jellyfin's webhook plugin: found again, judged, made, mended.

Ours is the generic destination that sends to our address, else the one with our name. The plugin
has one configuration, which is read and written as a whole: all that is not ours goes back exactly
as it came, and afterwards it is read again to see that. It holds other people's tokens, so nothing
of it is ever said but of ours. Seen in the source of the plugin's version 21 (Jellyfin 10.11, 12).
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from yarl import URL

from reconciled.errors import BadResponse, Refused, Unsupported
from reconciled.http import Client
from reconciled.source import Hook
from reconciled_jellyfin.items import plain_id

PLUGIN = "71552a5a5c5c4350a2aeebe451a30173"
HEADER = "X-Reconciled-Secret"
TYPES = ("ItemAdded", "ItemDeleted", "TaskCompleted")
ITEMS = ("EnableMovies", "EnableSeries", "EnableSeasons", "EnableEpisodes")
INSTALL = "Dashboard > Plugins > Catalogue > Webhook > Install, then restart Jellyfin"
_HEADERS = frozenset({HEADER.lower(), "x-webhook-secret"})
_RUNS = frozenset({"Active", "Restart"})
"""States in which it runs, or will after the restart that it waits for."""

Written: TypeAlias = dict[str, Any]


class PluginInfo(msgspec.Struct, frozen=True, rename="pascal"):
    """A plugin of Jellyfin's, as the list of them has it."""

    id: str
    name: str = ""
    version: str = ""
    status: str = ""


def name_of(source: str) -> str:
    """What our destination is called there."""
    return f"reconciled: {source}"


async def find_plugin(client: Client) -> PluginInfo | None:
    """The webhook plugin, the state that runs first. Refused when our key may not list plugins."""
    answer = await client.request("GET", "/Plugins", allow=(403,))
    if answer.status == 403:
        raise Refused(f"{answer.where}: 403, so the key of this source is no administrator's API key")
    found = [one for one in await client.decode(list[PluginInfo], answer) if plain_id(one.id) == PLUGIN]
    return min(found, key=lambda one: one.status not in _RUNS, default=None)


def works(plugin: PluginInfo) -> bool:
    """Whether it is on; one that was just installed is not loaded before the next start."""
    return plugin.status in _RUNS


async def read_configuration(client: Client) -> Written:
    """The plugin's whole configuration. Unsupported when it has none: it is not loaded yet."""
    answer = await client.request("GET", f"/Plugins/{PLUGIN}/Configuration", allow=(404,))
    if answer.status == 404:
        raise Unsupported("Jellyfin's webhook plugin is not loaded yet: restart Jellyfin")
    return await client.decode(Written, answer)


def find_ours(configuration: Mapping[str, Any], hook: Hook, source: str) -> Written | None:
    """Our destination among the generic ones, or None."""
    there = _destinations(configuration)
    by_address = (one for one in there if _leads_to(one, hook.url))
    by_name = (one for one in there if one.get("WebhookName") == name_of(source))
    return next(by_address, None) or next(by_name, None)


def faults(ours: Mapping[str, Any], hook: Hook) -> list[str]:
    """What is wrong with our destination, each in a few words that hold no secret."""
    lacking = [name for name in TYPES if name not in _types(ours)]
    unticked = [name.removeprefix("Enable") for name in ITEMS if ours.get(name) is not True]
    checks = {
        "it is switched off": ours.get("EnableWebhook") is not False,
        f"it sends to {_shown(ours.get('WebhookUri'))}": _leads_to(ours, hook.url),
        "it sends another secret, or none": hook.secret is None or _shows(ours, hook.secret),
        f"it does not send {', '.join(lacking)}": not lacking,
        f"it tells nothing of {', '.join(unticked)}": not unticked,
        "its template leaves out what happened to which item": _says_enough(ours),
    }
    return [said for said, good in checks.items() if not good]


async def provision(client: Client, source: str, hook: Hook) -> list[str]:
    """Make our destination, or mend it. Unsupported while the plugin is missing."""
    plugin = await find_plugin(client)
    if plugin is None or not works(plugin):
        raise Unsupported(f"Jellyfin's webhook plugin is not running: {INSTALL}")
    before = await read_configuration(client)
    ours = find_ours(before, hook, source)
    wrong = faults(ours, hook) if ours is not None else []
    if ours is not None and not wrong:
        return []
    after = wanted(ours, hook, source)
    others = [one for one in _options(before) if one is not ours]
    all_of_them = [after if one is ours else one for one in _options(before)]
    if ours is None:
        all_of_them.append(after)
    await client.request(
        "POST",
        f"/Plugins/{PLUGIN}/Configuration",
        json={**before, "GenericOptions": all_of_them},
        expect="any",
    )
    await _check(client, others, hook, source)
    if ours is None:
        return [f"made the destination {name_of(source)!r} in Jellyfin's webhook plugin"]
    return [f"mended the destination {after['WebhookName']!r}: {', '.join(wrong)}"]


def wanted(ours: Written | None, hook: Hook, source: str) -> Written:
    """Our destination as it should be; what is right in it stays."""
    one = ours if ours is not None else {"WebhookName": name_of(source), "UserFilter": [], "Fields": []}
    types = list(dict.fromkeys((*_types(one), *TYPES)))
    right = {
        "WebhookName": one.get("WebhookName") or name_of(source),
        "NotificationTypes": types,
        "EnableWebhook": True,
        **dict.fromkeys(ITEMS, True),
    }
    if not _leads_to(one, hook.url):
        right["WebhookUri"] = hook.url
    if not _says_enough(one):
        right["SendAllProperties"] = True
    if hook.secret is not None and not _shows(
        {**one, **right}, hook.secret
    ):  # the old address may have had it
        kept = [header for header in _headers(one) if str(header.get("Key")).lower() not in _HEADERS]
        right["Headers"] = [*kept, {"Key": HEADER, "Value": hook.secret}]
    return {**one, **right}


async def _check(client: Client, others: Sequence[Any], hook: Hook, source: str) -> None:
    """Read it again: ours is as it should be and the others are as they were, or BadResponse."""
    now = await read_configuration(client)
    ours = find_ours(now, hook, source)
    if ours is None or (wrong := faults(ours, hook)):
        left = "it is not there" if ours is None else ", ".join(wrong)
        raise BadResponse(f"Jellyfin took our destination, but {left}; is its webhook plugin too old?")
    if [one for one in _options(now) if one is not ours] != list(others):
        raise BadResponse(
            "Jellyfin took our destination, but another one changed at the same time; "
            "look at Dashboard > Plugins > Webhook"
        )


def _options(configuration: Mapping[str, Any]) -> list[Any]:
    found = configuration.get("GenericOptions")
    return found if isinstance(found, list) else []


def _destinations(configuration: Mapping[str, Any]) -> list[Written]:
    return [one for one in _options(configuration) if isinstance(one, dict)]


def _leads_to(one: Mapping[str, Any], url: str) -> bool:
    """Whether it sends to this address; a query (a token) makes no other of it."""
    said = one.get("WebhookUri")
    return isinstance(said, str) and said.partition("?")[0].rstrip("/") == url.rstrip("/")


def _shown(url: object) -> str:
    """An address without what may be secret in it."""
    try:
        return str(URL(str(url)).with_user(None).with_query(None)) if url else "nowhere"
    except ValueError:
        return "an address that is none"


def _types(one: Mapping[str, Any]) -> list[Any]:
    found = one.get("NotificationTypes")
    return found if isinstance(found, list) else []


def _headers(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = one.get("Headers")
    return [header for header in found if isinstance(header, dict)] if isinstance(found, list) else []


def _shows(one: Mapping[str, Any], secret: str) -> bool:
    """Whether it sends the secret, in a header or in its address."""
    for header in _headers(one):
        if str(header.get("Key")).lower() in _HEADERS and header.get("Value") == secret:
            return True
    try:
        return secret in URL(str(one.get("WebhookUri"))).query.getall("token", [])
    except ValueError:
        return False


def _says_enough(one: Mapping[str, Any]) -> bool:
    """Whether it sends everything, or a template that names what we need."""
    if one.get("SendAllProperties") is True:
        return True
    try:
        template = base64.b64decode(str(one.get("Template") or ""), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return "NotificationType" in template and "ItemId" in template and "ItemType" in template
