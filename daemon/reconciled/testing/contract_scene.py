"""One check's scene: the app runs, a source is open on it, and what must never happen is watched.

At the end of every scene, whatever the check was about: the source is closed, no task of it is
left, and no secret stood in any log record of any logger, in any error that was caught, or in what
the source handed out.
"""

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import aiohttp
import msgspec
import pytest

from reconciled.errors import SourceError, Unreachable
from reconciled.http import Http, new_session
from reconciled.model import Absent, Answer, Item, Json, Key, Page
from reconciled.source import Context, Source
from reconciled.testing.contract_stand import Stand

_OURS = Path(__file__).parent
_AIOHTTP = Path(aiohttp.__file__).parent
_TRIES = 9
_TURNS = 20
T = TypeVar("T")
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def fail(said: str) -> NoReturn:
    """The plugin breaks the contract; the sentence says how."""
    __tracebackhide__ = True
    pytest.fail(said)


def claim(holds: object, said: str) -> None:
    """Fail with the sentence unless it holds."""
    __tracebackhide__ = True
    if not holds:
        pytest.fail(said)


class Notes:
    """A source's store, in memory. Refuses what is no JSON, as the ledger does."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, name: str) -> Json:
        """The value, or None."""
        return self.kept.get(name)

    async def set(self, name: str, value: Json) -> None:
        """Keep the value; None forgets it."""
        self.kept[name] = msgspec.json.decode(msgspec.json.encode(value))
        if value is None:
            del self.kept[name]


class Scene:
    """A running stand with a source on it. `open` opens another source on the same app."""

    def __init__(self, stand: Stand, log: "Log", before: "set[asyncio.Task[Any]]") -> None:
        self.stand = stand
        self.notes = Notes()
        self._log = log
        self._before = before
        self._opened: list[tuple[Source[Any], Http]] = []
        self._heard: list[str] = []
        self.source: Source[Any] = self.open()

    @property
    def name(self) -> str:
        """The app, for sentences."""
        return self.stand.source_type.app

    def open(self, options: Mapping[str, Json] | None = None) -> Source[Any]:
        """Another source, made as the daemon makes it: from settings as people write them."""
        kind, stand = self.stand.source_type, self.stand
        config = kind.Config.model_validate({**(stand.options() if options is None else options)})
        http = Http(new_session, stand.clock)
        log = logging.getLogger(f"reconciled.source.{kind.app}")
        kinds = frozenset(kind.kinds)
        context = Context(kind.app, http, stand.clock, log, self.notes, kinds=kinds, shelf=stand.shelf)
        source = kind(config, context)
        self._opened.append((source, http))
        return source

    async def walk(self, *kinds: str, source: Source[Any] | None = None) -> dict[Key, Item]:
        """All items by key. Fails when the walk is not complete, or has a key twice."""
        source = source or self.source
        items = listed([page async for page in source.snapshot(frozenset(kinds or source.kinds))])
        for item in items.values():
            self.hear(repr(item))
        return items

    async def troubled(self, what: str, ask: Any) -> SourceError:
        """The trouble that a call has to raise. An answer breaks the contract; other errors pass."""
        try:
            answer = await ask
        except SourceError as error:
            self.hear(error)
            return error
        fail(f"{what}: trouble has to raise a SourceError, but {shown(answer)} came back")

    async def asked(self, ask: Any) -> "Answer | SourceError":
        """The answer, or the trouble. Any other error passes through."""
        try:
            answer = await ask
        except SourceError as error:
            self.hear(error)
            return error
        claim(
            isinstance(answer, Item | Absent),
            f"a lookup gives an Item or Absent, but this is {shown(answer)}",
        )
        self.hear(repr(answer))
        found: Answer = answer
        return found

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """An answer of a sound world, from a source that gives up quickly on a machine that is busy."""
        for _ in range(_TRIES):
            with suppress(Unreachable):
                return await ask()
        return await ask()

    def hear(self, said: object) -> None:
        """Something that people will see: an error with what caused it, or a text."""
        while isinstance(said, BaseException):
            self._heard.append(f"{said} {said!r}")
            said = said.__cause__
        if said is not None:
            self._heard.append(str(said))

    def check_secrets(self) -> None:
        """Fail when a secret was shown anywhere."""
        for where, texts in (
            ("a log record", self._log.texts),
            ("an error, an item or a text for people", self._heard),
            ("the repr of the config", [repr(source.config) for source, _ in self._opened]),
        ):
            for text in texts:
                for secret in self.stand.secrets:
                    claim(
                        secret not in text, f"a secret stands in {where}: {text.replace(secret, '<SECRET>')}"
                    )

    async def close(self) -> None:
        """Close what was opened; fail when a source leaves a task."""
        for source, _ in self._opened:
            await source.close()
        left = await self._tasks_left()
        for _, http in self._opened:
            await http.close()
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        names = ", ".join(sorted(f"{task.get_name()} ({_code(task)})" for task in left))
        claim(
            not left, f"after close() these tasks are left: {names}; end them in close(), or where they began"
        )

    async def _tasks_left(self) -> list["asyncio.Task[Any]"]:
        """The tasks that are neither the test's, nor the fake's, nor aiohttp's own."""
        left: list[asyncio.Task[Any]] = []
        for turn in range(_TURNS):
            await asyncio.sleep(0 if turn < _TURNS // 2 else 0.005)
            running = asyncio.all_tasks() - self._before - {asyncio.current_task()}
            left = [task for task in running if not self._is_of_the_fake(task)]
            if not left:
                break
        return left

    def _is_of_the_fake(self, task: "asyncio.Task[Any]") -> bool:
        code = Path(_code(task))
        kinds = {*type(self.stand).__mro__, *type(self.stand.fake).__mro__} - {object, *Stand.__mro__}
        own = {inspect.getfile(kind) for kind in kinds if kind.__module__ != "builtins"}
        return str(code) in own or any(code.is_relative_to(folder) for folder in (_OURS, _AIOHTTP))


def _code(task: "asyncio.Task[Any]") -> str:
    """The file of the code that a task runs."""
    coroutine: Any = task.get_coro()
    code = getattr(coroutine, "cr_code", None) or getattr(coroutine, "ag_code", None)
    return "" if code is None else str(code.co_filename)


def listed(pages: list[Page]) -> dict[Key, Item]:
    """The items of a walk by key: one page says complete, it is the last, and no key comes twice."""
    complete = [page.complete for page in pages]
    claim(
        complete == [False] * (len(pages) - 1) + [True],
        f"the last page of a walk, and no other, says complete; here they say {complete}",
    )
    items = [item for page in pages for item in page.items]
    keys = [item.key for item in items]
    twice = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
    claim(not twice, f"these keys are listed twice: {', '.join(map(str, twice[:5]))}")
    return dict(zip(keys, items, strict=True))


def shown(value: object) -> str:
    """A value in a sentence, not longer than a line or two."""
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


class Log(logging.Handler):
    """Every record of every logger, as text, while it is on."""

    def __init__(self) -> None:
        super().__init__(level=logging.NOTSET)
        self.texts: list[str] = []
        self._writer = logging.Formatter("%(name)s %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it: message, traceback and whatever stands beside them."""
        beside = {name: value for name, value in vars(record).items() if name not in _USUAL}
        self.texts.append(f"{self._writer.format(record)} {beside or ''}")

    @contextmanager
    def on(self) -> Iterator[None]:
        """Hear all loggers at DEBUG; afterwards all is as it was."""
        known = [one for one in logging.Logger.manager.loggerDict.values() if isinstance(one, logging.Logger)]
        loggers = [logging.getLogger(), *known]
        before = [(logger, logger.level, logger.disabled) for logger in loggers]
        ears = [logger for logger in loggers if logger.parent is None or not logger.propagate]
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
            logger.disabled = False
        for ear in ears:
            ear.addHandler(self)
        try:
            yield
        finally:
            for ear in ears:
                ear.removeHandler(self)
            for logger, level, disabled in before:
                logger.setLevel(level)
                logger.disabled = disabled


@asynccontextmanager
async def played(stand: Stand, *, probed: bool = True, crowded: bool = False) -> AsyncIterator[Scene]:
    """A scene: the stand is started and filled, a source is open, and probed once as the daemon does."""
    log = Log()
    await stand.start()
    try:
        await stand.fill()
        if crowded:
            await stand.crowd()
        with log.on():
            scene = Scene(stand, log, asyncio.all_tasks())
            try:
                if probed:
                    await scene.source.probe()
                yield scene
            except BaseException:
                with suppress(Exception, pytest.fail.Exception):  # what broke the check is said, not its wake
                    await scene.close()
                raise
            await scene.close()
        scene.check_secrets()
    finally:
        await stand.stop()
