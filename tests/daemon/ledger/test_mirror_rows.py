"""How far a mirror is: a checkpoint is good for the words that it was set under, failures are counted."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from reconciled.ledger import mirrors, runs
from reconciled.ledger.connection import Ledger
from reconciled.ledger.mirrors import MirrorRow, PastRun

NAME, OLD, NEW = "practice", "old words", "new words"


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    yield ledger
    await ledger.close()


async def test_a_new_mirror_begins_at_the_first_fileset(ledger: Ledger) -> None:
    assert await ledger.read(mirrors.get, NAME) is None
    assert await ledger.read(mirrors.checkpoint, NAME, words=OLD) is None
    assert await ledger.write(mirrors.begin, NAME, words=OLD) is None
    assert await ledger.read(mirrors.get, NAME) == MirrorRow(NAME, OLD, None, 0, None)


async def test_it_goes_on_after_the_checkpoint(ledger: Ledger) -> None:
    await ledger.write(mirrors.begin, NAME, words=OLD)
    await ledger.write(mirrors.set_checkpoint, NAME, "17", words=OLD)
    assert await ledger.read(mirrors.checkpoint, NAME, words=OLD) == "17"
    assert await ledger.write(mirrors.begin, NAME, words=OLD) == "17"
    await ledger.write(mirrors.completed, NAME, 4, words=OLD)
    assert await ledger.write(mirrors.begin, NAME, words=OLD) is None


async def test_a_checkpoint_of_other_words_is_none(ledger: Ledger) -> None:
    await ledger.write(mirrors.set_checkpoint, NAME, "17", words=OLD)
    assert await ledger.read(mirrors.checkpoint, NAME, words=NEW) is None
    assert await ledger.write(mirrors.begin, NAME, words=NEW) is None
    assert await ledger.write(mirrors.begin, NAME, words=OLD) is None, "the old one does not come back either"


async def test_a_run_with_the_old_words_leaves_no_checkpoint_for_the_new(ledger: Ledger) -> None:
    await ledger.write(mirrors.begin, NAME, words=OLD)
    await ledger.write(mirrors.begin, NAME, words=NEW)  # the config was edited while a run was under way
    await ledger.write(mirrors.set_checkpoint, NAME, "17", words=OLD)
    assert await ledger.write(mirrors.begin, NAME, words=NEW) is None


async def test_failures_are_counted_until_a_run_is_complete(ledger: Ledger) -> None:
    await ledger.write(mirrors.set_checkpoint, NAME, "17", words=OLD)
    assert [await ledger.write(mirrors.failed, NAME, words=OLD) for _ in range(3)] == [1, 2, 3]
    assert await ledger.read(mirrors.checkpoint, NAME, words=OLD) == "17"
    await ledger.write(mirrors.completed, NAME, 9, words=OLD)
    assert await ledger.read(mirrors.get, NAME) == MirrorRow(NAME, OLD, None, 0, 9)
    assert await ledger.write(mirrors.failed, "another", words=OLD) == 1


async def test_a_mirror_that_is_configured_no_more_is_let_go_of(ledger: Ledger) -> None:
    for name in ("a", "b", "c"):
        await ledger.write(mirrors.begin, name, words=OLD)
    assert await ledger.write(mirrors.forget_others, ["b", "d"]) == ("a", "c")
    assert list(await ledger.read(mirrors.every)) == ["b"]


async def test_the_last_complete_run_is_the_newest_that_is_kept(ledger: Ledger) -> None:
    def begin(tx: Any, policy: str | None, state: str, files: int) -> int:
        run = runs.start(tx, "mirror", "vsrx", asked_by="schedule", seq=1, at="2026-01-01T00:00:00.000Z")
        tx.execute("UPDATE run SET policy = ? WHERE id = ?", (policy, run))
        runs.finish(tx, run, state, at="2026-01-01T00:01:00.000Z", stats={"files": files})
        return run

    first = await ledger.write(begin, NAME, "complete", 3)
    second = await ledger.write(begin, NAME, "complete", 5)
    await ledger.write(begin, NAME, "failed", 7)
    await ledger.write(begin, "another", "complete", 9)
    times = ("2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z")
    assert await ledger.read(mirrors.last_complete, NAME) == PastRun(second, *times, {"files": 5})
    assert await ledger.read(mirrors.last_complete, NAME, before=second) == PastRun(
        first, *times, {"files": 3}
    )
    assert await ledger.read(mirrors.last_complete, NAME, before=first) is None


@pytest.mark.parametrize(
    ("status", "tries", "mirror", "failing"),
    [
        ("failed", 0, NAME, True),
        ("failed", 5, NAME, True),
        ("pending", 1, NAME, True),
        ("pending", 0, NAME, False),
        ("synced", 2, NAME, False),
        ("refused", 0, NAME, False),
        ("failed", 1, "another", False),
    ],
)
async def test_which_mirror_has_files_that_fail(
    ledger: Ledger, copy: Callable[..., Any], status: str, tries: int, mirror: str, failing: bool
) -> None:
    await ledger.write(copy, mirror=mirror, status=status, tries=tries)
    assert await ledger.read(mirrors.failing, NAME) is failing


@pytest.fixture
def copy() -> Callable[..., Any]:
    """Writes a row of a copy that has these columns."""

    def write(tx: Any, **columns: Any) -> None:
        row = {
            "item_id": 1, "source": "vsrx", "kind": "file", "key": "1", "title": "x", "fileset": "1",
            "target": "archive", "created_at": "x", "changed_at": "x", **columns,
        }  # fmt: skip
        tx.execute(
            f"INSERT INTO copy ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        )

    return write
