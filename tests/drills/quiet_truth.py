"""The truth about one model app: what stands in it, how that changes, and the ways in which the app lies.

Every change is one that people and programs make: adds, deletes, keys that are replaced or reused,
copies, files that go and come, series whose seasons vanish with them or apart. It is told, or not:
each returns the events that an honest app would send. A lie changes what the app shows, never what
is true; `end_lies` takes all of them back.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.daemon.engine.conftest import a_root, movie, season, series

from reconciled.errors import BadResponse, Unauthorized, Unreachable
from reconciled.model import Item, Key, Ref
from reconciled.testing.model_app import ModelApp

Told = dict[str, Any]
"""An event as the model app words it."""

ROOTS = ("/films", "/more")
"""Films lie on two disks."""


def gone(key: Key, **more: Any) -> Told:
    """A deletion is told."""
    return {"op": "deleted", "kind": key.kind, "id": key.id, "title": "Told", **more}


def changed(key: Key) -> Told:
    """Something about a key is told."""
    return {"op": "changed", "kind": key.kind, "id": key.id}


def film(n: int, *, key: str | None = None, **more: Any) -> Item:
    """A film by number, on one of the two disks."""
    return movie(n, key=key, **({"root": ROOTS[n % 2]} | more))


@dataclass(slots=True)
class Truth:
    """What stands, by key. `app` shows it, as long as nothing makes it lie."""

    app: ModelApp
    items: dict[Key, Item] = field(default_factory=dict)
    lying: bool = False
    """Whether the app shows other items than these."""
    hidden: set[Key] = field(default_factory=set)
    """Neither listed nor shown by lookups, though they stand."""
    _next: int = 1000

    def begin(self) -> None:
        """Twenty films, six series."""
        for n in range(1, 21):
            self.put(film(n))
        for n in range(1, 7):
            self.put_series(n, str(n), seasons=range(1 + n % 4))
        self.end_lies()

    # --- what stands --------------------------------------------------------------------------------

    def put(self, item: Item) -> None:
        """It stands as this from now on."""
        self.items[item.key] = item

    def show(self) -> None:
        """The app shows the truth, unless it lies."""
        if not self.lying:
            self.app.items = {key: item for key, item in self.items.items() if key not in self.hidden}

    def titled(self, title: str) -> bool:
        """Whether anything of that title stands."""
        return any(item.title == title for item in self.items.values())

    def of_kind(self, kind: str) -> list[Key]:
        """The keys of a kind, in order."""
        return sorted(key for key in self.items if key.kind == kind)

    def parts_of(self, key: Key) -> list[Key]:
        """The seasons of a series, in order."""
        return sorted(part for part, item in self.items.items() if item.parent == key)

    def pick(self, kind: str, at: int) -> Key | None:
        """One of a kind."""
        keys = self.of_kind(kind)
        return keys[at % len(keys)] if keys else None

    def new_key(self) -> str:
        """A key that nothing ever had."""
        self._next += 1
        return str(self._next)

    def put_series(self, n: int, key: str, *, seasons: Iterable[int], files: bool = True) -> None:
        """A series with some seasons."""
        parent = series(n, key=key)
        self.put(parent)
        for number in seasons:
            self.put(season(parent, number, has_file=files))
        self.count_files(parent.key)

    def count_files(self, key: Key) -> None:
        """An app counts a series' files by those of its seasons."""
        below = self.parts_of(key)
        some = any(self.items[part].has_file for part in below) or not below
        self.put(replace(self.items[key], has_file=some))

    # --- changes of films ---------------------------------------------------------------------------

    def add(self, at: int) -> list[Told]:
        """A film that was not there."""
        n = 1 + at % 30
        if self.titled(f"Film {n}"):
            return []
        item = film(n, key=self.new_key())
        self.put(item)
        return [changed(item.key)]

    def add_some(self, many: int, *, root: int) -> None:
        """Films that nobody tells of, on one disk."""
        for _ in range(many):
            key = self.new_key()
            self.put(film(2 * int(key) + root, key=key))
        self.show()

    def add_copy(self, at: int) -> list[Told]:
        """A second key of a film that stands, at another place."""
        key = self.pick("movie", at)
        if key is None:
            return []
        number = int(self.items[key].title.removeprefix("Film "))
        new = self.new_key()
        self.put(film(number, key=new, path=f"{ROOTS[at % 2]}/{number} copy {new}.mkv", root=ROOTS[at % 2]))
        return [changed(Key("movie", new))]

    def delete(self, at: int) -> list[Told]:
        """A film goes; one always stays."""
        key = self.pick("movie", at)
        if key is None or len(self.of_kind("movie")) < 2:
            return []
        del self.items[key]
        return [gone(key, own_act=True)]

    def delete_another(self, at: int) -> list[Told]:
        """The app finds that a film is not there any more."""
        return [{**told, "own_act": False} for told in self.delete(at)]

    def replace_film(self, at: int) -> list[Told]:
        """It stands under another key: an upgrade, or a path that was renamed."""
        key = self.pick("movie", at)
        if key is None:
            return []
        old = self.items.pop(key)
        number = int(old.title.removeprefix("Film "))
        better = film(number, key=self.new_key(), path=f"{old.root}/{number} better.mkv", root=old.root)
        self.put(better)
        return [gone(key), changed(better.key)]

    def reuse(self, at: int) -> list[Told]:
        """A film's key names another film."""
        key, n = self.pick("movie", at), 31 + at % 30
        if key is None or len(self.of_kind("movie")) < 2 or self.titled(f"Film {n}"):
            return []
        self.put(film(n, key=key.id))
        return [changed(key)]

    def file_goes_or_comes(self, at: int) -> list[Told]:
        """The entry stays, the file does not; or it is back."""
        key = self.pick("movie", at)
        if key is None:
            return []
        item = self.items[key]
        self.put(replace(item, has_file=not item.has_file))
        return [{"op": "file_deleted", "kind": "movie", "id": key.id}] if item.has_file else [changed(key)]

    # --- changes of series --------------------------------------------------------------------------

    def add_series(self, at: int) -> list[Told]:
        """A series with up to four seasons."""
        n, key = 1 + at % 12, self.new_key()
        if self.titled(f"Series {n}"):
            return []
        self.put_series(n, key, seasons=range(at % 5))
        return [changed(Key("series", key))]

    def add_season(self, at: int) -> list[Told]:
        """One season more."""
        key = self.pick("series", at)
        if key is None:
            return []
        item = season(self.items[key], at % 7)
        self.items.setdefault(item.key, item)
        self.count_files(key)
        return [changed(item.key)]

    def delete_series(self, at: int) -> list[Told]:
        """A series with its seasons; told in some order, of some of them."""
        key = self.pick("series", at)
        if key is None:
            return []
        below = self.parts_of(key)
        for one in (key, *below):
            del self.items[one]
        orders: list[list[Key]] = [[key], [*below, key], below, [key, *below]]
        return [gone(one, own_act=True) for one in orders[at % 4]]

    def delete_season(self, at: int) -> list[Told]:
        """One season."""
        key = self.pick("season", at)
        if key is None:
            return []
        parent = self.items.pop(key).parent
        assert parent is not None
        self.count_files(parent)
        return [gone(key, own_act=True)]

    def replace_series(self, at: int) -> list[Told]:
        """It stands under another key, as do its seasons; perhaps without one of them."""
        key = self.pick("series", at)
        if key is None:
            return []
        below = self.parts_of(key)
        numbers = [int(part.id.partition("/")[2]) for part in below][at % 2 :]
        n, new = int(self.items[key].title.removeprefix("Series ")), self.new_key()
        for one in (key, *below):
            del self.items[one]
        self.put_series(n, new, seasons=numbers)
        return [gone(key), changed(Key("series", new))]

    def reuse_series(self, at: int) -> list[Told]:
        """Its key names another series."""
        key, n = self.pick("series", at), 31 + at % 10
        if key is None or self.titled(f"Series {n}"):
            return []
        for one in (key, *self.parts_of(key)):
            del self.items[one]
        self.put_series(n, key.id, seasons=range(at % 5))
        return [changed(key)]

    def identify_series(self, at: int) -> list[Told]:
        """Other refs at the same place; what its seasons claim goes with that."""
        key = self.pick("series", at)
        if key is None:
            return []
        self.put(replace(self.items[key], refs=series(41 + at % 10).refs))
        for part in self.parts_of(key):
            number = int(part.id.partition("/")[2])
            self.put(replace(self.items[part], refs=season(self.items[key], number).refs))
        return [changed(key)]

    def season_files(self, at: int) -> list[Told]:
        """The files of a season, or of all of them, go or come."""
        key = self.pick("season", at)
        if key is None:
            return []
        parent, has_file = self.items[key].parent, not self.items[key].has_file
        assert parent is not None
        for part in self.parts_of(parent) if at % 3 == 0 else [key]:
            self.put(replace(self.items[part], has_file=has_file))
        self.count_files(parent)
        return [changed(parent), changed(key)]

    # --- lies ---------------------------------------------------------------------------------------

    def lie(self, how: str, *, at: int = 0) -> None:
        """One of `LIES`."""
        LIES[how](self, at)
        self.show()

    def end_lies(self) -> None:
        """The app is itself again."""
        app, self.lying, self.hidden = self.app, False, set()
        app.trouble = app.listing_trouble = app.break_after_pages = app.in_flight = None
        app.deny, app.on_page, app.page_size = (lambda _: False), (lambda _: None), 1000
        app.unlisted, app.doubled = set(), set()
        app.instance, app.account, app.sees_everything = "one", "owner", True
        app.roots = {path: a_root(path) for path in (*ROOTS, "/tv")}
        self.show()

    def hide(self, some: Iterable[Key]) -> None:
        """These, and what is a part of them, are neither listed nor shown."""
        chosen = set(some)
        self.hidden |= chosen | {part for key in chosen for part in self.parts_of(key)}

    def _denies(self, at: int) -> None:
        del at
        self.app.deny = lambda _: True

    def _empty(self, at: int) -> None:
        del at
        self.lying, self.app.items = True, {}

    def _other(self, at: int) -> None:
        """Another database, perhaps of an instance that says so: half the keys name other things there."""
        others = list(self.items.values())[at % 3 :: 2]
        self.lying, self.app.items = True, {item.key: _another(item) for item in others}
        self.app.instance = "two" if at % 2 else "one"

    def _unlisted(self, at: int) -> None:
        self.app.unlisted = set(sorted(self.items)[at % 3 :: 3])

    def _fails(self, at: int) -> None:
        self.app.trouble = (Unreachable("x"), Unauthorized("x"), BadResponse("x"))[at % 3]

    def _listing_fails(self, at: int) -> None:
        del at
        self.app.listing_trouble = BadResponse("x")

    def _cut_off(self, at: int) -> None:
        self.app.page_size, self.app.break_after_pages = 4, 1 + at % 4

    def _drifts(self, at: int) -> None:
        """Paged, and shifting under the reader: some are left out, some come twice."""
        self.app.page_size = 3
        self.app.unlisted = set(sorted(self.items)[at % 5 :: 5])
        self.app.doubled = set(sorted(self.items)[at % 4 :: 4])

    def _narrowed(self, at: int) -> None:
        """The account no longer sees everything; what it does not see it truthfully denies."""
        self.app.sees_everything, self.app.account = False, "owner" if at % 2 else "guest"
        self.hide(sorted(self.items)[at % 3 :: 3])

    def _unmounted(self, at: int) -> None:
        """A disk is away: its films have no files, or are not there at all."""
        path = ROOTS[at % 2]
        odd = ({"accessible": False}, {"empty": True}, {"device": "/dev/b"}, {"size": 10**9})[at // 2 % 4]
        self.app.roots[path] = a_root(path, **odd)
        below = [key for key, item in self.items.items() if item.root == path]
        if at // 8 % 2:
            self.hide(below)
            return
        below = below[at % 3 :: 4]  # what the app has looked at by now
        self.lying = True
        self.app.items = {
            key: replace(item, has_file=False) if key in below else item for key, item in self.items.items()
        }


def _another(item: Item) -> Item:
    """Another thing under the same key."""
    refs = frozenset(Ref(ref.space, f"9{ref.value}") for ref in item.refs)
    return replace(item, title=f"{item.title} of another world", refs=refs, path=f"/other{item.path}")


CHANGES: list[Callable[[Truth, int], list[Told]]] = [
    Truth.add, Truth.add_copy, Truth.delete, Truth.delete, Truth.delete_another, Truth.replace_film,
    Truth.reuse, Truth.file_goes_or_comes, Truth.add_series, Truth.add_season, Truth.delete_series,
     Truth.delete_season, Truth.replace_series, Truth.reuse_series, Truth.identify_series,
    Truth.season_files,
]  # fmt: skip

LIES: dict[str, Callable[[Truth, int], None]] = {
    "denies": Truth._denies,
    "empty": Truth._empty,
    "other": Truth._other,
    "unlisted": Truth._unlisted,
    "fails": Truth._fails,
    "listing fails": Truth._listing_fails,
    "cut off": Truth._cut_off,
    "drifts": Truth._drifts,
    "narrowed": Truth._narrowed,
    "unmounted": Truth._unmounted,
}
