"""The example plugin reads its app: who it is, all it has, one request, and what is no answer."""

import json
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from aiohttp import web
from tests.examples.conftest import KEY

from reconciled.errors import BadResponse, RateLimited, SourceError, Unauthorized, Unreachable, Unsupported
from reconciled.model import About, Absent, Item, Key, Ref
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.requests_app import FakeRequests
from reconciled.testing.faults import Fault

ONE = Key("request", "1")
ALL = frozenset({"request"})


async def listed(source: Any) -> list[Item]:
    pages = [page async for page in source.snapshot(ALL)]
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
    return [item for page in pages for item in page.items]


async def test_who_answers(requests: Any) -> None:
    assert await requests.probe() == About("Requests", "1.4.2", instance="5b0c6f7e-requests")


async def test_a_request(fake: FakeRequests, requests: Any, clock: ManualClock) -> None:
    fake.put("The Iron Ferry", ["tmdb:movie/603"], by="ann")
    fake.label(1, "keep", "family")
    item = await requests.lookup(ONE)
    assert item == Item(
        key=ONE,
        title="The Iron Ferry",
        refs=frozenset({Ref("tmdb:movie", "603")}),
        attrs={
            "tags": ["family", "keep"],
            "status": "available",
            "by": "ann",
            "added": clock.now().isoformat(),
        },
        has_file=None,
        refers=True,
    )
    assert await listed(requests) == [item]


