"""A library of papers in a ledger, for tests of what is known and said of duplicates."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reconciled.duplicates.primaries import USUAL
from reconciled.duplicates.words import FITTED, Band, Difference, Factor, Likeness, Weights, weigh
from reconciled.engine.duplicates import grouping, judging
from reconciled.engine.duplicates.judging import Answered, Decision
from reconciled.ledger import groups, items, judgements, likenesses, papers, sources
from reconciled.ledger.connection import Ledger, Tx
from reconciled.ledger.groups import GroupRow
from reconciled.ledger.rows import stamp
from reconciled.model import Item, Json, Key, Presence, Ref

START = datetime(2026, 11, 3, 12, tzinfo=UTC)
_EMPTY: list[bytes] = []
"""A new ledger as a file, once one was made: making it takes longer than most of these tests."""


@asynccontextmanager
async def a_library(folder: Path) -> AsyncIterator["Library"]:
    """A library on a new ledger in that folder."""
    path = folder / "ledger.db"
    if _EMPTY:
        path.write_bytes(_EMPTY[0])
    else:
        await (await Ledger.open(path)).close()
        _EMPTY.append(path.read_bytes())
    ledger = await Ledger.open(path)
    try:
        yield Library(ledger)
    finally:
        await ledger.close()


class Library:
    """Papers by the numbers of their rows."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.now = START
        self.preferences: Sequence[str] = USUAL
        self._keys = 0

    @property
    def at(self) -> str:
        return stamp(self.now)

    async def add(
        self,
        title: str,
        text: str | None = None,
        *,
        source: str = "paperless",
        refs: Sequence[str] = (),
        attrs: Mapping[str, Json] | None = None,
        about: Mapping[str, Json] | None = None,
        checksum: str | None = None,
    ) -> int:
        """An item that is present, and its paper, compared; by default with a text of its own."""
        self._keys += 1
        text = f"{title} says number {self._keys} in quite enough words" if text is None else text
        key = Key("document", str(self._keys))
        item = Item(key, title, frozenset(map(Ref.parse, refs)), attrs or {}, True)

        def write(tx: Tx) -> int:
            row = sources.enroll(tx, source, source, {})
            item_id = items.insert(tx, row.id, item, seq=items.next_seq(tx), at=self.at)
            self._read(tx, item_id, row.id, text, about=about, checksum=checksum)
            return item_id

        return await self.ledger.write(write)

    def _read(self, tx: Tx, item_id: int, source_id: int, text: str, **more: Any) -> None:
        sheet = hashlib.blake2b(
            " ".join(text.lower().split()).encode(errors="replace"), digest_size=16
        ).digest()
        reading = papers.read(item_id, source_id, text, sheet=sheet, **more)
        papers.put(tx, [reading], seq=items.next_seq(tx), at=self.at)
        papers.compared(tx, {item_id: reading.print})

    async def rescan(self, item_id: int, text: str, *, compared: bool = True) -> None:
        """The paper has that text from now on."""

        def write(tx: Tx) -> None:
            row = items.by_id(tx, item_id)
            assert row is not None
            self._read(tx, item_id, row.source_id, text)
            if not compared:
                tx.execute("UPDATE paper SET compared = 0 WHERE item_id = ?", (item_id,))

        await self.ledger.write(write)

    async def like(
        self,
        a: int,
        b: int,
        odds: float = 4.0,
        *,
        vetoed: bool = False,
        weights: Weights = FITTED,
        parts: Mapping[Factor, float] | None = None,
        differences: Sequence[Difference] = (),
        said: str = "",
    ) -> None:
        """The search found two papers alike; 4 is a duplicate, 0 is to be reviewed, -4 is different."""
        known = parts or {Factor.TEXT: odds}
        confidence, band = weigh(known, vetoed=vetoed, weights=weights)
        one = Likeness(
            min(a, b), max(a, b), confidence, band, known,
            vetoed=vetoed, differences=tuple(differences), said=said,
        )  # fmt: skip

        def write(tx: Tx) -> int:
            return likenesses.put(tx, [one], papers.prints(tx, [a, b]), at=self.at)

        assert await self.ledger.write(write) == 1

    async def copied(self, original: int, copy: int, *, how: str = "made") -> None:
        """A mirror made (or found) the copy."""

        def write(tx: Tx) -> None:
            tx.execute(
                "INSERT INTO copy (mirror, item_id, source, kind, key, title, fileset, target, status, how, "
                "target_kind, target_key, target_item, created_at, changed_at) SELECT 'm', one.id, a.name, "
                "one.kind, one.key, one.title, '', b.name, 'synced', ?, two.kind, two.key, two.id, '', '' "
                "FROM item AS one, item AS two, source AS a, source AS b "
                "WHERE one.id = ? AND two.id = ? AND a.id = one.source_id AND b.id = two.source_id",
                (how, original, copy),
            )

        await self.ledger.write(write)

    async def presence(self, item_id: int, presence: Presence) -> None:
        await self.ledger.write(items.set_presence, item_id, presence)

    async def lose(self, *item_ids: int) -> None:
        for item_id in item_ids:
            await self.presence(item_id, Presence.GONE)

    async def restore(self, *item_ids: int) -> None:
        for item_id in item_ids:
            await self.presence(item_id, Presence.PRESENT)

    async def regroup(self) -> grouping.Counts:
        return await grouping.regroup(self.ledger, preferences=self.preferences, now=lambda: self.now)

    async def regroup_some(self, *item_ids: int) -> grouping.Counts:
        return await self.ledger.write(
            lambda tx: grouping.regroup_some(tx, item_ids, preferences=self.preferences, now=self.now)
        )

    async def say(self, group: int, decision: str, *members: int, by: str = "owner") -> Answered:
        """A person answers; each answer a day after the one before."""
        self.now += timedelta(days=1)
        return await self.ledger.write(
            lambda tx: judging.answer(
                tx,
                group,
                Decision(decision),
                members=members,
                by=by,
                now=self.now,
                preferences=self.preferences,
            )
        )

    async def choose(self, group: int, item_id: int | None) -> Answered:
        self.now += timedelta(days=1)
        return await self.ledger.write(
            lambda tx: judging.set_primary(
                tx, group, item_id, by="owner", now=self.now, preferences=self.preferences
            )
        )

    async def group(self, number: int) -> GroupRow:
        row = await self.ledger.read(groups.get, number)
        assert row is not None, f"group {number} is no more"
        return row

    async def groups(self, band: Band | None = None, *, over: bool = False) -> dict[int, list[int]]:
        """The members of the groups that are not over (or are) by number, those that stand and wait too."""
        rows = await self.ledger.read(groups.with_any)
        inside = await self.ledger.read(groups.members)
        return {
            row.id: sorted(inside.get(row.id, ()))
            for row in rows
            if (row.over is not None) is over and band in (None, row.band)
        }

    async def said(self) -> dict[tuple[int, int], str]:
        """What people said of pairs, as far as it counts."""
        found = await self.ledger.read(judgements.standing)
        return {(one.a, one.b): str(one.answer) for one in found}

    async def findings(self) -> list[str]:
        """The findings of duplicates, as "state title: detail"."""
        rows = await self.rows(
            "SELECT title, detail, resolution, ignored_by FROM finding WHERE code = 'duplicate' ORDER BY id"
        )
        states = [
            f"over ({resolution})" if resolution else f"ignored by {by}" if by else "open"
            for _, _, resolution, by in rows
        ]
        return [f"{state} {title}: {detail}" for state, (title, detail, *_) in zip(states, rows, strict=True)]

    async def rows(self, sql: str, *values: object) -> list[Any]:
        return await self.ledger.read(lambda tx: tx.execute(sql, values).fetchall())
