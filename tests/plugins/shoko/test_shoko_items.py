"""What Shoko's series, seasons and files are here."""

from typing import Any

import pytest

from reconciled.errors import BadResponse, Unsupported
from reconciled.model import Absent, Item, Key, Ref
from reconciled.testing.fakes.shoko import FakeShoko
from reconciled.testing.fakes.titles import series
from reconciled_shoko import Shoko


async def shown(shoko: Shoko, kind: str, key: str | int) -> Item:
    found = await shoko.lookup(Key(kind, str(key)))
    assert isinstance(found, Item)
    return found


async def test_a_series(fake: FakeShoko, shoko: Shoko) -> None:
    work = series(3)[0]
    found = await shown(shoko, "series", 57)
    assert (found.title, found.has_file, found.root, found.parent) == (work.title, True, "/anime", None)
    assert found.attrs == {"files": 3, "episodes": 3, "shows": ["tmdb:tv/900"]}
    assert {str(ref) for ref in found.refs} == {"anidb:10057"}  # it may be one season of that show


@pytest.mark.parametrize(
    ("ids", "claimed"),
    [
        ({}, set()),
        ({"shows": (1,)}, set()),
        ({"movies": (2,)}, {"tmdb:movie/2"}),
        ({"shows": (1, 3)}, set()),
        ({"movies": (1, 1)}, {"tmdb:movie/1"}),
        ({"shows": (1,), "movies": (2,)}, set()),
        ({"tvdb": (4, 5), "imdb": ("tt1", "tt2")}, set()),
        ({"tvdb": (4,), "imdb": ("tt1",)}, set()),
        ({"tvdb": (0,), "imdb": ("",)}, set()),
    ],
)
async def test_only_what_is_its_own_is_claimed(
    fake: FakeShoko, shoko: Shoko, ids: dict[str, Any], claimed: set[str]
) -> None:
    """Several ids name several things; and the end of one season, an entry here, is not a show's."""
    none = {"shows": (), "movies": (), "tvdb": (), "imdb": ()}
    one = fake.put_series(series(1, seed=9)[0], **(none | ids))
    refs = {str(ref) for ref in (await shown(shoko, "series", one.id)).refs}
    assert refs == {f"anidb:{one.anidb}", *claimed}


async def test_a_series_without_files_stays(fake: FakeShoko, shoko: Shoko, walked: Any) -> None:
    for file in fake.files_of(58):
        await fake.delete_file(file.id)
    found = await shown(shoko, "series", 58)
    assert (found.has_file, found.attrs["files"]) == (False, 0)
    assert found in await walked(shoko, "series")
    assert (await shown(shoko, "season", "58/1")).has_file is False


async def test_seasons(fake: FakeShoko, shoko: Shoko, walked: Any) -> None:
    seasons = {item.key.id: item for item in await walked(shoko, "season")}
    assert set(seasons) == {"57/1", "57/0", "58/1", "59/1"}
    assert {item.parent for item in seasons.values()} == {Key("series", str(n)) for n in (57, 58, 59)}
    first, specials = seasons["57/1"], seasons["57/0"]
    assert first.refs == {Ref("anidb", "10057/s01")}  # in other spaces it may be another season
    assert specials.refs == frozenset()
    assert (first.has_file, specials.has_file, seasons["59/1"].attrs["files"]) == (True, True, 1)
    assert seasons["59/1"].attrs["episodes"] == 2
    assert fake.count("/api/v3/Series") == 1
    answer = await shoko.lookup(Key("season", "58/0"))
    assert answer == Absent("Shoko counts no specials of series 58")


async def test_a_file(fake: FakeShoko, shoko: Shoko) -> None:
    file = fake.files_of(57)[0]
    found = await shown(shoko, "file", file.id)
    path = f"/anime/{file.locations[0].path}"
    assert found.refs == {Ref("ed2k", f"{file.ed2k.lower()}-{file.size}"), Ref("path", path)}
    assert (found.path, found.root, found.has_file, found.parent) == (path, "/anime", True, None)
    assert found.title == path.rpartition("/")[2]
    assert found.attrs == {"size": file.size, "series": [57], "ignored": False}


