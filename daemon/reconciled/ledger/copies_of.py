"""Whose copy an item is: the rows of `copies`, asked from the side of the copy, and how they end.

Made is a property of the copy itself: any row that says `made` of it is enough, also when the original of
that row went long ago. An original is proved gone only by a tombstone that nothing revived; a row of the
ledger that is merely not there proves nothing.
"""

from collections.abc import Collection

from reconciled.ledger import copies, items, sources, tombstones
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import CopyRow, CopyStatus, How
from reconciled.ledger.rows import ItemRow
from reconciled.model import Key, Presence, Ref

HEIRS = 8
"""A thing that came back under another key is followed so often; a circle is not followed for ever."""


def naming(tx: Tx, copied: int) -> list[CopyRow]:
    """All rows that name this item of a target as their copy, oldest first."""
    found = tx.execute("SELECT id FROM copy WHERE target_item = ? ORDER BY id", (copied,))
    return _rows(tx, [copy for (copy,) in found])


def is_made(tx: Tx, copied: int) -> bool:
    """Whether an upload of ours made this item."""
    (made,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM copy WHERE target_item = ? AND how = 'made')", (copied,)
    ).fetchone()
    return bool(made)


def sharing(tx: Tx, copied: ItemRow) -> list[CopyRow]:
    """All rows for this very copy: those that name it, and those for the same bytes in the same target,
    whether they came to anything yet or not. The target may stand in the config under two names.
    """
    there = [copied, *_elsewhere(tx, copied)]
    found = {row.id: row for one in there for row in naming(tx, one.id)}
    bytes_ = {row.sha256 for row in found.values()} | _prints(copied)
    for target in [sources.by_id(tx, one.source_id).name for one in there]:
        for sha256 in sorted(one for one in bytes_ if one):
            alike = tx.execute("SELECT id FROM copy WHERE target = ? AND sha256 = ?", (target, sha256))
            found |= {row.id: row for row in _rows(tx, [copy for (copy,) in alike if copy not in found])}
    return [found[copy] for copy in sorted(found)]


def needed(tx: Tx, source_id: int, key: Key) -> bool:
    """Whether anything has to do with what stands in an archive under the sha256 of its bytes, or would have
    to: a row of the very archive under any of its names, now or before; also one that let go of it, while
    its original stands.
    """
    for target in [*_names_of(tx, source_id), *_names_before(tx)]:
        found = tx.execute(
            "SELECT id FROM copy WHERE target = ?1 AND target_kind = ?2 AND target_key = ?3 "
            "UNION SELECT id FROM copy WHERE target = ?1 AND sha256 = ?3",
            (target, key.kind, key.id),
        )
        for row in _rows(tx, [copy for (copy,) in found]):
            holds = row.copied == key and row.status is not CopyStatus.REMOVED
            if holds or not is_gone(tx, row.item_id):
                return True
    return False


def alike(tx: Tx, rows: Collection[CopyRow]) -> list[ItemRow]:
    """Items that are not gone and say that they have the same bytes as these rows' originals, where those
    stand: nobody has brought them yet, and they would have the same copy.
    """
    places = {(row.source, row.kind) for row in rows}
    found: dict[int, ItemRow] = {}
    for sha256 in {row.sha256 for row in rows if row.sha256}:
        for source, kind in places:
            hits = tx.execute(
                "SELECT item.id FROM ref CROSS JOIN item ON item.id = ref.item_id WHERE space = 'sha256' AND value = ? "
                "AND presence <> 'gone' AND kind = ? AND source_id = (SELECT id FROM source WHERE name = ?)",
                (sha256, kind, source),
            ).fetchall()
            found |= {one: row for (one,) in hits if (row := items.by_id(tx, one)) is not None}
    return [found[one] for one in sorted(found)]


def was_changed(copied: ItemRow, rows: Collection[CopyRow]) -> bool:
    """Whether the target shows other bytes than when it took ours. What it does not say is no change, and
    what a file was found to have there says nothing of what we brought.
    """
    shown = _prints(copied)
    rows = [row for row in rows if row.how is How.MADE] or rows
    held = {row.held_sha256 for row in rows if row.held_sha256}
    held = held or {row.sha256 for row in rows if row.sha256}
    return bool(shown and held) and not shown & held


def is_gone(tx: Tx, item_id: int) -> bool:
    """Whether an item is proved gone, also when the ledger let go of its row since.

    One that came back under another key is as gone as what stands there.
    """
    for _ in range(HEIRS):
        row = items.by_id(tx, item_id)
        if row is not None and row.presence is not Presence.GONE:
            return False
        if tombstones.newest_of(tx, item_id) is not None:
            return True
        heir = heir_of(tx, item_id)
        if heir is None or heir.id == item_id:
            return False
        item_id = heir.id
    return False


