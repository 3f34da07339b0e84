"""What the search for duplicates reads of papers in bulk, and which items have a paper to get, change or lose.

Texts leave the ledger here as they are kept, compressed: a worker unpacks them. Everything comes in pages in
the order of the items, so that a library of any size is walked in bounded memory.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.ledger.likenesses import FITS
from reconciled.ledger.papers import FORGETS_PAGE, STANDS
from reconciled.ledger.rows import dump
from reconciled.model import Json, Key

_BITS = 2**64
_STANDING_ITEM = "item.current = 1 AND item.presence IN ('present', 'unlisted')"


@dataclass(frozen=True, slots=True)
class Framed:
    """A paper that stands, without its text. `sheet` None: it has no words."""

    item_id: int
    print: bytes
    sheet: bytes | None
    compared: bool


@dataclass(frozen=True, slots=True)
class Packed:
    """A paper with its text as it is kept; None: it is not kept. Empty: it has no words."""

    item_id: int
    source_id: int
    key: Key
    text: bytes | None = field(repr=False)
    print: bytes
    checksum: str | None
    about: Mapping[str, Json]
    page_hash: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """An item that stands, with what its app says of its bytes. `known`: it has a paper.

    `stale`: it changed since that was last read.
    """

    item_id: int
    key: Key
    print: bytes
    sha256: str | None
    attrs: Mapping[str, Json]
    known: bool = False
    stale: bool = False

    @property
    def checksum(self) -> str | None:
        """Names its very bytes: by their sha256, or by their md5 (with their size, where it is told)."""
        if self.sha256:
            return f"sha256:{self.sha256.lower()}"
        md5, size = self.attrs.get("md5"), self.size
        if not isinstance(md5, str) or not md5.strip():
            return None
        return f"md5:{md5.strip().lower()}" + (f":{size}" if size is not None else "")

    @property
    def size(self) -> int | None:
        """How many bytes it has."""
        size = self.attrs.get("size")
        return size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many papers there are, how many were not compared yet; groups that are not over by band and state."""

    papers: int
    new: int
    groups: Mapping[tuple[str, str], int]


def tally(tx: Tx) -> Tally:
    """Count what there is."""
    (count,) = tx.execute("SELECT count(*) FROM paper").fetchone()
    (new,) = tx.execute("SELECT count(*) FROM paper INDEXED BY paper_new WHERE compared = 0").fetchone()
    found = tx.execute(
        "SELECT band, state, count(*) FROM duplicate_group WHERE over IS NULL GROUP BY band, state"
    )
    groups = {(band, state): n for band, state, n in found}
    usual = {
        (band, state): 0 for band in ("duplicate", "review") for state in ("open", "ignored", "resolved")
    }
    return Tally(count, new, {**usual, **groups})


def frame(tx: Tx, sources: Collection[int], last: int, *, limit: int) -> list[Framed]:
    """The next papers of these sources that stand, without their texts, in the order of their items."""
    found = tx.execute(
        "SELECT paper.item_id, paper.print, sheet, compared FROM paper CROSS JOIN item ON item.id = paper.item_id "  # noqa: S608 - constants
        f"WHERE paper.item_id > ? AND paper.source_id IN (SELECT value FROM json_each(?)) AND {STANDS} ORDER BY paper.item_id LIMIT ?",
        (last, dump(sorted(sources)), limit),
    )
    return [Framed(one, mark, sheet, bool(done)) for one, mark, sheet, done in found]


def framed(tx: Tx, items: Collection[int]) -> list[Framed]:
    """Those of these papers that stand."""
    found = tx.execute(
        "SELECT paper.item_id, paper.print, sheet, compared FROM (SELECT value AS one FROM json_each(?)) CROSS JOIN paper "  # noqa: S608 - a constant
        f"ON paper.item_id = one CROSS JOIN item ON item.id = one WHERE {STANDS} ORDER BY one",
        (dump(sorted(items)),),
    )
    return [Framed(one, mark, sheet, bool(done)) for one, mark, sheet, done in found]


def packed(tx: Tx, items: Collection[int]) -> dict[int, Packed]:
    """These papers with their texts; one that is no more is left out."""
    found = tx.execute(
        "SELECT one, paper.source_id, item.kind, item.key, CASE WHEN words = 0 THEN x'' ELSE text END, paper.print, checksum, about, "
        "page_hash, item.attrs FROM (SELECT value AS one FROM json_each(?)) CROSS JOIN paper ON paper.item_id = one "
        "CROSS JOIN item ON item.id = one",
        (dump(sorted(items)),),
    )
    return {row[0]: _packed(row) for row in found}


