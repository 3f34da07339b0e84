"""Shoko's no counts in its words, while it is started, and from one version; nothing else does."""

from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from reconciled.errors import BadResponse, SourceError, Unauthorized, Unreachable, Unsupported
from reconciled.model import Absent, Item, Key, Ref
from reconciled.testing.fakes.shoko import FakeShoko
from reconciled.testing.fakes.shoko_http import NO_FILE, NO_SERIES
from reconciled.testing.fakes.titles import series
from reconciled.testing.faults import Fault
from reconciled_shoko import Shoko

GONE = (Key("series", "4"), Key("season", "4/1"), Key("file", "4"))


async def test_its_own_no(fake: FakeShoko, shoko: Shoko) -> None:
    version = f"{fake.version}.0"
    for key, words in zip(GONE, (NO_SERIES, NO_SERIES, NO_FILE), strict=True):
        assert await shoko.lookup(key) == Absent(f"404 of Shoko {version}: {words}")


@pytest.fixture
def answering(fake: FakeShoko, monkeypatch: pytest.MonkeyPatch) -> Callable[[web.Response], None]:
    """Lets every series and file be answered with this."""

    def set_answer(answer: web.Response) -> None:
        async def instead(request: web.Request) -> web.Response:
            return answer

        monkeypatch.setattr(fake, "_series_or_no", lambda found, no: answer)
        monkeypatch.setattr(fake, "_file_or_no", lambda request, found, no: answer)

    return set_answer


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: web.Response(status=404), BadResponse),
        (lambda: web.json_response({"title": "Not Found", "status": 404}, status=404), BadResponse),
        (lambda: web.Response(status=404, text="Not Found"), BadResponse),
        (lambda: web.Response(status=404, text="No Series entry"), BadResponse),
        (lambda: web.Response(status=404, text=f"<html>{NO_SERIES}</html>"), BadResponse),
        (lambda: web.Response(status=403, text="Forbidden"), Unauthorized),
        (lambda: web.json_response("Accessing Series is not allowed for the current user", status=403),
         BadResponse),
        (lambda: web.json_response({"IDs": {"ID": 4, "AniDB": 1}}), BadResponse),
        (lambda: web.json_response({"ID": 4, "Size": 1}), BadResponse),
    ],
)  # fmt: skip
async def test_other_noes(
    answering: Any, shoko: Shoko, answer: Callable[[], web.Response], error: type[SourceError]
) -> None:
    for key in GONE:
        answering(answer())
        with pytest.raises(error):
            await shoko.lookup(key)


@pytest.mark.parametrize("words", [NO_FILE, f"{NO_FILE}.", f" {NO_FILE} "])
async def test_its_no_as_plain_text(answering: Any, shoko: Shoko, words: str) -> None:
    answering(web.Response(status=404, text=words))
    assert isinstance(await shoko.lookup(Key("file", "4")), Absent)


async def test_the_no_about_another_thing(answering: Any, shoko: Shoko) -> None:
    answering(web.json_response(NO_FILE, status=404))
    with pytest.raises(BadResponse, match="not in Shoko's words"):
        await shoko.lookup(Key("series", "4"))


@pytest.mark.parametrize("state", ["Starting", "Failed", "Waiting"])
async def test_while_it_starts(fake: FakeShoko, shoko: Shoko, state: str) -> None:
    """5.3 answers then, and has nothing: its listing is empty, its no perfectly worded."""
    fake.startup = state
    for key in (*GONE, Key("series", "57")):
        with pytest.raises(Unreachable, match=state):
            await shoko.lookup(key)
    for ask in (shoko.probe(), anext(shoko.snapshot(frozenset({"series"})))):
        with pytest.raises(Unreachable):
            await ask


async def test_it_restarts_right_after_it_said_that_it_runs(fake: FakeShoko, shoko: Shoko) -> None:
    assert isinstance(await shoko.lookup(GONE[0]), Absent)
    fake.startup = "Starting"
    with pytest.raises(Unreachable):
        await shoko.lookup(Key("series", "57"))


async def test_it_restarts_during_a_listing(fake: FakeShoko, shoko: Shoko) -> None:
    pages = shoko.snapshot(frozenset({"series"}))
    await anext(pages)
    fake.startup = "Starting"
    with pytest.raises(Unreachable):
        await anext(pages)


async def test_it_became_another_version(fake: FakeShoko, shoko: Shoko) -> None:
    await shoko.probe()
    fake.version = "7.0.0"
    with pytest.raises(BadResponse, match=r"Shoko became 7\.0\.0\.0"):
        await shoko.lookup(GONE[0])
    assert isinstance(await shoko.lookup(GONE[0]), Absent)


