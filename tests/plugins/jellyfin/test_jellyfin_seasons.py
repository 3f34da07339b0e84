"""The seasons of Jellyfin: what they owe their series, and which of them are really there; 10.11 and 12."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from reconciled.errors import Refused, SourceError
from reconciled.model import Absent, Item, Key, Ref
from reconciled.source import Deletion
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.titles import series
from reconciled.testing.faults import Fault
from reconciled_jellyfin import Jellyfin
from reconciled_jellyfin.items import item_of
from reconciled_jellyfin.payloads import Library, Record

KEY = "k" * 32
SHOW = "a" * 32


@pytest.fixture(params=["10.11.11", "12.0.0"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeJellyfin]:
    async with FakeJellyfin(api_key=KEY, version=request.param) as app:
        yield app


@pytest.fixture
def jellyfin(fake: FakeJellyfin, make: Any) -> Jellyfin:
    made: Jellyfin = make(Jellyfin, fake.url, KEY)
    return made


def seasons_of(fake: FakeJellyfin, show: str) -> list[Key]:
    found = [item for item in fake.state.items.values() if item.kind == "Season" and item.parent == show]
    return [Key("season", item.id) for item in sorted(found, key=lambda item: item.index or 0)]


async def test_a_season_claims_what_its_series_claims(
    fake: FakeJellyfin, jellyfin: Jellyfin, walked: Any
) -> None:
    work = series(1)[0]
    show = fake.put_series(work, seasons=2, specials=True)
    fake.tag(show.id, "keep")
    specials, _, second = seasons_of(fake, show.id)
    fake.tag(second.id, "4K")
    fake.keep(replace(fake.state.items[second.id], provider_ids=(("Tvdb", "77"),)))
    item = await jellyfin.lookup(second)
    assert isinstance(item, Item)
    path = f"/data/media/tv/{work.folder}/Season 02"
    assert item.refs == {
        Ref("tvdb:series", f"{work.tvdb}/s02"),
        Ref("tmdb:tv", f"{work.tmdb}/s02"),
        Ref("imdb", f"{work.imdb}/s02"),
        Ref("path", path),
    }
    assert (item.title, item.parent, item.has_file) == (
        f"{work.title}, Season 2",
        Key("series", show.id),
        True,
    )
    assert (item.path, item.root, item.number) == (path, "/data/media/tv", 2)
    assert item.attrs["tags"] == ["4K", "keep"]
    other = await jellyfin.lookup(specials)
    assert isinstance(other, Item)
    assert (other.strong_refs, other.number, other.title) == (frozenset(), 0, f"{work.title}, Specials")
    assert [one for one in await walked(jellyfin) if one.key == second] == [item]


async def test_the_series_are_known_from_the_walk_or_asked_for(
    fake: FakeJellyfin, jellyfin: Jellyfin, walked: Any
) -> None:
    for work in series(30):
        fake.put_series(work, seasons=3)
    whole = await walked(jellyfin)
    assert fake.count("/Items") == 3  # no films, the series, their seasons
    alone = await walked(jellyfin, "season")
    assert fake.count("/Items") == 5  # and once for the series
    assert alone == [item for item in whole if item.key.kind == "season"]
    before = fake.count("/Items")
    answers = await jellyfin.lookup_many([item.key for item in alone])
    assert [*answers.values()] == alone
    assert fake.count("/Items") == before + 2


async def test_a_season_without_a_folder_is_there(
    fake: FakeJellyfin, jellyfin: Jellyfin, walked: Any
) -> None:
    """Its LocationType is Virtual, and says nothing."""
    show = fake.put_series(series(1)[0], seasons=0)
    flat = Key("season", fake.put_flat_season(show.id, 1).id)
    item = await jellyfin.lookup(flat)
    assert isinstance(item, Item)
    assert (item.has_file, item.path, item.root) == (True, None, "/data/media/tv")
    assert await walked(jellyfin, "season") == [item]
    with pytest.raises(Refused, match="has no folder"):
        await jellyfin.delete(flat, Deletion(files=True))
    assert fake.count(method="DELETE") == 0


async def test_a_season_that_is_really_missing_has_no_file(
    fake: FakeJellyfin, jellyfin: Jellyfin, walked: Any
) -> None:
    show = fake.put_series(series(1)[0], seasons=2)
    flat = Key("season", fake.put_flat_season(show.id, 3).id)
    first, second, _ = seasons_of(fake, show.id)
    fake.lose_episodes(second.id)
    assert [item.key for item in await walked(jellyfin, "season")] in ([first, flat], [flat, first])
    answers = await jellyfin.lookup_many([first, second, flat])
    assert [answers[key].has_file for key in (first, second, flat)] == [True, False, True]  # type: ignore[union-attr]


async def test_a_deleted_season_is_absent(fake: FakeJellyfin, jellyfin: Jellyfin) -> None:
    show = fake.put_series(series(1)[0], seasons=2)
    first, second = seasons_of(fake, show.id)
    await jellyfin.delete(second, Deletion(files=True))
    assert isinstance(await jellyfin.lookup(second), Absent)
    assert isinstance(await jellyfin.lookup(first), Item)
    fake.delete_item(show.id)
    assert isinstance(await jellyfin.lookup(first), Absent)


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.HTML, Fault.ERROR, Fault.CUT_JSON])
async def test_without_its_series_nothing_is_said(
    fake: FakeJellyfin, jellyfin: Jellyfin, fault: Fault
) -> None:
    show = fake.put_series(series(1)[0])
    [only] = seasons_of(fake, show.id)
    await jellyfin.probe()
    fake.faults.set(fault, path=lambda request: show.id in request.query.get("ids", ""))
    with pytest.raises(SourceError):
        await jellyfin.lookup(only)


LIBRARY = Library(name="Shows", locations=("/tv",))
SERIES = Record(id=SHOW, type="Series", path="/tv/A", provider_ids={"Tvdb": "5"}, tags=("keep",))


@pytest.mark.parametrize(
    ("more", "shows", "refs", "number", "tags"),
    [
        ({"index_number": 2, "tags": ()}, {SHOW: SERIES}, {"tvdb:series/5/s02"}, 2, ["keep"]),
        ({"index_number": 12, "tags": ()}, {SHOW: SERIES}, {"tvdb:series/5/s12"}, 12, ["keep"]),
        ({"index_number": 0, "tags": ()}, {SHOW: SERIES}, set(), 0, ["keep"]),
        ({"tags": ()}, {SHOW: SERIES}, set(), None, ["keep"]),
        ({"index_number": 2, "tags": ()}, {}, set(), 2, None),
        ({"index_number": 2}, {SHOW: SERIES}, {"tvdb:series/5/s02"}, 2, None),
        ({"index_number": -1, "tags": ()}, {SHOW: SERIES}, set(), -1, ["keep"]),
    ],
)
def test_what_is_known_of_a_season(
    more: dict[str, Any], shows: dict[str, Record], refs: set[str], number: int | None, tags: list[str] | None
) -> None:
    record = Record(
        id="b" * 32, type="Season", name="S", series_id=SHOW.upper(), location_type="Virtual", **more
    )
    item = item_of(record, [LIBRARY], shows)
    assert ({str(ref) for ref in item.refs}, item.number, item.attrs.get("tags")) == (refs, number, tags)
    assert (item.parent, item.has_file) == (Key("series", SHOW), True)
    assert item.root == ("/tv" if shows else None)
