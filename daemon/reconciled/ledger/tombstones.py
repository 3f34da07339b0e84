"""Tombstones, the stories they share, the evidence beside them, and findings.

The facts of a tombstone never change (the schema refuses it); attribution is added beside it as
evidence arrives, and a return is a `revival` of its own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import dump, pack
from reconciled.model import Item, Key, Ref, What


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a loss. `cause` is the app or person that it names, if any.

    `occurred` is the app's own time of it, `moment` the same where it can be believed; `deed` is what
    it says that was done, in a word of `reconciled.engine.attribution`. What follows is known only of
    evidence that was read again: whose it is, its place in the order of what happened, and beside
    which tombstone it stands, with when that source last showed what it lost.
    """

    seq: int
    at: str
    how: str
    said: str
    cause: str | None
    actor: str | None
    occurred: str | None
    deed: str | None = None
    moment: str | None = None
    source: str = ""
    kind: str = ""
    place: int | None = None
    stone: int = 0
    own: bool = True
    what: str = What.ENTRY
    last_seen: str | None = None


BESIDE = (
    "SELECT e.seq, e.at, e.how, e.said, e.cause, e.actor, e.occurred, e.deed, e.moment, e.source, e.kind, e.place, t.id, "
    "e.source = t.source, t.what, t.last_seen FROM evidence AS e JOIN tombstone AS t ON t.id = e.tombstone_id "
)
"""Evidence that stands beside a tombstone, as `Evidence` takes it."""
IN_ORDER = "ORDER BY e.place, e.seq, e.id"
"""The order of what happened."""


def told(row: Sequence[Any]) -> Evidence:
    """Evidence as `BESIDE` reads it."""
    values = list(row)
    values[13] = bool(values[13])
    return Evidence(*values)


@dataclass(frozen=True, slots=True)
class Loss:
    """All that a tombstone says of one proved loss."""

    source: str
    app: str
    item: Item
    item_id: int | None
    what: What
    seen_first: str | None
    noticed: str
    confirmed: str
    counted: bool
    evidence_until: int | None = None
    """For an item whose key names another thing now: later evidence speaks of that one."""
    parts: tuple[dict[str, object], ...] = ()
    """What it held: see `reconciled.ledger.parts.image`."""


def bury(tx: Tx, loss: Loss, *, seq: int, story_since: str) -> int:
    """Write the tombstone; it joins the story of the same thing's other ones since `story_since`. Returns its id."""
    item = loss.item
    story = _story(tx, item.strong_refs, source=loss.source, key=item.key, since=story_since)
    if story is None:
        (story,) = tx.execute(
            "INSERT INTO story (seq, opened_at, title) VALUES (?, ?, ?) RETURNING id",
            (seq, loss.noticed, item.title),
        ).fetchone()
    image: dict[str, Any] = {
        "title": item.title,
        "refs": sorted(str(ref) for ref in item.refs),
        "links": [],
        "attrs": dict(item.attrs),
        "has_file": item.has_file,
        "path": item.path,
        "root": item.root,
        "parent": str(item.parent) if item.parent else None,
    }
    if loss.parts:
        image["parts"] = list(loss.parts)
    (tombstone,) = tx.execute(
        "INSERT INTO tombstone (story_id, item_id, source, app, kind, key, root, title, what, seq, seen_first, noticed, "
        "confirmed, counted, image, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            story, loss.item_id, loss.source, loss.app, item.key.kind, item.key.id, item.root or "", item.title, loss.what,
            seq, loss.seen_first, loss.noticed, loss.confirmed, int(loss.counted), dump(image), _last_seen(tx, loss),
        ),
    ).fetchone()  # fmt: skip
    tx.executemany(
        "INSERT INTO tombstone_ref VALUES (?, ?, ?)",
        [(tombstone, ref.space, ref.value) for ref in item.strong_refs],
    )
    _take_evidence(tx, tombstone, loss.source, item.key, until=loss.evidence_until, seq=seq)
    return int(tombstone)


