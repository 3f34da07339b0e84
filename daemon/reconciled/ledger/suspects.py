"""Suspicions, and the holds that some of them wait in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import Suspect, dump
from reconciled.model import What

UNDER = (
    "EXISTS (SELECT 1 FROM item AS above WHERE above.source_id = item.source_id AND above.id <> item.id "
    "AND above.kind = substr(item.parent, 1, instr(item.parent, ' ') - 1) "
    "AND above.key = substr(item.parent, instr(item.parent, ' ') + 1) AND CASE WHEN item.current = 1 THEN above.current = 1 "
    "ELSE above.id = (SELECT one.id FROM item AS one WHERE one.source_id = item.source_id AND one.kind = above.kind "
    "AND one.key = above.key AND max(one.first_seq, one.key_seq) <= item.confirmed "
    "ORDER BY max(one.first_seq, one.key_seq) DESC, one.id DESC LIMIT 1) END AND ("
    "EXISTS (SELECT 1 FROM suspect AS its WHERE its.item_id = above.id AND (its.what = 'entry' OR suspect.what = 'file')) "
    "OR (item.current = 1 AND EXISTS (SELECT 1 FROM work WHERE work.source_id = above.source_id AND work.kind = above.kind "
    "AND work.key = above.key AND tries = 0 AND stuck < 2)) "
    "OR EXISTS (SELECT 1 FROM tombstone AS t WHERE t.item_id = above.id "
    "AND NOT EXISTS (SELECT 1 FROM revival WHERE tombstone_id = t.id) "
    "AND ((above.presence = 'gone' AND t.what = 'entry' AND t.seq >= item.confirmed) "
    "OR (suspect.what = 'file' AND above.has_file = 0 AND above.presence <> 'gone' AND t.what = 'file')))))"
)
"""Of a `suspect` and its `item`: it is a part of what is a suspect itself, is asked first, or was proved lost.

It shares that one's end, so it is neither counted nor held by itself. See `reconciled.ledger.parts`.
"""

BELOW_HELD = (
    "EXISTS (SELECT 1 FROM item AS above JOIN suspect AS its ON its.item_id = above.id "
    "WHERE above.source_id = item.source_id AND above.id <> item.id AND its.hold_id IS NOT NULL "
    "AND above.kind = substr(item.parent, 1, instr(item.parent, ' ') - 1) "
    "AND above.key = substr(item.parent, instr(item.parent, ' ') + 1) AND (its.what = 'entry' OR suspect.what = 'file'))"
)
"""Of a `suspect` and its `item`: what it is a part of is held, and it with that."""

_COLUMNS = "item_id, what, since_seq, since_at, noticed_by, run_id, own_act, released, no_yes_since, hold_id"


@dataclass(frozen=True, slots=True)
class Group:
    """Items that are judged together: one source, kind and root ('' where there is none)."""

    source_id: int
    kind: str
    root: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A set of suspects that are not believed, with the reason in one sentence."""

    id: int
    group: Group
    reason: str
    sentence: str
    opened_at: str


def get(tx: Tx, item_id: int) -> Suspect | None:
    """The suspicion about an item, or None."""
    found = tx.execute(f"SELECT {_COLUMNS} FROM suspect WHERE item_id = ?", (item_id,)).fetchone()  # noqa: S608 - constant columns
    return _suspect(found) if found else None


def put(tx: Tx, suspect: Suspect) -> None:
    """A new suspicion, or the whole of a changed one."""
    tx.execute(
        f"INSERT OR REPLACE INTO suspect ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant columns
        (
            suspect.item_id, suspect.what, suspect.since_seq, suspect.since_at, suspect.noticed_by, suspect.run_id,
            int(suspect.own_act), suspect.released, suspect.no_yes_since, suspect.hold_id,
        ),
    )  # fmt: skip


def end(tx: Tx, item_id: int, *, at: str, how: str) -> None:
    """The suspicion is over; a hold that it was the last of closes."""
    found = tx.execute("DELETE FROM suspect WHERE item_id = ? RETURNING hold_id", (item_id,)).fetchone()
    if found and found[0] is not None:
        tx.execute(
            "UPDATE hold_item SET left_at = ?, how = ? WHERE hold_id = ? AND item_id = ? AND left_at IS NULL",
            (at, how, found[0], item_id),
        )
        close_if_empty(tx, found[0], at=at)


