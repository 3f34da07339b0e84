"""The worlds without an app behind them: records on our own shelf, and a folder on a disk."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from tests.drills.worlds import (
    NEW,
    OLD,
    Accident,
    World,
    for_good,
    undone,
)

from reconciled.model import Json, Key, Record, Ref
from reconciled.testing.clock import ManualClock
from reconciled.testing.shelf import MemoryShelf
from reconciled_filesystem import Filesystem, mounts
from reconciled_records import Records


class RecordsWorld(World):
    """What another program registered: there is no app behind it, only a shelf."""

    name = "records"
    plugin = Records

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.memory = MemoryShelf(clock)
        self.shelf = self.memory

    def options(self) -> dict[str, Json]:
        return {}

    def fill(self) -> None:
        self._put(range(1, OLD + 1))

    def grow(self) -> None:
        self._put(range(OLD + 1, OLD + NEW + 1))

    def _put(self, numbers: range) -> None:
        for number in numbers:
            name = f"folder/{number:04}"
            made = Record(name, f"Record {number}", frozenset({Ref("tmdb:movie", str(number))}))
            self.memory._stands[name] = made

    async def lose(self) -> None:
        assert self.memory.take("folder/0003", by="its program")

    def outside(self) -> str:
        return f"{self.memory._stands} {self.memory.broken}"

    def standing(self) -> frozenset[Key]:
        stand = self.memory._stands.items()
        return frozenset(Key("record", name) for name, one in stand if isinstance(one, Record))

    def accidents(self) -> Mapping[str, Accident]:
        def broken() -> Callable[[], None]:
            self.memory.broken = True

            def mended() -> None:
                self.memory.broken = False

            return mended

        def restored() -> None:
            for name in sorted(self.memory._stands)[-NEW:]:
                del self.memory._stands[name]

        return {"its own ground fails": undone(broken), "restored from an old backup": for_good(restored)}


class FilesystemWorld(World):
    """A folder of films, with a mount of its own below it."""

    name = "filesystem"
    plugin = Filesystem
    nameless = True

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.top = Path(tempfile.gettempdir(), "not made yet")
        self._patch = pytest.MonkeyPatch()

    @property
    def films(self) -> Path:
        """The folder."""
        return self.top / "films"

    @property
    def second(self) -> Path:
        """The mount below it."""
        return self.films / "second"

    @property
    def _table(self) -> Path:
        return self.top / "mountinfo"

    async def start(self) -> None:
        self.top = Path(tempfile.mkdtemp())
        self.second.mkdir(parents=True)
        self._patch.setattr(mounts.read_mounts, "__defaults__", (self._table,))
        self._mounted(self.films, self.second)

    async def stop(self) -> None:
        self._patch.undo()
        shutil.rmtree(self.top)

    def _mounted(self, *points: Path) -> None:
        """What is mounted, besides the root."""
        lines = ["1 0 8:1 / / rw - ext4 /dev/sda1 rw"]
        parent = {self.second: 2}
        for number, point in enumerate(points, start=2):
            under = parent.get(point, 1)
            lines.append(f"{number} {under} 8:{number} / {point} rw - ext4 /dev/sdb{number} rw")
        self._table.write_text("\n".join(lines) + "\n")

    def options(self) -> dict[str, Json]:
        return {"folders": [{"path": str(self.films), "patterns": ["**/*.mkv"]}]}

    def fill(self) -> None:
        for number in range(OLD - 3):
            self._make(self.films / f"Film {number}" / f"film {number}.mkv")
        for number in range(3):
            self._make(self.second / f"Film {number}" / f"second {number}.mkv")

    def grow(self) -> None:
        for number in range(NEW):
            self._make(self.films / f"Later {number}" / f"later {number}.mkv")

    def _make(self, path: Path) -> None:
        path.parent.mkdir(parents=True)
        path.write_text(path.name)

    async def lose(self) -> None:
        (self.films / "Film 3" / "film 3.mkv").unlink()

    def outside(self) -> str:
        return f"{sorted(self.top.rglob('*'))} {self._table.read_text()}"

    def standing(self) -> frozenset[Key]:
        return frozenset(Key("file", str(path)) for path in self.films.rglob("*.mkv"))

    def accidents(self) -> Mapping[str, Accident]:
        aside = self.top / "aside"

        def away(what: Path, *, left: bool, mounted: Sequence[Path]) -> Callable[[], Callable[[], None]]:
            def begin() -> Callable[[], None]:
                what.rename(aside)
                if left:
                    what.mkdir()
                self._mounted(*mounted)

                def back() -> None:
                    if left:
                        what.rmdir()
                    aside.rename(what)
                    self._mounted(self.films, self.second)

                return back

            return begin

        def restored() -> None:
            for number in range(NEW):
                shutil.rmtree(self.films / f"Later {number}")

        def another() -> Callable[[], None]:
            back = away(self.films, left=True, mounted=())()
            other = self.films / "Something else.mkv"
            other.write_text("of the disk below")

            def end() -> None:
                other.unlink()
                back()

            return end

        return {
            "root inaccessible": undone(away(self.films, left=False, mounted=())),
            "root empty": undone(away(self.films, left=True, mounted=())),
            "partial mount": undone(away(self.second, left=True, mounted=(self.films,))),
            "another instance": undone(another),
            "restored from an old backup": for_good(restored),
        }
