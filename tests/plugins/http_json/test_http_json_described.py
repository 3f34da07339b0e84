"""What a description may say, and what its app may not."""

import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.plugins.http_json.bookshelf import FakeBookshelf, described

from reconciled.clock import SystemClock
from reconciled.config import Mode, load
from reconciled.errors import BadResponse, SourceError, Unsupported
from reconciled.http import Http
from reconciled.model import Absent, Item, Key, Ref
from reconciled.source import Context, Deletion, Weight
from reconciled.testing.contract import Notes
from reconciled_http_json import HttpJson
from reconciled_http_json.config import HttpJsonConfig
from reconciled_http_json.places import MISSING, at
from reconciled_radarr import Radarr

Describe = Callable[..., HttpJson]


@pytest.fixture
async def shelf() -> AsyncIterator[FakeBookshelf]:
    async with FakeBookshelf() as fake:
        for number in range(45):
            fake.put(f"Book {number}")
        yield fake


@pytest.fixture
def source(shelf: FakeBookshelf, http: Http) -> Describe:
    def make(way: Any = None, **more: Any) -> HttpJson:
        config = HttpJsonConfig.model_validate({"timeout": "5s", **described(shelf, way, **more)})
        return HttpJson(config, Context("books", http, SystemClock(), logging.getLogger("test"), Notes()))

    return make


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("$", {"a": [{"b": 1}], "n": None}),
        ("a.0.b", 1),
        ("n", None),
        ("a.1.b", MISSING),
        ("a.b", MISSING),
        ("n.x", MISSING),
        ("x", MISSING),
    ],
)
def test_places(place: str, found: object) -> None:
    assert at({"a": [{"b": 1}], "n": None}, place) == found


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"absent": {"status": 404}}, "path"),
        ({"absent": {"status": 404, "path": "error.code"}}, "value"),
        ({"absent": {"status": 404, "path": "$", "value": "gone"}}, "bare value"),
        ({"absent": {"status": 403, "path": "error.code", "value": "x"}}, "about our access"),
        ({"absent": {"status": 302, "path": "error.code", "value": "x"}}, "about our access"),
        ({"absent": {"status": 500, "path": "error.code", "value": "x"}}, "499"),
        ({"absent": {"status": 404, "path": "error.code", "value": ""}}, "at least 1"),
        ({"absent": {"status": 404, "path": "error.code", "value": None}}, "value"),
        ({"lookup": None}, "is what a lookup answers"),
        ({"absent": None}, "whether a deletion happened"),
        ({"lookup": {"path": "/api/books"}}, "by {id}"),
        ({"lookup": {"path": "/api/{id}/{id}"}}, "by {id}"),
        ({"list": {"path": "api/books"}}, "path below the url"),
        ({"list": {"path": "/api/books?x=1"}}, "params"),
        ({"list": {"path": "/a", "next": {"param": "page"}}}, "write one of"),
        ({"list": {"path": "/a", "next": {"param": "page", "first": 1, "cursor": "c"}}}, "write one of"),
        ({"list": {"path": "/a", "next": {"link": "next", "param": "x"}}}, "write one of"),
        ({"item": {"id": "a..b"}}, "names with dots"),
        ({"item": {"id": "id", "refs": {"no space!": "x"}}}, "space looks like"),
        ({"headers": {"Host": "x"}}, "no header"),
        ({"headers": {"X-Key": "a\nb"}}, "one line"),
        ({"list": {"path": "/a", "params": {"apikey": "0123"}}}, "belongs in `headers`"),
        ({"list": {"path": "/a", "params": {"access_token": "0123"}}}, "belongs in `headers`"),
    ],
)
def test_what_a_description_may_not_say(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        HttpJsonConfig.model_validate(described(FakeBookshelf(), **more))


async def test_what_an_item_is(source: Describe) -> None:
    item = await source().lookup(Key("item", "1"))
    assert isinstance(item, Item)
    assert (item.title, item.path, item.has_file) == ("Book 0", "/books/1.epub", True)
    assert item.refs == {Ref("isbn", "9780000000001"), Ref("path", "/books/1.epub")}
    assert not item.refers
    wish = await source(refers=True).lookup(Key("item", "1"))
    assert isinstance(wish, Item)
    assert wish.refers


async def test_the_headers_go_along_and_stay_hidden(source: Describe, shelf: FakeBookshelf) -> None:
    made = source(headers={"X-Api-Key": "wrong-key-wrong-key"})
    with pytest.raises(SourceError) as caught:
        await made.probe()
    assert "wrong-key-wrong-key" not in f"{caught.value} {made.config!r} {made.client!r}"


@pytest.mark.parametrize("status", [400, 410, 200])
async def test_the_words_without_their_status_are_no_absence(
    source: Describe, shelf: FakeBookshelf, status: int
) -> None:
    shelf.gone_status = status
    with pytest.raises(SourceError):
        await source().lookup(Key("item", "999"))
    wanted = {"status": status, "path": "error.code", "value": "no_such_book"}
    assert isinstance(await source(absent=wanted).lookup(Key("item", "999")), Absent)


@pytest.mark.parametrize(
    "absent",
    [
        {"status": 404, "path": "error.code", "value": "no_such_page"},
        {"status": 404, "path": "error", "value": "no_such_book"},
        {"status": 404, "path": "message", "value": "no_such_book"},
    ],
)
async def test_other_words_are_no_absence(source: Describe, absent: dict[str, Any]) -> None:
    with pytest.raises(BadResponse, match="own words"):
        await source(absent=absent).lookup(Key("item", "999"))


async def test_without_its_words_it_only_witnesses(source: Describe) -> None:
    made = source(absent=None, delete=None)
    assert isinstance(await made.lookup(Key("item", "1")), Item)
    with pytest.raises(SourceError):
        await made.lookup(Key("item", "999"))
    with pytest.raises(Unsupported):
        await made.delete(Key("item", "1"), Deletion())
    (matter,) = await made.examine(None)
    assert matter.weight is Weight.ADVICE


async def test_an_answer_about_another_item(source: Describe, shelf: FakeBookshelf) -> None:
    shelf.books["7"] = shelf.books["8"]
    with pytest.raises(BadResponse, match="asked about 7"):
        await source().lookup(Key("item", "7"))


@pytest.mark.parametrize("name", ["", ".", "..", "1/2", "1\0"])
async def test_an_id_that_is_another_place(source: Describe, shelf: FakeBookshelf, name: str) -> None:
    asked = len(shelf.requests)
    with pytest.raises(Unsupported):
        await source().lookup(Key("item", name))
    assert len(shelf.requests) == asked


async def _walk(source: HttpJson) -> list[str]:
    pages = [page async for page in source.snapshot(frozenset({"item"}))]
    assert pages[-1].complete
    return [item.key.id for page in pages for item in page.items]


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        ({"items": "data.books"}, "instead of a list"),
        ({"items": "data.items", "total": "data.count"}, "no total"),
        ({"items": "data.items", "next": {"param": "cursor", "cursor": "meta.more"}}, "nothing at meta.more"),
        ({"items": "data.items", "next": {"param": "cursor", "cursor": "data.total"}}, "read already"),
        ({"items": "data.items", "next": {"param": "cursor", "cursor": "data.items"}}, "names no next page"),
    ],
)
async def test_a_listing_that_is_not_as_described(
    source: Describe, listing: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadResponse, match=said):
        await _walk(source(list={"path": "/api/books", **listing}))


