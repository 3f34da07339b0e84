"""The worlds of wishes and shelves: Seerr, the example's request app, and an app that is only described."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from tests.conftest import requests_plugin
from tests.drills.worlds import NEW, NO_ROOTS, OLD, SEES_ALL, Accident, Kept, World, for_good, undone
from tests.plugins.http_json.bookshelf import FakeBookshelf, described

from reconciled.model import Json, Key
from reconciled.source import Source
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.requests_app import FakeRequests
from reconciled.testing.fakes.seerr import OWNER, FakeSeerr
from reconciled.testing.fakes.titles import films
from reconciled_http_json import HttpJson
from reconciled_seerr import Seerr

ROOTS = {"root inaccessible": NO_ROOTS, "root empty": NO_ROOTS, "partial mount": NO_ROOTS}


class SeerrWorld(World):
    """Films that were asked for, each once."""

    name = "seerr"
    plugin = Seerr
    lists_in_lookups = True
    excused: ClassVar[Mapping[str, str]] = ROOTS

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.fake = self.app = FakeSeerr(now=clock.now)

    def options(self) -> dict[str, Json]:
        return {"url": self.app.url, "api_key": self.app.api_key}

    def fill(self) -> None:
        self._put(OLD, 4)

    def grow(self) -> None:
        self._put(NEW, 5)

    def _put(self, count: int, seed: int) -> None:
        for work in films(count, seed):
            self.app.put(work)

    async def lose(self) -> None:
        self.app.clear_medium(3)

    async def shift(self) -> None:
        self.app.clear_medium(max(self.app.state.media))
        self._put(1, 8)

    def standing(self) -> frozenset[Key]:
        state = self.app.state
        return frozenset(Key("request", str(n)) for n in state.requests) | {
            Key("media", str(n)) for n in state.media
        }

    def lists(self, path: str) -> bool:
        return path.startswith(("/api/v1/request?", "/api/v1/media?"))

    def accidents(self) -> Mapping[str, Accident]:
        return {
            "restored from an old backup": for_good(self._restore),
            "ids reused": undone(self._reuse),
            "another instance": undone(self._another),
            "rights narrowed": undone(self._narrow),
        }

    def _restore(self) -> None:
        state = self.app.state
        for number in sorted(state.media)[-NEW:]:
            self.app.clear_medium(number)
        state.next_medium, state.next_request = max(state.media) + 1, max(state.requests) + 1

    def _kept(self) -> Callable[[], None]:
        return Kept(self.app, "state", "instance").put_back

    def _reuse(self) -> Callable[[], None]:
        back = self._kept()
        self._restore()
        self._put(NEW, 6)
        return back

    def _another(self) -> Callable[[], None]:
        back = self._kept()
        self.app.instance = "AnotherVapidPublicHalf"
        self.app.state.media, self.app.state.requests = {}, {}
        self.app.state.next_medium = self.app.state.next_request = 1
        self._put(OLD, 7)
        return back

    def _narrow(self) -> Callable[[], None]:
        """The key's owner is no administrator any more: it sees its own requests, and has none."""
        back = self._kept()
        self.app.state.people[OWNER].permissions = 32
        return back


class RequestsWorld(World):
    """Requests for films."""

    name = "requests"
    plugin: ClassVar[type[Source[Any]]] = requests_plugin().Requests
    excused: ClassVar[Mapping[str, str]] = {**ROOTS, "rights narrowed": SEES_ALL}

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.fake = self.app = FakeRequests(now=clock.now)

    def options(self) -> dict[str, Json]:
        return {"url": self.app.url, "api_key": self.app.api_key}

    def fill(self) -> None:
        self._put(OLD, 603)

    def grow(self) -> None:
        self._put(NEW, 703)

    def _put(self, count: int, first: int) -> None:
        for number in range(first, first + count):
            self.app.put(f"Film {number}", [f"tmdb:movie/{number}"])

    async def lose(self) -> None:
        self.app.remove(3)

    async def shift(self) -> None:
        self.app.remove(min(self.app.entries))
        self._put(1, 803)

    def standing(self) -> frozenset[Key]:
        return frozenset(Key("request", str(number)) for number in self.app.entries)

    def lists(self, path: str) -> bool:
        return path.startswith("/api/v1/request?")

    def accidents(self) -> Mapping[str, Accident]:
        return {
            "restored from an old backup": for_good(self._restore),
            "ids reused": undone(self._reuse),
            "another instance": undone(self._another),
        }

    def _restore(self) -> None:
        for number in sorted(self.app.entries)[-NEW:]:
            self.app.remove(number)

    def _kept(self) -> Callable[[], None]:
        return Kept(self.app, "entries", "trash", "instance").put_back

    def _reuse(self) -> Callable[[], None]:
        back = self._kept()
        for number in sorted(self.app.entries)[-NEW:]:
            self.app.replace(number, f"Other {number}", [f"tmdb:movie/{9000 + number}"])
        return back

    def _another(self) -> Callable[[], None]:
        back = self._kept()
        self.app.instance = "77aa-requests"
        for number in [*self.app.entries]:
            self.app.replace(number, f"Other {number}", [f"tmdb:movie/{9000 + number}"])
        return back


class BookshelfWorld(World):
    """Books of an app that is only described in the config."""

    name = "http_json"
    plugin = HttpJson
    excused: ClassVar[Mapping[str, str]] = {**ROOTS, "rights narrowed": SEES_ALL}

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.fake = self.app = FakeBookshelf()

    def options(self) -> dict[str, Json]:
        return described(self.app, {"param": "cursor", "cursor": "meta.next"})

    def fill(self) -> None:
        for number in range(OLD):
            self.app.put(f"Book {number}")

    def grow(self) -> None:
        for number in range(NEW):
            self.app.put(f"Later {number}")

    async def lose(self) -> None:
        del self.app.books["3"]

    async def shift(self) -> None:
        del self.app.books[min(self.app.books, key=int)]
        self.app.put("Between two pages")

    def standing(self) -> frozenset[Key]:
        return frozenset(Key("item", number) for number in self.app.books)

    def lists(self, path: str) -> bool:
        return path.removeprefix(self.app.url_base).startswith(("/api/books?", "/api/books")) and (
            "/api/books/" not in path
        )

    def accidents(self) -> Mapping[str, Accident]:
        return {
            "restored from an old backup": for_good(self._restore),
            "ids reused": undone(lambda: self._others(self._newest())),
            "another instance": undone(lambda: self._others([*self.app.books])),
        }

    def _newest(self) -> list[str]:
        return sorted(self.app.books, key=int)[-NEW:]

    def _restore(self) -> None:
        for number in self._newest():
            del self.app.books[number]

    def _others(self, numbers: list[str]) -> Callable[[], None]:
        back = Kept(self.app, "books").put_back
        for number in numbers:
            other = {"name": f"Other {number}", "isbn": f"979{number.zfill(10)}"}
            file = {"path": f"/books/other-{number}.epub", "ok": True}
            self.app.books[number] = {**self.app.books[number], **other, "file": file}
        return back