def _last_seen(tx: Tx, loss: Loss) -> str | None:
    """When it surely stood for the last time: the begin of the last complete scan before it was missed."""
    if loss.seen_first is None:
        return None
    found = tx.execute(
        "SELECT started FROM run WHERE source = ? AND pass = 'scan' AND state = 'complete' AND finished < ? "
        "ORDER BY id DESC LIMIT 1",
        (loss.source, loss.noticed),
    ).fetchone()
    return min(max(loss.seen_first, found[0] if found else ""), loss.noticed)


def bury_inside(tx: Tx, tombstone: int, source: str, key: Key, *, until: int | None, seq: int) -> None:
    """What was told of a part that ended with its parent speaks for that loss; what we only noticed is dropped."""
    tx.execute(
        "DELETE FROM evidence WHERE source = ? AND kind = ? AND key = ? AND tombstone_id IS NULL "
        "AND how IN ('scan', 'lookup') AND (?4 IS NULL OR seq <= ?4)",
        (source, key.kind, key.id, until),
    )
    _take_evidence(tx, tombstone, source, key, until=until, seq=seq)


def _take_evidence(tx: Tx, tombstone: int, source: str, key: Key, *, until: int | None, seq: int) -> None:
    tx.execute(
        "UPDATE evidence SET tombstone_id = ? WHERE source = ? AND kind = ? AND key = ? AND tombstone_id IS NULL "
        "AND (? IS NULL OR seq <= ? OR seq = ?)",
        (tombstone, source, key.kind, key.id, until, until, seq),
    )


def _story(tx: Tx, refs: Collection[Ref], *, source: str, key: Key, since: str) -> int | None:
    """The story of the same thing. Only what has no strong ref is known by its key: another thing may have had it."""
    found = [
        tx.execute(
            "SELECT min(t.story_id) FROM tombstone_ref AS r JOIN tombstone AS t ON t.id = r.tombstone_id "
            "WHERE r.space = ? AND r.value = ? AND t.noticed >= ?",
            (ref.space, ref.value, since),
        ).fetchone()[0]
        for ref in refs
    ] or [
        tx.execute(
            "SELECT min(story_id) FROM tombstone WHERE source = ? AND kind = ? AND key = ? AND noticed >= ?",
            (source, key.kind, key.id, since),
        ).fetchone()[0]
    ]
    return min((story for story in found if story is not None), default=None)


def recent(tx: Tx, source: str, key: Key, *, since: str) -> int | None:
    """The newest tombstone under a key that was noticed since then and has not come back, or None."""
    found = tx.execute(
        "SELECT id FROM tombstone WHERE source = ? AND kind = ? AND key = ? AND noticed >= ? "
        "AND NOT EXISTS (SELECT 1 FROM revival WHERE tombstone_id = tombstone.id) ORDER BY id DESC LIMIT 1",
        (source, key.kind, key.id, since),
    ).fetchone()
    return int(found[0]) if found else None


def counted_since(tx: Tx, source: str, kind: str, root: str, *, since: str) -> tuple[int, int, int]:
    """How many things were lost there since then by losses that count towards a hold; how many of the losses took
    the entry, and how many a file. What lost its file and is a counted suspect now is counted as that.
    """
    things, entries, files = tx.execute(
        "SELECT count(DISTINCT ifnull(item_id, -id)) FILTER (WHERE NOT EXISTS (SELECT 1 FROM suspect "
        "WHERE suspect.item_id = tombstone.item_id AND own_act = 0 AND released = 0)), count(*) FILTER (WHERE what = 'entry'), "
        "count(*) FILTER (WHERE json_extract(image, '$.has_file') = 1) FROM tombstone "
        "WHERE source = ? AND kind = ? AND root = ? AND counted = 1 AND confirmed >= ? "
        "AND NOT EXISTS (SELECT 1 FROM revival WHERE tombstone_id = tombstone.id)",
        (source, kind, root, since),
    ).fetchone()
    return int(things), int(entries), int(files)


