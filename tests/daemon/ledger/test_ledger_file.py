"""The file: migrated in whole steps, refused when it cannot be used, with the remedy."""

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest

from reconciled.ledger import condition, items, migrate
from reconciled.ledger.connection import Ledger
from reconciled.ledger.migrate import BadLedger, LedgerTrouble


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


async def test_a_migration_that_is_cut_off_between_two_steps_leaves_the_old_shape(tmp_path: Path) -> None:
    """The copy that is made at the next try is what goes back to the old version, so it has its shape."""
    file = tmp_path / "ledger.db"
    number, sql = migrate.steps()[0]
    db = sqlite3.connect(file, isolation_level=None)
    db.executescript(f"BEGIN;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
    db.close()
    reached = list[str]()

    def cut_off(moment: str) -> None:
        reached.append(moment)
        if len(reached) == 3:
            raise ZeroDivisionError

    with pytest.raises(LedgerTrouble):
        await Ledger.open(file, at=cut_off)
    await (await Ledger.open(file)).close()
    newest = migrate.steps()[-1][0]
    for name, shape in ((f"ledger.db.before-{newest:04d}", number), ("ledger.db", newest)):
        with sqlite3.connect(tmp_path / name) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (shape,)
        db.close()


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


def note(tx: sqlite3.Connection, name: str) -> None:
    tx.execute("INSERT INTO source (name, app) VALUES (?, 'radarr')", (name,))


def named(file: Path) -> list[str]:
    with sqlite3.connect(file) as db:
        found = [name for (name,) in db.execute("SELECT name FROM source")]
    db.close()
    return found


async def test_a_ledger_that_begins_anew_never_meets_the_log_of_the_old_one(tmp_path: Path) -> None:
    """Who moves a ledger away may leave its log behind, which would be written into the new one."""
    file, log = tmp_path / "ledger.db", tmp_path / "ledger.db-wal"
    ledger = await Ledger.open(file)
    await ledger.write(note, "of the old one")
    shutil.copy(log, tmp_path / "kept")
    await ledger.close()
    file.rename(tmp_path / "old")
    shutil.copy(tmp_path / "kept", log)
    (tmp_path / "ledger.db-shm").write_bytes(b"left" * 100)
    anew = await Ledger.open(file)
    assert await anew.read(lambda tx: tx.execute("SELECT name FROM source").fetchall()) == []
    await anew.close()
    assert (tmp_path / "ledger.db.left-wal").read_bytes() == (tmp_path / "kept").read_bytes()


async def test_a_link_to_a_disk_that_is_not_there_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    file.symlink_to(tmp_path / "disk" / "ledger.db")
    with pytest.raises(LedgerTrouble, match="is its disk mounted") as caught:
        await Ledger.open(file)
    assert not isinstance(caught.value, BadLedger), "it passes, so it is tried again"
    assert file.is_symlink()
    (tmp_path / "disk").mkdir()
    await (await Ledger.open(tmp_path / "disk" / "ledger.db")).close()
    await (await Ledger.open(file)).close()
    assert file.is_symlink()


async def test_the_file_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE money (amount INTEGER)")
    db.close()
    before = file.read_bytes()
    with pytest.raises(BadLedger, match="another program"):
        await Ledger.open(file)
    assert file.read_bytes() == before


@pytest.mark.parametrize("how", ["removed", "moved", "replaced"])
async def test_nothing_is_acknowledged_by_a_file_that_nobody_will_find(tmp_path: Path, how: str) -> None:
    file = tmp_path / "ledger.db"
    ledger = await Ledger.open(file)
    await ledger.write_durably(note, "before")
    match how:
        case "removed":
            file.unlink()
        case "moved":
            file.rename(tmp_path / "elsewhere")
        case _:
            shutil.copy(file, tmp_path / "other")
            (tmp_path / "other").replace(file)
    with pytest.raises(BadLedger, match="was moved, removed or replaced"):
        await ledger.write_durably(note, "after")
    assert (ledger.damaged, ledger.ailing.is_set()) == (True, True)
    with pytest.raises(BadLedger, match="put it back"):
        await ledger.write(note, "later")
    await ledger.close()
    if how == "moved":
        (tmp_path / "elsewhere").rename(file)
        again = await Ledger.open(file)
        assert await again.read(lambda tx: tx.execute("SELECT name FROM source").fetchall()) == [("before",)]
        await again.close()


async def test_a_copy_that_cannot_be_finished_is_named_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ledger.db"
    ledger = await Ledger.open(file)
    await ledger.write(note, "old")
    await ledger.close()
    number = migrate.steps()[-1][0] + 1
    real = migrate.steps()
    monkeypatch.setattr(migrate, "steps", lambda: [*real, (number, "CREATE TABLE new (a INTEGER);")])

    def full(made: Path, name: Path) -> None:
        assert made.stat().st_size > 0
        raise OSError(28, "No space left on device", str(name))

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "give_name", full)
        with pytest.raises(LedgerTrouble, match="MiB there") as caught:
            await Ledger.open(file)
    assert not isinstance(caught.value, BadLedger)
    assert f"ledger.db.before-{number:04d} cannot be written" in str(caught.value)
    assert not [path.name for path in tmp_path.iterdir() if ".before-" in path.name]
    await (await Ledger.open(file)).close()
    assert named(file) == ["old"]


async def test_a_ledger_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(made: Path, name: Path) -> None:
        raise OSError(28, "No space left on device", str(made))

    monkeypatch.setattr("reconciled.ledger.connection.give_name", full)
    with pytest.raises(LedgerTrouble, match=r"cannot make the ledger .*ledger\.db: No space left"):
        await Ledger.open(tmp_path / "ledger.db")
    assert not (tmp_path / "ledger.db").exists()


async def test_another_program_that_locks_it_is_no_damage_and_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    ledger = await Ledger.open(file)
    await ledger.write(lambda tx: tx.execute("PRAGMA busy_timeout = 10"))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as caught:
        await ledger.write_durably(note, "refused")
    assert condition.is_outside(caught.value)
    assert "another program has it open and locked" in (ledger.trouble or "")
    assert not ledger.damaged
    other.close()
    await ledger.write(items.next_seq)
    assert ledger.trouble is None
    await ledger.close()


@pytest.mark.parametrize(("in_full", "bad"), [("ok", False), ("row 7 missing", True)])
def test_what_looked_odd_is_looked_at_to_the_end(
    monkeypatch: pytest.MonkeyPatch, in_full: str, bad: bool
) -> None:
    """The short look's time is up just then: its word alone neither refuses a ledger nor lets it pass."""

    class Odd(sqlite3.Connection):
        hurried = False

        def set_progress_handler(self, handler: object, n: int) -> None:
            self.hurried = handler is not None

        def execute(self, sql: str, *more: object) -> sqlite3.Cursor:
            if "quick_check" in sql:
                return super().execute("SELECT 'NULL value in t.c'")
            assert not self.hurried, "it is cut off"
            return super().execute("SELECT ?", (in_full,))

    db = sqlite3.connect(":memory:", factory=Odd)
    if bad:
        with pytest.raises(BadLedger, match="row 7 missing"):
            condition.look_through(db, Path("ledger.db"))
    else:
        condition.look_through(db, Path("ledger.db"))
    db.close()
