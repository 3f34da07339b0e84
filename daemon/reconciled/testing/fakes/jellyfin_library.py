"""The libraries of a fake Jellyfin: putting items in and taking them out, telling nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from reconciled.testing.fakes.jellyfin_model import Item, Library, item_id
from reconciled.testing.fakes.jellyfin_plugins import JellyfinPlugins
from reconciled.testing.fakes.titles import Work

_EPOCH = datetime(2022, 1, 1, tzinfo=UTC)


class JellyfinLibrary(JellyfinPlugins):
    """The quick half of the operations; `FakeJellyfin` adds those that are announced."""

    def add_library(self, name: str, path: str, collection_type: str) -> Library:
        """Add a library (movies, tvshows, mixed)."""
        key = item_id("CollectionFolder", f"root\\default\\{name}")
        self.state.libraries[name] = Library(name, path, collection_type, key)
        return self.state.libraries[name]

    # items

    def put_movie(
        self,
        work: Work,
        *,
        library: str | None = None,
        file_name: str | None = None,
        created: datetime | None = None,
        provider_ids: dict[str, str] | None = None,
    ) -> Item:
        """Add a film at once and tell nobody. `file_name` is the name in its folder."""
        home = self._library(library, "movies")
        path = f"{home.path}/{work.folder}/{file_name or f'{work.folder} Bluray-1080p.mkv'}"
        return self.keep(self._item("Movie", work, home, path, created=created, provider_ids=provider_ids))

    def put_series(
        self,
        work: Work,
        *,
        library: str | None = None,
        seasons: int = 1,
        episodes: int = 2,
        specials: bool = False,
        created: datetime | None = None,
        provider_ids: dict[str, str] | None = None,
    ) -> Item:
        """Add a series with its seasons and episodes at once and tell nobody."""
        home = self._library(library, "tvshows")
        path = f"{home.path}/{work.folder}"
        series = self._item("Series", work, home, path, created=created, provider_ids=provider_ids)
        self.keep(series)
        for season in range(0 if specials else 1, seasons + 1):
            self._put_season(series, season, episodes)
        return series

    def put_box_set(self, name: str, members: Sequence[str]) -> Item:
        """A collection; its members hide behind it in listings that collapse."""
        path = f"/config/data/collections/{name} [boxset]"
        home = next(iter(self.state.libraries.values()))
        box = Item(item_id("BoxSet", path), "BoxSet", name, path, home.name, home.id)
        self.keep(box)
        for key in members:
            self.keep(replace(self.state.items[key], box_set=box.id))
        return box

    def put_virtual_episode(self, series_id: str, *, season: int, number: int) -> Item:
        """A missing episode as Jellyfin 12 lists it: no path, LocationType Virtual."""
        series = self.state.items[series_id]
        key = item_id("Episode", f"{series.path}/missing-{season}-{number}")
        item = Item(
            key,
            "Episode",
            f"Episode {number}",
            None,
            series.library,
            series.id,
            series=series.id,
            index=number,
            parent_index=season,
        )
        return self.keep(item)

    def put_flat_season(self, series_id: str, number: int) -> Item:
        """The season of a series whose episodes lie in its own folder: without a path, but not virtual."""
        series = self.state.items[series_id]
        season = replace(
            self._season(series, number, f"{series.path}/flat-{number}"), path=None, created=series.created
        )
        return self.keep(season)

    def lose_episodes(self, season_id: str) -> Item:
        """All files of a season are gone, and Jellyfin shows its episodes as missing: it is virtual."""
        season = self.state.items[season_id]
        for episode in self.state.below(season_id):
            del self.state.items[episode.id]
        return self.keep(replace(season, path=None, missing=True))

    def put_version(self, key: str, file_name: str) -> Item:
        """Another file of the same film: 12 lists only the primary one."""
        first = self.state.items[key]
        path = f"{(first.path or '').rpartition('/')[0]}/{file_name}"
        return self.keep(replace(first, id=item_id("Movie", path), path=path, primary=first.id))

    def remove(self, key: str) -> Sequence[Item]:
        """Take an item and all below out at once and tell nobody. Returns them, the item itself last."""
        gone = [*self.state.below(key), self.state.items[key]]
        for item in gone:
            del self.state.items[item.id]
            self.changed(item.id)
        versions = [i for i in self.state.items.values() if i.primary == key]
        for index, version in enumerate(versions):
            self.keep(replace(version, primary=versions[0].id if index else None))
        return gone

    # pieces

    def keep(self, item: Item) -> Item:
        """Put an item where its id says."""
        self.state.items[item.id] = item
        self.changed(item.id)
        return item

    def _library(self, name: str | None, kind: str) -> Library:
        if name is not None:
            return self.state.libraries[name]
        return next(lib for lib in self.state.libraries.values() if lib.collection_type == kind)

    def _item(
        self,
        kind: str,
        work: Work,
        home: Library,
        path: str,
        *,
        created: datetime | None,
        provider_ids: dict[str, str] | None,
    ) -> Item:
        known = {"Tmdb": work.tmdb, "Imdb": work.imdb, "Tvdb": work.tvdb}
        ids = {k: str(v) for k, v in known.items() if v} if provider_ids is None else provider_ids
        moment = created or _EPOCH + timedelta(seconds=work.tmdb * 90, microseconds=work.year)
        return Item(
            item_id(kind, path),
            kind,
            work.title,
            path,
            home.name,
            home.id,
            year=work.year,
            created=moment.strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
            provider_ids=tuple(ids.items()),
            overview=work.overview,
        )

    def _season(self, series: Item, number: int, path: str) -> Item:
        return replace(
            series,
            id=item_id("Season", path),
            kind="Season",
            name=f"Season {number}" if number else "Specials",
            path=path,
            parent=series.id,
            series=series.id,
            index=number,
            provider_ids=(),
            overview="",
            tags=(),
        )

    def _put_season(self, series: Item, number: int, episodes: int) -> None:
        path = f"{series.path}/Season {number:02d}"
        season = self._season(series, number, path)
        self.keep(season)
        stem = f"{path}/{(series.path or '').rpartition('/')[2]} - S{number:02d}"
        for episode in range(1, episodes + 1):
            file = f"{stem}E{episode:02d} WEBDL-1080p.mkv"
            self.keep(
                replace(
                    season,
                    id=item_id("Episode", file),
                    kind="Episode",
                    name=f"Chapter {episode}",
                    path=file,
                    parent=season.id,
                    index=episode,
                    parent_index=number,
                    provider_ids=(("Tvdb", str(7_000_000 + int(series.id[:5], 16) + episode)),),
                )
            )