def in_group(tx: Tx, group: Group) -> list[tuple[Suspect, int, int, bool]]:
    """The suspects of a group that may still come into a hold, each with its item's `first_seq` and `confirmed`,
    and whether the ledger holds a file of it.
    """
    found = tx.execute(
        f"SELECT {', '.join('suspect.' + name for name in _COLUMNS.split(', '))}, item.first_seq, item.confirmed, "  # noqa: S608 - constant columns
        "ifnull(item.has_file, 0) "
        "FROM suspect CROSS JOIN item ON item.id = suspect.item_id WHERE item.source_id = ? AND item.kind = ? "
        "AND ifnull(item.root, '') = ? AND hold_id IS NULL "
        f"AND (suspect.released = 0 OR (suspect.released = 1 AND no_yes_since IS NOT NULL)) AND NOT {UNDER}",
        (group.source_id, group.kind, group.root),
    )
    return [(_suspect(row[:10]), row[10], row[11], bool(row[12])) for row in found]


def any_unheld(tx: Tx, group: Group) -> bool:
    """Whether there are suspects in a group that wait in no hold and that a person has not let go for good."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM suspect CROSS JOIN item ON item.id = suspect.item_id WHERE hold_id IS NULL "  # noqa: S608 - a constant
        "AND released < 2 AND (released = 0 OR no_yes_since IS NOT NULL) "
        f"AND item.source_id = ? AND item.kind = ? AND ifnull(item.root, '') = ? AND NOT {UNDER})",
        (group.source_id, group.kind, group.root),
    ).fetchone()
    return bool(found)


def groups_of(tx: Tx, item_ids: Iterable[int]) -> set[Group]:
    """The groups that these items belong to."""
    groups = set()
    for item_id in item_ids:
        found = tx.execute(
            "SELECT source_id, kind, ifnull(root, '') FROM item WHERE id = ?", (item_id,)
        ).fetchone()
        if found:
            groups.add(Group(*found))
    return groups


def groups_in(tx: Tx, source_id: int) -> set[Group]:
    """The groups of a source in which there are suspects."""
    found = tx.execute(
        "SELECT DISTINCT item.source_id, item.kind, ifnull(item.root, '') FROM suspect JOIN item ON item.id = suspect.item_id "
        "WHERE item.source_id = ?",
        (source_id,),
    )
    return {Group(*row) for row in found}


def standing(tx: Tx, group: Group) -> tuple[int, int]:
    """How many items the ledger holds there, suspects among them; and how many of these with a file."""
    count, files = tx.execute(
        "SELECT count(*), count(*) FILTER (WHERE has_file = 1) FROM item LEFT JOIN suspect ON suspect.item_id = item.id "
        "WHERE source_id = ? AND kind = ? AND ifnull(root, '') = ? "
        "AND presence IN ('present', 'unlisted') AND (current = 1 OR suspect.item_id IS NOT NULL)",
        (group.source_id, group.kind, group.root),
    ).fetchone()
    return int(count), int(files)


def newest_before(tx: Tx, group: Group, seq: int) -> int | None:
    """The highest `first_seq` below `seq` among the group's items that are no suspects."""
    (newest,) = tx.execute(
        "SELECT max(first_seq) FROM item WHERE source_id = ? AND kind = ? AND ifnull(root, '') = ? AND presence = 'present' "
        "AND current = 1 AND first_seq < ? AND NOT EXISTS (SELECT 1 FROM suspect WHERE item_id = item.id)",
        (group.source_id, group.kind, group.root, seq),
    ).fetchone()
    return None if newest is None else int(newest)


def open_hold(tx: Tx, group: Group) -> Hold | None:
    """The hold that stands for a group, or None."""
    found = tx.execute(
        "SELECT id, reason, sentence, opened_at FROM hold WHERE source_id = ? AND kind = ? AND root = ? AND closed_at IS NULL",
        (group.source_id, group.kind, group.root),
    ).fetchone()
    return Hold(found[0], group, found[1], found[2], found[3]) if found else None


def hold_by_id(tx: Tx, hold_id: int) -> Hold | None:
    """A hold that is still open."""
    found = tx.execute(
        "SELECT id, source_id, kind, root, reason, sentence, opened_at FROM hold WHERE id = ? AND closed_at IS NULL",
        (hold_id,),
    ).fetchone()
    return (
        Hold(found[0], Group(found[1], found[2], found[3]), found[4], found[5], found[6]) if found else None
    )


