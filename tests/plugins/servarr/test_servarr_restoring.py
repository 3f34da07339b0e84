"""A deleted film or series is added again as it was, and it is said before what does not come back."""

import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from reconciled.errors import BadResponse, Refused, SourceError, Unauthorized
from reconciled.model import Item, Key
from reconciled.source import Captures, Deletion, Foresees, Restores
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import films, series
from reconciled.testing.faults import Fault
from reconciled_radarr import Radarr
from reconciled_sonarr import Sonarr, again

KEY = "0123456789abcdef0123456789abcdef"
APPS: dict[str, tuple[Any, Any, Any, str]] = {
    "radarr": (Radarr, FakeRadarr, films, "6.1.0.10360"),
    "sonarr": (Sonarr, FakeSonarr, series, "4.0.19.2979"),
    "sonarr 5": (Sonarr, FakeSonarr, series, "5.0.0.1234"),
}


@pytest.fixture(params=APPS)
async def acted(request: pytest.FixtureRequest, make: Any) -> AsyncIterator[tuple[Any, Any, Key]]:
    """A source, its fake with three entries, all with the tag `keep`, and the key of the second."""
    source, fake, works, version = APPS[request.param]
    async with fake(api_key=KEY, version=version) as app:
        for work in works(3):
            app.tag(app.put(work).id, "keep")
        yield make(source, app.url, KEY, act_timeout="2s"), app, Key(source.kinds[0], "2")


@pytest.fixture
async def sonarr(make: Any) -> AsyncIterator[tuple[Any, Any, Key]]:
    """A series of two seasons: the second is not looked for, and one episode of each is an exception."""
    async with FakeSonarr(api_key=KEY) as app:
        show = app.put(series(1)[0], seasons=2, episodes=3, specials=True)
        show.unwatched = frozenset({0, 2})
        show.episodes = [
            replace(one, monitored=(one.season == 1) is not (one.number == 2)) for one in show.episodes
        ]
        app.changed(show.id)
        yield make(Sonarr, app.url, KEY, act_timeout="60s"), app, Key("series", str(show.id))


async def deleted(source: Any, key: Key, how: Deletion | None = None) -> Any:
    """Captured as the ledger keeps it, then deleted."""
    image = json.loads(json.dumps(await source.capture(key)))
    await source.delete(key, how or Deletion())
    return image


def posted(app: Any) -> list[str]:
    return [path for method, path in app.requests if method == "POST"]


@pytest.mark.parametrize("files", [False, True])
async def test_it_comes_back_as_it_was(acted: Any, files: bool) -> None:
    source, app, key = acted
    entry = app.state.entries[2]
    entry.monitored, entry.profile = True, 1
    app.changed(2)
    before = await source.lookup(key)
    image = await deleted(source, key, Deletion(files=files))
    back = await source.restore(key, image)
    assert back != key
    item = await source.lookup(back)
    assert isinstance(item, Item)
    assert item.strong_refs == before.strong_refs
    assert (item.attrs["tags"], item.attrs["monitored"]) == (["keep"], True)
    assert item.root == before.root
    assert item.has_file is not files
    again = app.state.entries[int(back.id)]
    assert (again.path, again.profile) == (entry.path, 1)
    assert app.searches == []
    assert isinstance(source, Captures)
    assert isinstance(source, Restores)
    assert isinstance(source, Foresees)


async def test_what_was_not_looked_for_is_not(acted: Any) -> None:
    source, app, key = acted
    app.unmonitor(2)
    back = await source.restore(key, await deleted(source, key))
    assert app.state.entries[int(back.id)].monitored is False


async def test_twice_is_once(acted: Any) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    back = await source.restore(key, image)
    assert await source.restore(key, image) == back
    assert len(app.added) == 1


async def test_what_somebody_added_meanwhile_is_left_as_it_is(acted: Any) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    theirs = app.put(app.ever[image["record"][source.outer]].work)
    theirs.monitored, theirs.profile = False, 1
    app.changed(theirs.id)
    assert await source.restore(key, image) == Key(key.kind, str(theirs.id))
    assert (theirs.monitored, theirs.profile, theirs.tags) == (False, 1, [])
    said = await source.foresee(key, image)
    assert said.refused is not None
    assert f"already, as {key.kind} {theirs.id}" in said.refused


async def test_a_tag_that_is_gone_is_made_again(acted: Any) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    app.state.tags = {1: "other"}
    back = await source.restore(key, image)
    assert [app.state.tags[tag] for tag in app.state.entries[int(back.id)].tags] == ["keep"]


async def test_a_profile_is_found_by_its_name(acted: Any) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    app.state.profiles = {4: "Another", 9: "HD-1080p"}
    assert (await source.foresee(key, image)).refused is None
    back = await source.restore(key, image)
    assert app.state.entries[int(back.id)].profile == 9