async def test_one_id_for_two_items_is_no_id(source: Describe, shelf: FakeBookshelf) -> None:
    shelf.books["3"]["id"] = 2
    with pytest.raises(BadResponse, match="two items with the id '2'"):
        await _walk(source())


async def test_an_app_that_knows_no_pages_goes_in_a_circle(source: Describe, shelf: FakeBookshelf) -> None:
    shelf.numb = True
    asked = len(shelf.requests)
    with pytest.raises(BadResponse, match="shown before"):
        await _walk(source())
    assert len(shelf.requests) == asked + 2


async def test_a_list_that_says_it_goes_on_is_not_whole(source: Describe, shelf: FakeBookshelf) -> None:
    one_page = {"path": "/api/books", "items": "data.items"}
    assert len(await _walk(source(list=one_page))) == 20
    shelf.told = {"Link": '</api/books?page=1>; rel="prev", </api/books?page=3>; rel="next"'}
    with pytest.raises(BadResponse, match="names a next page"):
        await _walk(source(list=one_page))
    assert len(await _walk(source())) == 45


@pytest.mark.parametrize("link", ["http://[::1", "?page=2", "http://other.lan/api/books?token=hush-hush"])
async def test_a_link_that_leads_nowhere(source: Describe, shelf: FakeBookshelf, link: str) -> None:
    shelf.link = link
    with pytest.raises(BadResponse) as caught:
        await _walk(source({"link": "meta.link"}))
    assert "hush" not in str(caught.value)


