"""Papers: the words, prints and page hashes of items, as far as the search for duplicates keeps them.

A row belongs to an item and leaves the ledger with it. Its `print` names the text as it is: what was found
out, or said, about two papers is good for two prints. With `keep_text: no` the words themselves are not kept,
but all the rest is.

Texts are compressed before the transaction begins (`read`), with zlib at level 6: of letters of 2,100 bytes
44 % are left, for 40 µs each and 10 µs to read again. Level 1 leaves 45 % and is hardly faster.
"""

import hashlib
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import dump
from reconciled.model import Json

LEVEL = 6
FEW_WORDS = 6
"""With fewer words the same text is no proof: scanners read the same dot, or "Page 1", on many a photo."""
FAINT = 0.5
"""The confidence of such a pair: a person looks."""
MOST_BYTES = 4 * 2**20
"""So much compressed text comes in one page of a walk; a page has at least one paper."""
STANDS = (
    "item.current = 1 AND item.presence IN ('present', 'unlisted') AND EXISTS "
    "(SELECT 1 FROM source WHERE source.id = item.source_id AND source.state = 'active')"
)
"""Of a joined item: it is there, as far as the ledger knows."""

_ENCODING = ("utf-8", "surrogatepass")
_COLUMNS = (
    "paper.item_id, paper.source_id, paper.words, paper.print, paper.sheet, paper.checksum, paper.about, "
    "paper.page_hash, paper.page_etag, paper.item_print, paper.compared"
)
_BITS = 2**64
_AT_ONCE = 2**20
"""Letters of which the words are counted at once: a text may be as long as a file."""
FORGETS_PAGE = ", ".join(
    f"{one} = CASE WHEN {{0}} THEN {one} END" for one in ("page_hash", "page_hashes", "page_etag")
)
"""Of an update: unless that holds, the picture may be another, and is to be looked at again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was just read of an item, ready to be written. `text` is packed; None: not kept, or no words."""

    item_id: int
    source_id: int
    text: bytes | None = field(repr=False)
    words: int
    print: bytes
    sheet: bytes | None
    checksum: str | None
    about: Mapping[str, Json]
    item_print: bytes | None


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper as the ledger holds it. `page_hash` is unsigned, of 64 bits."""

    item_id: int
    source_id: int
    words: int
    print: bytes
    sheet: bytes | None
    checksum: str | None
    about: Mapping[str, Json]
    page_hash: int | None
    page_etag: str | None
    item_print: bytes | None
    compared: bool
    text: str | None = field(default=None, repr=False)
    """None: it was not asked for, or is not kept."""


def count_words(text: str) -> int:
    """How many words, roughly: where a script has no blanks between them, a word for every eight letters."""
    words = letters = 0
    for at in range(0, len(text), _AT_ONCE):
        found = text[at : at + _AT_ONCE].split()
        words += len(found)
        letters += sum(map(len, found))
    return max(words, letters // 8)


def print_of(text: str, checksum: str | None = None) -> bytes:
    """16 bytes that name a text as it is. A paper without words is named by its very bytes instead."""
    named = text if text.strip() else f"\0{checksum or ''}"
    return hashlib.blake2b(named.encode(*_ENCODING), digest_size=16).digest()


def read(
    item_id: int,
    source_id: int,
    text: str,
    *,
    sheet: bytes | None = None,
    checksum: str | None = None,
    about: Mapping[str, Json] | None = None,
    item_print: bytes | None = None,
    keep_text: bool = True,
) -> Reading:
    """An item's text (empty: it has no words) and what its app says beside it. Compresses; needs no transaction.

    `sheet` is a hash of the normalised text, `checksum` names the item's very bytes (`sha256:…`, or `md5:…` with
    the size behind it), `item_print` is the item's own print when it was read.
    """
    words = count_words(text)
    packed = zlib.compress(text.encode(*_ENCODING), LEVEL) if words and keep_text else None
    return Reading(
        item_id, source_id, packed, words, print_of(text, checksum), sheet if words else None, checksum or None,
        about or {}, item_print,
    )  # fmt: skip


def put(tx: Tx, readings: Collection[Reading], *, seq: int, at: str) -> set[int]:
    """Write what was read; an item that left the ledger meanwhile is passed over.

    Returns the items whose text is new or another one: they are to be compared with all.
    """
    known = prints(tx, [one.item_id for one in readings])
    tx.executemany(
        "INSERT INTO paper (item_id, source_id, text, words, print, sheet, checksum, about, item_print, read_seq, read_at) "  # noqa: S608 - constants
        "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 WHERE EXISTS (SELECT 1 FROM item WHERE id = ?1) "
        "ON CONFLICT (item_id) DO UPDATE SET source_id = ?2, text = ?3, words = ?4, sheet = ?6, checksum = ?7, about = ?8, "
        "item_print = ?9, read_seq = ?10, read_at = ?11, compared = CASE WHEN print = ?5 THEN compared ELSE 0 END, print = ?5, "
        f"{FORGETS_PAGE.format('print = ?5 AND checksum IS ?7')}",
        [
            (
                one.item_id, one.source_id, one.text, one.words, one.print, one.sheet, one.checksum,
                dump(dict(one.about)), one.item_print, seq, at,
            )
            for one in readings
        ],
    )  # fmt: skip
    return {one.item_id for one in readings if known.get(one.item_id) != one.print}


def changed(tx: Tx, told: Mapping[int, bytes]) -> set[int]:
    """Of these items those whose text has another print than is given, or none yet."""
    known = prints(tx, told)
    return {item_id for item_id, mark in told.items() if known.get(item_id) != mark}


def prints(tx: Tx, items: Collection[int]) -> dict[int, bytes]:
    """The prints of the papers among these items."""
    found = tx.execute(
        "SELECT item_id, print FROM (SELECT value AS one FROM json_each(?)) CROSS JOIN paper ON item_id = one",
        (_listed(items),),
    )
    return dict(found.fetchall())


def get(tx: Tx, item_id: int) -> PaperRow | None:
    """One paper, with its text if it is kept."""
    found = tx.execute(f"SELECT {_COLUMNS}, text FROM paper WHERE item_id = ?", (item_id,)).fetchone()  # noqa: S608 - constant columns
    return _row(found[:-1], found[-1]) if found else None


def of(tx: Tx, items: Collection[int]) -> dict[int, PaperRow]:
    """The papers among these items, without their texts."""
    found = tx.execute(
        f"SELECT {_COLUMNS} FROM (SELECT value AS one FROM json_each(?)) CROSS JOIN paper ON item_id = one",  # noqa: S608 - constant columns
        (_listed(items),),
    )
    return {row[0]: _row(row, None) for row in found}


def texts(tx: Tx, items: Collection[int]) -> dict[int, str]:
    """The texts of these items, where they are kept; a paper without words has the empty one."""
    found = tx.execute(
        "SELECT item_id, text, words FROM (SELECT value AS one FROM json_each(?)) CROSS JOIN paper ON item_id = one",
        (_listed(items),),
    )
    return {
        one: _unpack(packed) if packed is not None else ""
        for one, packed, words in found
        if packed is not None or not words
    }


def after(
    tx: Tx,
    sources: Collection[int],
    last: int = 0,
    *,
    limit: int = 1000,
    uncompared: bool = False,
    most_bytes: int = MOST_BYTES,
) -> list[PaperRow]:
    """The next papers of these sources whose items stand, with their texts, in the order of their items.

    Empty at the end. A page ends at `limit` papers, or where its compressed texts reach `most_bytes`.
    `uncompared`: only those that were not compared with all others since their text is as it is.
    """
    index = "paper INDEXED BY paper_new" if uncompared else "paper"
    found = tx.execute(
        f"SELECT {_COLUMNS}, text FROM {index} CROSS JOIN item ON item.id = paper.item_id WHERE paper.item_id > ? "  # noqa: S608 - constants
        f"AND paper.source_id IN (SELECT value FROM json_each(?)) AND {STANDS}{' AND compared = 0' if uncompared else ''} "
        "ORDER BY paper.item_id LIMIT ?",
        (last, _listed(sources), limit),
    )
    rows, weight = list[PaperRow](), 0
    for row in found:
        weight += len(row[-1] or b"")
        if rows and weight > most_bytes:
            break
        rows.append(_row(row[:-1], row[-1]))
    return rows


def count(tx: Tx, sources: Collection[int], *, uncompared: bool = False) -> int:
    """How many papers of these sources stand; `uncompared` as for `after`."""
    (n,) = tx.execute(
        "SELECT count(*) FROM paper CROSS JOIN item ON item.id = paper.item_id "  # noqa: S608 - constants
        f"WHERE paper.source_id IN (SELECT value FROM json_each(?)) AND {STANDS}{' AND compared = 0' if uncompared else ''}",
        (_listed(sources),),
    ).fetchone()
    return int(n)


def compared(tx: Tx, told: Mapping[int, bytes]) -> None:
    """These were compared with all others. One that has another print by now is still to be."""
    tx.executemany(
        "UPDATE paper SET compared = 1 WHERE item_id = ? AND print = ? AND compared = 0", list(told.items())
    )


def not_compared(tx: Tx, items: Collection[int]) -> None:
    """These are to be compared with all others again."""
    tx.executemany(
        "UPDATE paper SET compared = 0 WHERE item_id = ? AND compared = 1", [(one,) for one in items]
    )


def compare_anew(tx: Tx, *, limit: int) -> bool:
    """Some more papers are to be compared with all again. Returns whether any are left."""
    return (
        tx.execute(
            "UPDATE paper SET compared = 0 WHERE item_id IN (SELECT item_id FROM paper WHERE compared = 1 LIMIT ?)",
            (limit,),
        ).rowcount
        == limit
    )


def hash_page(
    tx: Tx,
    item_id: int,
    page_hash: int | None,
    *,
    others: Mapping[str, int] | None = None,
    etag: str | None = None,
) -> bool:
    """Keep the 64-bit hashes (unsigned) of a paper's first page, and of which version of its picture they are.

    None: there is no picture, or it is no evidence. False: there is no such paper.
    """
    named = dump({name: f"{value % _BITS:016x}" for name, value in others.items()}) if others else None
    return bool(
        tx.execute(
            "UPDATE paper SET page_hash = ?, page_hashes = ?, page_etag = ? WHERE item_id = ?",
            (_signed(page_hash), named, etag, item_id),
        ).rowcount
    )


def page_hashes(tx: Tx, item_id: int) -> dict[str, int]:
    """The other hashes of its first page, by name."""
    found = tx.execute("SELECT page_hashes FROM paper WHERE item_id = ?", (item_id,)).fetchone()
    named = msgspec.json.decode(found[0], type=dict[str, str]) if found and found[0] else {}
    return {name: int(value, 16) for name, value in named.items()}


def drop_texts(tx: Tx, *, limit: int) -> bool:
    """`keep_text: no`: let go of some texts. Returns whether any may be left."""
    dropped = tx.execute(
        "UPDATE paper SET text = NULL WHERE item_id IN (SELECT item_id FROM paper WHERE text IS NOT NULL LIMIT ?)",
        (limit,),
    ).rowcount
    return dropped == limit


def alike(tx: Tx, items: Collection[int] | None = None) -> list[tuple[str, list[tuple[int, int]]]]:
    """Papers that stand and have the same `checksum`, or the same `sheet`: which of the two it is, and each with
    its words. With `items` those that have one with them. What has no bytes at all is left out.
    """
    classes = []
    for what in ("checksum", "sheet"):
        named = (
            f"SELECT {what} AS same FROM paper WHERE {what} IS NOT NULL GROUP BY {what} HAVING count(*) > 1"  # noqa: S608 - constants
            if items is None
            else f"SELECT DISTINCT {what} AS same FROM (SELECT value AS one FROM json_each(?)) CROSS JOIN paper "  # noqa: S608 - constants
            f"ON item_id = one WHERE {what} IS NOT NULL"
        )
        found: dict[Any, list[tuple[int, int]]] = {}
        for same, item_id, words in tx.execute(
            f"SELECT same, paper.item_id, paper.words FROM ({named}) CROSS JOIN paper ON paper.{what} = same "  # noqa: S608 - constants
            f"CROSS JOIN item ON item.id = paper.item_id WHERE {STANDS} ORDER BY paper.item_id",
            () if items is None else (_listed(items),),
        ):
            if not (isinstance(same, str) and any(empty in same for empty in _EMPTY)):
                found.setdefault(same, []).append((item_id, words))
        classes += [(what, members) for members in found.values() if len(members) > 1]
    return classes


_EMPTY = tuple(hashlib.new(name, b"", usedforsecurity=False).hexdigest() for name in ("md5", "sha256"))
"""The checksums of no bytes: every empty file has them, and none is the copy of another."""


def _row(found: Sequence[Any], packed: bytes | None) -> PaperRow:
    (item_id, source_id, words, mark, sheet, checksum, about, page_hash, etag, item_print, done) = found
    return PaperRow(
        item_id, source_id, words, mark, sheet, checksum, msgspec.json.decode(about),
        None if page_hash is None else page_hash % _BITS, etag, item_print, bool(done),
        None if packed is None else _unpack(packed),
    )  # fmt: skip


def _unpack(packed: bytes) -> str:
    return zlib.decompress(packed).decode(*_ENCODING)


def _signed(page_hash: int | None) -> int | None:
    """64 bits as SQLite's integers hold them."""
    if page_hash is None:
        return None
    bits = page_hash % _BITS
    return bits - _BITS if bits >= _BITS // 2 else bits


def _listed(ids: Collection[int]) -> str:
    return dump(sorted(ids))
