"""The file: migrated in whole steps, refused when it cannot be used, with the remedy."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from reconciled.ledger import migrate
from reconciled.ledger.connection import Ledger
from reconciled.ledger.migrate import LedgerTrouble


async def test_a_new_ledger_has_the_newest_shape(tmp_path: Path) -> None:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    newest = migrate.steps()[-1][0]
    assert await ledger.read(lambda tx: tx.execute("PRAGMA user_version").fetchone()) == (newest,)
    await ledger.close()
    again = await Ledger.open(tmp_path / "ledger.db")
    await again.close()


async def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()
    with pytest.raises(LedgerTrouble, match="newer reconciled"):
        await Ledger.open(file)


async def test_a_migration_keeps_a_copy_and_is_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ledger.db"
    await (await Ledger.open(file)).close()
    real = migrate.steps()
    number = real[-1][0] + 1
    monkeypatch.setattr(
        migrate, "steps", lambda: [*real, (number, "CREATE TABLE new (a INTEGER); SELECT nonsense;")]
    )
    with pytest.raises(LedgerTrouble):
        await Ledger.open(file)
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT name FROM sqlite_master WHERE name = 'new'").fetchone() is None
        assert db.execute("PRAGMA user_version").fetchone() == (number - 1,)
    db.close()
    assert file.with_name(f"ledger.db.before-{number:04d}").exists()


@pytest.mark.parametrize(
    "content", [b"this is no database, whatever its name says" * 100, b"SQLite format 3\x00" + b"\xff" * 4000]
)
async def test_what_is_no_ledger_is_named_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "ledger.db"
    file.write_bytes(content)
    with pytest.raises(LedgerTrouble, match=r"ledger\.db"):
        await Ledger.open(file)


async def test_a_missing_folder_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(LedgerTrouble, match="folder must exist"):
        await Ledger.open(tmp_path / "nowhere" / "ledger.db")


async def test_a_write_that_raises_leaves_nothing(tmp_path: Path) -> None:
    ledger = await Ledger.open(tmp_path / "ledger.db")

    def half(tx: sqlite3.Connection) -> None:
        tx.execute("UPDATE sequence SET n = 99")
        raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        await ledger.write(half)
    assert await ledger.read(lambda tx: tx.execute("SELECT n FROM sequence").fetchone()) == (0,)
    await ledger.close()


async def test_readers_cannot_write_and_do_not_wait_for_the_writer(tmp_path: Path) -> None:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await ledger.read(lambda tx: tx.execute("UPDATE sequence SET n = 1"))
    writes = [
        asyncio.ensure_future(ledger.write(lambda tx: tx.execute("UPDATE sequence SET n = n + 1")))
        for _ in range(50)
    ]
    seen = await ledger.read(lambda tx: tx.execute("SELECT n FROM sequence").fetchone())
    await asyncio.gather(*writes)
    assert 0 <= seen[0] <= 50
    assert await ledger.read(lambda tx: tx.execute("SELECT n FROM sequence").fetchone()) == (50,)
    await ledger.close()
