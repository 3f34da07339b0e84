"""The file system keeps the contract of all sources; its troubles are those of a disk."""

import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import ClassVar

from reconciled.model import Json, Key
from reconciled.testing.contract import SourceContract, Stand
from reconciled_filesystem import Filesystem


class FolderStand(Stand):
    """A folder with films. There is no app, so what can break is the folder."""

    source_type = Filesystem
    hasty: ClassVar[Mapping[str, Json]] = {"timeout": "200ms"}

    async def start(self) -> None:
        self.top = Path(tempfile.mkdtemp())
        self.films = self.top / "films"
        self.films.mkdir()
        (self.films / ".here").touch()

    async def stop(self) -> None:
        shutil.rmtree(self.top)

    def options(self) -> Mapping[str, Json]:
        return {
            "folders": [{"path": str(self.films), "patterns": ["**/*.mkv"], "marker": ".here"}],
            "map": {str(self.films): "/media/films"},
            "sha256": True,
        }

    async def fill(self) -> None:
        for number in range(8):
            self._make(f"Film {number}/film {number}.mkv")
        (self.films / "Film 1" / "film 1.srt").touch()

    async def crowd(self) -> None:
        for number in range(1100):
            self._make(f"Many/{number // 100}/{number}.mkv")

    async def remove(self, key: Key) -> None:
        Path(key.id).unlink()

    async def add(self) -> Key:
        return self._make("New/new.mkv")

    def troubles(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        async def moved_away() -> None:
            self.films.rename(self.top / "elsewhere")

        async def an_empty_mount_point() -> None:
            self.films.rename(self.top / "elsewhere")
            self.films.mkdir()

        async def another_disk() -> None:
            self.films.rename(self.top / "elsewhere")
            self.films.mkdir()
            (self.films / "lost+found").mkdir()

        return {
            "the folder is gone": moved_away,
            "the folder is empty": an_empty_mount_point,
            "another disk, without the marker": another_disk,
        }

    def _make(self, name: str) -> Key:
        path = self.films / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        return Key("file", str(path))


class TestFilesystem(SourceContract):
    stand = FolderStand
