"""The bodies of Radarr's webhooks, as Radarr 6.1 builds them (own fields, then eventType and so on).

`tags` are labels, not ids; `folderPath` stands where Sonarr says `path`; nulls are omitted.
"""

from collections.abc import Sequence
from typing import Any

from reconciled.testing.fakes import servarr_parts as parts
from reconciled.testing.fakes.servarr_model import Film, MediaFile


class RadarrBodies:
    """Own fields of each event. `labels` are the names of the film's tags."""

    def entry(self, film: Film, labels: Sequence[str]) -> dict[str, Any]:
        """The `movie`."""
        movie = {
            "id": film.id,
            "title": film.work.title,
            "year": film.work.year,
            "releaseDate": f"{film.work.year}-11-05",
            "folderPath": film.path,
            "tmdbId": film.work.tmdb,
            "imdbId": film.work.imdb,
            "overview": film.work.overview,
            "genres": parts.genres(film.work),
            "images": parts.images(film.id, film.work),
            "tags": list(labels),
            "originalLanguage": parts.LANGUAGES[0],
        }
        return {"movie": {k: v for k, v in movie.items() if v is not None}}

    def file(self, film: Film, file: MediaFile) -> dict[str, Any]:
        """A movieFile."""
        scene = parts.scene_name(film.work, file.quality)
        return parts.hook_file(file, film.path, scene, flags=True)

    def file_deleted(self, film: Film, file: MediaFile, labels: Sequence[str]) -> dict[str, Any]:
        """MovieFileDelete, without its reason."""
        return {**self.entry(film, labels), "movieFile": self.file(film, file)}

    def added(self, film: Film, labels: Sequence[str]) -> dict[str, Any]:
        """MovieAdded."""
        return {**self.entry(film, labels), "addMethod": "manual"}

    def deleted(self, film: Film, labels: Sequence[str], *, files: bool) -> dict[str, Any]:
        """MovieDelete: the request's flag, and the folder's size if files go."""
        size = sum(f.size for f in film.files()) if files else 0
        return {**self.entry(film, labels), "deletedFiles": files, "movieFolderSize": size}

    def download(
        self, film: Film, new: MediaFile, old: MediaFile | None, *, labels: Sequence[str]
    ) -> dict[str, Any]:
        """Download: an import, or with `old` an upgrade."""
        gone = {} if old is None else {"deletedFiles": [self._recycled(film, old)]}
        return {
            **self.entry(film, labels),
            "remoteMovie": self._remote(film),
            "movieFile": {**self.file(film, new), "sourcePath": f"/data/downloads/{new.id}/file.mkv"},
            "isUpgrade": old is not None,
            **parts.DOWNLOAD,
            **gone,
            "customFormatInfo": parts.CUSTOM_FORMATS,
            "release": self._grabbed(film, new.size),
        }

    def renamed(self, film: Film, old: MediaFile, new: MediaFile, *, labels: Sequence[str]) -> dict[str, Any]:
        """Rename."""
        before = {"previousRelativePath": old.relative, "previousPath": film.full_path(old)}
        return {**self.entry(film, labels), "renamedMovieFiles": [{**before, **self.file(film, new)}]}

    def grab(self, film: Film, labels: Sequence[str]) -> dict[str, Any]:
        """Grab."""
        return {
            **self.entry(film, labels),
            "remoteMovie": self._remote(film),
            "release": {
                "quality": "Bluray-1080p",
                "qualityVersion": 1,
                "releaseGroup": "GROUP",
                "releaseTitle": parts.scene_name(film.work, "1080p"),
                "indexer": "Example Indexer",
                "size": 8_589_934_592,
                "customFormatScore": 1700,
                "customFormats": ["HD Bluray Tier 01"],
                "languages": list(parts.LANGUAGES),
                "indexerFlags": ["G_Freeleech"],
            },
            **parts.DOWNLOAD,
            "customFormatInfo": parts.CUSTOM_FORMATS,
        }

    def manual(self, film: Film, labels: Sequence[str]) -> dict[str, Any]:
        """ManualInteractionRequired."""
        title = parts.scene_name(film.work, "1080p")
        return {
            **self.entry(film, labels),
            "downloadInfo": {
                "quality": "Bluray-1080p",
                "qualityVersion": 1,
                "title": title,
                "size": 8_589_934_592,
            },
            **parts.DOWNLOAD,
            "downloadStatus": "Warning",
            "downloadStatusMessages": [
                {"title": f"{title}.mkv", "messages": ["No files found are eligible for import"]}
            ],
            "customFormatInfo": parts.CUSTOM_FORMATS,
            "release": self._grabbed(film, 8_589_934_592),
        }

    def test(self) -> dict[str, Any]:
        """Test: constants of the app, among them tmdbId 0 and id 1."""
        return {
            "movie": {
                "id": 1,
                "title": "Test Title",
                "year": 1970,
                "releaseDate": "1970-01-01",
                "folderPath": "C:\\testpath",
                "tmdbId": 0,
                "tags": ["test-tag"],
            },
            "remoteMovie": {"tmdbId": 1234, "imdbId": "5678", "title": "Test title", "year": 1970},
            "release": {
                "quality": "Test Quality",
                "qualityVersion": 1,
                "releaseGroup": "Test Group",
                "releaseTitle": "Test Title",
                "indexer": "Test Indexer",
                "size": 9_999_999,
                "customFormatScore": 0,
            },
        }

    def _recycled(self, film: Film, file: MediaFile) -> dict[str, Any]:
        return {
            **self.file(film, file),
            "recycleBinPath": f"/data/.recycle/{film.work.folder}/{file.relative}",
        }

    def _remote(self, film: Film) -> dict[str, Any]:
        work = film.work
        remote = {"tmdbId": work.tmdb, "imdbId": work.imdb, "title": work.title, "year": work.year}
        return {k: v for k, v in remote.items() if v is not None}

    def _grabbed(self, film: Film, size: int) -> dict[str, Any]:
        return {
            "releaseTitle": parts.scene_name(film.work, "1080p"),
            "indexer": "Example Indexer",
            "size": size,
            "indexerFlags": ["G_Freeleech"],
        }