def standing_with(tx: Tx, sheets: Collection[bytes], sources: Collection[int]) -> dict[bytes, int]:
    """Of each of these sheets the first item that stands with it; a sheet that none has is left out."""
    found: dict[bytes, int] = {}
    for sheet in sheets:
        row = tx.execute(
            "SELECT min(paper.item_id) FROM paper CROSS JOIN item ON item.id = paper.item_id WHERE sheet = ? "  # noqa: S608 - a constant
            f"AND paper.source_id IN (SELECT value FROM json_each(?)) AND {STANDS}",
            (sheet, dump(sorted(sources))),
        ).fetchone()
        if row[0] is not None:
            found[sheet] = row[0]
    return found


def due(
    tx: Tx, source_id: int, kinds: Collection[str], last: int = 0, *, limit: int, all_: bool = False
) -> list[Due]:
    """The next items of a source that stand and have no paper, or changed since it was read; `all_`: any.

    What only refers to something is none.
    """
    which = "" if all_ else "AND (paper.item_id IS NULL OR paper.item_print IS NOT item.print)"
    found = tx.execute(
        f"SELECT {_DUE} FROM item LEFT JOIN paper ON paper.item_id = item.id WHERE item.source_id = ? AND item.id > ? "  # noqa: S608 - constants
        f"AND {_STANDING_ITEM} AND item.refers = 0 AND item.kind IN (SELECT value FROM json_each(?)) {which} ORDER BY item.id LIMIT ?",
        (source_id, last, dump(sorted(kinds)), limit),
    )
    return [_due(row) for row in found]


def by_key(tx: Tx, source_id: int, keys: Collection[Key]) -> dict[Key, Due]:
    """The items that stand under these keys; one that the ledger does not know yet is left out."""
    wanted = [[key.kind, key.id] for key in sorted(keys)]
    found = tx.execute(
        f"SELECT {_DUE} FROM (SELECT json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b FROM json_each(?)) "  # noqa: S608 - constants
        f"CROSS JOIN item ON item.source_id = ? AND item.kind = a AND item.key = b AND {_STANDING_ITEM} "
        "LEFT JOIN paper ON paper.item_id = item.id",
        (dump(wanted), source_id),
    )
    return {one.key: one for one in map(_due, found)}


def refresh(tx: Tx, told: Sequence[Due]) -> None:
    """These items changed, and not their texts: what their app says of their bytes is taken over."""
    tx.executemany(
        f"UPDATE paper SET checksum = ?1, item_print = ?2, {FORGETS_PAGE.format('checksum IS ?1')} WHERE item_id = ?3",  # noqa: S608 - constants
        [(one.checksum, one.print, one.item_id) for one in told],
    )


def leaving(tx: Tx, sources: Collection[int], *, limit: int) -> list[int]:
    """Some papers that have no place here any more: of items that are gone, and of sources in which no
    duplicates are looked for. Those of a source that left the config wait with its items.
    """
    found = tx.execute(
        "SELECT paper.item_id FROM paper CROSS JOIN item ON item.id = paper.item_id CROSS JOIN source ON source.id = paper.source_id "
        "WHERE item.presence = 'gone' OR item.current = 0 OR (source.state = 'active' AND source.id NOT IN "
        "(SELECT value FROM json_each(?))) LIMIT ?",
        (dump(sorted(sources)), limit),
    )
    return [one for (one,) in found]


def leave(tx: Tx, items: Collection[int]) -> None:
    """These papers leave, with all that is known of how like others they are."""
    tx.executemany("DELETE FROM paper WHERE item_id = ?", [(one,) for one in items])


def any_kept(tx: Tx) -> bool:
    """Whether a text is kept."""
    (found,) = tx.execute("SELECT EXISTS (SELECT 1 FROM paper WHERE text IS NOT NULL)").fetchone()
    return bool(found)


