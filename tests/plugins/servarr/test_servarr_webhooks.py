"""Webhooks of Radarr and Sonarr, as a table: what is said, and what it makes us look at."""

import json
from typing import Any

import pytest

from reconciled.errors import BadEvent
from reconciled.model import Event, Key, Op, Ref
from reconciled_radarr import Radarr
from reconciled_sonarr import Sonarr

MOVIE = {"id": 9, "title": "Example Film", "tmdbId": 500001, "imdbId": "tt7500001", "tags": ["keep"]}
SERIES = {"id": 5, "title": "Example Show", "tvdbId": 390001, "tmdbId": 0}
EPISODES = [{"id": 1003, "seasonNumber": 1, "episodeNumber": 3}, {"seasonNumber": "x"}, 7]
FILM = Key("movie", "9")
SHOW = Key("series", "5")
FILM_REFS = frozenset({Ref("tmdb:movie", "500001"), Ref("imdb", "tt7500001")})
SHOW_REFS = frozenset({Ref("tvdb:series", "390001")})
GAP = 1800.0


def film(op: Op, reason: str | None = None, **more: Any) -> list[Event]:
    return [Event(op, FILM, "Example Film", FILM_REFS, reason=reason, **more)]


def show(op: Op, reason: str | None = None, **more: Any) -> list[Event]:
    return [Event(op, SHOW, "Example Show", SHOW_REFS, reason=reason, **more)]


def first_season(reason: str, **more: Any) -> Event:
    return Event(Op.CHANGED, Key("season", "5/1"), "Example Show, season 1", reason=reason, **more)


def scan(reason: str) -> list[Event]:
    return [Event(Op.SCAN, reason=reason)]


RADARR: list[tuple[str, dict[str, Any], list[Event]]] = [
    ("Test", {"movie": {"id": 1, "title": "Test Title", "tmdbId": 0}}, [Event(Op.TEST)]),
    ("Grab", {"movie": MOVIE}, film(Op.CHANGED, "grabbed", grabbed=True)),
    ("Grab", {}, []),
    ("Download", {"movie": MOVIE, "isUpgrade": False}, film(Op.CHANGED, "imported", grabbed=True)),
    (
        "Download",
        {"movie": MOVIE, "isUpgrade": True, "deletedFiles": [{"id": 1}]},
        film(Op.CHANGED, "upgraded"),
    ),
    ("Rename", {"movie": MOVIE, "renamedMovieFiles": []}, film(Op.CHANGED)),
    ("MovieAdded", {"movie": MOVIE, "addMethod": "list"}, film(Op.CHANGED)),
    ("MovieDelete", {"movie": MOVIE, "deletedFiles": True}, film(Op.DELETED, "files deleted", own_act=True)),
    ("MovieDelete", {"movie": MOVIE, "deletedFiles": False}, film(Op.DELETED, "files kept", own_act=True)),
    ("MovieDelete", {"movie": MOVIE}, film(Op.DELETED, own_act=True)),
    ("MovieFileDelete", {"movie": MOVIE, "deleteReason": "upgrade"}, film(Op.CHANGED, "upgrade", settle=GAP)),
    (
        "MovieFileDelete",
        {"movie": MOVIE, "deleteReason": "manualOverride"},
        film(Op.CHANGED, "manualOverride", settle=GAP),
    ),
    (
        "MovieFileDelete",
        {"movie": MOVIE, "deleteReason": "noLinkedEpisodes"},
        film(Op.CHANGED, "noLinkedEpisodes", settle=GAP),
    ),
    (
        "MovieFileDelete",
        {"movie": MOVIE, "deleteReason": "missingFromDisk"},
        film(Op.FILE_DELETED, "missingFromDisk", external=True),
    ),
    ("MovieFileDelete", {"movie": MOVIE, "deleteReason": "manual"}, film(Op.FILE_DELETED, "manual")),
    ("MovieFileDelete", {"movie": MOVIE}, film(Op.FILE_DELETED)),
    ("MovieFileDelete", {"movie": MOVIE, "deleteReason": "aliens"}, film(Op.FILE_DELETED, "aliens")),
    ("MovieFileDelete", {"movie": MOVIE, "deleteReason": ["odd"]}, film(Op.FILE_DELETED)),
    ("MovieFileDelete", {}, []),
    ("ManualInteractionRequired", {"movie": MOVIE}, film(Op.CHANGED)),
    ("ManualInteractionRequired", {}, []),
    ("Health", {"type": "RootFolderCheck", "message": "Missing root"}, scan("Health: Missing root")),
    ("Health", {"type": "MountCheck", "message": "read-only"}, scan("Health: read-only")),
    ("Health", {"type": "IndexerStatusCheck", "message": "indexers down"}, []),
    ("Health", {}, []),
    ("HealthRestored", {"type": "RootFolderCheck"}, scan("HealthRestored: RootFolderCheck")),
    ("HealthRestored", {"type": "UpdateCheck"}, []),
    ("ApplicationUpdate", {"message": "Radarr updated"}, scan("Radarr updated")),
    ("ApplicationUpdate", {}, scan("Radarr was updated")),
]

