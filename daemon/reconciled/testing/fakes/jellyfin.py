"""`FakeJellyfin`: Jellyfin 10.11 or 12 with its webhook plugin.

Operations are plain methods: the plugin queues what happened and sends it up to 30 s later, which here
is `await fake.flush_webhooks()`. `put_…` and `remove` tell nobody and build libraries quickly.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

import msgspec

from reconciled.testing.fakes import jellyfin_bodies as bodies
from reconciled.testing.fakes import titles
from reconciled.testing.fakes.jellyfin_library import JellyfinLibrary
from reconciled.testing.fakes.jellyfin_model import Item, JellyfinState, item_id
from reconciled.testing.fakes.titles import Work

_ANNOUNCED = frozenset({"Movie", "Episode", "Series", "Season"})


class FakeJellyfin(JellyfinLibrary):
    """A Jellyfin with the libraries Movies and Shows."""

    def __init__(
        self,
        *,
        version: str = "10.11.11",
        server_name: str = "media",
        seed: int = 1,
        libraries: Iterable[tuple[str, str, str]] = (
            ("Movies", "/data/media/movies", "movies"),
            ("Shows", "/data/media/tv", "tvshows"),
        ),
        port: int = 0,
        api_key: str = "0123456789abcdef0123456789abcdef",
        url_base: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """`libraries` are name, location and collection type. As `Fake` else."""
        super().__init__(
            version=version,
            server_name=server_name,
            seed=seed,
            port=port,
            api_key=api_key,
            url_base=url_base,
            now=now,
        )
        self.webhook_style: Literal["send_all", "template"] = "send_all"
        self._queue: dict[tuple[str, str], Item] = {}
        self._deleted_by: dict[str, str] = {}
        self._changes: dict[str, tuple[str, str | None]] = {}
        for name, path, kind in libraries:
            self.add_library(name, path, kind)

    def add_movie(self, work: Work, *, library: str | None = None, file_name: str | None = None) -> Item:
        """Add a film; ItemAdded is queued."""
        return self._announce_added(self.put_movie(work, library=library, file_name=file_name))

    def add_series(
        self, work: Work, *, library: str | None = None, seasons: int = 1, episodes: int = 2
    ) -> Item:
        """Add a series; ItemAdded is queued for it and all below."""
        series = self.put_series(work, library=library, seasons=seasons, episodes=episodes)
        for item in (*self.state.below(series.id), series):
            self._announce_added(item)
        return series

    def delete_item(self, key: str, *, notify: bool = True, by: str | None = None) -> Item:
        """Delete an item. 10.11 announces the item alone, 12 all that is below it first.

        `by` is named by no release of the plugin: a template or a fork of it does that.
        """
        gone = self.remove(key)
        self._deleted_by |= {item.id: by for item in gone if by is not None}
        if notify:
            for item in gone if self.modern else gone[-1:]:
                self._enqueue("ItemDeleted", item)
        return gone[-1]

    def tag(self, key: str, *labels: str) -> Item:
        """Give an item these tags beside those it has; nobody is told."""
        old = self.state.items[key]
        return self.keep(replace(old, tags=(*old.tags, *labels)))

    def replace_file(self, key: str, new_name: str, *, notify: bool = True) -> Item:
        """An upgrade by another app, seen by a scan: the old id is removed, another one is added."""
        old = self.state.items[key]
        path = f"{(old.path or '').rpartition('/')[0]}/{new_name}"
        new = replace(old, id=item_id(old.kind, path), path=path)
        self.delete_item(key, notify=notify)
        self.keep(new)
        return self._announce_added(new) if notify else new

    def identify(
        self,
        key: str,
        *,
        tmdb: int | None = None,
        imdb: str | None = None,
        tvdb: int | None = None,
        name: str | None = None,
    ) -> Item:
        """*Identify*: same id and path, other provider ids. Those not given are dropped; nobody is told."""
        given = {"Tmdb": tmdb, "Imdb": imdb, "Tvdb": tvdb}
        ids = tuple((k, str(v)) for k, v in given.items() if v is not None)
        old = self.state.items[key]
        return self.keep(replace(old, provider_ids=ids, name=name or old.name))

    def move_library(self, name: str, new_path: str, *, notify: bool = True) -> Sequence[Item]:
        """The same files under another location: every id changes."""
        library = self.state.libraries[name]
        old_path, library.path = library.path, new_path
        old = self.state.in_library(name)
        moved = {i.id: _moved(i, old_path, new_path) for i in old}
        fixed = [
            replace(
                new,
                parent=moved[new.parent].id if new.parent in moved else new.parent,
                series=moved[new.series].id if new.series in moved else new.series,
            )
            for new in moved.values()
        ]
        for item in old:
            del self.state.items[item.id]
            if notify:
                self._enqueue("ItemDeleted", item)
        for item in fixed:
            self.keep(item)
            if notify:
                self._enqueue("ItemAdded", item)
        return fixed

    # disks

    def mount_vanishes(
        self,
        library: str,
        mode: Literal["protected", "missing", "items_removed"] = "protected",
        *,
        notify: bool = True,
    ) -> None:
        """A library's disk is not there.

        protected: an empty mount point is left; the server skips it and keeps the items.
        missing: the location itself is gone; likewise skipped.
        items_removed: something else lies in the mount point, so that every item is removed.
        """
        where = self.state.libraries[library]
        where.mounted, where.present = False, mode != "missing"
        if mode != "items_removed":
            return
        gone = [i for i in self.state.in_library(library) if i.kind != "BoxSet"]
        self.state.hidden[library] = gone
        for item in gone:
            del self.state.items[item.id]
        self.changed()
        told = gone if self.modern else [i for i in gone if i.parent == where.id]
        for item in sorted(told, key=lambda i: -(i.path or "").count("/")) if notify else ():
            self._enqueue("ItemDeleted", item)

    def mount_returns(self, library: str, *, notify: bool = True) -> None:
        """The disk is back, and a scan finds the same items under the same ids."""
        where = self.state.libraries[library]
        where.mounted = where.present = True
        for item in self.state.hidden.pop(library, []):
            self.keep(item)
            if notify:
                self._enqueue("ItemAdded", item)

    def set_refreshing(self, library: str, status: str = "Active", *, progress: float | None = None) -> None:
        """Set a library's RefreshStatus: Active, Queued or Idle."""
        self.state.libraries[library].status = status
        self.state.libraries[library].progress = progress

    # servers

    def snapshot_state(self) -> JellyfinState:
        """A copy of all that the server holds."""
        return self.state.clone()

    def restore_state(self, before: JellyfinState) -> None:
        """Put a copy back."""
        self.state = before.clone()
        self.changed()

    def empty_database(self) -> JellyfinState:
        """The same server id and libraries, no items. Returns the state of before."""
        before, self.state = self.state, replace(self.state.clone(), items={}, hidden={})
        self.changed()
        return before

    def replace_with_other_instance(
        self, *, seed: int = 99, films: int = 20, series: int = 10
    ) -> JellyfinState:
        """Another household's server: other server id, other items. Returns the state of before."""
        before = self.empty_database()
        self.state.server_id = f"{seed:032x}"
        for work in titles.films(films, seed):
            self.put_movie(work)
        for work in titles.series(series, seed):
            self.put_series(work)
        return before

    # webhooks

    async def flush_webhooks(self) -> int:
        """Send what is queued, as the plugin's task does every 30 s. Returns how many events it was."""
        queued, self._queue = self._queue, {}
        build = bodies.template if self.webhook_style == "template" else bodies.send_all
        for (event, _), item in queued.items():
            body = build(event, item, self.state, server=self._server(), now=self.now())
            if event == "ItemDeleted" and (by := self._deleted_by.pop(item.id, None)) is not None:
                body["NotificationUsername"] = by
            await self.deliver(event, msgspec.json.encode(body), content_type="text/plain; charset=utf-8")
        return len(queued)

    async def flush_socket(self) -> int:
        """Tell users what changed, as the server does after 30 s of quiet. Returns how many items it was."""
        changes, self._changes = self._changes, {}
        if changes:
            await self.socket.library_changed(
                added=[key for key, (event, _) in changes.items() if event == "ItemAdded"],
                removed=[key for key, (event, _) in changes.items() if event == "ItemDeleted"],
                folders=sorted({parent for _, parent in changes.values() if parent is not None}),
            )
        return len(changes)

    async def scan_completed(self) -> None:
        """TaskCompleted of a library scan; sent at once."""
        body = bodies.scan_completed(self.state.server_id, server=self._server(), now=self.now())
        await self.deliver(
            "TaskCompleted", msgspec.json.encode(body), content_type="text/plain; charset=utf-8"
        )

    def _server(self) -> dict[str, str]:
        return {"name": self.server_name, "version": self.version, "url": self.url}

    def _enqueue(self, event: str, item: Item) -> None:
        """Queue an event; the plugin skips virtual items and kinds that it does not know."""
        if item.path is not None:
            self._changes[item.id] = (event, item.parent)
        if item.kind in _ANNOUNCED and item.path is not None:
            self._queue[event, item.id] = item

    def _announce_added(self, item: Item) -> Item:
        self._enqueue("ItemAdded", item)
        return item


def _moved(item: Item, old: str, new: str) -> Item:
    if item.path is None or not item.path.startswith(f"{old}/"):
        return item
    path = new + item.path.removeprefix(old)
    return replace(item, id=item_id(item.kind, path), path=path)
