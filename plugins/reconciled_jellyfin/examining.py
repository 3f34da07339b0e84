"""The doctor's look at a Jellyfin: who answers, its clock, its libraries, what tells us of changes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from reconciled.errors import Refused, Unsupported
from reconciled.http import Client, Response
from reconciled.model import About, Root
from reconciled.source import Context, Hook, Matter, Weight
from reconciled.units import say_duration
from reconciled_jellyfin.config import JellyfinConfig
from reconciled_jellyfin.provisions import (
    INSTALL,
    PluginInfo,
    faults,
    find_ours,
    find_plugin,
    name_of,
    read_configuration,
    works,
)

_SKEW = timedelta(minutes=1)
_SENDS_DELETIONS = "WebhookItemDeleted"


class Task(msgspec.Struct, frozen=True, rename="pascal"):
    """A scheduled task; `triggers` None: it does not say what starts it."""

    key: str | None = None
    triggers: tuple[dict[str, Any], ...] | None = None


async def examine(
    client: Client, config: JellyfinConfig, context: Context, about: About, hook: Hook | None
) -> list[Matter]:
    """All that there is to say of a Jellyfin that was just probed."""
    answer = await client.request("GET", "/System/Info/Public")
    return [
        Matter(Weight.GOOD, f"Jellyfin {about.version} answers"),
        *_clock(answer, context.clock.now()),
        *_roots(about.roots),
        _stream(config),
        await _webhook(client, context.name, hook),
    ]


def _clock(answer: Response, now: datetime) -> Iterator[Matter]:
    try:
        told = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return
    off = (told if told.tzinfo else told.replace(tzinfo=UTC)) - now
    if abs(off) < _SKEW:
        yield Matter(Weight.GOOD, "its clock and ours agree")
        return
    way = "ahead of" if off > _SKEW else "behind"
    said = f"its clock is {say_duration(abs(off).total_seconds())} {way} ours"
    yield Matter(Weight.ADVICE, said, "let both boxes take the time from a time server")


def _roots(seen: Sequence[Root]) -> Iterator[Matter]:
    if not seen:
        said = "no library of films or series is in scope"
        yield Matter(Weight.ADVICE, said, "add one in Jellyfin, or look at `libraries:` of this source")
    for root in seen:
        remedy = "mount it; until then no loss below it is believed"
        if root.accessible is False:
            yield Matter(Weight.WRONG, f"the folder {root.path} cannot be read by it", remedy)
        elif root.empty is True:
            said = f"the folder {root.path} is empty: is its disk mounted?"
            yield Matter(Weight.ADVICE, said, f"if not, {remedy}")


def _stream(config: JellyfinConfig) -> Matter:
    if config.user is not None:
        return Matter(Weight.GOOD, f"as {config.user}, changes are told over its websocket within a minute")
    said = "with an API key alone its websocket tells when a library scan ended, and nothing of single items"
    remedy = "set user and password of an ordinary user who sees these libraries"
    return Matter(Weight.ADVICE, said, remedy)


async def _webhook(client: Client, source: str, hook: Hook | None) -> Matter:
    if hook is None:
        said = "no webhook: the daemon has no address that Jellyfin could reach"
        return Matter(Weight.ADVICE, said, "set daemon.url, and a secret for this source (webhook:)")
    try:
        plugin = await find_plugin(client)
    except Refused as error:
        return Matter(Weight.WRONG, str(error), "use a key of Dashboard > API Keys")
    if plugin is None:
        return Matter(Weight.ADVICE, "its webhook plugin is not installed", INSTALL)
    if not works(plugin):
        return _broken(plugin)
    try:
        ours = find_ours(await read_configuration(client), hook, source)
    except Unsupported as error:
        return Matter(Weight.ADVICE, str(error))
    if ours is None:
        said = f"no destination {name_of(source)!r} in its webhook plugin tells us of deletions"
        return Matter(Weight.ADVICE, said, "let it be made", mended_by_us=True)
    name = ours.get("WebhookName")
    if wrong := faults(ours, hook):
        said = f"the destination {name!r} of its webhook plugin is not as it should be: {', '.join(wrong)}"
        return Matter(Weight.WRONG, said, "let it be mended", mended_by_us=True)
    if await _is_idle(client):
        said = "its webhook plugin tells of no deletion: the scheduled task that sends them has no trigger"
        return Matter(
            Weight.WRONG, said, "Dashboard > Scheduled Tasks > Webhook Item Deleted Notifier: every 30 s"
        )
    return Matter(Weight.GOOD, f"the destination {name!r} of its webhook plugin sends us all that matters")


async def _is_idle(client: Client) -> bool:
    """Whether nothing starts the task that sends deletions; people can take its triggers away."""
    answer = await client.request("GET", "/ScheduledTasks")
    tasks = await client.decode(list[Task], answer)
    return any(one.key == _SENDS_DELETIONS and one.triggers == () for one in tasks)


def _broken(plugin: PluginInfo) -> Matter:
    said = f"its webhook plugin {plugin.version} does not run: {plugin.status or 'its state is not told'}"
    return Matter(Weight.WRONG, said, "Dashboard > Plugins > Webhook: enable or update it, then restart")
