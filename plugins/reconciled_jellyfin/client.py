"""Asking a Jellyfin: the one way to sign in that all versions take, and lists that are checked.

Jellyfin 12 switches `X-Emby-Token` and `api_key=` off, so the key travels as `Authorization:
MediaBrowser Token="…"` and in no other way. Values in that header are URL-decoded over there.
"""

from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import quote

from reconciled import __version__
from reconciled.errors import BadResponse
from reconciled.http import Client, Http, Params
from reconciled_jellyfin.config import JellyfinConfig
from reconciled_jellyfin.items import plain_id
from reconciled_jellyfin.payloads import Items

T = TypeVar("T")


def client_of(config: JellyfinConfig, http: Http, *, name: str) -> Client:
    """A client for the Jellyfin of this config; `name` is the source's, and its device there."""
    key = config.api_key.get_secret_value()
    said = identity(device=name, device_id=f"reconciled-{name}", token=key)
    return http.at(config.url, headers={"Authorization": said}, secrets=(key,), timeout=config.timeout)


def identity(*, device: str, device_id: str, token: str | None = None) -> str:
    """Who we are, as Jellyfin's `Authorization` header says it; without a token, to sign in."""
    parts = {"Token": token} if token is not None else {}
    parts |= {"Client": "reconciled", "Device": device, "DeviceId": device_id, "Version": __version__}
    said = ", ".join(f'{part}="{quote(value, safe="")}"' for part, value in parts.items())
    return f"MediaBrowser {said}"


async def read(client: Client, path: str, kind: type[T], *, params: Params | None = None) -> T:
    """A GET whose answer is a `kind`."""
    return await client.decode(kind, await client.request("GET", path, params=params))


async def read_items(client: Client, params: Params, *, types: Iterable[str], instance: str | None) -> Items:
    """A page of items, which is what was asked for: good ids, these types, of this installation."""
    answer = await client.request("GET", "/Items", params=params)
    page = await client.decode(Items, answer)
    wanted = frozenset(types)
    for record in page.items:
        if plain_id(record.id) is None:
            raise BadResponse(f"{answer.where}: {record.id!r} is no id of Jellyfin")
        if record.type not in wanted:
            raise BadResponse(f"{answer.where}: asked for {', '.join(sorted(wanted))}, got a {record.type}")
        server = plain_id(record.server_id or "")
        if instance and server and server != instance:
            raise BadResponse(f"{answer.where}: items of server {server}, but this source is {instance}")
    return page
