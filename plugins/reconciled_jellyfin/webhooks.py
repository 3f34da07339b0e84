"""What Jellyfin's webhook plugin says: everything it has ("Send All Properties") or a template's words.

It is sent at most once, up to 30 s late, without a person (unless a template names one), a path
or a reason, and also when a file was merely replaced: a hint, nothing more. Its time is when it was
sent, not when the item went, so no time is taken from it. Texts of Send All arrive escaped twice
(`\\"`); templates write ids with dashes. A type that is not the plugin's is a `BadEvent`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from reconciled.errors import BadEvent
from reconciled.model import Event, Key, Op, Ref
from reconciled_jellyfin.items import KINDS, claims, plain_id

_WHO = ("notificationusername", "username")
"""Where the plugin names a person in its other notifications. With a deletion it does not (version 21);
a template or a fork that does is believed."""
_NAMES = {"event": "notificationtype", "type": "itemtype", "id": "itemid", "kind": "itemtype"}
_SILENT = frozenset(
    {
        "None",
        "Generic",
        "PlaybackStart",
        "PlaybackProgress",
        "PlaybackStop",
        "SubtitleDownloadFailure",
        "AuthenticationFailure",
        "AuthenticationSuccess",
        "SessionStart",
        "PendingRestart",
        "PluginInstallationCancelled",
        "PluginInstallationFailed",
        "PluginInstalled",
        "PluginInstalling",
        "PluginUninstalled",
        "PluginUpdated",
        "UserCreated",
        "UserDeleted",
        "UserLockedOut",
        "UserPasswordChanged",
        "UserUpdated",
        "UserDataSaved",
    }
)


def read_webhook(body: bytes, *, instance: str | None) -> Sequence[Event]:
    """The events in the body, at most one. BadEvent when it is not the plugin's, or another server's."""
    fields = _fields(body)
    name = fields.get("notificationtype")
    if not name:
        raise BadEvent("no NotificationType, so no webhook of Jellyfin; does its template leave it out?")
    server = plain_id(fields.get("serverid", ""))
    if instance and server and server != instance:
        raise BadEvent(
            f"{name} of another Jellyfin ({fields.get('servername') or server}), not of the one asked here"
        )
    match name:
        case "ItemDeleted" | "ItemAdded":
            return _about_item(fields, deleted=name == "ItemDeleted")
        case "TaskCompleted":
            done = fields.get("resultkey") == "RefreshLibrary"
            said = f"{fields.get('taskname') or 'library scan'}: {fields.get('resultstatus') or 'ended'}"
            return [Event(Op.SCAN, reason=said)] if done else []
        case _ if name in _SILENT:
            return []
        case _:
            raise BadEvent(f"unknown notification {name!r} of Jellyfin")


def _about_item(fields: Mapping[str, str], *, deleted: bool) -> list[Event]:
    kind = KINDS.get(type_ := fields.get("itemtype", ""))
    above = _above(fields, f"{type_.lower()} {'deleted' if deleted else 'added'}")
    if kind is None:
        return above if type_ == "Episode" else []
    if (item := plain_id(fields.get("itemid", ""))) is None:
        raise BadEvent(f"a {type_} without a good ItemId; does the template leave it out?")
    op = Op.DELETED if deleted else Op.CHANGED
    actor = next((fields[name] for name in _WHO if name in fields), None) if deleted else None
    own = Event(op, Key(kind, item), _name(kind, fields), _claims(kind, fields), actor=actor)
    return [own, *above] if kind == "season" else [own]


def _above(fields: Mapping[str, str], reason: str) -> list[Event]:
    """What it is one of many of is looked at, not suspected; the refs of that are not in the payload."""
    season, series = plain_id(fields.get("seasonid", "")), plain_id(fields.get("seriesid", ""))
    events = [Event(Op.CHANGED, Key("season", season), reason=reason)] if season is not None else []
    if series is not None:
        events.append(Event(Op.CHANGED, Key("series", series), fields.get("seriesname"), reason=reason))
    return events


def _name(kind: str, fields: Mapping[str, str]) -> str | None:
    show, name = fields.get("seriesname"), fields.get("name")
    return f"{show}, {name}" if kind == "season" and show and name else name


def _claims(kind: str, fields: Mapping[str, str]) -> frozenset[Ref]:
    if kind == "season":
        return frozenset()  # they name a season, and we its series with a number
    named = {name.removeprefix("provider"): value for name, value in fields.items()}
    return claims(kind, named)


def _fields(body: bytes) -> dict[str, str]:
    """The payload's texts, by names without case and underscores: `item_id` is `ItemId`.

    A short name of somebody's own template stands for the plugin's only where that is not there: people add
    fields of their own to all properties, and one of these may be called `type` or `event`.
    """
    try:
        found = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadEvent(f"no webhook of Jellyfin: {error}") from None
    plain = {name.replace("_", "").lower(): str(value) for name, value in found.items() if value is not None}
    texts = {name: value.replace('\\"', '"') for name, value in plain.items() if value}
    return {_NAMES[name]: value for name, value in texts.items() if name in _NAMES} | texts
