"""The parts of records and payloads that Radarr and Sonarr have in common: images, qualities, media info.

Sizes are those of real records; values are invented and the same for the same file.
"""

from collections.abc import Sequence
from typing import Any

from reconciled.testing.fakes.servarr_model import MediaFile
from reconciled.testing.fakes.titles import Work

LANGUAGES = ({"id": 1, "name": "English"},)
GENRES = ("Drama", "Mystery", "Comedy", "Adventure", "Crime", "Romance")
CUSTOM_FORMATS = {"customFormats": [{"id": 12, "name": "WEB Tier 01"}], "customFormatScore": 1700}
DOWNLOAD = {
    "downloadClient": "qBittorrent",
    "downloadClientType": "qBittorrent",
    "downloadId": "9F0C2A75D1E84B6633AA54C0E1D2F3A4B5C6D7E8",
}


def genres(work: Work) -> Sequence[str]:
    """Two genres."""
    return [GENRES[work.tmdb % 6], GENRES[(work.tmdb + 1 + work.year % 5) % 6]]


def images(entry_id: int, work: Work, kinds: Sequence[str] = ("poster", "fanart")) -> list[dict[str, Any]]:
    """Covers: the local address and the remote one."""
    stamp = 638_900_000_000_000_000 + work.tmdb
    return [
        {
            "coverType": kind,
            "url": f"/MediaCover/{entry_id}/{kind}.jpg?lastWrite={stamp}",
            "remoteUrl": f"https://artworks.example.invalid/{work.tmdb}/{kind}-{work.year}.jpg",
        }
        for kind in kinds
    ]


def scene_name(work: Work, quality: str, suffix: str = "") -> str:
    """A release's name in the usual scheme."""
    words = work.title.replace(":", "").replace(" ", ".")
    return f"{words}{suffix}.{work.year}.{quality}.x264-GROUP"


def quality(file: MediaFile, source: str) -> dict[str, Any]:
    """The quality with its revision. `source` is spelt differently in the two apps."""
    resolution = 2160 if file.quality.endswith("2160p") else 1080
    return {
        "quality": {"id": 7, "name": file.quality, "source": source, "resolution": resolution},
        "revision": {"version": 1, "real": 0, "isRepack": False},
    }


def record_media_info(file: MediaFile, *, streams: bool = False) -> dict[str, Any]:
    """mediaInfo of a record: languages are one string, joined by slashes; Sonarr 5 lists `streams`."""
    sound = {
        "audioBitrate": 640_000,
        "audioChannels": 5.1,
        "audioCodec": "EAC3",
        "audioLanguages": "eng",
        "audioStreamCount": 1,
        "subtitles": "eng/ger",
    }
    listed = {
        "audioStreams": [{"language": "eng", "codec": "EAC3", "bitrate": 640_000, "channels": 5.1}],
        "subtitleStreams": [{"language": "eng"}, {"language": "ger"}],
    }
    picture = {
        "videoBitDepth": 8,
        "videoBitrate": 9_000_000 + file.id,
        "videoCodec": "x264",
        "videoFps": 23.976,
        "videoDynamicRange": "",
        "videoDynamicRangeType": "",
        "resolution": "1920x1080",
        "runTime": "1:52:07",
        "scanType": "Progressive",
    }
    return {**picture, **(listed if streams else sound)}


def hook_media_info() -> dict[str, Any]:
    """mediaInfo of a webhook: languages are lists, the resolution is two numbers."""
    return {
        "audioChannels": 5.1,
        "audioCodec": "EAC3",
        "audioLanguages": ["eng"],
        "height": 1080,
        "width": 1920,
        "subtitles": ["eng", "ger"],
        "videoCodec": "x264",
        "videoDynamicRange": "",
        "videoDynamicRangeType": "",
    }


def hook_file(file: MediaFile, folder: str, scene: str, *, flags: bool) -> dict[str, Any]:
    """A movieFile (with its `flags`) or episodeFile of a webhook."""
    return {
        "id": file.id,
        "relativePath": file.relative,
        "path": f"{folder}/{file.relative}",
        "quality": file.quality,
        "qualityVersion": 1,
        "releaseGroup": "GROUP",
        "sceneName": scene,
        **({"indexerFlags": "0"} if flags else {}),
        "size": file.size,
        "dateAdded": file.added,
        "languages": list(LANGUAGES),
        "mediaInfo": hook_media_info(),
    }
