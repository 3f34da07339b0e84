"""`Stand`: a fake app with a world in it, and how to read it. The contract plays against one.

Whoever writes a plugin writes a stand for it: which `Source` it is, which fake plays its app, what
stands in the config, and what a person can do over there. A stand is made anew for each check, so
nothing of a world that was broken is left for the next.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from reconciled.clock import Clock, SystemClock
from reconciled.model import Json, Key, Op
from reconciled.source import Shelf, Source
from reconciled.testing.fakes.base import Fake

Letter: TypeAlias = tuple[bytes, Mapping[str, str], Op | None]
"""A webhook as the app sends it: body, headers, and what it tells; None: it is known and tells nothing."""


class Stand(ABC):
    """One app to try a plugin on. Subclasses need no arguments.

    `secrets` are all texts of `options()` that nobody may ever see. `hasty` are the settings that
    make a source give up quickly, for the checks in which no answer comes. `excused` says why a
    fault or a check cannot happen with this app, by the fault's name (`empty`) or by the check's
    (`find_gives_the_item`, `remove season`): it is skipped with that reason.
    """

    source_type: ClassVar[type[Source[Any]]]
    fake: Fake | None = None
    """The app, over a real socket; None for a source that speaks no HTTP (a folder)."""
    shelf: Shelf | None = None
    """What other programs registered, for a source that keeps records; `MemoryShelf` is one."""
    secrets: tuple[str, ...] = ()
    hasty: ClassVar[Mapping[str, Json]] = {"timeout": "200ms"}
    excused: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        self.clock: Clock = SystemClock()

    # life; a stand with more than one fake overrides both

    async def start(self) -> None:
        """Let the app run."""
        if self.fake is not None:
            await self.fake.start()

    async def stop(self) -> None:
        """End it."""
        if self.fake is not None:
            await self.fake.stop()

    # what has to be said of every app

    @abstractmethod
    def options(self) -> Mapping[str, Json]:
        """The source's settings as they stand in the YAML. Called when the app runs."""

    @abstractmethod
    async def fill(self) -> None:
        """Make a world: six items or more of each kind, with refs, and labels where the app has them."""

    @abstractmethod
    async def remove(self, key: Key) -> None:
        """A person deletes the item in the app, so that a lookup says `Absent` from now on."""

    @abstractmethod
    async def add(self) -> Key:
        """A person adds an item of any kind to the app."""

    # what is said where the app has it

    async def crowd(self) -> None:
        """Add so much that a listing takes several pages; nothing to do where `fill` was enough."""
        return

    async def shift(self, listed: Sequence[Key]) -> None:
        """While a listing is read: one of those already listed is deleted, and one is added."""
        await self.remove(listed[0])
        await self.add()

    async def events(self) -> Sequence[Letter]:
        """The webhooks that the app really sends, at least one of each op; `Mailbox` catches a fake's."""
        return ()

    # what is said where files travel

    def content(self, key: Key) -> bytes | None:  # noqa: ARG002
        """The bytes of an item as the app holds them; None: the stand does not say."""
        return None

    def sample(self, number: int) -> tuple[str, str, bytes]:
        """A file that the app takes in, another for each number: its name, its MIME type, its bytes."""
        return f"sample {number}.pdf", "application/pdf", b"%%PDF-1.4\n%% sample %d\n%%%%EOF\n" % number

    async def settled(self) -> None:
        """Let the app be done with all files that it was given."""
        return

    def troubles(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """More ways in which the world breaks, by name: what no fault of HTTP is (a disk unmounted)."""
        return {}
