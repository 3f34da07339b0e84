"""Webhooks of Jellyfin's plugin, as a table: Send All and templates, and what they make us look at."""

import json
from typing import Any

import pytest

from reconciled.errors import BadEvent
from reconciled.model import Event, Key, Op, Ref
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.titles import films, series
from reconciled_jellyfin import Jellyfin
from reconciled_jellyfin.webhooks import read_webhook

SERVER = "7d1c5b3a0f8e4d6f9a2b3c4d5e6f7081"
ID = "f27caa37e5142225cceded48f6553502"
DASHED = "F27CAA37-E514-2225-CCED-ED48F6553502"
SHOW = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
FILM_REFS = frozenset({Ref("tmdb:movie", "27205"), Ref("imdb", "tt1375666")})
SHOW_REFS = frozenset({Ref("tmdb:tv", "1396"), Ref("tvdb:series", "81189")})
FILM = {
    "ItemType": "Movie",
    "ItemId": ID,
    "Name": "Inception",
    "Provider_tmdb": "27205",
    "Provider_imdb": "tt1375666",
}
SERIES = {
    "ItemType": "Series",
    "ItemId": SHOW,
    "Name": "Show",
    "Provider_tmdb": "1396",
    "Provider_tvdb": "81189",
}
EPISODE = {
    "ItemType": "Episode",
    "ItemId": "0" * 32,
    "Name": "Pilot",
    "SeriesName": "Show",
    "SeriesId": SHOW,
    "Provider_tvdb": "349232",
}
ORPHAN = {"ItemType": "Episode", "ItemId": "0" * 32, "Name": "Pilot", "Provider_tvdb": "349232"}
TEMPLATE = {
    "event": "ItemDeleted",
    "server_id": "7d1c5b3a-0f8e-4d6f-9a2b-3c4d5e6f7081",
    "item_id": DASHED,
    "item_type": "Movie",
    "name": "Inception",
    "series_id": "",
    "tmdb": "27205",
    "tvdb": "",
    "imdb": "tt1375666",
}


def looked(what: str) -> list[Event]:
    return [Event(Op.CHANGED, Key("series", SHOW), "Show", reason=what)]


TABLE: list[tuple[str, dict[str, Any], list[Event]]] = [
    ("ItemDeleted", FILM, [Event(Op.DELETED, Key("movie", ID), "Inception", FILM_REFS)]),
    ("ItemDeleted", SERIES, [Event(Op.DELETED, Key("series", SHOW), "Show", SHOW_REFS)]),
    ("ItemDeleted", EPISODE, looked("episode deleted")),
    (
        "ItemDeleted",
        {**EPISODE, "ItemType": "Season", "Name": "Season 2"},
        [Event(Op.DELETED, Key("season", "0" * 32), "Show, Season 2"), *looked("season deleted")],
    ),
    (
        "ItemDeleted",
        {"ItemType": "Season", "ItemId": ID, "Name": "Season 2", "Provider_tvdb": "9"},
        [Event(Op.DELETED, Key("season", ID), "Season 2")],
    ),
    (
        "ItemDeleted",
        {**EPISODE, "SeasonId": ID},
        [Event(Op.CHANGED, Key("season", ID), reason="episode deleted"), *looked("episode deleted")],
    ),
    ("ItemAdded", {**ORPHAN, "SeasonId": ID}, [Event(Op.CHANGED, Key("season", ID), reason="episode added")]),
    ("ItemDeleted", ORPHAN, []),
    ("ItemDeleted", {"ItemType": "Audio", "ItemId": ID}, []),
    ("ItemDeleted", {"ItemId": ID}, []),
    (
        "ItemDeleted",
        {**FILM, "ItemId": DASHED},
        [Event(Op.DELETED, Key("movie", ID), "Inception", FILM_REFS)],
    ),
    ("ItemDeleted", {"ItemType": "Movie", "ItemId": ID}, [Event(Op.DELETED, Key("movie", ID))]),
    (
        "ItemDeleted",
        {**FILM, "Name": 'The \\"Film\\"', "Provider_tmdb": "", "Provider_imdb": None},
        [Event(Op.DELETED, Key("movie", ID), 'The "Film"')],
    ),
    ("ItemAdded", FILM, [Event(Op.CHANGED, Key("movie", ID), "Inception", FILM_REFS)]),
    ("ItemAdded", EPISODE, looked("episode added")),
    (
        "TaskCompleted",
        {"TaskName": "Scan Media Library", "ResultKey": "RefreshLibrary", "ResultStatus": "Completed"},
        [Event(Op.SCAN, reason="Scan Media Library: Completed")],
    ),
    ("TaskCompleted", {"ResultKey": "RefreshLibrary"}, [Event(Op.SCAN, reason="library scan: ended")]),
    ("TaskCompleted", {"TaskName": "Clean Cache", "ResultKey": "DeleteCacheFiles"}, []),
    ("TaskCompleted", {}, []),
    ("PlaybackStart", FILM, []),
    ("UserDeleted", {"Username": "me"}, []),
    ("Generic", {}, []),
]


