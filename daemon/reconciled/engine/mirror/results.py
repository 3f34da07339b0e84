"""What became of one file on its way to one target, as values, and how each is written down.

A fileset's results are written together, in one transaction; only that an upload begins, and what the
target gave for it, is written at once, since a crash must not forget it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from reconciled.engine.live import LiveSource
from reconciled.engine.mirror.originals import sha256_of, version_of
from reconciled.engine.mirror.telling import tell
from reconciled.engine.seeing import seen
from reconciled.engine.suspicion import Desk
from reconciled.errors import SourceError
from reconciled.ledger import copies, items, journeys, pairs
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies import AGAIN, CHANGED, CopyRow, CopyStatus, How, Original
from reconciled.model import Absent
from reconciled.source import Kept

MOST_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 60.0, journeys.LONGEST_WAIT


class Word(StrEnum):
    """How a journey ended, for the counts of a run."""

    MADE = "made"
    FOUND = "found"
    SENT = "sent"
    WAITS = "waits"
    SAME = "same"
    BACK = "back"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Stays:
    """Nothing more is to be written: it is on its way, or waits for the same bytes of another file."""

    copy: int
    word: Word

    def write(self, desk: Desk, target: LiveSource | None) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Holds:
    """The target holds the file. `back`: it is the original, which has the bytes of its copy now.

    `gone` is its plain no about what it holds, which nobody ever saw there: it lies in its trash.
    """

    copy: int
    kept: Kept
    back: bool = False
    gone: str = ""

    @property
    def word(self) -> Word:
        """Whose it is."""
        if self.back:
            return Word.BACK
        return Word.MADE if self.kept.ours else Word.FOUND

    def write(self, desk: Desk, target: LiveSource | None) -> None:
        """The link, with the copy as an item of its target; and so for those that wait for the same bytes."""
        row = copies.get(desk.tx, self.copy)
        if row is None or target is None:
            return
        item_id = take_in(desk.tx, target, self.kept)
        if row.goes_back:
            _came_back(desk, target, row, self.kept)
            return
        if self.gone and item_id is None:
            _was_deleted(desk, row, self.kept, f"{target.name}: {self.gone}")
            return
        tie(desk, row, self.kept, item_id, by_content=target.source.by_content)
        there = sha256_of(self.kept.item) if self.kept.item is not None else None
        if self.kept.ours and row.sha256 is not None and there not in (None, row.sha256):
            journeys.holds_older(desk.tx, row.id, there or "")


@dataclass(frozen=True, slots=True)
class Is:
    """Another original's copy of the same bytes stands in the target: it is this one's, too."""

    copy: int
    other: int
    word: Word = Word.FOUND

    def write(self, desk: Desk, target: LiveSource | None) -> None:
        """The same link, if that copy still stands."""
        row, other = copies.get(desk.tx, self.copy), copies.get(desk.tx, self.other)
        if row is None or other is None or target is None:
            return
        if not other.status.stands or other.copied is None or other.sha256 != row.sha256:
            journeys.put_off(desk.tx, row.id, next_try=0.0, reason="", tried=False, heard=True, at=desk.stamp)
            return
        _tie_twin(desk, row, other, by_content=target.source.by_content)


@dataclass(frozen=True, slots=True)
class PutOff:
    """It is tried again after `wait` seconds, longer with each try that counts (`tried`).

    `heard`: the target surely has nothing of it. `changed`: it was not what was listed, which is no failure
    of the run's; only if it stays so a person is asked.
    """

    copy: int
    reason: str
    wait: float = FIRST_WAIT
    tried: bool = True
    heard: bool = True
    changed: bool = False

    @property
    def word(self) -> Word:
        """A try that counts is a failure of the run's."""
        return Word.FAILED if self.tried and not self.changed else Word.WAITS

    def write(self, desk: Desk, target: LiveSource | None) -> None:  # noqa: ARG002 - results are alike
        """Later; after the last try a person is asked. What the target holds already stays as it is."""
        row = copies.get(desk.tx, self.copy)
        if row is None or row.status.stands:
            return
        if self.tried and row.tries + 1 >= MOST_TRIES:
            said = f"{self.reason}; tried {MOST_TRIES} times, so now it waits for you"
            journeys.fail(
                desk.tx, row.id, status=CopyStatus.FAILED, reason=said, code=AGAIN, at=desk.stamp,
                heard=self.heard,
            )  # fmt: skip
            journeys.let_twins_go(desk.tx, row.id)
            return
        wait = min(LONGEST_WAIT, self.wait * 2**row.tries) if self.tried else self.wait
        journeys.put_off(
            desk.tx, row.id, next_try=desk.now + wait, reason=self.reason, tried=self.tried, heard=self.heard,
            at=desk.stamp,
        )  # fmt: skip
        if self.heard:
            journeys.let_twins_go(desk.tx, row.id)


@dataclass(frozen=True, slots=True)
class Ends:
    """It does not travel: refused by the rules, or failed so that only a person can help.

    `heard`: the target surely has nothing of it, and will not.
    """

    copy: int
    status: CopyStatus
    reason: str
    code: str
    heard: bool = True

    @property
    def word(self) -> Word:
        """Refused or failed."""
        return Word.REFUSED if self.status is CopyStatus.REFUSED else Word.FAILED

    def write(self, desk: Desk, target: LiveSource | None) -> None:  # noqa: ARG002 - results are alike
        """The end, with its reason."""
        journeys.fail(
            desk.tx, self.copy, status=self.status, reason=self.reason, code=self.code, at=desk.stamp,
            heard=self.heard,
        )  # fmt: skip
        journeys.let_twins_go(desk.tx, self.copy)


