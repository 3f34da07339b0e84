"""A Seerr request whose film is gone, over real sockets: said in dry-run, done in act, and never by mistake.

The apps are a Radarr, a Jellyfin and a Seerr over one library; the clock stands still between steps.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.scenarios.claims import CLAIMS
from tests.scenarios.deeds import DEEDS
from tests.scenarios.deeds_in_apps import APP_DEEDS
from tests.scenarios.script import Given, Step
from tests.scenarios.stage import Stage, play

from reconciled.plugins import Registry
from reconciled.testing.fakes.seerr import FakeSeerr
from reconciled.testing.faults import Fault

POLICY = "policies: {forget: {when: gone, from: jellyfin, grace: 10m, then: [{delete: seerr}]}}"
Config = Callable[[str], Any]


class Wishes:
    """A stage with a Seerr on it, in which everybody asked for the first films, some for the same."""

    def __init__(self, stage: Stage, seerr: FakeSeerr) -> None:
        self.stage = stage
        self.seerr = seerr

    async def do(self, name: str, value: Any, app: str | None = None) -> None:
        """A step, in the words of the scenario files."""
        step = Step("test_seerr_live", name, value, app)
        await play(self.stage, step, deeds=DEEDS, app_deeds=APP_DEEDS, claims=CLAIMS)

    async def claim(self, **claims: Any) -> None:
        await self.do("then", {name.replace("_", " "): value for name, value in claims.items()})

    async def lose(self, name: str, *apps: str) -> None:
        """The film goes from these apps, and nobody tells."""
        for app in apps:
            await self.do("deletes", name, app)
            await self.do("scan", app)

    def wanted(self, name: str) -> tuple[int, bool]:
        """How many requests for a film there are in Seerr, and whether it knows the film."""
        work = self.stage.names.work(name)
        return len(self.seerr.requests_for(work)), self.seerr.knows(work)

    def deletions(self) -> list[str]:
        return [path for method, path in self.seerr.requests if method == "DELETE"]


@pytest.fixture
def begin(tmp_path: Path, registry: Registry) -> Callable[..., Any]:
    @contextlib.asynccontextmanager
    async def made(mode: str, *, series: int = 0) -> AsyncIterator[Wishes]:
        given = Given(films=12, series=series, sources=("jellyfin", "radarr", "sonarr", "seerr"))
        stage = Stage(given, tmp_path, registry)
        async with FakeSeerr(api_key="f6" * 16, now=stage.clock.now) as seerr:
            stage.apps["seerr"] = seerr
            for work in (*stage.home.films, *stage.home.series):
                seerr.put_medium(work)
            for number, work in enumerate(stage.home.films[:8]):
                seerr.put(work, by="ann")
                if number < 2:
                    seerr.put(work, by="ben", is4k=True)
            for work in stage.home.series:
                seerr.put(work, by="cleo", seasons=(1, 2))
            async with stage.open(), stage.started(f"mode: {mode}\n{POLICY}"):
                yield Wishes(stage, seerr)

    return made


async def test_dry_run_says_what_it_would_do(begin: Any) -> None:
    async with begin("dry-run") as home:
        await home.lose("film 1", "jellyfin", "radarr")
        await home.do("pass", "30m")
        await home.claim(
            would=["delete seerr 1", "delete seerr 1", "delete seerr 2"], actions={"planned": 3}, decisions=[]
        )
        assert home.wanted("film 1") == (2, True)
        assert home.deletions() == []


async def test_act_asks_once_and_clears_the_request_and_the_medium(begin: Any) -> None:
    async with begin("act") as home:
        await home.lose("film 1", "jellyfin", "radarr")
        await home.do("pass", "30m")
        await home.claim(decisions=["forget first 3"], actions={"waiting": 3})
        assert (home.wanted("film 1"), home.deletions()) == ((2, True), [])
        await home.do("approve", "all")
        await home.claim(decisions=[], actions={"done": 3})
        assert home.wanted("film 1") == (0, False)
        assert all(home.wanted(f"film {n}") == ((2 if n == 2 else 1), True) for n in range(2, 9))
        await home.lose("film 5", "jellyfin", "radarr")  # from now on the policy is trusted
        await home.do("pass", "30m")
        await home.claim(decisions=[], actions={"done": 5})
        assert home.wanted("film 5") == (0, False)
        assert home.wanted("film 6") == (1, True)


async def test_a_film_that_radarr_still_has_is_still_wanted(begin: Any) -> None:
    async with begin("act") as home:
        await home.lose("film 1", "jellyfin")
        await home.do("pass", {"time": "6h", "every": "20m"})
        await home.claim(decisions=[], actions={"planned": 3})
        assert (home.wanted("film 1"), home.deletions()) == ((2, True), [])


@pytest.mark.parametrize(
    "trouble", ["down", Fault.EMPTY, Fault.UNAUTHORIZED, Fault.HTML, Fault.NOT_FOUND_APP]
)
async def test_a_radarr_in_trouble_deletes_nothing(begin: Any, trouble: str) -> None:
    """It cannot say that it has lost the film, so nobody agrees; when it is back it still has it."""
    async with begin("act") as home:
        radarr = home.stage.home.radarr
        if isinstance(trouble, Fault):
            radarr.faults.set(trouble)
        else:
            await radarr.down()
        await home.lose("film 1", "jellyfin")
        await home.do("pass", {"time": "6h", "every": "20m"})
        await home.claim(decisions=[], actions={"planned": 3})
        radarr.faults.clear()
        await radarr.up()
        await home.do("pass", {"time": "6h", "every": "20m"})
        await home.claim(decisions=[], actions={"planned": 3})
        assert (home.wanted("film 1"), home.deletions()) == ((2, True), [])


async def test_a_seerr_that_fails_is_asked_again(begin: Any) -> None:
    """Its database fails while we delete, and it says "not found": that is no success."""
    async with begin("act") as home:
        await home.lose("film 3", "jellyfin", "radarr")
        await home.do("pass", "30m")
        home.seerr.locked = True
        await home.do("approve", "all")
        assert home.wanted("film 3") == (1, True)
        home.seerr.locked = False
        await home.do("pass", {"time": "3h", "every": "2m"})
        await home.claim(actions={"done": 2})
        assert home.wanted("film 3") == (0, False)


async def test_what_is_asked_for_again_meanwhile_stays(begin: Any) -> None:
    """Somebody wants it back before the deletion is approved: it is in Radarr again, and nothing goes."""
    async with begin("act") as home:
        await home.lose("film 1", "jellyfin", "radarr")
        await home.do("pass", "30m")
        await home.do("adds", "film 1", "radarr")
        await home.do("scan", "radarr")
        await home.do("approve", "all")
        await home.do("pass", "30m")
        assert (home.wanted("film 1"), home.deletions()) == ((2, True), [])


async def test_a_series_that_is_gone_as_a_whole(begin: Any) -> None:
    async with begin("act", series=4) as home:
        await home.lose("series 1", "jellyfin", "sonarr")
        await home.do("pass", "30m")
        await home.claim(decisions=["forget first 2"])
        await home.do("approve", "all")
        assert home.wanted("series 1") == (0, False)
        assert home.wanted("series 2") == (1, True)


async def test_requests_cleared_in_seerr_itself_are_remembered(begin: Any) -> None:
    async with begin("dry-run") as home:
        home.seerr.clear_medium(4)
        await home.do("scan", "seerr")
        await home.do("pass", "2m")
        found = await home.stage.rows("SELECT kind FROM tombstone ORDER BY kind")
        assert [row["kind"] for row in found] == ["media", "request"]
        assert await home.stage.rows("SELECT 1 FROM action") == []
