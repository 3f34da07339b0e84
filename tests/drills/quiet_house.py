"""A household's apps for a quiet year: what stands in each, what people and programs do, and what goes wrong.

Jellyfin shows what lies on the disk, Radarr and Sonarr manage it, Requests remembers who asked for it.
A person deletes in Jellyfin; the others notice hours later. Upgrades and renames give new keys within
minutes. Letters tell of everything, and one in twenty is lost.
"""

import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

from reconciled.errors import BadResponse, SourceError, Unreachable
from reconciled.model import Item, Key, Ref, Root
from reconciled.testing.model_app import ModelApp

LOST = 0.05
"""Of all letters."""
KINDS = {
    "jellyfin": frozenset({"movie", "series", "season"}),
    "radarr": frozenset({"movie"}),
    "sonarr": frozenset({"series", "season"}),
    "requests": frozenset({"request"}),
}
Post = Callable[[str, dict[str, object]], Awaitable[None]]


def _root(path: str, **more: object) -> Root:
    usual: dict[str, object] = {"accessible": True, "empty": False, "device": "/dev/a", "size": 10**13}
    return Root(path, **(usual | more))  # type: ignore[arg-type]


@dataclass(slots=True)
class House:
    """The truth about four apps. `films` and `shows` are the numbers that stand somewhere."""

    apps: dict[str, ModelApp]
    chance: random.Random
    post: Post
    base: str = "/media"
    stands: dict[str, dict[Key, Item]] = field(default_factory=lambda: {name: {} for name in KINDS})
    down: dict[str, str] = field(default_factory=dict)
    deleted: dict[str, float] = field(default_factory=dict)
    """What people deleted and nobody brought back since, by title, and when."""
    _key: int = 0

    def furnish(self, films: int, shows: int) -> None:
        """What is there when the year begins."""
        for n in range(films):
            self._put_film(n, requested=self.chance.random() < 0.2)
        for n in range(shows):
            self._put_show(n, requested=self.chance.random() < 0.2)
        for name in self.apps:
            self.mend(name)

    # --- what stands --------------------------------------------------------------------------------

    def _fresh(self) -> str:
        self._key += 1
        return f"{self._key:05}"

    def put(self, name: str, *found: Item) -> None:
        """These stand there from now on."""
        self.stands[name].update({item.key: item for item in found})

    def drop(self, name: str, keys: Iterable[Key]) -> None:
        """These stand there no more."""
        for key in list(keys):
            del self.stands[name][key]

    def of(self, name: str, title: str) -> list[Item]:
        """What an app holds of a title, parts of it too."""
        return [item for item in self.stands[name].values() if item.title.split(":")[0] == title]

    def titles(self, kind: str) -> list[str]:
        """What stands in Jellyfin."""
        return sorted({item.title for item in self.stands["jellyfin"].values() if item.key.kind == kind})

    def _film(self, n: int, key: str, name: str, *, take: int = 1) -> Item:
        refs = frozenset({Ref("tmdb:movie", str(n)), Ref("imdb", f"tt{n:07}")})
        root = f"{self.base}/films"
        attrs = {"tags": [], "monitored": True} if name == "radarr" else {"tags": []}
        path = f"{root}/{n}/{n}.{take}.mkv"
        return Item(Key("movie", key), f"Film {n}", refs, attrs, True, path, root)  # type: ignore[arg-type]

    def _show(self, n: int, key: str, seasons: Iterable[int], name: str) -> list[Item]:
        ref, root = Ref("tvdb:series", str(n)), f"{self.base}/tv"
        attrs = {"tags": [], "monitored": True} if name == "sonarr" else {"tags": []}
        parent = Item(Key("series", key), f"Show {n}", frozenset({ref}), attrs, True, f"{root}/{n}", root)  # type: ignore[arg-type]
        parts = [
            Item(
                Key("season", f"{key}/{s}"), f"Show {n}: Season {s}",
                frozenset({Ref(ref.space, f"{n}/s{s:02}")}), {"season": s, "tags": []}, True,
                root=root, parent=parent.key,
            )
            for s in seasons
        ]  # fmt: skip
        return [parent, *parts]

    def _put_film(self, n: int, *, requested: bool) -> None:
        if requested and not self.of("requests", f"Film {n}"):
            refs = frozenset({Ref("tmdb:movie", str(n))})
            self.put(
                "requests", Item(Key("request", self._fresh()), f"Film {n}", refs, {"tags": []}, refers=True)
            )
        self.put("radarr", self._film(n, self._fresh(), "radarr"))
        self.put("jellyfin", self._film(n, self._fresh(), "jellyfin"))

    def _put_show(self, n: int, *, requested: bool) -> None:
        if requested and not self.of("requests", f"Show {n}"):
            refs = frozenset({Ref("tvdb:series", str(n))})
            self.put(
                "requests", Item(Key("request", self._fresh()), f"Show {n}", refs, {"tags": []}, refers=True)
            )
        for name in ("sonarr", "jellyfin"):
            self.put(name, *self._show(n, self._fresh(), range(1, 2 + n % 5), name))

    # --- letters ------------------------------------------------------------------------------------

    async def tell(self, name: str, op: str, item: Item, **more: object) -> None:
        """The app tells of an item; if it can, and if the letter arrives."""
        if name not in self.down and self.chance.random() >= LOST:
            await self.post(
                name, {"op": op, "kind": item.key.kind, "id": item.key.id, "title": item.title, **more}
            )

    # --- what people and programs do ----------------------------------------------------------------

    async def add_film(self, n: int, *, requested: bool) -> None:
        """A film is downloaded: Radarr has it, Jellyfin shows it."""
        self.deleted.pop(f"Film {n}", None)
        known = {name: [item.key for item in self.of(name, f"Film {n}")] for name in ("radarr", "jellyfin")}
        for name, keys in known.items():
            self.drop(name, keys)
        self._put_film(n, requested=requested)
        for name in ("radarr", "jellyfin"):
            self.show(name)
            await self.tell(name, "changed", self.of(name, f"Film {n}")[0])
        self.show("requests")

    async def delete(self, title: str, now: float) -> None:
        """A person deletes it in Jellyfin, and its files with it."""
        items = self.of("jellyfin", title)
        self.drop("jellyfin", [item.key for item in items])
        self.show("jellyfin")
        self.deleted[title] = now
        for item in items:
            await self.tell("jellyfin", "deleted", item, own_act=True, actor="anna")

    async def notice(self, title: str) -> None:
        """Radarr or Sonarr finds that the files are not there."""
        name = "radarr" if title.startswith("Film") else "sonarr"
        if title not in self.deleted:
            return
        for item in self.of(name, title):
            self.put(name, replace(item, has_file=False))
        self.show(name)
        for item in self.of(name, title):
            await self.tell(name, "file_deleted", item, reason="MissingFromDisk", external=True)

    async def begin_upgrade(self, title: str) -> None:
        """Radarr takes the old file away."""
        for item in self.of("radarr", title):
            self.put("radarr", replace(item, has_file=False))
            self.show("radarr")
            await self.tell("radarr", "file_deleted", item, reason="Upgrade", settle=1800.0)

    async def end_upgrade(self, title: str, take: int) -> None:
        """The better file is there; Jellyfin shows it under a new key."""
        n = int(title.removeprefix("Film "))
        for item in self.of("radarr", title):
            self.put("radarr", replace(item, has_file=True, path=f"{self.base}/films/{n}/{n}.{take}.mkv"))
            self.show("radarr")
            await self.tell("radarr", "changed", item)
        for item in self.of("jellyfin", title):
            fresh = self._film(n, self._fresh(), "jellyfin", take=take)
            self.drop("jellyfin", [item.key])
            self.put("jellyfin", fresh)
            self.show("jellyfin")
            await self.tell("jellyfin", "deleted", item)
            await self.tell("jellyfin", "changed", fresh)

    async def move(self) -> None:
        """The whole library lies under another root; Jellyfin makes new keys of everything, and tells it."""
        self.base = "/pool"
        for name in ("radarr", "sonarr"):
            moved = {key: _moved(item) for key, item in self.stands[name].items()}
            self.stands[name].update(moved)
        before = dict(self.stands["jellyfin"])
        keys = {key: Key(key.kind, self._fresh()) for key in before if key.kind != "season"}
        for key, item in before.items():
            parent = keys[item.parent] if item.parent is not None else None
            new = keys.get(key) or Key("season", f"{parent.id if parent else ''}/{item.attrs['season']}")
            self.stands["jellyfin"].pop(key)
            self.put("jellyfin", replace(_moved(item), key=new, parent=parent))
        for name in self.apps:
            self.mend(name)
        for item in before.values():
            await self.tell("jellyfin", "deleted", item)
        for item in list(self.stands["jellyfin"].values()):
            await self.tell("jellyfin", "changed", item)

    # --- what goes wrong ----------------------------------------------------------------------------

    def fail(self, name: str, how: str) -> None:
        """The app does not answer, answers wrongly, or looks at an empty disk."""
        self.down[name] = how
        app = self.apps[name]
        troubles: dict[str, SourceError] = {
            "down": Unreachable("refused"), "500": BadResponse("500"), "html": BadResponse("a page"),
        }  # fmt: skip
        app.trouble = troubles.get(how)
        if how == "empty":
            app.items = {}
        elif how == "unmounted":
            app.roots = {path: _root(path, empty=True) for path in app.roots}
            self.show(name)

    def mend(self, name: str) -> None:
        """The app is itself again."""
        self.down.pop(name, None)
        app = self.apps[name]
        app.trouble = None
        wanted = {"radarr": ["films"], "sonarr": ["tv"], "jellyfin": ["films", "tv"]}.get(name, [])
        app.roots = {path: _root(path) for path in (f"{self.base}/{one}" for one in wanted)}
        self.show(name)

    def show(self, name: str) -> None:
        """The app shows what stands, unless it lies."""
        match self.down.get(name):
            case "empty":
                return
            case "unmounted" if name == "jellyfin":
                self.apps[name].items = {}
            case "unmounted":
                self.apps[name].items = {
                    key: replace(item, has_file=False) for key, item in self.stands[name].items()
                }
            case _:
                self.apps[name].items = dict(self.stands[name])


def _moved(item: Item) -> Item:
    def there(path: str | None) -> str | None:
        return path.replace("/media", "/pool", 1) if path is not None else None

    return replace(item, path=there(item.path), root=there(item.root))
