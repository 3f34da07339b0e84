"""`FakeSonarr`: Sonarr 4.0 with its API v3, or Sonarr 5 with v3 and v5 (`version="5.0.0.1"`).

There is no hasFile on a series: its `statistics` count files, and are absent while it has no episodes.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiohttp import web

from reconciled.testing.fakes import servarr_parts as parts
from reconciled.testing.fakes import titles
from reconciled.testing.fakes.servarr import ServarrFake
from reconciled.testing.fakes.servarr_answers import answer, body_of, error, stamp
from reconciled.testing.fakes.servarr_model import Episode, HistoryRow, MediaFile, Show
from reconciled.testing.fakes.sonarr_bodies import SonarrBodies, slug
from reconciled.testing.fakes.titles import Work

_NO_ROW = "Expected query to return 1 rows but returned 0"


class FakeSonarr(ServarrFake[Show]):
    """A Sonarr: series with episodes, `tvdbId` is always known, `tmdbId` 0 is unknown."""

    app_name = "Sonarr"
    kind = "series"
    id_param = "tvdbId"
    file_kind = "episodefile"
    deleted_event = "episodeFileDeleted"
    added_event = "SeriesAdd"
    entry_deleted_event = "SeriesDelete"
    file_deleted_event = "EpisodeFileDelete"
    ids_field = "seriesIds"
    exclusion_param = "addImportListExclusion"
    exclusions_path = "importlistexclusion"
    search_options = ("searchForMissingEpisodes", "searchForCutoffUnmetEpisodes")

    def __init__(
        self,
        *,
        version: str = "4.0.19.2979",
        roots: Iterable[str] = ("/data/media/tv",),
        port: int = 0,
        api_key: str = "0123456789abcdef0123456789abcdef",
        url_base: str = "",
        compress: bool = False,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """As `Fake`; `roots` are the root folders, each a mount of its own."""
        self._bodies = SonarrBodies(modern=version.startswith("5."))
        self.slow_to_know = 0  # so many questions for episodes find none yet
        super().__init__(
            version=version,
            roots=roots,
            port=port,
            api_key=api_key,
            url_base=url_base,
            compress=compress,
            now=now,
        )

    @property
    def bodies(self) -> SonarrBodies:
        """The bodies of its webhooks."""
        return self._bodies

    # entries

    def put(
        self,
        work: Work,
        *,
        root: str | None = None,
        has_file: bool = True,
        seasons: int = 1,
        episodes: int = 2,
        specials: bool = False,
    ) -> Show:
        """Add a series at once and tell nobody; `episodes` is the count in each season, 0 for none known."""
        number, self.state.next_id = self.state.next_id, self.state.next_id + 1
        base = root or self.state.roots[0].path
        show = Show(number, work, base, f"{base}/{work.folder}", stamp(self.now()))
        for season in range(0 if specials else 1, seasons + 1):
            for episode in range(1, episodes + 1):
                file = self._episode_file(show, season, episode) if has_file else None
                show.episodes.append(self._episode(season, episode, work.tvdb, file))
        self.state.entries[number] = show
        self.changed(number)
        return show

    async def add(
        self,
        work: Work,
        *,
        root: str | None = None,
        has_file: bool = True,
        notify: bool = True,
        seasons: int = 1,
        episodes: int = 2,
    ) -> Show:
        """Add a series; SeriesAdd comes after its first scan."""
        show = self.put(work, root=root, has_file=has_file, seasons=seasons, episodes=episodes)
        return await self.announce(show) if notify else show

    async def lose_season(
        self, entry_id: int, season: int, *, reason: str = "manual", notify: bool = True
    ) -> None:
        """Lose all files of a season, one by one."""
        show = self.state.entries[entry_id]
        files = [e.file.id for e in show.episodes if e.season == season and e.file is not None]
        for file_id in files:
            await self.delete_file(entry_id, file_id=file_id, reason=reason, notify=notify)

    def drop_season(self, entry_id: int, season: int) -> None:
        """TheTVDB no longer knows the season: after a refresh the series has none of its episodes."""
        show = self.state.entries[entry_id]
        show.episodes = [episode for episode in show.episodes if episode.season != season]
        self.changed(entry_id)

    async def import_complete(self, entry_id: int, *, season: int = 1) -> None:
        """The second kind of Download, after a whole season came in."""
        show = self.state.entries[entry_id]
        await self.tell("Download", self._bodies.import_complete(show, season, self.labels(show)))

    def _episode(self, season: int, number: int, tvdb: int, file: MediaFile | None) -> Episode:
        key, self.state.next_episode = self.state.next_episode, self.state.next_episode + 1
        return Episode(key, season, number, 7_000_000 + tvdb % 90_000 * 40 + number, file)

    def _episode_file(self, show: Show, season: int, number: int) -> MediaFile:
        key, self.state.next_file = self.state.next_file, self.state.next_file + 1
        name = f"Season {season:02d}/{show.work.folder} - S{season:02d}E{number:02d} WEBDL-1080p.mkv"
        return MediaFile(key, name, 2_000_000_000 + number, stamp(self.now()), "WEBDL-1080p")

    def new_file(self, entry: Show, quality: str) -> MediaFile:
        """A file for the first episode without one, or for the first of all."""
        empty = next((e for e in entry.episodes if e.file is None), entry.episodes[0])
        file = self._episode_file(entry, empty.season, empty.number)
        name = file.relative.replace(file.quality, quality)
        return MediaFile(file.id, name, file.size, file.added, quality)

    def other_works(self, count: int, seed: int) -> Sequence[Work]:
        """Other series."""
        return titles.series(count, seed)

    def strict_labels(self, request: web.Request) -> bool:
        """Only the API of Sonarr 5; the older one takes any."""
        return "/api/v5/" in request.path

    def outer_id(self, entry: Show) -> int:
        """Its tvdb id."""
        return entry.work.tvdb

    def episode_ids(self, entry: Show, file: MediaFile) -> Sequence[int]:
        """One history row an episode."""
        return [e.id for e in entry.episodes_of(file)]

    def history_extras(self, row: HistoryRow, asked: Collection[str]) -> dict[str, Any]:
        """Its episode."""
        found = next((e for e in self.state.entries[row.entry_id].episodes if e.id == row.episode_id), None)
        if found is None or "includeepisode" not in asked:
            return {}
        numbers = {"seasonNumber": found.season, "episodeNumber": found.number}
        return {"episode": {"id": found.id, "seriesId": row.entry_id, **numbers, "title": found.title}}

    def parts_in(self, entry: Show, file: MediaFile) -> Sequence[dict[str, Any]]:
        """Its episodes, as far as the hub's messages name them."""
        return [
            {"id": e.id, "seriesId": entry.id, "seasonNumber": e.season, "episodeNumber": e.number}
            for e in entry.episodes_of(file)
        ]

    def unknown_entry(self, _entry_id: int) -> web.Response:
        """500, not 404: Sonarr asks for a list of rows and insists on all."""
        return error(500, _NO_ROW)

    def deleted_resource(self, entry: Show) -> dict[str, Any]:
        """All of it, other than Radarr."""
        return self.record(entry)

    def exclusion(self, entry: Show) -> dict[str, Any]:
        """As /importlistexclusion lists it."""
        return {"tvdbId": entry.work.tvdb, "title": entry.work.title}

    def has_url(self, event: str) -> bool:
        """Not those about the app itself."""
        return event not in ("Health", "HealthRestored", "ApplicationUpdate")

    # routes

    def api_routes(self, api: str) -> Iterable[web.AbstractRouteDef]:
        """Those of both apps, and Sonarr's own."""
        yield web.get(f"{api}/episodefile", self._episode_files)
        yield web.get(f"{api}/episode", self._episodes)
        yield web.put(f"{api}/episode/monitor", self._monitor_episodes)
        yield from super().api_routes(api)

    async def _episode_files(self, request: web.Request) -> web.Response:
        wanted = [int(i) for i in request.query.getall("episodeFileIds", [])]
        if "seriesId" in request.query:
            return self._files_of(int(request.query["seriesId"]))
        if not wanted:
            return error(400, "seriesId or episodeFileIds must be provided")
        found = [f for f in map(self.find_file, wanted) if f is not None]
        if len(found) < len(wanted):
            return error(500, f"Expected query to return {len(wanted)} rows but returned {len(found)}")
        return answer([self.file_record(show, file) for show, file in found])

    def _files_of(self, series_id: int) -> web.Response:
        show = self.state.entries.get(series_id)
        if show is None:
            return error(404, f"Series with ID {series_id} does not exist")
        return answer([self.file_record(show, f) for f in show.files()])

    async def _episodes(self, request: web.Request) -> web.Response:
        if "seriesId" not in request.query:
            return error(400, "seriesId or episodeIds must be provided")
        show = self.state.entries.get(int(request.query["seriesId"]))
        if self.slow_to_know > 0:
            self.slow_to_know -= 1
            return answer([])
        return answer([] if show is None else [_episode_record(show, e) for e in show.episodes])

    async def _monitor_episodes(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        wanted, changed = set(body.get("episodeIds") or ()), []
        for show in self.state.entries.values():
            for index, episode in enumerate(show.episodes):
                if episode.id in wanted:
                    show.episodes[index] = replace(episode, monitored=bool(body.get("monitored")))
                    changed.append(_episode_record(show, show.episodes[index]))
            self.changed(show.id)
        return answer(changed, status=200 if "/api/v5/" in request.path else 202)

    def made(self, body: dict[str, Any], like: Show) -> Show:
        """A series as the body says, without episodes; `skip` leaves its seasons as the body has them."""
        options = body.get("addOptions") or {}
        seasons = {one["seasonNumber"]: bool(one.get("monitored")) for one in body.get("seasons") or ()}
        none = options.get("monitor") == "none"
        return Show(
            self.state.next_id,
            like.work,
            body["rootFolderPath"],
            body.get("path") or f"{body['rootFolderPath']}/{like.work.folder}",
            stamp(self.now()),
            monitored=bool(body.get("monitored")) and not none,
            tags=sorted(body.get("tags") or []),
            profile=body["qualityProfileId"],
            unwatched=frozenset(n for n, wanted in seasons.items() if none or not wanted),
            series_type=body.get("seriesType", "standard"),
            season_folder=bool(body.get("seasonFolder")),
            new_items=body.get("monitorNewItems", "all"),
        )

    def scanned(self, entry: Show, left: Show | None) -> None:
        """Its episodes, each looked for as its season is, and the files that lie in its folder."""
        lying = {} if left is None else {(e.season, e.number): e.file for e in left.episodes}
        for one in self.ever[entry.work.tvdb].episodes:
            found = lying.get((one.season, one.number))
            file = self._episode_file(entry, one.season, one.number) if found is not None else None
            made = self._episode(one.season, one.number, entry.work.tvdb, file)
            entry.episodes.append(replace(made, monitored=one.season not in entry.unwatched))

    # records

    def record(self, entry: Show) -> dict[str, Any]:
        """A SeriesResource of about the real size; nulls are omitted."""
        work = entry.work
        record = {
            "id": entry.id,
            "title": work.title,
            "alternateTitles": [
                {"title": f"{work.title} {n}", "sceneSeasonNumber": -1}
                for n in ("(US)", "- Die Serie", "Redux")
            ],
            "sortTitle": work.title.lower().removeprefix("the "),
            "status": "ended",
            "ended": True,
            "overview": work.overview,
            "previousAiring": f"{work.year}-03-28T02:00:00Z",
            "network": "Example Broadcasting",
            "airTime": "21:00",
            "images": parts.images(entry.id, work, ("banner", "poster", "fanart", "clearlogo")),
            "originalLanguage": parts.LANGUAGES[0],
            "seasons": [_season(entry, n) for n in sorted({e.season for e in entry.episodes})],
            "year": work.year,
            "path": entry.path,
            "qualityProfileId": entry.profile,
            "seasonFolder": entry.season_folder,
            "monitored": entry.monitored,
            "monitorNewItems": entry.new_items,
            "useSceneNumbering": False,
            "runtime": 45,
            "tvdbId": work.tvdb,
            "tvRageId": 0,
            "tvMazeId": work.tvdb % 80_000,
            "tmdbId": work.tmdb,
            "firstAired": f"{work.year}-03-01T00:00:00Z",
            "lastAired": f"{work.year}-03-28T00:00:00Z",
            "seriesType": entry.series_type,
            "cleanTitle": "".join(c for c in work.title.lower() if c.isalnum()),
            "imdbId": work.imdb,
            "titleSlug": slug(work.title),
            "rootFolderPath": entry.root,
            "certification": "TV-14",
            "genres": parts.genres(work),
            "tags": entry.tags,
            "added": entry.added,
            "ratings": {"votes": work.tmdb % 9_000, "value": 4 + work.tmdb % 50 / 10},
            "statistics": _statistics(entry.episodes, seasons=True) if entry.episodes else None,
            "languageProfileId": None if self.modern else 1,
        }
        return {k: v for k, v in record.items() if v is not None}

    def file_record(self, entry: Show, file: MediaFile) -> dict[str, Any]:
        """An EpisodeFileResource."""
        return {
            "id": file.id,
            "seriesId": entry.id,
            "seasonNumber": next((e.season for e in entry.episodes_of(file)), 0),
            "relativePath": file.relative,
            "path": entry.full_path(file),
            "size": file.size,
            "dateAdded": file.added,
            "sceneName": parts.scene_name(entry.work, file.quality),
            "releaseGroup": "GROUP",
            "languages": list(parts.LANGUAGES),
            "quality": parts.quality(file, "web"),
            "customFormats": [{"id": 12, "name": "WEB Tier 01"}],
            "customFormatScore": 1700,
            "indexerFlags": 0,
            "releaseType": "singleEpisode",
            "mediaInfo": parts.record_media_info(file, streams=self.modern),
            "qualityCutoffNotMet": False,
        }


def _statistics(episodes: Sequence[Episode], *, seasons: bool) -> dict[str, Any]:
    files = [e.file for e in episodes if e.file is not None]
    counted = {"seasonCount": len({e.season for e in episodes})} if seasons else {}
    return {
        **counted,
        "episodeFileCount": len(files),
        "episodeCount": len(episodes),
        "totalEpisodeCount": len(episodes),
        "sizeOnDisk": sum(f.size for f in files),
        "releaseGroups": ["GROUP"] if files else [],
        "percentOfEpisodes": 100.0 * len(files) / len(episodes),
    }


def _season(show: Show, number: int) -> dict[str, Any]:
    own = [e for e in show.episodes if e.season == number]
    watched = number not in show.unwatched
    return {"seasonNumber": number, "monitored": watched, "statistics": _statistics(own, seasons=False)}


def _episode_record(show: Show, episode: Episode) -> dict[str, Any]:
    day = f"{show.work.year}-03-{min(28, episode.number):02d}"
    return {
        "id": episode.id,
        "seriesId": show.id,
        "tvdbId": episode.tvdb,
        "episodeFileId": 0 if episode.file is None else episode.file.id,
        "seasonNumber": episode.season,
        "episodeNumber": episode.number,
        "title": episode.title,
        "airDate": day,
        "airDateUtc": f"{day}T02:00:00Z",
        "runtime": 45,
        "hasFile": episode.file is not None,
        "monitored": episode.monitored,
        "unverifiedSceneNumbering": False,
    }
