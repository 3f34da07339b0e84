"""A configured source that runs: the plugin's object, its health, and what it last said of itself.

Every call into a plugin goes through `ask`: a hanging, crashing or lying plugin becomes a
`SourceError` here, is logged once, and harms nobody else.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from reconciled.clock import Clock
from reconciled.engine.ending import is_cancelled
from reconciled.engine.health import HealthKeeper
from reconciled.engine.watched import Watched
from reconciled.errors import (
    BadResponse,
    RateLimited,
    Refused,
    SourceError,
    Unauthorized,
    Unreachable,
    Unsupported,
)
from reconciled.model import About, Absent, Answer, Health, Item, Json, Key, Page, Ref
from reconciled.source import Changes, Finds, Incremental, LooksUpMany, Source

T = TypeVar("T")

LONGEST_BUSY = 3600.0
"""Seconds for which a busy app's suspects wait; one that nobody asked for so long is busy anew."""
PATIENCE = 900.0
"""Seconds after which a plugin's call is given up, whatever its own timeouts are."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the user set for a source; durations in seconds, `max_gone` a fraction."""

    settle: float = 20.0
    max_gone: float = 0.10


@dataclass(slots=True)
class LiveSource:
    """One running source. `id` is its row in the ledger."""

    id: int
    name: str
    source: Source[Any]
    rules: Rules
    kinds: frozenset[str]
    clock: Clock
    log: logging.Logger
    chance: random.Random
    health: HealthKeeper = field(init=False)
    about: About | None = None
    stranger: str | None = None
    """Why what answers there is not (yet) believed to be the installation we know."""
    busy_since: float | None = None
    awaited: str | None = None
    """Why nothing is judged before the next complete scan: the settings changed, or the source is back."""
    counting: bool = False
    """A scan is writing down what it missed, and has not counted it yet."""
    probed_seq: int = 0
    probed_at: float = 0.0
    bracket: int = 50
    """How many lookups fit between two yeses; shrinks when the app is slow."""
    paused: str | None = None
    """Who asked that the source be left alone."""
    stream: str | None = None
    """How its event stream fares, for people; None: it has none."""
    watched: Watched = field(init=False)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    due: asyncio.Event = field(default_factory=asyncio.Event)
    requests: Callable[[], int] = field(default=lambda: 0)
    over: bool = False
    """Another object follows the source now, or none: what this one's plugin says counts for nothing."""
    rehearsed: bool = False
    """Nothing is to be changed in the app: whoever asks for it is refused before the plugin hears of it."""

    def __post_init__(self) -> None:
        self.health = HealthKeeper(self.name, self.clock, self.chance, self.log)
        self.watched = Watched(self.clock)

    @property
    def app(self) -> str:
        """The program, such as `radarr`."""
        return self.source.app

    @property
    def ordered_kinds(self) -> list[str]:
        """Its kinds in the plugin's order, in which parents come before their parts."""
        order = [kind for kind in self.source.kinds if kind in self.kinds]
        return order + sorted(self.kinds.difference(order))

    @property
    def looks_up_many(self) -> LooksUpMany | None:
        """The source as one that answers several lookups at once, if it does."""
        return self.source if isinstance(self.source, LooksUpMany) else None

    async def probe(self) -> About:
        """Ask who answers there. Ends trouble when it succeeds."""
        about: object = await self.ask("probe", self.source.probe)
        if not isinstance(about, About):
            error = BadResponse(f"{self.name}: the plugin's probe() gave {type(about).__name__}, not About")
            self.health.failed(error, "probe")
            raise error
        now = self.clock.monotonic()
        if not about.busy or now - self.probed_at > LONGEST_BUSY:
            self.busy_since = None
        if about.busy and self.busy_since is None:
            self.busy_since = now
        self.about, self.probed_at = about, now
        return about

    async def lookup(self, key: Key) -> Answer:
        """Ask about one item. What is neither an item of that very key nor Absent is a BadResponse."""
        answer = await self.ask("ask", lambda: self.source.lookup(key))
        return self._checked(key, answer)

    async def lookup_many(self, many: LooksUpMany, keys: list[Key]) -> dict[Key, Answer]:
        """Ask about several items in one request; what was not asked for, or is odd, is left out."""
        answers: object = await self.ask("ask", lambda: many.lookup_many(keys))
        if not isinstance(answers, Mapping):
            raise BadResponse(f"{self.name}: the plugin's lookup_many() gave {type(answers).__name__}")
        good: dict[Key, Answer] = {}
        for key in keys:
            if key in answers:
                try:
                    good[key] = self._checked(key, answers[key])
                except BadResponse as error:
                    self.log.warning("%s", error)
        return good

    async def find(self, finder: Finds, ref: Ref) -> list[Item]:
        """Ask by ref. Unsupported when the app cannot by this one."""
        found: object = await self.ask("ask", lambda: finder.find(ref))
        if not isinstance(found, Sequence) or not all(isinstance(item, Item) for item in found):
            raise BadResponse(f"{self.name}: the plugin's find({ref}) gave no list of items")
        return list(found)

    async def pages(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """Walk everything. BadResponse unless the last page, and only that, says it is complete."""

        async def begin() -> AsyncIterator[Page]:
            return aiter(self.source.snapshot(kinds))

        walk, complete = await self.ask("scan", begin), False
        while True:
            page: object = await self.ask("scan", lambda: anext(walk, None))
            if page is None:
                break
            if complete or not isinstance(page, Page):
                raise self.failed_scan(
                    "the listing went on after its last page" if complete else "a page is no Page"
                )
            if odd := next((item for item in page.items if item.key.kind not in kinds), None):
                raise self.failed_scan(f"the listing holds {odd.key}, which was not asked for")
            complete = page.complete
            yield page
        if not complete:
            raise self.failed_scan("the listing ended before a page said that it is complete")

    async def changes(self, source: Incremental, mark: Json) -> Changes:
        """All ids, and in full what changed since `mark`. BadResponse when the two do not fit together."""
        found: object = await self.ask("scan", lambda: source.changes(mark))
        if not isinstance(found, Changes):
            raise self.failed_scan(f"the plugin's changes() gave {type(found).__name__}, not Changes")
        if odd := next((item.key for item in found.items if item.key not in found.keys), None):
            raise self.failed_scan(f"it says what {odd} is, and does not list it")
        return found

    async def ask(self, doing: str, call: Callable[[], Awaitable[T]], *, patience: float = PATIENCE) -> T:
        """Call into the plugin. Raises SourceError only; health hears of it.

        `doing` is `probe`, `scan`, `ask` or `act`. A single odd answer to a lookup, or to a call that
        changes something, says nothing about the source as a whole; everything else that goes wrong does.
        `patience` is in seconds.
        """
        if self.rehearsed and doing == "act":
            raise Refused("this is a rehearsal, in which nothing is changed")
        try:
            result = await self._in_time(doing, call, patience)
        except Unsupported:
            raise  # it says something of the question, nothing of the source
        except SourceError as error:
            if doing not in ("ask", "act") or isinstance(error, (Unreachable, RateLimited, Unauthorized)):
                self.health.failed(error, doing)
            raise
        except TimeoutError as error:
            slow = Unreachable(f"{self.name}: no answer within {patience:.0f} s")
            self.health.failed(slow, doing)
            raise slow from error
        except Exception as error:
            self.log.exception("%s: its plugin crashed", self.name)
            crash = BadResponse(
                f"{self.name}: its plugin crashed ({type(error).__name__}); the log has the traceback"
            )
            if doing not in ("ask", "act"):
                self.health.failed(crash, doing)
            raise crash from error
        if doing != "scan":
            self.health.fine(doing)
        return result

    async def _in_time(self, doing: str, call: Callable[[], Awaitable[T]], patience: float) -> T:
        """What the plugin says, while anybody asks it. That its own task was cancelled is a crash of it."""
        self._refuse_if_over()
        try:
            async with asyncio.timeout(patience):
                result = await call()
        except asyncio.CancelledError as error:
            if is_cancelled():
                raise
            raise RuntimeError("the plugin was cancelled, and not by us") from error
        if doing != "act":  # what was done was done
            self._refuse_if_over()
        return result

    def not_believable(self) -> str | None:
        """Why nothing that the app says of a suspect counts now, or None. Busy counts for at most an hour."""
        if self.paused is not None:
            return f"it is paused by {self.paused}"
        if reason := self.stranger or self.awaited:
            return reason
        busy = self.busy_since is not None and self.clock.monotonic() - self.busy_since < LONGEST_BUSY
        return "the app reorganises its library" if busy else None

    def not_judged(self) -> str | None:
        """Why no loss is believed now, nor anything done because of one; None when it is."""
        return self.not_believable() or ("what a scan missed is being counted" if self.counting else None)

    @property
    def answers(self) -> bool:
        """Whether the source is well."""
        return self.health.state is Health.OK

    def _refuse_if_over(self) -> None:
        """A plugin that ignores its cancellation is left behind, and whoever waited for it with it."""
        if self.over:
            raise Unreachable(f"{self.name}: it was stopped, or is followed anew")

    def _checked(self, key: Key, answer: object) -> Answer:
        if isinstance(answer, Item) and answer.key == key:
            return answer
        if isinstance(answer, Absent):
            return answer
        raise BadResponse(
            f"{self.name}: asked about {key}, the plugin answered {type(answer).__name__} of something else"
        )

    def failed_scan(self, why: str) -> BadResponse:
        """The error of a listing that is not whole; health hears of it."""
        error = BadResponse(f"{self.name}: {why}; nothing of it is believed")
        self.health.failed(error, "scan")
        return error
