"""The bodies of Sonarr's webhooks, as Sonarr 4.0 builds them; 5 adds a few keys (`modern`).

`tags` are labels, not ids; `deletedFiles` is a list on Download and a boolean on SeriesDelete; the
event of a completed import is called Download like any other.
"""

from collections.abc import Sequence
from typing import Any

from reconciled.testing.fakes import servarr_parts as parts
from reconciled.testing.fakes.servarr_model import Episode, MediaFile, Show


class SonarrBodies:
    """Own fields of each event. `labels` are the names of the series' tags."""

    def __init__(self, *, modern: bool = False) -> None:
        """`modern` plays Sonarr 5."""
        self._modern = modern

    def entry(self, show: Show, labels: Sequence[str]) -> dict[str, Any]:
        """The `series`."""
        work = show.work
        lists: dict[str, Any] = {"malIds": [], "aniListIds": []} if self._modern else {}
        series = {
            "id": show.id,
            "title": work.title,
            "titleSlug": slug(work.title),
            "path": show.path,
            "tvdbId": work.tvdb,
            "tvMazeId": work.tvdb % 80_000,
            "tmdbId": work.tmdb,
            "imdbId": work.imdb,
            **lists,
            "type": "standard",
            "year": work.year,
            "genres": parts.genres(work),
            "images": parts.images(show.id, work),
            "tags": list(labels),
            "originalLanguage": parts.LANGUAGES[0],
            "originalCountry": "usa" if self._modern else None,
        }
        return {"series": {k: v for k, v in series.items() if v is not None}}

    def file(self, show: Show, file: MediaFile) -> dict[str, Any]:
        """An episodeFile."""
        return parts.hook_file(file, show.path, parts.scene_name(show.work, file.quality), flags=False)

    def file_deleted(self, show: Show, file: MediaFile, labels: Sequence[str]) -> dict[str, Any]:
        """EpisodeFileDelete, without its reason."""
        return {
            **self.entry(show, labels),
            "episodes": self._episodes(show, file),
            "episodeFile": self.file(show, file),
        }

    def added(self, show: Show, labels: Sequence[str]) -> dict[str, Any]:
        """SeriesAdd."""
        return self.entry(show, labels)

    def deleted(self, show: Show, labels: Sequence[str], *, files: bool) -> dict[str, Any]:
        """SeriesDelete with the request's flag."""
        return {**self.entry(show, labels), "deletedFiles": files}

    def download(
        self, show: Show, new: MediaFile, old: MediaFile | None, *, labels: Sequence[str]
    ) -> dict[str, Any]:
        """Download: an import, or with `old` an upgrade. The series has the new file already."""
        gone = {} if old is None else {"deletedFiles": [self._recycled(show, old)]}
        return {
            **self.entry(show, labels),
            "episodes": self._episodes(show, new),
            "episodeFile": {**self.file(show, new), "sourcePath": f"/data/downloads/{new.id}/file.mkv"},
            "isUpgrade": old is not None,
            **parts.DOWNLOAD,
            **gone,
            "customFormatInfo": parts.CUSTOM_FORMATS,
            "release": self._grabbed(show, new.size),
        }

    def import_complete(self, show: Show, season: int, labels: Sequence[str]) -> dict[str, Any]:
        """Download of a completed import: all files of a season, neither episodeFile nor isUpgrade."""
        episodes = [e for e in show.episodes if e.season == season and e.file is not None]
        files = [self.file(show, e.file) for e in episodes if e.file is not None]
        release = {**self._grabbed(show, sum(f["size"] for f in files)), "releaseType": "seasonPack"}
        return {
            **self.entry(show, labels),
            "episodes": [self._episode(show, e) for e in episodes],
            "episodeFiles": files,
            **parts.DOWNLOAD,
            "release": release,
            "fileCount": len(files),
            "sourcePath": f"/data/downloads/{parts.scene_name(show.work, '1080p')}",
            "destinationPath": f"{show.path}/Season {season:02d}",
        }

    def renamed(self, show: Show, old: MediaFile, new: MediaFile, *, labels: Sequence[str]) -> dict[str, Any]:
        """Rename."""
        before = {"previousRelativePath": old.relative, "previousPath": show.full_path(old)}
        return {**self.entry(show, labels), "renamedEpisodeFiles": [{**before, **self.file(show, new)}]}

    def grab(self, show: Show, labels: Sequence[str]) -> dict[str, Any]:
        """Grab of the first episode."""
        flags = {"indexerFlags": ["Freeleech"]} if self._modern else {}
        return {
            **self.entry(show, labels),
            "episodes": [self._episode(show, e) for e in show.episodes[:1]],
            "release": {
                "quality": "WEBDL-1080p",
                "qualityVersion": 1,
                "releaseGroup": "GROUP",
                "releaseTitle": parts.scene_name(show.work, "1080p", ".S01E01"),
                "indexer": "Example Indexer",
                "size": 2_147_483_648,
                "customFormatScore": 1700,
                "customFormats": ["WEB Tier 01"],
                "languages": list(parts.LANGUAGES),
                **flags,
            },
            **parts.DOWNLOAD,
            "customFormatInfo": parts.CUSTOM_FORMATS,
        }

    def manual(self, show: Show, labels: Sequence[str]) -> dict[str, Any]:
        """ManualInteractionRequired for the first episode."""
        title = parts.scene_name(show.work, "1080p", ".S01E01")
        return {
            **self.entry(show, labels),
            "episodes": [self._episode(show, e) for e in show.episodes[:1]],
            "downloadInfo": {
                "quality": "WEBDL-1080p",
                "qualityVersion": 1,
                "title": title,
                "size": 2_147_483_648,
            },
            **parts.DOWNLOAD,
            "downloadStatus": "Warning",
            "downloadStatusMessages": [
                {"title": f"{title}.mkv", "messages": ["No files found are eligible for import"]}
            ],
            "customFormatInfo": parts.CUSTOM_FORMATS,
            "release": self._grabbed(show, 2_147_483_648),
        }

    def test(self) -> dict[str, Any]:
        """Test: constants of the app, among them id 1 and tvdbId 1234."""
        return {
            "series": {
                "id": 1,
                "title": "Test Title",
                "path": "C:\\testpath",
                "tvdbId": 1234,
                "tvMazeId": 0,
                "tmdbId": 0,
                "type": "standard",
                "year": 0,
                "tags": ["test-tag"],
            },
            "episodes": [
                {
                    "id": 123,
                    "episodeNumber": 1,
                    "seasonNumber": 1,
                    "title": "Test title",
                    "seriesId": 0,
                    "tvdbId": 0,
                }
            ],
        }

    def _episodes(self, show: Show, file: MediaFile) -> list[dict[str, Any]]:
        return [self._episode(show, e) for e in show.episodes_of(file)]

    def _episode(self, show: Show, episode: Episode) -> dict[str, Any]:
        day = f"{show.work.year}-03-{min(28, episode.number):02d}"
        return {
            "id": episode.id,
            "episodeNumber": episode.number,
            "seasonNumber": episode.season,
            "title": episode.title,
            "overview": "An overview.",
            "airDate": day,
            "airDateUtc": f"{day}T02:00:00Z",
            "seriesId": show.id,
            "tvdbId": episode.tvdb,
        }

    def _recycled(self, show: Show, file: MediaFile) -> dict[str, Any]:
        return {
            **self.file(show, file),
            "recycleBinPath": f"/data/.recycle/{show.work.folder}/{file.relative}",
        }

    def _grabbed(self, show: Show, size: int) -> dict[str, Any]:
        flags = {"indexerFlags": ["Freeleech"]} if self._modern else {}
        return {
            "releaseTitle": parts.scene_name(show.work, "1080p", ".S01E01"),
            "indexer": "Example Indexer",
            "size": size,
            **flags,
            "releaseType": "singleEpisode",
        }


def slug(title: str) -> str:
    """Sonarr's titleSlug."""
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
