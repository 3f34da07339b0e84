"""kill -9 at the moments at which it would matter most, with the real process: nothing is lost or doubled."""

import contextlib
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.scenarios.process import Process

from reconciled.ledger.migrate import steps
from reconciled.testing.fakes.household import Household

WEBHOOK = "headers NOT LIKE '%stream%'"


@pytest.fixture
async def apps() -> AsyncIterator[Household]:
    async with Household(films=60, series=1) as home:
        yield home


@pytest.fixture
async def daemon(tmp_path: Path, apps: Household) -> AsyncIterator[Process]:
    process = Process(tmp_path, apps)
    yield process
    await process.end(signal.SIGKILL)


@pytest.mark.full
async def test_between_the_commit_of_a_webhook_and_its_202(daemon: Process, apps: Household) -> None:
    """Not acknowledged, and yet kept: the app tells it again, and it is one loss with two witnesses."""
    await daemon.start(crash_at="letter committed")
    await daemon.scanned()
    film = apps.film(apps.films[3])
    labels = apps.radarr.labels(film)
    await apps.radarr.delete(film.id)
    assert await daemon.ended() == -signal.SIGKILL
    assert [status for _, status in apps.radarr.sent] == [None]
    assert daemon.count("inbox", WEBHOOK) == 1
    assert daemon.is_whole()
    await daemon.start()
    await daemon.until_count("tombstone", 1)
    body = apps.radarr.bodies.deleted(film, labels, files=True)
    await apps.radarr.tell("MovieDelete", body)
    assert apps.radarr.sent[-1].status == 202
    await daemon.until_count("inbox", 2, f"{WEBHOOK} AND state = 'done'")
    await daemon.until_count("work", 0)
    assert daemon.ask("SELECT key FROM tombstone") == [(str(film.id),)]
    assert daemon.count("finding", "code = 'gone'") == 1
    assert daemon.count("suspect") == 0


@pytest.mark.full
async def test_after_what_a_scan_listed_and_before_what_it_missed(daemon: Process, apps: Household) -> None:
    await daemon.start()
    await daemon.scanned()
    await daemon.end(signal.SIGTERM)
    lost = [apps.film(work).id for work in apps.films[:3]]
    for number in lost:
        apps.radarr.remove(number)
    kept = apps.film(apps.films[10])
    apps.radarr.tag(kept.id, "new")
    await daemon.begin(crash_at="scan half applied")
    assert await daemon.ended() == -signal.SIGKILL
    assert daemon.is_whole()
    assert daemon.count("suspect") == daemon.count("tombstone") == 0
    assert daemon.ask(f"SELECT attrs LIKE '%new%' FROM item WHERE key = '{kept.id}'") == [(1,)]
    await daemon.start()
    await daemon.until_count("tombstone", 3)
    assert {key for (key,) in daemon.ask("SELECT key FROM tombstone")} == {str(number) for number in lost}
    assert daemon.count("item", "presence = 'present'") == 57
    await daemon.until_count("run", 0, "state = 'running'")
    assert daemon.count("suspect") == 0


@pytest.mark.full
async def test_after_a_tombstone(daemon: Process, apps: Household) -> None:
    await daemon.start(crash_at="tombstone committed")
    await daemon.scanned()
    film = apps.film(apps.films[0]).id
    await apps.radarr.delete(film)
    assert await daemon.ended() == -signal.SIGKILL
    assert daemon.is_whole()
    assert daemon.count("tombstone") == daemon.count("finding", "code = 'gone'") == 1
    runs = daemon.count("run", "pass = 'scan' AND state = 'complete'")
    await daemon.start()
    await daemon.until_count("run", runs + 1, "pass = 'scan' AND state = 'complete'")
    await daemon.until_count("work", 0)
    assert daemon.ask("SELECT key FROM tombstone") == [(str(film),)]
    assert daemon.count("finding", "code = 'gone'") == 1
    assert daemon.count("story") == 1
    assert daemon.count("item", "presence = 'gone'") == 1


@pytest.mark.full
async def test_in_the_middle_of_a_migration(daemon: Process, apps: Household) -> None:
    """The old shape stays, whole and with a copy beside it; the next start takes the steps again."""
    known = steps()
    _write_old(daemon.ledger)
    await daemon.begin(crash_at="migrating")
    assert await daemon.ended() == -signal.SIGKILL
    assert daemon.is_whole()
    copies = list(daemon.state.glob("ledger.db.before-*"))
    assert [copy.name for copy in copies] == [f"ledger.db.before-{known[-1][0]:04d}"]
    for ledger in (daemon.ledger, *copies):
        with contextlib.closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (known[0][0],)
            assert db.execute("SELECT name FROM source").fetchall() == [("attic",)]
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    await daemon.start()
    assert daemon.ask("PRAGMA user_version") == [(known[-1][0],)]
    assert daemon.ask("SELECT name FROM source WHERE name = 'attic'") == [("attic",)]
    assert not list(daemon.state.glob("*.part"))


def _write_old(ledger: Path) -> None:
    """A ledger of the first shape, as the first version left it."""
    ledger.parent.mkdir()
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        number, sql = steps()[0]
        db.executescript(f"BEGIN;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
        db.execute("INSERT INTO source (name, app) VALUES ('attic', 'radarr')")


@pytest.mark.full
async def test_while_the_ledger_is_made(daemon: Process, apps: Household) -> None:
    """It has its name only when it is whole: the next start begins anew."""
    await daemon.begin(crash_at="migrating")
    assert await daemon.ended() == -signal.SIGKILL
    assert not daemon.ledger.exists()
    await daemon.start()
    await daemon.scanned()
    assert daemon.is_whole()
    assert sorted(path.name for path in daemon.state.glob("ledger.db*")) == [
        "ledger.db", "ledger.db-shm", "ledger.db-wal",
    ]  # fmt: skip
