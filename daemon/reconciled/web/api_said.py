"""API: what people say: ignore a finding, these two are one thing, leave a source alone, a test message."""

from typing import Annotated

import msgspec
from msgspec import Meta

from reconciled.engine import said
from reconciled.engine.said import Named
from reconciled.ledger import views_losses
from reconciled.ledger.views_losses import FindingView
from reconciled.model import Key
from reconciled.units import parse_duration
from reconciled.web.auth import OWNER
from reconciled.web.calls import Asked, Nothing
from reconciled.web.house import House
from reconciled.web.problems import Problem, no_such

Name = Annotated[str, Meta(min_length=1)]


class Ignored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the finding is ignored from now on, or counts again."""

    ignored: bool = True


class Snooze(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"for_": "for"}):
    """For how long nothing follows from the finding; `0s` ends it."""

    for_: Annotated[str, Meta(description="a duration such as 12h or 3d")]


class ItemName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item as people name it."""

    source: Name
    kind: Name
    id: Name

    def named(self) -> Named:
        """The same for the engine."""
        return Named(self.source, Key(self.kind, self.id))


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two items."""

    a: ItemName
    b: ItemName


class Linked(msgspec.Struct, frozen=True):
    """What is said of the two now: `same`, or `apart`."""

    said: str


class Which(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source, or everything when it is left out."""

    source: str | None = None


class Paused(msgspec.Struct, frozen=True):
    """Who paused the source, or everything; null: it runs. A pause of everything holds for each source."""

    source: str | None
    paused: str | None


class Forgotten(msgspec.Struct, frozen=True):
    """The source that left the ledger."""

    forgotten: str


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A channel of the config, or all when it is left out."""

    channel: str | None = None


class Tried(msgspec.Struct, frozen=True):
    """`sent`, or what went wrong, by channel."""

    channels: dict[str, str]


async def ignore_finding(asked: Asked[Nothing, Ignored]) -> FindingView:
    """Have nothing follow from a finding any more, or let it count again."""
    number = asked.number("id", "finding")
    asked.note("ignored" if asked.body.ignored else "counts again")
    return await ignore(asked.house, number, ignored=asked.body.ignored)


async def ignore(house: House, number: int, *, ignored: bool) -> FindingView:
    """The same for the pages. Problem 404, NoSuchFinding."""
    if ((await _finding(house, number)).ignored_by is not None) != ignored:
        if ignored:
            await said.ignore(house.engine, number, by=OWNER)
        else:
            await said.heed(house.engine, number)
    return await _finding(house, number)


async def snooze_finding(asked: Asked[Nothing, Snooze]) -> FindingView:
    """Have nothing follow from a finding for a while."""
    number = asked.number("id", "finding")
    asked.note(asked.body.for_)
    return await snooze(asked.house, number, asked.body.for_)


async def snooze(house: House, number: int, text: str) -> FindingView:
    """The same for the pages. Problem 400, 404, NoSuchFinding."""
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise Problem(400, f"`for` is wrong: {error}") from error
    await _finding(house, number)
    await said.snooze(house.engine, number, seconds)
    return await _finding(house, number)


async def _finding(house: House, number: int) -> FindingView:
    found = await house.ledger.read(lambda tx: views_losses.finding(tx, number))
    if found is None:
        raise no_such("finding", number)
    return found


async def link_items(asked: Asked[Nothing, Pair]) -> Linked:
    """Say that two items are one thing, whatever their refs say."""
    return await _link(asked, same=True)


async def unlink_items(asked: Asked[Nothing, Pair]) -> Linked:
    """Say that two items are not one thing, whatever their refs say."""
    return await _link(asked, same=False)


async def _link(asked: Asked[Nothing, Pair], *, same: bool) -> Linked:
    one, other = asked.body.a.named(), asked.body.b.named()
    asked.note(f"{one} and {other}")
    await said.link(asked.house.engine, one, other, same=same, by=OWNER)
    return Linked("same" if same else "apart")


async def pause(asked: Asked[Nothing, Which]) -> Paused:
    """Leave a source alone, or all of them and send nothing, until it is resumed."""
    source = asked.body.source
    asked.note(source or "everything")
    await said.pause(asked.house.engine, source, by=OWNER)
    return _paused(asked.house, source)


async def resume(asked: Asked[Nothing, Which]) -> Paused:
    """Go on with a source, or with everything that was paused at once."""
    source = asked.body.source
    asked.note(source or "everything")
    await said.resume(asked.house.engine, source)
    return _paused(asked.house, source)


def _paused(house: House, source: str | None) -> Paused:
    engine = house.engine
    return Paused(source, engine.paused if source is None else engine.place(source).live.paused)


async def forget_source(asked: Asked[Nothing, Nothing]) -> Forgotten:
    """Drop a source that left the config, with its items; its tombstones stay."""
    name = asked.path("name")
    await said.forget(asked.house.engine, name)
    return Forgotten(name)


async def test_channels(asked: Asked[Nothing, Channel]) -> Tried:
    """Send a test message at once, past all rules."""
    name = asked.body.channel
    asked.note(name or "all channels")
    channels = asked.house.config().settings.channels
    if name is not None and name not in channels:
        known = ", ".join(sorted(channels)) or "none"
        raise Problem(404, f"there is no channel {name!r}; configured are: {known}")
    return Tried(await asked.house.postman.try_out(name))
