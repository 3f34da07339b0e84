"""Hot reload: a changed config is read, validated and built first; only then does anything change.

Any problem keeps the last good config, and the page says so. Plugin code is never reloaded.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from watchfiles import awatch

from reconciled.clock import Clock
from reconciled.config import Loaded, Settings, diff, load
from reconciled.plugins import Registry
from reconciled.runtime.sources import Built, CannotBuild, Sources


@dataclass(frozen=True, slots=True)
class ConfigState:
    """The config in force, and what is wrong with the newest edit of it."""

    settings: Settings
    path: Path
    loaded_at: datetime
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    files: frozenset[Path] = frozenset()


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
        changed: Callable[[Settings], None] = lambda _: None,
    ) -> None:
        self.state = state
        self._sources = sources
        self._registry = registry
        self._environ = environ
        self._clock = clock
        self._log = log
        self._changed = changed
        self._one_at_a_time = asyncio.Lock()

    async def reload(self) -> tuple[str, ...]:
        """Take over the file as it is now. Returns its problems; with any, nothing has changed."""
        async with self._one_at_a_time:
            loaded = await asyncio.to_thread(self._load)
            problems = tuple(map(str, loaded.problems))
            if loaded.settings is None:
                return self._refuse(problems, loaded)
            change = diff(self.state.settings, loaded.settings)
            try:
                built = [
                    self._sources.build(loaded.settings.sources[name])
                    for name in sorted(change.added | change.changed)
                ]
            except CannotBuild as error:
                return self._refuse((str(error),), loaded)
            await self._apply(change.removed, change.changed, built)
            notes = tuple(f"{name} changed: restart to take it over" for name in change.daemon)
            self.state = ConfigState(
                loaded.settings, self.state.path, self._clock.now(), notes=notes, files=loaded.files
            )
            self._changed(loaded.settings)
            if change:
                self._log.info(
                    "the config was taken over: %s", _say(change.added, change.changed, change.removed)
                )
            return ()

    async def _apply(self, removed: frozenset[str], changed: frozenset[str], built: list[Built]) -> None:
        for name in sorted(removed):
            await self._sources.stop(name, freeze=True)
        for name in sorted(changed):
            await self._sources.stop(name, freeze=False)
        for one in built:
            await self._sources.start(one)

    def _refuse(self, problems: tuple[str, ...], loaded: Loaded) -> tuple[str, ...]:
        if problems != self.state.problems:
            for problem in problems:
                self._log.error("%s", problem)
            self._log.error("the config has problems; the last good one stays in force")
        self.state = replace(self.state, problems=problems, files=self.state.files | loaded.files)
        return problems

    def _load(self) -> Loaded:
        return load(
            self.state.path, self._registry.types, environ=self._environ, broken=self._registry.errors
        )

    async def watch(self) -> None:
        """Reload whenever a file of the config changes, its includes and secrets too. Runs for ever."""
        while True:
            files = self.state.files
            async for _ in self._edits(files):
                await self.reload()
                if self.state.files != files:
                    break

    async def _edits(self, files: frozenset[Path]) -> AsyncIterator[None]:
        """Folders are watched, not files: editors replace a file by another."""
        names = {str(file.absolute()) for file in files}
        folders = {file.absolute().parent for file in files if file.absolute().parent.is_dir()}
        async for changes in awatch(*folders, recursive=False, step=50, debounce=300):
            if any(path in names for _, path in changes):
                yield None


def _say(added: frozenset[str], changed: frozenset[str], removed: frozenset[str]) -> str:
    parts = {"started": added, "restarted": changed, "stopped": removed}
    return (
        "; ".join(f"{what} {', '.join(sorted(names))}" for what, names in parts.items() if names)
        or "settings only"
    )
