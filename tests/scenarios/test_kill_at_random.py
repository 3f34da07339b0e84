"""kill -9 at random moments, under load, with a policy that deletes: `script/soak`, shortly."""

import asyncio
import random
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciled.ledger import inbox, sources
from reconciled.ledger.connection import Ledger, Tx

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.soak.household import World  # noqa: E402 - the path had to be known first
from bench.soak.verdicts import Verdicts, idle, leaks  # noqa: E402


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("length", [("--kills", "12"), ("--minutes", "0.5")], ids=["kills", "long life"])
async def test_a_soak_finds_nothing_lost_doubled_or_wrong(length: tuple[str, str], tmp_path: Path) -> None:
    soak = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.soak", *length, "--seed", "7", "--keep", str(tmp_path / "kept"),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await soak.communicate()
    told = said.decode()
    assert soak.returncode == 0, told
    assert "violations   0" in told
    assert "0 doubled, 0 wrong" in told
    figures = dict(line.split(maxsplit=1) for line in told.splitlines() if line[:1].isalpha())
    assert int(figures["kills"].partition(",")[0]) >= 5
    assert ("memory" in figures) == ("--minutes" in length)


# its judge can fail

Harm = Callable[[World], str | None]
"""Does something to what a life left behind: SQL for the ledger, or a deed in the world."""


def lose_a_letter(_world: World) -> str:
    return "DELETE FROM inbox WHERE id = 2"


def lose_an_early_letter(_world: World) -> str:
    return "DELETE FROM inbox WHERE id = 1"


def lose_an_item(_world: World) -> str:
    return "DELETE FROM item WHERE key = (SELECT min(key) FROM item WHERE kind = 'series')"


def keep_a_ghost(_world: World) -> str:
    return "UPDATE item SET key = '999999' WHERE id = (SELECT min(id) FROM item WHERE kind = 'movie')"


def bury_the_living(_world: World) -> str:
    return (
        "INSERT INTO story VALUES (1, 1, '', ''); "
        "INSERT INTO tombstone (story_id, source, app, kind, key, title, what, seq, noticed, confirmed, "
        "counted, image) SELECT 1, 'radarr', 'radarr', kind, key, '', 'entry', 1, '', '', 1, '{}' "
        "FROM item WHERE kind = 'movie' LIMIT 1"
    )


def delete_twice(world: World) -> None:
    world.apps.radarr.deletes[3] = 2


def delete_again(world: World) -> None:
    world.effects[3] = 0
    world.apps.radarr.requests.append(("DELETE", "/api/v3/movie/3?deleteFiles=false"))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (None, None),
        (lose_a_letter, "webhook 2 (letter-2.) was acknowledged and is not there"),
        (lose_an_early_letter, "webhook 1 (letter-1.) was acknowledged and is not there"),
        (lose_an_item, "sonarr has 1 series that the ledger does not"),
        (keep_a_ghost, "movie that"),
        (bury_the_living, "which is there"),
        (delete_twice, "film 3 was deleted twice"),
        (delete_again, "the deletion of film 3 was sent again"),
    ],
    ids=lambda one: getattr(one, "__name__", "") if callable(one) else "",
)
async def test_what_a_soak_looks_for_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: Harm | None, said: str | None
) -> None:
    monkeypatch.setattr("bench.soak.household.films", lambda _count, _seed: ())  # nothing is added here
    world, verdicts = World(tmp_path, random.Random(1)), Verdicts()
    await _live_well(world)
    verdicts.after_a_life(world)
    assert not verdicts.violations
    if harm is not None and (sql := harm(world)):
        with sqlite3.connect(world.state / "ledger.db") as db:
            db.executescript(sql)
        db.close()
    verdicts.at_the_end(world)
    assert bool(verdicts.violations) == (said is not None), verdicts.violations
    assert any((said or "") in one for one in verdicts.violations) or said is None


async def _live_well(world: World) -> None:
    """A life of which all is right: what is there is known, and two webhooks were kept and acknowledged."""

    def write(tx: Tx) -> None:
        for (name, kind), keys in world.truth().items():
            source = sources.enroll(tx, name, name, {})
            for key in keys:
                tx.execute(
                    "INSERT INTO item (source_id, kind, key, title, print, presence, first_seq, first_at, "
                    "confirmed, changed_at) VALUES (?, ?, ?, '', x'00', 'present', 1, '', 1, '')",
                    (source.id, kind, key),
                )
        for number in (1, 2):
            mark = f"letter-{number}."
            kept = inbox.receive(tx, 1, seq=number, at="", headers={}, body=mark.encode())
            world.letters.marks[kept] = mark

    world.state.mkdir()
    ledger = await Ledger.open(world.state / "ledger.db")
    await ledger.write_durably(write)
    await ledger.close()


def test_memory_that_rises_and_a_policy_that_sleeps_are_found() -> None:
    assert not leaks([])
    assert not leaks([(float(second), 20.0 + min(second, 50)) for second in range(101)])
    assert leaks([(float(second), 70.0 + second) for second in range(101)])
    assert idle(1000, 0)
    assert not idle(1000, 1)