def open_a_hold(tx: Tx, group: Group, reason: str, sentence: str, *, seq: int, at: str) -> Hold:
    """Open a hold for a group that has none."""
    (hold_id,) = tx.execute(
        "INSERT INTO hold (source_id, kind, root, reason, sentence, opened_seq, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (group.source_id, group.kind, group.root, reason, sentence, seq, at),
    ).fetchone()
    return Hold(hold_id, group, reason, sentence, at)


def restate(tx: Tx, hold_id: int, reason: str, sentence: str, *, seq: int) -> None:
    """Say a hold's reason anew, when a weightier one was found: whoever saw the old one saw another question."""
    tx.execute("UPDATE hold SET reason = ?, sentence = ? WHERE id = ?", (reason, sentence, hold_id))
    tx.execute("UPDATE hold_item SET joined_seq = ? WHERE hold_id = ? AND left_at IS NULL", (seq, hold_id))


def join(tx: Tx, hold: Hold, *, seq: int, spare_own_acts: bool, waiting_since: float) -> int:
    """Put a group's suspects into its hold, and take the keys that still name them out of the work queue.

    `spare_own_acts` leaves out what the app says it deleted itself. Those that have waited for a yes
    since `waiting_since` (reckoned) or longer join too, whatever they are. Returns how many joined.
    """
    group = hold.group
    tx.execute("DELETE FROM temp.joining")
    tx.execute(
        "INSERT INTO temp.joining SELECT suspect.item_id FROM suspect CROSS JOIN item ON item.id = suspect.item_id "  # noqa: S608 - a constant
        "WHERE hold_id IS NULL AND item.source_id = ? AND item.kind = ? AND ifnull(item.root, '') = ? "
        f"AND ((released = 0 AND (own_act = 0 OR ? = 0)) OR (released < 2 AND no_yes_since <= ?)) AND NOT {UNDER}",
        (group.source_id, group.kind, group.root, int(spare_own_acts), waiting_since),
    )
    joined = tx.execute(
        "UPDATE suspect SET hold_id = ? WHERE item_id IN (SELECT item_id FROM temp.joining)", (hold.id,)
    ).rowcount
    tx.execute(
        "INSERT INTO hold_item (hold_id, item_id, joined_seq) SELECT ?, item_id, ? FROM temp.joining WHERE true "
        "ON CONFLICT DO UPDATE SET joined_seq = excluded.joined_seq, left_at = NULL, how = NULL WHERE left_at IS NOT NULL",
        (hold.id, seq),
    )
    tx.execute(
        "DELETE FROM work WHERE source_id = ?1 AND kind = ?2 AND key IN (SELECT key FROM temp.joining "
        "JOIN item ON item.id = item_id WHERE item.current = 1)",
        (group.source_id, group.kind),
    )
    return joined


def join_anew(tx: Tx, item_id: int, *, seq: int) -> None:
    """It waits in its hold for something worse than was shown of it before."""
    tx.execute(
        "UPDATE hold_item SET joined_seq = ? WHERE item_id = ? AND left_at IS NULL",
        (seq, item_id),
    )


def leave(
    tx: Tx, hold: Hold, *, shown: int | None, let_go_since: float | None, how: str, at: str, now: float
) -> int:
    """Let out of a hold what had joined by `shown` (None: all): they stay suspects and are due for a look.

    With `let_go_since` a person let them go: those that have waited for a yes since then (reckoned)
    or longer need none any more. Without it they are what they were. Returns how many left.
    """
    upto = shown if shown is not None else 2**62
    waiting = "SELECT item_id FROM hold_item WHERE hold_id = ?1 AND left_at IS NULL AND joined_seq <= ?2"
    left = tx.execute(
        "UPDATE suspect SET hold_id = NULL, released = CASE WHEN ?3 IS NULL THEN released "  # noqa: S608 - a constant
        f"WHEN no_yes_since <= ?3 THEN 2 ELSE max(released, 1) END, no_yes_since = NULL WHERE item_id IN ({waiting})",
        (hold.id, upto, let_go_since),
    ).rowcount
    tx.execute(
        f"INSERT INTO work (source_id, kind, key, due, why) SELECT source_id, kind, key, ?3, ?4 FROM item "  # noqa: S608 - a constant
        f"WHERE id IN ({waiting}) ON CONFLICT DO UPDATE SET due = excluded.due, tries = 0, stuck = 0, "
        "version = version + 1, why = excluded.why",
        (hold.id, upto, now, how),
    )
    tx.execute(
        "UPDATE hold_item SET left_at = ?3, how = ?4 WHERE hold_id = ?1 AND left_at IS NULL AND joined_seq <= ?2",
        (hold.id, upto, at, how),
    )
    close_if_empty(tx, hold.id, at=at)
    return left


