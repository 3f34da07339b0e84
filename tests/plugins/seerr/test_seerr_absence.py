"""What proves that something is gone in Seerr: its own list around the number, and nothing less."""

import random
from typing import Any

import msgspec
import pytest
from aiohttp import web

from reconciled.errors import BadResponse, SourceError, Unauthorized
from reconciled.model import Absent, Item, Key
from reconciled.source import Deletion
from reconciled.testing.fakes.seerr import OWNER, FakeSeerr
from reconciled.testing.fakes.seerr_model import BLOCKLISTED
from reconciled.testing.fakes.titles import films
from reconciled.testing.faults import Fault
from reconciled_seerr import Seerr
from reconciled_seerr.listing import PAGE

KINDS = ("request", "media")


def thinned(seerr: FakeSeerr, count: int, *, seed: int) -> set[int]:
    """Put so many, and take about half away again, in stretches. The numbers that are left."""
    chance = random.Random(seed)
    for work in films(count, seed=seed):
        seerr.put(work)
    number = 1
    while number <= count:
        stretch = chance.randint(1, 1 + count // 3)
        if chance.random() < 0.5:
            for gone in range(number, min(count + 1, number + stretch)):
                seerr.clear_medium(gone)
        number += stretch
    return set(seerr.state.media)


@pytest.mark.parametrize("read_before", [False, True])
@pytest.mark.parametrize("count", [1, 2, 49, 50, 51, 130, 420])
async def test_every_number_has_its_answer(
    seerr: FakeSeerr, source: Seerr, count: int, read_before: bool, walked: Any
) -> None:
    left = thinned(seerr, count, seed=count)
    if read_before:
        await walked(source)
    step = max(1, count // 25)
    for number in {*range(1, count + 3, step), min(left, default=1), max(left, default=1)}:
        for kind in KINDS:
            answer = await source.lookup(Key(kind, str(number)))
            assert isinstance(answer, Item) == (number in left), (kind, number, sorted(left))


async def test_asked_where_it_stood_before(seerr: FakeSeerr, source: Seerr, walked: Any) -> None:
    for work in films(700):
        seerr.put_medium(work)
    await walked(source, "media")
    seerr.clear_medium(350)
    before = seerr.count("*/media*")
    assert isinstance(await source.lookup(Key("media", "350")), Absent)
    assert seerr.count("*/media*") == before + 1


async def test_an_empty_database_denies_everything(seerr: FakeSeerr, source: Seerr) -> None:
    """Alike, so that no yes stands beside a no, and the engine believes none."""
    for kind in KINDS:
        for number in ("1", "2"):
            assert isinstance(await source.lookup(Key(kind, number)), Absent)


@pytest.mark.parametrize("kind", KINDS)
async def test_not_found_while_its_database_fails(seerr: FakeSeerr, source: Seerr, kind: str) -> None:
    seerr.put(films(1)[0])
    seerr.locked = True
    for number in ("1", "2"):
        with pytest.raises(SourceError):
            await source.lookup(Key(kind, number))
    with pytest.raises(SourceError):
        await source.delete(Key(kind, "1"), Deletion())
    assert (len(seerr.state.requests), len(seerr.state.media)) == (1, 1)


async def test_not_found_but_listed(seerr: FakeSeerr, source: Seerr) -> None:
    """A request whose asker left no trace: its own address fails, and says that it is not found."""
    asked = seerr.put(films(1)[0], by="ann")
    del seerr.state.people[asked.by]
    with pytest.raises(BadResponse, match="and lists it"):
        await source.lookup(Key("request", "1"))


async def test_not_listed_but_there(seerr: FakeSeerr, source: Seerr, walked: Any) -> None:
    """What is asked of a blocklisted medium is left out of the list of requests."""
    first, second = films(2)
    seerr.put(first)
    seerr.put(second)
    seerr.state.media[1].status = BLOCKLISTED
    assert [item.key.id for item in await walked(source, "request")] == ["2"]
    assert isinstance(await source.lookup(Key("request", "1")), Item)


async def test_not_listed_and_not_found_for_a_moment_only(seerr: FakeSeerr, source: Seerr) -> None:
    """Its database fails at the first question, and has recovered when the list is asked for."""
    asked = seerr.put(films(1)[0])
    seerr.put(films(2)[1])
    seerr.state.media[asked.medium].status = BLOCKLISTED
    person = seerr.state.people.pop(asked.by)

    def recovers(request: web.BaseRequest) -> bool:
        if request.path.endswith("/request"):
            seerr.state.people[person.id] = person
        return False

    seerr.faults.set(Fault.SLOW, recovers)
    assert isinstance(await source.lookup(Key("request", str(asked.id))), Item)


async def test_what_the_key_may_not_see_is_not_gone(seerr: FakeSeerr, source: Seerr) -> None:
    seerr.put(films(1)[0], by="ann")
    seerr.state.people[OWNER].permissions = 32
    assert not (await source.probe()).sees_everything
    with pytest.raises(Unauthorized):
        await source.lookup(Key("request", "1"))


@pytest.mark.parametrize("gone", [1, 60, PAGE])
async def test_a_walk_misses_nothing_that_stays(seerr: FakeSeerr, source: Seerr, gone: int) -> None:
    """Some of what was already read goes meanwhile, so that the rest moves up."""
    for work in films(2 * PAGE + 90):
        seerr.put_medium(work)
    newest = sorted(seerr.state.media, reverse=True)
    seen: list[str] = []
    async for page in source.snapshot(frozenset({"media"})):
        if not seen:
            for number in newest[:gone]:
                seerr.clear_medium(number)
        seen += [item.key.id for item in page.items]
    assert len(seen) == len(set(seen))
    assert {str(number) for number in seerr.state.media} <= set(seen)


@pytest.mark.parametrize(
    ("rows", "total", "said"),
    [
        ([3, 2], 3, "cut short"),
        ([3, 2, 1], 2, "cut short"),
        ([1, 2, 3], 3, "not sorted"),
        ([3, 3, 2], 3, "not sorted"),
        ([], 3, "cut short"),
    ],
)
async def test_a_list_that_does_not_add_up(
    source: Seerr, monkeypatch: pytest.MonkeyPatch, rows: list[int], total: int, said: str
) -> None:
    async def read(kind: Any, path: str, **_: Any) -> Any:
        media = [{"id": one, "mediaType": "movie", "status": 5, "tmdbId": one} for one in rows]
        return msgspec.convert({"pageInfo": {"results": total, "pageSize": 50}, "results": media}, kind)

    monkeypatch.setattr(source.connection, "read", read)
    for ask in (source.lookup(Key("media", "7")), anext(aiter(source.snapshot(frozenset({"media"}))))):
        with pytest.raises(BadResponse, match=said):
            await ask