async def test_a_file_at_two_places_has_its_file_while_one_is_left(fake: FakeShoko, shoko: Shoko) -> None:
    fake.put_folder("Copies", "/copies")
    file = fake.files_of(58)[0]
    fake.put_place(file.id, folder=2)
    await shoko.probe()
    file.locations[0].on_disk = False
    found = await shown(shoko, "file", file.id)
    assert (found.has_file, found.root) == (True, "/copies")
    assert len([ref for ref in found.refs if ref.space == "path"]) == 2
    fake.unmount(2)
    await shoko.probe()
    found = await shown(shoko, "file", file.id)
    assert (found.has_file, found.root) == (False, "/copies")  # judged by the folder that is away


async def test_what_shoko_leaves_out_by_itself_is_listed(fake: FakeShoko, shoko: Shoko, walked: Any) -> None:
    hidden = {str(fake.put_file(ignored=True).id), str(fake.put_file(limbo=True).id)}
    listed = {item.key.id: item for item in await walked(shoko, "file")}
    assert hidden <= set(listed)
    assert sum(bool(item.attrs["ignored"]) for item in listed.values()) == 1


async def test_find(fake: FakeShoko, shoko: Shoko) -> None:
    file = fake.files_of(57)[0]
    ed2k = f"{file.ed2k.lower()}-{file.size}"
    assert [item.key.id for item in await shoko.find(Ref("anidb", "10058"))] == ["58"]
    assert [item.key.id for item in await shoko.find(Ref("ed2k", ed2k))] == [str(file.id)]
    assert await shoko.find(Ref("anidb", "4")) == []
    assert await shoko.find(Ref("ed2k", f"{'0' * 32}-7")) == []
    for odd in (Ref("tmdb:tv", "900"), Ref("anidb", "x"), Ref("ed2k", "1-2"), Ref("anidb", "10057/s01")):
        with pytest.raises(Unsupported):
            await shoko.find(odd)


async def test_what_somebody_hid_is_not_gone(fake: FakeShoko, shoko: Shoko, walked: Any) -> None:
    """Shoko counts a hidden episode in no kind, here or not; its files lie where they lay."""
    fake.state.series[57].veiled = frozenset({"Specials"})
    with pytest.raises(BadResponse, match="1 hidden"):
        await shoko.lookup(Key("season", "57/0"))
    assert (await shown(shoko, "season", "57/1")).has_file is True
    fake.state.series[57].veiled = frozenset({"Specials", "Episodes"})
    with pytest.raises(BadResponse, match="3 hidden"):
        await shoko.lookup(Key("season", "57/1"))
    assert (await shown(shoko, "series", 57)).has_file is None
    (listed,) = [item for item in await walked(shoko, "series") if item.key.id == "57"]
    assert listed.has_file is None


@pytest.mark.parametrize(
    ("ids", "claimed"),
    [
        ({"shows": (1,), "movies": (2,), "imdb": ("tt2",)}, set()),
        ({"movies": (2, 3), "imdb": ("tt2",)}, set()),
        ({"shows": (1, 3), "tvdb": (4,)}, set()),
        ({"movies": (2,), "imdb": ("tt2",)}, {"tmdb:movie/2", "imdb:tt2"}),
        ({"movies": (2,), "tvdb": (4,)}, {"tmdb:movie/2"}),
        ({"shows": (1,), "tvdb": (4,)}, set()),
    ],
)
async def test_an_id_of_one_among_several_is_not_claimed(
    fake: FakeShoko, shoko: Shoko, ids: dict[str, Any], claimed: set[str]
) -> None:
    """Shoko takes the ids of IMDb and TVDB from the films and shows in TMDB; not each of them has one."""
    none = {"shows": (), "movies": (), "tvdb": (), "imdb": ()}
    one = fake.put_series(series(1, seed=9)[0], **(none | ids))
    refs = {str(ref) for ref in (await shown(shoko, "series", one.id)).refs}
    assert refs == {f"anidb:{one.anidb}", *claimed}