async def test_our_exclusion_goes_and_another_stays(acted: Any) -> None:
    source, app, key = acted
    app._exclude(app.state.entries[1])  # that of somebody else's film
    image = await deleted(source, key, Deletion(exclude=True))
    assert len(app.state.exclusions) == 2
    await source.restore(key, image)
    assert [one["id"] for one in app.state.exclusions] == [1]


async def test_an_exclusion_of_before_stays(acted: Any) -> None:
    source, app, key = acted
    app._exclude(app.state.entries[2])
    image = await deleted(source, key, Deletion(exclude=True))
    await source.restore(key, image)
    assert len(app.state.exclusions) == 1


async def test_an_exclusion_that_somebody_made_since_stays(acted: Any) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    app._exclude(app.ever[image["record"][source.outer]])
    await source.restore(key, image)
    assert len(app.state.exclusions) == 1


async def test_an_exclusion_of_which_nobody_could_tell_whose_it_is_stays(acted: Any) -> None:
    source, app, key = acted
    image = json.loads(json.dumps(await source.capture(key)))
    app.faults.set(Fault.ERROR, lambda request: request.path.endswith(source.exclusions))
    await source.delete(key, Deletion(exclude=True))
    app.faults.clear()
    await source.restore(key, image)
    assert len(app.state.exclusions) == 1


async def test_of_many_the_lists_beside_them_are_asked_for_once(acted: Any) -> None:
    source, app, key = acted
    for number in (1, 2, 3):
        await source.capture(Key(key.kind, str(number)))
    paths = [path for _, path in app.requests]
    assert sum(path.endswith(("/qualityprofile", f"/{source.exclusions}")) for path in paths) == 2


async def test_to_undo_many_wakes_the_disks_once(acted: Any) -> None:
    """A list of root folders makes the app walk every one of them."""
    source, app, key = acted
    keys = [Key(key.kind, str(number)) for number in (1, 2, 3)]
    images = {one: await deleted(source, one) for one in keys}
    app.requests.clear()
    for one, image in images.items():
        assert (await source.foresee(one, image)).refused is None
    for one, image in images.items():
        await source.restore(one, image)
    assert sum(path.endswith("/rootfolder") for _, path in app.requests) == 1


# said before, and refused


async def test_it_is_said_before_what_does_not_come_back(acted: Any) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    app.requests.clear()
    said = await source.foresee(key, image)
    assert (said.refused, said.until) == (None, None)
    assert f"{source.title} gives it a new number" in said.lacks[0]
    assert "looks for it again" in said.lacks[1]
    assert {method for method, _ in app.requests} == {"GET"}


WRONG: dict[str, tuple[Any, str]] = {
    "its root folder is gone": (lambda app: app.state.roots.clear(), r"its root folder .* is gone"),
    "its root folder is not accessible": (
        lambda app: setattr(app.state.roots[0], "accessible", False),
        "is not accessible",
    ),
    "its profile is gone": (lambda app: app.state.profiles.clear(), "its quality profile 'HD-1080p' is gone"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_it_needs_is_gone(acted: Any, what: str) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    breaks, words = WRONG[what]
    breaks(app)
    with pytest.raises(Refused, match=words):
        await source.restore(key, image)
    said = await source.foresee(key, image)
    assert said.refused is not None
    assert words.split(" .* ")[0] in said.refused
    assert posted(app) == []


async def test_a_profile_whose_name_is_not_known_is_not_taken_by_its_number(acted: Any) -> None:
    source, app, key = acted
    image = {**await deleted(source, key), "profile": None}
    with pytest.raises(Refused, match="the name of its quality profile was not kept"):
        await source.restore(key, image)
    assert posted(app) == []


async def test_another_stands_in_its_folder(acted: Any) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    app.state.entries[1].path = image["record"]["path"]
    app.changed(1)
    with pytest.raises(Refused, match="already configured"):
        await source.restore(key, image)


async def test_its_title_is_gone_from_the_world(acted: Any) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    app.ever.clear()
    with pytest.raises(Refused, match="was not found"):
        await source.restore(key, image)


@pytest.mark.parametrize(
    "image", [None, {}, "a title", {"title": "A Film", "refs": ["tmdb:movie/5"]}, {"record": {}, "labels": 5}]
)
async def test_what_is_no_image_is_refused(acted: Any, image: Any) -> None:
    source, app, key = acted
    with pytest.raises(Refused):
        await source.restore(key, image)
    assert (await source.foresee(key, image)).refused
    assert posted(app) == []


@pytest.mark.parametrize("field", ["path", "title", "outer"])
async def test_what_was_not_kept_is_not_guessed(acted: Any, field: str) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    image["record"][source.outer if field == "outer" else field] = 0 if field == "outer" else "/films/***"
    with pytest.raises(Refused):
        await source.restore(key, image)
    assert posted(app) == []


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.ERROR, Fault.HTML, Fault.NOT_FOUND, Fault.UNAUTHORIZED])
async def test_trouble_is_no_refusal(acted: Any, fault: Fault) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    app.faults.set(fault, lambda request: request.method == "POST")
    with pytest.raises(SourceError) as caught:
        await source.restore(key, image)
    assert not isinstance(caught.value, Refused)
    assert isinstance(caught.value, Unauthorized) is (fault is Fault.UNAUTHORIZED)
    app.faults.clear()
    assert isinstance(await source.lookup(await source.restore(key, image)), Item)