@pytest.mark.parametrize(
    ("said", "refs"),
    [
        (["tvdb:series/81189"], {"tvdb:series/81189"}),
        (["tmdb:movie/603", "tmdb:tv/1399"], {"tmdb:movie/603", "tmdb:tv/1399"}),
        (["tmdb:movie/0", "tmdb:movie/", "tmdb:movie/abc", "tmdb:movie/-1"], set()),
        (["tmdb:movie/" + "9" * 5000], set()),
        (["path:/films/a.mkv", "sha256:12", "isbn:9", "603", ""], set()),
        (["tmdb:movie/0603"], {"tmdb:movie/603"}),
    ],
)
async def test_refs(fake: FakeRequests, requests: Any, said: list[str], refs: set[str]) -> None:
    fake.put("A film", said)
    assert {str(ref) for ref in (await requests.lookup(ONE)).refs} == refs


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
async def test_pages(fake: FakeRequests, requests: Any, count: int) -> None:
    for number in range(count):
        fake.put(f"Film {number}", [f"tmdb:movie/{number + 1}"])
    assert [int(item.key.id) for item in await listed(requests)] == [*fake.entries]
    assert fake.count("/api/v1/request?*") == max(1, -(-count // 100))


@pytest.mark.parametrize(
    ("change", "complete"),
    [
        ({}, True),
        ({"page": 1}, False),  # an app, or a cache, that does not look at the page
        ({"records": []}, False),
        ({"totalRecords": 300}, False),
        ({"totalRecords": "150"}, False),
    ],
)
async def test_a_second_page_that_is_not_the_one_asked_for(
    fake: FakeRequests, requests: Any, monkeypatch: Any, change: dict[str, Any], complete: bool
) -> None:
    for number in range(150):
        fake.put(f"Film {number}")
    plain = fake._list

    async def answer(request: Any) -> Any:
        given = await plain(request)
        if request.query["page"] == "2":
            given.text = json.dumps({**json.loads(given.text or ""), **change})
        return given

    monkeypatch.setattr(fake, "_list", answer)
    await fake.down()
    await fake.up()
    if complete:
        assert len(await listed(requests)) == 150
    else:
        with pytest.raises(BadResponse):
            await listed(requests)


async def test_a_listing_that_breaks_in_the_middle(fake: FakeRequests, requests: Any) -> None:
    for number in range(150):
        fake.put(f"Film {number}")
    fake.faults.set(Fault.TRUNCATED_JSON, "/api/v1/request[?]*page=2*")
    with pytest.raises(BadResponse):
        await listed(requests)


async def test_find(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film", ["tmdb:movie/603"])
    fake.put("A series", ["tvdb:series/81189"])
    fake.put("The film, once more", ["tmdb:movie/603"], by="ben")
    assert [item.key.id for item in await requests.find(Ref("tmdb:movie", "603"))] == ["1", "3"]
    assert [item.key.id for item in await requests.find(Ref("tvdb:series", "81189"))] == ["2"]
    assert await requests.find(Ref("tmdb:movie", "604")) == []
    await fake.delete(1)
    assert [item.key.id for item in await requests.find(Ref("tmdb:movie", "603"))] == ["3"]
    for other in ("imdb:tt0133093", "tvdb:series/81189/s02", "path:/films/a.mkv"):
        with pytest.raises(Unsupported):
            await requests.find(Ref.parse(other))


async def test_a_listing_that_shows_the_trash(fake: FakeRequests, requests: Any, clock: ManualClock) -> None:
    fake.put("A film")
    fake.put("Thrown away").trashed = (clock.now(), "ann")
    assert [item.title for item in await listed(requests)] == ["A film"]


async def test_a_find_that_answers_with_others(fake: FakeRequests, requests: Any, monkeypatch: Any) -> None:
    fake.put("A film", ["tmdb:movie/603"])
    walk = requests._walk
    monkeypatch.setattr(requests, "_walk", lambda **query: walk())  # an app that does not know `ref`
    with pytest.raises(BadResponse, match="others too"):
        await requests.find(Ref("tmdb:movie", "604"))


async def test_never_there_in_the_trash_and_thrown_out(
    fake: FakeRequests, requests: Any, clock: ManualClock
) -> None:
    assert await requests.lookup(ONE) == Absent("404 of Requests 1.4.2")
    fake.put("A film", ["tmdb:movie/603"])
    await fake.delete(1, by="ben")
    went = clock.now()
    assert await requests.lookup(ONE) == Absent(
        "in the trash", at=went, actor="ben", restorable_until=went + timedelta(days=30)
    )
    assert await listed(requests) == []
    clock.advance(30 * 86400)
    assert await requests.lookup(ONE) == Absent("404 of Requests 1.4.2")


async def test_a_number_that_is_used_again(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film", ["tmdb:movie/603"])
    fake.replace(1, "Another film", ["tmdb:movie/604"])
    item = await requests.lookup(ONE)
    assert (item.title, {str(ref) for ref in item.refs}) == ("Another film", {"tmdb:movie/604"})


TROUBLE = [
    (Fault.RESET, Unreachable),
    (Fault.HANG, Unreachable),
    (Fault.STARTING, Unreachable),
    (Fault.UNAUTHORIZED, Unauthorized),
    (Fault.FORBIDDEN, Unauthorized),
    (Fault.RATE_LIMITED, RateLimited),
    (Fault.CUT_JSON, SourceError),
    (Fault.TRUNCATED_JSON, BadResponse),
    (Fault.NOT_FOUND, BadResponse),  # of a proxy: no mark
    (Fault.ERROR, BadResponse),
    (Fault.HTML, BadResponse),
    (Fault.REDIRECT, BadResponse),
    (Fault.REDIRECT_AWAY, BadResponse),
    (Fault.WRONG_SHAPE, BadResponse),
    (Fault.OTHER_APP, BadResponse),
]


@pytest.mark.parametrize(("fault", "error"), TROUBLE)
@pytest.mark.parametrize("what", ["probe", "snapshot", "find", "there", "not there"])
async def test_trouble_is_never_absence(
    fake: FakeRequests, make: Any, fault: Fault, error: type[SourceError], what: str
) -> None:
    requests = make(fake.url, timeout="100ms")
    fake.put("A film", ["tmdb:movie/603"])
    asked = {
        "probe": requests.probe,
        "snapshot": lambda: listed(requests),
        "find": lambda: requests.find(Ref("tmdb:movie", "603")),
        "there": lambda: requests.lookup(ONE),
        "not there": lambda: requests.lookup(Key("request", "2")),
    }[what]
    fake.faults.set(fault)
    with pytest.raises(error) as caught:
        await asked()
    assert KEY not in str(caught.value)


async def test_the_apps_own_no(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film")
    fake.faults.set(Fault.NOT_FOUND_APP)
    assert isinstance(await requests.lookup(ONE), Absent)  # that it denies everything, the engine notices


async def test_a_404_of_the_app_about_the_address(fake: FakeRequests, requests: Any, plugin: Any) -> None:
    with pytest.raises(BadResponse):
        await requests._ask("GET", "/api/v1/no-such-thing", allow=(404,))


async def test_a_wrong_key(fake: FakeRequests, make: Any) -> None:
    with pytest.raises(Unauthorized):
        await make(fake.url, "another-key").probe()


async def test_nobody_listens(fake: FakeRequests, requests: Any) -> None:
    await fake.down()
    with pytest.raises(Unreachable):
        await requests.lookup(ONE)


async def test_another_app_under_the_mark(fake: FakeRequests, requests: Any, monkeypatch: Any) -> None:
    async def about(request: Any) -> Any:
        return web.json_response({"app": "Wishes", "version": "1", "instance": "x"})

    monkeypatch.setattr(fake, "_about", about)
    await fake.down()
    await fake.up()
    with pytest.raises(BadResponse, match="this is Wishes"):
        await requests.probe()


async def test_an_answer_about_another(fake: FakeRequests, requests: Any) -> None:
    fake.put("A film")
    fake.entries[1].id = 2
    with pytest.raises(BadResponse, match="about 2"):
        await requests.lookup(ONE)


@pytest.mark.parametrize("name", ["0", "01", "-1", "1.0", "", "abc", "../about", "1/restore", "١"])
async def test_what_is_no_number_is_not_asked(fake: FakeRequests, requests: Any, name: str) -> None:
    with pytest.raises(Unsupported):
        await requests.lookup(Key("request", name))
    assert fake.count() == 0


async def test_other_kinds(requests: Any) -> None:
    with pytest.raises(Unsupported, match="no movie"):
        await requests.lookup(Key("movie", "1"))
    with pytest.raises(Unsupported, match="no movie"):
        [page async for page in requests.snapshot(frozenset({"movie"}))]


def test_what_it_is(plugin: ModuleType) -> None:
    kind = plugin.Requests
    assert (kind.app, kind.kinds, kind.paged, kind.tagged) == ("requests", ("request",), True, True)
