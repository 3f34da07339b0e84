"""Hot reload: a changed config is read, validated and built first; only then does anything change.

Any problem keeps the last good config, and the page says so. What could not be started or stopped
is tried again: a reload begins from what really runs. Plugin code is never reloaded.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from watchfiles import awatch

from reconciled.clock import Clock
from reconciled.config import Loaded, Settings, SourceSettings, diff, load, report_diff
from reconciled.plugins import Registry
from reconciled.runtime.sources import Built, CannotBuild, Sources, let_go
from reconciled.runtime.watching import Print, folders_of, print_of

AT_START = frozenset({"daemon.listen", "daemon.state", "plugins.block"})
"""Settings that count when the daemon starts; all others are taken over."""
RETRY = 30.0
"""Seconds after which a change that could not be carried out is tried again, and an unseen edit is found."""


@dataclass(frozen=True, slots=True)
class ConfigState:
    """The config in force, and what is wrong with the newest edit of it."""

    settings: Settings
    path: Path
    loaded_at: datetime
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    files: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a reload would do: its problems, or else one line for each change; `warnings` are about arming."""

    problems: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Reloader:
    """Keeps the config in force and puts a new one there."""

    def __init__(
        self,
        state: ConfigState,
        sources: Sources,
        registry: Registry,
        *,
        environ: Mapping[str, str],
        clock: Clock,
        log: logging.Logger,
        changed: Callable[[Settings], Awaitable[None]] | None = None,
        arming: Callable[[Settings], Awaitable[Sequence[str]]] | None = None,
    ) -> None:
        self.state = state
        self._started = state.settings
        self._sources = sources
        self._registry = registry
        self._environ = environ
        self._clock = clock
        self._log = log
        self._changed = changed
        self._arming = arming
        self._one_at_a_time = asyncio.Lock()
        self._print: Print = {}
        self._unfinished = False

    async def reload(self) -> tuple[str, ...]:
        """Take over the file as it is now. Returns its problems; with any, nothing has changed.

        A change that could be carried out only in part is a problem too, and is tried again.
        """
        async with self._one_at_a_time:
            loaded, self._print = await asyncio.to_thread(self._load)
            if loaded.settings is None:
                return self._refuse(tuple(map(str, loaded.problems)), loaded)
            new = loaded.settings
            change = diff(replace(self.state.settings, sources=self._sources.settings()), new)
            try:
                built = await self._build(new.sources, change.added | change.changed)
            except CannotBuild as error:
                return self._refuse((str(error),), loaded)
            try:
                await self._apply(change.removed, built)
                if self._changed is not None:
                    await self._changed(new)
            except Exception as error:  # noqa: BLE001 - whatever it was, it is logged, shown, and tried again
                self._log.exception("the config could be taken over only in part")
                self._unfinished = True
                what = type(error).__name__
                said = f"{self.state.path}: it could be taken over only in part ({what}); it is tried again"
                return self._refuse((said,), loaded)
            self._unfinished = False
            late = [name for name in diff(self._started, new).daemon if name in AT_START]
            notes = tuple(f"{name} changed: restart to take it over" for name in late)
            before = self.state
            self.state = ConfigState(new, before.path, self._clock.now(), notes=notes, files=loaded.files)
            if change:
                self._log.info(
                    "the config was taken over: %s", _say(change.added, change.changed, change.removed)
                )
            elif before.problems:
                self._log.info("the config is good again, and the one that is in force")
            for note in notes:
                if note not in before.notes:
                    self._log.warning("%s", note)
            return ()

    async def preview(self) -> Preview:
        """Read the file as it is now and say what a reload would do, its problems too. Changes nothing."""
        async with self._one_at_a_time:
            loaded, _ = await asyncio.to_thread(self._load)
            if loaded.settings is None:
                return Preview(problems=tuple(map(str, loaded.problems)))
            new = loaded.settings
            change = diff(replace(self.state.settings, sources=self._sources.settings()), new)
            try:
                built = await self._build(new.sources, change.added | change.changed)
            except CannotBuild as error:
                return Preview(problems=(str(error),))
            for one in built:
                await let_go(one, log=self._log)
            warnings = await self._arming(new) if self._arming is not None else ()
            return Preview(changes=report_diff(change), warnings=tuple(warnings))

    async def _build(self, sources: Mapping[str, SourceSettings], names: Collection[str]) -> list[Built]:
        """All of these, or none: CannotBuild lets go of those before it."""
        built: list[Built] = []
        async with AsyncExitStack() as undo:
            for name in sorted(names):
                built.append(self._sources.build(sources[name]))
                undo.push_async_callback(let_go, built[-1], log=self._log)
            undo.pop_all()
        return built

    async def _apply(self, removed: frozenset[str], built: list[Built]) -> None:
        for name in sorted(removed):
            await self._sources.stop(name, freeze=True)
        for one in built:
            await self._sources.restart(one)

    def _refuse(self, problems: tuple[str, ...], loaded: Loaded) -> tuple[str, ...]:
        if problems != self.state.problems:
            for problem in problems:
                self._log.error("%s", problem)
            self._log.error("the config has problems; the last good one stays in force")
        self.state = replace(self.state, problems=problems, files=self.state.files | loaded.files)
        return problems

    def _load(self) -> tuple[Loaded, Print]:
        """The config, and what told its files from others before they were read."""
        files = self.state.files
        while True:
            before = print_of(files)
            loaded = load(
                self.state.path, self._registry.types, environ=self._environ, broken=self._registry.errors
            )
            if loaded.files <= files:
                return loaded, before
            files |= loaded.files

    async def watch(self) -> None:
        """Reload whenever a file of the config changes, its includes and secrets too. Runs for ever.

        It begins with a reload: the file may have changed since the daemon read it.
        """
        begun = False
        while True:
            folders = folders_of(self.state.files)
            async with aclosing(_looks(folders)) as looks:
                async for changed in looks:
                    again = self._unfinished and not changed
                    if not begun or again or print_of(self._print) != self._print:
                        await self.reload()
                    begun = True
                    if folders_of(self.state.files) != folders:
                        break


async def _looks(folders: Collection[Path]) -> AsyncGenerator[bool, None]:
    """When to look at the files in these folders: each time something changed (yes), now and then (no).

    The first time is when the watch has begun: what changed before it is told by nothing else.
    """
    edits = awatch(
        *folders,
        watch_filter=None,
        recursive=False,
        step=50,
        debounce=300,
        rust_timeout=int(RETRY * 1000),
        yield_on_timeout=True,
    )
    async with aclosing(edits):
        changed = False
        while True:
            ahead = asyncio.ensure_future(anext(edits))
            try:
                await asyncio.sleep(0)  # its first step begins the watch
                yield changed
                changed = bool(await ahead)
            finally:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)


def _say(added: frozenset[str], changed: frozenset[str], removed: frozenset[str]) -> str:
    parts = {"started": added, "restarted": changed, "stopped": removed}
    return (
        "; ".join(f"{what} {', '.join(sorted(names))}" for what, names in parts.items() if names)
        or "settings only"
    )
