"""The contract and its fixtures as a third party meets them: by pytest, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STAND = """
from reconciled.model import Key, Op
from reconciled.testing import SourceContract, Stand
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.titles import films
from reconciled_radarr import Radarr


class RadarrStand(Stand):
    source_type = Radarr
    secrets = ("k" * 32,)
    excused = {"webhooks_say_what_they_say": "tried elsewhere"}

    def __init__(self):
        super().__init__()
        self.fake = FakeRadarr(api_key="k" * 32)
        self.more = iter(films(20))

    def options(self):
        return {"url": self.fake.url, "api_key": "k" * 32}

    async def fill(self):
        for _ in range(7):
            self.fake.put(next(self.more))

    async def remove(self, key):
        self.fake.remove(int(key.id))

    async def add(self):
        return Key("movie", str(self.fake.put(next(self.more)).id))

    async def events(self):
        return [(b'{"eventType":"Test"}', {}, Op.TEST)]
"""
CONTRACT = """
from radarr_stand import RadarrStand, SourceContract


class TestRadarr(SourceContract):
    stand = RadarrStand


class TestBroken(SourceContract):
    class stand(RadarrStand):
        async def fill(self):
            self.fake.put(next(self.more))
"""
FIXTURES = """
import pytest
from radarr_stand import Key, RadarrStand

from reconciled.model import Item

pytestmark = pytest.mark.asyncio


async def test_a_source_of_a_stand(open_source):
    stand = RadarrStand()
    source = await open_source(stand)
    assert isinstance(await source.lookup(Key("movie", "1")), Item)
    assert stand.fake.count("/api/v3/movie/1") == 1


async def test_what_a_source_is_made_with(reconciled_http, source_clock):
    client = reconciled_http.at("http://127.0.0.1:9")
    before = source_clock.now()
    source_clock.advance(60)
    assert (source_clock.now() - before).total_seconds() == 60
    assert "127.0.0.1:9" in repr(client)
"""


def pytest_in(folder: Path, *arguments: str) -> str:
    """What pytest says there, with the plugin loaded once, whether it is registered here or not."""
    (folder / "pytest.ini").write_text(
        "[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n"
    )
    (folder / "radarr_stand.py").write_text(STAND)
    paths = [str(ROOT / "daemon"), str(ROOT / "plugins")]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:reconciled"),
            *("-p", "reconciled.testing.pytest_plugin", "-q", "-rA", *arguments),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.full
def test_a_class_is_collected_and_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(CONTRACT)
    said = pytest_in(tmp_path, "-k", "listing or webhooks or absent or not_found")
    assert "PASSED test_it.py::TestRadarr::test_a_listing_is_whole_and_stable" in said
    assert "PASSED test_it.py::TestRadarr::test_trouble_is_never_absence[not_found_app]" in said
    assert "tried elsewhere" in said
    assert "FAILED test_it.py::TestBroken::test_a_listing_is_whole_and_stable" in said
    assert "fill() of the stand made 1 of kind movie; make 6 or more" in said
    assert "no tests ran" not in said
    assert "FAILED test_it.py::TestRadarr" not in said


def test_the_fixtures(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(FIXTURES)
    said = pytest_in(tmp_path)
    assert "2 passed" in said, said
