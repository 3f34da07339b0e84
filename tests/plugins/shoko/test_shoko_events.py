"""What the hub tells, in the words of both versions, and the connection that it comes over."""

from typing import Any

import pytest

from reconciled.errors import BadEvent, SourceError, Unreachable, Unsupported
from reconciled.http import Call
from reconciled.model import Event, Key, Op
from reconciled.source import Connected, Listens
from reconciled.testing.fakes.shoko import FakeShoko
from reconciled.testing.fakes.titles import series
from reconciled_shoko import Shoko
from reconciled_shoko.events import read_call

FILE: Any = {
    "FileID": 5,
    "FileLocationID": 6,
    "ManagedFolderID": 1,
    "RelativePath": "/A Show/A Show - 01.mkv",
    "CrossReferences": [
        {"EpisodeID": 1, "AnidbEpisodeID": 2, "SeriesID": 57, "AnidbAnimeID": 3, "GroupID": 4},
        {"EpisodeID": 9, "AnidbEpisodeID": 8, "SeriesID": 57, "AnidbAnimeID": 3, "GroupID": 4},
    ],
}
LOOSE = {
    **FILE,
    "CrossReferences": [{"EpisodeID": None, "SeriesID": None, "AnidbAnimeID": 3, "GroupID": None}],
}
SERIES = ["changed series 57", "changed season 57/1", "changed season 57/0"]


def removed(source: str, reason: str = "Removed") -> dict[str, Any]:
    return {"Source": source, "Reason": reason, "SeriesID": 3, "ShokoSeriesIDs": [57], "Episodes": []}


@pytest.mark.parametrize(
    ("targets", "argument", "told"),
    [
        (("ShokoEvent:FileDeleted", "file:deleted"), FILE, ["file_deleted file 5", *SERIES]),
        (("ShokoEvent:FileDeleted", "file:deleted"), LOOSE, ["file_deleted file 5"]),
        (
            ("ShokoEvent:FileHashed", "ShokoEvent:FileMatched", "ShokoEvent:FileNotMatched",
             "ShokoEvent:FileMoved", "ShokoEvent:FileRenamed", "file:hashed", "file:relocated"),
            FILE,
            ["changed file 5", *SERIES],
        ),
        (("ShokoEvent:FileDetected", "file:detected"), {"RelativePath": "/x.mkv", "ManagedFolderID": 1}, []),
        (("release:saved", "release:removed"), {"FileID": 5, "Release": {}}, ["changed file 5"]),
        (("release:removed",), {"FileID": None, "Release": {}}, []),
        (("ShokoEvent:SeriesUpdated", "metadata:series.removed"), removed("Shoko"), ["deleted series 3"]),
        (("ShokoEvent:SeriesUpdated", "metadata:series.removed"), removed("AniDB"), SERIES),
        (("ShokoEvent:SeriesUpdated", "metadata:series.removed"), removed("TMDB"), SERIES),
        (("ShokoEvent:SeriesUpdated", "metadata:series.updated"), removed("Shoko", "Updated"), SERIES),
        (("ShokoEvent:EpisodeUpdated", "metadata:episode.removed"), removed("Shoko"), SERIES),
        (
            ("ShokoEvent:MovieUpdated", "metadata:movie.removed"),
            {"Source": "TMDB", "Reason": "Removed", "MovieID": 3, "ShokoSeriesIDs": []},
            [],
        ),
        (("managedfolder:removed", "managedfolder:updated"), {"FolderID": 2}, ["scan None"]),
        (("managedfolder:added", "group:series.moved", "queue:state.changed"), {"FolderID": 2}, []),
    ],
)  # fmt: skip
def test_calls(targets: tuple[str, ...], argument: Any, told: list[str]) -> None:
    for target in targets:
        found = read_call(Call(target, (argument,)))
        assert [f"{event.op} {event.key}" for event in found] == told
        assert all(event.settle == 2.0 for event in found if event.key is not None)