def is_back(tx: Tx, row: CopyRow) -> bool:
    """Whether a row's original stands again as another row of the ledger, which let go of the one that it had:
    under its key, as far as that does not name another thing, or by its refs.
    """
    source = sources.get(tx, row.source)
    if source is None or items.by_id(tx, row.item_id) is not None:
        return False
    refs = _last_refs(tx, row.item_id)
    spaces = {ref.space for ref in refs}
    named = items.by_key(tx, source.id, row.original)
    rows = [one for one in named if one.item.strong_refs & refs or not _spaces(one) & spaces]
    rows += [one for one in items.sharing(tx, refs, source_id=source.id) if one.item.key.kind == row.kind]
    return any(one.presence is not Presence.GONE for one in rows)


def heir_of(tx: Tx, item_id: int) -> ItemRow | None:
    """What stands as the key under which a gone item came back; None when it did not.

    A key may name another thing by now: the heir is the row that shares a strong ref with what was lost.
    """
    found = tx.execute(
        "SELECT source.id, revival.key FROM revival JOIN tombstone ON tombstone.id = tombstone_id "
        "JOIN source ON source.name = tombstone.source WHERE item_id = ? ORDER BY revival.seq DESC LIMIT 1",
        (item_id,),
    ).fetchone()
    if found is None:
        return None
    (kind, _, key), refs = str(found[1]).partition(" "), _last_refs(tx, item_id)
    rows = items.by_kind_and_id(tx, int(found[0]), kind, key)
    return next((row for row in rows if row.item.strong_refs & refs or (not refs and row.current)), None)


def named_by(tx: Tx, ref: Ref) -> ItemRow | None:
    """The very item that an explicit ref names, such as `paperless:document/12`."""
    source, colon, kind = ref.space.partition(":")
    known = sources.get(tx, source) if colon else None
    return None if known is None else next(iter(items.by_kind_and_id(tx, known.id, kind, ref.value)), None)


def names_unknown(tx: Tx, refs: Collection[Ref]) -> bool:
    """Whether one of the explicit refs names what the ledger never held in a source that it knows: something
    of this minute, perhaps. That it is not known is no loss.
    """
    for ref in refs:
        source, colon, kind = ref.space.partition(":")
        if not colon or sources.get(tx, source) is None or named_by(tx, ref) is not None:
            continue
        if tombstones.recent(tx, source, Key(kind, ref.value), since="") is None:
            return True
    return False


# --- what is to be judged -----------------------------------------------------------------------------


def astir(tx: Tx, source_id: int, name: str) -> list[int]:
    """The rows of a source, as the originals' or as the target, of which something may have to be said."""
    found = tx.execute(
        "SELECT copy.id FROM item CROSS JOIN copy ON copy.item_id = item.id "
        "WHERE item.source_id = ?1 AND item.presence = 'gone' AND copy.status <> 'removed' UNION "
        "SELECT copy.id FROM item CROSS JOIN copy ON copy.target_item = item.id WHERE item.source_id = ?1 "
        "AND item.presence = 'gone' AND copy.status IN ('synced', 'duplicate') UNION "
        "SELECT copy.id FROM finding CROSS JOIN copy ON copy.item_id = finding.item_id AND copy.target = finding.losing "
        "WHERE finding.code = 'copy_gone' AND resolved_at IS NULL AND (finding.source = ?2 OR losing = ?2) UNION "
        "SELECT copy.id FROM copy LEFT JOIN item ON item.id = copy.item_id WHERE (copy.source = ?2 OR copy.target = ?2) "
        "AND (copy.status = 'missing' OR (target_key IS NOT NULL AND (target_item IS NULL OR NOT EXISTS "
        "(SELECT 1 FROM item AS at WHERE at.id = target_item))) OR (item.id IS NULL AND copy.status <> 'removed') "
        "OR (copy.status = 'removed' AND copy.code <> '' AND item.presence <> 'gone')) ORDER BY 1",
        (source_id, name),
    )
    return [copy for (copy,) in found]


def bereft(tx: Tx, target: str) -> list[int]:
    """What stands in a target and is a made copy of something that is gone, or was let go of."""
    found = tx.execute(
        "SELECT DISTINCT target_item FROM copy LEFT JOIN item ON item.id = copy.item_id WHERE target = ? AND how = 'made' "
        "AND ifnull(item.presence, 'gone') = 'gone' AND EXISTS (SELECT 1 FROM item AS at WHERE at.id = target_item "
        "AND at.presence = 'present') ORDER BY 1",
        (target,),
    )
    return [copied for (copied,) in found]


