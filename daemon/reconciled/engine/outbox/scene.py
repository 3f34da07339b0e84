"""What an evaluation looks at, as of one transaction: the policies, the sources, the findings' cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from reconciled.config import Mode, Policy, When
from reconciled.engine.engine import Place
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.outbox.agreement import Asked
from reconciled.engine.outbox.policy import Case
from reconciled.engine.outbox.thing import Thing, thing_of
from reconciled.ledger import acted, copies_of, items, parts, sources, tombstones
from reconciled.ledger.actions import ActionRow
from reconciled.ledger.connection import Tx
from reconciled.ledger.findings import FindingRow
from reconciled.ledger.rows import ItemRow, stamp, unpack
from reconciled.model import Presence, Ref, What


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The policies in force and the daemon's mode. Replaced as a whole at a reload."""

    mode: Mode = Mode.DRY_RUN
    policies: Mapping[str, Policy] = field(default_factory=dict)

    def mode_of(self, policy: Policy) -> Mode:
        """The mode that counts for a policy."""
        return policy.mode_under(self.mode)


@dataclass(slots=True)
class Scene:
    """One moment of an evaluation. `places` are the sources that run, `zone` is that of who reads."""

    tx: Tx
    rules: Rulebook
    places: Mapping[str, Place]
    seq: int
    when: datetime
    now: float
    zone: tzinfo | None = None
    _known: list[Asked] | None = None

    @property
    def stamp(self) -> str:
        """The moment as the ledger writes it."""
        return stamp(self.when)

    @property
    def known(self) -> list[Asked]:
        """All sources of the ledger, frozen ones too."""
        if self._known is None:
            spaces = sources.spaces(self.tx)
            self._known = [
                Asked(row.name, row.state == "frozen", row.scanned, row.good, spaces.get(row.id, frozenset()))
                for row in sources.every(self.tx)
            ]
        return self._known

    @property
    def untagged(self) -> frozenset[str]:
        """The sources whose items carry no tags. What does not run is not known to be one."""
        return frozenset(name for name, place in self.places.items() if not place.live.source.tagged)

    def case_of(self, finding: FindingRow) -> Case | None:
        """The finding with all that a policy looks at; None when the ledger no longer has its item."""
        lost = self._lost(finding)
        if lost is None:
            return None
        row, thing = lost
        removed = self._ours(finding, row)
        return Case(
            code=finding.code,
            moved=finding.code == "replaced" and thing.lost.root != row.item.root,
            what=What(finding.what) if finding.what else What.ENTRY,
            kind=finding.kind,
            source=finding.source,
            losing=finding.losing or finding.source,
            seq=finding.opened_seq,
            before=self._noticed(finding),
            thing=thing,
            ours=removed.policy if removed is not None else None,
            told=frozenset(acted.told_by_hand(self.tx, row.id, since=self._seen_before(row))),
            untagged=self.untagged,
            now=self.when,
            inert={name: place.live.source.inert for name, place in self.places.items()},
            unlost=finding.code == When.ORPHAN and finding.tombstone_id is None,
            last_seen=tombstones.last_seen(self.tx, finding.tombstone_id) if finding.tombstone_id else None,
        )

    def _noticed(self, finding: FindingRow) -> int:
        """When the loss was first heard of. Its proof may come days later, if it was held."""
        if finding.tombstone_id is None:
            return finding.opened_seq
        return min(finding.opened_seq, tombstones.first_heard(self.tx, finding.tombstone_id))

    def _seen_before(self, row: ItemRow) -> int:
        """When this life of it began, under its key: what was done to it before was done to another one."""
        return max(row.key_seq, tombstones.last_return(self.tx, row.id))

    def _ours(self, finding: FindingRow, row: ItemRow) -> ActionRow | None:
        """The action of ours that removed it, or what it was a part of."""
        removed = acted.ours(self.tx, row.id, since=self._seen_before(row))
        if removed is not None or finding.tombstone_id is None:
            return removed
        whole = items.by_id(self.tx, tombstones.item_of(self.tx, finding.tombstone_id) or row.id)
        return acted.ours(self.tx, whole.id, since=self._seen_before(whole)) if whole is not None else None

    def _lost(self, finding: FindingRow) -> tuple[ItemRow, Thing] | None:
        """The row of what was lost, and its thing; the lost item is as it last was.

        None also where only its file went, and what stands there is named otherwise since.
        """
        item_id = finding.item_id
        if finding.code == When.ORPHAN and finding.tombstone_id is not None:
            item_id = self._what_it_refers_to(finding, finding.tombstone_id)
        row = items.by_id(self.tx, item_id) if item_id is not None else None
        if row is None or (finding.what == What.FILE and self._is_renamed(finding, row)):
            return None
        item = unpack(finding.image.encode()) if finding.image else row.item
        return row, thing_of(self.tx, row, item)

    def _is_renamed(self, finding: FindingRow, row: ItemRow) -> bool:
        """Whether it is called something else than when its loss was noticed."""
        named = items.named_since(self.tx, row.id)
        return row.presence is not Presence.GONE and named > self._noticed(finding)

    def _what_it_refers_to(self, finding: FindingRow, tombstone: int) -> int | None:
        """Of what ended inside a tombstone, that which the orphan refers to or is a copy of."""
        whole = tombstones.item_of(self.tx, tombstone)
        orphan = items.by_id(self.tx, finding.item_id) if finding.item_id is not None else None
        originals = (
            {row.item_id for row in copies_of.naming(self.tx, orphan.id)} if orphan is not None else set()
        )
        for item_id in (whole, *parts.inside(self.tx, tombstone)):
            row = items.by_id(self.tx, item_id) if item_id is not None else None
            if row is None or orphan is None:
                continue
            if row.id in originals:
                return row.id
            myself = Ref(f"{finding.losing}:{row.item.key.kind}", row.item.key.id)
            if myself in orphan.item.refs or compare(row.item.refs, orphan.item.refs) is Sameness.SAME:
                return row.id
        return whole