def revive(tx: Tx, item_id: int, *, key: Key, seq: int, at: str, what: What | None = None) -> int:
    """The item's loss is no longer true: it stands under `key`. `what` limits it to lost files. Returns how many."""
    found = tx.execute(
        "INSERT OR IGNORE INTO revival SELECT id, ?, ?, ? FROM tombstone WHERE item_id = ? AND (? IS NULL OR what = ?)",
        (seq, at, str(key), item_id, what, what),
    )
    return found.rowcount


def add_evidence(
    tx: Tx,
    source: str,
    key: Key,
    evidence: Evidence,
    *,
    tombstone: int | None = None,
) -> None:
    """Keep what speaks for a loss, beside its tombstone or waiting for one."""
    tx.execute(
        "INSERT INTO evidence (seq, at, source, kind, key, how, said, cause, actor, occurred, tombstone_id, deed, moment, place) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            evidence.seq, evidence.at, source, key.kind, key.id, evidence.how, evidence.said, evidence.cause,
            evidence.actor, evidence.occurred, tombstone, evidence.deed, evidence.moment,
            evidence.place if evidence.place is not None else place(tx, evidence.seq, evidence.moment),
        ),
    )  # fmt: skip


def place(tx: Tx, seq: int, moment: str | None) -> int:
    """Where something belongs in the order of what happened: what was told late goes to its own time."""
    later = None
    if moment is not None:
        found = tx.execute(
            "SELECT seq FROM evidence WHERE at > ? AND seq < ? ORDER BY at, seq LIMIT 1", (moment, seq)
        )
        later = found.fetchone()
    return 2 * seq if later is None else 2 * int(later[0]) - 1


def dismiss(tx: Tx, source: str, key: Key) -> None:
    """The item was seen: what spoke for its loss spoke for nothing. (The inbox keeps the event itself.)"""
    tx.execute(
        "DELETE FROM evidence WHERE source = ? AND kind = ? AND key = ? AND tombstone_id IS NULL",
        (source, key.kind, key.id),
    )


def item_of(tx: Tx, tombstone: int) -> int | None:
    """The ledger's row of a tombstone's item, while it is kept."""
    found = tx.execute(
        "SELECT item.id FROM tombstone JOIN item ON item.id = tombstone.item_id WHERE tombstone.id = ?",
        (tombstone,),
    ).fetchone()
    return int(found[0]) if found else None


def take_back(tx: Tx, source: str, key: Key) -> None:
    """An act of ours had no effect: it does not speak for a loss that may come later."""
    tx.execute(
        "DELETE FROM evidence WHERE source = ? AND kind = ? AND key = ? AND how = 'action' AND tombstone_id IS NULL",
        (source, key.kind, key.id),
    )


def last_return(tx: Tx, item_id: int, *, what: What | None = None) -> int:
    """When the item last came back (a sequence number), 0: it never did. `what` limits it to one kind of loss."""
    (seq,) = tx.execute(
        "SELECT max((SELECT ifnull(max(revival.seq), 0) FROM revival JOIN tombstone ON tombstone.id = tombstone_id "
        "WHERE item_id = ?1 AND (?2 IS NULL OR what = ?2)), (SELECT ifnull(max(back_seq), 0) FROM part "
        "JOIN tombstone ON tombstone.id = tombstone_id WHERE part.item_id = ?1 AND (?2 IS NULL OR what = ?2)))",
        (item_id, what),
    ).fetchone()
    return int(seq)


def seq_of(tx: Tx, tombstone: int) -> int:
    """When the loss was proved, as a sequence number."""
    (seq,) = tx.execute("SELECT seq FROM tombstone WHERE id = ?", (tombstone,)).fetchone()
    return int(seq)


