"""Webhooks as the fake apps really send them: every one is understood, and tells of the right item."""

from typing import Any

from reconciled.model import Key, Op
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import films, series
from reconciled_radarr import Radarr
from reconciled_sonarr import Sonarr

KEY = "k" * 32


async def test_radarr_sends(make: Any, inbox: Any) -> None:
    async with FakeRadarr(api_key=KEY) as app:
        app.add_webhook(inbox.url)
        film = await app.add(films(1)[0])
        await app.send_test()
        await app.grab(film.id)
        await app.upgrade(film.id)
        await app.rename(film.id)
        await app.delete_file(film.id, reason="missingFromDisk")
        await app.import_file(film.id)
        await app.manual_interaction(film.id)
        await app.health("Missing root folder: /data")
        await app.health_restored("Missing root folder: /data")
        await app.application_update("6.2.0.1")
        await app.delete(film.id, files=False)
        radarr = make(Radarr, app.url, KEY)
        told = [event for sent in inbox.bodies for event in radarr.parse_webhook(sent, {})]
    assert [event.op for event in told] == [
        *(Op.CHANGED, Op.TEST, Op.CHANGED, Op.CHANGED, Op.CHANGED, Op.CHANGED, Op.FILE_DELETED),
        *(Op.CHANGED, Op.CHANGED, Op.SCAN, Op.SCAN, Op.SCAN, Op.DELETED),
    ]
    about = [event for event in told if event.key]
    assert {event.key.id for event in about} == {str(film.id)}
    assert {event.title for event in about} == {film.work.title}
    assert all(any(ref.space == "tmdb:movie" for ref in event.refs) for event in about)
    assert [event.settle for event in told if event.settle] == [1800.0]
    assert [event.reason for event in told if event.grabbed] == ["grabbed", "imported"]  # no upgrade


async def test_sonarr_sends(make: Any, inbox: Any) -> None:
    for version in ("4.0.19.2979", "5.0.0.1"):
        inbox.bodies.clear()
        async with FakeSonarr(api_key=KEY, version=version) as app:
            app.add_webhook(inbox.url)
            show = await app.add(series(1)[0])
            await app.send_test()
            await app.grab(show.id)
            await app.upgrade(show.id)
            await app.delete_file(show.id, reason="missingFromDisk")
            await app.import_complete(show.id)
            await app.health("Missing root folder: /data")
            await app.delete(show.id)
            sonarr = make(Sonarr, app.url, KEY)
            told = [event for sent in inbox.bodies for event in sonarr.parse_webhook(sent, {})]
        season = Key("season", f"{show.id}/1")
        seasons = [event for event in told if event.key == season]
        assert [(event.op, event.external, event.settle) for event in seasons] == [
            (Op.CHANGED, False, None),
            *((Op.CHANGED, False, 1800.0), (Op.CHANGED, False, None)),  # an upgrade: two webhooks
            *((Op.CHANGED, True, None), (Op.CHANGED, False, None)),
        ]
        told = [event for event in told if event.key != season]
        assert [event.op for event in told] == [
            *(Op.CHANGED, Op.TEST, Op.CHANGED, Op.CHANGED, Op.CHANGED, Op.CHANGED, Op.CHANGED),
            *(Op.SCAN, Op.DELETED),
        ]
        assert [event.external for event in told].index(True) == 5
        assert told[-1].own_act
        assert told[-1].reason == "files deleted"
        assert {event.key for event in told if event.key} == {told[0].key}
