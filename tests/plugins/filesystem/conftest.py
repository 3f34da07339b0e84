"""A folder of films, and the source that follows it."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.plugins.filesystem.folders import Open

from reconciled.clock import SystemClock
from reconciled.http import Http
from reconciled.model import Json
from reconciled.source import Context
from reconciled_filesystem import Filesystem
from reconciled_filesystem.config import FilesystemConfig


class Notes:
    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, name: str) -> Json:
        return self.kept.get(name)

    async def set(self, name: str, value: Json) -> None:
        self.kept[name] = value


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    for name in ("Alien/alien.mkv", "Heat/heat.mkv", "Heat/heat.srt", ".hidden/secret.mkv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


@pytest.fixture
async def disk(films: Path) -> AsyncIterator[Open]:
    opened: list[Filesystem] = []
    http, notes = Http(lambda: pytest.fail("a disk is no web"), SystemClock()), Notes()

    def make(**options: Any) -> Filesystem:
        options.setdefault("folders", [{"path": str(films), "patterns": ["**/*.mkv"], "exclude": ["**/.*"]}])
        config = FilesystemConfig.model_validate(options)
        context = Context("disk", http, SystemClock(), logging.getLogger("test"), notes)
        opened.append(Filesystem(config, context))
        return opened[-1]

    yield make
    for source in opened:
        await source.close()
