"""Configured sources, what was last known of them, their roots and their own notes."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import RootRow, SourceRow, dump, flag, unflag
from reconciled.ledger.suspects import BELOW_HELD
from reconciled.model import About, Json, Root

_COLUMNS = "id, name, app, state, scope, instance, account, sees_everything, baseline, foreign_world, scanned, good, last_scan, watched, generation, paused_by, mark, walked"


def get(tx: Tx, name: str) -> SourceRow | None:
    """A source by its name, also a frozen one."""
    found = tx.execute(f"SELECT {_COLUMNS} FROM source WHERE name = ?", (name,)).fetchone()  # noqa: S608 - constant columns
    return _row(found) if found else None


def by_id(tx: Tx, source_id: int) -> SourceRow:
    """A source by its row id."""
    return _row(tx.execute(f"SELECT {_COLUMNS} FROM source WHERE id = ?", (source_id,)).fetchone())  # noqa: S608 - constant columns


def every(tx: Tx) -> list[SourceRow]:
    """All sources, frozen ones too, by name."""
    return [_row(found) for found in tx.execute(f"SELECT {_COLUMNS} FROM source ORDER BY name").fetchall()]  # noqa: S608 - constant columns


def spaces(tx: Tx) -> dict[int, frozenset[str]]:
    """The spaces of strong refs that each source ever named, by its row id."""
    found: dict[int, set[str]] = {}
    for source_id, space in tx.execute("SELECT source_id, space FROM source_space"):
        found.setdefault(source_id, set()).add(space)
    return {source_id: frozenset(named) for source_id, named in found.items()}


def add_watched(tx: Tx, source_id: int, seconds: float) -> None:
    """The source was watched for so long, besides what is known."""
    tx.execute("UPDATE source SET watched = watched + ? WHERE id = ?", (seconds, source_id))


def awaited_kinds(tx: Tx, source_id: int, name: str) -> frozenset[str]:
    """The kinds of which a suspect of the source, or the grace of an action for its loss, waits."""
    found = tx.execute(
        f"SELECT item.kind FROM suspect JOIN item ON item.id = suspect.item_id WHERE source_id = ? AND hold_id IS NULL AND NOT {BELOW_HELD} "  # noqa: S608 - a constant
        "UNION SELECT finding.kind FROM action JOIN finding ON finding.id = finding_id WHERE state = 'planned' AND action.grace > 0 "
        "AND action.code IN ('', 'grace') AND losing = ?",
        (source_id, name),
    )
    return frozenset(kind for (kind,) in found)


def pause(tx: Tx, source_id: int, by: str | None) -> None:
    """Leave the source alone from now on, on somebody's word; None: no more."""
    tx.execute("UPDATE source SET paused_by = ? WHERE id = ?", (by, source_id))


def troubled(tx: Tx, source_id: int, since: str | None) -> None:
    """Note since when the source is in trouble; None: it is well. The first time stays."""
    tx.execute(
        "UPDATE source SET troubled_since = CASE WHEN ?1 IS NULL THEN NULL ELSE ifnull(troubled_since, ?1) END WHERE id = ?2",
        (since, source_id),
    )


def forget(tx: Tx, source_id: int) -> None:
    """The source leaves the ledger with its items; tombstones stay, what waits to be done there is dropped.

    Its generation is kept: one that is added again by its name is another one than policies were trusted with.
    """
    gone = by_id(tx, source_id)
    set_setting(tx, _forgotten(gone.name), str(gone.generation))
    tx.execute(
        "UPDATE action SET state = 'dropped', reason = 'the source was forgotten', code = 'unwanted', next_try = NULL "
        "WHERE state IN ('planned', 'waiting', 'sending') AND (target = (SELECT name FROM source WHERE id = ?1) "
        "OR finding_id IN (SELECT id FROM finding WHERE source = (SELECT name FROM source WHERE id = ?1)))",
        (source_id,),
    )
    tx.execute(
        "UPDATE finding SET resolved_at = opened_at, resolution = 'its source was forgotten' "
        "WHERE resolved_at IS NULL AND source = (SELECT name FROM source WHERE id = ?)",
        (source_id,),
    )
    tx.execute("DELETE FROM suspect WHERE item_id IN (SELECT id FROM item WHERE source_id = ?)", (source_id,))
    tx.execute("DELETE FROM source WHERE id = ?", (source_id,))