@dataclass(frozen=True, slots=True)
class Older:
    """The target holds other bytes than the original has now, and is not given those.

    `base` is the checksum of what both had when they were last the same; `code` says how it goes on.
    """

    copy: int
    base: str | None
    reason: str
    code: str = CHANGED
    word: Word = Word.SAME
    original: Original | None = None
    """As it is now, where the row does not say yet that it was looked at."""

    def write(self, desk: Desk, target: LiveSource | None) -> None:  # noqa: ARG002 - results are alike
        """The copy stands as it is, and says so."""
        if self.original is not None:
            journeys.look_anew(desk.tx, self.copy, self.original, at=desk.stamp)
        journeys.older(desk.tx, self.copy, base=self.base, reason=self.reason, code=self.code, at=desk.stamp)
        journeys.let_twins_go(desk.tx, self.copy)


async def why_gone(live: LiveSource, kept: Kept) -> str:
    """The app's plain no about what it says it holds; empty: it shows it, or nobody knows."""
    if kept.item is not None:
        return ""
    try:
        shown = await live.lookup(kept.key)
    except SourceError:
        return ""
    return shown.said if isinstance(shown, Absent) else ""


Result = Stays | Holds | Is | PutOff | Ends | Older


def take_in(tx: Tx, target: LiveSource, kept: Kept) -> int | None:
    """The ledger's row of a copy, shown by its app just now; None when it is not shown and was never seen."""
    desk = Desk.at(tx, target)
    known = items.by_key(tx, target.id, kept.key)
    if kept.item is not None:
        seen(desk, known, kept.item, mark=desk.seq)
        known = items.by_key(tx, target.id, kept.key)
    return next((row.id for row in known if row.current), None)


def tie(desk: Desk, row: CopyRow, kept: Kept, item_id: int | None, *, by_content: bool) -> None:
    """A copy is there: its row says so, and the rows of those that waited for it."""
    ours = kept.ours or by_content or (row.how is How.MADE and row.copied == kept.key)
    journeys.kept(
        desk.tx, row.id, kept.key, How.MADE if ours else How.FOUND, target_item=item_id,
        status=CopyStatus.SYNCED if ours else CopyStatus.DUPLICATE, reason=kept.said, at=desk.stamp,
        held=sha256_of(kept.item) if kept.item is not None else None,
    )  # fmt: skip
    now = copies.get(desk.tx, row.id)
    if now is not None and not by_content and now.sha256 is not None and now.sha256 == now.held_sha256:
        pairs.part(desk.tx, now, at=desk.stamp)
    for twin in copies.twins_of(desk.tx, row.id) if now is not None else []:
        assert now is not None, "the loop is empty else"  # noqa: S101 - narrows the type
        if twin.sha256 == now.sha256:
            _tie_twin(desk, twin, now, by_content=by_content)
    journeys.let_twins_go(desk.tx, row.id)


def _was_deleted(desk: Desk, row: CopyRow, kept: Kept, said: str) -> None:
    """Somebody deleted it before we knew of it: no copy stands, and none is brought unless somebody asks."""
    journeys.kept(
        desk.tx, row.id, kept.key, How.MADE if kept.ours else How.FOUND, target_item=None,
        status=CopyStatus.MISSING, reason=said, at=desk.stamp, held=None,
    )  # fmt: skip
    journeys.let_twins_go(desk.tx, row.id)


def _came_back(desk: Desk, home: LiveSource, row: CopyRow, kept: Kept) -> None:
    """A copy's bytes are in its original: both say so, and the journey is over."""
    tx, pair = desk.tx, pairs.of_journey(desk.tx, row)
    for twin in copies.twins_of(tx, row.id):
        _tie_twin(desk, twin, replace(row, held_sha256=row.sha256), by_content=False)
    if pair is not None and row.sha256 is not None and kept.key == row.copied:
        shown = pair.original.item
        same = kept.item is not None and sha256_of(shown) in (None, row.sha256)
        pairs.agree(
            tx, pair.forward.id, copies.Bytes(row.sha256, row.size or 0, row.mime_type or "", None),
            held=row.sha256, version=version_of(shown) if same else "",
            print_=pair.original.print if same else None, at=desk.stamp,
        )  # fmt: skip
        forward = copies.get(tx, pair.forward.id)
        parted = pairs.part(tx, forward, at=desk.stamp) if forward is not None else []
        pairs.forget(tx, row.id)
        tell(Desk.at(tx, home), [pair.original.id, *parted])
    else:
        pairs.forget(tx, row.id)


def _tie_twin(desk: Desk, row: CopyRow, other: CopyRow, *, by_content: bool) -> None:
    """The copy of another original with the same bytes is this one's, too: found there, not uploaded."""
    key = other.copied
    assert key is not None, "it stands"  # noqa: S101 - narrows the type
    journeys.kept(
        desk.tx, row.id, key, How.MADE if by_content else How.FOUND, target_item=other.target_item,
        status=CopyStatus.SYNCED if by_content else CopyStatus.DUPLICATE,
        reason="" if by_content else f"the same bytes as {other.title}", at=desk.stamp,
        held=other.held_sha256,
    )  # fmt: skip