def oldest_in(tx: Tx, hold_id: int) -> int:
    """When the oldest suspicion in a hold began."""
    (since,) = tx.execute("SELECT min(since_seq) FROM suspect WHERE hold_id = ?", (hold_id,)).fetchone()
    return int(since or 0)


def close_if_empty(tx: Tx, hold_id: int, *, at: str) -> None:
    """A hold ends when nobody waits in it."""
    tx.execute(
        "UPDATE hold SET closed_at = ? WHERE id = ? AND closed_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM suspect WHERE hold_id = hold.id)",
        (at, hold_id),
    )


def hold_after(tx: Tx, tombstone: int | None, item_ids: Iterable[int]) -> tuple[int, str] | None:
    """The open hold that began within 24 h after a loss of the same source, kind and root, and so counted it, with
    its source; or None. The losses are that tombstone's, and those of the items that have not come back.
    What the app told itself, or a person released, no hold counts.
    """
    found = tx.execute(
        "SELECT hold.id, t.source FROM (SELECT ?1 AS id UNION SELECT tombstone.id FROM json_each(?2) "
        "CROSS JOIN tombstone ON item_id = value WHERE NOT EXISTS (SELECT 1 FROM revival WHERE tombstone_id = tombstone.id)) AS lost "
        "CROSS JOIN tombstone AS t ON t.id = lost.id JOIN source ON source.name = t.source JOIN hold ON hold.source_id = source.id "
        "AND hold.kind = t.kind AND hold.root = t.root WHERE t.counted = 1 AND closed_at IS NULL "
        "AND opened_seq > t.seq AND julianday(opened_at) - julianday(t.confirmed) <= 1.0 ORDER BY hold.id LIMIT 1",
        (tombstone, dump([*item_ids])),
    ).fetchone()
    return None if found is None else (int(found[0]), str(found[1]))


def open_holds(tx: Tx, source_id: int, *, reason: str | None = None) -> list[Hold]:
    """The holds that stand at a source."""
    found = tx.execute(
        "SELECT id, source_id, kind, root, reason, sentence, opened_at FROM hold WHERE source_id = ? AND closed_at IS NULL",
        (source_id,),
    )
    holds = [Hold(row[0], Group(row[1], row[2], row[3]), row[4], row[5], row[6]) for row in found]
    return [hold for hold in holds if reason in (None, hold.reason)]


def uncounted(tx: Tx, source_id: int, source: str) -> bool:
    """Whether a scan may have named suspects of a source without counting them: its last one did not come to its end."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM suspect JOIN item ON item.id = suspect.item_id WHERE item.source_id = ? "
        "AND noticed_by = 'scan' AND hold_id IS NULL AND released = 0) AND ifnull((SELECT state FROM run "
        "WHERE source = ? AND pass = 'scan' ORDER BY id DESC LIMIT 1), 'complete') <> 'complete'",
        (source_id, source),
    ).fetchone()
    return bool(found)


def released_in(tx: Tx, source_id: int) -> set[int]:
    """The rows of a source that a person released and that are not settled yet."""
    found = tx.execute(
        "SELECT item.id FROM suspect JOIN item ON item.id = suspect.item_id WHERE released > 0 AND item.source_id = ?",
        (source_id,),
    )
    return {item_id for (item_id,) in found}


def displaced_waiting(tx: Tx, source_id: int) -> list[int]:
    """Suspects whose key names another thing now: they are proved by their refs."""
    found = tx.execute(
        "SELECT item.id FROM suspect JOIN item ON item.id = suspect.item_id WHERE item.source_id = ? AND item.current = 0",
        (source_id,),
    )
    return [item_id for (item_id,) in found]


def _suspect(row: tuple[Any, ...]) -> Suspect:
    item_id, what, since_seq, since_at, noticed_by, run_id, own_act, released, no_yes_since, hold_id = row
    return Suspect(
        item_id,
        What(what),
        since_seq,
        since_at,
        noticed_by,
        run_id,
        bool(own_act),
        released,
        no_yes_since,
        hold_id,
    )