def _forgotten(name: str) -> str:
    """The setting that holds the generation of a source that was forgotten."""
    return f"forgotten.{name}"


def setting(tx: Tx, name: str) -> str | None:
    """A setting that people change while the daemon runs, or None."""
    found = tx.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return str(found[0]) if found else None


def set_setting(tx: Tx, name: str, value: str | None) -> None:
    """Keep it; None forgets it."""
    tx.execute("DELETE FROM setting WHERE name = ?", (name,))
    if value is not None:
        tx.execute("INSERT INTO setting VALUES (?, ?)", (name, value))


def enroll(tx: Tx, name: str, app: str, scope: Mapping[str, Json]) -> SourceRow:
    """The source's row, new or known. A changed scope, or a return, makes the next scan a baseline."""
    known = get(tx, name)
    if known is None:
        before = setting(tx, _forgotten(name))
        tx.execute(
            "INSERT INTO source (name, app, scope, generation) VALUES (?, ?, ?, ?)",
            (name, app, dump(scope), int(before) + 1 if before is not None else 0),
        )
    elif known.app != app or known.state == "frozen" or dump(known.scope) != dump(scope):
        tx.execute(
            "UPDATE source SET app = ?, scope = ?, generation = generation + (state = 'frozen' OR app <> ?), "
            "state = 'active', baseline = 1 WHERE id = ?",
            (app, dump(scope), app, known.id),
        )
    row = get(tx, name)
    assert row is not None, "it was written in this very transaction"  # noqa: S101 - narrows the type
    return row


def freeze(tx: Tx, source_id: int) -> None:
    """The source left the config: its items wait, and mean `unknown`, until it is back or forgotten. Holds stay."""
    tx.execute(
        "UPDATE source SET state = 'frozen', baseline = 1, foreign_world = 0 WHERE id = ?", (source_id,)
    )
    tx.execute("UPDATE item SET presence = 'frozen' WHERE source_id = ? AND presence <> 'gone'", (source_id,))
    tx.execute(
        "DELETE FROM suspect WHERE hold_id IS NULL AND item_id IN (SELECT id FROM item WHERE source_id = ? AND current = 1)",
        (source_id,),
    )
    tx.execute("DELETE FROM work WHERE source_id = ?", (source_id,))


def rescope(tx: Tx, source_id: int, *, kinds: Collection[str], roots: Collection[str]) -> None:
    """After a change of scope, or a return: what is of other kinds, or below a root that is no longer
    named, is frozen; what lies inside and was frozen is present again, or a suspect as it was.
    """
    for item_id, kind, root, presence in tx.execute(
        "SELECT id, kind, root, presence FROM item WHERE source_id = ? AND presence <> 'gone'", (source_id,)
    ).fetchall():
        outside = kind not in kinds or (bool(roots) and root is not None and root not in roots)
        if outside != (presence == "frozen"):
            tx.execute(
                "UPDATE item SET presence = CASE WHEN ? THEN 'frozen' WHEN EXISTS (SELECT 1 FROM suspect WHERE item_id = item.id "
                "AND what = 'entry') THEN 'unlisted' ELSE 'present' END WHERE id = ?",
                (int(outside), item_id),
            )


def set_state(tx: Tx, source_id: int, **columns: Any) -> None:
    """Change some of the columns that `_SETTABLE` names."""
    for name, value in columns.items():
        if name not in _SETTABLE:
            raise ValueError(f"a source has no settable column {name!r}")
        tx.execute(f"UPDATE source SET {name} = ? WHERE id = ?", (value, source_id))  # noqa: S608 - checked above


_SETTABLE = frozenset(
    {
        "instance",
        "account",
        "sees_everything",
        "baseline",
        "foreign_world",
        "scanned",
        "good",
        "last_scan",
        "mark",
        "walked",
    }
)


