"""`FakeRadarr`: Radarr 6.1 with its API v3. Facts as the app's source and OpenAPI document give them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiohttp import web

from reconciled.testing.fakes import servarr_parts as parts
from reconciled.testing.fakes import titles
from reconciled.testing.fakes.radarr_bodies import RadarrBodies
from reconciled.testing.fakes.servarr import ServarrFake
from reconciled.testing.fakes.servarr_answers import answer, error, stamp
from reconciled.testing.fakes.servarr_model import Film, MediaFile
from reconciled.testing.fakes.titles import Work


class FakeRadarr(ServarrFake[Film]):
    """A Radarr: `hasFile` and the file stand in the record, `tmdbId` is always known."""

    app_name = "Radarr"
    kind = "movie"
    id_param = "tmdbId"
    file_kind = "moviefile"
    deleted_event = "movieFileDeleted"
    added_event = "MovieAdded"
    entry_deleted_event = "MovieDelete"
    file_deleted_event = "MovieFileDelete"
    ids_field = "movieIds"
    exclusion_param = "addImportExclusion"
    exclusions_path = "exclusions"
    search_options = ("searchForMovie",)

    def __init__(
        self,
        *,
        version: str = "6.1.0.10360",
        roots: Iterable[str] = ("/data/media/movies",),
        port: int = 0,
        api_key: str = "0123456789abcdef0123456789abcdef",
        url_base: str = "",
        compress: bool = False,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """As `Fake`; `roots` are the root folders, each a mount of its own."""
        self._bodies = RadarrBodies()
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
    def bodies(self) -> RadarrBodies:
        """The bodies of its webhooks."""
        return self._bodies

    # entries

    def put(self, work: Work, *, root: str | None = None, has_file: bool = True) -> Film:
        """Add a film at once and tell nobody."""
        number, self.state.next_id = self.state.next_id, self.state.next_id + 1
        base = root or self.state.roots[0].path
        film = Film(number, work, base, f"{base}/{work.folder}", stamp(self.now()))
        if has_file:
            film.file = self.new_file(film, "Bluray-1080p")
        self.state.entries[number] = film
        self.changed(number)
        return film

    async def add(
        self, work: Work, *, root: str | None = None, has_file: bool = True, notify: bool = True
    ) -> Film:
        """Add a film; MovieAdded comes at once."""
        film = self.put(work, root=root, has_file=has_file)
        return await self.announce(film) if notify else film

    def other_works(self, count: int, seed: int) -> Sequence[Work]:
        """Other films."""
        return titles.films(count, seed)

    def strict_labels(self, _request: web.Request) -> bool:
        """Always."""
        return True

    def outer_id(self, entry: Film) -> int:
        """Its tmdb id."""
        return entry.work.tmdb

    def unknown_entry(self, entry_id: int) -> web.Response:
        """404: Radarr looks the film up before it deletes."""
        return error(404, f"Movie with ID {entry_id} does not exist")

    def exclusion(self, entry: Film) -> dict[str, Any]:
        """As /exclusions lists it."""
        work = entry.work
        return {"tmdbId": work.tmdb, "movieTitle": work.title, "movieYear": work.year}

    def has_url(self, event: str) -> bool:
        """All but HealthRestored."""
        return event != "HealthRestored"

    # routes

    def api_routes(self, api: str) -> Iterable[web.AbstractRouteDef]:
        """Those of both apps, and Radarr's own."""
        yield web.get(f"{api}/moviefile", self._movie_files)
        yield from super().api_routes(api)

    async def _movie_files(self, request: web.Request) -> web.Response:
        films = {int(i) for i in request.query.getall("movieId", [])}
        files = {int(i) for i in request.query.getall("movieFileIds", [])}
        if not films and not files:
            return error(400, "movieId or movieFileIds must be provided")
        found = [
            self.file_record(film, file)
            for film in self.state.entries.values()
            for file in film.files()
            if film.id in films or file.id in files
        ]
        return answer(found)

    def made(self, body: dict[str, Any], like: Film) -> Film:
        """A film as the body says; `monitor: none` leaves it unmonitored."""
        options = body.get("addOptions") or {}
        return Film(
            self.state.next_id,
            like.work,
            body["rootFolderPath"],
            body.get("path") or f"{body['rootFolderPath']}/{like.work.folder}",
            stamp(self.now()),
            monitored=bool(body.get("monitored")) and options.get("monitor") != "none",
            tags=sorted(body.get("tags") or []),
            profile=body["qualityProfileId"],
            availability=body.get("minimumAvailability", "announced"),
        )

    def scanned(self, entry: Film, left: Film | None) -> None:
        """The file that lies in its folder."""
        if left is not None and left.file is not None:
            entry.file = replace(self.new_file(entry, left.file.quality), relative=left.file.relative)

    # records

    def record(self, entry: Film) -> dict[str, Any]:
        """A MovieResource of about the real size; nulls are omitted."""
        work, file = entry.work, entry.file
        size = 0 if file is None else file.size
        record = {
            "id": entry.id,
            "title": work.title,
            "originalTitle": work.title,
            "originalLanguage": parts.LANGUAGES[0],
            "alternateTitles": _alternate_titles(work),
            "secondaryYearSourceId": 0,
            "sortTitle": work.title.lower().removeprefix("the "),
            "sizeOnDisk": size,
            "status": "released",
            "overview": work.overview,
            "inCinemas": f"{work.year}-09-02T00:00:00Z",
            "physicalRelease": f"{work.year}-12-01T00:00:00Z",
            "digitalRelease": f"{work.year}-11-05T00:00:00Z",
            "releaseDate": f"{work.year}-11-05T00:00:00Z",
            "images": parts.images(entry.id, work),
            "website": f"https://films.example.invalid/{work.tmdb}",
            "year": work.year,
            "youTubeTrailerId": f"x{work.tmdb:010d}",
            "studio": "Example Pictures",
            "path": entry.path,
            "qualityProfileId": entry.profile,
            "hasFile": file is not None,
            "movieFileId": 0 if file is None else file.id,
            "monitored": entry.monitored,
            "minimumAvailability": entry.availability,
            "isAvailable": True,
            "folderName": entry.path,
            "runtime": 90 + work.tmdb % 60,
            "cleanTitle": "".join(c for c in work.title.lower() if c.isalnum()),
            "imdbId": work.imdb,
            "tmdbId": work.tmdb,
            "titleSlug": str(work.tmdb),
            "rootFolderPath": entry.root,
            "certification": "PG-13",
            "genres": parts.genres(work),
            "keywords": ["letter", "small town", "promise", "journey", "inheritance"],
            "tags": entry.tags,
            "added": entry.added,
            "ratings": _ratings(work),
            "movieFile": None if file is None else self.file_record(entry, file),
            "popularity": work.tmdb % 1000 / 10,
            "statistics": {
                "movieFileCount": 0 if file is None else 1,
                "sizeOnDisk": size,
                "releaseGroups": [] if file is None else ["GROUP"],
            },
        }
        return {k: v for k, v in record.items() if v is not None}

    def file_record(self, entry: Film, file: MediaFile) -> dict[str, Any]:
        """A MovieFileResource."""
        return {
            "id": file.id,
            "movieId": entry.id,
            "relativePath": file.relative,
            "path": entry.full_path(file),
            "size": file.size,
            "dateAdded": file.added,
            "sceneName": parts.scene_name(entry.work, file.quality),
            "releaseGroup": "GROUP",
            "edition": "",
            "languages": list(parts.LANGUAGES),
            "quality": _quality(file),
            "customFormats": [{"id": 12, "name": "WEB Tier 01"}],
            "customFormatScore": 1700,
            "indexerFlags": 0,
            "mediaInfo": parts.record_media_info(file),
            "originalFilePath": f"{parts.scene_name(entry.work, file.quality)}/file.mkv",
            "qualityCutoffNotMet": False,
        }


def _quality(file: MediaFile) -> dict[str, Any]:
    model = parts.quality(file, "bluray")
    return {**model, "quality": {**model["quality"], "modifier": "none"}}


def _alternate_titles(work: Work) -> list[dict[str, Any]]:
    return [
        {"sourceType": "tmdb", "movieMetadataId": work.tmdb % 9_000, "title": f"{work.title} {suffix}"}
        for suffix in ("(Director's Cut)", "- Der Film", "- Le Film")
    ]


def _ratings(work: Work) -> dict[str, Any]:
    value = 4 + work.tmdb % 50 / 10
    return {
        source: {"votes": work.tmdb % 90_000, "value": round(value * scale, 1), "type": "user"}
        for source, scale in (("imdb", 1), ("tmdb", 1), ("metacritic", 10), ("trakt", 1))
    }
