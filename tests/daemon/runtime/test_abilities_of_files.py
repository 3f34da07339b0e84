"""What the doctor says a source can do with files: as its class can, and as it is set up."""

import logging
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciled.clock import SystemClock
from reconciled.http import Http
from reconciled.model import Json
from reconciled.runtime.abilities import abilities
from reconciled.source import Context, Source
from reconciled_archive import Archive
from reconciled_filesystem import Filesystem

ABOUT_FILES = ("hands files out", "takes files in", "reads its files back")


class Notes:
    """A store that nobody writes to."""

    async def get(self, name: str) -> Json:
        raise AssertionError(name)

    async def set(self, name: str, value: Json) -> None:
        raise AssertionError(name)


@pytest.fixture
async def make() -> AsyncIterator[Any]:
    made: list[Source[Any]] = []
    http = Http(lambda: pytest.fail("a disk is no web"), SystemClock())

    def source(kind: type[Source[Any]], options: Mapping[str, object]) -> Source[Any]:
        context = Context("disk", http, SystemClock(), logging.getLogger("test"), Notes())
        made.append(kind(kind.Config.model_validate(options), context))
        return made[-1]

    yield source
    for one in made:
        await one.close()


async def test_an_archive_and_folders(make: Any, tmp_path: Path) -> None:
    folder: dict[str, object] = {"folders": [{"path": str(tmp_path)}]}
    cases: list[tuple[type[Source[Any]], dict[str, object], tuple[str, ...]]] = [
        (Archive, {"url": f"file://{tmp_path}/archive"}, ABOUT_FILES),
        (Filesystem, folder, ABOUT_FILES[:1]),
        (Filesystem, {**folder, "receive": f"{tmp_path}/inbox"}, ABOUT_FILES[:2]),
    ]
    for kind, options, wanted in cases:
        found = abilities(make(kind, options))
        assert tuple(said for said in found if said in ABOUT_FILES) == wanted, options