def body(name: str, more: dict[str, Any]) -> bytes:
    return json.dumps({"ServerId": SERVER, "ServerName": "media", "NotificationType": name, **more}).encode()


@pytest.mark.parametrize(("name", "more", "events"), TABLE)
@pytest.mark.parametrize("instance", [None, SERVER])
def test_send_all(name: str, more: dict[str, Any], events: list[Event], instance: str | None) -> None:
    assert read_webhook(body(name, more), instance=instance) == events


def test_fields_that_somebody_added_rename_nothing() -> None:
    """The plugin appends a destination's own fields to all properties."""
    added = {"event": "media", "type": "jellyfin", "id": "living room", "kind": "server"}
    said = [Event(Op.DELETED, Key("movie", ID), "Inception", FILM_REFS)]
    assert read_webhook(body("ItemDeleted", {**FILM, **added}), instance=SERVER) == said
    assert read_webhook(body("ItemDeleted", {**added, **FILM}), instance=SERVER) == said


@pytest.mark.parametrize(
    ("more", "events"),
    [
        ({}, [Event(Op.DELETED, Key("movie", ID), "Inception", FILM_REFS)]),
        ({"event": "ItemAdded"}, [Event(Op.CHANGED, Key("movie", ID), "Inception", FILM_REFS)]),
        (
            {"item_type": "Episode", "series_id": SHOW},
            [Event(Op.CHANGED, Key("series", SHOW), reason="episode deleted")],
        ),
        ({"item_type": "Episode"}, []),
        (
            {"item_type": "Series", "imdb": "", "tvdb": "81189", "tmdb": "1396"},
            [Event(Op.DELETED, Key("series", ID), "Inception", SHOW_REFS)],
        ),
    ],
)
def test_template(more: dict[str, Any], events: list[Event]) -> None:
    sent = b"\xef\xbb\xbf" + json.dumps({**TEMPLATE, **more}).encode()
    assert read_webhook(sent, instance=SERVER) == events


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "no webhook of Jellyfin"),
        (b"Inception was deleted", "no webhook of Jellyfin"),
        (b'{"NotificationType":"ItemDel', "no webhook of Jellyfin"),
        (b"null", "no webhook of Jellyfin"),
        (b"[1]", "no webhook of Jellyfin"),
        (b"\xff", "no webhook of Jellyfin"),
        (b'{"a":' * 20000, "no webhook of Jellyfin"),
        (b"{}", "no NotificationType"),
        (b'{"NotificationType":null}', "no NotificationType"),
        (body("ItemRemoved", FILM), "unknown notification 'ItemRemoved'"),
        (body("ItemDeleted", {**FILM, "ServerId": "b" * 32}), "of another Jellyfin (media)"),
        (
            body("PlaybackStart", {"ServerId": "b" * 32, "ServerName": ""}),
            f"of another Jellyfin ({'b' * 32})",
        ),
        (body("ItemDeleted", {**FILM, "ItemId": ""}), "without a good ItemId"),
        (body("ItemAdded", {**FILM, "ItemId": "{{ItemId}}"}), "without a good ItemId"),
    ],
)
def test_bad_ones(sent: bytes, words: str) -> None:
    with pytest.raises(BadEvent) as caught:
        read_webhook(sent, instance=SERVER)
    assert words in str(caught.value)


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
@pytest.mark.parametrize("style", ["send_all", "template"])
async def test_as_they_are_sent(make: Any, inbox: Any, version: str, style: Any) -> None:
    async with FakeJellyfin(api_key="k", version=version) as app:
        app.add_webhook(inbox.url)
        app.webhook_style = style
        jellyfin = make(Jellyfin, app.url, "k")
        await jellyfin.probe()
        film, show = app.put_movie(films(1)[0]), app.put_series(series(1)[0])
        app.delete_item(film.id)
        app.delete_item(show.id)
        await app.flush_webhooks()
        await app.scan_completed()
        told = [event for sent in inbox.bodies for event in jellyfin.parse_webhook(sent, {})]
        deleted = {event.key: event.title for event in told if event.op is Op.DELETED and event.refs}
        assert deleted == {Key("movie", film.id): film.name, Key("series", show.id): show.name}
        below = {event.title for event in told if event.op is Op.DELETED and not event.refs}
        assert below == ({"Season 1"} if version.startswith("12") else set())  # 12 tells of what is below
        assert told[-1].op is Op.SCAN
        assert all(event.actor is None and not event.own_act for event in told)
        app.replace_with_other_instance()
        await app.scan_completed()
        with pytest.raises(BadEvent, match="another Jellyfin"):
            jellyfin.parse_webhook(inbox.bodies[-1], {})
        await jellyfin.probe()
        assert jellyfin.parse_webhook(inbox.bodies[-1], {})[0].op is Op.SCAN