async def test_a_blocked_database(fake: FakeShoko, shoko: Shoko) -> None:
    fake.blocked = "Migrating"
    with pytest.raises(SourceError):
        await shoko.lookup(GONE[0])
    with pytest.raises(Unreachable if not fake.modern else SourceError):
        await shoko.probe()


async def test_a_user_that_may_not_see_all(fake: FakeShoko, shoko: Shoko, walked: Any) -> None:
    assert (await shoko.probe()).sees_everything
    fake.user.restricted = (7,)
    fake.state.series[57].hidden = True
    assert not (await shoko.probe()).sees_everything
    with pytest.raises(BadResponse, match="restricted tags"):
        await shoko.lookup(Key("series", "57"))
    assert isinstance(await shoko.lookup(Key("series", "58")), Item)
    assert "57" not in {item.key.id for item in await walked(shoko, "series")}


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.HTML, Fault.CUT_JSON])
async def test_a_broken_walk_keeps_no_reading(fake: FakeShoko, make: Any, fault: Fault) -> None:
    for work in series(700, seed=5):
        fake.put_series(work)
    shoko = make(Shoko, fake.url, "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0")
    fake.faults.set(fault, "/api/v3/File", after=1 if fake.modern else 2)
    pages = shoko.snapshot(frozenset({"file"}))
    assert len((await anext(pages)).items) == 1000
    with pytest.raises(SourceError):
        await anext(pages)
    assert shoko.context.store.kept == {}


@pytest.mark.parametrize(
    "key",
    ["series 57/1", "series 0", "series 057", "season 57", "season 57/2", "season 57/", "season /1",
     "file -1", "file 99999999999", "file ", "movie 57"],
)  # fmt: skip
async def test_keys_that_are_none(fake: FakeShoko, shoko: Shoko, key: str) -> None:
    kind, _, number = key.partition(" ")
    with pytest.raises(Unsupported):
        await shoko.lookup(Key(kind, number))
    assert fake.requests == []


@pytest.mark.parametrize(
    "counts",
    [{"Episodes": 0, "Specials": 0}, {"Episodes": 0, "Specials": 0, "Unknown": 2}],
    ids=["none at all", "of no known kind"],
)
async def test_episodes_that_are_not_known_yet(answering: Any, shoko: Shoko, counts: dict[str, int]) -> None:
    """A series whose episodes were not read from AniDB (again) yet says nothing of its seasons."""
    sizes = {"Local": counts, "Total": counts, "Hidden": 0}
    for season in ("57/0", "57/1"):
        answering(web.json_response({"IDs": {"ID": 57, "AniDB": 1}, "Sizes": sizes, "Size": 0}))
        with pytest.raises(BadResponse, match=r"no (specials|episodes)"):
            await shoko.lookup(Key("season", season))


@pytest.mark.parametrize("key", ["season 58/0", "series 58", "season 58/1"])
async def test_a_count_of_nothing_is_of_a_shoko_that_runs(
    fake: FakeShoko, shoko: Shoko, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """5.3 knows its series before it knows their episodes; it said a moment ago that it runs."""
    for file in fake.files_of(58):
        await fake.delete_file(file.id)
    kind, _, number = key.partition(" ")
    whole = fake._series_or_no

    def restarting(found: Any, no: str) -> web.Response:
        fake.startup = "Starting"
        return whole(fake.state.series[58], no)

    monkeypatch.setattr(fake, "_series_or_no", restarting)
    with pytest.raises(Unreachable, match=r"(?i)starting"):
        await shoko.lookup(Key(kind, number))


@pytest.mark.parametrize("ask", ["probe", "lookup"])
async def test_folders_of_a_shoko_that_restarts(fake: FakeShoko, shoko: Shoko, ask: str) -> None:
    """5.3 has none then; believed, every loss would seem to lie below none that could be away."""

    def restarting(request: web.BaseRequest) -> bool:
        if request.path.endswith(("/ImportFolder", "/ManagedFolder")):
            fake.startup = "Starting"
        return False

    fake.faults.set(Fault.ERROR, restarting)
    with pytest.raises(Unreachable):
        await (shoko.probe() if ask == "probe" else shoko.lookup(Key("file", "1234")))
    fake.faults.clear()
    fake.startup = "Started"
    found = await shoko.lookup(Key("file", "1234"))
    assert isinstance(found, Item)
    assert found.root == "/anime"


async def test_numbers_longer_than_any(fake: FakeShoko, shoko: Shoko) -> None:
    for key in (Key("file", "9" * 5000), Key("season", f"{'9' * 5000}/1")):
        with pytest.raises(Unsupported):
            await shoko.lookup(key)
    with pytest.raises(Unsupported):
        await shoko.find(Ref("anidb", "9" * 5000))
    assert fake.requests == []