SONARR: list[tuple[str, dict[str, Any], list[Event]]] = [
    ("Test", {"series": {"id": 1, "tvdbId": 1234}, "episodes": []}, [Event(Op.TEST)]),
    ("Grab", {"series": SERIES}, show(Op.CHANGED, "grabbed", grabbed=True)),
    (
        "Grab",
        {"series": SERIES, "episodes": EPISODES},
        [*show(Op.CHANGED, "grabbed", grabbed=True), first_season("grabbed", grabbed=True)],
    ),
    (
        "Download",
        {"series": SERIES, "episodeFile": {}, "isUpgrade": False},
        show(Op.CHANGED, "imported", grabbed=True),
    ),
    (
        "Download",
        {"series": SERIES, "episodeFiles": [], "fileCount": 3},
        show(Op.CHANGED, "imported", grabbed=True),
    ),
    ("Download", {"series": SERIES, "isUpgrade": True}, show(Op.CHANGED, "upgraded")),
    ("Rename", {"series": SERIES}, show(Op.CHANGED)),
    ("SeriesAdd", {"series": {**SERIES, "malIds": [1]}}, show(Op.CHANGED)),
    (
        "SeriesDelete",
        {"series": SERIES, "deletedFiles": True},
        show(Op.DELETED, "files deleted", own_act=True),
    ),
    ("SeriesDelete", {"series": SERIES, "deletedFiles": False}, show(Op.DELETED, "files kept", own_act=True)),
    (
        "EpisodeFileDelete",
        {"series": SERIES, "episodes": EPISODES, "deleteReason": "manual"},
        [*show(Op.CHANGED, "manual S01E03"), first_season("manual S01E03")],
    ),
    (
        "EpisodeFileDelete",
        {"series": SERIES, "episodes": EPISODES, "deleteReason": "missingFromDisk"},
        [
            *show(Op.CHANGED, "missingFromDisk S01E03", external=True),
            first_season("missingFromDisk S01E03", external=True),
        ],
    ),
    (
        "EpisodeFileDelete",
        {"series": SERIES, "episodes": None, "deleteReason": "upgrade"},
        show(Op.CHANGED, "upgrade", settle=GAP),
    ),
    ("ManualInteractionRequired", {}, []),
    ("Health", {"type": "RootFolderCheck", "message": "Missing root"}, scan("Health: Missing root")),
    ("ApplicationUpdate", {"message": "Sonarr updated"}, scan("Sonarr updated")),
]


def body(name: str, more: dict[str, Any]) -> bytes:
    return json.dumps({**more, "eventType": name, "instanceName": "x", "applicationUrl": ""}).encode()


@pytest.mark.parametrize(("name", "more", "events"), RADARR)
def test_radarr(make: Any, name: str, more: dict[str, Any], events: list[Event]) -> None:
    radarr = make(Radarr, "http://box", "k")
    assert radarr.parse_webhook(body(name, more), {}) == events


@pytest.mark.parametrize(("name", "more", "events"), SONARR)
def test_sonarr(make: Any, name: str, more: dict[str, Any], events: list[Event]) -> None:
    sonarr = make(Sonarr, "http://box", "k")
    assert sonarr.parse_webhook(body(name, more), {}) == events


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b'{"eventType":"Te', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 20000, "no webhook of Radarr"),
        (b"null", "no webhook of Radarr"),
        (b"[]", "no webhook of Radarr"),
        (b"{}", "eventType"),
        (b'{"eventType":5}', "eventType"),
        (body("MovieRated", {"movie": MOVIE}), "unknown event 'MovieRated' of Radarr"),
        (body("EpisodeFileDelete", {}), "unknown event 'EpisodeFileDelete' of Radarr"),
        (body("SeriesDelete", {"series": SERIES}), "SeriesDelete about a series, but this is Radarr's"),
        (body("Test", {"series": SERIES}), "Test about a series, but this is Radarr's"),
        (body("MovieDelete", {}), "does not say which movie"),
        (body("MovieDelete", {"movie": {"id": 0}}), "does not say which movie"),
        (body("MovieDelete", {"movie": {"id": True}}), "does not say which movie"),
        (body("MovieDelete", {"movie": {"id": "9"}}), "does not say which movie"),
        (body("MovieDelete", {"movie": [MOVIE]}), "does not say which movie"),
    ],
)
def test_bad_ones(make: Any, sent: bytes, words: str) -> None:
    with pytest.raises(BadEvent) as caught:
        make(Radarr, "http://box", "k").parse_webhook(sent, {})
    assert words in str(caught.value)


def test_refs_that_name_nothing(make: Any) -> None:
    radarr = make(Radarr, "http://box", "k")
    odd = {"id": 9, "title": 5, "tmdbId": 0, "imdbId": "5678"}
    assert radarr.parse_webhook(body("MovieAdded", {"movie": odd}), {}) == [Event(Op.CHANGED, FILM)]
