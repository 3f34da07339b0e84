"""A ledger of the first shape goes on: nothing it knew is lost, and what policies need is filled in."""

import sqlite3
from pathlib import Path

from reconciled.ledger import items, sources
from reconciled.ledger.connection import Ledger
from reconciled.ledger.migrate import steps
from reconciled.ledger.tombstones import of_story


def first_shape(path: Path) -> None:
    """A ledger as the first version left it: one source, one film gone with its evidence, one request."""
    number, sql = steps()[0]
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(f"BEGIN;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
    db.executescript(
        """
        INSERT INTO source (id, name, app) VALUES (1, 'radarr', 'radarr');
        INSERT INTO item (id, source_id, kind, key, title, refers, print, presence, first_seq, first_at,
                          confirmed, changed_at)
          VALUES (1, 1, 'movie', '7', 'Alien', 0, x'00', 'gone', 3, 'a', 5, 'b'),
                 (2, 1, 'request', '8', 'Alien', 1, x'00', 'present', 4, 'a', 5, 'b');
        INSERT INTO ref VALUES (1, 'tmdb:movie', '348'), (2, 'imdb', 'tt1');
        INSERT INTO story VALUES (1, 5, 'b', 'Alien');
        INSERT INTO tombstone
          VALUES (1, 1, 1, 'radarr', 'radarr', 'movie', '7', '', 'Alien', 'entry', 5, 'a', 'b', 'b', 1, '{}');
        INSERT INTO evidence (seq, at, source, kind, key, how, said, cause, tombstone_id)
          VALUES (4, 'b', 'radarr', 'movie', '7', 'event', 'radarr said so', 'radarr', 1),
                 (5, 'b', 'radarr', 'movie', '9', 'event', 'it waits for its tombstone', 'radarr', NULL);
        INSERT INTO finding (code, what, source, kind, key, item_id, tombstone_id, title, opened_seq,
                             opened_at)
          VALUES ('gone', 'entry', 'radarr', 'movie', '7', 1, 1, 'Alien', 5, 'b');
        UPDATE sequence SET n = 9;
        """
    )
    db.close()


async def test_what_the_first_version_knew_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first_shape(path)
    ledger = await Ledger.open(path)
    try:
        (told,) = await ledger.read(of_story, 1)
        assert (told.said, told.cause) == ("radarr said so", "radarr")
        assert await ledger.read(sources.spaces) == {1: frozenset({"tmdb:movie"})}
        row = await ledger.read(items.by_id, 1)
        assert row is not None
        assert row.key_seq == 3
        source = await ledger.read(sources.by_id, 1)
        assert (source.watched, source.generation, source.paused_by) == (0.0, 0, None)
    finally:
        await ledger.close()
    assert path.with_name(f"ledger.db.before-{steps()[-1][0]:04d}").exists()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT losing, watched FROM finding").fetchall() == [("radarr", 0.0)]
        told_all = "SELECT seq, said, tombstone_id, place, deed, moment FROM evidence ORDER BY id"
        assert db.execute(told_all).fetchall() == [
            (4, "radarr said so", 1, 8, None, None),
            (5, "it waits for its tombstone", None, 10, None, None),
        ]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        named = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'evidence' ORDER BY name"
        assert [name for (name,) in db.execute(named)] == [
            "evidence_at",
            "evidence_tombstone",
            "evidence_waiting",
        ]
    db.close()