def told_of(tx: Tx, source_id: int) -> list[int]:
    """The gone items of a source of whose journey, or of whose bytes, something is still told."""
    found = tx.execute(
        "SELECT DISTINCT item.id FROM finding CROSS JOIN item ON item.id = item_id WHERE resolved_at IS NULL "
        "AND code IN ('refused', 'upload_failed', 'unmirrored') AND presence = 'gone' AND source_id = ? ORDER BY 1",
        (source_id,),
    )
    return [item_id for (item_id,) in found]


def any_at(tx: Tx, name: str) -> bool:
    """Whether any copy is of a source's items, or stands there."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM copy WHERE target = ?1) OR EXISTS (SELECT 1 FROM copy WHERE source = ?1)",
        (name,),
    ).fetchone()
    return bool(found)


def left_behind(tx: Tx, source_id: int, *, kind: str, attr: str) -> dict[int, int]:
    """The gone items of a kind (filesets) whose files still stand: their rows, and how many files.

    `attr` is the attribute in which a file names its fileset. One that another standing fileset lists
    among its `previous` ones goes on there.
    """
    found = tx.execute(
        "WITH previous AS MATERIALIZED (SELECT DISTINCT was.value FROM item, json_each(item.attrs, '$.previous') AS was "
        "WHERE source_id = ?1 AND kind = ?2 AND presence <> 'gone' AND EXISTS (SELECT 1 FROM item AS any WHERE "
        "any.presence = 'gone' AND any.source_id = ?1 AND any.kind = ?2)), gone AS MATERIALIZED (SELECT id, key FROM item "
        "WHERE presence = 'gone' AND source_id = ?1 AND kind = ?2 AND current = 1 AND key NOT IN (SELECT value FROM previous)) "
        "SELECT gone.id, count(*) FROM item JOIN gone ON gone.key = json_extract(item.attrs, '$.' || json_quote(?3)) "
        "WHERE EXISTS (SELECT 1 FROM gone) AND item.source_id = ?1 AND item.kind <> ?2 AND item.current = 1 "
        "AND item.presence = 'present' GROUP BY gone.id",
        (source_id, kind, attr),
    )
    return dict(found.fetchall())


def unnamed(
    tx: Tx, source_id: int, target: str, kind: str, *, before: str, only: int | None = None
) -> list[int]:
    """The items of a kind (or that `only` one) that stand in a target since before that time, and that no
    row has to do with.
    """
    which = "id = ?5" if only is not None else "?5 IS NULL"
    found = tx.execute(
        f"SELECT id FROM item WHERE {which} AND source_id = ?1 AND kind = ?2 AND current = 1 AND presence = 'present' "  # noqa: S608 - constants
        "AND first_at < ?3 AND NOT EXISTS (SELECT 1 FROM copy WHERE target_item = item.id) AND NOT EXISTS (SELECT 1 FROM copy "
        "WHERE copy.target = ?4 AND target_kind = item.kind AND target_key = item.key) AND NOT EXISTS "
        "(SELECT 1 FROM copy WHERE copy.target = ?4 AND sha256 = item.key) ORDER BY id",
        (source_id, kind, before, target, only),
    )
    return [item_id for (item_id,) in found]


# --- what becomes of a row ----------------------------------------------------------------------------


def become(tx: Tx, copy: int, status: CopyStatus, *, reason: str, code: str, at: str) -> None:
    """How the copy fares from now on. Whose it is stays said: a made one stays made to the last original's end."""
    tx.execute(
        "UPDATE copy SET status = ?, reason = ?, code = ?, twin = NULL, changed_at = ? WHERE id = ?",
        (status, reason, code, at, copy),
    )


def begin_anew(tx: Tx, copy: int, *, reason: str, at: str) -> None:
    """The original is back, and nothing of it is in the target: it travels as if it never had."""
    tx.execute(
        "UPDATE copy SET status = 'pending', reason = ?, code = '', twin = NULL, how = NULL, print = NULL, etag = NULL, "
        "held_sha256 = NULL, target_kind = NULL, target_key = NULL, target_item = NULL, receipt = NULL, sent = NULL, tries = 0, next_try = 0, "
        "changed_at = ? WHERE id = ?",
        (reason, at, copy),
    )


def tie(tx: Tx, copy: int, copied: ItemRow) -> None:
    """The copy is that row of the ledger."""
    key = copied.item.key
    tx.execute(
        "UPDATE copy SET target_item = ?, target_kind = ?, target_key = ? WHERE id = ?",
        (copied.id, key.kind, key.id, copy),
    )