def first_heard(tx: Tx, tombstone: int) -> int:
    """When the loss was noticed, as a sequence number: its earliest evidence, or else its proof."""
    (seq,) = tx.execute(
        "SELECT min(seq) FROM (SELECT seq FROM tombstone WHERE id = ?1 "
        "UNION ALL SELECT seq FROM evidence WHERE tombstone_id = ?1)",
        (tombstone,),
    ).fetchone()
    return int(seq)


def last_seen(tx: Tx, tombstone: int) -> datetime | None:
    """When its source last showed what it lost; None: it never did."""
    (at,) = tx.execute("SELECT last_seen FROM tombstone WHERE id = ?", (tombstone,)).fetchone()
    return None if at is None else datetime.fromisoformat(at)


def newest_of(tx: Tx, item_id: int) -> tuple[int, str] | None:
    """The newest tombstone of an item that has not come back, its own or what it ended inside of, and the
    source that lost it; or None.
    """
    found = tx.execute(
        "SELECT id, source FROM tombstone WHERE (item_id = ?1 "
        "OR id IN (SELECT tombstone_id FROM part WHERE item_id = ?1 AND back_seq IS NULL)) AND what = 'entry' "
        "AND NOT EXISTS (SELECT 1 FROM revival WHERE tombstone_id = tombstone.id) ORDER BY id DESC LIMIT 1",
        (item_id,),
    ).fetchone()
    return (int(found[0]), str(found[1])) if found else None


def of_story(tx: Tx, story: int) -> list[Evidence]:
    """All evidence beside a story's tombstones, in the order of what happened."""
    return [told(row) for row in tx.execute(f"{BESIDE} WHERE t.story_id = ? {IN_ORDER}", (story,))]


def open_finding(
    tx: Tx,
    code: str,
    *,
    source: str,
    item: Item,
    item_id: int | None,
    seq: int,
    at: str,
    what: What | None = None,
    tombstone: int | None = None,
    detail: str = "",
    losing: str | None = None,
    watched: float = 0.0,
    image: Item | None = None,
) -> int:
    """A conclusion that opens. `losing` (by default the source itself) lost the thing, and had been
    watched for `watched` seconds by then; `image` is the item as it last was, where its tombstone says it not.
    """
    (finding,) = tx.execute(
        "INSERT INTO finding (code, what, source, kind, key, item_id, tombstone_id, title, detail, opened_seq, opened_at, "
        "losing, watched, image) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            code, what, source, item.key.kind, item.key.id, item_id, tombstone, item.title, detail, seq, at,
            losing or source, watched, pack(image).decode() if image is not None else None,
        ),
    ).fetchone()  # fmt: skip
    return int(finding)


def resolve_finding(tx: Tx, finding: int, resolution: str, *, at: str) -> None:
    """A conclusion that ends, with why."""
    tx.execute(
        "UPDATE finding SET resolved_at = ?, resolution = ? WHERE id = ? AND resolved_at IS NULL",
        (at, resolution, finding),
    )


def resolve(tx: Tx, item_id: int, code: str, resolution: str, *, at: str, what: What | None = None) -> int:
    """End the item's open findings of a code. Returns how many."""
    found: Any = tx.execute(
        "UPDATE finding SET resolved_at = ?, resolution = ? WHERE item_id = ? AND code = ? AND resolved_at IS NULL "
        "AND (? IS NULL OR what = ?)",
        (at, resolution, item_id, code, what, what),
    )
    return int(found.rowcount)


def turn_to_replaced(tx: Tx, item_id: int, detail: str, *, at: str) -> int:
    """A loss that was a replacement after all: its open finding `gone` becomes `replaced`. Returns how many."""
    found = tx.execute(
        "UPDATE finding SET code = 'replaced', detail = ?, resolved_at = ?, resolution = ? "
        "WHERE item_id = ? AND code = 'gone' AND resolved_at IS NULL",
        (detail, at, detail, item_id),
    )
    return int(found.rowcount)
