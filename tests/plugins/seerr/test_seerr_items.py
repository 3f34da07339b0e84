"""What a request and a medium look like as items, what deleting them does, and what webhooks tell."""

import json
from typing import Any

import pytest

from reconciled.errors import BadEvent, Unauthorized, Unsupported
from reconciled.model import Absent, Event, Item, Key, Op, Ref
from reconciled.source import Deletion, Foresees, Restores
from reconciled.testing.fakes.seerr import OWNER, FakeSeerr
from reconciled.testing.fakes.seerr_model import PENDING
from reconciled.testing.fakes.titles import Work
from reconciled_seerr import Seerr
from reconciled_seerr.items import claimed
from reconciled_seerr.payloads import Media

FILM = Work("The Iron Ferry", 2011, 603, imdb="tt0133093")
SERIES = Work("Karsk", 2016, 1399, imdb="tt0944947", tvdb=121361)
REFS = frozenset({Ref("tmdb:movie", "603"), Ref("imdb", "tt0133093")})


async def test_a_film_that_was_asked_for(seerr: FakeSeerr, source: Seerr) -> None:
    asked = seerr.put(FILM, by="ann", is4k=True)
    assert await source.lookup(Key("request", "1")) == Item(
        key=Key("request", "1"),
        title="request for movie 603 at TMDB in 4K by ann",
        refs=REFS,
        attrs={
            "status": "completed", "4k": True, "by": "ann", "media": "1", "media_status": "unknown",
            "added": asked.created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        },
        refers=True,
    )  # fmt: skip
    assert await source.lookup(Key("media", "1")) == Item(
        key=Key("media", "1"),
        title="movie 603 at TMDB",
        refs=REFS,
        attrs={"status": "available", "status_4k": "unknown"},
        refers=True,
    )


async def test_seasons_that_were_asked_for(seerr: FakeSeerr, source: Seerr) -> None:
    seerr.put(SERIES, seasons=(2, 1), status=PENDING)
    item = await source.lookup(Key("request", "1"))
    assert isinstance(item, Item)
    assert {str(ref) for ref in item.refs} == {"tmdb:tv/1399", "tvdb:series/121361", "imdb:tt0944947"}
    assert (item.attrs["seasons"], item.attrs["status"]) == ([1, 2], "pending")


@pytest.mark.parametrize(
    ("media", "refs"),
    [
        (Media(1, "movie", 5), set()),
        (Media(1, "movie", 5, tmdb_id=0, imdb_id=""), set()),
        (Media(1, "movie", 5, tmdb_id=-1), set()),
        (Media(1, "movie", 5, tmdb_id=603, tvdb_id=5), {"tmdb:movie/603"}),
        (Media(1, "tv", 5, tmdb_id=1399, tvdb_id=0), {"tmdb:tv/1399"}),
        (Media(1, "music", 5, tmdb_id=603), set()),
        (None, set()),
    ],
)
def test_refs(media: Media | None, refs: set[str]) -> None:
    assert {str(ref) for ref in claimed(media)} == refs


async def test_a_request_goes_alone_and_a_medium_with_its_requests(any_seerr: FakeSeerr, make: Any) -> None:
    source = make(Seerr, any_seerr.url, any_seerr.api_key)
    for by in ("ann", "ben", "cleo"):
        any_seerr.put(FILM, by=by)
    any_seerr.put(SERIES)
    for _ in range(2):  # already gone is success
        await source.delete(Key("request", "1"), Deletion())
        assert sorted(any_seerr.state.requests) == [2, 3, 4]
    await source.delete(Key("media", "1"), Deletion())
    assert (sorted(any_seerr.state.requests), sorted(any_seerr.state.media)) == ([4], [2])
    for key in (Key("media", "1"), Key("request", "2"), Key("request", "3")):
        await source.delete(key, Deletion())
        assert isinstance(await source.lookup(key), Absent)


@pytest.mark.parametrize("why", ["rights", "guard"])
async def test_a_deletion_that_we_may_not_do(seerr: FakeSeerr, source: Seerr, why: str) -> None:
    seerr.put(FILM)
    seerr.guarded = why == "guard"
    seerr.state.people[OWNER].permissions = 2 if why == "guard" else 16384
    with pytest.raises(Unauthorized):
        await source.delete(Key("request", "1"), Deletion())
    assert seerr.requests_for(FILM)


def notice(kind: str, **more: Any) -> bytes:
    media = {"media_type": "movie", "tmdbId": "603", "tvdbId": "", "status": "PENDING"}
    asked = {"request_id": "17", "requestedBy_username": "ann"}
    body = {"notification_type": kind, "subject": "The Iron Ferry (2011)", "media": media, "request": asked}
    return json.dumps({**body, **more}).encode()


TMDB = frozenset({Ref("tmdb:movie", "603")})


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (notice("TEST_NOTIFICATION", media=None, request=None), [Event(Op.TEST)]),
        (notice("ISSUE_CREATED", request=None), []),
        (notice("MEDIA_AVAILABLE", request=None), []),
        (
            notice("MEDIA_PENDING"),
            [
                Event(
                    Op.CHANGED,
                    Key("request", "17"),
                    "The Iron Ferry (2011)",
                    TMDB,
                    actor="ann",
                    reason="media_pending",
                )
            ],
        ),
        (
            notice("MEDIA_DECLINED", media=None),  # by whom, it does not say
            [Event(Op.CHANGED, Key("request", "17"), "The Iron Ferry (2011)", reason="media_declined")],
        ),
    ],
)
def test_webhooks(source: Seerr, body: bytes, events: list[Event]) -> None:
    assert source.parse_webhook(body, {}) == events


@pytest.mark.parametrize(
    "body",
    [
        notice("MEDIA_PENDING", request={"request_id": ""}),
        notice("MEDIA_PENDING", request={"request_id": "../1"}),
        notice("MEDIA_PENDING", request={"request_id": "017"}),
        notice("{{notification_type}}"),
        notice("SOMETHING"),
        b'{"eventType": "MovieDelete", "movie": {"id": 17}}',
    ],
)
def test_what_is_no_webhook_of_it(source: Seerr, body: bytes) -> None:
    with pytest.raises(BadEvent):
        source.parse_webhook(body, {})


@pytest.mark.parametrize(
    ("kind", "words"), [("request", "approve this request at once"), ("media", "by itself")]
)
async def test_what_was_deleted_does_not_come_back_and_why(source: Seerr, kind: str, words: str) -> None:
    assert isinstance(source, Foresees)
    assert not isinstance(source, Restores)
    assert words in ((await source.foresee(Key(kind, "3"), None)).refused or "")
    with pytest.raises(Unsupported):
        await source.foresee(Key("movie", "3"), None)