async def test_another_app_is_added_to_by_nobody(acted: Any) -> None:
    source, app, key = acted
    image = await deleted(source, key)
    app.app_name = "Lidarr"
    with pytest.raises(BadResponse, match="this is Lidarr"):
        await source.restore(key, image)
    assert posted(app) == []


# Sonarr's seasons and episodes


def flags(app: Any, number: int) -> dict[tuple[int, int], bool]:
    return {(one.season, one.number): one.monitored for one in app.state.entries[number].episodes}


@pytest.mark.parametrize("slow", [0, 1])
async def test_seasons_and_episodes_are_looked_for_as_before(
    sonarr: Any, slow: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "PAUSE", 0.005)
    source, app, key = sonarr
    before, seasons = flags(app, int(key.id)), app.state.entries[int(key.id)].unwatched
    image = await deleted(source, key)
    assert sorted(map(tuple, image["odd"])) == [(0, 2), (1, 2), (2, 2)]
    said = await source.foresee(key, image)
    assert "3 single episodes" in said.lacks[-1]
    app.slow_to_know = slow
    back = await source.restore(key, image)
    show = app.state.entries[int(back.id)]
    assert show.unwatched == seasons
    assert flags(app, show.id) == before


def _of_episodes(request: Any) -> bool:
    return bool(request.path.endswith(("/episode", "/episode/monitor")))


async def test_what_was_cut_off_after_it_was_added_is_brought_to_its_end(sonarr: Any) -> None:
    source, app, key = sonarr
    before = flags(app, int(key.id))
    image = await deleted(source, key)
    app.faults.set(Fault.RESET, _of_episodes)
    with pytest.raises(SourceError):
        await source.restore(key, image)
    app.faults.clear()
    back = await source.restore(key, image)
    assert len(app.added) == 1
    assert flags(app, int(back.id)) == before


async def test_after_a_refusal_what_somebody_adds_is_left_as_it_is(sonarr: Any) -> None:
    source, app, key = sonarr
    image = await deleted(source, key)
    profiles, app.state.profiles = app.state.profiles, {}
    with pytest.raises(Refused):
        await source.restore(key, image)
    app.state.profiles = profiles
    theirs = app.put(app.ever[image["record"]["tvdbId"]].work, seasons=2, episodes=3, specials=True)
    before = flags(app, theirs.id)
    assert await source.restore(key, image) == Key("series", str(theirs.id))
    assert flags(app, theirs.id) == before


async def test_unmonitoring_a_series_leaves_its_seasons_and_episodes(sonarr: Any) -> None:
    source, app, key = sonarr
    before, seasons = flags(app, int(key.id)), app.state.entries[int(key.id)].unwatched
    await source.monitor(key, False)
    await source.monitor(key, True)
    assert (flags(app, int(key.id)), app.state.entries[int(key.id)].unwatched) == (before, seasons)


@pytest.mark.skipif("RECONCILED_SPECS" not in os.environ, reason="RECONCILED_SPECS names no folder")
async def test_what_is_added_stands_in_the_openapi_document(acted: Any) -> None:
    """The apps ignore a name that they do not know; the document says which they do."""
    jsonschema = pytest.importorskip("jsonschema")
    source, app, key = acted
    folder = Path(os.environ["RECONCILED_SPECS"])
    document = json.loads((folder / f"{source.app}-v3.openapi.json").read_text("utf-8"))
    await source.restore(key, await deleted(source, key, Deletion(exclude=True)))
    schema = {"$ref": f"#/components/schemas/{app.kind.title()}Resource"}
    jsonschema.Draft4Validator({"allOf": [schema], "components": document["components"]}).validate(
        app.added[0]
    )
    for method, sent in app.requests:
        url = URL(sent)
        path = "/".join("{id}" if part.isdigit() else part for part in url.path.split("/"))
        known = document["paths"][path][method.lower()].get("parameters", [])
        assert {*url.query} <= {one["name"] for one in known if one["in"] == "query"}, sent
