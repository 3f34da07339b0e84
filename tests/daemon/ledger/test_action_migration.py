"""A ledger with actions in every state goes on: each row, each index and each number stay what they were."""

import sqlite3
from pathlib import Path

import pytest

from reconciled.ledger import actions
from reconciled.ledger.actions import NewAction
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.migrate import steps
from reconciled.model import Key

STATES = (
    "planned", "waiting", "sending", "done", "failed", "refused", "rejected", "dropped", "expired", "undone",
)  # fmt: skip
ROW = {
    "policy": "forget", "asked_by": "owner", "order_id": 1, "finding_id": 7, "story_id": 2, "verb": "delete",
    "target": "radarr", "item_id": 0, "kind": "movie", "key": "7", "title": "Alien", "label": "keep",
    "files": 1, "exclude": 1, "since": "it is gone", "state": "", "reason": "so", "code": "ready",
    "created_seq": 4, "created_at": "a", "changed_at": "b", "expires": 5.5,
    "refs": "imdb:tt1", "grace": 600.0, "due": 6.5,
    "would_at": "w", "decision_id": 3, "joined_seq": 8, "approved_by": "me", "approved_for": "print",
    "sent": 7.5, "sent_seq": 9, "sent_at": "s", "tries": 2, "next_try": 8.5, "before": "{}", "undo_of": 1,
}  # fmt: skip
BEFORE = 10
"""The last step without merging."""


def before(path: Path, *, forgotten: int = 0, empty: bool = False) -> list[sqlite3.Row]:
    """A ledger of the shape before, with an action in each state. The last `forgotten` ones left it since."""
    db = sqlite3.connect(path, isolation_level=None)
    db.create_function("reached", 1, lambda _: None)
    for number, sql in steps():
        if number <= BEFORE:
            db.executescript(f"BEGIN;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
    db.execute("INSERT INTO decision VALUES (3, 'forget', 'ask', 'May it?', 1, 'a', NULL, NULL, NULL)")
    db.execute(
        "INSERT INTO finding (id, code, what, source, kind, key, title, opened_seq, opened_at) "
        "VALUES (7, 'gone', 'entry', 'radarr', 'movie', '7', 'Alien', 5, 'b')"
    )
    columns, marks = ", ".join(ROW), ", ".join("?" * len(ROW))
    for n, state in enumerate((*STATES, *["done"] * forgotten), 1):
        values = (ROW | {"item_id": n, "state": state}).values()
        db.execute(f"INSERT INTO action ({columns}) VALUES ({marks})", tuple(values))
    db.execute("DELETE FROM action WHERE id > ?", (len(STATES),))
    if empty:
        db.execute("DELETE FROM action")
    db.row_factory = sqlite3.Row
    rows = db.execute("SELECT * FROM action ORDER BY id").fetchall()
    db.close()
    return rows


def indexes(path: Path) -> dict[str, str]:
    with sqlite3.connect(path) as db:
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'action'"
        found = dict(db.execute(asked))
    db.close()
    return found


async def test_every_row_and_every_index_is_as_before(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    rows = before(path)
    assert [row["state"] for row in rows] == list(STATES)
    named = indexes(path)
    await (await Ledger.open(path)).close()
    with sqlite3.connect(path) as db:
        db.row_factory = sqlite3.Row
        now = db.execute("SELECT * FROM action ORDER BY id").fetchall()
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert db.execute("SELECT 1 FROM sqlite_sequence WHERE name LIKE 'action_%'").fetchone() is None
    db.close()
    for old, new in zip(rows, now, strict=True):
        assert {name: new[name] for name in old.keys()} == dict(old)  # noqa: SIM118 - a row iterates its values
        assert (new["others"], new["keeper"], new["keeper_told"], new["after_id"]) == ("", None, None, None)
    assert {name: sql for name, sql in indexes(path).items() if name in named} == named
    assert set(indexes(path)) - set(named) == {"action_keeper", "action_after"}


@pytest.mark.parametrize("empty", [False, True], ids=["the last were forgotten", "all were"])
async def test_no_number_is_given_out_twice(tmp_path: Path, empty: bool) -> None:
    path = tmp_path / "ledger.db"
    before(path, forgotten=5, empty=empty)
    new = NewAction("merge", "paperless", "Paper", "so", item_id=1, key=Key("document", "1"))
    ledger = await Ledger.open(path)
    try:
        number = await ledger.write(lambda tx: actions.add(tx, new, seq=1, at="a", next_try=None))
    finally:
        await ledger.close()
    assert number == len(STATES) + 5 + 1


async def test_a_ledger_without_any_action(tmp_path: Path) -> None:
    ledger = await Ledger.open(tmp_path / "ledger.db")
    others = (Key("document", "2"), Key("document", "3 4"))
    new = NewAction(
        "merge", "paperless", "Paper", "so", item_id=1, key=Key("document", "1"), others=others, after=9
    )
    try:

        def write(tx: Tx) -> actions.ActionRow | None:
            return actions.get(tx, actions.add(tx, new, seq=1, at="a", next_try=None))

        row = await ledger.write(write)
    finally:
        await ledger.close()
    assert row is not None
    assert (row.id, row.verb, row.merged, row.keeper, row.after_id) == (1, "merge", others, None, 9)