def any_unfit(tx: Tx) -> bool:
    """Whether there is a pair of which a text changed since it was compared."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM likeness CROSS JOIN paper AS one ON one.item_id = a CROSS JOIN paper AS other "  # noqa: S608 - a constant
        f"ON other.item_id = b WHERE NOT ({FITS}))"
    ).fetchone()
    return bool(found)


def any_older(tx: Tx, before: str) -> bool:
    """Whether there is a pair that was last found before that."""
    (found,) = tx.execute("SELECT EXISTS (SELECT 1 FROM likeness WHERE at < ?)", (before,)).fetchone()
    return bool(found)


def any_unkept(tx: Tx, source_id: int) -> bool:
    """Whether a paper of this source has words that are not kept."""
    (found,) = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM paper WHERE source_id = ? AND words > 0 AND text IS NULL)", (source_id,)
    ).fetchone()
    return bool(found)


_DUE = (
    "item.id, item.kind, item.key, item.print, (SELECT value FROM ref WHERE ref.item_id = item.id AND space = 'sha256' LIMIT 1), "
    "item.attrs, paper.item_id IS NOT NULL, paper.item_id IS NOT NULL AND paper.item_print IS NOT item.print"
)


def _due(row: Sequence[Any]) -> Due:
    item_id, kind, key, mark, sha256, attrs, known, stale = row
    return Due(
        item_id,
        Key(kind, key),
        mark,
        sha256,
        msgspec.json.decode(attrs),
        known=bool(known),
        stale=bool(stale),
    )


def _packed(row: Sequence[Any]) -> Packed:
    item_id, source_id, kind, key, text, mark, checksum, about, page_hash, attrs = row
    told = msgspec.json.decode(about)
    size = msgspec.json.decode(attrs).get("size")
    if "size" not in told and isinstance(size, int):
        told["size"] = size
    return Packed(
        item_id, source_id, Key(kind, key), text, mark, checksum, told,
        None if page_hash is None else page_hash % _BITS,
    )  # fmt: skip


def spread(tx: Tx) -> tuple[int, int]:
    """Between which numbers the items are that have a paper: less than the smallest, and the largest."""
    low, high = tx.execute(
        "SELECT coalesce(min(item_id), 1) - 1, coalesce(max(item_id), 0) FROM paper"
    ).fetchone()
    return int(low), int(high)


def unhashed(
    tx: Tx, sources: Collection[int], last: int, end: int, *, few: int, limit: int
) -> list[tuple[int, int, Key, int, str | None, bool]]:
    """The next papers, up to `end`, that stand with next to no words (fewer than `few`), or are like another.

    Each with its source, key, words, what was noted of its picture, and whether it stands in a pair.
    """
    found = tx.execute(
        "SELECT * FROM (SELECT paper.item_id AS one, paper.source_id, item.kind, item.key, words, page_etag, "  # noqa: S608 - a constant
        "EXISTS (SELECT 1 FROM likeness WHERE a = paper.item_id AND band <> 'different') OR "
        "EXISTS (SELECT 1 FROM likeness WHERE b = paper.item_id AND band <> 'different') AS paired "
        "FROM paper CROSS JOIN item ON item.id = paper.item_id WHERE paper.item_id > ?1 AND paper.item_id <= ?5 "
        f"AND paper.source_id IN (SELECT value FROM json_each(?2)) AND {STANDS} ORDER BY paper.item_id) "
        "WHERE words < ?3 OR paired LIMIT ?4",
        (last, dump(sorted(sources)), few, limit, end),
    )
    return [
        (one, source, Key(kind, key), words, etag, bool(paired))
        for one, source, kind, key, words, etag, paired in found
    ]


def pictured(tx: Tx, sources: Collection[int], *, few: int) -> list[tuple[int, int, str | None]]:
    """The papers that stand with next to no words and have a page hash (unsigned); each with its checksum."""
    found = tx.execute(
        "SELECT paper.item_id, page_hash, checksum FROM paper CROSS JOIN item ON item.id = paper.item_id "  # noqa: S608 - a constant
        f"WHERE words < ? AND page_hash IS NOT NULL AND paper.source_id IN (SELECT value FROM json_each(?)) AND {STANDS} "
        "ORDER BY paper.item_id",
        (few, dump(sorted(sources))),
    )
    return [(one, page_hash % _BITS, checksum) for one, page_hash, checksum in found]


def hashes_of(tx: Tx, items: Collection[int]) -> dict[int, int]:
    """The page hashes (unsigned) of those of these papers that have one."""
    found = tx.execute(
        "SELECT item_id, page_hash FROM (SELECT value AS one FROM json_each(?)) CROSS JOIN paper ON item_id = one "
        "WHERE page_hash IS NOT NULL",
        (dump(sorted(items)),),
    )
    return {one: page_hash % _BITS for one, page_hash in found}


def pairs_with(tx: Tx, items: Collection[int]) -> set[tuple[int, int]]:
    """The pairs that one of these papers is in."""
    found = tx.execute(
        "SELECT a, b FROM (SELECT value AS mine FROM json_each(?1)) CROSS JOIN likeness ON a = mine UNION "
        "SELECT a, b FROM (SELECT value AS mine FROM json_each(?1)) CROSS JOIN likeness INDEXED BY likeness_b ON b = mine",
        (dump(sorted(items)),),
    )
    return set(found.fetchall())