def take_identity(tx: Tx, source_id: int, about: About, *, account: bool) -> None:
    """Believe that the source is the installation it says it is; with `account` who we are there, too.

    Rights that shrank are never taken over by themselves: a person releases what they hide.
    """
    before = by_id(tx, source_id).instance
    if before is not None and before != about.instance:
        became_another(tx, source_id)
    set_state(tx, source_id, instance=about.instance, foreign_world=0, baseline=0)
    known = by_id(tx, source_id).sees_everything
    if known is None or (account and (about.sees_everything or not known)):
        take_rights(tx, source_id, about)


def became_another(tx: Tx, source_id: int) -> None:
    """What stands behind the name is another installation: what policies were trusted with is over."""
    tx.execute("UPDATE source SET generation = generation + 1, mark = NULL WHERE id = ?", (source_id,))


def take_rights(tx: Tx, source_id: int, about: About) -> None:
    """Believe the account and its rights as they are now."""
    set_state(tx, source_id, account=about.account, sees_everything=flag(about.sees_everything))


def roots(tx: Tx, source_id: int) -> dict[str, RootRow]:
    """The source's roots by path, with those that the last probe no longer named."""
    found = tx.execute(
        "SELECT path, accessible, empty, device, size, listed, base_device, base_size, odd_since FROM root WHERE source_id = ?",
        (source_id,),
    )
    return {
        path: RootRow(
            path,
            unflag(accessible),
            unflag(empty),
            device,
            size,
            bool(listed),
            base_device,
            base_size,
            odd_since,
        )
        for path, accessible, empty, device, size, listed, base_device, base_size, odd_since in found
    }


def probed(tx: Tx, source_id: int, found: Iterable[Root]) -> None:
    """Note the roots as a probe saw them. A root never seen before is believed as it is, if it is usable."""
    tx.execute("UPDATE root SET listed = 0 WHERE source_id = ?", (source_id,))
    for root in found:
        tx.execute(
            "INSERT INTO root VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, NULL) ON CONFLICT (source_id, path) DO UPDATE SET "
            "odd_since = CASE WHEN device IS NOT excluded.device OR abs(ifnull(size, 0) - ifnull(excluded.size, 0)) "
            "> 0.1 * ifnull(size, 0) OR excluded.accessible = 0 OR excluded.empty = 1 THEN NULL ELSE odd_since END, "
            "accessible = excluded.accessible, empty = excluded.empty, device = excluded.device, size = excluded.size, listed = 1",
            (
                source_id, root.path, flag(root.accessible), flag(root.empty), root.device, root.size,
                root.device if root.usable else None, root.size if root.usable else None,
            ),
        )  # fmt: skip

    tx.execute("UPDATE root SET odd_since = NULL WHERE source_id = ? AND listed = 0", (source_id,))


def believe_root(tx: Tx, source_id: int, path: str) -> None:
    """From now on the root is what it was at the last probe."""
    tx.execute(
        "UPDATE root SET base_device = device, base_size = size, odd_since = NULL WHERE source_id = ? AND path = ?",
        (source_id, path),
    )


def doubt_root(tx: Tx, source_id: int, path: str, *, since: float) -> None:
    """The root is another one than before; note since when (reckoned)."""
    tx.execute("UPDATE root SET odd_since = ? WHERE source_id = ? AND path = ?", (since, source_id, path))


def store_get(tx: Tx, source: str, name: str) -> Json:
    """A note of the source's own, or None."""
    found = tx.execute(
        "SELECT value FROM store WHERE source_id = (SELECT id FROM source WHERE name = ?) AND name = ?",
        (source, name),
    ).fetchone()
    value: Json = msgspec.json.decode(found[0]) if found else None
    return value


def store_set(tx: Tx, source: str, name: str, value: Json) -> None:
    """Keep a note; None forgets it."""
    tx.execute(
        "DELETE FROM store WHERE source_id = (SELECT id FROM source WHERE name = ?) AND name = ?",
        (source, name),
    )
    if value is not None:
        tx.execute(
            "INSERT INTO store SELECT id, ?, ? FROM source WHERE name = ?", (name, dump(value), source)
        )


def _row(found: tuple[Any, ...]) -> SourceRow:
    return SourceRow(
        found[0], found[1], found[2], found[3], msgspec.json.decode(found[4]), found[5], found[6], unflag(found[7]),
        bool(found[8]), bool(found[9]), *found[10:],
    )  # fmt: skip
