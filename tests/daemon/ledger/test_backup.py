"""Copies of the ledger: whole, private, and never in the place of something good."""

import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from reconciled.ledger import actions, decisions, items
from reconciled.ledger.actions import NewAction
from reconciled.ledger.backup import backup, check, restore
from reconciled.ledger.connection import Ledger
from reconciled.ledger.migrate import LedgerTrouble, migrate, steps
from reconciled.ledger.sources import enroll
from reconciled.model import Item, Key


def names(path: Path) -> list[str]:
    db = sqlite3.connect(path)
    try:
        return [name for (name,) in db.execute("SELECT name FROM source ORDER BY id")]
    finally:
        db.close()


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    await ledger.write(lambda tx: enroll(tx, "one", "radarr", {}))
    yield ledger
    await ledger.close()


async def test_a_copy_holds_what_was_committed_and_only_its_owner_reads_it(
    ledger: Ledger, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    assert backup(ledger.path, copy) == copy.stat().st_size
    assert names(copy) == ["one"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert check(copy) == steps()[-1][0]
    assert not list(tmp_path.glob("*.part"))


async def test_a_backup_replaces_nothing(ledger: Ledger, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    with pytest.raises(LedgerTrouble, match="exists"):
        backup(ledger.path, copy)
    assert copy.read_text() == "precious"
    with pytest.raises(LedgerTrouble, match="cannot write"):
        backup(ledger.path, tmp_path / "no" / "folder.db")
    with pytest.raises(LedgerTrouble, match="there is no ledger"):
        backup(tmp_path / "none.db", tmp_path / "x.db")


async def test_restore_keeps_the_old_ledger_and_its_log_away_from_the_new_one(
    ledger: Ledger, tmp_path: Path
) -> None:
    copy, target = tmp_path / "copy.db", tmp_path / "there" / "ledger.db"
    backup(ledger.path, copy)
    assert restore(copy, target) is None
    assert names(target) == ["one"]
    # a daemon that was killed leaves its log behind
    db = sqlite3.connect(target)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("INSERT INTO source (name, app) VALUES ('two', 'radarr')")
    db.commit()
    log = target.with_name("ledger.db-wal").read_bytes()
    db.close()
    target.with_name("ledger.db-wal").write_bytes(log)
    kept = restore(copy, target)
    assert kept is not None
    assert names(target) == ["one"]
    assert names(kept) == ["one", "two"]
    second = restore(copy, target)
    assert names(kept) == ["one", "two"], "the wrong backup came first: what was there before is still there"
    assert second == target.with_name("ledger.db.before-restore-2")
    assert names(second) == ["one"]


def test_a_restore_that_broke_off_keeps_the_old_ledger_once(tmp_path: Path) -> None:
    copy, target = tmp_path / "copy.db", tmp_path / "ledger.db"
    for path, said in ((copy, "from the backup"), (target, "before")):
        with closing(sqlite3.connect(path)) as db:
            migrate(db, path)
            db.execute("INSERT INTO source (name, app) VALUES (?, 'radarr')", (said,))
            db.commit()
    kept = target.with_name("ledger.db.before-restore")
    kept.hardlink_to(target)  # killed right after that
    assert restore(copy, target) == kept
    assert (names(target), names(kept)) == (["from the backup"], ["before"])
    assert not target.with_name("ledger.db.before-restore-2").exists()


async def test_what_is_no_good_is_refused_and_nothing_changes(ledger: Ledger, tmp_path: Path) -> None:
    target = tmp_path / "there" / "ledger.db"
    good = tmp_path / "good.db"
    backup(ledger.path, good)
    restore(good, target)

    text, empty, other, newer, cut = (
        tmp_path / f"{name}.db" for name in ("text", "empty", "other", "newer", "cut")
    )
    text.write_text("not a database, " * 100)
    empty.touch()
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE x (y)")
    db.close()
    newer.write_bytes(good.read_bytes())
    with sqlite3.connect(newer) as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()
    cut.write_bytes(good.read_bytes()[:20000])
    for bad, said in (
        (text, "no ledger"),
        (empty, "no ledger"),
        (other, "no ledger"),
        (newer, "newer"),
        (cut, "damaged"),
        (tmp_path / "none.db", "there is no file"),
    ):
        with pytest.raises(LedgerTrouble, match=said):
            restore(bad, target)
        assert names(target) == ["one"]
    assert not target.with_name("ledger.db.before-restore").exists()


async def test_a_copy_carries_no_approval(ledger: Ledger, tmp_path: Path) -> None:
    """Who goes on with an old ledger is asked first: it may want again what was done since."""

    def approve(tx: sqlite3.Connection) -> None:
        decisions.note_policy(tx, "forget", "words", seq=1)
        decisions.trust(tx, "forget", "a print")
        new = NewAction(
            "delete", "one", "Alien", "it is gone", policy="forget", item_id=1, key=Key("movie", "1")
        )
        number = actions.add(tx, new, seq=1, at="2026-01-01T00:00:00.000Z", next_try=None)
        decision = decisions.ask(tx, "forget", "first", "?", seq=1, at="2026-01-01T00:00:00.000Z")
        decisions.join(tx, decision, [number], seq=1, at="2026-01-01T00:00:00.000Z", reason="")
        decisions.approve(tx, [number], by="owner", what="words", now=0.0, at="2026-01-01T00:00:00.000Z")

    await ledger.write(approve)
    copy = tmp_path / "copy.db"
    backup(ledger.path, copy)
    db = sqlite3.connect(copy)
    assert db.execute("SELECT trusted FROM policy").fetchall() == [(None,)]
    assert db.execute("SELECT approved_for, state FROM action").fetchall() == [(None, "planned")]
    db.close()
    known = await ledger.read(decisions.policy, "forget")
    assert known is not None
    assert known.trusted == "a print"


def shown(tx: sqlite3.Connection, title: str) -> tuple[int, int]:
    """An action waits in a decision, and a person sees its page. Returns the numbers of both."""
    now = "2026-01-01T00:00:00.000Z"
    item = items.insert(tx, 1, Item(Key("movie", title), title), seq=items.next_seq(tx), at=now)
    new = NewAction(
        "delete", "one", title, "it is gone", policy="forget", item_id=item, key=Key("movie", title)
    )
    number = actions.add(tx, new, seq=items.next_seq(tx), at=now, next_try=None)
    decision = decisions.ask(tx, "forget", "first", "?", seq=items.next_seq(tx), at=now)
    decisions.join(tx, decision, [number], seq=items.next_seq(tx), at=now, reason="")
    return decision, number


@pytest.mark.parametrize("old", ["whole", "damaged", "moved away"])
async def test_what_a_person_was_shown_before_a_restore_names_nothing_after_it(
    ledger: Ledger, tmp_path: Path, old: str
) -> None:
    """A page that still stands open says yes to decision 1 and action 1; it was about another film."""
    copy = tmp_path / "copy.db"
    backup(ledger.path, copy)
    decision, number = await ledger.write(shown, "Alien")
    seq = await ledger.read(items.current_seq)
    await ledger.close()
    if old == "damaged":
        ledger.path.write_bytes(ledger.path.read_bytes()[:100] + b"x" * 9000)
    elif old == "moved away":
        ledger.path.unlink()
    restore(copy, ledger.path)
    again = await Ledger.open(ledger.path)
    assert await again.read(items.current_seq) >= seq
    later, other = await again.write(shown, "Heat")
    assert number not in await again.read(decisions.waiting_in, decision)
    assert await again.read(decisions.waiting_in, later) == [other]
    (row,) = await again.read(lambda tx: tx.execute("SELECT id FROM item").fetchall())
    assert row[0] > 1
    await again.close()


async def test_a_log_whose_ledger_was_moved_away_does_not_meet_the_restored_one(
    ledger: Ledger, tmp_path: Path
) -> None:
    copy, place = tmp_path / "copy.db", tmp_path / "state" / "ledger.db"
    backup(ledger.path, copy)
    place.parent.mkdir()
    other = sqlite3.connect(place)
    other.executescript("PRAGMA journal_mode = WAL; CREATE TABLE other (n); INSERT INTO other VALUES (1)")
    log = place.with_name("ledger.db-wal").read_bytes()
    assert log
    other.close()
    place.unlink(missing_ok=True)
    place.with_name("ledger.db-wal").write_bytes(log)
    assert restore(copy, place) is None
    check(place)
    assert names(place) == ["one"]
    assert place.with_name("ledger.db.left-wal").read_bytes() == log
