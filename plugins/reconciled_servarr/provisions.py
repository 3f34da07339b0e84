"""Our webhook in the app (Settings > Connect): found again, judged, made, mended, tried.

Ours is the one that sends to our address, else the one with our name; any other is never touched,
and of ours everything that is not wrong is kept. A connection has no switch of its own: it is on
when an event is ticked. The app drops the events of a receiver that failed for up to an hour; its
health says so, and a test that arrives ends it at once. Seen in the source of Sonarr 4.0 and 5 and
Radarr 6.1; versions without headers send the secret as a password.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from yarl import URL

from reconciled.errors import SourceError, Unsupported
from reconciled.http import Redaction
from reconciled.http.answer import saying
from reconciled.source import Hook
from reconciled_servarr.connection import Connection
from reconciled_servarr.webhooks import Words

HEADER = "X-Reconciled-Secret"
_HEADERS = frozenset({HEADER.lower(), "x-webhook-secret"})
_MASKED = "********"
"""What newer versions show instead of a password; sent back, it stays as it was."""
_SKIPPED = "NotificationStatusCheck"
_USER = "reconciled"

Written: TypeAlias = dict[str, Any]
"""A connection as the API has it, whole, so that it can be sent back whole."""


def name_of(source: str) -> str:
    """What our webhook is called there."""
    return f"reconciled: {source}"


def events_of(words: Words) -> tuple[str, ...]:
    """The events that we want, by the names of their switches; an app lacks those that it does not have."""
    own = (words.added, words.deleted, words.file_deleted, f"{words.file_deleted}ForUpgrade")
    common = ("Download", "Upgrade", "ImportComplete", "Rename", "HealthIssue", "HealthRestored")
    return tuple(f"on{name}" for name in (*own, *common, "ApplicationUpdate"))


@dataclass(frozen=True, slots=True)
class Seen:
    """Our webhook as the app has it, None when it has none; and what the app's health says of it."""

    ours: Written | None
    skipped: str | None = None


class Webhooks:
    """The connections of one app, with its words; `source` is our own source's name."""

    def __init__(self, connection: Connection, words: Words, *, source: str, timeout: float) -> None:
        self._connection = connection
        self._words = words
        self._source = source
        self._timeout = timeout
        self._path = f"{connection.api}/notification"

    async def look(self, hook: Hook) -> Seen:
        """Find ours, and whether the app skips it just now."""
        client = self._connection.client
        answer = await self._connection.ask(self._path)
        connections = await client.decode(list[Written], answer)
        there = [one for one in connections if _is_webhook(one)]
        ours = next((one for one in there if _leads_to(one, hook.url)), None)
        ours = ours or next((one for one in there if one.get("name") == name_of(self._source)), None)
        if ours is None:
            return Seen(None)
        health = await self._connection.ask(f"{self._connection.api}/health")
        names = [str(one.get("name") or "") for one in connections]
        return Seen(ours, _skipped(await client.decode(list[Written], health), ours, names))

    def faults(self, ours: Written, hook: Hook) -> list[str]:
        """What is wrong with ours, each in a few words that hold no secret."""
        lacking = self._lacking(ours)
        checks = {
            f"it sends to {_shown(_value(ours, 'url'))}": _leads_to(ours, hook.url),
            "it sends another secret, or none": hook.secret is None or _shows(ours, hook.secret),
            f"it does not send {', '.join(lacking)}": not lacking,
            "it tells only of items with certain tags": not ours.get("tags"),
        }
        return [said for said, good in checks.items() if not good]

    async def provision(self, hook: Hook) -> list[str]:
        """Make ours, mend it, or have the app try it again; empty when there is nothing to do."""
        await self._connection.prove()
        seen = await self.look(hook)
        if seen.ours is None:
            made = self._wanted(await self._blank(), hook, name=name_of(self._source))
            saved = await self._save("POST", self._path, made)
            return [f"made the webhook {name_of(self._source)!r}", await self._try(saved, hook)]
        if wrong := self.faults(seen.ours, hook):
            mended = self._wanted(seen.ours, hook, name=str(seen.ours.get("name")))
            saved = await self._save("PUT", f"{self._path}/{seen.ours.get('id')}", mended)
            said = f"mended the webhook {seen.ours.get('name')!r}: {', '.join(wrong)}"
            return [said, await self._try(saved, hook)]
        return [await self._try(seen.ours, hook)] if seen.skipped is not None else []

    async def _blank(self) -> Written:
        """A webhook as the app would begin one. Unsupported when it has none."""
        answer = await self._connection.ask(f"{self._path}/schema")
        for one in await self._connection.client.decode(list[Written], answer):
            if _is_webhook(one):
                return {name: value for name, value in one.items() if name not in ("id", "presets")}
        raise Unsupported(f"this {self._connection.title} has no webhooks")

    def _wanted(self, one: Written, hook: Hook, *, name: str) -> Written:
        """The connection with all that we need; what is right in it stays."""
        ticked = dict.fromkeys(self._lacking(one), True)
        fields = [dict(field) for field in _fields(one)]
        values = {str(field.get("name")): field for field in fields}
        if "url" in values and not _leads_to(one, hook.url):
            values["url"]["value"] = hook.url
        wanted = {**one, **ticked, "name": name, "fields": fields, "tags": []}
        if hook.secret is not None and not _shows(
            wanted, hook.secret
        ):  # it may have stood in the old address
            _put_secret(values, hook.secret)
        return wanted

    def _lacking(self, one: Written) -> list[str]:
        """The events that it could send and does not."""
        return [
            event
            for event in events_of(self._words)
            if one.get(event) is False and one.get(f"supportsO{event[1:]}") is not False
        ]

    async def _save(self, method: str, path: str, body: Written) -> Written:
        """Saved without being tried: a daemon that is not reached yet is no reason not to be there."""
        answer = await self._connection.change(
            method, path, params={"forceSave": True}, json=body, timeout=self._timeout
        )
        return await self._connection.client.decode(Written, answer)

    async def _try(self, one: Written, hook: Hook) -> str:
        """Have the app send its test now, and say how that went. A test that arrives ends a back-off."""
        title = self._connection.title
        redact = Redaction([hook.secret] if hook.secret else [])
        try:
            answer = await self._connection.change(
                "POST", f"{self._path}/test", json=one, allow=(400,), timeout=self._timeout
            )
        except SourceError as error:
            return redact(f"{title} was to try it, and that failed: {error}")
        if answer.status == 400:
            return redact(
                f"{title} tried it, and it did not arrive{saying(answer, redact)}; is daemon.url right?"
            )
        return f"{title} tried it, and it arrived"