def test_words_of_an_event() -> None:
    event = read_call(Call("file:deleted", (LOOSE,)))[0]
    assert (event.title, event.own_act, event.external) == ("A Show - 01.mkv", False, False)
    assert read_call(Call("metadata:series.removed", (removed("Shoko"),)))[0].own_act
    assert read_call(Call("ShokoEvent:OnConnected", (None,))) == []


@pytest.mark.parametrize("target", ["file:deleted", "ShokoEvent:SeriesUpdated", "release:saved"])
@pytest.mark.parametrize("arguments", [(), (None,), ("x",), ({"FileID": "x", "SeriesID": "x"},)])
def test_calls_that_are_odd(target: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(BadEvent, match=target):
        read_call(Call(target, arguments))


async def test_what_happens_is_told(fake: FakeShoko, shoko: Shoko) -> None:
    assert isinstance(shoko, Listens)
    listening = shoko.listen()
    assert await anext(listening) == Connected()
    file = fake.files_of(57)[0]
    await fake.move_file(file.id, "elsewhere/1.mkv")
    await fake.delete_file(file.id)
    told = [await anext(listening) for _ in range(8)]
    assert all(isinstance(event, Event) for event in told)
    assert told[4] == Event(
        Op.FILE_DELETED, Key("file", str(file.id)), "1.mkv", reason="one of its places", settle=2.0
    )
    await fake.refresh_series(58, reason="Removed")
    assert (await anext(listening)).key == Key("series", "58")  # type: ignore[union-attr]
    await listening.aclose()


async def test_a_deleted_series_is_told(fake: FakeShoko, shoko: Shoko) -> None:
    listening = shoko.listen()
    await anext(listening)
    one = fake.put_series(series(1, seed=4)[0], episodes=3)
    await fake.delete_series(one.id, files=True)
    told: list[Event] = []
    while not told or told[-1].op is not Op.DELETED:
        event = await anext(listening)
        assert isinstance(event, Event)
        told.append(event)
    files = [event for event in told if event.op is Op.FILE_DELETED]
    assert len(files) == (9 if fake.modern else 3)  # 6.0 says it again for each episode
    assert (told[-1].key, told[-1].own_act) == (Key("series", str(one.id)), True)
    await listening.aclose()


async def test_an_odd_call_has_everything_read_again(
    fake: FakeShoko, shoko: Shoko, caplog: pytest.LogCaptureFixture
) -> None:
    listening = shoko.listen()
    await anext(listening)
    await fake.hub.tell("file:deleted", {"FileID": "?"})
    assert await anext(listening) == Event(Op.SCAN, reason="an event that could not be read")
    assert "file:deleted is not what Shoko sends" in caplog.text
    await listening.aclose()


async def test_a_hub_that_goes(fake: FakeShoko, shoko: Shoko) -> None:
    listening = shoko.listen()
    await anext(listening)
    await fake.hub.drop_all("going down")
    with pytest.raises(Unreachable, match="going down"):
        await anext(listening)


async def test_no_hub(fake: FakeShoko, shoko: Shoko, make: Any) -> None:
    fake.set_signalr(False)
    with pytest.raises(Unsupported if fake.modern else SourceError):
        await anext(shoko.listen())
    fake.user.admin = False  # then nobody says that it was switched off
    with pytest.raises(SourceError) as caught:
        await anext(shoko.listen())
    assert not isinstance(caught.value, Unsupported)
    with pytest.raises(Unsupported, match="stream: false"):
        await anext(make(Shoko, fake.url, fake.api_key, stream=False).listen())


async def test_one_kind_of_odd_call_is_logged_once(
    fake: FakeShoko, shoko: Shoko, caplog: pytest.LogCaptureFixture
) -> None:
    """A Shoko that changed its words says them all day long."""
    listening = shoko.listen()
    await anext(listening)
    for target in ("file:deleted", "file:deleted", "release:saved"):
        await fake.hub.tell(target, {"FileID": "?"})
        assert (await anext(listening)).op is Op.SCAN  # type: ignore[union-attr]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    await listening.aclose()
