"""A paper as a person was shown it, kept with what was ordered of it: so that nothing else is acted on.

A paper is an item by its row, with the refs, the bytes and the text that it had then. It still is that as
long as none of them says otherwise; what an app does not say is no change.
"""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from reconciled.engine.identity import Sameness, compare
from reconciled.ledger import papers
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow, dump
from reconciled.model import Item, Json, Key, Ref

_BYTES = ("md5", "size")
"""The attributes that tell of a file's bytes, beside its `sha256:` refs."""
_SUMS = frozenset({"md5", "sha256"})
"""What is another one whenever the bytes are: a size may be the same."""


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """One paper as it was shown. `text` is the print of its text, hexadecimal; None: the ledger had none.

    `bytes` names its very bytes, as far as its app said.
    """

    item: int
    source: str
    kind: str
    id: str
    title: str
    refs: list[str]
    print: str
    text: str | None
    words: bool
    bytes: dict[str, str]

    @property
    def key(self) -> Key:
        """Its key in its source."""
        return Key(self.kind, self.id)

    @property
    def name(self) -> str:
        """What people call it: “Invoice 12”."""
        return f"“{self.title}”"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was shown with an order about duplicates: the primary and the others, and in which group.

    `without` are the tags that a merge does not take over. `said` is when something was last said of each
    other and the primary, by the other's row, and `answered` when the group was answered last: times are
    compared with these very ones and never with a clock, which may step. `stood` is who stood for the group.
    """

    group: int | None
    primary: Paper
    others: list[Paper]
    without: list[str] = []
    said: dict[int, str] = {}
    answered: str | None = None
    stood: int | None = None


def print_of(row: ItemRow) -> str:
    """A short word for an item as a person is shown it: its row, key, title, path and refs.

    It is another one as soon as any of them is.
    """
    item = row.item
    told = [row.id, item.key.kind, item.key.id, item.title, item.path, sorted(map(str, item.refs))]
    return hashlib.blake2b(dump(told).encode(), digest_size=16).hexdigest()


def paper_of(tx: Tx, row: ItemRow, source: str) -> Paper:
    """An item as the ledger shows it now."""
    known = papers.of(tx, [row.id]).get(row.id)
    return Paper(
        item=row.id,
        source=source,
        kind=row.item.key.kind,
        id=row.item.key.id,
        title=row.item.title,
        refs=sorted(map(str, row.item.strong_refs)),
        print=print_of(row),
        text=known.print.hex() if known is not None else None,
        words=known is not None and known.words > 0,
        bytes=bytes_of(row.item) | (_compared(known, row.item) if known is not None else {}),
    )


def bytes_of(item: Item) -> dict[str, str]:
    """What names the bytes of an item's file, by the name of the check."""
    found: dict[str, str] = {name: dump(item.attrs[name]) for name in _BYTES if _says(item.attrs, name)}
    sums = sorted(ref.value for ref in item.refs if ref.space == "sha256")
    return found | ({"sha256": " ".join(sums)} if sums else {})


def tells_bytes(shown: Paper, item: Item) -> bool:
    """Whether the item still tells a checksum, where the paper had one."""
    sums = _SUMS & shown.bytes.keys()
    return not sums or not sums.isdisjoint(bytes_of(item))


def _compared(known: papers.PaperRow, item: Item) -> dict[str, str]:
    """The bytes by which a paper without words was compared, where its item does not say the same now."""
    space, _, value = (known.checksum or "").partition(":")
    if known.words or space != "sha256" or bytes_of(item).get(space, "").lower() == value:
        return {}
    return {space: value}


def text_print(words: str) -> str:
    """The print of a text, hexadecimal, as the ledger keeps it of each paper."""
    return papers.print_of(words).hex()


def read_told(row_told: str | None) -> Told | None:
    """What was shown with an action; None when nothing was, or nothing that can be read."""
    try:
        return msgspec.json.decode(row_told, type=Told) if row_told else None
    except msgspec.DecodeError:
        return None


def write_told(told: Told) -> str:
    """The same as the ledger keeps it."""
    return msgspec.json.encode(told).decode()


def is_still(shown: Paper, item: Item) -> str | None:
    """What the item is that is not what was shown, as a sentence; None: it is that."""
    if item.key != shown.key:
        return f"{shown.name} stands under {item.key} now"
    refs = [Ref.parse(ref) for ref in shown.refs]
    if (refs or item.strong_refs) and compare(refs, item.refs) is not Sameness.SAME:
        return f"{shown.key} of {shown.source} is another thing now: {item.title}"
    if not refs and not shown.words and item.title != shown.title:
        return f"{shown.key} of {shown.source} is called “{item.title}” now, and nothing else names it"
    now = bytes_of(item)
    if any(now.get(name, value) != value for name, value in shown.bytes.items()):
        return f"{shown.name} has another file than was shown"
    return None


def titles(several: Iterable[Paper]) -> str:
    """Their names in a row: “A”, “B” and “C”."""
    *first, last = [paper.name for paper in several]
    return f"{', '.join(first)} and {last}" if first else last


def _says(attrs: Mapping[str, Json], name: str) -> bool:
    return attrs.get(name) is not None
