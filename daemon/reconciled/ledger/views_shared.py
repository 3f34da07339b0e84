"""What items share: places, tags, libraries, and how many others of their source share it too.

Each is an aggregate over the rows, never a query an item. Of a very large source the others are not
counted (None), rather than guessed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from reconciled.ledger import sources
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import RootRow, dump

ENOUGH = 0.8
"""What this part of them has is told as shared."""
MOST_OTHERS = 60_000
"""Of a source with more items of the kind, the others are not counted."""
ATTRS = ("library", "collection", "owner", "by", "correspondent", "document_type", "patient")
"""Of what plugins keep beside identity: what a person sorts by. Tags come besides."""
MOST_TAGS = 2
"""The most tags that are told."""
SAMPLE = 60
"""Among so many of them is looked for what may be shared."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A value that `count` of them have, and `elsewhere` others; None: not counted."""

    what: str
    value: str
    count: int
    elsewhere: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The source and kind that most of them are of, and where these lie."""

    source_id: int
    kind: str
    of: int
    roots: Mapping[str, int]
    paths: tuple[str, str] | None
    """The first and the last of their paths in order; None when one has none."""
    first_seq: int
    first_at: str
    rows: Mapping[str, RootRow]
    """The roots of the source."""


def whereabouts(tx: Tx, ids: str) -> tuple[Place, int]:
    """Where most of them are, and how many all are."""
    found = tx.execute(
        "SELECT source_id, kind, ifnull(root, ''), count(*), min(path), max(path), count(path), min(first_seq), min(first_at) "
        "FROM (SELECT value AS member FROM json_each(?)) CROSS JOIN item ON item.id = member GROUP BY 1, 2, 3",
        (ids,),
    ).fetchall()
    counts: dict[tuple[int, str], int] = {}
    for source, kind, _, count, *_ in found:
        counts[source, kind] = counts.get((source, kind), 0) + count
    main = max(counts, key=lambda one: counts[one])
    rows = [row for row in found if row[:2] == main]
    whole = all(row[3] == row[6] for row in rows)
    where = Place(
        *main,
        of=counts[main],
        roots={row[2]: row[3] for row in rows},
        paths=(min(row[4] for row in rows), max(row[5] for row in rows)) if whole else None,
        first_seq=min(row[7] for row in rows),
        first_at=min(row[8] for row in rows),
        rows=sources.roots(tx, main[0]),
    )
    return where, sum(counts.values())


def most_share(tx: Tx, ids: str, where: Place, of: int) -> list[Spot]:
    """The values that enough of them have; what only one has is shared with nobody."""
    found = _candidates(tx, ids, where, of)
    tests = [_test(what, value, where.rows) for what, value in found]
    counts = tx.execute(
        f"SELECT {_sums(sql for sql, _ in tests)} FROM (SELECT value AS member FROM json_each(?)) "  # noqa: S608 - constant parts
        "CROSS JOIN item ON item.id = member",
        (*_values(tests), ids),
    ).fetchone()
    spots = [Spot(what, value, n) for (what, value), n in zip(found, counts, strict=False)]
    return [one for one in spots if one.count >= ENOUGH * of and (one.count > 1 or one.what == "root")]


def _candidates(tx: Tx, ids: str, where: Place, of: int) -> list[tuple[str, str]]:
    """What may be shared: the places of most, and what most of a sample have.

    The sample is spread evenly over the rows, so what 80 % of all have is in most of it.
    """
    root = max(where.roots, key=lambda one: where.roots[one])
    sample = tx.execute(
        "SELECT path, attrs FROM (SELECT value AS member FROM json_each(?1) WHERE json_each.key % ?2 = 0 LIMIT ?3) "
        "CROSS JOIN item ON item.id = member",
        (ids, max(1, of // SAMPLE), SAMPLE),
    ).fetchall()
    device = device_of(where.rows.get(root))
    alike = [path for path, row in where.rows.items() if device_of(row) == device]
    mounts = [("mount", device)] if device and (len(alike) > 1 or not root) else []
    roots = [("root", root)] if root else []
    often = Counter(
        value for path, attrs in sample for value in {*_beside_identity(attrs), *_below(root, path)}
    )
    if where.paths is not None and (deepest := _common_folder(*where.paths, root)):
        often = Counter({one: n for one, n in often.items() if one[0] != "folder"})
        often["folder", deepest] = len(sample)
    likely = [value for value, n in often.most_common() if n * 2 >= len(sample)]
    tags = [value for value in likely if value[0] == "tag"][MOST_TAGS:]
    return [*mounts, *roots, *sorted(value for value in likely if value not in tags)]


def device_of(row: RootRow | None) -> str | None:
    """Where a root lies, as it was when it was last believed; one alone on it says no more than the root."""
    return (row.base_device or row.device) if row is not None else None


def _beside_identity(attrs: str) -> Iterable[tuple[str, str]]:
    """Tags, and what else a person sorts by."""
    known = msgspec.json.decode(attrs)
    tags = known.get("tags")
    yield from (("tag", tag) for tag in (tags if isinstance(tags, list) else ()) if isinstance(tag, str))
    yield from ((name, value) for name in ATTRS if isinstance(value := known.get(name), str) and value)


def _below(root: str, path: str | None) -> Iterable[tuple[str, str]]:
    """The folder right below the root that a path lies in."""
    head, mark = _head(root)
    if root and path and path.startswith(head) and mark in path[len(head) :]:
        yield "folder", head + path[len(head) :].partition(mark)[0]


def _common_folder(first: str, last: str, root: str) -> str:
    """The folder below the root that two paths lie in, and with them all that sort between; else ""."""
    head, mark = _head(root)
    shared = []
    for one, other in zip(first.split(mark)[:-1], last.split(mark)[:-1], strict=False):
        if one != other:
            break
        shared.append(one)
    folder = mark.join(shared)
    return folder if not root or folder.startswith(head) else ""


def _head(root: str) -> tuple[str, str]:
    """A root as the beginning of paths, and what parts their folders."""
    mark = "\\" if "\\" in root and "/" not in root else "/"
    return (root if root.endswith(mark) else root + mark), mark


def beside_them(
    tx: Tx, ids: str, where: Place, spots: Sequence[Spot]
) -> tuple[int | None, int | None, list[Spot]]:
    """How many others stand, how many of these are as new as one of them, and how many share each value.

    What is a suspect is no other; `ids` are theirs where they are none, else "".
    """
    (known,) = tx.execute(
        "SELECT count(*) FROM item WHERE source_id = ? AND kind = ?", (where.source_id, where.kind)
    ).fetchone()
    if known - where.of > MOST_OTHERS:
        return None, None, list(spots)
    tests: list[tuple[str, list[str | int]]] = [
        ("first_seq >= ?", [where.first_seq]),
        *(_test(one.what, one.value, where.rows) for one in spots),
    ]
    others, newer, *counts = tx.execute(
        f"SELECT count(*), {_sums(sql for sql, _ in tests)} FROM item WHERE source_id = ? AND kind = ? "  # noqa: S608 - constant parts
        "AND presence = 'present' AND current = 1 AND NOT EXISTS (SELECT 1 FROM suspect WHERE item_id = item.id)"
        + (" AND id NOT IN (SELECT value FROM json_each(?))" if ids else ""),
        (*_values(tests), where.source_id, where.kind, *([ids] if ids else [])),
    ).fetchone()
    return others, newer, [replace(one, elsewhere=n) for one, n in zip(spots, counts, strict=True)]


def _sums(tests: Iterable[str]) -> str:
    return ", ".join(f"ifnull(sum({sql}), 0)" for sql in tests) or "0"


def _values(tests: Iterable[tuple[str, list[str | int]]]) -> list[str | int]:
    return [value for _, given in tests for value in given]


def _test(what: str, value: str, rows: Mapping[str, RootRow]) -> tuple[str, list[str | int]]:
    """Whether an item has the value, as SQL; JSON is only read where its text has it."""
    match what:
        case "mount":
            same = [path for path, row in rows.items() if device_of(row) == value]
            return f"root IN ({', '.join('?' * len(same))})", [*same]
        case "root":
            return "root IS ?", [value]
        case "folder":
            return "substr(path, 1, ?) IN (?, ?)", [len(value) + 1, f"{value}/", f"{value}\\"]
        case "tag":
            inside = "instr(json_extract(attrs, '$.tags'), ?) > 0"
            return f"CASE WHEN instr(attrs, ?) THEN {inside} ELSE 0 END", [dump(value)] * 2
        case name:  # the ledger writes JSON in one way only, and quotes inside of texts are escaped
            return "instr(attrs, ?) > 0", [f"{dump(name)}:{dump(value)}"]
