"""Listings that are none, records with something missing, and paths of other hosts."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from aiohttp import web

from reconciled.errors import BadResponse
from reconciled.model import Item, Key, Ref
from reconciled.testing.fakes.shoko import FakeShoko
from reconciled_shoko import Shoko
from reconciled_shoko.items import file_item
from reconciled_shoko.paths import above, deepest, join, name_of, same
from reconciled_shoko.payloads import File
from reconciled_shoko.roots import Roots

ROOTS = Roots({1: "/anime", 2: "/films"})


def series(number: int) -> dict[str, Any]:
    counts = {"Episodes": 1, "Specials": 0}
    return {
        "IDs": {"ID": number, "AniDB": number},
        "Sizes": {"Local": counts, "Total": counts},
        "Size": 1,
        "Name": None,
    }


PAGE = [series(number) for number in range(1, 101)]


@pytest.fixture
def lists(fake: FakeShoko, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the pages of all series be these, whatever is asked for."""

    def set_lists(answer: Callable[[int], Any]) -> None:
        def page(request: web.Request, *_: Any, **__: Any) -> web.Response:
            return web.json_response(answer(int(request.query["page"])))

        monkeypatch.setattr(fake, "_page", page)

    return set_lists


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda page: {"Total": 500, "List": PAGE}, "what came before once more"),
        (lambda page: {"Total": 500, "List": PAGE if page == 1 else PAGE[:7]}, "there should be 500"),
        (lambda page: {"Total": 3, "List": []}, "there should be 3"),
        (lambda page: {"Total": -1, "List": []}, "holds 0 of -1"),
        (lambda page: {"Total": 500, "List": [*PAGE, series(101)]}, "holds 101 of 500"),
        (lambda page: {"Total": 1, "List": [{**series(1), "Sizes": None}]}, "not what this app sends"),
        (lambda page: {"Total": 0}, "not what this app sends"),
        (lambda page: [], "not what this app sends"),
        (lambda page: None, "not what this app sends"),
    ],
)
async def test_walks_that_are_none(
    shoko: Shoko, lists: Any, answer: Callable[[int], Any], words: str
) -> None:
    lists(answer)
    pages = []
    walk = shoko.snapshot(frozenset({"series"}))

    async def read() -> None:
        async for page in walk:
            pages.append(page)  # noqa: PERF401

    with pytest.raises(BadResponse, match=words):
        await read()
    assert not any(page.complete for page in pages)


async def test_shifting_pages_hand_no_series_on_twice(shoko: Shoko, lists: Any, walked: Any) -> None:
    lists(lambda page: {"Total": 101, "List": PAGE if page == 1 else [PAGE[-1], series(101)]})
    items: list[Item] = await walked(shoko, "series")
    assert [item.key for item in items] == [Key("series", str(number)) for number in range(1, 102)]
    assert items[0].title == "series 1"


async def test_the_answer_is_about_another_one(fake: FakeShoko, shoko: Shoko) -> None:
    fake.state.series[57].id = 58
    fake.state.files[1234].id = 1235
    for key in (Key("series", "57"), Key("file", "1234")):
        with pytest.raises(BadResponse, match="the answer is about"):
            await shoko.lookup(key)


def record(*places: dict[str, Any], **more: Any) -> Item:
    body = {"ID": 5, "Size": 7, "Locations": places, "Hashes": None, "SeriesIDs": None} | more
    return file_item(msgspec.convert(body, File), ROOTS, has_file=True)


def test_files_with_something_missing() -> None:
    bare = record()
    assert (bare.title, bare.refs, bare.path, bare.root) == ("file 5", frozenset(), None, "/anime + /films")
    place = {"ID": 1, "ManagedFolderID": 2, "RelativePath": "A/a.mkv", "IsAccessible": True}
    loose = record(place, Hashes={"ED2K": "", "MD5": None}, SeriesIDs=[{"SeriesID": {"ID": None}}])
    assert (loose.title, loose.path, loose.root) == ("a.mkv", "/films/A/a.mkv", "/films")
    assert loose.refs == {Ref("path", "/films/A/a.mkv")}
    assert loose.attrs["series"] == []
    assert record(place, Hashes=[{"Type": "ED2K", "Value": "AB"}], Size=0).strong_refs == frozenset()
    lost = record({**place, "ManagedFolderID": 9})
    assert (lost.path, lost.root) == ("A/a.mkv", "/anime + /films")


def test_paths() -> None:
    assert deepest(["/", "/anime", "/anime2"], "/anime/x") == "/anime"
    assert deepest(["C:\\", "c:\\Anime\\"], "C:\\anime\\x.mkv") == "c:\\Anime\\"
    assert same("/anime/", "/anime")
    assert not same("/anime", "/anime/x")
    assert [above(path) for path in ("/anime/", "/a/b", "C:\\anime", "/", "anime")] == [
        "/", "/a", "C:\\", None, None
    ]  # fmt: skip
    assert join("C:\\anime\\", "\\x.mkv") == "C:\\anime\\x.mkv"
    assert name_of("\\A\\b.mkv") == "b.mkv"