async def test_a_link_is_followed_as_it_stands(source: Describe, shelf: FakeBookshelf) -> None:
    assert len(await _walk(source({"link": "meta.link"}))) == 45
    assert shelf.tags == ["a", "b"]


async def test_a_long_page_is_handed_on_in_parts(
    source: Describe, shelf: FakeBookshelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciled_http_json.source._PAGE", 7)
    pages = [page async for page in source().snapshot(frozenset({"item"}))]
    assert max(len(page.items) for page in pages) == 7
    assert sum(len(page.items) for page in pages) == 45


@pytest.mark.parametrize("nothing", ["N/A", "null", "None", "unknown", "-1", -1, "-", 0, "", None, " "])
async def test_a_word_for_nothing_names_nothing(
    source: Describe, shelf: FakeBookshelf, nothing: object
) -> None:
    shelf.books["3"]["isbn"] = nothing
    item = await source().lookup(Key("item", "3"))
    assert isinstance(item, Item)
    assert {ref.space for ref in item.refs} == {"path"}


async def test_a_login_page_is_no_deletion(source: Describe, shelf: FakeBookshelf) -> None:
    shelf.page_in_front = "<html>log in, please</html>"
    with pytest.raises(BadResponse, match="HTML page"):
        await source().delete(Key("item", "3"), Deletion())
    assert "3" in shelf.books


async def test_what_an_examination_finds(source: Describe) -> None:
    (good,) = await source().examine(None)
    assert good.weight is Weight.GOOD
    _, advice = await source(list={"path": "/api/books", "items": "data.items"}).examine(None)
    assert (advice.weight, "whole" in advice.said) == (Weight.ADVICE, True)


def test_another_place_of_the_id_is_another_scope() -> None:
    """All keys are others then: the next scan is a baseline, and none of the old is believed gone."""
    assert {"url", "list", "item"} <= set(HttpJsonConfig.scope)


async def test_a_link_to_elsewhere_is_not_followed(source: Describe, shelf: FakeBookshelf) -> None:
    made = source({"link": "meta.link"})
    assert len(await _walk(made)) == 45
    shelf.url_base, other = "/shelf", shelf.url
    with pytest.raises(BadResponse, match="not where the app is"):
        await _walk(
            HttpJson(
                made.config.model_copy(update={"url": other.replace("127.0.0.1", "localhost")}), made.context
            )
        )


async def test_an_item_without_an_id_is_trouble(source: Describe, shelf: FakeBookshelf) -> None:
    shelf.books["3"]["id"] = None
    with pytest.raises(BadResponse, match="without an id"):
        await _walk(source())


async def test_a_file_that_is_neither_there_nor_not(source: Describe, shelf: FakeBookshelf) -> None:
    shelf.books["3"]["file"] = {"ok": "perhaps"}
    with pytest.raises(BadResponse, match="neither true nor false"):
        await _walk(source())
    shelf.books["3"]["file"] = None
    item = await source().lookup(Key("item", "3"))
    assert isinstance(item, Item)
    assert item.has_file is None


CONFIG = """mode: {mode}
sources:
  radarr: {{url: http://box.lan:7878, api_key: 0123456789abcdef0123456789abcdef}}
  books:
    app: http_json
    url: http://box.lan:9000
    list: {{path: /books}}
    item: {{id: id}}
    lookup: {{path: "/books/{{id}}"}}
    absent: {{status: 404, path: code, value: gone}}
    delete: {{path: "/books/{{id}}"}}
policies:
  p: {{when: gone, kind: movie, from: radarr, agree: none, {own}then: [{{{step}}}]}}
"""


@pytest.mark.parametrize(
    ("mode", "own", "step", "counts"),
    [
        ("act", "", "delete: books", Mode.ASK),
        ("act", "mode: act, ", "delete: books", Mode.ASK),
        ("ask", "", "delete: books", Mode.ASK),
        ("dry-run", "", "delete: books", Mode.DRY_RUN),
        ("act", "mode: dry-run, ", "delete: books", Mode.DRY_RUN),
        ("act", "", "unmonitor: radarr", Mode.ACT),
    ],
)
def test_a_deletion_through_it_is_always_asked(
    tmp_path: Path, mode: str, own: str, step: str, counts: Mode
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG.format(mode=mode, own=own, step=step))
    loaded = load(file, {"http_json": HttpJson, "radarr": Radarr}, environ={})
    assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
    assert loaded.settings.policies["p"].mode_under(Mode(mode)) is counts
    told = any("always asks" in str(warning) for warning in loaded.warnings)
    assert told is (own == "mode: act, ")