def hand_over(tx: Tx, old_id: int, new_id: int) -> None:
    """The item of row `old_id` stands under the key of `new_id` from now on, whose row is about to leave.

    What was a copy of the one, or is named by it, is the other's. Where each has a copy of its own in the
    same target the new row's stays as it is: nobody calls its original gone, so nobody touches it.
    """
    tx.execute(
        "UPDATE copy SET target_item = ?1, target_kind = (SELECT kind FROM item WHERE id = ?2), "
        "target_key = (SELECT key FROM item WHERE id = ?2) WHERE target_item IN (?1, ?2)",
        (old_id, new_id),
    )
    both = "FROM copy AS other WHERE other.target = copy.target AND other.item_id"
    same = "other.target_kind = copy.target_kind AND other.target_key = copy.target_key"
    nothing = "copy.target_key IS NULL AND copy.sent IS NULL AND copy.receipt IS NULL"
    tx.execute(
        f"UPDATE copy SET how = 'made' WHERE item_id = ? AND EXISTS (SELECT 1 {both} = ? AND {same} AND other.how = 'made')",  # noqa: S608 - constants
        (old_id, new_id),
    )
    for mine, others, needless in (
        (new_id, old_id, f"({nothing}) OR ({same})"),
        (old_id, new_id, nothing),
    ):
        tx.execute(
            f"DELETE FROM copy WHERE item_id = ? AND EXISTS (SELECT 1 {both} = ? AND ({needless}))",  # noqa: S608 - constants
            (mine, others),
        )
    tx.execute("UPDATE OR IGNORE copy SET item_id = ? WHERE item_id = ?", (old_id, new_id))


def open_copy_gone(tx: Tx, item_id: int, target: str) -> int | None:
    """The open finding that an original's copy in a target is gone, or None."""
    found = tx.execute(
        "SELECT id FROM finding WHERE item_id = ? AND code = 'copy_gone' AND losing = ? AND resolved_at IS NULL",
        (item_id, target),
    ).fetchone()
    return int(found[0]) if found else None


def _elsewhere(tx: Tx, copied: ItemRow) -> list[ItemRow]:
    """The very item as it stands under other names of its app in the config."""
    mine, refs = copied.item.key, copied.item.strong_refs
    names = tx.execute(
        "SELECT other.id FROM source AS me JOIN source AS other ON other.app = me.app AND other.instance IS me.instance "
        "AND other.id <> me.id WHERE me.id = ?",
        (copied.source_id,),
    ).fetchall()
    rows = [row for (source_id,) in names for row in items.by_key(tx, source_id, mine)]
    return [row for row in rows if row.item.strong_refs & refs]


def _names_of(tx: Tx, source_id: int) -> list[str]:
    """The names of a source and of all others that are the same installation."""
    found = tx.execute(
        "SELECT other.name FROM source AS me JOIN source AS other ON other.id = me.id OR (other.app = me.app "
        "AND other.instance = me.instance) WHERE me.id = ? ORDER BY 1",
        (source_id,),
    )
    return [name for (name,) in found]


def _names_before(tx: Tx) -> list[str]:
    """The targets that no source is called any more: each may have been given another name."""
    found = tx.execute(
        "WITH RECURSIVE target (name) AS (SELECT min(target) FROM copy UNION ALL SELECT (SELECT min(target) FROM copy "
        "WHERE target > name) FROM target WHERE name IS NOT NULL) "
        "SELECT name FROM target WHERE name NOT IN (SELECT name FROM source)"
    )
    return [name for (name,) in found if name is not None]


def _last_refs(tx: Tx, item_id: int) -> frozenset[Ref]:
    """The strong refs of an item when it was lost last."""
    found = tx.execute(
        "SELECT space, value FROM tombstone_ref WHERE tombstone_id = (SELECT max(id) FROM tombstone WHERE item_id = ?)",
        (item_id,),
    )
    return frozenset(Ref(space, value) for space, value in found)


def _spaces(row: ItemRow) -> set[str]:
    return {ref.space for ref in row.item.strong_refs}


def _prints(row: ItemRow) -> set[str]:
    return {ref.value for ref in row.item.refs if ref.space == "sha256"}


def _rows(tx: Tx, ids: Collection[int]) -> list[CopyRow]:
    return [row for copy in ids if (row := copies.get(tx, copy)) is not None]


__all__ = [
    "alike",
    "any_at",
    "astir",
    "become",
    "begin_anew",
    "bereft",
    "hand_over",
    "heir_of",
    "is_back",
    "is_gone",
    "is_made",
    "left_behind",
    "named_by",
    "names_unknown",
    "naming",
    "needed",
    "open_copy_gone",
    "sharing",
    "tie",
    "told_of",
    "unnamed",
    "was_changed",
]