def _is_webhook(one: Mapping[str, Any]) -> bool:
    return one.get("implementation") == "Webhook"


def _fields(one: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    fields = one.get("fields")
    return (field for field in (fields if isinstance(fields, list) else []) if isinstance(field, dict))


def _value(one: Mapping[str, Any], name: str) -> Any:
    return next((field.get("value") for field in _fields(one) if field.get("name") == name), None)


def _leads_to(one: Mapping[str, Any], url: str) -> bool:
    """Whether it sends to this address; a query (a token) makes no other of it."""
    said = _value(one, "url")
    return isinstance(said, str) and said.partition("?")[0].rstrip("/") == url.rstrip("/")


def _shown(url: object) -> str:
    """An address without what may be secret in it."""
    try:
        return str(URL(str(url)).with_user(None).with_query(None)) if url else "nowhere"
    except ValueError:
        return "an address that is none"


def _shows(one: Mapping[str, Any], secret: str) -> bool:
    """Whether it sends the secret, in any of the ways that we take.

    What is masked is believed; a password only where no header of ours says otherwise, since a
    proxy's login stands there too.
    """
    right = {secret, _MASKED}
    headers = _value(one, "headers")
    told = [
        header.get("value")
        for header in (headers if isinstance(headers, list) else [])
        if isinstance(header, dict) and str(header.get("key")).lower() in _HEADERS
    ]
    if right.intersection(map(str, told)) or secret in _token(_value(one, "url")):
        return True
    return _value(one, "password") in ({secret} if told else right)


def _token(url: object) -> Sequence[str]:
    try:
        return URL(str(url)).query.getall("token", [])
    except ValueError:
        return []


def _put_secret(values: Mapping[str, Written], secret: str) -> None:
    """Into a header; where this version has none, into the password."""
    if "headers" in values:
        before = values["headers"].get("value")
        kept = [
            header
            for header in (before if isinstance(before, list) else [])
            if not (isinstance(header, dict) and str(header.get("key")).lower() in _HEADERS)
        ]
        values["headers"]["value"] = [*kept, {"key": HEADER, "value": secret}]
    elif "password" in values:
        values["password"]["value"] = secret
        if "username" in values:
            values["username"]["value"] = values["username"].get("value") or _USER


def _skipped(health: Sequence[Written], ours: Written, names: Sequence[str]) -> str | None:
    """What the app says when it skips ours: it names those that failed, of any sort, or none when all did."""
    for check in health:
        message = str(check.get("message") or "")
        if check.get("source") == _SKIPPED:
            named = _named(message, names)
            if not named or ours.get("name") in named:
                return message
    return None


def _named(message: str, names: Sequence[str]) -> set[str]:
    """The names that stand in the message; one within a longer one is none."""
    found: set[str] = set()
    for name in sorted({*names} - {""}, key=len, reverse=True):
        if name in message:
            found.add(name)
            message = message.replace(name, "\n")
    return found
