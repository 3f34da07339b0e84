"""The doctor's look at an app of the family: its version and clock, its roots, its stream, our webhook."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from reconciled.http import Response
from reconciled.model import Root
from reconciled.source import Hook, Matter, Weight
from reconciled.units import say_duration
from reconciled_servarr.connection import Connection
from reconciled_servarr.payloads import Status
from reconciled_servarr.provisions import Webhooks, name_of

_SKEW = timedelta(minutes=1)


async def who(connection: Connection, now: datetime) -> list[Matter]:
    """Who answers, and whether its clock agrees with ours."""
    answer = await connection.ask(f"{connection.api}/system/status")
    status = await connection.client.decode(Status, answer)
    return [Matter(Weight.GOOD, f"{connection.title} {status.version} answers"), *_clock(answer, now)]


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


def roots(seen: Sequence[Root]) -> Iterator[Matter]:
    """Root folders that cannot be looked into; nothing lost below them is believed."""
    if not seen:
        yield Matter(Weight.ADVICE, "it has no root folder", "add one: Settings > Media Management")
    for root in seen:
        remedy = "mount it; until then no loss below it is believed"
        if root.accessible is False:
            yield Matter(Weight.WRONG, f"the root folder {root.path} is not accessible to it", remedy)
        elif root.empty is True:
            said = f"the root folder {root.path} is empty: is its disk mounted?"
            yield Matter(Weight.ADVICE, said, f"if not, {remedy}")


def stream(title: str, *, wanted: bool) -> Iterator[Matter]:
    """Whether its event stream is followed."""
    if not wanted:
        said = f"the event stream of {title} is not followed (stream: no)"
        yield Matter(Weight.ADVICE, said, "set stream: yes; it needs nothing else")


async def webhook(webhooks: Webhooks, title: str, source: str, hook: Hook | None) -> Matter:
    """Our webhook: there, as it should be, and not skipped."""
    if hook is None:
        said = f"no webhook: the daemon has no address that {title} could reach"
        return Matter(Weight.ADVICE, said, "set daemon.url, and a secret for this source (webhook:)")
    seen = await webhooks.look(hook)
    if seen.ours is None:
        said = f"no webhook {name_of(source)!r} tells us who deleted what"
        return Matter(Weight.ADVICE, said, "let it be made", mended_by_us=True)
    name = seen.ours.get("name")
    if wrong := webhooks.faults(seen.ours, hook):
        said = f"the webhook {name!r} is not as it should be: {', '.join(wrong)}"
        return Matter(Weight.WRONG, said, "let it be mended", mended_by_us=True)
    if seen.skipped is not None:
        said = f"{title} skips the webhook {name!r}, since it failed before: {seen.skipped}"
        return Matter(Weight.WRONG, said, f"let {title} try it again", mended_by_us=True)
    return Matter(Weight.GOOD, f"the webhook {name!r} sends us all that matters")
